"""Fine-tuning of an encoder that goes on where it was stopped, whenever that was, and ends as if it had not been."""

import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from tqdm import tqdm

from . import ngrams
from .kobert import NGRAMS, UNMIXED, Classifier, Predictor, Tokenizer, load_encoder, pad_batch, predict_logits
from .run import EMOTIONS, autocast, cached, digest, half_precision, save_tensors, weights_hash, write_atomic

VERSION = 2  # of the computation; part of every checkpoint's key
BALANCES = ("", "weights", "sampling")


@dataclass(frozen=True)
class Training:
    """Everything that decides a fine-tuning's result, besides the data."""

    encoder: str
    epochs: int = 10
    batch_size: int = 32  # messages a step, also where memory allows only a part of them at once
    learning_rate: float = 5e-5
    max_tokens: int = 64
    dropout: float = 0.5
    warmup: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    patience: int = 3  # epochs without a better validation macro-F1 before stopping
    seed: int = 0
    device: str = "cpu"
    chat_signs: bool = False  # normalise ㅋㅋㅋㅋ, ㅠ.ㅠ, 😂 …, and add those that the vocabulary lacks (kobert.add_signs)
    precision: str = "auto"  # of forward and backward: run.half_precision
    balance: str = ""  # "weights": a class counts in the loss by its rarity; "sampling": every class is drawn as often; "": neither
    checkpoint_minutes: float = 10.0  # between checkpoints within an epoch; no part of the result
    ngrams: bool = False  # fit a linear classifier of n-grams beside the encoder (ngrams.py); no part of the encoder's result

    def __post_init__(self):
        for name in ("epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name.upper()} = {getattr(self, name)}; expected 1 or more")
        if self.balance not in BALANCES:
            raise ValueError(f"BALANCE = {self.balance!r}; choices: {', '.join(map(repr, BALANCES))}")
        half_precision(self.device, self.precision)


@dataclass
class _Run:
    """What a checkpoint keeps: everything that changes while training. Of the sampler that is the number of the epoch (len(history)),
    which with the seed tells the order of its batches, and how many of them are done."""

    model: Classifier
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    scaler: torch.amp.GradScaler
    device: str
    history: list[dict] = field(default_factory=list)  # of finished epochs
    done: int = 0  # batches of the present epoch
    loss: float = 0.0  # their sum, over messages
    parts: int = 1  # that a batch is cut in since memory ran out

    MODULES = ("model", "optimizer", "scheduler", "scaler")
    NUMBERS = ("history", "done", "loss", "parts")

    def save(self, path: Path, key: str, whole: bool = True) -> None:
        """whole=False: of a finished run, whose weights lie elsewhere, the history alone."""
        cuda = torch.cuda.get_rng_state() if self.device.startswith("cuda") else None
        state = {"key": key, "rng": torch.get_rng_state(), "cuda_rng": cuda} | {name: getattr(self, name) for name in self.NUMBERS}
        save_tensors(path, state | {name: getattr(self, name).state_dict() for name in self.MODULES if whole})

    def load(self, path: Path, key: str) -> bool:
        """Whether there is a checkpoint of the same data, weights and settings; if so, everything stands as it did."""
        if not path.exists():
            return False
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            print(f"{path} cannot be read ({error}); starting from the first epoch", file=sys.stderr)
            return False
        if state["key"] != key:
            print("the checkpoint belongs to other data, weights or settings; starting from the first epoch", file=sys.stderr)
            return False
        if state["history"] and not _has_best(path.parent, _best(state["history"]), key):
            print("the best epoch's weights are gone; starting from the first epoch", file=sys.stderr)
            return False
        for name in self.MODULES if "model" in state else ():
            getattr(self, name).load_state_dict(state[name])
        for name in self.NUMBERS:
            setattr(self, name, state[name])
        torch.set_rng_state(state["rng"])
        if state["cuda_rng"] is not None and self.device.startswith("cuda"):
            torch.cuda.set_rng_state(state["cuda_rng"])
        print(f"going on after epoch {len(self.history)}" + (f" and {self.done} batches" if self.done else "") + " (checkpoint found)",
              file=sys.stderr)
        return True


