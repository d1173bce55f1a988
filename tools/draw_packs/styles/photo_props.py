"""Hands, things and effects of the photo-like people.

Arms are in the level body's coordinates for the right side of the picture and mirrored for the left; `head_*` effects are in face
coordinates (they move with the head), `frame_*` ones in the frame's.
"""

import math
from dataclasses import dataclass

import numpy as np
import skia

from ..common import arch, box, curve, drop, heart, line, mix, moved, oval, poly, quad, star, text_path
from . import photo_light as pl
from .photo_face import mouth_y
from .photo_light import soft

# --- hands --------------------------------------------------------------------------------------------------

WRIST = ((0, 0.45), (0, 0.95), 0.25)
FINGERS = (((0.30, 0.0), (0.37, -0.50), 0.115), ((0.10, -0.1), (0.13, -0.76), 0.125), ((-0.12, -0.1), (-0.14, -0.79), 0.13))
PALM = ((0, 0.12), (0, 0.32), 0.40)
FIST = (((0, 0.06), (0, 0.2), 0.40), *(((x, -0.20), (x * 0.9, 0.10), 0.15) for x in (-0.32, -0.11, 0.11, 0.31)))
HANDS = {  # sticks: from, to, radius; the palm to us, the thumb inwards
    "open": (WRIST, PALM, *FINGERS, ((-0.32, 0), (-0.40, -0.60), 0.125), ((-0.26, 0.42), (-0.66, 0.02), 0.14)),
    "fist": (WRIST, *FIST, ((-0.38, 0.26), (0.04, 0.32), 0.14)),
    "point": (WRIST, *FIST, ((-0.26, -0.1), (-0.30, -0.78), 0.13), ((-0.36, 0.30), (-0.62, 0.02), 0.14)),
    "ok": (WRIST, PALM, *FINGERS, ((-0.30, -0.02), (-0.52, -0.34), 0.12), ((-0.52, -0.34), (-0.70, -0.08), 0.11),
           ((-0.26, 0.36), (-0.58, 0.26), 0.13), ((-0.58, 0.26), (-0.71, -0.05), 0.115)),
    "fingerheart": (WRIST, *FIST, ((-0.10, -0.15), (-0.06, -0.40), 0.135), ((-0.06, -0.40), (-0.26, -0.62), 0.12),
                    ((-0.40, 0.1), (-0.36, -0.30), 0.135), ((-0.36, -0.30), (-0.14, -0.64), 0.115)),
    "grip": tuple(((-0.10, y), (0.34, y), 0.135) for y in (-0.36, -0.12, 0.12, 0.35)),
}  # fmt: skip


@dataclass(frozen=True)
class Arm:
    side: int  # 0 both
    elbow: tuple
    hand: tuple
    turn: float = 0.0
    kind: str = "open"
    size: float = 0.43
    slim: float = 1.0  # seen from the side


POSES = {
    "up": (Arm(0, (1.78, 1.25), (1.58, 0.10), 10),),
    "wave": (Arm(1, (1.70, 1.75), (1.42, 0.62), 14),),
    "wave2": (Arm(0, (1.70, 1.95), (1.30, 1.02), 14),),
    "cheeks": (Arm(0, (1.25, 2.2), (0.76, 0.62), -13, size=0.46),),
    "mouth": (Arm(0, (1.15, 2.2), (0.27, 0.92), -38, "fist", 0.36),),
    "chin": (Arm(1, (1.25, 2.2), (0.50, 1.10), -22, "point", 0.42),),
    "scratch": (Arm(1, (1.78, 0.85), (0.86, -0.62), -66, "fist", 0.40),),
    "heart": (Arm(0, (1.62, 2.1), (1.06, 1.12), 8, "fingerheart"),),
    "cup": (Arm(0, (1.25, 2.2), (0.33, 1.44), -44, "fist", 0.32),),
    "pray": (Arm(0, (1.25, 2.1), (0.085, 1.36), -3, size=0.46, slim=1.7),),
    "hug": (Arm(0, (1.12, 2.15), (-0.70, 1.66), -62),),
    "cross": (Arm(0, (1.30, 2.0), (-0.45, 1.72), -80, "fist", 0.36),),
    "fists": (Arm(0, (1.62, 2.1), (1.16, 1.10), -6, "fist", 0.46),),
    "hips": (Arm(0, (1.86, 2.15), (1.10, 2.50), -120, "fist", 0.38),),
    "fistup": (Arm(1, (1.66, 1.30), (1.36, 0.02), -4, "fist", 0.46), Arm(-1, (1.4, 2.2), (0.98, 1.42), -10, "fist")),
    "dance": (Arm(1, (1.78, 1.20), (1.46, 0.12), 24), Arm(-1, (1.55, 2.1), (1.62, 1.12), 40)),
    "bowl": (Arm(-1, (1.35, 2.2), (0.52, 1.62), -30, "fist", 0.38), Arm(1, (1.5, 2.1), (0.80, 1.22), -34, "fist", 0.38)),
    "hanky": (Arm(1, (1.72, 1.65), (1.36, 0.60), 8, "fist", 0.42),),
    "eyes": (Arm(0, (1.35, 2.1), (0.35, 0.06), -9, size=0.52),),
    "phone": (Arm(1, (1.35, 2.2), (0.56, 1.46), -22, "fist", 0.38),),
    "board": (Arm(0, (1.5, 2.2), (1.06, 1.72), -70, "grip", 0.40),),
    "stop": (Arm(1, (1.45, 2.1), (0.92, 0.92), 3, size=0.68),),
    "ok": (Arm(1, (1.70, 1.85), (1.34, 0.76), 10, "ok", 0.46),),
}
SHOULDER = (1.06, 1.74)


