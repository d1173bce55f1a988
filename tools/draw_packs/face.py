"""Faces of the vector styles: eyes, brows, mouths, cheeks. `f` is a Face: where and how big things are."""

from dataclasses import dataclass

import skia

from .common import arch, box, curve, heart, line, mix, moved, oval, poly, quad, spiral, star


@dataclass
class Face:
    cx: float
    ey: float  # height of the eyes
    dx: float  # half the distance between them
    er: float  # radius of an eye
    my: float  # height of the mouth
    mw: float  # width of a plain mouth
    lw: float  # line width
    tall: float  # 1 round eyes, more: tall ones
    gloss: bool  # a light in the eye
    t: float = 0.0


def _dot(pen, f, x, y, scale=1.0):
    r = f.er * scale
    pen.fill(oval(x, y, r, r * f.tall), pen.p.dark)
    if f.gloss:
        pen.fill(oval(x - r * 0.3, y - r * f.tall * 0.4, r * 0.38), "#ffffff")


def _ball(pen, f, x, y, r, pupil, px=0.0, py=0.0):
    """A white eyeball with a pupil."""
    pen.fill(oval(x, y, r + f.lw * 0.75), pen.p.dark)
    pen.fill(oval(x, y, r), "#ffffff")
    pen.fill(oval(x + px, y + py, pupil), pen.p.dark)


def _angry_eye(pen, f, x, y, s):
    r = f.er * 1.35
    lid = poly(
        [
            (x - s * r * 2, y - r * 0.15 - r * 0.9 * -1 - r),
            (x + s * r * 2, y - r * 1.9),
            (x + s * r * 2, y + r * 3),
            (x - s * r * 2, y + r * 3),
        ]
    )
    ball = skia.Op(oval(x, y, r * 1.15), lid, skia.kIntersect_PathOp)
    white = skia.Op(oval(x, y, r * 0.9), lid, skia.kIntersect_PathOp)
    pen.fill(ball, pen.p.dark)
    pen.fill(white, "#ffffff")
    pen.fill(skia.Op(oval(x - s * r * 0.25, y + r * 0.1, r * 0.5), lid, skia.kIntersect_PathOp), pen.p.dark)


def _half_eye(pen, f, x, y):
    r = f.er * 1.15
    low = skia.Op(oval(x, y, r, r * f.tall), box(x, y + r * 2, r * 2, r * 2), skia.kIntersect_PathOp)
    pen.fill(low, pen.p.dark)
    pen.line(line((x - r * 1.4, y), (x + r * 1.4, y)), f.lw)


def _teary_eye(pen, f, x, y):
    r = f.er * 1.45
    pen.fill(oval(x, y, r, r * 1.08), pen.p.dark)
    pen.fill(oval(x - r * 0.3, y - r * 0.4, r * 0.38), "#ffffff")
    pen.fill(oval(x + r * 0.38, y + r * 0.22, r * 0.22), "#ffffff")
    pen.fill(skia.Op(oval(x, y, r * 0.9, r), oval(x, y + r * 1.15, r * 0.95, r * 0.62), skia.kIntersect_PathOp), "#8fd3f5")


