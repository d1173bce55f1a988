"""Who it is in pixels: proportions, what lies behind the head, the marks on it and what is worn.

Every drawing function takes (g, f): a pixel_grid.Grid and a pixel_art.Figure.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..common import mix
from .pixel_grid import CHECKER, XX, YY, capsule, oval, polygon, rect, thread

SKIN = "#f7cda6"


def _nothing(g, f):
    pass


@dataclass(frozen=True)
class Who:
    hy: int  # height of the head's middle where the feet stand on row 44
    rx: float  # head
    ry: float
    power: float = 2.5
    behind: Callable = _nothing
    marks: Callable = _nothing  # on the head, under the face
    over: Callable = _nothing  # over the face
    worn: Callable = _nothing  # on the body
    coat: str = "main"  # the palette's colour, or a colour
    cloth: str = ""
    smile: str = "smile"
    snout: bool = False
    low: int = 0  # the mouth lower by so many cells
    one: bool = False  # head and body in one piece


def cat_behind(g, f):
    y = f.floor
    g.blob(capsule((f.cx + 8, y - 3), (f.cx + 16, y - 4), 2) | capsule((f.cx + 16, y - 4), (f.cx + 18, y - 11), 2), f.coat, f.tones)
    tip = {"up": (12, -19), "droop": (20, -12), "back": (17, -16)}[f.mood]
    for s in (-1, 1):
        g.blob(polygon((f.cx + s * 4, f.hy - 9), (f.cx + s * tip[0], f.hy + tip[1]), (f.cx + s * 16, f.hy)), f.coat, f.tones)
        inner = ((7, -9), (tip[0] - 0.5, tip[1] + 4), (14, -5))
        g.put(polygon(*((f.cx + s * x, f.hy + y) for x, y in inner)), "#f2939c" if f.mood == "up" else f.tones[2])


def cat_marks(g, f):
    for dx, top, h in ((-4, 12, 3), (0, 12, 5), (4, 12, 3)):
        g.put(rect(f.cx + dx, f.hy - top, f.cx + dx + (dx == 0), f.hy - top + h), f.tones[2])
    for s in (-1, 1):
        for y in (5, 8):
            g.put(thread((f.cx + s * 15, f.hy + y), (f.cx + s * 19, f.hy + y + (y - 6.5) * 0.6)), f.tones[3])


def rabbit_behind(g, f):
    """Up, one ear folds over; sad, both hang; angry, they lie back."""
    ear = {"up": ((7, -10), (9, -17)), "droop": ((13, -7), (18, 6)), "back": ((8, -9), (17, -16))}[f.mood]
    ears = [[(-x, y) for x, y in ear], ear]
    if f.mood == "up":
        ears[1:] = [((8, -10), (10, -17)), ((11, -17), (16, -13))]
    for ends in ears:
        a, b = ((f.cx + x, f.hy + y) for x, y in ends)
        g.blob(capsule(a, b, 3.6), f.coat, f.tones)
        g.put(capsule(a, b, 1.5), g.p.main)
    g.blob(oval(f.cx + 10, f.floor - 4, 3, 3), f.coat, f.tones)


def rabbit_worn(g, f):
    scarf = oval(f.cx, f.hy + 11.5, 11, 2.6)
    g.blob(scarf | polygon((f.cx + 4, f.hy + 12), (f.cx + 9, f.hy + 12), (f.cx + 8, f.hy + 18), (f.cx + 5, f.hy + 18)), g.p.accent)


def bear_behind(g, f):
    y = {"up": -10, "droop": -7, "back": -9}[f.mood]
    for s in (-1, 1):
        g.blob(oval(f.cx + s * 13, f.hy + y, 5, 5), f.coat, f.tones)
        g.put(oval(f.cx + s * 13, f.hy + y, 2.4, 2.4), f.tones[2])


def bear_marks(g, f):
    g.put(oval(f.cx, f.hy + 8, 8, 4.6), g.p.light)


def slime_marks(g, f):
    """A wet gleam and bubbles."""
    g.put(oval(f.cx - 5, f.hy - 12, 2.6, 1.8) | oval(f.cx - 15, f.hy - 1, 1.2, 2.4), "#ffffff")
    for dx, dy in ((14, 9), (-14, 11), (11, 14)):
        g.put(oval(f.cx + dx, f.hy + dy, 1, 1), f.tones[0])


def man_behind(g, f):
    for s in (-1, 1):
        g.blob(oval(f.cx + s * 16, f.hy + 2, 2.4, 3.2), f.coat, f.tones)


def man_marks(g, f):
    """Side hair, a comb-over and a shadow of a beard."""
    hair = mix(g.p.dark, "#4a4a52", 0.4)
    top = f.hy - 10
    g.put(f.head & (f.hy + 1 > YY) & ~oval(f.cx, f.hy + 2, 14.5, 13), hair)
    g.put(f.head & (top + 1 > YY), hair)
    for k in range(4):
        g.put(f.head & thread((f.cx - 13 + 6 * k, top), (f.cx - 8 + 6 * k, top + 2), (f.cx - 4 + 6 * k, top)), hair)
    g.put(f.head & (f.hy + 8 < YY) & (YY % 2 == 0) & CHECKER, mix(SKIN, "#8a8f98", 0.45))


def man_over(g, f):
    """Horn-rimmed glasses."""
    y = f.ey
    for s in (-1, 1):
        x = f.cx + s * 8
        rim = rect(x - 6, y - 4, x + 6, y + 4) & ~rect(x - 5, y - 3, x + 5, y + 3)
        corners = (np.abs(XX - x) == 6) & (np.abs(YY - y) == 4)
        g.put(rim & ~corners, g.p.dark)
    g.put(rect(f.cx - 1, y - 1, f.cx + 1, y - 1), g.p.dark)


def man_worn(g, f):
    y = f.floor - 14
    g.put(polygon((f.cx - 4, y), (f.cx + 4, y), (f.cx, y + 11)), "#ffffff")
    for s in (-1, 1):
        g.put(thread((f.cx + s * 5, y), (f.cx + s, y + 11)), g.tones(f.cloth)[3])
    g.put(polygon((f.cx - 1, y + 1), (f.cx + 1, y + 1), (f.cx + 2, y + 8), (f.cx, y + 10), (f.cx - 2, y + 8)), g.p.accent)
    g.put(rect(f.cx, y + 11, f.cx, y + 12), g.tones(f.cloth)[3])


CAST = {
    "cat": Who(21, 16.5, 12.5, behind=cat_behind, marks=cat_marks, snout=True),
    "rabbit": Who(23, 15.5, 11.5, 2.2, behind=rabbit_behind, worn=rabbit_worn, coat="light", snout=True),
    "slime": Who(24, 19, 16, marks=slime_marks, smile="grin", one=True),
    "man": Who(18, 15.5, 13.8, 2.8, man_behind, man_marks, man_over, man_worn, SKIN, "main", "grin", low=2),
    "bear": Who(19, 16.5, 12.5, behind=bear_behind, marks=bear_marks, snout=True),
}
