"""Effects around a vector figure: tears, sweat, veins, hearts... `g` tells where the head is (figure.Build)."""

import math

import skia

from .common import arch, box, cloud, curve, drop, heart, line, mix, moved, oval, poly, quad, spiral, star, text_path

WATER = "#86cdf3"
DEEP = "#4f9fdc"


def word(pen, text, x, y, size, colour, turn=0.0):
    pen.fill(moved(text_path(text, size), x, y, turn), colour)


def _inside(v, r):
    """The place v moved so that a thing of radius r stays in the frame."""
    return min(max(v, 14 + r), 346 - r)


def flames(pen, g, t):
    """Tongues of fire all around the upper half of the head."""
    for scale, colour in ((1, "#ee4b32"), (0.6, "#fbb03b")):
        for k in range(9):
            x, lean, w = g.cx + (k - 4) * min(g.rx * 0.34, 33), (k - 4) * g.rx * 0.05, g.rx * 0.27 * scale
            y = g.cy + (k - 4) ** 2 * g.ry * 0.03
            flicker = (1 - 0.012 * (k - 4) ** 2) * (1 + 0.06 * math.sin(6.28 * t + k * 2))
            h = min(g.ry * (1.85 if k % 2 else 1.6) * flicker, y - 24) * (0.85 + 0.15 * scale)
            tongue = [(x - w, y), (x - w * 0.9, y - h * 0.45), (x + lean, y - h), (x + w * 0.9, y - h * 0.5), (x + w, y), (x, y + w)]
            pen.fill(curve(tongue, True), colour)


def shock(pen, g, t):
    """Straight rays from behind the head."""
    for k in range(18):
        a = math.pi * (1 + (k + 0.5) / 9)
        r0, r1 = 1.22, 1.42 + 0.14 * (k % 2)
        pen.line(
            line(
                (g.cx + g.rx * r0 * math.cos(a), g.cy + g.ry * r0 * math.sin(a)),
                (g.cx + g.rx * r1 * math.cos(a), g.cy + g.ry * r1 * math.sin(a)),
            ),
            g.lw,
            pen.p.accent,
        )


def scribble(pen, g, t):
    """A dark tangle over the head."""
    rng = g.rng
    pts = [(g.cx + g.rx * rng.uniform(-0.62, 0.62), g.top - g.ry * 0.12 + g.ry * rng.uniform(-0.2, 0.2)) for _ in range(22)]
    pen.line(curve(pts), g.lw * 0.7, mix(pen.p.dark, "#555577", 0.4))


def streams(pen, g, t):
    for s in (-1, 1):
        x, y, w = g.cx + s * g.dx, g.ey + g.er * 0.8, g.er * 1.0
        out = s * g.dx * 0.38
        bottom = g.cy + g.ry * 0.93
        pen.fill(
            curve(
                [
                    (x - w, y),
                    (x + out - w * 1.2, (y + bottom) / 2),
                    (x + out - w * 1.3, bottom),
                    (x + out + w * 1.3, bottom),
                    (x + out + w * 1.1, (y + bottom) / 2),
                    (x + w, y),
                ],
                True,
            ),
            WATER,
        )
        for k in range(2):
            v = (t + 0.45 * k) % 1
            pen.fill(oval(x + out * (0.3 + 0.7 * v), y + (bottom - y) * (0.15 + 0.8 * v), w * 0.3, w * 0.75), "#ffffff", 0.8)
        for k in range(2):
            v = (t * 1.0 + k * 0.5 + 0.25) % 1
            pen.fill(
                drop(g.cx + s * g.rx * (1.0 + 0.32 * v), g.ey - g.ry * (0.3 + 0.25 * math.sin(3.14 * v)) + g.ry * 0.7 * v * v, g.er * 0.62),
                WATER,
            )


def puddle(pen, g, t):
    pen.fill(oval(g.cx, g.floor, g.rx * 1.1, g.ry * 0.12), WATER, 0.85)


def tear(pen, g, t):
    """A fat tear under each eye, one ahead of the other."""
    for s in (-1, 1):
        v = (t + (0.5 if s > 0 else 0.1)) % 1
        pen.fill(drop(g.cx + s * g.dx * 1.2, g.ey + g.er * 2.3 + v * g.ry * 0.3, g.er * 1.05), WATER)
        pen.fill(oval(g.cx + s * g.dx * 1.2 - g.er * 0.3, g.ey + g.er * 2.5 + v * g.ry * 0.3, g.er * 0.22, g.er * 0.36), "#ffffff", 0.9)


def flush(pen, g, t):
    """Slanted strokes over the cheeks: embarrassed."""
    for s in (-1, 1):
        for k in (-1, 0, 1):
            x, y = g.cx + s * g.dx * 1.55 + k * g.er * 0.95, g.ey + g.er * 2.3
            pen.line(line((x + g.er * 0.32, y - g.er * 0.62), (x - g.er * 0.32, y + g.er * 0.62)), g.lw * 0.55, "#d8344c")


def cold(pen, g, t):
    for k, (x, y) in enumerate(((-0.92, -0.35), (0.95, -0.2), (0.78, -0.78))):
        v = (t + k / 3) % 1
        pen.fill(drop(g.cx + g.rx * x * 1.06, g.cy + g.ry * (y + 0.2 * v), g.er * 0.72), DEEP)


