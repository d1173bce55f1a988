"""Command line: draw the packs, write the manifest."""

import argparse
import csv
from pathlib import Path

from . import check, export, figure
from .catalogue import PACKS, PALETTES
from .scripts import CASTS, SCRIPTS

COLUMNS = ("path", "pack_id", "pack_name", "style_family", "character", "palette", "emotion_ko", "also_ko", "split", "licence")
PACKS_FOLDER = Path(__file__).resolve().parents[2] / "emorec_lib" / "assets" / "packs"
FRAMES = 6


def style(name):
    """The draw function of a style (imported late: each needs its own time and modules)."""
    if name == "pixel-art":
        from . import pixel

        return pixel.draw
    if name == "photo-people":
        from . import photo

        return photo.draw
    return figure.draw


def rows_of(pack):
    for i, key in enumerate(CASTS[pack.cast], 1):
        script = SCRIPTS[key]
        yield (
            script,
            dict(
                zip(
                    COLUMNS,
                    (
                        f"{pack.pack_id}/{i:02d}.{pack.ending}",
                        pack.pack_id,
                        pack.name,
                        pack.style,
                        pack.character,
                        pack.palette,
                        script.emotion,
                        script.also,
                        pack.split,
                        "CC0-1.0",
                    ),
                    strict=True,
                )
            ),
        )


def draw_pack(pack, out, keys=()):
    moving = pack.ending != "png"
    for script, row in rows_of(pack):
        if keys and script.key not in keys:
            continue
        phases = [k / FRAMES for k in range(FRAMES)] if moving else [0.0]
        frames = [style(pack.style)(pack, PALETTES[pack.palette], script, t, moving) for t in phases]
        export.save(frames, out / row["path"])


def write_manifest(out):
    out.mkdir(parents=True, exist_ok=True)
    rows = [row for pack in PACKS for _, row in rows_of(pack)]
    with open(out / "manifest.csv", "w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def main(argv=None):
    parser = argparse.ArgumentParser(description="Draw the sample emoticon packs.")
    parser.add_argument("--out", type=Path, default=PACKS_FOLDER)
    parser.add_argument("--only", nargs="*", default=[], help="pack ids")
    parser.add_argument("--keys", nargs="*", default=[], help="script names, to try one emoticon")
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets; also prints the checks")
    args = parser.parse_args(argv)
    for pack in PACKS:
        if not args.only or pack.pack_id in args.only:
            draw_pack(pack, args.out, args.keys)
            print("drawn", pack.pack_id, flush=True)
    rows = write_manifest(args.out)
    if args.sheets:
        rows = [r for r in rows if (args.out / r["path"]).exists()]
        check.sheets(rows, args.out, args.sheets)
        check.report(rows, args.out)
