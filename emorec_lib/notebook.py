"""Run a notebook with a profile's parameters: python -m emorec_lib.notebook 01_gram_tsne sample.

A run is written to outputs/<profile>/notebooks/NN_….failed.ipynb and renamed when it ended well, so that Make never takes
half a run for a whole one.
"""

import argparse
import ast
import os
import sys
import tempfile
from pathlib import Path

import nbformat
import papermill
import yaml
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from .run import project_root

PROFILES = ("test", "sample", "open", "colab", "study")


def parameter_files(name: str, profile: str, root: Path) -> list[Path]:
    """YAML files in order of precedence, the last wins: base, profile, NN_name, NN_name.profile. Only existing ones."""
    files = ["base.yaml", f"{profile}.yaml", f"{name}.yaml", f"{name}.{profile}.yaml"]
    return [path for path in (root / "params" / f for f in files) if path.exists()]


def declared(notebook: Path) -> dict[str, str]:
    """Parameters of a notebook's cell tagged ``parameters``: name -> the literal as written."""
    cells = [c for c in nbformat.read(notebook, as_version=4).cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise ValueError(f"{notebook.name}: {len(cells)} cells are tagged 'parameters'; expected one")
    tree = ast.parse(cells[0].source)
    return {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)}


def parameters(name: str, profile: str, root: Path) -> dict:
    """The values that a profile gives a notebook.

    base.yaml and <profile>.yaml are shared: a key counts where a notebook declares it. Raises ValueError naming the file, the key and
    the choices for an unknown profile, a key that no notebook declares (shared files) or this one does not (its own files).
    """
    if not (root / "params" / f"{profile}.yaml").exists():
        raise ValueError(f"PROFILE={profile}: no params/{profile}.yaml; choices: {', '.join(PROFILES)}")
    known = {path.stem: declared(path) for path in sorted((root / "notebooks").glob("[0-9]*.ipynb"))}
    if name not in known:
        raise ValueError(f"no notebook {name!r}; choices: {', '.join(known)}")
    values = {}
    for file in parameter_files(name, profile, root):
        given = yaml.safe_load(file.read_text(encoding="utf8")) or {}
        shared = file.name in ("base.yaml", f"{profile}.yaml")
        choices = set().union(*known.values()) if shared else set(known[name])
        for key in given:
            if key not in choices:
                raise ValueError(f"{file.relative_to(root)}: unknown parameter {key}. Choices: {', '.join(sorted(choices))}")
        values |= {k: v for k, v in given.items() if k in known[name]}
    return values


def execute(name: str, profile: str, root: Path) -> Path:
    """Run a notebook; progress per cell, its own progress bars on stderr. Returns the executed notebook's path.

    On failure the executed copy stays as NN_….failed.ipynb and SystemExit names the notebook and the cell.
    """
    values = parameters(name, profile, root)
    folder = root / "outputs" / profile / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    failed, done = folder / f"{name}.failed.ipynb", folder / f"{name}.ipynb"
    done.unlink(missing_ok=True)
    print(f"== {name} ({profile})", file=sys.stderr, flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="emorec-") as sockets:
            papermill.execute_notebook(
                root / "notebooks" / f"{name}.ipynb", failed, values, kernel_name="python3", cwd=root / "notebooks",
                stderr_file=sys.stderr, progress_bar={"ncols": 100, "desc": name}, config=_over_files(sockets))
    except PapermillExecutionError as error:
        sys.exit(f"\n{name}: cell {error.cell_index + 1} (In [{error.exec_count}]) failed:\n"
                 + "\n".join(f"    {line}" for line in error.source.splitlines())
                 + f"\n{error.ename}: {error.evalue}\nThe executed copy is {failed.relative_to(root)}")
    os.replace(failed, done)
    return done


def _over_files(folder: str) -> Config:
    """Where the system can, kernels talk over files rather than TCP ports: nothing listens, not even on loopback. The files are this run's
    own: jupyter_client's default, kernel-ipc-1 and so on, is shared with every kernel started from the same place, that of a run killed a
    moment ago included, and a client that reaches a stranger's kernel waits forever."""
    return Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}} if os.name == "posix" else {})


def prepare(name: str, profile: str, root: Path) -> Path:
    """A copy for Jupyter with the profile's parameters put in, not run: outputs/<profile>/lab/NN_….ipynb. A copy that was worked in
    is kept as NN_….mine.ipynb."""
    folder = root / "outputs" / profile / "lab"
    folder.mkdir(parents=True, exist_ok=True)
    target, fresh = folder / f"{name}.ipynb", folder / f".{name}.fresh.ipynb"
    papermill.execute_notebook(root / "notebooks" / f"{name}.ipynb", fresh, parameters(name, profile, root), prepare_only=True,
                               kernel_name="python3", progress_bar=False)
    if target.exists():
        os.replace(target, folder / f"{name}.mine.ipynb")
    os.replace(fresh, target)
    return target


def main(arguments: list[str] | None = None) -> None:
    """Command line, used by the Makefile."""
    parser = argparse.ArgumentParser(prog="python -m emorec_lib.notebook", description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("profile")
    parser.add_argument("--prepare-only", action="store_true", help="only put the parameters in, for make lab")
    given = parser.parse_args(arguments)
    try:
        (prepare if given.prepare_only else execute)(given.name, given.profile, project_root())
    except ValueError as error:
        sys.exit(f"{given.name}: {error}")


if __name__ == "__main__":
    main()
