"""Which art families are trained on, tuned on and measured on. Chosen once, before the first figure was seen; never changed after one.

TEST families were looked at only by measure_minis.py, after the recipe stood. DEV families were held out while the recipe was chosen and
are trained on by the final run. A vendor or an artist is never in two parts.
"""

from pathlib import Path

import pandas as pd

TEST = {
    "pixel-art", "watercolour", "brush-ink", "retro-gradient",  # our packs' own split
    "gopher-marialetta", "gopher-tenntenn", "gopher-egonelbre",  # one character by three artists
    "dicebear-open-peeps", "dicebear-croodles",  # line art of two artists
    "fluent-3d", "fluent-flat",  # two families of one vendor
    "openmoji",  # share-alike: never trained on
}  # fmt: skip
DEV = {"crayon", "chibi", "embroidery", "bigheads", "dicebear-micah", "dicebear-toon-head", "red-panda-emotes", "twemoji"}
LOOKS = {  # a family in words, for captions
    "photo-people": ("painted photo of a person", "portrait photo"),
    "flat-vector": ("flat vector shapes without an outline", "flat vector"),
    "thick-outline": ("thick dark outline", "bold heavy outline"),
    "hairline-sketch": ("thin pencil sketch with hatching", "hairline pencil drawing"),
    "halftone-comic": ("comic book halftone dots", "pop art comic"),
    "soft-3d": ("soft 3d clay toy", "glossy 3d render"),
    "paper-cutout": ("paper cutout collage", "cut paper"),
    "crayon": ("wax crayon child's drawing", "crayon scribble"),
    "chibi": ("chibi anime sticker with big glossy eyes", "anime sticker"),
    "embroidery": ("embroidery patch with stitches", "stitched felt"),
    "noto": ("smooth round emoji with gradients", "emoji"),
    "twemoji": ("flat yellow emoji", "flat emoji"),
    "emojitwo": ("flat emoji with soft colours", "flat emoji"),
    "emojitwo-bw": ("black and white emoji", "black line art emoji"),
    "blobfox": ("round blob emoji of a fox", "blob emoji"),
    "red-panda-emotes": ("painted cartoon emote with dark outline", "cartoon emote"),
    "bigheads": ("cartoon avatar with a big head and dark outline", "outlined avatar"),
    "dicebear-adventurer": ("outlined cartoon avatar", "hand drawn avatar"),
    "dicebear-big-smile": ("flat cartoon avatar in profile", "flat avatar"),
    "dicebear-fun-emoji": ("flat face on a coloured square", "colour square emoji"),
    "dicebear-micah": ("line drawn avatar with flat colour", "outlined portrait"),
    "dicebear-personas": ("flat avatar without outline", "flat portrait"),
    "dicebear-toon-head": ("flat cartoon portrait", "cartoon portrait"),
}  # fmt: skip
WHO = {"blobfox": "fox", "red-panda-emotes": "red panda", "gopher-marialetta": "gopher", "gopher-tenntenn": "gopher"}
COLUMNS = ["path", "family", "pack", "character", "emotion_ko", "words"]


def part_of(family: str) -> str:
    return "test" if family in TEST else "dev" if family in DEV else "train"


def pictures(packs: Path, shared: Path | None) -> pd.DataFrame:
    """Every picture there is: columns path (str), family, pack, character, emotion_ko ('' if unknown), words (its maker's), part.

    packs: our manifest's folder; shared: what holds packs/, emoji/ and animated/ (None: our own packs only). Families of one pack only
    are cut into four packs by their pictures' order, so that the same style in another pack can be asked for.
    """
    parts = [_ours(packs)] + ([_others(shared / "packs"), _emoji(shared / "emoji"), _moving(shared / "animated")] if shared else [])
    table = pd.concat(parts, ignore_index=True)
    single = table.groupby("family")["pack"].transform("nunique") == 1
    order = table.groupby("family").cumcount() % 4
    table["pack"] = table["pack"].where(~single, table["pack"] + "/" + order.astype(str))
    return table.assign(part=table["family"].map(part_of))


def _read(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
    return table.assign(path=[str(folder / p) for p in table["path"]])


def _ours(folder: Path) -> pd.DataFrame:
    table = _read(folder)
    return table.assign(family=table["style_family"], pack=table["pack_id"], words="")[COLUMNS]


def _others(folder: Path) -> pd.DataFrame:
    table = _read(folder)
    table = table[table["exact_duplicate_of"] == ""]
    words = [" ".join(p.partition("=")[2] or p for p in e.split(";")) for e in table["expression"]]
    who = table["style_family"].map(WHO).fillna("person")
    return table.assign(family=table["style_family"], pack=table["pack_id"], character=who, words=words)[COLUMNS]


def _emoji(folder: Path) -> pd.DataFrame:
    table = _read(folder)
    who = ["emoji face" if "face" in name else name for name in table["name"]]
    return table.assign(family=table["style"], pack=table["style"], character=who, words=table["name"])[COLUMNS]


def _moving(folder: Path) -> pd.DataFrame:
    """The third gopher, moving ones only."""
    table = _read(folder)
    table = table[table["path"].str.contains("gopher-egonelbre")]
    return table.assign(family="gopher-egonelbre", pack="gopher-egonelbre", character="gopher", emotion_ko="", words="")[COLUMNS]