def beads(pen, g, t):
    """Sweat flying off."""
    for s in (-1, 1):
        for k, a in enumerate((25, 48, 70)):
            r = 1.2 + 0.1 * math.sin(6.28 * t + k)
            x, y = g.cx + s * g.rx * r * math.cos(math.radians(a)), g.cy - g.ry * r * math.sin(math.radians(a))
            pen.fill(moved(drop(x, y, g.er * 0.62), 0, 0, -s * (a + 70), about=(x, y)), DEEP)


def bigsweat(pen, g, t):
    x, y = g.cx + g.rx * 0.72, g.cy - g.ry * 0.52 + 8 * t
    pen.shape(drop(x, y, g.er * 1.55), WATER, weight=0.6, shade=False)
    pen.fill(oval(x - g.er * 0.5, y + g.er * 0.35, g.er * 0.25, g.er * 0.45), "#ffffff")


def vein(pen, g, t):
    x, y, r = g.cx + g.rx * 0.62, g.cy - g.ry * 0.62, g.er * (1.7 + 0.25 * math.sin(12.6 * t))
    for k in range(4):
        turn = 90 * k
        pen.line(
            moved(quad((x + r * 0.28, y - r), (x + r * 0.3, y - r * 0.3), (x + r, y - r * 0.28)), 0, 0, turn, about=(x, y)),
            g.lw * 1.15,
            "#d9202f",
        )


def steam(pen, g, t):
    """A puff out of each ear."""
    grow = 1 + 0.12 * math.sin(6.28 * t)
    for s in (-1, 1):
        x, y = _inside(g.cx + s * (g.rx * 1.12 + g.er * 1.6), g.er * 2.6), g.cy - g.ry * 0.5
        pen.shape(cloud(x, y, g.er * 2.2 * grow, g.er * 1.8 * grow, 7), "#eef1f4", weight=0.5, shade=False)
        pen.line(line((g.cx + s * g.rx * 1.02, g.cy - g.ry * 0.32), (x - s * g.er, y + g.er * 1.2)), g.lw * 0.7, "#c3cbd4")


def puff(pen, g, t):
    x, y = g.cx - g.rx * 1.12, g.my + g.ry * 0.02
    grow = 1 + 0.15 * math.sin(6.28 * t)
    pen.shape(cloud(x - g.er * 0.5, y, g.er * 1.9 * grow, g.er * 1.4 * grow), "#eef1f4", weight=0.5, shade=False)


def hearts(pen, g, t):
    for k, (x, y, s) in enumerate(((-1.12, -0.62, 1.9), (1.15, -0.75, 2.3), (1.3, 0.12, 1.3), (-1.3, 0.1, 1.2))):
        lift = 8 * math.sin(6.28 * (t + k / 4))
        pen.shape(heart(g.cx + g.rx * x, g.cy + g.ry * y - lift, g.er * s), "#ec4f63", weight=0.6)


def broken(pen, g, t):
    x, y, s = g.cx + g.rx * 0.98, g.top + g.ry * 0.08, g.er * 2.9
    pen.shape(heart(x, y, s), "#d9465a", weight=0.7)
    pen.line(line((x, y - s * 0.45), (x - s * 0.28, y - s * 0.05), (x + s * 0.18, y + s * 0.2), (x, y + s * 0.9)), g.lw, "#ffffff")


def sparkles(pen, g, t):
    for k, (x, y, s) in enumerate(((-1.18, -0.75, 2.4), (1.2, -0.7, 2.8), (1.32, 0.35, 1.6), (-1.34, 0.28, 1.5))):
        size = g.er * s * (1 + 0.25 * math.sin(6.28 * (t + k / 4)))
        pen.shape(star(g.cx + g.rx * x, g.cy + g.ry * y, size), "#ffd94a", weight=0.5, shade=False)


def confetti(pen, g, t):
    colours = (pen.p.accent, pen.p.second, "#ffd94a", pen.p.main, "#ec4f63")
    for k in range(22):
        x, y, a = g.rng.uniform(12, 348), g.rng.uniform(10, 300), g.rng.uniform(0, 180)
        if abs(x - g.cx) < g.rx * 1.1 and y > g.top:
            continue
        y = 14 + (y + 120 * t) % 300
        piece = box(x, y, 7, 4, 1) if k % 3 else oval(x, y, 5)
        pen.fill(moved(piece, 0, 0, a + 360 * t, about=(x, y)), colours[k % 5])


def hat(pen, g, t):
    x, y, w, h = g.cx, g.top + g.ry * 0.12, g.rx * 0.34, g.ry * 0.62
    pen.shape(poly([(x - w, y), (x, y - h), (x + w, y)]), pen.p.accent, weight=0.8)
    for k in (0.3, 0.62):
        pen.fill(
            poly(
                [
                    (x - w * (1 - k), y - h * k),
                    (x + w * (1 - k), y - h * k),
                    (x + w * (0.86 - k), y - h * (k + 0.14)),
                    (x - w * (0.86 - k), y - h * (k + 0.14)),
                ]
            ),
            pen.p.light,
        )
    pen.shape(oval(x, y - h, g.er * 0.9), "#ffd94a", weight=0.6, shade=False)


