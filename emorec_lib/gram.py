"""Drawing style as channel correlations: the four stages of a ResNet -> Gram features."""

from dataclasses import dataclass

import numpy as np
import torch
import torchvision
from sklearn.manifold import TSNE
from torch import Tensor
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.transforms import v2
from tqdm import tqdm

from .catalogue import mean_by_owner, picture_batches
from .fetch import fetch_model
from .neighbours import euclidean, nearest, unit
from .run import cached

VERSION = 1  # of the computation; part of every cache key
STAGES = ("layer1", "layer2", "layer3", "layer4")
MODELS = {  # name -> (torchvision constructor, file of fetch.REGISTRY or None for fixed-seed random weights)
    "resnet50": ("resnet50", "resnet50-11ad3fa6.pth"),
    "resnet18": ("resnet18", "resnet18-f37072fd.pth"),
    "resnet18-untrained": ("resnet18", None),
}


@dataclass(frozen=True)
class ResNet:
    """stages: pictures (B, 3, H, W) -> dict of the four feature maps; preprocess: RGB picture -> (3, H, W)."""

    name: str
    stages: torch.nn.Module
    preprocess: object
    size: int
    device: str

    @property
    def about(self) -> str:
        """One line for reports: the name and where the weights come from."""
        return f"{self.name} ({MODELS[self.name][1] or 'random weights, fixed seed'})"


