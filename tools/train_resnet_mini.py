"""Train resnet-mini: python tools/train_resnet_mini.py --shared ../shared/data --work ../scratch

What: a residual network (four stages, 96 px) whose Gram features group pictures by art style. Supervised contrastive loss straight on what
the recommender compares: signed roots of the stages' Gram features, centred. Data: our packs of split train, --shared (packs/ and emoji/,
see its ATTRIBUTION.md; without it: our packs and drawn styles only), styles drawn by chance, filters; tools/minis/families.py says which
families are left out. Pictures are decoded once into --work/store. Leaves resnet-mini.pt in --out.
The same command gives the same weights on a CPU of the same kind; a run that was cut off goes on from its checkpoint in --work.
"""

import numpy as np
import torch
from minis import losses, nets
from minis.loop import arguments, begin, train
from minis.views import views
from minis.watch import Watch


def loss_of(rows, pictures, sampler, args):
    family, pack, at = rows["family"].to_numpy(), rows["pack"].to_numpy(), rows["at"].to_numpy()

    def loss(model, step):
        picked, rng = sampler.batch(args.seed, step)
        x = views(np.stack([pictures[i] for i in at[picked]]), args.size, rng)
        stages = losses.style_features(model.stages(x))
        groups = family[picked], pack[picked]
        whole = losses.supervised_contrastive(losses.centred(torch.cat(stages, 1)), *groups, args.temperature)
        each = [losses.supervised_contrastive(losses.centred(s), *groups, args.temperature) for s in stages]
        said = {"style": float(whole), **{f"s{i + 1}": float(v) for i, v in enumerate(each)}}
        return whole + args.each * torch.stack(each).mean(), said

    return loss


def main(argv=None) -> None:
    args = arguments(__doc__.splitlines()[0], "resnet-mini", steps=800, lr=2e-3, temperature=0.1, each=0.5).parse_args(argv)
    rows, pictures, sampler = begin(args)
    model = nets.Staged(**nets.RESNET_CONFIG).to(memory_format=torch.channels_last)
    watch = Watch(args.work / "store", args.size).resnet if args.without_dev else None
    model = train(model, loss_of(rows, pictures, sampler, args), args, watch)
    nets.save(model.state_dict(), args.out / "resnet-mini.pt")


if __name__ == "__main__":
    main()
