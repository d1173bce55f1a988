"""Places out of focus behind the photo-like people, in the palette's colours, and the mood of their light."""

import math
from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image, ImageFilter

from ..common import box, mix, oval, paint, poly, rng_of, to_pil
from . import photo_light as pl


@dataclass(frozen=True)
class Mood:
    light: tuple  # where the light comes from: right, down, towards us
    places: tuple
    dim: float = 0.0  # how far the place goes to the palette's dark
    exposure: float = 1.0
    contrast: float = 1.03
    vignette: float = 0.5
    fill: float = 0.62  # light in the shadows


MOODS = {
    "행복": Mood((-0.42, -0.62, 0.95), ("park", "cafe", "living"), 0.0, 1.05, 1.04, 0.35, 0.70),
    "슬픔": Mood((-0.30, -0.85, 0.75), ("rain", "night"), 0.14, 1.0, 0.98, 0.6),
    "분노": Mood((-0.55, -0.35, 0.75), ("office", "street"), 0.14, 1.0, 1.12, 0.75, 0.54),
    "불안": Mood((-0.75, -0.25, 0.70), ("night", "hall"), 0.12, 1.01, 1.02, 0.65, 0.62),
    "당황": Mood((-0.35, -0.55, 0.95), ("office", "cafe", "street"), 0.03, 1.04, 1.04, 0.45, 0.66),
    "중립": Mood((-0.50, -0.55, 0.90), ("living", "cafe", "office"), 0.0, 1.02, 1.02, 0.45, 0.66),
}


def park(c, p, rng):
    sun = rng.uniform(40, 110)
    c.drawPath(oval(sun, 60, 60), paint(p.light, 0.5))
    c.drawPath(oval(sun, 60, 34), paint("#ffffff", 0.8))
    for x in np.arange(-20, 400, 62):
        x += rng.uniform(-14, 14)
        h = rng.uniform(70, 130)
        c.drawPath(box(x, 240, 6, 60), paint(mix(p.shade, p.dark, 0.4)))
        for _ in range(4):
            c.drawPath(oval(x + rng.uniform(-26, 26), 230 - h + rng.uniform(-8, 34), rng.uniform(24, 38)),
                       paint(mix(p.main, p.shade, rng.uniform(0, 1))))  # fmt: skip
    c.drawPath(box(180, 322, 200, 60), paint(mix(p.ground, p.main, 0.4)))
    c.drawPath(poly([(140, 262), (220, 262), (330, 380), (30, 380)]), paint(p.light, 0.55))


def cafe(c, p, rng):
    c.drawPath(box(180, 180, 200, 200), paint(mix(p.sky, p.shade, 0.35)))
    for y in (96, 168):
        c.drawPath(box(180, y, 170, 5), paint(mix(p.dark, p.shade, 0.5)))
        for x in range(24, 340, 26):
            colour = (p.light, p.accent, p.second, p.main, p.ground)[rng.integers(5)]
            c.drawPath(box(x, y - 18, 8, rng.uniform(9, 16), 3), paint(colour, 0.9))
    for k in range(3):
        x = 50 + 130 * k + rng.uniform(-12, 12)
        c.drawLine(x, 0, x, 34, paint(p.dark, 0.7, 3))
        c.drawPath(oval(x, 44, 52), paint("#fff1cf", 0.30))
        c.drawPath(oval(x, 44, 17), paint("#fff6de", 1))
    c.drawPath(box(180, 300, 200, 60), paint(mix(p.shade, p.dark, 0.25)))
    c.drawPath(box(180, 244, 200, 7), paint(p.ground))


