"""Paper cut-out: a jointed paper doll. Every part is a sheet cut with scissors into short straight facets, with a pale cut edge
towards the light, coarse fibres, a shadow on the layer below and, for some papers, a printed pattern. Limbs are straight strips
held by split pins, eyes punched holes, lines thin strips; each letter is cut out and glued on a turned tile.
"""

from functools import cache

import numpy as np
import skia

from ..common import glyphs, mix, moved, new_surface, oval, paint, poly, quad, rng_of
from ..pens import Pen

COLOURS = 64


@cache
def fibres():
    """A tile of short pale and dark paper fibres, as a shader."""
    rng, size = rng_of("paper-cutout", "fibres"), 120
    surface = new_surface(size, size)
    with surface as canvas:
        for k in range(54):
            x, y, a, bow = *rng.uniform(0, size, 2), rng.uniform(0, 6.28), rng.uniform(-4, 4)
            dx, dy = 7 * np.cos(a), 7 * np.sin(a)
            for tx in (-size, 0, size):  # the tile goes on over its edges
                for ty in (-size, 0, size):
                    fibre = quad((x - dx + tx, y - dy + ty), (x + bow + tx, y - bow + ty), (x + dx + tx, y + dy + ty))
                    canvas.drawPath(fibre, paint("#ffffff", 0.30, 1.5) if k % 3 else paint("#3a2a20", 0.11, 1.5))
    return surface.makeImageSnapshot().makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat)


def simplified(pts, slack):
    """Douglas-Peucker: the corners of a polyline that never leave it by more than slack."""
    if len(pts) < 3:
        return pts
    (dx, dy), (x, y) = pts[-1] - pts[0], (pts - pts[0]).T
    length = np.hypot(dx, dy)
    away = np.abs(dx * y - dy * x) / length if length > 1e-3 else np.hypot(x, y)
    k = int(away.argmax())
    if away[k] <= slack:
        return pts[[0, -1]]
    return np.vstack([simplified(pts[: k + 1], slack)[:-1], simplified(pts[k:], slack)])


def polygon(points, close=True):
    return poly([(float(x), float(y)) for x, y in points], close)


def faceted(path, slack, close):
    """The path as scissors leave it: straight facets that stay within slack of it."""
    out, measure = skia.Path(), skia.PathMeasure(path, close)
    out.setFillType(path.getFillType())
    while True:
        if length := measure.getLength():
            n = max(int(length / 1.6), 8)
            spots = [measure.getPosTan(length * k / n)[0] for k in range(n + 1)]
            out.addPath(polygon(simplified(np.array([(p.x(), p.y()) for p in spots]), slack), measure.isClosed()))
        if not measure.nextContour():
            return out


def cut(path):
    """A part's outline, with longer facets on larger parts."""
    b = path.getBounds()
    return faceted(path, min(0.25 + 0.02 * (b.width() * b.height()) ** 0.5, 2.8), True)


def strip(path, width):
    """A strip of paper along a path, its ends cut straight."""
    out = skia.Path()
    brush = skia.Paint(Style=skia.Paint.kStroke_Style, StrokeWidth=width, StrokeJoin=skia.Paint.kMiter_Join)
    brush.getFillPath(faceted(path, 0.7, False), out)
    return skia.Simplify(out)


