"""Static checks of the notebooks, the parameter files and the dependency lists."""

import ast
import copy
import json
import os
import re
import statistics
import subprocess
import sys
import tomllib

import nbformat
import pytest
import yaml

from emorec_lib.notebook import PROFILES, declared, parameters

NAMES = ("01_gram_tsne", "02_clip_similarity", "03_augmentation", "04_kobert_training", "05_recommendation_demo",
         "06_evaluation", "07_bottleneck")


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def notebook(name, root):
    return nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)


def tagged(notebook, tag):
    return [c for c in notebook.cells if tag in c.metadata.get("tags", [])]


def code(notebook):
    return [c for c in notebook.cells if c.cell_type == "code"]


def plain(cell) -> str:
    """A code cell's source without IPython magics."""
    return "\n".join("pass" if re.match(r"\s*[%!]", line) is None and not line.strip() else re.sub(r"^(\s*)[%!].*", r"\1pass", line)
                     for line in cell.source.splitlines())


def test_committed_clean(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not c.outputs and c.execution_count is None for c in code(notebook)), "run make strip"
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)


def test_shape(notebook):
    first, colab = notebook.cells[:2]
    assert first.cell_type == "markdown" and first.source.startswith("# ")
    assert all(word in first.source for word in ("**Question.**", "**In → out.**", "**Time.**", "Colab"))
    assert tagged(notebook, "colab") == [colab] and len(colab.source.splitlines()) <= 6
    assert tagged(notebook, "parameters") == [notebook.cells[3]]
    assert len(tagged(notebook, "metrics")) == 1 and "run.save_metrics(" in tagged(notebook, "metrics")[0].source
    assert notebook.cells[-1].cell_type == "markdown" and "Limits and sources" in notebook.cells[-1].source


def test_colab_opens_this_version_from_the_one_address(notebook, root, name, monkeypatch):
    """pyproject.toml holds the repository's address and the version; tools/colab_links.py puts both here."""
    monkeypatch.syspath_prepend(str(root / "tools"))
    from colab_links import with_links

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf8"))["project"]
    as_json = json.loads((root / f"notebooks/{name}.ipynb").read_text(encoding="utf8"))
    assert with_links(copy.deepcopy(as_json), name, project) == as_json, "run tools/colab_links.py"
    other = project | {"version": "9.8.7", "urls": {"Repository": "https://github.com/me/mine/"}}
    first, setup = ("".join(cell["source"]) for cell in with_links(as_json, name, other)["cells"][:2])
    assert f"](https://colab.research.google.com/github/me/mine/blob/v9.8.7/notebooks/{name}.ipynb)" in first
    assert "git+https://github.com/me/mine@v9.8.7" in setup


def test_cells_are_short_and_define_nothing(notebook):
    lengths = []
    for cell in code(notebook):
        tree = ast.parse(plain(cell))
        assert not any(isinstance(n, ast.FunctionDef | ast.ClassDef | ast.While) for n in ast.walk(tree)), cell.source
        n_lines = len([line for line in cell.source.splitlines() if line.strip()])
        if "parameters" not in cell.metadata.get("tags", []):
            assert n_lines <= 12, cell.source
        lengths.append(n_lines)
    assert statistics.median(lengths) <= 6


def test_parameter_cell_is_flat_and_readable_by_papermill(notebook):
    for line in tagged(notebook, "parameters")[0].source.splitlines():
        assert re.fullmatch(r"[A-Z][A-Z_]* = [^=]+  # [^=]+", line), f"expected NAME = literal  # meaning: {line}"


def test_every_parameter_is_read(notebook, root, name):
    after = "\n".join(plain(c) for c in code(notebook) if "parameters" not in c.metadata.get("tags", []))
    read = {node.id for node in ast.walk(ast.parse(after)) if isinstance(node, ast.Name)}
    assert set(declared(root / "notebooks" / f"{name}.ipynb")) <= read


@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_of_a_profile_is_declared(root, name, profile):
    values = parameters(name, profile, root)  # raises for a key that no notebook declares
    assert values["OUT"] == f"outputs/{profile}" and values["PROFILE"] == profile


def test_defaults_are_those_of_colab(root, name):
    defaults = declared(root / "notebooks" / f"{name}.ipynb")
    assert {key: defaults[key] for key in parameters(name, "colab", root)} == parameters(name, "colab", root)


