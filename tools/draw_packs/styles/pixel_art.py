"""Pixel art: a 60 x 60 grid shown 6 times larger. Hand-set eyes, mouths and effects on small bodies with dark-toned
outlines, a lit and a dithered side and at most some twenty colours; motion, too, goes by whole cells."""

import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..common import font_file, mix
from .pixel_cast import CAST, Who
from .pixel_effects import BEHIND, FRONT
from .pixel_grid import CHECKER, INSIDE, XX, YY, ZOOM, Grid, N, capsule, grow, oval, shift
from .pixel_sprites import BITS, BROWS, EYES, MOUTHS, ONE_WAY

COLOURS = 24
FRONT_ARMS = ("cheeks", "mouth", "chin", "scratch", "pray", "heart", "cup", "belly", "hug", "cross", "bowl", "eyes", "phone", "hips")
HELD = {"heart": ("heart", 0, 12), "cup": ("cup", 1, 13), "bowl": ("bowl", 0, 13)}  # sprite, dx, its top above the floor
BOB = {"nod": (0, 1, 2, 2, 1, 0), "bounce": (0, 1, 2, 1, 0, 0), "sink": (0, 0, 1, 2, 2, 1)}
LIFT = {"bounce": (0, 0, 0, 3, 5, 3)}
SHAKE = {"tremble": (1, -1, 1, -1, 1, -1), "shake": (0, 1, 0, -1, 0, 0)}
SLIME = (  # its outline: how far down, how wide
    (0, 0.05, 0.1, 0.14, 0.2, 0.27, 0.36, 0.48, 0.62, 0.76, 0.88, 0.95, 1),
    (0.04, 0.08, 0.14, 0.3, 0.52, 0.69, 0.83, 0.93, 0.98, 1, 0.98, 0.93, 0.82),
)
LEAN = {"sway": (0, 2, 3, 0, -2, -3), "shake": (0, 2, 0, -2, 0, 0)}


@dataclass
class Figure:
    """Who stands where: cx, the head's middle hy, the floor; filled in by the parts as they are drawn."""

    who: Who
    cx: int
    hy: int
    floor: int
    coat: str
    cloth: str
    tones: tuple
    mood: str  # of the ears: up, droop, back
    step: int
    squash: int = 0
    dx: int = 8  # half the distance between the eyes
    head: np.ndarray = field(default=None)

    @property
    def ey(self):
        return self.hy + 1

    @property
    def my(self):
        return self.hy + 5 + self.who.low

    def bob(self, k):
        return (0, 1, 1, 0, -1, -1)[(self.step + 2 * int(k)) % 6]


def figure_of(g, pack, script, floor, step, moving):
    who = CAST[pack.character]
    coat, cloth = (getattr(g.p, name, name) for name in (who.coat, who.cloth or who.coat))
    g.wear(g.tones(coat))
    mood = {"슬픔": "droop", "불안": "droop", "분노": "back"}.get(script.emotion, "up")
    f = Figure(who, 29, who.hy + floor - 44, floor, coat, cloth, g.tones(coat), mood, step)
    if moving:
        f.squash = cycle(BOB, script.motion, step)
        f.hy += f.squash
    if "lying" in script.fx:
        f.hy, f.cx = (f.hy if who.one else floor - round(who.ry)), f.cx - 5
    elif "table" in script.fx:
        f.cx -= 3
    elif mood == "droop" and not who.one and script.arms == "down":
        f.hy += 1
    return f


# --- pose --------------------------------------------------------------------------------------------------


def hands(f, pose):
    """Where the (left, right) hand is: (dx from the middle, y)."""
    wag, side, low, belly = 2 * f.bob(0), 21, (11, f.floor - 5), f.floor - (4 if f.who.one else 7)
    pairs = {
        "down": (low, low),
        "hips": ((9, f.floor - 5),) * 2,
        "up": ((side, f.hy - 4 + wag),) * 2,
        "wave": (low, (side, f.hy - 2 + wag)),
        "hanky": (low, (side, f.hy + 2 + wag)),
        "fistup": ((10, f.floor - 5), (side, f.hy - 5 + wag)),
        "dance": ((side, f.hy - 3 + wag), (18, f.floor - 9 - wag)),
        "ok": (low, (side - 1, f.hy + 9)),
        "stop": (low, (17, f.hy + 12)),
        "wave2": ((side, f.hy + 6 + wag), (side, f.hy + 6 - wag)),
        "cheeks": ((13, f.hy + 9),) * 2,
        "mouth": ((6, f.my + 6),) * 2,
        "eyes": ((f.dx + 3, f.ey + 4),) * 2,
        "chin": (low, (6, f.my + 7)),
        "scratch": (low, (14, f.hy - 9)),
        "fists": ((15, f.floor - 9 + wag),) * 2,
        "pray": ((3, belly - 1),) * 2,
        "hug": ((4, belly - 1),) * 2,
        "cross": ((4, belly),) * 2,
        "belly": ((5, belly),) * 2,
        "heart": ((6, belly),) * 2,
        "cup": ((6, belly),) * 2,
        "bowl": ((9, belly), (20, f.hy + 5)),
        "phone": ((6, belly),) * 2,
    }
    return pairs.get(pose, (low, low))


