"""corpora.py and dialogue.py: every format by its content, whatever its name; what is dropped is counted; splits that leak nothing."""

import gzip
import io
import json
import random
import re
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from emorec_lib import corpora, dialogue
from emorec_lib.dialogue import EMOTIONS, EMOTIONS7, balance, counts, read_corpora, split

ROOT = Path(__file__).resolve().parents[1]


def workbook(*rows, cover=None):
    """The bytes of an .xlsx; cover: rows of a sheet before the one with the data."""
    book = openpyxl.Workbook()
    for sheet_rows in filter(None, (cover, rows)):
        sheet = book.create_sheet()
        for row in sheet_rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def zipped(members, encoding="utf-8"):
    """The bytes of a zip; with cp949 the names are stored as AI Hub stores them, without the UTF-8 flag."""
    coded = {name: name.encode(encoding) for name in members}
    spare = {name: bytes([65 + i]) * len(raw) for i, (name, raw) in enumerate(coded.items())}
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(spare[name].decode() if encoding != "utf-8" else name, data)
    data = buffer.getvalue()
    for name in members if encoding != "utf-8" else ():
        assert data.count(spare[name]) == 2  # the local header and the directory
        data = data.replace(spare[name], coded[name])
    return data


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode()


def record(code, *turns):
    content = {f"HS0{n}": turn for n, turn in enumerate(turns, 1)} | {f"SS0{n}": "그렇군요" for n in range(1, 4)}
    return {"profile": {"persona-id": "P1", "emotion": {"type": code}}, "talk": {"content": dict(reversed(content.items()))}}


SINGLE = workbook(["Sentence", "Emotion", None, None, None, "공포", 2], ["귀신이 나올 것 같아", "공포", None, None, None, "놀람", 1],
                  ["깜짝이야", "놀람"], ["기분 최고야", "행복"], ["벌레 징그러워", "혐오"], [None, None, None, None, None, "행복", 1])
DIALOGUES = workbook([None] * 5 + ["공포", 98], ["dialog #", "발화", "감정", None, None, "감정", 3], ["S", "어제 봤어?", "ㅈ중립"],
                     [None, "아니 왜?", "중림"], [None, "화난다", "분"], ["S", "진짜야", "놀람"], [None, "모르겠다", "ㅍ"],
                     [None, None, "중립"], [None, "무서워", None], [None, "짜증나", "분ㄴ"], [None, "응 그래", "ㄴ중립"])
TALK = workbook([None, "연령", "성별", "상황키워드", "신체질환", "감정_대분류", "감정_소분류", "사람문장1", "시스템문장1",
                 "사람문장2", "시스템문장2", "사람문장3", "시스템문장3"],
                [1, "청년", "여성", "연애", "해당없음", "기쁨 ", "신이 난", "합격했어!", "축하해요", "정말  기뻐.", "좋아요", None, None],
                [2, "청년", "남성", "직장", "해당없음", "상처", "배신당한", "믿었는데.", "저런", "배신당했어.", "네", "속상해.", None])
OLD_TALK = workbook(["번호", "연령", "감정_대분류", "감정_소분류", "사람문장1", "시스템응답1", "사람문장2", "시스템응답2",
                     "사람문장3", "시스템응답3", "사람문장4", "시스템응답4"],
                    [1, "노년", "당황", "혼란스러운", "어쩌지.", "네", None, None, "길을 잃었어.", "네", "도와줘.", "네"])
ONLINE_TEXTS = ["치킨 맛있다. 또 먹자.", "  ", "게임 하자"]
ONLINE = as_json({"SJML": {"header": {}, "text": [{"title": "제목", "content": text} for text in ONLINE_TEXTS]}})


@pytest.fixture
def put(tmp_path):
    def write(name, data):
        path = tmp_path / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path
    return write


def by_text(table, column="emotion"):
    return dict(zip(table.text, table[column], strict=True))


def reasons(corpus):
    return corpus.report.groupby("reason")["rows"].sum().to_dict()


def has_reason(corpus, file, *parts):
    return any(file in line.file and all(part in line.reason for part in parts) for line in corpus.report.itertuples())


