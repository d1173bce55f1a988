"""The product as a user meets it: Make, the seven notebooks from end to end under the test profile, without a network."""

import ast
import html
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time

import nbclient
import nbformat
import pytest

from .test_notebooks import NAMES

pytestmark = pytest.mark.slow
MARGIN = 0.2  # P@1 of the style features must be this much above random, even in the test profile


def ran(done: subprocess.CompletedProcess) -> list[str]:
    """Notebooks that a call of make executed."""
    return sorted(re.findall(r"== (\w+)", done.stderr))


def metrics_of(project, profile="test"):
    return {file.name: file.read_bytes() for file in sorted((project.folder / "outputs" / profile / "metrics").iterdir())}


MODELS = {"01_gram_tsne": "resnet-mini (trained by this project", "02_clip_similarity": "clip-mini (trained by this project",
          "04_kobert_training": "kobert-untrained (random weights", "05_recommendation_demo": "resnet-mini"}


@pytest.fixture(scope="module")
def finished(copy_project):
    """A project after its first ``make all PROFILE=test``."""
    project = copy_project()
    done = project.make("all", "PROFILE=test", "JOBS=1")
    assert done.returncode == 0, done.stderr[-3000:]
    assert ran(done) == list(NAMES)
    return project


def test_leaves_everything(finished):
    out = finished.folder / "outputs/test"
    index = html.unescape((out / "index.html").read_text(encoding="utf8"))
    facts = json.loads((out / "run.json").read_text(encoding="utf8"))
    assert list(facts["notebooks"]) == list(NAMES) and {"commit", "dirty", "versions", "device"} <= set(facts)
    for name in NAMES:
        saved = json.loads((out / f"metrics/{name}.json").read_text(encoding="utf8"))
        report = html.unescape((out / f"reports/{name}.html").read_text(encoding="utf8"))
        assert f"reports/{name}.html" in index and saved["headline"] in index
        assert (out / saved["figure"]).stat().st_size > 1000
        assert facts["notebooks"][name]["seconds"] > 0 and facts["notebooks"][name]["metrics"] == saved["metrics"]
        assert saved["headline"] in report and (MODELS.get(name, "") in report)
        assert len(report) < 6_000_000


def test_metrics_are_above_random(finished):
    results = json.loads(metrics_of(finished)["01_gram_tsne.json"])["metrics"]["retrieval"]["all"]
    assert results["ours, cosine, gray"]["P@1"][0] > results["random"]["P@1"][0] + MARGIN
    assert results["ours, cosine, gray"]["mAP"][0] > results["random"]["mAP"][0] + MARGIN
    answers = json.loads(metrics_of(finished)["05_recommendation_demo.json"])["metrics"]["answers"]
    assert all(len(set(a["emoticons"])) == 6 for a in answers.values())


def test_reports_need_nothing_from_outside(finished):
    pages = [*finished.folder.glob("outputs/test/reports/*.html"), finished.folder / "outputs/test/index.html"]
    assert len(pages) == len(NAMES) + 1
    for page in pages:
        text = page.read_text(encoding="utf8")
        assert not re.findall(r"<(?:script|link|iframe|img)[^>]+(?:src|href)=['\"]?(?:https?:)?//", text), page.name
        assert "<script" not in text and "@import" not in text
        assert all(alt for alt in re.findall(r"<img[^>]*alt=['\"]([^'\"]*)", text))
    assert "<math" in (finished.folder / "outputs/test/reports/01_gram_tsne.html").read_text(encoding="utf8")
    for page in finished.folder.glob("outputs/test/reports/*.html"):
        for link in re.findall(r"href=['\"]([^'\"#:]+)['\"]", page.read_text(encoding="utf8")):
            assert (page.parent / link).exists(), f"{page.name} -> {link}"


def test_never_left_the_machine(finished):
    assert not finished.guard_log.exists(), finished.guard_log.read_text()


def test_the_guard_works(finished, tmp_path):
    log = tmp_path / "log"
    code = "import urllib.request as u; u.urlopen('http://example.org', timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=finished.environment(EMOREC_GUARD_LOG=str(log)), capture_output=True, text=True)
    assert done.returncode != 0 and "may not leave" in done.stderr and "example.org" in log.read_text()