def arm_lines(arm, s):
    a = math.radians(arm.turn)
    wrist = (arm.hand[0] - 0.86 * arm.size * math.sin(a), arm.hand[1] + 0.86 * arm.size * math.cos(a))
    return [(s * x, y) for x, y in (SHOULDER, arm.elbow, wrist)]


def sleeve(shot, points, r=0.25):
    """Cloth over an arm: shoulder, elbow, wrist."""
    where = pl.window([shot.spot(*p) for p in points], 0.5 * shot.unit)
    u, v = pl.grid(shot.cx, shot.cy, shot.unit, 0, where)
    a, b, w = points
    q = pl.soft_min(pl.capsule(u, v, a, b, r * 1.12), pl.capsule(u, v, b, w, r * 0.88), 0.3)
    z = 0.22 * pl.dome(q * q) + 0.006 * np.sin(u * 22 + v * 14) * pl.bump(u, v, *b, 0.3, 0.3)
    mask = pl.edge(q, 9)
    shot.dim(pl.shifted(pl.blur(mask, 5), 3, 5) * (1 - mask), 0.28, where)
    shot.lay(shot.lit(z, pl.flat(shot.cloth), wrap=pl.CLOTH), mask, where)
    cuff = mix(shot.palette.light, "#ffffff", 0.6) if shot.who.hairdo == "short" else mix(shot.cloth, shot.palette.dark, 0.22)
    length = math.dist(b, w)
    c0 = tuple(w[i] + (b[i] - w[i]) * 0.10 / length for i in (0, 1))
    q = pl.capsule(u, v, c0, w, r * 0.84)
    shot.lay(shot.lit(0.18 * pl.dome(q * q), pl.flat(cuff), wrap=pl.CLOTH), pl.edge(q, 9), where)


def hand(shot, arm, s):
    """Sticks run together, lit like the face."""
    x, y = shot.spot(s * arm.hand[0], arm.hand[1])
    size = arm.size * shot.unit
    where = pl.window([(x, y)], size * 1.35)
    if where is None:
        return
    u, v = pl.grid(x, y, size, arm.turn * s, where)
    u = u * (s * arm.slim)
    q = None
    for a, b, r in HANDS[arm.kind]:
        part = pl.capsule(u, v, a, b, r)
        q = part if q is None else np.minimum(pl.soft_min(q, part, 0.10), np.minimum(q, part))
    z = 0.13 * pl.dome(q * q)
    if arm.kind == "open":
        for c0, bend in ((0.02, 0.5), (0.22, 0.9)):
            z -= 0.012 * np.exp(-(((v - c0 - bend * u * u - 0.15 * u) / 0.022) ** 2)) * (np.abs(u) < 0.3)
    mask = pl.edge(q, 8)
    albedo = pl.over(np.broadcast_to(shot.skin, (*u.shape, 3)), pl.flat("#ee7a78"), 0.24 * np.clip((-0.30 - v) * 2.4, 0, 1) + 0.05)
    shot.dim(np.clip(pl.edge(q * 0.78, 4) - mask, 0, 1), 0.26, where)
    shot.lay(shot.lit(z, albedo, size, gloss=0.06), mask, where)


def hands(shot):
    """Arms, what they hold, then the hands."""
    arms = [(arm, s) for arm in POSES.get(shot.script.arms, ()) for s in ((-1, 1) if arm.side == 0 else (arm.side,))]
    for s in (-1, 1):
        if all(side != s for _, side in arms) and shot.script.arms not in ("belly", "type"):
            sleeve_rest(shot, s)
    for arm, s in arms:
        sleeve(shot, arm_lines(arm, s))
    if shot.script.arms in HELD:
        shot.paint(lambda c: HELD[shot.script.arms](shot, c), level=True)
    for arm, s in arms:
        hand(shot, arm, s)
    if "petrified" in shot.script.fx:
        petrify(shot)
    if shot.script.arms == "ledge":
        hand(shot, Arm(1, (0, 0), ((WALL + 6 - shot.cx) / shot.unit, 1.0), 0, "grip", 0.44), 1)


def sleeve_rest(shot, s):
    wide = {"bowl": 0.96, "short": 1.24}.get(shot.who.hairdo, 1.10)
    where = pl.window([shot.spot(s * wide, 2.0), (shot.spot(s * wide, 0)[0], 360)], 0.5 * shot.unit)
    if where is None:
        return
    u, v = pl.grid(shot.cx, shot.cy, shot.unit, 0, where)
    q = pl.capsule(u, v, (s * wide, 1.9), (s * (wide + 0.10), 3.4), 0.25)
    mask = pl.edge(q, 9) * np.clip((v - 1.75) * 2.5, 0, 1)
    shot.dim(pl.shifted(pl.blur(mask, 4), -4 * s, 3) * (1 - mask), 0.22, where)
    shot.lay(shot.lit(0.2 * pl.dome(q * q), pl.flat(shot.cloth), wrap=pl.CLOTH), mask, where)


