"""Pixel art: a 45 x 45 grid shown 8 times larger, 1-pixel dark outline, dithered shade, few colours."""

import itertools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..common import font_file, mix, rgb, rng_of
from .pixel_sprites import BITS, BROWS, EYES, MOUTHS, ONE_WAY

N, ZOOM = 45, 8
CX = 22


class Grid:
    """The picture as N x N RGBA cells."""

    def __init__(self, palette):
        self.a = np.zeros((N, N, 4), np.uint8)
        self.p, self.slime = palette, False
        self.keys = {
            "#": palette.dark,
            "w": "#ffffff",
            "m": mix(palette.dark, "#6b1020", 0.5),
            "p": "#f2777f",
            "r": "#e5404e",
            "y": "#ffd94a",
            "o": "#f79a2e",
            "b": "#8fd3f5",
            "d": "#4a90d9",
            "g": "#9aa1b5",
            "k": "#2f9e5b",
            "a": palette.accent,
        }

    def put(self, mask, colour):
        self.a[mask] = (*rgb(colour), 255)

    def sprite(self, rows, x, y, flip=False, centre=True):
        """Stamp rows of keys; x is the middle, y the top."""
        width = max(map(len, rows))
        x0 = round(x - width / 2) if centre else round(x)
        for j, row in enumerate(rows):
            for i, key in enumerate(row.ljust(width, ".")[::-1] if flip else row):
                u, v = x0 + i, round(y) + j
                if key in self.keys and 0 <= u < N and 0 <= v < N:
                    self.a[v, u] = (*rgb(self.keys[key]), 255)

    def blob(self, mask, colour, shade=None):
        """Fill, dithered shade at the lower right, outline."""
        self.put(grow(mask), self.p.dark)
        self.put(mask, colour)
        inner = mask & ~shift(mask, -2, -2)
        edge = mask & ~shift(mask, -1, -1)
        yy, xx = np.indices(mask.shape)
        self.put(edge | inner & ((xx + yy) % 2 == 0), shade or self.p.shade)


def shift(mask, dx, dy):
    out = np.zeros_like(mask)
    h, w = mask.shape
    out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = mask[max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)]
    return out


def grow(mask, n=1):
    for _ in range(n):
        mask = mask | shift(mask, 1, 0) | shift(mask, -1, 0) | shift(mask, 0, 1) | shift(mask, 0, -1)
    return mask


def oval(cx, cy, rx, ry, power=2.0):
    yy, xx = np.indices((N, N))
    return (np.abs((xx - cx) / rx) ** power + np.abs((yy - cy) / ry) ** power) <= 1


def shape(points):
    im = Image.new("1", (N, N))
    ImageDraw.Draw(im).polygon([(round(x), round(y)) for x, y in points], fill=1)
    return np.array(im)


def stick(a, b, width=3):
    im = Image.new("1", (N, N))
    ImageDraw.Draw(im).line([(round(a[0]), round(a[1])), (round(b[0]), round(b[1]))], fill=1, width=width)
    return np.array(im)


# --- who it is: (head mask, body mask or None), called with the vertical offset -------------------------------


def cat(g, y):
    tail = stick((29, y + 31), (35, y + 29), 2) | stick((35, y + 29), (36, y + 24), 2)
    g.blob(tail, g.p.main)
    for s in (-1, 1):
        g.blob(shape([(CX + s * 4, y + 8), (CX + s * 11, y), (CX + s * 12, y + 12)]), g.p.main)
        g.put(shape([(CX + s * 8, y + 7), (CX + s * 10, y + 4), (CX + s * 10, y + 8)]), g.p.shade)


def cat_marks(g, y):
    for dx, h in ((-3, 2), (0, 3), (3, 2)):
        g.put(stick((CX + dx, y + 6), (CX + dx, y + 5 + h), 1), g.p.shade)
    for s in (-1, 1):
        g.put(stick((CX + s * 12, y + 18), (CX + s * 15, y + 17), 1) | stick((CX + s * 12, y + 20), (CX + s * 15, y + 21), 1), g.p.dark)


def rabbit(g, y):
    for s in (-1, 1):
        g.blob(oval(CX + s * 6, y + 2, 3.2, 7), g.p.light, g.p.main)
        g.put(oval(CX + s * 6, y + 2.5, 1.4, 5), g.p.main)


def rabbit_marks(g, y):
    g.put(stick((CX - 10, y + 23), (CX + 10, y + 23), 2), g.p.main)


