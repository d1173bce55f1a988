"""The art styles, a module each: `StylePen` (vector styles, drawn by figure.draw) or a `draw` of its own."""

from importlib import import_module

from .. import figure


def _module(name):
    return import_module("." + name.replace("-", "_"), __package__)


def colours_of(name):
    """How many colours a still picture of this style is stored with (`COLOURS` of the module, else 64)."""
    return getattr(_module(name), "COLOURS", 64)


def draw_of(name):
    """The function (pack, palette, script, t, moving) -> PIL RGBA picture of a style family."""
    module = _module(name)
    if hasattr(module, "draw"):
        return module.draw
    return lambda *args: figure.draw(module.StylePen, *args)
