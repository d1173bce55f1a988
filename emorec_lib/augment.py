"""Labels for unlabelled messages from a language model: recorded replies and which of them are used. Asked: ask.py, checked: audit.py."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .metrics import tfidf_model
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


@dataclass(frozen=True)
class Rule:
    """Which recorded labels enter training."""

    min_confidence: float = 0.5  # of the reply
    min_kappa: float = 0.0  # of its label, against labels by hand; labels never compared count as 0
    min_likelihood: float = 0.0  # that a model of the messages labelled by people gives to the label


def judged(record: pd.DataFrame, rule: Rule, kappas: Mapping[str, float] | None = None, likelihood: Sequence[float] | None = None
           ) -> pd.DataFrame:
    """The record with a column ``left_out``: why a row does not enter training, '' where it does; the first reason counts.

    kappas: label -> kappa (audit.kappa_per_class); likelihood: one number a row (likelihoods). Raises ValueError where the rule asks for
    one that is not given.
    """
    for name, given in (("min_kappa", kappas), ("min_likelihood", likelihood)):
        if getattr(rule, name) > 0 and given is None:
            raise ValueError(f"{name} = {getattr(rule, name)} needs {'kappas' if name == 'min_kappa' else 'likelihood'}; none given")
    kappa = record["label"].map({} if kappas is None else dict(kappas)).fillna(0.0)
    weak = [(record["label"].isin(FAILED), "no label"), (record["label"].isin(UNUSABLE), "unclear"),
            (record["confidence"] < rule.min_confidence, f"confidence below {rule.min_confidence}"),
            (kappa < rule.min_kappa, f"kappa of its label below {rule.min_kappa}")]
    if likelihood is not None:
        weak.append((pd.Series(likelihood, index=record.index) < rule.min_likelihood, f"likelihood below {rule.min_likelihood}"))
    left_out = pd.Series("", index=record.index)
    for mask, reason in weak:
        left_out = left_out.mask(mask & (left_out == ""), reason)
    return record.assign(left_out=left_out)


def usable(judged: pd.DataFrame, classes: Sequence[str] = EMOTIONS) -> pd.DataFrame:
    """The rows that judged() left in, columns text, emotion; 혐오 becomes 분노 unless it is one of the classes."""
    rows = judged[judged["left_out"] == ""]
    emotion = rows["label"] if "혐오" in classes else rows["label"].replace("혐오", "분노")
    return pd.DataFrame({"text": rows["text"], "emotion": emotion}).reset_index(drop=True)


def likelihoods(record: pd.DataFrame, train: pd.DataFrame, seed: int = 0) -> list[float]:
    """What TF-IDF + logistic regression, trained on ``train`` (columns text, emotion), gives to each recorded label; 혐오 counts as 분노
    where train has none, other labels that it lacks as 0."""
    model = tfidf_model(seed).fit(train["text"].tolist(), train["emotion"].tolist())
    column = {name: i for i, name in enumerate(model.classes_)}
    if "혐오" not in column and "분노" in column:
        column["혐오"] = column["분노"]
    probabilities = model.predict_proba(record["text"].tolist())
    return [float(row[column[label]]) if label in column else 0.0 for row, label in zip(probabilities, record["label"], strict=True)]


def join(train: pd.DataFrame, added: pd.DataFrame, labelled: pd.DataFrame) -> pd.DataFrame:
    """The training part with added rows behind it. A text that stands anywhere in ``labelled`` (all parts), spaces, signs and case aside,
    is not added: nothing of validation or test comes back through an augmentation."""
    known = set(labelled["text"].map(_letters))
    fresh = added[~added["text"].map(_letters).isin(known)].drop_duplicates("text")
    return pd.concat([train, fresh], ignore_index=True)


def read_chosen(path, classes: Sequence[str] = EMOTIONS) -> pd.DataFrame:
    """The rows that notebook 03 chose (a .csv of text, label), as usable() gives them. Raises FileNotFoundError saying how to get them."""
    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing; run notebook 03_augmentation first, or set AUGMENTED to False")
    return usable(pd.read_csv(path, dtype=str, keep_default_na=False).assign(left_out=""), classes)


def _letters(text: str) -> str:
    """A text without spaces, punctuation and case; of one that has nothing else, the text."""
    text = unicodedata.normalize("NFC", text)
    return "".join(c for c in text if not (c.isspace() or c == "~" or unicodedata.category(c).startswith("P"))).casefold() or text.strip()
