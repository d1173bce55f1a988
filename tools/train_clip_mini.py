"""Train clip-mini: python tools/train_clip_mini.py --shared ../shared/data --work ../scratch

What: a CLIP state dict that clip.load reads (ModifiedResNet picture tower, 96 px; two text layers of width 64). Losses: style (super-
vised contrastive on the picture feature, centred, and on the Gram features of the first two stages), captions (picture-text contrastive),
emotion (six prompts of chance words, softmax). Data as tools/train_resnet_mini.py; texts by tools/minis/captions.py. Leaves
clip-mini.pt in --out.
The same command gives the same weights on a CPU of the same kind; a run that was cut off goes on from its checkpoint in --work.
"""

import numpy as np
import torch
from minis import captions, losses, nets
from minis.loop import arguments, begin, train
from minis.views import CLIP_MEAN, CLIP_STD, views
from minis.watch import Watch
from torch.nn import functional

from emorec_lib.run import EMOTIONS


def tower(visual, x):
    """(the four stages' maps, the picture's feature) of a ModifiedResNet."""
    for k in (1, 2, 3):
        x = getattr(visual, f"relu{k}")(getattr(visual, f"bn{k}")(getattr(visual, f"conv{k}")(x)))
    x, maps = visual.avgpool(x), []
    for k in (1, 2, 3, 4):
        x = getattr(visual, f"layer{k}")(x)
        maps.append(x)
    return maps, visual.attnpool(x)


def caption_loss(image, text, scale, rows, picked):
    """InfoNCE both ways; pictures of the same family, character and emotion are one another's too."""
    keys = [tuple(rows[c][i] for c in ("family", "character", "emotion_ko")) for i in picked]
    ids = torch.tensor([{k: n for n, k in enumerate(dict.fromkeys(keys))}[k] for k in keys])
    target = (ids[:, None] == ids[None]).float()
    target = target / target.sum(1, keepdim=True)
    logits = scale * image @ text.T
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def loss_of(rows, pictures, sampler, args):
    columns = {c: rows[c].tolist() for c in ("family", "character", "emotion_ko", "words")}
    family, pack, at = rows["family"].to_numpy(), rows["pack"].to_numpy(), rows["at"].to_numpy()
    label = np.array([EMOTIONS.index(e) if e else -1 for e in rows["emotion_ko"]])
    counts = np.bincount(label[label >= 0], minlength=6)
    weight = torch.tensor((counts.sum() / (6 * np.maximum(counts, 1))) ** 0.5, dtype=torch.float32)

    def loss(model, step):
        picked, rng = sampler.batch(args.seed, step)
        x = views(np.stack([pictures[i] for i in at[picked]]), args.size, rng, CLIP_MEAN, CLIP_STD)
        maps, image = tower(model.visual, x)
        groups = family[picked], pack[picked]
        style = losses.supervised_contrastive(losses.centred(image), *groups, args.temperature)
        gram = losses.supervised_contrastive(losses.centred(torch.cat(losses.style_features(maps[:2]), 1)), *groups, args.temperature)
        texts = [captions.caption({c: columns[c][i] for c in columns}, rng) for i in picked]
        prompts = captions.emotion_texts(rng)
        told = functional.normalize(nets.encode_text(model, captions.tokens(texts + prompts)), dim=1)
        scale, shown = model.logit_scale.exp().clamp(max=100), functional.normalize(image, dim=1)
        named = caption_loss(shown, told[:len(texts)], scale, columns, picked)
        known = torch.from_numpy(label[picked])
        logits = scale * shown @ told[len(texts):].T
        mood = functional.cross_entropy(logits, known, weight, ignore_index=-1, label_smoothing=0.05)
        right = (logits.argmax(1) == known)[known >= 0].float().mean()
        total = args.style * style + args.gram * gram + args.caption * named + args.emotion * mood
        said = {"style": style, "gram": gram, "caption": named, "emotion": mood, "right": right}
        return total, {name: float(value) for name, value in said.items()}

    return loss


def main(argv=None) -> None:
    weights = {"temperature": 0.1, "style": 1.0, "gram": 0.5, "caption": 0.5, "emotion": 1.0}
    args = arguments(__doc__.splitlines()[0], "clip-mini", steps=1000, lr=1.5e-3, **weights).parse_args(argv)
    rows, pictures, sampler = begin(args)
    model = nets.mini_clip(nets.CLIP_CONFIG | {"image_resolution": args.size}).to(memory_format=torch.channels_last)
    watch = Watch(args.work / "store", args.size).clip if args.without_dev else None
    model = train(model, loss_of(rows, pictures, sampler, args), args, watch)
    nets.save_clip(model, captions.vocabulary(rows), args.out / "clip-mini.pt")


if __name__ == "__main__":
    main()
