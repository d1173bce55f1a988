"""Hairline sketch: a lanky doodle in two nervous pencil lines that overshoot, filled with coloured-pencil hatching."""

import numpy as np
import skia

from ..common import line, mix, moved, oval, paint, quad, text_path
from ..face import mixed_dark
from ..pens import Pen
from ..strokes import contours, drifted, rim, rows, through

COLOURS = 20


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 128, "rx": 76, "ry": 68, "bcy": 252, "brx": 35, "bry": 76, "limb": 23, "dx": 29, "er": 9.6, "ey": 127,
        "my": 152, "mw": 30, "lw": 2.8, "tall": 1.0, "gloss": False, "floor": 336,
    }  # fmt: skip
    BLOB = {
        "cy": 200, "rx": 102, "ry": 112, "bcy": 250, "brx": 98, "bry": 60, "dx": 35, "er": 11, "ey": 186, "my": 218, "mw": 36, "floor": 328,
    }  # fmt: skip
    ROOM = (0.97, 0.82)
    PIVOT = 338
    THIN = 1.5

    def pencil(self, path, colour, width):
        """The line, and the line again: neither keeps to the path, and a ring overshoots."""
        for points, closed in contours(path):
            small = len(points) < 8
            for _ in range(1 if small else 2):
                course = drifted(points, self.rng, 0.4 if small else 1.8, 30, closed)
                if closed and not small:
                    ring, over = np.roll(course[:-1], self.rng.integers(len(course)), axis=0), int(self.rng.integers(2, 5))
                    course = np.vstack([ring, ring[:over] + np.linspace(0.4, 1.6, over)[:, None]])
                self.c.drawPath(through(course), paint(colour, 0.9, width))

    def hatch(self, path, colour, gap, degrees, width, short=0.0):
        for a, b in rows(path, gap, degrees, self.rng):
            a, b = np.array(a), np.array(b)
            if np.hypot(*(b - a)) > 2.5 * short + 1:
                s, e = self.rng.uniform(0, 0.5, 2) * short / np.hypot(*(b - a))
                self.c.drawPath(line(tuple(a + (b - a) * s), tuple(b + (a - b) * e)), paint(colour, 1, width))

    def coat(self, path, colour):
        """A light rub, then strokes with gaps between."""
        self.c.drawPath(path, paint(mix(colour, "#ffffff", 0.42)))
        self.hatch(path, colour, 5.4, 62, 3.0, 3)

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        if min(b.width(), b.height()) < 13 or colour in ("#ffffff", self.p.dark, mixed_dark(self)):
            super().fill(path, colour, alpha)
        elif alpha < 1:
            self.hatch(path, colour, 4.4, 62, 2.2, 2)
        else:
            self.coat(path, colour)
            self.pencil(path, mix(colour, self.p.dark, 0.5), 1.3)

    def shape(self, path, colour, weight=1.0, shade=True):
        self.coat(path, colour)
        b = path.getBounds()
        if shade and b.width() > 30:
            rest = skia.Op(path, moved(path, -b.width() * 0.2, -b.height() * 0.07), skia.kDifference_PathOp)
            self.hatch(rest, self.deep(colour), 4.6, -35, 1.8, 3)
        self.pencil(path, self.p.dark, self.THIN)

    def deep(self, colour):
        return self.p.shade if colour in (self.p.main, self.p.light) else mix(colour, self.p.dark, 0.35)

    def line(self, path, width, colour=None):
        self.pencil(path, colour or self.p.dark, max(width * 0.8, self.THIN))

    def limb(self, path, width, colour):
        self.shape(rim(path, width * 0.72), colour, shade=False)

    def caption(self, words, script):
        """Hollow pencil letters, hatched, on a rising line."""
        size = min(50, 300 / max(len(words), 1))
        path = moved(text_path(words, size, "ExtraBold", jitter=self.rng, tracking=2), 180, 39, -3)
        self.c.drawPath(path, paint("#ffffff", 1, 7))
        self.c.drawPath(path, paint(mix(self.p.accent, "#ffffff", 0.5)))
        self.hatch(path, self.p.accent, 4.4, 62, 2.0)
        self.pencil(path, self.p.dark, 1.5)
        self.underline(path.getBounds())

    def underline(self, b):
        y = b.bottom() + 5
        self.pencil(quad((b.left(), y + 3), (b.centerX(), y + 2), (b.right(), y - 5)), self.p.dark, 1.5)

    def eye(self, f, kind, s):
        """Dots for eyes, unless the mood asks for more."""
        if kind == "dot":
            super().fill(oval(f.cx + s * f.dx, f.ey, f.er * 0.5, f.er * 0.62), self.p.dark)
        else:
            super().eye(f, kind, s)
