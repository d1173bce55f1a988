"""audit.py: agreement, suspicious labels, the learning curve."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from emorec_lib import audit
from emorec_lib.audit import agreement, kappa_per_class
from emorec_lib.augment import LABELS

WORDS = {"행복": "좋아 신나 최고 기뻐 웃겨 사랑", "슬픔": "슬퍼 눈물 외로워 그리워 우울 허전", "분노": "짜증 화나 열받 미워 어이 싫어"}


def messages(n: int, seed: int = 0) -> pd.DataFrame:
    """n messages of made-up words, of which two of five tell the label."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(WORDS), n)
    other = [f"말{i}" for i in range(30)]
    texts = [" ".join([*rng.choice(WORDS[label].split(), 2), *rng.choice(other, 3), f"글{i}"]) for i, label in enumerate(labels)]
    return pd.DataFrame({"text": texts, "emotion": labels})


# --- two labellers ---------------------------------------------------------------------------------------------------
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


@pytest.mark.parametrize(("first", "second", "word"), [
    ([], [], "0 and 0 labels"), (["행복"], ["행복", "슬픔"], "1 and 2 labels"), (["행복"] * 3, ["행복"] * 3, "say 행복 everywhere")])
def test_agreement_wants_as_many_of_both(first, second, word):
    with pytest.raises(ValueError, match=word):
        agreement(first, second)


def test_kappa_per_class():
    first, second = ["행복"] * 4 + ["슬픔"] * 4 + ["중립"] * 2, ["행복"] * 4 + ["슬픔"] * 2 + ["중립"] * 2 + ["중립"] * 2
    table = kappa_per_class(first, second, LABELS)
    assert table.index.tolist() == ["행복", "슬픔", "중립"]  # in the order of LABELS, only those that occur
    assert table["gold"].tolist() == [4, 4, 2] and table["record"].tolist() == [4, 2, 4]
    # 슬픔: p_o = .8, p_e = .4 * .2 + .6 * .8 = .56; 중립: p_o = .8, p_e = .2 * .4 + .8 * .6 = .56
    assert table["kappa"].tolist() == pytest.approx([1, 0.24 / 0.44, 0.24 / 0.44])
    assert (table["low"] <= table["kappa"]).all() and (table["kappa"] <= table["high"]).all()
    assert kappa_per_class(["행복", "행복"], ["행복", "불명확"], LABELS).index.tolist() == ["행복", "불명확"]


def test_confusion_in_the_order_of_the_labels():
    table = audit.confusion(["중립", "행복", "행복"], ["중립", "행복", "불명확"], LABELS)
    assert table.index.tolist() == table.columns.tolist() == ["행복", "중립", "불명확"]
    assert table.to_numpy().tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_compare_takes_the_texts_that_both_labelled():
    gold = pd.Series({"a": "행복", "b": "슬픔", "c": "중립"})
    table = audit.compare({"gold": gold, "one": pd.Series({"c": "중립", "a": "슬픔", "d": "행복"}), "other": pd.Series({"z": "행복"})})
    assert table.index.tolist() == ["gold · one"] and table["n"].item() == 2 and table["equal"].item() == 0.5


