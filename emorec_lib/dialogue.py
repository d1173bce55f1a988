"""Readers of every dialogue corpus -> one table; merging, balancing and splitting it.

Nothing is dropped or repaired in silence: see `Corpus.report`. Which files can be read, and how they are recognised: corpora.py.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd

from .corpora import CONTINUOUS, COUNSEL, KNOWN, KOTE, NSMC, OPEN, SPLIT_TABLE, Row, clean, collect, find_files
from .run import EMOTIONS, digest, is_embedded

EMOTIONS7 = (*EMOTIONS, "혐오")
TYPOS = {"분": "분노", "분ㄴ": "분노", "ㅈ중립": "중립", "ㄴ중립": "중립", "중림": "중립"}  # of 연속적; ㅍ and 줄 cannot be told
LABELS = {name: name for name in EMOTIONS7} | {"기쁨": "행복", "상처": "슬픔", "공포": "불안"} | TYPOS  # raw label -> one of seven
LABELS |= {f"E{ten}{unit}": name for ten, name in enumerate(("분노", "슬픔", "불안", "슬픔", "당황", "행복"), 1) for unit in range(10)}
SURPRISE = {CONTINUOUS: "당황"}  # what 놀람 becomes; from any other source it is dropped
SPLITS = {"train": "train", "training": "train", "dev": "validation", "val": "validation", "valid": "validation",
          "validation": "validation", "test": "test"}
PARTS = ("train", "validation", "test")
UNLABELLED = (OPEN, NSMC)
KOTE_LABELS = (
    "불평/불만", "환영/호의", "감동/감탄", "지긋지긋", "고마움", "슬픔", "화남/분노", "존경", "기대감", "우쭐댐/무시함", "안타까움/실망",
    "비장함", "의심/불신", "뿌듯함", "편안/쾌적", "신기함/관심", "아껴주는", "부끄러움", "공포/무서움", "절망", "한심함",
    "역겨움/징그러움", "짜증", "어이없음", "없음", "패배/자기혐오", "귀찮음", "힘듦/지침", "즐거움/신남", "깨달음", "죄책감", "증오/혐오",
    "흐뭇함(귀여움/예쁨)", "당황/난처", "경악", "부담/안_내킴", "서러움", "재미없음", "불쌍함/연민", "놀람", "행복", "불안/걱정", "기쁨",
    "안심/신뢰")  # in the order of its numbers
KOTE_EMOTIONS = {  # of each emotion: the labels of weight 1, those of weight 1/2, and the weight that a text of it typically has
    "행복": (("감동/감탄", "고마움", "기쁨", "뿌듯함", "아껴주는", "즐거움/신남", "편안/쾌적", "행복", "환영/호의", "흐뭇함(귀여움/예쁨)"),
           ("기대감", "안심/신뢰", "존경"), 4),
    "슬픔": (("불쌍함/연민", "서러움", "슬픔", "절망", "패배/자기혐오"), ("안타까움/실망", "죄책감", "힘듦/지침"), 1.5),
    "분노": (("불평/불만", "역겨움/징그러움", "증오/혐오", "지긋지긋", "짜증", "한심함", "화남/분노"), ("어이없음",), 3.5),
    "불안": (("공포/무서움", "불안/걱정"), (), 1),
    "당황": (("당황/난처",), ("부끄러움",), 1),
    "중립": (("없음",), (), 1),
}
MIXED = "mixed"  # what stands for the emotion of a text that has none for certain
KOTE_SHARE = 0.6  # of the weight that an emotion must have at least
ROUND2 = {"중립": 25000, "분노": 15332, "불안": 15000, "슬픔": 15000, "당황": 14667, "행복": 14098}  # the source's sizes, 혐오 in 분노
ROUNDS = ("", "round1", "round2")
COLUMNS = ["text", "raw_label", "emotion", "source", "group", "file", "split"]


@dataclass(frozen=True)
class Corpus:
    """table: one row a labelled text (COLUMNS). unlabelled: the same columns, emotion ''. report: (source, file, reason, rows),
    one line for each reason rows were dropped or repaired, or a file was skipped (rows 0: nobody knows how many it held)."""

    table: pd.DataFrame
    unlabelled: pd.DataFrame
    report: pd.DataFrame
    name: str = ""

    @property
    def digest(self) -> str:
        """Hash of every text with its label and given split."""
        return digest(self.table[["text", "raw_label", "source", "split"]].to_csv(), self.unlabelled["text"].to_csv())

    def describe(self) -> str:
        """One line for people: where from, how many rows of each source."""
        rows = ", ".join(f"{source} {n}" for source, n in self.table.source.value_counts().items())
        return f"{self.name}: {len(self.table)} labelled messages ({rows}), {len(self.unlabelled)} unlabelled"


def read_corpora(path_or_paths: str | Path | Iterable[str | Path], classes: int = 6) -> Corpus:
    """Read files and folders of downloads into one Corpus; classes 6: 혐오 becomes 분노, classes 7: it stays.

    A text stands in the result once: of equal texts with different labels the commonest label is kept (the first, if even);
    of copies with different given splits the one in test, so that a published test set stays whole.
    Raises FileNotFoundError for a missing path; ValueError for a file given directly that is unknown or broken, and where
    nothing usable is found. Inside a folder or zip such a file is skipped and named in the report.
    """
    if classes not in (6, 7):
        raise ValueError(f"classes: found {classes!r}; expected 6 (혐오 joins 분노) or 7 (혐오 kept)")
    paths = [path_or_paths] if isinstance(path_or_paths, str | Path) else list(path_or_paths)
    rows: list[Row] = []
    skipped: list[tuple[str, str, str, int]] = []
    for path, given in find_files(paths):
        collect(path.as_posix(), partial(path.open, "rb"), rows, skipped, given)
    frame = pd.DataFrame(rows, columns=Row._fields)
    rows.clear()  # the half of the memory of 600,000 messages
    frame = _apply_split_table(frame, skipped)
    repairs = _mark_labels(frame, classes)
    _mark_second(frame)
    _mark_duplicates(frame)
    report = [pd.DataFrame(skipped, columns=["source", "file", "reason", "rows"]), _tally(frame, repairs), _tally(frame, frame.reason)]
    report = pd.concat(report, ignore_index=True).astype({"rows": int})
    kept = frame.loc[frame.reason == "", COLUMNS]
    if kept.empty:
        raise ValueError(f"{', '.join(map(str, paths))}: found no usable row ({'; '.join(report.reason[:5]) or 'no file at all'}); "
                         f"expected {KNOWN}, with the labels {', '.join(EMOTIONS7)}")
    unlabelled = kept.source.isin(UNLABELLED)
    name = ", ".join(dict.fromkeys("embedded sample" if is_embedded(path) else Path(path).name for path in paths))
    return Corpus(kept[~unlabelled].reset_index(drop=True), kept[unlabelled].reset_index(drop=True), report, name)


def balance(table: pd.DataFrame, caps: int | dict[str, int] | str | None, seed: int = 0) -> pd.DataFrame:
    """At most caps[emotion] rows of each emotion, chosen and shuffled by seed; no row twice, the index kept.

    caps: one number for every emotion, a number for some (the others stay whole), "round2": the source's numbers, or None: the table
    as it is. Raises ValueError for an unknown emotion, a negative number or any other word.
    """
    if caps is None:
        return table
    if isinstance(caps, str) and caps != "round2":
        raise ValueError(f"caps: found {caps!r}; expected a number, a number for each emotion, 'round2' or None")
    caps = ROUND2 if isinstance(caps, str) else caps if isinstance(caps, dict) else dict.fromkeys(EMOTIONS7, caps)
    wrong = {name: cap for name, cap in caps.items() if name not in EMOTIONS7 or cap < 0}
    if wrong:
        raise ValueError(f"caps: found {wrong}; expected numbers of at least 0 for {', '.join(EMOTIONS7)}")
    shuffled = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    place = shuffled.groupby("emotion").cumcount()
    return shuffled[place < shuffled.emotion.map(caps).fillna(np.inf).astype(float)]


def take_round(seven: Corpus, six: Corpus, which: str, seed: int = 0) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """(table, classes) of one of the source's two rounds of training, from the same files read with classes=7 and classes=6.

    "round1": seven classes, every row. "round2": 혐오 in 분노, cut by seed to the source's numbers (ROUND2) before any split, as it
    did. "": ours, six classes, every row. Raises ValueError for any other word.
    """
    if which not in ROUNDS:
        raise ValueError(f"ROUND = {which!r}; choices: {', '.join(map(repr, ROUNDS))}")
    if which == "round1":
        return seven.table, EMOTIONS7
    return balance(six.table, "round2", seed) if which == "round2" else six.table, EMOTIONS


def split(table: pd.DataFrame, fractions: tuple[float, float, float] = (0.8, 0.1, 0.1), seed: int = 0) -> pd.Series:
    """'train', 'validation' or 'test' for each row (same index), roughly stratified by source and emotion.

    Rows of one group, and rows of equal text, always fall on one side. A given `split` is respected and drawn over the rest
    of its group. Raises ValueError for impossible fractions, an unknown given split, or given splits that part a group or a text.
    """
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions: found {fractions}; expected three shares for {', '.join(PARTS)}, 0 or more, that sum to 1")
    unit = _units(table)
    side = _given_sides(table, unit)
    rows = pd.DataFrame({"unit": unit, "source": table.source.to_numpy(), "emotion": table.emotion.to_numpy()})
    rows = rows[~rows.unit.isin(side)]
    commonest = rows.groupby(["unit", "source", "emotion"]).size().sort_values(ascending=False, kind="stable")
    strata = {number: (source, emotion) for number, source, emotion in reversed(commonest.index)}  # the last one set is the commonest
    sizes = rows.unit.value_counts()
    have: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])  # stratum -> rows in each part so far
    for number in np.random.default_rng(seed).permutation(sorted(strata)):
        filled, n = have[strata[number]], int(sizes[number])
        lacking = [share * (sum(filled) + n) - count for share, count in zip(fractions, filled, strict=True)]
        part = lacking.index(max(lacking))
        filled[part] += n
        side[number] = PARTS[part]
    return pd.Series([side[number] for number in unit], index=table.index, name="split", dtype="str")


def counts(table: pd.DataFrame, by: str = "emotion") -> pd.DataFrame:
    """Rows of each emotion (or another column) in each source, with totals: counts(t).loc["행복", "total"]."""
    grid = table.groupby([by, "source"], sort=False).size().unstack(fill_value=0)
    if by == "emotion":
        grid = grid.reindex([name for name in EMOTIONS7 if name in EMOTIONS or name in grid.index], fill_value=0)
    grid["total"] = grid.sum(axis=1)
    grid.loc["total"] = grid.sum()
    return grid.astype(int)


def _apply_split_table(frame: pd.DataFrame, skipped: list) -> pd.DataFrame:
    """The corpora's rows, with the splits that split tables give to their texts; what a table names in vain is told."""
    told = frame.source == SPLIT_TABLE
    corpora = frame[~told].reset_index(drop=True)
    vain = frame[told & ~frame.text.isin(corpora.text)]
    for file, n in vain.groupby("file").size().items():
        skipped.append((SPLIT_TABLE, file, "text is in no corpus that was read", int(n)))
    given = dict(zip(frame.text[told], frame.split[told], strict=True))
    splits = [given.get(text, own) for text, own in zip(corpora.text, corpora.split, strict=True)]
    return corpora.assign(split=pd.Series(splits, index=corpora.index, dtype="str"))


