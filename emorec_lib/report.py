"""Reports that open whole without a network: python -m emorec_lib.report NN_name outputs/sample, or index outputs/sample."""

import base64
import html
import importlib.metadata
import io
import json
import platform
import re
import subprocess
import sys
from functools import cache
from itertools import groupby
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from .run import ASSETS, pick_device, project_root, write_atomic

NUMBER = re.compile(r"[-+−]?[\d.,%\[\]+−–\s-]*|NaN|None|True|False")
STYLE = (ASSETS / "report.css").read_text(encoding="utf8")


def page(title: str, body: str) -> str:
    """A whole HTML page with nothing from outside."""
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    code = HtmlFormatter(style="default").get_style_defs(".highlight")
    ground = re.compile(r"background(-color)?: [^;}]+;?")
    code = ground.sub("", code) + "@media(prefers-color-scheme:dark){" + ground.sub("", dark) + "}"
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
            f"<meta name=color-scheme content='light dark'><link rel=icon href='data:,'><title>{html.escape(title)}</title>"
            f"<style>{code}{STYLE}</style></head><body><main>{body}</main></body></html>\n")


def mathml(markdown: str) -> str:
    """$…$ and $$…$$ of a Markdown text as MathML, code left alone."""
    parts = re.split(r"(```.*?```|`[^`]*`)", markdown, flags=re.S)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"\$\$(.+?)\$\$", lambda m: to_mathml(m[1].strip(), display="block"), parts[i], flags=re.S)
        parts[i] = re.sub(r"\$([^$\n]+?)\$", lambda m: to_mathml(m[1].strip()), parts[i])
    return "".join(parts)


def render(name: str, out: Path) -> Path:
    """reports/NN_….html of an executed notebook, with its facts (data, models, headline) on top.

    Raises FileNotFoundError if the notebook has not run or saved no metrics.
    """
    executed, facts = out / f"notebooks/{name}.ipynb", out / f"metrics/{name}.json"
    for path in (executed, facts):
        if not path.exists():
            raise FileNotFoundError(f"{path}: missing; run the notebook first (make nb-{name[:2]} PROFILE={out.name})")
    notebook = nbformat.read(executed, as_version=4)
    saved = json.loads(facts.read_text(encoding="utf8"))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = mathml(cell.source)
        else:  # progress bars and warnings are for the terminal; a widget has no kernel here, what it showed is beside it
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
            for output in cell.outputs:
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    notebook.metadata.pop("widgets", None)
    notebook.cells = [c for c in notebook.cells if "colab" not in c.metadata.get("tags", [])]
    first, *rest = notebook.cells
    body = _fragment(notebook, [first]) + _facts(saved) + f"<figure>{_image(out / saved['figure'])}</figure>"
    for parameters, cells in groupby(rest, lambda c: bool({"parameters", "injected-parameters"} & {*c.metadata.get("tags", [])})):
        part = _fragment(notebook, list(cells))
        body += f"<details><summary>Parameters</summary>{part}</details>" if parameters else part
    title = title_of(notebook)
    body = re.sub(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)", lambda m: _lighter(m[0], m[1]), body)
    nav = f"<nav><a href='../index.html'>← all reports of this run ({html.escape(out.name)})</a></nav>"
    return write_atomic(out / f"reports/{name}.html", page(title, nav + body + _footer(notebook)))


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)


def _fragment(notebook, cells: list) -> str:
    text, _ = _exporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata))
    text = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", text)
    text = re.sub(r"<style scoped[^>]*>.*?</style>", "", text, flags=re.S)  # pandas' own; report.css has ours
    text = re.sub(r"<table.*?</table>", lambda m: _table(m[0]), text, flags=re.S)
    return re.sub(r"\.ipynb(['\"#)])", r".html\1", text)  # links between notebooks become links between reports


def _table(text: str) -> str:
    """pandas' table in a box that scrolls, columns of words to the left (class text)."""
    table = BeautifulSoup(text, "html.parser").table
    del table["border"]
    rows = [row.find_all("td") for row in table.find_all("tr")]
    heads = [row.find_all("th") for row in (table.thead.find_all("tr") if table.thead else ())]
    for column in range(max(map(len, rows), default=0)):
        cells = [row[column] for row in rows if column < len(row)]
        if not all(NUMBER.fullmatch(cell.get_text()) for cell in cells):
            width = max(map(len, rows))
            for cell in [*cells, *[head[column - width] for head in heads if len(head) >= width]]:
                cell["class"] = [*cell.get("class", []), "text"]
    return f"<div class=scroll tabindex=0>{table}</div>"


def _image(picture: Path) -> str:
    """A figure of the run with its alternative text, the file inside."""
    from PIL import Image

    with Image.open(picture) as image:
        alt = html.escape(image.info.get("Description", ""), quote=True)
    return f"<img alt='{alt}' src='data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}'>"


