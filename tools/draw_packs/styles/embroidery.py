"""Embroidery: every fill is laid in satin stitch, thread beside thread in a direction of its own, edged in back stitch, on a felt
patch with an overlocked rim; the letters are stitched too. Chunky, simple figures.

The threads are tiles that repeat to the pixel whatever their direction, or the files would be large."""

import math
from functools import cache

import numpy as np
import skia

from ..common import box, line, mix, moved, paint, rng_of, text_path
from ..pens import Pen

COLOURS = 30
TILE = 64
WEAVES = {"across": (0, 1), "along": (1, 0), "rise": (2, 1), "fall": (2, -1), "steep": (1, 2), "dive": (1, -2)}  # directions of threads


@cache
def weave(name):
    """White and black threads to lay over a plain colour, as a picture that repeats."""
    a, b = WEAVES[name]
    y, x = np.mgrid[0:TILE, 0:TILE]
    along, across = a * x + b * y, -b * x + a * y
    wide = 4 if a * b == 0 else 8
    thread = across // wide % (TILE // wide)
    shift = rng_of("embroidery", "threads", str(wide)).integers(0, 16, TILE // wide) * 2
    side = (across % wide + 0.5) / wide
    length = TILE if a * b else TILE // 2
    seam = (along + shift[thread] * length // 32) % length < (2 if a * b == 0 else 4)
    light = np.where(side < 0.5, 58 * np.sin(side * 2 * math.pi), -58 * np.sin((side - 0.5) * 2 * math.pi))
    light = np.where(seam, light - 34, light)
    light = np.round(light / 16) * 16
    tile = np.zeros((TILE, TILE, 4), np.uint8)
    tile[..., :3] = np.where(light > 0, 255, 0)[..., None]
    tile[..., 3] = np.abs(light)
    return skia.Image.fromarray(tile, skia.kRGBA_8888_ColorType)


@cache
def felt():
    """Loose dark and light fibres."""
    tile = np.zeros((30, 30, 4), np.uint8)
    for k, (x, y) in enumerate(rng_of("embroidery", "felt").integers(0, 30, (26, 2))):
        for d in range(3):
            tile[(y + d * (k % 3 - 1)) % 30, (x + d) % 30] = (255, 255, 255, 70) if k % 2 else (0, 0, 0, 16)
    return skia.Image.fromarray(tile, skia.kRGBA_8888_ColorType)


def repeating(canvas, tile):
    """A paint of tiles that lie still in the frame, however the figure is turned."""
    m = skia.Matrix()
    canvas.getTotalMatrix().invert(m)
    p = skia.Paint(AntiAlias=True)
    p.setShader(tile.makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, skia.SamplingOptions(), m))
    return p


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 146, "rx": 94, "ry": 76, "bcy": 258, "brx": 72, "bry": 58, "limb": 32, "dx": 36, "er": 9.6, "ey": 150,
        "my": 176, "mw": 34, "lw": 6.0, "tall": 1.15, "gloss": True, "floor": 320,
    }  # fmt: skip
    BLOB = {"cy": 198, "rx": 114, "ry": 106, "bcy": 252, "brx": 104, "bry": 54, "dx": 40, "er": 10.4, "ey": 188, "my": 218, "floor": 312}
    ROOM = (0.94, 0.85)
    PIVOT = 332

    def __init__(self, canvas, palette, rng):
        super().__init__(canvas, palette, rng)
        self.turn = 0

    def direction(self, b):
        """Short threads for slim parts, in turn the slanting ones for the others."""
        if b.width() > 2.2 * b.height():
            return "across"
        if b.height() > 2.2 * b.width():
            return "along"
        self.turn += 1
        return ("rise", "dive", "fall", "steep")[self.turn % 4]

    def satin(self, path, colour, name=None, alpha=1.0):
        """Filled with threads whose ends are a little uneven."""
        b = path.getBounds()
        for p in (paint(colour, alpha), repeating(self.c, weave(name or self.direction(b)))):
            if min(b.width(), b.height()) > 14:
                p.setPathEffect(skia.DiscretePathEffect.Make(4.0, 0.8, 7))
            self.c.drawPath(path, p)

    def fill(self, path, colour, alpha=1.0):
        self.satin(path, colour, alpha=alpha)

    def backstitch(self, path, width, colour, stitch=10.0):
        """Stitches end to end, each with its light side."""
        gap = width * 0.42
        dark, light = paint(colour, 1, width), paint(mix(colour, "#ffffff", 0.38), 1, width * 0.3)
        for p, dash in ((dark, (stitch, gap + width * 0.72)), (light, (stitch * 0.7, stitch * 0.3 + gap + width * 0.72))):
            p.setPathEffect(skia.DashPathEffect.Make(list(dash), 0))
        self.c.drawPath(path, paint(mix(colour, "#000000", 0.3), 1, width * 0.55))
        self.c.drawPath(path, dark)
        self.c.drawPath(moved(path, -width * 0.14, -width * 0.2), light)

    def shape(self, path, colour, weight=1.0, shade=True):
        self.c.drawPath(moved(path, 2, 3), paint(self.p.dark, 0.35, 5))
        self.satin(path, colour)
        b = path.getBounds()
        if shade and b.width() > 40:
            self._padding(path, b, colour)
        self.backstitch(path, 4.6 * (0.6 + 0.4 * weight), mix(self.p.dark, self.p.shade, 0.12))

    def _padding(self, path, b, colour):
        """A second row of threads, darker, along the lower edge."""
        low = skia.Op(path, moved(path, -b.width() * 0.04, -b.height() * 0.09), skia.kDifference_PathOp)
        tone = mix(colour, self.p.shade, 0.7) if colour in (self.p.main, self.p.light) else mix(colour, self.p.dark, 0.22)
        self.satin(low, tone, "along" if b.height() > b.width() else "across")

    def line(self, path, width, colour=None):
        self.backstitch(path, width, colour or self.p.dark, stitch=8)

    def limb(self, path, width, colour):
        self.c.drawPath(moved(path, 1.5, 2.5), paint(self.p.dark, 0.35, width + 8))
        body = skia.Path()
        paint(colour, 1, width).getFillPath(path, body)
        body = skia.Simplify(body)
        self.satin(body, colour)
        self.backstitch(body, 4.6, mix(self.p.dark, self.p.shade, 0.12))

    def cheeks(self, f, strong):
        """A fan of single stitches."""
        for s in (-1, 1):
            x, y, r = f.cx + s * f.dx * 1.6, f.ey + f.er * 2.3, f.er * (1.25 if strong else 0.95)
            for k in range(-2, 3):
                lean = line((x + k * r * 0.5 + r * 0.22, y - r * 0.75), (x + k * r * 0.5 - r * 0.22, y + r * 0.75))
                self.c.drawPath(lean, paint("#e8566c", 1 if strong else 0.7, r * 0.3))

    # --- patch ---

    def ground(self, g, script):
        """Felt, with a rim of close stitches in another colour."""
        patch = box(180, 180, 166, 166, 74)
        self.c.drawPath(patch, paint(self.p.ground))
        self.c.drawPath(patch, repeating(self.c, felt()))
        self.c.drawPath(patch, paint(self.p.sky, 1, 15))
        for colour, width, start in ((mix(self.p.sky, self.p.dark, 0.45), 15, 0), (mix(self.p.sky, "#ffffff", 0.45), 13, 2.6)):
            p = paint(colour, 1, width)
            p.setStrokeCap(skia.Paint.kButt_Cap)
            p.setPathEffect(skia.DashPathEffect.Make([1.6, 4.4], start))
            self.c.drawPath(patch, p)

    def caption(self, words, script):
        """Satin letters with a dark edge at the top of the patch."""
        path = text_path(words, min(46, 400 / (len(words) + 2)), "ExtraBold", tracking=4)
        path = moved(path, 180, 54, sx=min(1.0, 250 / path.getBounds().width()))
        self.c.drawPath(path, paint(self.p.light, 1, 11))
        self.c.drawPath(path, paint(self.p.dark, 1, 5.5))
        self.c.drawPath(path, paint(self.p.accent))
        self.c.drawPath(path, repeating(self.c, weave("along")))
