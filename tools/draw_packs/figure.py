"""Figures of the vector styles: who it is (cat, bear, dog, rice cake, rice cooker), pose, layout."""

import math
from dataclasses import dataclass, field

import skia

from . import effects
from .common import SIZE, box, curve, heart, line, moved, new_surface, oval, poly, quad, rng_of, to_pil
from .face import Face, draw_face
from .pens import FlatPen, InkPen


@dataclass
class Build:
    """Proportions, in a 360 x 360 frame."""

    cx: float
    cy: float
    rx: float
    ry: float
    bcy: float  # body
    brx: float
    bry: float
    limb: float
    dx: float
    er: float
    ey: float
    my: float
    mw: float
    lw: float
    tall: float
    gloss: bool
    floor: float
    coat: str = ""
    one: bool = False  # head and body in one piece
    rng: object = field(default=None)

    @property
    def top(self):
        return self.cy - self.ry


# flat: head about as wide as the body, tiny face set low.  thick: a huge head on a stub, big face.
BUILDS = {
    "flat-vector": {
        "cx": 180,
        "cy": 146,
        "rx": 84,
        "ry": 70,
        "bcy": 256,
        "brx": 60,
        "bry": 66,
        "limb": 27,
        "dx": 33,
        "er": 8.2,
        "ey": 150,
        "my": 172,
        "mw": 30,
        "lw": 5,
        "tall": 1.0,
        "gloss": False,
        "floor": 326,
    },
    "thick-outline": {
        "cx": 180,
        "cy": 178,
        "rx": 122,
        "ry": 98,
        "bcy": 294,
        "brx": 56,
        "bry": 44,
        "limb": 26,
        "dx": 52,
        "er": 13,
        "ey": 172,
        "my": 208,
        "mw": 54,
        "lw": 7.5,
        "tall": 1.3,
        "gloss": True,
        "floor": 338,
    },
}
BLOB = {
    "flat-vector": {"cy": 196, "rx": 104, "ry": 98, "bcy": 236, "brx": 100, "bry": 56, "ey": 182, "my": 206, "floor": 302},
    "thick-outline": {"cy": 192, "rx": 118, "ry": 110, "bcy": 272, "brx": 104, "bry": 40, "ey": 196, "my": 230, "floor": 322},
}
ONE_PIECE = ("tteok", "rice-cooker")


def build_of(pack, palette, script):
    d = dict(BUILDS[pack.style])
    one = pack.character in ONE_PIECE
    if one:
        d.update(BLOB[pack.style])
    coat = {"dog": palette.light, "tteok": palette.light}.get(pack.character, palette.main)
    return Build(**d, coat=coat, one=one, rng=rng_of(pack.pack_id, script.key, "effects"))


# --- who it is ---------------------------------------------------------------------------------------------


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
    pen.fill(skia.Op(dust, moved(head_path(g, "tteok"), sx=0.99, about=(g.cx, g.cy)), skia.kIntersect_PathOp), pen.p.main)
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


BEHIND = {"cat": behind_cat, "bear": behind_bear, "dog": behind_dog, "rice-cooker": behind_cooker}
FRONT = {"cat": front_cat, "bear": front_bear, "dog": front_dog, "tteok": front_tteok, "rice-cooker": front_cooker}


def head_path(g, character):
    if character == "rice-cooker":
        return box(g.cx, g.cy, g.rx, g.ry, g.rx * 0.5)
    if character == "tteok":
        return curve(
            [
                (g.cx - g.rx, g.cy + g.ry * 0.35),
                (g.cx - g.rx * 0.72, g.cy - g.ry * 0.68),
                (g.cx, g.top),
                (g.cx + g.rx * 0.72, g.cy - g.ry * 0.68),
                (g.cx + g.rx, g.cy + g.ry * 0.35),
                (g.cx + g.rx * 0.7, g.cy + g.ry * 0.94),
                (g.cx, g.cy + g.ry),
                (g.cx - g.rx * 0.7, g.cy + g.ry * 0.94),
            ],
            True,
        )
    pts = []
    for k in range(16):  # a soft square, wider below
        a = 2 * math.pi * k / 16
        c, s = math.cos(a), math.sin(a)
        n = (abs(c) ** 2.5 + abs(s) ** 2.5) ** (-1 / 2.5)
        pts.append((g.cx + g.rx * c * n * (1 + 0.05 * s), g.cy + g.ry * s * n))
    return curve(pts, True)


def tint(pen, g, kind, head):
    """Blue (fear) or red (rage) over the forehead, with gloom lines for the blue."""
    if not kind:
        return
    y = g.ey - g.er * (1.6 if kind == "blue" else 0.2)
    edge = [(g.cx - g.rx * 1.3, g.top - 40), (g.cx - g.rx * 1.3, y - 6)]
    edge += [(g.cx + g.rx * (k - 4) / 4 * 1.1, y + (7 if k % 2 else -5)) for k in range(9)]
    edge += [(g.cx + g.rx * 1.3, y - 6), (g.cx + g.rx * 1.3, g.top - 40)]
    area = skia.Op(moved(head, sx=0.975, about=(g.cx, g.cy)), poly(edge), skia.kIntersect_PathOp)
    pen.fill(area, "#6f8fd8" if kind == "blue" else "#e5484d", 0.72 if kind == "blue" else 0.68)
    if kind == "blue":
        for k in range(5):
            x = g.cx + g.rx * (0.30 + 0.12 * k)
            pen.line(line((x, g.top + g.ry * (0.16 + 0.05 * k)), (x, g.ey - g.er * (2.0 + 0.5 * (k % 2)))), g.lw * 0.55, "#3f5aa0")


