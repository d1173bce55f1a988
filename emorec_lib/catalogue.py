"""Emoticon packs from a folder or a manifest; the pictures of any emoticon on a stated background."""

import hashlib
import json
import os
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageFile, ImageOps, ImageSequence

from .fetch import cache_folder
from .run import ASSETS, EMOTIONS, digest, is_embedded, member_name, save_arrays, write_atomic

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # whatever the suffix says; no format that starts another program (EPS)
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".apng"}
BACKGROUND = (255, 255, 255)
MAX_PIXELS = 25_000_000  # one frame; a 360 x 360 emoticon has 129,600
MAX_FRAMES = 600
MAX_UNPACKED = 4_000_000_000  # bytes of a zip's pictures
ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True)
class Catalogue:
    """Emoticons of one or more packs.

    table: one row an emoticon, columns path (absolute, str), pack_id, emotion_ko ('' if unknown) and every other
    column of the manifest under its own name. skipped: what could not be used, columns path, reason.
    """

    table: pd.DataFrame
    skipped: pd.DataFrame
    root: Path
    source: Path  # what it was loaded from: a folder or a manifest
    digest: str

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Catalogue({self.describe()})"

    @property
    def paths(self) -> list[str]:
        """Absolute path of every emoticon, in the table's order."""
        return self.table["path"].tolist()

    @property
    def packs(self) -> list[str]:
        """Pack ids in order of first appearance."""
        return list(dict.fromkeys(self.table["pack_id"]))

    @property
    def styles(self) -> pd.Series:
        """Art style of every emoticon: column style_family, else '' (unknown)."""
        return self.table.get("style_family", pd.Series("", index=self.table.index)).fillna("")

    @property
    def parts(self) -> dict[str, np.ndarray]:
        """What figures are reported on apart from each other: {"all": every emoticon, and each value of the manifest's column split,
        if it has one ("heldout": no model of ours was trained on these styles): (N,) bool}."""
        split = self.table.get("split", pd.Series("", index=self.table.index)).fillna("")
        return {"all": np.ones(len(self), dtype=bool)} | {name: (split == name).to_numpy() for name in sorted({*split} - {""})}

    def retrieval_labels(self) -> tuple[np.ndarray, np.ndarray, str]:
        """What retrieval is measured by: (relevant (N,), excluded (N,), the question in words). Same style in other packs; where
        the manifest names no styles, the same pack, the emoticon itself excluded."""
        if (self.styles != "").any():
            return self.styles.to_numpy(), self.table["pack_id"].to_numpy(), "Is the style the same? (The query's own pack is excluded.)"
        return self.table["pack_id"].to_numpy(), self.table.index.astype(str).to_numpy(), "No styles are named: is the pack the same?"

    def head(self, n: int = 5) -> pd.DataFrame:
        """First n rows with paths relative to the catalogue's folder, for people to read."""
        rows = self.table.head(n)
        return rows.assign(path=[Path(p).relative_to(self.root).as_posix() for p in rows["path"]])

    def of_pack(self, pack_id: str) -> pd.DataFrame:
        """Rows of one pack. Raises KeyError with the choices for a pack that is not there."""
        if pack_id not in set(self.table["pack_id"]):
            raise KeyError(f"no pack {pack_id!r}; packs here: {', '.join(self.packs[:20])}{' …' if len(self.packs) > 20 else ''}")
        return self.table[self.table["pack_id"] == pack_id]

    def check(self) -> pd.DataFrame:
        """What was read of each pack and what was not: columns emoticons, labelled, skipped, reasons (``skipped`` names the files)."""
        packs = self.table.groupby("pack_id", sort=False)
        table = pd.DataFrame({"emoticons": packs.size(), "labelled": packs["emotion_ko"].agg(lambda e: int((e != "").sum()))})
        folder = self.skipped["path"].map(lambda p: Path(p).parent.name)
        table["skipped"] = [int((folder == Path(pack).name).sum()) for pack in table.index]
        table["reasons"] = ["; ".join(dict.fromkeys(self.skipped["reason"][folder == Path(pack).name])) for pack in table.index]
        return table.rename_axis("pack")

    def example_users(self, pack_ids: list[str] | None = None, n: int = 4) -> dict[str, list[str]]:
        """Three example users, each with the first ``n`` emoticons of one pack: {"user 1 (pack)": paths}.

        Without ``pack_ids``: the first two packs of the first style and the first pack of the next style (or simply the first three).
        """
        if not pack_ids:
            firsts = self.table.assign(style=self.styles).drop_duplicates("pack_id")
            firsts = firsts.groupby("style", sort=False)["pack_id"].apply(list).tolist()  # one list of packs a style
            pack_ids = list(dict.fromkeys([*firsts[0][:2], *(f[0] for f in firsts[1:]), *self.packs]))[:3]
        return {f"user {i} ({pack})": self.of_pack(pack)["path"].tolist()[:n] for i, pack in enumerate(pack_ids, 1)}

    def describe(self) -> str:
        """One line for people: where from, how many packs and emoticons, what was skipped."""
        name = "embedded sample" if is_embedded(self.root) else self.root.name
        text = f"{name}: {len(self)} emoticons of {len(self.packs)} packs"
        styles = {s for s in self.styles if s}
        text += f" in {len(styles)} styles" if styles else ""
        return text + (f"; {len(self.skipped)} pictures skipped" if len(self.skipped) else "")


