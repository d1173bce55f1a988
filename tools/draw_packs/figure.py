"""The figure of the vector styles: stance, pose, composition, layout and motion."""

import math
from contextlib import contextmanager
from dataclasses import dataclass, replace

import skia

from . import effects
from .characters import CHARACTERS
from .common import SIZE, box, line, mix, moved, new_surface, oval, poly, quad, rng_of, to_pil
from .effects import lap
from .face import Face, draw_face
from .pens import Build

GREY = "#8f959d"


@dataclass(frozen=True)
class Stance:
    """How the whole figure holds itself while it acts a script (the script's tilt leans it, its arms pose it)."""

    head: float = 0  # degrees the head is tilted
    turn: float = 0  # face turned aside, by a share of the head's half width
    nod: float = 0  # face lowered, by a share of the head's half height
    tall: float = 1  # stretched (> 1) or squashed
    feet: str = "stand"
    hop: bool = False  # in the air, a shadow below
    way: str = ""  # sit, low (room above), aside (and at the right), lie, peek


STANCES = {
    "laugh": Stance(head=-7, nod=-0.05, feet="kick"),
    "thanks": Stance(head=5, nod=0.07, tall=0.97, feet="shy"),
    "congrats": Stance(nod=-0.05, feet="hop", hop=True),
    "love": Stance(head=7, feet="kick"),
    "yay": Stance(head=5, nod=-0.05, tall=1.04, feet="hop", hop=True),
    "proud": Stance(head=-5, turn=0.08, nod=-0.12, tall=1.03, feet="apart"),
    "fighting": Stance(turn=0.06, feet="apart"),
    "dance": Stance(head=10, feet="kick"),
    "eat": Stance(head=4, nod=0.03, way="sit"),
    "cry": Stance(nod=-0.05, way="sit"),
    "gloom": Stance(head=5, nod=0.15, tall=0.94, feet="shy"),
    "sorry": Stance(head=4, nod=0.17, tall=0.95, feet="shy"),
    "heartbreak": Stance(head=-6, nod=0.08),
    "tired": Stance(way="lie"),
    "lonely": Stance(head=-5, turn=-0.1, nod=0.08, way="sit"),
    "goodbye": Stance(head=-6),
    "rage": Stance(tall=1.02, feet="apart"),
    "vein": Stance(nod=0.05, tall=0.96, feet="apart"),
    "sulk": Stance(head=-6, turn=-0.17),
    "flip": Stance(head=-4, turn=0.08, feet="kick", way="aside"),
    "glare": Stance(nod=0.1, feet="apart", way="low"),
    "stop": Stance(head=-4, turn=-0.08, feet="apart"),
    "shiver": Stance(nod=0.03, tall=0.95, feet="shy"),
    "nails": Stance(head=-4, turn=-0.1, feet="shy"),
    "hide": Stance(nod=0.04, tall=0.95),
    "hurry": Stance(head=4, feet="run", hop=True),
    "pulse": Stance(feet="shy"),
    "peek": Stance(turn=-0.08, way="peek"),
    "huh": Stance(nod=-0.06, tall=1.04, feet="hop", hop=True),
    "what": Stance(head=-4, tall=1.02, feet="kick"),
    "awkward": Stance(head=6, turn=-0.08, feet="shy"),
    "melt": Stance(head=8, tall=0.95, feet="shy"),
    "shame": Stance(head=5, nod=0.06, tall=0.96, feet="shy"),
    "caught": Stance(head=-3, turn=0.06, feet="run", way="low"),
    "hello": Stance(head=5, feet="kick"),
    "ok": Stance(head=-4),
    "hmm": Stance(head=-6, turn=0.06),
    "tea": Stance(way="sit"),
    "night": Stance(head=8, nod=0.08, tall=0.97),
    "phone": Stance(head=3, nod=0.12, way="sit"),
    "work": Stance(nod=0.07, way="sit"),
    "board": Stance(head=5),
}
FEET = {  # (outwards, up, turned) of each foot: shares of the body's half width, of a limb's width, degrees
    "stand": ((0.5, 0, 0), (0.5, 0, 0)),
    "apart": ((0.72, 0, 8), (0.72, 0, -8)),
    "shy": ((0.36, 0, 12), (0.36, 0, -12)),
    "kick": ((0.45, 0, 0), (0.78, 0.55, -32)),
    "hop": ((0.7, 0.1, 28), (0.55, 0.25, -28)),
    "run": ((0.75, 0.5, 42), (0.42, 0, 0)),
}


