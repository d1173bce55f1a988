"""augment.py: the record of replies and which of them enter training."""

import json
import unicodedata

import numpy as np
import pandas as pd
import pytest

from emorec_lib import audit, augment, dialogue
from emorec_lib.augment import FAILED, LABELS, Rule, join, judged, likelihoods, read_chosen, read_record, replies, usable
from emorec_lib.run import ASSETS, EMOTIONS, digest


def reply(text, label="행복", confidence=0.9, model="m", prompt="p"):
    return {"text": text, "label": label, "confidence": confidence, "reason": "because", "model": model, "prompt": prompt}


@pytest.fixture
def write(tmp_path):
    def write(*rows):
        path = tmp_path / "record.jsonl"
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf8")
        return path
    return write


# --- the record ------------------------------------------------------------------------------------------------------
def test_read_record_last_reply_wins(write):
    record = read_record(write(reply("a", "슬픔"), "", reply("b", "거절", 0), reply("a", "분노", 0.5) | {"extra": 1}))
    assert list(record.columns) == ["text", "label", "confidence", "reason", "model", "prompt"]
    assert dict(zip(record["text"], record["label"], strict=True)) == {"a": "분노", "b": "거절"}
    assert record.index.tolist() == [0, 1]


def test_read_record_of_an_empty_file_has_its_columns(write):
    assert list(read_record(write()).columns) == list(reply(""))


def test_read_record_keeps_rare_line_separators_inside_a_text(write):
    text = "첫 줄\u2028둘째\u0085셋째\n넷째"
    assert read_record(write(reply(text), reply("b")))["text"].tolist() == [text, "b"]


@pytest.mark.parametrize(("bad", "word"), [
    ('{"text": "half', "JSONDecodeError"), ("[1, 2]", "TypeError"), ({"text": "a"}, "label"), (reply("a", "기쁨"), "기쁨"),
    (reply("a", confidence="high"), "high"), (reply("a", confidence=1.5), "1.5"), (reply("a", confidence=float("nan")), "nan"),
], ids=["half a line", "a list", "keys missing", "label", "confidence a word", "confidence above 1", "confidence NaN"])
def test_read_record_names_the_line(write, bad, word):
    with pytest.raises(ValueError, match=rf"record\.jsonl, line 3: .*{word}"):
        read_record(write(reply("a"), "", bad))


# --- which enter training --------------------------------------------------------------------------------------------
def test_judged_says_why_a_row_stays_out(write):
    rows = [reply("a", "행복", 0.5), reply("b", "혐오", 0.9), reply("c", "불명확", 1), reply("d", "거절", 0), reply("e", "중립", 0.49),
            reply("f", "슬픔", 1), reply("g", "당황", 1)]
    record = read_record(write(*rows))
    found = judged(record, Rule(0.5, 0.4, 0.2), {"행복": 0.9, "혐오": 0.4, "중립": 1, "슬픔": 0.39}, [1, 0.2, 1, 1, 1, 1, 1])
    assert found["left_out"].tolist() == ["", "", "unclear", "no label", "confidence below 0.5", "kappa of its label below 0.4",
                                          "kappa of its label below 0.4"]  # 당황 was never compared
    assert judged(record, Rule(0, 0, 0.2), None, [0.1] + [1] * 6)["left_out"][0] == "likelihood below 0.2"
    assert judged(record, Rule(0.5, 0.4), pd.Series({"행복": 0.9}))["left_out"][0] == ""
    for rule, word in ((Rule(0, 0.1), "kappas"), (Rule(0, 0, 0.1), "likelihood")):
        with pytest.raises(ValueError, match=f"needs {word}; none given"):
            judged(record, rule)


def test_usable_takes_what_was_judged_good_and_merges_disgust(write):
    rows = [reply("a", "행복", 0.5), reply("b", "혐오", 0.9), reply("c", "불명확", 1), reply("d", "거절", 0), reply("e", "중립", 0.49)]
    record = read_record(write(*rows))
    assert usable(judged(record, Rule(0.5))).to_dict("list") == {"text": ["a", "b"], "emotion": ["행복", "분노"]}
    assert usable(judged(record, Rule(0)))["text"].tolist() == ["a", "b", "e"]
    assert usable(judged(record, Rule(0.5)), (*EMOTIONS, "혐오"))["emotion"].tolist() == ["행복", "혐오"]  # the source's round 1
    assert usable(judged(record, Rule(0.95))).empty


