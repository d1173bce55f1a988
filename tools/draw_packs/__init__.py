"""The program behind tools/draw_packs.py.

catalogue.py    palettes and packs (add a pack here)         scripts.csv  emoticons: face, pose, effects, captions
styles/         a module each: line, fill, shading, texture, proportion, lettering
pens.py         what a vector style is made of               figure.py    stance, pose, composition, motion
characters.py   who it is                                    face.py, effects.py, strokes.py
common.py       paths, colours, lettering, seeds             export.py    palette PNG, GIF, WebP
build.py        command line, manifest                       check.py     contact sheets, sizes, colour retrieval
readings.csv    the emotions that a blind reader saw (see tools/measure_packs.py)
"""