# reading, by content

def test_single_sentences_are_selected_by_column_name(put):
    corpus = read_corpora(put("whatever.bin", SINGLE))
    assert by_text(corpus.table) == {"귀신이 나올 것 같아": "불안", "기분 최고야": "행복", "벌레 징그러워": "분노"}
    assert set(corpus.table.source) == {"단발성"} and corpus.table.group.nunique() == 3
    assert list(corpus.table.raw_label) == ["공포", "행복", "혐오"]
    assert reasons(corpus) == {"놀람 dropped": 1}
    assert list(corpus.table.columns) == ["text", "raw_label", "emotion", "source", "group", "file", "split"]


def test_seven_classes_keep_disgust(put):
    assert by_text(read_corpora(put("a.xlsx", SINGLE), classes=7).table)["벌레 징그러워"] == "혐오"
    with pytest.raises(ValueError, match="found 5; expected 6"):
        read_corpora(put("a.xlsx", SINGLE), classes=5)


def test_dialogues_repairs_surprise_and_groups(put):
    corpus = read_corpora(put("단발성.xlsx", DIALOGUES))  # a wrong name
    texts = ["어제 봤어?", "아니 왜?", "화난다", "진짜야", "짜증나", "응 그래"]
    assert list(corpus.table.text) == texts and list(corpus.table.emotion) == ["중립", "중립", "분노", "당황", "분노", "중립"]
    assert set(corpus.table.source) == {"연속적"}
    assert list(corpus.table.groupby("group", sort=False).text.agg(list)) == [texts[:3], texts[3:]]
    assert reasons(corpus) == {"label repaired: ㅈ중립 -> 중립": 1, "label repaired: 중림 -> 중립": 1, "label repaired: 분 -> 분노": 1,
                               "label repaired: 분ㄴ -> 분노": 1, "label repaired: ㄴ중립 -> 중립": 1, "label cannot be told: ㅍ": 1,
                               "empty text": 1, "empty label": 1}
    assert by_text(corpus.table, "raw_label")["화난다"] == "분"


def test_dialogues_without_marks_are_refused(put):
    with pytest.raises(ValueError, match="found no S in the column `dialog #`"):
        read_corpora(put("b.xlsx", workbook(["dialog #", "발화", "감정"], [None, "안녕", "중립"])))


def test_talks_of_both_years_join_the_persons_turns(put):
    new, old = read_corpora(put("c.xlsx", TALK)).table, read_corpora(put("c_old.xlsx", OLD_TALK)).table
    assert by_text(new) == {"합격했어! 정말 기뻐.": "행복", "믿었는데. 배신당했어. 속상해.": "슬픔"}
    assert by_text(old) == {"어쩌지. 길을 잃었어. 도와줘.": "당황"}
    assert set(new.source) | set(old.source) == {"감성대화"} and new.group.nunique() == 2


def test_talks_in_json_follow_the_codes(put):
    codes = {"E10": "분노", "E19": "분노", "E20": "슬픔", "E35": "불안", "E49": "슬픔", "E50": "당황", "E69": "행복"}
    corpus = read_corpora(put("x.txt", as_json([record(code, f"{code} 첫째", "", "셋째") for code in codes] + [record("E70", "모름")])))
    assert by_text(corpus.table) == {f"{code} 첫째 셋째": name for code, name in codes.items()}
    assert reasons(corpus) == {"label cannot be told: E70": 1}


def test_json_beside_its_workbook_is_matched_by_text(put):
    put("가/talk.json", as_json([record("E15", "새 기록이야"), record("E45", "믿었는데.", "배신당했어.", "속상해."),
                                record("E65", "합격했어!", "정말 기뻐.", "")]))  # another order, one more, read before the workbook
    put("나/talk.xlsx", TALK)
    corpus = read_corpora(put("나/talk.xlsx", TALK).parent.parent)
    assert len(corpus.table) == 3 and by_text(corpus.table)["새 기록이야"] == "분노"
    assert corpus.table.file.str.endswith("xlsx").sum() == 2
    assert reasons(corpus) == {"same record in xlsx and json": 2}


