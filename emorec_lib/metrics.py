"""Retrieval and classification metrics, trivial baselines beside them, 95 % bootstrap intervals."""

import re

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support
from sklearn.pipeline import make_pipeline, make_union

N_BOOTSTRAP = 1000


def retrieval(similarity: np.ndarray, style, pack, seed: int = 0) -> dict:
    """Same-style retrieval with the query's own pack excluded.

    similarity: (N, N), higher is nearer. style, pack: (N,) labels; '' = style unknown, never a query nor relevant.
    Queries: emoticons of styles that have at least two packs. For every query: P@1 and P@10 (share of the first 1 and 10 that have
    its style) and average precision over the whole ranking; ties are ranked by chance (seeded), not by file order.
    Returns {"P@1": (mean, low, high), "P@10": …, "mAP": …, "n": queries, "per_query": (n, 3), "queries": (n,) their rows}; the 95 %
    interval resamples packs, since emoticons of a pack are alike. Raises ValueError if no style has two packs.
    """
    style, pack = np.asarray(style), np.asarray(pack)
    packs_of = pd.Series(pack).groupby(style).nunique()
    queries = np.flatnonzero((style != "") & (packs_of.reindex(style).to_numpy() >= 2))
    if not len(queries):
        raise ValueError("no style has two packs, so same-style retrieval cannot be measured; styles come from the manifest's column "
                         "style_family")
    jitter = np.random.default_rng(seed).permutation(len(style))
    rows = []
    for q in queries:
        others = np.flatnonzero(pack != pack[q])
        ranked = others[np.lexsort((jitter[others], -similarity[q, others]))]
        hit = style[ranked] == style[q]  # (others,) bool, best first
        at_hits = np.flatnonzero(hit)
        rows.append((hit[0], hit[:10].mean(), ((np.arange(len(at_hits)) + 1) / (at_hits + 1)).mean()))
    per_query = np.array(rows, dtype=float)  # (n, 3)
    return _summary(per_query, pack[queries], seed) | {"per_query": per_query, "queries": queries}


def _summary(per_query: np.ndarray, packs: np.ndarray, seed: int) -> dict:
    """Means with intervals of rows (P@1, P@10, average precision)."""
    low, high = grouped_interval(per_query, packs, seed)
    result = {name: (m, lo, hi) for name, m, lo, hi in zip(("P@1", "P@10", "mAP"), per_query.mean(0), low, high, strict=True)}
    return result | {"n": len(per_query)}