def raincloud(pen, g, t):
    x, y = g.cx, g.top - g.ry * 0.04
    for k in range(8):
        v = (t + k * 0.37) % 1
        px, py = x + g.rx * (-0.98 + 0.28 * k), y + g.ry * (0.24 + 0.6 * v)
        pen.line(line((px, py), (px - g.er * 0.5, py + g.ry * 0.2)), g.lw * 0.75, DEEP)
    puffs = box(x, y, g.rx * 0.82, g.ry * 0.15, g.ry * 0.15)
    for dx, dy, r in ((-0.52, -0.1, 0.26), (-0.1, -0.26, 0.36), (0.34, -0.16, 0.3), (0.62, -0.02, 0.2)):
        puffs = skia.Op(puffs, oval(x + g.rx * dx, y + g.ry * dy, g.rx * r, g.ry * r * 0.9), skia.kUnion_PathOp)
    pen.shape(puffs, "#7f879d", weight=0.8)


def shiver(pen, g, t):
    for s in (-1, 1):
        for k in (0, 1):
            x = g.cx + s * (g.rx * 1.16 + k * g.er * 1.5) + (2 if round(t * 6) % 2 else -2)
            y = g.cy + g.ry * 0.35
            pen.line(
                curve(
                    [
                        (x, y - g.ry * 0.45),
                        (x + g.er * 0.6, y - g.ry * 0.22),
                        (x - g.er * 0.6, y),
                        (x + g.er * 0.6, y + g.ry * 0.22),
                        (x, y + g.ry * 0.45),
                    ]
                ),
                g.lw * 0.75,
                DEEP,
            )


def blanket(pen, g, t):
    """Pulled up to the nose."""
    y = g.ey + (g.my - g.ey) * 1.45
    top = [
        (g.cx - g.rx * 1.16, g.floor),
        (g.cx - g.rx * 1.1, y + 14),
        (g.cx - g.rx * 0.5, y + 5),
        (g.cx, y + 9),
        (g.cx + g.rx * 0.5, y + 4),
        (g.cx + g.rx * 1.1, y + 14),
        (g.cx + g.rx * 1.16, g.floor),
    ]
    path = curve(top)
    path.close()
    pen.shape(path, pen.p.accent)
    for k in range(5):
        for j in range(3):
            x, yy = g.cx + g.rx * (-0.8 + 0.4 * k + (0.2 if j % 2 else 0)), y + 30 + j * 32
            if yy < g.floor - 8 and abs(x - g.cx) < g.rx:
                pen.fill(oval(x, yy, 5), pen.p.light, 0.8)
    for s in (-1, 1):
        pen.shape(oval(g.cx + s * g.rx * 0.42, y + 8, g.limb * 0.55, g.limb * 0.5), g.coat, shade=False)


def bang(pen, g, t):
    _mark(pen, g, "!", g.cx + g.rx * 1.12, g.cy - g.ry * 0.78, 10)


def bangq(pen, g, t):
    _mark(pen, g, "!", g.cx - g.rx * 1.2, g.cy - g.ry * 0.35, -14)
    _mark(pen, g, "?", g.cx + g.rx * 1.2, g.cy - g.ry * 0.35, 14)


def what(pen, g, t):
    _mark(pen, g, "?", g.cx + g.rx * 1.1, g.cy - g.ry * 0.85, 14)


def _mark(pen, g, sign, x, y, turn):
    path = moved(text_path(sign, g.er * 7.5), _inside(x, g.er * 3.2), y, turn)
    pen.shape(path, pen.p.accent, weight=0.5, shade=False)


def swirl(pen, g, t):
    for k in range(3):
        a = 6.28 * (t + k / 3)
        x, y = g.cx + g.rx * 0.72 * math.cos(a), g.top - g.ry * 0.02 + g.ry * 0.16 * math.sin(a)
        pen.shape(star(x, y, g.er * 1.5, 5, 0.45), "#ffd94a", weight=0.4, shade=False)
    pen.line(spiral(g.cx - g.rx * 1.22, g.cy - g.ry * 0.5, g.er * 1.9), g.lw * 0.7, pen.p.accent)


def dots(pen, g, t):
    """A speech bubble with three dots."""
    x, y = g.cx + g.rx * 0.92, g.top + g.ry * 0.1
    w, h = g.er * 4.4, g.er * 2.5
    bubble = skia.Op(
        box(x, y, w, h, h), poly([(x - w * 0.5, y + h * 0.5), (x - w * 0.62, y + h * 1.6), (x - w * 0.05, y + h * 0.8)]), skia.kUnion_PathOp
    )
    pen.shape(bubble, "#f4f4f6", weight=0.7, shade=False)
    for k in (-1, 0, 1):
        pen.fill(oval(x + k * w * 0.42, y - (4 if round(t * 3) % 3 == k + 1 and t else 0), g.er * 0.6), pen.p.dark)


def zzz(pen, g, t):
    last = _inside(g.cx + g.rx * 1.4, g.er * 4.2)
    for k, size in enumerate((4.0, 5.6, 7.4)):
        y = g.cy - g.ry * (0.4 + 0.36 * k) + 6 * math.sin(6.28 * t + k)
        path = moved(text_path("Z", g.er * size), last - (2 - k) * g.er * 2.2, y, 10)
        pen.shape(path, pen.p.accent, weight=0.4, shade=False)


def nightcap(pen, g, t):
    """Its bobble hangs to the left."""
    x, y, w, h = g.cx + g.rx * 0.12, g.top + g.ry * 0.2, g.rx * 0.66, g.ry * 0.62
    outline = ((1, 0), (0.6, -0.75), (-0.2, -1), (-1.3, -0.35), (-0.85, -0.25), (-1, 0))
    cap = curve([(x + w * a, y + h * b) for a, b in outline])
    cap.close()
    pen.shape(cap, pen.p.accent)
    pen.shape(box(x, y, w * 1.06, g.ry * 0.1, g.ry * 0.1), pen.p.light, shade=False)
    pen.shape(oval(x - w * 1.32, y - h * 0.28, g.er * 1.3), pen.p.light, shade=False)


