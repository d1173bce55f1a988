"""A linear classifier of character and jamo n-grams that answers beside the fine-tuned encoder (wide beside deep)."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from . import signs
from .run import save_arrays

VERSION = 3  # of the computation; part of what tells an old file
MOST = 300_000  # n-grams of each kind, the most frequent


def jamo(text: str) -> str:
    """Normalised (signs.normalise), then without spaces, which chats often leave out, and taken apart: 좋아 is ㅈ ㅗ ㅎ ㅇ ㅏ, so that a
    typo changes one letter of many. Between two control characters, so that a beginning and an ending are n-grams of their own."""
    return "\x02" + unicodedata.normalize("NFD", "".join(signs.normalise(text).split())) + "\x03"


KINDS = ((signs.normalise, "char_wb", (1, 3)), (jamo, "char", (3, 6)))  # how the text is read, n-grams within words or of all, lengths


@dataclass(frozen=True)
class Ngrams:
    """Log-probabilities of the classes from TF-IDF of n-grams. On some thousand messages it may well be better than an encoder
    (docs/kobert_mini.md). Lengths, weighing and alpha were chosen on the sample's validation part and on a quarter of its second round's
    writers, left out of training (docs/messages.md), which flatters these a little.

    Source: Joulin et al. 2017 (linear models of n-grams), Wang & Manning 2012 (what counts more), Cheng et al. 2016 (wide & deep); jamo
    n-grams: Park et al. 2018.
    """

    vectorizers: list[TfidfVectorizer]
    weights: np.ndarray  # (n-grams of both kinds, classes) float32
    bias: np.ndarray  # (classes,)

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], classes: Sequence[str], seed: int = 0, signed: bool = True) -> "Ngrams":
        """Logistic regression by averaged SGD, one class against the rest, classes weighted by rarity, n-grams by how well each alone tells
        the class. ``signed``: every message counts a second time with ㅋㅋ or ㅠㅠ behind it; chats put these behind anything, and without
        such copies they overrule what is said (docs/augmentation.md)."""
        copies = [f"{text}{('ㅋㅋ', 'ㅠㅠ')[i % 2]}" for i, text in enumerate(texts)] if signed else []
        messages = [*texts, *copies]
        truth = np.resize([list(classes).index(label) for label in labels], len(messages))
        vectorizers = [_vectorizer(kind) for kind in range(len(KINDS))]
        rows = hstack([v.fit_transform(messages) for v in vectorizers]).tocsr()
        present = np.unique(truth)
        weights, bias = np.zeros((rows.shape[1], len(classes)), np.float32), np.full(len(classes), -20.0)
        if len(present) == 1:
            bias[present] = 0.0  # only one class: always this
        if len(present) > 1:
            found = Parallel(n_jobs=2, prefer="threads")(delayed(_against_the_rest)(rows, truth == column, seed) for column in present)
            weights[:, present], bias[present] = np.stack([w for w, _ in found], 1), [b for _, b in found]
        return cls(vectorizers, weights, bias)

    def log_probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(N, classes) float32, before any temperature: the classes' scores, normalised."""
        scores = np.array([self._scores(text) for text in texts]).reshape(-1, len(self.bias))
        return (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32)

    def _scores(self, text: str) -> np.ndarray:
        """What the vectorizers' own transform and a product give, seven times as fast for one message."""
        scores, first = self.bias.copy(), 0
        for analyze, v in zip(self._analyzers, self.vectorizers, strict=True):
            counts = Counter(v.vocabulary_[gram] for gram in analyze(text) if gram in v.vocabulary_)
            if counts:
                at = np.fromiter(counts, int)
                row = (1 + np.log(np.fromiter(counts.values(), float))) * v.idf_[at]
                scores += row / np.linalg.norm(row) @ self.weights[first + at]
            first += len(v.vocabulary_)
        return scores

    @cached_property
    def _analyzers(self) -> list:
        return [v.build_analyzer() for v in self.vectorizers]

    def save(self, path: Path) -> None:
        """An .npz without pickled objects, written atomically."""
        terms = ["\n".join(v.get_feature_names_out()).encode() for v in self.vectorizers]  # an n-gram holds no line break
        arrays = {f"terms{i}": np.frombuffer(t, np.uint8) for i, t in enumerate(terms)}
        arrays |= {f"idf{i}": v.idf_.astype(np.float32) for i, v in enumerate(self.vectorizers)}
        save_arrays(path, version=np.array(VERSION), weights=self.weights, bias=self.bias, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Ngrams":
        """Raises ValueError for a file of another version."""
        with np.load(path, allow_pickle=False) as stored:
            if int(stored["version"]) != VERSION:
                raise ValueError(f"{path} is of version {stored['version']}, expected {VERSION}; run notebook 04 again")
            vectorizers = []
            for kind in range(len(KINDS)):
                v = _vectorizer(kind, {t: i for i, t in enumerate(stored[f"terms{kind}"].tobytes().decode().split("\n"))})
                v.vocabulary_ = v.vocabulary
                v.idf_ = stored[f"idf{kind}"].astype(np.float64)
                vectorizers.append(v)
            return cls(vectorizers, stored["weights"], stored["bias"])


def _against_the_rest(rows: csr_matrix, there: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Weights (n-grams,) and bias of a logistic regression. Each n-gram is scaled before by the root of |log ratio| of its share among the
    class's TF-IDF to that among the rest's (root mean square of the ratios: 1): what says nothing of the class weighs little. Wang &
    Manning 2012 take counts and the ratio itself."""
    here, elsewhere = (np.asarray(rows[part].sum(0)).ravel() + 0.1 for part in (there, ~there))
    ratio = np.abs(np.log(here / here.sum()) - np.log(elsewhere / elsewhere.sum()))
    scale = np.sqrt(ratio / max(np.sqrt(np.square(ratio).mean()), 1e-6))
    model = SGDClassifier("log_loss", alpha=5e-6, max_iter=20, tol=None, class_weight="balanced", average=True, random_state=seed)
    model.fit(rows @ diags(scale), there)
    return model.coef_[0] * scale, model.intercept_[0]


def _vectorizer(kind: int, vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    reading, analyzer, lengths = KINDS[kind]
    return TfidfVectorizer(analyzer=analyzer, ngram_range=lengths, sublinear_tf=True, preprocessor=reading, max_features=MOST,
                           vocabulary=vocabulary)
