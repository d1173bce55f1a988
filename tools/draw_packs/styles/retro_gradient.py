"""Retro gradient: an airbrushed poster of the eighties. Every shape runs smoothly from light to accent and carries a hard streak
of light, thin neon rims stand in for outlines, behind are a striped sun and a grid, a long shadow falls aside, letters are chrome,
and the whole is finely screened like a print. Slim figures with slanting, made-up eyes."""

import numpy as np
import skia
from PIL import Image

from ..common import SIZE, arch, box, curve, heart, line, mix, moved, new_surface, oval, paint, poly, rgb, spiral, star, text_path, to_pil
from ..pens import Pen

COLOURS = 34
PANEL = box(180, 180, 174, 174, 34)
HORIZON = 262


def ramp(stops, start, end, places=None):
    """A paint running through the colours from one point to the other."""
    p = skia.Paint(AntiAlias=True)
    p.setShader(skia.GradientShader.MakeLinear([start, end], [skia.Color(*rgb(c)) for c in stops], places))
    return p


def screen():
    """A fine screen that keeps the ramps smooth with few colours; loose grain would cost more bytes than the picture."""
    cell = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 15 - 0.5
    return np.tile(12 * cell, (SIZE // 4, SIZE // 4))[..., None]


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 136, "rx": 81, "ry": 69, "bcy": 252, "brx": 40, "bry": 66, "limb": 18, "dx": 33, "er": 9.4, "ey": 138,
        "my": 167, "mw": 30, "lw": 3.6, "tall": 1.0, "gloss": True, "floor": 336,
    }  # fmt: skip
    BLOB = {"cy": 202, "rx": 90, "ry": 98, "bcy": 258, "brx": 86, "bry": 56, "ey": 186, "my": 218, "floor": 314}
    ROOM = (0.98, 0.92)
    PIVOT = 40

    @property
    def neon(self):
        return mix(self.p.letter, "#ffffff", 0.7)

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        p = ramp((mix(colour, "#ffffff", 0.16), mix(colour, self.p.dark, 0.12)), (0, b.top()), (0, b.bottom()))
        p.setAlphaf(alpha)
        self.c.drawPath(path, p)

    def shape(self, path, colour, weight=1.0, shade=True):
        b = path.getBounds()
        deep = mix(colour, self.p.shade, 0.6) if colour == self.p.main else mix(colour, self.p.accent, 0.12)
        stops = (mix(colour, "#ffffff", 0.42), colour, deep, mix(deep, self.p.accent, 0.42))
        lean = b.width() * 0.22
        self.c.drawPath(path, ramp(stops, (b.centerX() - lean, b.top()), (b.centerX() + lean, b.bottom()), [0, 0.34, 0.72, 1]))
        if shade and b.width() > 40:
            self._streak(path, b)
        self._rim(path, 2.8 * (0.6 + 0.4 * weight))

    def _streak(self, path, b):
        """Two slanting bars of light that fade downwards."""
        x, w, h = b.left() + b.width() * 0.2, b.width(), b.height()
        p, white = skia.Paint(AntiAlias=True), [skia.Color(255, 255, 255, a) for a in (150, 0)]
        p.setShader(skia.GradientShader.MakeLinear([(0, b.top()), (0, b.top() + h * 0.62)], white))
        for left, wide in ((x, 0.07 * w), (x + 0.11 * w, 0.025 * w)):
            high, low = left + h * 0.28, left - h * 0.1
            bar = poly([(high, b.top()), (high + wide, b.top()), (low + wide, b.bottom()), (low, b.bottom())])
            self.c.drawPath(skia.Op(bar, path, skia.kIntersect_PathOp), p)

    def _rim(self, path, width):
        self.c.drawPath(path, paint(self.p.dark, 0.5, width + 3.6))
        self.c.drawPath(path, paint(self.neon, 1, width))

    def line(self, path, width, colour=None):
        self.c.drawPath(path, paint(colour or self.p.dark, 1, width * 0.95))

    def limb(self, path, width, colour):
        b = path.getBounds()
        self.c.drawPath(path, paint(self.p.dark, 0.5, width + 5.5))
        self.c.drawPath(path, paint(self.neon, 1, width + 2.2))
        p = ramp((mix(colour, "#ffffff", 0.3), colour, mix(colour, self.p.accent, 0.45)), (0, b.top() - width), (0, b.bottom() + width))
        p.setStyle(skia.Paint.kStroke_Style)
        p.setStrokeWidth(width - 2.2)
        p.setStrokeCap(skia.Paint.kRound_Cap)
        self.c.drawPath(path, p)

    # --- face ---

    def eye(self, f, kind, s):
        x, y, r, w = f.cx + s * f.dx, f.ey, f.er, f.lw
        if kind not in ("heart", "star", "spiral"):
            self._shadow(x, y, r, s)
        if kind in ("happy", "shut"):
            k = -1 if kind == "happy" else 1
            self.line(arch(x, y + (r * 0.4 if k < 0 else 0), r * 2.7, k * r * 1.25), w * 1.25)
            self._wing(x, y + (r * 0.35 if k < 0 else 0), r, s, w)
        elif kind == "squeeze":
            self.line(line((x + s * r * 1.4, y - r * 1.0), (x - s * r * 1.1, y), (x + s * r * 1.4, y + r * 1.0)), w * 1.25)
        elif kind == "flat":
            self.line(line((x - r * 1.3, y), (x + r * 1.3, y)), w * 1.3)
        elif kind == "star":
            self.fill(star(x, y, r * 2.5, 4, 0.45), self.p.dark)
            self.fill(star(x, y, r * 1.7, 4, 0.42), "#ffd94a")
        elif kind == "heart":
            self.shape(heart(x, y, r * 1.7), "#e8384f", weight=0.5, shade=False)
        elif kind == "spiral":
            self.line(spiral(x, y, r * 1.9), w * 0.85)
        else:
            self._almond(f, kind, s, x, y, r)

    def _shadow(self, x, y, r, s):
        """Airbrushed colour on the lid."""
        p = paint(self.p.accent, 0.6)
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 3))
        self.c.drawPath(moved(oval(x + s * r * 0.4, y - r * 0.9, r * 1.8, r * 0.75), 0, 0, -s * 16, about=(x, y)), p)

    def _wing(self, x, y, r, s, w):
        self.line(line((x + s * r * 1.25, y), (x + s * r * 2.0, y - r * 0.7)), w)

    def _almond(self, f, kind, s, x, y, r):
        """Slanting eyes with a heavy upper lid drawn out into a wing."""
        open_, iris, px, py, tilt = {
            "wide": (1.75, 0.42, 0, 0, 0), "tiny": (1.3, 0.32, 0.25 * (1 if int(f.t * 8) % 2 else -1), 0.1, -0.15),
            "look": (1.1, 0.62, -0.85, 0.15, 0.1), "up": (1.15, 0.66, 0.55, -0.5, 0.1), "down": (0.85, 0.66, 0, 0.5, 0.1),
            "side": (0.7, 0.66, -0.9, 0, 0.1), "half": (0.62, 0.72, 0, 0.2, -0.2), "angry": (0.95, 0.55, -s * 0.25, 0.1, 0.75),
            "teary": (1.35, 0.95, 0, 0, -0.3),
        }.get(kind, (1.15, 0.88, 0, 0, 0.2))  # fmt: skip
        w, h = r * 1.6, r * open_
        inner, outer = (x - s * w, y + r * tilt), (x + s * w, y - r * tilt)
        lid = curve([inner, (x - s * w * 0.25, y - h), (x + s * w * 0.5, y - h * 0.9 - r * tilt * 0.5), outer])
        low = [outer, (x + s * w * 0.45, y + h * 0.8), (x - s * w * 0.4, y + h * 0.85), inner]
        ball = skia.Path(lid)
        ball.addPath(curve(low), skia.Path.kExtend_AddPathMode)
        self.c.drawPath(ball, paint("#ffffff"))
        self.c.save()
        self.c.clipPath(ball, True)
        ix, iy, ir = x + px * r, y + py * r, r * iris * 1.15
        self.c.drawPath(oval(ix, iy, ir), ramp((self.p.dark, mix(self.p.dark, self.p.accent, 0.85)), (0, iy - ir * 0.3), (0, iy + ir)))
        self.c.drawPath(oval(ix - ir * 0.3, iy - ir * 0.35, ir * 0.32), paint("#ffffff"))
        if kind == "teary":
            self.c.drawPath(oval(x, y + h * 0.75, w, h * 0.45), paint("#9adcf7", 0.9))
        self.c.restore()
        self.line(curve(low), f.lw * 0.5)
        self.line(lid, f.lw * 1.25)
        self._wing(x + s * (w - r * 1.25), y - r * tilt, r, s, f.lw)

    def cheeks(self, f, strong):
        """A slanting stroke of the airbrush."""
        p = paint("#f2486a", 0.75 if strong else 0.42)
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 3))
        for s in (-1, 1):
            x, y = f.cx + s * f.dx * 1.6, f.ey + f.er * 2.2
            self.c.drawPath(moved(oval(x, y, f.er * 1.9, f.er * 0.62), 0, 0, -s * 28, about=(x, y)), p)

    # --- poster ---

    def caption(self, words, script):
        """A leaning film title in chrome."""
        path = text_path(words, min(54, 480 / (len(words) + 2)), "ExtraBold", tracking=3)
        lean = skia.Matrix().setSkew(-0.24, 0)
        path.transform(lean)
        path = moved(path, -path.getBounds().centerX(), -path.getBounds().centerY())
        path = moved(path, 180, 66 if "lying" in script.fx else 311, turn=-4, sx=min(1.0, 312 / path.getBounds().width()))
        b = path.getBounds()
        self.c.drawPath(path, paint(self.p.dark, 1, 12))
        self.c.drawPath(path, paint(self.p.accent, 1, 7.5))
        self.c.drawPath(path, paint(self.p.dark, 1, 3))
        stops = ("#ffffff", self.p.letter, mix(self.p.letter, "#ffffff", 0.9), mix(self.p.sky, "#ffffff", 0.3), "#ffffff")
        self.c.drawPath(path, ramp(stops, (0, b.top()), (0, b.bottom()), [0, 0.46, 0.52, 0.7, 1]))

    def finish(self, image):
        """The figure's long shadow on the poster, and a screen over all."""
        surface = new_surface()
        with surface as canvas:
            canvas.clipPath(PANEL, True)
            self._poster(canvas)
            self._long_shadow(canvas, image)
            canvas.drawImage(skia.Image.fromarray(np.asarray(image), skia.kRGBA_8888_ColorType), 0, 0)
        return self._screened(to_pil(surface))

    def _poster(self, c):
        p = self.p
        c.drawPaint(ramp((mix(p.sky, p.dark, 0.62), mix(p.sky, p.dark, 0.16), p.ground), (0, 0), (0, HORIZON)))
        sun = oval(180, 158, 128)
        for k in range(6):
            y = 176 + k * 18
            sun = skia.Op(sun, box(180, y, 140, 1.6 + k * 0.9), skia.kDifference_PathOp)
        c.drawPath(sun, ramp((mix(p.second, "#ffffff", 0.35), mix(p.second, p.letter, 0.6), p.accent), (0, 30), (0, 286), [0, 0.5, 1]))
        floor = box(180, (HORIZON + SIZE) / 2, 180, (SIZE - HORIZON) / 2)
        c.drawPath(floor, ramp((p.main, p.shade), (0, HORIZON), (0, SIZE)))
        wire = paint(mix(p.light, p.letter, 0.2), 0.75, 1.6)
        for k in range(-9, 10):
            c.drawPath(line((180 + k * 20, HORIZON), (180 + k * 62, SIZE)), wire)
        for k in range(6):
            y = HORIZON + 98 * (k / 5) ** 1.7
            c.drawPath(line((0, y), (SIZE, y)), wire)

    def _long_shadow(self, c, image):
        flat = np.zeros((SIZE, SIZE, 4), np.uint8)
        flat[..., :3] = rgb(self.p.dark)
        solid, out = np.asarray(image)[..., 3] > 128, np.zeros((SIZE, SIZE), bool)
        for k in range(1, 46):
            out[k:, k:] |= solid[:-k, :-k]
        flat[..., 3] = out * 92
        c.drawImage(skia.Image.fromarray(flat, skia.kRGBA_8888_ColorType), 0, 0)

    def _screened(self, image):
        a = np.asarray(image).astype(float)
        a[..., :3] = np.clip(a[..., :3] + screen(), 0, 255)
        return Image.fromarray(a.astype(np.uint8), "RGBA")
