"""report.py: tables of a report."""

from bs4 import BeautifulSoup

from emorec_lib.report import _table

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
