"""The photo-like people's heads: relief of the face, skin, eyes, brows, mouth, glasses; all in face coordinates."""

import numpy as np
import skia

from ..common import arch, box, curve, heart, mix, moved, oval, poly, quad, rng_of, spiral, star
from . import photo_light as pl
from .photo_light import soft

EYE_X, NOSE = 0.305, 0.25
# eye: upper lid, lower lid, gaze x, gaze y, iris radius, slant (degrees, inner corner down)
EYES = {
    "dot": (0.092, 0.060, 0, 0, 0.092, 0),
    "teary": (0.092, 0.070, 0, -0.01, 0.102, -9),
    "wide": (0.165, 0.125, 0, 0, 0.062, 0),
    "tiny": (0.140, 0.105, 0.015, 0.01, 0.048, -5),
    "look": (0.105, 0.075, -0.085, 0.025, 0.082, -5),
    "up": (0.105, 0.055, 0.055, -0.06, 0.085, 0),
    "side": (0.060, 0.052, -0.095, 0, 0.086, 7),
    "angry": (0.066, 0.060, 0.0, 0.0, 0.078, 15),
    "flat": (0.038, 0.036, 0, 0.0, 0.088, -6),
    "half": (0.022, 0.062, 0, 0.03, 0.088, -8),
    "down": (0.045, 0.075, 0.03, 0.05, 0.085, -6),
    "star": (0.125, 0.075, 0, 0, 0.108, 0),
    "spiral": (0.135, 0.105, 0, 0, 0.0, 0),
}
CLOSED = {"happy": (-0.125, 0), "squeeze": (-0.075, 9), "shut": (0.080, 0), "heart": (-0.05, 0)}  # bend, turn
# mouth: half width, corner (down is +), opening, turn, upper teeth, lower teeth, tongue
MOUTHS = {
    "smile": (0.26, -0.062, 0, 0, 0, 0, 0),
    "laugh": (0.35, -0.115, 0.31, 0, 1, 0, 1),
    "open": (0.29, -0.08, 0.20, 0, 1, 0, 1),
    "wail": (0.28, 0.14, 0.26, 0, 0, 1, 1),
    "frown": (0.20, 0.075, 0, 0, 0, 0, 0),
    "wave": (0.27, 0.05, 0.10, 0, 1, 1, 0),
    "bite": (0.22, 0.025, 0.09, 0, 1, 1, 0),
    "jaw": (0.16, 0, 0.42, 0, 0, 0, 1),
    "o": (0.095, 0, 0.14, 0, 0, 0, 0),
    "roar": (0.31, 0.05, 0.37, 0, 1, 1, 1),
    "teeth": (0.30, 0.04, 0.16, 0, 1, 1, 0),
    "pout": (0.115, 0.040, 0, 0, 0, 0, 0),
    "slant": (0.19, 0.0, 0, -9, 0, 0, 0),
    "crooked": (0.27, -0.06, 0.08, -8, 1, 0, 0),
    "wobble": (0.19, 0.055, 0, 0, 0, 0, 0),
    "flat": (0.17, -0.014, 0, 0, 0, 0, 0),
}
BROW = {"": (0, 0), "angry": (0.085, -25), "sad": (-0.03, 21), "raised": (-0.12, 3), "one": (0, 0)}  # down, turn


def mouth_y(shot):
    return shot.who.chin - 0.43


# --- skin ---------------------------------------------------------------------------------------------------


def field(shot):
    """<= 1 inside the face: skull and jaw run together; cheeks swell where it smiles or pouts."""
    u, v, d, who = shot.u, shot.v, shot.drop, shot.who
    skull = (u / 0.75) ** 2 + ((v + 0.20) / 0.80) ** 2
    puff = 1 + {"laugh": 0.04, "pout": 0.05, "smile": 0.02}.get(shot.script.mouth, 0) * np.exp(-(((v - 0.35) / 0.25) ** 2))
    jaw = np.abs(u / (who.jaw * puff)) ** 2.3 + ((v - 0.26) / (who.chin - 0.26 + d)) ** 2
    return pl.soft_min(skull, jaw, 0.24)


