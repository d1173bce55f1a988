"""What kobert-mini learns from a teacher: the n-grams of our train part (emorec_lib/ngrams.py), on many texts.

A transformer of this size learns little from some thousand labels, linear models of the jamo in a message much more. They answer on texts
nobody labelled, and on cuttings of our own messages; the encoder learns their answers (knowledge distillation, Hinton et al. 2015; of texts
made from the training data: Tang et al. 2019). Only our train part is read, never gold.
"""

from pathlib import Path

import numpy as np
import torch
from chat_noise import rewritten
from tqdm import tqdm

from emorec_lib import augment, dialogue, ngrams, signs
from emorec_lib.run import ASSETS, EMOTIONS, cached

Part = tuple[list[str], list[str]]  # texts, labels
OURS = 3  # times that our own messages are read in a pass
LONGEST = 60  # characters of an open text; chat messages are short


def our_messages() -> dict[str, Part]:
    """Train (with the sample's recorded labels), validation and test (gold) as 04 has them in the sample profile."""
    rows = dialogue.read_corpora(ASSETS / "dialogue").table
    rows = rows.assign(part=dialogue.split(rows, seed=0))
    parts = {name: (part["text"].tolist(), part["emotion"].tolist()) for name, part in rows.groupby("part")}
    record = augment.read_record(ASSETS / "augment/record.jsonl")
    added = augment.usable(augment.judged(record, augment.Rule()))
    train = augment.join(dialogue.balance(rows[rows["part"] == "train"], 15000, 0), added, rows)
    parts["train"] = (train["text"].tolist(), train["emotion"].tolist())
    return parts


def cuttings(texts: list[str], n: int, seed: int = 0) -> list[str]:
    """n texts made of ours: some words in a row of a message, two such pieces behind each other, or a message written otherwise."""
    rng, made = np.random.default_rng(seed), []

    def piece(text: str) -> str:
        words = text.split()
        length = int(rng.integers(max(1, len(words) // 3), len(words) + 1))
        begin = int(rng.integers(0, len(words) - length + 1))
        return " ".join(words[begin:begin + length])

    drawn = rng.integers(len(texts), size=n)
    for kind, i in zip(rng.integers(4, size=n), drawn, strict=True):
        if kind < 2:
            made.append(piece(texts[i]))
        elif kind == 2:
            made.append(f"{piece(texts[i])} {piece(texts[int(rng.integers(len(texts)))])}")
        else:
            made.append(texts[i])
    return [rewritten([t], "typos, one syllable of ten", seed=k)[0] if k % 4 == 0 else t for k, t in enumerate(made)]


def lesson(train: Part, open_texts: list[str], n_cuttings: int, folder: Path) -> tuple[list[str], np.ndarray]:
    """(texts, (N, 6) what to answer): the teacher's answers on open texts and cuttings, and on our own messages, three times each, halfway
    between its answer and the label. The answers are kept in ``folder``, for the same texts, labels and version of the n-grams."""
    texts, labels = train
    asked = list(dict.fromkeys(t for t in open_texts if len(t) <= LONGEST)) + cuttings([signs.normalise(t) for t in texts], n_cuttings)

    def compute():
        model = ngrams.Ngrams.fit(texts, labels, EMOTIONS)
        return {"asked": np.exp(model.log_probabilities(tqdm(asked, desc="teacher", mininterval=2))),
                "ours": np.exp(model.log_probabilities(texts))}

    kept = cached(folder, "lesson", {"version": ngrams.VERSION, "data": [texts, labels, asked]}, compute)
    found = kept["asked"], kept["ours"]
    said = np.array([[label == e for e in EMOTIONS] for label in labels], dtype=np.float32)
    return asked + texts * OURS, np.concatenate([found[0], *[(found[1] + said) / 2] * OURS])


class Student(torch.nn.Module):
    """The encoder and a layer that is thrown away: ids (B, T), mask (B, T) -> (B, 6). Without dropout, as the weights that ship
    were trained; that it helps was not found (their card)."""

    def __init__(self, bert):
        super().__init__()
        self.bert, self.head = bert, torch.nn.Linear(bert.config.hidden_size, len(EMOTIONS))

    def train(self, mode: bool = True):
        return super().train(False)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.head(self.bert(input_ids=ids, attention_mask=mask).pooler_output)


def dropped(ids: torch.Tensor, mask: torch.Tensor, mask_id: int, rng: np.random.Generator, share: float = 0.05) -> torch.Tensor:
    """One piece of twenty is [MASK], so that no single one decides."""
    return torch.where(torch.from_numpy(rng.random(ids.shape) < share) & mask.bool() & (ids > 4), mask_id, ids)


def cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """To the teacher's probabilities."""
    return -(target * torch.log_softmax(logits, 1)).sum(1).mean()
