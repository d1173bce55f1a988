"""Photo-like people with a caption (the Korean 짤): lit height fields for skin and cloth, strands of hair, a blurred place, a lens.

Not a Pen: every picture is a little shoot. `framing` says how near the camera is; photo_rooms lays the place and its light,
photo_face the features, photo_props the hands, things and effects.
"""

from dataclasses import dataclass

import numpy as np
import skia
from PIL import Image

from ..common import arch, curve, mix, moved, oval, paint, poly, rng_of, text_path
from . import photo_face, photo_props, photo_rooms
from . import photo_light as pl
from .photo_light import soft

COLOURS = 48


@dataclass(frozen=True)
class Person:
    skin: str
    hair: str
    iris: str
    lips: str
    jaw: float  # half width of the jaw
    chin: float
    hairdo: str  # bob, short, perm, bowl
    brow: float  # thickness
    eye: float = 1.0  # size
    glasses: bool = False
    age: float = 0.0
    lashes: float = 1.0
    stubble: float = 0.0


PEOPLE = {
    "young-woman": Person("#fbd6c0", "#40292a", "#6b4630", "#e0626e", 0.605, 0.90, "bob", 0.042, 1.12, lashes=1.5),
    "man": Person("#eabd98", "#26262c", "#46301f", "#c2796a", 0.68, 0.95, "short", 0.066, 0.96, True, 0.45, 0.6, 0.5),
    "grandmother": Person("#f0c8a8", "#9a928b", "#4f3a2c", "#d06d6a", 0.66, 0.90, "perm", 0.038, 0.94, age=1.0, lashes=0.7),
    "kid": Person("#fcd4b6", "#33262a", "#4a3226", "#de6a68", 0.70, 0.85, "bowl", 0.034, 1.24, lashes=0.7),
}
TINTS = {"blue": ("#9db4f0", 0.24), "red": ("#ee5a45", 0.20), "pink": ("#ff8b96", 0.22), "grey": ("#a8abb0", 0.30)}
NEAR, MID, FAR = 114, 98, 80  # pixels of one face unit
FRAMING = {
    NEAR: "rage glare cry teary shame blank sulk melt heartbreak",
    106: "laugh huh sorry love nails shiver",
    90: "thanks vein awkward hello ok stop eat phone what hmm goodbye",
    FAR: "congrats yay proud fighting dance flip caught hurry tired stone board work",
}


def framing(key):
    return next((unit for unit, keys in FRAMING.items() if key in keys.split()), MID)


class Shot:
    """One picture in the making: an RGB array, who and where, and ways to lay things on it."""

    def __init__(self, pack, palette, script):
        self.pack, self.palette, self.script = pack, palette, script
        self.who, self.mood = PEOPLE[pack.character], photo_rooms.MOODS[script.emotion]
        self.rng = rng_of(pack.pack_id, script.key)
        self.turn = script.tilt + {"hmm": -6, "peek": -9, "dance": -6, "tired": 9}.get(script.key, 0) + self.rng.uniform(-2, 2)
        self.unit = framing(script.key)
        low = {"congrats": 26, "night": 22, "hide": 14, "gloom": 34, "tired": 14, "flip": 22}.get(script.key, 0)
        self.cx, self.cy = 180 + {"peek": -26}.get(script.key, 0), 1.24 * self.unit + 24 + low
        self.near = pl.window([(self.cx, self.cy)], 1.38 * self.unit)  # round the head
        self.u, self.v = pl.grid(self.cx, self.cy, self.unit, self.turn, self.near)  # face coordinates there
        self.m = photo_face.MOUTHS[script.mouth]
        self.drop = self.m[2] * 0.42  # the jaw falls with the mouth
        self.skin = pl.flat(self.skin_colour())
        self.cloth = {"short": mix(palette.dark, palette.shade, 0.30), "perm": palette.accent, "bowl": palette.second}.get(
            self.who.hairdo, palette.main
        )
        self.a = np.zeros((pl.W, pl.W, 3), np.float32)
        self.cover = np.zeros((pl.W, pl.W), np.float32)  # where the person is

    def skin_colour(self):
        colour, (tint, amount) = mix(self.who.skin, self.palette.ground, 0.10), TINTS.get(self.script.tint, ("#000000", 0))
        return mix(colour, tint, amount)

    def lay(self, colour, mask, where=pl.ALL):
        self.a[where] = pl.over(self.a[where], colour, mask)
        self.cover[where] = np.maximum(self.cover[where], mask)

    def dim(self, mask, amount, where=pl.ALL):
        """A soft shadow, warm as on skin."""
        self.a[where] *= 1 - amount * mask[..., None] * np.array((0.85, 1.0, 1.0), np.float32)

    def paint(self, job, frame=False, level=False):
        """Run job(canvas) on a clear layer (face coordinates; frame: the frame's; level: the body's) and lay it over."""
        layer = self.layer(job, frame, level)
        self.lay(layer[..., :3], layer[..., 3] / 255)

    def layer(self, job, frame=False, level=False):
        surface = skia.Surface(pl.W, pl.W)
        with surface as canvas:
            canvas.scale(pl.S, pl.S)
            if not frame:
                canvas.translate(self.cx, self.cy)
                canvas.rotate(0 if level else self.turn)
                canvas.scale(self.unit, self.unit)
            job(canvas)
        return surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float32)

    def mask(self, path):
        """A path in face coordinates as a 0..1 mask."""
        return self.layer(lambda c: c.drawPath(path, paint("#ffffff")))[..., 3] / 255

    def lit(self, z, albedo, unit=None, **kw):
        kw = {"wrap": pl.SKIN, "dark": self.mood.fill, **kw}
        return pl.shade(z, unit or self.unit, albedo, self.mood.light, **kw)

    def spot(self, x, y):
        """Where a point of the level body is in the frame."""
        return self.cx + x * self.unit, self.cy + y * self.unit

    def head_spot(self, x, y):
        """Where a point of the tilted head is, in the level body's coordinates."""
        a = np.radians(self.turn)
        return x * np.cos(a) - y * np.sin(a), x * np.sin(a) + y * np.cos(a)


