"""Art styles drawn by chance: outline, fill, shading, texture, proportion and finish of a draw_packs pen, all from one seed.

None of them imitates a style that is held out: no pixels, no washes of water, no ink brush, no neon horizon.
"""

import math

import numpy as np
import skia
from draw_packs import figure
from draw_packs.catalogue import PALETTES, Pack
from draw_packs.characters import CHARACTERS
from draw_packs.common import SIZE, box, mix, moved, oval, paint, rng_of, text_path
from draw_packs.pens import Pen
from draw_packs.scripts import SCRIPTS, TONES
from draw_packs.strokes import contours, drifted, grain, grained, ribbon, rows, through, waver
from PIL import Image, ImageFilter

OUTLINES = ("none", "dark", "dark", "deep", "deep", "white", "double", "uneven")
FILLS = ("flat", "flat", "pale", "paper", "vertical", "radial", "hatch", "dots", "grain", "stripes")
SHADES = ("none", "none", "block", "two", "soft", "hatched", "dotted", "top")
GROUNDS = ("none", "none", "none", "circle", "card", "square", "blob", "rays")
FINISHES = ("none", "none", "none", "rim", "shadow", "soft", "grain", "dark rim", "glow")
CAPTIONS = ("none", "plain", "rimmed", "pill", "card", "hollow")


def traits_of(seed: int) -> dict:
    """What a style is: every choice and number, from its seed."""
    rng = rng_of("pen", str(seed))

    def pick(choices):
        return str(choices[rng.integers(len(choices))])

    head, body = rng.uniform(72, 122), rng.uniform(36, 74)
    flat = rng.uniform(0.74, 0.95)
    cy = 100 + head * flat * rng.uniform(0.55, 0.75)
    floor = rng.uniform(322, 340)
    top = cy + head * flat * 0.8
    bry = max((floor - top) / 2, 30)
    er = rng.uniform(7, 14)
    build = {"cx": 180, "cy": cy, "rx": head, "ry": head * flat, "bcy": floor - bry - 4, "brx": body, "bry": bry,
             "limb": rng.uniform(20, 34), "dx": head * rng.uniform(0.36, 0.48), "er": er, "ey": cy + head * rng.uniform(-0.05, 0.12),
             "my": cy + head * rng.uniform(0.3, 0.42),
             "mw": head * rng.uniform(0.3, 0.5), "lw": rng.uniform(2.5, 8), "tall": rng.uniform(0.95, 1.6),
             "gloss": bool(rng.random() < 0.5), "floor": floor}
    blob = {"cy": 198, "rx": head * 0.4 + 66, "ry": head * 0.4 + 60, "bcy": 256, "brx": 98, "bry": 50, "ey": 186, "my": 186 + head * 0.32,
            "floor": 318}
    return {"seed": seed, "BUILD": build, "BLOB": blob, "outline": pick(OUTLINES), "ink": float(rng.choice([1.2, 2, 3, 4.5, 6, 8, 11])),
            "wobble": float(rng.choice([0, 0, 0, 0.8, 1.6, 2.6])), "fills": pick(FILLS), "shades": pick(SHADES), "grounds": pick(GROUNDS),
            "finishes": pick(FINISHES), "captions": pick(CAPTIONS), "angle": float(rng.uniform(-70, 70)),
            "gap": float(rng.uniform(4.5, 11)),
            "deepness": float(rng.uniform(0.25, 0.8)), "faded": float(rng.choice([0, 0, 0.2, 0.45])),
            "gray": float(rng.choice([0, 0, 0, 0, 0.6, 1])),
            "weight": pick(("Bold", "ExtraBold")), "letters": float(rng.uniform(30, 52)), "below": bool(rng.random() < 0.5)}