def _kote_emotion(labels: str) -> str:
    """The emotion of KOTE's labels (names joined by |, or numbers by commas), MIXED where none has KOTE_SHARE, '' where one is unknown.

    An emotion weighs as much as its labels, in units of its typical weight, at most 2; a half label alone is not enough.
    """
    names = {KOTE_LABELS[int(part)] if part.isdecimal() and int(part) < len(KOTE_LABELS) else part for part in re.split("[|,]", labels)}
    if not names <= set(KOTE_LABELS):
        return ""
    weights = {emotion: min(2.0, (len(names & set(full)) + len(names & set(half)) / 2) / typical)
               for emotion, (full, half, typical) in KOTE_EMOTIONS.items()}
    emotion, most = max(weights.items(), key=itemgetter(1))
    clear = most >= KOTE_SHARE * sum(weights.values()) - 1e-9 and names & set(KOTE_EMOTIONS[emotion][0])
    return emotion if clear else MIXED


def _mark_labels(frame: pd.DataFrame, classes: int) -> pd.Series:
    """Add `emotion`, set `reason` where a row must go; returns what was repaired, '' where nothing was."""
    key = frame.raw_label.map(clean).astype("str")
    frame["emotion"] = key.map(LABELS).where(key != "놀람", frame.source.map(SURPRISE)).fillna("").astype("str")
    is_kote = frame.source == KOTE
    frame.loc[is_kote, "emotion"] = key[is_kote].map(_kote_emotion)
    if classes == 6:
        frame["emotion"] = frame.emotion.replace("혐오", "분노")
    is_open = frame.source.isin(UNLABELLED)
    for mask, reason in ((frame.text == "", "empty text"), (~is_open & (key == ""), "empty label"),
                         (frame.emotion == MIXED, f"no emotion has {KOTE_SHARE:.0%} of the labels"),
                         ((key == "놀람") & (frame.emotion == ""), "놀람 dropped"),
                         (~is_open & (frame.emotion == ""), "label cannot be told: " + key.str[:20])):
        frame["reason"] = frame.reason.mask(mask & (frame.reason == ""), reason)
    return ("label repaired: " + key + " -> " + frame.emotion).where(key.isin(TYPOS) & (frame.reason == ""), "")


