"""neighbours.py: ranks, ties, exclusions and the two ways packs are voted for, by hand-worked cases."""

import numpy as np
import pytest

from emorec_lib.neighbours import (
    centred,
    cosines,
    csls,
    dealt,
    euclidean,
    hubness,
    link_level,
    nearest,
    pack_scores,
    same,
    tastes,
    top_pack_votes,
    unit,
    varied,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


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


def test_pack_scores_by_hand():
    similarity = np.array([[0.9, 0.6, 0.3, 0.8, 0.2],
                           [0.1, 0.2, 0.0, 0.4, -0.7]])
    rows_of = [np.array([0, 1, 2]), np.array([3]), np.array([4])]
    assert pack_scores(similarity, np.array([0.75, 0.25]), rows_of) == pytest.approx(
        [0.75 * (0.9 + 0.6 + 0.3) / 3 + 0.25 * (0.1 + 0.2 + 0.0) / 3, 0.75 * 0.8 + 0.25 * 0.4, 0.75 * 0.2 - 0.25 * 0.7])


def test_only_a_packs_nearest_three_count():
    assert pack_scores(np.array([[0.5, 0.9, 0.7, 0.8, 0.6]]), np.ones(1), [np.arange(5)]) == pytest.approx([0.8])


def test_more_use_more_weight():
    similarity, rows_of = np.array([[0.9, 0.1], [0.1, 0.9]]), [np.array([0]), np.array([1])]
    assert np.diff(pack_scores(similarity, np.array([0.2, 0.8]), rows_of)) > 0
    assert np.diff(pack_scores(similarity, np.array([0.8, 0.2]), rows_of)) < 0


def test_hubness_is_the_mean_of_the_nearest_of_other_packs(rng):
    rows, packs = unit(rng.normal(size=(9, 4))), np.repeat(["a", "b", "c"], 3)
    found = hubness(rows, packs, k=2)
    for i in range(9):
        others = sorted((float(rows[i] @ rows[j]) for j in range(9) if packs[j] != packs[i]), reverse=True)
        assert found[i] == pytest.approx(np.mean(others[:2]), abs=1e-6)
    assert hubness(rows, np.repeat("a", 9)).tolist() == [0] * 9  # no other pack
    every = [np.mean([rows[i] @ rows[j] for j in range(9) if packs[j] != packs[i]]) for i in range(9)]
    assert hubness(rows, packs, k=50) == pytest.approx(every, abs=1e-6)


def test_csls_takes_away_what_hubs_have():
    similarity, column = np.array([[0.8, 0.7, 0.1]]), np.array([0.75, 0.2, 0.1])
    found = csls(similarity, column, k=2)
    assert found == pytest.approx(similarity - (0.75 + column) / 2)
    assert similarity.argmax() == 0 and found.argmax() == 1


def test_tastes_are_told_apart_by_the_level(rng):
    directions = np.eye(6)[[0, 1, 0, 1, 0]]
    rows = unit(directions + 0.05 * rng.normal(size=directions.shape))
    assert [g.tolist() for g in tastes(rows, 0.5)] == [[0, 2, 4], [1, 3]]
    assert [g.tolist() for g in tastes(rows, -1.0)] == [[0, 1, 2, 3, 4]]
    assert [g.tolist() for g in tastes(rows[:1], 0.5)] == [[0]]


def test_link_level_lies_between_packs_and_their_inside(rng):
    packs = np.repeat(["a", "b", "c"], 8)
    rows = unit(np.eye(3)[np.repeat(range(3), 8)] + 0.2 * rng.normal(size=(24, 3)))
    assert 0.3 < link_level(rows, packs) < 0.7
    assert link_level(rows, np.repeat("a", 24)) == -1 and link_level(rows[:1], packs[:1]) == -1 and link_level(rows[::8], packs[::8]) == -1


def test_dealt_gives_places_by_weight_and_nothing_twice():
    assert dealt([list("abcd"), list("xay")], [2.0, 1.0]) == [("a", 0), ("b", 0), ("x", 1), ("c", 0), ("d", 0), ("y", 1)]
    assert dealt([list("ab"), []], [1.0, 5.0]) == [("a", 0), ("b", 0)]
    assert [taste for _, taste in dealt([list("abc"), list("xyz")], [1.0, 1.0])] == [0, 1, 0, 1, 0, 1]


def test_cosines():
    few, many = unit(np.random.default_rng(0).normal(size=(2, 8))), unit(np.random.default_rng(1).normal(size=(5, 8)))
    assert np.allclose(cosines(few, many), few @ many.T, atol=1e-6) and cosines(few, many).shape == (2, 5)


def test_varied():
    rows = np.linalg.cholesky([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])  # unit rows of these cosines
    scores = np.array([1.0, 0.9, 0.6])
    assert varied(scores, rows, 3, 0.0) == [0, 1, 2] and varied(scores, rows, 2, 0.5) == [0, 2]
    assert varied(scores, rows, 3, 0.0, duplicate=0.85) == [0, 2]
    assert varied(scores, rows, 2, 1.0, near=np.array([0.9, 0.0, 0.0])) == [1, 2]
    assert varied(np.empty(0), np.empty((0, 0)), 3, 0.0) == []
