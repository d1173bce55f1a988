"""Who it is: head shape, what lies behind the head (ears, tail, back hair) and before it (marks, fringe, glasses).

Every drawing function takes (pen, g): a pens.Pen and a pens.Build. A new character is an entry in CHARACTERS.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import skia

from .common import box, curve, line, moved, oval, poly, quad


def _nothing(pen, g):
    pass


@dataclass(frozen=True)
class Character:
    kind: str  # animal, person, food, object
    behind: Callable = _nothing  # drawn before the body
    front: Callable = _nothing  # drawn over the head, under the face
    over: Callable = _nothing  # drawn over the face (glasses, a fringe)
    wear: Callable | None = None  # over the body (a tie); None: the collar with a bell
    head: Callable = None  # g -> path
    coat: str = "main"  # the palette's colour of head and hands, or a colour
    cloth: str = ""  # of body and sleeves; "": the coat
    one: bool = False  # head and body in one piece
    snout: str = ""  # "cat": the mouth of an animal with a snout
    low: float = 0.0  # mouth lower by this many eye radii


def behind_cat(pen, g):
    wag = [
        (g.cx + g.brx * 0.7, g.bcy + g.bry * 0.6),
        (g.cx + g.brx * 1.5, g.bcy + g.bry * 0.5),
        (g.cx + g.brx * 1.75, g.bcy - g.bry * 0.1),
        (g.cx + g.brx * 1.55, g.bcy - g.bry * 0.5),
    ]
    pen.limb(curve(wag), g.limb * 0.75, g.coat)
    for s in (-1, 1):
        x = g.cx + s * g.rx * 0.62
        ear = poly(
            [(x - s * g.rx * 0.34, g.cy - g.ry * 0.62), (x + s * g.rx * 0.2, g.cy - g.ry * 1.42), (x + s * g.rx * 0.36, g.cy - g.ry * 0.3)]
        )
        pen.shape(ear, g.coat, shade=False)
        pen.fill(moved(ear, 0, 0, 0, 0.5, about=(x + s * g.rx * 0.1, g.cy - g.ry * 0.75)), pen.p.shade)


def front_cat(pen, g):
    for k in (-1, 0, 1):
        w = g.rx * 0.06
        pen.fill(box(g.cx + k * g.rx * 0.19, g.top + g.ry * (0.22 if k else 0.25), w, g.ry * (0.13 if k else 0.19), w), pen.p.shade)
    for s in (-1, 1):
        for k in (-1, 1):
            x, y = g.cx + s * g.rx * 0.82, g.my - g.ry * 0.06
            pen.line(line((x, y + k * g.ry * 0.05), (x + s * g.rx * 0.27, y + k * g.ry * 0.13)), g.lw * 0.55)
    nose = poly([(g.cx - g.er * 0.5, g.my - g.er * 1.05), (g.cx + g.er * 0.5, g.my - g.er * 1.05), (g.cx, g.my - g.er * 0.4)])
    pen.fill(nose, pen.p.dark)


def behind_bear(pen, g):
    for s in (-1, 1):
        ear = oval(g.cx + s * g.rx * 0.72, g.cy - g.ry * 0.78, g.rx * 0.3)
        pen.shape(ear, g.coat, shade=False)
        pen.fill(oval(g.cx + s * g.rx * 0.72, g.cy - g.ry * 0.78, g.rx * 0.16), pen.p.shade)


def front_bear(pen, g):
    pen.fill(oval(g.cx, g.my + g.er * 0.5, g.rx * 0.36, g.ry * 0.33), pen.p.light)
    pen.fill(oval(g.cx, g.my - g.er * 1.15, g.er * 0.95, g.er * 0.68), pen.p.dark)


def behind_dog(pen, g):
    pen.limb(
        quad((g.cx + g.brx * 0.8, g.bcy + g.bry * 0.3), (g.cx + g.brx * 1.6, g.bcy), (g.cx + g.brx * 1.6, g.bcy - g.bry * 0.7)),
        g.limb * 0.7,
        g.coat,
    )


def front_dog(pen, g):
    patch = skia.Op(
        oval(g.cx + g.dx * 1.05, g.ey - g.er * 0.3, g.er * 2.7, g.er * 2.9),
        oval(g.cx, g.cy, g.rx * 0.96, g.ry * 0.95),
        skia.kIntersect_PathOp,
    )
    pen.fill(patch, pen.p.main)
    for s in (-1, 1):
        x = g.cx + s * g.rx * 0.86
        ear = curve(
            [
                (x - s * g.rx * 0.22, g.top + g.ry * 0.12),
                (x + s * g.rx * 0.16, g.cy - g.ry * 0.66),
                (x + s * g.rx * 0.32, g.cy + g.ry * 0.02),
                (x + s * g.rx * 0.16, g.cy + g.ry * 0.36),
                (x - s * g.rx * 0.04, g.cy - g.ry * 0.05),
            ],
            True,
        )
        pen.shape(ear, pen.p.main)
    pen.fill(oval(g.cx, g.my - g.er * 1.0, g.er * 0.95, g.er * 0.7), pen.p.dark)


def front_tteok(pen, g):
    """A white rice cake dusted pink, with a pressed flower (hwajeon)."""
    dust = curve(
        [
            (g.cx - g.rx * 0.80, g.cy - g.ry * 0.52),
            (g.cx - g.rx * 0.5, g.cy - g.ry * 0.88),
            (g.cx, g.top + 1),
            (g.cx + g.rx * 0.5, g.cy - g.ry * 0.88),
            (g.cx + g.rx * 0.80, g.cy - g.ry * 0.52),
            (g.cx + g.rx * 0.45, g.cy - g.ry * 0.48),
            (g.cx + g.rx * 0.15, g.cy - g.ry * 0.36),
            (g.cx - g.rx * 0.2, g.cy - g.ry * 0.52),
            (g.cx - g.rx * 0.5, g.cy - g.ry * 0.40),
        ],
        True,
    )
    pen.fill(skia.Op(dust, moved(dome(g), sx=0.99, about=(g.cx, g.cy)), skia.kIntersect_PathOp), pen.p.main)
    x, y = g.cx - g.rx * 0.34, g.cy - g.ry * 0.74
    for s in (-1, 1):
        pen.fill(moved(oval(x + s * 17, y + 3, 12, 5.5), 0, 0, s * 28, about=(x, y)), pen.p.second)
    for k in range(5):
        a = 6.28 * k / 5 - 1.57
        pen.fill(oval(x + 8.5 * math.cos(a), y + 8.5 * math.sin(a), 7.2), pen.p.accent)
    pen.fill(oval(x, y, 5), "#ffd94a")


def behind_cooker(pen, g):
    pen.shape(box(g.cx, g.top - g.ry * 0.1, g.rx * 0.2, g.ry * 0.12, 9), pen.p.dark, shade=False)
    for s in (-1, 1):
        pen.shape(box(g.cx + s * g.rx * 1.04, g.cy - g.ry * 0.42, g.rx * 0.13, g.ry * 0.1, 9), pen.p.accent, shade=False)


def front_cooker(pen, g):
    y = g.cy - g.ry * 0.42
    lid = curve(
        [(g.cx - g.rx * 0.97, y), (g.cx - g.rx * 0.72, g.top + 8), (g.cx, g.top), (g.cx + g.rx * 0.72, g.top + 8), (g.cx + g.rx * 0.97, y)]
    )
    lid.close()
    pen.shape(lid, pen.p.light)
    pen.shape(box(g.cx, y, g.rx * 1.0, g.ry * 0.06, 6), pen.p.accent, weight=0.8, shade=False)
    pen.shape(box(g.cx, g.top + g.ry * 0.22, g.rx * 0.16, g.ry * 0.09, 8), pen.p.second, weight=0.6, shade=False)
    pen.fill(oval(g.cx - g.rx * 0.5, g.top + g.ry * 0.3, g.rx * 0.12, g.ry * 0.06), "#ffffff")


# --- head shapes -------------------------------------------------------------------------------------------


def soft_square(g):
    """Wider below."""
    pts = []
    for k in range(16):
        a = 2 * math.pi * k / 16
        c, s = math.cos(a), math.sin(a)
        n = (abs(c) ** 2.5 + abs(s) ** 2.5) ** (-1 / 2.5)
        pts.append((g.cx + g.rx * c * n * (1 + 0.05 * s), g.cy + g.ry * s * n))
    return curve(pts, True)


def dome(g):
    """A soft cake that has settled."""
    left = [(-0.72, 0.94), (-1, 0.35), (-0.72, -0.68)]
    points = [*left, (0, -1), *((-x, y) for x, y in left[::-1]), (0, 1)]
    return curve([(g.cx + g.rx * x, g.cy + g.ry * y) for x, y in points], True)


def pot(g):
    return box(g.cx, g.cy, g.rx, g.ry, g.rx * 0.5)


CHARACTERS = {
    "cat": Character("animal", behind_cat, front_cat, head=soft_square, snout="cat"),
    "dog": Character("animal", behind_dog, front_dog, head=soft_square, coat="light", snout="cat"),
    "bear": Character("animal", behind_bear, front_bear, head=soft_square, snout="cat", low=0.9),
    "tteok": Character("food", front=front_tteok, head=dome, coat="light", one=True),
    "rice-cooker": Character("object", behind_cooker, front_cooker, head=pot, one=True),
}
