"""ResNets of torchvision and the residual networks of this project, loaded by name or file, as the four stages that gram.py reads."""

import pickle
import re
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torchvision
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.models.resnet import BasicBlock
from torchvision.transforms import v2

from .fetch import REGISTRY, File, fetch_model
from .run import ASSETS, half_precision

STAGES = ("layer1", "layer2", "layer3", "layer4")
MINI, MINI_SIZE, MINI_WEIGHTS = "resnet-mini", 96, (1, 2, 4, 5)  # pixels; of its stages, found best on the styles of families.DEV
ARCHITECTURES = tuple(torchvision.models.list_models(torchvision.models, include=("resnet*", "resnext*", "wide_resnet*")))
CHOICES = (f"resnet-mini (small, comes with this project), {', '.join(ARCHITECTURES)}, each also with .IMAGENET1K_V1 or another of "
           "torchvision's weights behind it, or with -untrained, or the path of a state dict whose name begins with one of these, as "
           "torchvision's do (resnet50-11ad3fa6.pth)")


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
    stage_weights: tuple = (1, 1, 1, 1)  # in gram.style_features
    fitted: dict = field(default_factory=dict, repr=False, compare=False)  # what was made once from the embedded pictures

    @property
    def about(self) -> str:
        """One line for reports: the name and where the weights come from."""
        return f"{self.name} ({self.weights})"


class MiniResNet(torchvision.models.ResNet):
    """torchvision's ResNet of basic blocks with other widths and a 5 x 5 stem; no max pooling, so that fine lines reach layer1.

    (B, 3, 96, 96) -> layer1 (B, widths[0], 48, 48), layer2 (B, widths[1], 24, 24), layer3 (B, widths[2], 12, 12), layer4 (B, widths[3],
    6, 6). blocks: of each layer. There is no classifier.
    """

    def __init__(self, widths: list[int], blocks: list[int]):
        super().__init__(BasicBlock, [1, 1, 1, 1], num_classes=1)
        self.inplanes = widths[0]
        self.conv1 = torch.nn.Conv2d(3, widths[0], 5, stride=2, padding=2, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(widths[0])
        self.maxpool, self.fc = torch.nn.Identity(), torch.nn.Identity()
        for i, (width, n) in enumerate(zip(widths, blocks, strict=True)):
            setattr(self, STAGES[i], self._make_layer(BasicBlock, width, n, stride=1 if i == 0 else 2))
        for module in self.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @classmethod
    def of(cls, state: dict) -> "MiniResNet":
        """The network that a state dict belongs to; KeyError if it is none."""
        widths = [len(state[f"{stage}.0.conv1.weight"]) for stage in STAGES]
        return cls(widths, [sum(name.startswith(f"{stage}.") and name.endswith(".conv1.weight") for name in state) for stage in STAGES])


def load_resnet(name: str, size: int | None = None, device: str = "cpu", precision: str = "auto") -> ResNet:
    """The four stages of a ResNet with the preprocessing it was trained with (size x size, 224 or of resnet-mini 96; ImageNet mean and
    deviation).

    name: "resnet-mini" (ours, embedded), any of torchvision's: "resnet50" (torchvision's best weights), "resnet50.IMAGENET1K_V1" (others),
    "resnet18-untrained" (random, fixed seed), or the path of a state dict, "…/resnet50-11ad3fa6.pth". precision: run.half_precision.
    Raises ValueError with the choices for an unknown name and for weights of another network; fetch's errors if they cannot be had.
    """
    constructor, file, weights = _find(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # what makes an untrained network the same everywhere
        model = _load(file, constructor) if file else getattr(torchvision.models, constructor)(weights=None)
    size = size or (MINI_SIZE if constructor == MINI else 224)
    stages = create_feature_extractor(model.eval(), {stage: stage for stage in STAGES})
    preprocess = v2.Compose([
        v2.Resize(size, antialias=True), v2.CenterCrop(size), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    half_precision(device, precision)  # refuses what cannot be, before any work
    return ResNet(name, stages.to(device, memory_format=torch.channels_last), preprocess, size, device, weights, precision,
                  MINI_WEIGHTS if constructor == MINI else (1, 1, 1, 1))


def _find(name: str) -> tuple[str, Path | None, str]:
    """(torchvision's constructor, file of weights or None, words about them)."""
    if name == MINI:
        return MINI, ASSETS / "models/resnet-mini/resnet-mini.pt", "trained by this project on art styles"
    if Path(name).is_file():
        found = re.match(rf"{MINI}|[a-z0-9_]+", Path(name).name)
        if not found or found[0] not in (MINI, *ARCHITECTURES):
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


def _load(file: Path, constructor: str) -> torch.nn.Module:
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        model = MiniResNet.of(state) if constructor == MINI else getattr(torchvision.models, constructor)(weights=None)
        model.load_state_dict(state)
        return model
    except (RuntimeError, pickle.UnpicklingError, EOFError, AttributeError, TypeError, KeyError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise ValueError(f"{file}: expected the state dict of a {constructor}, found something else: {' '.join(lines[:2])[:300]}. "
                         "Name the file after its network, or download it again") from error
