"""The readers at the corpora's full published size: rows read, dropped and why, class counts of rounds 1 and 2, seconds, memory.

    python tools/measure_corpora.py [--divide 10] [--also FILE ...] [--page docs/corpora.md]

Files in AI Hub's formats are made in a temporary folder with the published numbers of rows and labels and numbered texts of our own, no two
of them equal. (The real files hold equal texts as well, which the reader drops and counts: their numbers will be a little lower.) Each
line is read by a process that does nothing else, so that its peak memory is the reader's: Python and pandas included.
"""

import argparse
import csv
import io
import random
import re
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import count, cycle, islice
from multiprocessing import get_context
from pathlib import Path

import build_sample_dialogue as writers
import pandas as pd
from page_tables import markdown

from emorec_lib import dialogue

# Published counts: rows of each label in each corpus, and what the source made of them in its two rounds of training.
SINGLE = {"공포": 5468, "놀람": 5898, "분노": 5665, "슬픔": 5267, "중립": 4830, "행복": 6037, "혐오": 5429}
CONTINUOUS = {"중립": 43786, "놀람": 4866, "분노": 3628, "슬픔": 1972, "행복": 1030, "혐오": 220, "공포": 98, "ㅍ": 12, "분": 4,
              "ㅈ중립": 1, "분ㄴ": 1, "중림": 1, "ㄴ중립": 1, "줄": 1, "": 10}  # '': "some labels empty", how many is not published
COUNSEL = {"불안": 10433, "분노": 10417, "상처": 10150, "슬픔": 10128, "당황": 9804, "기쁨": 7339}
COUNSEL_TRAINING = 51630  # of 58,271 in all; in the JSON two fewer, and one fewer in Validation
ROUND1 = {"중립": 48616, "슬픔": 27517, "분노": 19710, "불안": 15999, "당황": 14670, "행복": 14406, "혐오": 5649}
MESSAGES = 600_000  # distinct ones in all; what the labelled corpora leave is 온라인 구어체
TOPICS = 13
FILLER = re.findall(r"\S+", "오늘은 아침부터 이런저런 일이 많아서 하루가 어떻게 갔는지 모르겠고 저녁에는 친구를 만나서 한참 이야기를 했어")
FOUR = ["단발성", "연속적", "018.감성대화", "031.온라인 구어체 말뭉치 데이터"]


