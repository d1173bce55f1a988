"""Who it is: head shape, what lies behind the head (ears, tail, back hair) and before it (marks, fringe, glasses).

Every drawing function takes (pen, g): a pens.Pen and a pens.Build. A new character is an entry in CHARACTERS.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce

import skia

from .common import arch, box, curve, line, mix, moved, oval, poly, quad

WHITE, YELLOW, BEAK, YOLK, COFFEE = "#ffffff", "#ffd94a", "#f2761f", "#ffc233", "#7a4a2b"
INK_HAIR, BROWN_HAIR, BLACK_HAIR, GREY_HAIR, CURL = "#2e2a30", "#4a3330", "#35282b", "#c9c4cb", "#938c99"


def _nothing(pen, g):
    pass


@dataclass(frozen=True)
class Character:
    kind: str  # animal, person, food, object
    behind: Callable = _nothing  # drawn before the body
    front: Callable = _nothing  # drawn over the head, under the face
    over: Callable = _nothing  # drawn over the face
    wear: Callable | None = None  # over the body (a tie); None: the collar with a bell
    head: Callable = None  # g -> path
    coat: str = "main"  # the palette's colour of head and hands, or a colour
    cloth: str = ""  # of body and sleeves; "": the coat
    one: bool = False  # head and body in one piece
    snout: str = ""  # "cat": the mouth of an animal with a snout
    low: float = 0.0  # mouth lower by this many eye radii


# --- helpers -----------------------------------------------------------------------------------------------


def at(g, x, y):
    """A point of the head: (-1, -1) is its upper left corner, (1, 1) its lower right one."""
    return g.cx + g.rx * x, g.cy + g.ry * y


def on_head(g, points, close=True):
    return curve([at(g, x, y) for x, y in points], close)


def both(points):
    """Points of the left half, from below to above, and their mirror image."""
    return [*points, *((-x, y) for x, y in points[::-1])]


def joint(a, b):
    return skia.Op(a, b, skia.kIntersect_PathOp)


def without(a, b):
    return skia.Op(a, b, skia.kDifference_PathOp)


def union(paths):
    return reduce(lambda a, b: skia.Op(a, b, skia.kUnion_PathOp), paths)


def brow_line(g):
    """Hair ends here: higher than any brow, in units of the head."""
    return max((g.ey - 3.6 * g.er - g.cy) / g.ry, -0.78)


def body(g):
    return box(g.cx, g.bcy, g.brx, g.bry, g.brx * 0.8)


def neck(g):
    """The body's upper edge as far as one sees it."""
    return max(g.bcy - g.bry, g.cy + g.ry * 0.98)


def behind_body(g, x, y):
    """A point of a tail, in units of the body; above the floor also where the body lies."""
    return g.cx + g.brx * x, min(g.bcy + g.bry * y, g.floor - g.limb * 0.65)


def below(g, y):
    """The body's part under a height."""
    return joint(body(g), box(g.cx, y + g.bry, g.brx * 1.2, g.bry))


def blossom(pen, x, y, r, colour, heart=YELLOW):
    for k in range(5):
        a = 2 * math.pi * k / 5 - math.pi / 2
        pen.fill(oval(x + r * math.cos(a), y + r * math.sin(a), r * 0.85), colour)
    pen.fill(oval(x, y, r * 0.6), heart)


def bow(pen, x, y, r, colour):
    for s in (-1, 1):
        pen.shape(poly([(x, y), (x + s * r * 1.5, y - r * 0.85), (x + s * r * 1.5, y + r * 0.85)]), colour, weight=0.5, shade=False)
    pen.shape(oval(x, y, r * 0.5), colour, weight=0.5, shade=False)


def tie(pen, g, y, colour):
    w, end = g.brx * 0.17, min(y + g.bry * 1.1, g.bcy + g.bry * 0.72)
    blade = poly([(g.cx - w * 0.6, y), (g.cx + w * 0.6, y), (g.cx + w * 1.25, end - w), (g.cx, end), (g.cx - w * 1.25, end - w)])
    pen.shape(blade, colour, weight=0.6, shade=False)
    knot = poly([(g.cx - w, y - w * 0.5), (g.cx + w, y - w * 0.5), (g.cx + w * 0.6, y + w), (g.cx - w * 0.6, y + w)])
    pen.shape(knot, colour, weight=0.6, shade=False)


