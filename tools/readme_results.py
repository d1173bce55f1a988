"""Put the figures of the last `make all` into README.md and README.ko.md, and its demonstration figure into docs/.

    make all && python tools/readme_results.py
"""

import json
import re
import shutil
from pathlib import Path

from emorec_lib.evaluate import OURS, SOURCE_A, SOURCE_B
from emorec_lib.metrics import interval_text

OUT = Path("outputs/sample")


def rows() -> list[tuple]:
    """(what, method, first figure, second figure, n) of the sample's metrics files."""
    found = {name: json.loads((OUT / f"metrics/{name}.json").read_text(encoding="utf8"))["metrics"]
             for name in ("01_gram_tsne", "02_clip_similarity", "03_augmentation", "04_kobert_training", "06_evaluation")}
    style = {part: found["01_gram_tsne"]["retrieval"][part]
             | {k: v for k, v in found["02_clip_similarity"]["retrieval"][part].items() if "CLIP" in k} for part in ("heldout", "train")}
    chosen = ("ours, cosine, gray", "ours, cosine, RGB", "source: t-SNE 2-D, gray", "source: t-SNE 2-D, RGB", "CLIP, centred",
              "CLIP, cosine (the source's)", "colour histogram", "random")
    table = [(f"same style found, {'held-out' if part == 'heldout' else 'other'} styles", f"{name} ({'02' if 'CLIP' in name else '01'})",
              interval_text(*style[part][name]["P@1"]), interval_text(*style[part][name]["mAP"]), style[part][name]["n"])
             for part in style for name in chosen]
    emotion = {k: v for k, v in found["04_kobert_training"]["test"].items() if not k.startswith("on ")}
    ways, n = found["06_evaluation"]["ways"], found["06_evaluation"]["users"]
    hits = [("style and emotion both right in the first six", f"{name} (06)", interval_text(*ways[name]["hit"]), "", n)
            for name in (OURS, SOURCE_A, SOURCE_B, "random")]
    curve = found["03_augmentation"]["curve"][-1]
    gain = ("accuracy gained by the recorded labels (TF-IDF)", f"beside {curve['rows']:,} labelled messages (03)",
            interval_text(curve["gain"], curve["low"], curve["high"]), "", emotion["majority"]["n"])
    of_emotion = [("emotion of a message", f"{name} (04)", interval_text(*r["accuracy"]), interval_text(*r["macro_f1"]), r["n"])
                  for name, r in emotion.items()]
    return [*hits, *table, *of_emotion, gain]


def main() -> None:
    lines = ["| what | method (notebook) | hit rate, P@1 or accuracy | mAP or macro-F1 | n |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows()]
    block = "<!-- results -->\n" + "\n".join(lines) + "\n<!-- end of results -->"
    for name in ("README.md", "README.ko.md"):
        page = Path(name)
        text = page.read_text(encoding="utf8")
        page.write_text(re.sub(r"<!-- results -->(.*<!-- end of results -->)?", block, text, flags=re.S), encoding="utf8")
    Path("docs").mkdir(exist_ok=True)
    shutil.copy(OUT / "figures/05_recommendation_demo_demo.png", "docs/demo.png")


if __name__ == "__main__":
    main()