def _mark_second(frame: pd.DataFrame) -> None:
    """Mark records of a repeating file (Row.second) whose text, without spaces, another file of the corpus holds."""
    for source, reason in ((COUNSEL, "same record in xlsx and json"), (OPEN, "same record in source and label file")):
        live = frame[(frame.source == source) & (frame.reason == "")]
        hashes: list[int] = []  # of a record's whole text, for each of its rows; a text itself would take ten times the memory
        for _, pairs in groupby(zip(live.group, live.text, strict=True), key=itemgetter(0)):
            texts = [text.replace(" ", "") for _, text in pairs]
            hashes += [hash("".join(texts))] * len(texts)
        record = pd.Series(hashes, index=live.index, dtype=np.int64)
        frame.loc[live.index[live.second & record.isin(record[~live.second])], "reason"] = reason


def _mark_duplicates(frame: pd.DataFrame) -> None:
    """Keep one row of each text: a labelled one, of its commonest label, of test before validation before the rest."""
    live = frame[frame.reason == ""]
    rank = live.split.str.lower().map(SPLITS).map({"test": 0, "validation": 1}).fillna(2)
    often = live.groupby(["text", "emotion"]).text.transform("size")
    order = live.assign(is_open=live.source.isin(UNLABELLED), often=-often, rank=rank).sort_values(["is_open", "often", "rank"])
    again = order[order.duplicated("text")]
    kept = again.text.map(order.drop_duplicates("text").set_index("text").emotion)
    other = (again.emotion != kept) & ~again.source.isin(UNLABELLED)
    frame.loc[again.index, "reason"] = np.where(other, "same text under another label: kept the commonest", "exact duplicate")


