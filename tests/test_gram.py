"""gram.py: the formulas against plain loops, and that features mean what they should: style, not batch size, hue or luck."""

import dataclasses
import math
import weakref

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from emorec_lib import catalogue, gram
from emorec_lib.catalogue import load_catalogue
from emorec_lib.gram import gram_features, gram_sketch, source_features, stage_grams, style_features, tsne
from emorec_lib.resnet import load_resnet


@pytest.fixture(scope="module")
def resnet():
    """Small pictures, so that the tests are quick."""
    return load_resnet("resnet18-untrained", size=64)


@pytest.fixture(scope="module")
def paths():
    """Six emoticons of two styles; the last is animated."""
    cat = load_catalogue("sample")
    moving = [p for p in cat.paths if p.endswith((".gif", ".webp"))]
    return cat.of_pack("flat-bear")["path"].tolist()[:3] + cat.of_pack("pixel-cat")["path"].tolist()[:2] + moving[:1]


def maps(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# --- the formulas ------------------------------------------------------------------------------------------------------

def plain_gram(feat):
    """G[i, j] = sum_p F[i, p] F[j, p] / (H W) by three loops, (C, C)."""
    channels, height, width = feat.shape
    flat = feat.reshape(channels, height * width).astype(float)
    result = np.zeros((channels, channels))
    for i in range(channels):
        for j in range(channels):
            for p in range(height * width):
                result[i, j] += flat[i, p] * flat[j, p] / (height * width)
    return result


def test_gram_features_equal_a_plain_loop():
    feat = maps(2, 5, 3, 4)
    result = gram_features(feat)
    assert result.shape == (2, 15) and result.dtype == torch.float32
    for row, picture in zip(result.numpy(), feat.numpy(), strict=True):
        expected = plain_gram(picture)
        upper = [expected[i, j] * (1 if i == j else math.sqrt(2)) for i in range(5) for j in range(i, 5)]
        np.testing.assert_allclose(row, upper, rtol=1e-5, atol=1e-6)


def test_dot_products_equal_frobenius_products():
    a, b = gram_features(maps(2, 6, 4, 4)).numpy()
    whole_a, whole_b = (plain_gram(f) for f in maps(2, 6, 4, 4).numpy())
    np.testing.assert_allclose([a @ a, a @ b], [(whole_a * whole_a).sum(), (whole_a * whole_b).sum()], rtol=1e-5)


def test_gram_features_forget_where_and_how_large():
    feat = maps(1, 4, 6, 6)
    shuffled = feat.flatten(2)[..., torch.randperm(36, generator=torch.Generator().manual_seed(0))].reshape(1, 4, 6, 6)
    twice = feat.repeat(1, 1, 2, 2)
    for other in (shuffled, twice):
        torch.testing.assert_close(gram_features(other), gram_features(feat))


@pytest.mark.parametrize("function", [gram_features, lambda feat: gram_sketch(feat, torch.eye(20)[:2], 8, 3)])
def test_feature_maps_that_are_refused(function):
    with pytest.raises(ValueError, match=r"must be \(B, C, H, W\); found shape \(4, 5, 5\)"):
        function(maps(4, 5, 5))
    for value in (float("nan"), float("inf")):
        feat = maps(2, 20, 4, 4)
        feat[1, 3, 0, 1] = value
        with pytest.raises(ValueError, match="NaN or infinity"):
            function(feat)


@pytest.fixture(scope="module")
def basis():
    """Three orthonormal directions of eight channels."""
    return torch.linalg.qr(maps(8, 3, seed=4))[0].T.contiguous()


def test_sketch_is_the_inside_and_the_forms_it_says(basis):
    feat, dim, block = maps(2, 8, 5, 5), 10, 3
    u = torch.randn(2 * block, 8, generator=torch.Generator().manual_seed(7)).numpy()  # six of the ten are inside the basis
    result = gram_sketch(feat, basis, dim, block, seed=7)
    assert result.shape == (2, dim) and result.dtype == torch.float32
    p = basis.numpy()
    for row, picture in zip(result.numpy(), feat.numpy(), strict=True):
        whole = plain_gram(picture)
        inside, rest = p @ whole @ p.T, whole - p.T @ p @ whole @ p.T @ p
        upper = [inside[i, j] * (1 if i == j else math.sqrt(2)) for i in range(3) for j in range(i, 3)]
        forms = [u[i] @ rest @ u[j] / math.sqrt(4) for i, j in ((0, 1), (0, 2), (1, 2), (3, 4))]  # every two of a block of three
        np.testing.assert_allclose(row, [*upper, *forms], rtol=1e-4, atol=2e-5)
    torch.testing.assert_close(gram_sketch(feat, basis, dim, block, seed=7), result, rtol=0, atol=0)
    assert not torch.allclose(gram_sketch(feat, basis, dim, block, seed=8), result)


@pytest.mark.parametrize("m", [0, 3])
def test_sketch_estimates_the_dot_products_without_bias(basis, m):
    feat = maps(2, 8, 5, 5) + 0.5
    a, b = gram_features(feat)
    sketches = torch.stack([gram_sketch(feat, basis[:m], 500, 6, seed=s) for s in range(40)])  # (40, 2, 500)
    estimates = (sketches[:, 0] * sketches[:, 1]).sum(1)
    error_of_mean = estimates.std() / 40**0.5
    assert abs(estimates.mean() - a @ b) < 3 * error_of_mean and error_of_mean < 0.05 * a @ b


def test_a_whole_basis_is_the_whole_matrix():
    feat = maps(2, 6, 4, 4)
    torch.testing.assert_close(gram_sketch(feat, torch.eye(6), 21, 4), gram_features(feat))


@pytest.mark.parametrize("side", [3, 6])  # fewer positions than channels and more: both ways to the mean
def test_directions_are_those_in_which_gram_matrices_differ_most(side):
    channels = 12
    feat = maps(40, channels, side, side) * (1 + torch.tensor([6.0, 4, 2] + [0] * 9))[None, :, None, None] * maps(40, 1, 1, 1, seed=2)
    found = gram._directions(gram._places(feat), 3, 20)
    matrices = np.stack([plain_gram(f) for f in feat.numpy()])
    apart = matrices - matrices.mean(0)
    expected = np.linalg.eigh(np.mean([d @ d for d in apart], axis=0))[1][:, -3:]  # (C, 3)
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-5)
    assert np.linalg.svd(found.numpy() @ expected)[1].min() > 0.99  # the same subspace


