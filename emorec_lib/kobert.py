"""KoBERT: tokenizer, classifier, fine-tuning that goes on where it was stopped, prediction."""

import json
import os
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import sentencepiece
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from tqdm import tqdm

from .fetch import fetch_model
from .run import ASSETS, EMOTIONS, digest, write_atomic

with warnings.catch_warnings():  # tqdm.auto would like ipywidgets in a notebook
    warnings.simplefilter("ignore")
    from transformers import BertConfig, BertModel

VERSION = 1
SPECIAL = ("[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]")  # ids 0 to 4, in this order
SPIECE = "spiece.model"
KOBERT = "skt/kobert-base-v1"
ENCODERS = (KOBERT, "kobert-untrained")
HUB_ERROR = "{name} cannot be had ({error}). Without network use ENCODER = 'kobert-untrained' (PROFILE=sample), or a local folder with " \
            "config.json, model.safetensors and spiece.model."


class Tokenizer:
    """KoBERT's tokenizer on plain sentencepiece: [CLS] pieces [SEP]; ids [UNK] 0, [PAD] 1, [CLS] 2, [SEP] 3, [MASK] 4."""

    unk_id, pad_id, cls_id, sep_id, mask_id = range(5)

    def __init__(self, model_file: Path):
        self.file = Path(model_file)
        self._model = sentencepiece.SentencePieceProcessor(model_file=str(model_file))
        found = tuple(self._model.id_to_piece(i) for i in range(5))
        if found != SPECIAL:
            raise ValueError(f"{self.file}: first five pieces are {found}; a KoBERT vocabulary begins with {SPECIAL}")

    @classmethod
    def load(cls, path) -> "Tokenizer":
        """From a SentencePiece file, a folder that holds ``spiece.model``, or the name of an encoder."""
        if str(path) == KOBERT:
            return cls(fetch_model("kobert_news_wiki_ko_cased-1087f8699e.spiece", "ENCODER", KOBERT, ENCODERS))
        path = ASSETS / "models" / str(path) if str(path) in ENCODERS else Path(path)
        file = path / SPIECE if path.is_dir() else path
        if not file.is_file():
            raise FileNotFoundError(f"{file}: no such file; expected a SentencePiece model, or a folder with {SPIECE}")
        return cls(file)

    def pieces(self, text: str) -> list[str]:
        """The text's pieces, without special ones."""
        return self._model.encode(text, out_type=str)

    def encode(self, text: str, pair: str | None = None, max_tokens: int = 512) -> list[int]:
        """Ids: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP]; cut so that at most ``max_tokens`` remain, a pair so that each of the
        two has half the room or, if the other is short, what that leaves."""
        room = max_tokens - (2 if pair is None else 3)
        if room < 0:
            raise ValueError(f"max_tokens = {max_tokens} has no room for [CLS] and [SEP]; expected at least {max_tokens - room}")
        first, second = self._model.encode(text), self._model.encode(pair or "")
        second = second[:max(room - len(first), room // 2)]
        ids = [self.cls_id, *first[:room - len(second)], self.sep_id]
        return ids if pair is None else [*ids, *second, self.sep_id]

    def __len__(self) -> int:
        return self._model.get_piece_size()


class Classifier(nn.Module):
    """BERT -> pooled [CLS] -> dropout -> linear: ids (B, T), mask (B, T) -> logits (B, classes)."""

    def __init__(self, bert: BertModel, n_classes: int, dropout: float = 0.5):
        super().__init__()
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(bert.config.hidden_size, n_classes)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.linear(self.dropout(self.bert(input_ids=ids, attention_mask=mask).pooler_output))


def load_encoder(name: str, seed: int = 0) -> tuple[BertModel, Tokenizer]:
    """An encoder and its tokenizer: "skt/kobert-base-v1" (downloaded), "kobert-untrained" (tiny, random weights from ``seed``) or
    a local folder with config.json, weights and spiece.model.

    Raises ValueError for an unknown name, weights that are no BERT's, or if the model's vocabulary size is not the tokenizer's.
    """
    folder = ASSETS / "models" / name if name == "kobert-untrained" else Path(name)
    if name not in ENCODERS and not folder.is_dir():
        raise ValueError(f"ENCODER = {name!r}; choices: {', '.join(ENCODERS)} or a local folder")
    tokenizer = Tokenizer.load(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for what the weights lack too: a pooler often
        bert = BertModel(BertConfig.from_json_file(folder / "config.json")) if name == "kobert-untrained" else _pretrained(name)
    if bert.config.vocab_size != len(tokenizer):
        raise ValueError(f"{name}: the model has {bert.config.vocab_size} embeddings, the tokenizer {len(tokenizer)} pieces; "
                         "they do not belong together (such a mismatch is silent and ruins accuracy)")
    return bert, tokenizer


def _pretrained(name: str) -> BertModel:
    """From the hub or a local folder. transformers fills what a file lacks with random numbers: here that is an error."""
    if name != KOBERT and not (Path(name) / "config.json").is_file():
        raise FileNotFoundError(f"{name}: no config.json; expected config.json, model.safetensors and {SPIECE} there")
    try:
        bert, found = BertModel.from_pretrained(name, output_loading_info=True)
    except OSError as error:
        raise OSError(HUB_ERROR.format(name=name, error=str(error).splitlines()[0])) from error
    lacking = [key for key in found["missing_keys"] if not key.startswith("pooler.")]
    if lacking:
        raise ValueError(f"{name}: its weights lack {len(lacking)} parts of a BERT, the first {lacking[0]}; is it another kind of model?")
    return bert


def about(name: str) -> str:
    """One line for reports: the encoder and where its weights come from."""
    return f"{name} (random weights, fixed seed)" if name == "kobert-untrained" else name


def source_examples() -> pd.DataFrame:
    """The source document's example sentences: columns text, round (1: seven classes, 2: six), source (its answer)."""
    return pd.read_csv(ASSETS / "source_examples.csv", dtype=str)


@dataclass(frozen=True)
class Training:
    """Everything that decides a fine-tuning's result, besides the data."""

    encoder: str
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 5e-5
    max_tokens: int = 64
    dropout: float = 0.5
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    patience: int = 3  # epochs without a better validation macro-F1 before stopping
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self):
        for name in ("epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name.upper()} = {getattr(self, name)}; expected 1 or more")


def length_batches(lengths: list[int], batch_size: int, seed: int) -> list[list[int]]:
    """Indices in batches of alike lengths, so that little is padded: shuffled, sorted within windows of 50 batches, the
    batches shuffled again. Every index occurs once."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    window = 50 * batch_size
    windows = [sorted(order[i:i + window], key=lambda j: lengths[j]) for i in range(0, len(order), window)]
    batches = [[int(j) for j in w[i:i + batch_size]] for w in windows for i in range(0, len(w), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pad_batch(rows: list[list[int]], device: str) -> tuple[Tensor, Tensor]:
    """ids (B, T) filled with [PAD] to the longest row, mask (B, T)."""
    width = max(map(len, rows))
    ids = torch.tensor([row + [Tokenizer.pad_id] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])  # by length: a message may hold a literal [PAD]
    return ids.to(device), mask.to(device)


def fine_tune(train: tuple, validation: tuple, folder: Path, settings: Training, classes=EMOTIONS) -> list[dict]:
    """Fine-tune on (texts, labels); returns the history: one dict an epoch with train_loss, validation_loss,
    validation_accuracy, validation_macro_f1, best.

    The best epoch by validation macro-F1 ends up in ``folder`` as an artifact for Predictor.load. After every epoch a
    checkpoint is written (weights, optimizer, schedule, random state), atomically: a run that was killed goes on from the last
    finished epoch and ends with the same numbers. A checkpoint made with other data or settings is not used.
    """
    folder = Path(folder)
    unknown = sorted({*train[1], *validation[1]} - set(classes))
    if unknown:
        raise ValueError(f"labels {', '.join(unknown)} are not among the classes {', '.join(classes)}")
    key = digest(VERSION, asdict(settings), [list(map(list, part)) for part in (train, validation)], list(classes))
    bert, tokenizer = load_encoder(settings.encoder, settings.seed)
    torch.manual_seed(settings.seed)
    model = Classifier(bert, len(classes), settings.dropout).to(settings.device)
    rows = [tokenizer.encode(t, max_tokens=settings.max_tokens) for t in train[0]]
    labels = torch.tensor([classes.index(label) for label in train[1]])
    n_steps = settings.epochs * -(-len(rows) // settings.batch_size)
    optimizer = torch.optim.AdamW(_decay_groups(model, settings.weight_decay), lr=settings.learning_rate)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: _warm_then_decay(s, n_steps, settings.warmup))
    history, best = _resume(folder / "checkpoint.pt", key, model, optimizer, scheduler, settings.device)
    while len(history) < settings.epochs and not _stalled(history, settings.patience):
        epoch = len(history)
        loss = _train_epoch(model, rows, labels, optimizer, scheduler, settings, epoch)
        scores = _validate(model, tokenizer, validation, settings, classes)
        better = not history or scores["validation_macro_f1"] > max(h["validation_macro_f1"] for h in history)
        history.append({"epoch": epoch + 1, "train_loss": loss, **scores, "best": better})
        best = {k: v.detach().cpu().clone() for k, v in model.state_dict().items()} if better else best
        _checkpoint(folder / "checkpoint.pt", key, model, optimizer, scheduler, history, best, settings.device)
        print(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in list(history[-1].items())[1:-1]), file=sys.stderr)
    _export(folder, best, bert.config, tokenizer, settings, classes)
    return [h | {"best": i == max(j for j, x in enumerate(history) if x["best"])} for i, h in enumerate(history)]


def _decay_groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Biases and LayerNorm weights are not decayed (as BERT's authors do)."""
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    return [{"params": matrices, "weight_decay": weight_decay},
            {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0}]


def _warm_then_decay(step: int, n_steps: int, warmup: float) -> float:
    rise = max(1, int(warmup * n_steps))
    return (step + 1) / rise if step < rise else max(0.0, (n_steps - step) / max(1, n_steps - rise))


def _stalled(history: list[dict], patience: int) -> bool:
    since = next((i for i, h in enumerate(reversed(history)) if h["best"]), 0)
    return since >= patience


def _autocast(device: str):
    bf16 = device.startswith("cuda") and torch.cuda.is_bf16_supported()
    return torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=bf16)


def _train_epoch(model, rows, labels, optimizer, scheduler, settings: Training, epoch: int) -> float:
    model.train()
    total = 0.0
    batches = length_batches([len(r) for r in rows], settings.batch_size, seed=settings.seed * 1000 + epoch)
    for batch in tqdm(batches, desc=f"epoch {epoch + 1}/{settings.epochs}", unit="batch", mininterval=1):
        ids, mask = pad_batch([rows[i] for i in batch], settings.device)
        with _autocast(settings.device):
            loss = nn.functional.cross_entropy(model(ids, mask), labels[batch].to(settings.device))
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss became {loss.item()} in epoch {epoch + 1}; a smaller LEARNING_RATE usually helps")
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item() * len(batch)
    return total / len(rows)


def _validate(model, tokenizer, validation, settings: Training, classes) -> dict:
    logits = predict_logits(model, tokenizer, validation[0], settings.max_tokens, settings.device)
    truth = np.array([classes.index(label) for label in validation[1]])
    guess = logits.argmax(1)
    loss = nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(truth)).item()
    return {"validation_loss": loss, "validation_accuracy": float((guess == truth).mean()),
            "validation_macro_f1": float(f1_score(truth, guess, labels=sorted(set(truth)), average="macro", zero_division=0))}