# --- the body -----------------------------------------------------------------------------------------------


def body(shot):
    """Shoulders and clothes, then the neck."""
    where = (slice(int(shot.spot(0, 0.5)[1] * pl.S), pl.W), slice(0, pl.W))
    u, v = pl.grid(shot.cx, shot.cy, shot.unit, 0, where)
    wide = {"bowl": 1.20, "short": 1.52}.get(shot.who.hairdo, 1.36)
    q = np.abs(u / wide) ** 2.6 + (np.clip(2.85 - v, 0, 9) / 1.62) ** 2.3
    folds = 0.010 * np.sin(u * 7 + 2.5 * np.sin(v * 2.6)) * np.clip(v - 1.5, 0, 1)
    shot.dim(pl.shifted(pl.blur(pl.edge(q, 20), 12), 8, 6), 0.30, where)
    mask = pl.edge(q, 34)
    shot.lay(shot.lit(0.5 * pl.dome(q) + folds, pl.flat(shot.cloth), wrap=pl.CLOTH), mask, where)
    pattern = shot.layer(lambda c: clothes(shot, c), level=True)[where]
    shot.lay(pattern[..., :3], pattern[..., 3] / 255 * mask, where)
    q = np.abs(u / 0.38) ** 3 + np.clip(np.abs(v - 0.92) - 0.27, 0, 9) ** 2 * 6
    colour = shot.lit(0.3 * pl.dome(q), shot.skin * 0.95)
    under = np.clip(1.28 + shot.drop - v, 0, 0.5)[..., None] * np.array((0.50, 0.66, 0.68), np.float32)
    shot.lay(colour * (1 - under), pl.edge(q, 22), where)
    shot.paint(lambda c: collar(shot, c), level=True)