def test_unknown_sketch_lists_the_choices(resnet, paths):
    with pytest.raises(ValueError, match="GRAM = 'slow'; choices: faithful, fast"):
        stage_grams(paths, resnet, sketch="slow")


def test_a_stage_of_few_channels_is_kept_whole(resnet, paths):
    """64 channels have 2,080 different numbers, no more than the fast sketch."""
    fast, whole = (stage_grams(paths[:2], resnet, sketch=s)[0] for s in ("fast", None))
    assert fast.shape == whole.shape == (2, 2080)
    exact = dataclasses.replace(resnet, precision="fp32", fitted={})
    fast, whole = (stage_grams(paths, exact, sketch=s)[0] for s in ("fast", None))
    np.testing.assert_allclose(fast @ fast.T, whole @ whole.T, rtol=1e-4)  # the same matrices, their axes turned
    assert not np.allclose(fast, whole, rtol=0.1)


def test_the_basis_is_fitted_once_and_always_the_same(resnet):
    one = gram.fit_basis(resnet, True, "faithful")
    assert gram.fit_basis(resnet, True, "faithful") is one and [b.shape for b in one] == [(32, c) for c in (64, 128, 256, 512)]
    again = gram.fit_basis(load_resnet("resnet18-untrained", size=64), True, "faithful")
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.allclose(gram.fit_basis(resnet, False, "faithful")[0], one[0], atol=1e-3)  # in colour, other channels matter


def test_memory_format_changes_nothing():
    feat = maps(2, 12, 6, 5)
    for function in (gram_features, lambda f: gram_sketch(f, torch.eye(12)[:3], 40, 4)):
        torch.testing.assert_close(function(feat.to(memory_format=torch.channels_last)), function(feat), rtol=1e-5, atol=1e-6)


# --- pictures ----------------------------------------------------------------------------------------------------------

