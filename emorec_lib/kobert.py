"""KoBERT and other Korean encoders: tokenizer, chat signs, classifier, prediction. How they are fine-tuned: finetune.py."""

import json
import os
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sentencepiece
import torch
from torch import Tensor, nn

from . import signs
from .fetch import cache_folder, fetch_model, offline
from .ngrams import Ngrams
from .run import ASSETS, autocast, write_atomic

with warnings.catch_warnings():  # tqdm.auto would like ipywidgets in a notebook
    warnings.simplefilter("ignore")
    from transformers import AutoConfig, AutoModel, AutoTokenizer, BertConfig, BertModel, PreTrainedModel
from transformers.utils import logging as transformers_logging

SPECIAL = ("[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]")  # ids 0 to 4, in this order
SPIECE, SIGNS, NGRAMS = "spiece.model", "signs.json", "ngrams.npz"
UNMIXED = {"share": 0.5, "encoder_temperature": 1.0, "ngrams_temperature": 1.0}  # until Predictor.calibrate
KOBERT = "skt/kobert-base-v1"
KOBERTS = (KOBERT, "monologg/kobert")  # the same weights and vocabulary in two places of the hub
EMBEDDED = ("kobert-mini", "kobert-untrained")  # come with this project
ENCODERS = (*KOBERTS, "klue/roberta-base", "beomi/KcELECTRA-base-v2022", *EMBEDDED)
HUB_ERROR = "ENCODER = {name!r} cannot be had ({error}). Without network use ENCODER = 'kobert-mini' (PROFILE=sample), or a local " \
            "folder with config.json, model.safetensors and {spiece}, or tokenizer.json."


