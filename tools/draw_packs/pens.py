"""What every vector style is made of: a Build (proportions) and a Pen (how a shape, a line and lettering are laid down).

A new vector style is a module in styles/ with a subclass `StylePen` of Pen; the figure, its poses and the effects call nothing else.
Lengths are pixels of the 360 x 360 frame.
"""

from dataclasses import dataclass, field

from . import face
from .common import paint


@dataclass
class Build:
    """Proportions. The head is an ellipse-like shape at (cx, cy), the body one at (cx, bcy)."""

    cx: float
    cy: float
    rx: float  # head
    ry: float
    bcy: float
    brx: float  # body
    bry: float
    limb: float  # width of an arm
    dx: float  # half the distance between the eyes
    er: float  # radius of an eye
    ey: float  # height of the eyes
    my: float  # height of the mouth
    mw: float  # width of a plain mouth
    lw: float  # width of a plain line
    tall: float  # 1 round eyes, more: tall ones
    gloss: bool  # a light in the eye
    floor: float
    coat: str = ""  # colour of head and hands
    cloth: str = ""  # colour of body and sleeves (the coat's, where nothing is worn)
    one: bool = False  # head and body in one piece
    rng: object = field(default=None)

    @property
    def top(self):
        return self.cy - self.ry


class Pen:
    """Base of the pens. `p` is the palette, `c` the canvas, `rng` the emoticon's own generator."""

    BUILD: dict  # a Build's numbers, for a figure with a body
    BLOB: dict  # what is different where head and body are one piece (a rice cake)
    ROOM = (1.0, 0.84)  # scale of the figure without and with a caption,
    PIVOT = 356  # about this height: near 356 the caption stands above the figure, near 0 below it

    def __init__(self, canvas, palette, rng):
        self.c, self.p, self.rng = canvas, palette, rng

    def fill(self, path, colour, alpha=1.0):
        """A small plain patch: a cheek, a pupil, a stripe."""
        self.c.drawPath(path, paint(colour, alpha))

    def shape(self, path, colour, weight=1.0, shade=True):
        """A part of the figure or a thing: filled, outlined and shaded as the style does; weight scales the outline."""
        raise NotImplementedError

    def line(self, path, width, colour=None):
        """A drawn stroke: a mouth, a brow, a shiver line; the palette's dark unless a colour is given."""
        raise NotImplementedError

    def limb(self, path, width, colour):
        """An arm, a leg, a tail along a path."""
        raise NotImplementedError

    def caption(self, words, script):
        """The lettering, placed where the style has it."""
        raise NotImplementedError

    def ground(self, g, script):
        """What lies behind the figure (before anything else, in the frame's own coordinates)."""

    def finish(self, image):
        """Last touch on the drawn picture (PIL, RGBA): paper, grain, dots."""
        return image

    # the face's parts, to be replaced where a style has its own
    def eye(self, f, kind, s):
        face.eye(self, f, kind, s)

    def brows(self, f, kind, eyes):
        face.brows(self, f, kind, eyes)

    def mouth(self, f, kind, snout):
        face.mouth(self, f, kind, snout)

    def cheeks(self, f, strong):
        face.cheeks(self, f, strong)
