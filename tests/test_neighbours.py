"""neighbours.py: ranks, ties, exclusions and the two ways packs are voted for, by hand-worked cases."""

import numpy as np
import pytest

from emorec_lib.neighbours import centred, euclidean, nearest, same, top_pack_votes, unit, weighted_packs


def test_unit_rows():
    result = unit(np.array([[3, 4], [0, 0], [-2, 0]]))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, [[0.6, 0.8], [0, 0], [-1, 0]], rtol=1e-6)
    assert unit(np.array([0.0, 2.0])).tolist() == [0, 1]


def test_centred_takes_the_mean_away_and_keeps_zero_rows():
    rows = np.array([[1.0, 5.0], [1.0, 2.0], [4.0, 2.0]])
    np.testing.assert_allclose(centred(rows, np.array([1.0, 2.0])), [[0, 1], [0, 0], [1, 0]])


def test_euclidean_is_a_similarity():
    np.testing.assert_allclose(euclidean(np.array([[0.0, 0.0], [3.0, 4.0]])), [[0, -5], [-5, 0]])


def test_same():
    assert same(["a", "b", "a"]).tolist() == [[True, False, True], [False, True, False], [True, False, True]]


def test_nearest_best_first_ties_by_the_lower_column():
    similarity = np.array([[0.1, 0.9, 0.5, 0.9], [0.2, 0.2, 0.2, 0.2]])
    assert nearest(similarity, 3).tolist() == [[1, 3, 2], [0, 1, 2]]
    assert nearest(similarity, 9).shape == (2, 4)


def test_nearest_leaves_out_the_excluded_and_fills_with_minus_one():
    similarity = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]])
    exclude = np.array([[False, True, False], [True, True, True]])
    assert nearest(similarity, 3, exclude).tolist() == [[2, 0, -1], [-1, -1, -1]]
    assert nearest(np.array([[0.1, -np.inf]]), 2).tolist() == [[0, -1]]
    assert similarity[0, 1] == 0.9  # the argument is left alone


def test_nearest_agrees_with_a_plain_sort():
    similarity = np.random.default_rng(0).random((5, 30))
    for row, found in zip(similarity, nearest(similarity, 7), strict=True):
        assert found.tolist() == sorted(range(30), key=lambda j: -row[j])[:7]


def votes_for(*rows):
    """Similarity (H, P) in which used picture h is near to exactly the packs rows[h], of the four a, b, c, d, in that order."""
    similarity = np.zeros((len(rows), 4))
    for line, packs in zip(similarity, rows, strict=True):
        for rank, pack in enumerate(packs):
            line["abcd".index(pack)] = 0.9 - rank / 10
    return similarity


def test_packs_with_most_votes():
    found = top_pack_votes(votes_for("ab", "ac", "ab"), list("abcd"), votes=2, at_least=2)
    assert found == [("a", 3), ("b", 2)]


def test_a_tie_at_the_boundary_comes_in_together():
    found = top_pack_votes(votes_for("ab", "ac", "ad"), list("abcd"), votes=2, at_least=2)
    assert found[0] == ("a", 3) and sorted(found[1:]) == [("b", 1), ("c", 1), ("d", 1)]


def test_equal_votes_are_ordered_by_mean_similarity():
    similarity = np.array([[0.5, 0.9, 0.1], [0.9, 0.6, 0.1]])
    assert top_pack_votes(similarity, list("abc"), votes=2, at_least=2) == [("b", 2), ("a", 2)]


def test_equal_similarities_never_name_a_pack_twice():
    """The source's fault: list.index found the first of equal similarities again and again."""
    found = top_pack_votes(np.full((3, 4), 0.5), list("abcd"), votes=3, at_least=3)
    assert found == [("a", 3), ("b", 3), ("c", 3)]


def test_fewer_packs_than_wanted():
    assert top_pack_votes(np.array([[0.2, 0.7]]), ["a", "b"], votes=5, at_least=3) == [("b", 1), ("a", 1)]
    assert top_pack_votes(np.array([[0.2]]), ["a"]) == [("a", 1)]


def test_packs_that_are_not_allowed_get_no_vote():
    similarity = np.array([[0.2, -np.inf, 0.1, -np.inf]])
    assert top_pack_votes(similarity, list("abcd"), votes=3) == [("a", 1), ("c", 1)]


def test_weighted_packs_by_hand():
    similarity = np.array([[0.9, 0.6, 0.3, 0.8, 0.2],
                           [0.1, 0.2, 0.0, 0.4, 0.7]])
    packs = np.array(["a", "a", "a", "b", "c"])
    assert weighted_packs(similarity, np.array([0.75, 0.25]), packs) == pytest.approx(
        {"a": 0.75 * (0.9 + 0.6 + 0.3) / 3 + 0.25 * (0.1 + 0.2 + 0.0) / 3, "b": 0.75 * 0.8 + 0.25 * 0.4, "c": 0.75 * 0.2 + 0.25 * 0.7})


def test_only_a_packs_nearest_three_count():
    found = weighted_packs(np.array([[0.5, 0.9, 0.7, 0.8, 0.6]]), np.ones(1), np.array(["a"] * 5))
    assert found == pytest.approx({"a": 0.8})


def test_weighted_packs_never_below_zero():
    assert weighted_packs(np.array([[-0.9, 0.3]]), np.ones(1), np.array(["a", "b"])) == pytest.approx({"a": 0.0, "b": 0.3})


def test_more_use_more_weight():
    similarity, packs = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array(["a", "b"])
    often_second = weighted_packs(similarity, np.array([0.2, 0.8]), packs)
    assert often_second["b"] > often_second["a"]
    assert weighted_packs(similarity, np.array([0.8, 0.2]), packs)["a"] == pytest.approx(often_second["b"])
