"""Style features from a classifier's bottleneck: a network learns to tell some packs apart, and what its classifier reads is the embedding.

The source's EfficientNetV2 idea: where packs tell what belongs together, no style labels are needed.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch import Tensor, nn
from torchvision.transforms import v2
from tqdm import tqdm

from .catalogue import Catalogue, picture_batches, read_frames
from .fetch import fetch_model
from .neighbours import unit
from .resnet import ARCHITECTURES, MINI, load_resnet, torchvision_file
from .run import autocast, digest, save_tensors, weights_hash

EFFICIENT = tuple(torchvision.models.list_models(torchvision.models, include="efficientnet_v2*"))
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]  # ImageNet's


@dataclass(frozen=True)
class Bottleneck:
    """body: pictures (B, 3, size, size) -> what a classifier would read (B, D)."""

    name: str
    body: nn.Module
    size: int
    device: str
    about: str
    precision: str = "auto"
    history: list[dict] = field(default_factory=list)  # of fine-tuning: epoch, loss, accuracy on the packs trained on


class _Pooled(nn.Module):
    """The mean of the last stage's feature map."""

    def __init__(self, stages: nn.Module):
        super().__init__()
        self.stages = stages

    def forward(self, x: Tensor) -> Tensor:
        return self.stages(x)["layer4"].mean((2, 3))


def load_bottleneck(name: str, device: str = "cpu", precision: str = "auto") -> Bottleneck:
    """resnet-mini, a ResNet as load_resnet takes it, or torchvision's efficientnet_v2_s, _m or _l with ImageNet weights (downloaded).

    Raises ValueError with the choices for another name, fetch's errors where weights cannot be had.
    """
    if name not in EFFICIENT:
        try:
            resnet = load_resnet(name, device=device, precision=precision)
        except ValueError as error:
            raise ValueError(f"BOTTLENECK = {name!r}: expected {', '.join(EFFICIENT)}, or a network as RESNET takes it. {error}") from error
        return Bottleneck(name, _Pooled(resnet.stages), resnet.size, device, resnet.about, precision)
    weights = torchvision.models.get_model_weights(name).DEFAULT
    file = fetch_model(torchvision_file(weights), "BOTTLENECK", name, (*EFFICIENT, MINI, *ARCHITECTURES))
    model = getattr(torchvision.models, name)(weights=None)
    model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    model.classifier = nn.Identity()
    size = weights.transforms().crop_size[0]
    return Bottleneck(name, model.eval().to(device), size, device, f"{name} ({file.name}, ImageNet)", precision)


def packs_to_learn(cat: Catalogue) -> list[str]:
    """A third of the packs of each style (at least one, and at least two are left), none of a style that is held out; where no style is
    named, every second pack. What is measured on the others was never trained on."""
    firsts = cat.table.assign(style=cat.styles, held=cat.parts.get("heldout", np.zeros(len(cat), dtype=bool))).drop_duplicates("pack_id")
    if not (firsts["style"] != "").any():
        return cat.packs[::2]
    known = firsts[(firsts["style"] != "") & ~firsts["held"]]
    return [p for _, of_style in known.groupby("style", sort=False)["pack_id"] if len(of_style) > 2
            for p in of_style[:max(1, len(of_style) // 3)]]


def embed(model: Bottleneck, paths: list[str], batch_size: int = 32) -> np.ndarray:
    """(N, D) float32 unit rows of the first frames."""
    model.body.eval()
    found = np.empty(0)
    with torch.inference_mode():
        for x, owner in picture_batches(paths, 1, batch_size, _preprocess(model.size)):
            with autocast(model.device, model.precision):
                rows = model.body(x.to(model.device)).float().cpu().numpy()
            found = found if found.size else np.zeros((len(paths), rows.shape[1]), dtype=np.float32)
            found[owner] = rows
    return unit(found)


def _preprocess(size: int, *changes):
    return v2.Compose([v2.Resize(size, antialias=True), v2.CenterCrop(size), *changes, v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                       v2.Normalize(MEAN, DEVIATION)])


def fine_tune_packs(model: Bottleneck, paths: list[str], packs: list[str], folder: Path, epochs: int = 8, learning_rate: float = 1e-3,
                    batch_size: int = 32, seed: int = 0) -> Bottleneck:
    """The network after learning which pack a picture is of: a linear classifier on top, cross-entropy, AdamW, first frames mirrored and
    cut by chance. Batch-norm keeps its statistics and scales (frozen: a few hundred pictures would spoil them).

    A checkpoint in ``folder`` after every epoch: a run that was stopped goes on from there and, on a CPU, ends the same.
    Raises ValueError if there are fewer than two packs.
    """
    names = sorted(set(packs))
    if len(names) < 2:
        raise ValueError(f"{len(names)} packs to tell apart; expected at least two")
    torch.manual_seed(seed)
    body = model.body
    truth = torch.tensor([names.index(p) for p in packs])
    pictures = [read_frames(p)[0] for p in paths]
    with torch.no_grad():
        width = body(torch.zeros(1, 3, model.size, model.size, device=model.device)).shape[1]
    net = nn.Sequential(body, nn.Dropout(0.2), nn.Linear(width, len(names))).to(model.device)
    for module in body.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=learning_rate, weight_decay=0.01)
    file, history = Path(folder) / "bottleneck.pt", []
    key = digest(model.name, weights_hash(body), list(paths), list(packs), epochs, learning_rate, batch_size, seed)
    if file.exists() and (kept := torch.load(file, map_location="cpu", weights_only=True))["key"] == key:
        net.load_state_dict(kept["net"])
        optimizer.load_state_dict(kept["optimizer"])
        history = kept["history"]
    changed = _preprocess(model.size, v2.RandomHorizontalFlip(), v2.RandomResizedCrop(model.size, (0.5, 1.0), antialias=True))
    for epoch in range(len(history), epochs):
        torch.manual_seed(seed * 1000 + epoch)  # an epoch's order, cuttings and dropout depend on it alone
        loss, right = _epoch(net, pictures, truth, changed, optimizer, batch_size, model, f"epoch {epoch + 1}/{epochs}")
        history.append({"epoch": epoch + 1, "loss": loss, "accuracy": right})
        save_tensors(file, {"key": key, "net": net.state_dict(), "optimizer": optimizer.state_dict(), "history": history})
    return Bottleneck(model.name, body.eval(), model.size, model.device, f"{model.about}, fine-tuned to tell {len(names)} packs apart",
                      model.precision, history)


def _epoch(net: nn.Sequential, pictures: list, truth: Tensor, changed, optimizer, batch_size: int, model: Bottleneck, title: str):
    """(mean loss, share right)."""
    net.train()
    for module in net[0].modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    total, right = 0.0, 0
    for batch in tqdm(torch.randperm(len(pictures)).split(batch_size), desc=title, mininterval=1):
        x = torch.stack([changed(pictures[i]) for i in batch.tolist()]).to(model.device)
        with autocast(model.device, model.precision):
            logits = net(x)
        loss = nn.functional.cross_entropy(logits.float(), truth[batch].to(model.device))
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss became {loss.item()} in {title}; a smaller LEARNING_RATE usually helps")
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total, right = total + loss.item() * len(batch), right + int((logits.argmax(1).cpu() == truth[batch]).sum())
    return total / len(pictures), right / len(pictures)