def haha(pen, g, t):
    for s in (-1, 1):
        x, y = g.cx + s * g.rx * 1.02, g.ey - g.er * 0.5
        pen.fill(moved(drop(x, y, g.er * 0.8), s * 4 * math.sin(6.28 * t), 0, s * -55, about=(x, y)), WATER)
        for k in range(3):
            a = math.radians(-62 + 22 * k)
            x0, y0 = g.cx + s * g.rx * 1.12 * math.cos(a), g.cy + g.ry * 1.12 * math.sin(a)
            pen.line(line((x0, y0), (g.cx + s * g.rx * 1.3 * math.cos(a), g.cy + g.ry * 1.3 * math.sin(a))), g.lw, pen.p.accent)


def _wisps(pen, g, x0, y, t):
    """Three wisps of steam."""
    for k in (-1, 0, 1):
        x, d = x0 + k * g.er * 1.6, g.er * 0.5 * math.sin(6.28 * t + k)
        pen.line(curve([(x, y), (x + g.er * 0.5 + d, y - 8), (x - g.er * 0.5 + d, y - 16), (x + d, y - 24)]), g.lw * 0.55, "#b9c4cc")


def tea(pen, g, t):
    """The cup's steam (the cup itself is in the hands)."""
    _wisps(pen, g, g.cx, g.bcy - g.limb, t)


def wavemarks(pen, g, t):
    """Two arcs beside a waving hand."""
    x, y = g.cx + max(g.rx, g.brx) + 20, g.cy + g.ry * 0.12
    for r in (1.05, 1.5):
        pen.line(arch(x, y - g.limb * r, g.limb * r, -g.limb * 0.3), g.lw * 0.7, pen.p.accent)


def notes(pen, g, t):
    """Quavers dancing on both sides."""
    for k, (x, y, size) in enumerate(((-1.3, -0.45, 1.0), (1.32, -0.7, 1.25), (1.42, 0.3, 0.85))):
        r = g.er * 1.15 * size
        x0, y0 = _inside(g.cx + g.rx * x, r * 2), g.cy + g.ry * y - 6 * math.sin(6.28 * (t + k / 3))
        colour = (pen.p.accent, pen.p.second)[k % 2]
        stem = box(x0 + r * 0.9, y0 - r * 1.9, r * 0.2, r * 2.0, r * 0.1)
        flag = curve([(x0 + r * a, y0 - r * b) for a, b in ((0.75, 3.9), (2.1, 2.7), (1.7, 1.4), (1.0, 2.7))], True)
        note = skia.Op(moved(oval(x0, y0, r * 1.2, r * 0.9), turn=-18, about=(x0, y0)), stem, skia.kUnion_PathOp)
        note = skia.Op(note, flag, skia.kUnion_PathOp)
        pen.shape(moved(note, turn=10 if k else -12, about=(x0, y0)), colour, weight=0.45, shade=False)


def soul(pen, g, t):
    """A small ghost that leaves the mouth, its tail around the cheek."""
    r = g.rx * 0.36
    x, y = _inside(g.cx + g.rx * 1.12, r * 1.3), max(g.cy - g.ry * 1.2, 30 + r * 1.5) - 5 * math.sin(6.28 * t)
    spine = [
        (g.cx + g.mw * 0.15, g.my + g.er * 0.7, 0.03),
        (g.cx + g.dx * 1.3, g.my + g.er * 0.9, 0.12),
        (g.cx + g.rx * 0.98, g.my - g.er * 1.5, 0.24),
        (g.cx + g.rx * 1.0, g.ey - g.ry * 0.55, 0.42),
        (x - r * 0.1, y + r * 0.65, 0.85),
    ]
    body = curve([(a - w * r, b - w * r * 0.6) for a, b, w in spine] + [(x - r * 0.95, y), (x, y - r), (x + r * 0.95, y)]
                 + [(a + w * r, b + w * r * 0.6) for a, b, w in spine[::-1]], True)  # fmt: skip
    pen.shape(body, "#e6eefb", weight=0.65, shade=False)
    for s in (-1, 1):
        pen.line(arch(x + s * r * 0.38, y - r * 0.1, r * 0.4, r * 0.22), g.lw * 0.7)
        pen.shape(oval(x + s * r * 1.02, y + r * 0.48, r * 0.28, r * 0.2), "#e6eefb", weight=0.5, shade=False)
    pen.fill(oval(x, y + r * 0.36, r * 0.14, r * 0.18), pen.p.dark)
    pen.line(oval(x, y - r * 1.4, r * 0.52, r * 0.15), g.lw * 0.6, "#f2b632")


def wind(pen, g, t):
    """Curls of a cold wind."""
    swirl = [(0, 0), (0.5, -0.08), (0.92, -0.16), (1.0, -0.42), (0.8, -0.5), (0.68, -0.34), (0.8, -0.26)]
    for x, y, size in ((-1.5, -0.62, 0.62), (0.95, 0.5, 0.72), (-1.5, 0.78, 0.66)):
        r = g.rx * size
        x0, y0 = min(max(g.cx + g.rx * x, 16), 336 - r) + 6 * math.sin(6.28 * t), g.cy + g.ry * y
        pen.line(curve([(x0 + r * a, y0 + r * b) for a, b in swirl]), g.lw, "#7d93ab")