def test_likelihoods_of_recorded_labels(write):
    train = pd.DataFrame({"text": ["정말 좋아", "너무 좋아", "진짜 싫어", "아주 싫어"], "emotion": ["행복", "행복", "분노", "분노"]})
    rows = [reply("좋아", "행복"), reply("싫어", "혐오"), reply("좋아 ", "분노"), reply("뭐", "중립"), reply("음", "거절", 0)]
    good, disgust, wrong, unknown, refused = likelihoods(read_record(write(*rows)), train)
    assert good > 0.5 and disgust > 0.5 > wrong and unknown == refused == 0


def test_what_03_chose_is_read_again(tmp_path):
    pd.DataFrame({"text": ["a", "N/A"], "label": ["혐오", "행복"]}).to_csv(tmp_path / "chosen.csv", index=False)
    assert read_chosen(tmp_path / "chosen.csv").to_dict("list") == {"text": ["a", "N/A"], "emotion": ["분노", "행복"]}
    assert read_chosen(tmp_path / "chosen.csv", (*EMOTIONS, "혐오"))["emotion"].tolist() == ["혐오", "행복"]
    with pytest.raises(FileNotFoundError, match="run notebook 03_augmentation first, or set AUGMENTED to False"):
        read_chosen(tmp_path / "none.csv")


def test_nothing_of_validation_or_test_comes_back_through_an_augmentation():
    labelled = dialogue.read_corpora(ASSETS / "dialogue").table
    part = dialogue.split(labelled)
    train, held = labelled[part == "train"], labelled[part != "train"]
    rng = np.random.default_rng(0)
    def otherwise(text):
        return [text, f" {text}!!", text.replace(" ", ""), text.upper() + "~", unicodedata.normalize("NFD", text)][rng.integers(5)]
    added = pd.DataFrame({"text": [*map(otherwise, held["text"]), "아무도 라벨하지 않은 새 글"], "emotion": "행복"})
    joined = join(train, added, labelled)
    assert joined["text"].tolist() == [*train["text"], "아무도 라벨하지 않은 새 글"]
    signs = pd.DataFrame({"text": ["ㅠㅠ", "😂", "😭"], "emotion": "슬픔"})
    assert join(train, signs, train.assign(text="😂"))["text"].tolist()[-2:] == ["ㅠㅠ", "😭"]


# --- the embedded sample ---------------------------------------------------------------------------------------------
def test_embedded_record_and_gold_file():
    record = read_record(ASSETS / "augment/record.jsonl")
    gold = pd.read_csv(ASSETS / "augment/gold.csv")
    assert len(record) >= 100 and len(gold) >= 50
    assert set(record["label"]) <= {*LABELS, *FAILED} and set(gold["label"]) <= set(LABELS)
    assert gold["text"].is_unique and set(gold["text"]) <= set(record["text"])
    assert set(usable(judged(record, Rule()))["emotion"]) == set(EMOTIONS)
    assert audit.agreement(*gold.merge(record, on="text")[["label_x", "label_y"]].to_numpy().T, n_bootstrap=20)["kappa"][0] > 0.5


def test_embedded_record_says_how_it_was_made():
    record = read_record(ASSETS / "augment/record.jsonl")
    prompt = (ASSETS / "augment/prompt.md").read_text(encoding="utf8")
    assert set(record["prompt"]) == {digest(prompt)}
    assert record["model"].str.contains("not OpenAI").all()
    others = replies(ASSETS / "augment/compared.jsonl")
    assert others["model"].str.contains("not OpenAI").all() and others.groupby("model")["text"].nunique().tolist() == [240, 240]
    source = (ASSETS / "augment/prompt_source.md").read_text(encoding="utf8")
    assert set(others["prompt"]) == {digest(prompt), digest(source)}
    for label in LABELS:
        assert f"- {label}:" in prompt  # the code book explains every label that may be answered


def test_labels_are_the_emotions_and_two_more():
    assert (*EMOTIONS, "혐오", "불명확") == LABELS and not set(augment.UNUSABLE) & set(EMOTIONS)
