"""Ways to render a picture anew: each, with its numbers, makes another style of the same figures. RGBA pictures of 128 x 128 in and out.

Neither pixelation nor washes nor ink: those look like held-out styles.
"""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage
from scipy.spatial import cKDTree

KINDS = ("posterise", "edges", "sketch", "emboss", "blur", "oil", "noise", "halftone", "invert", "solarise", "duotone", "sticker",
         "outline", "hatch", "scanlines", "paper", "wave", "silhouette", "sharpen", "relief", "contours", "shadow", "mosaic",
         "glow")  # fmt: skip


def apply(kind: str, rng: np.random.Generator) -> object:
    """The filter of a kind with numbers drawn once: a function RGBA picture -> RGBA picture."""
    numbers = rng.uniform(0, 1, 4)
    colours = rng.integers(0, 256, (3, 3))
    texture = rng.random((128, 128))
    function = FUNCTIONS[kind]

    def run(picture: Image.Image) -> Image.Image:
        values = np.asarray(picture.convert("RGBA"), np.float32)
        rgb, alpha = values[..., :3], values[..., 3:] / 255
        rgb = rgb * alpha + 255 * (1 - alpha)  # on white
        rgb, alpha = function(rgb, alpha, numbers, colours, texture)
        return Image.fromarray(np.dstack([rgb, alpha * 255]).clip(0, 255).astype(np.uint8), "RGBA")

    return run


def _pil(rgb):
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def _gray(rgb):
    return rgb @ np.array([0.299, 0.587, 0.114], np.float32)


def _array(picture):
    values = np.asarray(picture, np.float32)
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, 2)


def _gradient(rgb, sigma=0.7):
    return sum(ndimage.gaussian_gradient_magnitude(rgb[..., c], sigma) for c in range(3))


def posterise(rgb, alpha, n, colours, texture):
    levels = 2 + int(n[0] * 3)
    return np.round(rgb / 255 * (levels - 1)) / (levels - 1) * 255, alpha


def edges(rgb, alpha, n, colours, texture):
    """Lines on white (or light on dark) where the colour changes."""
    strength = np.clip(_gradient(rgb, 0.5 + n[0]) * (1.5 + 3 * n[1]) / 255, 0, 1)[..., None]
    dark, light = (colours[0] * 0.3, np.full(3, 255.0)) if n[2] < 0.7 else (np.full(3, 240.0), colours[1] * 0.4)
    return light + (dark - light) * strength, np.ones_like(alpha) if n[2] >= 0.7 else alpha


def sketch(rgb, alpha, n, colours, texture):
    """Pencil: the picture divided by its blurred negative."""
    g = _gray(rgb)
    soft = ndimage.gaussian_filter(255 - g, 1.5 + 4 * n[0])
    line = np.clip(g * 255 / np.maximum(255 - soft, 1), 0, 255)[..., None]
    return line * (0.55 + 0.45 * n[1]) + (1 - (0.55 + 0.45 * n[1])) * rgb, alpha


def emboss(rgb, alpha, n, colours, texture):
    a = 2 * np.pi * n[0]
    g = _gray(rgb)
    slope = np.cos(a) * ndimage.gaussian_filter(g, 1, (0, 1)) + np.sin(a) * ndimage.gaussian_filter(g, 1, (1, 0))
    return 128 + slope[..., None] * 1.6 + (rgb - 128) * (0.6 * n[1]), alpha


def blur(rgb, alpha, n, colours, texture):
    s = 1 + 2 * n[0]
    return np.dstack([ndimage.gaussian_filter(rgb[..., c], s) for c in range(3)]), ndimage.gaussian_filter(alpha[..., 0], s)[..., None]


def oil(rgb, alpha, n, colours, texture):
    return _array(_pil(rgb).filter(ImageFilter.ModeFilter(3 + 2 * int(1 + n[0] * 2)))), alpha


def noise(rgb, alpha, n, colours, texture):
    cell = 0.4 + 1.2 * n[1]
    grain = ndimage.gaussian_filter(texture - 0.5, cell)
    return rgb + (grain / grain.std() * (12 + 26 * n[0]))[..., None], alpha


