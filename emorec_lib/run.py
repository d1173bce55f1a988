"""One run of a notebook: its folder, seeds, sources, cache, figures and metrics file."""

import base64
import hashlib
import io
import json
import os
import random
import re
import sys
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parent / "assets"
# The six emotions, everywhere and in this order, and a word for each for readers without Korean.
EMOTIONS = ("행복", "슬픔", "분노", "불안", "당황", "중립")
ENGLISH = dict(zip(EMOTIONS, ("happiness", "sadness", "anger", "anxiety", "fluster", "neutral"), strict=True))


def project_root(start: Path | None = None) -> Path:
    """Folder that relative paths of parameters are meant from: the nearest one upward that holds params/ and
    notebooks/, else the current folder (an installed package, Colab)."""
    here = Path(start or Path.cwd()).resolve()
    return next((p for p in (here, *here.parents) if (p / "params").is_dir() and (p / "notebooks").is_dir()), here)


def expand(value: str, parameter: str = "value") -> str:
    """Put environment variables into ``${NAME}`` and ``${NAME:-default}`` (shell syntax) of a parameter.

    Raises ValueError, naming the parameter and the variable, if a variable without default is unset or empty.
    """

    def put(match: re.Match) -> str:
        name, default = match.group(1), match.group(2)
        found = os.environ.get(name) or default
        if found is None:
            raise ValueError(f"{parameter} = {value!r} needs the environment variable {name}, which is not set. "
                             f"Set it, for example: {name}=path/to/data make all")
        return found

    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", put, value)


def source(parameter: str, value: str, embedded: str, must_exist: bool = True) -> Path:
    """Path that a parameter means: ``"sample"`` is the embedded folder assets/<embedded>, anything else a path.

    Relative paths count from the project's root. Raises FileNotFoundError naming the parameter and the choices.
    """
    text = expand(value, parameter)
    if text == "sample":
        return ASSETS / embedded
    path = (project_root() / Path(text).expanduser()).resolve()
    if not text or (must_exist and not path.exists()):
        raise FileNotFoundError(f"{parameter} = {value!r} means {path if text else 'no path'}, where nothing is. "
                                f"Choices: 'sample' (embedded in emorec) or the path of an existing file or folder.")
    return path


def is_embedded(path: Path) -> bool:
    """True for data that ships inside the package."""
    return Path(path).resolve().is_relative_to(ASSETS)


def write_atomic(path: Path, content: bytes | str) -> Path:
    """Write to a temporary file beside the target, then rename: a reader sees the old or the new, never a half."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def member_name(info: zipfile.ZipInfo) -> str:
    """Name of a zip's member, composed. Zips made in Korea hold names in CP949 (some Mac's in UTF-8) without saying so; zipfile then reads
    them as CP437."""
    if not info.flag_bits & 0x800:
        for encoding in ("utf-8", "cp949"):
            try:
                return unicodedata.normalize("NFC", info.filename.encode("cp437").decode(encoding))
            except UnicodeError:
                continue
    return unicodedata.normalize("NFC", info.filename)


def digest(*parts) -> str:
    """First 16 hex digits of a sha256 over strings, bytes or anything JSON can say."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, ensure_ascii=False, default=str).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:16]


def cached(folder: Path, label: str, key: dict, compute) -> dict[str, np.ndarray]:
    """Arrays by name, computed once per content: the key (inputs' hashes, parameters, model, version) names the file.

    A file that cannot be read (a disk that filled up) is computed again.
    """
    path = Path(folder) / f"{label}-{digest(key)}.npz"
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            print(f"{path.name} cannot be read ({error}); computing again", file=sys.stderr)
    arrays = compute()
    save_arrays(path, **arrays)
    return arrays


def save_arrays(path: Path, **arrays: np.ndarray) -> Path:
    """An .npz file, written atomically."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return write_atomic(path, buffer.getvalue())


def save_tensors(path: Path, state: dict) -> None:
    """torch.save to a temporary file beside ``path``, then rename: a reader finds the old or the new, never a half."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def pick_device(name: str = "auto") -> str:
    """``auto``: cuda, else Apple's mps, else cpu. Raises ValueError for a device this machine lacks."""
    import torch

    have = ["cpu"] + ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
    if name == "auto":
        return have[-1]
    if name.split(":")[0] not in have:
        raise ValueError(f"DEVICE = {name!r}: this machine has {', '.join(have)}. Choose one of these or 'auto'.")
    return name