def fine_tune(train: tuple, validation: tuple, folder: Path, settings: Training, classes=EMOTIONS) -> list[dict]:
    """Fine-tune on (texts, labels); returns the history: one dict an epoch with train_loss, validation_loss, validation_accuracy,
    validation_macro_f1, best.

    The best epoch by validation macro-F1 ends up in ``folder`` as an artifact for kobert.Predictor.load. After every epoch and every
    checkpoint_minutes a checkpoint is written, atomically: a run that was killed at any moment goes on from the last one and, on a CPU,
    ends with the same bits. A checkpoint made with other data, weights or settings is not used.
    Raises ValueError for labels that are no classes, FloatingPointError if the loss is not finite.
    """
    folder = Path(folder)
    unknown = sorted({*train[1], *validation[1]} - set(classes))
    if unknown:
        raise ValueError(f"labels {', '.join(unknown)} are not among the classes {', '.join(classes)}")
    bert, tokenizer = load_encoder(settings.encoder, settings.seed, settings.chat_signs)
    decides = {name: value for name, value in asdict(settings).items() if name not in ("checkpoint_minutes", "ngrams")}
    key = digest(VERSION, decides, [list(map(list, part)) for part in (train, validation)], list(classes), weights_hash(bert))
    torch.manual_seed(settings.seed)
    run = _start(Classifier(bert, len(classes), settings.dropout).to(settings.device), len(train[0]), settings)
    rows = [tokenizer.encode(t, max_tokens=settings.max_tokens) for t in train[0]]
    labels = torch.tensor([classes.index(label) for label in train[1]])
    run.load(folder / "checkpoint.pt", key)
    while len(run.history) < settings.epochs and not _stalled(run.history, settings.patience):
        loss = _train_epoch(run, rows, labels, settings, tokenizer.pad_id, lambda: run.save(folder / "checkpoint.pt", key))
        scores = _validate(run.model, tokenizer, validation, settings, classes)
        better = not run.history or scores["validation_macro_f1"] > max(h["validation_macro_f1"] for h in run.history)
        run.history.append({"epoch": len(run.history) + 1, "train_loss": loss, **scores, "best": better})
        run.done, run.loss = 0, 0.0
        _keep(folder, key, run, better)
        print(f"epoch {len(run.history)}: " + ", ".join(f"{k} {v:.4f}" for k, v in list(run.history[-1].items())[1:-1]), file=sys.stderr)
    best = _best(run.history)
    meta = {"encoder": settings.encoder, "classes": list(classes), "max_tokens": settings.max_tokens, "dropout": settings.dropout,
            "temperature": 1.0, "threshold": None, "training": key, "ngrams": ngrams.VERSION if settings.ngrams else None,
            "mix": UNMIXED if settings.ngrams else None}
    same = all(_exported(folder).get(name) == meta[name] for name in ("training", "ngrams"))
    if settings.ngrams and not (same and (folder / NGRAMS).exists()):
        ngrams.Ngrams.fit(*train, classes, settings.seed).save(folder / NGRAMS)
    _export(folder, best, bert.config, tokenizer, meta)
    run.save(folder / "checkpoint.pt", key, whole=False)
    return [h | {"best": h["epoch"] == best} for h in run.history]


def _start(model: Classifier, n: int, settings: Training) -> _Run:
    n_steps = settings.epochs * -(-n // settings.batch_size)
    fused = settings.device.split(":")[0] in ("cpu", "cuda")  # one pass over all weights, else a good part of a step's time
    optimizer = torch.optim.AdamW(_decay_groups(model, settings.weight_decay), lr=settings.learning_rate, fused=fused)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: _warm_then_decay(s, n_steps, settings.warmup))
    scaled = half_precision(settings.device, settings.precision) == torch.float16  # whose small gradients would become 0
    return _Run(model, optimizer, scheduler, torch.amp.GradScaler(settings.device.split(":")[0], enabled=scaled), settings.device)


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