# --- what the hands hold (level body coordinates) -------------------------------------------------------------


def solid(c, path, colour, shine=0.30):
    """A smooth thing: a shadow under it, light from the left above."""
    b = path.getBounds()
    c.drawPath(moved(path, 0.03, 0.05), soft("#000000", 0.25, 0.05))
    c.drawPath(path, soft(colour, 1, 0.006))
    c.save()
    c.clipPath(path, doAntiAlias=True)
    c.drawPath(oval(b.right(), b.bottom(), b.width() * 0.6, b.height() * 0.6), soft("#000000", 0.28, b.width() * 0.14))
    c.drawPath(oval(b.left() + b.width() * 0.24, b.top() + b.height() * 0.24, b.width() * 0.22, b.height() * 0.2),
               soft("#ffffff", shine, b.width() * 0.09))  # fmt: skip
    c.restore()


def hold_cup(shot, c):
    colour = shot.palette.second
    c.drawPath(oval(0.36, 1.44, 0.13, 0.14), soft(colour, 1, 0.006, 0.065))
    solid(c, box(0, 1.44, 0.31, 0.27, 0.07), colour)
    c.drawPath(oval(0, 1.185, 0.30, 0.06), soft(mix(colour, "#ffffff", 0.4), 1, 0.006))
    c.drawPath(oval(0, 1.195, 0.26, 0.045), soft("#6b3f22", 1, 0.008))


def hold_bowl(shot, c):
    p = shot.palette
    for x, y, r in ((-0.56, 1.28, 0.13), (-0.40, 1.22, 0.16), (-0.22, 1.27, 0.14)):  # a heap of rice
        c.drawPath(oval(x, y, r), soft("#fbf8f0", 1, 0.015))
    for k in range(26):
        x, y = -0.62 + 0.47 * ((k * 0.381) % 1), 1.12 + 0.18 * ((k * 0.617) % 1)
        c.drawPath(oval(x, y, 0.028, 0.016), soft(("#ffffff", "#ddd6c6")[k % 2], 0.8, 0.006))
    bowl = curve([(-0.86, 1.30), (-0.78, 1.56), (-0.55, 1.74), (-0.25, 1.74), (-0.02, 1.56), (0.06, 1.30)])
    bowl.close()
    solid(c, bowl, p.accent)
    c.drawPath(line((-0.82, 1.44), (0.02, 1.44)), soft(p.light, 0.9, 0.006, 0.04))
    for k in range(2):
        c.drawLine(0.82, 1.10, 0.10 + 0.06 * k, 0.74 + 0.03 * k, soft("#8a5a34", 1, 0.004, 0.045))
    c.drawPath(oval(0.10, 0.74, 0.075, 0.055), soft("#fdfaf2", 1, 0.01))


def hold_phone(shot, c):
    c.rotate(-10, 0.45, 1.3)
    solid(c, box(0.42, 1.24, 0.24, 0.40, 0.07), mix(shot.palette.accent, "#ffffff", 0.1))
    c.drawPath(box(0.29, 0.98, 0.075, 0.095, 0.04), soft("#23242a", 0.9, 0.006))
    for y in (0.94, 1.02):
        c.drawPath(oval(0.29, y, 0.032), soft("#5a6478", 1, 0.006))


def hold_laptop(shot, c):
    p = shot.palette
    c.drawPath(box(0, 2.16, 1.06, 0.60, 0.08), soft("#000000", 0.3, 0.06))
    solid(c, box(0, 2.10, 1.02, 0.62, 0.07), mix(p.shade, "#c9ccd2", 0.62), 0.5)
    c.drawPath(heart(0, 1.78, 0.12), soft(p.light, 1, 0.006))
    c.drawPath(box(0, 1.50, 1.0, 0.03, 0.02), soft("#ffffff", 0.55, 0.02))


def hold_board(shot, c):
    p = shot.palette
    c.drawPath(box(0.03, 1.78, 1.10, 0.52, 0.05), soft("#000000", 0.3, 0.06))
    c.drawPath(box(0, 1.74, 1.10, 0.52, 0.05), soft("#a9713f", 1, 0.006))
    c.drawPath(box(0, 1.74, 1.02, 0.45, 0.02), soft("#fdfdfa", 1, 0.006))
    for k, h in enumerate((0.14, 0.24, 0.19, 0.34)):
        c.drawPath(box(-0.74 + 0.2 * k, 2.02 - h / 2, 0.065, h / 2), soft((p.accent, p.second, p.main, p.shade)[k], 1, 0.005))
    for k, w in enumerate((0.36, 0.28, 0.34, 0.22)):
        c.drawLine(0.12, 1.48 + 0.14 * k, 0.12 + w * 1.9, 1.48 + 0.14 * k, soft(p.dark, 0.75, 0.005, 0.035))
    c.drawLine(-0.84, 1.62, -0.2, 1.44, soft(p.accent, 1, 0.005, 0.03))
    c.drawPath(poly([(-0.14, 1.42), (-0.27, 1.40), (-0.22, 1.52)]), soft(p.accent, 1, 0.005))