def halftone(rgb, alpha, n, colours, texture):
    """Dots on a turned grid, larger where it is darker."""
    y, x = np.mgrid[:128, :128]
    a, pitch = np.pi / 2 * n[0], 3.2 + 4 * n[1]
    u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    screen = (np.cos(2 * np.pi * u / pitch) + np.cos(2 * np.pi * v / pitch)) / 4 + 0.5
    if n[2] < 0.5:
        ink = 1 / (1 + np.exp(-((255 - _gray(rgb)) / 255 - screen) * 12))
        return 255 + (colours[0] * 0.4 - 255) * ink[..., None], alpha
    return 255 / (1 + np.exp(-(rgb / 255 - screen[..., None]) * 9)), alpha


def invert(rgb, alpha, n, colours, texture):
    return 255 - rgb, alpha if n[0] < 0.5 else np.ones_like(alpha)


def solarise(rgb, alpha, n, colours, texture):
    cut = 90 + 100 * n[0]
    return np.where(rgb > cut, 255 - rgb, rgb) * 1.3, alpha


def duotone(rgb, alpha, n, colours, texture):
    g = _gray(rgb)[..., None] / 255
    g = np.where(g > 0.35 + 0.4 * n[0], 1.0, 0.0) if n[1] < 0.5 else g
    return colours[0] * 0.45 + (255 - colours[1] * 0.25 - colours[0] * 0.45) * g, alpha


def sticker(rgb, alpha, n, colours, texture):
    """A rim around the figure, light or coloured."""
    wide = ndimage.grey_dilation(alpha[..., 0], footprint=_disc(2 + int(n[0] * 4)))[..., None]
    rim = np.full(3, 255.0) if n[1] < 0.3 else colours[0].astype(float)
    return rgb * alpha + rim * (1 - alpha), wide


def outline(rgb, alpha, n, colours, texture):
    """A dark line around every patch of colour."""
    line = (_gradient(rgb, 0.6) > 40 + 60 * n[0]).astype(np.float32)
    line = ndimage.gaussian_filter(ndimage.grey_dilation(line, footprint=_disc(1 + int(n[1] * 2))), 0.6)[..., None]
    return rgb * (1 - line) + colours[0] * 0.3 * line, np.maximum(alpha, line)


def hatch(rgb, alpha, n, colours, texture):
    y, x = np.mgrid[:128, :128]
    dark = (255 - _gray(rgb)) / 255
    ink = np.zeros((128, 128))
    for k, level in enumerate((0.15, 0.4, 0.65)):
        a = np.pi * (n[0] + k * 0.27)
        ink = np.maximum(ink, (np.cos(2 * np.pi * (x * np.cos(a) + y * np.sin(a)) / (3.5 + 3 * n[1])) > 0.3) * (dark > level))
    back = rgb * n[2] + 255 * (1 - n[2])
    return back + (colours[0] * 0.3 - back) * ndimage.gaussian_filter(ink.astype(float), 0.5)[..., None], alpha


def scanlines(rgb, alpha, n, colours, texture):
    y = np.arange(128)[:, None, None] if n[2] < 0.7 else np.arange(128)[None, :, None]
    return rgb * (1 - (0.25 + 0.4 * n[0]) * (np.sin(2 * np.pi * y / (3 + 4 * n[1])) > 0.2)), alpha


def paper(rgb, alpha, n, colours, texture):
    """Fibres pressed into the paper, the whole frame tinted."""
    fibre = ndimage.gaussian_filter(texture - 0.5, (0.5 + 3 * n[0], 0.6))
    tint = 255 - colours[0] * 0.18
    return rgb * tint / 255 * (1 + fibre / fibre.std() * (0.05 + 0.1 * n[1]))[..., None], np.ones_like(alpha)


def wave(rgb, alpha, n, colours, texture):
    y, x = np.mgrid[:128, :128].astype(float)
    push = 1.5 + 2.5 * n[0]
    at = [y + push * np.sin(x / (4 + 5 * n[1])), x + push * np.cos(y / (4 + 5 * n[2]))]
    both = np.dstack([rgb, alpha * 255])
    both = np.dstack([ndimage.map_coordinates(both[..., c], at, order=1, mode="nearest") for c in range(4)])
    return both[..., :3], both[..., 3:] / 255


