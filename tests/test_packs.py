"""The embedded emoticon packs are what the README and their own page say: many styles, told apart by neither colour nor character."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from emorec_lib import metrics
from emorec_lib.catalogue import colour_histogram, load_catalogue
from emorec_lib.run import EMOTIONS


@pytest.fixture(scope="module")
def cat():
    return load_catalogue("sample")


@pytest.fixture(scope="module")
def packs(cat):
    return cat.table.drop_duplicates("pack_id")


def opened(path):
    """(size, frames) of a picture file."""
    with Image.open(path) as picture:
        return picture.size, getattr(picture, "n_frames", 1)


def test_how_many(cat, packs):
    assert len(packs) >= 36 and packs["style_family"].nunique() >= 12 and len(cat.skipped) == 0
    assert packs["pack_name"].is_unique and (cat.table["licence"] == "CC0-1.0").all()
    assert cat.table.columns.tolist() == ["path", "pack_id", "pack_name", "style_family", "character", "palette", "emotion_ko", "also_ko",
                                          "split", "licence"]


def test_every_pack_shows_every_emotion(cat):
    counts = pd.crosstab(cat.table["pack_id"], cat.table["emotion_ko"])
    assert set(counts.columns) == set(EMOTIONS) and counts.to_numpy().min() >= 2 and counts.sum(axis=1).min() >= 24
    further = {e for also in cat.table["also_ko"] for e in also.split("|") if e}
    assert further and further <= set(EMOTIONS)


def test_style_character_and_palette_are_crossed(packs):
    """Else 'same style' could mean 'same animal' or 'same colour'."""
    assert (packs.groupby("style_family")[["character", "palette"]].nunique() >= 3).all(axis=None)
    for what in ("character", "palette"):
        in_styles = packs.groupby(what)["style_family"].nunique()
        assert in_styles.median() >= 2 and (in_styles == 1).mean() <= 0.15, f"{what}: {in_styles.to_dict()}"
    assert not packs.duplicated(["style_family", "palette"]).any() and not packs.duplicated(["style_family", "character"]).any()


def test_held_out_styles_are_held_out_whole(packs):
    split = packs.groupby("style_family")["split"].agg(set)
    assert all(len(s) == 1 for s in split) and sum(s == {"heldout"} for s in split) >= 4 and sum(s == {"train"} for s in split) >= 8


def test_files(cat):
    facts = [opened(path) for path in cat.paths]
    assert {size for size, _ in facts} == {(360, 360)}
    frames = pd.Series([n for _, n in facts]).groupby(cat.table["pack_id"].to_numpy()).agg(["min", "max"])
    moving = frames[frames["max"] > 1]
    assert len(moving) >= 6 and moving["min"].min() >= 2 and frames["max"].max() <= 24
    bytes_ = [Path(path).stat().st_size for path in cat.paths]
    assert sum(bytes_) <= 16e6 and max(bytes_) < 300_000


def test_no_picture_twice(cat):
    first = {}
    for path in cat.paths:
        assert first.setdefault(Path(path).read_bytes(), path) == path


def test_colour_does_not_tell_the_style(cat):
    colour = colour_histogram(cat.paths)
    relevant, excluded, _ = cat.retrieval_labels()
    found = metrics.retrieval(colour @ colour.T, relevant, excluded)
    assert found["P@1"][0] <= 0.35 and np.isfinite(found["per_query"]).all()
