"""Write the sample text corpora in the file formats of the four AI Hub corpora.

The messages are the project's own (tools/sample_messages/*.tsv, CC0 1.0); only the formats are AI Hub's. What is read and what is written:

    single.tsv     -> 한국어_단발성_대화_데이터셋.xlsx
    dialogues.tsv  -> 한국어_연속적_대화_데이터셋.xlsx
    counsel.tsv    -> 018.감성대화/{Training,Validation}_221115_add/{원천데이터,라벨링데이터}/*.zip
    online.tsv     -> 031.온라인 구어체 말뭉치 데이터/01.데이터/1.Training_220728_add/{원천데이터/TS1,라벨링데이터/TL1}.zip
    gold.tsv       -> the test set, rows of the first two (당황 has no label of its own there: it stands as 놀람 in 연속적, a dialogue each;
                     so do the single messages of 당황 in dialogues.tsv)

all below emorec_lib/assets/dialogue/, with split.csv (which part each text belongs to) and a README.md that counts them. The oddities of
the published files are kept on purpose: count tables beside the data, mistyped and empty labels, stray spaces in 감정_대분류, fewer JSON
than XLSX records, one invalid JSON file.

    python tools/build_sample_dialogue.py

Two runs give the same bytes, with one version of zlib and openpyxl: every date is fixed.
"""

import csv
import datetime
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "tools" / "sample_messages"
TARGET = ROOT / "emorec_lib" / "assets" / "dialogue"
DATE = datetime.datetime(2024, 1, 1)

SINGLE = "한국어_단발성_대화_데이터셋.xlsx"
CONTINUOUS = "한국어_연속적_대화_데이터셋.xlsx"
COUNSEL = "018.감성대화"
ONLINE = "031.온라인 구어체 말뭉치 데이터/01.데이터/1.Training_220728_add"

VALIDATION_EVERY = 9  # one message, dialogue or record in nine of each label
GOLD_LABEL = {"불안": "공포"}  # six classes -> labels of 단발성
JSON_LACKS = {"Training": (40, 90), "Validation": (7,)}  # positions left out of the JSON (published: 2 and 1 records fewer)
TURNS = [f"{who}문장{turn}" for turn in (1, 2, 3) for who in ("사람", "시스템")]
AGES = {"청소년": "A01", "청년": "A02", "중년": "A03", "노년": "A04"}
GENDERS = {"남성": "G01", "여성": "G02"}
SITUATIONS = {name: f"S{number:02d}" for number, name in enumerate((
    "가족관계", "학업 및 진로", "학교폭력/따돌림", "대인관계", "연애, 결혼, 출산", "진로, 취업, 직장", "대인관계(부부, 자녀)",
    "재정, 은퇴, 노후준비", "건강", "직장, 업무 스트레스", "건강, 죽음", "대인관계(노년)", "재정"), 1)}
EMOTIONS = {  # 대분류: the ten 소분류, in the order of their codes
    "분노": ("분노", "툴툴대는", "좌절한", "짜증내는", "방어적인", "악의적인", "안달하는", "구역질 나는", "노여워하는", "성가신"),
    "슬픔": ("슬픔", "실망한", "비통한", "후회되는", "우울한", "마비된", "염세적인", "눈물이 나는", "낙담한", "환멸을 느끼는"),
    "불안": ("불안", "두려운", "스트레스 받는", "취약한", "혼란스러운", "당혹스러운", "회의적인", "걱정스러운", "조심스러운", "초조한"),
    "상처": ("상처", "질투하는", "배신당한", "고립된", "충격 받은", "가난한, 불우한", "희생된", "억울한", "괴로워하는", "버려진"),
    "당황": ("당황", "고립된(당황한)", "남의 시선을 의식하는", "외로운", "열등감", "죄책감의", "부끄러운", "혐오스러운", "한심한",
           "혼란스러운(당황한)"),
    "기쁨": ("기쁨", "감사하는", "신뢰하는", "편안한", "만족스러운", "흥분", "느긋", "안도", "신이 난", "자신하는"),
}
BROKEN_JSON = '{"SJML": {"text": [{"title": "기타", "content": "읽다가 끊기는 파일'


def read_table(name):
    """The rows of a tab-separated file with a header, as dictionaries; no cell is quoted, empty ones at the end may be missing."""
    header, *rows = (line.split("\t") for line in (SOURCE / name).read_text(encoding="utf-8").splitlines())
    return [dict(zip(header, row + [""] * (len(header) - len(row)), strict=True)) for row in rows]


