"""The program behind tools/draw_packs.py.

catalogue.py  palettes and packs (add a pack here)      scripts.py  emoticons: face, pose, effects, captions
vector.py     pens, figure, face, effects (2 styles)    pixel.py, photo.py  the two other styles
common.py     paths, colours, lettering, seeds          export.py   palette PNG, GIF, WebP
build.py      command line, manifest                    check.py    contact sheets, sizes, colour retrieval
"""