def hold_hanky(shot, c):
    cloth = curve([(1.36, 0.44), (1.62, 0.12), (1.95, 0.10), (1.86, 0.32), (2.02, 0.52), (1.74, 0.58), (1.62, 0.74)], True)
    solid(c, moved(cloth, -0.06, 0), "#fbfbf7", 0.6)
    for k in range(3):
        c.drawLine(1.34, 0.46, 1.72 + 0.04 * k, 0.2 + 0.17 * k, soft(shot.palette.shade, 0.5, 0.02, 0.022))


def hold_heart(shot, c):
    for s in (-1, 1):
        x, y = s * 0.98, 0.68
        c.drawPath(heart(x, y, 0.13), soft("#ffffff", 0.9, 0.008, 0.05))
        solid(c, heart(x, y, 0.13), "#ee3f5d", 0.6)


HELD = {"cup": hold_cup, "bowl": hold_bowl, "phone": hold_phone, "type": hold_laptop, "board": hold_board, "hanky": hold_hanky,
        "heart": hold_heart}  # fmt: skip

# --- effects on the head --------------------------------------------------------------------------------------


def glass_drop(c, x, y, s, colour="#9adcf8"):
    c.drawPath(moved(drop(x, y, s), s * 0.12, s * 0.2), soft("#3a2a3a", 0.30, s * 0.25))
    c.drawPath(drop(x, y, s), soft(mix(colour, "#2f7fc0", 0.55), 0.75, s * 0.08))
    c.drawPath(drop(x, y + s * 0.06, s * 0.8), soft(colour, 0.9, s * 0.14))
    c.drawPath(oval(x - s * 0.3, y + s * 0.05, s * 0.2, s * 0.34), soft("#ffffff", 1, s * 0.06))
    c.drawPath(arch(x + s * 0.1, y + s * 0.5, s * 0.8, s * 0.4), soft("#ffffff", 0.7, s * 0.08, s * 0.12))


def head_streams(shot, c):
    end = 0.86 + shot.drop
    for s in (-1, 1):
        path = curve([(s * x, y) for x, y in ((0.21, 0.08), (0.25, 0.4), (0.27, end), (0.48, end - 0.06), (0.45, 0.4), (0.40, 0.08))], True)
        c.drawPath(path, soft("#4c9fd8", 0.55, 0.02))
        c.drawPath(moved(path, 0, 0, 0, 0.82, 1, about=(s * 0.35, 0.4)), soft("#c9ecff", 0.85, 0.016))
        for k in range(3):
            c.drawPath(oval(s * (0.31 + 0.025 * k), 0.22 + 0.24 * k, 0.018, 0.07), soft("#ffffff", 0.95, 0.01))
        glass_drop(c, s * 1.02, -0.14, 0.085)
        glass_drop(c, s * 1.18, 0.20, 0.065)


def head_tear(shot, c):
    for s, y in ((-1, 0.42), (1, 0.27)):
        c.drawLine(s * 0.34, 0.09, s * 0.37, y, soft("#e2f5ff", 0.75, 0.012, 0.04))
        glass_drop(c, s * 0.375, y, 0.075)


def head_cold(shot, c):
    for x, y, s in ((0.56, -0.22, 0.095), (-0.58, -0.16, 0.075), (0.64, 0.16, 0.065), (-0.64, 0.30, 0.06)):
        glass_drop(c, x, y, s)


def head_bigsweat(shot, c):
    glass_drop(c, 0.62, -0.26, 0.16)


def head_vein(shot, c):
    x, y = 0.60, -0.66
    for k in range(4):
        path = moved(quad((x + 0.045, y - 0.19), (x + 0.05, y - 0.05), (x + 0.19, y - 0.045)), 0, 0, 90 * k, about=(x, y))
        c.drawPath(path, soft("#ffffff", 0.9, 0.006, 0.105))
        c.drawPath(path, soft("#b5121b", 1, 0.004, 0.065))
        c.drawPath(path, soft("#ff5a50", 0.9, 0.008, 0.022))


def head_steam(shot, c):
    for s in (-1, 1):
        for k in range(5):
            c.drawPath(oval(s * (1.02 + 0.13 * k), -0.16 - 0.15 * k, 0.11 + 0.04 * k), soft("#ffffff", 0.55, 0.06))


def head_puff(shot, c):
    for k in range(3):
        c.drawPath(oval(-0.44 - 0.2 * k, mouth_y(shot) + 0.04 + 0.03 * k, 0.08 + 0.05 * k), soft("#ffffff", 0.75, 0.04))


def head_haha(shot, c):
    for s in (-1, 1):
        tear = moved(drop(s * 0.62, 0.02, 0.085), 0, 0, s * -50, about=(s * 0.62, 0.02))
        c.drawPath(tear, soft("#4c9fd8", 0.8, 0.01))
        c.drawPath(moved(tear, 0, 0, 0, 0.75, about=(s * 0.62, 0.02)), soft("#cdeeff", 1, 0.015))
        for k in range(3):
            a = math.radians(-50 + 26 * k)
            x, y = s * math.cos(a), math.sin(a)
            c.drawLine(1.14 * x, 1.14 * y - 0.1, 1.34 * x, 1.34 * y - 0.1, soft("#ffffff", 0.92, 0.008, 0.055))


