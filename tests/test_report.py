"""report.py: tables and pictures of a report."""

import base64
import io

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from emorec_lib.report import _lighter, _table

PANDAS = """<table border="1" class="dataframe"><thead>
<tr style="text-align: right;"><th></th><th>text</th><th>n</th><th>gain</th></tr>
<tr><th>label</th><th></th><th></th><th></th></tr></thead>
<tbody><tr><th>0</th><td>안녕 3</td><td>1,080</td><td>.12 [.05, .2]</td></tr>
<tr><th>1</th><td>5</td><td>NaN</td><td>-0.5</td></tr></tbody></table>"""


def test_columns_of_words_are_left_and_the_table_scrolls_in_a_box():
    box = BeautifulSoup(_table(PANDAS), "html.parser").div
    assert box["class"] == ["scroll"] and box["tabindex"] == "0"  # the keyboard can scroll it
    assert [cell.get_text() for cell in box.select("td.text")] == ["안녕 3", "5"]
    assert [cell.get_text() for cell in box.select("th.text")] == ["text", ""]
    assert not box.table.has_attr("border")


def test_rows_grouped_by_their_first_column():
    grouped = """<table><thead><tr><th>queries</th><th>method</th><th>P@1</th><th>why</th></tr></thead><tbody>
    <tr><th rowspan="2">all</th><th>ours</th><td>.9</td><td>good</td></tr>
    <tr><th>random</th><td>.1</td><td>chance</td></tr></tbody></table>"""
    table = BeautifulSoup(_table(grouped), "html.parser")
    assert [cell.get_text() for cell in table.select(".text")] == ["why", "good", "chance"]
    assert _table("<table></table>") == "<div class=scroll tabindex=0><table></table></div>"


def data_url(frames: list, **options) -> tuple[str, str]:
    file = io.BytesIO()
    frames[0].save(file, "PNG", append_images=frames[1:], **options)
    packed = base64.b64encode(file.getvalue()).decode()
    return f"data:image/png;base64,{packed}", packed


def test_large_figures_become_lighter_and_nothing_else_changes():
    noise = np.random.default_rng(0).integers(0, 256, (2, 300, 300, 3)).astype(np.uint8)
    large, other = map(Image.fromarray, noise)
    found = _lighter(*data_url([large]))
    assert found.startswith("data:image/webp;base64,") and len(found) < len(data_url([large])[0])
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(found.split(",")[1]))).convert("RGB"))
    assert shown.shape == (300, 300, 3)
    for kept in (data_url([Image.new("RGB", (300, 300), "white")]), data_url([large, other], save_all=True)):  # small; moving
        assert _lighter(*kept) == kept[0]
