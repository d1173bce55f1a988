"""The emoticons: a script says which face, pose, effects and caption; every style acts it out in its own way.

The scripts are rows of scripts.csv: key, emotion (행복 슬픔 분노 불안 당황 중립), also (further emotions, joined by |), eyes, brows,
mouth, arms, fx (effects, by a space), blush, tint (blue: fear, red: rage, pink: shame, grey: petrified), tilt (degrees),
motion (of a moving pack) and one caption per tone.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from .common import rng_of

TONES = ("banmal", "polite", "cute", "short", "jjal")
CAST = {"행복": 5, "슬픔": 4, "분노": 4, "불안": 4, "당황": 4, "중립": 3}  # how many of each emotion a pack shows


@dataclass(frozen=True)
class Script:
    key: str
    emotion: str
    also: str
    eyes: str
    brows: str
    mouth: str
    arms: str
    fx: tuple
    blush: bool
    tint: str
    tilt: float
    motion: str
    texts: dict

    def text(self, tone):
        """The caption in a tone, '' for none."""
        return self.texts.get(tone, "")


def _read():
    with open(Path(__file__).with_name("scripts.csv"), encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            texts = {tone: row.pop(tone) for tone in TONES}
            row.update(fx=tuple(row["fx"].split()), blush=bool(row["blush"]), tilt=float(row["tilt"] or 0), texts=texts)
            yield Script(**row)


SCRIPTS = {script.key: script for script in _read()}


def cast(pack_id):
    """The scripts of a pack, by emotion: another choice for every pack, the same on every machine."""
    rng, chosen = rng_of(pack_id, "cast"), []
    for emotion, n in CAST.items():
        keys = [s.key for s in SCRIPTS.values() if s.emotion == emotion]
        chosen += [keys[i] for i in sorted(rng.permutation(len(keys))[:n])]
    return [SCRIPTS[key] for key in chosen]
