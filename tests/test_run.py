"""run.py: parameters that name variables and places, files written whole, results computed once, metrics files."""

import json
import os
import random
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from emorec_lib import run as run_module
from emorec_lib.run import (
    ASSETS,
    EMOTIONS,
    Run,
    cached,
    digest,
    expand,
    is_embedded,
    pick_device,
    project_root,
    save_arrays,
    source,
    start,
    write_atomic,
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project; the test stands in a folder inside it."""
    for folder in ("params", "notebooks/deep"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks/deep")
    return tmp_path


@pytest.fixture
def finished(tmp_path):
    """A run with one figure."""
    run = Run("02_test", "test", tmp_path / "out", 3)
    figure = plt.figure()
    run.save_figure(figure, "one", "An empty figure, 그림")
    plt.close(figure)
    return run


def test_emotions_are_the_six_in_order():
    assert EMOTIONS == ("행복", "슬픔", "분노", "불안", "당황", "중립")


# --- parameters ------------------------------------------------------------------------------------------------------
def test_expand_puts_in_variables_and_defaults(monkeypatch):
    monkeypatch.setenv("A", "one")
    monkeypatch.delenv("B", raising=False)
    assert expand("${A}/x") == "one/x"
    assert expand("${A:-two}${B:-two}/x") == "onetwo/x"
    assert expand("${B:-}") == ""
    assert expand("no variable, $A") == "no variable, $A"


@pytest.mark.parametrize("value", [None, ""])
def test_expand_names_parameter_and_unset_variable(monkeypatch, value):
    monkeypatch.delenv("EMOREC_NONE", raising=False)
    if value is not None:
        monkeypatch.setenv("EMOREC_NONE", value)
    with pytest.raises(ValueError, match=r"PACKS.*EMOREC_NONE"):
        expand("${EMOREC_NONE}/packs", "PACKS")
    assert expand("${EMOREC_NONE:-sample}") == "sample"  # as in a shell: an empty one counts as unset


def test_project_root_is_the_nearest_folder_upward_with_params_and_notebooks(project, tmp_path_factory):
    assert project_root() == project
    for one in ("params", "notebooks"):  # one of the two is not enough
        (project / "notebooks/deep" / one / one).mkdir(parents=True)
        assert project_root(project / "notebooks/deep" / one) == project
        shutil.rmtree(project / "notebooks/deep" / one)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert project_root(elsewhere) == elsewhere


def test_source_sample_and_paths_from_the_projects_root(project, monkeypatch):
    (project / "mine").mkdir()
    assert source("PACKS", "sample", "packs") == ASSETS / "packs"
    assert source("PACKS", "mine", "packs") == project / "mine"
    assert source("PACKS", str(project / "mine"), "packs") == project / "mine"
    monkeypatch.setenv("MY_PACKS", "mine")
    assert source("PACKS", "${MY_PACKS:-sample}", "packs") == project / "mine"
    monkeypatch.setenv("HOME", str(project))
    assert source("PACKS", "~/mine", "packs") == project / "mine"


@pytest.mark.parametrize("value", ["nowhere", ""])
def test_source_names_parameter_and_choices_when_nothing_is_there(project, value):
    with pytest.raises(FileNotFoundError, match=r"DIALOGUE = .*sample"):
        source("DIALOGUE", value, "dialogue")


def test_is_embedded(tmp_path):
    assert is_embedded(ASSETS / "packs")
    assert not is_embedded(tmp_path) and not is_embedded(ASSETS.parent)


@pytest.mark.parametrize(("cuda", "mps", "best"), [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps")])
def test_pick_device(monkeypatch, cuda, mps, best):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device() == pick_device("auto") == best
    assert pick_device("cpu") == "cpu" and pick_device(best) == best
    if cuda:
        assert pick_device("cuda:1") == "cuda:1"
    for lacking in {"cuda", "cuda:0", "mps", "tpu", ""} - {best, f"{best}:0"}:
        with pytest.raises(ValueError, match=f"DEVICE = '{lacking}'.*{best}.*auto"):
            pick_device(lacking)


# --- files -----------------------------------------------------------------------------------------------------------
def test_write_atomic_makes_folders_and_leaves_no_part(tmp_path):
    path = write_atomic(tmp_path / "new/한글.txt", "글")
    assert path.read_bytes() == "글".encode()
    write_atomic(path, b"\x00new")
    assert path.read_bytes() == b"\x00new"
    assert os.listdir(path.parent) == ["한글.txt"]


@pytest.mark.parametrize("broken", ["write", "rename"])
def test_write_atomic_keeps_the_old_content_when_it_fails(tmp_path, monkeypatch, broken):
    path = write_atomic(tmp_path / "a.txt", "old")

    def fail(*args):
        raise OSError("disk full")

    if broken == "write":
        monkeypatch.setattr(run_module.Path, "write_bytes", fail)
    else:
        monkeypatch.setattr(run_module.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.txt"]


def test_digest_tells_contents_and_borders_apart():
    assert digest("a", 1) == digest("a", 1) and len(digest("a")) == 16
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest(b"abc"), digest(["ab", "c"])}) == 5


class Computed:
    """Counts how often it was computed."""

    def __init__(self, value):
        self.value, self.times = value, 0

    def __call__(self):
        self.times += 1
        return {"x": np.full(3, self.value), "names": np.array(["가", "나"])}


def test_cached_computes_once_and_again_for_another_key(tmp_path):
    one, two = Computed(1), Computed(2)
    for _ in range(2):
        arrays = cached(tmp_path, "gram", {"model": "a", "dim": 1}, one)
        assert arrays["x"].tolist() == [1, 1, 1] and arrays["names"].tolist() == ["가", "나"]
    assert cached(tmp_path, "gram", {"dim": 1, "model": "a"}, two)["x"][0] == 1  # the order of a key's parts does not matter
    assert (one.times, two.times) == (1, 0)
    assert cached(tmp_path, "gram", {"model": "a", "dim": 2}, two)["x"][0] == 2
    assert cached(tmp_path, "clip", {"model": "a", "dim": 1}, two)["x"][0] == 2
    assert two.times == 2 and len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: data[:60], lambda data: data[:-30], lambda data: b"no archive",
                                   lambda data: data.replace(np.full(3, 1).tobytes(), np.full(3, 7).tobytes())],
                         ids=["empty", "cut early", "cut late", "other", "flipped bytes"])
def test_cached_computes_again_when_its_file_is_broken(tmp_path, capsys, spoil):
    compute = Computed(1)
    cached(tmp_path, "gram", {}, compute)
    file = next(tmp_path.iterdir())
    file.write_bytes(spoil(file.read_bytes()))
    assert cached(tmp_path, "gram", {}, compute)["x"].tolist() == [1, 1, 1]
    assert compute.times == 2 and "computing again" in capsys.readouterr().err
    cached(tmp_path, "gram", {}, compute)
    assert compute.times == 2  # the new file is whole


def test_cached_leaves_nothing_when_the_computation_fails(tmp_path):
    with pytest.raises(ZeroDivisionError):
        cached(tmp_path, "gram", {}, lambda: {"x": 1 / 0})
    assert not list(tmp_path.iterdir())


def test_save_arrays(tmp_path):
    with np.load(save_arrays(tmp_path / "a.npz", x=np.arange(3), y=np.ones((2, 2)))) as stored:
        assert sorted(stored.files) == ["x", "y"] and stored["x"].tolist() == [0, 1, 2]


# --- the run ---------------------------------------------------------------------------------------------------------
def test_start_seeds_everything_and_counts_the_folder_from_the_root(project):
    def draw():
        run = start("01_test", "test", "outputs/test", 5)
        return run, random.random(), np.random.random(), torch.rand(1).item()

    first, second = draw(), draw()
    assert first == second
    assert first[0].out == project / "outputs/test" and first[0].out.is_dir()
    start("01_test", "test", "outputs/test", 6)
    assert (random.random(), np.random.random(), torch.rand(1).item()) != first[1:]


def test_path_makes_the_folder(tmp_path):
    path = Run("01_test", "test", tmp_path, 0).path("artifacts/deep/a.csv")
    assert path == tmp_path / "artifacts/deep/a.csv" and path.parent.is_dir() and not path.exists()


@pytest.mark.parametrize(("profile", "fact", "said"), [("colab", "embedded sample: 3 emoticons", True), ("colab", "mine", False),
                                                       ("sample", "embedded sample: 3 emoticons", False)])
def test_uses_notes_the_sample_in_profile_colab_only(tmp_path, capsys, profile, fact, said):
    run = Run("01_test", profile, tmp_path, 0)
    run.uses(packs=fact, model="m")
    out = capsys.readouterr().out
    assert f"packs: {fact}\nmodel: m\n" in out and ("No data of your own" in out) == said
    assert run.facts == {"packs": fact, "model": "m"}


def test_save_figure_keeps_its_text_inside(finished):
    with Image.open(finished.out / "figures/02_test_one.png") as picture:
        assert picture.info["Description"] == "An empty figure, 그림"


class Packs:
    """What uses() reads of a Catalogue or a Corpus."""

    digest = "123abc"

    def describe(self):
        return "two packs"


def test_save_metrics_rounds_and_keeps_plain_numbers(finished):
    finished.uses(packs=Packs(), model="m")
    metrics = {"map": np.float32(0.1), "third": 1 / 3, "n": np.int64(4), "pair": (0.5, np.float64(2 / 3)), "rows": np.eye(2),
               "deep": {1: {"ok": True, "none": None}}, "word": "행복"}
    finished.save_metrics(metrics, "행복 33 %", figure="one")
    content = json.loads((finished.out / "metrics/02_test.json").read_text(encoding="utf8"))
    assert content["metrics"] == {"map": 0.1, "third": 0.333333, "n": 4, "pair": [0.5, 0.666667], "rows": [[1, 0], [0, 1]],
                                  "deep": {"1": {"ok": True, "none": None}}, "word": "행복"}
    assert {k: v for k, v in content.items() if k != "metrics"} == {
        "notebook": "02_test", "profile": "test", "seed": 3,
        "uses": {"packs": "two packs", "model": "m"}, "data": {"packs": "123abc"}, "headline": "행복 33 %",
        "figure": "figures/02_test_one.png"}


@pytest.mark.parametrize("value", [float("nan"), np.float32("inf"), -np.inf, [1.0, float("nan")], {"a": np.array([np.nan])}])
def test_save_metrics_refuses_what_is_not_finite(finished, value):
    with pytest.raises(ValueError, match="finite"):
        finished.save_metrics({"a": value}, "", figure="one")
    assert not (finished.out / "metrics/02_test.json").exists()


def test_save_metrics_wants_its_figure(finished):
    with pytest.raises(FileNotFoundError, match=r"02_test_two\.png.*save_figure"):
        finished.save_metrics({"a": 1}, "", figure="two")


def test_save_metrics_is_byte_equal_whatever_the_order(finished):
    def saved(metrics):
        finished.save_metrics(metrics, "h", figure="one")
        return (finished.out / "metrics/02_test.json").read_bytes()

    assert saved({"a": 0.1 + 0.2, "b": 1}) == saved({"b": 1, "a": 0.3}) != saved({"b": 1, "a": 0.30001})
