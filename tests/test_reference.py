"""Ours against what the originals answered in `make reference` (tests/reference/*.npz; docs/reference.md tells the whole)."""

import hashlib
import importlib.util
import re
import sys
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
import torch

from emorec_lib.clip import image_features, load_clip, text_features, untrained_state_dict
from emorec_lib.kobert import Tokenizer

from .reference import cases

AGAIN = "the committed answers were given to something else; run make reference, and look at what it says differs"


@pytest.fixture(scope="module")
def oracle():
    """name of a fixture -> its arrays."""
    return {name: dict(np.load(cases.FIXTURES / f"{name}.npz")) for name in ("tokens", "gram", "clip")}


# --- tokens -----------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def texts():
    return cases.sentences()


@pytest.fixture(scope="module", params=cases.VOCABULARIES)
def tokenizer(request, oracle):
    """(name, tokenizer) of a vocabulary that the oracle was asked about."""
    file = cases.vocabulary(request.param)
    if file is None:
        pytest.skip("KoBERT's vocabulary is neither in ../shared/models/kobert_tokenizer nor in the download cache")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == oracle["tokens"][f"{request.param}/sha256"], f"{file}: {AGAIN}"
    return request.param, Tokenizer.load(file)


def lines_and_rows(oracle, texts, way):
    """The lines whose sentences are still there, and the oracle's (ids, mask, segments) of these."""
    keys = [int(key) for key in oracle["tokens"]["keys"]]
    if "/pair/" in way:
        wanted = [(cases.key(a), cases.key(b)) for a, b in cases.HARD_PAIRS] + list(pairwise(keys))
        known = texts | {cases.key(text): text for pair in cases.HARD_PAIRS for text in pair}
    else:
        wanted, known = [(key,) for key in keys], texts
    rows = cases.unpacked(oracle["tokens"], way)
    wanted = wanted[:len(rows[0])]
    there = [i for i, line in enumerate(wanted) if all(key in known for key in line)]
    return [tuple(known[key] for key in wanted[i]) for i in there], tuple(part[there] for part in rows)


def differing(tokenizer, lines, rows, length):
    equal = cases.same_rows(cases.our_tokens(tokenizer, lines, length), rows)
    return [line for line, same in zip(lines, equal, strict=True) if not same]


def test_special_ids(oracle, tokenizer):
    name, ours = tokenizer
    expected = [ours.unk_id, ours.pad_id, ours.cls_id, ours.sep_id, ours.mask_id]
    assert oracle["tokens"][f"{name}/special"].tolist() == expected == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("length", cases.LENGTHS)
def test_ids_masks_and_segments_of_sentences(oracle, texts, tokenizer, length):
    name, ours = tokenizer
    lines, rows = lines_and_rows(oracle, texts, f"{name}/SentencepieceTokenizer/single/{length}")
    assert len(lines) >= 2000, f"only {len(lines)} of the committed sentences are left; {AGAIN}"
    assert {(text,) for text in cases.HARD} <= set(lines)
    assert (rows[1].sum(1) == length).sum() >= 20  # some were too long
    assert differing(ours, lines, rows, length) == []


@pytest.mark.parametrize("length", cases.LENGTHS)
def test_ids_masks_and_segments_of_pairs(oracle, texts, tokenizer, length):
    name, ours = tokenizer
    lines, rows = lines_and_rows(oracle, texts, f"{name}/SentencepieceTokenizer/pair/{length}")
    assert len(lines) >= 400 and set(cases.HARD_PAIRS) <= set(lines)
    assert differing(ours, lines, rows, length) == []


def test_the_other_way_of_kobert_is_ours_word_by_word(oracle, texts, tokenizer):
    """BERTSPTokenizer(lower=False), KoBERT's NSMC notebook: the same where no sign is cut off, else our encode of each word."""
    name, ours = tokenizer
    way = f"{name}/BERTSPTokenizer/single/64"
    lines, (theirs, _, _) = lines_and_rows(oracle, texts, way)
    np.testing.assert_array_equal(cases.ids_by_word(ours, [text for text, in lines], 64), theirs)
    whole = [cases.words(text) == unicodedata.normalize("NFD", text).split() for text, in lines]
    equal = (cases.our_tokens(ours, lines, 64)[0] == theirs).all(1)
    assert equal[whole].all() and sum(whole) >= 150 and (~equal).sum() >= 150


