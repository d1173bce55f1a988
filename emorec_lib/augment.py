"""Labels for unlabelled messages from a language model: ask once, record every reply, replay, compare."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from tqdm import tqdm

from .run import EMOTIONS, digest, is_embedded

LABELS = (*EMOTIONS, "혐오", "불명확")  # the seven of the source, and "unclear"
UNUSABLE = ("불명확", "거절")  # unclear, refused: never training data


def read_record(path) -> pd.DataFrame:
    """Recorded replies: columns text, label, confidence, reason, model, prompt (hash of the prompt); one row a text, the last reply
    counts. Raises ValueError naming the line for one that is not a reply."""
    return _replies(path).drop_duplicates("text", keep="last", ignore_index=True)


def _replies(path) -> pd.DataFrame:
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
        if row["label"] not in (*LABELS, "거절"):
            raise ValueError(f"{path}, line {number}: label {row['label']!r}; expected one of {', '.join(LABELS)}")
        if not isinstance(row["confidence"], int | float) or not 0 <= row["confidence"] <= 1:
            raise ValueError(f"{path}, line {number}: confidence {row['confidence']!r}; expected a number from 0 to 1")
    return pd.DataFrame(rows, columns=["text", "label", "confidence", "reason", "model", "prompt"])


def ask(texts: list[str], prompt: str, record: Path, model: str, base_url: str | None = None) -> pd.DataFrame:
    """Label texts with an OpenAI (or compatible) model, structured output, one request a text; returns the record.

    Every reply is appended to ``record`` at once, so a stopped run goes on with what is missing and nothing is paid twice; a text
    asked before under the same prompt and model is not asked again. The key comes from OPENAI_API_KEY only. Raises
    RuntimeError if it is not set, ValueError for the embedded record, the package's own errors when the server stays away after
    its retries.
    """
    from typing import Literal

    import openai
    from pydantic import BaseModel

    class Reply(BaseModel):
        label: Literal[LABELS]
        confidence: float
        reason: str

    if not os.environ.get("OPENAI_API_KEY"):
        raise RuntimeError("OPENAI_API_KEY is not set; set it, or leave ASK = False to replay the record")
    record = Path(record)
    if is_embedded(record):
        raise ValueError(f"{record} ships with emorec and is read only; set RECORD to a file of your own")
    client = openai.OpenAI(base_url=base_url, max_retries=5)
    known = _replies(record) if record.exists() else pd.DataFrame(columns=["text", "model", "prompt"])
    unended = record.exists() and record.read_bytes()[-1:] not in (b"", b"\n")  # edited by hand: no line end after the last reply
    stamp = digest(prompt)
    done = set(known.loc[(known["model"] == model) & (known["prompt"] == stamp), "text"])
    with record.open("a", encoding="utf8") as file:
        file.write("\n" if unended else "")
        for text in tqdm([t for t in dict.fromkeys(texts) if t not in done], desc=model, unit="text"):
            reply = client.responses.parse(model=model, instructions=prompt, input=text, text_format=Reply).output_parsed
            answer = reply.model_dump() if reply else {"label": "거절", "confidence": 0.0, "reason": "the model refused"}
            answer["confidence"] = min(max(answer["confidence"], 0.0), 1.0)
            file.write(json.dumps({"text": text, **answer, "model": model, "prompt": stamp}, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return read_record(record)


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
