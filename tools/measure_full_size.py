"""Notebooks 01, 02 and 04 with colab's parameters and models of full size, on this machine, without a network.

    python tools/measure_full_size.py --spiece FILE [--packs FOLDER] [--page docs/full_size.md]

The weights cannot be had everywhere, so these are random ones in files laid out as the real ones: a ResNet-50, a CLIP of ViT-B/32's size,
a BERT of KoBERT's (with KoBERT's own SentencePiece file). They are given as local paths; everything else is what `PROFILE=colab` does.
It shows that the sizes, the loading, the memory and the time are right; the notebooks' answers mean nothing.
"""

import argparse
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import clip
import numpy as np
import pandas as pd
import torch
import torchvision
from page_tables import markdown
from transformers import BertConfig, BertModel

from emorec_lib import dialogue, kobert
from emorec_lib.catalogue import load_catalogue
from emorec_lib.notebook import declared, parameters
from emorec_lib.run import ASSETS

ROOT = Path(__file__).resolve().parent.parent
N_PICTURES, BATCH, STEPS, N_HELD = 64, 32, 20, 60
NOTEBOOKS = ("01_gram_tsne", "02_clip_similarity", "04_kobert_training")


def make_models(folder: Path, spiece: Path) -> dict[str, str]:
    """Files of random weights; returns the parameters that name them."""
    torch.manual_seed(0)
    torch.save(torchvision.models.resnet50(weights=None).state_dict(), folder / "resnet50-00000000.pth")
    model = clip.model.CLIP(embed_dim=512, image_resolution=224, vision_layers=12, vision_width=768, vision_patch_size=32,
                            context_length=77, vocab_size=49408, transformer_width=512, transformer_heads=8, transformer_layers=12)
    torch.save(model.state_dict(), folder / "ViT-B-32.pt")
    BertModel(BertConfig(vocab_size=8002, pad_token_id=1)).save_pretrained(folder / "kobert")
    shutil.copy(spiece, folder / "kobert" / kobert.SPIECE)
    return {"RESNET": str(folder / "resnet50-00000000.pth"), "CLIP": str(folder / "ViT-B-32.pt"), "ENCODER": str(folder / "kobert")}


def make_pictures(folder: Path, packs: Path | None) -> str:
    """A manifest of 64 stickers, four of each of sixteen packs."""
    table = load_catalogue(packs or ASSETS / "packs").table
    names = table["pack_id"].drop_duplicates()
    names = names.iloc[np.linspace(0, len(names) - 1, 16).astype(int)]
    rows = table[table["pack_id"].isin(names)].groupby("pack_id").head(N_PICTURES // 16).copy()
    for number, path in enumerate(rows["path"]):
        shutil.copy(path, folder / f"{number:02d}{Path(path).suffix}")
    rows["path"] = [f"{number:02d}{Path(path).suffix}" for number, path in enumerate(rows["path"])]
    rows.to_csv(folder / "manifest.csv", index=False)
    return str(folder / "manifest.csv")


def make_messages(folder: Path) -> list[str]:
    """Messages for twenty steps of 32, and a few to validate and test."""
    table = dialogue.read_corpora(ASSETS / "dialogue").table.sample(STEPS * BATCH + 2 * N_HELD, random_state=0)
    parts = ["train"] * STEPS * BATCH + ["validation"] * N_HELD + ["test"] * N_HELD
    pd.DataFrame({"text": table["text"], "label": table["emotion"], "split": parts}).to_csv(folder / "messages.csv", index=False)
    return [str(folder / "messages.csv")]


def run_notebook(name: str, values: dict, out: Path) -> tuple[float, float]:
    """(seconds, GB of memory at most of its kernel); in a process of its own, whose only child is the kernel."""
    import papermill

    begin = time.perf_counter()
    papermill.execute_notebook(ROOT / "notebooks" / f"{name}.ipynb", out / f"{name}.ipynb", values, kernel_name="python3",
                               cwd=ROOT / "notebooks", stderr_file=sys.stderr, progress_bar=False)
    return time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9


def what_came_out(name: str, out: Path) -> str:
    """The shapes and counts that a run left."""
    if name == "04_kobert_training":
        state = torch.load(out / "artifacts/kobert/model.pt", weights_only=True)
        total = sum(t.numel() for key, t in state.items() if key.startswith("bert."))
        rows, width = state["bert.embeddings.word_embeddings.weight"].shape
        return f"{total:,} parameters ({total - (rows - 8002) * width:,} without {rows - 8002} chat signs), {STEPS} steps of {BATCH}"
    arrays = np.load(out / f"artifacts/{'gram' if name.startswith('01') else 'clip'}.npz")
    return f"features {arrays['features'].shape}, {arrays['features'].dtype}"


def measure(folder: Path, spiece: Path, packs: Path | None) -> pd.DataFrame:
    (folder / "pictures").mkdir()
    given = make_models(folder, spiece) | {"PACKS": make_pictures(folder / "pictures", packs), "DIALOGUE": make_messages(folder),
                                           "OUT": str(folder / "out"), "DEVICE": "cpu", "AUGMENTED": "", "EPOCHS": 1, "BATCH_SIZE": BATCH}
    rows = {}
    for name in NOTEBOOKS:
        colab = parameters(name, "colab", ROOT)
        values = colab | {key: value for key, value in given.items() if key in declared(ROOT / "notebooks" / f"{name}.ipynb")}
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, peak = pool.submit(run_notebook, name, values, folder).result()
        rows[name] = [what_came_out(name, folder / "out"), f"{seconds:.0f}", f"{peak:.2f}"]
        print(name, *rows[name], sep="  ", file=sys.stderr, flush=True)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["what came out", "seconds", "peak memory, GB"]).rename_axis("notebook")


PAGE = """# Models of full size, run whole

Written by `python tools/measure_full_size.py --spiece … --page docs/full_size.md`: notebooks 01, 02 and 04 with colab's parameters on
{cores} without a network, over {pictures} and {n} messages of the sample. The weights are random (the real
ones could not be had where this was written): what is shown is that models of the real sizes load, run and fit, not how good they
are. `make verify-models` checks the real weights where there is a network.

{table}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spiece", type=Path, required=True, help="KoBERT's SentencePiece file, of 8,002 pieces")
    parser.add_argument("--packs", type=Path, help="packs of real stickers; else the embedded ones")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        table = measure(Path(name), args.spiece, args.packs)
    n = torch.get_num_threads()
    page = PAGE.format(cores=f"{n} CPU core{'s' * (n > 1)}", table=markdown(table), n=STEPS * BATCH + 2 * N_HELD,
                       pictures=f"{N_PICTURES} {'real stickers' if args.packs else 'emoticons of the sample'} of 16 packs")
    args.page.write_text(page, encoding="utf8") if args.page else print(page)


if __name__ == "__main__":
    main()