def load_resnet(name: str, size: int = 224, device: str = "cpu") -> ResNet:
    """A ResNet's four stages with the preprocessing it was trained with (size x size, ImageNet mean and deviation).

    Raises ValueError with the choices for an unknown name; fetch's errors if weights cannot be had.
    """
    if name not in MODELS:
        raise ValueError(f"RESNET = {name!r}; choices: {', '.join(MODELS)}")
    constructor, file = MODELS[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # what makes an untrained network the same everywhere
        model = getattr(torchvision.models, constructor)(weights=None)
    if file:
        model.load_state_dict(torch.load(fetch_model(file, "RESNET", name, MODELS), map_location="cpu", weights_only=True))
    stages = create_feature_extractor(model.eval(), {stage: stage for stage in STAGES})
    preprocess = v2.Compose([
        v2.Resize(size, antialias=True), v2.CenterCrop(size), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    return ResNet(name, stages.to(device, memory_format=torch.channels_last), preprocess, size, device)


def gram_features(feat: Tensor) -> Tensor:
    """Channel correlations of one stage: G[i, j] = sum_p F[i, p] F[j, p] / (H W).

    feat: (B, C, H, W) float. Returns (B, C(C+1)/2) float32: the upper triangle, off-diagonal
    times sqrt(2), so that dot products equal Frobenius products.
    Raises ValueError if feat is not 4-D or not finite.
    Source: Gatys, Ecker & Bethge 2016, eq. 3 (the normaliser is ours).
    """
    gram = _gram(_flat(feat))  # (B, C, C)
    row, col = torch.triu_indices(*gram.shape[1:])
    scale = torch.where(row == col, 1.0, 2.0**0.5).to(gram.device)
    return gram[:, row, col] * scale


def _flat(feat: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, C, H*W) float32, checked."""
    if feat.ndim != 4:
        raise ValueError(f"feature maps must be (B, C, H, W); found shape {tuple(feat.shape)}")
    if not torch.isfinite(feat).all():
        raise ValueError("feature maps hold NaN or infinity")
    return feat.float().flatten(2)


def _gram(flat: Tensor) -> Tensor:
    return flat @ flat.mT / flat.shape[2]


def gram_sketch(feat: Tensor, dim: int, seed: int = 0) -> Tensor:
    """Gram features squeezed to ``dim`` numbers whose dot products estimate those of gram_features without bias.

    feat: (B, C, H, W). Returns (B, dim) float32: s[k] = u_k' G v_k / sqrt(dim) with standard normal u_k, v_k from ``seed``.
    Raises ValueError as gram_features. Source: random bilinear forms as in compact bilinear pooling (Gao et al., CVPR 2016).
    """
    flat = _flat(feat)
    channels, positions = flat.shape[1:]
    generator = torch.Generator().manual_seed(seed)
    left, right = torch.randn(2, dim, channels, generator=generator).to(feat.device)  # (dim, C) each
    through_gram = positions > channels  # the cheaper of two equal ways
    sketch = ((left @ _gram(flat)) * right).sum(-1) if through_gram else ((left @ flat) * (right @ flat)).mean(-1)  # (B, dim)
    return sketch / dim**0.5


@torch.inference_mode()
def stage_grams(paths: list, model: ResNet, *, gray: bool = False, n_frames: int = 3, dim: int | None = 1024,
                batch_size: int = 16) -> list[np.ndarray]:
    """Gram features of emoticons at the four stages: list of four arrays (N, dim) float32, or of the full
    upper triangles (N, C(C+1)/2) if ``dim`` is None. An animated emoticon is the mean over its frames."""
    to_gray = v2.Grayscale(num_output_channels=3) if gray else v2.Identity()
    values, owners = [[] for _ in STAGES], []
    batches = picture_batches(paths, n_frames, batch_size, v2.Compose([to_gray, model.preprocess]))
    with tqdm(total=len(paths), desc=f"{model.name} {'gray' if gray else 'RGB'}", unit="pic", mininterval=1) as bar:
        for pictures, owner in batches:
            maps = model.stages(pictures.to(model.device, memory_format=torch.channels_last))
            for stage, feat in enumerate(maps.values()):
                feat = feat.contiguous()
                values[stage].append((gram_features(feat) if dim is None else gram_sketch(feat, dim, seed=stage)).cpu().numpy())
            owners.append(owner)
            bar.update(int(owner[-1]) + 1 - bar.n)
    owner = np.concatenate(owners)
    return [mean_by_owner(np.concatenate(v), owner, len(paths)) for v in values]


def catalogue_grams(cat, model: ResNet, cache, *, gray: bool = False, n_frames: int = 3, dim: int = 1024) -> list[np.ndarray]:
    """stage_grams of a whole catalogue, kept in the folder ``cache`` under a key made of its contents."""
    key = {"catalogue": cat.digest, "model": model.name, "size": model.size, "gray": gray, "frames": n_frames, "dim": dim,
           "version": VERSION}
    stored = cached(cache, "gram", key, lambda: dict(
        zip(STAGES, stage_grams(cat.paths, model, gray=gray, n_frames=n_frames, dim=dim), strict=True)))
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


def sketch_fidelity(paths: list, model: ResNet, dim: int, k: int = 10) -> float:
    """Share of the k nearest neighbours (Euclid, concatenated stages, as the source compares) that the sketch of ``dim`` numbers a stage
    has in common with the whole Gram matrices, over the given emoticons."""
    def neighbours_of(stages):
        return nearest(euclidean(source_features(stages)), k, np.eye(len(paths), dtype=bool))

    whole = neighbours_of(stage_grams(paths, model, n_frames=1, dim=None))
    sketched = neighbours_of(stage_grams(paths, model, n_frames=1, dim=dim))
    return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(whole, sketched, strict=True)]))


def tsne(features: np.ndarray, perplexity: float, n_iter: int, seed: int = 0) -> np.ndarray:
    """2-D map of features (N, D) -> (N, 2). Raises ValueError for a perplexity that is not below N.

    Source: van der Maaten & Hinton 2008 (scikit-learn's Barnes-Hut version, started from the first two principal components).
    """
    if not 1 <= perplexity < len(features):
        raise ValueError(f"PERPLEXITY = {perplexity}: expected a number from 1 to below the {len(features)} emoticons")
    return TSNE(perplexity=perplexity, max_iter=n_iter, init="pca", random_state=seed).fit_transform(features)
