"""Readers of every dialogue corpus -> one table; merging, balancing and splitting it.

A file is known by what it holds, never by its name:

    단발성        workbook with the columns Sentence, Emotion (a count table stands beside them)
    연속적        workbook with `dialog #`, 발화, 감정 in row 2; an S in the first marks where a dialogue starts
    감성대화      workbook with 감정_대분류, 사람문장1 … 4; or JSON: [{profile: {emotion: {type}}, talk: {content: {HS01 …}}}]
    온라인구어체  JSON, no emotion: SJML.text[].content, or its label file: named_entity[] or intj[] .content[].sentence
    KOTE          a text column with `labels44` (names joined by |), or KOTE's own files: id, text, numbers joined by commas, no header
    NSMC          the columns id, document, label, where the label is 0 or 1: no emotion, so these are unlabelled texts
    any other     .csv .tsv (.gz) .xlsx with a text and a label column (TEXT_COLUMNS, LABEL_COLUMNS), perhaps `split`
    split table   .csv .tsv (.gz) .xlsx with the columns text and split, no label: the given split of texts that the other files hold

Folders are searched, zips read in place and never unpacked. Nothing is dropped or repaired in silence: see `Corpus.report`.
Source of the formats: AI Hub's sets as public notebooks print them (연속적: dataSetSn 271, 온라인 구어체: 625).
"""

import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import openpyxl
import pandas as pd

from .run import EMOTIONS, digest, is_embedded

EMOTIONS7 = (*EMOTIONS, "혐오")
TYPOS = {"분": "분노", "분ㄴ": "분노", "ㅈ중립": "중립", "ㄴ중립": "중립", "중림": "중립"}  # of 연속적; ㅍ and 줄 cannot be told
LABELS = {name: name for name in EMOTIONS7} | {"기쁨": "행복", "상처": "슬픔", "공포": "불안"} | TYPOS  # raw label -> one of seven
LABELS |= {f"E{ten}{unit}": name for ten, name in enumerate(("분노", "슬픔", "불안", "슬픔", "당황", "행복"), 1) for unit in range(10)}
SURPRISE = {"연속적": "당황"}  # what 놀람 becomes; from any other source it is dropped
TEXT_COLUMNS = ("text", "document", "sentence", "발화")
LABEL_COLUMNS = ("label", "label6", "emotion", "감정")
SPLITS = {"train": "train", "training": "train", "dev": "validation", "val": "validation", "valid": "validation",
          "validation": "validation", "test": "test"}
PARTS = ("train", "validation", "test")
OPEN = "온라인구어체"  # the source without labels
KOTE, NSMC = "KOTE", "NSMC"
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
SPLIT_TABLE = "split table"  # no corpus: says which part a text belongs to
COLUMNS = ["text", "raw_label", "emotion", "source", "group", "file", "split"]
MAX_BYTES = 1 << 30  # of one file inside a zip or gz, unpacked: a defence against archives that never end
KNOWN = (f"columns (Sentence, Emotion), (dialog #, 발화, 감정), (감정_대분류, 사람문장1 …) or one of {', '.join(TEXT_COLUMNS)} with one of "
         f"{', '.join(LABEL_COLUMNS)}, labels44; or AI Hub's JSON (profile + talk, SJML, named_entity, intj)")
# What the standard readers and openpyxl raise on damaged bytes (TypeError: openpyxl, on a damaged name inside a workbook).
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, csv.Error, ValueError, KeyError, SyntaxError, TypeError)


class UnknownFile(ValueError):
    """The file is whole, but holds no corpus we know."""


class BrokenFile(ValueError):
    """The file cannot be read to its end."""


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


class Row(NamedTuple):
    text: str
    raw_label: str
    source: str
    group: str
    file: str
    split: str = ""
    second: bool = False  # from a file that repeats another: JSON beside a workbook, a label file beside its source
    reason: str = ""  # why it is dropped, '' if kept


class Layout(NamedTuple):
    """Where a table keeps what we need: column numbers."""

    source: str
    texts: list[int]
    label: int
    marker: int | None = None
    split: int | None = None


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
    for path, given in _files(paths):
        _collect(path.as_posix(), partial(path.open, "rb"), rows, skipped, given)
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