def zip_bytes(members):
    """An archive of (name, bytes) pairs, the same bytes on every run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE.timetuple()[:6])
            info.create_system = 3  # the same on every system
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def xlsx_bytes(rows):
    """A workbook with one sheet of these rows; None leaves a cell empty."""
    book = Workbook()
    book.active.title = "Sheet1"
    for row in rows:
        if any(isinstance(cell, str) and cell.startswith("=") for cell in row):
            raise ValueError(f"a text that Excel would take for a formula: {row}")
        book.active.append(row)
    book.properties.creator = "emorec"
    book.properties.created = book.properties.modified = DATE
    buffer = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(buffer, "w")).save()  # Workbook.save would set `modified` to now
    with zipfile.ZipFile(buffer) as archive:
        return zip_bytes([(name, archive.read(name)) for name in archive.namelist()])


def json_bytes(value):
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def beside(rows, table):
    """`rows` of up to five cells with a table of pairs in columns F and G, starting in the first row."""
    height = max(len(rows), len(table))
    rows = list(rows) + [[]] * (height - len(rows))
    table = [list(pair) for pair in table] + [[]] * (height - len(table))
    return [list(left) + [None] * (5 - len(left)) + right for left, right in zip(rows, table, strict=True)]


def single_workbook(messages):
    """단발성: Sentence, Emotion, three empty columns, counts in F and G from the header row on; sorted by label."""
    messages = sorted(messages, key=lambda message: message["label"])  # stable: the file's order within a label
    counts = sorted(Counter(message["label"] for message in messages).items())
    return xlsx_bytes(beside([["Sentence", "Emotion"]] + [[m["text"], m["label"]] for m in messages], counts))


def continuous_workbook(utterances):
    """연속적: nothing in A1:E1, the header in row 2, `S` at the start of each dialogue, counts in F and G from row 1 on."""
    rows, last = [[], ["dialog #", "발화", "감정"]], None
    for utterance in utterances:
        start = "S" if utterance["dialogue"] != last else None
        rows.append([start, utterance["text"], utterance["label"] or None])
        last = utterance["dialogue"]
    counts = Counter(utterance["label"] for utterance in utterances if utterance["label"])
    return xlsx_bytes(beside(rows, counts.most_common()))


def with_gold(single, dialogues, gold):
    """단발성 and 연속적 with the gold set's rows put in."""
    plain = [{"text": row["text"], "label": GOLD_LABEL.get(row["label"], row["label"])} for row in gold if row["label"] != "당황"]
    flustered = [{"dialogue": f"G{n}", "text": row["text"], "label": "놀람"} for n, row in enumerate(gold) if row["label"] == "당황"]
    return single + plain, dialogues + flustered


def split_csv(single, dialogues, counsel, gold):
    """Which part each labelled text belongs to; a dialogue is in one part."""
    parts, seen, starts = {}, Counter(), {}
    for row in single:
        seen[row["label"]] += 1
        parts[row["text"]] = "train" if seen[row["label"]] % VALIDATION_EVERY else "validation"
    for row in dialogues:
        place = starts.setdefault(row["dialogue"], len(starts) + 1)
        parts[row["text"]] = "train" if place % VALIDATION_EVERY else "validation"
    for name, records in split_counsel(counsel).items():
        for record in records:
            parts[" ".join(record[turn] for turn in TURNS[::2] if record[turn])] = {"Training": "train"}.get(name, "validation")
    parts |= {row["text"]: "test" for row in gold}
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([("text", "split"), *parts.items()])
    return buffer.getvalue().encode("utf-8")