def head(shot):
    ears(shot)
    q = field(shot)
    mask = pl.edge(q, 34)
    shot.dim(pl.shifted(pl.blur(mask, 7), 2, 9) * (1 - mask), 0.34, shot.near)
    colour = shot.lit(relief(shot, q), skin(shot), gloss=0.05, power=26)
    shot.lay(colour, mask, shot.near)
    shot.paint(lambda c: (lines(shot, c), nose(shot, c), mouth(shot, c), eyes(shot, c)))


def over_hair(shot):
    shot.paint(lambda c: brows(shot, c))
    if shot.who.glasses:
        shot.paint(lambda c: glasses(shot, c))


def ears(shot):
    if shot.who.hairdo == "bob":
        return
    for s in (-1, 1):
        q = ((shot.u - s * 0.76) / 0.12) ** 2 + ((shot.v - 0.08) / 0.21) ** 2
        z = 0.12 * pl.dome(q) - 0.08 * pl.bump(shot.u, shot.v, s * 0.78, 0.08, 0.05, 0.11)
        shot.lay(shot.lit(z, shot.skin * np.array((1.0, 0.93, 0.91), np.float32)), pl.edge(q, 12), shot.near)


def relief(shot, q):
    """The face's height: dome, nose, sockets, cheeks, lips, folds."""
    u, v, age, script = shot.u, shot.v, shot.who.age, shot.script
    b, my = pl.bump, mouth_y(shot)
    z = 0.66 * pl.dome(q)
    ridge = np.clip((v + 0.20) / 0.46, 0, 1)
    z += 0.085 * np.exp(-((u / (0.075 + 0.05 * ridge)) ** 2)) * ridge * np.clip((NOSE + 0.085 - v) / 0.11, 0, 1)
    z += 0.036 * b(u, v, 0, NOSE, 0.085, 0.075)
    smile = script.mouth in ("smile", "laugh", "open")
    tense = script.brows == "angry" or script.mouth in ("wail", "roar")
    for s in (-1, 1):
        z += 0.024 * b(u, v, s * 0.105, NOSE + 0.03, 0.05, 0.05)
        z -= 0.045 * b(u, v, s * 0.30, -0.02, 0.20, 0.11)
        z += 0.018 * b(u, v, s * 0.30, 0.115, 0.15, 0.035)  # the soft bag under the eye
        z += (0.075 if smile else 0.035) * b(u, v, s * 0.42, 0.24, 0.19, 0.15)
        fold = np.exp(-(((u - s * (0.16 + 0.26 * np.clip(v - 0.22, 0, 1))) / 0.030) ** 2)) * b(u, v, s * 0.27, 0.42, 0.2, 0.17)
        z -= (0.004 + 0.018 * age + 0.012 * smile + 0.016 * tense) * fold
        if tense:  # a wrinkled nose and a furrow
            z -= 0.020 * b(u, v, s * 0.055, -0.17, 0.018, 0.09)
            for k in range(2):
                z -= 0.010 * b(u, v - 0.25 * np.abs(u), s * 0.09, 0.0 + 0.055 * k, 0.06, 0.013)
    low = my + 0.12 + shot.drop * 2.1
    z += 0.022 * b(u, v, 0, my + shot.drop * 0.3, 0.24, 0.10) - 0.018 * b(u, v, 0, low, 0.16, 0.045)
    z += 0.035 * b(u, v, 0, shot.who.chin - 0.10 + shot.drop, 0.17, 0.11)
    if script.mouth in ("wobble", "frown", "pout"):  # the chin puckers
        z += 0.0035 * np.sin(u * 70) * np.sin(v * 60 + u * 20) * b(u, v, 0, shot.who.chin - 0.13, 0.13, 0.08)
    if age > 0.3 or script.brows in ("raised", "sad"):
        for k in range(3):
            bend = 0.04 * np.cos(u * 4) * (-1.4 if script.brows == "sad" else 1)
            z -= 0.0045 * (age + 0.4) * np.exp(-(((v + 0.40 + 0.085 * k + bend) / 0.016) ** 2)) * np.exp(-((u / 0.36) ** 4))
    return z


