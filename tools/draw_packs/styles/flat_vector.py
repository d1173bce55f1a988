"""Flat vector: plain shapes without an outline, at most one darker block of the same colour, a blob behind, a pill below."""

import skia

from ..common import box, mix, moved, oval, paint, text_path
from ..pens import Pen


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 146, "rx": 84, "ry": 70, "bcy": 256, "brx": 60, "bry": 66, "limb": 27, "dx": 33, "er": 8.2, "ey": 150,
        "my": 172, "mw": 30, "lw": 5, "tall": 1.0, "gloss": False, "floor": 326,
    }  # fmt: skip
    BLOB = {"cy": 196, "rx": 104, "ry": 98, "bcy": 236, "brx": 100, "bry": 56, "ey": 182, "my": 206, "floor": 302}
    ROOM = (0.98, 0.90)
    PIVOT = 20

    def shape(self, path, colour, weight=1.0, shade=True):
        self.fill(path, colour)
        if shade and path.getBounds().width() > 60:
            b = path.getBounds()
            flank = skia.Op(path, moved(path, -b.width() * 0.09, -b.height() * 0.02), skia.kDifference_PathOp)
            self.fill(flank, mix(colour, self.p.shade, 0.55))

    def line(self, path, width, colour=None):
        self.c.drawPath(path, paint(colour or self.p.dark, 1, width))

    def limb(self, path, width, colour):
        """With a flat shadow, or arms would vanish before the belly."""
        self.c.drawPath(moved(path, 2.5, 3.5), paint(mix(colour, self.p.shade, 0.55), 1, width))
        self.c.drawPath(path, paint(colour, 1, width))

    def ground(self, g, script):
        self.fill(oval(180, 176, 164, 152), self.p.ground)

    def caption(self, words, script):
        """White letters on a pill."""
        size = min(34, 250 / max(len(words), 1))
        path = text_path(words, size, "ExtraBold", tracking=1)
        b = path.getBounds()
        self.fill(box(180, 332, b.width() / 2 + size * 0.5, size * 0.68, size * 0.68), self.p.accent)
        self.fill(moved(path, 180, 332), "#ffffff")