def split_counsel(records):
    """Every ninth record of each 대분류 is validation; the rest is mixed class by class, as no published part is sorted."""
    seen, numbered = Counter(), []
    for record in records:
        numbered.append((seen[record["대분류"]], record))
        seen[record["대분류"]] += 1
    numbered.sort(key=lambda pair: pair[0])
    parts = {"Training": [], "Validation": []}
    for position, record in numbered:
        parts["Validation" if position % VALIDATION_EVERY == VALIDATION_EVERY // 2 else "Training"].append(record)
    return parts


def disease(record):
    """신체질환 is asked of the old only."""
    if record["연령"] != "노년":
        return "해당없음"
    return "만성질환 유" if "건강" in record["상황키워드"] else "만성질환 무"


def spaced(label, index):
    """Some of the published 감정_대분류 carry stray spaces."""
    return f"{label} " if index % 7 == 3 else f" {label}" if index % 11 == 5 else label


def counsel_workbook(records):
    rows = [[None, "연령", "성별", "상황키워드", "신체질환", "감정_대분류", "감정_소분류", *TURNS]]
    for index, record in enumerate(records, 1):
        about = [record["연령"], record["성별"], record["상황키워드"], disease(record)]
        rows.append([index, *about, spaced(record["대분류"], index), record["소분류"], *(record[turn] or None for turn in TURNS)])
    return xlsx_bytes(rows)


def emotion_code(record):
    group = list(EMOTIONS).index(record["대분류"]) + 1
    return f"E{group}{EMOTIONS[record['대분류']].index(record['소분류'])}"


def counsel_json(record):
    human = [AGES[record["연령"]], GENDERS[record["성별"]]]
    situation = [SITUATIONS[record["상황키워드"]], "D01" if disease(record) == "만성질환 유" else "D02"]
    code, profile = emotion_code(record), f"Pro_{int(record['id'][1:]):05d}"
    keys = [f"{who}S{turn:02d}" for turn in (1, 2, 3) for who in "HS"]
    return {
        "profile": {
            "persona-id": profile,
            "persona": {"persona-id": "_".join([*human, "C01"]), "human": human, "computer": ["C01"]},
            "emotion": {"emotion-id": "_".join([*situation, code]), "type": code, "situation": situation},
        },
        "talk": {
            "id": {"profile-id": profile, "talk-id": f"{profile}_00001"},
            "content": {key: record[turn] for key, turn in zip(keys, TURNS, strict=True)},
        },
    }


def counsel_files(records):
    """{path: bytes} of 감성대화: per part one archive with the workbook and one with the JSON."""
    files = {}
    for part, chosen in split_counsel(records).items():
        stem, folder = f"감성대화말뭉치(최종데이터)_{part}", f"{COUNSEL}/{part}_221115_add"
        kept = [record for position, record in enumerate(chosen) if position not in JSON_LACKS[part]]
        files[f"{folder}/원천데이터/{stem}.zip"] = zip_bytes([(f"{stem}.xlsx", counsel_workbook(chosen))])
        files[f"{folder}/라벨링데이터/{stem}.zip"] = zip_bytes([(f"{stem}.json", json_bytes([counsel_json(record) for record in kept]))])
    return files


def online_files(rows):
    """{path: bytes} of 온라인 구어체: TS1.zip and TL1.zip, one JSON per topic in the topic's folder; TS1 has one that is cut short."""
    topics = {}
    for row in rows:
        topics.setdefault(row["topic"], []).append(row["text"])
    source, labelled = [], []
    for topic, texts in topics.items():
        name = f"{topic}/{topic}_0001.json"
        sjml = {"header": {"category": topic}, "text": [{"title": topic, "content": text} for text in texts]}
        entity = [{"title": [{"sentence": topic, "labels": []}], "content": [{"sentence": text, "labels": []}]} for text in texts]
        source.append((name, json_bytes({"SJML": sjml})))
        labelled.append((name, json_bytes({"named_entity": entity})))
    source.append(("기타/기타_0001.json", BROKEN_JSON.encode("utf-8")))
    return {f"{ONLINE}/원천데이터/TS1.zip": zip_bytes(source), f"{ONLINE}/라벨링데이터/TL1.zip": zip_bytes(labelled)}


def count_line(name, labels):
    counts = ", ".join(f"{label or '(empty)'} {count}" for label, count in Counter(labels).most_common())
    return f"| {name} | {len(labels)} | {counts} |"


def readme(single, dialogues, counsel, online, gold):
    turns = Counter(row["dialogue"] for row in dialogues)
    dialogue_count = f"{len(turns)} dialogues, {sum(n == 1 for n in turns.values())} of one message, 놀람"
    parts = split_counsel(counsel)
    return "\n".join([
        "# Sample text corpora",
        "",
        "Small stand-ins for the four AI Hub corpora, so that everything runs without them. Every message was written for this project",
        "by its authors and is CC0 1.0 (public domain). Only the file formats follow those that AI Hub's corpora are published in;",
        "nothing here was taken from AI Hub. Put the real corpora in a folder of the same layout to use them instead.",
        "",
        "| corpus | texts | labels |",
        "|---|---|---|",
        count_line("한국어 단발성 대화", [row["label"] for row in single]),
        count_line(f"한국어 연속적 대화 ({dialogue_count})", [row["label"] for row in dialogues]),
        *(count_line(f"감성대화 {part}", [row["대분류"] for row in rows]) for part, rows in parts.items()),
        count_line("gold set (test; also in the first two files)", [row["label"] for row in gold]),
        count_line("온라인 구어체 (no labels; by topic)", [row["topic"] for row in online]),
        "",
        "`split.csv` says which part a text belongs to: train, validation or test. Test is the gold set: written apart from the rest",
        "(other writers, situations and manner) and used for nothing but testing.",
        "",
        "Oddities of the published files are imitated on purpose: count tables beside the data, mistyped and empty labels,",
        "stray spaces in `감정_대분류`, fewer records in the JSON than in the XLSX of 감성대화 (2 in Training, 1 in Validation),",
        "and one invalid file in `TS1.zip`.",
        "",
        "The messages are in `tools/sample_messages/*.tsv`. To rebuild this folder (same bytes every time):",
        "",
        "    python tools/build_sample_dialogue.py",
        "",
    ])


def main():
    names = ("single", "dialogues", "counsel", "online", "gold")
    single, dialogues, counsel, online, gold = (read_table(f"{name}.tsv") for name in names)
    all_single, all_dialogues = with_gold(single, dialogues, gold)
    files = {
        SINGLE: single_workbook(all_single),
        CONTINUOUS: continuous_workbook(all_dialogues),
        "split.csv": split_csv(single, dialogues, counsel, gold),
        **counsel_files(counsel),
        **online_files(online),
        "README.md": readme(single, dialogues, counsel, online, gold).encode("utf-8"),
    }
    for name, data in files.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):>8,} bytes  {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