def skin(shot):
    """Colour of the skin: blotches, flush, stubble, the tint of fear or rage."""
    u, v, who, script = shot.u, shot.v, shot.who, shot.script
    rng = rng_of(shot.pack.pack_id, "skin")
    a = np.broadcast_to(shot.skin, (*u.shape, 3)).copy()
    a *= (1 + 0.014 * pl.noise(rng, 26) + 0.006 * pl.noise(rng, 130))[shot.near][..., None]
    b = pl.bump
    flush = sum(b(u, v, s * 0.44, 0.24, 0.20, 0.13) for s in (-1, 1)) + 0.55 * b(u, v, 0, NOSE, 0.12, 0.08)
    strength = {"pink": 0.85, "red": 0.5}.get(script.tint, 0.70 if "flush" in script.fx else 0.46 if script.blush else 0.20)
    a = pl.over(a, pl.flat("#ec6672"), np.clip(flush * strength + 0.12 * b(u, v, 0, who.chin - 0.08, 0.2, 0.1), 0, 0.85))
    sockets = sum(b(u, v, s * 0.31, 0.03, 0.21, 0.12) for s in (-1, 1))
    a = pl.over(a, pl.flat("#b06a58"), (0.32 if script.emotion == "슬픔" else 0.14) * sockets)
    if script.tint == "blue":
        a = pl.over(a, pl.flat("#5470bd"), 0.72 * np.clip((0.10 - v) / 0.75, 0, 1))
    elif script.tint == "red":
        a = pl.over(a, pl.flat("#d8281c"), 0.66 * np.clip((0.42 - v) / 0.9, 0, 1))
    if who.stubble:
        shade = np.clip((v - 0.36) / 0.22, 0, 1) * (1 - 0.7 * b(u, v, 0, mouth_y(shot), 0.26, 0.08))
        a = pl.over(a, pl.flat("#6e6a68"), 0.20 * shade * (1 + 0.3 * pl.noise(rng, 170)[shot.near]))
    for _k in range(14 if who.hairdo == "bowl" else 5):
        x, y = rng.uniform(-0.5, 0.5), rng.uniform(0.1, 0.34)
        a = pl.over(a, pl.flat("#a8674a"), 0.28 * b(u, v, x, y, 0.011, 0.011))
    return a


def lines(shot, c):
    """Crow's feet, bags and laugh lines."""
    age, script = shot.who.age, shot.script
    squeezed = script.eyes in ("squeeze", "happy") or (script.mouth in ("wail", "roar"))
    for s in (-1, 1):
        for k in range(3 if age > 0.7 or (squeezed and age > 0.2) else 0):
            c.drawLine(s * 0.50, -0.03 + 0.04 * k, s * 0.61, -0.10 + 0.07 * k, soft("#8a4a3a", 0.34, 0.01, 0.012))
        if age > 0.3:
            c.drawPath(arch(s * EYE_X, 0.125, 0.25, 0.045), soft("#8a4a3a", 0.30 * age, 0.014, 0.014))
    if script.brows == "angry":
        for s in (-1, 1):
            c.drawPath(curve([(s * 0.045, -0.28), (s * 0.06, -0.18), (s * 0.05, -0.10)]), soft("#7a2f26", 0.45, 0.010, 0.013))
            c.drawPath(quad((s * 0.05, 0.02), (s * 0.09, 0.0), (s * 0.12, 0.03)), soft("#7a2f26", 0.35, 0.010, 0.011))
    if script.tint == "blue":
        for k in range(7):
            x = -0.48 + 0.16 * k
            c.drawLine(x, -0.62, x, -0.30 - 0.07 * (k % 2), soft("#2f4488", 0.42, 0.012, 0.015))


def nose(shot, c):
    c.drawPath(oval(0, NOSE + 0.085, 0.12, 0.022), soft("#b06a55", 0.20, 0.02))
    for s in (-1, 1):
        c.drawPath(oval(s * 0.058, NOSE + 0.062, 0.026, 0.013), soft("#7a3a2e", 0.55, 0.012))
        wing = s * 0.118, NOSE + 0.03
        c.drawPath(moved(arch(*wing, 0.055, 0.035), 0, 0, -72 * s, about=wing), soft("#b06a55", 0.34, 0.012, 0.013))
    c.drawPath(oval(-0.015, NOSE - 0.015, 0.026, 0.022), soft("#ffffff", 0.34, 0.018))


