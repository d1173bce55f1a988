"""Watercolour: wet washes with dark rims, blooms and pigment grain, running past a broken ink line; soft shadows, splashes."""

import math

import numpy as np
import skia

from ..common import mix, moved, oval, paint, rgb, text_path
from ..face import mixed_dark
from ..pens import Pen
from ..strokes import contours, drifted, grain, grained, ribbon, rim, waver, wobbly

COLOURS = 48


def soft(colour, alpha, radius, width=None):
    """A paint with a blurred edge."""
    p = paint(colour, alpha, width)
    p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.BlurStyle.kNormal_BlurStyle, radius))
    return p


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 138, "rx": 80, "ry": 74, "bcy": 254, "brx": 62, "bry": 68, "limb": 30, "dx": 30, "er": 8, "ey": 146,
        "my": 167, "mw": 30, "lw": 4.2, "tall": 1.15, "gloss": True, "floor": 330,
    }  # fmt: skip
    BLOB = {"cy": 204, "rx": 118, "ry": 90, "bcy": 262, "brx": 110, "bry": 42, "dx": 42, "er": 10, "ey": 188, "my": 213, "mw": 38,
            "floor": 302}  # fmt: skip
    ROOM = (0.94, 0.85)
    PIVOT = 44

    def wash(self, path, colour):
        """One wet area: thin paint, pooled light and dark, grain, and the rim where the water dried."""
        b, size = path.getBounds(), min(path.getBounds().width(), path.getBounds().height())
        self.c.drawPath(path, paint(mix(colour, "#ffffff", 0.25)))
        self.c.save()
        self.c.clipPath(path, skia.ClipOp.kIntersect, True)
        if size > 26:
            self.pools(b, colour, size)
            self.c.drawPaint(grained(grain("pigment", 6, 0.4, 0.7), self.deep(colour), 0.2, shift=self.rng.integers(0, 256, 2).tolist()))
        width = min(8.0, 1.5 + size * 0.06)
        self.c.drawPath(path, soft(self.deep(colour), 0.4, width * 0.5 + 0.3, width))
        self.c.drawPath(path, paint(self.deep(colour), 0.6, width * 0.4))
        self.c.restore()

    def pools(self, b, colour, size):
        """Pigment gathers below on the right, water blooms above on the left."""
        self.c.drawPath(oval(b.centerX() + b.width() * 0.26, b.bottom() - b.height() * 0.1, b.width() * 0.42, b.height() * 0.3),
                        soft(self.deep(colour), 0.45, size * 0.11))  # fmt: skip
        for _ in range(2):
            x, y = b.left() + b.width() * self.rng.uniform(0.12, 0.6), b.top() + b.height() * self.rng.uniform(0.1, 0.55)
            bloom = wobbly(oval(x, y, size * self.rng.uniform(0.14, 0.24)), self.rng, size * 0.05, 22)
            self.c.drawPath(bloom, soft("#ffffff", 0.3, size * 0.03))
            self.c.drawPath(bloom, soft(self.deep(colour), 0.3, 0.8, 1.6))

    def deep(self, colour):
        """The same pigment in two layers; pale paint is shaded with the palette's own."""
        twice = "#" + "".join(f"{v * v // 255:02x}" for v in rgb(colour))
        return mix(twice, colour, 0.2) if min(rgb(colour)) < 200 else mix(twice, self.p.shade, 0.3)

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        if alpha < 1:
            self.c.drawPath(path, soft(colour, alpha * 0.9, min(b.width() * 0.12, b.height() * 0.12, 4)))
        elif min(b.width(), b.height()) < 12 or colour in ("#ffffff", self.p.dark, mixed_dark(self)):
            super().fill(path, colour)
        else:
            self.wash(wobbly(path, self.rng, 1.6, 24), colour)

    def shape(self, path, colour, weight=1.0, shade=True):
        """Paper, the wash running out of register over the ink, and ink where the pen touched."""
        small = min(path.getBounds().width(), path.getBounds().height()) < 30
        off = 0.8 if small else 2.4
        self.wash(wobbly(moved(path, off, off * 0.8), self.rng, 1.0 if small else 3.6, 26), colour)
        self.ink(path, mix(self.p.dark, colour, 0.2), 1.7, gaps=not small)

    def ink(self, path, colour, width, gaps):
        for points, _ in contours(path):
            points = drifted(points, self.rng, 0.5, 30)
            k, n = 0, len(points)
            while k < n - 2:
                end = min(n, k + (int(self.rng.integers(9, 24)) if gaps else n))
                if end - k > 2:
                    part = points[k:end]
                    fade = 0.5 + 0.5 * np.sin(np.linspace(0.3, math.pi - 0.3, len(part))) if gaps else 1.0
                    self.c.drawPath(ribbon(part, width * waver(len(part), self.rng, 0.3, 6) * fade), paint(colour, 0.9))
                k = end + int(self.rng.integers(1, 5))

    def line(self, path, width, colour=None):
        """A loaded brush: thin where it lands and leaves."""
        for points, _ in contours(path, 2.0):
            press = 0.6 + 0.4 * np.sin(np.linspace(0.25, math.pi - 0.25, len(points)))
            self.c.drawPath(ribbon(points, max(width, 2.6) * 1.15 * press), paint(colour or self.p.dark))

    def limb(self, path, width, colour):
        self.shape(rim(path, width), colour, shade=False)

    def ground(self, g, script):
        """A wet patch with a second colour let in, a dried rim and drops around."""
        tone = mix(self.p.ground, self.p.sky, 0.35) if g.coat == self.p.light else mix(self.p.ground, "#ffffff", 0.15)
        patch = wobbly(wobbly(oval(178, 184, 140, 116), self.rng, 17, 95), self.rng, 2.5, 16)
        self.c.drawPath(patch, soft(tone, 0.8, 1.5))
        self.c.save()
        self.c.clipPath(patch, skia.ClipOp.kIntersect, True)
        for _ in range(3):
            a = self.rng.uniform(0, 6.28)
            x, y = 180 + 128 * math.cos(a), 184 + 104 * math.sin(a)
            pool = wobbly(oval(x, y, self.rng.uniform(26, 48)), self.rng, 9, 30)
            self.c.drawPath(pool, soft(self.p.sky, 0.3, 13))
        self.c.drawPath(oval(160, 160, 96, 80), soft("#ffffff", 0.1 if g.coat == self.p.light else 0.4, 26))
        self.c.drawPath(patch, soft(self.p.sky, 0.3, 3, 10))
        self.c.drawPath(patch, paint(self.p.sky, 0.6, 2.8))
        self.c.restore()
        self.splash()

    def splash(self):
        for _ in range(10):
            a, r = self.rng.uniform(0, 6.28), self.rng.uniform(1.5, 6.5)
            drop = wobbly(oval(180 + 160 * math.cos(a), 178 + 136 * math.sin(a), r), self.rng, r * 0.2, 8)
            self.wash(drop, mix(self.p.sky, self.p.main, self.rng.uniform(0, 1)))

    def caption(self, words, script):
        """Brush letters, pale where the water stood, on a bare strip."""
        size = min(48, 300 / max(len(words), 1))
        path = moved(text_path(words, size, "ExtraBold", jitter=self.rng, tracking=2), 180, 318)
        path = wobbly(path, self.rng, 1.0, 10)
        self.c.drawPath(path, soft("#ffffff", 1, 1.5, 13))
        ink = mix(self.p.accent, self.p.dark, 0.35)
        self.c.drawPath(path, paint(ink))
        b = path.getBounds()
        self.c.save()
        self.c.clipPath(path, skia.ClipOp.kIntersect, True)
        for k in range(len(words)):
            x = b.left() + b.width() * (k + self.rng.uniform(0.2, 0.8)) / len(words)
            self.c.drawPath(oval(x, b.centerY() - size * 0.15, size * 0.3, size * 0.26), soft(self.p.accent, 0.9, size * 0.08))
        self.c.restore()
