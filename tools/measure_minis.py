"""The small picture models on families they never saw.

    python tools/measure_minis.py --shared ../shared/data [--squeezenet FILE] [--page docs/minis.md]

Style retrieval (own pack excluded, centring fitted on the sample packs as the recommender does), hard slices, hue turned by 120
degrees, emotion from the picture alone, speed. Families: TEST of tools/minis/families.py. First frames only. About 10 minutes
on one core.
"""

import argparse
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

import clip
import numpy as np
import pandas as pd
import torch
from measure_packs import squeezenet
from minis import families
from page_tables import markdown
from PIL import Image
from sklearn.linear_model import LogisticRegression
from torchvision.models import resnet50
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.transforms import v2

from emorec_lib import clip as emorec_clip
from emorec_lib import gram, metrics
from emorec_lib.catalogue import colour_histogram, read_frames
from emorec_lib.neighbours import centred
from emorec_lib.resnet import STAGES, ResNet, load_resnet
from emorec_lib.run import EMOTIONS

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "emorec_lib/assets/models"
SLICES = {
    "the gophers of three artists": ("gopher-marialetta", "gopher-tenntenn", "gopher-egonelbre"),
    "one vendor's two families": ("fluent-3d", "fluent-flat"),
    "line art of three hands": ("dicebear-open-peeps", "dicebear-croodles", "brush-ink"),
}


def turned(picture: Image.Image) -> Image.Image:
    """Its hue turned by 120 degrees."""
    hue, saturation, value = picture.convert("HSV").split()
    return Image.merge("HSV", (hue.point(lambda h: (h + 85) % 256), saturation, value)).convert("RGB")


class Features:
    """Centred unit rows of all pictures by each method; `hue` asks with turned pictures against the others as they are."""

    def __init__(self, paths: list[str], ours: np.ndarray, folder: Path | None = None):
        self.paths, self.ours, self.folder, self.raw = paths, ours, folder, {}

    def add(self, name: str, of_paths, hue: bool = True) -> None:
        """hue: also with turned pictures. Where a folder is given, features computed once are taken from there."""
        file = self.folder and self.folder / f"{name.replace(' ', '-').replace(',', '')}.npz"
        if file and file.exists():
            with np.load(file) as stored:
                self.raw[name] = stored["plain"], (stored["hue"] if hue else None)
            return
        self.raw[name] = of_paths(v2.Identity()), (of_paths(turned) if hue else None)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, plain=self.raw[name][0], hue=self.raw[name][1] if hue else [])

    def join(self, name: str, *names: str) -> None:
        self.raw[name] = tuple(np.concatenate([self.centred(n)[k] for n in names], 1) for k in (0, 1))

    def centred(self, name: str) -> tuple[np.ndarray, np.ndarray | None]:
        plain, hue = self.raw[name]
        mean = plain[self.ours].mean(0)
        return centred(plain, mean), None if hue is None else centred(hue, mean)


def grams(model: ResNet, paths: list[str], gray: bool):
    def of_paths(change):
        """Turned before colour is taken away, so the library's own gray comes too late; directions are those of plain pictures."""
        made, net = gray, model
        if change is turned:
            plain = {(False, sketch): basis for (was_gray, sketch), basis in model.fitted.items() if was_gray == gray}
            to_gray = v2.Grayscale(num_output_channels=3) if gray else v2.Identity()
            net, made = replace(model, preprocess=v2.Compose([v2.Lambda(turned), to_gray, model.preprocess]), fitted=plain), False
        return gram.style_features(gram.stage_grams(paths, net, gray=made, n_frames=1), model.stage_weights)
    return of_paths


def clips(model, paths: list[str]):
    def of_paths(change):
        return emorec_clip.image_features(paths, replace(model, preprocess=v2.Compose([v2.Lambda(change), model.preprocess])), n_frames=1)
    return of_paths


def retrieval(asked: np.ndarray, among: np.ndarray, table: pd.DataFrame, inside: np.ndarray, queries: np.ndarray | None = None) -> dict:
    """metrics.retrieval among the rows ``inside``; with ``queries``, of those rows alone (then without intervals)."""
    style, pack = table["family"].to_numpy()[inside], table["pack"].to_numpy()[inside]
    found = metrics.retrieval(asked[inside] @ among[inside].T, style, pack)
    if queries is not None and not queries[inside].all():
        of_queries = found["per_query"][queries[inside][found["queries"]]].mean(0)
        found |= {"P@1": (of_queries[0],), "mAP": (of_queries[2],)}
    return found


