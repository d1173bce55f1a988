"""The style loss on Gram features, and the captions of the picture-text loss."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def style_features(maps: list[Tensor]) -> list[Tensor]:
    """emorec_lib.gram.style_features that a gradient can pass: per stage, signed roots of the Gram matrix as unit rows (B, C * C).

    Whole matrices instead of triangles (gathering a triangle has a slow gradient): off the diagonal times 2^-1/4, so that dot
    products are the same as those of the library's rows.
    """
    out = []
    for feat in maps:
        flat = feat.contiguous().flatten(2)
        gram = flat @ flat.mT / flat.shape[2]
        scale = torch.full(gram.shape[1:], 2**-0.25).fill_diagonal_(1.0)
        rooted = torch.sign(gram) * (torch.sqrt(gram.abs() + 1e-6) - 1e-3) * scale
        out.append(functional.normalize(rooted.flatten(1), dim=1))
    return out


def centred(rows: Tensor) -> Tensor:
    return functional.normalize(rows - rows.mean(0, keepdim=True), dim=1)


def supervised_contrastive(features: Tensor, family: np.ndarray, pack: np.ndarray, temperature: float) -> Tensor:
    """Khosla et al. 2020, L_out: every other picture of the family attracts, all of other families repel. Pictures of the own pack count
    neither way: the question is the style in another pack. features: (B, D) unit rows."""
    same = torch.from_numpy(family[:, None] == family[None])
    own = torch.from_numpy(pack[:, None] == pack[None])
    positive = same & ~own
    lonely = ~positive.any(1)
    positive[lonely] = (same & ~torch.eye(len(family), dtype=torch.bool))[lonely]  # its family has one pack in this batch
    logits = features @ features.T / temperature
    logits = logits.masked_fill(~(positive | ~same), -1e9)
    log_p = logits - torch.logsumexp(logits, 1, keepdim=True)
    count = positive.sum(1)
    return -((log_p * positive).sum(1) / count.clamp(min=1))[count > 0].mean()
