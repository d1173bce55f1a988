"""bottleneck.py: which packs are learned, that learning helps, repeats itself and goes on, and that batch-norm stays."""

import dataclasses

import numpy as np
import pytest
import torch

from emorec_lib import bottleneck
from emorec_lib.catalogue import load_catalogue
from emorec_lib.run import ASSETS


@pytest.fixture(scope="module")
def cat():
    return load_catalogue("sample")


def some(cat, packs=("photo-jiwoo", "pixel-cat"), n=6):
    rows = cat.table[cat.table["pack_id"].isin(packs)].groupby("pack_id").head(n)
    return rows["path"].tolist(), rows["pack_id"].tolist()


def learned(cat, folder, epochs=2, **other):
    return bottleneck.fine_tune_packs(bottleneck.load_bottleneck("resnet-mini"), *some(cat), folder, epochs, batch_size=4, **other)


def test_packs_to_learn(cat):
    packs = bottleneck.packs_to_learn(cat)
    firsts = cat.table.drop_duplicates("pack_id").set_index("pack_id")
    assert packs and set(firsts.loc[packs, "split"]) == {"train"}
    left = firsts.drop(packs).query("split == 'train'").groupby("style_family").size()
    assert (left >= 2).all() and set(left.index) == set(firsts.query("split == 'train'")["style_family"])
    plain = dataclasses.replace(cat, table=cat.table.drop(columns=["style_family", "split"]))
    assert bottleneck.packs_to_learn(plain) == cat.packs[::2]


def test_embeddings_are_unit_rows_in_the_order_of_the_paths(cat):
    model, paths = bottleneck.load_bottleneck("resnet-mini"), some(cat)[0]
    rows = bottleneck.embed(model, paths, batch_size=5)
    assert rows.dtype == np.float32 and rows.shape[0] == 12 and np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(12), abs=1e-5)
    np.testing.assert_allclose(bottleneck.embed(model, paths[::-1], batch_size=3), rows[::-1], atol=1e-5)


def test_learning_packs(cat, tmp_path):
    """The loss falls, the weights move, batch-norm does not; the same call gives the same bits, from a checkpoint too."""
    before = bottleneck.load_bottleneck("resnet-mini").body.state_dict()
    first = learned(cat, tmp_path / "a", epochs=6)
    assert [h["epoch"] for h in first.history] == [1, 2, 3, 4, 5, 6] and first.history[-1]["loss"] < first.history[0]["loss"]
    after = first.body.state_dict()
    assert not torch.equal(after["stages.layer4.0.conv1.weight"], before["stages.layer4.0.conv1.weight"])
    norms = [name for name in before if ".bn" in name]
    assert norms and all(torch.equal(after[name], before[name]) for name in norms)
    rows = bottleneck.embed(first, some(cat)[0])
    assert np.array_equal(bottleneck.embed(learned(cat, tmp_path / "b", epochs=6), some(cat)[0]), rows)

    real = bottleneck._epoch

    def killed(*args):
        if args[-1] == "epoch 4/6":
            raise KeyboardInterrupt
        return real(*args)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bottleneck, "_epoch", killed)
        learned(cat, tmp_path / "c", epochs=6)
    assert (tmp_path / "c/bottleneck.pt").exists()
    assert np.array_equal(bottleneck.embed(learned(cat, tmp_path / "c", epochs=6), some(cat)[0]), rows)
    assert not np.array_equal(bottleneck.embed(learned(cat, tmp_path / "c", epochs=6, seed=1), some(cat)[0]), rows)


def test_bad_input(cat, tmp_path):
    with pytest.raises(ValueError, match="BOTTLENECK = 'vgg': expected efficientnet_v2_l, efficientnet_v2_m, efficientnet_v2_s, or"):
        bottleneck.load_bottleneck("vgg")
    model = bottleneck.load_bottleneck("resnet-mini")
    with pytest.raises(ValueError, match="1 packs to tell apart; expected at least two"):
        bottleneck.fine_tune_packs(model, some(cat)[0][:2], ["a", "a"], tmp_path)
    with pytest.raises(FloatingPointError, match="smaller LEARNING_RATE"):
        learned(cat, tmp_path / "nan", learning_rate=1e30)


def test_efficientnet_is_taken_from_a_file_that_was_fetched(monkeypatch, tmp_path):
    """The network, with random weights in place of the file that cannot be had here: what its classifier would read has 1,280 numbers."""
    import torchvision

    torch.manual_seed(0)
    torch.save(torchvision.models.efficientnet_v2_s(weights=None).state_dict(), tmp_path / "weights.pth")
    monkeypatch.setattr(bottleneck, "fetch_model", lambda file, *rest: tmp_path / "weights.pth")
    model = bottleneck.load_bottleneck("efficientnet_v2_s")
    assert model.size == 384 and "ImageNet" in model.about
    rows = bottleneck.embed(model, [str(ASSETS / "packs/photo-jiwoo/01.png")])
    assert rows.shape == (1, 1280) and np.isfinite(rows).all()
