"""The small picture models that ship: their files, what they find in styles they never saw, and that training repeats itself."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from emorec_lib import gram, metrics
from emorec_lib.catalogue import load_catalogue
from emorec_lib.clip import image_features, load_clip, text_features, zero_shot_emotion
from emorec_lib.neighbours import centred
from emorec_lib.resnet import load_resnet
from emorec_lib.run import ASSETS, EMOTIONS

TOOLS = Path(__file__).parent.parent / "tools"
MODELS = ASSETS / "models"
sys.path.insert(0, str(TOOLS))

from minis import captions, families, losses, nets  # noqa: E402


@pytest.fixture(scope="module")
def few():
    """Eight pictures of every pack: (table, paths). The mean of all of them is what features are centred by."""
    table = load_catalogue("sample").table
    table = table[table.groupby("pack_id").cumcount() % 3 == 0].reset_index(drop=True)
    return table, table["path"].tolist()


@pytest.fixture(scope="module")
def clip_mini():
    return load_clip("clip-mini")


@pytest.fixture(scope="module")
def seen(few, clip_mini):
    """Picture features of clip-mini, (N, D)."""
    return image_features(few[1], clip_mini, n_frames=1)


def heldout_scores(features, table):
    """(P@1, mAP) of the held-out styles among all packs."""
    unit = centred(features, features.mean(0))
    found = metrics.retrieval(unit @ unit.T, table["style_family"].to_numpy(), table["pack_id"].to_numpy())
    asked = (table["split"].to_numpy() == "heldout")[found["queries"]]
    return found["per_query"][asked][:, [0, 2]].mean(0)


def test_files_are_small():
    sizes = {p.name: p.stat().st_size for name in ("resnet-mini", "clip-mini") for p in (MODELS / name).iterdir()}
    assert sum(sizes.values()) <= 12e6, sizes


@pytest.mark.parametrize("name", ["resnet-mini", "clip-mini"])
def test_card(name):
    card = (MODELS / name / "README.md").read_text(encoding="utf8")
    for word in ("CC0", "CC BY 4.0", "Apache-2.0", "MIT", "Ashley Seo", "Lisa Wischofsky", "Twitter", "Google", "Seconds", "Limits",
                 "tools/train_" + name.replace("-", "_") + ".py"):
        assert word in card, word
    assert "openmoji" not in card.lower() or "not trained on" in card.lower()


def test_nothing_held_out_is_trained_on():
    ours = load_catalogue("sample").table.drop_duplicates("style_family").set_index("style_family")["split"]
    assert {f for f, split in ours.items() if split == "heldout"} <= families.TEST
    assert not families.TEST & families.DEV and not families.TEST & set(families.LOOKS)


def test_resnet_finds_styles_it_never_saw(few):
    table, paths = few
    net = load_resnet("resnet-mini")
    p1, ap = heldout_scores(gram.style_features(gram.stage_grams(paths, net, gray=True, n_frames=1), net.stage_weights), table)
    assert p1 >= 0.93 and ap >= 0.8, (p1, ap)  # of a third of the pictures


def test_clip_finds_styles_it_never_saw(few, seen):
    p1, ap = heldout_scores(seen, few[0])
    assert p1 >= 0.7 and ap >= 0.55, (p1, ap)  # of a third of the pictures


def test_zero_shot_emotion_beats_chance(few, seen, clip_mini):
    table = few[0]
    held = (table["split"] == "heldout").to_numpy()
    guess = np.array(EMOTIONS)[zero_shot_emotion(seen[held], clip_mini).argmax(1)]
    found = metrics.classification(table["emotion_ko"][held], guess, EMOTIONS)
    assert found["macro_f1"][0] > 0.2, found  # chance: .12


def test_text_tower_survived_its_rounding(clip_mini):
    """Words for one style or one feeling are nearer than those for another; a word that no caption held is zeros."""
    texts = ["a happy character", "a joyful smiling emoticon", "a crying character", "a tearful sorrowful emoticon",
             "soft 3d clay toy of a cat", "a glossy 3d render, a cat"]
    happy, glad, crying, sad, clay, glossy = text_features(texts, clip_mini)
    assert happy @ glad > happy @ sad and crying @ sad > crying @ glad
    assert clay @ glossy > 0.9 > max(clay @ happy, clay @ sad)
    assert torch.count_nonzero(clip_mini.model.token_embedding.weight, 1).gt(0).sum() < 5000


def test_style_features_are_the_librarys():
    torch.manual_seed(0)
    maps = [torch.randn(4, 6, 5, 5), torch.randn(4, 9, 3, 3)]
    ours = torch.nn.functional.normalize(torch.cat(losses.style_features(maps), 1), dim=1)
    theirs = gram.style_features([gram.gram_features(m).numpy() for m in maps], (1, 1))
    assert np.abs((ours @ ours.T).numpy() - theirs @ theirs.T).max() < 5e-3


def test_loss_prefers_styles_together():
    family, pack = np.repeat(["a", "b"], 4), np.tile([0, 0, 1, 1], 2)
    pack = np.char.add(family, pack.astype(str))
    by_style = torch.eye(2).repeat_interleave(4, 0)
    by_pack = torch.eye(4).repeat_interleave(2, 0)
    assert losses.supervised_contrastive(by_style, family, pack, 0.1) < losses.supervised_contrastive(by_pack, family, pack, 0.1) - 1


def test_short_texts_are_as_long_ones():
    torch.manual_seed(0)
    model = nets.mini_clip(nets.CLIP_CONFIG).eval()
    texts = ["a sad cat", "one", "a very long caption about a cat that cries, soft 3d"]
    with torch.inference_mode():
        full = model.encode_text(captions.clip.tokenize(texts))
        assert torch.allclose(nets.encode_text(model, captions.tokens(texts)), full, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet", "clip"])
def test_training_repeats_itself_and_goes_on(tmp_path, name):
    """Three steps, again, and two steps that are cut off and go on: the same weights bit for bit."""
    table = load_catalogue("sample").table
    table = table[(table["split"] == "train") & table["path"].str.endswith("png") & (table.groupby("pack_id").cumcount() % 8 == 0)]
    packs = tmp_path / "packs"
    for path in table["path"]:
        (packs / Path(path).parent.name).mkdir(parents=True, exist_ok=True)
        (packs / Path(path).parent.name / Path(path).name).write_bytes(Path(path).read_bytes())
    relative = ["/".join(Path(p).parts[-2:]) for p in table["path"]]
    table.assign(path=relative).to_csv(packs / "manifest.csv", index=False)

    def run(out, *more):
        small = ["--pens", "0", "--filters", "0", "--steps", "3", "--families", "4", "--per-family", "4"]
        command = [sys.executable, str(TOOLS / f"train_{name}_mini.py"), "--packs", str(packs), "--work", str(tmp_path), "--name", out,
                   "--out", str(tmp_path / "out" / out), *small, *more]
        subprocess.run(command, check=True, cwd=TOOLS.parent)
        (file,) = (tmp_path / "out" / out).glob("*.pt")
        return torch.load(file, weights_only=True)

    first, second = run("one"), run("two")
    assert all(torch.equal(first[k], second[k]) for k in first)
    resumed = run("cut", "--stop-after", "2"), run("cut")
    assert all(torch.equal(first[k], resumed[1][k]) for k in first)
    assert not all(torch.equal(first[k], resumed[0][k]) for k in first)
    other = run("seed", "--seed", "1")
    assert not all(torch.equal(first[k], other[k]) for k in first)
