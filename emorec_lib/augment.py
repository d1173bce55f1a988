"""Labels for unlabelled messages from a language model: recorded replies, which of them are used, how far readers agree. Asked: ask.py."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from .run import EMOTIONS

LABELS = (*EMOTIONS, "혐오", "불명확")  # the seven of the source, and "unclear"
FAILED = {"거절": "refused", "잘림": "cut off", "형식": "off the schema"}  # replies without a label, by what they were
UNUSABLE = ("불명확", *FAILED)  # never training data


def read_record(path) -> pd.DataFrame:
    """Recorded replies: columns text, label, confidence, reason, model, prompt (hash of the prompt); one row a text, the last reply
    counts. Raises ValueError naming the line for one that is not a reply."""
    return replies(path).drop_duplicates("text", keep="last", ignore_index=True)


def replies(path) -> pd.DataFrame:
    """Every recorded reply, in the order of the file."""
    rows = []
    for number, line in enumerate(Path(path).read_text(encoding="utf8").split("\n"), 1):  # splitlines would cut a text at U+2028
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append({k: row[k] for k in ("text", "label", "confidence", "reason", "model", "prompt")})
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: {error!r}; expected an object with text, label, confidence, reason, model, prompt. "
                             "A half-written last line of a killed run can be deleted.") from error
        if row["label"] not in (*LABELS, *FAILED):
            raise ValueError(f"{path}, line {number}: label {row['label']!r}; expected one of {', '.join(LABELS)}")
        if not isinstance(row["confidence"], int | float) or not 0 <= row["confidence"] <= 1:
            raise ValueError(f"{path}, line {number}: confidence {row['confidence']!r}; expected a number from 0 to 1")
    return pd.DataFrame(rows, columns=["text", "label", "confidence", "reason", "model", "prompt"])


def usable(record: pd.DataFrame, min_confidence: float = 0.0, classes: Sequence[str] = EMOTIONS) -> pd.DataFrame:
    """Rows with a real label and at least ``min_confidence``; 혐오 becomes 분노 unless it is one of the classes. Columns text, emotion."""
    rows = record[~record["label"].isin(UNUSABLE) & (record["confidence"] >= min_confidence)]
    emotion = rows["label"] if "혐오" in classes else rows["label"].replace("혐오", "분노")
    return pd.DataFrame({"text": rows["text"], "emotion": emotion}).reset_index(drop=True)


def agreement(first, second, seed: int = 0, n_bootstrap: int = 1000) -> dict:
    """Share of equal labels and Cohen's kappa with a 95 % bootstrap interval over texts, of two labellings of the same texts.

    kappa = (p_o - p_e) / (1 - p_e): 1 perfect, 0 as by chance (Cohen 1960). Raises ValueError if they differ in length or are empty.
    """
    first, second = np.asarray(first), np.asarray(second)
    if len({*first, *second}) == 1:  # 0 / 0: nothing to tell apart
        raise ValueError(f"both labellings say {first[0]} everywhere; kappa needs at least two labels")
    if len(first) != len(second) or not len(first):
        raise ValueError(f"{len(first)} and {len(second)} labels; expected as many of both, at least one")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(first), size=(n_bootstrap, len(first)))
    with np.errstate(invalid="ignore"):
        kappas = [cohen_kappa_score(first[d], second[d]) for d in drawn]
    low, high = np.nanpercentile(kappas, [2.5, 97.5])
    kappa = float(cohen_kappa_score(first, second))
    return {"n": len(first), "equal": float((first == second).mean()), "kappa": (kappa, low, high)}


def kappa_per_class(first, second, labels=LABELS) -> pd.DataFrame:
    """Cohen's kappa of each label against all others, with how often either labeller gave it."""
    first, second = np.asarray(first), np.asarray(second)
    rows = {}
    for label in labels:
        a, b = first == label, second == label
        if a.any() or b.any():
            rows[label] = {"gold": int(a.sum()), "record": int(b.sum()), "kappa": cohen_kappa_score(a, b)}
    return pd.DataFrame(rows).T.astype({"gold": int, "record": int}).rename_axis("label")