def load_catalogue(root) -> Catalogue:
    """Read a catalogue: a folder of pack folders, a folder with a manifest.csv, a manifest.csv, or a .zip of either folder; "sample" is
    the embedded one. Pictures directly in the folder are a pack of its name; hidden files and folders are not looked into. A zip is
    unpacked once, into the cache folder (fetch.cache_folder).

    A manifest has columns path (relative to it), pack_id and, if known, emotion_ko, style_family and any others.
    Pictures that are missing, broken, empty or enormous are left out and listed in ``skipped`` with the reason.
    Raises FileNotFoundError (no such place), ValueError (columns missing, unknown emotion, a path that leaves the
    manifest's folder, no usable picture at all).
    """
    root = source = Path(ASSETS / "packs" if str(root) == "sample" else root).expanduser().resolve()
    if not root.exists():
        raise FileNotFoundError(f"{root}: no such file or folder. Expected 'sample', a folder of pack folders, a .zip of it, or a "
                                "manifest .csv")
    if root.suffix.lower() == ".zip" and root.is_file():
        root = _unpacked(root)
    manifest = root if root.suffix.lower() == ".csv" else root / "manifest.csv"
    if manifest.is_file():
        table, root = _read_manifest(manifest), manifest.parent
    else:
        table = _read_folders(root)
    with ThreadPoolExecutor() as pool:
        checked = list(pool.map(_check, table["path"]))
    reasons = pd.Series([reason for reason, _ in checked], index=table.index)
    skipped = pd.DataFrame({"path": table["path"], "reason": reasons})[reasons != ""].reset_index(drop=True)
    table = table[reasons == ""].reset_index(drop=True)
    if table.empty:
        first = f" First reason: {skipped.path[0]}: {skipped.reason[0]}." if len(skipped) else ""
        raise ValueError(f"no usable picture in {root}.{first} Expected: pack folders that hold {', '.join(sorted(SUFFIXES))} files.")
    contents = [sha for reason, sha in checked if reason == ""]
    return Catalogue(table, skipped, root, source, digest(contents, table["pack_id"].tolist(), table["emotion_ko"].tolist()))


