"""Draw the sample emoticon packs of emorec (own art, CC0-1.0).

What it draws: every pack listed in `draw_packs/catalogue.py` (4 drawing styles x 3 packs, 14 emoticons each,
360x360) into `emorec_lib/assets/packs/<pack_id>/<NN>.png|gif|webp`, and `manifest.csv` beside the folders.

How to run, from the repository root (needs skia-python, pillow, numpy, koreanize-matplotlib):

    python tools/draw_packs.py                     # all packs
    python tools/draw_packs.py --only flat-cat     # some packs; the manifest still lists all
    python tools/draw_packs.py --sheets ../sheets # also contact sheets and the colour-histogram check
    python tools/draw_packs.py --out ../other-packs # somewhere else (to compare two runs)

The drawing is deterministic: every random number comes from a seed made of the pack's and the emoticon's name.
"""

from draw_packs.build import main

if __name__ == "__main__":
    main()
