"""Colours, paths, lettering and seeds shared by all styles."""

import hashlib
import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import skia
from PIL import Image

SIZE = 360


def rng_of(*names):
    """A generator seeded by names, the same on every machine."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def rgb(hexa):
    return tuple(int(hexa[i : i + 2], 16) for i in (1, 3, 5))


def mix(a, b, t):
    """The colour t of the way from a to b."""
    return "#" + "".join(f"{round(x + (y - x) * t):02x}" for x, y in zip(rgb(a), rgb(b), strict=True))


def paint(colour, alpha=1.0, width=None):
    p = skia.Paint(AntiAlias=True, Color=skia.Color(*rgb(colour), round(255 * alpha)))
    if width is not None:
        p.setStyle(skia.Paint.kStroke_Style)
        p.setStrokeWidth(width)
        p.setStrokeCap(skia.Paint.kRound_Cap)
        p.setStrokeJoin(skia.Paint.kRound_Join)
    return p


@cache
def font_file(weight="ExtraBold"):
    """NanumGothic of the koreanize_matplotlib package (found without importing it)."""
    folder = Path(next(iter(find_spec("koreanize_matplotlib").submodule_search_locations))) / "fonts"
    return str(folder / f"NanumGothic{weight}.ttf")


@cache
def typeface(weight="ExtraBold"):
    return skia.Typeface.MakeFromFile(font_file(weight))


def glyphs(text, size, weight="ExtraBold"):
    """[(path, advance)] of each letter, baseline at 0."""
    font = skia.Font(typeface(weight), size)
    widths = font.getWidths(font.textToGlyphs(text))
    return [(font.getPath(g) or skia.Path(), w) for g, w in zip(font.textToGlyphs(text), widths, strict=True)]


def moved(path, dx=0.0, dy=0.0, turn=0.0, sx=1.0, sy=None, about=(0, 0)):
    """The path scaled and turned about a point, then moved."""
    m = skia.Matrix()
    m.setTranslate(about[0] + dx, about[1] + dy)
    m.preRotate(turn)
    m.preScale(sx, sx if sy is None else sy)
    m.preTranslate(-about[0], -about[1])
    out = skia.Path()
    path.transform(m, out)
    return out


def text_path(text, size, weight="ExtraBold", jitter=None, tracking=0.0):
    """Letters centred on (0, 0); jitter (a generator) turns and lifts each letter a little."""
    out, x = skia.Path(), 0.0
    for path, advance in glyphs(text, size, weight):
        if jitter is not None:
            box = path.getBounds()
            path = moved(path, 0, jitter.uniform(-0.05, 0.05) * size, jitter.uniform(-7, 7), about=(box.centerX(), box.centerY()))
        out.addPath(moved(path, x, 0))
        x += advance + tracking
    box = out.getBounds()
    return moved(out, -box.centerX(), -box.centerY())


def oval(cx, cy, rx, ry=None):
    ry = rx if ry is None else ry
    return skia.Path().addOval(skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry))


def box(cx, cy, rx, ry, r=0.0):
    return skia.Path().addRoundRect(skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry), r, r)


def poly(points, close=True):
    path = skia.Path()
    path.moveTo(*points[0])
    for p in points[1:]:
        path.lineTo(*p)
    if close:
        path.close()
    return path


def curve(points, close=False):
    """A smooth curve through the points (Catmull-Rom)."""
    n, path = len(points), skia.Path()
    path.moveTo(*points[0])

    def at(i):
        return points[i % n] if close else points[min(max(i, 0), n - 1)]

    for i in range(n if close else n - 1):
        a, b, c, d = at(i - 1), at(i), at(i + 1), at(i + 2)
        path.cubicTo(b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6, c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6, c[0], c[1])
    if close:
        path.close()
    return path


def quad(a, b, c):
    path = skia.Path()
    path.moveTo(*a)
    path.quadTo(*b, *c)
    return path


def line(*points):
    return poly(points, close=False)


def arch(cx, cy, w, h):
    """An open arc w wide: h > 0 hangs down (smile), h < 0 bends up."""
    path = skia.Path()
    path.moveTo(cx - w / 2, cy)
    path.cubicTo(cx - w * 0.3, cy + h * 1.33, cx + w * 0.3, cy + h * 1.33, cx + w / 2, cy)
    return path


def heart(cx, cy, s):
    path = skia.Path()
    path.moveTo(cx, cy + s)
    path.cubicTo(cx - s * 1.7, cy - s * 0.1, cx - s * 0.9, cy - s * 1.25, cx, cy - s * 0.4)
    path.cubicTo(cx + s * 0.9, cy - s * 1.25, cx + s * 1.7, cy - s * 0.1, cx, cy + s)
    path.close()
    return path


def star(cx, cy, s, n=4, inner=0.35, turn=-90.0):
    pts = []
    for i in range(2 * n):
        r, a = (s if i % 2 == 0 else s * inner), math.radians(turn + 180 * i / n)
        pts.append((cx + r * math.cos(a), cy + r * math.sin(a)))
    return poly(pts)


def drop(cx, cy, s):
    """A tear or sweat drop, its tip up."""
    path = skia.Path()
    path.moveTo(cx, cy - s * 1.4)
    path.cubicTo(cx + s * 0.5, cy - s * 0.5, cx + s, cy - s * 0.1, cx + s * 0.9, cy + s * 0.4)
    path.cubicTo(cx + s * 0.7, cy + s * 1.1, cx - s * 0.7, cy + s * 1.1, cx - s * 0.9, cy + s * 0.4)
    path.cubicTo(cx - s, cy - s * 0.1, cx - s * 0.5, cy - s * 0.5, cx, cy - s * 1.4)
    path.close()
    return path


def spiral(cx, cy, r, turns=2.4):
    pts = [
        (cx + r * k / 40 * math.cos(turns * 2 * math.pi * k / 40), cy + r * k / 40 * math.sin(turns * 2 * math.pi * k / 40))
        for k in range(41)
    ]
    return curve(pts)


def cloud(cx, cy, w, h, bumps=9):
    """A puffy closed shape."""
    out = oval(cx, cy, w * 0.8, h * 0.75)
    for k in range(bumps):
        a = 2 * math.pi * k / bumps
        out = skia.Op(out, oval(cx + w * 0.72 * math.cos(a), cy + h * 0.62 * math.sin(a), w * 0.34, h * 0.42), skia.kUnion_PathOp)
    return out


def new_surface(width=SIZE, height=SIZE):
    return skia.Surface(width, height)


def to_pil(surface):
    """The surface as a PIL picture, RGBA, not premultiplied."""
    array = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)
    return Image.fromarray(np.ascontiguousarray(array), "RGBA")