def eye(pen, f, kind, s):
    """One eye; s = -1 left, 1 right."""
    x, y, r = f.cx + s * f.dx, f.ey, f.er
    w = f.lw
    if kind == "happy":
        pen.line(arch(x, y + r * 0.5, r * 2.5, -r * 1.5), w * 1.15)
    elif kind == "squeeze":
        pen.line(line((x + s * r * 1.1, y - r * 1.1), (x - s * r * 1.0, y), (x + s * r * 1.1, y + r * 1.1)), w * 1.1)
    elif kind == "shut":
        pen.line(arch(x, y, r * 2.4, r * 1.1), w * 1.1)
    elif kind == "teary":
        _teary_eye(pen, f, x, y)
    elif kind == "wide":
        _ball(pen, f, x, y, r * 1.75, r * 0.42)
    elif kind == "tiny":
        _ball(pen, f, x, y, r * 1.4, r * 0.36, px=r * 0.25 * (1 if round(f.t * 6) % 2 else -1), py=r * 0.2)
    elif kind == "look":
        _ball(pen, f, x, y, r * 1.4, r * 0.55, px=-r * 0.75, py=r * 0.3)
    elif kind == "up":
        _ball(pen, f, x, y, r * 1.4, r * 0.62, px=r * 0.5, py=-r * 0.62)
    elif kind == "side":
        _ball(pen, f, x, y, r * 1.3, r * 0.55, px=-r * 0.7)
        pen.line(line((x - r * 1.7, y - r * 0.55), (x + r * 1.7, y - r * 0.55)), w * 1.2)
    elif kind == "down":
        _dot(pen, f, x, y + r * 0.6, 0.95)
        pen.line(arch(x, y + r * (0.75 - f.tall), r * 2.5, -r * 0.45), w * 0.9)
    elif kind == "angry":
        _angry_eye(pen, f, x, y, s)
    elif kind == "flat":
        pen.line(line((x - r * 1.2, y), (x + r * 1.2, y)), w * 1.2)
    elif kind == "half":
        _half_eye(pen, f, x, y)
    elif kind == "star":
        pen.fill(star(x, y, r * 2.2, 5, 0.45), pen.p.dark)
        pen.fill(star(x, y, r * 1.55, 5, 0.45), "#ffd94a")
    elif kind == "heart":
        pen.fill(heart(x, y, r * 1.75), "#e8384f")
        pen.fill(oval(x - r * 0.65, y - r * 0.5, r * 0.3), "#ffffff", 0.9)
    elif kind == "spiral":
        pen.line(spiral(x, y, r * 1.9), w * 0.8)
    else:
        _dot(pen, f, x, y)


def brows(pen, f, kind, eyes):
    """Slanted strokes over the eyes."""
    gap = f.er * (2.35 if eyes in ("wide", "teary", "tiny", "look", "up", "star") else 2.0)
    for s in (-1, 1):
        x, y, r = f.cx + s * f.dx, f.ey - gap, f.er
        if kind == "angry":
            pen.line(line((x - s * r * 1.5, y + r * 0.95), (x + s * r * 1.5, y - r * 0.35)), f.lw * 1.6)
        elif kind == "sad":
            pen.line(quad((x - s * r * 1.2, y - r * 0.75), (x + s * r * 0.2, y - r * 0.5), (x + s * r * 1.4, y + r * 0.45)), f.lw * 1.1)
        elif kind == "raised":
            pen.line(arch(x, y - r * 0.2, r * 2.2, -r * 0.8), f.lw * 1.1)
        elif kind == "one":
            pen.line(arch(x, y - (r * 0.9 if s > 0 else -r * 0.1), r * 2.3, -r * 0.7 if s > 0 else 0), f.lw * 1.2)


def _jaw(pen, path, tongue=True):
    """A dark open mouth with a tongue."""
    pen.fill(path, mixed_dark(pen))
    if tongue:
        b = path.getBounds()
        low = oval(b.centerX(), b.bottom() - b.height() * 0.1, b.width() * 0.32, b.height() * 0.38)
        pen.fill(skia.Op(path, low, skia.kIntersect_PathOp), "#f2777f")


def mixed_dark(pen):
    return mix(pen.p.dark, "#6b1020", 0.45)


def _smile_path(x, y, w, h):
    path = skia.Path()
    path.moveTo(x - w / 2, y)
    path.quadTo(x, y + h * 0.12, x + w / 2, y)
    path.cubicTo(x + w * 0.45, y + h * 1.25, x - w * 0.45, y + h * 1.25, x - w / 2, y)
    path.close()
    return path


def _grit(pen, f, x, y, w, h):
    """Bared teeth."""
    frame = box(x, y, w / 2, h / 2, h * 0.35)
    pen.fill(box(x, y, w / 2 + f.lw * 0.8, h / 2 + f.lw * 0.8, h * 0.45), pen.p.dark)
    pen.fill(frame, "#ffffff")
    for k in (-1, 0, 1):
        pen.line(line((x + k * w * 0.25, y - h * 0.45), (x + k * w * 0.25, y + h * 0.45)), f.lw * 0.55)
    pen.line(line((x - w * 0.48, y), (x + w * 0.48, y)), f.lw * 0.55)


