"""Light for the photo-like style: height fields shaded like skin, cloth and hair; noise, lens and grain."""

import numpy as np
import skia
from PIL import Image, ImageFilter

from ..common import SIZE, paint, rgb, rng_of

S = 1.5  # drawn larger, then reduced
W = round(SIZE * S)
ALL = (slice(0, W), slice(0, W))
SKIN = (0.72, 0.56, 0.50)  # how far light creeps round an edge, by channel: skin lets the red through
CLOTH = (0.5, 0.5, 0.5)


def grid(cx, cy, scale, turn=0.0, where=ALL):
    """Own coordinates of each pixel: u right, v down, 1 = scale pixels of the 360 frame."""
    y, x = np.mgrid[where].astype(np.float32) / S
    a = np.radians(turn)
    dx, dy = (x - cx) / scale, (y - cy) / scale
    return (dx * np.cos(a) + dy * np.sin(a)).astype(np.float32), (dy * np.cos(a) - dx * np.sin(a)).astype(np.float32)


def window(points, r):
    """The part of the picture within r of the points, in pixels of the frame; None outside of it."""
    xs, ys = zip(*points, strict=True)
    x0, x1, y0, y1 = (int(np.clip(k * S, 0, W)) for k in (min(xs) - r, max(xs) + r, min(ys) - r, max(ys) + r))
    return (slice(y0, y1), slice(x0, x1)) if x1 - x0 > 2 and y1 - y0 > 2 else None


def bump(u, v, cu, cv, ru, rv):
    return np.exp(-(((u - cu) / ru) ** 2 + ((v - cv) / rv) ** 2))


def soft_min(a, b, k):
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b * (1 - h) + a * h - k * h * (1 - h)


def dome(q):
    """A round top over the inside (q <= 1) of a field."""
    return np.sqrt(np.clip(1 - q, 0, 1))


def edge(q, sharp):
    return np.clip((1 - q) * sharp, 0, 1)


def shade(z, unit, albedo, light, wrap=CLOTH, gloss=0.0, power=20, dark=0.56):
    """Colour of a lit surface of height z: light wraps round it by channel, the rest is a dim fill; and a highlight."""
    gy, gx = np.gradient(z * np.float32(unit * S))
    length = np.sqrt(gx * gx + gy * gy + 1)
    light = np.asarray(light, np.float32) / np.linalg.norm(light)
    half = light + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    n_l = (light[2] - gx * light[0] - gy * light[1]) / length
    spec = np.clip((half[2] - gx * half[0] - gy * half[1]) / length, 0, 1) ** power * (gloss * 255)
    wrap = np.asarray(wrap, np.float32)
    lit = np.clip((n_l[..., None] + wrap) / (1 + wrap), 0, 1)
    return albedo * (dark + (1.08 - dark) * lit) + spec[..., None]


def blur(mask, radius):
    """Blur of a 0..1 mask, radius in pixels of the frame."""
    im = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius * S))
    return np.asarray(im).astype(np.float32) / 255


def shifted(mask, dx, dy):
    """The mask moved (its edges' values repeated)."""
    h, w = mask.shape
    x, y = np.clip(np.arange(w) - round(dx * S), 0, w - 1), np.clip(np.arange(h) - round(dy * S), 0, h - 1)
    return mask[y[:, None], x]


def over(base, colour, mask):
    """Lay colour (array or RGB) over base where mask says."""
    return base + (np.asarray(colour, np.float32) - base) * mask[..., None].astype(np.float32)


def flat(hexa):
    return np.array(rgb(hexa), np.float32)


def capsule(u, v, a, b, r):
    """q <= 1 inside a rounded stick from a to b."""
    ax, ay, bx, by = *a, *b
    px, py, dx, dy = u - ax, v - ay, bx - ax, by - ay
    t = np.clip((px * dx + py * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    return np.hypot(px - t * dx, py - t * dy) / r


def noise(rng, cells):
    """A smooth random field over the picture, about -1..1."""
    small = Image.fromarray(rng.normal(0, 0.6, (cells, cells)).astype(np.float32))
    return np.asarray(small.resize((W, W), Image.Resampling.BICUBIC))


def soft(colour, alpha=1.0, blur=0.02, width=None):
    """A paint with a soft edge."""
    p = paint(colour, alpha, width)
    if blur:
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return p


def finish(array, mood, seed):
    """Reduce; a glow round the lights, exposure and contrast of the mood, darker corners, a little grain."""
    im = Image.fromarray(np.clip(array, 0, 255).astype(np.uint8)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    a = np.asarray(im).astype(np.float32)
    glow = np.asarray(im.resize((90, 90)).filter(ImageFilter.GaussianBlur(3)).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    a += np.clip(glow.astype(np.float32) - 150, 0, 105) * 0.14
    a = (a - 118) * mood.contrast + 118 * mood.exposure
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE - 0.5
    a *= (1 - mood.vignette * np.clip(x * x + y * y - 0.10, 0, 1))[..., None]
    grain = rng_of(seed, "grain").normal(0, 1, (SIZE // 2, SIZE // 2)).repeat(2, 0).repeat(2, 1)
    return np.clip(a + 0.7 * grain[..., None], 0, 255)