def slime_marks(g, y):
    g.put(oval(CX - 8, y + 8, 3, 1.6) | oval(CX - 11, y + 12, 1.2, 1.2), "#ffffff")


FIGURES = {"cat": (cat, cat_marks), "rabbit": (rabbit, rabbit_marks), "slime": (lambda g, y: None, slime_marks)}


def hand_places(pose, y, t):
    """Hands (left, right) and whether they lie over the face."""
    low, wag = (9, y + 29), round(2 * math.sin(6.28 * t))
    table = {
        "down": (low, low),
        "up": ((16, y + 16 + wag),) * 2,
        "wave": (low, (16, y + 15 + wag)),
        "ok": (low, (15, y + 22)),
        "wave2": ((16, y + 20 + wag), (16, y + 20 - wag)),
        "cheeks": ((9, y + 21),) * 2,
        "mouth": ((4, y + 24),) * 2,
        "chin": (low, (5, y + 24)),
        "scratch": (low, (12, y + 8)),
        "fists": ((12, y + 25 + wag),) * 2,
        "pray": ((2, y + 27),) * 2,
        "heart": ((5, y + 28),) * 2,
        "cup": ((5, y + 28),) * 2,
        "belly": ((5, y + 28),) * 2,
        "hug": ((3, y + 27),) * 2,
        "cross": ((3, y + 27),) * 2,
    }
    return table[pose]


def arms(g, pose, y, t, coat, shade, front):
    for s, (x, hy) in zip((-1, 1), hand_places(pose, y, t), strict=True):
        over = pose in ("cheeks", "mouth", "chin", "scratch", "pray", "heart", "cup", "belly", "hug", "cross")
        if over != front:
            continue
        start, end = (CX + s * 7, y + 27), (CX + s * x, hy)
        arm = stick(start, end, 3)
        if g.slime:
            arm = oval(*end, 1, 1)
        elif pose == "scratch" and s > 0:
            arm = stick(start, (CX + 15, y + 19), 3) | stick((CX + 15, y + 19), end, 3)
        g.blob(arm | oval(*end, 2.4, 2.4), coat, shade)


def tint(g, head, y, kind):
    if not kind:
        return
    colour = "#7f9be6" if kind == "blue" else "#ee5a52"
    yy, xx = np.indices((N, N))
    zone = head & (yy < y + 12 + (xx % 4 < 2))
    g.put(zone & ((yy < y + 10) | ((xx + yy) % 2 == 0)), colour)
    if kind == "blue":
        for k in range(4):
            g.put(head & (xx == CX + 3 + 2 * k) & (yy < y + 11 - k % 2) & (yy > y + 6), "#3f5aa0")


def face(g, script, y, t):
    ex, ey, my = 6, y + 12, y + 19
    if script.blush:
        for s in (-1, 1):
            g.put(oval(CX + s * 10, y + 18.5, 2.2, 1.4), "#f0616f")
    for s in (-1, 1):
        rows = EYES[script.eyes]
        g.sprite(rows, CX + s * ex + 0.5, ey, flip=s > 0 and script.eyes not in ONE_WAY)
        if script.brows in BROWS and not (script.brows == "one" and s < 0):
            g.sprite(BROWS[script.brows], CX + s * ex + 0.5, ey - 3, flip=s > 0)
    g.sprite(MOUTHS[script.mouth], CX + 0.5, my)


def fx_flames(g, y, t):
    for k, (dx, dy) in enumerate(((-14, 5), (-9, 0), (-3, -3), (3, -3), (9, 0), (14, 5))):
        g.sprite(BITS["flame"], CX + dx + 0.5, y + dy + (1 if int(t * 8 + k) % 2 else 0))


def fx_streams(g, y, t):
    for s in (-1, 1):
        g.put(shape([(CX + s * 5, y + 15), (CX + s * 8, y + 15), (CX + s * 10, y + 24), (CX + s * 6, y + 24)]), "#8fd3f5")
        k = int(t * 8) % 8
        g.put(stick((CX + s * 7, y + 15 + k), (CX + s * 7, y + 17 + k), 1), "#ffffff")
        g.sprite(BITS["smalldrop"], CX + s * 16, y + 9 + k % 4)


def fx_scribble(g, y, t):
    rng = rng_of("scribble")
    pts = [(CX + rng.uniform(-11, 11), y + 1 + rng.uniform(-2, 3)) for _ in range(14)]
    for a, b in itertools.pairwise(pts):
        g.put(stick(a, b, 1), "#4b4b60")


