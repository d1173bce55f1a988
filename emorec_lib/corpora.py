"""Files of every dialogue corpus -> rows: text, raw label, source, group. What they mean is dialogue.py's business.

A file is known by what it holds, never by its name:

    단발성        workbook with the columns Sentence, Emotion (a count table stands beside them)
    연속적        workbook with `dialog #`, 발화, 감정 in row 2; an S in the first marks where a dialogue starts
    감성대화      workbook with 감정_대분류, 사람문장1 … 4; or JSON: [{profile: {emotion: {type}}, talk: {content: {HS01 …}}}]
    온라인구어체  JSON, no emotion: SJML.text[].content, or its label file: named_entity[] or intj[] .content[].sentence
    KOTE          a text column with `labels44` (names joined by |), or KOTE's own files: id, text, numbers joined by commas, no header
    NSMC          the columns id, document, label, where the label is 0 or 1: no emotion, so these are unlabelled texts
    any other     .csv .tsv (.gz) .xlsx with a text and a label column (TEXT_COLUMNS, LABEL_COLUMNS), perhaps `split`
    split table   .csv .tsv (.gz) .xlsx with the columns text and split, no label: the given split of texts that the other files hold

Folders are searched, zips read in place and never unpacked.
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
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

import openpyxl

from .run import digest, member_name

TEXT_COLUMNS = ("text", "document", "sentence", "발화")
LABEL_COLUMNS = ("label", "label6", "emotion", "감정")
SINGLE, CONTINUOUS, COUNSEL, OPEN, KOTE, NSMC = "단발성", "연속적", "감성대화", "온라인구어체", "KOTE", "NSMC"
SPLIT_TABLE = "split table"  # no corpus: says which part a text belongs to
MAX_BYTES = 1 << 30  # of one file inside a zip or gz, unpacked: a defence against archives that never end
KNOWN = (f"columns (Sentence, Emotion), (dialog #, 발화, 감정), (감정_대분류, 사람문장1 …) or one of {', '.join(TEXT_COLUMNS)} with one of "
         f"{', '.join(LABEL_COLUMNS)}, labels44; or AI Hub's JSON (profile + talk, SJML, named_entity, intj)")
# What the standard readers and openpyxl raise on damaged bytes (TypeError: openpyxl, on a damaged name inside a workbook).
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, csv.Error, ValueError, KeyError, SyntaxError, TypeError)


class UnknownFile(ValueError):
    """The file is whole, but holds no corpus we know."""


class BrokenFile(ValueError):
    """The file cannot be read to its end."""


class Row(NamedTuple):
    """A text as its file has it; group: what a split must keep together (a dialogue, a speaker's record)."""

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


def find_files(paths: list[str | Path]) -> Iterator[tuple[Path, bool]]:
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


def collect(name: str, opener: Callable[[], BinaryIO], rows: list[Row], skipped: list, given: bool = False) -> None:
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
                    collect(member, partial(_open_member, archive, info, name.count("!/")), rows, skipped)
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
    for member, info in sorted(((member_name(info), info) for info in archive.infolist()), key=lambda pair: pair[0]):
        path = PurePosixPath(member.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", member):
            reason = "refused: found a member path that climbs out of the zip; expected a relative path; do: distrust this zip"
            skipped.append(("", f"{name}!/{member}", reason, 0))
        elif not info.is_dir() and not _is_hidden(path.parts):
            yield f"{name}!/{path}", info


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int) -> BinaryIO:
    if info.flag_bits & 0x1:
        raise BrokenFile("found a member with a password; expected an open zip; do: unpack it with its password, give the folder")
    if info.file_size > MAX_BYTES or depth > 3:
        raise BrokenFile(f"found {info.file_size:,} bytes, {depth + 1} zips deep; expected at most {MAX_BYTES:,}, 4 deep; do: unpack it")
    return io.BytesIO(archive.read(info))


def clean(value: Any) -> str:
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
        return Layout(COUNSEL, [at[name] for name in turns], at["감정_대분류"])
    if {"dialog #", "발화", "감정"} <= at.keys():
        return Layout(CONTINUOUS, [at["발화"]], at["감정"], marker=at["dialog #"])
    if {"Sentence", "Emotion"} <= at.keys():
        return Layout(SINGLE, [at["Sentence"]], at["Emotion"])
    lower = {name.lower(): i for name, i in reversed(at.items())}
    text, label = (next((lower[name] for name in names if name in lower), None) for names in (TEXT_COLUMNS, LABEL_COLUMNS))
    if "labels44" in lower:
        stem, label = KOTE, lower["labels44"]
    if label is None and "split" in lower:
        stem, label = SPLIT_TABLE, lower["split"]
    return None if text is None or label is None else Layout(stem, [text], label, split=lower.get("split"))


def _is_kote(head: list) -> bool:
    """Do these lines look like KOTE's own files, which have no header?"""
    labels = [clean(row[2]) if len(row) == 3 else "" for row in head if any(row)]
    return any("," in label for label in labels) and all(re.fullmatch(r"\d+(,\d+)*", label) for label in labels)


def _table(cells: Iterable, name: str, group: str = "", strict: bool = False) -> Iterator[Row]:
    """Rows below the first known header in the first five lines. strict: a row of another length is dropped, not guessed at."""
    file = clean(name.rsplit("/", 1)[-1])
    stem = re.sub(r"(\.(tsv|csv|txt|xlsx|gz))+$", "", file, flags=re.IGNORECASE)
    stem = file if stem in (OPEN, CONTINUOUS, KOTE, NSMC) else stem  # those names stand for formats with rules of their own
    cells = iter(cells)
    head = list(islice(cells, 5))
    if _is_kote(head):
        head = [["id", "text", "labels44"], *head]
    layouts = [_layout([clean(cell) for cell in row], stem) for row in head]
    start = next((i for i, layout in enumerate(layouts) if layout), None)
    if start is None:
        found = [" | ".join(filter(None, map(clean, row)))[:120] for row in head[:2]]
        raise UnknownFile(f"found the columns {found}; expected {KNOWN}")
    layout, width, dialogue, sheet = layouts[start], len(head[start]), 0, digest(group or name)
    reviews = [clean(cell) for cell in head[start]] == ["id", "document", "label"]
    for n, row in enumerate(chain(head[start + 1:], cells), start + 2):
        cell = dict(enumerate(row)).get
        marked = layout.marker is not None and clean(cell(layout.marker)).upper() == "S"
        dialogue += marked
        text = " ".join(filter(None, (clean(cell(i)) for i in layout.texts)))
        label = "" if cell(layout.label) is None else str(cell(layout.label))
        wrong = strict and len(row) != width and any(row)
        if text or label.strip() or marked or wrong:
            source = NSMC if reviews and label.strip() in ("0", "1") else layout.source
            yield Row(text, label, source, f"{sheet}:{n if layout.marker is None else dialogue}", name,
                      "" if layout.split is None else clean(cell(layout.split)),
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
            text = " ".join(filter(None, (clean(turns[key]) for key in said)))
            label = _dig(record, "profile", "emotion", "type")
            yield Row(text, str(label or ""), COUNSEL, f"{file}:{n}", name, second=True)
        return
    source = _dig(data, "SJML", "text")
    items = source or _dig(data, "named_entity") or _dig(data, "intj")
    if not isinstance(items, list):
        found = f"the keys {list(data)[:5]}" if isinstance(data, dict) else f"a {type(data).__name__} of something else"
        raise UnknownFile(f"found JSON with {found}; expected {KNOWN}")
    for n, item in enumerate(items):
        for text in _sentences(_dig(item, "content")):
            yield Row(clean(text), "", OPEN, f"{file}:{n}", name, second=source is None)


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
