"""Command line: draw the packs, write the manifest."""

import argparse
import csv
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from . import check, export
from .catalogue import PACKS, PALETTES, SMALL
from .scripts import SCRIPTS, cast
from .styles import colours_of, draw_of

COLUMNS = ("path", "pack_id", "pack_name", "style_family", "character", "palette", "emotion_ko", "also_ko", "split", "licence")
PACKS_FOLDER = Path(__file__).resolve().parents[2] / "emorec_lib" / "assets" / "packs"
FRAMES = 6


def rows_of(pack, scripts=None):
    """[(script, manifest row)] of a pack; the manifest calls the n-th script's picture n."""
    out = []
    for i, script in enumerate(scripts or cast(pack.pack_id), 1):
        values = (f"{pack.pack_id}/{i:02d}.{pack.ending}", pack.pack_id, pack.name, pack.style, pack.character, pack.palette,
                  script.emotion, script.also, pack.split, "CC0-1.0")  # fmt: skip
        out.append((script, dict(zip(COLUMNS, values, strict=True))))
    return out


def draw_pack(pack, out, scripts=None, mute=False):
    draw, moving = draw_of(pack.style), pack.ending != "png"
    pack = replace(pack, tone="") if mute else pack
    phases = [k / FRAMES for k in range(FRAMES)] if moving else [0.0]
    for script, row in rows_of(pack, scripts):
        export.save([draw(pack, PALETTES[pack.palette], script, t, moving) for t in phases], out / row["path"], colours_of(pack.style))
    return pack.pack_id


def write_manifest(rows, out, name="manifest.csv"):
    out.mkdir(parents=True, exist_ok=True)
    with open(out / name, "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(argv=None):
    parser = argparse.ArgumentParser(description="Draw the sample emoticon packs.")
    parser.add_argument("--out", type=Path, default=PACKS_FOLDER)
    parser.add_argument("--only", nargs="*", default=[], help="pack ids, or the beginnings of pack ids")
    parser.add_argument("--keys", nargs="*", default=[], help="scripts to draw instead of the pack's own choice ('all': every one)")
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets; also prints the checks")
    parser.add_argument("--poster", type=Path, help="one picture with an emoticon of every pack (docs/packs.png)")
    parser.add_argument("--mute", action="store_true", help="without lettering, to see what the drawing alone tells")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(argv)
    scripts = list(SCRIPTS.values()) if args.keys == ["all"] else [SCRIPTS[key] for key in args.keys]
    packs = [pack for pack in PACKS if not args.only or pack.pack_id.startswith(tuple(args.only))]
    with ProcessPoolExecutor(args.jobs) as pool:
        for done in pool.map(partial(draw_pack, out=args.out, scripts=scripts, mute=args.mute), packs):
            print("drawn", done, flush=True)
    if not scripts:
        write_manifest([row for pack in PACKS for _, row in rows_of(pack)], args.out)
        write_manifest([row for pack in PACKS if pack.pack_id in SMALL for _, row in list(rows_of(pack))[::3]], args.out, "small.csv")
    if args.poster:
        check.poster([row for pack in PACKS for _, row in rows_of(pack)], args.out, args.poster)
    if args.sheets:
        rows = [row for pack in packs for _, row in rows_of(pack, scripts)]
        check.sheets(rows, args.out, args.sheets)
        check.report(rows, args.out)
