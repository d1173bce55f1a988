"""clip.py with its small untrained model, which is loaded by the same code as the real one; the real preprocessing where it is at hand."""

import dataclasses
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from emorec_lib import clip
from emorec_lib.catalogue import load_catalogue
from emorec_lib.clip import PROMPTS, image_features, load_clip, text_features, untrained_state_dict, zero_shot_emotion
from emorec_lib.clip import clip as openai_clip
from emorec_lib.run import EMOTIONS

REFERENCE = Path(__file__).parents[2] / "shared/models/clip_reference"


@pytest.fixture(scope="module")
def model():
    return load_clip("clip-untrained")


@pytest.fixture(scope="module")
def paths():
    return load_catalogue("sample").of_pack("flat-bear")["path"].tolist()[:4]


def is_unit(rows):
    return rows.dtype == np.float32 and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


# --- loading -----------------------------------------------------------------------------------------------------------

def test_untrained_model_is_the_same_everywhere(model):
    torch.manual_seed(123)
    expected_next = torch.rand(1, generator=torch.Generator().manual_seed(123))
    again = load_clip("clip-untrained").model.state_dict()
    assert torch.equal(torch.rand(1), expected_next)  # loading does not disturb the caller's random numbers
    weights = model.model.state_dict()
    assert weights.keys() == again.keys() and all(torch.equal(weights[k], again[k]) for k in weights)
    assert not torch.equal(weights["visual.conv1.weight"], untrained_state_dict(seed=1)["visual.conv1.weight"].float())
    assert all(w.dtype == torch.float32 for w in model.model.parameters()) and not model.model.training
    assert model.about == "clip-untrained (random weights, fixed seed)"


def test_a_file_with_a_state_dict(tmp_path, model, paths):
    torch.save(untrained_state_dict(seed=5), tmp_path / "mine.pt")
    mine = load_clip(str(tmp_path / "mine.pt"))
    found = image_features(paths[:1], mine)
    assert found.shape == (1, 128) and mine.about == str(tmp_path / "mine.pt")
    assert not np.allclose(found, image_features(paths[:1], model), atol=0.01)  # its weights, not ours