class Tokenizer:
    """KoBERT's tokenizer on plain sentencepiece: [CLS] pieces [SEP]; ids [UNK] 0, [PAD] 1, [CLS] 2, [SEP] 3, [MASK] 4.

    With chat signs (with_signs) the text is normalised first (signs.normalise), and each sign that the vocabulary lacks is a piece of its
    own, its id behind the vocabulary's.
    """

    unk_id, pad_id, cls_id, sep_id, mask_id = range(5)

    def __init__(self, model_file: Path, added: list[str] | None = None):
        self.file = Path(model_file)
        self._model = sentencepiece.SentencePieceProcessor(model_file=str(model_file))
        found = tuple(self._model.id_to_piece(i) for i in range(5))
        if found != SPECIAL:
            raise ValueError(f"{self.file}: first five pieces are {found}; a KoBERT vocabulary begins with {SPECIAL}")
        self.base_size = self._model.get_piece_size()
        self._add(added)

    @classmethod
    def load(cls, path) -> "Tokenizer":
        """From a SentencePiece file, a folder (of a KoBERT: ``spiece.model``; of another encoder: its own tokenizer's files) or the name
        of an encoder. Raises FileNotFoundError or OSError that says what is missing."""
        if str(path) in KOBERTS:
            return cls(fetch_model("kobert_news_wiki_ko_cased-1087f8699e.spiece", "ENCODER", str(path), ENCODERS))
        folder = _folder(str(path))
        file = folder / SPIECE if folder.is_dir() else folder
        added = json.loads((folder / SIGNS).read_text(encoding="utf8")) if (folder / SIGNS).is_file() else None
        if file.is_file():
            return cls(file, added)
        if (folder / "tokenizer_config.json").is_file() or str(path) in ENCODERS:
            return OwnTokenizer(str(path), added)
        raise FileNotFoundError(f"{file}: no such file; expected a SentencePiece model, or a folder with {SPIECE} or with the files of a "
                                "tokenizer of its own (tokenizer_config.json, tokenizer.json)")

    def with_signs(self) -> "Tokenizer":
        """The same tokenizer with chat signs: those of signs.table() that are [UNK] to it, alone or in part."""
        return type(self)(self.file, [sign for sign in signs.table() if self.unk_id in self._encode(sign, int)])

    def _add(self, added: list[str] | None) -> None:
        self.added = added  # None: no chat signs, and no normalising
        self._id_of = {sign: self.base_size + i for i, sign in enumerate(added or [])}
        self._found = signs.alternatives(self._id_of)

    def pieces(self, text: str) -> list[str]:
        """The text's pieces, without special ones."""
        return self._pieces(text, str)

    def _pieces(self, text: str, kind: type) -> list:
        if self.added is None:
            return self._encode(text, kind)
        text, found, begin = signs.normalise(text), [], 0
        for sign in self._found.finditer(text):
            found += self._between(text[begin:sign.start()], kind)
            found.append(sign[0] if kind is str else self._id_of[sign[0]])
            begin = sign.end()
        return found + self._between(text[begin:], kind)

    def _between(self, text: str, kind: type) -> list:
        """Pieces of what stands before, between and behind signs."""
        return self._encode(text, kind) if text.strip() else []

    def _encode(self, text: str, kind: type) -> list:
        return self._model.encode(text, out_type=kind)

    def encode(self, text: str, pair: str | None = None, max_tokens: int = 512) -> list[int]:
        """Ids: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP]; cut so that at most ``max_tokens`` remain, a pair so that each of the
        two has half the room or, if the other is short, what that leaves. A pair without a piece is none.

        Equal to gluonnlp's BERTSentenceTransform over the same vocabulary: docs/reference.md.
        """
        first, second, ends = self._both(text, pair, max_tokens)
        return [self.cls_id, *first, self.sep_id, *second, *[self.sep_id] * (ends - 1)]

    def segments(self, text: str, pair: str | None = None, max_tokens: int = 512) -> list[int]:
        """Segment (token type) ids of encode()'s ids: 0 up to the first text's [SEP], 1 behind it."""
        first, second, ends = self._both(text, pair, max_tokens)
        return [0] * (len(first) + 2) + [1] * (len(second) + ends - 1)

    def _both(self, text: str, pair: str | None, max_tokens: int) -> tuple[list[int], list[int], int]:
        """Ids of the two, cut, and how many [SEP] they need."""
        second = self._pieces(pair or "", int)
        ends = 2 if second else 1
        room = max_tokens - 1 - ends
        if room < 0:
            raise ValueError(f"max_tokens = {max_tokens} has no room for [CLS] and [SEP]; expected at least {max_tokens - room}")
        first = self._pieces(text, int)
        second = second[:max(room - len(first), room // 2)]
        return first[:room - len(second)], second, ends

    def save(self, folder: Path) -> None:
        """Leave in ``folder`` what load() needs there."""
        write_atomic(Path(folder) / SPIECE, self.file.read_bytes())
        self._save_signs(folder)

    def _save_signs(self, folder: Path) -> None:
        if self.added is None:
            (Path(folder) / SIGNS).unlink(missing_ok=True)
        else:
            write_atomic(Path(folder) / SIGNS, json.dumps(self.added, ensure_ascii=False))

    def __len__(self) -> int:
        return self.base_size + len(self._id_of)


class OwnTokenizer(Tokenizer):
    """The tokenizer that another encoder brings along (WordPiece mostly), with its own special ids."""

    def __init__(self, name: str, added: list[str] | None = None):
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name, split_special_tokens=True, **_hub())
        except (OSError, ValueError) as error:
            raise OSError(HUB_ERROR.format(name=name, error=str(error).splitlines()[0], spiece=SPIECE)) from error
        self.file, self.base_size = name, len(self._tokenizer)
        for kind in ("unk", "pad", "cls", "sep", "mask"):
            setattr(self, f"{kind}_id", getattr(self._tokenizer, f"{kind}_token_id"))
        if None in (self.unk_id, self.pad_id, self.cls_id, self.sep_id):
            raise ValueError(f"{name}: its tokenizer lacks [UNK], [PAD], [CLS] or [SEP]; expected an encoder like BERT, RoBERTa or ELECTRA")
        self._add(added)

    def _encode(self, text: str, kind: type) -> list:
        return self._tokenizer.tokenize(text) if kind is str else self._tokenizer.encode(text, add_special_tokens=False)

    def save(self, folder: Path) -> None:
        self._tokenizer.save_pretrained(folder)
        self._save_signs(folder)


class Classifier(nn.Module):
    """Encoder -> pooled [CLS] (the vector itself where the encoder has no pooler) -> dropout -> linear: ids (B, T), mask (B, T) -> logits
    (B, classes)."""

    def __init__(self, bert: PreTrainedModel, n_classes: int, dropout: float = 0.5):
        super().__init__()
        self.bert = bert
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(bert.config.hidden_size, n_classes)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        if not self.training and _is_plain(self.bert):
            return self.linear(_pooled(self.bert, ids, mask))
        output = self.bert(input_ids=ids, attention_mask=mask)
        pooled = getattr(output, "pooler_output", None)  # (B, hidden)
        return self.linear(self.dropout(output.last_hidden_state[:, 0] if pooled is None else pooled))


def _is_plain(bert: PreTrainedModel) -> bool:
    """Whether _pooled knows it: BERT as Devlin et al. 2019 describe it, with a pooler."""
    config = bert.config
    absolute = getattr(config, "position_embedding_type", "absolute") == "absolute"
    return type(bert) is BertModel and bert.pooler is not None and absolute and not config.is_decoder


def _pooled(bert: BertModel, ids: Tensor, mask: Tensor) -> Tensor:
    """(B, hidden): bert(ids, mask).pooler_output of a model that is not trained, without transformers' bookkeeping (as long as the small
    encoder's arithmetic) and, in the last layer, for [CLS] alone."""
    seen, of = mask.bool()[:, None, None], bert.embeddings
    x = of.LayerNorm(of.word_embeddings(ids) + of.position_embeddings.weight[:ids.shape[1]] + of.token_type_embeddings.weight[0])
    for number, layer in enumerate(bert.encoder.layer, 1):
        own, out = layer.attention.self, layer.attention.output
        asking = x[:, :1] if number == len(bert.encoder.layer) else x
        query, key, value = (linear(rows).unflatten(-1, (-1, own.attention_head_size)).transpose(1, 2)  # (B, heads, T, hidden / heads)
                             for linear, rows in ((own.query, asking), (own.key, x), (own.value, x)))
        found = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen).transpose(1, 2).flatten(2)
        x = out.LayerNorm(asking + out.dense(found))
        x = layer.output.LayerNorm(x + layer.output.dense(layer.intermediate.intermediate_act_fn(layer.intermediate.dense(x))))
    return bert.pooler(x)