def leaves(pen, g, t):
    """Dry leaves that fall."""
    for k, (x, y, turn) in enumerate(((-1.22, -0.72, 30), (1.22, -0.35, -35), (-1.28, 0.42, -60), (1.2, 0.95, 50), (0.75, -1.22, 70))):
        v, s = (t + k * 0.23) % 1 - 0.5, g.er * 2.1
        x0, y0 = _inside(g.cx + g.rx * x + 6 * math.sin(6.28 * v), s), max(g.cy + g.ry * y + g.ry * 0.18 * v, 14 + s)
        leaf = curve([(x0 - s, y0), (x0, y0 - s * 0.5), (x0 + s, y0), (x0, y0 + s * 0.5)], True)
        about = turn + 30 * math.sin(6.28 * v)
        pen.shape(moved(leaf, turn=about, about=(x0, y0)), ("#d9772b", "#b8502a", "#e0a03a")[k % 3], weight=0.45, shade=False)
        pen.line(moved(line((x0 - s * 1.35, y0), (x0 + s * 0.5, y0)), turn=about, about=(x0, y0)), g.lw * 0.45, "#7a3f1d")


def _bowl(pen, x, y, r, turn, colour, food):
    """A bowl heaped with food, seen from the side."""
    heap = moved(oval(x, y, r * 0.82, r * 0.62), turn=turn, about=(x, y))
    cup = skia.Op(oval(x, y, r, r * 0.95), box(x, y + r, r * 1.2, r), skia.kIntersect_PathOp)
    cup = skia.Op(cup, box(x, y + r * 0.95, r * 0.42, r * 0.14, 2), skia.kUnion_PathOp)
    pen.shape(heap, food, weight=0.6, shade=False)
    pen.shape(moved(cup, turn=turn, about=(x, y)), colour, weight=0.7)


def table(pen, g, t):
    """A low dining table thrown over, its dishes in the air."""
    size = min(g.rx * 0.82, 78)
    x, y = _inside(g.cx + g.rx * 1.75, size * 0.75), min(g.cy + g.ry * 0.75, g.floor - size * 0.95)
    turn = 236 + 10 * math.sin(6.28 * t)

    def part(path, colour):
        pen.shape(moved(path, turn=turn, about=(x, y)), colour, weight=0.8, shade=False)

    for k in (-0.68, 0.68):
        part(box(x + k * size, y + size * 0.42, size * 0.11, size * 0.36, 4), "#8a5528")
    part(box(x, y, size, size * 0.19, size * 0.1), "#c07f41")
    part(box(x, y - size * 0.14, size, size * 0.06, size * 0.05), "#dca263")
    lift, top = 6 * math.sin(6.28 * t + 1), g.top - g.ry * 0.1
    right = _inside(g.cx + g.rx * 1.8, size * 0.36)
    _bowl(pen, right, top + g.ry * 0.42 - lift, size * 0.36, 40, "#5b8fc9", "#fbfbf6")
    _bowl(pen, g.cx + g.rx * 1.12, top - g.ry * 0.02 + lift, size * 0.3, -42, "#f4f1ea", "#d2483b")
    for k, (a, b) in enumerate(((0.72, 0.2), (0.58, 0.6), (0.86, 0.72), (0.1, -0.04), (0.42, 0.02))):
        pen.fill(oval(g.cx + g.rx + (right - g.cx - g.rx) * a, top + g.ry * b + lift, g.er * 0.5), ("#d2483b", "#f2c14e", "#7fb04f")[k % 3])
    for k in (0, 1):
        pen.line(line((right + 7 * k - 4, top - g.ry * 0.02), (right + 7 * k - 16, top - g.ry * 0.42)), g.lw * 0.8, "#a0672f")


def aura(pen, g, t):
    """A dark ragged aura around the whole figure and two bolts of lightning."""
    colour, top = mix(pen.p.dark, "#5a2391", 0.35), g.top - g.ry * 0.42
    y, high = (top + g.floor) / 2, (g.floor - top) / 2
    for scale, alpha in ((1.0, 0.45), (0.88, 0.9)):
        pts = []
        for k in range(44):
            a = 6.283 * k / 44
            r = scale * ((1.26 if k % 2 else 1.0) + 0.05 * math.sin(6.28 * t + k))
            x0 = g.cx + min(g.rx, 112) * 1.22 * r * math.cos(a)
            pts.append((_inside(x0, -4), min(max(y + high * 1.06 * r * math.sin(a) - (k % 2) * high * 0.08, 10), g.floor + 2)))
        pen.fill(poly(pts), colour, alpha)
    for s in (-1, 1):
        x, y0, r = _inside(g.cx + s * g.rx * 1.42, g.er * 1.6), g.cy - g.ry * 0.55, g.er * 1.7
        bolt = [(0.5, -2.6), (-0.9, 0.3), (0.0, 0.3), (-0.5, 2.4), (1.0, -0.5), (0.1, -0.5), (0.9, -2.6)]
        pen.shape(poly([(x + s * r * a, y0 + r * b) for a, b in bolt]), "#ffd94a", weight=0.5, shade=False)


