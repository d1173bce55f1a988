"""Photo-like people: a lit height field for skin and cloth, soft features, a blurred background, a caption."""

import math
from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image

from . import photo_light as pl
from ..common import arch, box, curve, drop, heart, line, mix, moved, oval, paint, poly, quad, rng_of, spiral, star, text_path

UNIT = 92  # pixels of one face unit


@dataclass(frozen=True)
class Person:
    skin: str
    hair: str
    iris: str
    lips: str
    jaw: float  # half width of the jaw
    hairdo: str  # bob, short, perm
    brow: float  # thickness
    glasses: bool = False
    age: float = 0.0
    lashes: float = 1.0
    stubble: float = 0.0


PEOPLE = {
    "jiwoo": Person("#f3c7ad", "#3b2a2b", "#5a3a28", "#d9606a", 0.58, "bob", 0.050, lashes=1.6),
    "boss": Person("#dfae8a", "#23252b", "#3a2a20", "#b87563", 0.66, "short", 0.070, glasses=True, age=0.5, lashes=0.7, stubble=0.5),
    "granny": Person("#e3b594", "#8d8379", "#4a3528", "#c0645f", 0.63, "perm", 0.042, age=1.0, lashes=0.8),
}

# eye: upper lid, lower lid, gaze x, gaze y, iris radius, slant (degrees, inner corner down)
EYES = {
    "dot": (0.085, 0.055, 0, 0, 0.085, 0),
    "teary": (0.085, 0.06, 0, -0.01, 0.09, -8),
    "wide": (0.165, 0.115, 0, 0, 0.07, 0),
    "tiny": (0.135, 0.10, 0.015, 0.01, 0.05, -4),
    "look": (0.10, 0.07, -0.075, 0.02, 0.08, -4),
    "up": (0.10, 0.05, 0.05, -0.055, 0.08, 0),
    "side": (0.05, 0.05, -0.085, 0, 0.08, 8),
    "angry": (0.065, 0.055, 0.0, 0.0, 0.075, 14),
    "flat": (0.030, 0.030, 0, 0.0, 0.08, 0),
    "half": (0.020, 0.055, 0, 0.03, 0.08, -8),
    "star": (0.12, 0.07, 0, 0, 0.10, 0),
    "spiral": (0.13, 0.10, 0, 0, 0.0, 0),
}
CLOSED = {"happy": (-0.11, 0), "squeeze": (-0.04, 12), "shut": (0.075, 0), "heart": (-0.05, 0)}
# mouth: half width, corner (down is +), opening, turn, upper teeth, lower teeth, tongue
MOUTHS = {
    "smile": (0.26, -0.055, 0, 0, 0, 0, 0),
    "laugh": (0.33, -0.10, 0.30, 0, 1, 0, 1),
    "open": (0.28, -0.07, 0.20, 0, 1, 0, 1),
    "wail": (0.27, 0.13, 0.24, 0, 0, 0, 1),
    "frown": (0.20, 0.065, 0, 0, 0, 0, 0),
    "wave": (0.26, 0.04, 0.09, 0, 1, 1, 0),
    "bite": (0.22, 0.02, 0.08, 0, 1, 1, 0),
    "jaw": (0.15, 0, 0.40, 0, 0, 0, 1),
    "o": (0.095, 0, 0.13, 0, 0, 0, 0),
    "roar": (0.30, 0.05, 0.36, 0, 1, 1, 1),
    "teeth": (0.30, 0.03, 0.15, 0, 1, 1, 0),
    "pout": (0.12, 0.035, 0, 0, 0, 0, 0),
    "slant": (0.19, 0.0, 0, -9, 0, 0, 0),
    "crooked": (0.27, -0.05, 0.07, -7, 1, 0, 0),
    "wobble": (0.19, 0.05, 0, 0, 0, 0, 0),
    "flat": (0.19, 0.004, 0, 0, 0, 0, 0),
}


class Shot:
    """One picture in the making: an RGB array and a way to draw on it in face coordinates."""

    def __init__(self, pack, palette, script):
        self.pack, self.palette, self.script = pack, palette, script
        self.who = PEOPLE[pack.look["person"]]
        self.rng = rng_of(pack.pack_id, script.key)
        self.turn = script.tilt + {"hmm": -6, "sulk": -6, "awkward": 4}.get(script.key, 0)
        self.cx, self.cy = 180, 163 + {"gloom": 8, "sorry": 12, "hide": 20}.get(script.key, 0)
        self.u, self.v = pl.grid(self.cx, self.cy, UNIT, self.turn)
        self.m = MOUTHS[script.mouth]
        self.drop = self.m[2] * 0.42  # the jaw falls with the mouth
        self.skin = np.minimum(pl.flat(self.skin_colour()) * 1.05, 255)
        self.a = np.zeros((pl.W, pl.W, 3), np.float32)

    def skin_colour(self):
        colour = mix(self.who.skin, {"strawberry": "#ffd5d8", "mint": "#d5e4da", "honey": "#f7cf8d"}[self.palette.name], 0.16)
        return mix(colour, {"blue": "#7f9be8", "red": "#e2513f", "": colour}[self.script.tint], 0.45 if self.script.tint else 0)

    def paint(self, job, frame=False):
        """Run job(canvas) on a clear layer (face coordinates unless frame) and lay it over."""
        surface = skia.Surface(pl.W, pl.W)
        with surface as canvas:
            canvas.scale(pl.S, pl.S)
            if not frame:
                canvas.translate(self.cx, self.cy)
                canvas.rotate(self.turn)
                canvas.scale(UNIT, UNIT)
            job(canvas)
        layer = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float32)
        self.a = pl.over(self.a, layer[..., :3], layer[..., 3] / 255)

    def mask(self, path, frame=False):
        """A path as a 0..1 mask."""
        keep, self.a = self.a, np.zeros_like(self.a)
        self.paint(lambda c: c.drawPath(path, paint("#ffffff")), frame)
        out, self.a = self.a[..., 0] / 255, keep
        return out


def soft(colour, alpha=1.0, blur=0.02, width=None):
    p = paint(colour, alpha, width)
    if blur:
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return p


# --- behind -------------------------------------------------------------------------------------------------