def test_second_run_does_nothing(finished):
    before = {p: p.stat().st_mtime_ns for p in finished.folder.glob("outputs/test/**/*")}
    done = finished.make("all", "PROFILE=test")
    assert done.returncode == 0 and ran(done) == []
    assert before == {p: p.stat().st_mtime_ns for p in finished.folder.glob("outputs/test/**/*")}


def test_a_second_run_killed_while_training_goes_on_to_equal_bytes(finished, copy_project):
    """This one with notebooks side by side."""
    other = copy_project()
    checkpoint = other.folder / "outputs/test/artifacts/kobert/checkpoint.pt"
    running = subprocess.Popen(other.command("all", "PROFILE=test", "JOBS=2"), cwd=other.folder, env=other.environment(),
                               stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 600
    while not checkpoint.exists() and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    kill_kernels(other)
    done_before = {file.stem for file in (other.folder / "outputs/test/notebooks").glob("*.ipynb")} & {*NAMES}
    assert checkpoint.exists() and "03_augmentation" in done_before and "04_kobert_training" not in done_before
    done = other.make("all", "PROFILE=test", "JOBS=2")
    assert done.returncode == 0 and re.search(r"going on after epoch [12]", done.stderr)
    assert ran(done) == sorted({*NAMES} - done_before)  # what was finished stays finished
    assert metrics_of(other) == metrics_of(finished)


def test_changed_parameters_run_what_depends_on_them(finished):
    def would_run():
        done = finished.make("-n", "-o", "FORCE", "all", "PROFILE=test")
        return sorted(re.findall(r"emorec_lib\.notebook (\w+)", done.stdout))

    params = finished.folder / "params"
    assert would_run() == []
    for name, content, expected in (("03_augmentation.yaml", "MIN_CONFIDENCE: 0.7\n", list(NAMES[2:])),
                                    ("02_clip_similarity.test.yaml", "VOTES: 4\n", [NAMES[1], *NAMES[4:]]),
                                    ("05_recommendation_demo.sample.yaml", "N_PACKS: 2\n", [])):  # the last of another profile
        (params / name).write_text(content)
        assert would_run() == expected
        (params / name).unlink()
    (params / "base.yaml").touch()
    assert would_run() == list(NAMES)
    os.utime(params / "base.yaml", (1, 1))


def test_failing_notebook_stops_make_and_runs_again(finished):
    out = finished.folder / "outputs/test"
    bad = finished.folder / "params/05_recommendation_demo.test.yaml"
    bad.write_text("STYLE: charcoal\n")
    for _ in range(2):  # the second time too: a failed run is not taken for a finished one
        done = finished.make("all", "PROFILE=test")
        assert done.returncode != 0 and ran(done) == ["05_recommendation_demo"]
        assert re.search(r"05_recommendation_demo: cell 6 \(In \[5\]\) failed", done.stderr)
        assert "STYLE = 'charcoal'; choices: gram, clip, gram+clip" in done.stderr
        assert (out / "notebooks/05_recommendation_demo.failed.ipynb").exists()
        assert not (out / "notebooks/05_recommendation_demo.ipynb").exists()
    bad.write_text("STYLE: clip\n")
    assert finished.make("all", "PROFILE=test").returncode == 0
    assert not (out / "notebooks/05_recommendation_demo.failed.ipynb").exists()


@pytest.mark.parametrize(("profile", "environment", "expected"), [
    ("nothing", {}, "no params/nothing.yaml; choices: test, sample, open, colab, study"),
    ("open", {}, "needs the environment variable EMOREC_DATA, which is not set"),
    ("colab", {"EMOREC_PACKS": "/no/such/packs"}, "PACKS = '${EMOREC_PACKS:-sample}' means /no/such/packs, where nothing is"),
    ("colab", {"EMOREC_OFFLINE": "1", "EMOREC_CACHE": "cache"}, "RESNET = 'resnet50' cannot be had"),
])
def test_what_cannot_be_had_is_named(finished, profile, environment, expected):
    done = finished.make("nb-01", f"PROFILE={profile}", **environment)
    assert done.returncode != 0 and expected in done.stderr


def kill_kernels(project) -> None:
    """Jupyter starts a kernel in a session of its own: it outlives the killed make."""
    for process in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        try:
            if os.readlink(f"/proc/{process}/cwd").startswith(str(project.folder)):
                os.kill(int(process), signal.SIGKILL)
        except OSError:
            continue


def test_lab_copies_carry_the_profile(finished):
    lab = finished.folder / "outputs/test/lab"
    target = "outputs/test/lab/03_augmentation.ipynb"
    assert finished.make(target, "PROFILE=test").returncode == 0
    notebook = nbformat.read(lab / "03_augmentation.ipynb", as_version=4)
    injected = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert 'OUT = "outputs/test"' in injected[0].source
    assert all(not c.get("outputs") for c in notebook.cells)
    notebook.cells[-1].source += "my own note"
    nbformat.write(notebook, lab / "03_augmentation.ipynb")
    os.utime(lab / "03_augmentation.ipynb", (1, 1))  # older than the notebook it is a copy of
    assert finished.make(target, "PROFILE=test").returncode == 0
    assert "my own note" in (lab / "03_augmentation.mine.ipynb").read_text(encoding="utf8")
    assert "my own note" not in (lab / "03_augmentation.ipynb").read_text(encoding="utf8")


@pytest.mark.parametrize("name", ["03_augmentation", "05_recommendation_demo"])
def test_notebook_runs_by_itself_in_jupyter(finished, name, monkeypatch):
    """From top to bottom in the folder it lies in, as Jupyter runs it."""
    assert finished.make(f"outputs/test/lab/{name}.ipynb", "PROFILE=test").returncode == 0
    for key, value in finished.environment().items():
        monkeypatch.setenv(key, value)
    folder = finished.folder / "outputs/test/lab"
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, kernel_name="python3").execute()