def _files(paths: list[str | Path]) -> Iterator[tuple[Path, bool]]:
    """(file, was it given directly), each file once, folders in sorted order."""
    seen = set()
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"{path}: found nothing there; expected a file or a folder of downloads: check the path")
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            hidden = file != path and _is_hidden(file.relative_to(path).parts)
            if file.is_file() and not hidden and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, file == path


def _is_hidden(parts: Iterable[str]) -> bool:
    """Left by an operating system or an open Excel, never data."""
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in parts)


def _collect(name: str, opener: Callable[[], BinaryIO], rows: list[Row], skipped: list, given: bool = False) -> None:
    """Add the rows of one file, or of every member of a zip: all of a file or, if it breaks, nothing."""
    try:
        with opener() as stream:
            archive = _open_zip(stream)
            if archive is None:
                rows.extend(list(_text_file(stream, name)))
            elif "xl/workbook.xml" in archive.namelist():
                rows.extend(list(_workbook(stream, name)))
            else:
                before = len(rows)
                for member, info in _members(archive, name, skipped):
                    _collect(member, partial(_open_member, archive, info, name.count("!/")), rows, skipped)
                if given and len(rows) == before:
                    reasons = "; ".join(f"{file}: {reason}" for _, file, reason, _ in skipped if file.startswith(f"{name}!/"))
                    raise UnknownFile(f"found no row of a known corpus in this zip ({reasons[:300]}); expected {KNOWN}")
    except DAMAGE as error:
        if given:
            raise ValueError(f"{name}: {_explain(error)}") from error
        quiet = re.search(r"(\.md|\.txt|(^|/)readme[^/]*)$", name, re.IGNORECASE) and isinstance(error, UnknownFile)
        if not quiet:
            skipped.append(("", name, _explain(error), 0))


def _explain(error: Exception) -> str:
    """An error as a reason: what kind of trouble, what was found, what was expected, what to do."""
    if isinstance(error, UnknownFile):
        return f"unknown file: {error}; do: leave the file out, or rename its columns"
    if isinstance(error, json.JSONDecodeError):
        error = f"found invalid JSON at line {error.lineno} column {error.colno} ({error.msg}); expected whole JSON"
    elif not isinstance(error, BrokenFile):
        error = f"found damage ({type(error).__name__}: {error}); expected a whole file"
    return f"broken file: {error}" + ("" if "; do: " in str(error) else "; do: download it again, or mend that place")


def _open_zip(stream: BinaryIO) -> zipfile.ZipFile | None:
    """The zip (or workbook, which is one), None for any other file."""
    head = stream.read(4)
    stream.seek(0)
    if head == b"\xd0\xcf\x11\xe0":
        raise BrokenFile("found a workbook with a password, or an old .xls; expected .xlsx; do: save it as .xlsx without password")
    if head[:2] != b"PK":
        return None
    try:
        return zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        raise BrokenFile(f"found a cut or damaged zip ({error}); expected a whole zip or xlsx; "
                         "do: join its .part files, or download it again") from error


def _members(archive: zipfile.ZipFile, name: str, skipped: list) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """('outer.zip!/path/inner', member) in the order of their names; a path that climbs out is refused."""
    for member, info in sorted(((_member_name(info), info) for info in archive.infolist()), key=lambda pair: pair[0]):
        path = PurePosixPath(member.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", member):
            reason = "refused: found a member path that climbs out of the zip; expected a relative path; do: distrust this zip"
            skipped.append(("", f"{name}!/{member}", reason, 0))
        elif not info.is_dir() and not _is_hidden(path.parts):
            yield f"{name}!/{path}", info


def _member_name(info: zipfile.ZipInfo) -> str:
    """AI Hub's zips hold names in CP949 (some Mac's in UTF-8) without saying so; zipfile then reads them as CP437."""
    if not info.flag_bits & 0x800:
        for encoding in ("utf-8", "cp949"):
            try:
                return unicodedata.normalize("NFC", info.filename.encode("cp437").decode(encoding))
            except UnicodeError:
                continue
    return unicodedata.normalize("NFC", info.filename)


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int) -> BinaryIO:
    if info.flag_bits & 0x1:
        raise BrokenFile("found a member with a password; expected an open zip; do: unpack it with its password, give the folder")
    if info.file_size > MAX_BYTES or depth > 3:
        raise BrokenFile(f"found {info.file_size:,} bytes, {depth + 1} zips deep; expected at most {MAX_BYTES:,}, 4 deep; do: unpack it")
    return io.BytesIO(archive.read(info))