def background(shot):
    """A room out of focus: two tones and round lights."""
    p, v = shot.palette, np.mgrid[0 : pl.W, 0 : pl.W][0][..., None] / pl.W
    mood = {"슬픔": "#5d6f9a", "분노": "#b13a2e", "불안": "#5a6190"}.get(shot.script.emotion)
    top, low = (mix(c, mood, 0.22) if mood else c for c in (p.sky, p.shade))
    shot.a = pl.flat(mix(top, p.ground, 0.35)) * (1 - v) + pl.flat(low) * v + np.zeros((pl.W, pl.W, 1))
    rng = rng_of(shot.pack.pack_id, "room")

    def job(c):
        for _k in range(4):
            x = rng.uniform(0, 360)
            c.drawPath(
                box(x, rng.uniform(60, 200), rng.uniform(20, 60), rng.uniform(60, 130)),
                soft(mix(p.main, p.light, rng.uniform(0, 1)), 0.45, 16),
            )
        for _k in range(9):
            c.drawPath(oval(rng.uniform(0, 360), rng.uniform(0, 240), rng.uniform(9, 24)), soft(p.light, 0.30, 4))

    shot.paint(job, frame=True)


def body(shot):
    """Shoulders, clothes, neck."""
    u, v = pl.grid(180, 163, UNIT)
    q = np.abs(u / 1.58) ** 2.4 + np.abs((v - 2.42) / 1.32) ** 2.4
    z = 0.55 * np.sqrt(np.clip(1 - q, 0, 1)) + 0.012 * np.sin(u * 9 + 3 * np.sin(v * 3)) * (v > 1.4)
    mask = np.clip((1 - q) * 40, 0, 1)
    cloth = {"short": mix(shot.palette.dark, shot.palette.accent, 0.18), "perm": shot.palette.accent}.get(
        shot.who.hairdo, shot.palette.main
    )
    shot.a = pl.over(shot.a, pl.shade(z, UNIT * pl.S, pl.flat(cloth), 0.3, shadow=(0.5, 0.5, 0.56)), mask)
    shot.paint(lambda c: clothes(shot, c), frame=True)
    q = np.abs(u / 0.335) ** 3 + np.clip(np.abs(v - 0.92) - 0.26, 0, 9) ** 2 * 7
    z = 0.34 * np.sqrt(np.clip(1 - q, 0, 1))
    mask = np.clip((1 - q) * 22, 0, 1)
    colour = pl.shade(z, UNIT * pl.S, shot.skin * 0.93, 0.3)
    under = np.clip(1.25 - v + 0.12, 0, 1)[..., None] * 0.42  # the chin's shadow
    shot.a = pl.over(shot.a, colour * (1 - np.clip(under, 0, 0.42)), mask)
    if shot.who.hairdo == "short":
        shot.paint(lambda c: shirt(shot, c), frame=True)


def clothes(shot, c):
    p = shot.palette
    if shot.who.hairdo == "bob":  # a knitted round neck
        c.drawPath(arch(180, 270, 104, 32), soft(mix(p.main, p.light, 0.4), 1, 1.2, 15))
        for k in range(17):
            x = 180 + (k - 8) * 17
            c.drawLine(x, 318, x + (k - 8) * 0.8, 360, soft(p.shade, 0.35, 1.5, 3))
    elif shot.who.hairdo == "perm":  # a flowered vest
        rng = rng_of("vest")
        for k in range(34):
            x, y = rng.uniform(50, 310), rng.uniform(282, 356)
            for j in range(5):
                a = 6.28 * j / 5
                c.drawPath(oval(x + 4.5 * math.cos(a), y + 4.5 * math.sin(a), 3.6), soft((p.light, p.main, "#ffd94a")[k % 3], 0.85, 0.8))
            c.drawPath(oval(x, y, 2.6), soft(p.second, 0.9, 0.6))


def shirt(shot, c):
    """Collar, tie, lapels."""
    p = shot.palette
    c.drawPath(poly([(134, 272), (180, 312), (226, 272), (214, 360), (146, 360)]), soft("#f2f4f3", 1, 0.8))
    c.drawPath(poly([(171, 308), (189, 308), (198, 360), (162, 360)]), soft(p.main, 1, 0.8))
    c.drawPath(poly([(168, 300), (192, 300), (187, 316), (173, 316)]), soft(p.shade, 1, 0.8))
    for s in (-1, 1):
        c.drawPath(poly([(180 + s * 48, 262), (180 + s * 2, 306), (180 + s * 38, 322)]), soft("#ffffff", 1, 0.8))
        c.drawPath(poly([(180 + s * 48, 266), (180 + s * 26, 360), (180 + s * 90, 360), (180 + s * 76, 282)]), soft(p.dark, 0.75, 2))


def bob_back(shot):
    return curve(
        [
            (-0.2, -1.16),
            (0.25, -1.16),
            (0.78, -0.86),
            (0.98, -0.2),
            (1.0, 0.5),
            (1.04, 1.06),
            (0.6, 1.2),
            (0, 1.0),
            (-0.6, 1.2),
            (-1.04, 1.06),
            (-1.0, 0.5),
            (-0.98, -0.2),
            (-0.78, -0.86),
        ],
        True,
    )


def combed(shot, path, seed, lean=0.15):
    """A shape filled with combed, shining hair."""
    base, rng = pl.flat(shot.who.hair), rng_of(shot.pack.pack_id, seed)
    lines = pl.streaks(shot.u, shot.v, rng, lean)
    shine = np.exp(-(((shot.v + 0.68 + 0.12 * shot.u**2) / 0.13) ** 2)) * (0.55 + 0.45 * lines) * np.clip(1 - np.abs(shot.u + 0.25), 0, 1)
    side = np.clip(1 - 0.28 * shot.u, 0.6, 1.25)
    colour = base * ((1 + 0.22 * lines) * side)[..., None] + shine[..., None] * 95
    mask = shot.mask(path)
    shot.a = pl.over(shot.a, np.clip(colour, 0, 255), mask)


