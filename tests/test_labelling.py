"""labelling.py: labels by clicking, saved at each click."""

import pandas as pd
import pytest
from PIL import Image

from emorec_lib.augment import LABELS
from emorec_lib.catalogue import load_catalogue
from emorec_lib.labelling import EmoticonLabeller, Labeller, read_labels
from emorec_lib.run import ASSETS

TEXTS = ["첫째, \"따옴표\"\n두 줄", "둘째", "둘째", "셋째"]


def click(widget, label: str) -> None:
    _, row, _ = widget.children
    next(button for button in row.children if button.description == label).click()


def test_each_click_is_on_the_disk_and_a_second_visit_goes_on(tmp_path):
    path = tmp_path / "mine" / "gold.csv"
    widget = Labeller(TEXTS, path).widget()
    said, _, progress = widget.children
    assert said.value == TEXTS[0]
    click(widget, "행복")
    assert read_labels(path).to_dict("list") == {"text": TEXTS[:1], "label": ["행복"]}
    assert said.value == "둘째" and progress.value.startswith("1 of 3 labelled")
    again = Labeller(TEXTS, path).widget()  # the kernel was restarted
    assert again.children[0].value == "둘째"
    click(again, "불명확")
    click(again, "슬픔")
    assert again.children[0].value == "All are labelled." and all(b.disabled for b in again.children[1].children[:-1])
    assert dict(read_labels(path).itertuples(index=False)) == {TEXTS[0]: "행복", "둘째": "불명확", "셋째": "슬픔"}


def test_back_shows_the_last_message_again(tmp_path):
    widget = Labeller(TEXTS, tmp_path / "gold.csv").widget()
    assert widget.children[1].children[-1].disabled
    click(widget, "행복")
    click(widget, "← back")
    assert widget.children[0].value == TEXTS[0] and read_labels(tmp_path / "gold.csv").empty


def test_there_is_a_button_for_every_label_and_nothing_tells_the_record(tmp_path):
    said, row, progress = Labeller(TEXTS, tmp_path / "gold.csv").widget().children
    assert [button.description for button in row.children] == [*LABELS, "← back"]
    assert said.value == TEXTS[0] and "0 of 3" in progress.value


def test_labels_of_other_texts_in_the_file_are_kept(tmp_path):
    path = tmp_path / "gold.csv"
    pd.DataFrame({"text": ["다른 글"], "label": ["중립"]}).to_csv(path, index=False)
    Labeller(TEXTS, path).give("행복")
    assert dict(read_labels(path).itertuples(index=False)) == {"다른 글": "중립", TEXTS[0]: "행복"}


def test_what_cannot_be_labelled(tmp_path):
    with pytest.raises(ValueError, match="read only"):
        Labeller(TEXTS, ASSETS / "augment/gold.csv")
    with pytest.raises(ValueError, match="label '기쁨'; choices: 행복"):
        Labeller(TEXTS, tmp_path / "gold.csv").give("기쁨")


@pytest.mark.parametrize(("content", "word"), [
    ("a,b\n1,2\n", "found the columns a, b"), ("text,label\nx,기쁨\n", "found the labels '기쁨'")])
def test_a_file_of_another_kind_is_named(tmp_path, content, word):
    (tmp_path / "gold.csv").write_text(content, encoding="utf8")
    with pytest.raises(ValueError, match=rf"gold\.csv: {word}"):
        Labeller(TEXTS, tmp_path / "gold.csv")


# --- emoticons -------------------------------------------------------------------------------------------------------
@pytest.fixture
def packs(tmp_path):
    for pack in ("cat", "dog"):
        (tmp_path / "mine" / pack).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (20, 20), (80 * i, 10, 10)).save(tmp_path / "mine" / pack / f"{i}.png")
    return tmp_path / "mine"


def test_emoticons_are_labelled_in_the_grid_and_saved_as_a_manifest(packs):
    pack, grid, progress = EmoticonLabeller(load_catalogue(packs)).widget().children
    grid.children[1].children[1].value = "슬픔"
    assert progress.value == "1 of 6 labelled, saved in manifest.csv"
    pack.value = "dog"
    grid.children[0].children[1].value = "행복"
    table = load_catalogue(packs).table
    assert table["emotion_ko"].tolist() == ["", "슬픔", "", "행복", "", ""] and table["pack_id"].tolist() == ["cat"] * 3 + ["dog"] * 3
    again = EmoticonLabeller(load_catalogue(packs)).widget()  # opened another day
    assert again.children[1].children[1].children[1].value == "슬픔" and again.children[2].value.startswith("2 of 6")


def test_emoticons_that_cannot_be_labelled(packs, tmp_path):
    with pytest.raises(ValueError, match="read only"):
        EmoticonLabeller(load_catalogue("sample"))
    with pytest.raises(ValueError, match="put the manifest above the pictures"):
        EmoticonLabeller(load_catalogue(packs), tmp_path / "elsewhere" / "manifest.csv")
    with pytest.raises(ValueError, match="emotion '기쁨'; choices: 행복"):
        EmoticonLabeller(load_catalogue(packs)).give("x", "기쁨")