def test_online_talk_has_no_label(put):
    corpus = read_corpora([put("d.json", ONLINE), put("a.xlsx", SINGLE)])
    assert list(corpus.unlabelled.text) == ["치킨 맛있다. 또 먹자.", "게임 하자"]
    assert set(corpus.unlabelled.source) == {"온라인구어체"} and set(corpus.unlabelled.emotion) == {""} == set(corpus.unlabelled.raw_label)
    assert corpus.unlabelled.group.nunique() == 2 and "온라인구어체" not in set(corpus.table.source)
    assert reasons(corpus)["empty text"] == 1


@pytest.mark.parametrize("key", ["named_entity", "intj"])
def test_online_label_files_of_every_shape(put, key):
    content = [[{"sentence": "하나"}, {"sentence": "둘"}], {"sentence": "셋"}, {"0": {"sentence": "넷"}, "n": 1}, "다섯"]
    corpus = read_corpora(put("l.json", as_json({key: [{"content": part} for part in content]})))
    assert list(corpus.unlabelled.text) == ["하나", "둘", "셋", "넷", "다섯"]
    assert corpus.unlabelled.group.nunique() == 4


def test_online_label_file_repeats_its_source(put):
    sentences = [[{"sentence": "치킨 맛있다."}, {"sentence": "또 먹자."}], [{"sentence": "새 글"}]]
    put("TL1.json", as_json({"named_entity": [{"content": content} for content in sentences]}))
    corpus = read_corpora(put("TS1.json", ONLINE).parent)  # TL1 is read first
    assert sorted(corpus.unlabelled.text) == sorted(["치킨 맛있다. 또 먹자.", "게임 하자", "새 글"])
    assert reasons(corpus)["same record in source and label file"] == 2


@pytest.mark.parametrize(("header", "encoding", "sep"), [("text,label", "utf-8", ","), ("document\tlabel6", "utf-8-sig", "\t"),
                                                        ("발화,감정", "cp949", ","), ("Sentence\temotion", "cp949", "\t")])
def test_plain_tables(put, header, encoding, sep):
    body = f"{header}\r\n오늘 좋아{sep}행복\r\n\r\n슬퍼요{sep}슬픔\r\n".encode(encoding)
    for name, data in (("mine.tsv", body), ("mine.tsv.gz", gzip.compress(body))):
        table = read_corpora(put(name, data)).table
        assert by_text(table) == {"오늘 좋아": "행복", "슬퍼요": "슬픔"} and set(table.source) == {"mine"} and set(table.split) == {""}


def test_plain_quotes_commas_split_and_workbook(put):
    lines = ["id\ttext\tlabel\tsplit", '1\t"그는 ""응"" 했다"\t중립\ttrain', '2\t"가" 그리고 "나" \t중립\tdev']
    lines += ['3\t"열기만\t분노\ttest', "4\t잘린 줄"]
    corpus = read_corpora(put("q.tsv", "\n".join(lines)))
    assert by_text(corpus.table, "split") == {'그는 "응" 했다': "train", '"가" 그리고 "나"': "dev", '"열기만': "test"}
    assert reasons(corpus) == {"row of 2 cells, expected 4": 1}
    assert by_text(read_corpora(put("q.csv", 'text,label\n"네, 그럼요\n좋아요",행복\n')).table) == {"네, 그럼요 좋아요": "행복"}
    table = read_corpora(put("mine.xlsx", workbook(["text", "label"], [1004, "행복"], cover=[["안내"]]))).table
    assert by_text(table) == {"1004": "행복"} and set(table.source) == {"mine"}


KOTE = {"신난다": "기쁨|행복", "믿음이 간다": "안심/신뢰", "화도 나고 슬프다": "화남/분노|슬픔",
        "화만 난다": "화남/분노|짜증|어이없음|놀람", "속상해": "슬픔|안타까움/실망|화남/분노",
        "글쎄": "없음", "저런": "당황/난처|경악", "뭐지": "놀람", "몰라": "멍함", "빈칸": ""}


