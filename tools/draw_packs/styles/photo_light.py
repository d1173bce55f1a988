"""Light for the photo-like style: height fields shaded like skin, cloth and hair; grain and grading."""

import numpy as np
from PIL import Image, ImageFilter

from ..common import SIZE, rgb, rng_of

S = 2  # drawn twice as large, then reduced
W = SIZE * S
LIGHT = np.array([-0.50, -0.62, 0.72])


def grid(cx, cy, scale, turn=0.0):
    """Face coordinates of each pixel: u right, v down, 1 = scale pixels of the 360 frame."""
    y, x = np.mgrid[0:W, 0:W].astype(np.float32) / S
    a = np.radians(turn)
    dx, dy = (x - cx) / scale, (y - cy) / scale
    return dx * np.cos(a) + dy * np.sin(a), -dx * np.sin(a) + dy * np.cos(a)


def bump(u, v, cu, cv, ru, rv):
    return np.exp(-(((u - cu) / ru) ** 2 + ((v - cv) / rv) ** 2))


def soft_min(a, b, k):
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b * (1 - h) + a * h - k * h * (1 - h)


def normals(z, unit):
    """Unit normals of a height map; unit = pixels per unit of z."""
    gy, gx = np.gradient(z * unit)
    n = np.dstack([-gx, -gy, np.ones_like(z)])
    return n / np.linalg.norm(n, axis=2, keepdims=True)


def shade(z, unit, albedo, wrap=0.35, gloss=0.0, power=24, shadow=(0.58, 0.42, 0.41)):
    """Colour of a lit surface: soft terminator towards a coloured shadow, and a highlight."""
    n = normals(z, unit)
    light = LIGHT / np.linalg.norm(LIGHT)
    lit = np.clip((n @ light + wrap) / (1 + wrap), 0, 1)[..., None]
    half = light + np.array([0, 0, 1.0])
    half /= np.linalg.norm(half)
    spec = np.clip(n @ half, 0, 1)[..., None] ** power * gloss
    dark = albedo * np.array(shadow)
    return np.clip(dark + (albedo * 1.18 - dark) * lit + spec * 255, 0, 255)


def blur(mask, radius):
    """Blur of a 0..1 mask, radius in pixels of the 360 frame."""
    im = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius * S))
    return np.asarray(im).astype(np.float32) / 255


def over(base, colour, mask):
    """Lay colour (array or RGB) over base where mask says."""
    return base + (np.asarray(colour, np.float32) - base) * mask[..., None]


def flat(hexa):
    return np.array(rgb(hexa), np.float32)


def capsule(u, v, a, b, r):
    """q <= 1 inside a rounded stick from a to b."""
    ax, ay, bx, by = *a, *b
    px, py, dx, dy = u - ax, v - ay, bx - ax, by - ay
    t = np.clip((px * dx + py * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    return np.hypot(px - t * dx, py - t * dy) / r


def streaks(u, v, rng, lean=0.15, freq=34):
    """Fine lines like combed hair, -1..1."""
    x = u + lean * v * v
    out = np.zeros_like(u)
    for k in range(4):
        out += np.sin(x * freq * (1 + 0.63 * k) + rng.uniform(0, 6.28) + 1.5 * np.sin(v * (2 + k) + rng.uniform(0, 6.28)))
    return out / 4


def reduce_size(array):
    return np.asarray(Image.fromarray(np.clip(array, 0, 255).astype(np.uint8)).resize((SIZE, SIZE), Image.Resampling.LANCZOS)).astype(
        np.float32
    )


def finish(array, palette, seed):
    """Grade towards the palette, darken the corners, add a little grain."""
    rng = rng_of(seed, "grain")
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    array = array * (1 - 0.34 * np.clip(x * x + y * y - 0.12, 0, 1))[..., None]
    tone = flat(palette.ground) / 255
    array = array * (0.86 + 0.14 * tone)
    grain = rng.normal(0, 1, (SIZE // 2, SIZE // 2)).repeat(2, 0).repeat(2, 1)
    return np.clip(array + 1.6 * grain[..., None], 0, 255)