def fx_blanket(g, y, t):
    mask = oval(CX, y + 34, 18, 15) & (np.indices((N, N))[0] < y + 33)
    g.blob(mask & (np.indices((N, N))[0] > y + 20), g.p.accent, mix(g.p.accent, g.p.dark, 0.35))
    for k in range(-3, 4):
        g.put(oval(CX + 4 * k, y + 26 + k % 2 * 3, 0.8, 0.8), g.p.light)
    for s in (-1, 1):
        g.blob(oval(CX + s * 6, y + 21, 2.2, 2), g.p.main)


def fx_confetti(g, y, t):
    rng, colours = rng_of("confetti", g.p.name), (g.p.accent, g.p.second, "#ffd94a", "#ec4f63", "#7fb977")
    for k in range(26):
        x, v = int(rng.integers(0, N)), int(rng.integers(0, 34))
        v = (v + int(t * 34)) % 34
        if abs(x - CX) > 15 or v < y:
            g.a[v : v + 1 + k % 2, x : x + 2] = (*rgb(colours[k % 5]), 255)


def fx_haha(g, y, t):
    k = int(t * 8) % 2
    for s in (-1, 1):
        g.sprite(BITS["smalldrop"], CX + s * (15 + k), y + 11)
        for dx, dy in ((13, 4), (16, 8 - 2), (10, 2)):
            g.put(stick((CX + s * dx, y + dy), (CX + s * (dx + 2), y + dy - 2), 1), g.p.accent)


def fx_tear(g, y, t):
    for s in (-1, 1):
        g.sprite(BITS["smalldrop"], CX + s * 9, y + 17 + (int(t * 8) + (2 if s > 0 else 0)) % 4)


def fx_shock(g, y, t):
    for k in range(9):
        a = math.pi * (1 + (k + 0.5) / 9)
        r = 17 + (int(t * 8) + k) % 2
        g.put(
            stick(
                (CX + r * math.cos(a), y + 16 + r * 0.9 * math.sin(a)),
                (CX + (r + 3) * math.cos(a), y + 16 + (r + 3) * 0.9 * math.sin(a)),
                1,
            ),
            g.p.accent,
        )


def fx_rain(g, y, t):
    for k in range(6):
        v = (int(t * 8) + k * 3) % 8
        g.put(stick((CX - 13 + 5 * k, y + 5 + v), (CX - 13 + 5 * k, y + 6 + v), 1), "#4a90d9")
    g.sprite(BITS["cloud"], CX + 0.5, y)


def fx_puddle(g, y, t):
    g.put(oval(CX, y + 33, 17, 2), "#8fd3f5")


def placed(*items):
    """An effect made of sprites: (name, dx, dy, bob)."""

    def effect(g, y, t):
        for k, (name, dx, dy, bob) in enumerate(items):
            g.sprite(BITS[name], CX + dx, y + dy + (round(bob * math.sin(6.28 * t + k)) if bob else 0))

    return effect


BEHIND = {"flames": fx_flames, "shock": fx_shock, "puddle": fx_puddle}
FRONT = {
    "haha": fx_haha,
    "streams": fx_streams,
    "scribble": fx_scribble,
    "blanket": fx_blanket,
    "confetti": fx_confetti,
    "tear": fx_tear,
    "raincloud": fx_rain,
    "hearts": placed(("heart", 17, 1, 1), ("smallheart", -17, 6, 1), ("smallheart", 19, 14, 1), ("smallheart", -19, 13, 1)),
    "broken": placed(("broken", 15, 1, 1)),
    "hat": placed(("hat", 0.5, -1, 0)),
    "sparkles": placed(("sparkle", -17, 3, 1), ("sparkle", 18, 1, 1), ("smallsparkle", 19, 12, 1), ("smallsparkle", -19, 13, 1)),
    "vein": placed(("vein", 12, 3, 1)),
    "steam": placed(("steam", -17, 6, 1), ("steam", 18, 6, 1)),
    "puff": placed(("puff", -17, 17, 1)),
    "shiver": placed(("shiver", -17, 14, 1), ("shiver", 18, 14, 1), ("shiver", -20, 15, 1), ("shiver", 21, 15, 1)),
    "cold": placed(("smalldrop", -14, 8, 1), ("smalldrop", 15, 9, 1), ("smalldrop", 12, 4, 1)),
    "bang": placed(("bang", 18, 1, 1)),
    "bangq": placed(("bang", -18, 3, 1), ("what", 18, 3, 1)),
    "what": placed(("what", 18, 1, 1)),
    "beads": placed(("smalldrop", -14, 1, 1), ("smalldrop", 14, 1, 1), ("smalldrop", -18, 13, 1)),
    "bigsweat": placed(("drop", 13, 6, 1)),
    "swirl": placed(("swirl", -17, 3, 1), ("smallsparkle", 8, 0, 1)),
    "dots": placed(("bubble", 15, 0, 1)),
    "zzz": placed(("z", 13, 5, 1), ("bigz", 19, 0, 1)),
    "nightcap": placed(("cap", 0, 2, 0)),
    "tea": lambda g, y, t: None,
}


