"""tools/publish.py: reports on a branch of their own."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def repository(tmp_path, root, monkeypatch):
    def git(*words):
        return subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "tester")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tester@example.org")
    git("init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text("outputs/\n")
    git("add", ".gitignore")
    git("commit", "-q", "-m", "first")
    out = tmp_path / "outputs/sample"
    (out / "reports").mkdir(parents=True)
    (out / "artifacts").mkdir()
    (out / "artifacts/large.npz").write_bytes(b"x")
    (out / "index.html").write_text("one")
    (out / "reports/01.html").write_text("report")
    (out / "run.json").write_text(json.dumps({"commit": git("rev-parse", "HEAD"), "dirty": False}))

    def publish():
        command = [sys.executable, str(root / "tools/publish.py"), "outputs/sample"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return git, out, publish


def test_reports_come_to_the_branch_and_nothing_else_changes(repository):
    git, out, publish = repository
    assert publish().returncode == 0
    assert git("ls-tree", "-r", "--name-only", "pages").split() == [".nojekyll", "index.html", "reports/01.html", "run.json"]
    assert git("log", "-1", "--format=%s", "pages") == f"Reports of profile sample, run at {git('rev-parse', 'main')}"
    (out / "index.html").write_text("two")
    assert publish().returncode == 0
    assert git("show", "pages:index.html") == "two" and git("rev-list", "--count", "pages") == "2"
    assert git("status", "--porcelain") == "" and git("branch", "--show-current") == "main"


def test_an_unfinished_run_is_not_published(repository):
    _, out, publish = repository
    (out / "run.json").unlink()
    done = publish()
    assert done.returncode != 0 and "holds no run.json: finish a run first (make all PROFILE=sample)" in done.stderr