# --- an epoch --------------------------------------------------------------------------------------------------------
def length_batches(lengths: list[int], batch_size: int, seed: int) -> list[list[int]]:
    """Indices in batches of alike lengths, so that little is padded: shuffled, sorted within windows of 50 batches, the
    batches shuffled again. Every index occurs once."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    window = 50 * batch_size
    windows = [sorted(order[i:i + window], key=lambda j: lengths[j]) for i in range(0, len(order), window)]
    batches = [[int(j) for j in w[i:i + batch_size]] for w in windows for i in range(0, len(w), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def balanced_sample(labels: list[int], seed: int) -> list[int]:
    """As many indices as labels, every class as often (within one): its messages in a random order, again from the start when a
    small class runs out."""
    rng, members = np.random.default_rng(seed), {c: [i for i, x in enumerate(labels) if x == c] for c in sorted(set(labels))}
    drawn = []
    for number, indices in enumerate(members.values()):
        n = len(labels) // len(members) + (number < len(labels) % len(members))
        rounds = [rng.permutation(indices) for _ in range(-(-n // len(indices)))]
        drawn += [int(i) for i in np.concatenate(rounds)[:n]]
    return drawn


def class_weights(labels: list[int], n_classes: int) -> Tensor:
    """(n_classes,) weights in the loss, N / (C n_c): every class counts alike; 1 for one without messages."""
    count = Counter(labels)
    return torch.tensor([len(labels) / (len(count) * count[c]) if count[c] else 1.0 for c in range(n_classes)])


def _epoch_batches(rows: list[list[int]], labels: list[int], settings: Training, epoch: int) -> list[list[int]]:
    seed = settings.seed * 1000 + epoch
    drawn = balanced_sample(labels, seed) if settings.balance == "sampling" else range(len(rows))
    batches = length_batches([len(rows[i]) for i in drawn], settings.batch_size, seed)
    return [[drawn[i] for i in batch] for batch in batches]


def _train_epoch(run: _Run, rows: list[list[int]], labels: Tensor, settings: Training, pad_id: int, checkpoint) -> float:
    """The rest of the present epoch; returns its mean loss over messages."""
    run.model.train()
    epoch, n_classes = len(run.history) + 1, run.model.linear.out_features
    batches = _epoch_batches(rows, labels.tolist(), settings, epoch - 1)
    weights = class_weights(labels.tolist(), n_classes) if settings.balance == "weights" else torch.ones(n_classes)
    saved = time.monotonic()
    with tqdm(total=len(batches), initial=run.done, desc=f"epoch {epoch}/{settings.epochs}", unit="batch", mininterval=1) as bar:
        for batch in batches[run.done:]:
            loss = _step(run, [rows[i] for i in batch], labels[batch], weights, settings, pad_id)
            run.loss += loss * len(batch)
            run.done += 1
            bar.update()
            if time.monotonic() - saved >= 60 * settings.checkpoint_minutes:
                checkpoint()
                saved = time.monotonic()
    return run.loss / sum(map(len, batches))


def _step(run: _Run, rows: list[list[int]], labels: Tensor, weights: Tensor, settings: Training, pad_id: int) -> float:
    """One step of the optimizer; returns the batch's loss. Where memory runs out, the batch is halved, and halved again, and its
    parts' gradients are added up: the effective batch stays."""
    while (loss := _try_gradients(run, rows, labels, weights, settings, pad_id)) is None:
        if run.parts >= len(rows):
            raise MemoryError(f"out of memory on {settings.device} with one message of {max(map(len, rows))} tokens at a time; "
                              "a smaller MAX_TOKENS or a smaller ENCODER helps")
        run.parts *= 2
        print(f"out of memory: going on with {-(-settings.batch_size // run.parts)} messages at a time; a step still takes "
              f"{settings.batch_size}", file=sys.stderr)
    run.scaler.unscale_(run.optimizer)
    nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.scaler.step(run.optimizer)
    run.scaler.update()
    run.scheduler.step()
    run.optimizer.zero_grad(set_to_none=True)
    return loss


