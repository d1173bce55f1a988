"""How far labels can be trusted: agreement of labellers, suspicious labels, and whether more labelled messages help.

Sources: Cohen, *A coefficient of agreement for nominal scales*, 1960; Northcutt et al., *Confident learning*, JAIR 2021 (cleanlab).
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict

from .metrics import N_BOOTSTRAP, interval_text, tfidf_baseline, tfidf_model

FOLDS = 5


# --- two labellers ---------------------------------------------------------------------------------------------------
def agreement(first, second, seed: int = 0, n_bootstrap: int = N_BOOTSTRAP) -> dict:
    """Share of equal labels and Cohen's kappa with a 95 % bootstrap interval over texts, of two labellings of the same texts.

    kappa = (p_o - p_e) / (1 - p_e): 1 perfect, 0 as by chance. Raises ValueError if they differ in length, are empty or say one thing.
    """
    first, second = np.asarray(first), np.asarray(second)
    if len(first) != len(second) or not len(first):
        raise ValueError(f"{len(first)} and {len(second)} labels; expected as many of both, at least one")
    names = sorted({*first, *second})
    if len(names) == 1:  # 0 / 0: nothing to tell apart
        raise ValueError(f"both labellings say {first[0]} everywhere; kappa needs at least two labels")
    code = {name: i for i, name in enumerate(names)}
    kappa = _kappas(np.array([code[x] for x in first]), np.array([code[x] for x in second]), len(names), seed, n_bootstrap)
    return {"n": len(first), "equal": float((first == second).mean()), "kappa": kappa}


def kappa_per_class(first, second, labels: Sequence[str], seed: int = 0, names: tuple[str, str] = ("gold", "record")) -> pd.DataFrame:
    """Cohen's kappa of each label against all others with its 95 % interval (columns low, high), and how often either labeller gave it
    (columns ``names``). Labels that nobody gave are left out."""
    first, second = np.asarray(first), np.asarray(second)
    rows = {}
    for label in labels:
        a, b = first == label, second == label
        if a.any() or b.any():
            kappa = _kappas(a.astype(int), b.astype(int), 2, seed, N_BOOTSTRAP)
            rows[label] = dict(zip((*names, "kappa", "low", "high"), (int(a.sum()), int(b.sum()), *kappa), strict=True))
    return pd.DataFrame(rows).T.astype(dict.fromkeys(names, int)).rename_axis("label")


def _kappas(first: np.ndarray, second: np.ndarray, n_labels: int, seed: int, n_bootstrap: int) -> tuple[float, float, float]:
    """(kappa, low, high) of two (N,) arrays of label numbers. A resample of which all labels are one is left out."""
    cell = first * n_labels + second
    drawn = np.random.default_rng(seed).integers(len(cell), size=(n_bootstrap, len(cell)))
    tables = np.stack([np.bincount(c, minlength=n_labels**2) for c in (cell, *cell[drawn])]).reshape(-1, n_labels, n_labels) / len(cell)
    equal, chance = np.trace(tables, axis1=1, axis2=2), (tables.sum(1) * tables.sum(2)).sum(1)
    kappas = np.divide(equal - chance, 1 - chance, out=np.full(len(tables), np.nan), where=chance < 1)
    low, high = np.nanpercentile(kappas[1:], [2.5, 97.5]) if np.isfinite(kappas[1:]).any() else (np.nan, np.nan)
    return float(kappas[0]), float(low), float(high)


def confusion(first, second, labels: Sequence[str]) -> pd.DataFrame:
    """(L, L) counts, ``first`` in rows; labels that nobody gave are left out."""
    table = pd.crosstab(pd.Series(np.asarray(first)), pd.Series(np.asarray(second)))
    present = [label for label in labels if label in table.index or label in table.columns]
    return table.reindex(index=present, columns=present, fill_value=0)


def compare(labellings: dict[str, pd.Series], seed: int = 0) -> pd.DataFrame:
    """Agreement of every two labellings on the texts that both have: columns n, equal, kappa, low, high.

    labellings: name -> labels indexed by text, each text once.
    """
    rows = {}
    for (a, first), (b, second) in combinations(labellings.items(), 2):
        both = pd.concat([first.rename("a"), second.rename("b")], axis=1, join="inner")
        if len(both):
            found = agreement(both["a"], both["b"], seed)
            rows[f"{a} · {b}"] = (found["n"], found["equal"], *found["kappa"])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n", "equal", "kappa", "low", "high"])
    return table.rename_axis("labellers")


# --- suspicious labels -----------------------------------------------------------------------------------------------
def out_of_fold(texts: Sequence[str], labels: Sequence[str], groups: Sequence[str] | None = None, seed: int = 0
                ) -> tuple[np.ndarray, list[str]]:
    """((N, C) probabilities, the C labels): of each text by a TF-IDF + logistic regression that saw neither it nor its group, in five
    folds (fewer where a label has fewer texts). Words and their rarity are counted over all texts, which tells nothing of labels.
    """
    labels = np.asarray(labels)
    names, counts = np.unique(labels, return_counts=True)
    folds = min(FOLDS, counts.min())
    if len(names) < 2 or folds < 2:
        found = dict(zip(names.tolist(), counts.tolist(), strict=True))
        raise ValueError(f"labels: found {found}; expected two or more, each of them at least twice")
    features, model = (step for _, step in tfidf_model(seed).steps)
    numbers = None if groups is None else pd.factorize(np.asarray(groups))[0]  # whatever their names: these may hold a folder's path
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    return cross_val_predict(model, features.fit_transform(list(texts)), labels, groups=numbers, method="predict_proba",
                             cv=kind(folds, shuffle=True, random_state=seed)), names.tolist()


def suspects(labels: Sequence[str], probabilities: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Labels that confident learning finds wrong, the surest first: index the row's number, columns label, likelier, score (out-of-fold
    probability of the label given: the lower, the more suspicious). probabilities: out_of_fold's, names: its labels."""
    from cleanlab.filter import find_label_issues

    given = np.searchsorted(names, np.asarray(labels))
    found = find_label_issues(given, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    return pd.DataFrame({"label": np.asarray(labels)[found], "likelier": np.asarray(names)[probabilities[found].argmax(1)],
                         "score": probabilities[found, given[found]]}, index=pd.Index(found, name="row"))


def overlapping(labels: Sequence[str], probabilities: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Pairs of labels that are taken for one another, the commonest first: columns label, taken_for, texts (about how many)."""
    from cleanlab.dataset import find_overlapping_classes

    given = np.searchsorted(names, np.asarray(labels))
    found = find_overlapping_classes(labels=given, pred_probs=probabilities, class_names=list(names))
    columns = {"Class Name A": "label", "Class Name B": "taken_for", "Num Overlapping Examples": "texts"}
    return found[list(columns)].rename(columns=columns)


def planted(texts: Sequence[str], labels: Sequence[str], groups: Sequence[str] | None = None, share: float = 0.1, seed: int = 0,
            tops: Sequence[int] = (50, 100, 200)) -> dict:
    """How well suspects() finds errors that are known: ``share`` of the labels are exchanged for others by chance.

    Returns {"planted", "found", "precision", "recall", "top": {k: precision of the first k}}; precision of a blind guess is ``share``.
    A label that was wrong before counts as right, so the precision is a lower bound.
    """
    rng, labels = np.random.default_rng(seed), np.asarray(labels)
    names, wrong = np.unique(labels), rng.random(len(labels)) < share
    shifted = (np.searchsorted(names, labels) + rng.integers(1, len(names), len(labels))) % len(names)
    spoilt = np.where(wrong, names[shifted], labels)
    found = suspects(spoilt, *out_of_fold(texts, spoilt, groups, seed))
    hit = wrong[found.index]
    return {"planted": int(wrong.sum()), "found": len(found), "precision": float(hit.mean()) if len(found) else 0.0,
            "recall": float(hit.sum() / max(1, wrong.sum())), "top": {k: float(hit[:k].mean()) for k in tops if k <= len(found)}}


# --- does it help? ---------------------------------------------------------------------------------------------------
Fit = Callable[[Sequence[str], Sequence[str], Sequence[str], int], Sequence[str]]  # texts, labels, texts asked, seed -> answers


def learning_curve(train: pd.DataFrame, added: dict[str, pd.DataFrame], test: pd.DataFrame, sizes: Sequence[int], seeds: Sequence[int],
                   fit: Fit = tfidf_baseline) -> pd.DataFrame:
    """Accuracy on ``test`` of models trained on so many of ``train``'s rows, and on these with each of ``added``.

    All tables have the columns text, emotion. Every seed draws its rows and fits anew; the same test set throughout. Columns: rows, with
    (a name of ``added``), seeds, without, accuracy, gain, low, high: the gain's 95 % interval resamples test messages, over all seeds.
    A size above len(train) counts as all of it. Raises ValueError where a text of ``added`` is in ``test``.
    """
    for name, more in added.items():
        if leaked := set(more["text"]) & set(test["text"]):
            raise ValueError(f"{name}: {len(leaked)} of its texts are in the test part, for example {min(leaked)!r}")
    truth, texts, rows = test["emotion"].to_numpy(), test["text"].tolist(), []
    drawn = np.random.default_rng(0).integers(len(truth), size=(N_BOOTSTRAP, len(truth)))
    for size in sorted({min(size, len(train)) for size in sizes}):
        right: dict[str, list[np.ndarray]] = {}
        for seed in seeds:
            part = train.sample(size, random_state=seed)
            for name, more in {"": part.iloc[:0], **added}.items():
                known = pd.concat([part[["text", "emotion"]], more[["text", "emotion"]]])
                answers = np.asarray(fit(known["text"].tolist(), known["emotion"].tolist(), texts, seed))
                right.setdefault(name, []).append(answers == truth)
        base = np.mean(right[""], axis=0)  # (n,) share of the seeds in which a message was answered right
        for name in added:
            mean = np.mean(right[name], axis=0)
            low, high = np.percentile((mean - base)[drawn].mean(1), [2.5, 97.5])
            rows.append({"rows": size, "with": name, "seeds": len(seeds), "without": base.mean(), "accuracy": mean.mean(),
                         "gain": (mean - base).mean(), "low": low, "high": high})
    return pd.DataFrame(rows)


def curve_table(curve: pd.DataFrame) -> pd.DataFrame:
    """learning_curve() for people: a line a size, gains with their intervals."""
    gain = [interval_text(*row) for row in curve[["gain", "low", "high"]].itertuples(index=False)]
    return curve[["rows", "with", "without", "accuracy"]].round(3).assign(gain=gain).set_index(["rows", "with"])