def style_tables(found: Features, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(all families and turned hue, slices, each family of the best features)."""
    test, rows, slices, each = (table["part"] == "test").to_numpy(), {}, {}, {}
    fluent = table["family"].str.startswith("fluent").to_numpy()
    sets = {"all unseen": (test, test), "without Fluent's two": (test & ~fluent, test),
            "our held-out styles among all 45 packs": (found.ours, test)}
    for name in found.raw:
        plain, hue = found.centred(name)
        rows[name] = {}
        for title, (inside, asked) in sets.items():
            r = retrieval(plain, plain, table, inside, asked)
            rows[name][f"{title}: P@1"] = metrics.interval_text(*r["P@1"]) if inside is test else _short(r["P@1"][0])
            rows[name][f"{title}: mAP"] = metrics.interval_text(*r["mAP"]) if inside is test else _short(r["mAP"][0])
            turned_p1 = "" if hue is None else _short(retrieval(hue, plain, table, inside, asked)["P@1"][0])
            rows[name][f"{title}: P@1, hue turned"] = turned_p1
        whole = retrieval(plain, plain, table, test)
        slices[name] = {}
        for title, names in SLICES.items():
            r = retrieval(plain, plain, table, table["family"].isin(names).to_numpy())
            slices[name][title] = f"{_short(r['P@1'][0])} / {_short(r['mAP'][0])}"
        style = table["family"].to_numpy()[test][whole["queries"]]
        each[name] = {f: f"{_short(whole['per_query'][style == f, 0].mean())} / {_short(whole['per_query'][style == f, 2].mean())}"
                      for f in dict.fromkeys(style)}
    return pd.DataFrame(rows).T, pd.DataFrame(slices).T, pd.DataFrame(each)


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else "1.000"


def probe(features: np.ndarray, table: pd.DataFrame, learn: np.ndarray) -> np.ndarray:
    """Emotion by logistic regression learnt on families of part train and dev."""
    model = LogisticRegression(C=10.0, max_iter=2000, class_weight="balanced").fit(features[learn], table["emotion_ko"][learn])
    return model.predict(features)


def emotion_tables(found: Features, table: pd.DataFrame, model) -> str:
    known = (table["emotion_ko"] != "").to_numpy()
    learn, test = known & (table["part"] != "test").to_numpy(), known & (table["part"] == "test").to_numpy()
    zero = emorec_clip.zero_shot_emotion(found.raw["clip-mini"][0], model)
    guesses = {"clip-mini, zero-shot": np.array(EMOTIONS)[zero.argmax(1)],
               "clip-mini, learned": probe(found.raw["clip-mini"][0], table, learn),
               "resnet-mini Gram, learned": probe(found.centred("resnet-mini Gram, RGB")[0], table, learn),
               "colour histogram, learned": probe(found.raw["colour histogram"][0], table, learn),
               "chance": np.random.default_rng(0).choice(EMOTIONS, len(table))}
    out = []
    for title, part in (("our held-out styles", test & found.ours), ("held-out families of others", test & ~found.ours)):
        truth, rows = table["emotion_ko"].to_numpy()[part], {}
        for name, guess in guesses.items():
            r = metrics.classification(truth, guess[part], EMOTIONS)
            f1 = metrics.per_class(truth, guess[part], EMOTIONS)["F1"]
            rows[name] = {"macro-F1": metrics.interval_text(*r["macro_f1"]), **{e: _short(v) for e, v in f1.items()}}
        counts = {e: str(int((truth == e).sum())) for e in EMOTIONS}
        out.append(f"**{title}**\n\n" + markdown(pd.DataFrame(rows | {"pictures": {"macro-F1": str(len(truth)), **counts}}).T))
    return "\n\n".join(out)


def speed(path: str, small: ResNet, small_clip) -> pd.DataFrame:
    """Median milliseconds of one picture on one thread: reading included, and the network alone. Large ones with random weights."""
    with torch.random.fork_rng():
        large = clip.model.CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12).visual.eval()
        fifty = create_feature_extractor(resnet50(weights=None).eval(), {stage: stage for stage in STAGES})

    def grams(stages):
        return lambda x: [gram.gram_features(f) for f in stages(x).values()]

    runs = {"resnet-mini": (lambda: small.preprocess(read_frames(path)[0])[None], grams(small.stages)),
            "clip-mini": (lambda: small_clip.preprocess(read_frames(path)[0])[None], small_clip.model.encode_image),
            "ResNet-50, 224 px": (lambda: torch.zeros(1, 3, 224, 224), grams(fifty)),
            "ViT-B/32, 224 px": (lambda: torch.zeros(1, 3, 224, 224), large)}
    rows = {}
    with torch.inference_mode():
        for name, (read, run) in runs.items():
            whole, alone = [], []
            for _ in range(25):
                a = time.perf_counter()
                x = read()
                b = time.perf_counter()
                run(x)
                c = time.perf_counter()
                whole.append(1000 * (c - a))
                alone.append(1000 * (c - b))
            rows[name] = statistics.median(whole), statistics.median(alone)
    large_ms = {"resnet-mini": rows["ResNet-50, 224 px"][1], "clip-mini": rows["ViT-B/32, 224 px"][1]}
    return pd.DataFrame({name: {"ms a picture, with reading": f"{w:.1f}" if name in large_ms else "", "network alone, ms": f"{n:.1f}",
                                "times faster than the large one": f"{large_ms[name] / n:.1f}" if name in large_ms else ""}
                         for name, (w, n) in rows.items()}).T


def page(args) -> str:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    table = families.pictures(args.packs, args.shared)
    ours = np.array([Path(p).is_relative_to(args.packs) for p in table["path"]])
    table = table[ours | (table["part"] == "test") | ((table.groupby("family").cumcount() % 3 == 0) & (table["emotion_ko"] != ""))]
    table = table.reset_index(drop=True)  # of others' families trained on, enough to learn emotions from
    paths = table["path"].tolist()
    ours = np.array([Path(p).is_relative_to(args.packs) for p in paths])
    small = load_resnet(str(args.models / "resnet-mini/resnet-mini.pt"))
    small_clip = emorec_clip.load_clip(str(args.models / "clip-mini/clip-mini.pt"))
    found = Features(paths, ours, args.keep)
    for gray in (False, True):
        found.add(f"resnet-mini Gram, {'gray' if gray else 'RGB'}", grams(small, paths, gray))
    found.add("clip-mini", clips(small_clip, paths))
    found.join("resnet-mini Gram, RGB + clip-mini", "resnet-mini Gram, RGB", "clip-mini")
    found.join("resnet-mini Gram, gray + clip-mini", "resnet-mini Gram, gray", "clip-mini")
    found.add("colour histogram", lambda change: colour_histogram(paths), hue=False)
    found.add("untrained ResNet-18 Gram, gray", grams(load_resnet("resnet18-untrained", size=96), paths, True), hue=False)
    if args.squeezenet:
        found.add("ImageNet SqueezeNet Gram, gray", grams(squeezenet(args.squeezenet), paths, True), hue=args.squeezenet_hue)
    found.raw["random"] = np.random.default_rng(0).normal(size=(len(table), 64)).astype(np.float32), None
    style, slices, each = style_tables(found, table)
    each = each[[n for n in each if "mini" in n or "Squeeze" in n]]
    text = PAGE.format(style=markdown(style), slices=markdown(slices), each=markdown(each),
                       emotion=emotion_tables(found, table, small_clip), speed=markdown(speed(paths[0], small, small_clip)),
                       families=", ".join(sorted(set(table["family"][table["part"] == "test"]))))
    if args.json:
        args.json.write_text(json.dumps({"style": style.to_dict("index")}, indent=1, ensure_ascii=False), encoding="utf8")
    return text


PAGE = """# The small picture models, measured

Written by `python tools/measure_minis.py --shared … --squeezenet … --page docs/minis.md`. No model saw a picture of the families asked for
here: {families}.

## Is the style found? (own pack excluded)

All unseen: the held-out families among themselves; in brackets 95 % intervals, packs resampled. Microsoft's Fluent
emoji, in 3-D and flat, are the same yellow faces in two families, told apart by none of these but the colour histogram: hence the
columns without them. Centring is fitted on the sample packs.

{style}

## Hard slices, P@1 / mAP among these families only

{slices}

## Each held-out family, P@1 / mAP

{each}

## Emotion from the picture alone, F1

Zero-shot: the library's prompts. Learned: logistic regression on families that were trained on. Our held-out styles act the same scripts as
those trained on; the families of others do not.

{emotion}

## Speed, one thread

{speed}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--packs", type=Path, default=ROOT / "emorec_lib/assets/packs")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--squeezenet", type=Path)
    parser.add_argument("--squeezenet-hue", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for computed features (empty it when weights change)")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    text = page(args)
    args.page.write_text(text, encoding="utf8") if args.page else print(text)


if __name__ == "__main__":
    main()