def curls(shot, seed, places):
    """A perm: many small lit balls."""
    rng = rng_of(shot.pack.pack_id, seed)

    def job(c):
        for x, y, r in places:
            x, y = x + rng.uniform(-0.03, 0.03), y + rng.uniform(-0.03, 0.03)
            tone = mix(shot.who.hair, "#3e3531", float(np.clip(0.25 + 0.3 * x + 0.25 * (y + 0.5), 0, 0.65)))
            c.drawPath(oval(x, y, r), soft(mix(tone, "#2c2522", 0.55), 1, 0.01))
            c.drawPath(oval(x - 0.02, y - 0.02, r * 0.8), soft(tone, 1, 0.03))
            c.drawPath(oval(x - r * 0.3, y - r * 0.35, r * 0.33), soft("#efe6da", 0.55, 0.03))
            for k in range(2):
                c.drawPath(
                    moved(arch(x, y, r * (1.2 - 0.5 * k), r * 0.5), 0, 0, rng.uniform(0, 360), about=(x, y)),
                    soft("#3e3531", 0.5, 0.006, 0.016),
                )

    shot.paint(job)


def perm_places(front):
    out = []
    if not front:
        for ring, n in ((0.96, 22), (0.80, 18)):
            for k in range(n):
                a = math.pi * (0.92 + 1.16 * k / (n - 1))
                out.append((ring * math.cos(a), -0.22 + ring * 0.98 * math.sin(a), 0.155))
        return out
    for k in range(11):
        a = math.pi * (1.08 + 0.84 * k / 10)
        out.append((0.70 * math.cos(a), -0.12 + 0.74 * math.sin(a), 0.125))
    return out


def hair_behind(shot):
    if shot.who.hairdo == "bob":
        combed(shot, bob_back(shot), "back", 0.05)
        shot.a *= (1 - 0.25 * shot.mask(bob_back(shot)) * (shot.v > 0.1))[..., None]
    elif shot.who.hairdo == "perm":
        curls(shot, "back", perm_places(False))


def hair_front(shot):
    who = shot.who
    if who.hairdo == "bob":
        fringe = curve(
            [
                (-0.80, -0.10),
                (-0.74, -0.78),
                (-0.25, -1.10),
                (0.30, -1.10),
                (0.74, -0.78),
                (0.80, -0.10),
                (0.70, -0.02),
                (0.60, -0.36),
                (0.34, -0.40),
                (0.10, -0.44),
                (-0.12, -0.36),
                (-0.36, -0.42),
                (-0.58, -0.34),
                (-0.70, -0.02),
            ],
            True,
        )
        locks = [
            curve(
                [
                    (s * 0.60, -0.50),
                    (s * 0.86, -0.30),
                    (s * 0.96, 0.5),
                    (s * 0.98, 1.08),
                    (s * 0.70, 1.10),
                    (s * 0.70, 0.6),
                    (s * 0.66, 0.1),
                ],
                True,
            )
            for s in (-1, 1)
        ]
        shapes = [fringe, *locks]
    elif who.hairdo == "short":
        cap = curve(
            [
                (-0.80, 0.02),
                (-0.84, -0.55),
                (-0.58, -1.02),
                (-0.05, -1.20),
                (0.48, -1.12),
                (0.82, -0.66),
                (0.80, 0.02),
                (0.72, -0.02),
                (0.68, -0.42),
                (0.44, -0.66),
                (0.05, -0.58),
                (-0.28, -0.66),
                (-0.58, -0.52),
                (-0.70, -0.30),
                (-0.73, -0.02),
            ],
            True,
        )
        shapes = [cap]
    else:
        curls(shot, "front", perm_places(True))
        return
    total = np.clip(sum(shot.mask(p) for p in shapes), 0, 1)
    face = np.clip((1 - face_field(shot)) * 30, 0, 1)
    cast = np.roll(pl.blur(total, 4), (7 * pl.S, 3 * pl.S), (0, 1)) * face
    shot.a *= (1 - 0.38 * cast)[..., None]
    for k, path in enumerate(shapes):
        combed(shot, path, f"front{k}", 0.35 if k == 0 else 0.05)


# --- the face -----------------------------------------------------------------------------------------------


def face_field(shot):
    """<= 1 inside the face: skull and jaw run together."""
    u, v, d = shot.u, shot.v, shot.drop
    skull = (u / 0.76) ** 2 + ((v + 0.22) / 0.80) ** 2
    jaw = np.abs(u / shot.who.jaw) ** 2.3 + ((v - 0.34) / (0.68 + d)) ** 2
    return pl.soft_min(skull, jaw, 0.22)


def ears(shot):
    if shot.who.hairdo == "bob":
        return
    for s in (-1, 1):
        q = ((shot.u - s * 0.77) / 0.13) ** 2 + ((shot.v - 0.05) / 0.23) ** 2
        z = 0.12 * np.sqrt(np.clip(1 - q, 0, 1)) - 0.08 * pl.bump(shot.u, shot.v, s * 0.79, 0.05, 0.05, 0.12)
        shot.a = pl.over(shot.a, pl.shade(z, UNIT * pl.S, shot.skin * 0.96), np.clip((1 - q) * 12, 0, 1))


def relief(shot, q):
    """The face's height: dome, nose, sockets, cheeks, lips, folds."""
    u, v, age = shot.u, shot.v, shot.who.age
    b = pl.bump
    z = 0.74 * np.sqrt(np.clip(1 - q, 0, 1))
    ridge = np.clip((v + 0.16) / 0.44, 0, 1)
    z += 0.13 * np.exp(-((u / (0.055 + 0.045 * ridge)) ** 2)) * ridge * np.clip((0.36 - v) / 0.08, 0, 1) ** 0.7
    z += 0.045 * b(u, v, 0, 0.27, 0.08, 0.07) + 0.035 * (b(u, v, -0.11, 0.30, 0.05, 0.05) + b(u, v, 0.11, 0.30, 0.05, 0.05))
    smiling = shot.script.emotion == "행복"
    for s in (-1, 1):
        z -= 0.075 * b(u, v, s * 0.30, -0.03, 0.19, 0.11)
        z += 0.030 * b(u, v, s * 0.30, -0.22, 0.2, 0.06)
        z += (0.085 if smiling else 0.05) * b(u, v, s * 0.40, 0.24, 0.19, 0.15)
        fold = np.exp(-(((u - s * (0.17 + 0.24 * np.clip(v - 0.25, 0, 1))) / 0.028) ** 2)) * b(u, v, s * 0.27, 0.46, 0.2, 0.17)
        z -= (0.012 + 0.022 * age + (0.016 if smiling else 0)) * fold
    mv = 0.53 + shot.drop * 0.3
    z += (
        0.030 * b(u, v, 0, mv, 0.24, 0.10)
        - 0.022 * b(u, v, 0, mv + 0.19 + shot.drop, 0.15, 0.05)
        + 0.045 * b(u, v, 0, 0.86 + shot.drop, 0.18, 0.12)
    )
    if age > 0.3 or shot.script.brows == "raised":
        for k in range(3):
            z -= 0.006 * (age + 0.5) * np.exp(-(((v + 0.40 + 0.09 * k + 0.03 * np.cos(u * 4)) / 0.016) ** 2)) * (np.abs(u) < 0.42)
    if shot.script.brows == "angry":
        for s in (-1, 1):
            z -= 0.03 * b(u, v, s * 0.055, -0.20, 0.018, 0.09)
    return z