def build_of(style_pen, pack, palette, script):
    who = CHARACTERS[pack.character]
    numbers = {**style_pen.BUILD, **(style_pen.BLOB if who.one else {})}
    coat, cloth = (getattr(palette, name, name) for name in (who.coat, who.cloth or who.coat))
    if script.tint == "grey":
        coat, cloth = mix(coat, GREY, 0.72), mix(cloth, GREY, 0.72)
    return Build(**numbers, coat=coat, cloth=cloth, one=who.one, rng=rng_of(pack.pack_id, script.key, "effects"))


def petrified(palette):
    """The palette of a figure turned to stone."""
    names = ("main", "shade", "light", "accent", "second")
    return replace(palette, **{name: mix(getattr(palette, name), GREY, 0.72) for name in names})


# --- compositions: a Build changed ---------------------------------------------------------------------------


def lowered(g, d):
    return replace(g, cy=g.cy + d, ey=g.ey + d, my=g.my + d)


def sit(g):
    """The body half as tall, the soles to the front."""
    if g.one:
        return g
    d = g.bry * 0.5
    return replace(lowered(g, d), bcy=g.bcy + d / 2, bry=g.bry - d / 2)


def smaller(g, k):
    """Scaled about its place on the floor."""
    sizes = {name: getattr(g, name) * k for name in ("rx", "ry", "brx", "bry", "limb", "dx", "er", "mw", "lw")}
    heights = {name: g.floor + (getattr(g, name) - g.floor) * k for name in ("cy", "ey", "my", "bcy")}
    return replace(g, **sizes, **heights)


def room_above(g):
    return smaller(g, 0.86)


def aside(g):
    g = smaller(g, 0.8)
    return replace(g, cx=max(g.cx - g.rx * 0.6, g.rx + 34))


def lie(g):
    """Flat on the belly, the chin on the floor, the body to the right of the head."""
    if g.one:
        return g
    d = g.floor - g.ry * 0.94 - g.cy
    half = g.rx + g.bry * 0.72
    return replace(lowered(g, d), cx=g.cx - half + g.rx, bcy=g.floor - g.brx * 0.6)


WAYS = {"sit": sit, "low": room_above, "aside": aside, "lie": lie}


def held(g, stance):
    """The Build in a stance."""
    g = WAYS.get(stance.way, lambda g: g)(g)
    return replace(g, ey=g.ey + g.ry * stance.nod * 0.8, my=g.my + g.ry * stance.nod)


# --- colour of the face --------------------------------------------------------------------------------------


def tint(pen, g, kind, head):
    """Blue and pale (fear, with gloom lines), red (rage), pink (shame) or grey (stone) over the head."""
    area = moved(head, sx=0.975, about=(g.cx, g.cy))
    if kind == "pink":
        for r in (5.2, 4.2, 3.2):
            pen.fill(skia.Op(area, oval(g.cx, g.ey + g.er * 1.6, g.rx * 1.2, g.er * r), skia.kIntersect_PathOp), "#fb7c90", 0.45)
    elif kind in ("blue", "grey"):
        pen.fill(area, *{"blue": ("#e9eefc", 0.4), "grey": (GREY, 0.68)}[kind])
    if kind not in ("blue", "red"):
        return
    y = g.ey - g.er * (1.6 if kind == "blue" else 0.2)
    edge = [(g.cx - g.rx * 1.3, g.top - 40), (g.cx - g.rx * 1.3, y - 6)]
    edge += [(g.cx + g.rx * (k - 4) / 4 * 1.1, y + (7 if k % 2 else -5)) for k in range(9)]
    edge += [(g.cx + g.rx * 1.3, y - 6), (g.cx + g.rx * 1.3, g.top - 40)]
    brow = skia.Op(area, poly(edge), skia.kIntersect_PathOp)
    pen.fill(brow, "#6f8fd8" if kind == "blue" else "#e5484d", 0.75)
    if kind == "blue":
        for k in range(5):
            x = g.cx + g.rx * (0.30 + 0.12 * k)
            pen.line(line((x, g.top + g.ry * (0.16 + 0.05 * k)), (x, g.ey - g.er * (2.0 + 0.5 * (k % 2)))), g.lw * 0.55, "#3f5aa0")


