"""Drawing style as channel correlations: the four stages of a ResNet -> Gram features."""

import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torchvision
from sklearn.manifold import TSNE
from torch import Tensor
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.transforms import v2
from tqdm import tqdm

from .catalogue import mean_by_owner, picture_batches
from .fetch import REGISTRY, File, fetch_model
from .neighbours import euclidean, nearest, unit
from .run import ASSETS, autocast, cached, half_precision, weights_hash

VERSION = 3  # of the computation; part of every cache key
STAGES = ("layer1", "layer2", "layer3", "layer4")
ARCHITECTURES = tuple(torchvision.models.list_models(torchvision.models, include=("resnet*", "resnext*", "wide_resnet*")))
CHOICES = (f"{', '.join(ARCHITECTURES)}, each also with .IMAGENET1K_V1 or another of torchvision's weights behind it, or with -untrained, "
           "or the path of a state dict whose name begins with one of these, as torchvision's do (resnet50-11ad3fa6.pth)")
WAYS = ("faithful", "fast")


@dataclass(frozen=True)
class ResNet:
    """stages: pictures (B, 3, H, W) -> dict of the four feature maps; preprocess: RGB picture -> (3, H, W)."""

    name: str
    stages: torch.nn.Module
    preprocess: object
    size: int
    device: str
    weights: str = ""  # where they come from
    precision: str = "auto"
    bases: dict = field(default_factory=dict, repr=False, compare=False)  # of fit_basis, by (gray, m)

    @property
    def about(self) -> str:
        """One line for reports: the name and where the weights come from."""
        return f"{self.name} ({self.weights})"