@torch.inference_mode()
def predict_logits(model, tokenizer, texts, max_tokens: int, device: str, batch_size: int = 64) -> np.ndarray:
    """Logits (N, classes) float32, rows in the order of ``texts``; batches of alike lengths."""
    model.eval()
    rows = [tokenizer.encode(t, max_tokens=max_tokens) for t in texts]
    order = np.argsort([len(r) for r in rows], kind="stable")
    logits = np.zeros((len(rows), model.linear.out_features), dtype=np.float32)
    for begin in range(0, len(rows), batch_size):
        index = order[begin:begin + batch_size]
        ids, mask = pad_batch([rows[i] for i in index], device)
        with _autocast(device):
            logits[index] = model(ids, mask).float().cpu().numpy()
    return logits


def _checkpoint(path: Path, key, model, optimizer, scheduler, history, best, device) -> None:
    state = {"key": key, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
             "history": history, "best": best, "rng": torch.get_rng_state(),
             "cuda_rng": torch.cuda.get_rng_state() if device.startswith("cuda") else None}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def _resume(path: Path, key, model, optimizer, scheduler, device) -> tuple[list[dict], dict | None]:
    """Load a checkpoint of the same data and settings; ([], None) if there is none."""
    if not path.exists():
        return [], None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        print(f"{path} cannot be read ({error}); starting from the first epoch", file=sys.stderr)
        return [], None
    if state["key"] != key:
        print("the checkpoint belongs to other data or settings; starting from the first epoch", file=sys.stderr)
        return [], None
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    torch.set_rng_state(state["rng"])
    if state["cuda_rng"] is not None and device.startswith("cuda"):
        torch.cuda.set_rng_state(state["cuda_rng"])
    print(f"going on after epoch {len(state['history'])} (checkpoint found)", file=sys.stderr)
    return state["history"], state["best"]