# --- pose --------------------------------------------------------------------------------------------------

LOW = ("belly", "heart", "cup", "pray", "hug", "cross", "bowl", "phone", "type", "board")  # arms before the body
FISTS = ("fists", "fistup")
BEFORE = {  # sides whose arm lies before the head
    **dict.fromkeys(("cheeks", "mouth", "eyes"), (-1, 1)),
    **dict.fromkeys(("chin", "scratch", "wave", "fistup", "hanky", "stop"), (1,)),
}


def hands(g, pose, t):
    """{side: (shoulder, elbow, hand)}"""
    sway = 8 * math.sin(6.28 * t)
    rest, y0 = (g.brx + 16, g.bcy + g.bry * 0.42), g.bcy - g.bry * 0.42
    wide, knee = max(g.rx, g.brx), lap(g)
    high = (min(wide * 1.1 + g.limb * 0.75, 158), g.cy + g.ry * 0.12 + sway)
    hip = (g.brx * 0.9, g.bcy + g.bry * 0.25)
    table = {
        "down": (rest, rest),
        "up": (high, high),
        "wave": (rest, high),
        "ok": (rest, (wide + 14, g.cy + g.ry * 0.4)),
        "wave2": ((wide + 20, g.cy + g.ry * 0.5 + sway), (wide + 20, g.cy + g.ry * 0.5 - sway)),
        "cheeks": ((g.dx * 1.75, g.my + g.er * 0.6), (g.dx * 1.75, g.my + g.er * 0.6)),
        "mouth": ((g.mw * 0.62, g.my + g.er * 2.0), (g.mw * 0.62, g.my + g.er * 2.0)),
        "eyes": ((g.dx * 1.25, g.ey + g.er * 2.3), (g.dx * 1.25, g.ey + g.er * 2.3)),
        "chin": ((-g.brx * 0.1, g.bcy), (g.mw * 0.35, g.my + g.er * 3.2)),
        "scratch": (rest, (g.rx * 0.84, g.cy - g.ry * 0.62 + sway * 0.4)),
        "belly": ((g.brx * 0.4, g.bcy + g.bry * 0.15),) * 2,
        "heart": ((g.limb * 1.25, g.bcy + g.bry * 0.1),) * 2,
        "cup": ((g.limb * 0.95, g.bcy + g.bry * 0.05),) * 2,
        "pray": ((g.limb * 0.42, g.bcy - g.bry * 0.05),) * 2,
        "hug": ((-g.brx * 0.28, g.bcy - g.bry * 0.1),) * 2,
        "cross": ((-g.brx * 0.42, g.bcy - g.bry * 0.02),) * 2,
        "fists": ((g.brx + 24, g.bcy - g.bry * 0.25 + sway * 0.6),) * 2,
        "hips": (hip, hip),
        "fistup": (hip, (wide + 16, g.cy - g.ry * 0.42 + sway)),
        "dance": ((wide + 18, g.cy + g.ry * 0.2 + sway), (wide + 20, g.bcy - g.bry * 0.1 - sway)),
        "bowl": ((g.limb * 1.5, knee + g.limb * 0.3), (g.limb * 1.7, knee - g.limb * 0.45 + sway * 0.4)),
        "hanky": (rest, (wide + 4, g.cy + g.ry * 0.15 + sway)),
        "stop": (hip, (wide * 0.94, g.cy + g.ry * 0.8)),
        "phone": ((g.limb * 0.85, knee + g.limb * 0.25),) * 2,
        "type": ((g.limb * 1.75, knee + g.limb * 0.95 + sway * 0.4), (g.limb * 1.75, knee + g.limb * 0.95 - sway * 0.4)),
        "board": ((g.limb * 2.05, knee + g.limb * 0.3),) * 2,
    }
    out = {}
    for s, (hx, hy) in zip((-1, 1), table[pose], strict=True):
        start = (g.cx + s * g.brx * 0.8, y0 if not g.one else g.bcy - g.bry * 0.1)
        end = (g.cx + s * hx, hy)
        bend = g.brx * (0.55 if abs(hx) > g.brx else 0.5)
        elbow = ((start[0] + end[0]) / 2 + s * bend * 0.8, (start[1] + end[1]) / 2 + (10 if hy < y0 else 14))
        if (hx, hy) == hip:
            elbow = (g.cx + s * (wide if g.one else g.brx) * 0.95 + s * g.limb * 2.4, (start[1] + hy) / 2)
        out[s] = (start, elbow, end)
    return out