# --- animals -----------------------------------------------------------------------------------------------


def behind_cat(pen, g):
    wag = ((0.7, 0.6), (1.5, 0.5), (1.75, -0.1), (1.55, -0.5))
    pen.limb(curve([behind_body(g, x, y) for x, y in wag]), g.limb * 0.75, g.coat)
    for s in (-1, 1):
        ear = poly([at(g, s * 0.28, -0.62), at(g, s * 0.82, -1.42), at(g, s * 0.98, -0.3)])
        pen.shape(ear, g.coat, shade=False)
        pen.fill(moved(ear, sx=0.5, about=at(g, s * 0.72, -0.75)), pen.p.shade)


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
        x, y = at(g, s * 0.72, -0.78)
        pen.shape(oval(x, y, g.rx * 0.3), g.coat, shade=False)
        pen.fill(oval(x, y, g.rx * 0.16), pen.p.shade)


def front_bear(pen, g):
    pen.fill(oval(g.cx, g.my + g.er * 0.5, g.rx * 0.36, g.ry * 0.33), pen.p.light)
    pen.fill(oval(g.cx, g.my - g.er * 1.15, g.er * 0.95, g.er * 0.68), pen.p.dark)


def scarf(pen, g):
    y, w = neck(g), g.limb * 0.4
    end = poly([(g.cx + g.brx * 0.34, y), (g.cx + g.brx * 0.78, y), (g.cx + g.brx * 0.72, y + w * 3.4), (g.cx + g.brx * 0.32, y + w * 3.2)])
    pen.shape(end, pen.p.accent, weight=0.8, shade=False)
    pen.fill(box(g.cx + g.brx * 0.53, y + w * 2.3, g.brx * 0.2, w * 0.25), pen.p.light)
    pen.shape(box(g.cx, y + w * 0.2, g.brx * 0.94, w, w), pen.p.accent, weight=0.8, shade=False)


def behind_dog(pen, g):
    wag = quad(*(behind_body(g, x, y) for x, y in ((0.8, 0.3), (1.6, 0), (1.6, -0.7))))
    pen.limb(wag, g.limb * 0.7, pen.p.main)


def front_dog(pen, g):
    """A spotted puppy: hanging ears, a patch round one eye, a blunt muzzle with a big nose."""
    patch = joint(oval(g.cx + g.dx * 1.05, g.ey - g.er * 0.3, g.er * 3.0, g.er * 3.2), oval(g.cx, g.cy, g.rx * 0.96, g.ry * 0.95))
    pen.fill(patch, pen.p.main)
    for s in (-1, 1):
        ear = [(0.5, -0.92), (0.9, -0.86), (1.16, -0.3), (1.2, 0.3), (1.02, 0.52), (0.88, 0.2), (0.84, -0.3)]
        pen.shape(on_head(g, [(s * x, y) for x, y in ear]), pen.p.main)
    nose = g.my - g.er * 1.05
    pen.fill(oval(g.cx, nose, g.er * 1.25, g.er * 0.85), pen.p.dark)
    pen.fill(oval(g.cx - g.er * 0.4, nose - g.er * 0.3, g.er * 0.3, g.er * 0.17), WHITE)


def behind_rabbit(pen, g):
    """Two tall ears, one of them folded, and a puff of a tail."""
    pen.shape(oval(*behind_body(g, 1.05, 0.55), g.limb * 0.62), pen.p.light, shade=False)
    left = [(-0.62, -0.6), (-0.72, -1.15), (-0.6, -1.54), (-0.4, -1.6), (-0.24, -1.28), (-0.2, -0.7)]
    right = [(0.2, -0.7), (0.22, -1.2), (0.4, -1.56), (0.7, -1.52), (0.72, -1.2), (0.64, -0.6)]
    for ear, root in ((left, (-0.42, -0.85)), (right, (0.44, -0.85))):
        path = on_head(g, ear)
        pen.shape(path, g.coat, shade=False)
        pen.fill(moved(path, sx=0.55, sy=0.72, about=at(g, *root)), pen.p.light)
    pen.shape(on_head(g, [(0.36, -1.5), (0.62, -1.62), (0.94, -1.42), (1.06, -1.04), (0.9, -0.98), (0.66, -1.2)]), g.coat, shade=False)


