"""Small files: palette PNG with alpha, GIF with a hard edge, animated WebP."""

import numpy as np
from PIL import Image


def _palette(flat, weights, k):
    """k colours for the rows of flat: an octree's first guess, then a few rounds of k-means."""
    if len(flat) <= k:
        return flat.astype(float)
    strip = Image.fromarray(np.repeat(flat, np.minimum(weights, 400), axis=0)[None].astype(np.uint8), "RGBA")
    guess = strip.quantize(k, method=Image.Quantize.FASTOCTREE)
    centres = np.asarray(guess.getpalette("RGBA"), float).reshape(-1, 4)[:k]
    for _ in range(5):
        owner = _nearest(flat, centres)
        mass = np.bincount(owner, weights, len(centres))
        for c in range(4):
            total = np.bincount(owner, weights * flat[:, c], len(centres))
            centres[:, c] = np.where(mass > 0, total / np.maximum(mass, 1), centres[:, c])
    return centres


def _nearest(flat, centres):
    """Index of the closest centre of each row."""
    f = flat.astype(float)
    dist = (centres**2).sum(1)[None] - 2 * f @ centres.T
    return dist.argmin(1)


def _indexed(array, k, snap):
    """(indices, RGBA palette sorted by use) of an RGBA array."""
    array = array.copy()
    array[array[..., 3] < 6] = 0
    array[..., 3][array[..., 3] > 250] = 255
    flat, inverse, counts = np.unique(array.reshape(-1, 4) // snap * snap, axis=0, return_inverse=True, return_counts=True)
    centres = np.unique(np.clip(np.round(_palette(flat, counts, k)), 0, 255).astype(np.uint8), axis=0)
    owner = _nearest(flat, centres.astype(float))
    return owner[inverse.ravel()].reshape(array.shape[:2]).astype(np.uint8), centres


def save_png(image, path, colours=64):
    index, pal = _indexed(np.asarray(image), colours, 2)
    out = Image.fromarray(index, "P")
    out.putpalette(pal[:, :3].tobytes())
    kw = {} if (pal[:, 3] == 255).all() else {"transparency": pal[:, 3].tobytes()}
    out.save(path, optimize=True, **kw)


def _hard(image):
    """On white where the edge is soft, clear where it is faint: GIF knows no half clear pixel."""
    a = np.asarray(image).astype(float)
    alpha = a[..., 3:] / 255
    rgb = a[..., :3] * alpha + 255 * (1 - alpha)
    return np.dstack([rgb, np.where(a[..., 3] >= 110, 255, 0)]).astype(np.uint8) * (alpha >= 110 / 255)


def save_gif(frames, path, colours=48, duration=120):
    tall = np.concatenate([_hard(f) for f in frames]).astype(np.uint8)
    index, pal = _indexed(tall, colours, 2)
    clear = np.flatnonzero(pal[:, 3] < 128)
    clear = int(clear[0]) if len(clear) else None
    out = []
    for part in np.split(index, len(frames)):
        f = Image.fromarray(part, "P")
        f.putpalette(pal[:, :3].tobytes())
        out.append(f)
    kw = {} if clear is None else {"transparency": clear, "background": clear}
    out[0].save(path, save_all=True, append_images=out[1:], loop=0, duration=duration, disposal=2, optimize=False, **kw)


def save_webp(frames, path, lossless=False, duration=120):
    how = {"lossless": True, "quality": 100} if lossless else {"quality": 42, "alpha_quality": 60, "minimize_size": True}
    frames[0].save(path, save_all=True, append_images=frames[1:], loop=0, duration=duration, method=6, **how)


def save(frames, path, colours=64):
    """Write by the file's ending; a PNG takes the only frame, with that many colours. Few colours make a lossless WebP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".png":
        save_png(frames[0], path, colours)
    elif path.suffix == ".gif":
        save_gif(frames, path)
    else:
        save_webp(frames, path, lossless=colours <= 24)