def _zigzag(x, y, w, h, n):
    return curve([(x - w / 2 + w * k / n, y + (h if k % 2 else -h)) for k in range(n + 1)])


def mouth(pen, f, kind, snout=""):
    x, y, w, lw = f.cx, f.my, f.mw, f.lw
    if kind == "smile" and snout == "cat":
        pen.line(arch(x - w * 0.27, y, w * 0.54, w * 0.26), lw)
        pen.line(arch(x + w * 0.27, y, w * 0.54, w * 0.26), lw)
    elif kind == "smile":
        pen.line(arch(x, y, w, w * 0.38), lw)
    elif kind == "laugh":
        _jaw(pen, _smile_path(x, y - w * 0.15, w * 1.45, w * 1.05))
    elif kind == "open":
        _jaw(pen, _smile_path(x, y - w * 0.05, w * 1.05, w * 0.8))
    elif kind == "o":
        _jaw(pen, oval(x, y + w * 0.12, w * 0.22, w * 0.27), False)
    elif kind == "jaw":
        _jaw(pen, box(x, y + w * 0.28, w * 0.36, w * 0.5, w * 0.34))
    elif kind == "frown":
        pen.line(arch(x, y + w * 0.2, w * 0.8, -w * 0.34), lw)
    elif kind == "wave":
        pen.line(_zigzag(x, y + w * 0.08, w * 1.15, w * 0.11, 7), lw)
    elif kind == "bite":
        _grit(pen, f, x, y + w * 0.02, w * 0.8, w * 0.3)
    elif kind == "roar":
        path = poly(
            [(x - w * 0.42, y - w * 0.12), (x + w * 0.42, y - w * 0.12), (x + w * 0.66, y + w * 0.68), (x - w * 0.66, y + w * 0.68)]
        )
        _jaw(pen, path)
        for s in (-1, 1):
            pen.fill(
                poly([(x + s * w * 0.36, y - w * 0.12), (x + s * w * 0.14, y - w * 0.12), (x + s * w * 0.25, y + w * 0.14)]), "#ffffff"
            )
    elif kind == "teeth":
        _grit(pen, f, x, y + w * 0.12, w * 1.15, w * 0.46)
    elif kind == "pout":
        pen.line(arch(x, y + w * 0.16, w * 0.5, -w * 0.3), lw * 1.1)
    elif kind == "slant":
        pen.line(line((x - w * 0.35, y + w * 0.12), (x + w * 0.35, y - w * 0.06)), lw)
    elif kind == "crooked":
        pen.line(
            curve(
                [
                    (x - w * 0.55, y - w * 0.04),
                    (x - w * 0.2, y + w * 0.16),
                    (x + w * 0.1, y + w * 0.04),
                    (x + w * 0.3, y + w * 0.14),
                    (x + w * 0.55, y - w * 0.12),
                ]
            ),
            lw,
        )
    elif kind == "wail":
        _jaw(pen, moved(_smile_path(x, y, w * 1.25, w * 0.85), 0, w * 0.62, sx=1, sy=-1, about=(x, y)))
    elif kind == "wobble":
        pen.line(_zigzag(x, y + w * 0.12, w * 0.85, -w * 0.09, 4), lw)
    else:
        pen.line(line((x - w * 0.34, y), (x + w * 0.34, y)), lw)


def cheeks(pen, f, strong):
    for s in (-1, 1):
        x, y, r = f.cx + s * f.dx * 1.55, f.ey + f.er * 2.3, f.er * (1.6 if strong else 1.15)
        pen.fill(oval(x, y, r * 1.2, r * 0.75), "#f2606f", 0.62 if strong else 0.34)


def draw_face(pen, f, script, snout=""):
    pen.cheeks(f, script.blush)
    for s in (-1, 1):
        pen.eye(f, script.eyes, s)
    pen.brows(f, script.brows, script.eyes)
    pen.mouth(f, script.mouth, snout)
