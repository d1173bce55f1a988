"""The figure of the vector styles: build, pose, props, layout and motion."""

import math

import skia

from . import effects
from .characters import CHARACTERS
from .common import SIZE, box, heart, line, moved, new_surface, oval, poly, quad, rng_of, to_pil
from .face import Face, draw_face
from .pens import Build


def build_of(style_pen, pack, palette, script):
    who = CHARACTERS[pack.character]
    numbers = {**style_pen.BUILD, **(style_pen.BLOB if who.one else {})}
    coat, cloth = (getattr(palette, name, name) for name in (who.coat, who.cloth or who.coat))
    return Build(**numbers, coat=coat, cloth=cloth, one=who.one, rng=rng_of(pack.pack_id, script.key, "effects"))


def tint(pen, g, kind, head):
    """Blue (fear) or red (rage) over the forehead, with gloom lines for the blue."""
    if not kind:
        return
    y = g.ey - g.er * (1.6 if kind == "blue" else 0.2)
    edge = [(g.cx - g.rx * 1.3, g.top - 40), (g.cx - g.rx * 1.3, y - 6)]
    edge += [(g.cx + g.rx * (k - 4) / 4 * 1.1, y + (7 if k % 2 else -5)) for k in range(9)]
    edge += [(g.cx + g.rx * 1.3, y - 6), (g.cx + g.rx * 1.3, g.top - 40)]
    area = skia.Op(moved(head, sx=0.975, about=(g.cx, g.cy)), poly(edge), skia.kIntersect_PathOp)
    pen.fill(area, "#6f8fd8" if kind == "blue" else "#e5484d", 0.72 if kind == "blue" else 0.68)
    if kind == "blue":
        for k in range(5):
            x = g.cx + g.rx * (0.30 + 0.12 * k)
            pen.line(line((x, g.top + g.ry * (0.16 + 0.05 * k)), (x, g.ey - g.er * (2.0 + 0.5 * (k % 2)))), g.lw * 0.55, "#3f5aa0")


LOW = ("belly", "heart", "cup", "pray", "hug", "cross")  # arms before the body

# --- pose --------------------------------------------------------------------------------------------------


def hands(g, pose, t):
    """{side: (shoulder, elbow, hand, in front of the head?)}"""
    sway = 8 * math.sin(6.28 * t)
    rest, y0 = (g.brx + 16, g.bcy + g.bry * 0.42), g.bcy - g.bry * 0.42
    wide = max(g.rx, g.brx)
    high = (wide + 20, g.cy + g.ry * 0.12 + sway)
    table = {
        "down": (rest, rest),
        "up": (high, high),
        "wave": (rest, high),
        "ok": (rest, (wide + 14, g.cy + g.ry * 0.4)),
        "wave2": ((wide + 20, g.cy + g.ry * 0.5 + sway), (wide + 20, g.cy + g.ry * 0.5 - sway)),
        "cheeks": ((g.dx * 1.75, g.my + g.er * 0.6), (g.dx * 1.75, g.my + g.er * 0.6)),
        "mouth": ((g.mw * 0.62, g.my + g.er * 2.0), (g.mw * 0.62, g.my + g.er * 2.0)),
        "chin": ((-g.brx * 0.1, g.bcy), (g.mw * 0.35, g.my + g.er * 3.2)),
        "scratch": (rest, (g.rx * 0.84, g.cy - g.ry * 0.62 + sway * 0.4)),
        "belly": ((g.brx * 0.4, g.bcy + g.bry * 0.15),) * 2,
        "heart": ((g.limb * 1.25, g.bcy + g.bry * 0.1),) * 2,
        "cup": ((g.limb * 0.95, g.bcy + g.bry * 0.05),) * 2,
        "pray": ((g.limb * 0.42, g.bcy - g.bry * 0.05),) * 2,
        "hug": ((-g.brx * 0.28, g.bcy - g.bry * 0.1),) * 2,
        "cross": ((-g.brx * 0.42, g.bcy - g.bry * 0.02),) * 2,
        "fists": ((g.brx + 24, g.bcy - g.bry * 0.25 + sway * 0.6),) * 2,
    }
    front = pose in ("cheeks", "mouth", "chin", "scratch", "wave")
    out = {}
    for s, (hx, hy) in zip((-1, 1), table[pose], strict=True):
        start = (g.cx + s * g.brx * 0.8, y0 if not g.one else g.bcy - g.bry * 0.1)
        end = (g.cx + s * hx, hy)
        bend = g.brx * (0.55 if abs(hx) > g.brx else 0.5)
        elbow = ((start[0] + end[0]) / 2 + s * bend * 0.8, (start[1] + end[1]) / 2 + (10 if hy < y0 else 14))
        out[s] = (start, elbow, end, front and (pose not in ("chin", "scratch", "wave") or s > 0))
    return out


def arm(pen, g, part, pose, s):
    start, elbow, end, _ = part
    pen.limb(quad(start, elbow, end), g.limb, g.cloth)
    if pose == "fists" or g.cloth != g.coat:
        pen.shape(oval(*end, g.limb * (0.72 if pose == "fists" else 0.6)), g.coat, shade=False)


def props(pen, g, script):
    """What the hands hold."""
    if script.arms == "heart":
        pen.shape(heart(g.cx, g.bcy, g.limb * 1.15), "#ec4f63")
    elif script.arms == "cup":
        pen.shape(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.72, 7), pen.p.accent)
        pen.fill(box(g.cx, g.bcy, g.limb * 0.72, g.limb * 0.14), pen.p.light)