def face(shot):
    q = face_field(shot)
    mask = np.clip((1 - q) * 34, 0, 1)
    shot.a *= (1 - 0.30 * np.roll(pl.blur(mask, 7), 9 * pl.S, 0) * (1 - mask))[..., None]
    albedo = np.broadcast_to(shot.skin, shot.a.shape).copy()
    u, v = shot.u, shot.v
    warm = sum(pl.bump(u, v, s * 0.42, 0.25, 0.2, 0.15) for s in (-1, 1)) + 0.8 * pl.bump(u, v, 0, 0.28, 0.1, 0.08)
    albedo = pl.over(albedo, pl.flat("#e0606a"), np.clip(warm * (0.50 if shot.script.blush else 0.16), 0, 0.75))
    if shot.script.tint == "blue":
        albedo = pl.over(albedo, pl.flat("#56689f"), 0.55 * np.clip((-0.12 - v) / 0.5, 0, 1))
    if shot.script.tint == "red":
        albedo = pl.over(albedo, pl.flat("#c62d25"), 0.50 * np.clip((0.35 - v) / 1.0, 0, 1))
    if shot.who.stubble:
        albedo = pl.over(albedo, pl.flat("#6e6a68"), 0.22 * np.clip((v - 0.38) / 0.2, 0, 1) * (1 - 0.6 * pl.bump(u, v, 0, 0.55, 0.3, 0.1)))
    colour = pl.shade(relief(shot, q), UNIT * pl.S, albedo, 0.42, gloss=0.15, power=22)
    shot.a = pl.over(shot.a, colour, mask)


def almond(w, up, lo):
    path = skia.Path()
    path.moveTo(-w, 0.012)
    path.cubicTo(-w * 0.55, -up * 1.45, w * 0.5, -up * 1.45, w, -0.02)
    path.cubicTo(w * 0.55, lo * 1.4, -w * 0.5, lo * 1.4, -w, 0.012)
    path.close()
    return path


def lid_line(w, up):
    path = skia.Path()
    path.moveTo(-w, 0.012)
    path.cubicTo(-w * 0.55, -up * 1.45, w * 0.5, -up * 1.45, w, -0.02)
    return path


def open_eye(c, shot, up, lo, gx, gy, iris):
    w, who = 0.165, shot.who
    c.drawPath(oval(0, -0.02, w * 1.25, up + lo + 0.02), soft("#7a3f35", 0.20, 0.05))
    shape = almond(w, up, lo)
    c.drawPath(shape, soft("#f6f0ea", 1, 0.006))
    c.save()
    c.clipPath(shape, doAntiAlias=True)
    c.drawPath(oval(0, -up * 1.2, w * 1.1, up * 0.75), soft("#8d7a78", 0.55, 0.03))
    if iris:
        c.drawPath(oval(gx, gy, iris), soft(mix(who.iris, "#120a08", 0.55), 1, 0.008))
        c.drawPath(oval(gx, gy + iris * 0.2, iris * 0.72), soft(mix(who.iris, "#c98f5e", 0.45), 0.8, 0.02))
        c.drawPath(oval(gx, gy, iris * 0.5), soft("#0b0707", 1, 0.006))
        c.drawPath(oval(gx - iris * 0.35, gy - iris * 0.38, iris * 0.26), soft("#ffffff", 1, 0.004))
    else:
        c.drawPath(spiral(0, 0, 0.12, 2.6), soft("#22181a", 0.95, 0.003, 0.017))
    if shot.script.eyes == "star":
        c.drawPath(star(gx, gy, iris * 0.85, 5, 0.45), soft("#ffe27a", 1, 0.004))
    if shot.script.eyes == "teary":
        c.drawPath(oval(0, lo * 1.1, w, lo * 0.8), soft("#bfe6fb", 0.85, 0.012))
        c.drawPath(oval(gx + iris * 0.4, gy + iris * 0.3, iris * 0.22), soft("#ffffff", 0.95, 0.004))
    c.restore()
    c.drawPath(lid_line(w, up), soft("#1d1212", 0.95, 0.004, 0.017 + 0.009 * who.lashes))
    c.drawPath(moved(lid_line(w * 0.95, up), 0, -0.055), soft("#5e3029", 0.5, 0.010, 0.014))
    c.drawPath(moved(lid_line(w * 0.9, -lo * 0.85), 0, 0.02), soft("#8a4a40", 0.45, 0.010, 0.012))


def closed_eye(c, shot, h, turn):
    c.rotate(turn)
    c.drawPath(oval(0, 0, 0.19, 0.09), soft("#9a5a4c", 0.28, 0.04))
    c.drawPath(arch(0, 0.03 if h < 0 else -0.02, 0.32, h), soft("#1d1212", 0.95, 0.005, 0.026 + 0.008 * shot.who.lashes))
    for k in range(4 if shot.script.eyes == "squeeze" else 0):
        c.drawLine(0.17, -0.01, 0.26, -0.06 + 0.04 * k, soft("#6d352b", 0.5, 0.008, 0.011))