def front_rabbit(pen, g):
    for s in (-1, 1):
        pen.fill(oval(g.cx + s * g.er * 1.1, g.my + g.er * 0.25, g.er * 1.9, g.er * 1.6), pen.p.light)
    pen.fill(oval(g.cx, g.my - g.er * 0.95, g.er * 0.7, g.er * 0.5), pen.p.accent)


def wear_bow(pen, g):
    bow(pen, g.cx, neck(g) + g.limb * 0.3, g.limb * 0.52, pen.p.accent)


def behind_chick(pen, g):
    for turn in (-34, 34, 0):
        x, y = at(g, turn * 0.003, -0.9)
        feather = curve([(x, y), (x - g.rx * 0.1, y - g.ry * 0.25), (x, y - g.ry * 0.46), (x + g.rx * 0.1, y - g.ry * 0.25)], True)
        pen.shape(moved(feather, turn=turn, about=(x, y)), g.coat, weight=0.8, shade=False)


def beak(pen, g, wide=1.7):
    x, y, r = g.cx, g.my - g.er * 0.85, g.er
    pen.shape(curve([(x - r * wide, y), (x, y - r), (x + r * wide, y), (x, y + r * 0.75)], True), BEAK, weight=0.5, shade=False)


def wear_chick(pen, g):
    """Half hatched: the lower half of the shell is still on."""
    y, d = max(g.bcy, neck(g) + g.bry * 0.3), g.bry * 0.13
    zigzag = [(g.cx + g.brx * 1.2 * (k - 4) / 4, y + (d if k % 2 else -d)) for k in range(9)]
    rim = poly([*zigzag, (g.cx + g.brx * 1.2, g.bcy + g.bry * 2), (g.cx - g.brx * 1.2, g.bcy + g.bry * 2)])
    pen.shape(joint(moved(body(g), sx=1.08, sy=1.03, about=(g.cx, g.bcy)), rim), pen.p.light)
    blot = oval(g.cx + g.brx * 0.45, g.bcy + g.bry * 0.5, g.brx * 0.12, g.bry * 0.1)
    pen.fill(blot, pen.p.accent)


def front_penguin(pen, g):
    """A white heart of a face, two hairs."""
    y = (g.ey - g.er * 1.5 - g.cy) / g.ry
    mask = [(0, 0.86), (-0.6, 0.68), (-0.82, 0.2), (-0.62, y + 0.1), (-0.32, y), (0, y + 0.2)]
    path = on_head(g, [*mask, *((-x, y) for x, y in mask[-2:0:-1])])
    pen.fill(joint(path, moved(round_head(g), sx=0.95, about=(g.cx, g.cy))), pen.p.light)
    beak(pen, g, 1.9)
    for s in (-1, 1):
        pen.line(quad(at(g, s * 0.02, -0.94), at(g, s * 0.02, -1.14), at(g, s * 0.14, -1.14)), g.lw * 0.8)


def wear_penguin(pen, g):
    belly = oval(g.cx, g.bcy + g.bry * 0.3, g.brx * 0.72, g.bry * 0.95)
    pen.fill(joint(belly, moved(body(g), sx=0.93, about=(g.cx, g.bcy))), pen.p.light)
    tie(pen, g, neck(g), pen.p.accent)


# --- people ------------------------------------------------------------------------------------------------


def ears(pen, g):
    for s in (-1, 1):
        pen.shape(oval(g.cx + s * g.rx * 1.0, g.ey + g.er * 0.8, g.rx * 0.14, g.ry * 0.2), g.coat, weight=0.8, shade=False)


def shine(pen, g, hair, x, y, w):
    """A light on the hair."""
    pen.line(moved(arch(*at(g, x, y), g.rx * w, -g.ry * 0.09), turn=x * 30, about=at(g, x, y)), g.lw * 0.9, mix(hair, WHITE, 0.3))


def behind_young_woman(pen, g):
    pen.shape(on_head(g, both([(-0.5, 0.98), (-1.02, 0.86), (-1.08, 0.2), (-0.9, -0.6)])), BROWN_HAIR, shade=False)


