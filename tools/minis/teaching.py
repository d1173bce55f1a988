"""What kobert-mini learns from a teacher: linear models of our train part, on many texts.

A transformer of this size learns little from a few thousand labels (.74 on the gold set); linear models of the jamo in a message learn much
more from them (.85). They answer on texts nobody labelled, and on cuttings of our own messages; the encoder learns their answers (knowledge
distillation, Hinton et al. 2015; of texts made from the training data: Tang et al. 2019). Only our train part is read, never gold;
validation chose the features and the regularisation.
"""

from pathlib import Path

import numpy as np
import torch
from chat_noise import rewritten
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline, make_union

from emorec_lib import augment, dialogue, signs
from emorec_lib.ngrams import jamo
from emorec_lib.run import ASSETS, EMOTIONS, save_arrays

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


def teacher(texts: list[str], labels: list[str]):
    """TF-IDF of characters and of jamo within words + five logistic regressions (averaged SGD, each in an order of its own), whose
    probabilities are averaged."""
    def grams(lengths, preprocessor):
        return TfidfVectorizer(analyzer="char_wb", ngram_range=lengths, sublinear_tf=True, max_features=300_000, preprocessor=preprocessor)

    def regression(seed):
        return SGDClassifier("log_loss", alpha=1e-5, max_iter=20, tol=None, random_state=seed, class_weight="balanced", average=True)

    five = VotingClassifier([(str(seed), regression(seed)) for seed in range(5)], voting="soft")
    return make_pipeline(make_union(grams((1, 4), signs.normalise), grams((3, 7), jamo)), five).fit(texts, labels)


def answers(model, texts: list[str]) -> np.ndarray:
    """(N, 6) float32, the teacher's probabilities."""
    column = [list(model.classes_).index(e) for e in EMOTIONS]
    parts = [model.predict_proba(texts[begin:begin + 20_000])[:, column] for begin in range(0, len(texts), 20_000)]
    return np.concatenate(parts).astype(np.float32)


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


def lesson(train: Part, open_texts: list[str], n_cuttings: int, file: Path) -> tuple[list[str], np.ndarray]:
    """(texts, (N, 6) what to answer): the teacher's answers on open texts and cuttings, and on our own messages, three times each, halfway
    between its answer and the label. The answers are kept in ``file``."""
    texts, labels = train
    asked = list(dict.fromkeys(t for t in open_texts if len(t) <= LONGEST)) + cuttings([signs.normalise(t) for t in texts], n_cuttings)
    if file.exists():
        with np.load(file) as kept:
            found = kept["asked"], kept["ours"]
    else:
        model = teacher(texts, labels)
        found = answers(model, asked), answers(model, texts)
        save_arrays(file, asked=found[0], ours=found[1])
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