def eyes(shot, c):
    kind = shot.script.eyes
    for s in (-1, 1):
        c.save()
        c.translate(s * 0.305, -0.03)
        if kind in CLOSED:
            c.scale(s, 1)
            closed_eye(c, shot, *CLOSED[kind])
        else:
            up, lo, gx, gy, iris, slant = EYES[kind]
            c.scale(s, 1)
            c.rotate(-slant)
            open_eye(c, shot, up, lo, gx * s, gy, iris)
        if kind == "heart":
            c.drawPath(heart(0, 0, 0.21), soft("#c81f3c", 1, 0.008))
            c.drawPath(heart(-0.01, -0.015, 0.16), soft("#f04a66", 1, 0.03))
            c.drawPath(oval(-0.09, -0.07, 0.035, 0.025), soft("#ffffff", 0.9, 0.01))
        c.restore()


BROW = {"": (0, 0), "angry": (0.07, -24), "sad": (-0.03, 20), "raised": (-0.10, 3), "one": (0, 0)}  # down, turn


def brows(shot, c):
    dy, turn = BROW[shot.script.brows]
    rng = rng_of(shot.pack.pack_id, "brows")
    for s in (-1, 1):
        c.save()
        lift = dy - (0.11 if shot.script.brows == "one" and s > 0 else 0)
        c.translate(s * 0.31, -0.255 + lift)
        c.scale(s, 1)
        c.rotate(turn)
        colour = mix(shot.who.hair, "#1a1212", 0.35)
        c.drawPath(curve([(-0.19, 0.025), (-0.05, -0.03), (0.09, -0.04), (0.21, 0.015)]), soft(colour, 0.62, 0.016, shot.who.brow))
        for _k in range(46):
            x = rng.uniform(-0.19, 0.2)
            y = -0.045 * (1 - (x / 0.21) ** 2) + 0.03 * abs(x) + rng.uniform(-0.5, 0.5) * shot.who.brow
            c.drawLine(x, y + 0.012, x + 0.035, y - 0.02, soft(colour, 0.55, 0, 0.008))
        c.restore()


def nose(shot, c):
    for s in (-1, 1):
        c.drawPath(oval(s * 0.062, 0.325, 0.030, 0.017), soft("#4a1f1a", 0.75, 0.012))
        c.drawPath(moved(arch(s * 0.125, 0.30, 0.06, 0.045), 0, 0, -70 * s, about=(s * 0.125, 0.30)), soft("#7a3a30", 0.45, 0.012, 0.016))


def lips(shot, w, k, opening):
    """(upper lip, lower lip, opening) as paths round the mouth's middle."""
    top, low = -0.045 + min(opening, 0.2) * -0.15, opening
    full = 0.062 if shot.who.lashes > 1 else 0.05
    up = skia.Path()
    up.moveTo(-w, k)
    up.cubicTo(-w * 0.6, top - full * 0.55, -w * 0.25, top - full, 0, top - full * 0.55)
    up.cubicTo(w * 0.25, top - full, w * 0.6, top - full * 0.55, w, k)
    up.cubicTo(w * 0.5, top + 0.035 - k * 0.3, -w * 0.5, top + 0.035 - k * 0.3, -w, k)
    up.close()
    inner = skia.Path()
    inner.moveTo(-w * 0.96, k)
    inner.cubicTo(-w * 0.5, top + 0.03 - k * 0.3, w * 0.5, top + 0.03 - k * 0.3, w * 0.96, k)
    inner.cubicTo(w * 0.75, low * 1.32 - k * 0.33, -w * 0.75, low * 1.32 - k * 0.33, -w * 0.96, k)
    inner.close()
    down = skia.Path()
    down.moveTo(-w, k)
    down.cubicTo(-w * 0.75, low * 1.32 - k * 0.33, w * 0.75, low * 1.32 - k * 0.33, w, k)
    down.cubicTo(w * 0.7, low * 1.32 + full * 1.9 - k * 0.33, -w * 0.7, low * 1.32 + full * 1.9 - k * 0.33, -w, k)
    down.close()
    return up, down, inner


def mouth(shot, c):
    w, k, opening, turn, upper, lower, tongue = shot.m
    c.save()
    c.translate(0, 0.53 + (0.0 if not opening else -0.02))
    c.rotate(turn)
    colour = mix(shot.who.lips, "#6f7bb0", 0.35) if shot.script.tint == "blue" else shot.who.lips
    up, down, inner = lips(shot, w, k, opening)
    c.drawPath(down, soft(colour, 0.9, 0.010))
    c.drawPath(up, soft(mix(colour, "#5a1c20", 0.22), 0.92, 0.010))
    c.drawPath(oval(-w * 0.15, opening + 0.045 - k * 0.25, w * 0.35, 0.012), soft("#ffffff", 0.32, 0.014))
    if opening:
        inside(c, inner, w, k, opening, upper, lower, tongue)
    else:
        seam = arch(0, k, w * 2, -k * 1.1 - 0.012)
        if shot.script.mouth == "wobble":
            seam = curve([(-w + w * j / 3, k + (0.018 if j % 2 else -0.022)) for j in range(7)])
        c.drawPath(seam, soft("#4a1518", 0.9, 0.004, 0.016))
    for s in (-1, 1):
        c.drawPath(oval(s * (w + 0.025), k, 0.022, 0.032), soft("#7a3a30", 0.45, 0.02))
    c.restore()


def inside(c, inner, w, k, opening, upper, lower, tongue):
    c.drawPath(inner, soft("#3a0c10", 1, 0.004))
    c.save()
    c.clipPath(inner, doAntiAlias=True)
    if tongue:
        c.drawPath(oval(0, opening * 1.02, w * 0.62, opening * 0.42), soft("#cf5a5f", 1, 0.03))
    th = min(0.085, opening * 0.5)
    if upper:
        c.drawPath(box(0, -0.035 - k * 0.2, w * 0.82, th + 0.02, 0.03), soft("#fbf6ee", 1, 0.006))
    if lower:
        c.drawPath(box(0, opening * 0.99 - k * 0.25, w * 0.74, th * 0.85, 0.03), soft("#efe8dd", 1, 0.006))
    if upper or lower:
        for j in range(-4, 5):
            c.drawLine(j * w * 0.2, -0.2, j * w * 0.2, -0.035 + th, soft("#a8958a", 0.45, 0.004, 0.008))
            if lower:
                c.drawLine(j * w * 0.2, opening * 0.99 - th, j * w * 0.2, opening + 0.3, soft("#a8958a", 0.45, 0.004, 0.008))
    if upper and lower and opening < 0.2:
        c.drawLine(-w, opening * 0.44 - k * 0.2, w, opening * 0.44 - k * 0.2, soft("#3a1a18", 0.9, 0.004, 0.014))
    c.restore()


