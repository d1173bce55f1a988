"""Unit rows, nearest emoticons, the votes of packs, tastes and variety."""

from collections import Counter

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, float32; a row of zeros stays zero."""
    return (rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)).astype(np.float32)


def centred(rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Rows minus ``mean`` (D,), which is fitted on the catalogue only, to unit length: takes away what all emoticons share,
    which otherwise makes a few of them near to everything (hubs)."""
    return unit(rows - mean)


def cosines(rows: np.ndarray, of_all: np.ndarray) -> np.ndarray:
    """Similarity of few unit rows (Q, D) to many (N, D): (Q, N). The many go first: BLAS is several times faster so."""
    return (of_all @ rows.T).T


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


def hubness(rows: np.ndarray, pack_ids: np.ndarray, k: int = 10) -> np.ndarray:
    """How near an emoticon is to everything: the mean cosine to its k nearest of other packs.

    rows: (N, D) unit. pack_ids: (N,). Returns (N,) float32; 0 where there is no other pack.
    """
    found = np.zeros(len(rows), dtype=np.float32)
    for begin in range(0, len(rows), 1024):  # never the whole N x N
        block = slice(begin, begin + 1024)
        similarity = np.where(pack_ids[block, None] == pack_ids[None], -np.inf, cosines(rows[block], rows))
        found[block] = _mean_of_highest(similarity, k)
    return found


def _mean_of_highest(similarity: np.ndarray, k: int) -> np.ndarray:
    """(Q,) mean of each row's k highest finite values, 0 where it has none."""
    k = min(k, similarity.shape[1])
    best = np.partition(similarity, -k, axis=1)[:, -k:]
    there = np.isfinite(best)
    return np.where(there, best, 0).sum(1) / np.maximum(there.sum(1), 1)


def csls(similarity: np.ndarray, column_hubness: np.ndarray, k: int = 10) -> np.ndarray:
    """Similarity beyond what is usual around both: s - (r_q + r_c) / 2 with r_c = hubness of the column and r_q the mean of the row's k
    highest. Hubs, near to everything, lose their advantage.

    similarity: (Q, N) cosines. column_hubness: (N,). Returns (Q, N), -1 to 1 but for rounding.
    Source: Conneau et al. 2018, Word translation without parallel data, section 2.3 (half of it, so that the scale stays).
    """
    return similarity - (_mean_of_highest(similarity, k)[:, None] + column_hubness[None]) / 2


def pack_scores(similarity: np.ndarray, weights: np.ndarray, rows_of: list[np.ndarray], n_nearest: int = 3) -> np.ndarray:
    """Votes weighted by use: score(P) = sum_h w_h mean(s of the n_nearest emoticons of P nearest to h).

    similarity: (H, N), used picture x catalogue emoticon. weights: (H,), sum 1. rows_of: the columns of each pack; one with fewer than
    n_nearest takes the mean of those it has. Returns (P,).
    """
    longest = max(map(len, rows_of))
    columns = np.full((len(rows_of), longest), -1)
    for number, rows in enumerate(rows_of):
        columns[number, :len(rows)] = rows
    of_packs = np.where(columns >= 0, similarity[:, columns], -np.inf)  # (H, P, longest)
    best = _mean_of_highest(of_packs.reshape(-1, longest), n_nearest).reshape(len(similarity), -1)
    return weights @ best


def tastes(rows: np.ndarray, linked: float) -> list[np.ndarray]:
    """Groups of used pictures that are alike: average linkage on the cosine, cut where it falls below ``linked``.

    rows: (H, D) unit. Returns lists of indices, by first appearance.
    """
    if len(rows) == 1:
        return [np.array([0])]
    distance = np.maximum(1 - (rows @ rows.T)[np.triu_indices(len(rows), 1)], 0)
    group = fcluster(linkage(distance, "average"), 1 - linked, "distance")
    return [np.flatnonzero(group == g) for g in dict.fromkeys(group)]


def link_level(rows: np.ndarray, pack_ids: np.ndarray, n: int = 2000) -> float:
    """The cosine that tells one taste from two: midway between the medians within packs and between packs (of at most n emoticons, evenly
    taken). rows: (N, D) unit. -1 (all is one taste) where there is only one pack or no pack of two."""
    taken = np.unique(np.linspace(0, len(rows) - 1, min(n, len(rows))).astype(int))
    similarity = rows[taken] @ rows[taken].T
    same_pack = same(pack_ids[taken])
    within, between = similarity[same_pack & ~np.eye(len(taken), dtype=bool)], similarity[~same_pack]
    return float((np.median(within) + np.median(between)) / 2) if len(within) and len(between) else -1.0


def dealt(rankings: list[list], weights: list[float]) -> list[tuple]:
    """Rankings of several tastes as one, places dealt by weight (D'Hondt's highest quotients), nothing twice: [(item, number of the taste
    that brought it)]. A taste of half the weight has every third place."""
    order, taken, got = [], set(), [0] * len(rankings)
    rest = [list(reversed(ranking)) for ranking in rankings]
    while any(rest):
        quotient = [weights[i] / (got[i] + 1) if rest[i] else -1 for i in range(len(rest))]
        taste = quotient.index(max(quotient))
        item = rest[taste].pop()
        if item not in taken:
            taken.add(item)
            got[taste] += 1
            order.append((item, taste))
    return order


def varied(scores: np.ndarray, rows: np.ndarray, n: int, variety: float, duplicate: float = 2.0, near: np.ndarray | None = None,
           floor: float = 0.0) -> list[int]:
    """The n best, each losing ``variety`` times its highest similarity to those taken before (maximal marginal relevance, Carbonell &
    Goldstein 1998); none that is more similar than ``duplicate`` to one taken before. variety 0: by score alone.

    scores: (M,). rows: (M, D) unit. near: (M,) similarity to what was taken earlier. Similarities below ``floor`` count as floor.
    Returns indices, best first; of equal ones the first.
    """
    taken: list[int] = []
    near = np.full(len(scores), floor) if near is None else np.maximum(near, floor)
    free = np.ones(len(scores), dtype=bool)
    while len(taken) < n and free.any():
        best = int(np.where(free, scores - variety * near, -np.inf).argmax())
        taken.append(best)
        similarity = rows @ rows[best]
        near = np.maximum(near, similarity)
        free &= similarity <= duplicate
        free[best] = False
    return taken
