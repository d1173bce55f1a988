"""Unit rows, nearest emoticons and the votes of packs."""

from collections import Counter

import numpy as np
from scipy.spatial.distance import cdist


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, float32; a row of zeros stays zero."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)).astype(np.float32)


def centred(rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Rows minus ``mean`` (D,), which is fitted on the catalogue only, to unit length: takes away what all emoticons share,
    which otherwise makes a few of them near to everything (hubs)."""
    return unit(rows - mean)


def euclidean(rows: np.ndarray) -> np.ndarray:
    """Similarity by distance: res[i][j] = -|rows[i] - rows[j]|, (N, N); 0 is nearest."""
    return -cdist(rows, rows)


def same(labels) -> np.ndarray:
    """(N, N) bool: res[i][j] = labels[i] == labels[j]."""
    labels = np.asarray(labels)
    return labels[:, None] == labels[None]


def nearest(similarity: np.ndarray, k: int, exclude: np.ndarray | None = None) -> np.ndarray:
    """Columns with the highest similarity: res[q] = the k columns of row q, best first; ties by the lower column.

    similarity: (Q, N). exclude: (Q, N) bool, True where a column must not appear (itself, its own pack).
    Returns (Q, min(k, N)) int; -1 fills the place where fewer columns are allowed.
    """
    allowed = np.where(exclude, -np.inf, similarity) if exclude is not None else similarity
    order = np.argsort(-allowed, axis=1, kind="stable")[:, :k]
    return np.where(np.isneginf(np.take_along_axis(allowed, order, 1)), -1, order)


def top_pack_votes(similarity: np.ndarray, pack_ids: list[str], votes: int = 5, at_least: int = 3) -> list[tuple[str, int]]:
    """The source's rule: every used picture gives one vote to each of its ``votes`` most similar packs; the packs with most votes
    are taken, and while fewer than ``at_least`` are, those with the next lower number of votes too (all of a tie, so
    the answer may be longer).

    similarity: (H, P), used picture x pack thumbnail (-inf: no vote). Returns [(pack_id, votes)], most first, ties by mean similarity.
    Its faults are mended: equal similarities named one pack twice (list.index), the boundary moved inside the
    loop, and the query was not normalised (the caller's unit rows).
    """
    tally = Counter(pack_ids[col] for row in nearest(similarity, votes) for col in row if col >= 0)
    mean = dict(zip(pack_ids, similarity.mean(0), strict=True))
    ranked = sorted(tally.items(), key=lambda item: (-item[1], -mean[item[0]], item[0]))
    if len(ranked) <= at_least:
        return ranked
    boundary = ranked[at_least - 1][1]
    return [item for item in ranked if item[1] >= boundary]


def weighted_packs(similarity: np.ndarray, weights: np.ndarray, pack_ids: np.ndarray, n_nearest: int = 3) -> dict[str, float]:
    """Votes weighted by similarity and use: score(P) = sum_h w_h mean(max(0, s) of the n_nearest emoticons of P nearest to h).

    similarity: (H, N), used picture x catalogue emoticon. weights: (H,), sum 1. pack_ids: (N,). A pack with fewer emoticons
    takes the mean of those it has. Returns pack_id -> score.
    """
    scores = {}
    for pack in dict.fromkeys(pack_ids):
        best = np.sort(np.maximum(similarity[:, pack_ids == pack], 0), axis=1)[:, -n_nearest:]  # (H, <= n_nearest)
        scores[pack] = float(weights @ best.mean(1))
    return scores
