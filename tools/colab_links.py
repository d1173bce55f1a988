"""Put the repository's address and this version's tag into every notebook's Colab cell and link: python tools/colab_links.py

Both come from pyproject.toml: [project.urls] Repository, and v + version. Run it after changing either; then commit, and tag the commit
(git tag v0.1.0), which is what Colab installs. A test compares.
"""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CELL = """import sys  # Google Colab only: the library of this notebook's version; data and results on Drive

if "google.colab" in sys.modules:
    %pip install --quiet "emorec @ git+{repository}@{tag}"
    from emorec_lib import colab
    colab.prepare()"""
LINK = re.compile(r"Colab: \[open\]\([^)]*\)")


def with_links(notebook: dict, name: str, project: dict) -> dict:
    """The notebook (as JSON has it) with the address and tag of ``project`` in its first two cells. Raises ValueError where its first cell
    has no "Colab: [open](…)" to put the link into."""
    repository, tag = project["urls"]["Repository"].removesuffix("/"), f"v{project['version']}"
    first, setup = notebook["cells"][:2]
    page = repository.replace("https://github.com/", "https://colab.research.google.com/github/")
    text, found = LINK.subn(f"Colab: [open]({page}/blob/{tag}/notebooks/{name}.ipynb)", "".join(first["source"]))
    if found != 1:
        raise ValueError(f"{name}: its first cell has {found} links of the form Colab: [open](…); expected one")
    first["source"] = text.splitlines(keepends=True)
    setup["source"] = CELL.format(repository=repository, tag=tag).splitlines(keepends=True)
    return notebook


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        before = path.read_text(encoding="utf8")
        after = json.dumps(with_links(json.loads(before), path.stem, project), indent=1, ensure_ascii=False) + "\n"
        if after != before:
            path.write_text(after, encoding="utf8")
            print(f"{path.name}: {project['urls']['Repository']}, v{project['version']}")


if __name__ == "__main__":
    main()
