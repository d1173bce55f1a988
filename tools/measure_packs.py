"""What the sample packs are like, measured: `python tools/measure_packs.py [--squeezenet FILE] [--page docs/packs.md]`.

Prints (or writes as a page) the table style x character x palette, file sizes, how often a blind reader named the emotion
(tools/draw_packs/readings.csv), and retrieval of the style by a colour histogram and by Gram features of an untrained ResNet-18 and, where
the file is given, of SqueezeNet 1.1 with ImageNet weights (a torch state dict of its `features`).
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torchvision
from page_tables import markdown
from torchvision.models.feature_extraction import create_feature_extractor

from emorec_lib import gram, metrics, neighbours
from emorec_lib.catalogue import Catalogue, colour_histogram, load_catalogue
from emorec_lib.resnet import ResNet, load_resnet
from emorec_lib.run import EMOTIONS

READINGS = Path(__file__).parent / "draw_packs" / "readings.csv"
READERS = ("Other members of the team, language-model agents like the one that drew the packs, saw shuffled and numbered contact "
           "sheets, nothing else, and named one emotion for each picture. The same signs (a blue forehead, a spotlight, a soul) come back "
           "in all packs, so repeats are not independent, and people may agree less.")
SQUEEZENET_STAGES = {"1": "stem", "4": "fire3", "7": "fire5", "12": "fire9"}  # the last maps before each halving, and the last of all


def squeezenet(file: Path) -> ResNet:
    """SqueezeNet 1.1 in the ResNet's place: four stages of 64, 128, 256 and 512 channels."""
    model = torchvision.models.squeezenet1_1(weights=None).features
    state = torch.load(file, map_location="cpu", weights_only=True)
    model.load_state_dict({name.replace("squeeze1x1", "squeeze"): value for name, value in state.items()})
    plain = load_resnet("resnet18-untrained")
    return ResNet("squeezenet1_1", create_feature_extractor(model.eval(), SQUEEZENET_STAGES), plain.preprocess, plain.size, "cpu")


def overview(cat: Catalogue) -> pd.DataFrame:
    """One row a style: its split, and character · palette of each pack."""
    packs = cat.table.drop_duplicates("pack_id")
    moves = packs["path"].map(lambda p: "" if p.endswith("png") else " (moves)")
    named = packs.assign(pack=packs["character"] + " · " + packs["palette"] + moves)
    return named.groupby("style_family", sort=False).agg(split=("split", "first"), packs=("pack", ", ".join))


def sizes(cat: Catalogue) -> str:
    kb = cat.table["path"].map(lambda p: Path(p).stat().st_size / 1000)
    moving = ~cat.table["path"].str.endswith("png")
    parts = [f"{len(part):,} {name} ones of {part.mean():.1f} KB (largest {part.max():.0f})"
             for name, part in (("still", kb[~moving]), ("moving", kb[moving]))]
    return f"{len(kb):,} emoticons of {len(cat.packs)} packs, {kb.sum() / 1000:.1f} MB: {', '.join(parts)}."


def agreement(cat: Catalogue) -> tuple[str, pd.DataFrame]:
    """The blind readers against the labels, and the confusion matrix of the pictures read as they are. A picture redrawn since it was
    read does not count; those without lettering (`tools/draw_packs.py --mute`) are a sample of at most six a pack."""
    rows = cat.table.assign(path=[Path(p).relative_to(cat.root).as_posix() for p in cat.table["path"]])
    rows["now"] = [hashlib.sha256(Path(p).read_bytes()).hexdigest()[:16] for p in cat.table["path"]]
    read = pd.read_csv(READINGS, dtype=str, keep_default_na=False).merge(rows, on="path")
    read = read[(read["sha256"] == "") | (read["sha256"] == read["now"])]
    said = []
    for shown, part in read.groupby("shown"):
        same = part["read"] == part["emotion_ko"]
        loose = same | np.array([r in a.split("|") for r, a in zip(part["read"], part["also_ko"], strict=True)])
        said.append(f"{shown}: {len(part)} of {len(cat)} pictures, the pack's emotion named in {same.mean():.1%}, "
                    f"it or one of the further emotions in {loose.mean():.1%}")
    whole = read[read["shown"] == "as it is"]
    confusion = pd.crosstab(whole["emotion_ko"], whole["read"]).reindex(index=EMOTIONS, columns=EMOTIONS, fill_value=0)
    return "Shown " + "; shown ".join(said) + ".", confusion.rename_axis(index="label", columns="read as")


def retrieval(cat: Catalogue, networks: dict) -> pd.DataFrame:
    colour = colour_histogram(cat.paths)
    similarities = {"colour histogram": colour @ colour.T}
    for name, model in networks.items():
        for gray in (False, True):
            features = gram.style_features(gram.stage_grams(cat.paths, model, gray=gray))
            unit = neighbours.centred(features, features.mean(0))
            similarities[f"centred Gram, {name}, {'gray' if gray else 'RGB'}"] = unit @ unit.T
    similarities["random"] = metrics.random_similarity(len(cat))
    relevant, excluded, _ = cat.retrieval_labels()
    _, results = metrics.retrieval_table(similarities, relevant, excluded, 0, cat.parts)
    return pd.DataFrame({(part, m): {name: f"{r[m][0]:.3f}".lstrip("0") for name, r in found.items()}
                         for part, found in results.items() for m in ("P@1", "mAP")})


def page(cat: Catalogue, file: Path | None) -> str:
    networks = {"untrained ResNet-18": load_resnet("resnet18-untrained")}
    if file:
        networks["ImageNet SqueezeNet 1.1"] = squeezenet(file)
    found = retrieval(cat, networks)
    found.columns = [f"{m}, {part}" for part, m in found.columns]
    read, confusion = agreement(cat)
    return "\n\n".join(["# The sample packs, measured", "Written by `python tools/measure_packs.py --page docs/packs.md`.",
                        "## Style x character x palette", markdown(overview(cat)), sizes(cat),
                        "## Read blind", f"{READERS} {read}", markdown(confusion),
                        "## Is the style found? (own pack excluded)", markdown(found)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--squeezenet", type=Path)
    parser.add_argument("--packs", default="sample")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    torch.manual_seed(0)
    text = page(load_catalogue(args.packs), args.squeezenet)
    args.page.write_text(text, encoding="utf8") if args.page else print(text)


if __name__ == "__main__":
    main()