# --- pose --------------------------------------------------------------------------------------------------


def hands(g, pose, t):
    """{side: (shoulder, elbow, hand, in front of the head?)}"""
    sway = 8 * math.sin(6.28 * t)
    rest, y0 = (g.brx + 16, g.bcy + g.bry * 0.42), g.bcy - g.bry * 0.42
    wide = max(g.rx, g.brx)
    high = (wide + 20, g.cy + g.ry * 0.12 + sway)
    table = {
        "down": (rest, rest),
        "up": (high, high),
        "wave": (rest, high),
        "ok": (rest, (wide + 14, g.cy + g.ry * 0.4)),
        "wave2": ((wide + 20, g.cy + g.ry * 0.5 + sway), (wide + 20, g.cy + g.ry * 0.5 - sway)),
        "cheeks": ((g.dx * 1.75, g.my + g.er * 0.6), (g.dx * 1.75, g.my + g.er * 0.6)),
        "mouth": ((g.mw * 0.62, g.my + g.er * 2.0), (g.mw * 0.62, g.my + g.er * 2.0)),
        "chin": ((-g.brx * 0.1, g.bcy), (g.mw * 0.35, g.my + g.er * 3.2)),
        "scratch": (rest, (g.rx * 0.84, g.cy - g.ry * 0.62 + sway * 0.4)),
        "belly": ((g.brx * 0.4, g.bcy + g.bry * 0.15),) * 2,
        "heart": ((g.limb * 1.25, g.bcy + g.bry * 0.1),) * 2,
        "cup": ((g.limb * 0.95, g.bcy + g.bry * 0.05),) * 2,
        "pray": ((g.limb * 0.42, g.bcy - g.bry * 0.05),) * 2,
        "hug": ((-g.brx * 0.28, g.bcy - g.bry * 0.1),) * 2,
        "cross": ((-g.brx * 0.42, g.bcy - g.bry * 0.02),) * 2,
        "fists": ((g.brx + 24, g.bcy - g.bry * 0.25 + sway * 0.6),) * 2,
    }
    front = pose in ("cheeks", "mouth", "chin", "scratch", "wave")
    out = {}
    for s, (hx, hy) in zip((-1, 1), table[pose], strict=True):
        start = (g.cx + s * g.brx * 0.8, y0 if not g.one else g.bcy - g.bry * 0.1)
        end = (g.cx + s * hx, hy)
        bend = g.brx * (0.55 if abs(hx) > g.brx else 0.5)
        elbow = ((start[0] + end[0]) / 2 + s * bend * 0.8, (start[1] + end[1]) / 2 + (10 if hy < y0 else 14))
        out[s] = (start, elbow, end, front and (pose not in ("chin", "scratch", "wave") or s > 0))
    return out


def arm(pen, g, part, pose, s):
    start, elbow, end, _ = part
    pen.limb(quad(start, elbow, end), g.limb, g.coat)
    if pose == "fists":
        pen.shape(oval(*end, g.limb * 0.72), g.coat, shade=False)


def props(pen, g, script):
    """What the hands hold."""
    if script.arms == "heart":
        pen.shape(heart(g.cx, g.bcy, g.limb * 1.15), "#ec4f63")
    elif script.arms == "cup":
        pen.shape(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.72, 7), pen.p.accent)
        pen.fill(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.14), pen.p.light)


def lap(pen, g, script, arms):
    """Both arms before the body, and what they hold."""
    for s in (-1, 1):
        arm(pen, g, arms[s], script.arms, s)
    props(pen, g, script)


def sign(pen, g, part):
    """A paddle with a ring: 'okay'."""
    x, y = part[2][0] - 2, part[2][1] - g.limb * 2.2
    pen.limb(line((x, y), part[2]), g.limb * 0.32, pen.p.dark)
    pen.shape(oval(x, y, g.limb * 1.5), "#f8f8f4", shade=False)
    pen.fill(oval(x, y, g.limb * 1.05), "#2f9e5b")
    pen.fill(oval(x, y, g.limb * 0.62), "#f8f8f4")


def torso(pen, g):
    for s in (-1, 1):
        pen.shape(box(g.cx + s * g.brx * 0.5, g.floor - g.limb * 0.42, g.limb * 0.62, g.limb * 0.5, g.limb * 0.4), g.coat, shade=False)
    if g.one:
        return
    body = box(g.cx, g.bcy, g.brx, g.bry, g.brx * 0.8)
    pen.shape(body, g.coat)
    pen.fill(oval(g.cx - 2, g.bcy + g.bry * 0.22, g.brx * 0.56, g.bry * 0.56), pen.p.light if g.coat != pen.p.light else pen.p.ground)