def clock(pen, g, t):
    """A ringing alarm clock."""
    r = g.rx * 0.34
    x, y = _inside(g.cx + g.rx * 1.2, r * 1.35), g.top + g.ry * 0.12
    turn = 12 + 14 * math.sin(12.57 * t + 1)
    for s in (-1, 1):
        leg = line((x + s * r * 0.5, y + r * 0.8), (x + s * r * 0.72, y + r * 1.15))
        pen.limb(moved(leg, turn=turn, about=(x, y)), r * 0.2, pen.p.dark)
        bell = moved(oval(x + s * r * 0.62, y - r * 0.88, r * 0.42, r * 0.3), turn=s * 36, about=(x + s * r * 0.62, y - r * 0.88))
        pen.shape(moved(bell, turn=turn, about=(x, y)), "#ffd94a", weight=0.6, shade=False)
    pen.shape(oval(x, y, r), "#e5484d", weight=0.7, shade=False)
    pen.fill(oval(x, y, r * 0.74), "#ffffff")
    for hand in ((0, -0.55), (0.34, 0.12)):
        pen.line(line((x, y), (x + r * hand[0], y + r * hand[1])), g.lw * 0.7)
    for a in (-165, -140, -40, -15):
        c, s = math.cos(math.radians(a + turn)), math.sin(math.radians(a + turn))
        pen.line(line((x + r * 1.45 * c, y + r * 1.45 * s), (x + r * 1.85 * c, y + r * 1.85 * s)), g.lw * 0.8, "#e5484d")


def pulse(pen, g, t):
    """A pounding heart before the chest, its beat a zigzag."""
    beat, y = 1 + 0.16 * math.sin(12.57 * t), lap(g)
    zigzag = [(-2.6, 0), (-1.5, 0), (-1.15, -0.9), (-0.65, 0.8), (-0.3, 0), (0.3, 0), (0.65, -1.0), (1.15, 0.9), (1.5, 0), (2.6, 0)]
    unit = g.limb * 1.25
    for s in (-1, 1):
        for r in (1.7, 2.15):
            side = [(g.cx + s * unit * r * math.cos(a), y - unit * r * math.sin(a) * 0.9) for a in (0.35, 0.62, 0.9)]
            pen.line(curve(side), g.lw * 0.75, "#e2334c")
    pen.shape(heart(g.cx, y, unit * beat), "#e8384f")
    pen.line(line(*((g.cx + unit * 0.42 * a, y + unit * 0.42 * b) for a, b in zigzag)), g.lw * 0.55, "#ffffff")


def spotlight(pen, g, t):
    """A cone of light from a lamp above."""
    top, low, wide = 22, g.floor - g.limb * 0.1, min(max(g.rx, g.brx) * 1.45, 160)
    cone = [(g.cx - wide * 0.3, top + 14), (g.cx + wide * 0.3, top + 14), (g.cx + wide, low), (g.cx - wide, low)]
    pen.fill(poly(cone), "#ffe680", 0.8)
    pen.fill(oval(g.cx, low, wide, g.limb * 0.6), "#fff3b8")
    lamp = [(g.cx - wide * 0.16, top), (g.cx + wide * 0.16, top), (g.cx + wide * 0.34, top + 17), (g.cx - wide * 0.34, top + 17)]
    pen.shape(poly(lamp), pen.p.dark)


def phone(pen, g, t):
    """Messages that come in."""
    for k, (x, y) in enumerate(((1.2, -0.15), (1.3, -0.62))):
        r = g.er * (1.9 + 0.3 * math.sin(6.28 * t + 2 * k))
        x, y = _inside(g.cx + g.rx * x, r * 1.6), g.cy + g.ry * y
        tail = poly([(x - r, y + r * 0.2), (x - r * 1.7, y + r * 1.3), (x, y + r * 0.8)])
        bubble = skia.Op(box(x, y, r * 1.5, r, r * 0.8), tail, skia.kUnion_PathOp)
        pen.shape(bubble, (pen.p.second, "#f4f4f6")[k], weight=0.5, shade=False)
        for j in (-1, 1):
            pen.fill(box(x, y + j * r * 0.32, r * (0.85 if j < 0 else 0.5), r * 0.13, r * 0.1), pen.p.dark)


def meal(pen, g, t):
    """A grain of rice on the cheek."""
    x, y = g.cx - g.dx * 1.2, g.my + g.er * 0.3
    pen.fill(moved(oval(x, y, g.er * 0.5, g.er * 0.32), turn=-30, about=(x, y)), "#ffffff")


def laptop(pen, g, t):
    """Strokes of quick typing."""
    for s in (-1, 1):
        for k in range(3):
            a = math.radians(-20 + 32 * k)
            r = g.limb * (2.6 + 0.15 * math.sin(6.28 * t + k))
            x, y, c, d = g.cx, lap(g), s * math.cos(a), -math.sin(a)
            pen.line(line((x + r * c, y + r * d * 0.8), (x + r * 1.22 * c, y + r * 1.22 * d * 0.8)), g.lw * 0.8, pen.p.accent)


# --- on the head (clipped by its outline) --------------------------------------------------------------------


def headband(pen, g, t, head):
    """A red band with white letters ('certain victory'), knotted at the left."""
    y, h = g.ey - g.er * 3.4 - g.ry * 0.04, g.ry * 0.14
    x = skia.Op(head, box(g.cx, y, g.rx * 1.5, h), skia.kIntersect_PathOp).getBounds().left() + 2
    for k in (0, 1):
        dy = h * (2.2 * k - 1.0) + 5 * math.sin(6.28 * t + k)
        tail = [(x - g.rx * a, y + dy + h * b) for a, b in ((0.22, -0.35), (0.36, 0.5), (0.16, 0.7))]
        pen.shape(curve([(x, y - h * 0.3), *tail, (x, y + h * 0.3)], True), "#c9283a", weight=0.6, shade=False)
    band = skia.Op(moved(head, sx=1.015, about=(g.cx, g.cy)), box(g.cx, y, g.rx * 1.5, h), skia.kIntersect_PathOp)
    pen.shape(band, "#e23a48", weight=0.6, shade=False)
    word(pen, "필승", g.cx, y, h * 1.6, "#ffffff")


