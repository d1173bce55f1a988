"""Effects of the pixel-art style: (g, f) -> cells on the grid; f.step counts the six frames of a moving picture."""

import math

import numpy as np

from ..common import mix
from .pixel_grid import CHECKER, YY, N, capsule, grow, oval, polygon, rect, shift, thread
from .pixel_sprites import BITS

WATER, DEEP = "#9bdcf7", "#3f86d6"


def placed(*items):
    """An effect made of sprites: (name, dx from the middle, dy from the head's middle), each bobbing in its turn."""

    def effect(g, f):
        for k, (name, dx, dy) in enumerate(items):
            half = len(BITS[name][0]) // 2
            x = min(max(f.cx + dx, half + 2), N - 3 - half)
            g.sprite(BITS[name], x, max(f.hy + dy + f.bob(k), 1), flip=dx < 0 and name in MIRRORED)

    return effect


MIRRORED = ("steam", "bolt", "leaf", "shiver")


def flames(g, f):
    for k, (dx, dy) in enumerate(((-21, -2), (21, -2), (-18, -12), (18, -12), (-11, -20), (11, -20), (0, -24))):
        g.sprite(BITS["flame"], f.cx + dx, max(f.hy + dy + f.bob(k), 1), flip=k % 2)
        g.put(oval(f.cx + dx * 0.9, f.hy + dy + 11, 4.4, 4), g.keys["y"])


def aura(g, f):
    """Dark fire about the whole figure, and lightning."""
    colour = mix(g.p.dark, "#5b3a8e", 0.45)
    for grown, cells in ((2, CHECKER), (0, YY >= 0)):
        zone = oval(f.cx, f.floor - 15, 23 + grown, 19 + grown)
        for k in range(9):
            x, up = f.cx + 5 * (k - 4), f.floor - 22 - (0, 3, 6, 10, 9, 10, 6, 3, 0)[k]
            tip = max(up - 10 - 3 * ((k + f.step) % 2) - grown, 1)
            zone |= polygon((x - 4 - grown, up + 8), (x - 2, up), (x + 2 * (1 if k > 4 else -1), tip), (x + 3, up), (x + 4 + grown, up + 8))
        g.put(zone & cells & (f.floor >= YY), colour)


def shock(g, f):
    for k in range(11):
        a = math.pi * (0.9 + 1.2 * k / 10)
        r0, r1 = 1.16 + 0.05 * ((f.step + k) % 2), 1.4 + 0.1 * (k % 2)
        ends = [(f.cx + 17.5 * r * math.cos(a), f.hy + 13.5 * r * math.sin(a)) for r in (r0, r1)]
        g.put(thread(*ends) | thread(*((x + 1, y) for x, y in ends)), g.p.accent)


def puddle(g, f):
    g.put(oval(f.cx, f.floor, 21, 2.6) & (f.floor + 1 >= YY), WATER)
    g.put(rect(f.cx - 17, f.floor, f.cx - 13, f.floor), "#ffffff")


def spotlight(g, f):
    g.put(polygon((f.cx - 14, 2), (f.cx + 14, 2), (f.cx + 27, f.floor), (f.cx - 27, f.floor)), "#fff0a8")
    g.put(oval(f.cx, f.floor - 1, 27, 2.5), "#ffd95e")
    g.put(rect(f.cx - 15, 1, f.cx + 15, 2), g.p.dark)


def pulse(g, f):
    """A heart's beat: the line runs behind the figure."""
    y = f.floor - 10
    left = ((-27, 0), (-25, 0), (-23, -3), (-21, 4), (-18, -8), (-15, 5), (-13, 0))
    points = [(f.cx + dx, y + dy) for dx, dy in (*left, *((-dx, dy) for dx, dy in left[::-1]))]
    g.put(thread(*points) | thread(*((x, v + 1) for x, v in points)), "#ee4a58")


def beat(g, f):
    g.sprite(BITS["heart"], f.cx, f.floor - 13 - f.step % 2)


def streams(g, f):
    for s in (-1, 1):
        x, top = f.cx + s * f.dx, f.ey + 3
        flow = polygon((x - 2.5, top), (x + 2.5, top), (x + s * 3 + 3, f.hy + f.who.ry - 1), (x + s * 3 - 3, f.hy + f.who.ry - 1))
        g.put(grow(flow) & (top < YY), DEEP)
        g.put(flow, WATER)
        for k in range(3):
            v = top + 1 + (f.step + 4 * k) % 11
            g.put(flow & rect(x + s - 1, v, x + s - 1, v + 2), "#ffffff")
        g.sprite(BITS["smalldrop"], f.cx + s * 21, f.hy - 5 + f.bob(s))


def tear(g, f):
    for s in (-1, 1):
        g.sprite(BITS["smalldrop"], f.cx + s * (f.dx + 4), f.ey + 4 + (f.step + (2 if s > 0 else 0)) % 6)


def scribble(g, f):
    """A dark tangle over the head."""
    top = max(f.hy - round(f.who.ry) - 6, 1)
    tangle = [(f.cx + 14 * math.sin(0.83 * k), top + 5 + 4.5 * math.cos(2.6 * k)) for k in range(20)]
    g.put(thread(*tangle), mix(g.p.dark, "#9a9ac0", 0.5))


