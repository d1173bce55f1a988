"""Augmentation of a batch: what a style survives (place, size, colour, ground), not what makes it (line, texture)."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
CLIP_MEAN, CLIP_STD = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])


def on_ground(pictures: np.ndarray, rng: np.random.Generator | None, share: float = 0.2) -> Tensor:
    """uint8 RGBA (B, H, W, 4) -> (B, 3, H, W) in 0..1 on white; a share of them on a colour of chance."""
    values = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255
    ground = torch.ones(len(pictures), 3, 1, 1)
    if rng is not None:
        chosen = torch.from_numpy(rng.random(len(pictures)) < share)
        ground[chosen] = torch.from_numpy(rng.random((int(chosen.sum()), 3, 1, 1))).float()
    return values[:, :3] * values[:, 3:] + ground * (1 - values[:, 3:])


def placed(x: Tensor, size: int, rng: np.random.Generator) -> Tensor:
    """Cut out, zoomed (x 0.9 to 1.5), flipped, turned a little, pushed; what comes from outside repeats the edge."""
    n = len(x)
    zoom, aspect = 1 / rng.uniform(0.9, 1.5, n), np.exp(rng.uniform(-0.12, 0.12, n))
    turn, flip = rng.normal(0, 0.1, n) * (rng.random(n) < 0.6), np.where(rng.random(n) < 0.5, -1, 1)
    room = np.maximum(1 - zoom, 0) + 0.05
    shift = rng.uniform(-1, 1, (n, 2)) * room[:, None]
    c, s = np.cos(turn) * zoom, np.sin(turn) * zoom
    theta = np.stack([np.stack([flip * c * aspect, -s, shift[:, 0]], 1), np.stack([flip * s, c / aspect, shift[:, 1]], 1)], 1)
    grid = functional.affine_grid(torch.from_numpy(theta).float(), [n, 3, size, size], align_corners=False)
    return functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def recoloured(x: Tensor, rng: np.random.Generator, gray_share: float = 0.2) -> Tensor:
    """Channels swapped (a hue turned by 120 degrees, or mirrored), hue turned, saturation, contrast and brightness changed; some gray."""
    n = len(x)
    orders = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]])[rng.integers(0, 6, n) * (rng.random(n) < 0.5)]
    angle = rng.uniform(-math.pi, math.pi, n) * (rng.random(n) < 0.6)
    satur = np.where(rng.random(n) < gray_share, 0, np.where(rng.random(n) < 0.7, rng.uniform(0.4, 1.5, n), 1))
    matrix = np.einsum("nij,njk->nik", hue_matrix(angle, satur), np.eye(3)[orders])
    gain, lift = np.exp(rng.uniform(-0.25, 0.25, n)) ** (rng.random(n) < 0.6), rng.uniform(-0.1, 0.1, n) * (rng.random(n) < 0.6)
    x = torch.einsum("nij,njhw->nihw", torch.from_numpy(matrix).float(), x)
    gain, lift = (torch.from_numpy(v).float()[:, None, None, None] for v in (gain, lift))
    return (1 + (x - 1) * gain + lift * (1 - x)).clamp(0, 1)  # white stays white


def hue_matrix(angle: np.ndarray, saturation: np.ndarray) -> np.ndarray:
    """(n,) radians and factors -> (n, 3, 3): RGB turned about the gray axis in YIQ."""
    to_yiq = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    c, s, one, zero = np.cos(angle) * saturation, np.sin(angle) * saturation, np.ones_like(angle), np.zeros_like(angle)
    turn = np.stack([np.stack([one, zero, zero], 1), np.stack([zero, c, -s], 1), np.stack([zero, s, c], 1)], 1)
    return np.linalg.inv(to_yiq) @ turn @ to_yiq


def views(pictures: np.ndarray, size: int, rng: np.random.Generator, mean: Tensor = MEAN, std: Tensor = STD) -> Tensor:
    """uint8 RGBA (B, 128, 128, 4) -> network input (B, 3, size, size), channels last."""
    x = recoloured(placed(on_ground(pictures, rng), size, rng), rng)
    return ((x - mean[:, None, None]) / std[:, None, None]).contiguous(memory_format=torch.channels_last)
