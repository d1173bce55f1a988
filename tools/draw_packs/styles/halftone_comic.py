"""Pop comic print: crisp ink that swells on the shadow side, Ben-Day dots on a fixed screen, colour printed beside its line,
solid blacks, a small head on a hero's body with fists, and a slanted word in a burst or a balloon."""

import itertools
import math
from functools import cache

import numpy as np
import skia

from .. import face
from ..common import box, line, mix, moved, oval, paint, poly, rgb, text_path
from ..effects import DEEP, WATER
from ..pens import Pen

COLOURS = 24
LOUD = ("행복", "분노", "당황", "불안")  # these shout (a burst), the others speak (a balloon)
PERIOD = 20  # the screen's vectors (8, 4) and (-4, 8): 27 degrees, 8.9 pixels apart, the same again every 20 pixels


@cache
def screen(colour, radius):
    """One period of the dot screen as a skia picture."""
    y, x = np.mgrid[:PERIOD, :PERIOD] + 0.5
    spots = [(8 * a - 4 * b, 4 * a + 8 * b) for a in range(5) for b in range(5)]
    away = [np.hypot(*((v + PERIOD / 2) % PERIOD - PERIOD / 2 for v in (x - px, y - py))) for px, py in spots]
    cover = np.clip(radius + 0.5 - np.min(away, axis=0), 0, 1)
    tile = np.dstack([np.full((PERIOD, PERIOD, 3), rgb(colour)), cover * 255]).astype(np.uint8)
    return skia.Image.fromarray(tile, skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType)


def capsule(a, ra, b, rb):
    """A limb's piece: two circles and what lies between."""
    turn = math.atan2(b[1] - a[1], b[0] - a[0])
    dx, dy = -math.sin(turn), math.cos(turn)
    out = poly([(x + dx * r, y + dy * r) for (x, y), r in ((a, ra), (b, rb), (b, -rb), (a, -ra))])
    for (x, y), r in ((a, ra), (b, rb)):
        out = skia.Op(out, oval(x, y, r), skia.kUnion_PathOp)
    return out


def is_trunk(path):
    """The box that figure.torso draws, known by its corners."""
    form = skia.RRect()
    if not path.isRRect(form):
        return False
    return abs(form.getSimpleRadii().x() - 0.4 * form.width()) < 0.5


def torso(b):
    """Broad shoulders, a narrow waist."""
    half = [(0, -1), (0.8, -0.97), (1.08, -0.66), (0.98, -0.1), (0.72, 0.62), (0.74, 0.9), (0.5, 1), (0, 1)]
    points = [*half, *((-x, y) for x, y in half[-2:0:-1])]
    return poly([(b.centerX() + b.width() / 2 * x, b.centerY() + b.height() / 2 * y) for x, y in points])