def silhouette(rgb, alpha, n, colours, texture):
    """A coloured shape with the darkest parts kept."""
    dark = np.clip((140 - _gray(rgb)) / 60, 0, 1)[..., None]
    ramp = np.linspace(0, 1, 128)[:, None, None]
    fill = colours[0] * (1 - ramp * n[0]) + colours[1] * ramp * n[0]
    return fill * (1 - dark) + colours[2] * 0.3 * dark, alpha


def sharpen(rgb, alpha, n, colours, texture):
    soft = np.dstack([ndimage.gaussian_filter(rgb[..., c], 1 + 2 * n[0]) for c in range(3)])
    return rgb + (1.5 + 2 * n[1]) * (rgb - soft), alpha


def relief(rgb, alpha, n, colours, texture):
    """Puffed up: lit as if the figure were a cushion."""
    h = ndimage.gaussian_filter(alpha[..., 0], 3 + 5 * n[0])
    light = ndimage.gaussian_filter(h, 1, (1, 0)) + ndimage.gaussian_filter(h, 1, (0, 1))
    inner = np.hypot(ndimage.gaussian_filter(_gray(rgb), 1.5, (0, 1)), ndimage.gaussian_filter(_gray(rgb), 1.5, (1, 0)))
    return rgb * (1 - inner[..., None] / 255 * n[1]) + light[..., None] * (900 + 900 * n[2]), alpha


def contours(rgb, alpha, n, colours, texture):
    """Lines of equal brightness, as on a map."""
    g = ndimage.gaussian_filter(_gray(rgb), 1 + 2 * n[0])
    line = (np.abs((g / (14 + 20 * n[1])) % 1 - 0.5) < 0.12)[..., None] * (np.abs(ndimage.gaussian_gradient_magnitude(g, 1)) > 1)[..., None]
    return (rgb * n[2] + 255 * (1 - n[2])) * (1 - line) + colours[0] * 0.4 * line, alpha


def shadow(rgb, alpha, n, colours, texture):
    """A hard drop shadow."""
    d = 3 + int(6 * n[0])
    cast = np.roll(alpha, (d, d), (0, 1))
    return rgb * alpha + (colours[0] * 0.5) * (1 - alpha), np.maximum(alpha, cast * (0.4 + 0.6 * n[1]))


def mosaic(rgb, alpha, n, colours, texture):
    """Irregular cells of one colour with joints between."""
    rng = np.random.default_rng(int(texture[0, 0] * 1e9))
    sites = rng.uniform(0, 128, (350 + int(500 * n[0]), 2))
    y, x = np.mgrid[:128, :128]
    near, cell = cKDTree(sites).query(np.c_[y.ravel(), x.ravel()], k=2)
    joint = ((near[:, 1] - near[:, 0]) < 0.8).reshape(128, 128, 1)
    at = sites[cell[:, 0]].astype(int).clip(0, 127)
    flat = rgb[at[:, 0], at[:, 1]].reshape(128, 128, 3)
    return flat * (1 - joint * 0.6 * (n[1] > 0.4)), alpha[at[:, 0], at[:, 1]].reshape(128, 128, 1)


def glow(rgb, alpha, n, colours, texture):
    """Bright lines on a dark ground."""
    strength = np.clip(_gradient(rgb, 0.8) / 160, 0, 1)
    bloom = ndimage.gaussian_filter(strength, 2 + 2 * n[0])
    light = np.clip(strength + bloom, 0, 1)[..., None]
    return colours[1] * 0.2 + (155 + colours[0] * 0.4 - colours[1] * 0.2) * light + rgb * 0.25 * n[1], np.ones_like(alpha)


def _disc(r):
    y, x = np.mgrid[-r:r + 1, -r:r + 1]
    return x**2 + y**2 <= r**2 + 0.5


FUNCTIONS = {kind: globals()[kind] for kind in KINDS}