def living(c, p, rng):
    c.drawPath(box(180, 130, 200, 150), paint(mix(p.sky, p.ground, 0.5)))
    x = rng.uniform(60, 110)
    c.drawPath(box(x, 110, 62, 88), paint(p.light))
    c.drawPath(box(x, 110, 54, 80), paint(mix(p.light, "#ffffff", 0.6)))
    c.drawLine(x, 20, x, 200, paint(p.ground, 1, 7))
    c.drawLine(x - 60, 104, x + 60, 104, paint(p.ground, 1, 7))
    for s in (-1, 1):
        c.drawPath(poly([(x + s * 46, 10), (x + s * 86, 10), (x + s * 92, 226), (x + s * 62, 226)]), paint(p.main))
    c.drawPath(box(300, 84, 36, 28), paint(p.shade))
    c.drawPath(box(300, 84, 30, 22), paint(mix(p.second, p.light, 0.3)))
    c.drawPath(poly([(276, 140), (324, 140), (338, 186), (262, 186)]), paint("#fff0c9"))
    c.drawPath(oval(300, 166, 62), paint("#fff0c9", 0.35))
    c.drawLine(300, 186, 300, 260, paint(p.dark, 0.8, 6))
    c.drawPath(box(180, 320, 190, 70, 24), paint(mix(p.shade, p.main, 0.3)))


def office(c, p, rng):
    c.drawPath(box(180, 180, 200, 200), paint(mix(p.sky, p.ground, 0.3)))
    x = rng.uniform(80, 130)
    for y in range(18, 190, 16):
        c.drawPath(box(x, y, 78, 5), paint(p.light))
    for y in (70, 130, 190):
        c.drawPath(box(290, y, 62, 4), paint(mix(p.dark, p.shade, 0.4)))
        for k in range(8):
            colour = (p.accent, p.second, p.light, p.main, p.shade)[rng.integers(5)]
            c.drawPath(box(236 + 15 * k, y - 24, 6, rng.uniform(16, 22)), paint(colour))
    c.drawPath(box(60, 236, 52, 34, 4), paint(mix(p.dark, p.shade, 0.2)))
    c.drawPath(box(60, 234, 46, 28), paint(mix(p.light, p.sky, 0.4)))
    c.drawPath(box(180, 330, 200, 62), paint(mix(p.shade, p.ground, 0.25)))


def street(c, p, rng):
    for x in range(0, 400, 56):
        h, w = rng.uniform(110, 230), rng.uniform(24, 32)
        c.drawPath(box(x, 260 - h / 2, w, h / 2), paint(mix(mix(p.shade, p.main, rng.uniform(0, 0.7)), p.dark, 0.15)))
        for y in np.arange(270 - h, 240, 24):
            for k in (-1, 1):
                c.drawPath(box(x + k * 11, y, 5, 7), paint(p.light if rng.uniform() < 0.6 else p.shade, 0.8))
        c.drawPath(box(x, 236, w, 12), paint((p.accent, p.second, p.main)[rng.integers(3)], 0.9))
    c.drawPath(box(180, 320, 200, 66), paint(mix(p.shade, p.dark, 0.35)))
    for k in range(6):
        c.drawPath(oval(rng.uniform(0, 360), rng.uniform(236, 262), 8), paint((p.letter, "#fff3d0")[k % 2], 0.95))


def rain(c, p, rng):
    c.drawPath(box(180, 180, 200, 200), paint(mix(p.sky, p.shade, 0.6)))
    for _k in range(22):
        colour = (p.letter, p.light, p.accent, "#fff0cc", p.second)[rng.integers(5)]
        c.drawPath(oval(rng.uniform(0, 360), rng.uniform(120, 290), rng.uniform(7, 17)), paint(colour, 0.5))
    for x in (10, 180, 350):
        c.drawPath(box(x, 150, 7, 170), paint(mix(p.shade, p.dark, 0.45)))
    c.drawPath(box(180, 318, 200, 34), paint(mix(p.shade, p.dark, 0.3)))


