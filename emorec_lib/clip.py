"""CLIP: image and text features of one space; the emotion of an emoticon without a label."""

import pickle
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from .catalogue import mean_by_owner, picture_batches
from .fetch import fetch_model
from .neighbours import unit
from .run import ASSETS, EMOTIONS, autocast, cached, half_precision, weights_hash

with warnings.catch_warnings():  # clip-anytorch imports pkg_resources, which announces its end on every import
    warnings.simplefilter("ignore")
    import clip

VERSION = 2
MODELS = ("ViT-B/32", "clip-mini", "clip-untrained")
# One prompt an emotion, averaged over two wordings (prompt ensembling, Radford et al. 2021, section 3.1.4).
PROMPTS = {
    "행복": ("a cartoon sticker of a happy, laughing character", "a joyful smiling emoticon"),
    "슬픔": ("a cartoon sticker of a sad, crying character", "a tearful sorrowful emoticon"),
    "분노": ("a cartoon sticker of an angry, furious character", "an enraged shouting emoticon"),
    "불안": ("a cartoon sticker of an anxious, scared, trembling character", "a worried fearful emoticon"),
    "당황": ("a cartoon sticker of an embarrassed, flustered, shocked character", "a confused sweating emoticon"),
    "중립": ("a cartoon sticker of a calm character without expression", "a neutral emoticon saying hello"),
}


@dataclass(frozen=True)
class Clip:
    """A CLIP model and the preprocessing that belongs to it (RGB picture -> (3, H, W))."""

    name: str
    model: torch.nn.Module
    preprocess: object
    device: str
    precision: str = "auto"

    @property
    def about(self) -> str:
        """One line for reports: the name and where the weights come from."""
        said = {"clip-untrained": " (random weights, fixed seed)", "clip-mini": " (trained by this project on emoticons)"}
        return self.name + said.get(self.name, "")


def load_clip(name: str, device: str = "cpu", precision: str = "auto") -> Clip:
    """Load "ViT-B/32" (downloaded once, verified), "clip-mini" (small, embedded), "clip-untrained" (small, fixed-seed random weights)
    or a file that holds any CLIP: a state dict, or an archive of TorchScript as OpenAI's own files are. precision: run.half_precision.

    Raises ValueError with the choices for an unknown name and for a file that holds no CLIP; fetch's errors if weights cannot be had.
    """
    half_precision(device, precision)  # refuses what cannot be, before any work
    if name not in MODELS and not Path(name).is_file():
        raise ValueError(f"CLIP = {name!r}; choices: {', '.join(MODELS)} or the path of a CLIP state dict")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.random.fork_rng(devices=[]):  # clip.load draws numbers
        warnings.simplefilter("ignore", FutureWarning)  # clip.load tries torch.jit.load first
        path = fetch_model("ViT-B-32.pt", "CLIP", name, MODELS) if name == "ViT-B/32" else Path(name)
        if name == "clip-mini":
            path = ASSETS / "models/clip-mini/clip-mini.pt"
        if name == "clip-untrained":  # through a file, as the real one: the same loading code
            path = Path(folder) / "clip.pt"
            torch.save(untrained_state_dict(), path)
        try:
            model, preprocess = clip.load(str(path), device=device, jit=False)
        except (RuntimeError, KeyError, AttributeError, TypeError, pickle.UnpicklingError, EOFError) as error:
            raise ValueError(f"{path}: expected a CLIP (state dict or TorchScript archive), found something else "
                             f"({type(error).__name__}: {(str(error).splitlines() or [''])[0][:150]}); download it again") from error
    return Clip(name, model.float().eval(), preprocess, device, precision)


def untrained_state_dict(seed: int = 0) -> dict:
    """State dict of a small CLIP (vision 4 x 128 on 32-pixel patches, text 2 x 64, joint space 128), random but always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = clip.model.CLIP(embed_dim=128, image_resolution=224, vision_layers=4, vision_width=128, vision_patch_size=32,
                                context_length=77, vocab_size=49408, transformer_width=64, transformer_heads=1, transformer_layers=2)
    return model.state_dict()


@torch.inference_mode()
def image_features(paths: list, model: Clip, *, n_frames: int = 3, batch_size: int = 32) -> np.ndarray:
    """Image features of emoticons, (N, D) float32 unit rows; an animated one is the mean over its frames."""
    def batches():
        with tqdm(total=len(paths), desc=f"CLIP {model.name}", unit="pic", mininterval=1, disable=len(paths) < 20) as bar:
            for pictures, owner in picture_batches(paths, n_frames, batch_size, model.preprocess):
                with autocast(model.device, model.precision):
                    features = model.model.encode_image(pictures.to(model.device))
                yield [unit(features.float().cpu().numpy())], owner
                bar.update(int(owner[-1]) + 1 - bar.n)

    return unit(mean_by_owner(batches(), len(paths))[0])


def catalogue_features(cat, model: Clip, cache, *, n_frames: int = 3) -> np.ndarray:
    """image_features of a whole catalogue, kept in the folder ``cache`` under a key made of its contents."""
    half = half_precision(model.device, model.precision)
    key = {"catalogue": cat.digest, "model": model.name, "weights": weights_hash(model.model), "frames": n_frames, "half": str(half),
           "version": VERSION}
    return cached(cache, "clip", key, lambda: {"image_emb": image_features(cat.paths, model, n_frames=n_frames)})["image_emb"]


@torch.inference_mode()
def text_features(texts: list[str], model: Clip) -> np.ndarray:
    """Text features, (N, D) float32 unit rows. Texts are English (CLIP's own vocabulary), cut at 77 tokens."""
    tokens = clip.tokenize(texts, truncate=True).to(model.device)  # (N, 77)
    return unit(model.model.encode_text(tokens).float().cpu().numpy())


@torch.inference_mode()
def zero_shot_emotion(image_emb: np.ndarray, model: Clip) -> np.ndarray:
    """Probability of each emotion from the picture alone: (N, 6), columns in the order of EMOTIONS.

    p = softmax(s * cos(image, mean of the emotion's prompts)), s = the model's own logit scale.
    """
    prompts = np.stack([text_features(list(PROMPTS[e]), model).mean(0) for e in EMOTIONS])  # (6, D)
    logits = float(model.model.logit_scale.exp()) * image_emb @ unit(prompts).T
    odds = np.exp(logits - logits.max(1, keepdims=True))
    return (odds / odds.sum(1, keepdims=True)).astype(np.float32)
