"""From packs in their order and a message's emotion to the emoticons that are shown."""

import math

import numpy as np

from .answer import Emotion
from .neighbours import varied
from .run import EMOTIONS

SHOWN = 0.5  # an emoticon shows an emotion if its probability of it is at least this
DUPLICATE = 0.97  # cosine from which on two pictures are the same to a user: recoded or shrunk ones reach .99, different ones of a pack .94


def places_of(emotion: Emotion, k: int) -> dict[str, int]:
    """{emotion: places}: all to the likeliest where it is certain, else shared by the two likeliest as their probabilities are."""
    first, second = sorted(EMOTIONS, key=lambda e: -emotion.probabilities[e])[:2]
    if emotion.certain:
        return {first: k}
    p, q = emotion.probabilities[first], emotion.probabilities[second]
    n = min(k, math.ceil(k * p / (p + q)))
    return {first: n, second: k - n}


def choose(emotion: Emotion, k: int, shows: np.ndarray, worth: np.ndarray, near: np.ndarray, pack_number: np.ndarray, alike: np.ndarray,
           variety: float = 0.0) -> tuple[list[tuple[int, str, float]], list[str]]:
    """At most k emoticons, ([(row, emotion shown, score)], notes): those of the emotions that have places (places_of), from near packs,
    then further ones; then of other emotions by their likelihood, at last those whose emotion is unknown (""), the likelier to fit first.

    shows: (N, 6) probability that the emoticon shows each emotion. worth: (N,) of its pack, 0: never shown. near: (N,) bool, its pack is
    one of those wanted. pack_number: (N,) int. alike: (N, D) unit rows that near-duplicates are told by. Score: likelihood of the emotion
    x shows x worth, of a pack's second emoticon half, of its third a third: so packs, and with them tastes, take turns.
    """
    places, likely = places_of(emotion, k), sorted(EMOTIONS, key=lambda e: -emotion.probabilities[e])
    unknown = (shows < SHOWN).all(1)
    taken: list[tuple[int, str, float]] = []
    notes = []
    for label, most in [(e, places[e]) for e in likely if e in places] + [(e, k) for e in (*likely, "")]:
        if len(taken) >= k:
            break
        if label:
            of_label = shows[:, EMOTIONS.index(label)]
            score = np.where(of_label >= SHOWN, of_label * worth * emotion.probabilities[label], 0)
        else:  # what a weak guess of the picture's emotion says still puts them in order
            guessed = shows @ np.array([emotion.probabilities[e] for e in EMOTIONS])
            score = np.where(unknown, worth * (guessed + 1e-3) / len(EMOTIONS), 0)
        score /= _place_in_pack(score, pack_number)
        for which, inside in (("near", near), ("further", ~near)):
            rows = _pick(np.where(inside, score, 0), min(most, k - len(taken)), alike, [row for row, *_ in taken], variety)
            if rows and (which == "further" or label not in places):
                what = f"showing {label}" if label else "whose emotion is unknown"
                notes.append(f"{len(rows)} of {which} packs {what} added, as there were only {len(taken)}.")
            taken += [(row, label, float(score[row])) for row in rows]
            most -= len(rows)
    return taken, notes


def _place_in_pack(score: np.ndarray, pack_number: np.ndarray) -> np.ndarray:
    """(N,) 1 for the best of each pack, 2 for its second, … (equal ones in the catalogue's order)."""
    order = np.lexsort((-score, pack_number))
    number, place = pack_number[order], np.empty(len(score))
    place[order] = np.arange(1, len(score) + 1) - np.searchsorted(number, number)
    return place


def _pick(score: np.ndarray, n: int, alike: np.ndarray, taken: list[int], variety: float) -> list[int]:
    """The n best rows of score above 0, not taken and no near-duplicates of these or of one another."""
    rows = np.setdiff1d(np.flatnonzero(score), taken)
    rows = rows[np.argsort(-score[rows], kind="stable")][:50 + 8 * n]  # those below cannot come in for variety's sake
    if n < 1 or not len(rows):
        return []
    features = alike[rows]
    near_taken = (features @ alike[taken].T).max(1, initial=-1.0)
    free = near_taken <= DUPLICATE
    rows, features, near_taken = rows[free], features[free], near_taken[free]
    chosen = varied(score[rows] / score.max(), features, n, variety, DUPLICATE, near_taken)
    return rows[chosen].tolist()