def head_hat(shot, c):
    base = poly([(-0.38, -0.98), (0.04, -1.66), (0.40, -0.98)])
    solid(c, base, shot.palette.accent)
    c.save()
    c.clipPath(base, doAntiAlias=True)
    for k in range(3):
        c.drawLine(-0.6, -1.04 - 0.2 * k, 0.6, -1.16 - 0.2 * k, soft(shot.palette.light, 0.92, 0.01, 0.07))
    c.restore()
    c.drawPath(oval(0.04, -1.64, 0.10), soft("#ffd94a", 1, 0.02))


def head_nightcap(shot, c):
    p = shot.palette
    cap = curve([(-0.80, -0.66), (-0.66, -1.20), (0.0, -1.44), (0.72, -1.24), (1.12, -0.56), (0.94, -0.50), (0.80, -0.70)])
    cap.close()
    solid(c, cap, p.accent)
    c.drawPath(curve([(-0.84, -0.64), (-0.4, -0.84), (0.1, -0.89), (0.6, -0.80), (0.84, -0.64)]), soft(p.light, 1, 0.02, 0.22))
    solid(c, oval(1.06, -0.46, 0.15), p.light)


def head_headband(shot, c):
    band = [(-0.78, -0.46), (-0.4, -0.58), (0, -0.61), (0.4, -0.58), (0.78, -0.46)]
    c.drawPath(moved(curve(band), 0, 0.03), soft("#000000", 0.3, 0.04, 0.24))
    c.drawPath(curve(band), soft("#fdfcf8", 1, 0.008, 0.23))
    for k in (-1, 1):
        c.drawPath(poly([(0.76, -0.46), (1.16, -0.50 + 0.16 * k), (1.20, -0.32 + 0.16 * k), (0.76, -0.38)]), soft("#f2efe6", 1, 0.01))
    c.drawPath(moved(text_path("필승", 20), 0, -0.605, 0, 1 / 100), soft("#d8202c", 1, 0.003))


def head_scribble(shot, c):
    pts = [(shot.rng.uniform(-0.6, 0.6), -1.18 + shot.rng.uniform(-0.16, 0.16)) for _ in range(24)]
    c.drawPath(curve(pts), soft("#2c2a36", 0.85, 0.008, 0.035))


def head_petrified(shot, c):
    """Cracks; the stone itself is laid by petrify."""
    for pts in (((-0.30, -0.95), (-0.22, -0.62), (-0.34, -0.46), (-0.24, -0.22)), ((0.62, -0.1), (0.46, 0.10), (0.52, 0.28), (0.34, 0.46)),
                ((-0.45, 0.40), (-0.30, 0.54), (-0.36, 0.72)), ((0.2, 1.5), (0.36, 1.8), (0.26, 2.1), (0.4, 2.5))):  # fmt: skip
        c.drawPath(moved(line(*pts), 0.012, 0.012), soft("#ffffff", 0.55, 0.006, 0.02))
        c.drawPath(line(*pts), soft("#3b3c42", 0.9, 0.004, 0.028))


def petrify(shot):
    """The person turned to stone."""
    rng = shot.rng
    grey = shot.a.mean(2) * (0.92 + 0.05 * pl.noise(rng, 40) + 0.05 * pl.noise(rng, 180)) + 14
    shot.lay(np.dstack([grey * 0.99, grey, grey * 1.02]), shot.cover * 0.94)


# --- effects in the frame -------------------------------------------------------------------------------------


def sticker(c, path, colour):
    """A glossy sticker, like a camera app's."""
    b = path.getBounds()
    c.drawPath(moved(path, 1.5, 3), soft("#000000", 0.30, 3, 9))
    c.drawPath(path, soft("#ffffff", 1, 0.4, 7))
    c.drawPath(path, soft(colour, 1, 0.3))
    c.save()
    c.clipPath(path, doAntiAlias=True)
    c.drawPath(oval(b.centerX(), b.top(), b.width() * 0.55, b.height() * 0.34), soft("#ffffff", 0.34, b.width() * 0.06))
    c.restore()


def frame_flames(shot, c):
    rng = shot.rng
    for scale, colour in ((1, "#e23a1c"), (0.68, "#ff8a1f"), (0.40, "#ffdf70")):
        for k in range(11):
            x, h = 36 * k, (190 + 90 * ((k * 5) % 3) / 2 + 20 * abs(k - 5)) * (0.45 + 0.55 * scale)
            w, lean = 32 * scale, rng.uniform(-14, 14)
            side = w * 0.95
            flame = [(x - w, 380), (x - side, 360 - h * 0.5), (x + lean, 350 - h), (x + side, 360 - h * 0.5), (x + w, 380)]
            c.drawPath(curve(flame, True), soft(colour, 0.72, 5))


def frame_aura(shot, c):
    p = shot.palette
    for k in range(26):
        a = math.pi * (0.95 + 1.1 * k / 25)
        r = shot.unit * (1.42 + 0.22 * (k % 2))
        x, y = shot.cx + r * math.cos(a), shot.cy + r * 1.05 * math.sin(a)
        foot = shot.cx + (x - shot.cx) * 0.6, shot.cy + (y - shot.cy) * 0.55
        c.drawPath(poly([(foot[0] - 16, foot[1]), (x, y - 10), (foot[0] + 16, foot[1])]), soft(mix("#4b1f78", p.dark, 0.3), 0.6, 7))


