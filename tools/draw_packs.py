"""Draw the sample emoticon packs of emorec (own art, CC0-1.0).

What it draws: every pack listed in `draw_packs/catalogue.py` (art styles x packs, 24 emoticons each, 360 x 360) into
`emorec_lib/assets/packs/<pack_id>/<NN>.png|gif|webp`, and `manifest.csv` beside the folders. About four minutes on two cores.

How to run, from the repository root (`pip install -e .[tools]`):

    python tools/draw_packs.py                             # all packs
    python tools/draw_packs.py --only flat-cat             # some packs (ids or their beginnings); the manifest still lists all
    python tools/draw_packs.py --only clay --keys cry huh --out ../try --sheets ../try   # some scripts, to try a style
    python tools/draw_packs.py --out ../other-packs        # somewhere else (to compare two runs)
    python tools/draw_packs.py --poster docs/packs.png     # also the README's picture

The drawing is deterministic: every random number comes from a seed made of the pack's and the emoticon's name, the lettering from the
font file that koreanize-matplotlib carries.
"""

from draw_packs.build import main

if __name__ == "__main__":
    main()
