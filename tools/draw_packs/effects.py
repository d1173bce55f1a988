"""Effects around a vector figure: tears, sweat, veins, hearts... `g` tells where the head is (figure.Build)."""

import math

import skia

from .common import arch, box, cloud, curve, drop, heart, line, mix, moved, oval, poly, quad, spiral, star, text_path

WATER = "#86cdf3"
DEEP = "#4f9fdc"


def word(pen, text, x, y, size, colour, turn=0.0):
    pen.fill(moved(text_path(text, size), x, y, turn), colour)


def flames(pen, g, t):
    """Tongues of fire all around the upper half of the head."""
    for scale, colour in ((1, "#ee4b32"), (0.6, "#fbb03b")):
        for k in range(9):
            x = g.cx + (k - 4) * min(g.rx * 0.34, 33)
            lean = (k - 4) * g.rx * 0.05
            y = g.cy + abs(k - 4) ** 2 * g.ry * 0.03
            h = (
                g.ry
                * (1.85 if k % 2 else 1.6)
                * (1 - 0.012 * (k - 4) ** 2)
                * (1 + 0.06 * math.sin(6.28 * t + k * 2))
                * (0.85 + 0.15 * scale)
            )
            w = g.rx * 0.27 * scale
            pen.fill(
                curve(
                    [(x - w, y), (x - w * 0.9, y - h * 0.45), (x + lean, y - h), (x + w * 0.9, y - h * 0.5), (x + w, y), (x, y + w)], True
                ),
                colour,
            )


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
    for s in (-1, 1):
        v = (t + (0.5 if s > 0 else 0)) % 1
        pen.fill(drop(g.cx + s * g.dx * 1.25, g.ey + g.er * 2.3 + v * g.ry * 0.3, g.er * 0.78), WATER)


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
            pen.fill(moved(drop(x, y, g.er * 0.62), 0, 0, -s * (a + 70) + 180 * (s < 0) * 0, about=(x, y)), DEEP)


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
    for s in (-1, 1):
        x, y = g.cx + s * g.rx * (1.18 + 0.06 * math.sin(6.28 * t)), g.cy - g.ry * 0.42
        for k, r in enumerate((1.0, 1.35, 1.0)):
            pen.shape(oval(x + s * g.er * 1.2 * k * 0.9, y - g.er * 0.8 * k, g.er * r), "#eef1f4", weight=0.5, shade=False)


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
        y = (y + 120 * t) % 320
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
    x, y = g.cx, g.top - g.ry * 0.02
    for k in range(6):
        v = (t + k * 0.37) % 1
        px = x + g.rx * (-0.75 + 0.3 * k)
        pen.line(line((px, y + g.ry * (0.22 + 0.3 * v)), (px - 4, y + g.ry * (0.36 + 0.3 * v))), g.lw * 0.7, DEEP)
    pen.shape(cloud(x, y, g.rx * 0.82, g.ry * 0.24), "#8b93a8", weight=0.8)


def shiver(pen, g, t):
    for s in (-1, 1):
        for k in (0, 1):
            x = g.cx + s * (g.rx * 1.16 + k * g.er * 1.5) + (2 if int(t * 8) % 2 else -2)
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
    path = moved(text_path(sign, g.er * 7.5), x, y, turn)
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
        pen.fill(oval(x + k * w * 0.42, y - (4 if int(t * 3 + 1) % 3 == k + 1 and t else 0), g.er * 0.6), pen.p.dark)


def zzz(pen, g, t):
    for k, size in enumerate((4.0, 5.6, 7.4)):
        v = 6 * math.sin(6.28 * t + k)
        path = moved(text_path("Z", g.er * size), g.cx + g.rx * (0.72 + 0.24 * k), g.cy - g.ry * (0.68 + 0.26 * k) + v, 10)
        pen.shape(path, pen.p.accent, weight=0.4, shade=False)


def nightcap(pen, g, t):
    x, y = g.cx - g.rx * 0.12, g.top + g.ry * 0.2
    w, h = g.rx * 0.66, g.ry * 0.62
    cap = curve(
        [
            (x - w, y),
            (x - w * 0.6, y - h * 0.75),
            (x + w * 0.2, y - h),
            (x + w * 1.3, y - h * 0.35),
            (x + w * 0.85, y - h * 0.25),
            (x + w, y),
        ]
    )
    cap.close()
    pen.shape(cap, pen.p.accent)
    pen.shape(box(x, y, w * 1.06, g.ry * 0.1, g.ry * 0.1), pen.p.light, shade=False)
    pen.shape(oval(x + w * 1.32, y - h * 0.28, g.er * 1.3), pen.p.light, shade=False)


def haha(pen, g, t):
    for s in (-1, 1):
        x, y = g.cx + s * g.rx * 1.02, g.ey - g.er * 0.5
        pen.fill(moved(drop(x, y, g.er * 0.8), s * 4 * math.sin(6.28 * t), 0, s * -55, about=(x, y)), WATER)
        for k in range(3):
            a = math.radians(-62 + 22 * k)
            x0, y0 = g.cx + s * g.rx * 1.12 * math.cos(a), g.cy + g.ry * 1.12 * math.sin(a)
            pen.line(line((x0, y0), (g.cx + s * g.rx * 1.3 * math.cos(a), g.cy + g.ry * 1.3 * math.sin(a))), g.lw, pen.p.accent)


def tea(pen, g, t):
    """The cup's steam (the cup itself is in the hands)."""
    for k in (-1, 0, 1):
        x, y = g.cx + k * g.er * 1.6, g.bcy - g.limb * 1.0
        d = g.er * 0.5 * math.sin(6.28 * t + k)
        pen.line(curve([(x, y), (x + g.er * 0.5 + d, y - 8), (x - g.er * 0.5 + d, y - 16), (x + d, y - 24)]), g.lw * 0.55, "#b9c4cc")


def wavemarks(pen, g, t):
    """Two arcs beside a waving hand."""
    x, y = g.cx + max(g.rx, g.brx) + 20, g.cy + g.ry * 0.12
    for r in (1.05, 1.5):
        pen.line(arch(x, y - g.limb * r, g.limb * r, -g.limb * 0.3), g.lw * 0.7, pen.p.accent)


BEHIND = {"flames": flames, "shock": shock, "puddle": puddle}
FRONT = {
    f.__name__: f
    for f in (
        streams,
        tear,
        cold,
        beads,
        bigsweat,
        vein,
        steam,
        puff,
        hearts,
        broken,
        sparkles,
        confetti,
        hat,
        raincloud,
        shiver,
        blanket,
        bang,
        bangq,
        what,
        swirl,
        dots,
        zzz,
        nightcap,
        haha,
        tea,
        scribble,
        wavemarks,
    )
}
