"""Ink and brush (sumuk): a few strokes that press, swell and run dry in streaks, outlines left open, diluted washes that bleed
over their edges, a ring swept behind, words written downwards at the side with a red seal below."""

import math

import numpy as np
import skia

from .. import face
from ..common import box, mix, moved, oval, paint
from ..effects import DEEP, WATER
from ..pens import Pen
from .brush_hangul import syllable

COLOURS = 24


def walk(path, step=4.0):
    """Each contour as an array of points about `step` apart, and whether it is closed."""
    measure, more = skia.PathMeasure(path, False), True
    while more:
        length = measure.getLength()
        if length > 1:
            n = max(int(length / step), 8)
            spots = (measure.getPosTan(length * i / n)[0] for i in range(n + 1))
            yield np.array([(p.x(), p.y()) for p in spots]), measure.isClosed()
        more = measure.nextContour()


def through(points, step=2.5):
    """Evenly spaced points along straight pieces, corners a little rounded."""
    points = np.array(points, float)
    way = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, way[-1], max(int(way[-1] / step), 8))
    pts = np.stack([np.interp(at, way, points[:, k]) for k in (0, 1)], 1)
    pts[1:-1] = (pts[:-2] + pts[1:-1] * 2 + pts[2:]) / 4
    return pts


def brush(pts, width, rng, dry=0.35, tip=0.16):
    """One stroke as a path of bristles: thin, fat, thin; the last `dry` of its way falls apart into streaks."""
    n, s = len(pts), np.linspace(0, 1, len(pts))
    tangent = np.gradient(pts, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.maximum(np.hypot(*tangent.T), 1e-6)[:, None]
    press = (tip + (1 - tip) * np.sin(np.pi * s**0.8) ** 0.9) * width
    count = max(round(width / 2.2), 1)
    drained = np.clip((s - 1 + dry) / max(dry, 1e-6), 0, 1)
    out = skia.Path()
    for k in range(count):
        offset = ((k + 0.5) / count - 0.5) * press
        thirst = 0.15 + 1.5 * rng.random() if count > 2 else 0.0
        half = press / count * np.clip(0.62 - thirst * drained, 0, 1)
        if count == 1:
            half = press / 2
        keep = slice(rng.integers(0, 1 + n // 14) if count > 2 else 0, n)
        sides = [pts + normal * (offset + sign * half)[:, None] for sign in (1, -1)]
        edge = np.concatenate([sides[0][keep], sides[1][keep][::-1]])
        out.addPoly([skia.Point(x, y) for x, y in edge.tolist()], True)
    return out


def soft(colour, alpha, blur):
    p = paint(colour, alpha)
    p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return p


class StylePen(Pen):
    BUILD = {
        "cx": 149, "cy": 134, "rx": 85, "ry": 68, "bcy": 254, "brx": 52, "bry": 74, "limb": 21, "dx": 36, "er": 9.6, "ey": 138,
        "my": 162, "mw": 34, "lw": 6.5, "tall": 1.35, "gloss": False, "floor": 330,
    }  # fmt: skip
    BLOB = {"cy": 196, "rx": 100, "ry": 92, "bcy": 246, "brx": 94, "bry": 52, "er": 10.5, "ey": 186, "my": 213, "floor": 312}
    ROOM = (0.95, 0.90)
    PIVOT = 350
    INK = 14.0

    def stroke(self, pts, width, colour=None, **how):
        self.c.drawPath(brush(pts, width, self.rng, **how), paint(colour or self.p.dark))

    def fill(self, path, colour, alpha=1.0):
        """Colour bleeds, ink does not; water gets one stroke along its side."""
        b = path.getBounds()
        blur = 0.05 * min(b.width(), b.height())
        if colour == self.p.dark or colour == "#ffffff" or blur < 0.4:
            self.c.drawPath(path, paint(colour, alpha))
        else:
            self.c.drawPath(path, soft(colour, alpha, min(blur, 1.8)))
        if colour in (WATER, DEEP) and b.height() > 8 and alpha == 1:
            pts = next(walk(path, 2.0))[0]
            self.stroke(pts[: int(len(pts) * 0.62)], 3.6, mix(DEEP, self.p.dark, 0.45), dry=0.2)

    def shape(self, path, colour, weight=1.0, shade=True):
        self.wash(path, colour, shade)
        for pts, _ in walk(path):
            self.outline(pts, self.INK * weight)

    def wash(self, path, colour, shade):
        """Paper first, then colour laid a little to the lower right, pooling there; past the edge it bleeds."""
        b = path.getBounds()
        paper = "#ffffff" if colour == self.p.light else self.p.light
        slip = min(0.03 * b.width(), 5.0)
        bleed = soft(colour, 0.9, 1.6)
        bleed.setPathEffect(skia.DiscretePathEffect.Make(16, 2.2, int(self.rng.integers(1 << 16))))
        self.c.drawPath(moved(path, slip * 0.6, slip * 0.8), bleed)
        self.c.drawPath(path, paint(paper))
        self.c.save()
        self.c.clipPath(path, True)
        self.c.drawPath(moved(path, slip, slip * 1.2), soft(colour, 1, 0.4 * slip + 0.2))
        if shade and b.width() > 40:
            self._pool(path, b, mix(colour, self.p.shade, 0.85), paper)
        self.c.restore()

    def _pool(self, path, b, colour, paper):
        rest = skia.Op(path, moved(path, -b.width() * 0.10, -b.height() * 0.13), skia.kDifference_PathOp)
        self.c.drawPath(rest, soft(colour, 1, 0.03 * b.width()))
        for spots, width, tone in (
            (((0.97, 0.2), (0.92, 0.62), (0.62, 0.88), (0.05, 0.93)), 0.17, colour),
            (((0.14, 0.56), (0.17, 0.32), (0.34, 0.16), (0.66, 0.12)), 0.12, paper),
        ):
            sweep = through([(b.left() + b.width() * x, b.top() + b.height() * y) for x, y in spots])
            self.stroke(sweep, b.width() * width, tone, dry=0.75)

    def outline(self, pts, width):
        """Two strokes from the upper left, one each way round, that do not meet; small things get one."""
        n = len(pts) - 1
        length = np.hypot(*np.diff(pts, axis=0).T).sum()
        first = int(np.argmin(pts[:n] @ (0.6, 1.0)))
        ring = np.concatenate([pts[first:n], pts[:first]])
        width = max(width * min(1.0, (length / 420) ** 0.5), 3.0)
        if length < 170:
            self.stroke(ring[: max(int(n * 0.93), 8)], width, dry=0.25)
            return
        cut = int(n * self.rng.uniform(0.48, 0.55))
        self.stroke(ring[:cut], width * 0.75, dry=0.3)
        self.stroke(ring[: cut + int(n * 0.04) : -1], width * 1.15, dry=0.4)

    def line(self, path, width, colour=None):
        for pts, _ in walk(path, 2.5):
            self.stroke(pts, width * 1.25, colour, dry=0.2)

    def limb(self, path, width, colour):
        """Washed, one side heavy, open at its root."""
        self.c.drawPath(moved(path, 1, 2), paint(mix(colour, self.p.shade, 0.7), 1, width))
        self.c.drawPath(moved(path, -1.5, -1.5), paint(colour, 1, width * 0.8))
        (pts, _), *_ = walk(path, 3)
        tangent = np.gradient(pts, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.maximum(np.hypot(*tangent.T), 1e-6)[:, None] * width / 2
        turn = math.atan2(*normal[-1][::-1])
        cap = [pts[-1] + width / 2 * np.array((math.cos(a), math.sin(a))) for a in np.linspace(turn, turn - math.pi, 9)[1:-1]]
        rim = np.concatenate([pts + normal, cap, (pts - normal)[::-1]])
        self.stroke(rim[1:-2], self.INK * 0.62, dry=0.3)

    def ground(self, g, script):
        """A ring in one sweep of pale ink."""
        a = np.linspace(2.2, 2.2 + 5.7, 90)
        ring = np.stack([152 + 124 * np.cos(a), 188 + 138 * np.sin(a)], 1)
        self.stroke(ring, 46, self.p.ground, dry=0.5, tip=0.35)

    def eye(self, f, kind, s):
        """A dab of the brush; open eyes are a ring round a dab."""
        x, y, r = f.cx + s * f.dx, f.ey, f.er
        open_eyes = {"wide": (1.75, 0.0, 0.0), "tiny": (1.4, 0.2, 0.2), "look": (1.5, -0.7, 0.3), "up": (1.5, 0.5, -0.6)}
        if kind == "dot":
            self.stroke(through([(x - r * 0.2, y - r * 1.5), (x + r * 0.1, y), (x - r * 0.1, y + r * 1.3)], 1.5), r * 2.0, dry=0.0)
        elif kind in open_eyes:
            size, px, py = open_eyes[kind]
            self.fill(oval(x, y, r * size), "#ffffff")
            ring = next(walk(oval(x, y, r * size), 2.5))[0]
            self.stroke(ring[:-2], f.lw * 0.9, dry=0.2, tip=0.5)
            self.fill(moved(oval(x + px * r, y + py * r, r * 0.42, r * 0.55), 0, 0, 20, about=(x, y)), self.p.dark)
        else:
            face.eye(self, f, kind, s)

    def cheeks(self, f, strong):
        for s in (-1, 1):
            r = f.er * (1.9 if strong else 1.4)
            self.c.drawPath(oval(f.cx + s * f.dx * 1.5, f.ey + f.er * 2.2, r, r * 0.7), soft("#f2606f", 0.75 if strong else 0.5, r * 0.3))

    def caption(self, words, script):
        """Downwards beside the body: one column, or two from right to left, the second a little lower."""
        columns = split(words)
        size = min(50 if len(columns) == 1 else 43, 306 / (max(map(height, columns)) + 0.5))
        top = min(max(60, 205 - size * max(map(height, columns)) / 2), 330 - size * (height(columns[-1]) + 0.3 * len(columns)))
        for k, column in enumerate(columns):
            x, y = 350 - size * (1.08 * k + 1), max(top, 10) + size * 0.4 * k
            for char in column:
                self.letter(char, x + self.rng.uniform(-1.5, 1.5), y, size * self.rng.uniform(0.88, 0.98))
                y += size * SLOT.get(char, 1.24)
        self.seal(x + size * 0.5, min(y + 17, 338))

    def letter(self, char, x, y, size):
        """Ink with a pale rim, for things behind it."""
        strokes = syllable(char) if char != " " else []
        width, inked = size * max(0.145 - 0.008 * len(strokes), 0.085), skia.Path()
        for points in strokes:
            pts = through([(x + size * 0.94 * u, y + size * (1.1 * v - 0.04 * u)) for u, v in points], 2.0)
            path = brush(pts, width, self.rng, dry=0.16, tip=0.6)
            self.c.drawPath(path, paint(self.p.light, 1, 7))
            inked.addPath(path)
        self.fill(inked, self.p.dark)

    def seal(self, x, y):
        self.c.drawPath(box(x, y, 13, 13, 3), paint(self.p.accent))
        for points in syllable("인"):
            self.stroke(through([(x - 8.5 + 17 * u, y - 8.5 + 17 * v) for u, v in points], 2.0), 2.6, "#ffffff", dry=0, tip=0.7)


SLOT = {" ": 0.36, ",": 0.3, ".": 0.5, "!": 0.8, "1": 0.9, "…": 0.95}  # heights of what is lower than a syllable


def height(column):
    return sum(SLOT.get(c, 1.24) for c in column)


def split(words):
    """One column of up to seven letters, or two, parted at the gap nearest the middle."""
    if height(words) <= 8.6:
        return [words]
    gaps = [i for i, c in enumerate(words) if c == " "] or [(len(words) + 1) // 2]
    cut = min(gaps, key=lambda i: abs(i - len(words) / 2))
    return [words[:cut], words[cut:].strip()]