# --- eyes ---------------------------------------------------------------------------------------------------


def lid(w, up, close=None):
    """The upper lid's curve; with close (the lower lid's bend) the whole opening."""
    path = skia.Path()
    path.moveTo(-w, 0.016)
    path.cubicTo(-w * 0.62, -up * 1.42, w * 0.48, -up * 1.48, w, -0.022)
    if close is not None:
        path.cubicTo(w * 0.6, close * 1.36, -w * 0.5, close * 1.4, -w, 0.016)
        path.close()
    return path


def open_eye(c, shot, s, up, lo, gx, gy, iris):
    who, kind = shot.who, shot.script.eyes
    k = who.eye
    w, up, lo, iris = 0.175 * k, up * k, lo * k, iris * k
    c.drawPath(oval(0, -0.03, w * 1.2, up + lo), soft("#8a4a3c", 0.16, 0.05))
    shape = lid(w, up, lo)
    c.drawPath(shape, soft("#faf5f1", 1, 0.006))
    c.save()
    c.clipPath(shape, doAntiAlias=True)
    c.drawPath(oval(-w, 0.01, 0.05, 0.04), soft("#e08a84", 0.7, 0.02))
    if iris:
        dark = mix(who.iris, "#120a08", 0.6)
        c.drawPath(oval(gx, gy, iris), soft(dark, 1, 0.010))
        c.drawPath(oval(gx, gy + iris * 0.10, iris * 0.84), soft(who.iris, 0.9, 0.02))
        c.drawPath(oval(gx, gy + iris * 0.42, iris * 0.55, iris * 0.36), soft(mix(who.iris, "#f0b27a", 0.55), 0.75, 0.025))
        c.drawPath(oval(gx, gy, iris * 0.46), soft("#0b0707", 1, 0.008))
    else:
        c.drawPath(spiral(0, 0, 0.13, 2.6), soft("#22181a", 0.95, 0.003, 0.018))
    c.drawPath(moved(lid(w, up), 0, 0.035), soft("#3a2422", 0.42, 0.025, 0.075))
    if kind == "star":
        c.drawPath(star(gx, gy, iris * 0.9, 5, 0.45), soft("#ffe27a", 1, 0.004))
    if kind == "teary" or shot.script.emotion == "슬픔":
        c.drawPath(oval(0, lo * 1.0, w, lo * 0.6), soft("#d3efff", 0.8, 0.012))
        c.drawPath(oval(gx + iris * 0.3, gy + iris * 0.45, iris * 0.26), soft("#ffffff", 0.9, 0.006))
    if iris:
        c.drawPath(oval(gx - s * iris * 0.34, gy - iris * 0.36, iris * 0.27, iris * 0.30), soft("#ffffff", 1, 0.005))
        c.drawPath(oval(gx + s * iris * 0.40, gy + iris * 0.42, iris * 0.13), soft("#ffffff", 0.75, 0.006))
    c.restore()
    c.drawPath(lid(w, up), soft("#1d1212", 0.95, 0.005, 0.014 + 0.010 * who.lashes))
    if who.lashes > 0.8:
        for j in range(6):
            x = w * (-0.1 + 0.2 * j)
            y = -up * 1.08 * (1 - (x / w) ** 2) - 0.012
            c.drawPath(quad((x, y), (x + 0.01, y - 0.018), (x + 0.03, y - 0.026 * who.lashes)), soft("#1d1212", 0.7, 0.002, 0.009))
    c.drawPath(moved(lid(w * 0.98, up), 0, -0.05), soft("#7a4438", 0.48, 0.008, 0.012))
    c.drawPath(moved(quad((-w * 0.8, 0.02), (0, lo * 1.5), (w * 0.85, 0)), 0, 0.012), soft("#8a4a40", 0.42, 0.008, 0.010))