def frame_shock(shot, c):
    """Bright speed lines from the edges."""
    for k in range(44):
        a = 6.28 * k / 44 + shot.rng.uniform(-0.05, 0.05)
        r = shot.rng.uniform(138, 168)
        tip = (180 + r * math.cos(a), 170 + r * math.sin(a))
        out = [(180 + 300 * math.cos(a + d), 170 + 300 * math.sin(a + d)) for d in (-0.03, 0.03)]
        c.drawPath(poly([tip, *out]), soft("#ffffff", 0.85, 0.6))


def frame_spotlight(shot, c):
    c.drawPath(box(180, 180, 200, 200), soft("#0b0c16", 0.62, 0))
    c.drawPath(poly([(150, -20), (210, -20), (330, 380), (30, 380)]), soft("#fff3cf", 0.55, 14))


def frame_hearts(shot, c):
    for x, y, s in ((44, 66, 18), (318, 54, 23), (338, 128, 13), (22, 134, 12)):
        sticker(c, heart(x, y, s), "#ee3f5d")


def frame_broken(shot, c):
    sticker(c, heart(306, 66, 30), "#c93a52")
    c.drawPath(line((306, 46), (295, 62), (314, 74), (303, 98)), soft("#ffffff", 1, 0.4, 4.5))


def frame_sparkles(shot, c):
    for x, y, s in ((40, 66, 24), (322, 58, 28), (342, 140, 15), (18, 142, 14)):
        c.drawPath(oval(x, y, s * 0.8), soft("#fff2b0", 0.55, s * 0.4))
        c.drawPath(star(x, y, s * 1.15, 4, 0.16), soft("#ffe27a", 1, 1.5))
        c.drawPath(star(x, y, s, 4, 0.12), soft("#ffffff", 1, 0.5))


def frame_confetti(shot, c):
    p = shot.palette
    for k in range(64):
        x, y, a = shot.rng.uniform(0, 360), shot.rng.uniform(0, 300), shot.rng.uniform(0, 180)
        if math.hypot((x - shot.cx) / shot.unit, (y - shot.cy) / shot.unit) < 1.25:
            continue
        near = shot.rng.uniform(0.7, 1.7)
        c.drawPath(moved(box(x, y, 6 * near, 3.4 * near, 1), 0, 0, a, about=(x, y)),
                   soft((p.accent, p.second, "#ffd94a", p.light, "#ec4f63")[k % 5], 0.97, 2.4 * max(near - 1.1, 0.1)))  # fmt: skip


def frame_notes(shot, c):
    for x, y, s, turn in ((46, 76, 1.0, -12), (318, 54, 1.2, 10), (334, 150, 0.8, 14)):
        note = skia.Op(oval(0, 12, 9, 7), box(7.4, -6, 1.8, 19), skia.kUnion_PathOp)
        note = skia.Op(note, poly([(6, -25), (22, -14), (20, -2), (6, -13)]), skia.kUnion_PathOp)
        sticker(c, moved(note, x, y, turn, s * 1.25), shot.palette.accent)


def frame_raincloud(shot, c):
    for _k in range(34):
        x, y = shot.rng.uniform(0, 360), shot.rng.uniform(60, 330)
        c.drawLine(x, y, x - 3, y + 17, soft("#e3f0fa", 0.55, 0.7, 2))
    for x, y, r in ((110, 20, 34), (150, 10, 42), (200, 8, 44), (250, 20, 36), (180, 26, 44), (220, 32, 34), (134, 34, 34)):
        c.drawPath(oval(x, y, r * 1.2, r * 0.72), soft("#4d5568", 0.92, 8))
        c.drawPath(oval(x - 8, y - 12, r * 0.6, r * 0.28), soft("#a9b2c4", 0.55, 9))


def frame_leaves(shot, c):
    p = shot.palette
    for k in range(13):
        x, y, a = shot.rng.uniform(8, 352), shot.rng.uniform(12, 280), shot.rng.uniform(0, 360)
        if math.hypot((x - shot.cx) / shot.unit, (y - shot.cy) / shot.unit) < 1.15:
            continue
        s = shot.rng.uniform(0.8, 1.5)
        leaf = curve([(-13, 0), (0, -7), (15, 0), (0, 7)], True)
        leaf = moved(leaf, x, y, a, s)
        c.drawPath(leaf, soft(("#c8702c", p.accent, "#d9a13a")[k % 3], 0.95, 0.6 + 2.5 * max(s - 1.2, 0)))
        c.drawPath(moved(line((-16, 0), (10, 0)), x, y, a, s), soft("#6b3818", 0.6, 0.5, 1.3))


def frame_wind(shot, c):
    for y, x0, x1 in ((70, 6, 120), (112, 250, 356), (196, 4, 84), (236, 268, 356)):
        c.drawPath(curve([(x0, y), (x0 * 0.6 + x1 * 0.4, y - 7), (x0 * 0.2 + x1 * 0.8, y + 5), (x1, y - 3)]), soft("#ffffff", 0.6, 1.2, 3))


def frame_shiver(shot, c):
    for s in (-1, 1):
        for k in range(2):
            x = shot.cx + s * (shot.unit * 1.06 + 12 + 18 * k)
            y = shot.cy - 40
            path = curve([(x, y - 30), (x + 8, y - 10), (x - 8, y + 10), (x + 8, y + 30), (x - 8, y + 50), (x, y + 72)])
            c.drawPath(path, soft("#3d5fb8", 0.5, 1.5, 7))
            c.drawPath(path, soft("#f1f6ff", 0.95, 0.8, 4))