def lap(pen, g, script, arms):
    """Both arms before the body, and what they hold."""
    for s in (-1, 1):
        arm(pen, g, arms[s], script.arms, s)
    props(pen, g, script)


def sign(pen, g, part):
    """A paddle with a ring: 'okay'."""
    x, y = part[2][0] - 2, part[2][1] - g.limb * 2.2
    pen.limb(line((x, y), part[2]), g.limb * 0.32, pen.p.dark)
    pen.shape(oval(x, y, g.limb * 1.5), "#f8f8f4", shade=False)
    pen.fill(oval(x, y, g.limb * 1.05), "#2f9e5b")
    pen.fill(oval(x, y, g.limb * 0.62), "#f8f8f4")


def torso(pen, g):
    for s in (-1, 1):
        foot = box(g.cx + s * g.brx * 0.5, g.floor - g.limb * 0.42, g.limb * 0.62, g.limb * 0.5, g.limb * 0.4)
        pen.shape(foot, g.coat if g.cloth == g.coat else pen.p.dark, shade=False)
    if g.one:
        return
    pen.shape(box(g.cx, g.bcy, g.brx, g.bry, g.brx * 0.8), g.cloth)
    if g.cloth == g.coat:
        belly = oval(g.cx - 2, g.bcy + g.bry * 0.22, g.brx * 0.56, g.bry * 0.56)
        pen.fill(belly, pen.p.light if g.coat != pen.p.light else pen.p.ground)


def collar(pen, g):
    y = g.cy + g.ry * 0.98
    pen.shape(box(g.cx, y, g.brx * 0.82, g.limb * 0.3, g.limb * 0.3), pen.p.accent, weight=0.8, shade=False)
    pen.shape(oval(g.cx, y + g.limb * 0.45, g.limb * 0.3), "#ffd94a", weight=0.6, shade=False)


def figure(pen, who, g, script, t):
    """Everything in its order, from the back to the front. Low arms lie before the head where a huge head would hide them."""
    arms, huge = hands(g, script.arms, t), g.one or g.rx > g.brx * 1.8
    low = script.arms in LOW
    for name in script.fx:
        if name in effects.BEHIND:
            effects.BEHIND[name](pen, g, t)
    who.behind(pen, g)
    if not low:
        for s in (-1, 1):
            if not arms[s][3]:
                arm(pen, g, arms[s], script.arms, s)
    torso(pen, g)
    if not g.one:
        (who.wear or collar)(pen, g)
    if low and not huge:
        lap(pen, g, script, arms)
    head = who.head(g)
    pen.shape(head, g.coat)
    layers = [lambda: tint(pen, g, script.tint, head), lambda: who.front(pen, g)]
    for layer in layers[::-1] if who.kind == "food" else layers:  # a cake's dusting lies under the tint
        layer()
    face = Face(g.cx, g.ey, g.dx, g.er, g.my + g.er * who.low, g.mw, g.lw, g.tall, g.gloss, t)
    draw_face(pen, face, script, who.snout)
    who.over(pen, g)
    if low and huge:
        lap(pen, g, script, arms)
    for s in (-1, 1):
        if arms[s][3]:
            arm(pen, g, arms[s], script.arms, s)
    if script.arms == "ok":
        sign(pen, g, arms[1])
    for name in script.fx:
        if name in effects.FRONT:
            effects.FRONT[name](pen, g, t)


# --- layout and motion -------------------------------------------------------------------------------------


def move(canvas, kind, t, floor):
    """The whole figure's motion at phase t of a cycle."""
    w = 2 * math.pi * t
    canvas.translate(SIZE / 2, floor)
    if kind == "bounce":
        canvas.translate(0, -12 * abs(math.sin(w)))
        canvas.scale(1 + 0.04 * math.cos(2 * w), 1 - 0.05 * math.cos(2 * w))
    elif kind == "shake":
        canvas.rotate(3.5 * math.sin(2 * w))
    elif kind == "tremble":
        canvas.translate(4 if int(t * 8) % 2 else -4, 0)
    elif kind == "sway":
        canvas.rotate(5 * math.sin(w))
    elif kind == "nod":
        canvas.scale(1, 1 - 0.05 * (1 - math.cos(w)))
    elif kind == "sink":
        canvas.scale(1 + 0.02 * (1 - math.cos(w)), 1 - 0.04 * (1 - math.cos(w)))
    canvas.translate(-SIZE / 2, -floor)


def draw(style_pen, pack, palette, script, t=0.0, moving=False):
    """One frame as a PIL picture (360 x 360, RGBA)."""
    surface, words = new_surface(), script.text(pack.tone)
    with surface as canvas:
        pen = style_pen(canvas, palette, rng_of(pack.pack_id, script.key))
        g = build_of(style_pen, pack, palette, script)
        pen.ground(g, script)
        canvas.save()
        canvas.translate(SIZE / 2, pen.PIVOT)
        canvas.scale(pen.ROOM[bool(words)], pen.ROOM[bool(words)])
        canvas.translate(-SIZE / 2, -pen.PIVOT)
        if moving:
            move(canvas, script.motion, t, g.floor)
        elif script.tilt:
            canvas.rotate(script.tilt * 0.6, SIZE / 2, g.floor)
        figure(pen, CHARACTERS[pack.character], g, script, t)
        canvas.restore()
        if words:
            pen.caption(words, script)
    return pen.finish(to_pil(surface))
