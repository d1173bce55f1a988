"""colab.py with a stand-in for google.colab; tools/try_colab.py runs the notebooks with Colab's package versions."""

import os
import sys
import types
from pathlib import Path

import pytest

from emorec_lib import colab


@pytest.fixture
def connect(monkeypatch, tmp_path):
    """connect(error=None): google.colab with a Drive that can be mounted, or not; EMOREC_ variables and the folder come back."""
    def connect(error=None):
        def mount(path):
            if error:
                raise error
            Path(path, "MyDrive").mkdir(parents=True, exist_ok=True)
        drive = types.SimpleNamespace(mount=mount)
        monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
        monkeypatch.setitem(sys.modules, "google.colab", types.SimpleNamespace(drive=drive))
    for name in ("EMOREC_CACHE", "EMOREC_PACKS", "EMOREC_AIHUB"):
        monkeypatch.setenv(name, "x")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setattr(colab, "MOUNT", tmp_path / "content/drive")
    monkeypatch.chdir(tmp_path)
    return connect


def test_work_lies_on_drive(connect, tmp_path, capsys):
    connect()
    home = tmp_path / "content/drive/MyDrive/emorec"
    (home / "packs").mkdir(parents=True)
    assert colab.prepare() == home == Path.cwd()
    assert os.environ["EMOREC_CACHE"] == str(home / "models") and os.environ["EMOREC_PACKS"] == str(home / "packs")
    assert "EMOREC_AIHUB" not in os.environ
    said = capsys.readouterr().out
    assert f"EMOREC_AIHUB: the embedded sample; your own go into {home / 'aihub'}" in said and f"results: {home}" in said
    assert "GPU" in said


def test_what_is_set_stays(connect, monkeypatch):
    connect()
    monkeypatch.setenv("EMOREC_CACHE", "elsewhere")
    colab.prepare()
    assert os.environ["EMOREC_CACHE"] == "elsewhere"


def test_refused_drive_is_said_and_work_goes_on(connect, tmp_path, capsys):
    connect(ValueError("mount failed"))
    assert colab.prepare("mine") == tmp_path / "content/mine" == Path.cwd()
    assert "Google Drive is not connected (mount failed)" in capsys.readouterr().out


@pytest.mark.parametrize("gpu", [True, False])
def test_the_processor_is_named(connect, monkeypatch, capsys, gpu):
    connect()
    monkeypatch.setattr("torch.cuda.is_available", lambda: gpu)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda: "Tesla T4")
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda _: types.SimpleNamespace(total_memory=15 * 2**30))
    colab.prepare()
    said = capsys.readouterr().out
    assert ("GPU: Tesla T4, 15 GB" in said) == gpu and ("런타임 유형 변경" in said) != gpu