def test_old_python_is_refused(root):
    script = root / "tools/setup_env.py"
    ast.parse(script.read_text(encoding="utf8"), feature_version=(3, 4))  # old enough Pythons can read the refusal
    code = f"import sys, runpy; sys.version_info = (3, 10, 4); runpy.run_path({str(script)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.returncode != 0 and "needs Python 3.11 or newer (tested with 3.11); this is Python 3.10" in done.stderr


def test_conda_environment_is_used_instead(copy_project):
    """In an active conda environment called emorec no .venv is made and its python is called."""
    project = copy_project()
    asked = subprocess.run(["make", "-n", "test"], cwd=project.folder, capture_output=True, text=True,
                           env=project.environment(CONDA_DEFAULT_ENV="emorec"))
    assert asked.stdout.split()[:3] == ["python", "-m", "pytest"]
    asked = subprocess.run(["make", "-n", "test"], cwd=project.folder, capture_output=True, text=True, env=project.environment())
    assert "setup_env.py" in asked.stdout and ".venv/bin/python -m pytest" in asked.stdout


@pytest.mark.parametrize(("uv", "asked"), [(0, ["uv"]), (1, ["uv", "pip"]), (None, ["pip"])])
def test_packages_are_installed_by_uv_or_else_by_pip(root, tmp_path, monkeypatch, uv, asked):
    """uv: the status it ends with; None: it cannot be had."""
    calls = []

    def call(words):
        words = list(map(str, words))
        calls.append(words)
        if "uv>=0.5" in words:
            return 1 if uv is None else 0
        return uv if words[1:3] == ["-m", "uv"] else 0

    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    (tmp_path / "requirements.lock").write_text("numpy==2.0.0\n")
    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, b"https://index/simple\n"))
    monkeypatch.setattr(sys, "argv", ["setup_env.py"])
    for name in ("PIP_NO_INDEX", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    runpy.run_path(str(root / "tools/setup_env.py"))
    assert [words[2] for words in calls if "requirements.lock" in words] == asked
    assert all(words[-2:] == ["--default-index", "https://index/simple"] for words in calls if words[2] == "uv")
    assert (tmp_path / ".venv/installed").exists()