def test_stage_grams(resnet, paths):
    stages = stage_grams(paths, resnet)
    assert [s.shape for s in stages] == [(6, 1024)] * 4 and all(s.dtype == np.float32 and np.isfinite(s).all() for s in stages)
    for again, one_by_one, first in zip(stage_grams(paths, resnet), stage_grams(paths, resnet, batch_size=1), stages,
                                        strict=True):
        np.testing.assert_array_equal(again, first)
        np.testing.assert_allclose(one_by_one, first, rtol=1e-3, atol=1e-4 * np.abs(first).max())
    whole = stage_grams(paths[:2], resnet, sketch=None)
    assert [s.shape for s in whole] == [(2, c * (c + 1) // 2) for c in (64, 128, 256, 512)]
    assert not np.allclose(stages[0][0], stages[0][1])  # other pictures, other features


@pytest.mark.parametrize("sketch", gram.SKETCHES)
def test_both_sketches_keep_the_neighbours(resnet, paths, sketch):
    dim = gram.SKETCHES[sketch].dim
    assert dim <= 2080 and [s.shape for s in stage_grams(paths, resnet, sketch=sketch)] == [(6, dim)] * 4
    assert gram.sketch_fidelity(load_catalogue("sample").paths[::27], resnet, sketch, k=5) >= 0.94


def test_the_basis_makes_the_sketch_more_faithful(resnet, monkeypatch):
    paths = load_catalogue("sample").paths[::18]
    monkeypatch.setitem(gram.SKETCHES, "small", gram.Sketch(32, 6, 3))
    monkeypatch.setitem(gram.SKETCHES, "random", gram.Sketch(32, 0, 3))
    assert gram.sketch_fidelity(paths, resnet, "small") > gram.sketch_fidelity(paths, resnet, "random") + 0.02


def test_int8_only_where_it_helps(resnet, monkeypatch):
    monkeypatch.setattr(gram, "half_precision", lambda device, precision="auto": None)
    assert gram.uses_int8(resnet, "fast") and not gram.uses_int8(resnet, "faithful")
    assert not gram.uses_int8(dataclasses.replace(resnet, precision="fp32"), "fast")
    assert not gram.uses_int8(dataclasses.replace(resnet, device="cuda"), "fast")
    monkeypatch.setattr(gram, "half_precision", lambda device, precision="auto": torch.bfloat16)
    assert not gram.uses_int8(resnet, "fast")


def test_int8_is_near_most_of_all_at_the_first_stage(resnet, paths, monkeypatch):
    monkeypatch.setattr(gram, "half_precision", lambda device, precision="auto": None)
    low, full = stage_grams(paths, resnet, sketch="fast"), stage_grams(paths, dataclasses.replace(resnet, precision="fp32"), sketch="fast")
    apart = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(low, full, strict=True)]
    assert apart[0] < 0.01 and all(0.001 < a < 0.1 for a in apart[1:]) and apart[0] < 0.5 * min(apart[1:])
    again = dataclasses.replace(resnet, fitted={})
    np.testing.assert_array_equal(np.concatenate(stage_grams(paths, again, sketch="fast"), 1), np.concatenate(low, 1))


def test_half_precision_is_near(resnet, paths):
    half = dataclasses.replace(resnet, precision="bf16")
    for low, full in zip(stage_grams(paths, half), stage_grams(paths, dataclasses.replace(resnet, precision="fp32")),
                         strict=True):
        assert 0 < np.abs(low - full).max() < 0.1 * np.abs(full).max()


def test_pictures_are_decoded_ahead_and_dropped_behind(resnet, paths, monkeypatch):
    """However many pictures there are, few are in memory at a time."""
    alive, most, true = set(), [0], catalogue.read_frames

    def read(path, *args):
        frames = true(path, *args)
        for frame in frames:
            alive.add(id(frame))
            weakref.finalize(frame, alive.discard, id(frame))
        most[0] = max(most[0], len(alive))
        return frames

    monkeypatch.setattr(catalogue, "read_frames", read)
    stage_grams(paths[:5] * 40, resnet, n_frames=1, batch_size=4)
    assert most[0] <= 4 * 4 + 4  # four batches of decoded ones, and those that two threads hold


def test_an_animated_emoticon_is_the_mean_over_its_frames(resnet, tmp_path):
    frames = [Image.radial_gradient("L").resize((48, 48)).convert("RGB"), Image.new("RGB", (48, 48), (200, 30, 60))]
    frames[0].save(tmp_path / "both.png", save_all=True, append_images=frames[1:])
    for i, frame in enumerate(frames):
        frame.save(tmp_path / f"{i}.png")
    for stage in stage_grams([tmp_path / "both.png", tmp_path / "0.png", tmp_path / "1.png"], resnet):
        np.testing.assert_allclose(stage[0], (stage[1] + stage[2]) / 2, rtol=1e-3, atol=1e-4 * np.abs(stage).max())
        assert not np.allclose(stage[0], stage[1], rtol=0.01)


def test_gray_features_know_no_hue(resnet, paths, tmp_path):
    """A picture and its own gray version have equal gray features and different RGB features."""
    colourful = Image.open(paths[0]).convert("RGBA")
    ground = Image.alpha_composite(Image.new("RGBA", colourful.size, "white"), colourful).convert("RGB")
    ground.save(tmp_path / "rgb.png")
    ground.convert("L").save(tmp_path / "gray.png")
    both = [tmp_path / "rgb.png", tmp_path / "gray.png"]
    for stage in stage_grams(both, resnet, gray=True):
        np.testing.assert_allclose(stage[0], stage[1], rtol=0.02, atol=5e-3 * np.abs(stage).max())
    assert not np.allclose(*stage_grams(both, resnet)[0], rtol=0.02, atol=5e-3)


def test_style_features(resnet, paths):
    stages = stage_grams(paths, resnet)
    style = style_features(stages)
    assert style.shape == (6, 4 * 1024) and style.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(style, axis=1), 1, rtol=1e-5)
    parts = style.reshape(6, 4, 1024)
    np.testing.assert_allclose(np.linalg.norm(parts, axis=2), 0.5, rtol=1e-5)  # every stage counts alike, however large its numbers
    np.testing.assert_allclose(style, style_features([s * f for s, f in zip(stages, (1000, 100, 10, 1), strict=True)]), atol=1e-5)
    root = np.sign(stages[1][0]) * np.sqrt(np.abs(stages[1][0]))
    np.testing.assert_allclose(parts[0, 1], root / np.linalg.norm(root) / 2, rtol=1e-4, atol=1e-6)