def arm(pen, g, part, pose):
    start, elbow, end = part
    pen.limb(quad(start, elbow, end), g.limb, g.cloth)
    if pose in FISTS or g.cloth != g.coat:
        pen.shape(oval(*end, g.limb * (0.72 if pose in FISTS else 0.6)), g.coat, shade=False)


def hold(pen, g, script, arms, t):
    """What the hands hold."""
    if script.arms in effects.HELD:
        effects.HELD[script.arms](pen, g, t, arms[-1][2], arms[1][2])


def foot(pen, g, x, y, turn, rx, ry):
    sole = moved(box(x, y, rx, ry, min(rx, ry)), turn=turn, about=(x, y))
    pen.shape(sole, g.coat if g.cloth == g.coat else pen.p.dark, shade=False)


def torso(pen, g, stance):
    for s, (out, up, turn) in zip((-1, 1), FEET[stance.feet], strict=True):
        foot(pen, g, g.cx + s * g.brx * out, g.floor - g.limb * (0.42 + up), turn, g.limb * 0.62, g.limb * 0.45)
    if g.one:
        return
    pen.shape(box(g.cx, g.bcy, g.brx, g.bry, g.brx * 0.8), g.cloth)
    if g.cloth == g.coat:
        belly = oval(g.cx - 2, g.bcy + g.bry * 0.22, g.brx * 0.56, g.bry * 0.56)
        pen.fill(belly, pen.p.light if g.coat != pen.p.light else pen.p.ground)


def soles(pen, g):
    """The feet of one who sits."""
    for s in (-1, 1):
        x, y = g.cx + s * g.brx * 0.82, g.floor - g.limb * 0.5
        foot(pen, g, x, y, s * 14, g.limb * 0.58, g.limb * 0.66)
        if g.cloth == g.coat:
            pen.fill(oval(x, y + g.limb * 0.08, g.limb * 0.28), pen.p.shade)


def collar(pen, g):
    y = g.cy + g.ry * 0.98
    pen.shape(box(g.cx, y, g.brx * 0.82, g.limb * 0.3, g.limb * 0.3), pen.p.accent, weight=0.8, shade=False)
    pen.shape(oval(g.cx, y + g.limb * 0.45, g.limb * 0.3), "#ffd94a", weight=0.6, shade=False)


def clothed(pen, who, g, stance):
    torso(pen, g, stance)
    if not g.one:
        (who.wear or collar)(pen, g)


@contextmanager
def turned(canvas, degrees, x, y):
    """Draw turned about a point."""
    canvas.save()
    canvas.rotate(degrees, x, y)
    yield
    canvas.restore()