def test_unknown_parameter_and_profile_are_refused(copy_project):
    project = copy_project().folder
    with pytest.raises(ValueError, match=r"no params/nothing.yaml; choices: test, sample"):
        parameters("01_gram_tsne", "nothing", project)
    (project / "params/01_gram_tsne.yaml").write_text("PERPLEXTY: 5\n")
    with pytest.raises(ValueError, match=r"01_gram_tsne.yaml: unknown parameter PERPLEXTY. Choices: .*PERPLEXITY"):
        parameters("01_gram_tsne", "sample", project)
    (project / "params/01_gram_tsne.yaml").unlink()
    (project / "params/sample.yaml").write_text("EPOCS: 5\n")
    with pytest.raises(ValueError, match=r"sample.yaml: unknown parameter EPOCS"):
        parameters("01_gram_tsne", "sample", project)


def test_precedence_of_parameter_files(copy_project):
    project = copy_project().folder
    (project / "params/base.yaml").write_text("SEED: 1\nTSNE_ITER: 1\n")
    (project / "params/sample.yaml").write_text("OUT: a\nSEED: 2\nTSNE_ITER: 2\n")
    (project / "params/01_gram_tsne.yaml").write_text("SEED: 3\n")
    (project / "params/01_gram_tsne.sample.yaml").write_text("SEED: 4\n")
    assert parameters("01_gram_tsne", "sample", project) == {"OUT": "a", "SEED": 4, "TSNE_ITER": 2}


def test_parameter_files_are_flat(root):
    for file in (root / "params").glob("*.yaml"):
        for key, value in yaml.safe_load(file.read_text(encoding="utf8")).items():
            assert not isinstance(value, dict), f"{file.name}: {key} is nested"


def test_dependencies_come_from_one_source(root):
    """environment.yml repeats pyproject.toml's dependencies, requirements.lock pins every one; each has a reason."""
    text = (root / "pyproject.toml").read_text(encoding="utf8")
    project = tomllib.loads(text)["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["jupyter"] + project["optional-dependencies"]["dev"]
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf8"))
    pip = next(item["pip"] for item in conda["dependencies"] if isinstance(item, dict))
    assert [p for p in pip if not p.startswith("-")] == wanted
    assert f"python{project['requires-python']}" in {str(d).replace(" ", "") for d in conda["dependencies"]}
    locked = {re.match(r"[\w.-]+", line)[0].lower() for line in (root / "requirements.lock").read_text().splitlines() if line}
    for dependency in wanted:
        assert re.match(r"[\w-]+", dependency)[0].lower() in locked
        for file in ("pyproject.toml", "environment.yml"):
            lines = [x for x in (root / file).read_text(encoding="utf8").splitlines() if x.strip(' -"').startswith(dependency)]
            assert len(lines) == 1 and "# " in lines[0], f"{file}: {dependency} has no one-line reason"


def test_lock_names_no_host(root):
    assert "://" not in (root / "requirements.lock").read_text()


def test_two_that_run_side_by_side_keep_to_their_own_kernels(tmp_path, root):
    """Started at once from the same folder, each gets its own kernel's answers."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params/test.yaml").write_text("OUT: outputs/test\n")
    (tmp_path / "notebooks").mkdir()
    names = ("01_one", "02_two", "03_three")
    for name in names:
        cells = [nbformat.v4.new_code_cell('OUT = "x"  # folder', metadata={"tags": ["parameters"]}),
                 *[nbformat.v4.new_code_cell(f"import time\ntime.sleep(0.05)\nprint('{name}', {i})") for i in range(20)]]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / f"notebooks/{name}.ipynb")
    command, environment = [sys.executable, "-m", "emorec_lib.notebook"], os.environ | {"PYTHONPATH": str(root)}
    running = [subprocess.Popen([*command, name, "test"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE) for name in names]
    for name, process in zip(names, running, strict=True):
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
        done = nbformat.read(tmp_path / f"outputs/test/notebooks/{name}.ipynb", as_version=4)
        assert "".join(o.text for c in done.cells[2:] for o in c.outputs) == "".join(f"{name} {i}\n" for i in range(20))
    assert not list(tmp_path.rglob("kernel-*"))