def blanket(g, f):
    y = f.my - 2
    mask = oval(f.cx, f.floor + 4, 22, f.floor + 4 - y, 3.2) & (f.floor >= YY)
    tones = g.tones(g.p.accent)
    g.blob(mask, g.p.accent)
    hem = mask & (y + 4 > YY)
    g.put(hem, tones[0])
    g.put(mask & ~hem & shift(hem, 0, 1), tones[3])
    for j in range(3):
        for k in range(-2, 3):
            g.put(mask & rect(f.cx + 8 * k + 4 * (j % 2) - 1, y + 7 + 5 * j, f.cx + 8 * k + 4 * (j % 2), y + 8 + 5 * j), tones[0])
    for s in (-1, 1):
        g.blob(oval(f.cx + s * 8, y + 2, 3.4, 2.8), f.coat, f.tones)


def wall(g, f):
    """A brick wall to hide behind, both hands on its edge."""
    y, brick = f.my + 6, mix("#b5694d", g.p.dark, 0.08)
    g.put(rect(f.cx - 27, y - 1, f.cx + 27, f.floor), mix(brick, g.p.dark, 0.7))
    for j in range((f.floor - y) // 4 + 1):
        for k in range(-4, 5):
            x = f.cx + 9 * k + (4 if j % 2 else 0)
            cells = rect(max(x - 4, f.cx - 26), y + 4 * j, min(x + 3, f.cx + 26), min(y + 4 * j + 2, f.floor - 1))
            g.put(cells, brick)
            g.put(cells & (y + 4 * j == YY), mix(brick, "#ffffff", 0.3))
    for s in (-1, 1):
        g.blob(oval(f.cx + s * 12, y, 3.6, 3), f.coat, f.tones)
        for dx in (-1, 1):
            g.put(rect(f.cx + s * 12 + dx, y + 1, f.cx + s * 12 + dx, y + 2), f.tones[3])


def confetti(g, f):
    colours = ("a", "y", "r", "k", "d")
    for k in range(44):
        x, v = (k * 23 + 5) % 55 + 2, ((k * 17 + 7) % 42 + f.step * 7) % 42 + 1
        if abs(x - f.cx) > 18 or (v < f.hy - 15 and abs(x - f.cx) > 6):
            for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)) if k % 3 else ((0, 0), (0, 1), (0, 2)):
                g.dot(x + i, v + j, colours[k % 5])


def haha(g, f):
    for s in (-1, 1):
        g.sprite(BITS["smalldrop"], f.cx + s * (20 + f.step % 2), f.ey - 2)
        for (ax, ay), (bx, by) in (((18, -9), (22, -13)), ((20, -6), (25, -8)), ((14, -14), (16, -18))):
            line = thread((f.cx + s * ax, f.hy + ay), (f.cx + s * bx, f.hy + by))
            g.put(line | shift(line, 1, 0), g.p.accent)


def rain(g, f):
    top = max(f.hy - 18, 1)
    for k in range(8):
        x, v = f.cx - 21 + 6 * k, top + 8 + (f.step * 2 + k * 5) % 12
        g.put(rect(x, v, x, v + 3) & (top + 8 < YY), DEEP)
    g.sprite(BITS["cloud"], f.cx, top)


def headband(g, f):
    y = f.hy - round(f.who.ry) + 4
    band = f.head & rect(0, y, N, y + 3)
    tails = capsule((f.cx + 15, y + 2), (f.cx + 22, y - 2), 1.2) | capsule((f.cx + 15, y + 2), (f.cx + 21, y + 5 + f.bob(0)), 1.2)
    g.put(grow(tails), g.p.dark)
    g.put(tails, "#ffffff")
    g.put(f.head & rect(0, y - 1, N, y + 4), g.p.dark)
    g.put(band, "#ffffff")
    g.put(oval(f.cx, y + 1.5, 2, 2), "#ee4a58")


def meal(g, f):
    """Chopsticks on their way to the mouth, and steam."""
    for dx, dy in ((0, 0), (2, 4)):
        g.put(thread((f.cx + 23 + dx, f.hy - 2 + dy), (f.cx + 4, f.my + 5)), g.keys["u"])
    g.blob(oval(f.cx + 20, f.hy + 5, 3.3, 3.3), f.coat, f.tones)


def petrified(g, f):
    """All of the figure turned to stone, cracked."""
    solid = g.a[..., 3] > 0
    light = g.a[..., :3].astype(float) @ (0.3, 0.59, 0.11)
    ramp = [mix(g.p.dark, "#9aa1ab", t) for t in (0.15, 0.5, 0.8, 1)] + ["#c3c8cf", "#eceef1"]
    level = np.digitize(light, (60, 105, 140, 175, 225))
    for k, colour in enumerate(ramp):
        g.put(solid & (level == k), colour)
    g.keys["n"] = ramp[0]
    for dx, dy, flip in ((11, -11, False), (-13, 3, True), (4, 17, False)):
        g.sprite(BITS["crack"], f.cx + dx, f.hy + dy, flip)
    for dx, dy in ((-22, 17), (20, 20), (22, 6)):
        g.sprite(BITS["pebble"], f.cx + dx, f.hy + dy + f.bob(dx))


