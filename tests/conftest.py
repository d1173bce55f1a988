"""What tests share: the project's root, and a copy of the tree in which Make and notebooks may run."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).parent.parent
GUARD = ROOT / "tests" / "guard"
runpy.run_path(str(GUARD / "sitecustomize.py"))  # from here on this process cannot leave the machine


def pytest_collection_modifyitems(items):
    """The slow file first: with files side by side the others fill the time that it takes."""
    items.sort(key=lambda item: not item.get_closest_marker("slow"))


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Threads of OpenMP that wait for a busy core spin, which makes small computations many times slower."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


def no_network() -> list[str]:
    """Command that runs another one in a network namespace of its own, where there is no network at all; [] where the system has none."""
    works = shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    return ["unshare", "-rn"] if works else []


class Project:
    """A copy of the tree; ``make`` runs there, with this Python instead of a .venv of its own, and cannot leave the machine."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.guard_log = folder.parent / "attempts.txt"

    def command(self, *words: str) -> list[str]:
        return [*no_network(), "make", f"PY={sys.executable}", "ENV=", *words]

    def make(self, *words: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*words), cwd=self.folder, env=self.environment(**environment), capture_output=True, text=True,
                              timeout=1200)  # a kernel that hangs shows here what make had printed

    def environment(self, **more: str) -> dict[str, str]:
        """Without EMOREC_ variables of the tester's own; imports the copy's library, not the installed one."""
        mine = {k: v for k, v in os.environ.items() if not k.startswith(("EMOREC_", "MAKE"))}
        path = os.pathsep.join([str(GUARD), str(self.folder)])
        return mine | {"PYTHONPATH": path, "EMOREC_GUARD_LOG": str(self.guard_log)} | more


@pytest.fixture(scope="session")
def copy_project(tmp_path_factory):
    """copy_project() -> Project, a fresh copy of everything that git tracks or would."""

    def copy() -> Project:
        folder = tmp_path_factory.mktemp("project") / "emorec"
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        return Project(folder)

    return copy