def add(pen, group, names, *args):
    for name in names:
        if name in group:
            group[name](pen, *args)


def draw_head(pen, who, g, script, stance, t):
    """Head, face and what is on them."""
    turn = stance.turn if who.kind == "animal" else stance.turn * 0.4  # glasses and lids stay where they are
    head, f = who.head(g), replace(g, cx=g.cx + g.rx * turn)
    pen.shape(head, g.coat)
    marks = f if who.kind == "animal" else g  # an animal's muzzle turns with its face
    layers = [lambda: tint(pen, g, script.tint, head), lambda: who.front(pen, marks)]
    for layer in layers[::-1] if who.kind == "food" else layers:  # a cake's dusting lies under the tint
        layer()
    add(pen, effects.ON_HEAD, script.fx, g, t, head)
    draw_face(pen, Face(f.cx, g.ey, g.dx, g.er, g.my + g.er * who.low, g.mw, g.lw, g.tall, g.gloss, t), script, who.snout)
    add(pen, effects.ON_FACE, script.fx, f, t)
    who.over(pen, g)


def figure(pen, who, g, script, stance, t):
    """Everything in its order, from the back to the front. Low arms lie before the head where a huge head would hide them."""
    arms, huge = hands(g, script.arms, t), g.one or g.rx > g.brx * 1.8
    before, low = BEFORE.get(script.arms, ()), script.arms in LOW
    wag = 0 if g.one else stance.head + (-4 * math.sin(6.28 * t) if script.motion == "sway" else 0)
    neck = (wag, g.cx, g.cy + g.ry * 0.9)
    add(pen, effects.BEHIND, script.fx, g, t)
    with turned(pen.c, *neck):
        who.behind(pen, g)
    for s in () if low else (-1, 1):
        if s not in before:
            arm(pen, g, arms[s], script.arms)
    clothed(pen, who, g, stance)
    if stance.way == "sit" and not g.one:
        soles(pen, g)
    late = low and (huge or script.arms in effects.HELD)
    if low and not late:
        lap_arms(pen, g, script, arms, t)
    with turned(pen.c, *neck):
        draw_head(pen, who, g, script, stance, t)
    if late:
        lap_arms(pen, g, script, arms, t)
    for s in before:
        arm(pen, g, arms[s], script.arms)
    if not low:
        hold(pen, g, script, arms, t)
    with turned(pen.c, *neck):
        add(pen, effects.FRONT, script.fx, g, t)


def lap_arms(pen, g, script, arms, t):
    """Both arms before the body, and what they hold."""
    for s in (-1, 1):
        arm(pen, g, arms[s], script.arms)
    hold(pen, g, script, arms, t)


def lying(pen, who, g, script, stance, t):
    """The body on its side behind the head, or, where head and body are one piece, melted down; the arms flat on the floor."""
    c = pen.c
    c.save()
    if g.one:
        c.translate(g.cx, g.floor)
        c.scale(1.07, 0.74)
        c.translate(-g.cx, -g.floor)
        clothed(pen, who, g, stance)
    who.behind(pen, g)
    if not g.one:
        c.save()
        c.translate(g.cx + g.rx * 0.92 + g.bry * 0.3, g.floor - g.brx * 0.66)
        c.rotate(-90)
        c.scale(0.74, 1)
        c.translate(-g.cx, -g.bcy)
        clothed(pen, who, replace(g, cy=g.bcy - g.bry - g.ry * 0.9, floor=g.bcy + g.bry * 1.06), stance)
        c.restore()
    draw_head(pen, who, g, script, stance, t)
    for s in (-1, 1):
        y = g.floor - g.limb * 0.5
        arm(pen, g, ((g.cx + s * g.rx * 0.5, y), (g.cx + s * g.rx * 0.8, y - 6), (g.cx + s * g.rx * 1.06, y)), script.arms)
    add(pen, effects.FRONT, script.fx, g, t)
    c.restore()