def blade(a, b, width):
    """A straight strip from a to b with clipped corners."""
    along = (b - a) / max(np.hypot(*(b - a)), 1e-6) * width / 2
    side = np.array([-along[1], along[0]])
    corners = []
    for end, w in ((a, -1), (b, 1)):
        corners += [end + w * (u * along + v * side) for u, v in ((0.45, -0.95), (0.95, -0.45), (0.95, 0.45), (0.45, 0.95))]
    return polygon(corners)


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 140, "rx": 80, "ry": 68, "bcy": 258, "brx": 50, "bry": 72, "limb": 23, "dx": 32, "er": 9, "ey": 142,
        "my": 168, "mw": 31, "lw": 5, "tall": 1.0, "gloss": False, "floor": 336,
    }  # fmt: skip
    BLOB = {"cy": 200, "rx": 102, "ry": 96, "bcy": 244, "brx": 98, "bry": 56, "ey": 184, "my": 210, "floor": 312}
    ROOM = (0.97, 0.84)
    punching = False

    def sheet(self, path, colour, alpha=1.0, lift=3.0, pattern=None):
        """A piece of paper lying lift pixels above what is below."""
        c = self.c
        shadow = paint(mix(self.p.dark, "#000000", 0.3), 0.34 * alpha)
        shadow.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.3 + 0.45 * lift))
        c.drawPath(moved(path, 0.75 * lift, lift), shadow)
        c.drawPath(path, paint(colour, alpha))
        c.save()
        c.clipPath(path, doAntiAlias=True)
        if pattern:
            pattern(path.getBounds(), colour)
        if lift > 1:
            c.drawPath(path, skia.Paint(Shader=fibres()))
        edge = 0.5 + 0.2 * lift
        c.drawPath(moved(path, edge * 0.8, edge), paint(mix(colour, "#ffffff", 0.62), 0.9 * alpha, 2 * edge))
        c.restore()

    def stripes(self, b, colour):
        pale = paint(mix(colour, "#ffffff", 0.28), 1, 4)
        for k in range(int((b.width() + b.height()) / 12) + 1):
            x = b.left() + 12 * k
            self.c.drawLine(x, b.top(), x - b.height(), b.bottom(), pale)

    def dots(self, b, colour):
        pale = paint(mix(colour, "#ffffff", 0.28))
        for j in range(int(b.height() / 10) + 1):
            for k in range(int(b.width() / 14) + 2):
                self.c.drawCircle(b.left() + 14 * k + 7 * (j % 2), b.top() + 5 + 10 * j, 2.6, pale)

    def printed(self, path, colour):
        """Which pattern the paper of a part has."""
        b = path.getBounds()
        if min(b.width(), b.height()) < 15:
            return None
        return {self.p.accent: self.stripes, self.p.second: self.dots}.get(colour)

    def pin(self, x, y):
        self.sheet(oval(x, y, 4.2), "#ffd94a", lift=1)
        self.c.drawLine(x - 1.8, y + 1.0, x + 1.8, y - 1.0, paint(self.p.dark, 0.7, 1.2))

    # --- the pen ---

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        if self.punching and max(b.width(), b.height()) < 40 and colour == self.p.dark:
            self.hole(path)
        else:
            lift = min(0.6 + 0.02 * max(b.width(), b.height()), 2)
            self.sheet(cut(path), colour, min(alpha + 0.2, 1), lift, self.printed(path, colour))

    def hole(self, path):
        """Punched: dark paper shows below, in the shade of the upper edge."""
        self.c.drawPath(moved(path, 1.1, 1.3), paint("#ffffff", 0.6))
        self.c.drawPath(path, paint(self.p.dark))

    def shape(self, path, colour, weight=1.0, shade=True):
        b = path.getBounds()
        self.sheet(cut(path), colour, lift=min(1 + 0.03 * max(b.width(), b.height()), 4.5), pattern=self.printed(path, colour))

    def line(self, path, width, colour=None):
        self.sheet(strip(path, width * 1.05), colour or self.p.dark, lift=1)

    def limb(self, path, width, colour):
        """Straight strips, pinned where they bend."""
        measure = skia.PathMeasure(path, False)
        length = measure.getLength()
        if not length:
            return
        a, joint, b = (np.array([p.x(), p.y()]) for p in (measure.getPosTan(length * k)[0] for k in (0, 0.52, 1)))
        bent = length > 1.02 * np.hypot(*(b - a))
        pieces = [(a, joint), (joint, b)] if bent else [(a, b)]
        for ends in pieces:
            self.sheet(blade(*ends, width), colour)
        if width > 14:
            for hinge, _ in pieces:
                self.pin(*map(float, hinge))

    def eye(self, f, kind, s):
        self.punching = True
        super().eye(f, kind, s)
        self.punching = False

    def cheeks(self, f, strong):
        """Opaque paper discs."""
        r = f.er * (1.35 if strong else 1.0)
        for s in (-1, 1):
            self.sheet(cut(oval(f.cx + s * f.dx * 1.6, f.ey + f.er * 2.3, r * 1.1, r * 0.9)), "#f2606f", 0.8 if strong else 0.5, 1)

    def caption(self, words, script):
        """A letter on each tile."""
        units = sum(0.4 if w == " " else 1 for w in words)
        size = min(54, 330 / units)
        x = 180 - units * size / 2
        for k, ((path, _), letter) in enumerate(zip(glyphs(words, size * 0.78), words, strict=True)):
            wide = size * (0.4 if letter == " " else 1)
            if letter != " ":
                self.tile(path, x + wide / 2, 36 + 3 * (-1) ** k, size, k)
            x += wide

    def tile(self, path, x, y, size, k):
        turn, b = self.rng.uniform(-8, 8), path.getBounds()
        tint = mix(self.p.second, self.p.light, 0.4)
        paper, ink = ((self.p.accent, "#ffffff"), (self.p.light, self.p.dark), (tint, self.p.dark))[k % 3]
        a, h = self.rng.uniform(0.43, 0.5, 4) * size, size * 0.48
        square = poly([(x - a[0], y - h), (x + a[1], y - h), (x + a[2], y + h), (x - a[3], y + h)])
        self.sheet(moved(square, turn=turn, about=(x, y)), paper, lift=2.5)
        letter = moved(path, x - b.centerX(), y + size * 0.28)
        self.sheet(moved(letter, turn=turn, about=(x, y)), ink, lift=0.8)
