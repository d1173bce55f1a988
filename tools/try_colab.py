"""The notebooks as Colab opens them, as far as that can be shown without Colab: python tools/try_colab.py --work FOLDER [--page PAGE]

A virtual environment with the versions that Colab brings (its own torch, numpy 2, IPython 7), a stand-in for google.colab whose Drive is a
folder, the repository's address turned to this clone (its tag to HEAD), and in an otherwise empty working folder nothing but the
notebook's file. Every notebook's own setup cell installs the library; then it runs with parameters of the test profile. 04 is killed once
its first checkpoint is written and run again in a new kernel. What pip changed is listed, and torch must not be among it.
Needs a package index, 8 GB of disk and the right to make /content. Not run in `make test`.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).parents[1]
# Colab's Python packages in 2025 and 2026, by its release notes; what pip finds beside them may be newer.
COLAB = ["numpy==2.0.2", "pandas==2.2.2", "scipy==1.16.3", "scikit-learn==1.6.1", "matplotlib==3.10.0", "pillow==11.3.0",
         "torch==2.8.0", "torchvision==0.23.0", "transformers==4.57.1", "ipython==7.34.0", "ipykernel==6.17.1", "ipywidgets==7.7.1",
         "jupyter-client==7.4.9", "tornado==6.5.1", "traitlets==5.7.1", "nbclient==0.10.2", "setuptools==75.2.0", "pyyaml", "tqdm",
         "openpyxl", "sentencepiece", "filelock", "openai"]
DRIVE = """import pathlib

def mount(path):
    pathlib.Path(path, "MyDrive").mkdir(parents=True, exist_ok=True)
    print("Mounted at", path)
"""
STAND_IN = {"google/__init__.py": "", "google/colab/__init__.py": "", "google/colab/drive.py": DRIVE,
            "sitecustomize.py": "import google.colab\n"}
RUN = """import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=None).execute()
finally:
    nbformat.write(notebook, sys.argv[1])
"""


def make_environment(work: Path) -> Path:
    """Anew each time, so that what pip adds is all that it adds."""
    python = work / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--clear", work / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *COLAB], check=True)
    return python


def installed(python: Path) -> dict[str, str]:
    listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], check=True, capture_output=True, text=True).stdout
    return {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(listed)}


def stand_ins(work: Path, project: dict) -> dict[str, str]:
    """The environment of a kernel in which google.colab is imported and the repository's address means a clone of this one."""
    for name, text in STAND_IN.items():
        (work / "stand_in" / name).parent.mkdir(parents=True, exist_ok=True)
        (work / "stand_in" / name).write_text(text)
    clone = work / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    subprocess.run(["git", "-C", clone, "tag", "--force", f"v{project['version']}"], check=True, stdout=subprocess.DEVNULL)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("EMOREC_", "PYTHON"))}
    return clean | {"PYTHONPATH": str(work / "stand_in"), "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{clone}.insteadOf",
                    "GIT_CONFIG_VALUE_0": project["urls"]["Repository"]}


