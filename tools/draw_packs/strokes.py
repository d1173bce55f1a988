"""Drawing by hand: sampled outlines, drifting lines, strokes that fill a shape, wax and pigment grain."""

import math
from functools import cache

import numpy as np
import skia
from PIL import Image, ImageFilter

from .common import paint, rng_of

TILE = 256  # side of the grain, which repeats


def contours(path, step=4.0):
    """[(points, closed)] of a path, a point each `step` pixels."""
    out, measure = [], skia.PathMeasure(path, False)
    while True:
        length = measure.getLength()
        if length >= 1:
            n = max(round(length / step), 4)
            places = (measure.getPosTan(length * i / n)[0] for i in range(n + 1))
            out.append((np.array([(p.x(), p.y()) for p in places]), measure.isClosed()))
        if not measure.nextContour():
            return out


def drifted(points, rng, amount, wave=40.0, closed=False):
    """The points pushed to and fro by up to about `amount`, smoothly over `wave` pixels."""
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    n = max(int(along[-1] / wave), 2)
    push = rng.uniform(-amount, amount, (n + 1, 2))
    if closed:
        push[-1] = push[0]
    place = along / max(along[-1], 1e-6) * n
    i, f = np.minimum(place.astype(int), n - 1), place - np.minimum(place.astype(int), n - 1)
    f = (f * f * (3 - 2 * f))[:, None]
    return points + push[i] * (1 - f) + push[i + 1] * f


def through(points, closed=False):
    """A path through many close points."""
    return skia.Path().addPoly([skia.Point(float(x), float(y)) for x, y in points], closed)


def ribbon(points, widths):
    """A stroke of changing width along the points, as a closed path."""
    way = np.gradient(points, axis=0)
    way /= np.hypot(*way.T)[:, None] + 1e-6
    side = np.c_[-way[:, 1], way[:, 0]] * widths[:, None] / 2
    return through(np.vstack([points + side, (points - side)[::-1]]), True)


def waver(n, rng, amount, wave=10):
    """n factors around 1 that change slowly."""
    knots = 1 + rng.uniform(-amount, amount, max(n // wave, 2) + 1)
    return np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)


def wobbly(path, rng, amount, wave=40.0):
    """The whole path with drifting edges."""
    out = skia.Path()
    for points, closed in contours(path):
        out.addPath(through(drifted(points, rng, amount, wave, closed), closed))
    return out


def rim(path, width):
    """The outline of a stroke of this width along the path."""
    out = skia.Path()
    paint("#000000", 1, width).getFillPath(path, out)
    return skia.Simplify(out) or out


def rows(path, gap, degrees, rng, loose=0.15):
    """Parallel segments ((x, y), (x, y)) across the inside of a path, in drawing order."""
    a = math.radians(degrees)
    turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    edges = [np.c_[p[:-1], p[1:]] for p in (c @ turn.T for c, _ in map(_closed, contours(path)))]
    if not edges:
        return []
    x0, y0, x1, y1 = np.concatenate(edges).T
    out, y = [], min(y0.min(), y1.min()) + gap * rng.uniform(0.3, 0.7)
    while y < y0.max():
        cut = (y0 <= y) != (y1 <= y)
        xs = np.sort(x0[cut] + (y - y0[cut]) / (y1[cut] - y0[cut]) * (x1[cut] - x0[cut]))
        for left, right in zip(xs[::2], xs[1::2], strict=False):
            tilt = gap * rng.uniform(-loose, loose, 2)
            ends = np.array([(left, y + tilt[0]), (right, y + tilt[1])]) @ turn
            out.append((tuple(ends[0]), tuple(ends[1])))
        y += gap * rng.uniform(1 - loose, 1 + loose)
    return out


def _closed(contour):
    points, _ = contour
    return np.vstack([points, points[:1]]), True


@cache
def grain(name, cell, cover, soft=0.22):
    """A repeating alpha tile: specks `cell` pixels wide, `cover` of it full, `soft` of it between."""
    noise = rng_of("grain", name).random((TILE, TILE)) * 255
    big = Image.fromarray(np.tile(noise, (3, 3)).astype(np.uint8)).filter(ImageFilter.GaussianBlur(cell / 2))
    field = np.asarray(big, float)[TILE : 2 * TILE, TILE : 2 * TILE]
    rank = field.ravel().argsort().argsort().reshape(TILE, TILE) / TILE**2
    alpha = np.clip((rank - (1 - cover)) / soft + 0.5, 0, 1)
    return skia.Image.fromarray((alpha * 255).astype(np.uint8), colorType=skia.kAlpha_8_ColorType)


def grained(tile, colour, alpha=1.0, width=None, shift=(0, 0)):
    """A paint that leaves the tile's holes open."""
    p = paint(colour, alpha, width)
    repeat = skia.TileMode.kRepeat
    p.setShader(tile.makeShader(repeat, repeat, skia.SamplingOptions()).makeWithLocalMatrix(skia.Matrix.Translate(*shift)))
    return p