def mark(shot, c, sign, x, y, turn):
    sticker(c, moved(text_path(sign, 78), x, y, turn), shot.palette.accent)


def frame_bang(shot, c):
    mark(shot, c, "!", 318, 62, 10)


def frame_bangq(shot, c):
    mark(shot, c, "!", 38, 64, -12)
    mark(shot, c, "?", 322, 64, 12)


def frame_what(shot, c):
    mark(shot, c, "?", 318, 66, 12)


def frame_okay(shot, c):
    ring = skia.Op(oval(48, 66, 30), oval(48, 66, 17), skia.kDifference_PathOp)
    sticker(c, ring, "#2f9e5b")


def frame_swirl(shot, c):
    for k in range(5):
        a = 6.28 * k / 5 + 0.6
        x, y = shot.cx + shot.unit * 0.95 * math.cos(a), max(shot.cy - shot.unit * 1.16, 26) + 14 * math.sin(a)
        sticker(c, star(x, y, 14 + 3 * math.sin(a), 5, 0.45), "#ffcf3a")


def frame_dots(shot, c):
    bubble = skia.Op(box(304, 48, 44, 25, 25), poly([(274, 62), (264, 90), (294, 70)]), skia.kUnion_PathOp)
    c.drawPath(moved(bubble, 1, 3), soft("#000000", 0.25, 4))
    c.drawPath(bubble, soft("#ffffff", 1, 0.5))
    for k in (-1, 0, 1):
        c.drawPath(oval(304 + 20 * k, 48, 6), soft("#444a55", 1, 0.5))


def frame_zzz(shot, c):
    for k, s in enumerate((34, 46, 60)):
        sticker(c, moved(text_path("Z", s), 268 + 26 * k, 112 - 36 * k, 10), shot.palette.accent)


def frame_tea(shot, c):
    """Steam of the cup."""
    y = shot.cy + 1.14 * shot.unit
    for k in (-1, 0, 1):
        x = shot.cx + 16 * k
        c.drawPath(curve([(x, y), (x + 7, y - 16), (x - 6, y - 32), (x + 4, y - 50)]), soft("#ffffff", 0.62, 4, 7))


def frame_meal(shot, c):
    x0, y = shot.spot(-0.40, 1.06)
    for k in (-1, 0, 1):
        x = x0 + 12 * k
        c.drawPath(curve([(x, y), (x + 5, y - 12), (x - 5, y - 24), (x + 3, y - 36)]), soft("#ffffff", 0.7, 3, 5))


def frame_wavemarks(shot, c):
    x, y = shot.spot(1.42, 0.62)
    for r in (46, 58):
        for turn in (-46, 40):
            c.drawPath(moved(arch(x, y - r, r * 0.6, -r * 0.14), 0, 0, turn, about=(x, y)), soft("#ffffff", 0.95, 0.6, 4.5))


def frame_blanket(shot, c):
    y = shot.spot(0, 0.50)[1]
    edge = [(-20, 390), (-14, y + 62), (60, y + 16), (120, y + 2), (180, y + 10), (240, y + 1), (300, y + 16), (374, y + 62), (380, 390)]
    path = curve(edge)
    path.close()
    c.drawPath(moved(path, 0, -6), soft("#000000", 0.35, 8))
    c.drawPath(path, soft(shot.palette.accent, 1, 1))
    c.save()
    c.clipPath(path, doAntiAlias=True)
    for k in range(8):
        x = 50 * k
        c.drawPath(curve([(180 + (x - 180) * 0.6, y), (x, y + 60), (180 + (x - 180) * 1.2, 380)]), soft("#000000", 0.24, 7, 14))
        c.drawPath(curve([(192 + (x - 180) * 0.6, y), (x + 14, y + 60), (196 + (x - 180) * 1.2, 380)]), soft("#ffffff", 0.17, 6, 10))
    c.restore()
    c.drawPath(moved(curve(edge[1:-1]), 0, 7), soft(mix(shot.palette.accent, "#ffffff", 0.45), 1, 2, 13))


WALL = 196  # the edge of the wall one peeks from behind


def frame_wall(shot, c):
    p = shot.palette
    wall = poly([(WALL, -10), (380, -10), (380, 380), (WALL, 380)])
    c.drawPath(moved(wall, -8, 3), soft("#000000", 0.4, 9))
    c.drawPath(wall, soft(mix(p.ground, p.shade, 0.18), 1, 0.6))
    for y in range(-12, 370, 34):
        c.drawLine(WALL, y, 370, y, soft(mix(p.shade, p.dark, 0.1), 0.5, 0.8, 2.4))
        for x in range(WALL + (20 if y % 68 else 48), 370, 56):
            c.drawLine(x, y, x, y + 34, soft(mix(p.shade, p.dark, 0.1), 0.5, 0.8, 2.4))
    c.drawPath(box(WALL + 6, 180, 6, 200), soft("#ffffff", 0.35, 3))