def glasses(shot, c):
    for s in (-1, 1):
        frame = box(s * 0.315, -0.01, 0.245, 0.175, 0.09)
        c.drawPath(frame, soft("#ffffff", 0.10, 0))
        c.drawPath(frame, soft("#17181c", 0.95, 0.004, 0.032))
        c.drawPath(
            poly([(s * 0.315 - 0.15, -0.13), (s * 0.315 - 0.05, -0.13), (s * 0.315 - 0.13, 0.1), (s * 0.315 - 0.2, 0.1)]),
            soft("#ffffff", 0.22, 0.01),
        )
        c.drawLine(s * 0.56, -0.05, s * 0.76, -0.08, soft("#17181c", 0.9, 0.006, 0.03))
    c.drawPath(arch(0, -0.03, 0.15, -0.035), soft("#17181c", 0.95, 0.004, 0.032))


def wrinkles(shot, c):
    age = shot.who.age
    for s in (-1, 1):
        for k in range(3 if age > 0.7 else 0):
            c.drawLine(s * 0.50, -0.06 + 0.04 * k, s * 0.62, -0.13 + 0.07 * k, soft("#7a4034", 0.38, 0.01, 0.012))
        if age > 0.3:
            c.drawPath(arch(s * 0.305, 0.10, 0.26, 0.045), soft("#7a4034", 0.38 * age, 0.014, 0.016))


# --- hands --------------------------------------------------------------------------------------------------


def hand(shot, x, y, turn, size, fingers=5, flip=1):
    """A hand, palm to us: sticks and a ball, lit like the face. (x, y) in the frame."""
    u, v = pl.grid(x, y, size, turn)
    u = u * flip
    parts = (
        pl.capsule(u, v, (0, 0.35), (0, 0.5), 0.46),
        pl.capsule(u, v, (-0.33, 0.1), (-0.42, -0.55), 0.135),
        pl.capsule(u, v, (-0.12, 0), (-0.15, -0.78), 0.145),
        pl.capsule(u, v, (0.12, 0), (0.14, -0.74), 0.14),
        pl.capsule(u, v, (0.33, 0.12), (0.40, -0.50), 0.125),
        pl.capsule(u, v, (0.30, 0.55), (0.72, 0.05), 0.15),
    )[: fingers + 1]
    arm = pl.capsule(u, v, (0, 0.6), (0, 3.2), 0.36)
    for q in (arm, *parts):
        inside_, colour = np.clip((1 - q) * 9, 0, 1), pl.shade(0.14 * np.sqrt(np.clip(1 - q**2, 0, 1)), size * pl.S, shot.skin, 0.45)
        edge = np.clip((1.16 - q) * 7, 0, 1) * (1 - inside_)
        if q is not arm and q is not parts[0]:
            shot.a *= (1 - 0.20 * edge)[..., None]
        shot.a = pl.over(shot.a, colour, inside_)


def hands(shot):
    arms = shot.script.arms
    if arms == "wave":
        hand(shot, 306, 196, 12, 46, flip=-1)
    elif arms == "cheeks" and shot.script.key == "huh":
        hand(shot, 112, 232, 12, 46, 5, 1)
        hand(shot, 248, 232, -12, 46, 5, -1)
    elif arms == "mouth":
        hand(shot, 146, 262, 20, 40, 4, 1)
        hand(shot, 214, 262, -20, 40, 4, -1)
    elif arms == "pray":
        hand(shot, 171, 292, 3, 44, 4, 1)
        hand(shot, 188, 292, -3, 44, 4, -1)
    elif arms == "up":
        hand(shot, 44, 150, -10, 44, 5, 1)
        hand(shot, 316, 150, 10, 44, 5, -1)
    elif arms == "ok":
        hand(shot, 300, 212, 10, 44, 5, -1)
    elif arms == "chin":
        hand(shot, 222, 286, -32, 38, 4, 1)


# --- effects ------------------------------------------------------------------------------------------------


def glass_drop(c, x, y, s, colour="#8ed0f2"):
    c.drawPath(drop(x, y, s), soft(mix(colour, "#2c6fa8", 0.5), 0.55, 0.01))
    c.drawPath(drop(x, y, s * 0.86), soft(colour, 0.85, 0.012))
    c.drawPath(oval(x - s * 0.3, y + s * 0.05, s * 0.2, s * 0.34), soft("#ffffff", 0.95, 0.008))


def fx_streams(shot, c):
    for s in (-1, 1):
        path = curve(
            [
                (s * 0.30 - 0.085, 0.05),
                (s * 0.36 - 0.10, 0.4),
                (s * 0.38 - 0.10, 0.85),
                (s * 0.38 + 0.09, 0.85),
                (s * 0.37 + 0.10, 0.4),
                (s * 0.30 + 0.095, 0.05),
            ],
            True,
        )
        c.drawPath(path, soft("#5fa9d6", 0.5, 0.02))
        c.drawPath(moved(path, 0, 0, 0, 0.8, 1, about=(s * 0.34, 0.4)), soft("#c5ebff", 0.75, 0.015))
        for k in range(3):
            c.drawPath(oval(s * (0.32 + 0.03 * k), 0.2 + 0.24 * k, 0.018, 0.07), soft("#ffffff", 0.9, 0.01))
    for s in (-1, 1):
        glass_drop(c, s * 0.98, -0.1, 0.075)
        glass_drop(c, s * 1.12, 0.22, 0.06)


def fx_tear(shot, c):
    c.drawLine(-0.34, 0.07, -0.36, 0.28, soft("#d6f0ff", 0.7, 0.012, 0.035))
    glass_drop(c, -0.365, 0.36, 0.07)
    glass_drop(c, 0.36, 0.20, 0.055)