def test_an_archive_of_torchscript_as_openais_own_files_are(tmp_path, paths):
    torch.save(untrained_state_dict(seed=5), tmp_path / "state.pt")
    plain = load_clip(str(tmp_path / "state.pt"))
    pictures, tokens = torch.zeros(1, 3, 224, 224), openai_clip.tokenize(["a"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(plain.model, (pictures, tokens), check_trace=False).save(str(tmp_path / "archive.pt"))
    archive = load_clip(str(tmp_path / "archive.pt"))
    np.testing.assert_allclose(image_features(paths[:2], archive), image_features(paths[:2], plain), atol=2e-3)  # clip rounds it to fp16


@pytest.mark.parametrize("content", [b"", b"PK nonsense", {"weights": 1}, [1, 2]])
def test_a_file_that_holds_no_clip_is_refused(tmp_path, content):
    (tmp_path / "x.pt").write_bytes(content) if isinstance(content, bytes) else torch.save(content, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"x\.pt: expected a CLIP \(state dict or TorchScript archive\), found something else"):
        load_clip(str(tmp_path / "x.pt"))


def test_half_precision_is_near(model, paths):
    half = image_features(paths, dataclasses.replace(model, precision="bf16"))
    assert is_unit(half) and 0.99 < (half * image_features(paths, model)).sum(1).min() < 0.999999


def test_unknown_name_lists_the_choices(tmp_path):
    for name in ("ViT-L/99", str(tmp_path), str(tmp_path / "gone.pt")):
        with pytest.raises(ValueError, match=r"choices: ViT-B/32, clip-mini, clip-untrained or the path of a CLIP state dict"):
            load_clip(name)


def test_loading_is_quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_clip("clip-untrained")


# --- features ----------------------------------------------------------------------------------------------------------

def test_image_features(model, paths):
    rows = image_features(paths, model)
    assert rows.shape == (4, 128) and is_unit(rows)
    np.testing.assert_array_equal(image_features(paths, model), rows)
    np.testing.assert_allclose(image_features(paths[::-1], model, batch_size=1)[::-1], rows, atol=1e-5)
    assert len(np.unique(rows.round(4), axis=0)) == 4
    with torch.inference_mode():
        direct = model.model.encode_image(model.preprocess(clip_picture(paths[0]))[None]).numpy()[0]
    np.testing.assert_allclose(rows[0], direct / np.linalg.norm(direct), atol=1e-5)


def clip_picture(path):
    """The picture on white."""
    picture = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def test_an_animated_emoticon_is_the_mean_over_its_frames(model, tmp_path):
    frames = [Image.radial_gradient("L").convert("RGB"), Image.new("RGB", (256, 256), (200, 30, 60))]
    frames[0].save(tmp_path / "both.png", save_all=True, append_images=frames[1:])
    for i, frame in enumerate(frames):
        frame.save(tmp_path / f"{i}.png")
    both, first, second = image_features([tmp_path / "both.png", tmp_path / "0.png", tmp_path / "1.png"], model)
    mean = (first + second) / 2
    np.testing.assert_allclose(both, mean / np.linalg.norm(mean), atol=1e-5)
    assert not np.allclose(both, first, atol=1e-3)
    np.testing.assert_allclose(image_features([tmp_path / "both.png"], model, n_frames=1)[0], first, atol=1e-5)


def test_text_features(model):
    rows = text_features(["a happy cat", "a sad dog", "word " * 200], model)  # the last is longer than the model reads
    assert rows.shape == (3, 128) and is_unit(rows)
    assert np.abs(rows[0] - rows[1]).max() > 1e-3
    np.testing.assert_allclose(text_features(["a sad dog"], model)[0], rows[1], atol=1e-5)


def test_zero_shot_probabilities(model, paths):
    probabilities = zero_shot_emotion(image_features(paths, model), model)
    assert probabilities.shape == (4, 6) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (probabilities > 0).all()


def test_zero_shot_names_the_emotion_whose_prompts_are_nearest(model):
    """Pictures that lie exactly where an emotion's prompts lie; p is the softmax that the docstring states."""
    assert tuple(PROMPTS) == EMOTIONS
    means = np.stack([text_features(list(PROMPTS[e]), model).mean(0) for e in EMOTIONS])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    probabilities = zero_shot_emotion(means, model)
    assert probabilities.argmax(1).tolist() == [0, 1, 2, 3, 4, 5]
    odds = np.exp(model.model.logit_scale.exp().item() * means @ means.T)
    np.testing.assert_allclose(probabilities, odds / odds.sum(1, keepdims=True), rtol=1e-3)


# --- cache -------------------------------------------------------------------------------------------------------------

class Broken:
    """Has another model's weights and cannot be asked."""

    def __init__(self, model):
        self.state_dict = model.state_dict

    def encode_image(self, pictures):
        raise AssertionError("the model was asked")


def test_features_of_a_catalogue_are_computed_once(model, tmp_path):
    (tmp_path / "packs/p").mkdir(parents=True)
    Image.radial_gradient("L").save(tmp_path / "packs/p/a.png")
    cat, cache = load_catalogue(tmp_path / "packs"), tmp_path / "cache"
    first = clip.catalogue_features(cat, model, cache)
    broken = dataclasses.replace(model, model=Broken(model.model))
    np.testing.assert_array_equal(clip.catalogue_features(cat, broken, cache), first)
    with pytest.raises(AssertionError, match="the model was asked"):
        clip.catalogue_features(cat, broken, cache, n_frames=1)


def test_other_weights_in_the_same_file_are_not_taken_from_the_cache(tmp_path):
    (tmp_path / "packs/p").mkdir(parents=True)
    Image.radial_gradient("L").save(tmp_path / "packs/p/a.png")
    cat, file, found, sizes = load_catalogue(tmp_path / "packs"), tmp_path / "mine.pt", [], set()
    for seed in (0, 1):
        torch.save(untrained_state_dict(seed), file)
        sizes.add(file.stat().st_size)
        found.append(clip.catalogue_features(cat, load_clip(str(file)), tmp_path / "cache"))
    assert len(sizes) == 1 and not np.allclose(*found, atol=0.01)


# --- the real thing ----------------------------------------------------------------------------------------------------

def test_preprocessing_equals_the_reference():
    if not REFERENCE.is_dir():
        pytest.skip(f"no reference material at {REFERENCE}")
    expected = np.load(REFERENCE / "expected_preprocessed_image.npy").squeeze()
    with Image.open(REFERENCE / "franz-kafka.jpg") as picture:
        found = openai_clip.clip._transform(224)(picture).numpy()
    assert found.shape == expected.shape == (3, 224, 224)
    assert np.abs(found - expected).max() == 0


def test_untrained_model_has_the_preprocessing_of_the_real_one(model):
    picture = Image.radial_gradient("L").convert("RGB").resize((300, 400))
    assert torch.equal(model.preprocess(picture), openai_clip.clip._transform(224)(picture))
    white = model.preprocess(Image.new("RGB", (50, 50), "white"))[:, 100, 100]
    np.testing.assert_allclose(white, (1 - np.array([0.48145466, 0.4578275, 0.40821073])) / [0.26862954, 0.26130258, 0.27577711], rtol=1e-5)