def _tally(frame: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    """(source, file, reason, rows) of the rows that have a reason."""
    marked = frame.assign(reason=reason)[reason != ""]
    return marked.groupby(["source", "file", "reason"], sort=False).size().reset_index(name="rows")


def _units(table: pd.DataFrame) -> np.ndarray:
    """(N,) number of what must stay together: groups, joined wherever they share a text (union-find)."""
    root: dict = {}

    def find(x: tuple) -> tuple:
        while root.setdefault(x, x) != x:
            root[x] = x = root[root[x]]
        return x

    pairs = [(("group", group), ("text", text)) for group, text in zip(table.group, table.text, strict=True)]
    for group, text in pairs:
        root[find(group)] = find(text)
    order: dict = {}
    return np.array([order.setdefault(find(group), len(order)) for group, _ in pairs], dtype=int)


def _given_sides(table: pd.DataFrame, unit: np.ndarray) -> dict[int, str]:
    """{unit: its given split}; refuses what cannot be respected."""
    given = table["split"].fillna("").str.lower() if "split" in table else pd.Series("", index=table.index)
    unknown = set(given) - {"", *SPLITS}
    if unknown:
        raise ValueError(f"column split: found {sorted(unknown)}; expected {', '.join(SPLITS)} or ''")
    sides: dict[int, str] = {}
    for number, name, text in zip(unit, given, table.text, strict=True):
        if name and sides.setdefault(number, SPLITS[name]) != SPLITS[name]:
            raise ValueError(f"column split: found {text[:40]!r} or its group in both {sides[number]} and {SPLITS[name]}; "
                             "expected one: drop the duplicates, or empty the column to split anew")
    return sides
