"""One training loop for both networks: command line, batches by step number, averaged weights, checkpoints, resume."""

import argparse
import copy
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from . import store

SHARES = {"file": 0.45, "drawn": 0.33, "filter": 0.22}  # of the styles of a batch, by where its pictures come from
ROOT = Path(__file__).resolve().parents[2]


def arguments(about: str, name: str, **defaults) -> argparse.ArgumentParser:
    """What both programs ask for."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--shared", type=Path, help="holds packs/, emoji/ and animated/ (without it: our own packs, drawn styles)")
    parser.add_argument("--work", type=Path, required=True, help="for decoded pictures (700 MB) and checkpoints")
    parser.add_argument("--packs", type=Path, default=ROOT / "emorec_lib/assets/packs")
    parser.add_argument("--out", type=Path, default=ROOT / "emorec_lib/assets/models" / name)
    parser.add_argument("--name", default=name, help="of the run's folder in --work")
    parser.add_argument("--stop-after", type=int, help="end at this step; the same command without it goes on")
    parser.add_argument("--without-dev", action="store_true", help="leave the dev families out; print figures on them")
    for option, value, words in (("steps", 1000, ""), ("families", 12, "styles in a batch"), ("per-family", 6, "pictures of each"),
                                 ("size", 96, "pixels"), ("seed", 0, ""), ("threads", 1, "other numbers give other roundings"),
                                 ("pens", store.N_PENS, "styles drawn by chance"), ("filters", store.N_FILTERS, "of each kind")):
        parser.add_argument(f"--{option}", type=int, default=defaults.pop(option, value), help=words)
    for option, value in defaults.items():
        parser.add_argument(f"--{option}", type=float, default=value)
    return parser


def begin(args) -> tuple:
    """Threads, seed, pictures: (rows, pictures, sampler)."""
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(args.seed)
    store.build(args.work / "store", args.packs, args.shared, args.threads, args.pens, args.filters)
    rows, pictures = store.load(args.work / "store", with_dev=not args.without_dev)
    return rows, pictures, Sampler(rows, args.families, args.per_family)


class Sampler:
    """Rows of a batch: some families, from each a few packs. What step n gets depends on (seed, n) only, so that a run can be resumed."""

    def __init__(self, rows: pd.DataFrame, n_families: int, per_family: int):
        self.n_families, self.per_family = n_families, per_family
        self.packs = {family: [part.to_numpy() for _, part in group.groupby("pack")["at_row"]] for family, group in
                      rows.assign(at_row=np.arange(len(rows))).groupby("family")}
        self.families = {s: sorted(set(rows["family"][rows["source"] == s])) for s in SHARES if (rows["source"] == s).any()}

    def batch(self, seed: int, step: int) -> tuple[np.ndarray, np.random.Generator]:
        rng = np.random.default_rng([seed, step])
        weights = np.array([SHARES[s] for s in self.families])
        counts = np.bincount(rng.choice(len(weights), self.n_families, p=weights / weights.sum()), minlength=len(weights))
        chosen = [f for c, names in zip(counts, self.families.values(), strict=True)
                  for f in rng.choice(names, min(c, len(names)), replace=False)]
        rows = []
        for family in chosen:
            packs = self.packs[family]
            taken = rng.permutation(len(packs))[:max(2, self.per_family // 2)]
            for k in range(self.per_family):
                rows.append(rng.choice(packs[taken[k % len(taken)]]))
        return np.array(rows), rng


def average(ema: torch.nn.Module, model: torch.nn.Module, step: int, decay: float) -> None:
    """ema moves towards the model; faster at the beginning."""
    d = min(decay, (1 + step) / (10 + step))
    with torch.no_grad():
        for a, b in zip(ema.state_dict().values(), model.state_dict().values(), strict=True):
            if a.is_floating_point():
                a.lerp_(b, 1 - d)
            else:
                a.copy_(b)


def train(model: torch.nn.Module, loss_of: Callable, args, watch: Callable | None = None) -> torch.nn.Module:
    """AdamW, one-cycle cosine. loss_of(model, step) -> (loss, {name: float}). Returns the averaged network.

    A checkpoint every 50 steps in args.work / args.name; the same call goes on from it and ends at the same weights. watch(network) is
    printed every 200 steps.
    """
    folder, steps, lr, seed = args.work / args.name, args.steps, args.lr, args.seed
    folder.mkdir(parents=True, exist_ok=True)
    ema = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.02, betas=(0.9, 0.98))
    file, start, seconds = folder / "checkpoint.pt", 0, 0.0
    if file.exists():
        kept = torch.load(file, weights_only=True)
        if kept["of"] != [steps, lr, seed]:
            raise ValueError(f"{file}: another run's (steps, lr, seed = {kept['of']}; asked: {[steps, lr, seed]}); remove it to start anew")
        model.load_state_dict(kept["model"])
        ema.load_state_dict(kept["ema"])
        optimizer.load_state_dict(kept["optimizer"])
        start, seconds = kept["step"], kept["seconds"]
    begun = time.perf_counter() - seconds
    with tqdm(total=steps, initial=start, desc=folder.name, mininterval=10) as bar:
        for step in range(start, min(steps, args.stop_after or steps)):
            warm = min(1, (step + 1) / max(1, steps // 20))
            for group in optimizer.param_groups:
                group["lr"] = lr * warm * (0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)
            model.train()
            loss, said = loss_of(model, step)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            average(ema, model, step, 0.998)
            bar.update()
            bar.set_postfix({k: f"{v:.3f}" for k, v in said.items()}, refresh=False)
            if (step + 1) % 50 == 0 or step + 1 in (steps, args.stop_after):
                state = {"model": model.state_dict(), "ema": ema.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1,
                         "seconds": time.perf_counter() - begun, "of": [steps, lr, seed]}
                torch.save(state, folder / "checkpoint.tmp")
                os.replace(folder / "checkpoint.tmp", file)
            if watch and (step + 1) % 200 == 0:
                print(f"\nstep {step + 1}, {time.perf_counter() - begun:.0f} s: {watch(ema.eval())}", flush=True)
    return ema.eval()