def figure(g, pack, script, y, t):
    coat, shade = (g.p.light, g.p.main) if pack.character == "rabbit" else (g.p.main, g.p.shade)
    back, marks = FIGURES[pack.character]
    g.slime = pack.character == "slime"
    squash = round(1.2 * math.sin(6.28 * t)) if script.motion in ("bounce", "sink", "nod") else 0
    for name in script.fx:
        if name in BEHIND:
            BEHIND[name](g, y, t)
    back(g, y)
    arms(g, script.arms, y, t, coat, shade, False)
    if pack.character == "slime":
        head = (oval(CX, y + 20 - squash, 15 + squash / 2, 15) & (np.indices((N, N))[0] < y + 24)) | (
            oval(CX, y + 25, 17, 8, 3) & (np.indices((N, N))[0] < y + 33)
        )
    else:
        body = oval(CX, y + 29, 8, 5, 2.6) | oval(CX - 4, y + 33, 2.6, 1.6) | oval(CX + 4, y + 33, 2.6, 1.6)
        g.blob(body, coat, shade)
        g.put(oval(CX, y + 29, 3.6, 3), g.p.light if coat != g.p.light else g.p.ground)
        head = oval(CX, y + 14.5 + squash / 2, 13.5, 10, 2.7)
    g.blob(head, coat, shade)
    tint(g, head, y, script.tint)
    marks(g, y)
    face(g, script, y, t)
    if script.arms == "heart":
        g.sprite(BITS["heart"], CX + 0.5, y + 24)
    arms(g, script.arms, y, t, coat, shade, True)
    if script.arms == "cup":
        g.sprite(BITS["cup"], CX + 0.5, y + 26)
    if script.arms == "ok":
        g.sprite(BITS["ring"], CX + 16, y + 9)
    for name in script.fx:
        if name in FRONT:
            FRONT[name](g, y, t)


def lettering(g, words):
    """Nanum letters of 12 pixels without smoothing, on a dark plate."""
    font = ImageFont.truetype(font_file(""), 12)
    im = Image.new("1", (N * 2, 16))
    pen = ImageDraw.Draw(im)
    pen.fontmode = "1"
    pen.text((2, 1), words, fill=1, font=font)
    letters = np.array(im)
    ys, xs = np.nonzero(letters)
    letters = letters[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    letters = letters[:, :N]
    mask = np.zeros((N, N), bool)
    x, y = (N - letters.shape[1]) // 2, N - 1 - letters.shape[0]
    mask[y : y + letters.shape[0], x : x + letters.shape[1]] = letters
    yy, xx = np.indices((N, N))
    h, w = letters.shape
    plate = (xx >= x - 2) & (xx < x + w + 2) & (yy >= y - 1) & (yy <= y + h)
    corners = ((xx == x - 2) | (xx == x + w + 1)) & ((yy == y - 1) | (yy == y + h))
    g.put(plate & ~corners, g.p.dark)
    g.put(mask, "#ffffff")


def draw(pack, palette, script, t=0.0, moving=False):
    g = Grid(palette)
    words = script.text(pack.tone)
    y = (1 if words else 6) + (3 if pack.character == "rabbit" else 0)
    dx = 0
    if moving:
        step = int(t * 8)
        y += (0, 0, 1, 1, 0, 0, 1, 1)[step] if script.motion in ("nod", "sway", "sink") else 0
        y -= (0, 1, 1, 0, 0, 1, 1, 0)[step] if script.motion == "bounce" else 0
        dx = (0, 1, 0, -1, 0, 1, 0, -1)[step] if script.motion in ("tremble", "shake") else 0
    figure(g, pack, script, y, t)
    g.a = np.roll(g.a, dx, axis=1)
    if words:
        lettering(g, words)
    big = np.repeat(np.repeat(g.a, ZOOM, 0), ZOOM, 1)
    return Image.fromarray(big, "RGBA")