def _try_gradients(run: _Run, rows, labels: Tensor, weights: Tensor, settings: Training, pad_id: int) -> float | None:
    """Gradients of the batch in run.parts parts and its loss, or None if memory ran out (then there are no gradients)."""
    total, size, loss = weights[labels].sum(), -(-len(rows) // run.parts), 0.0
    try:
        for begin in range(0, len(rows), size):
            ids, mask = pad_batch(rows[begin:begin + size], settings.device, pad_id)
            with autocast(settings.device, settings.precision):
                logits = run.model(ids, mask)
            part = nn.functional.cross_entropy(logits.float(), labels[begin:begin + size].to(settings.device),
                                               weights.to(settings.device), reduction="sum") / total.to(settings.device)
            if not torch.isfinite(part):
                raise FloatingPointError(f"the loss became {part.item()} in epoch {len(run.history) + 1}; a smaller LEARNING_RATE usually "
                                         "helps")
            run.scaler.scale(part).backward()
            loss += part.item()
        return loss
    except RuntimeError as error:  # torch.OutOfMemoryError is one; a CPU's has no class of its own
        if not (isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)):
            raise
    run.optimizer.zero_grad(set_to_none=True)  # out here the error, which holds the graph's tensors, is gone
    gc.collect()
    if settings.device.startswith("cuda"):
        torch.cuda.empty_cache()
    return None


def _validate(model, tokenizer: Tokenizer, validation, settings: Training, classes) -> dict:
    logits = predict_logits(model, tokenizer, validation[0], settings.max_tokens, settings.device, precision=settings.precision)
    truth = np.array([classes.index(label) for label in validation[1]])
    guess = logits.argmax(1)
    loss = nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(truth)).item()
    return {"validation_loss": loss, "validation_accuracy": float((guess == truth).mean()),
            "validation_macro_f1": float(f1_score(truth, guess, labels=sorted(set(truth)), average="macro", zero_division=0))}


def answering(validation: tuple[list[str], list[str]], folder: Path, settings: Training, classes: Sequence[str] = EMOTIONS):
    """fit(texts, labels, asked, seed) -> answers, as audit.learning_curve wants it: every call fine-tunes the encoder anew. What was
    answered before for the same data and settings is read from ``folder``."""
    def fit(texts, labels, asked, seed):
        own = replace(settings, seed=seed)

        def compute():
            fine_tune((list(texts), list(labels)), validation, folder / "training", own, classes)
            predictor = Predictor.load(folder / "training", own.device)
            predictor.calibrate(*map(list, validation))
            return {"logits": predictor.logits(list(asked))}

        found = cached(folder, "answers", {"settings": asdict(own), "data": [texts, labels, asked, validation, classes]}, compute)
        return [classes[i] for i in found["logits"].argmax(1)]

    return fit


# --- what is left behind ---------------------------------------------------------------------------------------------
def _keep(folder: Path, key: str, run: _Run, better: bool) -> None:
    """The epoch's weights if they are the best so far, then the checkpoint; older best weights go last, so that a kill between any two
    of these loses nothing."""
    if better:
        save_tensors(folder / f"best-{len(run.history)}.pt", {k: v.detach().cpu() for k, v in run.model.state_dict().items()})
    run.save(folder / "checkpoint.pt", key)
    for old in folder.glob("best-*.pt") if better else ():
        if old.name != f"best-{len(run.history)}.pt":
            old.unlink(missing_ok=True)


def _best(history: list[dict]) -> int:
    return max(h["epoch"] for h in history if h["best"])


def _has_best(folder: Path, best: int, key: str) -> bool:
    """Whether the weights of the best epoch are there, exported or not yet."""
    if (folder / f"best-{best}.pt").exists():
        return True
    return (folder / "model.pt").exists() and _exported(folder).get("training") == key


def _exported(folder: Path) -> dict:
    """What classifier.json says; {} where there is none."""
    meta = folder / "classifier.json"
    return json.loads(meta.read_text(encoding="utf8")) if meta.exists() else {}


def _export(folder: Path, best: int, config, tokenizer: Tokenizer, meta: dict) -> None:
    """What kobert.Predictor.load reads; the weights last, so that they are never there without what belongs to them."""
    write_atomic(folder / "config.json", config.to_json_string(use_diff=False))
    tokenizer.save(folder)
    write_atomic(folder / "classifier.json", json.dumps(meta, ensure_ascii=False, indent=1))
    if (folder / f"best-{best}.pt").exists():
        os.replace(folder / f"best-{best}.pt", folder / "model.pt")