def collar(pen, g):
    y = g.cy + g.ry * 0.98
    pen.shape(box(g.cx, y, g.brx * 0.82, g.limb * 0.3, g.limb * 0.3), pen.p.accent, weight=0.8, shade=False)
    pen.shape(oval(g.cx, y + g.limb * 0.45, g.limb * 0.3), "#ffd94a", weight=0.6, shade=False)


def figure(pen, pack, g, script, t):
    arms = hands(g, script.arms, t)
    for name in script.fx:
        if name in effects.BEHIND:
            effects.BEHIND[name](pen, g, t)
    BEHIND.get(pack.character, lambda *_: None)(pen, g)
    low = script.arms in ("belly", "heart", "cup", "pray", "hug", "cross")
    if not low:
        for s in (-1, 1):
            if not arms[s][3]:
                arm(pen, g, arms[s], script.arms, s)
    torso(pen, g)
    over = g.one or pack.style == "thick-outline"  # low arms before the head, or a huge head hides them
    if low and not over:
        lap(pen, g, script, arms)
    if not g.one:
        collar(pen, g)
    head = head_path(g, pack.character)
    pen.shape(head, g.coat)
    layers = [lambda: tint(pen, g, script.tint, head), lambda: FRONT[pack.character](pen, g)]
    for layer in layers[::-1] if pack.character == "tteok" else layers:  # the cake's dusting lies under the tint
        layer()
    face = Face(g.cx, g.ey, g.dx, g.er, g.my + (g.er * 0.9 if pack.character == "bear" else 0), g.mw, g.lw, g.tall, g.gloss, t)
    draw_face(pen, face, script, "cat" if pack.character in ("cat", "dog", "bear") else "")
    if low and over:
        lap(pen, g, script, arms)
    for s in (-1, 1):
        if arms[s][3]:
            arm(pen, g, arms[s], script.arms, s)
    if script.arms == "ok":
        sign(pen, g, arms[1])
    for name in script.fx:
        if name in effects.FRONT:
            effects.FRONT[name](pen, g, t)


# --- layout and motion -------------------------------------------------------------------------------------


def move(canvas, kind, t, floor):
    """The whole figure's motion at phase t of a cycle."""
    w = 2 * math.pi * t
    canvas.translate(SIZE / 2, floor)
    if kind == "bounce":
        canvas.translate(0, -12 * abs(math.sin(w)))
        canvas.scale(1 + 0.04 * math.cos(2 * w), 1 - 0.05 * math.cos(2 * w))
    elif kind == "shake":
        canvas.rotate(3.5 * math.sin(2 * w))
    elif kind == "tremble":
        canvas.translate(4 if int(t * 8) % 2 else -4, 0)
    elif kind == "sway":
        canvas.rotate(5 * math.sin(w))
    elif kind == "nod":
        canvas.scale(1, 1 - 0.05 * (1 - math.cos(w)))
    elif kind == "sink":
        canvas.scale(1 + 0.02 * (1 - math.cos(w)), 1 - 0.04 * (1 - math.cos(w)))
    canvas.translate(-SIZE / 2, -floor)


def backdrop(pen, pack, g):
    """The flat style's coloured blob behind the figure."""
    if pack.style == "flat-vector":
        pen.fill(oval(180, 176, 164, 152), pen.p.ground)
        pen.fill(oval(g.cx, g.floor, g.brx * 1.25, 11), pen.p.shade, 0.45)


def caption(pen, script, pack):
    words = script.text(pack.tone)
    if not words:
        return
    if pen.lettering == "pill":
        pen.text(words, 180, 332, min(34, 250 / max(len(words), 1)), pen.p.accent)
    else:
        pen.text(words, 180, 42, min(54, 270 / max(len(words), 1)), pen.p.letter if script.emotion != "불안" else "#8fa8f0")


def draw(pack, palette, script, t=0.0, moving=False):
    """One frame as a PIL picture."""
    surface = new_surface()
    with surface as canvas:
        pen = (FlatPen if pack.style == "flat-vector" else InkPen)(canvas, palette, rng_of(pack.pack_id, script.key))
        g = build_of(pack, palette, script)
        backdrop(pen, pack, g)
        canvas.save()
        worded = bool(script.text(pack.tone))
        if pen.lettering == "pill":
            canvas.translate(180, 0)
            canvas.scale(0.90, 0.90) if worded else canvas.scale(0.98, 0.98)
            canvas.translate(-180, 6)
        else:
            scale = 0.84 if worded else 0.97
            canvas.translate(180, 356)
            canvas.scale(scale, scale)
            canvas.translate(-180, -356)
        if moving:
            move(canvas, script.motion, t, g.floor)
        if script.tilt and not moving:
            canvas.rotate(script.tilt * 0.6, 180, g.floor)
        figure(pen, pack, g, script, t)
        canvas.restore()
        caption(pen, script, pack)
    return to_pil(surface)
