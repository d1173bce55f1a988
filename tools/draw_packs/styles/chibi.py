"""Chibi: a head as big as the rest, huge glossy eyes, thin lines in a darker tone of each fill, cel shading in two steps,
a ring of light in the hair, airbrushed blush, bubble letters, and all of it cut out as a sticker with a white rim."""

import math
from dataclasses import replace

import skia
from PIL import Image, ImageFilter

from .. import face
from ..common import SIZE, arch, box, heart, line, mix, moved, oval, paint, poly, rgb, spiral, star, text_path
from ..pens import Pen

LINE = 3.0
RIM = 7  # of white around the sticker


class StylePen(Pen):
    BUILD = {
        "cx": 180, "cy": 160, "rx": 106, "ry": 87, "bcy": 284, "brx": 45, "bry": 50, "limb": 24, "dx": 50, "er": 12.5, "ey": 173,
        "my": 214, "mw": 32, "lw": 3.6, "tall": 1.3, "gloss": True, "floor": 338,
    }  # fmt: skip
    BLOB = {"cy": 204, "rx": 114, "ry": 106, "bcy": 280, "brx": 102, "bry": 44, "ey": 213, "my": 254, "floor": 324}
    ROOM = (0.90, 0.79)
    PIVOT = 86

    def deep(self, colour, t=1.0):
        """The colour of its shadow: the palette's for the coat, a warm one for skin, hair and things."""
        if colour in (self.p.main, self.p.light, self.p.ground):
            return mix(colour, self.p.shade, (0.9 if colour == self.p.main else 0.55) * t)
        return mix(colour, "#{:02x}{:02x}{:02x}".format(*(round(v * k) for v, k in zip(rgb(colour), (0.84, 0.68, 0.72), strict=True))), t)

    def edge(self, colour):
        return mix(self.deep(colour), self.p.dark, 0.55)

    def blend(self, path, stops, alpha=1.0):
        """Filled from the first colour above to the last below."""
        b, p = path.getBounds(), paint("#000000", alpha)
        colours = [skia.Color(*rgb(c)) for c in stops]
        p.setShader(skia.GradientShader.MakeLinear([(0, b.top()), (0, b.bottom())], colours))
        self.c.drawPath(path, p)

    def airbrush(self, path, colour, alpha, soft):
        p = paint(colour, alpha)
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, soft))
        self.c.drawPath(path, p)

    # --- figure ---

    def shape(self, path, colour, weight=1.0, shade=True):
        self.fill(path, colour)
        b = path.getBounds()
        if shade and b.width() > 26:
            for step, tone in ((0.13, 0.5), (0.055, 1.0)):
                lit = moved(path, -b.width() * step * 0.55, -b.height() * step)
                self.fill(skia.Op(path, lit, skia.kDifference_PathOp), self.deep(colour, tone))
        if b.width() > 110 and b.height() > b.width() * (0.6 if shade else 0.3):  # a head or hair
            self._shine(path, b, colour)
        self.c.drawPath(path, paint(self.edge(colour), 1, LINE * (0.7 + 0.3 * weight)))

    def _shine(self, path, b, colour):
        """A ragged band of light around the crown."""
        x, y, rx, ry = b.centerX(), b.centerY(), b.width() / 2, b.height() / 2
        outer, inner = [], []
        for k in range(15):
            a = math.radians(206 + 5.6 * k)
            thick = 0.16 * math.sin(math.pi * k / 14) * (1.0 if k % 2 else 0.45)
            for points, r in ((outer, 0.86), (inner, 0.86 - thick)):
                points.append((x + rx * r * math.cos(a), y + ry * r * math.sin(a)))
        band = skia.Op(poly(outer + inner[::-1]), path, skia.kIntersect_PathOp)
        self.fill(band, mix(colour, "#ffffff", 0.62), 0.9)

    def line(self, path, width, colour=None):
        self.c.drawPath(path, paint(colour or self.p.dark, 1, width))

    def limb(self, path, width, colour):
        for dx, w, tone in ((0, width + 2 * LINE, self.edge(colour)), (0, width, self.deep(colour, 0.6)), (-1.6, width - 4, colour)):
            self.c.drawPath(moved(path, dx, dx), paint(tone, 1, w))

    # --- face ---

    def eye(self, f, kind, s):
        x, y, w, h = f.cx + s * f.dx, f.ey, f.er * 1.75, f.er * 2.2
        thick = f.lw * 1.7
        if kind in ("happy", "shut"):
            self._closed(x, y, w, s, thick, kind == "happy")
        elif kind == "squeeze":
            self.line(line((x + s * w, y - w * 0.75), (x - s * w * 0.8, y), (x + s * w, y + w * 0.75)), thick)
        elif kind == "flat":
            self.line(line((x - w * 0.85, y), (x + w * 0.85, y)), thick)
        elif kind == "heart":
            self._heart(x, y, w * 1.3)
        elif kind == "spiral":
            self._ball(x, y, w, h)
            self.line(spiral(x, y, w * 0.86), f.lw * 1.05)
        elif kind in ("wide", "tiny"):
            self._ball(x, y, w * 1.08, h * 1.08)
            shake = 2 * (1 if int(f.t * 8) % 2 else -1) if kind == "tiny" else 0
            self._iris(x + shake, y, w * (0.36 if kind == "tiny" else 0.46), h * (0.32 if kind == "tiny" else 0.44))
        elif kind in ("look", "up", "side", "down"):
            px, py = {"look": (-0.42, 0.16), "up": (0.3, -0.36), "side": (-0.46, 0.06), "down": (0, 0.42)}[kind]
            self._open(x, y, w, h, s, px, py, lid=0.42 if kind in ("side", "down") else 0)
        elif kind == "angry":
            self._open(x, y, w, h, s, -s * 0.12, 0.12, lid=0.36, slant=0.42)
        elif kind == "half":
            self._open(x, y, w, h, s, 0, 0.3, lid=0.62, slant=-0.14)
        else:
            self._open(x, y, w, h, s, 0, 0, big=True, kind=kind)

    def _closed(self, x, y, w, s, thick, up):
        """An arc with a lash at its outer end, two where it hangs."""
        bend, y = (-0.85, y + w * 0.35) if up else (0.7, y)
        self.line(arch(x, y, w * 1.9, w * bend), thick)
        for k in (0.0,) if up else (0.0, 0.28):
            x0, y0 = x + s * w * (0.92 - k), y if up else y + w * bend * (0.25 + 0.5 * k)
            self.line(line((x0, y0), (x0 + s * w * 0.3, y0 + (-0.02 if up else 0.24) * w)), thick * 0.75)

    def _ball(self, x, y, w, h):
        self.fill(oval(x, y, w + 2.6, h + 2.6), self.p.dark)
        self.fill(oval(x, y, w, h), "#ffffff")
        self.fill(skia.Op(oval(x, y, w, h), oval(x, y + h * 0.22, w, h), skia.kDifference_PathOp), mix("#ffffff", self.p.shade, 0.3))

    def _iris(self, x, y, w, h):
        self.fill(oval(x, y, w, h), self.p.dark)
        self.blend(oval(x, y + h * 0.08, w * 0.84, h * 0.84), (self.p.dark, self.p.accent))
        self.fill(oval(x - w * 0.3, y - h * 0.35, w * 0.3), "#ffffff")

    def _open(self, x, y, w, h, s, px, py, lid=0.0, slant=0.0, big=False, kind="dot"):
        """A whole anime eye; lid hides that share of its upper part."""
        whole = oval(x, y, w, h)
        edge = y - h + 2 * h * lid * 0.6
        wide = s * w * 1.3
        cut = poly([(x - wide, edge + h * slant), (x + wide, edge - h * slant), (x + wide, y + 2 * h), (x - wide, y + 2 * h)])
        seen = skia.Op(whole, cut, skia.kIntersect_PathOp) if lid else whole
        self.fill(seen, "#ffffff")
        self.c.save()
        self.c.clipPath(seen, True)
        self._gloss(x + px * w, y + py * h, w * (0.9 if big else 0.66), h * (0.94 if big else 0.7), kind)
        self.c.restore()
        self.c.drawPath(seen, paint(mix(self.p.dark, self.p.shade, 0.3), 1, 2))
        self._lash(x, y, w, h, s, cut if lid else None)

    def _gloss(self, x, y, w, h, kind):
        """Iris from dark to bright, a pupil, a big light above, a small one below."""
        bright = mix(self.p.accent, "#ffffff", 0.55)
        self.blend(oval(x, y, w, h), (self.p.dark, self.p.dark, self.p.accent, bright))
        if kind == "star":
            self.fill(star(x, y + h * 0.06, w * 1.1, 5, 0.48), self.p.dark)
            self.fill(star(x, y + h * 0.06, w * 0.86, 5, 0.48), "#ffd94a")
        else:
            self.fill(oval(x, y - h * 0.02, w * 0.46, h * 0.46), self.p.dark)
        if kind == "teary":
            self.fill(oval(x, y + h * 0.86, w * 1.1, h * 0.42), "#bfe8fb")
            self.fill(oval(x + w * 0.1, y + h * 0.2, w * 0.2), "#ffffff")
        light = (x - w * 0.36, y - h * 0.42)
        self.fill(moved(oval(*light, w * 0.34, h * 0.3), turn=-20, about=light), "#ffffff")
        self.fill(oval(x + w * 0.42, y + h * 0.42, w * 0.2, h * 0.17), "#ffffff")

    def _lash(self, x, y, w, h, s, cut):
        """The heavy upper lid: around the eye with a pointed corner, or along the cut."""
        if cut is not None:
            a, b = cut.getPoint(0), cut.getPoint(1)
            drop = b.y() - a.y()
            self.line(line((a.x() + s * w * 0.3, a.y() + drop * 0.12), (b.x() - s * w * 0.2, b.y() - drop * 0.08)), 6)
            return
        lash = skia.Op(oval(x, y - 1, w + 3.4, h + 3.4), oval(x - s * 1.5, y + 6, w + 1.4, h + 1.8), skia.kDifference_PathOp)
        self.fill(skia.Op(lash, box(x, y - h * 0.75, w * 2, h), skia.kIntersect_PathOp), self.p.dark)
        self.fill(poly([(x + s * w * 0.78, y - h * 0.72), (x + s * w * 1.28, y - h * 0.55), (x + s * w * 1.02, y - h * 0.16)]), self.p.dark)

    def _heart(self, x, y, size):
        path = heart(x, y + 2, size)
        self.blend(path, ("#e8384f", "#e8384f", "#ff8fa3"))
        self.c.drawPath(path, paint(mix("#e8384f", self.p.dark, 0.55), 1, LINE))
        light = (x - size * 0.5, y - size * 0.42)
        self.fill(moved(oval(*light, size * 0.28, size * 0.2), turn=-35, about=light), "#ffffff")
        self.fill(oval(x + size * 0.5, y - size * 0.1, size * 0.12), "#ffffff")

    def brows(self, f, kind, eyes):
        """Higher and shorter than plain ones: the eyes are large."""
        face.brows(self, replace(f, ey=f.ey - f.er * (0.15 if kind == "angry" else 0.75), lw=f.lw * 1.15), kind, eyes)

    def cheeks(self, f, strong):
        for s in (-1, 1):
            x, y, r = f.cx + s * f.dx * 1.5, f.ey + f.er * 2.75, f.er * (1.5 if strong else 1.2)
            self.airbrush(oval(x, y, r * 1.25, r * 0.7), "#f2606f", 0.75 if strong else 0.5, 4.5)
            for k in (-1, 0, 1) if strong else ():
                self.line(line((x + k * r * 0.55 + 2, y - 4), (x + k * r * 0.55 - 2, y + 4)), 2.2, "#e0495c")

    # --- sticker ---

    def caption(self, words, script):
        """Bubbles of letters: swollen, dark rimmed, lighter above."""
        path = text_path(words, min(50, 400 / (len(words) + 2)), "ExtraBold", jitter=self.rng, tracking=6)
        b = path.getBounds()
        fit = min(1.0, 318 / b.width())
        path = moved(path, 180, 337 - b.bottom() * fit, sx=fit)
        self.c.drawPath(path, paint(self.edge(self.p.accent), 1, 11))
        for colour, bottom in ((self.p.letter, SIZE), (mix(self.p.letter, "#ffffff", 0.5), path.getBounds().centerY())):
            self.c.save()
            self.c.clipRect(skia.Rect.MakeLTRB(0, 0, SIZE, bottom))
            self.c.drawPath(path, paint(colour, 1, 2))
            self.fill(path, colour)
            self.c.restore()

    def finish(self, image):
        """The white rim and its soft shadow."""
        blur = image.getchannel("A").filter(ImageFilter.GaussianBlur(RIM * 0.8))
        wide = blur.point(lambda v: min(255, max(0, (v - 10) * 12)))
        low = wide.transform(wide.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, -3)).filter(ImageFilter.GaussianBlur(3))
        out = Image.new("RGBA", wide.size, (*rgb(self.p.dark), 0))
        out.putalpha(low.point(lambda v: round(v * 0.4)))
        white = Image.new("RGBA", wide.size, "#ffffff")
        white.putalpha(wide)
        return Image.alpha_composite(Image.alpha_composite(out, white), image)