def closed_eye(c, shot, h, turn):
    w = 0.175 * shot.who.eye
    c.rotate(turn)
    c.drawPath(oval(0, -0.01, w * 1.1, 0.09), soft("#a5604f", 0.20, 0.04))
    c.drawPath(arch(0, 0.04 if h < 0 else -0.01, w * 2, h), soft("#1d1212", 0.95, 0.005, 0.022 + 0.008 * shot.who.lashes))
    c.drawPath(arch(0, 0.075 if h < 0 else 0.055, w * 1.7, h * 0.5 if h < 0 else 0.05), soft("#a5604f", 0.35, 0.014, 0.016))
    if shot.who.lashes > 0.8:
        for k in range(4):
            x, y = w * (0.45 + 0.18 * k), 0.03 + h * (0.8 - 0.25 * k)
            c.drawLine(x, y, x + 0.04, y + (0.03 if h > 0 else -0.012), soft("#1d1212", 0.8, 0.003, 0.011))
    for k in range(3 if shot.script.eyes == "squeeze" else 0):
        c.drawLine(w + 0.01, -0.02 + 0.025 * k, w + 0.08, -0.06 + 0.05 * k, soft("#7d3f33", 0.5, 0.008, 0.011))


def eyes(shot, c):
    kind = shot.script.eyes
    lively = rng_of(shot.pack.pack_id, shot.script.key, "eyes").uniform(0.94, 1.06, 2)
    for s, size in zip((-1, 1), lively, strict=True):
        c.save()
        c.translate(s * EYE_X, 0)
        c.scale(s, 1)
        if kind in CLOSED:
            closed_eye(c, shot, *CLOSED[kind])
        else:
            up, lo, gx, gy, iris, slant = EYES[kind]
            c.rotate(-slant)
            open_eye(c, shot, s, up * size, lo * size, gx * s, gy, iris)
        if kind == "heart":
            c.drawPath(heart(0, 0, 0.235), soft("#c81f3c", 1, 0.008))
            c.drawPath(heart(-0.01, -0.015, 0.18), soft("#f04a66", 1, 0.03))
            c.drawPath(oval(-s * 0.10, -0.08, 0.04, 0.028), soft("#ffffff", 0.9, 0.01))
        c.restore()


def brows(shot, c):
    kind = shot.script.brows
    dy, turn = BROW[kind]
    rng = rng_of(shot.pack.pack_id, shot.script.key, "brows")
    colour = mix(shot.who.hair, "#1a1212", 0.30)
    for s in (-1, 1):
        c.save()
        lift = dy - (0.14 if kind == "one" and s > 0 else 0) - (0.05 if shot.script.eyes == "flat" else 0) + rng.uniform(-0.014, 0.014)
        c.translate(s * (0.30 if kind == "angry" else 0.315), -0.235 + lift)
        c.scale(s, 1)
        c.rotate(turn)
        c.drawPath(curve([(-0.18, 0.02), (-0.05, -0.025), (0.09, -0.035), (0.21, 0.015)]), soft(colour, 0.55, 0.014, shot.who.brow))
        for _k in range(44):
            x = rng.uniform(-0.19, 0.2)
            y = -0.040 * (1 - (x / 0.21) ** 2) + 0.03 * abs(x) + rng.uniform(-0.5, 0.5) * shot.who.brow * (0.9 - 2.5 * max(x, 0))
            c.drawLine(x, y + 0.010, x + 0.035, y - 0.008, soft(colour, 0.5, 0, 0.008))
        c.restore()


# --- mouth --------------------------------------------------------------------------------------------------