def front_young_woman(pen, g):
    """A bob with a swept fringe."""
    b = brow_line(g)
    shell = on_head(g, [*both([(-0.9, 0.86), (-1.1, 0.72), (-1.15, 0.05), (-1.0, -0.66), (-0.52, -1.06)]), (0.7, 0.8), (-0.7, 0.8)])
    window = [(-0.74, 1.3), (-0.84, 0.5), (-0.84, b + 0.3), (-0.68, b + 0.06), (-0.2, b - 0.02), (0.2, b - 0.16), (0.34, b - 0.34)]
    window += [(0.48, b - 0.14), (0.7, b + 0.08), (0.84, b + 0.34), (0.84, 0.5), (0.74, 1.3)]
    pen.shape(without(shell, on_head(g, window)), BROWN_HAIR, shade=False)
    shine(pen, g, BROWN_HAIR, -0.36, -0.8, 0.5)
    bow(pen, *at(g, 0.66, b - 0.3), g.rx * 0.18, pen.p.accent)


def wear_knit(pen, g):
    """A turtleneck with stripes."""
    for k in (0.25, 0.6):
        y = g.bcy + g.bry * k
        pen.fill(joint(moved(body(g), sx=0.95, about=(g.cx, g.bcy)), box(g.cx, y, g.brx, g.bry * 0.08)), pen.p.light)
    y = neck(g)
    pen.shape(box(g.cx, y + g.limb * 0.06, g.brx * 0.62, g.limb * 0.34, g.limb * 0.3), g.cloth, weight=0.8, shade=False)


def front_man(pen, g):
    """Hair parted at the side, square glasses under the face, so that eyes and brows stay free."""
    b = brow_line(g)
    top = on_head(g, [*both([(-1.05, 0.12), (-1.06, -0.4), (-0.86, -0.92), (-0.4, -1.12)]), (0.5, 0.2), (-0.5, 0.2)])
    window = [(-0.93, 0.3), (-0.86, b + 0.16), (-0.68, b - 0.2), (-0.5, b - 0.26), (-0.1, b - 0.1), (0.36, b - 0.14), (0.72, b - 0.12)]
    window += [(0.86, b + 0.2), (0.93, 0.3)]
    pen.shape(without(top, on_head(g, window)), INK_HAIR, shade=False)
    pen.line(quad(at(g, -0.5, b - 0.2), at(g, -0.5, -0.85), at(g, -0.28, -1.0)), g.lw * 0.6, mix(INK_HAIR, WHITE, 0.35))
    shine(pen, g, INK_HAIR, 0.3, -0.86, 0.5)
    glasses(pen, g)


def glasses(pen, g):
    w, h, y = min(g.er * 2.3, g.dx * 0.84), g.er * 1.9, g.ey + g.er * 0.25
    for s in (-1, 1):
        pen.fill(box(g.cx + s * g.dx, y, w, h, g.er * 0.5), WHITE, 0.45)
        pen.line(box(g.cx + s * g.dx, y, w, h, g.er * 0.5), g.lw * 0.75)
        pen.line(line((g.cx + s * (g.dx + w), y - h * 0.5), (g.cx + s * g.rx * 0.97, y - h * 0.6)), g.lw * 0.7)
    pen.line(arch(g.cx, y - h * 0.3, 2 * (g.dx - w), -g.er * 0.4), g.lw * 0.7)


def wear_vest(pen, g):
    """A knitted vest over a white shirt with a tie."""
    y = neck(g)
    w = g.brx * 0.44
    vee = poly([(g.cx - w, y - g.bry), (g.cx - w, y), (g.cx, y + g.bry * 0.75), (g.cx + w, y), (g.cx + w, y - g.bry)])
    pen.shape(without(body(g), vee), pen.p.main)
    tie(pen, g, y + g.limb * 0.1, pen.p.accent)
    for s in (-1, 1):
        corners = ((0, 0), (1, -0.2), (0.9, 0.3), (0.4, 0.5))
        flap = poly([(g.cx + s * w * x, y + g.limb * k) for x, k in corners])
        pen.shape(flap, pen.p.light, weight=0.6, shade=False)


def curls(g, a0, a1, n, out, r):
    """Centres and radius of the curls along the head's contour from one angle to another."""
    angles = [math.radians(a0 + (a1 - a0) * k / (n - 1)) for k in range(n)]
    return [(*at(g, out * math.cos(a), out * math.sin(a)), g.rx * r) for a in angles]