def load_encoder(name: str, seed: int = 0, chat_signs: bool = False) -> tuple[PreTrainedModel, Tokenizer]:
    """An encoder and its tokenizer: one of ENCODERS (downloaded, but for "kobert-mini", ours, and "kobert-untrained": tiny, random weights
    from ``seed``), another encoder of the hub, "owner/name", or a local folder with config.json, weights and the tokenizer's files.
    chat_signs: see add_signs.

    Raises ValueError for an unknown name, weights that do not fit config.json, or if the model's vocabulary is not the tokenizer's.
    """
    local = _folder(name)
    if name not in ENCODERS and not local.is_dir() and not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ValueError(f"ENCODER = {name!r}; choices: {', '.join(ENCODERS)}, another owner/name of the hub or a local folder")
    tokenizer = Tokenizer.load(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for what the weights lack too: a pooler often
        bert = _build(local) if name == "kobert-untrained" else _pretrained(str(local) if name in EMBEDDED else name)
    _check_vocabulary(name, bert, tokenizer)
    return add_signs(bert, tokenizer) if chat_signs else (bert, tokenizer)


def _folder(name: str) -> Path:
    return ASSETS / "models" / name if name in EMBEDDED else Path(name)


def _config(folder: Path):
    """config.json; KoBERT's older ones do not say that they are a BERT's."""
    kind = json.loads((folder / "config.json").read_text(encoding="utf8")).get("model_type", "bert")
    return BertConfig.from_json_file(folder / "config.json") if kind == "bert" else AutoConfig.from_pretrained(folder)


def _build(folder: Path) -> PreTrainedModel:
    """The model that config.json describes, with random weights."""
    config = _config(folder)
    return BertModel(config) if config.model_type == "bert" else AutoModel.from_config(config)


def _hub() -> dict:
    """How the hub is asked: not at all under EMOREC_OFFLINE; into EMOREC_CACHE, if set (a folder on Drive keeps it)."""
    here = {"cache_dir": cache_folder() / "hub"} if os.environ.get("EMOREC_CACHE") else {}
    return here | ({"local_files_only": True} if offline() else {})


def _pretrained(name: str) -> PreTrainedModel:
    """From the hub or a local folder. transformers fills what a file lacks, and what has another shape, with random numbers: here both
    are errors."""
    local = Path(name)
    if local.is_dir() and not (local / "config.json").is_file():
        raise FileNotFoundError(f"{name}: no config.json; expected config.json, model.safetensors and {SPIECE} or tokenizer.json there")
    try:
        config = _config(local) if local.is_dir() else AutoConfig.from_pretrained(name, **_hub())
        kind = BertModel if config.model_type == "bert" else AutoModel
        transformers_logging.disable_progress_bar()  # "Loading weights", on stdout, of what takes a second; downloads have their own
        bert, found = kind.from_pretrained(name, config=config, dtype=torch.float32, output_loading_info=True, ignore_mismatched_sizes=True,
                                           **_hub())
    except OSError as error:
        raise OSError(HUB_ERROR.format(name=name, error=str(error).splitlines()[0], spiece=SPIECE)) from error
    if other := sorted(found["mismatched_keys"]):
        key, weights, said = other[0]
        raise ValueError(f"{name}: config.json does not fit the weights: {key} is {tuple(weights)} in the file, {tuple(said)} by "
                         f"config.json ({len(other)} such parts); they do not belong together")
    lacking = [key for key in found["missing_keys"] if not key.startswith("pooler.")]
    if lacking:
        raise ValueError(f"{name}: its weights lack {len(lacking)} parts of a {config.model_type}, the first {lacking[0]}; is it another "
                         "kind of model?")
    return bert


def _check_vocabulary(name: str, bert: PreTrainedModel, tokenizer: Tokenizer) -> None:
    """A tokenizer of another vocabulary is silent and ruins accuracy (monologg/kobert with a wrong one: 17.6 % on six classes)."""
    rows = bert.get_input_embeddings().weight.shape[0]
    fits = rows >= len(tokenizer) if isinstance(tokenizer, OwnTokenizer) else rows == len(tokenizer)  # others pad theirs to a round number
    if not fits:
        raise ValueError(f"{name}: the model has {rows} embeddings, the tokenizer {len(tokenizer)} pieces; they do not belong together "
                         "(such a mismatch is silent and ruins accuracy)")
    if bert.config.model_type == "bert" and not isinstance(tokenizer, OwnTokenizer):
        # [PAD] is 1. An older config.json leaves it at BERT's 0, which is [UNK] here and would then never be learnt.
        bert.config.pad_token_id = bert.get_input_embeddings().padding_idx = tokenizer.pad_id


@torch.no_grad()
def add_signs(bert: PreTrainedModel, tokenizer: Tokenizer) -> tuple[PreTrainedModel, Tokenizer]:
    """The encoder with an embedding for each chat sign that its vocabulary lacks, and the tokenizer that knows them.

    E[sign] = n m / |m|, with m the mean of E[piece] over the known pieces of the sign's words (assets/chat_signs.csv: ㅠ is 눈물 슬퍼)
    and n the mean length |E[piece]| over the vocabulary: a sign starts where its meaning lies, as long as any piece. Nothing is random.
    """
    known = tokenizer.with_signs()
    old = bert.get_input_embeddings().weight.detach().clone()[:known.base_size]  # (V, hidden)
    bert.resize_token_embeddings(max(len(known), bert.config.vocab_size), mean_resizing=False)
    rows, length = bert.get_input_embeddings().weight, old.norm(dim=1).mean()
    for number, sign in enumerate(known.added):
        pieces = [i for i in tokenizer.encode(signs.table()[sign])[1:-1] if i != tokenizer.unk_id]
        mean = old[pieces].mean(0) if pieces else old.mean(0)
        rows[known.base_size + number] = mean * (length / mean.norm().clamp_min(1e-12))
    return bert, known


def about(name: str) -> str:
    """One line for reports: the encoder and where its weights come from."""
    said = {"kobert-untrained": " (random weights, fixed seed)", "kobert-mini": " (small, trained by this project)"}
    return name + said.get(name, "")


def source_examples() -> pd.DataFrame:
    """The source document's example sentences: columns text, round (1: seven classes, 2: six), source (its answer)."""
    return pd.read_csv(ASSETS / "source_examples.csv", dtype=str)


def pad_batch(rows: list[list[int]], device: str, pad_id: int = Tokenizer.pad_id) -> tuple[Tensor, Tensor]:
    """ids (B, T) filled with [PAD] to the longest row, mask (B, T)."""
    width = max(map(len, rows))
    ids = torch.tensor([row + [pad_id] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])  # by length: a message may hold a literal [PAD]
    return ids.to(device), mask.to(device)


@torch.inference_mode()
def predict_logits(model, tokenizer, texts, max_tokens: int, device: str, batch_size: int = 64, precision: str = "fp32") -> np.ndarray:
    """Logits (N, classes) float32, rows in the order of ``texts``; batches of alike lengths."""
    if model.training:
        model.eval()  # a walk through all modules
    rows = [tokenizer.encode(t, max_tokens=max_tokens) for t in texts]
    order = np.argsort([len(r) for r in rows], kind="stable")
    logits = np.zeros((len(rows), model.linear.out_features), dtype=np.float32)
    for begin in range(0, len(rows), batch_size):
        index = order[begin:begin + batch_size]
        ids, mask = pad_batch([rows[i] for i in index], device, tokenizer.pad_id)
        with autocast(device, precision):
            logits[index] = model(ids, mask).float().cpu().numpy()
    return logits


class Predictor:
    """A fine-tuned classifier from its folder: texts -> probabilities, calibrated on the validation part. Where n-grams were fitted beside
    the encoder, it is both: their log-probabilities, each at its own temperature, in the shares that validation chose."""

    def __init__(self, folder: Path, device: str = "cpu"):
        self.folder, self.device = Path(folder), device
        self.meta = json.loads((self.folder / "classifier.json").read_text(encoding="utf8"))
        self.classes = tuple(self.meta["classes"])
        self.tokenizer = Tokenizer.load(self.folder)
        self.model = Classifier(_build(self.folder), len(self.classes), self.meta["dropout"])
        self.model.load_state_dict(torch.load(self.folder / "model.pt", map_location="cpu", weights_only=True))
        self.model.to(device).eval()
        self.ngrams = Ngrams.load(self.folder / NGRAMS) if self.meta.get("mix") else None

    @classmethod
    def load(cls, folder, device: str = "cpu") -> "Predictor":
        """Raises FileNotFoundError if the folder does not hold a fine-tuned classifier."""
        lacking = [f for f in ("classifier.json", "config.json", "model.pt") if not (Path(folder) / f).exists()]
        if lacking:
            raise FileNotFoundError(f"{folder}: no {', '.join(lacking)}; expected what 04_kobert_training leaves there")
        return cls(Path(folder), device)

    @property
    def about(self) -> str:
        """One line for reports."""
        beside = f" + n-grams (share {self.meta['mix']['share']:.0%})" if self.ngrams else ""
        return about(self.meta["encoder"]) + beside

    def alone(self, texts: list[str]) -> dict[str, np.ndarray]:
        """Scores (N, classes) float32 of each part alone: "encoder" (logits) and, if fitted, "n-grams" (log-probabilities)."""
        parts = {"encoder": predict_logits(self.model, self.tokenizer, texts, self.meta["max_tokens"], self.device)}
        return parts | ({"n-grams": self.ngrams.log_probabilities(texts)} if self.ngrams else {})

    def logits(self, texts: list[str]) -> np.ndarray:
        """(N, classes) float32, before the temperature."""
        parts = self.alone(texts)
        return _mixed(*map(torch.tensor, parts.values()), **self.meta["mix"]).numpy() if self.ngrams else parts["encoder"]

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """(N, classes) float32 rows of sum 1: softmax(logits / temperature)."""
        scaled = torch.tensor(self.logits(texts)) / self.meta["temperature"]
        return torch.softmax(scaled, 1).numpy()

    def calibrate(self, texts: list[str], labels: list[str], precision: float = 0.9) -> dict:
        """Fit, by least cross-entropy on (texts, labels), the temperatures (Guo et al. 2017) and the share of the n-grams, and the lowest
        probability above which at least ``precision`` of the answers are right; stored with the model. threshold is None if no level
        reaches it."""
        truth = torch.tensor([self.classes.index(x) for x in labels])
        if self.ngrams:
            parts = [torch.tensor(scores) for scores in self.alone(texts).values()]
            heat = dict(zip(("encoder_temperature", "ngrams_temperature"), (_best_temperature(p, truth) for p in parts), strict=True))
            shares = np.linspace(0, 1, 21).tolist()
            losses = [nn.functional.cross_entropy(_mixed(*parts, share=share, **heat), truth).item() for share in shares]
            self.meta["mix"] = {"share": shares[int(np.argmin(losses))], **heat}
        logits = torch.tensor(self.logits(texts))
        self.meta["temperature"] = _best_temperature(logits, truth)
        top, guess = torch.softmax(logits / self.meta["temperature"], 1).max(1)
        order = torch.argsort(top, descending=True, stable=True)
        right = (guess == truth)[order].float()
        share = right.cumsum(0) / torch.arange(1, len(right) + 1)
        last = torch.cat([top[order].diff() < 0, torch.tensor([True])])  # of equal probabilities: a threshold lets all of them in
        good = ((share >= precision) & last).nonzero()
        enough = len(good) and int(good[-1]) >= 9  # ten answers at least, or the level is luck
        self.meta["threshold"] = float(top[order][int(good[-1])]) if enough else None
        write_atomic(self.folder / "classifier.json", json.dumps(self.meta, ensure_ascii=False, indent=1))
        return {"temperature": self.meta["temperature"], "threshold": self.meta["threshold"], **(self.meta.get("mix") or {})}


def _best_temperature(logits: Tensor, truth: Tensor) -> float:
    grid = np.geomspace(0.25, 4.0, 81)
    return float(grid[int(np.argmin([nn.functional.cross_entropy(logits / t, truth).item() for t in grid]))])


def _mixed(encoder: Tensor, ngrams: Tensor, share: float, encoder_temperature: float, ngrams_temperature: float) -> Tensor:
    """Log-probabilities of both parts, averaged: a product of experts (Hinton 2002)."""
    deep, wide = torch.log_softmax(encoder / encoder_temperature, 1), torch.log_softmax(ngrams / ngrams_temperature, 1)
    return (1 - share) * deep + share * wide
