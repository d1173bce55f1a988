"""Figures on the dev families while a recipe is being chosen."""

from pathlib import Path

import clip
import numpy as np
import torch

from emorec_lib import metrics
from emorec_lib.clip import PROMPTS
from emorec_lib.neighbours import centred
from emorec_lib.run import EMOTIONS

from . import losses, store
from .views import CLIP_MEAN, CLIP_STD, MEAN, STD, on_ground


class Watch:
    """Dev families among themselves, and asked among train families too; centring fitted on our own packs of part train."""

    def __init__(self, folder: Path, size: int):
        rows, pictures = store.load(folder, with_dev=True)
        self.rows = rows[rows["source"] == "file"].reset_index(drop=True)
        self.pictures, self.size = pictures, size
        self.dev = (self.rows["part"] == "dev").to_numpy()
        self.ours = self.rows["character"].ne("").to_numpy() & self.rows["family"].isin(
            ["photo-people", "flat-vector", "thick-outline", "hairline-sketch", "halftone-comic", "soft-3d", "paper-cutout"]).to_numpy()

    def batches(self, mean, std, gray, hue=False, size=None):
        at = self.rows["at"].to_numpy()
        for i in range(0, len(at), 64):
            x = on_ground(np.stack([self.pictures[j] for j in at[i:i + 64]]), None)
            if hue:
                x = x[:, [2, 0, 1]]  # a hue turned by 120 degrees
            x = torch.nn.functional.interpolate(x, size=size or self.size, mode="bilinear", antialias=True, align_corners=False)
            if gray:
                x = (x * torch.tensor([0.2989, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True).expand(-1, 3, -1, -1)
            yield ((x - mean[:, None, None]) / std[:, None, None]).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def grams(self, model, gray=False, hue=False, size=None):
        torch.manual_seed(0)
        batches = self.batches(MEAN, STD, gray, hue, size)
        return np.concatenate([torch.cat(losses.style_features(model.stages(x)), 1).numpy() for x in batches])

    def figures(self, features, turned=None):
        mean = features[self.ours].mean(0)
        unit = centred(features, mean)
        asked = unit if turned is None else centred(turned, mean)
        style, pack, d = self.rows["family"].to_numpy(), self.rows["pack"].to_numpy(), self.dev
        alone = metrics.retrieval(asked[d] @ unit[d].T, style[d], pack[d])
        among = metrics.retrieval(asked @ unit.T, np.where(d, style, "." + style.astype(object)), pack)
        rows = d[among["queries"]]
        families = style[among["queries"]][rows]
        worst = {f: round(float(among["per_query"][rows][families == f, 2].mean()), 2) for f in sorted(set(families))}
        return f"dev alone P@1 {alone['P@1'][0]:.3f} mAP {alone['mAP'][0]:.3f}; among all P@1 {among['per_query'][rows, 0].mean():.3f} " \
               f"mAP {among['per_query'][rows, 2].mean():.3f} {worst}"

    def resnet(self, model, gray=False):
        plain = self.grams(model)
        said = f"RGB {self.figures(plain)}\n   hue {self.figures(plain, self.grams(model, hue=True))}"
        return said + (f"\n  gray {self.figures(self.grams(model, gray=True))}" if gray else "")

    @torch.inference_mode()
    def clip(self, model):
        plain, turned = (np.concatenate([model.encode_image(x).float().numpy() for x in self.batches(CLIP_MEAN, CLIP_STD, False, hue)])
                         for hue in (False, True))
        unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (plain, turned)]
        return f"clip {self.figures(unit[0])}\n   hue {self.figures(*unit)}\n   zero-shot macro-F1 {self.emotion(model, unit[0]):.3f}"

    def emotion(self, model, image):
        """Zero-shot macro-F1 on the dev families with the library's prompts."""
        told = torch.nn.functional.normalize(model.encode_text(clip.tokenize([p for e in EMOTIONS for p in PROMPTS[e]])).float(), dim=1)
        prompts = torch.nn.functional.normalize(told.reshape(len(EMOTIONS), -1, told.shape[1]).mean(1), dim=1)
        guess = np.array(EMOTIONS)[(image @ prompts.numpy().T).argmax(1)]
        known = self.dev & (self.rows["emotion_ko"] != "").to_numpy()
        return metrics.classification(self.rows["emotion_ko"][known], guess[known], EMOTIONS)["macro_f1"][0]