def fx_sweat(shot, c):
    for x, y, s in ((0.60, -0.34, 0.09), (-0.58, -0.42, 0.065), (0.66, 0.12, 0.06)):
        glass_drop(c, x, y, s)


def fx_bigsweat(shot, c):
    glass_drop(c, 0.60, -0.36, 0.14)


def fx_vein(shot, c):
    for k in range(4):
        path = moved(quad((0.54, -0.78), (0.54, -0.68), (0.64, -0.68)), 0, 0, 90 * k, about=(0.50, -0.64))
        c.drawPath(path, soft("#8e0f14", 0.95, 0.006, 0.045))
        c.drawPath(path, soft("#ef4a45", 0.95, 0.004, 0.02))


def fx_flames(shot, c):
    for k in range(11):
        x, h = (k - 5) * 0.30, 0.9 + 0.35 * ((k * 7) % 3)
        for scale, colour in ((1, "#d6331d"), (0.66, "#ff8a1f"), (0.36, "#ffe27a")):
            w = 0.22 * scale
            c.drawPath(
                curve(
                    [
                        (x - w, 0.9),
                        (x - w * 0.9, 0.9 - h),
                        (x + 0.05, 0.9 - h * 2.0 * (0.45 + 0.55 * scale)),
                        (x + w * 0.9, 0.9 - h),
                        (x + w, 0.9),
                    ],
                    True,
                ),
                soft(colour, 0.75, 0.05),
            )


def fx_steam(shot, c):
    for s in (-1, 1):
        for k in range(4):
            c.drawPath(oval(s * (0.98 + 0.13 * k), -0.05 - 0.12 * k, 0.10 + 0.035 * k), soft("#ffffff", 0.62, 0.06))


def fx_puff(shot, c):
    for k in range(3):
        c.drawPath(oval(-0.42 - 0.16 * k, 0.62 + 0.03 * k, 0.07 + 0.04 * k), soft("#ffffff", 0.72, 0.04))


def sticker(c, path, colour):
    """A glossy sticker, like a camera app's."""
    b = path.getBounds()
    c.drawPath(path, soft("#ffffff", 0.95, 0.006, 0.05))
    c.drawPath(path, soft(colour, 1, 0.004))
    c.drawPath(
        oval(b.centerX() - b.width() * 0.2, b.centerY() - b.height() * 0.2, b.width() * 0.12, b.height() * 0.08),
        soft("#ffffff", 0.85, 0.02),
    )


def fx_hearts(shot, c):
    for x, y, s in ((-1.25, -0.75, 0.17), (1.22, -0.9, 0.22), (1.45, -0.2, 0.13), (-1.48, -0.05, 0.12)):
        sticker(c, heart(x, y, s), "#ee3f5d")


def fx_broken(shot, c):
    sticker(c, heart(1.18, -0.82, 0.26), "#c93a52")
    c.drawPath(line((1.18, -0.93), (1.10, -0.83), (1.23, -0.74), (1.17, -0.60)), soft("#ffffff", 1, 0.003, 0.035))


def fx_sparkles(shot, c):
    for x, y, s in ((-1.25, -0.7, 0.24), (1.25, -0.8, 0.28), (1.5, 0.1, 0.16), (-1.5, 0.15, 0.15)):
        c.drawPath(star(x, y, s, 4, 0.22), soft("#fff2b0", 0.9, 0.05))
        c.drawPath(star(x, y, s, 4, 0.18), soft("#ffffff", 1, 0.01))


def fx_confetti(shot, c):
    p = shot.palette
    for k in range(46):
        x, y, a = shot.rng.uniform(-1.9, 1.9), shot.rng.uniform(-1.7, 1.1), shot.rng.uniform(0, 180)
        if abs(x) < 0.85 and y > -0.9:
            continue
        near = shot.rng.uniform(0.6, 1.7)
        c.drawPath(
            moved(box(x, y, 0.05 * near, 0.03 * near), 0, 0, a, about=(x, y)),
            soft((p.accent, p.second, "#ffd94a", p.light, "#ec4f63")[k % 5], 0.95, 0.03 * max(near - 1, 0.1)),
        )


def fx_hat(shot, c):
    base = poly([(-0.40, -0.92), (0.02, -1.62), (0.40, -0.92)])
    c.drawPath(base, soft(shot.palette.accent, 1, 0.008))
    c.save()
    c.clipPath(base, doAntiAlias=True)
    for k in range(3):
        c.drawLine(-0.6, -1.0 - 0.2 * k, 0.6, -1.12 - 0.2 * k, soft(shot.palette.light, 0.9, 0.01, 0.07))
    c.drawPath(box(0.36, -1.2, 0.22, 0.6), soft("#000000", 0.3, 0.10))
    c.restore()
    c.drawPath(oval(0.02, -1.60, 0.10), soft("#ffd94a", 1, 0.02))


def fx_raincloud(shot, c):
    for _k in range(26):
        x, y = shot.rng.uniform(-1.7, 1.7), shot.rng.uniform(-0.9, 1.5)
        c.drawLine(x, y, x - 0.03, y + 0.18, soft("#dcebf7", 0.55, 0.008, 0.02))
    for x, y, r in (
        (-0.75, -1.22, 0.30),
        (-0.3, -1.32, 0.40),
        (0.25, -1.34, 0.42),
        (0.75, -1.22, 0.32),
        (0, -1.18, 0.40),
        (0.45, -1.12, 0.3),
        (-0.5, -1.1, 0.3),
    ):
        c.drawPath(oval(x, y, r * 1.15, r * 0.75), soft("#4d5568", 0.92, 0.09))
        c.drawPath(oval(x - 0.08, y - 0.12, r * 0.6, r * 0.3), soft("#a4adbf", 0.5, 0.10))


def fx_shiver(shot, c):
    for s in (-1, 1):
        for k in range(2):
            x = s * (1.06 + 0.16 * k)
            c.drawPath(
                curve([(x, -0.5), (x + 0.07, -0.32), (x - 0.07, -0.14), (x + 0.07, 0.04), (x - 0.07, 0.22), (x, 0.4)]),
                soft("#e8f1ff", 0.85, 0.012, 0.04),
            )


def fx_bang(shot, c):
    mark(shot, c, "!", 1.25, -0.75, 10)


