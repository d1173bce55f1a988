"""Pictures -> one file that training reads: pictures.npy (N, 128, 128, 4) uint8 RGBA and rows.csv, one row a picture.

Made from the families of parts train and dev (never test), from styles drawn by chance (pens.py) and from filters over pictures of
part train (filters.py). The same sources give the same bytes.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageSequence
from tqdm import tqdm

from . import families, filters

SIZE = 128
N_PENS, PACKS_A_PEN, PICTURES_A_PACK = 220, 3, 8
N_FILTERS, PICTURES_A_FILTER = 6, 16  # of each kind, with other numbers
EMOTIONS_OF_FILTERS = ("posterise", "oil", "noise", "sticker", "outline", "sharpen", "paper", "shadow")  # the face stays readable


def squeezed(picture: Image.Image) -> np.ndarray:
    """(128, 128, 4): the longer side 128, centred on nothing; averaged down with premultiplied alpha."""
    picture = picture.convert("RGBA")
    scale = SIZE / max(picture.size)
    small = picture.convert("RGBa").resize([max(1, round(s * scale)) for s in picture.size], Image.Resampling.BOX if scale < 0.5
                                           else Image.Resampling.BILINEAR).convert("RGBA")
    out = np.zeros((SIZE, SIZE, 4), np.uint8)
    y, x = (SIZE - small.height) // 2, (SIZE - small.width) // 2
    out[y:y + small.height, x:x + small.width] = np.asarray(small)
    return out


def opened(path: str) -> list[np.ndarray]:
    """The picture, or the first and the middle one of a moving one."""
    with Image.open(path) as picture:
        n = getattr(picture, "n_frames", 1)
        wanted = {0, n // 2} if n > 1 else {0}
        return [squeezed(frame.copy()) for i, frame in enumerate(ImageSequence.Iterator(picture)) if i in wanted]


def drawn(seed: int) -> list[tuple[dict, np.ndarray]]:
    """The pictures of one style of pens.py with their rows."""
    from .pens import draw_style, traits_of

    t = traits_of(seed)
    words = f"{t['outline']} outline, {t['fills']} filling, {t['shades']} shading"
    style = {"family": f"chance-{seed}", "words": words, "part": "train", "source": "drawn"}
    return [(style | {"pack": pack, "character": character, "emotion_ko": script.emotion}, squeezed(picture))
            for pack, character, _, script, picture in draw_style(seed, PACKS_A_PEN, PICTURES_A_PACK)]


def filtered(kind: str, k: int, rows: pd.DataFrame, pictures: np.ndarray) -> list[tuple[dict, np.ndarray]]:
    """One filter with numbers drawn once over two families, a drawn one and one of files: two more styles."""
    rng = np.random.default_rng([filters.KINDS.index(kind), k])
    run = filters.apply(kind, rng)
    out = []
    for source in ("file", "drawn"):
        names = sorted(set(rows["family"][rows["source"] == source]))
        for family in rng.permutation(names)[:1]:
            for i in rng.permutation(np.flatnonzero(rows["family"] == family))[:PICTURES_A_FILTER]:
                row = {"family": f"{kind}-{k}/{family}", "pack": f"{kind}-{k}/{rows['pack'][i]}", "character": rows["character"][i],
                       "emotion_ko": rows["emotion_ko"][i] if kind in EMOTIONS_OF_FILTERS else "", "words": f"{kind} filter",
                       "part": "train", "source": "filter"}
                out.append((row, np.asarray(run(Image.fromarray(pictures[i])))))
    return out


def build(folder: Path, packs: Path, shared: Path | None, jobs: int = 1, n_pens: int = N_PENS, n_filters: int = N_FILTERS) -> None:
    """Write pictures.npy and rows.csv into the folder (some minutes). Done already: nothing happens."""
    if (folder / "rows.csv").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    table = families.pictures(packs, shared)
    found = []
    for row in tqdm(table[table["part"] != "test"].to_dict("records"), desc="pictures read", mininterval=2):
        path = row.pop("path")
        found += [(row | {"source": "file"}, picture) for picture in opened(path)]
    with ProcessPoolExecutor(jobs) as pool:
        for part in tqdm(pool.map(drawn, range(n_pens)), total=n_pens, desc="styles drawn", mininterval=2):
            found += part
    rows = pd.DataFrame([row for row, _ in found])
    plain = rows["part"] == "train"
    source, index = rows[plain].reset_index(drop=True), np.flatnonzero(plain)
    pictures = np.stack([found[i][1] for i in index])
    for kind in tqdm(filters.KINDS if n_filters else (), desc="filters", mininterval=2):
        for k in range(n_filters):
            found += filtered(kind, k, source, pictures)
    np.save(folder / "pictures.npy", np.stack([picture for _, picture in found]))
    pd.DataFrame([row for row, _ in found]).to_csv(folder / "rows.tmp", index=False)
    os.replace(folder / "rows.tmp", folder / "rows.csv")  # last: its presence says that all is there


def load(folder: Path, with_dev: bool) -> tuple[pd.DataFrame, np.ndarray]:
    """(rows, pictures as a memory map), of part train only or with dev."""
    rows = pd.read_csv(folder / "rows.csv", dtype=str, keep_default_na=False)
    rows["at"] = np.arange(len(rows))
    return rows[(rows["part"] == "train") | with_dev].reset_index(drop=True), np.load(folder / "pictures.npy", mmap_mode="r")