def lips(shot, w, k, opening):
    """(upper lip, lower lip, opening) as paths round the mouth's middle."""
    top, low = -0.04 + min(opening, 0.2) * -0.15, opening
    full = 0.058 if shot.who.lashes > 0.8 else 0.043
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
    c.translate(0, mouth_y(shot) - (0.02 if opening else 0))
    c.rotate(turn + rng_of(shot.pack.pack_id, shot.script.key, "mouth").uniform(-3, 3))
    colour = mix(shot.who.lips, "#7d83b4", 0.35) if shot.script.tint == "blue" else shot.who.lips
    up, down, inner = lips(shot, w, k, opening)
    c.drawPath(oval(0, opening + 0.115 - k * 0.3, w * 0.6, 0.025), soft("#8a4a3c", 0.30, 0.03))
    c.drawPath(down, soft(colour, 0.78, 0.016))
    c.drawPath(up, soft(mix(colour, "#7a2a30", 0.18), 0.80, 0.014))
    c.drawPath(oval(-w * 0.12, opening + 0.042 - k * 0.25, w * 0.35, 0.011), soft("#ffffff", 0.42, 0.012))
    if opening:
        inside(c, inner, w, k, opening, upper, lower, tongue)
    else:
        seam = arch(0, k, w * 2, -k * 1.1 - 0.012)
        if shot.script.mouth == "wobble":
            seam = curve([(-w + w * j / 3, k + (0.022 if j % 2 else -0.024)) for j in range(7)])
        c.drawPath(seam, soft("#5a1c1e", 0.9, 0.005, 0.015))
    for s in (-1, 1):
        c.drawPath(oval(s * (w + 0.02), k, 0.020, 0.028), soft("#8a4a3c", 0.42, 0.018))
    c.restore()


def inside(c, inner, w, k, opening, upper, lower, tongue):
    c.drawPath(inner, soft("#43090f", 1, 0.005))
    c.save()
    c.clipPath(inner, doAntiAlias=True)
    if tongue:
        c.drawPath(oval(0, opening * 1.02, w * 0.60, opening * 0.40), soft("#d9646a", 1, 0.03))
        c.drawLine(0, opening * 0.8, 0, opening * 1.1, soft("#a53c44", 0.5, 0.02, 0.02))
    th = min(0.08, opening * 0.5)
    if upper:
        c.drawPath(box(0, -0.04 - k * 0.2, w * 0.84, th + 0.02, 0.03), soft("#fffaf3", 1, 0.008))
    if lower:
        c.drawPath(box(0, opening * 0.99 - k * 0.25, w * 0.74, th * 0.85, 0.03), soft("#f2ebe1", 1, 0.008))
    for j in range(-4, 5):
        if upper:
            c.drawLine(j * w * 0.2, -0.2, j * w * 0.2, -0.04 + th, soft("#b9a89c", 0.34, 0.004, 0.007))
        if lower:
            c.drawLine(j * w * 0.2, opening * 0.99 - th, j * w * 0.2, opening + 0.3, soft("#b9a89c", 0.34, 0.004, 0.007))
    if upper and lower and opening < 0.2:
        c.drawLine(-w, opening * 0.44 - k * 0.2, w, opening * 0.44 - k * 0.2, soft("#3a1a18", 0.9, 0.004, 0.014))
    c.drawPath(inner, soft("#2a0508", 0.5, 0.02, 0.04))
    c.restore()


# --- glasses ------------------------------------------------------------------------------------------------


def glasses(shot, c):
    """They slip when he is startled."""
    if shot.script.key in ("huh", "melt", "flip", "hurry", "cry"):
        c.rotate(7)
        c.translate(0, 0.04)
    for s in (-1, 1):
        frame = box(s * 0.315, 0.02, 0.245, 0.185, 0.10)
        c.drawPath(moved(frame, 0.01, 0.03), soft("#5a2820", 0.22, 0.02, 0.03))
        c.drawPath(frame, soft("#ffffff", 0.07, 0))
        c.drawPath(frame, soft("#1a1a1e", 0.95, 0.004, 0.026))
        x = s * 0.315
        c.drawPath(poly([(x - 0.15, -0.11), (x - 0.05, -0.11), (x - 0.13, 0.13), (x - 0.2, 0.13)]), soft("#ffffff", 0.20, 0.01))
        c.drawLine(s * 0.56, -0.02, s * 0.75, -0.05, soft("#1a1a1e", 0.9, 0.006, 0.026))
    c.drawPath(arch(0, 0.0, 0.15, -0.035), soft("#1a1a1e", 0.95, 0.004, 0.026))