def behind_grandmother(pen, g):
    puffs = [oval(*c) for c in curls(g, 150, 390, 13, 0.98, 0.25)]
    pen.shape(union([oval(g.cx, g.cy, g.rx, g.ry * 0.95), *puffs]), GREY_HAIR, shade=False)


def front_grandmother(pen, g):
    b = brow_line(g)
    rim = [oval(*at(g, x, b - 0.2 + 0.36 * x * x), g.rx * 0.18) for x in (-0.8, -0.5, -0.17, 0.17, 0.5, 0.8)]
    crown = joint(round_head(g), box(g.cx, g.top, g.rx * 1.1, g.ry * (1 + b - 0.2)))
    top = [oval(*c) for c in curls(g, 200, 340, 8, 0.98, 0.25)]
    pen.shape(union([crown, *rim, *top]), GREY_HAIR, shade=False)
    for x, y, r in [*curls(g, 210, 330, 5, 0.86, 0.11), *curls(g, 238, 302, 3, 0.6, 0.1)]:
        if y < g.cy + g.ry * (b - 0.16):
            pen.line(moved(arch(x, y, r * 1.6, r * 1.1), turn=40 if x < g.cx else -40, about=(x, y)), g.lw * 0.5, CURL)
    for s in (-1, 1):
        pen.line(arch(g.cx + s * g.dx, g.ey + g.er * 2.1, g.er * 1.6, g.er * 0.4), g.lw * 0.45, mix(g.coat, "#a0522d", 0.45))


def wear_flowers(pen, g):
    """A quilted vest with flowers."""
    y = neck(g)
    vee = poly([(g.cx - g.brx * 0.4, y - g.bry), (g.cx, y + g.bry * 0.55), (g.cx + g.brx * 0.4, y - g.bry)])
    pen.shape(without(body(g), vee), pen.p.main)
    low = g.bcy + g.bry
    for x, k in ((-0.55, 0.3), (0.5, 0.22), (-0.3, 0.72), (0.42, 0.68)):
        blossom(pen, g.cx + g.brx * x, y + (low - y) * k, g.brx * 0.085, pen.p.light, pen.p.accent)
    pen.line(line((g.cx, y + g.bry * 0.5), (g.cx, low - g.limb * 0.2)), g.lw * 0.5)


def behind_kid(pen, g):
    """Two buns."""
    ears(pen, g)
    for s in (-1, 1):
        pen.shape(oval(*at(g, s * 0.74, -0.98), g.rx * 0.27), BLACK_HAIR, shade=False)


def front_kid(pen, g):
    """A full fringe, ribbons on the buns."""
    b = brow_line(g)
    outer = both([(-1.0, 0.1), (-1.07, -0.25), (-0.95, -0.72), (-0.5, -1.06)])
    fringe = [(0.9, 0.1), (0.86, b + 0.26), (0.7, b), (0.35, b - 0.06), (0, b - 0.1)]
    pen.shape(on_head(g, [*outer, *fringe, *((-x, y) for x, y in fringe[-2::-1])]), BLACK_HAIR, shade=False)
    shine(pen, g, BLACK_HAIR, -0.26, -0.84, 0.5)
    for s in (-1, 1):
        x, y = at(g, s * 0.62, -0.82)
        ribbon = moved(box(x, y, g.rx * 0.2, g.rx * 0.08, g.rx * 0.08), turn=s * 36, about=(x, y))
        pen.shape(ribbon, pen.p.second, weight=0.7, shade=False)


def wear_overalls(pen, g):
    y = neck(g)
    bib = max(g.bcy - g.bry * 0.3, y + g.bry * 0.12)
    for s in (-1, 1):
        pen.limb(line((g.cx + s * g.brx * 0.62, y - g.limb * 0.3), (g.cx + s * g.brx * 0.46, bib + g.limb * 0.2)), g.limb * 0.3, pen.p.main)
    apron = union([box(g.cx, bib + g.bry * 0.4, g.brx * 0.58, g.bry * 0.4, g.limb * 0.2), below(g, g.bcy + g.bry * 0.25)])
    pen.shape(apron, pen.p.main)
    for s in (-1, 1):
        pen.fill(oval(g.cx + s * g.brx * 0.44, bib + g.limb * 0.28, g.limb * 0.15), YELLOW)
    pen.fill(box(g.cx, bib + g.bry * 0.42, g.brx * 0.26, g.bry * 0.16, g.limb * 0.12), pen.p.light)


