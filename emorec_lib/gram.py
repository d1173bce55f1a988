"""Drawing style as channel correlations: the four stages of a ResNet (resnet.py) -> Gram features."""

import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.manifold import TSNE
from torch import Tensor
from torchvision.transforms import v2
from tqdm import tqdm

from .catalogue import mean_by_owner, picture_batches
from .neighbours import euclidean, nearest, unit
from .resnet import STAGES, ResNet
from .run import ASSETS, autocast, cached, half_precision, weights_hash

VERSION = 5  # of the computation; part of every cache key


@dataclass(frozen=True)
class Sketch:
    """How gram_sketch squeezes a stage's Gram matrix: to dim numbers, m(m+1)/2 of them what it says within m directions, the rest forms of
    blocks of random directions. int8: on a CPU that has no bf16, layers 2 to 4 run in whole numbers of 8 bits."""

    dim: int
    m: int
    block: int
    int8: bool = False


SKETCHES = {"faithful": Sketch(1024, 32, 8), "fast": Sketch(2080, 56, 12, int8=True)}


def gram_features(feat: Tensor) -> Tensor:
    """Channel correlations of one stage: G[i, j] = sum_p F[i, p] F[j, p] / (H W).

    feat: (B, C, H, W) float. Returns (B, C(C+1)/2) float32: the upper triangle, off-diagonal
    times sqrt(2), so that dot products equal Frobenius products.
    Raises ValueError if feat is not 4-D or not finite.
    Source: Gatys, Ecker & Bethge 2016, eq. 3 (the normaliser is ours).
    """
    return _finite(_triangle(_gram(_places(feat))))


def gram_sketch(feat: Tensor, basis: Tensor, dim: int, block: int, seed: int = 0) -> Tensor:
    """Gram features squeezed to ``dim`` numbers whose dot products estimate those of gram_features without bias.

    feat: (B, C, H, W). basis: (m, C) orthonormal rows P, m(m+1)/2 <= dim. Returns (B, dim) float32: the upper triangle of P G P', exactly
    what G says within the basis, then n = dim - m(m+1)/2 random forms of the rest R = G - P'P G P'P: u_i' R u_j / sqrt(n) of every two of
    ``block`` standard normal directions from ``seed``, of as many such blocks as it takes. Few directions hold most of what Gram matrices
    differ in (fit_basis), and just these make random forms uncertain. m = 0: random forms of all of G.
    Raises ValueError as gram_features. Source: random bilinear forms as in compact bilinear pooling (Gao et al., CVPR 2016).
    """
    places = _places(feat)  # (B, H*W, C)
    basis = basis.to(feat.device)
    inside = _gram(places @ basis.T)  # (B, m, m)
    n = dim - len(basis) * (len(basis) + 1) // 2
    row, col = torch.triu_indices(block, block, 1)
    blocks = -(-n // len(row))
    u = _normal(blocks * block, places.shape[2], seed=seed).to(feat.device)
    seen = (places @ u.T).unflatten(2, (blocks, block)).permute(0, 2, 3, 1)  # (B, blocks, block, H*W)
    within = (u @ basis.T).unflatten(0, (blocks, block))  # (blocks, block, m)
    forms = seen @ seen.mT / places.shape[1] - within @ inside[:, None] @ within.mT
    return _finite(torch.cat([_triangle(inside), forms[..., row, col].flatten(1)[:, :n] / max(n, 1) ** 0.5], 1))


def sketch_of(name: str) -> Sketch:
    """The setting of that name. Raises ValueError with the choices for another."""
    if name not in SKETCHES:
        raise ValueError(f"GRAM = {name!r}; choices: {', '.join(SKETCHES)}")
    return SKETCHES[name]


def _fitting_pictures(n: int = 64) -> list[Path]:
    """Stills of the embedded packs (split train), whatever catalogue is looked at."""
    table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str, keep_default_na=False)
    names = table["path"][(table["split"] == "train") & table["path"].str.endswith(".png")]
    return [ASSETS / "packs" / name for name in names.iloc[np.linspace(0, len(names) - 1, n).astype(int)]]


