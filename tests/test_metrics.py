"""metrics.py: small cases worked by hand, scikit-learn beside ours, chance where chance is due."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from emorec_lib import metrics
from emorec_lib.metrics import (
    classification,
    classification_table,
    grouped_interval,
    interval_text,
    majority_baseline,
    per_class,
    random_similarity,
    retrieval,
    retrieval_table,
    tfidf_baseline,
)
from emorec_lib.run import EMOTIONS

# --- retrieval ---------------------------------------------------------------------------------------------------------

STYLE = ["x", "x", "x", "y", "y", "z"]
PACK = ["a", "a", "b", "c", "d", "e"]


def ranked(*orders):
    """Similarity (N, N) in which row q ranks the columns as orders[q] says, best first."""
    similarity = np.full((len(orders), len(orders)), -1.0)
    for row, order in zip(similarity, orders, strict=True):
        row[list(order)] = np.linspace(1, 0, len(order))
    return similarity


def test_retrieval_by_hand():
    # Query 0 (style x, pack a; emoticon 1 is of its own pack): allowed 2 3 4 5, right is 2 only.
    similarity = ranked([0, 1, 3, 2, 4, 5],   # 3 2 4 5: P@1 0, average precision 1/2
                        [1, 0, 2, 3, 4, 5],   # 2 3 4 5: P@1 1, average precision 1
                        [3, 0, 4, 1, 5, 2],   # 3 0 4 1 5: hits at 2 and 4, (1/2 + 2/4) / 2
                        [3, 4, 0, 1, 2, 5],   # 4 0 1 2 5: P@1 1, average precision 1
                        [0, 1, 2, 5, 3, 4],   # 0 1 2 5 3: hit at 5
                        [0, 1, 2, 3, 4, 5])   # style z has one pack: no query
    result = retrieval(similarity, STYLE, PACK)
    # P@10 with fewer than ten candidates: the share of those there are.
    expected = np.array([[0, 1 / 4, 1 / 2], [1, 1 / 4, 1], [0, 2 / 5, 1 / 2], [1, 1 / 5, 1], [0, 1 / 5, 1 / 5]])
    np.testing.assert_allclose(result["per_query"], expected)
    assert result["n"] == 5
    assert [result[m][0] for m in ("P@1", "P@10", "mAP")] == pytest.approx(expected.mean(0).tolist())
    assert all(low <= mean <= high for mean, low, high in (result[m] for m in ("P@1", "P@10", "mAP")))


def test_precision_at_10_looks_at_ten():
    style, pack = ["x"] * 30, ["a"] + ["b"] * 29
    style[11:] = ["y"] * 19  # of the 29 candidates the first 10 are right
    similarity = ranked(*[range(30)] * 30)
    assert retrieval(similarity, style, pack)["per_query"][0].tolist() == [1, 1, 1]
    style[1] = "y"
    assert retrieval(similarity, style, pack)["per_query"][0][:2].tolist() == [0, 0.9]


def test_the_own_pack_is_neither_hit_nor_candidate():
    similarity = ranked(*[range(6)] * 6)
    similarity[0, 1] = 99
    changed = retrieval(similarity, STYLE, PACK)["per_query"]
    np.testing.assert_array_equal(changed, retrieval(ranked(*[range(6)] * 6), STYLE, PACK)["per_query"])


def test_unknown_styles_are_never_asked_nor_right():
    result = retrieval(ranked(*[range(4)] * 4), ["", "", "x", "x"], ["a", "b", "c", "d"])
    assert result["n"] == 2 and result["P@1"][0] == 0  # two packs without a style are not of one style
    np.testing.assert_allclose(result["per_query"][:, 2], 1 / 3)  # the right one comes behind the two unknown


def test_without_two_packs_of_a_style_there_is_nothing_to_measure():
    for style in (["x", "x", "y"], ["", "", ""]):
        with pytest.raises(ValueError, match=r"no style has two packs.*style_family"):
            retrieval(np.zeros((3, 3)), style, ["a", "a", "b"])


def test_ties_are_ranked_by_chance_not_by_file_order():
    """All equal, the right ones first in the file: file order would give P@1 = 1, its reverse 0; chance gives 19/39."""
    style, pack = ["x"] * 20 + [""] * 20, [f"p{i}" for i in range(40)]
    scores = [retrieval(np.zeros((40, 40)), style, pack, seed)["P@1"][0] for seed in range(60)]
    assert 0.3 < np.mean(scores) < 0.7 and len(set(scores)) > 1
    assert retrieval(np.zeros((40, 40)), style, pack, 3)["mAP"] == retrieval(np.zeros((40, 40)), style, pack, 3)["mAP"]


def test_random_similarity_is_at_chance():
    style = np.repeat(["x", "y", "z", "w"], 50)
    pack = np.repeat([f"p{i}" for i in range(40)], 5)
    result = retrieval(random_similarity(200, 0), style, pack)
    chance = 45 / 195  # right ones among the candidates
    assert result["n"] == 200
    for metric, margin in (("P@1", 0.1), ("P@10", 0.03), ("mAP", 0.03)):
        assert abs(result[metric][0] - chance) < margin
    assert result["P@10"][1] < chance < result["P@10"][2]
    assert (random_similarity(5, 0) == random_similarity(5, 0)).all() and (random_similarity(5, 0) != random_similarity(5, 1)).all()


def test_a_perfect_similarity_scores_one():
    style = np.repeat(["x", "y"], 10)
    result = retrieval((style[:, None] == style).astype(float), style, np.tile([f"p{i}" for i in range(10)], 2))
    assert [result[m] for m in ("P@1", "P@10", "mAP")] == [(1, 1, 1), pytest.approx((0.9,) * 3), (1, 1, 1)]


def test_retrieval_table():
    similarities = {"ordered": ranked(*[range(6)] * 6), "chance": random_similarity(6)}
    table, results = retrieval_table(similarities, STYLE, PACK)
    assert list(table.index) == [("all", "ordered"), ("all", "chance")] and list(table.columns) == ["P@1", "P@10", "mAP", "n"]
    ordered = results["all"]["ordered"]
    assert table.loc[("all", "ordered"), "mAP"] == interval_text(*ordered["mAP"]) and table.loc[("all", "chance"), "n"] == 5
    assert set(ordered) == {"P@1", "P@10", "mAP", "n"} and ordered["mAP"] == retrieval(similarities["ordered"], STYLE, PACK)["mAP"]


def test_parts_of_the_queries_are_reported_apart():
    """Every part ranks all emoticons; the parts' means, weighted by their queries, are the whole's."""
    similarities = {"ordered": ranked([0, 1, 3, 2, 4, 5], *[range(6)] * 5)}
    y = np.array(STYLE) == "y"
    parts = {"all": np.ones(6, dtype=bool), "heldout": y, "none": np.zeros(6, dtype=bool), "train": ~y}
    table, results = retrieval_table(similarities, STYLE, PACK, parts=parts)
    assert list(table.index) == [("heldout", "ordered"), ("train", "ordered")]
    whole, held, rest = (results[part]["ordered"] for part in ("all", "heldout", "train"))
    assert (held["n"], rest["n"], whole["n"]) == (2, 3, 5) and "none" not in results
    assert whole["mAP"][0] == pytest.approx((2 * held["mAP"][0] + 3 * rest["mAP"][0]) / 5)
    per_query = retrieval(similarities["ordered"], STYLE, PACK)["per_query"]
    assert held["mAP"][0] == pytest.approx(per_query[3:, 2].mean())


# --- intervals ---------------------------------------------------------------------------------------------------------

def test_interval_resamples_whole_groups():
    """Rows of a group are copies: 8 groups, not 800 rows, are what is known, so the interval is about ten times as wide."""
    rng = np.random.default_rng(0)
    groups, values = np.repeat(np.arange(8), 100), np.repeat(rng.random(8), 100)[:, None]
    low, high = grouped_interval(values, groups)
    alone_low, alone_high = grouped_interval(values, np.arange(800))
    assert low[0] < values.mean() < high[0] and (high - low)[0] > 5 * (alone_high - alone_low)[0]


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        centres = rng.normal(0.5, 0.2, 30)  # 30 groups of 4 rows, true mean 0.5
        values = (centres[:, None] + rng.normal(0, 0.1, (30, 4))).reshape(-1, 1)
        low, high = grouped_interval(values, np.repeat(np.arange(30), 4))
        covered += low[0] <= 0.5 <= high[0]
    assert 87 <= covered <= 99


def test_interval_of_groups_of_unequal_size():
    """One group of nine ones and one group of a single zero: the resampled mean is 1, 0 or 9/10."""
    low, high = grouped_interval(np.array([[1.0]] * 9 + [[0.0]]), np.array(["a"] * 9 + ["b"]))
    assert (low[0], high[0]) == (0, 1)
    same = grouped_interval(np.full((5, 2), 0.3), np.array([1, 1, 2, 3, 3]))
    np.testing.assert_allclose(same, 0.3)


def test_interval_text():
    assert interval_text(0.5, 0.25, 1.0) == ".500 [.250, 1.000]"
    assert interval_text(-0.1, -0.2, 0.0) == "-.100 [-.200, .000]"
    assert interval_text(10.5, 10.0, 20.25) == "10.500 [10.000, 20.250]"  # only a leading zero goes


# --- classification ----------------------------------------------------------------------------------------------------

def test_macro_f1_by_hand_leaves_out_a_class_that_occurs_nowhere():
    result = classification(list("aaab"), list("aabb"), list("abc"))
    # a: precision 1, recall 2/3, F1 4/5. b: precision 1/2, recall 1, F1 2/3. c: nowhere.
    assert result["accuracy"][0] == 3 / 4 and result["macro_f1"][0] == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert result["confusion"].tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]] and result["n"] == 4


def test_a_class_that_is_only_predicted_counts_as_zero():
    assert classification(list("aa"), list("ab"), list("abc"))["macro_f1"][0] == pytest.approx((2 / 3 + 0) / 2)


def test_classification_equals_scikit_learn():
    rng = np.random.default_rng(0)
    truth, predicted = rng.choice(EMOTIONS, 300), rng.choice(EMOTIONS[:4], 300)
    result = classification(truth, predicted, EMOTIONS)
    assert result["accuracy"][0] == accuracy_score(truth, predicted)
    assert result["macro_f1"][0] == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))
    cells = np.array([[((truth == t) & (predicted == p)).sum() for p in EMOTIONS] for t in EMOTIONS])
    assert (result["confusion"] == cells).all()


def test_the_bootstrap_scores_as_scikit_learn():
    """What is resampled is the same quantity as what is reported."""
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 3, 50), rng.integers(0, 2, 50)
    accuracy, macro = metrics._scores(np.bincount(truth * 4 + predicted, minlength=16))
    assert accuracy == accuracy_score(truth, predicted)
    assert macro == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))


def test_classification_intervals():
    rng = np.random.default_rng(0)
    truth = rng.choice(list("ab"), 400)
    predicted = np.where(rng.random(400) < 0.8, truth, "a")
    result = classification(truth, predicted, "ab")
    for metric in ("accuracy", "macro_f1"):
        mean, low, high = result[metric]
        assert low < mean < high and high - low < 0.1
    p = result["accuracy"][0]
    assert result["accuracy"][2] - p == pytest.approx(1.96 * (p * (1 - p) / 400) ** 0.5, rel=0.2)  # the normal approximation
    assert classification(truth, predicted, "ab")["accuracy"] == result["accuracy"]
    assert classification(["a"], ["a"], "ab")["accuracy"] == (1, 1, 1)


def test_classification_of_unusable_input():
    for truth, predicted in ((["a"], ["a", "b"]), (["a", "b"], []), ([], [])):
        with pytest.raises(ValueError, match=f"{len(truth)} true labels and {len(predicted)} predictions"):
            classification(truth, predicted, "ab")
    with pytest.raises(ValueError, match="labels x, y are none of the classes a, b"):
        classification(["a", "x"], ["y", "b"], "ab")


def test_per_class():
    table = per_class(list("aaab"), list("aabb"), list("abc"))
    assert table.index.tolist() == ["a", "b", "c"] and table.index.name == "emotion"
    np.testing.assert_allclose(table.to_numpy(float), [[1, 2 / 3, 4 / 5, 3], [1 / 2, 1, 2 / 3, 1], [0, 0, 0, 0]])


def test_classification_table():
    table = classification_table({"good": classification(list("abab"), list("abab"), "ab"), "bad": classification(["a"], ["b"], "ab")})
    assert table.loc["good"].tolist() == ["1.000 [1.000, 1.000]", "1.000 [1.000, 1.000]", 4] and table.index.name == "method"
    assert table.loc["bad", "accuracy"] == ".000 [.000, .000]" and list(table.columns) == ["accuracy", "macro-F1", "n"]
    assert classification_table({}).empty


# --- baselines ---------------------------------------------------------------------------------------------------------

def test_majority():
    assert majority_baseline(["슬픔", "행복", "행복"], 3) == ["행복"] * 3 and majority_baseline(["a"], 0) == []


def test_tfidf_learns_what_the_majority_cannot_and_does_so_twice():
    happy = ["오늘 너무 행복해", "합격했어 신난다", "정말 기뻐 최고야", "선물 받아서 좋아 ㅋㅋ", "노래가 좋아서 신나"]
    sad = ["너무 슬퍼 눈물이 나", "헤어져서 울었어 ㅠㅠ", "혼자라서 외로워", "속상하고 슬프다"]
    texts, truth = ["신나고 행복하다 ㅋㅋ", "눈물이 멈추지 않아 ㅠㅠ", "기뻐서 좋아", "슬퍼서 울어"], ["행복", "슬픔", "행복", "슬픔"]
    labels = ["행복"] * len(happy) + ["슬픔"] * len(sad)
    answers = tfidf_baseline(happy + sad, labels, texts)
    assert answers == tfidf_baseline(happy + sad, labels, texts)
    right, floor = (np.mean([a == t for a, t in zip(guess, truth, strict=True)]) for guess in (answers, majority_baseline(labels, 4)))
    assert right == 1 and floor == 0.5