def peeking(pen, who, g, script, stance, t):
    """Only the upper half of the head over the edge of a wall, the hands on the edge."""
    edge = g.floor - (g.floor - g.cy) * 0.6
    dy = edge - (g.ey + g.er * 2.2)
    pen.c.save()
    pen.c.clipRect(skia.Rect.MakeLTRB(-SIZE, -SIZE, 2 * SIZE, edge + 12))
    pen.c.translate(0, dy)
    who.behind(pen, g)
    draw_head(pen, who, g, script, stance, t)
    pen.c.restore()
    effects.wall(pen, g, edge)
    for s in (-1, 1):
        pen.shape(oval(g.cx + s * g.rx * 0.72, edge + 2, g.limb * 0.62, g.limb * 0.5), g.coat, shade=False)
    add(pen, effects.FRONT, script.fx, lowered(g, dy), t)


ACTED = {"lie": lying, "peek": peeking}  # else: figure


# --- layout and motion -------------------------------------------------------------------------------------


def move(canvas, kind, t, floor):
    """The whole figure's motion at phase t of a cycle (six frames)."""
    w = 2 * math.pi * t
    canvas.translate(SIZE / 2, floor)
    if kind == "bounce":
        canvas.translate(0, -15 * math.sin(math.pi * t))
        canvas.scale(1 + 0.04 * math.cos(w), 1 - 0.05 * math.cos(w))
    elif kind == "shake":
        canvas.rotate(3.5 * math.sin(2 * w))
    elif kind == "tremble":
        side = 1 if round(t * 6) % 2 else -1
        canvas.translate(3.5 * side, 0)
        canvas.rotate(0.8 * side)
    elif kind == "sway":
        canvas.rotate(5 * math.sin(w))
    elif kind == "nod":
        canvas.scale(1 + 0.012 * (1 - math.cos(w)), 1 - 0.035 * (1 - math.cos(w)))
    elif kind == "sink":
        canvas.scale(1 + 0.02 * (1 - math.cos(w)), 1 - 0.04 * (1 - math.cos(w)))
    canvas.translate(-SIZE / 2, -floor)


def settle(pen, g, script, stance):
    """Lean, stretch and lift the figure; its top stays where it was when it hops."""
    c = pen.c
    if stance.hop:
        pen.fill(oval(g.cx, g.floor, g.brx * (0.8 if g.one else 1.0), g.limb * 0.28), pen.p.shade, 0.5)
        c.translate(g.cx, g.top - 40)
        c.scale(0.93, 0.93)
        c.translate(-g.cx, 40 - g.top)
    c.rotate(script.tilt * 0.6, g.cx, g.floor)
    c.translate(g.cx, g.floor)
    c.scale(stance.tall**-0.5, stance.tall)
    c.translate(-g.cx, -g.floor)


def draw(style_pen, pack, palette, script, t=0.0, moving=False):
    """One frame as a PIL picture (360 x 360, RGBA)."""
    surface, words = new_surface(), script.text(pack.tone)
    stance = STANCES.get(script.key, Stance())
    with surface as canvas:
        pen = style_pen(canvas, palette, rng_of(pack.pack_id, script.key))
        g = build_of(style_pen, pack, palette, script)
        pen.ground(g, script)
        g = held(g, stance)
        canvas.save()
        canvas.translate(SIZE / 2, pen.PIVOT)
        canvas.scale(pen.ROOM[bool(words)], pen.ROOM[bool(words)])
        canvas.translate(-SIZE / 2, -pen.PIVOT)
        if moving:
            move(canvas, script.motion, t, g.floor)
        settle(pen, g, script, stance)
        pen.p = petrified(palette) if script.tint == "grey" else palette
        ACTED.get(stance.way, figure)(pen, CHARACTERS[pack.character], g, script, stance, t)
        pen.p = palette
        canvas.restore()
        if words:
            pen.caption(words, script)
    return pen.finish(to_pil(surface))