def clothes(shot, c):
    p, do = shot.palette, shot.who.hairdo
    if do == "bob":  # a cardigan over a light top
        c.drawPath(poly([(-0.42, 1.14), (0.42, 1.14), (0.20, 3), (-0.20, 3)]), soft(mix(p.light, "#ffffff", 0.4), 1, 0.01))
        for s in (-1, 1):
            c.drawPath(curve([(s * 0.44, 1.16), (s * 0.32, 1.8), (s * 0.22, 3)]), soft(mix(p.main, p.shade, 0.45), 1, 0.012, 0.11))
            for k in range(9):
                c.drawLine(s * (0.44 + 0.11 * k), 1.9, s * (0.36 + 0.11 * k), 3.1, soft(p.shade, 0.28, 0.014, 0.03))
        for k in range(3):
            c.drawPath(oval(0.29 - 0.03 * k, 1.7 + 0.32 * k, 0.04), soft(p.accent, 1, 0.008))
    elif do == "perm":  # a flowered vest
        rng = rng_of("vest")
        for k in range(40):
            x, y = rng.uniform(-1.3, 1.3), 1.3 + 0.15 * abs(rng.normal()) + rng.uniform(0.1, 1.6)
            for j in range(5):
                dx, dy = 0.052 * np.cos(1.257 * j), 0.052 * np.sin(1.257 * j)
                c.drawPath(oval(x + dx, y + dy, 0.042), soft((p.light, p.main, "#ffd94a")[k % 3], 0.9, 0.008))
            c.drawPath(oval(x, y, 0.03), soft(p.second, 0.95, 0.006))
    elif do == "bowl":  # a striped shirt
        for k in range(7):
            c.drawPath(arch(0, 1.50 + 0.24 * k, 2.9, 0.10), soft(p.light, 0.92, 0.012, 0.10))


def collar(shot, c):
    p, do = shot.palette, shot.who.hairdo
    if do != "short":
        tone = {"bob": mix(p.light, "#ffffff", 0.4), "perm": p.light, "bowl": p.accent}[do]
        c.drawPath(arch(0, 1.16, 0.84, 0.22), soft(mix(tone, p.dark, 0.2), 1, 0.012, 0.10))
        c.drawPath(arch(0, 1.16, 0.84, 0.22), soft(tone, 1, 0.012, 0.07))
        return
    c.drawPath(poly([(-0.46, 1.10), (0, 1.56), (0.46, 1.10), (0.30, 3), (-0.30, 3)]), soft("#f4f5f4", 1, 0.01))
    c.drawPath(poly([(-0.09, 1.52), (0.09, 1.52), (0.17, 2.9), (-0.17, 2.9)]), soft(p.accent, 1, 0.01))
    for k in range(6):
        c.drawLine(-0.17, 1.84 + 0.22 * k, 0.17, 1.68 + 0.22 * k, soft(p.letter, 0.75, 0.01, 0.05))
    c.drawPath(poly([(-0.12, 1.44), (0.12, 1.44), (0.07, 1.60), (-0.07, 1.60)]), soft(mix(p.accent, p.dark, 0.25), 1, 0.01))
    for s in (-1, 1):
        c.drawPath(poly([(s * 0.48, 1.02), (s * 0.02, 1.46), (s * 0.36, 1.66)]), soft("#ffffff", 1, 0.01))
        front = [(s * 0.50, 1.10), (s * 0.24, 2.9), (s * 0.7, 2.9), (s * 0.84, 1.32)]
        lapel = [(s * 0.52, 1.10), (s * 0.22, 2.4), (s * 0.66, 1.75), (s * 0.60, 1.62), (s * 0.74, 1.54)]
        c.drawPath(poly(front), soft(mix(shot.cloth, p.dark, 0.4), 1, 0.014))
        c.drawPath(poly(lapel), soft(shot.cloth, 1, 0.014))


# --- hair ---------------------------------------------------------------------------------------------------


def strands(shot, c, left, right, rng, n=60, ragged=0.10, airy=0.0):
    """A lock between two edge curves (lists of as many points), combed along them, its ends ragged; airy: see-through ends."""
    base, width = shot.who.hair, 0.022
    left, right = np.array(left, float), np.array(right, float)
    solid = [np.vstack([e[:-1], e[-1] + (e[-2] - e[-1]) * airy]) for e in (left, right)]
    c.drawPath(curve([tuple(p) for p in (*solid[0], *solid[1][::-1])], True), soft(base, 1, 0.012))
    for k in rng.permutation(n):
        t = (k + rng.uniform(0, 1)) / n
        pts = left + (right - left) * t + rng.normal(0, 0.008, left.shape)
        pts[-1] += (pts[-1] - pts[-2]) * rng.uniform(-0.3, 1) * ragged
        lit = 0.30 + 0.28 * np.cos(2.6 * (t - 0.35)) * rng.uniform(0.2, 1)
        tone = mix(mix(base, "#0e0a0c", 0.45), mix(base, "#e8b48c", 0.42), float(np.clip(lit + rng.normal(0, 0.12), 0, 1)))
        c.drawPath(curve([tuple(q) for q in pts]), soft(tone, 0.55, 0.006, width * rng.uniform(0.5, 1.1)))