def grouped_interval(values: np.ndarray, groups: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of the mean over rows, whole groups resampled (cluster bootstrap).

    values: (n, M), groups: (n,). Returns low (M,), high (M,).
    """
    _, index = np.unique(groups, return_inverse=True)
    sums = np.zeros((index.max() + 1, values.shape[1]))
    np.add.at(sums, index, values)
    sizes = np.bincount(index)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(N_BOOTSTRAP, len(sizes)))
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)[:, None]  # (N_BOOTSTRAP, M)
    return np.percentile(means, 2.5, axis=0), np.percentile(means, 97.5, axis=0)


def retrieval_table(similarities: dict[str, np.ndarray], style, pack, seed: int = 0, parts: dict | None = None
                    ) -> tuple[pd.DataFrame, dict]:
    """retrieval() for several methods side by side, on parts of the queries: {name: (N,) bool}, as Catalogue.parts gives (all emoticons
    are ranked for every part; a part without queries is left out).

    Returns a table for people, one row for each part and method ("all" only where it is alone), and {part: {method: {metric: (mean,
    low, high), …, "n": queries}}}.
    """
    pack, found = np.asarray(pack), {name: retrieval(sim, style, pack, seed) for name, sim in similarities.items()}
    results: dict = {}
    for part, inside in (parts or {"all": np.ones(len(pack), dtype=bool)}).items():
        for name, r in found.items():
            if (asked := np.asarray(inside)[r["queries"]]).any():
                results.setdefault(part, {})[name] = _summary(r["per_query"][asked], pack[r["queries"]][asked], seed)
    shown = [part for part in results if part != "all"] or ["all"]
    rows = {(part, name): {m: interval_text(*r[m]) for m in ("P@1", "P@10", "mAP")} | {"n": r["n"]}
            for part in shown for name, r in results[part].items()}
    return pd.DataFrame(rows).T.rename_axis(["queries", "method"]), results


def random_similarity(n: int, seed: int = 0) -> np.ndarray:
    """What knowing nothing gives: (n, n) uniform numbers."""
    return np.random.default_rng(seed).random((n, n))


def interval_text(mean: float, low: float, high: float) -> str:
    """'.850 [.800, .900]'."""
    return re.sub(r"\b0\.", ".", f"{mean:.3f} [{low:.3f}, {high:.3f}]")


def classification(truth, predicted, classes, seed: int = 0) -> dict:
    """Accuracy and macro-F1 with 95 % bootstrap intervals over rows, and the confusion matrix (truth x predicted).

    Macro-F1 is over the classes that occur in truth or prediction, as scikit-learn's is with ``labels`` = those.
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if len(truth) == 0 or len(truth) != len(predicted):
        raise ValueError(f"{len(truth)} true labels and {len(predicted)} predictions; expected as many of both, at least one")
    if strange := {*truth, *predicted} - {*classes}:
        raise ValueError(f"labels {', '.join(sorted(map(str, strange)))} are none of the classes {', '.join(map(str, classes))}")
    drawn = np.random.default_rng(seed).integers(len(truth), size=(N_BOOTSTRAP, len(truth)))
    code = {c: i for i, c in enumerate(classes)}
    t, p = np.array([code[x] for x in truth]), np.array([code[x] for x in predicted])
    resampled = np.array([_scores(np.bincount(t[d] * len(code) + p[d], minlength=len(code) ** 2)) for d in drawn])
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    present = [c for c in classes if c in set(truth) | set(predicted)]
    accuracy, macro = accuracy_score(truth, predicted), f1_score(truth, predicted, labels=present, average="macro", zero_division=0)
    return {"accuracy": (accuracy, low[0], high[0]), "macro_f1": (macro, low[1], high[1]), "n": len(truth),
            "confusion": confusion_matrix(truth, predicted, labels=list(classes))}


def _scores(cells: np.ndarray) -> tuple[float, float]:
    """(accuracy, macro-F1) of a flattened confusion matrix."""
    matrix = cells.reshape(int(len(cells) ** 0.5), -1)
    right, seen = np.diag(matrix), matrix.sum(0) + matrix.sum(1)
    f1 = 2 * right[seen > 0] / seen[seen > 0]
    return right.sum() / matrix.sum(), f1.mean()


def per_class(truth, predicted, classes) -> pd.DataFrame:
    """Precision, recall, F1 and number of rows of every class."""
    scores = precision_recall_fscore_support(truth, predicted, labels=list(classes), zero_division=0)
    return pd.DataFrame(dict(zip(("precision", "recall", "F1", "n"), scores, strict=True)), index=list(classes)).rename_axis("emotion")


def classification_table(results: dict[str, dict]) -> pd.DataFrame:
    """classification() results of several methods side by side, for people."""
    return pd.DataFrame({name: {"accuracy": interval_text(*r["accuracy"]), "macro-F1": interval_text(*r["macro_f1"]), "n": r["n"]}
                         for name, r in results.items()}).T.rename_axis("method")


def majority_baseline(train_labels, n: int) -> list[str]:
    """The commonest label of the training part, n times."""
    return [pd.Series(train_labels).value_counts().index[0]] * n


def tfidf_model(seed: int = 0):
    """TF-IDF of words (1-2) and of characters within words (1-4) + logistic regression by averaged SGD (more accurate here than lbfgs with
    C = 4, and twenty times as fast), class weights balanced; alpha chosen on the sample's validation part. Not fitted yet."""
    features = make_union(TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True),
                          TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, max_features=200_000))
    return make_pipeline(features, SGDClassifier("log_loss", alpha=3e-6, max_iter=20, tol=None, class_weight="balanced", average=True,
                                                 random_state=seed, n_jobs=-1))


def tfidf_baseline(train_texts, train_labels, texts, seed: int = 0) -> list[str]:
    """The answers of tfidf_model: the floor that a neural model has to beat."""
    return list(tfidf_model(seed).fit(list(train_texts), list(train_labels)).predict(list(texts)))
