"""Crayon: a child's wax picture: scribble that misses the outline, fat grainy lines in a deeper tone, a big head on stick limbs."""

import numpy as np
import skia

from ..common import mix, moved, oval, paint, rgb, spiral, text_path
from ..face import mixed_dark
from ..pens import Pen
from ..strokes import contours, drifted, grain, grained, ribbon, rows, through, waver

COLOURS = 20
GRAIN = 2.4


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 162, "rx": 98, "ry": 87, "bcy": 286, "brx": 37, "bry": 44, "limb": 24, "dx": 39, "er": 10, "ey": 160,
        "my": 190, "mw": 46, "lw": 6.5, "tall": 1.5, "gloss": False, "floor": 338,
    }  # fmt: skip
    BLOB = {"cy": 192, "rx": 108, "ry": 100, "bcy": 256, "brx": 98, "bry": 50, "dx": 41, "ey": 184, "my": 218, "floor": 308}
    ROOM = (0.97, 0.82)
    PIVOT = 36
    INK = 7.5
    PAPER = "#fffcf4"

    def wax(self, path, colour, width, cover=0.9):
        """One pass of the crayon: grain and, along the way, changing pressure."""
        stick = grained(grain("wax", GRAIN, cover), colour, shift=self.spot())
        for points, closed in contours(path, 5 if path.getBounds().width() > 70 else 2.5):
            course = drifted(points, self.rng, min(1.8, 0.02 * len(points) + 0.35), 34)
            widths = width * waver(len(course), self.rng, 0.28, 5)
            widths[[0, -1]] *= 1 if closed else 0.6
            self.c.drawPath(ribbon(course, widths), stick)

    def spot(self):
        return self.rng.integers(0, 256, 2).tolist()

    def scribble(self, path, colour, width=12.0, cover=0.86):
        """To and fro in one go, short of the edge here and past it there."""
        course = [[]]
        for k, ends in enumerate(rows(path, width * 1.06, -38, self.rng, 0.38)):
            a, b = (np.array(e) for e in (ends[::-1] if k % 2 else ends))
            way = (b - a) / (np.hypot(*(b - a)) + 1e-6)
            miss = np.minimum(self.rng.uniform(0.1, 0.6, 2) * width, np.hypot(*(b - a)) * 0.4)
            if course[-1] and np.hypot(*(a - course[-1][-1])) > 3 * width:
                course.append([])
            course[-1] += [a + way * miss[0], b - way * miss[1]]
        stick = grained(grain("wax", GRAIN, cover), colour, 1, width, self.spot())
        for points in course:
            if points:
                self.c.drawPath(through(points), stick)

    def rub(self, path, colour):
        """Paper, and the scribble on it; small things and dark ones are rubbed full."""
        size = min(path.getBounds().width(), path.getBounds().height())
        bare = size > 45 and sum(rgb(colour)) > 300
        self.c.drawPath(path, paint(mix(colour, self.PAPER, 0.66 if bare else 0.3)))
        if size > 45:
            self.scribble(path, colour)
        else:
            self.c.drawPath(path, grained(grain("wax", GRAIN, 0.9), colour, shift=self.spot()))

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        if min(b.width(), b.height()) < 16 or colour in ("#ffffff", self.p.dark, mixed_dark(self)):
            super().fill(path, colour, alpha)
        elif alpha < 1:
            self.scribble(path, colour, min(9.0, 0.4 * b.height()), 0.7)
        else:
            self.rub(path, colour)

    def shape(self, path, colour, weight=1.0, shade=True):
        self.rub(path, colour)
        b = path.getBounds()
        if shade and b.width() > 30:
            rest = skia.Op(path, moved(path, -b.width() * 0.16, -b.height() * 0.1), skia.kDifference_PathOp)
            self.scribble(rest, self.p.shade if colour in (self.p.main, self.p.light) else mix(colour, self.p.dark, 0.3), 8.0, 0.72)
        self.wax(path, self.deep(colour), self.INK * max(weight, 0.6))

    def deep(self, colour):
        """The same hue, pressed hard."""
        return mix(colour, self.p.dark, 0.55 if colour != self.p.light else 0.75)

    def line(self, path, width, colour=None):
        self.wax(path, colour or self.p.dark, max(width, 4), 0.93)

    def limb(self, path, width, colour):
        """A stick with a knob."""
        self.c.drawPath(path, paint(self.PAPER, 1, width * 0.55))
        self.wax(path, self.deep(colour), width * 0.42)
        if width > 12:
            self.shape(oval(*path.getPoint(path.countPoints() - 1), width * 0.38), colour, 0.7, shade=False)

    def caption(self, words, script):
        """Hopping letters, pressed hard, on paper."""
        size = min(52, 300 / max(len(words), 1))
        path = moved(text_path(words, size, "ExtraBold", jitter=self.rng, tracking=4), 180, 320)
        self.c.drawPath(path, paint(self.PAPER, 1, 14))
        self.c.drawPath(path, grained(grain("wax", GRAIN, 0.97), self.p.accent, shift=self.spot()))
        self.wax(path, mix(self.p.accent, self.p.dark, 0.15), 2.8)

    def cheeks(self, f, strong):
        """Red curls."""
        for s in (-1, 1):
            curl = spiral(f.cx + s * f.dx * 1.6, f.ey + f.er * 2.4, f.er * (1.5 if strong else 1.0), 2.2)
            self.c.drawPath(curl, grained(grain("wax", GRAIN, 0.85), "#f2606f", 0.9 if strong else 0.6, 3.6, self.spot()))