def table(g, f):
    """The flipped table with its dishes in the air."""
    wood, x, y = "#c98a4b", f.cx + 19, max(f.hy - 5, 14) + f.bob(0)
    for ax, ay in ((0, -8), (6, 7)):
        g.blob(capsule((x + ax, y + ay), (x + ax + 5, y + ay - 2), 1), wood)
    g.blob(polygon((x - 6, y - 10), (x - 3, y - 11), (x + 6, y + 11), (x + 3, y + 12)), wood)
    g.sprite(BITS["plate"], x + 2, y - 13)
    g.sprite(BITS["plate"], x + 7, y + 16, flip=True)


def clock(g, f):
    x, y = f.cx - 19, max(f.hy - 18, 1) + f.step % 2
    g.sprite(BITS["clock"], x, y)
    for s in (-1, 1):
        for v in (-1, 3):
            g.put(thread((x + s * 8, y + 4 + v), (x + s * 9, y + 3 + 2 * v)), g.keys["r"])


def soul(g, f):
    g.sprite(BITS["soul"], f.cx + 12, max(f.hy - 25, 2) + f.bob(0))


def wavemarks(g, f):
    for x, y in ((24, -9), (26, -6)):
        g.put(thread((f.cx + x - 3, f.hy + y - 2), (f.cx + x, f.hy + y), (f.cx + x, f.hy + y + 3)), g.p.accent)


def steam_of_tea(g, f):
    for dx in (-4, 0, 4):
        v = f.floor - 16 + f.bob(dx)
        g.put(thread((f.cx + dx - 1, v + 3), (f.cx + dx, v + 2), (f.cx + dx, v + 1), (f.cx + dx - 1, v)), "#ffffff")


def phone(g, f):
    g.sprite(BITS["phone"], f.cx, f.floor - 13)


def laptop(g, f):
    g.sprite(BITS["laptop"], f.cx, f.floor - 12)


def board(g, f):
    g.sprite(BITS["board"], f.cx, f.floor - 12)
    for s in (-1, 1):
        g.blob(oval(f.cx + s * 13, f.floor - 6, 2.8, 3), f.coat, f.tones)


BEHIND = {"flames": flames, "shock": shock, "puddle": puddle, "aura": aura, "spotlight": spotlight, "pulse": pulse}
FRONT = {
    "haha": haha,
    "streams": streams,
    "scribble": scribble,
    "blanket": blanket,
    "confetti": confetti,
    "tear": tear,
    "raincloud": rain,
    "headband": headband,
    "meal": meal,
    "petrified": petrified,
    "table": table,
    "clock": clock,
    "soul": soul,
    "wall": wall,
    "pulse": beat,
    "wavemarks": wavemarks,
    "phone": phone,
    "laptop": laptop,
    "board": board,
    "tea": steam_of_tea,
    "hearts": placed(("heart", 24, -17), ("heart", -22, -12), ("smallheart", 25, -2), ("smallheart", -24, 2), ("smallheart", 23, 9)),
    "broken": placed(("broken", 20, -17)),
    "aura": placed(("bolt", 24, 2), ("bolt", -24, 4)),
    "hanky": placed(("hanky", 23, -4)),
    "hat": placed(("hat", 0, -20)),
    "sparkles": placed(
        ("sparkle", -23, -15), ("sparkle", 24, -17), ("smallsparkle", 26, -4), ("smallsparkle", -26, -2), ("smallsparkle", -24, 12)
    ),
    "vein": placed(("vein", -22, -14)),
    "steam": placed(("steam", 21, -5), ("steam", -21, -5), ("steam", 25, -11), ("steam", -25, -11)),
    "puff": placed(("puff", -23, 5)),
    "shiver": placed(("shiver", 20, 2), ("shiver", 24, 4), ("shiver", -20, 2), ("shiver", -24, 4)),
    "cold": placed(("smalldrop", -17, -10), ("smalldrop", 19, -7), ("smalldrop", 23, -14)),
    "bang": placed(("bang", 24, -17)),
    "bangq": placed(("bang", -24, -16), ("what", 24, -16)),
    "what": placed(("what", 23, -17)),
    "beads": placed(("smalldrop", -18, -17), ("smalldrop", 17, -18), ("smalldrop", -22, -8), ("smalldrop", 23, -1)),
    "bigsweat": placed(("drop", 14, -12)),
    "swirl": placed(("swirl", -23, -14), ("smallsparkle", 10, -16), ("smallsparkle", -8, -17)),
    "dots": placed(("bubble", 20, -19)),
    "zzz": placed(("z", 17, -11), ("bigz", 23, -19)),
    "nightcap": placed(("cap", 3, -18)),
    "notes": placed(("notes", 23, -17), ("note", -24, -14), ("note", 25, 3)),
    "leaves": placed(("leaf", -23, -12), ("leaf", 23, -4), ("smallleaf", 18, -17), ("smallleaf", -22, 8), ("smallleaf", 22, 18)),
}
