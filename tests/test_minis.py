"""The programs that train the small picture models (issue 7, begun: no weights yet): what is held out, losses, short texts."""

import sys
from pathlib import Path

import numpy as np
import torch

from emorec_lib import gram
from emorec_lib.catalogue import load_catalogue

TOOLS = Path(__file__).parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

from minis import captions, families, losses, nets  # noqa: E402


def test_nothing_held_out_is_trained_on():
    ours = load_catalogue("sample").table.drop_duplicates("style_family").set_index("style_family")["split"]
    assert {f for f, split in ours.items() if split == "heldout"} <= families.TEST
    assert not families.TEST & families.DEV and not families.TEST & set(families.LOOKS)


def test_style_features_are_the_librarys():
    torch.manual_seed(0)
    maps = [torch.randn(4, 6, 5, 5), torch.randn(4, 9, 3, 3)]
    ours = torch.nn.functional.normalize(torch.cat(losses.style_features(maps), 1), dim=1)
    theirs = gram.style_features([gram.gram_features(m).numpy() for m in maps])
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