def petrified(pen, g, t, head):
    """Cracks all over and crumbs below."""
    cracks = (
        [(0.42, -1), (0.3, -0.74), (0.46, -0.6), (0.3, -0.4), (0.38, -0.3)],
        [(-1, 0.06), (-0.8, 0.12), (-0.7, 0.3), (-0.52, 0.34)],
        [(0.98, 0.4), (0.78, 0.44), (0.68, 0.6), (0.52, 0.58)],
        [(-0.4, -0.98), (-0.46, -0.78), (-0.34, -0.64)],
    )
    for crack in cracks:
        stroke = line(*((g.cx + g.rx * x * 0.95, g.cy + g.ry * y * 0.95) for x, y in crack))
        pen.line(stroke, g.lw * 0.8, "#3d4148")
    for k, x in enumerate((-1.15, -0.92, 0.95, 1.18)):
        r = g.er * (0.9, 0.6, 0.7, 1.0)[k]
        x0, y0 = g.cx + g.rx * x, g.floor - r
        crumb = [(x0 + r * a, y0 + r * b) for a, b in ((-1, 0.8), (-0.5, -0.7), (0.7, -0.5), (1, 0.8))]
        pen.shape(poly(crumb), "#9ba0a8", weight=0.5, shade=False)


# --- things held: (pen, g, t, left hand, right hand) ---------------------------------------------------------


def lap(g):
    """Height of a thing held before the body: under the mouth, where head and body are one piece."""
    return max(g.bcy, g.my + g.er * 2 + g.limb) if g.one else g.bcy


def held_heart(pen, g, t, left, right):
    pen.shape(heart(g.cx, g.bcy, g.limb * 1.15), "#ec4f63")


def held_cup(pen, g, t, left, right):
    pen.shape(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.72, 7), pen.p.accent)
    pen.fill(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.14), pen.p.light)


def held_bowl(pen, g, t, left, right):
    """A bowl of rice, and chopsticks on the way to the mouth."""
    r, (x, y) = g.limb * 1.15, right
    _bowl(pen, g.cx - g.limb * 0.6, lap(g) - g.limb * 0.1, r, -4, pen.p.accent, "#fdfdf8")
    tip = (g.cx + g.mw * 0.62, g.my + g.er * 1.2 - 4 * math.sin(6.28 * t))
    for k in (-1, 1):
        pen.line(line((x + g.limb * 0.3, y + k * g.limb * 0.12), (tip[0], tip[1] + k * g.limb * 0.1)), g.lw * 0.9, "#7a4a26")
    pen.shape(oval(*tip, g.limb * 0.34, g.limb * 0.27), "#fdfdf8", weight=0.5, shade=False)


def held_phone(pen, g, t, left, right):
    y, w = lap(g) - g.limb * 0.2, g.limb * 0.78
    pen.shape(moved(box(g.cx, y, w, w * 1.6, w * 0.3), turn=-5, about=(g.cx, y)), pen.p.dark, weight=0.8, shade=False)
    pen.fill(moved(box(g.cx, y, w * 0.86, w * 1.45, w * 0.22), turn=-5, about=(g.cx, y)), pen.p.accent)
    pen.fill(moved(box(g.cx - w * 0.42, y - w * 0.95, w * 0.26, w * 0.3, w * 0.12), turn=-5, about=(g.cx, y)), pen.p.dark)
    for hx, hy in (left, right):
        pen.shape(oval(hx, hy, g.limb * 0.42, g.limb * 0.36), g.coat, weight=0.7, shade=False)


def held_laptop(pen, g, t, left, right):
    y, w = lap(g), g.limb * 2.0
    pen.shape(box(g.cx, y, w, w * 0.62, w * 0.1), "#dfe4ea", weight=0.9)
    pen.fill(heart(g.cx, y - w * 0.02, w * 0.2), pen.p.accent)
    pen.shape(box(g.cx, y + w * 0.68, w * 1.16, w * 0.1, w * 0.08), "#b3bac4", weight=0.8, shade=False)
    for hx, hy in (left, right):
        pen.shape(oval(hx, hy, g.limb * 0.46, g.limb * 0.4), g.coat, weight=0.7, shade=False)


def held_board(pen, g, t, left, right):
    """A sign with a tick and two lines of text."""
    y, w, h = lap(g) + g.limb * 0.15, g.limb * 2.05, g.limb * 1.35
    pen.shape(box(g.cx, y, w, h, h * 0.16), pen.p.accent, weight=0.9, shade=False)
    pen.fill(box(g.cx, y, w * 0.88, h * 0.82, h * 0.08), "#ffffff")
    x = g.cx - w * 0.45
    pen.line(line((x - w * 0.2, y), (x - w * 0.02, y + h * 0.32), (x + w * 0.3, y - h * 0.42)), g.lw * 1.5, "#2f9e5b")
    for k, long in enumerate((0.66, 0.5, 0.58)):
        pen.fill(box(g.cx + w * 0.06 + w * long / 2, y + h * (-0.4 + 0.4 * k), w * long / 2, h * 0.075, h * 0.07), "#8d949f")
    for hx, hy in (left, right):
        pen.shape(oval(hx, hy, g.limb * 0.5, g.limb * 0.46), g.coat, weight=0.7, shade=False)