def gleam(shot, c, y, half, strength=0.34):
    """The ring of light on smooth hair."""
    c.drawPath(arch(-0.10, y, half * 2, -0.26), soft("#ffe6d2", strength * 0.55, 0.06, 0.15))
    c.drawPath(arch(-0.16, y - 0.01, half * 1.5, -0.24), soft("#ffffff", strength * 0.5, 0.04, 0.05))


def flyaways(shot, c, rng, pts, n=26):
    for _k in range(n):
        i = rng.integers(len(pts) - 1)
        f = rng.uniform()
        x, y = (pts[i][j] * (1 - f) + pts[i + 1][j] * f for j in (0, 1))
        dx, dy = rng.normal(0, 0.06) + 0.05 * np.sign(x), rng.uniform(0.02, 0.22)
        c.drawPath(curve([(x * 0.94, y - 0.05), (x + dx * 0.6, y + dy * 0.4), (x + dx, y + dy)]), soft(shot.who.hair, 0.6, 0.004, 0.009))


def hair_behind(shot):
    rng, do = rng_of(shot.pack.pack_id, "back"), shot.who.hairdo
    if do == "bob":
        left = [(-0.10, -1.20), (-0.62, -1.08), (-0.92, -0.55), (-0.97, 0.3), (-0.92, 1.10)]
        right = [(-x, y) for x, y in left]
        shot.paint(lambda c: (strands(shot, c, left, right, rng, 90, 0.12), flyaways(shot, c, rng, left[1:] + right[::-1][:-1], 34)))
        inner = shot.mask(curve([*left, *right[::-1]], True))[shot.near]
        shot.dim(inner * np.clip(shot.v * 3, 0, 1), 0.40, shot.near)
    elif do == "perm":
        shot.paint(lambda c: curls(shot, c, rng, perm_places(False)))


def fringe(shot, c, rng, y, see_through):
    """Locks from the parting down to the brows."""
    root, ends = (0.06, -1.12), np.linspace(-0.80, 0.80, 8)
    for k in (0, 6, 1, 5, 2, 4, 3):
        a, b = ends[k] - 0.03, ends[k + 1] + 0.03
        lock = []
        for x in (a, b):
            out = np.sign(x) * abs(x) ** 2 * 0.16
            lock.append([(root[0] + x * 0.35, root[1] + 0.1 * x * x), (x * 0.85 + out, -0.86 + 0.2 * x * x), (x + out, -0.55),
                         (x * 0.97 + rng.uniform(-0.03, 0.03), y + 0.30 * x * x + rng.uniform(-0.03, 0.03))])  # fmt: skip
        strands(shot, c, *lock, rng, 14, 0.30 if see_through else 0.05, 0.62 if see_through else 0)


def side_locks(shot, c, rng, bottom):
    for s in (-1, 1):
        outer = [(s * 0.12, -1.20), (s * 0.64, -1.07), (s * 0.94, -0.55), (s * 0.98, 0.30), (s * 0.92, bottom)]
        inner = [(s * 0.10, -1.04), (s * 0.60, -0.70), (s * 0.715, -0.20), (s * 0.70, 0.35), (s * 0.60, bottom + 0.02)]
        strands(shot, c, outer, inner, rng, 46, 0.10)


def short_hair(shot, c, rng):
    for s in (-1, 1):  # the clipped sides
        outer = [(s * 0.80, -0.66), (s * 0.805, -0.30), (s * 0.775, -0.02)]
        strands(shot, c, outer, [(s * 0.58, -0.64), (s * 0.68, -0.30), (s * 0.735, -0.02)], rng, 26, 0.1)
    root = [(-0.34, -0.60), (-0.30, -0.86), (-0.20, -1.15)]
    for dst, n in (([(-0.66, -0.46), (-0.82, -0.60), (-0.58, -1.02)], 30), ([(0.74, -0.40), (0.85, -0.66), (0.56, -1.08)], 80)):
        mid = [((a[0] + b[0]) / 2, min(a[1], b[1]) - 0.13 * abs(a[0] - b[0])) for a, b in zip(root, dst, strict=True)]
        lower, upper = ([root[i], mid[i], dst[i]] for i in (0, 2))
        strands(shot, c, upper, lower, rng, n, 0.12)
    flyaways(shot, c, rng, [(-0.6, -1.02), (-0.2, -1.2), (0.3, -1.2), (0.75, -0.95)], 12)