@pytest.mark.parametrize("own", [False, True])
def test_kote_becomes_one_emotion_where_one_has_most_of_the_labels(put, own):
    number = {name: str(n) for n, name in enumerate(dialogue.KOTE_LABELS)} | {"멍함": "44"}
    lines = [] if own else ["id\ttext\tsplit\tlabels44"]
    for n, (text, labels) in enumerate(KOTE.items()):
        lines.append(f"{n}\t{text}\t" + (",".join(number[name] for name in labels.split("|") if name) if own else f"val\t{labels}"))
    corpus = read_corpora(put("whatever.tsv", "\n".join(lines)))
    assert by_text(corpus.table) == {"신난다": "행복", "화만 난다": "분노", "속상해": "슬픔", "글쎄": "중립", "저런": "당황",
                                     "화도 나고 슬프다": "슬픔"}  # one label of 분노 is less than is typical, so weighs less
    assert set(corpus.table.source) == {"KOTE"} and set(corpus.table.split) == {"" if own else "val"}
    unknown = "label cannot be told: " + (number["멍함"] if own else "멍함")
    assert reasons(corpus) == {"no emotion has 60% of the labels": 2, unknown: 1, "empty label": 1}


def test_kote_is_read_as_the_project_mapped_it_once():
    files = [ROOT.parent / "shared" / "data" / "text" / f"{name}_val.tsv.gz" for name in ("kote44", "kote6")]
    if not all(file.exists() for file in files):
        pytest.skip("needs shared/data/text/kote44_val.tsv.gz and kote6_val.tsv.gz")
    ours, once = (by_text(read_corpora(file).table) for file in files)
    assert ours == once and len(ours) == 2602


def test_reviews_marked_good_or_bad_have_no_emotion(put):
    rows = "id\tdocument\tlabel\n1\t굳\t1\n2\t별로\t0\n3\t\t0\n4\t슬픈 영화\t슬픔\n"
    corpus = read_corpora(put("NSMC.txt", rows))
    assert list(corpus.unlabelled.text) == ["굳", "별로"] and set(corpus.unlabelled.source) == {"NSMC"}
    assert set(corpus.unlabelled.emotion) == {""} and reasons(corpus) == {"empty text": 1}
    assert by_text(corpus.table) == {"슬픈 영화": "슬픔"} and set(corpus.table.source) == {"NSMC.txt"}


def test_a_plain_file_named_like_a_corpus_is_no_such_corpus(put):
    rows = "text,label\n오늘 좋아,행복\n깜짝이야,놀람\n"
    for name in ("온라인구어체.csv", "연속적.csv"):
        corpus = read_corpora(put(name, rows))
        assert by_text(corpus.table) == {"오늘 좋아": "행복"} and set(corpus.table.source) == {name} and corpus.unlabelled.empty


def test_decomposed_hangul_is_composed(put):
    path = put("nfd.csv", unicodedata.normalize("NFD", "발화,감정\n오늘 좋아,행복\n"))
    assert by_text(read_corpora(path).table) == {"오늘 좋아": "행복"}


# folders, zips, damage

def test_zips_are_read_in_place_with_cp949_names(put, tmp_path):
    inner = zipped({"라벨/대화.xlsx": TALK}, "cp949")
    path = put("018.zip", zipped({"원천/온라인.json": ONLINE, "원천/안쪽.zip": inner, "__MACOSX/._x": b"junk"}, "cp949"))
    corpus = read_corpora(path)
    assert set(corpus.table.file) == {f"{path}!/원천/안쪽.zip!/라벨/대화.xlsx"}
    assert set(corpus.unlabelled.file) == {f"{path}!/원천/온라인.json"}
    assert reasons(corpus) == {"empty text": 1}  # and not a word of __MACOSX
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["018.zip", "downloads"]  # nothing unpacked
    plain = read_corpora(put("utf8.zip", zipped({"원천/대화.xlsx": TALK}))).table
    assert plain.file[0].endswith("utf8.zip!/원천/대화.xlsx")