def _lighter(whole: str, packed: str) -> str:
    """A figure's PNG as WebP, half as large; small and moving pictures stay as they are."""
    from PIL import Image

    content = base64.b64decode(packed)
    with Image.open(io.BytesIO(content)) as image:
        if len(content) < 50_000 or getattr(image, "n_frames", 1) > 1:
            return whole
        lighter = io.BytesIO()
        image.save(lighter, "WEBP", quality=90, method=4)
    smaller = lighter.getvalue()
    return f"data:image/webp;base64,{base64.b64encode(smaller).decode()}" if len(smaller) < len(content) else whole


def title_of(notebook) -> str:
    """First heading of a notebook, without its #."""
    lines = [line for c in notebook.cells if c.cell_type == "markdown" for line in c.source.splitlines()]
    return next(line.lstrip("# ").strip() for line in lines if line.startswith("# "))


def _facts(saved: dict) -> str:
    uses = saved["uses"]
    on_sample = saved["profile"] == "colab" and any("embedded sample" in str(v) for v in uses.values())
    untrained = [str(v) for v in uses.values() if "untrained" in str(v)]
    warn = "<p><b>No data of the user's own was given: the real models ran on the embedded sample.</b></p>" if on_sample else ""
    if untrained:
        warn += "<p><b>Untrained networks (fixed-seed random weights) stand in for the real ones here: " \
                "the figures show that the method runs, not how good it is.</b></p>"
    lines = "".join(f"<p>{html.escape(k)}: {html.escape(str(v))}</p>" for k, v in uses.items())
    return (f"<div class='facts{' warn' if warn else ''}'><p class=headline>{html.escape(saved['headline'])}</p>{warn}{lines}"
            f"<p>profile: {html.escape(saved['profile'])}</p></div>")


def _seconds(notebook) -> float:
    return float(notebook.metadata.get("papermill", {}).get("duration") or 0.0)


def _footer(notebook) -> str:
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    values = ", ".join(f"{k} = {v!r}" for k, v in given.items())
    python, commit = platform.python_version(), _git("rev-parse", "--short", "HEAD") or "unknown"
    torch = importlib.metadata.version("torch")
    return (f"<footer><p>Ran in {_seconds(notebook):.0f} s with {html.escape(values)}. Commit {commit}, Python {python}, torch {torch}; "
            "more in <a href='../run.json'>run.json</a>.</p></footer>")


def build_index(out: Path) -> Path:
    """index.html with a card a notebook, and run.json: commit, versions, device, and of every notebook its seconds, parameters,
    data, metrics."""
    runs, cards = {}, []
    for path in sorted(out.glob("metrics/*.json")):
        executed = out / f"notebooks/{path.stem}.ipynb"
        if not executed.exists():
            continue
        notebook, saved = nbformat.read(executed, as_version=4), json.loads(path.read_text(encoding="utf8"))
        given = notebook.metadata.get("papermill", {}).get("parameters", {})
        runs[path.stem] = {"seconds": round(_seconds(notebook), 1), "parameters": given,
                           **{k: saved[k] for k in ("uses", "data", "headline", "metrics")}}
        cards.append(_card(path.stem, notebook, saved, out))
    facts = run_facts()
    write_atomic(out / "run.json", json.dumps({**facts, "profile": out.name, "notebooks": runs}, ensure_ascii=False, indent=1) + "\n")
    dirty = " with uncommitted changes" if facts["dirty"] else ""
    head = f"<h1>emorec: profile {html.escape(out.name)}</h1><p>Emoticons of a similar style that show the emotion of a message.</p>"
    foot = (f"<footer><p>Commit {facts['commit'] or 'unknown'}{dirty}; Python {facts['python']}, torch {facts['versions']['torch']}; "
            f"device {facts['device']}; {sum(r['seconds'] for r in runs.values()):.0f} s in all. More in run.json.</p></footer>")
    return write_atomic(out / "index.html", page(f"emorec: {out.name}", head + f"<div class=cards>{''.join(cards)}</div>" + foot))


def _card(name: str, notebook, saved: dict, out: Path) -> str:
    return (f"<a class=card href='reports/{name}.html'>{_image(out / saved['figure'])}<div>"
            f"<h2>{html.escape(title_of(notebook))}</h2><p>{html.escape(saved['headline'])}</p><p>{_seconds(notebook):.0f} s</p></div></a>")


def run_facts() -> dict:
    """Commit and whether the tree differs from it, versions of the named packages, device."""
    names = ("torch", "torchvision", "clip-anytorch", "transformers", "scikit-learn", "numpy", "pandas", "papermill", "openai")
    return {"commit": _git("rev-parse", "HEAD"), "dirty": bool(_git("status", "--porcelain")), "python": platform.python_version(),
            "platform": platform.system(), "device": pick_device(), "versions": {n: importlib.metadata.version(n) for n in names}}


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=project_root(), capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> None:
    """Command line, used by the Makefile: a notebook's name or ``index``, then the profile's folder."""
    name, out = sys.argv[1], Path(sys.argv[2])
    try:
        written = build_index(out) if name == "index" else render(name, out)
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(written)


if __name__ == "__main__":
    main()
