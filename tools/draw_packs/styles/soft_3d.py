"""Soft 3-D: a plump vinyl toy. No line anywhere: every part is an inflated body with its own normals, lit by a soft key light
and a rim light, warm in the shade and glossy, pressing a contact shadow into what lies below. Limbs are tubes, eyes glossy
beads, mouths pressed in, letters puffed up.

All is put together in arrays (`paint`, premultiplied, `alpha`, and the surface's slope `nx`, `ny`); the canvas only tells the transform.
"""

import numpy as np
import skia
from PIL import Image

from ..common import SIZE, glyphs, heart, line, mix, moved, oval, poly, rgb, star
from ..effects import DEEP, WATER
from ..face import mixed_dark
from ..pens import Pen

COLOURS = 160
KEY = np.array([-0.48, -0.62, 0.62]) / np.linalg.norm([-0.48, -0.62, 0.62])
HALF = (KEY + np.array([0, 0, 1])) / np.sqrt(2 + 2 * KEY[2])
BALLS = {  # eyeballs: radius, pupil, its place, the lid's height and slope outwards (in eye radii)
    "wide": (1.75, 0.62, 0.0, 0.0, None),
    "tiny": (1.5, 0.44, 0.0, 0.15, None),
    "look": (1.5, 0.72, -0.6, 0.25, None),
    "up": (1.5, 0.72, 0.4, -0.55, None),
    "side": (1.5, 0.72, -0.65, 0.1, (-0.5, 0.0)),
    "down": (1.45, 0.8, 0.0, 0.65, (-0.05, 0.0)),
    "angry": (1.55, 0.72, 0.0, 0.2, (-0.45, -0.4)),
}


def unit(colour):
    """Red, green, blue from 0 to 1."""
    return np.array(rgb(colour), np.float32) / 255


def resized(field, shape, how):
    return np.asarray(Image.fromarray(field).resize(shape[::-1], how))