def half_precision(device: str, precision: str = "auto"):
    """The torch dtype of mixed precision, or None for float32. "auto": bf16 on a GPU that has it, else fp16 there; bf16 on a CPU with
    instructions for it (AVX512-BF16, AMX), else float32. "fp32", "bf16", "fp16" choose.

    Raises ValueError for another word, and for fp16 on anything but a GPU.
    """
    import torch

    kind = device.split(":")[0]
    if precision == "auto" and kind == "cuda":
        precision = "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    elif precision == "auto":
        has = getattr(torch.cpu, "get_capabilities", dict)() if kind == "cpu" else {}  # newer than torch 2.6
        precision = "bf16" if has.get("avx512_bf16") or has.get("amx_bf16") else "fp32"
    if precision not in ("fp32", "bf16", "fp16") or (precision == "fp16" and kind != "cuda"):
        raise ValueError(f"PRECISION = {precision!r} on {kind}; choices: auto, fp32, bf16, and on a GPU fp16")
    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)


def autocast(device: str, precision: str = "auto"):
    """Mixed precision around a forward pass; none where half_precision() says so."""
    import torch

    half = half_precision(device, precision)
    return torch.autocast(device.split(":")[0], dtype=half, enabled=half is not None)


def weights_hash(model) -> str:
    """sha256 of a network's weights, names included: other weights may come under the same name."""
    import torch

    sha = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        sha.update(name.encode())
        sha.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().data)
    return sha.hexdigest()


def _plain(value):
    """JSON without surprises: Python numbers, floats to 6 digits, non-finite ones refused."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not np.isfinite(value):
            raise ValueError(f"a metric is {value}; metrics must be finite numbers")
        return round(value, 6)
    return value


@dataclass
class Run:
    """A notebook's run: ``out`` is its profile's folder; paths below it as in outputs/README.md."""

    name: str
    profile: str
    out: Path
    seed: int
    facts: dict = field(default_factory=dict)
    hashes: dict = field(default_factory=dict)

    def path(self, relative: str) -> Path:
        """A place below ``out``, its folder made."""
        path = self.out / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def uses(self, **things) -> None:
        """Say, in the notebook and later at the top of its report, which data and models this run works with: a Catalogue or a Corpus
        (their content's hash is noted too), or a text."""
        for name, thing in things.items():
            self.facts[name] = thing if isinstance(thing, str) else thing.describe()
            if not isinstance(thing, str):
                self.hashes[name] = thing.digest
            print(f"{name}: {self.facts[name]}")
        if self.profile == "colab" and any("embedded sample" in text for text in self.facts.values()):
            print("No data of your own was given: the real models run on the embedded sample.")

    def save_figure(self, figure, name: str, alt: str) -> None:
        """Write figures/<notebook>_<name>.png and show it; ``alt`` is the text for readers who cannot see it (kept inside the PNG)."""
        from IPython.display import display

        path = self.path(f"figures/{self.name}_{name}.png")
        figure.savefig(path, metadata={"Description": alt, "Software": "emorec"})
        packed = base64.b64encode(path.read_bytes()).decode()
        display({"image/png": packed}, metadata={"image/png": {"alt": alt}}, raw=True)  # Colab's IPython 7 has no Image(alt=…)

    def save_metrics(self, metrics: dict, headline: str, figure: str) -> None:
        """Write metrics/<notebook>.json and print the headline. ``headline``: the answer in one line; ``figure``: name given to
        save_figure.

        Holds nothing that changes between two equal runs (no times, no machine), so two runs on CPU are byte-equal.
        """
        picture = f"figures/{self.name}_{figure}.png"
        if not (self.out / picture).exists():
            raise FileNotFoundError(f"{picture} does not exist; call run.save_figure(…, {figure!r}, …) first")
        content = {"notebook": self.name, "profile": self.profile, "seed": self.seed, "uses": self.facts, "data": self.hashes,
                   "headline": headline, "figure": picture, "metrics": _plain(metrics)}
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
        print(headline)
        write_atomic(self.path(f"metrics/{self.name}.json"), text)


def start(name: str, profile: str, out: str, seed: int) -> Run:
    """Begin a notebook: seed everything, make the folder, choose fonts; returns the Run.

    ``out`` relative counts from the project's root, wherever the notebook was opened.
    """
    from . import plot

    plot.use_style()
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:  # imported by the notebook if it needs it
        sys.modules["torch"].manual_seed(seed)
    folder = project_root() / expand(out, "OUT")
    folder.mkdir(parents=True, exist_ok=True)
    return Run(name, profile, folder, seed)