# --- Gram -------------------------------------------------------------------------------------------------------------

def test_gram_equals_the_formula_of_the_source(oracle):
    maps, expected = cases.feature_maps(), oracle["gram"]
    assert cases.digest_of(maps) == expected["maps_sha256"], AGAIN
    whole, near = cases.our_gram(maps)
    assert whole.shape == expected["gram"].shape == (10, sum(channels**2 for channels, _ in cases.STAGES))
    assert np.abs(whole - expected["gram"]).max() < cases.GRAM_APART * np.abs(expected["gram"]).max(1).min()
    np.testing.assert_array_equal(near, expected["nearest"])
    assert near[:, 0].tolist() == list(range(10)) and len(set(near[:, 1])) > 1


# --- CLIP -------------------------------------------------------------------------------------------------------------

def test_clip_features_equal_encode_image_and_encode_text(oracle):
    expected, paths = oracle["clip"], cases.picture_paths()
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == expected["pictures_sha256"].tolist(), AGAIN
    weights = cases.size_of(untrained_state_dict())
    assert weights == pytest.approx(float(expected["weights"]), rel=1e-6), f"torch {torch.__version__} draws other weights: {AGAIN}"
    model = load_clip("clip-untrained")
    for what, found in (("images", image_features(paths, model, n_frames=1)), ("texts", text_features(list(cases.TEXTS), model))):
        assert found.shape == expected[what].shape
        assert np.abs(found - expected[what]).max() < cases.CLIP_APART
        apart = np.abs(found[:, None] - found[None]).max(2)[~np.eye(len(found), dtype=bool)]
        assert apart.min() > 100 * cases.CLIP_APART  # so no row passes for another


# --- the environment --------------------------------------------------------------------------------------------------

def pins(file):
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([^\s;#]+)", file.read_text(encoding="utf8"), re.MULTILINE)}


def test_the_oracle_is_locked_and_has_our_versions_of_what_both_need(root):
    lock = root / "tools/reference/requirements.lock"
    theirs, ours = pins(lock), pins(root / "requirements.lock")
    assert len(theirs) == len([line for line in lock.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")])
    assert (theirs["gluonnlp"], theirs["mxnet"], theirs["numpy"]) == ("0.10.0", "1.9.1", "1.26.4")
    both = ("torch", "torchvision", "clip-anytorch", "sentencepiece", "pillow", "setuptools")
    assert {name: theirs[name] for name in both} == {name: ours[name] for name in both}, f"give {lock} ours, then make reference"
    page = (root / "docs/reference.md").read_text(encoding="utf8")
    assert all(f"| {name} | {theirs[name]} |" in page for name in (*both, "gluonnlp", "mxnet", "numpy"))


def test_the_oracle_knows_nothing_of_ours(root):
    assert "emorec_lib" not in (root / "tools/reference/oracle.py").read_text(encoding="utf8")


def test_a_fixture_is_written_only_where_it_differs(root, tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("reference_compare", root / "tools/reference/compare.py")
    compare = importlib.util.module_from_spec(spec)
    monkeypatch.setattr("sys.path", [*sys.path])
    spec.loader.exec_module(compare)
    monkeypatch.setattr(cases, "FIXTURES", tmp_path)
    first = {"images": np.array([1.0, -2.0]), "texts": np.array([3])}
    compare.refresh("clip", first)
    assert "written anew, for these differed: images, texts" in capsys.readouterr().out
    compare.refresh("clip", first | {"images": first["images"] * (1 + 1e-7)})  # another processor's rounding
    assert "as it was" in capsys.readouterr().out and np.load(tmp_path / "clip.npz")["images"].tolist() == [1, -2]
    compare.refresh("clip", first | {"images": first["images"] * (1 + 1e-4)})
    assert "differed: images (" in capsys.readouterr().out and np.load(tmp_path / "clip.npz")["images"].tolist() == [1.0001, -2.0002]
    compare.refresh("tokens", {"kobert-untrained/sha256": np.array("a"), "KoBERT/sha256": np.array("b")})
    compare.refresh("tokens", {"kobert-untrained/sha256": np.array("c")})  # KoBERT's vocabulary is not at hand: its part stays
    assert "differed: kobert-untrained/sha256 (" in capsys.readouterr().out and np.load(tmp_path / "tokens.npz")["KoBERT/sha256"] == "b"