def spikes(cx, cy, rx, ry, n, deep, rng):
    """A burst: an ellipse of uneven spikes."""
    pts = []
    for k in range(2 * n):
        r = 1.0 - 0.14 * rng.random() if k % 2 == 0 else deep * (1 - 0.1 * rng.random())
        a = math.pi * (k + 0.4 * rng.random()) / n
        pts.append((cx + rx * r * math.cos(a), cy + ry * r * math.sin(a)))
    return poly(pts)


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 121, "rx": 72, "ry": 60, "bcy": 246, "brx": 74, "bry": 80, "limb": 32, "dx": 26, "er": 8.6, "ey": 118,
        "my": 143, "mw": 34, "lw": 5.2, "tall": 1.5, "gloss": False, "floor": 338,
    }  # fmt: skip
    BLOB = {
        "cy": 188, "rx": 106, "ry": 88, "bcy": 244, "brx": 100, "bry": 50, "limb": 30, "dx": 36, "er": 11.0, "ey": 176,
        "my": 208, "mw": 46, "floor": 308,
    }  # fmt: skip
    ROOM = (0.98, 0.90)
    PIVOT = 16
    INK = 6.4
    hand = (-99.0, -99.0), 0.0  # the last arm's: where, and its turn

    def __init__(self, *args):
        super().__init__(*args)
        self.trunk = skia.Path()

    def dots(self, path, colour, radius):
        """Ben-Day dots within a path, on the frame's own screen whatever moves."""
        here = skia.Matrix()
        self.c.getTotalMatrix().invert(here)
        p = skia.Paint(AntiAlias=True)
        p.setShader(screen(colour, radius).makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, skia.SamplingOptions(), here))
        self.c.drawPath(path, p)

    def ink(self, path, width):
        p = paint(self.p.dark, 1, width)
        p.setStrokeJoin(skia.Paint.kMiter_Join)
        self.c.drawPath(path, p)

    def fill(self, path, colour, alpha=1.0):
        """A tint is printed as dots; water has a rim."""
        if 0.6 < alpha < 0.78:
            self.c.drawPath(path, paint(colour, alpha * 0.5))
            self.dots(path, colour, 3.3)
            return
        if colour in (WATER, DEEP) and alpha == 1:
            self.ink(path, 4)
        self.c.drawPath(path, paint(colour, alpha))

    def heroic(self, path):
        """The path, or what this style puts in the place of a trunk and of a round hand."""
        b = path.getBounds()
        near = math.hypot(b.centerX() - self.hand[0][0], b.centerY() - self.hand[0][1])
        if near < 1:
            return self.fist(b.width() / 2)
        if is_trunk(path):
            self.trunk = torso(b)
            return self.trunk
        t = self.trunk.getBounds()
        if abs(b.width() - t.width()) < 0.12 * t.width() and b.top() > t.top() - 4 and b.bottom() < t.bottom() + 8:
            return skia.Op(path, self.trunk, skia.kIntersect_PathOp)  # what it wears
        return path

    def fist(self, r):
        end, turn = self.hand
        return moved(box(*end, r * 0.96, r * 1.04, r * 0.36), 0, 0, turn, about=end)

    def shape(self, path, colour, weight=1.0, shade=True):
        path = self.heroic(path)
        b, w = path.getBounds(), self.INK * weight
        shift = 4.2 if b.width() > 60 else 2.2
        self.ink(moved(path, w * 0.3, w * 0.45), w * 1.05)
        self.fill(path, self.p.light)
        self.fill(moved(path, -shift, -shift * 0.75), colour)
        if shade and b.width() > 40:
            self._shadow(path, b, colour)
        self.ink(path, w * 0.62)
        if math.hypot(b.centerX() - self.hand[0][0], b.centerY() - self.hand[0][1]) < 2:
            self._knuckles(b.width() / 2)

    def _knuckles(self, r):
        (x, y), turn = self.hand
        for k in (-0.44, 0.08, 0.6):
            self.line(moved(line((x + r * 0.2, y + r * k), (x + r * 0.85, y + r * k)), 0, 0, turn, about=(x, y)), 2.6)

    def _shadow(self, path, b, colour):
        """Small dots, then large ones, then black, towards the lower right."""
        for d, draw in (
            (0.24, lambda p: self.dots(p, mix(colour, self.p.shade, 0.85), 2.6)),
            (0.13, lambda p: self.dots(p, mix(colour, self.p.shade, 0.95), 3.9)),
            (0.035, lambda p: self.fill(p, self.p.dark)),
        ):
            draw(skia.Op(path, moved(path, -b.width() * d, -b.height() * d * 0.7), skia.kDifference_PathOp))

    def line(self, path, width, colour=None):
        """A pen stroke that swells in its middle."""
        measure, more = skia.PathMeasure(path, False), True
        while more:
            length = measure.getLength()
            n = max(int(length / 2.5), 6)
            pts = [measure.getPosTan(length * i / n)[0] for i in range(n + 1)] if length else []
            for i, (a, b) in enumerate(itertools.pairwise(pts)):
                self.c.drawLine(a, b, paint(colour or self.p.dark, 1, width * (0.5 + 0.75 * math.sin(math.pi * (i + 0.5) / n))))
            more = measure.nextContour()

    def limb(self, path, width, colour):
        """An arm is two angular pieces and a fist; anything else an even strip."""
        if path.countPoints() != 3:
            self.ink(path, width + self.INK * 1.7)
            self.c.drawPath(path, paint(colour, 1, width))
            return
        a, c, e = ((p.x(), p.y()) for p in (path.getPoint(k) for k in range(3)))
        mid = tuple(0.3 * x + 0.4 * y + 0.3 * z for x, y, z in zip(a, c, e, strict=True))
        arm = skia.Op(capsule(a, width * 0.5, mid, width * 0.36), capsule(mid, width * 0.38, e, width * 0.52), skia.kUnion_PathOp)
        self.shape(arm, colour, shade=False)
        self.dots(moved(arm, sx=0.86, about=mid), mix(colour, self.p.shade, 0.85), 2.6)
        self.hand = e, math.degrees(math.atan2(e[1] - mid[1], e[0] - mid[0]))
        self.shape(oval(*e, width * 0.5), colour, shade=False)

    def ground(self, g, script):
        """A burst for a shout, a printed disc for the rest."""
        if script.emotion in LOUD:
            burst = spikes(180, 172, 174, 166, 17, 0.76, self.rng)
            self.fill(burst, self.p.ground)
            self.dots(moved(burst, sx=0.86, about=(180, 172)), self.p.sky, 2.2)
        else:
            self.dots(oval(180, 172, 158, 156), self.p.ground, 4.2)

    def eye(self, f, kind, s):
        if kind != "dot":
            face.eye(self, f, kind, s)
            return
        x, y, rx, ry = f.cx + s * f.dx, f.ey, f.er, f.er * f.tall
        cut = poly([(x, y), (x + rx * 2, y - ry * 1.3), (x + rx * 2, y - ry * 0.1)])
        self.fill(skia.Op(oval(x, y, rx, ry), cut, skia.kDifference_PathOp), self.p.dark)

    def cheeks(self, f, strong):
        for s in (-1, 1):
            r = f.er * (1.75 if strong else 1.3)
            self.dots(oval(f.cx + s * f.dx * 1.6, f.ey + f.er * 2.1, r * 1.2, r * 0.85), "#f2606f", 3.5 if strong else 2.5)

    def mouth(self, f, kind, snout):
        """An open laugh shows a row of teeth."""
        face.mouth(self, f, kind, snout)
        if kind in ("laugh", "open"):
            w, y = f.mw * (0.6 if kind == "laugh" else 0.44), f.my - f.mw * (0.1 if kind == "laugh" else 0.02)
            self.fill(poly([(f.cx - w, y), (f.cx + w, y), (f.cx + w * 0.86, y + w * 0.34), (f.cx - w * 0.86, y + w * 0.34)]), "#ffffff")

    def caption(self, words, script):
        """A slanted word with a block shadow in a burst, or dark in a balloon; above one who lies on the floor."""
        y = 58 if "lying" in script.fx else 306
        path = text_path(words, 64 if len(words) < 4 else 54, "ExtraBold", tracking=2)
        scale = min(1.0, 264 / path.getBounds().width())
        word = skia.Path()
        path.transform(skia.Matrix.MakeAll(scale, -0.2 * scale, 180, -0.06 * scale, scale, y, 0, 0, 1), word)
        b = word.getBounds()
        if script.emotion in LOUD:
            rx = min(b.width() * 0.6 + 36, 169)
            burst = spikes(180, y - 1, rx, 49, 6 + round(rx / 19), 0.74, self.rng)
            self.shape(burst, self.p.accent, 0.7, shade=False)
            self.c.drawPath(moved(word, 2.5, 3), paint(self.p.dark, 1, 9))
            self.c.drawPath(word, paint(self.p.dark, 1, 9))
            self.fill(word, "#ffffff")
        else:
            rx, ry = b.width() / 2 + 18, b.height() / 2 + 11
            up = -1 if y > 180 else 1
            tail = poly([(180 + rx * x, y + up * (ry * d + lift)) for x, d, lift in ((0.22, 0.7, 0), (0.52, 1, 22), (0.5, 0.7, 0))])
            self.shape(skia.Op(box(180, y, rx, ry, ry * 0.7), tail, skia.kUnion_PathOp), "#ffffff", 0.7, shade=False)
            self.fill(word, self.p.dark)