# --- suspicious labels -----------------------------------------------------------------------------------------------
def test_out_of_fold_never_saw_the_group():
    """Groups of three equal texts with a label by chance: who has seen one of a group knows the others."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 3)
    labels = rng.choice(["a", "b"], 60)[groups]
    texts = [f"word{g} only{g}" for g in groups]
    def right(groups):
        probabilities, names = audit.out_of_fold(texts, labels, groups)
        assert probabilities.shape == (180, 2) and names == ["a", "b"] and np.allclose(probabilities.sum(1), 1)
        return (np.array(names)[probabilities.argmax(1)] == labels).mean()
    assert right(None) > 0.9 and right(groups) < 0.7


def test_out_of_fold_does_not_depend_on_the_groups_names():
    """They hold paths, and the same data may lie elsewhere."""
    table = messages(120)
    groups = np.arange(120) // 3
    one, other = (audit.out_of_fold(table["text"], table["emotion"], [name(g) for g in groups])[0]
                  for name in ("a/{:03d}".format, lambda g: f"{999 - g * 7 % 40}-{g}"))
    assert np.array_equal(one, other)


def test_planted_errors_are_found_and_reported_as_they_are():
    table = messages(400)
    found = audit.planted(table["text"], table["emotion"], share=0.1, tops=(10, 20, 10_000))
    assert 20 <= found["planted"] <= 60 and found["precision"] > 0.5 and found["recall"] > 0.5  # by chance .1
    assert list(found["top"]) == [10, 20] and found["top"][10] > 0.8
    assert audit.planted(table["text"], table["emotion"], share=0.1, tops=(10, 20, 10_000)) == found


def test_suspects_name_row_and_likelier_label():
    table = messages(300)
    labels = table["emotion"].where(table.index != 7, "행복" if table["emotion"][7] == "분노" else "분노")
    found = audit.suspects(labels, *audit.out_of_fold(table["text"], labels))
    assert found.loc[7, "label"] == labels[7] and found.loc[7, "likelier"] == table["emotion"][7]
    assert found["score"].is_monotonic_increasing


def test_overlapping_classes_come_first():
    table = messages(300)
    labels = table["emotion"].where(np.arange(300) % 3 > 0, table["emotion"].replace("슬픔", "분노"))  # a third of 슬픔 is called 분노
    pairs = audit.overlapping(labels, *audit.out_of_fold(table["text"], labels))
    assert set(pairs.iloc[0][["label", "taken_for"]]) == {"슬픔", "분노"}


def test_one_label_or_a_single_message_of_one_is_refused():
    for labels in (["행복"] * 4, ["행복"] * 3 + ["슬픔"]):
        with pytest.raises(ValueError, match="expected two or more"):
            audit.out_of_fold(["a", "b", "c", "d"], labels)


# --- the learning curve ----------------------------------------------------------------------------------------------
def test_learning_curve_shows_help_and_harm():
    train, good, test = messages(120), messages(200, 1), messages(300, 2)
    bad = good.assign(emotion=np.random.default_rng(0).permutation(good["emotion"]))
    curve = audit.learning_curve(train, {"good": good, "bad": bad}, test, (20, 120, 10_000), range(2)).set_index(["rows", "with"])
    assert curve.index.tolist() == [(20, "good"), (20, "bad"), (120, "good"), (120, "bad")]
    assert curve.loc[(20, "good"), "low"] > 0 and curve.loc[(20, "good"), "gain"] > curve.loc[(120, "good"), "gain"]
    assert curve.loc[(120, "bad"), "high"] < 0
    assert np.allclose(curve["accuracy"] - curve["without"], curve["gain"])
    assert (curve["seeds"] == 2).all()
    shown = audit.curve_table(curve.reset_index())
    assert shown["gain"].str.contains(r"\[").all()


def test_learning_curve_gives_the_model_what_it_says():
    train, added, test = messages(30), messages(5, 1), messages(10, 2)
    seen = []
    def fit(texts, labels, asked, seed):
        seen.append((len(texts), seed, asked))
        return ["행복"] * len(asked)
    curve = audit.learning_curve(train, {"more": added}, test, (10,), (3, 4), fit)
    assert [(n, seed) for n, seed, _ in seen] == [(10, 3), (15, 3), (10, 4), (15, 4)]
    assert all(asked == test["text"].tolist() for *_, asked in seen) and curve["gain"].item() == 0


def test_learning_curve_refuses_texts_of_the_test_part():
    train, test = messages(30), messages(10, 2)
    with pytest.raises(ValueError, match="more: 2 of its texts are in the test part"):
        audit.learning_curve(train, {"more": test.iloc[:2]}, test, (10,), (0,))