def fx_bangq(shot, c):
    mark(shot, c, "!", -1.3, -0.65, -12)
    mark(shot, c, "?", 1.3, -0.65, 12)


def fx_what(shot, c):
    mark(shot, c, "?", 1.25, -0.8, 12)


def mark(shot, c, sign, x, y, turn):
    sticker(c, moved(text_path(sign, 60), x, y, turn, 1 / 75), shot.palette.accent)


def fx_okay(shot, c):
    ring = skia.Op(oval(1.22, -0.78, 0.30), oval(1.22, -0.78, 0.17), skia.kDifference_PathOp)
    sticker(c, ring, "#2f9e5b")


def fx_shock(shot, c):
    """Bright speed lines from the edges."""
    for k in range(40):
        a = 6.28 * k / 40 + shot.rng.uniform(-0.05, 0.05)
        r = shot.rng.uniform(1.35, 1.55)
        c.drawPath(
            poly(
                [
                    (r * math.cos(a), r * 1.05 * math.sin(a)),
                    (3 * math.cos(a - 0.022), 3 * math.sin(a - 0.022)),
                    (3 * math.cos(a + 0.022), 3 * math.sin(a + 0.022)),
                ]
            ),
            soft("#ffffff", 0.75, 0.006),
        )


def fx_swirl(shot, c):
    for k in range(4):
        a = 6.28 * k / 4 + 0.6
        sticker(c, star(0.85 * math.cos(a), -1.12 + 0.17 * math.sin(a), 0.13, 5, 0.45), "#ffcf3a")


def fx_dots(shot, c):
    c.drawPath(box(1.15, -0.95, 0.42, 0.24, 0.24), soft("#ffffff", 0.96, 0.01))
    c.drawPath(poly([(0.85, -0.80), (0.78, -0.58), (1.05, -0.74)]), soft("#ffffff", 0.96, 0.01))
    for k in (-1, 0, 1):
        c.drawPath(oval(1.15 + 0.19 * k, -0.95, 0.055), soft("#444a55", 1, 0.006))


def fx_zzz(shot, c):
    for k, s in enumerate((40, 56, 74)):
        sticker(c, moved(text_path("Z", s), 0.85 + 0.27 * k, -0.62 - 0.28 * k, 10, 1 / 100), shot.palette.accent)


def fx_tea(shot, c):
    """A mug held under the chin, with steam."""
    c.drawPath(box(0.0, 1.32, 0.30, 0.26, 0.06), soft(shot.palette.second, 1, 0.008))
    c.drawPath(oval(0.38, 1.30, 0.12, 0.13), soft(shot.palette.second, 1, 0.006, 0.06))
    c.drawPath(box(-0.16, 1.32, 0.06, 0.22, 0.05), soft("#ffffff", 0.35, 0.04))
    c.drawPath(oval(0, 1.06, 0.30, 0.055), soft(mix(shot.palette.second, "#000000", 0.3), 1, 0.008))
    for k in (-1, 0, 1):
        x = k * 0.13
        c.drawPath(curve([(x, 1.0), (x + 0.05, 0.88), (x - 0.04, 0.76), (x + 0.03, 0.64)]), soft("#ffffff", 0.6, 0.03, 0.05))


def fx_blanket(shot, c):
    edge = [(-1.95, 2.2), (-1.75, 0.80), (-1.0, 0.52), (-0.5, 0.50), (0, 0.56), (0.5, 0.50), (1.0, 0.52), (1.75, 0.80), (1.95, 2.2)]
    path = curve(edge)
    path.close()
    c.drawPath(path, soft(shot.palette.accent, 1, 0.012))
    c.save()
    c.clipPath(path, doAntiAlias=True)
    for k in range(7):
        x = -1.5 + 0.5 * k
        c.drawPath(curve([(x * 0.7, 0.5), (x, 1.1), (x * 1.2, 2.0)]), soft("#000000", 0.22, 0.07, 0.12))
        c.drawPath(curve([(x * 0.7 + 0.12, 0.5), (x + 0.14, 1.1), (x * 1.2 + 0.14, 2.0)]), soft("#ffffff", 0.16, 0.06, 0.10))
    c.restore()
    c.drawPath(curve(edge[1:-1]), soft(mix(shot.palette.accent, "#ffffff", 0.35), 0.9, 0.02, 0.07))


FX = {k[3:]: f for k, f in list(globals().items()) if k.startswith("fx_")}
FX.update(cold=fx_sweat, beads=fx_sweat)
EARLY = ("flames", "shock", "blanket")


def effects(shot, early):
    for name in shot.script.fx:
        if name in FX and (name in EARLY and name != "blanket") == early:
            shot.paint(lambda c, f=FX[name]: f(shot, c))


def caption(shot, array):
    """White letters with a black rim at the bottom, as on a captioned picture."""
    words = shot.script.text(shot.pack.tone)
    if not words:
        return array
    surface = skia.Surface(360, 360)
    with surface as c:
        path = text_path(words, 40, "ExtraBold")
        fit = min(1.0, 336 / path.getBounds().width())
        path = moved(path, 180, 331, 0, fit)
        c.drawPath(path, paint("#000000", 1, 8))
        c.drawPath(path, paint("#ffffff"))
    layer = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float32)
    return pl.over(array, layer[..., :3], layer[..., 3] / 255)


def draw(pack, palette, script, t=0.0, moving=False):
    shot = Shot(pack, palette, script)
    background(shot)
    effects(shot, True)
    hair_behind(shot)
    body(shot)
    ears(shot)
    face(shot)
    shot.paint(lambda c: (wrinkles(shot, c), nose(shot, c), mouth(shot, c), eyes(shot, c)))
    hair_front(shot)
    shot.paint(lambda c: brows(shot, c))
    if shot.who.glasses:
        shot.paint(lambda c: glasses(shot, c))
    if "blanket" in script.fx:
        effects(shot, False)
        hands(shot)
    else:
        hands(shot)
        effects(shot, False)
    small = pl.finish(pl.reduce_size(shot.a), palette, pack.pack_id + script.key)
    out = caption(shot, small)
    alpha = np.full(out.shape[:2], 255, np.uint8)
    return Image.fromarray(np.dstack([np.round(out).astype(np.uint8), alpha]), "RGBA")