def test_source_features_undo_the_normaliser():
    stages = [np.full((2, 3), v, np.float32) for v in (1, 2, 3, 4)]
    result = source_features(stages, (5, 6, 7, 8))
    assert result.tolist() == [[5] * 3 + [12] * 3 + [21] * 3 + [32] * 3] * 2
    assert source_features(stages)[0, ::3].tolist() == [56 * 56, 2 * 28 * 28, 3 * 14 * 14, 4 * 7 * 7]


def test_sketch_fidelity_grows_with_the_sketch(resnet, paths, monkeypatch):
    monkeypatch.setitem(gram.SKETCHES, "one number", gram.Sketch(1, 0, 2))
    kept = [gram.sketch_fidelity(paths, resnet, sketch, k=2) for sketch in ("one number", "faithful")]
    assert 0 <= kept[0] < kept[1] <= 1 and kept[1] >= 0.8


# --- cache -------------------------------------------------------------------------------------------------------------

class Broken(nn.Module):
    """Has another network's weights and cannot be asked."""

    def __init__(self, stages):
        super().__init__()
        self.state_dict = stages.state_dict

    def forward(self, pictures):
        raise AssertionError("the model was asked")


def test_grams_of_a_catalogue_are_computed_once(resnet, paths, tmp_path):
    folder = tmp_path / "packs" / "p"
    folder.mkdir(parents=True)
    for i, colour in enumerate(("red", "green")):
        Image.new("RGB", (30, 30), colour).save(folder / f"{i}.png")
    cat, cache = load_catalogue(tmp_path / "packs"), tmp_path / "cache"
    first = gram.catalogue_grams(cat, resnet, cache)
    broken = dataclasses.replace(resnet, stages=Broken(resnet.stages), fitted={})
    for a, b in zip(gram.catalogue_grams(cat, broken, cache), first, strict=True):
        np.testing.assert_array_equal(a, b)
    larger = dataclasses.replace(broken, size=224)
    half = dataclasses.replace(broken, precision="bf16")
    for model, options in ((broken, {"gray": True}), (broken, {"n_frames": 1}), (broken, {"sketch": "fast"}),
                           (larger, {}), (half, {})):
        with pytest.raises(AssertionError, match="the model was asked"):
            gram.catalogue_grams(cat, model, cache, **options)
    Image.new("RGB", (30, 30), "blue").save(folder / "1.png")
    with pytest.raises(AssertionError, match="the model was asked"):
        gram.catalogue_grams(load_catalogue(tmp_path / "packs"), broken, cache)


# --- t-SNE -------------------------------------------------------------------------------------------------------------

def test_tsne_keeps_clear_clusters_together():
    rng = np.random.default_rng(0)
    label = np.repeat(np.arange(4), 15)
    features = 20 * np.eye(4, 10)[label] + rng.normal(0, 1, (60, 10))
    xy = tsne(features, perplexity=10, n_iter=300)
    assert xy.shape == (60, 2)
    distance = np.linalg.norm(xy[:, None] - xy[None], axis=2) + np.diag([np.inf] * 60)
    assert (label[distance.argsort(1)[:, :5]] == label[:, None]).mean() > 0.98
    np.testing.assert_array_equal(tsne(features, perplexity=10, n_iter=300), xy)


@pytest.mark.parametrize("perplexity", [0, -3, 10, 30])
def test_tsne_refuses_a_perplexity_that_does_not_fit(perplexity):
    with pytest.raises(ValueError, match=f"PERPLEXITY = {perplexity}: expected a number from 1 to below the 10 emoticons"):
        tsne(np.zeros((10, 3)), perplexity, 250)