@torch.inference_mode()
def fit_basis(model: ResNet, gray: bool, sketch: str, steps: int = 8) -> list[Tensor]:
    """For each stage the directions (m, C) in which Gram matrices differ most: the first eigenvectors of the mean of D D', with
    D = G - mean G, over 64 embedded pictures. m is the sketch's, or C where all of the matrix has room in the sketch. Subspace iteration,
    fixed start; made once for a model. Raises ValueError for another sketch."""
    how = sketch_of(sketch)
    if (gray, how) not in model.fitted:
        maps = [[_places(feat) for feat in stages.values()] for stages, _ in _stage_maps(_fitting_pictures(), model, model.stages, gray, 1)]
        sizes = [c if c * (c + 1) // 2 <= how.dim else how.m for c in (stage.shape[2] for stage in maps[0])]
        model.fitted[gray, how] = [_directions(torch.cat(stage), m, steps) for stage, m in zip(zip(*maps, strict=True), sizes, strict=True)]
    return model.fitted[gray, how]


def uses_int8(model: ResNet, sketch: str) -> bool:
    """Whether stage_grams calculates in whole numbers: a setting that allows it, on a CPU for which mixed precision does nothing."""
    return sketch_of(sketch).int8 and model.device == "cpu" and model.precision == "auto" and half_precision("cpu") is None


@torch.inference_mode()
def _in_int8(model: ResNet, gray: bool) -> torch.nn.Module:
    """The stages in int8 from the second block of layer 2 on, ranges seen on 64 embedded pictures (static quantization
    after training, Jacob et al. 2018; torch.ao). What comes before stays as it is: errors there would rule the source's distances."""
    if ("int8", gray) not in model.fitted:
        from torch.ao.quantization import get_default_qconfig_mapping, quantize_fx

        settings = get_default_qconfig_mapping(torch.backends.quantized.engine)
        for name in ("conv1", "bn1", "layer1", r"layer2\.0"):
            settings = settings.set_module_name_regex(rf"{name}(\..*)?", None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch.ao is about to move; nothing a reader can do
            watching = quantize_fx.prepare_fx(copy.deepcopy(model.stages).eval(), settings, (torch.zeros(1, 3, model.size, model.size),))
            for _ in _stage_maps(_fitting_pictures(), model, watching, gray, 1):
                pass
            model.fitted["int8", gray] = quantize_fx.convert_fx(watching)
    return model.fitted["int8", gray]


def _directions(places: Tensor, m: int, steps: int) -> Tensor:
    """places: (N, H*W, C). The matrices themselves are never made."""
    def times(rows: Tensor) -> Tensor:  # (N or 1, C, m) -> (N, C, m)
        return places.mT @ (places @ rows) / places.shape[1]

    vectors = torch.linalg.qr(_normal(places.shape[2], m, seed=0).to(places.device))[0]  # (C, m)
    mean = _gram(places).mean(0) if places.shape[1] > places.shape[2] else torch.einsum("npc,npd->cd", places, places) / (
        len(places) * places.shape[1])
    for _ in range(steps):
        apart = times(vectors) - mean @ vectors
        vectors = torch.linalg.qr((times(apart) - mean @ apart).mean(0))[0]
    return vectors.T.contiguous()


def _places(feat: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H*W, C) float32; no copy where the channels lie together (channels_last)."""
    if feat.ndim != 4:
        raise ValueError(f"feature maps must be (B, C, H, W); found shape {tuple(feat.shape)}")
    return feat.float().permute(0, 2, 3, 1).flatten(1, 2)


def _gram(places: Tensor) -> Tensor:
    return places.mT @ places / places.shape[1]


def _triangle(gram: Tensor) -> Tensor:
    row, col = torch.triu_indices(*gram.shape[1:])
    return gram[:, row, col] * torch.where(row == col, 1.0, 2.0**0.5).to(gram.device)


def _finite(features: Tensor) -> Tensor:
    if not torch.isfinite(features).all():  # every entry of a map goes into every one of its features
        raise ValueError("feature maps hold NaN or infinity")
    return features


def _normal(*shape: int, seed: int) -> Tensor:
    """Standard normal numbers, the same on every device."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def stage_grams(paths: list, model: ResNet, *, gray: bool = False, n_frames: int = 3, sketch: str | None = "faithful",
                batch_size: int = 16) -> list[np.ndarray]:
    """Gram features of emoticons at the four stages: list of four arrays (N, D) float32. sketch: a name of SKETCHES, D = its dim or, where
    that is fewer numbers, all C(C+1)/2 of P G P' for a square P; None: always the upper triangle of G itself. An animated emoticon is the
    mean over its frames.
    Pictures are decoded ahead and dropped behind: memory does not grow with their number, but for the features.

    Raises ValueError for another sketch.
    """
    bases = sketch and fit_basis(model, gray, sketch)
    stages = _in_int8(model, gray) if sketch and uses_int8(model, sketch) else model.stages

    def features(feat: Tensor, stage: int) -> np.ndarray:
        if not sketch:
            return gram_features(feat).cpu().numpy()
        how, (m, channels) = sketch_of(sketch), bases[stage].shape
        dim = how.dim if m < channels else m * (m + 1) // 2
        return gram_sketch(feat, bases[stage], dim, how.block, seed=stage).cpu().numpy()

    def batches():
        what = f"{model.name} {'gray' if gray else 'RGB'}"
        with tqdm(total=len(paths), desc=what, unit="pic", mininterval=1, disable=len(paths) < 20) as bar:
            for maps, owner in _stage_maps(paths, model, stages, gray, n_frames, batch_size):
                yield [features(feat, stage) for stage, feat in enumerate(maps.values())], owner
                bar.update(int(owner[-1]) + 1 - bar.n)

    return mean_by_owner(batches(), len(paths))


def _stage_maps(paths: list, model: ResNet, stages: torch.nn.Module, gray: bool, n_frames: int,
                batch_size: int = 16) -> Iterator[tuple[dict, np.ndarray]]:
    """Feature maps of batches of frames, and whose they are. stages: the model's, or what was made of them."""
    to_gray = v2.Grayscale(num_output_channels=3) if gray else v2.Identity()
    for pictures, owner in picture_batches(paths, n_frames, batch_size, v2.Compose([to_gray, model.preprocess])):
        with autocast(model.device, model.precision):
            maps = stages(pictures.to(model.device, memory_format=torch.channels_last))
        yield maps, owner


def catalogue_grams(cat, model: ResNet, cache, *, gray: bool = False, n_frames: int = 3, sketch: str = "faithful") -> list[np.ndarray]:
    """stage_grams of a whole catalogue, kept in the folder ``cache`` under a key made of its contents."""
    numbers = "int8" if uses_int8(model, sketch) else str(half_precision(model.device, model.precision))
    key = {"catalogue": cat.digest, "model": model.name, "weights": weights_hash(model.stages), "size": model.size, "gray": gray,
           "frames": n_frames, "sketch": sketch, "numbers": numbers, "version": VERSION}
    stored = cached(cache, "gram", key, lambda: dict(
        zip(STAGES, stage_grams(cat.paths, model, gray=gray, n_frames=n_frames, sketch=sketch), strict=True)))
    return [stored[stage] for stage in STAGES]


def source_features(stages: list[np.ndarray], positions: tuple = (56 * 56, 28 * 28, 14 * 14, 7 * 7)) -> np.ndarray:
    """The source's features: G = F F' of every stage, not normalised, concatenated: (N, D). The early stages, with more
    positions, dominate. ``positions``: H W of each stage (for 224 px), which undoes our normaliser."""
    return np.concatenate([g * p for g, p in zip(stages, positions, strict=True)], axis=1)


def style_features(stages: list[np.ndarray], weights: tuple = (1, 1, 1, 1)) -> np.ndarray:
    """Ours, before centring: signed square root (few strong correlations no longer rule), every stage to unit length times its weight
    (of the network: ResNet.stage_weights), concatenated: (N, D) float32 unit rows."""
    rooted = [np.sign(g) * np.sqrt(np.abs(g)) for g in stages]
    return unit(np.concatenate([w * unit(g) for g, w in zip(rooted, weights, strict=True)], axis=1))


def sketch_fidelity(paths: list, model: ResNet, sketch: str = "faithful", k: int = 10) -> float:
    """Share of the k nearest neighbours (Euclid, concatenated stages, as the source compares) that the sketch has in common with the whole
    Gram matrices in float32, over the given emoticons."""
    def neighbours_of(stages):
        return nearest(euclidean(source_features(stages)), k, np.eye(len(paths), dtype=bool))

    whole = neighbours_of(stage_grams(paths, model, n_frames=1, sketch=None))
    sketched = neighbours_of(stage_grams(paths, model, n_frames=1, sketch=sketch))
    return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(whole, sketched, strict=True)]))


def tsne(features: np.ndarray, perplexity: float, n_iter: int, seed: int = 0) -> np.ndarray:
    """2-D map of features (N, D) -> (N, 2). Raises ValueError for a perplexity that is not below N.

    Source: van der Maaten & Hinton 2008 (scikit-learn's Barnes-Hut version, started from the first two principal components).
    """
    if not 1 <= perplexity < len(features):
        raise ValueError(f"PERPLEXITY = {perplexity}: expected a number from 1 to below the {len(features)} emoticons")
    return TSNE(perplexity=perplexity, max_iter=n_iter, init="pca", random_state=seed).fit_transform(features)