def test_climbing_members_are_refused(put):
    bad = ["../out.csv", "/abs.csv", "a/../../b.csv", "C:\\d.csv", "..\\e.csv"]
    corpus = read_corpora(put("evil.zip", zipped(dict.fromkeys(bad, b"text,label\nbad,\xed\x96\x89\xeb\xb3\xb5\n") | {"ok.xlsx": SINGLE})))
    assert "bad" not in set(corpus.table.text) and len(corpus.table) == 3
    assert corpus.report.reason.str.startswith("refused: ").sum() == len(bad)
    assert has_reason(corpus, "../out.csv", "climbs out")


def test_broken_and_unknown_files_among_good_ones(put):
    put("good.xlsx", SINGLE)
    put("bad.json", '{"SJML":\n {"text": [\n {"id": (반사회적용어)}]}}')
    put("cut.zip", zipped({"a.xlsx": TALK})[:-40])
    put("cut.xlsx", TALK[:2000])
    put("cut.tsv.gz", gzip.compress(b"text\tlabel\n" + bytes(random.Random(0).choices(range(97, 122), k=9000)))[:3000])
    put("latin.csv", "text,label\n좋아,행복\n".encode() + b"\xff\xfe\xff")
    put("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    put("cat.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    put("other.json", as_json({"cells": []}))
    for quiet in ("README", "readme.md", "notes.txt", ".DS_Store", "~$good.xlsx"):
        put(quiet, "hello")
    corpus = read_corpora(put("good.xlsx", SINGLE).parent)
    assert len(corpus.table) == 3
    found = {line.file.rsplit("/", 1)[1]: line.reason for line in corpus.report.itertuples() if line.source == ""}
    kinds = {name: reason.split(":")[0] for name, reason in found.items()}
    broken = ["bad.json", "cut.zip", "cut.xlsx", "cut.tsv.gz", "latin.csv", "locked.xlsx"]
    assert kinds == dict.fromkeys(broken, "broken file") | dict.fromkeys(["cat.png", "other.json"], "unknown file")
    assert "invalid JSON at line 3 column" in found["bad.json"] and "cut or damaged zip" in found["cut.zip"]
    assert "neither UTF-8 nor CP949" in found["latin.csv"] and "password" in found["locked.xlsx"]
    assert all("expected" in reason and "do: " in reason for reason in found.values())


@pytest.mark.parametrize(("name", "data", "found"), [
    ("x.csv", "text,score\n좋아,1\n", "text | score"), ("x.json", '{"cells": []}', "the keys ['cells']"), ("x.txt", "hello", "hello"),
    ("x.xlsx", workbook(["사람문장1", "시스템문장1"], ["안녕", "네"]), "사람문장1 | 시스템문장1"),
    ("x.xlsx", workbook(["감정_대분류", "시스템문장1"], ["분노", "네"]), "감정_대분류 | 시스템문장1"),
    ("x.zip", zipped({"a.csv": b"no,thing"}), "no row of a known corpus"),
    ("x.bin", b"\0\1\2", "binary data")])
def test_an_unknown_file_given_directly_is_an_error(put, name, data, found):
    path = put(name, data)
    with pytest.raises(ValueError, match=re.escape(found)) as error:
        read_corpora([put("good.xlsx", SINGLE), path])
    assert all(part in str(error.value) for part in (str(path), "expected columns (Sentence, Emotion)", "; do: "))


def test_errors_for_broken_files_missing_paths_and_empty_results(put, tmp_path):
    with pytest.raises(ValueError, match=r"bad\.json: broken file: found invalid JSON at line 2"):
        read_corpora(put("bad.json", "[\n{]"))
    with pytest.raises(FileNotFoundError, match=r"nowhere: found nothing there; expected a file or a folder"):
        read_corpora(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"found no usable row.*label cannot be told: 1"):
        read_corpora(put("numbers.tsv", "id\ttext\tlabel\n1\t굳\t1\n"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no file at all"):
        read_corpora(tmp_path / "empty")


def test_a_workbook_with_damaged_xml_is_broken_not_a_crash(put):
    source = zipfile.ZipFile(io.BytesIO(TALK))
    members = {name: source.read(name).replace(b"workbookViewId", b"workbokVuewId") for name in source.namelist()}
    with pytest.raises(ValueError, match=r"c\.xlsx: broken file: found damage \(TypeError"):
        read_corpora(put("c.xlsx", zipped(members)))


def test_endless_archives_are_refused(put, monkeypatch):
    monkeypatch.setattr(corpora, "MAX_BYTES", 20_000)
    bomb = b"text,label\n" + "좋아,행복\n".encode() * 3000
    deep = zipped({"a.csv": "text,label\n깊다,행복\n".encode()})
    for _ in range(5):
        deep = zipped({"in.zip": deep})
    put("bomb.zip", zipped({"big.csv": bomb}))
    put("deep.zip", deep)
    put("bomb.csv.gz", gzip.compress(bomb))
    corpus = read_corpora(put("good.xlsx", SINGLE).parent)
    assert len(corpus.table) == 3 and has_reason(corpus, "big.csv", "found 42,011 bytes") and has_reason(corpus, "deep.zip", "5 zips deep")
    assert has_reason(corpus, "bomb.csv.gz", "found more than 20,000 bytes")


def test_locked_zip_members_are_named(put):
    data = bytearray(zipped({"a.xlsx": TALK}))
    data[6] |= 1  # local header
    data[data.index(b"PK\1\2") + 8] |= 1  # directory
    corpus = read_corpora([put("good.xlsx", SINGLE), put("more.zip", zipped({"in.zip": bytes(data), "b.xlsx": OLD_TALK}))])
    assert has_reason(corpus, "in.zip!/a.xlsx", "broken file", "found a member with a password")


def test_a_wrong_stated_extent_hides_no_row(put):
    source = zipfile.ZipFile(io.BytesIO(SINGLE))
    members = {name: re.sub(rb'dimension ref="[^"]*"', b'dimension ref="A1:A1"', source.read(name)) for name in source.namelist()}
    assert len(read_corpora(put("a.xlsx", zipped(members))).table) == 3


def test_a_file_given_twice_is_read_once(put):
    path = put("a.xlsx", SINGLE)
    assert reasons(read_corpora([path, path.parent, str(path)])) == {"놀람 dropped": 1}


# duplicates

def test_duplicates_keep_one_row_of_the_commonest_label_and_of_test(put):
    rows = ["text,label,split", "네,중립,train", "네,행복,test", "네,중립,val", "네,분노,", "응,슬픔,train", "응,행복,test"]
    rows += ["좋아,행복,train", "좋아,행복,test"]
    online = as_json({"SJML": {"text": [{"content": "좋아"}] * 5}})
    corpus = read_corpora([put("d.json", online), put("p.csv", "\n".join(rows))])
    assert by_text(corpus.table) == {"네": "중립", "응": "행복", "좋아": "행복"}
    assert by_text(corpus.table, "split") == {"네": "val", "응": "test", "좋아": "test"}
    assert corpus.unlabelled.empty  # labelled already
    assert reasons(corpus) == {"exact duplicate": 7, "same text under another label: kept the commonest": 3}


# balancing, counting

@pytest.fixture
def table():
    """Two corpora: dialogues of three rows, and single rows; as read_corpora leaves them."""
    rng = random.Random(1)
    rows = [(f"대화 {d} {turn}", rng.choice(EMOTIONS), "연속적", f"d{d}") for d in range(200) for turn in range(3)]
    rows += [(f"문장 {n}", EMOTIONS[n % 6], "단발성", f"s{n}") for n in range(600)]
    return pd.DataFrame(rows, columns=["text", "emotion", "source", "group"]).assign(split="", raw_label="", file="")


def test_balance_caps_each_class(table):
    capped = balance(table, {"행복": 30, "중립": 10**6}, seed=3)
    before, after = table.emotion.value_counts(), capped.emotion.value_counts()
    assert after["행복"] == 30 and all(after[name] == before[name] for name in EMOTIONS[1:])
    assert capped.index.is_unique and capped.text.is_unique and (capped.text == table.text[capped.index]).all()
    assert set(balance(table, 7).emotion.value_counts()) == {7} and balance(table, None).equals(table)
    assert not capped.index.is_monotonic_increasing


def test_balance_to_the_sources_second_round(table):
    many = pd.concat([table.assign(emotion=name) for name in EMOTIONS for _ in range(21)], ignore_index=True)
    assert balance(many, "round2").emotion.value_counts().to_dict() == dialogue.ROUND2 and sum(dialogue.ROUND2.values()) == 99097


def test_balance_is_random_by_seed_only(table):
    assert balance(table, 20, seed=1).equals(balance(table, 20, seed=1))
    assert set(balance(table, 20, seed=1).text) != set(balance(table, 20, seed=2).text)
    for caps in ({"기쁨": 3}, {"행복": -1}, -1, "round1"):
        with pytest.raises(ValueError, match="caps: found"):
            balance(table, caps)


def test_counts_add_up(table):
    grid = counts(table)
    assert list(grid.index) == [*EMOTIONS, "total"] and set(grid.columns) == {"연속적", "단발성", "total"}
    assert grid.loc["total", "total"] == 1200 and grid.loc["행복", "단발성"] == 100
    assert grid.loc["행복", "total"] == (table.emotion == "행복").sum()
    assert list(counts(table.assign(emotion="혐오")).index) == [*EMOTIONS7, "total"]
    assert counts(table.iloc[:0]).loc["total", "total"] == 0 and list(counts(table, by="file").index) == ["", "total"]


# splitting

def test_split_never_cuts_a_group_and_is_stratified(table):
    side = split(table, seed=5)
    assert list(side.index) == list(table.index)
    assert (side.groupby(table.group).nunique() == 1).all()
    shares = side.groupby([table.source, table.emotion]).value_counts(normalize=True).unstack()
    assert shares["train"].between(0.65, 0.92).all() and shares.min().min() > 0
    assert (shares.loc["단발성", ["train", "validation", "test"]].round(6) == [0.8, 0.1, 0.1]).all().all()


def test_a_group_is_drawn_by_its_commonest_emotion():
    rows = [(f"{rare} {n} {turn}", emotion, "연속적", f"{rare} {n}") for rare in EMOTIONS[:4] for n in range(3)
            for turn, emotion in enumerate(("중립", rare, "중립"))]
    side = split(pd.DataFrame(rows, columns=["text", "emotion", "source", "group"]))
    assert set(side) == {"train", "validation", "test"}  # one stratum of twelve; four of three would all be train


def test_split_is_deterministic(table):
    assert split(table, seed=1).equals(split(table, seed=1)) and not split(table, seed=1).equals(split(table, seed=2))
    renamed = table.set_axis(table.index[::-1])
    assert list(split(renamed, seed=1)) == list(split(table, seed=1)) and list(split(renamed).index) == list(renamed.index)


def test_split_never_leaves_equal_texts_on_two_sides(table):
    copies = table.iloc[:600:5].assign(group=[f"copy {n}" for n in range(120)], emotion="중립", source="다른")
    both = pd.concat([table, copies], ignore_index=True)
    side = split(both)
    assert (side.groupby(both.text).nunique() == 1).all() and (side.groupby(both.group).nunique() == 1).all() and side.nunique() == 3


def test_split_respects_the_given_one(table):
    given = ["dev", "test", "TRAIN", "val"] * 30
    table.loc[table.index[600:720], "split"] = given
    side = split(table)
    expected = {"dev": "validation", "val": "validation", "test": "test", "TRAIN": "train"}
    assert list(side[600:720]) == [expected[name] for name in given] and set(side[720:]) == {"train", "validation", "test"}
    table.loc[0, "split"] = "test"  # one row of a dialogue: the others follow
    assert list(split(table)[:3]) == ["test"] * 3
    table.loc[1, "split"] = "train"
    with pytest.raises(ValueError, match="in both test and train"):
        split(table)
    with pytest.raises(ValueError, match=r"found \['holdout'\]; expected train"):
        split(table.assign(split="holdout"))


def test_split_fractions(table):
    assert set(split(table, (0.5, 0, 0.5))) == {"train", "test"} and set(split(table, (1, 0, 0))) == {"train"}
    assert split(table.iloc[:0]).empty and len(split(table.drop(columns="split"))) == 1200
    for wrong in ((0.8, 0.1), (0.8, 0.1, 0.2), (1.2, -0.1, -0.1)):
        with pytest.raises(ValueError, match="fractions: found"):
            split(table, wrong)


def test_labels_reach_the_seven_only():
    assert set(dialogue.LABELS.values()) == set(EMOTIONS7) and EMOTIONS == ("행복", "슬픔", "분노", "불안", "당황", "중립")


def test_a_split_table_beside_the_corpora_says_which_part_a_text_belongs_to(put, tmp_path):
    put("a.csv", "text,label\n좋아  좋아,행복\n싫다,분노\n무섭다,불안\n")
    put("split.csv", "text,split\n좋아 좋아,test\n싫다,Validation\n어디에도 없다,train\n")
    corpus = read_corpora(tmp_path / "downloads")
    assert corpus.table["split"].tolist() == ["test", "Validation", ""] and len(corpus.table) == 3
    assert corpus.report[["reason", "rows"]].to_numpy().tolist() == [["text is in no corpus that was read", 1]]
    assert split(corpus.table).tolist()[:2] == ["test", "validation"]
    put("split.csv", "text,split\n싫다,test\n")
    assert read_corpora(tmp_path / "downloads").digest != corpus.digest


def test_rounds_of_the_source(tmp_path, monkeypatch):
    rows = [f"{label} {n},{label}" for label in EMOTIONS7 for n in range(6)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]), encoding="utf8")
    seven, six = read_corpora(tmp_path, 7), read_corpora(tmp_path, 6)
    monkeypatch.setattr(dialogue, "ROUND2", dict.fromkeys(EMOTIONS, 3) | {"분노": 7})
    table, classes = dialogue.take_round(seven, six, "round1")
    assert classes == EMOTIONS7 and table["emotion"].value_counts().to_dict() == dict.fromkeys(EMOTIONS7, 6)
    table, classes = dialogue.take_round(seven, six, "round2", seed=1)
    assert classes == EMOTIONS and table["emotion"].value_counts().to_dict() == dialogue.ROUND2
    assert set(table["raw_label"][table["emotion"] == "분노"]) == {"분노", "혐오"}  # merged before the cut
    again, other = (set(dialogue.take_round(seven, six, "round2", seed)[0]["text"]) for seed in (1, 2))
    assert set(table["text"]) == again != other
    assert dialogue.take_round(seven, six, "")[0] is six.table
    with pytest.raises(ValueError, match="ROUND = 'two'; choices: '', 'round1', 'round2'"):
        dialogue.take_round(seven, six, "two")


def test_the_published_counts_come_out(tmp_path, monkeypatch):
    """A fiftieth of the corpora's published size; all of it: python tools/measure_corpora.py."""
    if not (ROOT / "tools").is_dir():
        pytest.skip("no tools/ beside the tests")
    monkeypatch.syspath_prepend(ROOT / "tools")
    measure = pytest.importorskip("measure_corpora", reason="the module resource is Unix's", exc_type=ImportError)
    measure.make(tmp_path, divide=50)
    found = measure.read([tmp_path / part for part in measure.FOUR], 7)
    expected = dict.fromkeys(EMOTIONS7, 0)
    for corpus, published in (("단발성", measure.SINGLE), ("연속적", measure.CONTINUOUS), ("감성대화", measure.COUNSEL)):
        for label, n in published.items():
            name = {"놀람": dialogue.SURPRISE.get(corpus)}.get(label, dialogue.LABELS.get(label))
            if name:
                expected[name] += -(-n // 50)
    assert found["counts"] == expected and found["labelled"] + found["unlabelled"] == found["read"] - sum(
        n for reason, n in found["report"].items() if "repaired" not in reason)
    assert found["report"]["same record in xlsx and json"] == found["sources"]["감성대화"] - 3