def _export(folder: Path, best: dict, config: BertConfig, tokenizer: Tokenizer, settings: Training, classes) -> None:
    part = folder / "model.part"
    torch.save(best, part)
    os.replace(part, folder / "model.pt")
    write_atomic(folder / "config.json", config.to_json_string(use_diff=False))
    write_atomic(folder / SPIECE, tokenizer.file.read_bytes())
    meta = {"encoder": settings.encoder, "classes": list(classes), "max_tokens": settings.max_tokens, "dropout": settings.dropout,
            "temperature": 1.0, "threshold": None}
    write_atomic(folder / "classifier.json", json.dumps(meta, ensure_ascii=False, indent=1))


class Predictor:
    """A fine-tuned classifier from its folder: texts -> probabilities, calibrated on the validation part."""

    def __init__(self, folder: Path, device: str = "cpu"):
        self.folder, self.device = Path(folder), device
        self.meta = json.loads((self.folder / "classifier.json").read_text(encoding="utf8"))
        self.classes = tuple(self.meta["classes"])
        self.tokenizer = Tokenizer.load(self.folder)
        bert = BertModel(BertConfig.from_json_file(self.folder / "config.json"))
        self.model = Classifier(bert, len(self.classes), self.meta["dropout"])
        self.model.load_state_dict(torch.load(self.folder / "model.pt", map_location="cpu", weights_only=True))
        self.model.to(device).eval()

    @classmethod
    def load(cls, folder, device: str = "cpu") -> "Predictor":
        """Raises FileNotFoundError if the folder does not hold a fine-tuned classifier."""
        lacking = [f for f in ("classifier.json", "config.json", "model.pt", SPIECE) if not (Path(folder) / f).exists()]
        if lacking:
            raise FileNotFoundError(f"{folder}: no {', '.join(lacking)}; expected what 04_kobert_training leaves there")
        return cls(Path(folder), device)

    def logits(self, texts: list[str]) -> np.ndarray:
        """(N, classes) float32."""
        return predict_logits(self.model, self.tokenizer, texts, self.meta["max_tokens"], self.device)

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """(N, classes) float32 rows of sum 1: softmax(logits / temperature)."""
        scaled = torch.tensor(self.logits(texts)) / self.meta["temperature"]
        return torch.softmax(scaled, 1).numpy()

    def calibrate(self, texts: list[str], labels: list[str], precision: float = 0.9) -> dict:
        """Fit the temperature (least cross-entropy, Guo et al. 2017) and the lowest probability above which at least ``precision``
        of the answers are right, both on (texts, labels); stored with the model. threshold is None if no level reaches it."""
        logits, truth = torch.tensor(self.logits(texts)), torch.tensor([self.classes.index(x) for x in labels])
        grid = np.geomspace(0.25, 4.0, 81)
        losses = [nn.functional.cross_entropy(logits / t, truth).item() for t in grid]
        self.meta["temperature"] = float(grid[int(np.argmin(losses))])
        top, guess = torch.softmax(logits / self.meta["temperature"], 1).max(1)
        order = torch.argsort(top, descending=True, stable=True)
        right = (guess == truth)[order].float()
        share = right.cumsum(0) / torch.arange(1, len(right) + 1)
        last = torch.cat([top[order].diff() < 0, torch.tensor([True])])  # of equal probabilities: a threshold lets all of them in
        good = ((share >= precision) & last).nonzero()
        enough = len(good) and int(good[-1]) >= 9  # ten answers at least, or the level is luck
        self.meta["threshold"] = float(top[order][int(good[-1])]) if enough else None
        write_atomic(self.folder / "classifier.json", json.dumps(self.meta, ensure_ascii=False, indent=1))
        return {"temperature": self.meta["temperature"], "threshold": self.meta["threshold"]}