def held_hanky(pen, g, t, left, right):
    """A handkerchief fluttering from the hand like a flag."""
    (x, y), r, w = right, g.limb * 1.5, 0.12 * math.sin(6.28 * t)
    cloth = skia.Path()
    for to, *points in (
        (cloth.moveTo, (-0.05, -0.1)),
        (cloth.cubicTo, (0.35, -0.62 - w), (0.7, 0.12 + w), (1.15, -0.42 - w)),
        (cloth.lineTo, (1.25, 0.42 - w)),
        (cloth.cubicTo, (0.8, 0.95 + w), (0.45, 0.2 - w), (0.05, 0.72)),
    ):
        to(*(v for a, b in points for v in (x + r * a, y + r * b)))
    cloth.close()
    cloth = moved(cloth, turn=-62, about=right)
    b = cloth.getBounds()
    pen.shape(cloth, pen.p.second, weight=0.7)
    pen.line(moved(cloth, sx=0.66, about=(b.centerX(), b.centerY())), g.lw * 0.5, "#ffffff")
    pen.shape(oval(x, y, g.limb * 0.5), g.coat, weight=0.8, shade=False)


def held_fist(pen, g, t, left, right):
    """Strokes around a raised fist."""
    for a in (-160, -125, -90, -55, -20):
        c, s = math.cos(math.radians(a)), math.sin(math.radians(a))
        (x, y), r = right, g.limb * (1.1 + 0.1 * math.sin(6.28 * t))
        pen.line(line((x + r * c, y + r * s), (x + r * 1.45 * c, y + r * 1.45 * s)), g.lw, pen.p.accent)


def held_sign(pen, g, t, left, right):
    """A paddle with a ring: 'okay'."""
    x, y = right[0] - 2, right[1] - g.limb * 2.2
    pen.limb(line((x, y), right), g.limb * 0.32, pen.p.dark)
    pen.shape(oval(x, y, g.limb * 1.5), "#f8f8f4", shade=False)
    pen.fill(oval(x, y, g.limb * 1.05), "#2f9e5b")
    pen.fill(oval(x, y, g.limb * 0.62), "#f8f8f4")


def held_palm(pen, g, t, left, right):
    """An open hand thrust at the viewer."""
    (x, y), r = right, g.limb * 1.12
    palm = box(x, y, r, r * 0.95, r * 0.5)
    for k, (a, long) in enumerate(((-30, 0.82), (-10, 1.02), (10, 1.02), (30, 0.82))):
        finger = box(x + r * (k - 1.5) * 0.42, y - r * 0.95, r * 0.3, r * long, r * 0.3)
        palm = skia.Op(palm, moved(finger, turn=a, about=(x, y)), skia.kUnion_PathOp)
    thumb = moved(box(x, y - r * 0.9, r * 0.28, r * 0.8, r * 0.28), turn=-72, about=(x, y + r * 0.2))
    palm = skia.Op(palm, thumb, skia.kUnion_PathOp)
    pen.fill(moved(palm, -r * 0.12, r * 0.14), pen.p.shade, 0.8)
    pen.shape(palm, g.coat, weight=0.6, shade=False)
    pen.line(arch(x, y - r * 0.1, r * 1.0, r * 0.3), g.lw * 0.6, mix(pen.p.shade, pen.p.dark, 0.25))


def wall(pen, g, edge):
    """A brick wall up to the height of the edge."""
    wide, high = min(g.rx * 1.5, 164), g.floor - edge
    pen.shape(box(g.cx, edge + high / 2, wide, high / 2, 6), pen.p.second)
    for row in range(3):
        y = edge + high * (0.3 + 0.26 * row)
        pen.line(line((g.cx - wide * 0.94, y), (g.cx + wide * 0.94, y)), g.lw * 0.45, mix(pen.p.second, pen.p.dark, 0.4))
        for k in range(4):
            x = g.cx + wide * (-0.72 + 0.46 * k + 0.23 * (row % 2))
            pen.line(line((x, y), (x, y + high * 0.2)), g.lw * 0.45, mix(pen.p.second, pen.p.dark, 0.4))
    pen.shape(box(g.cx, edge + high * 0.06, wide * 1.03, high * 0.09, 5), pen.p.light, weight=0.9, shade=False)


def _named(*functions):
    return {f.__name__: f for f in functions}


BEHIND = _named(flames, shock, puddle, aura, spotlight, wind)
ON_HEAD = _named(headband, petrified)
ON_FACE = _named(streams, tear, flush, haha, meal)  # move with a turned face
FRONT = _named(
    cold, beads, bigsweat, vein, steam, puff, hearts, broken, sparkles, confetti, hat, raincloud, shiver, blanket, bang, bangq, what,
    swirl, dots, zzz, nightcap, tea, scribble, wavemarks, notes, soul, leaves, table, clock, pulse, phone, laptop,
)  # fmt: skip
HELD = {
    "heart": held_heart, "cup": held_cup, "bowl": held_bowl, "phone": held_phone, "type": held_laptop, "board": held_board,
    "hanky": held_hanky, "ok": held_sign, "stop": held_palm, "fistup": held_fist,
}  # fmt: skip