def own_packs(folder: Path) -> None:
    """A user's packs on Drive: those of the test profile."""
    table = ROOT / "emorec_lib/assets/packs/small.csv"
    with open(table, encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            (folder / row["path"]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(table.parent / row["path"], folder / row["path"])
    shutil.copy(table, folder / "manifest.csv")


def opened(notebook: Path, folder: Path, values: dict) -> Path:
    """A copy of the notebook alone in ``folder``, small parameters put in behind its own."""
    content = nbformat.read(notebook, as_version=4)
    at = next(i for i, cell in enumerate(content.cells) if "parameters" in cell.metadata.get("tags", []))
    content.cells.insert(at + 1, nbformat.v4.new_code_cell("\n".join(f"{k} = {v!r}" for k, v in values.items())))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    nbformat.write(content, folder / notebook.name)
    return folder / notebook.name


def execute(python: Path, file: Path, environment: dict, killed_at: Path | None = None) -> float:
    """Seconds it took. With killed_at: kernel and all killed as soon as that file is there."""
    begin = time.monotonic()
    process = subprocess.Popen([python, "-c", RUN, file.name], cwd=file.parent, env=environment, start_new_session=True)
    if killed_at:
        threading.Thread(target=kill_when, args=(process, killed_at), daemon=True).start()
    if process.wait() and not killed_at:
        sys.exit(f"{file.name} failed; its executed copy is {file}")
    return time.monotonic() - begin


def kill_when(process: subprocess.Popen, there: Path) -> None:
    while not there.exists() and process.poll() is None:
        time.sleep(0.02)
    for child in psutil.Process(process.pid).children(recursive=True):
        child.kill()
    process.kill()


def said(file: Path) -> str:
    """All text that an executed notebook printed."""
    return "\n".join(str(output.get("text", "")) for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"
                     for output in cell.outputs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="for the environment and the stand-ins")
    parser.add_argument("--page", type=Path, help="write the page there instead of printing it")
    given = parser.parse_args()
    if Path("/content").exists():
        sys.exit("/content exists; this is Colab, or a run that was cut off: remove it first")
    sys.path.insert(0, str(ROOT))
    from emorec_lib.notebook import declared, parameters

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    work = given.work.resolve()
    python, rows = make_environment(work), []
    environment, before = stand_ins(work, project), installed(python)
    try:
        home = Path("/content/drive/MyDrive/emorec")
        drive = home / "outputs/colab"
        own_packs(home / "packs")
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            own = declared(notebook)
            small = parameters(notebook.stem, "test", ROOT)
            values = {k: v for k, v in small.items() if k not in ("OUT", "PROFILE", "PACKS") and v != own[k]}
            note = ""
            if notebook.stem.startswith("04"):
                execute(python, opened(notebook, work / "foreign", values), environment, killed_at=drive / "artifacts/kobert/checkpoint.pt")
                note = "killed after its first checkpoint, then in a new kernel: "
            file = opened(notebook, work / "foreign", values)
            seconds = execute(python, file, environment)
            if note:
                note += next((line for line in said(file).splitlines() if "going on after" in line), "did NOT go on")
            rows.append((notebook.stem, f"{seconds:.0f}", note))
            left = sorted(p.name for p in (work / "foreign").iterdir())
            if left != [notebook.name]:
                sys.exit(f"{notebook.name} left {left} in its own folder; everything belongs on Drive")
            print(*rows[-1], flush=True)
        words = [line for line in said(file).splitlines() if line.startswith(("Mounted", "Data,", "EMOREC_", "No GPU", "GPU"))]
        written = sorted(str(p.relative_to(drive)) for p in drive.rglob("*") if p.is_file() and "cache" not in p.parts)
    finally:
        shutil.rmtree("/content", ignore_errors=True)
    after = installed(python)
    changed = {n: (before[n], v) for n, v in after.items() if n in before and before[n] != v}
    page = PAGE.format(python=sys.version.split()[0], colab=", ".join(f"{n} {before[n]}" for n in sorted(before) if any(
        c.startswith(n + "==") for c in COLAB)), new=", ".join(f"{n} {v}" for n, v in after.items() if n not in before and n != "emorec"),
        changed=", ".join(f"{n} {a} → {b}" for n, (a, b) in changed.items()) or "none", torch=after["torch"], words="\n".join(words),
        rows="\n".join(f"| {a} | {b} | {c} |" for a, b, c in rows), n=len(written), repository=project["urls"]["Repository"])
    if "torch" in changed:
        sys.exit("pip changed torch: " + page)
    given.page.write_text(page, encoding="utf8") if given.page else print(page)


PAGE = """# Colab, tried without Colab

Written by `python tools/try_colab.py --work … --page docs/colab.md`. No Colab can be reached from where this project is written, so this is
as far as the proof goes: Python {python} with the package versions that Colab brings, a stand-in for `google.colab` whose Drive is a
folder, the address {repository} turned to a clone of this repository, and a working folder that holds nothing but one notebook. **On Colab
itself, and on a GPU, nothing was run.**

- Brought: {colab}.
- pip changed: {changed}. torch stays {torch}.
- pip added: {new}.
- Nothing was written beside the notebooks; {n} files lie on Drive.

What the setup cell says:

```
{words}
```

Each notebook alone, by its own setup cell, parameters of the test profile (installing included):

| notebook | seconds | |
|---|---|---|
{rows}
"""

if __name__ == "__main__":
    main()
