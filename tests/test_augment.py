"""augment.py: the record of replies, which are used, agreement with labels by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from emorec_lib import augment
from emorec_lib.augment import FAILED, LABELS, agreement, kappa_per_class, read_record, usable
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


def test_usable_leaves_out_the_unclear_and_unsure_and_merges_disgust(write):
    rows = [reply("a", "행복", 0.5), reply("b", "혐오", 0.9), reply("c", "불명확", 1), reply("d", "거절", 0), reply("e", "중립", 0.49)]
    record = read_record(write(*rows))
    assert usable(record, 0.5).to_dict("list") == {"text": ["a", "b"], "emotion": ["행복", "분노"]}
    assert usable(record)["text"].tolist() == ["a", "b", "e"]
    assert usable(record, 0.5, (*EMOTIONS, "혐오"))["emotion"].tolist() == ["행복", "혐오"]  # the source's round 1
    assert usable(record, 0.95).empty


# --- agreement -------------------------------------------------------------------------------------------------------
def test_agreement_worked_by_hand():
    # 20 + 15 of 50 equal: p_o = .7; "a" given 25 and 30 times: p_e = .5 * .6 + .5 * .4 = .5; kappa = .2 / .5
    first, second = ["a"] * 25 + ["b"] * 25, ["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15
    result = agreement(first, second)
    kappa, low, high = result["kappa"]
    assert result["n"] == 50 and result["equal"] == pytest.approx(0.7) and kappa == pytest.approx(0.4)
    assert 0.1 < low < 0.25 and 0.55 < high < 0.7  # normal approximation: .4 +- 1.96 * .13
    assert agreement(first, second) == result
    assert agreement(first, second, seed=1)["kappa"][1:] != result["kappa"][1:]


def test_agreement_is_scikit_learns_kappa():
    rng = np.random.default_rng(0)
    first = rng.choice(LABELS, 200)
    second = np.where(rng.random(200) < 0.6, first, rng.choice(LABELS, 200))
    kappa, low, high = agreement(pd.Series(first), pd.Series(second), n_bootstrap=50)["kappa"]
    assert kappa == pytest.approx(cohen_kappa_score(first, second)) and low < kappa < high
    assert agreement(first, first, n_bootstrap=50)["kappa"] == (1, 1, 1)


@pytest.mark.parametrize(("first", "second"), [([], []), (["행복"], ["행복", "슬픔"])])
def test_agreement_wants_as_many_of_both(first, second):
    with pytest.raises(ValueError, match=f"{len(first)} and {len(second)} labels"):
        agreement(first, second)


def test_kappa_per_class():
    first, second = ["행복"] * 4 + ["슬픔"] * 4 + ["중립"] * 2, ["행복"] * 4 + ["슬픔"] * 2 + ["중립"] * 2 + ["중립"] * 2
    table = kappa_per_class(first, second)
    assert table.index.tolist() == ["행복", "슬픔", "중립"]  # in the order of LABELS, only those that occur
    assert table["gold"].tolist() == [4, 4, 2] and table["record"].tolist() == [4, 2, 4]
    # 슬픔: p_o = .8, p_e = .4 * .2 + .6 * .8 = .56; 중립: p_o = .8, p_e = .2 * .4 + .8 * .6 = .56
    assert table["kappa"].tolist() == pytest.approx([1, 0.24 / 0.44, 0.24 / 0.44])
    assert kappa_per_class(["행복", "행복"], ["행복", "불명확"]).index.tolist() == ["행복", "불명확"]


# --- the embedded sample ---------------------------------------------------------------------------------------------
def test_embedded_record_and_gold_file():
    record = read_record(ASSETS / "augment/record.jsonl")
    gold = pd.read_csv(ASSETS / "augment/gold.csv")
    assert len(record) >= 100 and len(gold) >= 50
    assert set(record["label"]) <= {*LABELS, *FAILED} and set(gold["label"]) <= set(LABELS)
    assert gold["text"].is_unique and set(gold["text"]) <= set(record["text"])
    assert set(usable(record, 0.5)["emotion"]) == set(EMOTIONS)
    assert agreement(*gold.merge(record, on="text")[["label_x", "label_y"]].to_numpy().T, n_bootstrap=20)["kappa"][0] > 0.5


def test_embedded_record_says_how_it_was_made():
    record = read_record(ASSETS / "augment/record.jsonl")
    prompt = (ASSETS / "augment/prompt.md").read_text(encoding="utf8")
    assert set(record["prompt"]) == {digest(prompt)}
    assert record["model"].str.contains("not OpenAI").all()
    for label in LABELS:
        assert f"- {label}:" in prompt  # the code book explains every label that may be answered


def test_labels_are_the_emotions_and_two_more():
    assert (*EMOTIONS, "혐오", "불명확") == LABELS and not set(augment.UNUSABLE) & set(EMOTIONS)