def inflate(mask):
    """Solve laplace(h) = -1 inside the mask, from coarse to fine: a soap skin blown up over it."""
    if min(mask.shape) <= 6:
        h, rounds = np.zeros_like(mask), 24
    else:
        half = resized(mask, tuple(n // 2 for n in mask.shape), Image.Resampling.BOX)
        h, rounds = 4 * resized(inflate(half), mask.shape, Image.Resampling.BICUBIC), 8
    for _ in range(rounds):
        p = np.pad(h, 1)
        around = p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]
        h = mask * (0.2 * h + 0.2 * around + 0.2)
    return h


def normals(mask):
    """(nx, ny) of the round body over the mask: a disc becomes a ball, a strip a tube."""
    h = np.maximum(inflate(mask), 0)
    gy, gx = np.gradient(h)
    length = np.sqrt(gx**2 + gy**2 + 1.3 * h + 1e-4)
    return -gx / length, -gy / length


def blurred(mask, sigma):
    """A soft copy of the mask, worked out on a coarse grid."""
    f = max(1, round(sigma / 1.4))
    small = resized(mask, tuple(-(-n // f) for n in mask.shape), Image.Resampling.BOX)
    for _ in range(round(2 * (sigma / f) ** 2)):
        for axis in (0, 1):
            p = np.pad(small, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
            low, high = (p[:-2], p[2:]) if axis == 0 else (p[:, :-2], p[:, 2:])
            small = 0.25 * low + 0.5 * small + 0.25 * high
    return resized(small, mask.shape, Image.Resampling.BICUBIC).clip(0, 1)


def shifted(mask, d):
    """The mask moved right and down by d pixels."""
    return np.pad(mask, ((d, 0), (d, 0)))[: mask.shape[0], : mask.shape[1]] if d else mask


def lit(colour, nx, ny, gloss):
    """The colour of a surface of that slope, 0..1."""
    base = unit(colour)
    warm, pale = base**1.45 * (0.80, 0.70, 0.74), base + (1 - base) * 0.42
    nz = np.sqrt(np.maximum(1 - nx**2 - ny**2, 0))
    light = nx * KEY[0] + ny * KEY[1] + nz * KEY[2]
    up, down = np.clip((light - 0.64) / 0.36, 0, 1), np.clip((0.58 - light) / 0.95, 0, 1)
    rim = 0.5 * (1 - nz) ** 2 * np.clip(0.75 * nx + 0.5 * ny, 0, 1)
    shine = np.clip(nx * HALF[0] + ny * HALF[1] + nz * HALF[2], 0, 1)
    shine = 0.16 * shine**14 * up + gloss * shine**60
    out = base + (pale - base) * up[..., None] ** 1.5
    out += (warm - out) * down[..., None] ** 0.8
    out += (pale - out) * rim[..., None]
    return out + (1 - out) * np.minimum(shine, 1)[..., None]


def _stroke(width, style=skia.Paint.kStroke_Style):
    return skia.Paint(Style=style, StrokeWidth=width, StrokeCap=skia.Paint.kRound_Cap, StrokeJoin=skia.Paint.kRound_Join)


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 156, "rx": 102, "ry": 78, "bcy": 264, "brx": 72, "bry": 62, "limb": 37, "dx": 41, "er": 10.5, "ey": 162,
        "my": 190, "mw": 32, "lw": 6, "tall": 1.12, "gloss": True, "floor": 328,
    }  # fmt: skip
    BLOB = {"cy": 202, "rx": 110, "ry": 98, "bcy": 260, "brx": 102, "bry": 54, "ey": 182, "my": 210, "floor": 308}
    ROOM = (0.98, 0.84)
    PIVOT = 14

    def __init__(self, *args):
        super().__init__(*args)
        self.paint = np.zeros((SIZE, SIZE, 3), np.float32)
        self.alpha, self.nx, self.ny = (np.zeros((SIZE, SIZE), np.float32) for _ in range(3))
        self.floor = None
        self.pressing = False

    def _mask(self, path):
        """(where in the frame, how far each pixel is covered) of a path under the canvas's transform."""
        path.transform(self.c.getTotalMatrix(), device := skia.Path())
        b, clip, pad = device.getBounds(), self.c.getDeviceClipBounds(), 16
        x0, y0 = max(int(b.left()) - pad, clip.left()), max(int(b.top()) - pad, clip.top())
        x1, y1 = min(int(b.right()) + pad, clip.right()), min(int(b.bottom()) + pad, clip.bottom())
        if x1 - x0 <= 4 or y1 - y0 <= 4:  # outside the frame: any place will do
            x0, y0, x1, y1 = 0, 0, 5, 5
        pixels = np.zeros((y1 - y0, x1 - x0, 4), np.uint8)
        skia.Canvas(pixels).drawPath(moved(device, -x0, -y0), skia.Paint(AntiAlias=True))
        return np.s_[y0:y1, x0:x1], pixels[..., 3].astype(np.float32) / 255

    def _lay(self, where, cover, colour):
        """Colour (one, or one per pixel) over what is there."""
        self.paint[where] = colour * cover[..., None] + self.paint[where] * (1 - cover[..., None])
        self.alpha[where] += cover * (1 - self.alpha[where])

    def _press(self, where, mask):
        """The contact shadow on what lies below."""
        size = float(np.sqrt(mask.sum()))
        r = np.clip(0.055 * size, 1, 6)
        self.paint[where] *= 1 - blurred(shifted(mask, round(r)), r)[..., None] * np.array([0.34, 0.42, 0.40])

    def body(self, path, colour, alpha=1.0, gloss=0.30, relief=1.0, below=0.0):
        """A soft body; relief is how round it is, below how much it follows the surface it lies on."""
        self._ground_shadow()
        where, mask = self._mask(path)
        if relief > 0.5 and alpha == 1:
            self._press(where, mask)
        nx, ny = normals(mask)
        nx, ny = relief * nx + below * self.nx[where], relief * ny + below * self.ny[where]
        long = np.maximum(np.hypot(nx, ny), 1)
        nx, ny = nx / long, ny / long
        self._lay(where, mask * alpha, lit(colour, nx, ny, gloss))
        for buffer, value in ((self.nx, nx), (self.ny, ny)):
            buffer[where] += (value - buffer[where]) * mask

    def dent(self, path, colour):
        """Pressed in: lit the other way round, in the shade of its upper edge."""
        where, mask = self._mask(path)
        d = 1 + int(mask.sum() > 500)
        lip = blurred(shifted(mask, d), 1.2) * (1 - mask)
        self._lay(where, 0.45 * lip * self.alpha[where], unit("#ffffff"))
        edge = mask - shifted(mask, 2 * d) * mask
        colours = unit(colour) * (1 - 0.5 * blurred(edge, 1.5)[..., None])
        self._lay(where, mask, colours)

    def airbrush(self, path, colour, alpha, on=True):
        """A soft-edged patch that leaves the surface as it is, and, on something, does not spill over it."""
        where, mask = self._mask(path)
        cover = alpha * blurred(mask, 3)
        self._lay(where, cover * self.alpha[where] if on else cover, unit(colour))

    def _ground_shadow(self):
        """Laid level under the figure before its first part."""
        if self.floor is None:
            return
        (x, y, rx), self.floor = self.floor, None
        m = self.c.getTotalMatrix()
        (x, y), rx = m.mapXY(x, y), m.mapRadius(rx)
        self.c.save()
        self.c.resetMatrix()
        self.airbrush(oval(x, y, rx, rx * 0.13), mix(self.p.dark, self.p.shade, 0.3), 0.3, False)
        self.c.restore()

    # --- the pen ---

    def fill(self, path, colour, alpha=1.0):
        """Faint: airbrushed. Otherwise painted on where it lies on something, else a body of its own."""
        where, mask = self._mask(path)
        on = (mask * self.alpha[where]).sum() > 0.75 * mask.sum()
        if self.pressing and colour in (self.p.dark, mixed_dark(self)):
            self.dent(path, colour)
        elif alpha <= 0.5:
            self.airbrush(path, colour, alpha, on)
        elif colour in (WATER, DEEP):
            self.body(path, colour, 0.92 * alpha, 0.9)
        elif on:
            self.body(path, colour, alpha, 0.12, 0.3, 0.9)
        else:
            self.body(path, colour, alpha)

    def shape(self, path, colour, weight=1.0, shade=True):
        b, plump = path.getBounds(), skia.Path()
        round_off = skia.CornerPathEffect.Make(0.3 * min(b.width(), b.height()))
        skia.Paint(PathEffect=round_off).getFillPath(path, plump)
        self.body(plump, colour)

    def line(self, path, width, colour=None):
        tube = skia.Path()
        _stroke(width).getFillPath(path, tube)
        if self.pressing:
            self.dent(tube, colour or self.p.dark)
        else:
            self.body(tube, colour or self.p.dark, gloss=0.5)

    def limb(self, path, width, colour):
        """A plain tube."""
        tube = skia.Path()
        _stroke(width).getFillPath(path, tube)
        self.body(tube, colour)

    def eye(self, f, kind, s):
        """Glossy beads; eyeballs are half balls of white vinyl under a rolled lid."""
        x, y, r = f.cx + s * f.dx, f.ey, f.er
        if kind == "dot":
            self.bead(oval(x, y, r, r * f.tall))
        elif kind in BALLS:
            self.ball(f, x, y, s, *BALLS[kind])
        elif kind == "teary":
            self.bead(oval(x, y, r * 1.5))
            self.body(oval(x, y + r * 0.75, r * 0.9, r * 0.5), WATER, gloss=0.6)
        elif kind in ("star", "heart"):
            path = star(x, y, r * 2, 5, 0.5) if kind == "star" else heart(x, y, r * 1.75)
            self.body(path, "#ffd94a" if kind == "star" else "#e8384f", gloss=0.8)
        else:
            super().eye(f, kind, s)

    def ball(self, f, x, y, s, size, pupil, px, py, lid):
        r = f.er
        white, iris = oval(x, y, r * size), oval(x + px * r, y + py * r, r * pupil)
        if lid:
            rim = [(x + s * k * r, y + (lid[0] + k * lid[1]) * r) for k in (-1.6, 1.6)]
            keep = poly([*rim, (rim[1][0], y + 3 * r), (rim[0][0], y + 3 * r)])
            white, iris = (skia.Op(part, keep, skia.kIntersect_PathOp) for part in (white, iris))
        self.body(white, "#fbfaf8", gloss=0.2)
        self.bead(iris)
        if lid:
            self.line(line(*rim), f.lw * 1.1)

    def bead(self, path):
        self.body(path, self.p.dark)
        b = path.getBounds()
        r = b.width() / 2
        self._glint(b.centerX() - r * 0.32, b.centerY() - b.height() * 0.21, r * 0.36, 1.0)
        self._glint(b.centerX() + r * 0.36, b.centerY() + b.height() * 0.20, r * 0.2, 0.5)

    def _glint(self, x, y, r, alpha):
        where, mask = self._mask(oval(x, y, r))
        self._lay(where, mask * alpha, 1.0)

    def mouth(self, f, kind, snout):
        self.pressing = True
        super().mouth(f, kind, snout)
        self.pressing = False

    def cheeks(self, f, strong):
        """Rouge."""
        r = f.er * (1.9 if strong else 1.5)
        for s in (-1, 1):
            self.airbrush(oval(f.cx + s * f.dx * 1.5, f.ey + f.er * 2.1, r * 1.1, r * 0.75), "#f2606f", 0.75 if strong else 0.45)

    def ground(self, g, script):
        """Remembered: the shadow is laid when the figure's transform is known."""
        self.floor = (g.cx, g.floor, g.brx * 1.25)

    def caption(self, words, script):
        """Puffed letters, hopping a little, on a soft pad."""
        size = min(50, 290 / max(len(words), 1))
        letters, x = [], 0.0
        for k, (path, advance) in enumerate(glyphs(words, size)):
            b = path.getBounds()
            letters.append(moved(path, x, (-1) ** k * size * 0.05, (-1) ** k * 5, about=(b.centerX(), b.centerY())))
            x += advance + size * 0.06
        whole, pad = skia.Path(), skia.Path()
        for path in letters:
            whole.addPath(path)
        b = whole.getBounds()
        dx, dy = 180 - b.centerX(), 319 - b.centerY()
        _stroke(size * 0.36, skia.Paint.kStrokeAndFill_Style).getFillPath(whole, pad)
        self.body(moved(skia.Simplify(pad), dx, dy), self.p.light, relief=0.6)
        for path in letters:
            self.body(moved(path, dx, dy), self.p.accent)

    def finish(self, image):
        straight = self.paint / np.maximum(self.alpha, 1e-4)[..., None]
        return Image.fromarray((np.dstack([straight, self.alpha]).clip(0, 1) * 255).round().astype(np.uint8), "RGBA")