def _clean(value: Any) -> str:
    """A cell as text: composed Hangul, single spaces, '' for none."""
    return " ".join(unicodedata.normalize("NFC", str(value)).split()) if value is not None else ""


def _workbook(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Rows of every sheet with a known header."""
    book = openpyxl.load_workbook(stream, read_only=True, data_only=True)  # read_only: rows are streamed
    unknown, known = [], 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # a wrongly stated extent would hide rows
        try:
            yield from _table(sheet.iter_rows(values_only=True), name, group=f"{name}#{sheet.title}")
            known += 1
        except UnknownFile as error:
            unknown.append(f"sheet {sheet.title!r}: {error}")
    if not known:
        raise UnknownFile("; ".join(unknown) or f"found no sheet; expected {KNOWN}")


def _text_file(stream: BinaryIO, name: str) -> Iterator[Row]:
    """JSON, CSV or TSV, perhaps in gz; UTF-8 or CP949."""
    if stream.read(2) == b"\x1f\x8b":
        stream.seek(0)
        stream = gzip.GzipFile(fileobj=stream)
    stream.seek(0)
    if b"\0" in stream.read(4096):
        raise UnknownFile(f"found binary data; expected {KNOWN}")
    stream.seek(0)
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BrokenFile(f"found more than {MAX_BYTES:,} bytes; expected less; do: cut the file in parts")
    text = _decode(data)
    if text.lstrip()[:1] in ("[", "{"):
        return _json_rows(json.loads(text), name)
    header = text.split("\n", 1)[0]
    if "\t" in header:  # quotes in TSVs are often plain signs, so a line is always a row
        lines = (line.split("\t") for line in text.replace("\r\n", "\n").split("\n"))
        return _table(([_unquote(cell) for cell in line] for line in lines), name, strict=True)
    return _table(csv.reader(io.StringIO(text, newline=""), strict=True), name, strict=True)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            place = error.start
    raise BrokenFile(f"found bytes that are neither UTF-8 nor CP949 (at byte {place:,}); expected one of them; do: save it as UTF-8")


def _unquote(cell: str) -> str:
    """"a ""b"" c" -> a "b" c; a cell whose inner quotes are not doubled is no quoted cell and stays."""
    quoted = re.fullmatch(r'"((?:[^"]|"")*)"', cell)
    return quoted[1].replace('""', '"') if quoted else cell


def _layout(header: list[str], stem: str) -> Layout | None:
    """What the columns say the table is; of two columns with one name the first counts."""
    at = {name: i for i, name in reversed(list(enumerate(header)))}
    turns = sorted((name for name in at if re.fullmatch(r"사람문장\d+", name)), key=lambda name: int(name[4:]))
    if "감정_대분류" in at and turns:
        return Layout("감성대화", [at[name] for name in turns], at["감정_대분류"])
    if {"dialog #", "발화", "감정"} <= at.keys():
        return Layout("연속적", [at["발화"]], at["감정"], marker=at["dialog #"])
    if {"Sentence", "Emotion"} <= at.keys():
        return Layout("단발성", [at["Sentence"]], at["Emotion"])
    lower = {name.lower(): i for name, i in reversed(at.items())}
    text, label = (next((lower[name] for name in names if name in lower), None) for names in (TEXT_COLUMNS, LABEL_COLUMNS))
    if "labels44" in lower:
        stem, label = KOTE, lower["labels44"]
    if label is None and "split" in lower:
        stem, label = SPLIT_TABLE, lower["split"]
    return None if text is None or label is None else Layout(stem, [text], label, split=lower.get("split"))


def _is_kote(head: list) -> bool:
    """Do these lines look like KOTE's own files, which have no header?"""
    labels = [_clean(row[2]) if len(row) == 3 else "" for row in head if any(row)]
    return any("," in label for label in labels) and all(re.fullmatch(r"\d+(,\d+)*", label) for label in labels)


def _table(cells: Iterable, name: str, group: str = "", strict: bool = False) -> Iterator[Row]:
    """Rows below the first known header in the first five lines. strict: a row of another length is dropped, not guessed at."""
    file = _clean(name.rsplit("/", 1)[-1])
    stem = re.sub(r"(\.(tsv|csv|txt|xlsx|gz))+$", "", file, flags=re.IGNORECASE)
    stem = file if stem in (OPEN, *SURPRISE, KOTE, NSMC) else stem  # those names stand for formats with rules of their own
    cells = iter(cells)
    head = list(islice(cells, 5))
    if _is_kote(head):
        head = [["id", "text", "labels44"], *head]
    layouts = [_layout([_clean(cell) for cell in row], stem) for row in head]
    start = next((i for i, layout in enumerate(layouts) if layout), None)
    if start is None:
        found = [" | ".join(filter(None, map(_clean, row)))[:120] for row in head[:2]]
        raise UnknownFile(f"found the columns {found}; expected {KNOWN}")
    layout, width, dialogue, sheet = layouts[start], len(head[start]), 0, digest(group or name)
    reviews = [_clean(cell) for cell in head[start]] == ["id", "document", "label"]
    for n, row in enumerate(chain(head[start + 1:], cells), start + 2):
        cell = dict(enumerate(row)).get
        marked = layout.marker is not None and _clean(cell(layout.marker)).upper() == "S"
        dialogue += marked
        text = " ".join(filter(None, (_clean(cell(i)) for i in layout.texts)))
        label = "" if cell(layout.label) is None else str(cell(layout.label))
        wrong = strict and len(row) != width and any(row)
        if text or label.strip() or marked or wrong:
            source = NSMC if reviews and label.strip() in ("0", "1") else layout.source
            yield Row(text, label, source, f"{sheet}:{n if layout.marker is None else dialogue}", name,
                      "" if layout.split is None else _clean(cell(layout.split)),
                      reason=f"row of {len(row)} cells, expected {width}" if wrong else "")
    if layout.marker is not None and not dialogue:
        raise BrokenFile("found no S in the column `dialog #`; expected one where each dialogue starts; do: use AI Hub's own file")


def _json_rows(data: Any, name: str) -> Iterator[Row]:
    """감성대화 (a list of records) or 온라인구어체 (its source or its label file)."""
    file = digest(name)
    if _dig(data, 0, "profile") and _dig(data, 0, "talk"):
        for n, record in enumerate(data):
            turns = _dig(record, "talk", "content")
            said = sorted(key for key in turns if key.startswith("HS")) if isinstance(turns, dict) else []
            text = " ".join(filter(None, (_clean(turns[key]) for key in said)))
            label = _dig(record, "profile", "emotion", "type")
            yield Row(text, str(label or ""), "감성대화", f"{file}:{n}", name, second=True)
        return
    source = _dig(data, "SJML", "text")
    items = source or _dig(data, "named_entity") or _dig(data, "intj")
    if not isinstance(items, list):
        found = f"the keys {list(data)[:5]}" if isinstance(data, dict) else f"a {type(data).__name__} of something else"
        raise UnknownFile(f"found JSON with {found}; expected {KNOWN}")
    for n, item in enumerate(items):
        for text in _sentences(_dig(item, "content")):
            yield Row(_clean(text), "", OPEN, f"{file}:{n}", name, second=source is None)


def _dig(value: Any, *keys: str | int) -> Any:
    """value[keys[0]][keys[1]] …, None where a step is missing."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _sentences(content: Any) -> list[str]:
    """The texts of a `content`: a string, {sentence}, or a list or dict of these ('' where there is none, so that it is counted)."""
    if isinstance(content, dict):
        content = content["sentence"] if "sentence" in content else [part for part in content.values() if isinstance(part, dict)]
    return [text for part in content for text in _sentences(part)] if isinstance(content, list) else [content or ""]


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
    key = frame.raw_label.map(_clean).astype("str")
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
    for source, reason in (("감성대화", "same record in xlsx and json"), (OPEN, "same record in source and label file")):
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