class ChancePen(Pen):
    """A pen whose traits are class attributes, see pen_of."""

    ROOM, PIVOT = (0.97, 0.82), 36

    # --- colour and texture ---

    def tone(self, colour):
        """The style's way with colours: faded, drained, or as they are."""
        colour = mix(colour, "#ffffff", self.faded if colour not in ("#ffffff", self.p.dark) else 0)
        return mix(colour, _gray(colour), self.gray) if self.gray else colour

    def deep(self, colour):
        return mix(self.tone(colour), self.p.dark, self.deepness)

    def gradient(self, path, colours, radial=False):
        b, p = path.getBounds(), paint("#000000")
        stops = [paint(c).getColor() for c in colours]
        if radial:
            place = skia.Point(b.centerX() - b.width() * 0.2, b.centerY() - b.height() * 0.25)
            p.setShader(skia.GradientShader.MakeRadial(place, max(b.width(), b.height()) * 0.75, stops))
        else:
            p.setShader(skia.GradientShader.MakeLinear([(0, b.top()), (0, b.bottom())], stops))
        self.c.drawPath(path, p)

    def hatch(self, path, colour, width):
        for a, b in rows(path, self.gap, self.angle, self.rng):
            self.c.drawLine(*a, *b, paint(colour, 1, width))

    def dots(self, path, colour, size):
        self.c.save()
        self.c.clipPath(path, True)
        b, g = path.getBounds(), self.gap
        for j, y in enumerate(np.arange(b.top(), b.bottom() + g, g)):
            for x in np.arange(b.left() + (j % 2) * g / 2, b.right() + g, g):
                self.c.drawCircle(float(x), float(y), size, paint(colour))
        self.c.restore()

    def coat(self, path, colour):
        colour = self.tone(colour)
        b = path.getBounds()
        kind = self.fills if min(b.width(), b.height()) > 22 else {"paper": "paper", "pale": "pale"}.get(self.fills, "flat")
        pale, lit, low = mix(colour, "#ffffff", 0.6), mix(colour, "#ffffff", 0.45), mix(colour, self.p.dark, 0.3)
        if kind == "vertical":
            return self.gradient(path, (lit, colour, low))
        if kind == "radial":
            return self.gradient(path, (mix(colour, "#ffffff", 0.75), colour, low), True)
        base = {"pale": pale, "paper": "#ffffff", "hatch": pale, "grain": pale, "stripes": pale}.get(kind, colour)
        self.c.drawPath(path, paint(base))
        if kind == "hatch":
            self.hatch(path, colour, self.gap * 0.4)
        elif kind == "stripes":
            self.hatch(path, colour, self.gap * 0.6)
        elif kind == "dots":
            self.dots(path, low, self.gap * 0.2)
        elif kind == "grain":
            self.c.drawPath(path, grained(grain("chance", 1.5 + self.gap * 0.25, 0.75), colour))
        return None

    def shadow(self, path, colour):
        b = path.getBounds()
        dx, dy = b.width() * 0.1 * math.copysign(1, self.angle), b.height() * 0.1
        rest = skia.Op(path, moved(path, -dx, -dy), skia.kDifference_PathOp)
        if self.shades == "block":
            self.c.drawPath(rest, paint(mix(self.tone(colour), self.p.shade, 0.7)))
        elif self.shades == "two":
            for k, t in ((1, 0.25), (0.45, 0.5)):
                part = skia.Op(path, moved(path, -dx * k * 1.3, -dy * k * 1.3), skia.kDifference_PathOp)
                self.c.drawPath(part, paint(mix(self.tone(colour), self.p.dark, t)))
        elif self.shades == "hatched":
            self.hatch(skia.Op(path, moved(path, -dx * 2.2, -dy), skia.kDifference_PathOp), self.deep(colour), max(self.gap * 0.22, 1.2))
        elif self.shades == "dotted":
            self.dots(skia.Op(path, moved(path, -dx * 2.2, -dy * 2), skia.kDifference_PathOp), self.deep(colour), self.gap * 0.28)
        else:
            self.c.save()
            self.c.clipPath(path, True)
            p = paint("#ffffff" if self.shades == "top" else self.p.dark, 0.45)
            p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 7))
            above = moved(path, 0, -b.height() * 0.62, sx=0.8, about=(b.centerX(), b.centerY()))
            self.c.drawPath(above if self.shades == "top" else rest, p)
            self.c.restore()

    def contour(self, path, colour, width):
        if self.wobble or self.outline in ("double", "uneven"):
            for points, closed in contours(path, 5):
                for _ in range(2 if self.outline == "double" else 1):
                    course = drifted(points, self.rng, min(self.wobble, 0.12 * len(points)) + 0.1, 32, closed)
                    if self.outline == "uneven":
                        self.c.drawPath(ribbon(course, width * waver(len(course), self.rng, 0.6, 9)), paint(colour))
                    else:
                        self.c.drawPath(through(course, closed), paint(colour, 1, width))
        else:
            self.c.drawPath(path, paint(colour, 1, width))

    # --- what figure.draw calls ---

    def fill(self, path, colour, alpha=1.0):
        b = path.getBounds()
        if self.fills == "paper" and alpha < 1:
            return self.hatch(path, self.deep(colour), 1.2)
        if self.fills in ("hatch", "stripes", "grain", "radial") and min(b.width(), b.height()) > 40 and alpha == 1:
            return self.coat(path, colour)
        self.c.drawPath(path, paint(self.tone(colour), alpha))
        return None

    def shape(self, path, colour, weight=1.0, shade=True):
        self.coat(path, colour)
        b = path.getBounds()
        if shade and self.shades != "none" and min(b.width(), b.height()) > 26:
            self.shadow(path, colour)
        if self.outline != "none":
            self.contour(path, self.edge(colour), self.ink * (0.6 + 0.4 * weight))

    def edge(self, colour):
        return {"white": "#ffffff", "deep": self.deep(colour)}.get(self.outline, self.p.dark)

    def line(self, path, width, colour=None):
        self.contour(path, self.tone(colour or self.p.dark), width)

    def limb(self, path, width, colour):
        if self.outline != "none":
            self.c.drawPath(path, paint(self.edge(colour), 1, width + self.ink * 1.7))
        else:
            self.c.drawPath(moved(path, 2, 3), paint(mix(self.tone(colour), self.p.dark, 0.25), 1, width))
        self.c.drawPath(path, paint("#ffffff" if self.fills == "paper" else self.tone(colour), 1, width))

    def ground(self, g, script):
        colour = self.tone(self.p.ground)
        if self.grounds == "square":
            self.c.drawRect(skia.Rect.MakeWH(SIZE, SIZE), paint(colour))
        elif self.grounds == "card":
            self.coat(box(180, 180, 172, 172, 34), self.p.sky)
        elif self.grounds == "circle":
            self.c.drawPath(oval(180, 184, 160), paint(colour))
        elif self.grounds == "blob":
            self.c.drawPath(oval(180, 316, 150, 30), paint(colour))
        elif self.grounds == "rays":
            for k in range(24):
                a = math.pi * k / 12
                self.c.drawLine(180 + 120 * math.cos(a), 180 + 120 * math.sin(a), 180 + 172 * math.cos(a), 180 + 172 * math.sin(a),
                                paint(self.tone(self.p.accent), 0.7, self.ink))

    def caption(self, words, script):
        if self.captions == "none":
            return
        size, jitter = min(self.letters, 290 / max(len(words), 1)), self.rng if self.wobble else None
        path = text_path(words, size, self.weight, jitter=jitter, tracking=2)
        path = moved(path, 180, 330 if self.below else 38)
        b, colour = path.getBounds(), self.tone(self.p.accent)
        if self.captions in ("pill", "card"):
            back = box(b.centerX(), b.centerY(), b.width() / 2 + 14, b.height() / 2 + 9, 20 if self.captions == "pill" else 3)
            self.c.drawPath(back, paint(colour))
            colour = "#ffffff"
        elif self.captions == "rimmed":
            self.c.drawPath(path, paint(self.p.dark, 1, 8))
            colour = self.tone(self.p.letter)
        elif self.captions == "hollow":
            self.c.drawPath(path, paint("#ffffff", 1, 5))
            return self.c.drawPath(path, paint(colour, 1, 1.6))
        return self.c.drawPath(path, paint(colour))

    def finish(self, image):
        if self.finishes in ("rim", "dark rim", "shadow", "glow"):
            alpha = image.getchannel("A")
            wide = alpha.filter(ImageFilter.GaussianBlur(6)).point(lambda v: min(255, max(0, (v - 10) * 12)))
            colour = {"rim": "#ffffff", "dark rim": self.p.dark, "glow": self.p.letter}.get(self.finishes, "#000000")
            back = Image.new("RGBA", image.size, colour)
            if self.finishes == "shadow":
                wide = alpha.transform(alpha.size, Image.Transform.AFFINE, (1, 0, -7, 0, 1, -8)).point(lambda v: round(v * 0.45))
            elif self.finishes == "glow":
                wide = alpha.filter(ImageFilter.GaussianBlur(12))
            back.putalpha(wide)
            return Image.alpha_composite(back, image)
        if self.finishes == "soft":
            return image.filter(ImageFilter.GaussianBlur(2.2))
        if self.finishes == "grain":
            noise = rng_of("finish", str(self.seed)).normal(0, 22, (SIZE, SIZE, 1))
            values = np.asarray(image, float)
            values[..., :3] += noise
            return Image.fromarray(values.clip(0, 255).astype(np.uint8), "RGBA")
        return image


