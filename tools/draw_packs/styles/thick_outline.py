"""Thick outline: a huge head on a stub, a heavy dark brush of uneven width, one hard shadow, drunken letters above."""

import itertools
import math

import skia

from ..common import mix, moved, paint, text_path
from ..pens import Pen


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 178, "rx": 122, "ry": 98, "bcy": 294, "brx": 56, "bry": 44, "limb": 26, "dx": 52, "er": 13, "ey": 172,
        "my": 208, "mw": 54, "lw": 7.5, "tall": 1.3, "gloss": True, "floor": 338,
    }  # fmt: skip
    BLOB = {"cy": 192, "rx": 118, "ry": 110, "bcy": 272, "brx": 104, "bry": 40, "ey": 196, "my": 230, "floor": 322}
    ROOM = (0.97, 0.84)
    INK = 9.0

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
        self.stroke(path, self.INK * weight, self.p.dark)

    def line(self, path, width, colour=None):
        self.stroke(path, width, colour or self.p.dark, taper=True)

    def limb(self, path, width, colour):
        self.stroke(path, width + self.INK * 1.7, self.p.dark, uneven=self.INK)
        self.c.drawPath(path, paint(colour, 1, width))

    def caption(self, words, script):
        """Drunken letters in colour with a thick dark rim and a white one around."""
        colour = self.p.letter if script.emotion != "불안" else "#8fa8f0"
        path = moved(text_path(words, min(54, 270 / max(len(words), 1)), "ExtraBold", jitter=self.rng, tracking=3), 180, 46)
        self.c.drawPath(path, paint("#ffffff", 1, 22))
        self.c.drawPath(path, paint(self.p.dark, 1, 13))
        self.fill(path, colour)