def _unpacked(file: Path) -> Path:
    """The folder that a zip's pictures and manifest lie in, unpacked once for its content. Raises ValueError for a zip that is broken, too
    large, locked or whose members climb out of it."""
    with open(file, "rb") as stream:
        folder = cache_folder() / "packs" / hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    if not folder.is_dir():
        part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
        try:
            with zipfile.ZipFile(file) as archive:
                infos = [i for i in archive.infolist() if not i.is_dir() and Path(i.filename).suffix.lower() in {*SUFFIXES, ".csv"}]
                if (size := sum(i.file_size for i in infos)) > MAX_UNPACKED:
                    raise ValueError(f"{size:,} bytes when unpacked, more than {MAX_UNPACKED:,}; unpack it yourself and give the folder")
                for info in infos:
                    path = part / file.stem / member_name(info).replace("\\", "/")
                    if not path.resolve().is_relative_to(part.resolve() / file.stem):
                        raise ValueError(f"its member {info.filename!r} climbs out of it; distrust this file")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(info))
            (part / file.stem).mkdir(parents=True, exist_ok=True)
            os.replace(part, folder)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:  # RuntimeError: a password
            raise ValueError(f"{file}: {error}. Expected a zip of pack folders or of a folder with a manifest.csv.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
    root = folder / file.stem
    inside = [p for p in root.iterdir() if not p.name.startswith(("__MACOSX", "."))]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and any(p.is_dir() for p in inside[0].iterdir()) else root


def _read_manifest(manifest: Path) -> pd.DataFrame:
    table = _read_csv(manifest)
    lacking = [c for c in ("path", "pack_id") if c not in table.columns]
    if lacking:
        raise ValueError(f"{manifest}: no column {', '.join(lacking)}; found: {', '.join(table.columns)}. "
                         "Expected at least: path, pack_id (and emotion_ko, style_family if known).")
    if (table["pack_id"] == "").any():
        raise ValueError(f"{manifest}: {(table['pack_id'] == '').sum()} rows have no pack_id; expected the name of a pack in each.")
    if "emotion_ko" not in table:
        table["emotion_ko"] = ""
    unknown = sorted(set(table["emotion_ko"]) - {*EMOTIONS, ""})
    if unknown:
        raise ValueError(f"{manifest}: unknown emotion_ko {', '.join(unknown)}; expected {', '.join(EMOTIONS)} or empty.")
    folder = manifest.parent.resolve()
    full = [_spelled(folder, p).resolve() for p in table["path"]]
    outside = [p for p, f in zip(table["path"], full, strict=True) if not f.is_relative_to(folder)]
    if outside:
        raise ValueError(f"{manifest}: path {outside[0]!r} leaves the manifest's folder ({len(outside)} such rows). "
                         "Put the pictures below the manifest and name them relative to it.")
    table["path"] = [str(f) for f in full]
    return table.drop_duplicates("path", ignore_index=True)


def _read_csv(manifest: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "cp949"):  # cp949: what a Korean Excel saves
        try:
            return pd.read_csv(manifest, dtype=str, keep_default_na=False, encoding=encoding)
        except UnicodeDecodeError:
            continue
        except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
            raise ValueError(f"{manifest}: not a table: {error}. Expected comma-separated columns path, pack_id, …") from error
    raise ValueError(f"{manifest}: the text is neither UTF-8 nor CP949; save it as CSV UTF-8.")


def _spelled(folder: Path, name: str) -> Path:
    """The file as the disk spells it: macOS writes Hangul names decomposed (NFD), a manifest mostly composed (NFC)."""
    path, *others = (folder / form for form in (name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)))
    return next((p for p in (path, *others) if os.path.exists(p)), path)  # not p.exists(): it raises for a name that is too long


def _read_folders(root: Path) -> pd.DataFrame:
    if not root.is_dir():
        raise ValueError(f"{root}: neither a folder of pack folders nor a manifest .csv")
    rows = []
    for folder in (root, *sorted(p for p in root.rglob("*") if p.is_dir())):
        inside = folder.relative_to(root)
        if any(part.startswith(".") or part == "__MACOSX" for part in inside.parts):
            continue
        pack_id = unicodedata.normalize("NFC", root.name if folder == root else inside.as_posix())
        rows += [{"path": str(file), "pack_id": pack_id, "emotion_ko": ""} for file in sorted(folder.iterdir())
                 if file.suffix.lower() in SUFFIXES and file.is_file() and not file.name.startswith(".")]
    return pd.DataFrame(rows, columns=["path", "pack_id", "emotion_ko"])


def _check(path: str) -> tuple[str, str]:
    """('', hash of the bytes) for a picture whose first frame can be read, else (reason, '')."""
    try:
        read_frames(path)
        with open(path, "rb") as stream:
            return "", hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return "no such file", ""
    except Exception as error:  # Pillow's plugins raise nearly anything on broken bytes; every one is a named reason
        return f"{type(error).__name__}: {error}".replace(str(path), "file"), ""


def read_frames(path, n_frames: int = 1, background: tuple = BACKGROUND) -> list[Image.Image]:
    """RGB pictures of an emoticon on ``background``: the first frame of a still one, up to ``n_frames`` evenly
    spread over an animated one (GIF, APNG, WebP; of one that breaks off, what can be read).

    Raises ValueError for an empty file or one larger than MAX_PIXELS (a decompression bomb) and Pillow's own errors for
    broken bytes.
    """
    if n_frames < 1:
        raise ValueError(f"n_frames = {n_frames}; expected at least 1")
    frames: list[Image.Image] = []
    with _opened(path) as (picture, total):
        wanted = {int(i) for i in np.linspace(0, total, num=min(n_frames, total), endpoint=False)}
        try:
            for index, frame in enumerate(islice(ImageSequence.Iterator(picture), max(wanted) + 1)):
                if index in wanted:
                    frames.append(on_background(frame, background))
        except Exception:  # as in _check: Pillow's plugins raise nearly anything
            if not frames:
                raise
    return frames