# --- food --------------------------------------------------------------------------------------------------


def front_tteok(pen, g):
    """A white rice cake dusted pink, with a pressed flower (hwajeon)."""
    dust = [(-0.8, -0.52), (-0.5, -0.88), (0, -0.99), (0.5, -0.88), (0.8, -0.52), (0.45, -0.48), (0.15, -0.36), (-0.2, -0.52), (-0.5, -0.4)]
    pen.fill(joint(on_head(g, dust), moved(dome(g), sx=0.99, about=(g.cx, g.cy))), pen.p.main)
    (x, y), r = at(g, -0.34, -0.74), g.rx * 0.08
    for s in (-1, 1):
        pen.fill(moved(oval(x + s * r * 2, y + r * 0.4, r * 1.4, r * 0.65), turn=s * 28, about=(x, y)), pen.p.second)
    blossom(pen, x, y, r, pen.p.accent)


def front_egg(pen, g):
    """A fried egg: the yolk is the face; it wears shorts."""
    y = ((g.ey + g.my) / 2 - g.cy) / g.ry - 0.04
    pen.fill(oval(*at(g, 0.02, y + 0.04), g.rx * 0.76, g.ry * 0.66), mix(YOLK, "#e8791a", 0.6))
    pen.fill(oval(*at(g, 0, y), g.rx * 0.75, g.ry * 0.63), YOLK)
    pen.fill(moved(oval(*at(g, -0.4, y - 0.4), g.rx * 0.13, g.ry * 0.06), turn=-30, about=at(g, -0.4, y - 0.4)), WHITE, 0.9)
    waist = [(-1.3, 0.6), (-0.6, 0.72), (0, 0.75), (0.6, 0.72), (1.3, 0.6), (1.3, 1.3), (-1.3, 1.3)]
    pen.shape(joint(egg_white(g), poly([at(g, *q) for q in waist])), pen.p.main, shade=False)
    pen.fill(box(*at(g, 0, 0.9), g.rx * 0.03, g.ry * 0.09, g.rx * 0.03), pen.p.shade)


def front_mandu(pen, g):
    """The crimped edge with its pleats; it sits in a bamboo steamer."""
    fold = mix(g.coat, pen.p.dark, 0.4)
    seam = [half_moon(math.pi * k / 12, 0.86) for k in range(1, 12)]
    pen.line(on_head(g, seam, close=False), g.lw * 0.55, fold)
    for k in range(9):
        a = math.pi * (k + 0.5) / 9
        pen.line(line(at(g, *half_moon(a - 0.05, 0.86)), at(g, *half_moon(a, 0.98))), g.lw * 0.55, fold)
    pen.shape(box(*at(g, 0, 0.84), g.rx * 1.06, g.ry * 0.19, g.rx * 0.1), pen.p.main)
    pen.fill(box(*at(g, 0, 0.84), g.rx * 1.02, g.ry * 0.03), pen.p.shade)
    for x in (-0.62, 0, 0.62):
        pen.fill(box(*at(g, x, 0.84), g.rx * 0.05, g.ry * 0.15, g.rx * 0.02), pen.p.second)


# --- things ------------------------------------------------------------------------------------------------


def behind_cooker(pen, g):
    r = g.rx * 0.08
    pen.shape(box(g.cx, g.top - g.ry * 0.1, g.rx * 0.2, g.ry * 0.12, r), pen.p.dark, shade=False)
    for s in (-1, 1):
        pen.shape(box(*at(g, s * 1.04, -0.42), g.rx * 0.13, g.ry * 0.1, r), pen.p.accent, shade=False)


def front_cooker(pen, g):
    lid = on_head(g, [(-0.97, -0.42), (-0.72, -0.92), (0, -1), (0.72, -0.92), (0.97, -0.42)], close=False)
    lid.close()
    pen.shape(lid, pen.p.light)
    pen.shape(box(*at(g, 0, -0.42), g.rx, g.ry * 0.06, g.rx * 0.05), pen.p.accent, weight=0.8, shade=False)
    pen.shape(box(*at(g, 0, -0.78), g.rx * 0.16, g.ry * 0.09, g.rx * 0.07), pen.p.second, weight=0.6, shade=False)
    pen.fill(oval(*at(g, -0.5, -0.7), g.rx * 0.12, g.ry * 0.06), WHITE)


