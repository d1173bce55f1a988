"""Put a finished run's reports on a branch of this repository, for people to read without running: python tools/publish.py outputs/sample

The branch (default ``pages``) gets one commit more, named after the commit that the run was made from; the working tree stays as it is.
Nothing is pushed: `git push origin pages`, then choose the branch under the repository's settings for pages.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WHAT = ("index.html", "run.json", "reports")


def git(*words, env=None, cwd=None, text="") -> str:
    done = subprocess.run(["git", *map(str, words)], input=text, capture_output=True, text=True, cwd=cwd, env=os.environ | (env or {}))
    if done.returncode:
        sys.exit(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def publish(out: Path, branch: str) -> str:
    """The new commit's hash."""
    lacking = [name for name in WHAT if not (out / name).exists()]
    if lacking:
        sys.exit(f"{out} holds no {', '.join(lacking)}: finish a run first (make all PROFILE={out.name})")
    facts = json.loads((out / "run.json").read_text(encoding="utf8"))
    if not facts["commit"]:
        sys.exit(f"{out}/run.json names no commit: run it in a clone of the repository")
    with tempfile.TemporaryDirectory() as folder:
        own = {"GIT_INDEX_FILE": str(Path(folder) / "index"), "GIT_DIR": git("rev-parse", "--absolute-git-dir"),
               "GIT_WORK_TREE": str(out.resolve())}
        git("add", "--force", *WHAT, env=own, cwd=out)
        empty = git("hash-object", "-w", "--stdin", env=own)
        git("update-index", "--add", "--cacheinfo", f"100644,{empty},.nojekyll", env=own)  # GitHub: these are no Jekyll pages
        tree = git("write-tree", env=own)
    parent = git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
    note = f"Reports of profile {out.name}, run at {facts['commit']}" + (" with uncommitted changes" if facts["dirty"] else "")
    commit = git("commit-tree", tree, "-m", note, *(["-p", parent] if parent else []))
    git("update-ref", f"refs/heads/{branch}", commit)
    return commit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--branch", default="pages")
    given = parser.parse_args()
    print(f"{given.branch}: {publish(given.out, given.branch)}. Push it: git push origin {given.branch}")


if __name__ == "__main__":
    main()