def night(c, p, rng):
    c.drawPath(box(180, 180, 200, 200), paint(mix(p.shade, p.dark, 0.25)))
    x = rng.uniform(70, 100)
    c.drawPath(box(x, 110, 64, 84), paint(p.ground, 0.9))
    c.drawPath(box(x, 110, 57, 77), paint(mix(p.sky, p.dark, 0.35)))
    c.drawPath(oval(x - 18, 76, 20), paint("#fff6dc"))
    c.drawLine(x, 30, x, 190, paint(p.ground, 0.9, 6))
    c.drawPath(oval(300, 190, 110), paint(p.letter, 0.25))
    c.drawPath(poly([(280, 150), (320, 150), (336, 196), (264, 196)]), paint("#ffe9b8"))
    c.drawPath(box(180, 330, 200, 60, 20), paint(p.shade))


def hall(c, p, rng):
    """A long corridor."""
    mid = 180 + rng.uniform(-50, 50)
    for k in range(6):
        r = 1 - k / 6.5
        c.drawPath(box(mid * (1 - r) + 180 * r, 165, 210 * r, 190 * r), paint(mix(mix(p.sky, p.ground, 0.2), p.dark, 0.10 * k)))
        c.drawPath(box(mid * (1 - r) + 180 * r, 165 - 165 * r, 46 * r, 7 * r), paint("#fdf6e0", 0.95))
    c.drawPath(box(mid, 175, 20, 34), paint(p.light))


PLACES = {f.__name__: f for f in (park, cafe, living, office, street, rain, night, hall)}


def background(shot):
    """A place of the mood, the same room all through a pack, blurred as by a wide lens, with round lights."""
    p, mood = shot.palette, shot.mood
    rng, own = rng_of(shot.pack.pack_id, "place"), rng_of(shot.pack.pack_id, shot.script.key, "place")
    place = "night" if shot.script.key == "night" else mood.places[own.integers(len(mood.places))]
    surface = skia.Surface(180, 180)
    with surface as c:
        c.clear(skia.Color(*(round(x) for x in pl.flat(p.sky))))
        c.scale(0.5, 0.5)
        c.translate(180, 180)
        zoom = shot.unit / 92
        c.scale(zoom * (-1 if own.uniform() < 0.5 else 1), zoom)
        c.translate(-180 + own.uniform(-24, 24) * (zoom > 1), -180)
        PLACES[place](c, p, rng)
    im = to_pil(surface).convert("RGB").filter(ImageFilter.GaussianBlur(3.4))
    a = np.asarray(im.resize((pl.W, pl.W), Image.Resampling.BICUBIC)).astype(np.float32)
    shot.a = a + (pl.flat(p.dark) - a) * mood.dim
    shot.paint(lambda c: (bokeh(shot, c, own), drops(shot, c, own) if place == "rain" else None), frame=True)


def drops(shot, c, rng):
    """Rain on the window pane."""
    for _k in range(70):
        x, y, r = rng.uniform(0, 360), rng.uniform(0, 330), rng.uniform(1.2, 3.6)
        c.drawPath(oval(x, y, r, r * 1.3), paint(mix(shot.palette.shade, shot.palette.dark, 0.5), 0.5))
        c.drawPath(oval(x, y + r * 0.4, r * 0.7, r * 0.8), paint(shot.palette.light, 0.75))
    for _k in range(9):
        x, y, h = rng.uniform(0, 360), rng.uniform(0, 200), rng.uniform(24, 70)
        c.drawLine(x, y, x - 2, y + h, paint(shot.palette.light, 0.35, 2.4))


def bokeh(shot, c, rng):
    p = shot.palette
    for _k in range(7):
        x, y, r = rng.uniform(0, 360), rng.uniform(0, 200), rng.uniform(8, 20)
        if math.hypot(x - 180, y - 170) > 120:
            c.drawPath(oval(x, y, r), paint(mix(p.light, "#ffffff", 0.3), 0.20))
            c.drawPath(oval(x, y, r), paint(p.light, 0.22, 1.6))