def frame_clock(shot, c):
    x, y, r = 306, 66, 38
    for s in (-1, 1):
        sticker(c, oval(x + s * 26, y - 32, 13), shot.palette.second)
    sticker(c, oval(x, y, r), shot.palette.accent)
    c.drawPath(oval(x, y, r - 8), soft("#fffdf6", 1, 0.5))
    for k in range(12):
        a = 6.283 * k / 12
        c.drawPath(oval(x + 25 * math.cos(a), y + 25 * math.sin(a), 1.8), soft("#333333", 1, 0.3))
    c.drawLine(x, y, x - 3, y - 21, soft("#222222", 1, 0.4, 4))
    c.drawLine(x, y, x + 14, y + 6, soft("#222222", 1, 0.4, 4))
    for s in (-1, 1):
        for k in (1, 2):
            c.drawPath(moved(arch(x, y - r - 9 * k - 8, 22, -6), 0, 0, s * 62, about=(x, y)), soft("#ffffff", 0.95, 0.5, 4))


def frame_pulse(shot, c):
    pts = [(-5, 284), (66, 284), (80, 270), (92, 284), (112, 284), (124, 232), (140, 322), (152, 284), (206, 284), (216, 272), (226, 284),
           (244, 284), (256, 236), (270, 318), (282, 284), (365, 284)]  # fmt: skip
    for width, blur, colour, alpha in ((13, 5, "#ff2f4e", 0.55), (6.5, 0.6, "#ff3b57", 1), (2.2, 0.6, "#ffe3e6", 1)):
        c.drawPath(line(*pts), soft(colour, alpha, blur, width))
    sticker(c, heart(48, 66, 27), "#ee3f5d")


def frame_lying(shot, c):
    """A desk to sink onto."""
    y = shot.spot(0, 1.12)[1]
    c.drawPath(poly([(-10, y + 12), (370, y - 4), (370, 380), (-10, 380)]), soft("#000000", 0.4, 9))
    c.drawPath(poly([(-10, y + 16), (370, y), (370, 380), (-10, 380)]), soft(mix("#b98a5e", shot.palette.shade, 0.4), 1, 1))
    c.drawPath(line((-10, y + 19), (370, y + 3)), soft("#ffffff", 0.4, 2, 4))
    for k in range(5):
        c.drawPath(line((-10, y + 34 + 20 * k), (370, y + 20 + 22 * k)), soft(mix("#7a5636", shot.palette.dark, 0.3), 0.3, 2, 2))


def frame_soul(shot, c):
    x, y = 292, 62
    a, b = shot.spot(*shot.head_spot(0.1, mouth_y(shot)))
    c.drawPath(curve([(a, b), (a + 50, b + 10), (a + 86, b - 40), (x + 2, y + 50), (x, y + 20)]), soft("#ffffff", 0.42, 5, 15))
    outline = ((-28, 28), (-30, -10), (0, -34), (30, -10), (28, 28), (8, 52), (-8, 40))
    ghost = curve([(x + dx, y + dy) for dx, dy in outline], True)
    c.drawPath(ghost, soft("#dfe9ff", 0.6, 8, 8))
    c.drawPath(ghost, soft("#ffffff", 0.86, 3))
    for s in (-1, 1):
        c.drawPath(oval(x + s * 11, y - 3, 4.5, 2.6), soft("#4a5068", 1, 0.6))
    c.drawPath(oval(x, y + 13, 5, 7), soft("#4a5068", 1, 0.6))


def frame_table(shot, c):
    p = shot.palette
    c.save()
    c.translate(186, 52)
    c.rotate(-13)
    for s in (-1, 1):
        c.drawPath(poly([(s * 96, 0), (s * 84, 0), (s * 92, -42), (s * 100, -42)]), soft(mix("#7a4f2c", p.dark, 0.2), 1, 0.6))
    top = box(0, 4, 128, 13, 5)
    c.drawPath(moved(top, 2, 8), soft("#000000", 0.35, 6))
    c.drawPath(top, soft("#b5793f", 1, 0.6))
    c.drawLine(-122, -3, 122, -3, soft("#ffffff", 0.45, 1.5, 4))
    c.restore()
    for x, y, turn, colour in ((38, 104, 40, p.accent), (326, 92, -120, p.second), (60, 24, 200, p.light), (338, 24, 60, p.main)):
        bowl = moved(skia.Op(oval(0, 0, 22), box(0, 12, 24, 12), skia.kIntersect_PathOp), x, y, turn)
        sticker(c, bowl, colour)
        for k in range(5):
            c.drawPath(oval(x + 30 * math.cos(k * 1.3), y - 26 + 14 * math.sin(k * 2.1), 3), soft("#ffffff", 0.95, 0.6))


_ALL = {name.split("_", 1)[1]: f for name, f in list(globals().items()) if name.startswith(("head_", "frame_"))}
_ALL["beads"] = head_cold
BEHIND = ("flames", "aura", "shock", "spotlight", "leaves", "wind", "sparkles", "table", "clock")
WORN = ("hat", "nightcap", "headband", "streams", "tear", "cold", "beads", "bigsweat", "haha", "blanket", "wall")
FRONT = tuple(name for name in _ALL if name not in BEHIND + WORN)


def effects(shot, group):
    for name in group:
        if name in shot.script.fx:
            f = _ALL[name]
            shot.paint(lambda c, f=f: f(shot, c), frame=f.__name__.startswith("frame_"))