@contextmanager
def _opened(path) -> Iterator[tuple[Image.Image, int]]:
    """An open picture of a bearable size and how many frames of it count."""
    if Path(path).stat().st_size == 0:
        raise ValueError("empty file")
    with Image.open(path, formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"{picture.width} x {picture.height} pixels, more than {MAX_PIXELS:,}")
        frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)  # MPO: a phone's JPG with a preview or depth map
        yield picture, min(frames, MAX_FRAMES)


def on_background(picture: Image.Image, background: tuple = BACKGROUND) -> Image.Image:
    """The picture as RGB, its transparent parts over ``background``. Handles palettes, 16-bit grey, CMYK, alpha and EXIF's
    orientation (a phone's photo)."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):  # 16-bit and wider grey: scale, do not clip
        values = np.asarray(picture, dtype=np.float64)
        top = 65535 if picture.mode.startswith("I") else max(float(values.max(initial=0)), 1.0)
        picture = Image.fromarray(np.clip(values / top * 255, 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (*background, 255))
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return picture.convert("RGB")


def picture_batches(paths: list, n_frames: int, batch_size: int, preprocess) -> Iterator[tuple]:
    """Preprocessed frames of many emoticons: yields (tensor (B, …), owner (B,)), owner[i] = index into ``paths``.

    Pictures are decoded in threads ahead of the model. ``preprocess`` maps an RGB picture to a tensor.
    """
    import torch

    def read(job):
        index, path = job
        return [(index, preprocess(frame)) for frame in read_frames(path, n_frames)]

    waiting = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for begin in range(0, len(paths), 4 * batch_size):  # bounded: never more than these pictures in memory
            chunk = list(enumerate(paths))[begin:begin + 4 * batch_size]
            for frames in pool.map(read, chunk):
                waiting += frames
                while len(waiting) >= batch_size:
                    batch, waiting = waiting[:batch_size], waiting[batch_size:]
                    yield torch.stack([x for _, x in batch]), np.array([i for i, _ in batch])
    if waiting:
        yield torch.stack([x for _, x in waiting]), np.array([i for i, _ in waiting])


def mean_by_owner(batches: Iterable[tuple[list[np.ndarray], np.ndarray]], n: int) -> list[np.ndarray]:
    """Means over the frames of each emoticon. batches: (features [(B, …), …], owner (B,)); returns [(n, …) float32, …].

    Summed as they come: small arrays kept for the end would lie between the large ones of the network, whose memory could then not be
    used again and would grow with the number of pictures. Raises ValueError if there is no batch.
    """
    totals, counts = [], np.zeros(n)
    for features, owner in batches:
        totals = totals or [np.zeros((n, *f.shape[1:])) for f in features]
        for total, f in zip(totals, features, strict=True):
            np.add.at(total, owner, f)
        np.add.at(counts, owner, 1)
    if not totals:
        raise ValueError("no pictures were given; expected at least one")
    return [(total / counts.reshape(-1, *[1] * (total.ndim - 1))).astype(np.float32) for total in totals]


def colour_histogram(paths: list, bins: int = 8) -> np.ndarray:
    """Colours alone, the baseline that knows no style: (N, bins^3) float32 unit rows, square roots of the share of
    pixels per RGB cell, so that a dot product is the Bhattacharyya coefficient."""
    rows = []
    for path in paths:
        pixels = np.asarray(read_frames(path)[0].resize((64, 64), Image.Resampling.BOX), dtype=np.int64) * bins // 256  # (64, 64, 3)
        cells = (pixels[..., 0] * bins + pixels[..., 1]) * bins + pixels[..., 2]
        rows.append(np.sqrt(np.bincount(cells.ravel(), minlength=bins**3) / cells.size))
    return np.array(rows, dtype=np.float32)


def save_style(run, kind: str, cat: Catalogue, features: np.ndarray, **settings) -> None:
    """Leave a catalogue's features as an artifact: artifacts/<kind>.npz (features (N, D), mean (D,)) and <kind>.json (how they
    were made, of which catalogue). kind: "gram" or "clip"."""
    save_arrays(run.path(f"artifacts/{kind}.npz"), features=features, mean=features.mean(0))
    root = "sample" if is_embedded(cat.root) and cat.source.is_dir() else str(cat.source)
    meta = {"root": root, "digest": cat.digest, **settings}
    write_atomic(run.path(f"artifacts/{kind}.json"), json.dumps(meta, indent=1, ensure_ascii=False))