def behind_mug(pen, g):
    handle = [(-0.8, -0.4), (-1.16, -0.42), (-1.26, -0.08), (-1.1, 0.24), (-0.8, 0.28)]
    pen.limb(on_head(g, handle, close=False), g.limb * 0.8, g.coat)
    for x, s in ((-0.2, 1), (0.16, -1)):
        steam = [(x, -0.9), (x + s * 0.07, -1.08), (x - s * 0.05, -1.22), (x + s * 0.04, -1.36)]
        pen.line(on_head(g, steam, close=False), g.lw * 0.9, "#c3c6cd")


def front_mug(pen, g):
    pen.shape(oval(*at(g, 0, -0.84), g.rx * 0.92, g.ry * 0.16), pen.p.light, weight=0.9, shade=False)
    pen.fill(oval(*at(g, 0, -0.82), g.rx * 0.8, g.ry * 0.105), COFFEE)
    pen.fill(oval(*at(g, -0.3, -0.85), g.rx * 0.22, g.ry * 0.03), mix(COFFEE, WHITE, 0.4))
    stripe = joint(moved(cup(g), sx=0.97, about=(g.cx, g.cy)), box(*at(g, 0, 0.77), g.rx, g.ry * 0.07))
    pen.fill(stripe, pen.p.accent)


def behind_cactus(pen, g):
    pen.shape(oval(*at(g, -0.86, -0.52), g.rx * 0.2, g.ry * 0.24), g.coat, weight=0.8, shade=False)


def front_cactus(pen, g):
    """Ribs and spines, a flower on the crown, a flower pot below."""
    rib = mix(g.coat, pen.p.dark, 0.3)
    top = brow_line(g) - 0.06
    for x in (-0.36, 0, 0.36):
        pen.line(quad(at(g, x * 0.6, -0.88), at(g, x * 1.05, -0.76), at(g, x * 1.2, top)), g.lw * 0.6, rib)
    for s in (-1, 1):
        for x, y in ((0.62, -0.62), (0.76, -0.3), (0.8, 0.08), (0.78, 0.42), (0.2, -0.7)):
            spine(pen, g, s * x, y)
    blossom(pen, *at(g, 0.3, -0.94), g.rx * 0.15, pen.p.accent)
    pen.shape(poly([at(g, -0.84, 0.68), at(g, 0.84, 0.68), at(g, 0.64, 1.12), at(g, -0.64, 1.12)]), pen.p.main)
    pen.shape(box(*at(g, 0, 0.7), g.rx * 0.98, g.ry * 0.12, g.rx * 0.06), pen.p.main)


def spine(pen, g, x, y):
    (px, py), r = at(g, x, y), g.rx * 0.05
    pen.line(line((px - r, py - r * 1.3), (px, py), (px + r, py - r * 1.3)), g.lw * 0.55, pen.p.light)


def front_slime(pen, g):
    pen.fill(moved(oval(*at(g, -0.46, -0.62), g.rx * 0.2, g.ry * 0.1), turn=-32, about=at(g, -0.46, -0.62)), WHITE, 0.85)
    pen.fill(oval(*at(g, -0.68, -0.36), g.rx * 0.06, g.ry * 0.06), WHITE, 0.85)


# --- head shapes -------------------------------------------------------------------------------------------


def superellipse(g, power, swell=0.0):
    """Between an ellipse (2) and a rectangle, wider below by `swell`."""
    points = []
    for k in range(16):
        a = 2 * math.pi * k / 16
        c, s = math.cos(a), math.sin(a)
        n = (abs(c) ** power + abs(s) ** power) ** (-1 / power)
        points.append((c * n * (1 + swell * s), s * n))
    return on_head(g, points)


soft_square = partial(superellipse, power=2.5, swell=0.05)
round_head = partial(superellipse, power=2.15, swell=0.03)
chubby = partial(superellipse, power=2.25, swell=0.09)


def dome(g):
    """A soft cake that has settled."""
    left = [(-0.72, 0.94), (-1, 0.35), (-0.72, -0.68)]
    return on_head(g, [*left, (0, -1), *((-x, y) for x, y in left[::-1]), (0, 1)])


