"""The two small networks and their files."""

import json
from pathlib import Path

import clip
import torch
from torchvision.models.resnet import BasicBlock, ResNet

RESNET_CONFIG = {"widths": [24, 48, 96, 192], "blocks": [1, 1, 1, 1], "size": 96}
CLIP_CONFIG = {"embed_dim": 256, "image_resolution": 96, "vision_layers": (1, 1, 2, 1), "vision_width": 20, "vision_patch_size": None,
               "context_length": 77, "vocab_size": 49408, "transformer_width": 64, "transformer_heads": 1, "transformer_layers": 2}


class MiniResNet(ResNet):
    """torchvision's ResNet of basic blocks with other widths; no max pooling, so that fine lines reach layer1.

    (B, 3, 96, 96) -> layer1 (B, w0, 48, 48), layer2 (B, w1, 24, 24), layer3 (B, w2, 12, 12), layer4 (B, w3, 6, 6). The classifier of the
    original is gone: `fc` passes on what it gets.
    """

    def __init__(self, widths: list[int], blocks: list[int]):
        super().__init__(BasicBlock, [1, 1, 1, 1], num_classes=1)
        self.inplanes = widths[0]
        self.conv1 = torch.nn.Conv2d(3, widths[0], 5, stride=2, padding=2, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(widths[0])
        self.maxpool = torch.nn.Identity()
        for i, (width, n) in enumerate(zip(widths, blocks, strict=True)):
            setattr(self, f"layer{i + 1}", self._make_layer(BasicBlock, width, n, stride=1 if i == 0 else 2))
        self.fc = torch.nn.Identity()
        for module in self.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The four feature maps."""
        x = self.relu(self.bn1(self.conv1(x)))
        maps = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            maps.append(x)
        return maps


def save_resnet(model: MiniResNet, config: dict, folder: Path) -> None:
    """weights.pt (fp16 state dict) and config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}, folder / "weights.pt")
    (folder / "config.json").write_text(json.dumps(config) + "\n", encoding="utf8")


def load_resnet(folder: Path) -> tuple[MiniResNet, dict]:
    config = json.loads((folder / "config.json").read_text(encoding="utf8"))
    model = MiniResNet(config["widths"], config["blocks"])
    model.load_state_dict(torch.load(folder / "weights.pt", map_location="cpu", weights_only=True))
    return model.eval(), config


def mini_clip(config: dict) -> clip.model.CLIP:
    return clip.model.CLIP(**config)


def save_clip(model: clip.model.CLIP, seen: torch.Tensor, file: Path) -> None:
    """A state dict that clip.load reads: fp16, the token table as int8.

    The text tower is pre-norm, so its stream may be scaled: with the table times 1/s (s: the step of the rounding), positions and
    what every block adds times 1/s too, the last layer norm gives the same. Tokens never seen in training (seen: (V,) bool) are
    zeros: such a word says nothing.
    """
    state = {k: v.clone() for k, v in model.state_dict().items()}
    table = state["token_embedding.weight"] * seen[:, None]
    step = float(table.abs().max() / 127)
    for name in state:
        if name.startswith("transformer.") and (".attn.out_proj." in name or ".mlp.c_proj." in name):
            state[name] = state[name] / step
    state["positional_embedding"] = state["positional_embedding"] / step
    state["token_embedding.weight"] = torch.round(table / step).to(torch.int8)
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, file)


def encode_text(model: clip.model.CLIP, tokens: torch.Tensor) -> torch.Tensor:
    """CLIP.encode_text for texts that are cut short: (N, L <= 77) token ids -> (N, D)."""
    length = tokens.shape[1]
    x = model.token_embedding(tokens) + model.positional_embedding[:length]
    x = x.permute(1, 0, 2)
    for block in model.transformer.resblocks:
        mask = block.attn_mask[:length, :length]
        y = block.ln_1(x)
        x = x + block.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        x = x + block.mlp(block.ln_2(x))
    x = model.ln_final(x.permute(1, 0, 2))
    return x[torch.arange(len(x)), tokens.argmax(-1)] @ model.text_projection
