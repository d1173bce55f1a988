"""The two small networks and their files."""

from pathlib import Path

import clip
import torch

from emorec_lib.resnet import MiniResNet

RESNET_CONFIG = {"widths": [24, 48, 96, 192], "blocks": [1, 1, 1, 1]}
CLIP_CONFIG = {"embed_dim": 256, "image_resolution": 96, "vision_layers": (1, 1, 2, 1), "vision_width": 20, "vision_patch_size": None,
               "context_length": 77, "vocab_size": 49408, "transformer_width": 64, "transformer_heads": 1, "transformer_layers": 2}


class Staged(MiniResNet):
    """For training: all four maps of one pass."""

    def stages(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The four feature maps."""
        x = self.relu(self.bn1(self.conv1(x)))
        maps = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            maps.append(x)
        return maps


def save(state: dict, file: Path) -> None:
    """A state dict in fp16."""
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, file)


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
    save(state, file)


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