def pot(g):
    return box(g.cx, g.cy, g.rx, g.ry, g.rx * 0.5)


def egg_white(g):
    """What ran in the pan."""
    right = [(0.08, -1.0), (0.42, -0.84), (0.72, -0.9), (0.9, -0.6), (0.9, -0.3), (1.12, 0.02), (1.02, 0.36), (1.1, 0.66), (0.8, 0.95)]
    left = [(0.4, 0.9), (0, 1.0), (-0.4, 0.9), (-0.84, 0.96), (-1.08, 0.6), (-0.94, 0.3), (-1.1, -0.1), (-0.86, -0.42), (-0.84, -0.76)]
    return on_head(g, [*right, *left, (-0.5, -0.84), (-0.26, -1.0)])


def half_moon(a, size):
    """A point of a folded dumpling's upper edge, in units of the head."""
    return 1.06 * size * math.cos(a), 0.62 - 1.6 * size * math.sin(a) ** 0.8


def crescent(g):
    """A folded dumpling with a wavy edge."""
    edge = [half_moon(math.pi * k / 36, 1 + 0.03 * math.cos(math.pi * k / 2 + math.pi)) for k in range(37)]
    return on_head(g, [*edge, (-0.8, 0.9), (0, 1.0), (0.8, 0.9)])


def cup(g):
    """A mug, its upper edge bulging towards the back."""
    path = skia.Path()
    path.moveTo(*at(g, -0.92, -0.84))
    path.lineTo(*at(g, -0.88, 0.7))
    path.quadTo(*at(g, -0.86, 0.98), *at(g, -0.55, 0.98))
    path.lineTo(*at(g, 0.55, 0.98))
    path.quadTo(*at(g, 0.86, 0.98), *at(g, 0.88, 0.7))
    path.lineTo(*at(g, 0.92, -0.84))
    path.cubicTo(*at(g, 0.86, -1.05), *at(g, -0.86, -1.05), *at(g, -0.92, -0.84))
    path.close()
    return path


def barrel(g):
    """A cactus, plump."""
    return on_head(g, both([(-0.7, 0.96), (-0.92, 0.3), (-0.84, -0.5), (-0.45, -0.96)]))


def jelly(g):
    """A drop with a soft tip."""
    return on_head(g, both([(-0.5, 0.97), (-0.96, 0.86), (-1.02, 0.4), (-0.78, -0.3), (-0.3, -0.76), (-0.06, -1.0)]))


CHARACTERS = {
    "cat": Character("animal", behind_cat, front_cat, head=soft_square, snout="cat"),
    "dog": Character("animal", behind_dog, front_dog, head=soft_square, coat="light", snout="cat"),
    "bear": Character("animal", behind_bear, front_bear, wear=scarf, head=soft_square, snout="cat", low=0.9),
    "rabbit": Character("animal", behind_rabbit, front_rabbit, wear=wear_bow, head=soft_square, snout="cat"),
    "chick": Character("animal", behind_chick, beak, wear=wear_chick, head=round_head, low=0.9),
    "penguin": Character("animal", front=front_penguin, wear=wear_penguin, head=round_head, low=0.9),
    "young-woman": Character(
        "person", behind_young_woman, front_young_woman, wear=wear_knit, head=round_head, coat="#ffe1cb", cloth="main"
    ),
    "man": Character("person", ears, front_man, wear=wear_vest, head=soft_square, coat="#f2c9a3", cloth="light"),
    "grandmother": Character(
        "person", behind_grandmother, front_grandmother, wear=wear_flowers, head=round_head, coat="#f6d4b6", cloth="accent"
    ),
    "kid": Character("person", behind_kid, front_kid, wear=wear_overalls, head=chubby, coat="#ffd9b8", cloth="accent"),
    "tteok": Character("food", front=front_tteok, head=dome, coat="light", one=True),
    "egg": Character("food", front=front_egg, head=egg_white, coat="light", one=True),
    "mandu": Character("food", front=front_mandu, head=crescent, coat="light", one=True),
    "rice-cooker": Character("object", behind_cooker, front_cooker, head=pot, one=True),
    "mug": Character("object", behind_mug, front_mug, head=cup, one=True),
    "cactus": Character("object", behind_cactus, front_cactus, head=barrel, coat="second", one=True),
    "slime": Character("food", front=front_slime, head=jelly, one=True),
}