def elbow_of(f, pose, s):
    both = {"hips": (15, f.floor - 8), "eyes": (16, f.hy + 12)}
    right = {"scratch": (20, f.hy + 4), "chin": (12, f.floor - 5)}
    dx, y = both.get(pose) or right.get(pose if s > 0 else "") or (0, 0)
    return (f.cx + s * dx, y) if dx else None


def arm(g, f, pose, s, hand):
    start, end = (f.cx + s * 8, f.floor - 10), (f.cx + s * hand[0], hand[1])
    elbow = elbow_of(f, pose, s) or end
    if not f.who.one:
        g.blob(capsule(start, elbow, 2.3) | capsule(elbow, end, 2.3), f.cloth)
    g.blob(oval(*end, 3.5, 3.3), f.coat, f.tones)
    reach = math.dist(start, end)
    if not f.who.one and f.cloth == f.coat and elbow == end and reach > 5:  # no line between arm and paw
        k = 4 / reach
        g.put(capsule(end, (end[0] + (start[0] - end[0]) * k, end[1] + (start[1] - end[1]) * k), 1.6), f.tones[1])


def arms(g, f, pose, front):
    if pose in ("ledge", "type", "board"):
        return
    for s, hand in zip((-1, 1), hands(f, pose), strict=True):
        if front == (pose in FRONT_ARMS and not (pose == "bowl" and s > 0)):
            arm(g, f, pose, s, hand)


def torso(g, f):
    x, y, top, bare = f.cx, f.floor, f.hy + f.who.ry - 2, f.cloth == f.coat
    for s in (-1, 1):
        g.blob(oval(x + s * 5, y - 1.5, 4, 2), f.coat if bare else g.p.dark)
    body = oval(x, (top + y) / 2, 9.5, (y - top) / 2, 2.6) | oval(x, y - 6, 10, 5, 2.4)
    g.blob(body, f.cloth)
    if bare:
        g.put(body & oval(x, y - 5, 5.5, 5), g.p.light if f.coat != g.p.light else g.p.ground)
    f.who.worn(g, f)


def lying(g, f):
    """Flat on the floor: the head first, the rest in a heap behind."""
    x, y = f.cx + 19, f.floor - 4
    for dy in (-1, 2):
        g.blob(capsule((x + 8, y + dy), (x + 12, y + dy), 2), f.coat if f.cloth == f.coat else g.p.dark)
    g.blob(oval(x, y, 10, 4.6, 2.4), f.cloth)


def head_of(f):
    w = f.who
    if w.one:
        top = f.floor - 39 + 2 * f.squash
        half = np.interp((YY[:, 0] - top) / (f.floor - top), *SLIME) * (w.rx + f.squash)
        return (np.abs(XX - f.cx) <= half[:, None]) & (top <= YY) & (f.floor >= YY)
    return oval(f.cx, f.hy, w.rx, w.ry, w.power)


def tint(g, f, kind):
    """A colour over the forehead: blue of fear with gloom lines, red of rage; pink all over for shame."""
    colour = {"blue": "#8fb4ee", "red": "#ee5a52", "pink": "#f77f95"}.get(kind)
    if not colour:
        return
    end = f.ey + {"blue": -3, "red": 0, "pink": 12}[kind]
    g.put(f.head & (end - 4 > YY), colour)
    g.put(f.head & (end - 4 <= YY) & (end + 2 > YY) & CHECKER, colour)
    if kind == "blue":
        top = int(np.nonzero(f.head)[0].min())
        lines = (np.abs(XX - f.cx) <= 9) & ((XX - f.cx) % 3 == 0) & (top + 1 < YY) & (f.ey - 7 + (XX - f.cx) % 2 * 2 > YY)
        g.put(f.head & lines, "#4a68b8")