def _gray(colour):
    v = round(sum(k * int(colour[i:i + 2], 16) for k, i in ((0.299, 1), (0.587, 3), (0.114, 5))))
    return f"#{v:02x}{v:02x}{v:02x}"


def pen_of(seed: int) -> type:
    """The style's pen, for figure.draw."""
    return type(f"Chance{seed}", (ChancePen,), traits_of(seed))


def draw_style(seed: int, n_packs: int, n_pictures: int):
    """The packs of a style: yields (pack_id, character, palette, script, PIL RGBA picture 360 x 360). Every pack has another character,
    palette and tone; its scripts cover the emotions evenly."""
    rng, pen = rng_of("packs of", str(seed)), pen_of(seed)
    who, palettes = rng.permutation(sorted(CHARACTERS)), rng.permutation(sorted(PALETTES))
    by_emotion = {}
    for script in SCRIPTS.values():
        by_emotion.setdefault(script.emotion, []).append(script)
    for k in range(n_packs):
        pack = Pack(f"chance-{seed}-{k}", "", "chance", str(who[k]), str(palettes[k]), str(rng.choice(["", *TONES])))
        emotions = [e for _ in range(-(-n_pictures // 6)) for e in rng.permutation(sorted(by_emotion))][:n_pictures]
        taken = set()
        for emotion in emotions:
            left = [s for s in by_emotion[emotion] if s.key not in taken]
            script = left[rng.integers(len(left))]
            taken.add(script.key)
            yield pack.pack_id, pack.character, pack.palette, script, figure.draw(pen, pack, PALETTES[pack.palette], script)
