"""The pixel-art style's cells: a 60 x 60 picture, its masks, its tones, its stamps."""

import numpy as np
from PIL import Image, ImageDraw

from ..common import mix, rgb

N, ZOOM = 60, 6
YY, XX = np.indices((N, N))
CHECKER = (XX + YY) % 2 == 0
INSIDE = (np.minimum(XX, YY) > 0) & (np.maximum(XX, YY) < N - 1)  # a cell of air all around


class Grid:
    """The picture as N x N RGBA cells."""

    def __init__(self, palette):
        self.a = np.zeros((N, N, 4), np.uint8)
        self.p = palette
        grey = mix("#99a0b4", palette.dark, 0.1)
        self.keys = {
            "#": palette.dark,
            "a": palette.accent,
            "j": mix(palette.dark, palette.second, 0.5),
            "w": "#ffffff",
            "m": mix(palette.dark, "#6b1020", 0.6),
            "p": "#f2777f",
            "r": "#ee4a58",
            "e": "#b02a45",
            "y": "#ffd94a",
            "o": "#f08a2c",
            "u": "#a9552a",
            "b": "#9bdcf7",
            "d": "#3f86d6",
            "g": mix(grey, "#ffffff", 0.35),
            "h": grey,
            "q": mix(grey, palette.dark, 0.55),
            "k": "#2f9e5b",
        }

    def wear(self, tones):
        """The figure's coat as keys of the sprites."""
        self.keys.update(zip("lcsn", tones, strict=True))

    def tones(self, colour):
        """(lit, plain, shaded, outline) of a colour: the outline is a dark tone of the fill, not black."""
        p = self.p
        shade = {p.main: p.shade, p.light: mix(p.light, p.main, 0.55)}.get(colour, mix(colour, p.dark, 0.3))
        return mix(colour, "#ffffff", 0.5), colour, shade, mix(shade, p.dark, 0.72)

    def put(self, mask, colour):
        self.a[mask & INSIDE] = (*rgb(colour), 255)

    def dot(self, x, y, key):
        if 0 < x < N - 1 and 0 < y < N - 1:
            self.a[y, x] = (*rgb(self.keys[key]), 255)

    def sprite(self, rows, x, y, flip=False):
        """Stamp rows of keys; x is the middle, y the top."""
        left = round(x) - len(rows[0]) // 2
        for j, row in enumerate(rows):
            for i, key in enumerate(row[::-1] if flip else row):
                if key != ".":
                    self.dot(left + i, round(y) + j, key)

    def blob(self, mask, colour, tones=None):
        """A rounded body: outline, light from the upper left, dithered shade at the lower right."""
        lit, plain, shade, outline = tones or self.tones(colour)
        self.put(grow(mask), outline)
        self.put(mask, plain)
        if not mask.any():
            return
        ys, xs = np.nonzero(mask)
        rx, ry = np.ptp(xs) / 2 + 0.5, np.ptp(ys) / 2 + 0.5
        depth = 0.55 * (XX - xs.min() - rx + 0.5) / rx + 0.8 * (YY - ys.min() - ry + 0.5) / ry
        rim = mask & ~shift(mask, -1, -1)
        if min(rx, ry) < 5:
            self.put(rim, shade)
            return
        self.put(mask & ((depth > 0.66) | (depth > 0.48) & CHECKER) | rim & (depth > 0.2), shade)
        inner = mask & shift(mask, 1, 1) & shift(mask, 2, 2)
        self.put(inner & ((depth < -0.74) | (depth < -0.62) & CHECKER), lit)


def shift(mask, dx, dy):
    out = np.zeros_like(mask)
    h, w = mask.shape[:2]
    out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = mask[max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)]
    return out


def grow(mask):
    return mask | shift(mask, 1, 0) | shift(mask, -1, 0) | shift(mask, 0, 1) | shift(mask, 0, -1)


def oval(cx, cy, rx, ry, power=2.0):
    return (np.abs((XX - cx) / rx) ** power + np.abs((YY - cy) / ry) ** power) <= 1


def rect(x0, y0, x1, y1):
    """Both ends included."""
    return (x0 <= XX) & (x1 >= XX) & (y0 <= YY) & (y1 >= YY)


def polygon(*points):
    im = Image.new("1", (N, N))
    ImageDraw.Draw(im).polygon([(round(x), round(y)) for x, y in points], fill=1)
    return np.array(im)


def thread(*points):
    """A line one cell wide."""
    im = Image.new("1", (N, N))
    ImageDraw.Draw(im).line([(round(x), round(y)) for x, y in points], fill=1)
    return np.array(im)


def capsule(a, b, r):
    """All cells nearer than r to the stretch from a to b."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    k = np.clip(((XX - ax) * dx + (YY - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
    return (XX - ax - k * dx) ** 2 + (YY - ay - k * dy) ** 2 <= r * r