def curls(shot, c, rng, places):
    """A perm: small lit rings."""
    for x, y, r in places:
        x, y = x + rng.uniform(-0.03, 0.03), y + rng.uniform(-0.03, 0.03)
        tone = mix(shot.who.hair, "#3e3531", float(np.clip(0.20 + 0.3 * x + 0.25 * (y + 0.5), 0, 0.6)))
        c.drawPath(oval(x, y, r), soft(mix(tone, "#2c2522", 0.5), 1, 0.014))
        c.drawPath(oval(x - 0.02, y - 0.02, r * 0.8), soft(tone, 1, 0.03))
        c.drawPath(oval(x - r * 0.3, y - r * 0.35, r * 0.33), soft("#efe6da", 0.5, 0.03))
        for k in range(6):
            ring = arch(x, y, r * (1.7 - 0.25 * k), r * 0.6)
            c.drawPath(moved(ring, 0, 0, rng.uniform(0, 360), about=(x, y)), soft(("#3a312d", "#d8cec4")[k % 2], 0.45, 0.004, 0.011))


def perm_places(front):
    rings = ((0.68, 12, 1.06, 0.88, 0.74, 0.120),) if front else ((0.93, 22, 0.92, 1.16, 0.93, 0.150), (0.78, 18, 0.92, 1.16, 0.90, 0.15))
    out = []
    for ring, n, start, arc, tall, r in rings:
        for k in range(n):
            a = np.pi * (start + arc * k / (n - 1))
            out.append((ring * np.cos(a), -0.20 + tall * np.sin(a), r))
    return out


def hair_front(shot):
    rng, do = rng_of(shot.pack.pack_id, "front"), shot.who.hairdo

    def job(c):
        if do == "perm":
            curls(shot, c, rng, perm_places(True))
        elif do == "short":
            short_hair(shot, c, rng)
            gleam(shot, c, -0.86, 0.42, 0.30)
        else:
            side_locks(shot, c, rng, 1.10 if do == "bob" else 0.06)
            fringe(shot, c, rng, -0.34 if do == "bob" else -0.46, do == "bob")
            gleam(shot, c, -0.72, 0.62)

    layer = shot.layer(job)
    mask = layer[..., 3] / 255
    cast = pl.shifted(pl.blur(mask, 5), 2, 6) * (1 - mask)
    shot.dim(cast[shot.near] * pl.edge(photo_face.field(shot), 30), 0.30, shot.near)
    shot.lay(layer[..., :3], mask)


def rim(shot):
    """Light from behind along one edge of the figure, in the place's colour."""
    mask = shot.cover * (1 - pl.blur(pl.shifted(shot.cover, -4, 5), 2.5))
    shot.a += mask[..., None] * pl.flat(mix(shot.palette.ground, "#ffffff", 0.3)) * 0.34


# --- the picture --------------------------------------------------------------------------------------------


def caption(shot, array):
    """White letters with a black rim at the bottom, as on a captioned picture."""
    words = shot.script.text(shot.pack.tone)
    if not words:
        return array
    surface = skia.Surface(360, 360)
    with surface as c:
        path = text_path(words, 42, "ExtraBold")
        path = moved(path, 180, 331, 0, min(1.0, 336 / path.getBounds().width()))
        c.drawPath(path, paint("#000000", 1, 8))
        c.drawPath(path, paint("#ffffff"))
    layer = surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType).astype(np.float32)
    return pl.over(array, layer[..., :3], layer[..., 3] / 255)


def draw(pack, palette, script, t=0.0, moving=False):
    shot = Shot(pack, palette, script)
    photo_rooms.background(shot)
    photo_props.effects(shot, photo_props.BEHIND)
    shot.cover[:] = 0
    hair_behind(shot)
    body(shot)
    photo_face.head(shot)
    hair_front(shot)
    rim(shot)
    photo_face.over_hair(shot)
    photo_props.effects(shot, photo_props.WORN)
    photo_props.hands(shot)
    photo_props.effects(shot, photo_props.FRONT)
    out = caption(shot, pl.finish(shot.a, shot.mood, pack.pack_id + script.key))
    return Image.fromarray(np.dstack([np.round(out).astype(np.uint8), np.full(out.shape[:2], 255, np.uint8)]), "RGBA")
