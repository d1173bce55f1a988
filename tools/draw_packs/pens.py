"""Pens: how a style lays down a shape, a line and lettering. A new vector style is a new pen and a new build."""

import itertools
import math

import skia

from .common import box, mix, moved, paint, text_path


class FlatPen:
    """Flat shapes without an outline; at most one darker block of the same colour."""

    lettering = "pill"

    def __init__(self, canvas, palette, rng):
        self.c, self.p, self.rng = canvas, palette, rng

    def fill(self, path, colour, alpha=1.0):
        self.c.drawPath(path, paint(colour, alpha))

    def shape(self, path, colour, weight=1.0, shade=True):
        self.fill(path, colour)
        if shade and path.getBounds().width() > 60:
            self.half(path, colour)

    def half(self, path, colour):
        """The right flank in a darker block."""
        b = path.getBounds()
        rest = skia.Op(path, moved(path, -b.width() * 0.09, -b.height() * 0.02), skia.kDifference_PathOp)
        self.fill(rest, mix(colour, self.p.shade, 0.55))

    def line(self, path, width, colour=None):
        self.c.drawPath(path, paint(colour or self.p.dark, 1, width))

    def limb(self, path, width, colour):
        """A limb and its flat shadow, or arms would vanish before the belly."""
        self.c.drawPath(moved(path, 2.5, 3.5), paint(mix(colour, self.p.shade, 0.55), 1, width))
        self.c.drawPath(path, paint(colour, 1, width))

    def text(self, words, cx, cy, size, colour):
        """White letters on a pill."""
        path = text_path(words, size, "ExtraBold", tracking=1)
        b = path.getBounds()
        self.fill(box(cx, cy, b.width() / 2 + size * 0.5, size * 0.68, size * 0.68), colour)
        self.fill(moved(path, cx, cy), "#ffffff")


class InkPen:
    """A heavy dark brush of uneven width, one hard shadow and one gloss spot."""

    lettering = "wobbly"
    ink = 9.0

    def __init__(self, canvas, palette, rng):
        self.c, self.p, self.rng = canvas, palette, rng

    def fill(self, path, colour, alpha=1.0):
        self.c.drawPath(path, paint(colour, alpha))

    def stroke(self, path, width, colour, taper=False, uneven=None):
        """Short pieces of changing width and a slightly drunken course; uneven is the width that varies."""
        measure = skia.PathMeasure(path, False)
        while True:
            self._contour(measure, width, colour, taper, width if uneven is None else uneven)
            if not measure.nextContour():
                break

    def _contour(self, measure, width, colour, taper, uneven):
        length = measure.getLength()
        if length < 1:
            return
        phase = self.rng.uniform(0, 6.28, 3)
        n = max(int(length / 3), 6)
        calm = min(1.0, length / (14 * uneven))  # short strokes stay smooth
        pts = []
        for i in range(n + 1):
            (pos, tan), a = measure.getPosTan(length * i / n), 2 * math.pi * i / n
            drift = 0.12 * calm * uneven * (math.sin(3 * a + phase[0]) + math.sin(5 * a + phase[1]))
            w = width + uneven * calm * (0.30 * math.sin(2 * a + phase[2]) + 0.14 * math.sin(5 * a + phase[0]))
            if taper:
                w *= 0.55 + 0.45 * math.sin(math.pi * i / n)
            pts.append((pos.x() - tan.y() * drift, pos.y() + tan.x() * drift, w))
        for (x0, y0, w0), (x1, y1, w1) in itertools.pairwise(pts):
            self.c.drawLine(x0, y0, x1, y1, paint(colour, 1, (w0 + w1) / 2))

    def shape(self, path, colour, weight=1.0, shade=True):
        self.fill(path, colour)
        b = path.getBounds()
        if shade and b.width() > 30:
            dx, dy = b.width() * 0.07, b.height() * 0.10
            rest = skia.Op(path, moved(path, -dx, -dy), skia.kDifference_PathOp)
            self.fill(rest, mix(colour, self.p.shade, 0.75))
        self.stroke(path, self.ink * weight, self.p.dark)

    def line(self, path, width, colour=None):
        self.stroke(path, width, colour or self.p.dark, taper=True)

    def limb(self, path, width, colour):
        self.stroke(path, width + self.ink * 1.7, self.p.dark, uneven=self.ink)
        self.c.drawPath(path, paint(colour, 1, width))

    def text(self, words, cx, cy, size, colour):
        """Drunken letters in colour with a thick dark rim and a white one around."""
        path = moved(text_path(words, size, "ExtraBold", jitter=self.rng, tracking=3), cx, cy)
        self.c.drawPath(path, paint("#ffffff", 1, 22))
        self.c.drawPath(path, paint(self.p.dark, 1, 13))
        self.fill(path, colour)