def load_resnet(name: str, size: int = 224, device: str = "cpu", precision: str = "auto") -> ResNet:
    """The four stages of any ResNet of torchvision, with the preprocessing it was trained with (size x size, ImageNet mean and deviation).

    name: "resnet50" (torchvision's best weights), "resnet50.IMAGENET1K_V1" (others), "resnet18-untrained" (random, fixed seed), or the path
    of a state dict, "…/resnet50-11ad3fa6.pth". precision: run.half_precision.
    Raises ValueError with the choices for an unknown name and for weights of another network; fetch's errors if they cannot be had.
    """
    constructor, file, weights = _find(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # what makes an untrained network the same everywhere
        model = getattr(torchvision.models, constructor)(weights=None)
    if file:
        _load(model, file, constructor)
    stages = create_feature_extractor(model.eval(), {stage: stage for stage in STAGES})
    preprocess = v2.Compose([
        v2.Resize(size, antialias=True), v2.CenterCrop(size), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    half_precision(device, precision)  # refuses what cannot be, before any work
    return ResNet(name, stages.to(device, memory_format=torch.channels_last), preprocess, size, device, weights, precision)


def _find(name: str) -> tuple[str, Path | None, str]:
    """(torchvision's constructor, file of weights or None, words about them)."""
    if Path(name).is_file():
        found = re.match(r"[a-z0-9_]+", Path(name).name)
        if not found or found[0] not in ARCHITECTURES:
            raise ValueError(f"RESNET = {name!r}: the file's name does not say which network it is; choices: {CHOICES}")
        return found[0], Path(name), "a file of your own"
    constructor, _, wanted = name.removesuffix("-untrained").partition(".")
    if constructor not in ARCHITECTURES or (wanted and name.endswith("-untrained")):
        raise ValueError(f"RESNET = {name!r}; choices: {CHOICES}")
    if name.endswith("-untrained"):
        return constructor, None, "random weights, fixed seed"
    choices = torchvision.models.get_model_weights(constructor)
    if (wanted or "DEFAULT") not in choices.__members__:
        raise ValueError(f"RESNET = {name!r}: {constructor} has the weights {', '.join(w.name for w in choices)}")
    member = choices[wanted or "DEFAULT"]
    file = torchvision_file(member)
    return constructor, fetch_model(file, "RESNET", name, (CHOICES,)), f"{file.name}, ImageNet"


def torchvision_file(weights) -> File:
    """The file behind a member of torchvision's weights enums; its name ends in the first digits of its sha256, as torchvision gives it."""
    name = weights.url.rsplit("/", 1)[1]
    return REGISTRY.get(name) or File(weights.url, re.search(r"-([0-9a-f]{8,})\.pth$", name)[1], "BSD-3-Clause", "torchvision")


def _load(model: torch.nn.Module, file: Path, constructor: str) -> None:
    try:
        model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    except (RuntimeError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, KeyError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise ValueError(f"{file}: expected the state dict of a {constructor}, found something else: {' '.join(lines[:2])[:300]}. "
                         "Name the file after its network, or download it again") from error


def gram_features(feat: Tensor) -> Tensor:
    """Channel correlations of one stage: G[i, j] = sum_p F[i, p] F[j, p] / (H W).

    feat: (B, C, H, W) float. Returns (B, C(C+1)/2) float32: the upper triangle, off-diagonal
    times sqrt(2), so that dot products equal Frobenius products.
    Raises ValueError if feat is not 4-D or not finite.
    Source: Gatys, Ecker & Bethge 2016, eq. 3 (the normaliser is ours).
    """
    return _finite(_triangle(_gram(_places(feat))))


def gram_sketch(feat: Tensor, basis: Tensor, dim: int, seed: int = 0) -> Tensor:
    """Gram features squeezed to ``dim`` numbers whose dot products estimate those of gram_features without bias.

    feat: (B, C, H, W). basis: (m, C) orthonormal rows P, m(m+1)/2 <= dim. Returns (B, dim) float32: the upper triangle of P G P', exactly
    what G says within the basis, then random forms of the rest R = G - P'P G P'P, s[k] = u_k' R v_k / sqrt(n) with standard normal
    u_k, v_k from ``seed``, n = dim - m(m+1)/2. Few directions hold most of what Gram matrices differ in (fit_basis), and just these make
    random forms uncertain. m = 0: random forms of all of G.
    Raises ValueError as gram_features. Source: random bilinear forms as in compact bilinear pooling (Gao et al., CVPR 2016).
    """
    places = _places(feat)  # (B, H*W, C)
    basis = basis.to(feat.device)
    inside = _gram(places @ basis.T)  # (B, m, m)
    n = dim - len(basis) * (len(basis) + 1) // 2
    left, right = _normal(2, n, places.shape[2], seed=seed).to(feat.device)  # (n, C) each
    through_gram = places.shape[1] > places.shape[2]  # the cheaper of two equal ways
    forms = ((left @ _gram(places)) * right).sum(-1) if through_gram else ((places @ left.T) * (places @ right.T)).mean(1)  # (B, n)
    forms = forms - ((left @ basis.T @ inside) * (right @ basis.T)).sum(-1)
    return _finite(torch.cat([_triangle(inside), forms / max(n, 1) ** 0.5], 1))


def basis_size(dim: int, way: str) -> int:
    """How many directions m of the basis gram_sketch gets for ``dim`` numbers: "faithful" spends an eighth of them there (m = 15 of 1024)
    and the rest on random forms, "fast", for which fewer forms have to be made, four fifths (m = 39). Raises ValueError for another way."""
    if way not in WAYS:
        raise ValueError(f"GRAM = {way!r}; choices: {', '.join(WAYS)}")
    inside = dim // 8 if way == "faithful" else dim * 4 // 5
    return int(((8 * inside + 1) ** 0.5 - 1) // 2)


@torch.inference_mode()
def fit_basis(model: ResNet, gray: bool, m: int, n_pictures: int = 64, steps: int = 8) -> list[Tensor]:
    """For each stage the m directions (m, C) in which Gram matrices differ most: the first eigenvectors of the mean of D D', with
    D = G - mean G, over stills of the embedded packs (split train), whatever catalogue is looked at. Subspace iteration, fixed start."""
    if (gray, m) not in model.bases:
        table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str, keep_default_na=False)
        names = table["path"][(table["split"] == "train") & table["path"].str.endswith(".png")]
        paths = [ASSETS / "packs" / name for name in names.iloc[np.linspace(0, len(names) - 1, n_pictures).astype(int)]]
        maps = [[_places(feat) for feat in stages.values()] for stages, _ in _stage_maps(paths, model, gray, 1, 16)]
        model.bases[gray, m] = [_directions(torch.cat(stage), m, steps) for stage in zip(*maps, strict=True)]
    return model.bases[gray, m]


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
def stage_grams(paths: list, model: ResNet, *, gray: bool = False, n_frames: int = 3, dim: int | None = 1024, way: str = "faithful",
                batch_size: int = 16) -> list[np.ndarray]:
    """Gram features of emoticons at the four stages: list of four arrays (N, dim) float32, or of the full upper triangles
    (N, C(C+1)/2) if ``dim`` is None. way: how gram_sketch is made, see basis_size. An animated emoticon is the mean over its frames.
    Pictures are decoded ahead and dropped behind: memory does not grow with their number, but for the features.

    Raises ValueError for another way.
    """
    bases = None if dim is None else fit_basis(model, gray, basis_size(dim, way))

    def batches():
        with tqdm(total=len(paths), desc=f"{model.name} {'gray' if gray else 'RGB'}", unit="pic", mininterval=1) as bar:
            for maps, owner in _stage_maps(paths, model, gray, n_frames, batch_size):
                features = (gram_features(feat) if bases is None else gram_sketch(feat, bases[stage], dim, seed=stage)
                            for stage, feat in enumerate(maps.values()))
                yield [f.cpu().numpy() for f in features], owner
                bar.update(int(owner[-1]) + 1 - bar.n)

    return mean_by_owner(batches(), len(paths))


def _stage_maps(paths: list, model: ResNet, gray: bool, n_frames: int, batch_size: int) -> Iterator[tuple[dict, np.ndarray]]:
    """Feature maps of batches of frames, and whose they are."""
    to_gray = v2.Grayscale(num_output_channels=3) if gray else v2.Identity()
    for pictures, owner in picture_batches(paths, n_frames, batch_size, v2.Compose([to_gray, model.preprocess])):
        with autocast(model.device, model.precision):
            maps = model.stages(pictures.to(model.device, memory_format=torch.channels_last))
        yield maps, owner


def catalogue_grams(cat, model: ResNet, cache, *, gray: bool = False, n_frames: int = 3, dim: int = 1024,
                    way: str = "faithful") -> list[np.ndarray]:
    """stage_grams of a whole catalogue, kept in the folder ``cache`` under a key made of its contents."""
    half = half_precision(model.device, model.precision)
    key = {"catalogue": cat.digest, "model": model.name, "weights": weights_hash(model.stages), "size": model.size, "gray": gray,
           "frames": n_frames, "dim": dim, "way": way, "half": str(half), "version": VERSION}
    stored = cached(cache, "gram", key, lambda: dict(
        zip(STAGES, stage_grams(cat.paths, model, gray=gray, n_frames=n_frames, dim=dim, way=way), strict=True)))
    return [stored[stage] for stage in STAGES]


def source_features(stages: list[np.ndarray], positions: tuple = (56 * 56, 28 * 28, 14 * 14, 7 * 7)) -> np.ndarray:
    """The source's features: G = F F' of every stage, not normalised, concatenated: (N, 4 dim). The early stages, with more
    positions, dominate. ``positions``: H W of each stage (for 224 px), which undoes our normaliser."""
    return np.concatenate([g * p for g, p in zip(stages, positions, strict=True)], axis=1)


def style_features(stages: list[np.ndarray]) -> np.ndarray:
    """Ours, before centring: signed square root (few strong correlations no longer rule), every stage to unit length
    (each counts alike), concatenated: (N, 4 dim) float32 unit rows."""
    rooted = [np.sign(g) * np.sqrt(np.abs(g)) for g in stages]
    return unit(np.concatenate([unit(g) for g in rooted], axis=1))


def sketch_fidelity(paths: list, model: ResNet, dim: int, way: str = "faithful", k: int = 10) -> float:
    """Share of the k nearest neighbours (Euclid, concatenated stages, as the source compares) that the sketch of ``dim`` numbers a stage
    has in common with the whole Gram matrices, over the given emoticons."""
    def neighbours_of(stages):
        return nearest(euclidean(source_features(stages)), k, np.eye(len(paths), dtype=bool))

    whole = neighbours_of(stage_grams(paths, model, n_frames=1, dim=None))
    sketched = neighbours_of(stage_grams(paths, model, n_frames=1, dim=dim, way=way))
    return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(whole, sketched, strict=True)]))


def tsne(features: np.ndarray, perplexity: float, n_iter: int, seed: int = 0) -> np.ndarray:
    """2-D map of features (N, D) -> (N, 2). Raises ValueError for a perplexity that is not below N.

    Source: van der Maaten & Hinton 2008 (scikit-learn's Barnes-Hut version, started from the first two principal components).
    """
    if not 1 <= perplexity < len(features):
        raise ValueError(f"PERPLEXITY = {perplexity}: expected a number from 1 to below the {len(features)} emoticons")
    return TSNE(perplexity=perplexity, max_iter=n_iter, init="pca", random_state=seed).fit_transform(features)