def labels(counts: dict[str, int], divide: int) -> list[str]:
    """Every label as often as published (divided), mixed."""
    all_labels = [label for label, n in counts.items() for _ in range(-(-n // divide))]
    random.Random(0).shuffle(all_labels)
    return all_labels


def texts(corpus: str):
    """Endless texts of 25 to 65 characters, no two equal."""
    return (f"{corpus} {n}: {' '.join(FILLER[:words])}" for n, words in zip(count(1), cycle(range(3, 16))))


def counsel_records(divide: int) -> list[dict]:
    said, people = texts("감성대화"), cycle((age, gender) for age in writers.AGES for gender in writers.GENDERS)
    records = []
    for n, label in enumerate(labels(COUNSEL, divide), 1):
        turns = {turn: "" if turn.endswith("3") and n % 3 else next(said) for turn in writers.TURNS}  # turn 3 is often empty
        age, gender = next(people)
        records.append({"id": f"C{n}", "연령": age, "성별": gender, "상황키워드": "건강", "대분류": label,
                        "소분류": writers.EMOTIONS[label][n % 10], **turns})
    return records


def old_counsel(records: list[dict]) -> bytes:
    """The older workbook: 번호, 시스템응답N, a fourth turn."""
    header = ["번호", "연령", "감정_대분류", "감정_소분류", *(f"{who}{n}" for n in range(1, 5) for who in ("사람문장", "시스템응답"))]
    about = ([n, r["연령"], writers.spaced(r["대분류"], n), r["소분류"]] for n, r in enumerate(records, 1))
    turns = ([r[turn] or None for turn in writers.TURNS] for r in records)
    return writers.xlsx_bytes([header, *(left + right for left, right in zip(about, turns, strict=True))])


def plain_csv(rows: list[tuple], delimiter: str) -> bytes:
    csv.writer(buffer := io.StringIO(), delimiter=delimiter).writerows([("text", "label"), *rows])
    return buffer.getvalue().encode()


def make(folder: Path, divide: int) -> None:
    """Every file; what belongs to the four corpora lies in their folders, other variants beside."""
    single = [{"text": text, "label": label} for text, label in zip(texts("단발성"), labels(SINGLE, divide), strict=False)]
    starts = zip(range(10**6), texts("연속적"), labels(CONTINUOUS, divide), strict=False)
    continuous = [{"dialogue": n // 7, "text": text, "label": label} for n, text, label in starts]
    records = counsel_records(divide)
    cut = COUNSEL_TRAINING // divide
    online_count = MESSAGES // divide - len(single) - len(continuous) - len(records)
    online = [{"topic": f"주제{n % TOPICS:02d}", "text": text} for n, text in enumerate(islice(texts("온라인"), online_count))]
    pairs = [(m["text"], dialogue.LABELS.get(m["label"], "중립")) for m in single]
    files = {
        f"단발성/{writers.SINGLE}": writers.single_workbook(single),
        f"연속적/{writers.CONTINUOUS}": writers.continuous_workbook(continuous),
        "감성대화 older.xlsx": old_counsel(records),
        "plain.csv": plain_csv(pairs, ","), "plain.tsv": plain_csv(pairs, "\t"),
        "plain.xlsx": writers.xlsx_bytes([("text", "label"), *pairs]),
        "intj.json": writers.json_bytes({"intj": [{"content": {"0": {"sentence": row["text"]}}} for row in online[:50_000]]}),
        **writers.online_files(online),
    }
    for part, chosen, lacks in (("Training", records[:cut], 2), ("Validation", records[cut:], 1)):
        stem, where = f"감성대화말뭉치(최종데이터)_{part}", f"{writers.COUNSEL}/{part}_221115_add"
        as_json = writers.json_bytes([writers.counsel_json(record) for record in chosen[:-lacks]])
        files[f"{where}/원천데이터/{stem}.zip"] = writers.zip_bytes([(f"{stem}.xlsx", writers.counsel_workbook(chosen))])
        files[f"{where}/라벨링데이터/{stem}.zip"] = writers.zip_bytes([(f"{stem}.json", as_json)])
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def peak() -> float:
    """GB of memory at most so far, this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9


def read(paths: list[Path], classes: int) -> dict:
    before, begin = peak(), time.perf_counter()
    corpus = dialogue.read_corpora(paths, classes)
    seconds, after = time.perf_counter() - begin, peak()
    dropped = corpus.report[~corpus.report["reason"].str.startswith("label repaired")]["rows"].sum()
    capped = dialogue.balance(corpus.table, "round2") if classes == 6 else corpus.table
    return {"read": len(corpus.table) + len(corpus.unlabelled) + int(dropped), "labelled": len(corpus.table),
            "unlabelled": len(corpus.unlabelled), "report": corpus.report.groupby("reason", sort=False)["rows"].sum().to_dict(),
            "counts": corpus.table["emotion"].value_counts().to_dict(), "capped": capped["emotion"].value_counts().to_dict(),
            "parts": dialogue.split(corpus.table, (0.87, 0, 0.13)).value_counts().to_dict(),
            "sources": corpus.table["source"].value_counts().to_dict(), "seconds": seconds, "before": before, "peak": after}


def alone(function, *args):
    """function(*args) in a process of its own. (The kernel counts a parent's memory to its child, so this one stays small.)"""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args).result()


def measure(folder: Path, divide: int, also: list[Path]) -> str:
    """The page: a row for each variant of each corpus, then what the four together give."""
    talks, online = folder / writers.COUNSEL, folder / writers.ONLINE
    four = [folder / part for part in FOUR]
    variants = {
        "단발성 xlsx": ([folder / "단발성"], 7), "연속적 xlsx": ([folder / "연속적"], 7),
        "감성대화 2022 xlsx, zips": (sorted(talks.glob("*/원천데이터")), 7),
        "감성대화 json, zips": (sorted(talks.glob("*/라벨링데이터")), 7),
        "감성대화 older xlsx": ([folder / "감성대화 older.xlsx"], 7),
        "온라인구어체 TS1 zip": ([online / "원천데이터"], 7), "온라인구어체 TL1 zip, named_entity": ([online / "라벨링데이터"], 7),
        "온라인구어체 intj, content a dict": ([folder / "intj.json"], 7),
        **{f"plain {kind}": ([folder / f"plain.{kind}"], 7) for kind in ("csv", "tsv", "xlsx")},
        **{f"{path.name} (a real one)": ([path], 6) for path in also},
        "the four, classes=7": (four, 7), "the four, classes=6": (four, 6),
    }
    rows, found = {}, {}
    for variant, (paths, classes) in variants.items():
        result = found[variant] = alone(read, paths, classes)
        reasons = "; ".join(f"{reason.split(' (')[0]} {f'{n:,}' if n else '(the file)'}" for reason, n in result["report"].items())
        rows[variant] = [f"{result['read']:,}", f"{result['labelled']:,}", f"{result['unlabelled']:,}", reasons or "-",
                         f"{result['seconds']:.1f}", f"{result['peak']:.2f} ({result['before']:.2f})"]
        print(variant, *rows[variant], sep="  ", file=sys.stderr, flush=True)
    columns = ["rows read", "labelled", "unlabelled", "dropped, repaired, skipped", "seconds", "peak memory, GB (before reading)"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("files")
    return PAGE.format(variants=markdown(table), rounds=markdown(rounds(*list(found.values())[-2:])), total=f"{MESSAGES // divide:,}",
                       full="" if divide == 1 else f" **Made {divide} times smaller than published.**", **found_words(found))


def rounds(seven: dict, six: dict) -> pd.DataFrame:
    """Class counts of the source's two rounds beside what the readers give."""
    frame = pd.DataFrame({"round 1, published": ROUND1, "ROUND = round1": seven["counts"], "round 2, published": dialogue.ROUND2,
                          "ROUND = round2": six["capped"], "every row, six classes": six["counts"]}).reindex(ROUND1).fillna(0).astype(int)
    frame.loc["total"] = frame.sum()
    frame.insert(2, "difference", frame["ROUND = round1"] - frame["round 1, published"])
    return frame.map("{:,}".format).rename_axis("class")


def found_words(found: dict) -> dict[str, str]:
    *_, seven, six = found.values()
    n = sum(seven["parts"].values())
    return {"sources": ", ".join(f"{source} {rows:,}" for source, rows in seven["sources"].items()),
            "parts": ", ".join(f"{part} {rows:,} ({rows / n:.0%})" for part, rows in seven["parts"].items()),
            "seconds": f"{six['seconds']:.1f}", "peak": f"{six['peak']:.2f}", "unlabelled": f"{six['unlabelled']:,}"}


PAGE = """# The corpora's readers at full size

Written by `python tools/measure_corpora.py --also … --page docs/corpora.md`. Files in AI Hub's formats are generated at the published
numbers of rows and labels, with numbered texts of our own of which no two are equal; none of AI Hub's data was seen or is shipped.{full}
The real files hold equal texts too (each kept once, the rest counted as "exact duplicate"), so their numbers will be a little lower.

## What each reader makes of each variant

{variants}

감성대화's workbooks and JSON repeat each other: read together, each record counts once ("same record in xlsx and json"). {total} distinct
messages in the four corpora together take {seconds} s and {peak} GB at most (on two shared cores; Python and pandas included).

## The source's rounds

{rounds}

Round 1 differs by the eight rows of 연속적 whose mistyped label can be told (분 4, 분ㄴ 1 → 분노; ㅈ중립, 중림, ㄴ중립 → 중립): the
source left them out, we repair and count them. Round 2 is drawn by seed from all rows, 혐오 among 분노, to exactly the published numbers.
Labelled rows by corpus: {sources}; unlabelled: {unlabelled}.
Round 1's parts as published: train 127,513, test 19,054 (13 %). Ours, split with whole dialogues: {parts}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--divide", type=int, default=1, help="make the corpora this many times smaller")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="files of your own (KOTE, NSMC …) to read too, each alone")
    parser.add_argument("--page", type=Path, help="write the page there instead of printing it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        alone(make, Path(name), args.divide)
        page = measure(Path(name), args.divide, args.also)
    if args.page:
        args.page.write_text(page, encoding="utf8")
    else:
        print(page)


if __name__ == "__main__":
    main()