def face(g, f, script):
    f.who.over(g, f)
    eye, brow = EYES[script.eyes], BROWS.get(script.brows)
    for s in (-1, 1):
        if script.blush:
            g.put(oval(f.cx + s * 12.5, f.ey + 6, 3, 1.8) & f.head, "#f2606f")
        g.sprite(eye, f.cx + s * f.dx, f.ey - len(eye) // 2, flip=s > 0 and script.eyes not in ONE_WAY)
        if brow and not (script.brows == "one" and s < 0):
            g.sprite(brow, f.cx + s * f.dx, f.ey - 9, flip=s > 0)
    if f.who.snout:
        g.sprite(["###", ".#."], f.cx, f.my - 2)
    g.sprite(MOUTHS[f.who.smile if script.mouth == "smile" else script.mouth], f.cx, f.my)


def figure(g, f, script):
    for name in script.fx:
        if name in BEHIND:
            BEHIND[name](g, f)
    f.head = head_of(f)
    f.who.behind(g, f)
    flat = "lying" in script.fx
    if flat:
        lying(g, f)
    else:
        arms(g, f, script.arms, False)
        if not f.who.one:
            torso(g, f)
    g.blob(f.head, f.coat, f.tones)
    layers = [lambda: f.who.marks(g, f), lambda: tint(g, f, script.tint)]
    for layer in layers[:: 1 if f.cloth == f.coat else -1]:  # hair lies over the tint
        layer()
    face(g, f, script)
    if flat:
        g.blob(oval(f.cx - 17, f.floor - 2, 4, 2.6), f.coat, f.tones)
    else:
        arms(g, f, script.arms, True)
        props(g, f, script)
    for name in script.fx:
        if name in FRONT:
            FRONT[name](g, f)


def props(g, f, script):
    pose = script.arms
    if pose in HELD:
        name, dx, up = HELD[pose]
        g.sprite(BITS[name], f.cx + dx, f.floor - up + (4 if f.who.one else 0))
    right = hands(f, pose)[1]
    if pose == "ok":
        g.sprite(BITS["ring"], f.cx + right[0] + 1, right[1] - 16)
    elif pose == "stop":
        g.sprite(BITS["palm"], f.cx + right[0] + 1, right[1] - 8)


# --- lettering, motion, frame ------------------------------------------------------------------------------


def letter_mask(words):
    """Nanum letters of 15 cells without smoothing, as small as they are."""
    font = ImageFont.truetype(font_file("Bold"), 15, layout_engine=ImageFont.Layout.BASIC)
    im = Image.new("1", (3 * N, 30))
    pen = ImageDraw.Draw(im)
    pen.fontmode = "1"
    pen.text((4, 4), words, fill=1, font=font)
    a = np.array(im)
    ys, xs = np.nonzero(a)
    return a[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def lettering(g, words):
    """Under the figure: light above, the palette's letter colour below, a dark rim."""
    letters = letter_mask(words)
    h, w = letters.shape
    y, x = N - 2 - h, (N - w) // 2
    mask = np.zeros((N, N), bool)
    mask[y : y + h, x : x + w] = letters
    g.put(grow(shift(mask, 1, 0) | shift(mask, -1, 0) | mask), g.p.dark)
    g.put(mask, mix(g.p.letter, "#ffffff", 0.7))
    g.put(mask & (y + h - 4 <= YY), mix(g.p.letter, "#ffffff", 0.15))


def slanted(a, lean, floor):
    """Rows shifted by up to lean cells at the top, as far as nothing leaves the frame."""
    while lean:
        out = np.concatenate([shift(a[v : v + 1], round(lean * (floor - v) / floor), 0) for v in range(N)])
        if fits(out, a):
            return out
        lean -= int(math.copysign(1, lean))
    return a


def fits(after, before):
    return (after[INSIDE][:, 3] > 0).sum() == (before[..., 3] > 0).sum()


def moved(a, motion, step):
    """The whole figure lifted and shaken, as far as it stays inside."""
    for lift in range(cycle(LIFT, motion, step), -1, -1):
        out = shift(a, cycle(SHAKE, motion, step), -lift)
        if fits(out, a):
            return out
    return a


def cycle(table, motion, step):
    return table[motion][step] if motion in table else 0


def draw(pack, palette, script, t=0.0, moving=False):
    g, words, step = Grid(palette), script.text(pack.tone), round(t * 6) % 6
    floor = 44 if words else 51
    figure(g, figure_of(g, pack, script, floor, step, moving), script)
    if moving:
        g.a = moved(slanted(g.a, cycle(LEAN, script.motion, step), floor), script.motion, step)
    else:
        g.a = slanted(g.a, round(0.5 * script.tilt), floor)
    if words:
        lettering(g, words)
    return Image.fromarray(np.repeat(np.repeat(g.a, ZOOM, 0), ZOOM, 1), "RGBA")
