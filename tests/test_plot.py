"""plot.py: every figure is drawn from sample pictures and saved, with Hangul that is really there."""

import base64
import io
import re
import warnings
from types import SimpleNamespace

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.colors import to_hex
from matplotlib.ft2font import FT2Font
from PIL import Image

from emorec_lib import plot
from emorec_lib.catalogue import load_catalogue
from emorec_lib.run import EMOTIONS

HANGUL = "가힣 행복 슬픔 분노 불안 당황 중립 ㅋㅋ ㅠㅠ 뷁"


@pytest.fixture(autouse=True)
def strict_style():
    """The project's style; any warning (a missing glyph, a layout that does not fit) is an error; figures are closed."""
    with plt.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")
        plot.use_style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def paths():
    return load_catalogue("sample").paths[::15][:10]


def saved(figure):
    """The figure as it is saved, (H, W, 3); it must be of a size that a page can show, and not blank."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    height, width = pixels.shape[:2]
    assert 100 < width < 2500 and 100 < height < 2500
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10
    return pixels


def texts(figure):
    """Every text of a figure that is not empty."""
    return [t.get_text() for t in figure.findobj(matplotlib.text.Text) if t.get_text()]


def frames(figure):
    """Colours of the frames around pictures, left to right."""
    return [to_hex(ax.spines["top"].get_edgecolor()) for ax in figure.axes if ax.axison and ax.spines["top"].get_visible()]


# --- the font ----------------------------------------------------------------------------------------------------------

def test_the_font_really_has_hangul():
    font = FT2Font(str(plot.hangul_font()))
    assert [c for c in HANGUL.replace(" ", "") if font.get_char_index(ord(c)) == 0] == []
    assert font.get_char_index(0x1F602) == 0  # what a missing glyph looks like


def test_without_the_font_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"koreanize-matplotlib.*Run make env"):
        plot.hangul_font()


def test_hangul_is_drawn_without_missing_glyphs():
    figure, ax = plt.subplots(figsize=(5, 2))
    ax.set_title(HANGUL + " → “−1”", fontweight="bold")
    ax.plot([-1, 1], [0, 1], label=HANGUL)
    ax.legend()
    saved(figure)
    with plt.rc_context({"font.family": ["DejaVu Sans"]}), pytest.raises(UserWarning, match="missing from font"):
        saved(plt.figure().text(0, 0, HANGUL).figure)  # the check can fail


# --- pictures ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("size, box", [((200, 100), (10, 5)), ((30, 60), (5, 10)), ((4, 4), (4, 4)), ((500, 1), (10, 1))])
def test_thumbnail_fits_and_keeps_the_shape(tmp_path, size, box):
    Image.new("RGB", size, "blue").save(tmp_path / "a.png")
    result = plot.thumbnail(tmp_path / "a.png", 10)
    rows, columns = np.nonzero((result == (0, 0, 255)).all(2))
    assert result.shape == (10, 10, 3) and result.dtype == np.uint8 and (result[0, 0] == 255).all() == (box != (10, 10))
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == box


def test_pictures(paths):
    captions = [f"고양이 {i}" for i in range(10)]
    figure = plot.pictures(paths, captions, per_row=4, title="모음")
    saved(figure)
    assert len(figure.axes) == 12 and sum(len(ax.images) for ax in figure.axes) == 10 and {"모음", *captions} <= set(texts(figure))
    saved(plot.pictures(paths[:1]))


def test_thumbnail_map_puts_every_picture_at_its_place(tmp_path):
    for name in ("red", "lime", "blue"):
        Image.new("RGB", (100, 100), name).save(tmp_path / f"{name}.png")
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 5.0]])
    paths = [tmp_path / f"{name}.png" for name in ("red", "lime", "blue")]
    figure = plot.thumbnail_map([points, -points], paths, ["왼쪽", "오른쪽"], width=200)
    left, right = (np.asarray(ax.images[0].get_array()) for ax in figure.axes)
    assert [tuple(left[y, x]) for y, x in ((190, 10), (190, 190), (10, 190))] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert [tuple(right[y, x]) for y, x in ((10, 190), (10, 10), (190, 10))] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_thumbnail_map_of_points_in_one_place(paths):
    saved(plot.thumbnail_map([np.zeros((10, 2))], paths, ["모두 한 곳"]))


def test_neighbour_rows_tell_right_wrong_and_unknown(paths):
    styles = dict(zip(paths, ["x", "x", "y", "", "x", "y", "", "", "", ""], strict=True))
    figure = plot.neighbour_rows(paths[0], {"우리": paths[1:4], "출처": paths[4:6]}, styles, title="이웃")
    saved(figure)
    assert frames(figure) == [plot.GOOD.lower(), plot.BAD.lower(), plot.UNKNOWN, plot.GOOD.lower(), plot.BAD.lower()]
    assert [t for t in texts(figure) if "style" in t or t == "y"] == ["same style", "y", "style unknown", "same style", "y"]
    unknown = plot.neighbour_rows(paths[6], {"우리": [paths[7], paths[0]]}, styles)
    assert frames(unknown) == [plot.UNKNOWN] * 2 and texts(unknown).count("style unknown") == 2  # unknown is not "the same"


def test_similarity_map(paths):
    similarity = np.random.default_rng(0).uniform(-1, 1, (3, 10))
    figure = plot.similarity_map(similarity, paths[:3], paths, title="비슷함")
    saved(figure)
    assert [t for t in texts(figure) if re.fullmatch(r"-?\d\.\d\d", t)][:30] == [f"{v:.2f}" for v in similarity.ravel()]
    assert len(figure.axes[0].images) == 1 + 3 + 10
    saved(plot.similarity_map(np.ones((1, 1)), paths[:1], paths[:1]))


# --- numbers -----------------------------------------------------------------------------------------------------------

def test_interval_dots():
    results = {"우리": {"P@1": (0.9, 0.8, 1.0), "mAP": (0.5, 0.4, 0.6)}, "무작위": {"P@1": (0.25, 0.25, 0.25), "mAP": (0.3, 0.31, 0.4)}}
    figure = plot.interval_dots(results, ("P@1", "mAP"), title="결과")
    saved(figure)
    assert [ax.get_title() for ax in figure.axes] == ["P@1", "mAP"]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["우리", "무작위"]
    assert [t.get_text() for t in figure.axes[0].texts] == ["0.90", "0.25"]


def test_grouped_bars():
    counts = pd.DataFrame({"before": [3, 1, 0, 2, 5, 9], "after": [4, 4, 4, 4, 5, 9]}, index=EMOTIONS)
    figure = plot.grouped_bars(counts, "messages", title="개수")
    saved(figure)
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == list(EMOTIONS)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [3, 1, 0, 2, 5, 9, 4, 4, 4, 4, 5, 9]


@pytest.mark.parametrize("n_epochs", [1, 4])
def test_training_curves(n_epochs):
    history = [{"epoch": i, "train_loss": 2 / i, "validation_loss": 1.0, "validation_accuracy": 0.5, "validation_macro_f1": 0.4,
                "best": i == min(2, n_epochs)} for i in range(1, n_epochs + 1)]
    figure = plot.training_curves(history, title="학습")
    saved(figure)
    assert f"chosen: epoch {min(2, n_epochs)}" in texts(figure)
    assert figure.axes[0].lines[0].get_ydata().tolist() == [2 / i for i in range(1, n_epochs + 1)]


def test_confusion_with_a_class_that_never_occurs():
    matrix = np.diag([5, 4, 3, 2, 1, 0])
    matrix[0, 1] = 7
    figure = plot.confusion(matrix, EMOTIONS, title="혼동")
    saved(figure)
    assert [int(t.get_text()) for t in figure.axes[0].texts] == matrix.ravel().tolist()
    shown = np.asarray(figure.axes[0].images[0].get_array())
    assert shown[0, :2].tolist() == [5 / 12, 7 / 12] and shown[5].tolist() == [0] * 6


@pytest.mark.parametrize("n_rows", [1, 3])
def test_recommendations(paths, n_rows):
    emotion = SimpleNamespace(label="분노", probabilities={"분노": 0.75})
    answer = SimpleNamespace(emotion=emotion, emoticons=[SimpleNamespace(path=p, emotion="분노") for p in paths[:3]])
    nothing = SimpleNamespace(emotion=emotion, emoticons=[])
    rows = [(paths[:2], "너 너무 사람 킹받게 하는 것 같아", answer), (paths[:6], "음", nothing), ([], "처음이야", answer)][:n_rows]
    figure = plot.recommendations(rows)
    saved(figure)
    assert "“너 너무 사람 킹받게 하는 것 같아” → 분노 75%" in texts(figure) and len(figure.axes) == 10 * n_rows
    shown = [sum(len(ax.images) for ax in figure.axes[row * 10:row * 10 + 10]) for row in range(n_rows)]
    assert shown == [2 + 3, 4 + 0, 0 + 3][:n_rows]  # of six used emoticons the first four


# --- manners -----------------------------------------------------------------------------------------------------------

def test_colours_are_distinct():
    assert len(set(plot.COLOURS)) == len(plot.COLOURS) == 8 and plot.GOOD != plot.BAD and plot.UNKNOWN not in plot.COLOURS


def test_characters_that_the_font_lacks_are_left_out():
    assert plot.drawable("합격 ㅋㅋ 😂!!") == "합격 ㅋㅋ !!"


def test_zoom_map_names_every_emoticon_where_it_lies(tmp_path):
    paths = []
    for i, colour in enumerate(["red", "green", "blue"]):
        paths.append(tmp_path / f"{i}.png")
        Image.new("RGB", (30, 30), colour).save(paths[-1])
    zoom = plot.ZoomMap(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), paths, ["a", "<b>", "c"], "three")
    page = BeautifulSoup(zoom._repr_html_(), "html.parser")
    spots = {r.title.text: (int(r["x"]), int(r["y"])) for r in page.find_all("rect")}
    last = zoom.width - zoom.size
    assert spots == {"a": (0, last), "<b>": (last, 0), "c": (last, last)}  # up is up
    assert [i["id"] for i in page.find_all("input")] == [label["for"] for label in page.find_all("label")]
    assert page.find("svg")["aria-label"] == "three" and not page.find("script")
    picture = Image.open(io.BytesIO(base64.b64decode(page.find("image")["href"].split(",")[1])))
    assert picture.size == (zoom.width, zoom.width)
    middle = zoom.size // 2
    assert picture.getpixel((middle, last + middle))[0] > 200 and picture.getpixel((last + middle, middle))[1] > 100
    assert ":checked~div svg{width:400%}" in str(page)
    other = plot.ZoomMap(np.zeros((3, 2)), paths, list("abc"), "")  # beside the first on one page
    assert BeautifulSoup(other._repr_html_(), "html.parser").div["id"] != page.div["id"]
