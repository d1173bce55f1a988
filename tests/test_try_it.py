"""try_it.py without a browser: what the buttons and fields do. In a browser: test_browser.py."""

import pytest
from PIL import Image

from emorec_lib.answer import Emotion, Recommendation, Suggestion
from emorec_lib.catalogue import load_catalogue
from emorec_lib.run import EMOTIONS
from emorec_lib.try_it import TryIt


class Fake:
    """A recommender that notes what it was asked and suggests the first emoticons."""

    def __init__(self, cat, cache):
        self.packs_from, self.cache, self.asked = cat, cache, []

    def recommend(self, history, message, k, **options):
        self.asked.append((dict(history), message, k, options))
        emotion = Emotion("행복", dict.fromkeys(EMOTIONS, 1 / 6), True)
        return Recommendation(emotion, [], [Suggestion(p, "cat", "행복", 1.0, "why") for p in self.packs_from.paths[:k]], ["<note>"])


@pytest.fixture
def rec(tmp_path):
    for pack in ("cat", "dog"):
        (tmp_path / "packs" / pack).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (20, 20), (80 * i, 10, len(pack))).save(tmp_path / "packs" / pack / f"{i}.png")
    return Fake(load_catalogue(tmp_path / "packs"), tmp_path / "cache")


def counts(tried):
    return [cell.children[1] for cell in tried.grid.children]


def test_counts_and_letters_ask_anew(rec):
    tried = TryIt(rec, "안녕", k=2, n_packs=1)
    assert rec.asked == [({}, "안녕", 2, {"n_packs": 1})]
    counts(tried)[1].value = 4
    assert rec.asked[-1][0] == {rec.packs_from.paths[1]: 4} and "4번" in tried.chosen.value
    tried.pack.value = "dog"
    counts(tried)[0].value = 1
    assert rec.asked[-1][0] == {rec.packs_from.paths[1]: 4, rec.packs_from.paths[3]: 1}
    tried.pack.value = "cat"
    assert [c.value for c in counts(tried)] == [0, 4, 0]  # what was chosen stays chosen
    counts(tried)[1].value = 0
    assert list(rec.asked[-1][0]) == [rec.packs_from.paths[3]]
    tried.text.value = "<b>화나</b>"
    assert rec.asked[-1][1] == "<b>화나</b>" and "<b>화나" not in tried.fixed() and "&lt;note&gt;" in tried.answer.value
    tried.clear.click()
    assert rec.asked[-1][0] == {} and all(c.value == 0 for c in counts(tried))


def test_without_a_message_nothing_is_asked(rec):
    tried = TryIt(rec)
    tried.text.value = "  "
    assert not rec.asked and "메시지를 입력하면" in tried.answer.value


@pytest.mark.parametrize("old", [False, True], ids=["ipywidgets 8", "ipywidgets 7"])
def test_uploads(rec, tmp_path, old):
    own = (tmp_path / "packs/cat/0.png").read_bytes()
    files = [{"name": "나.PNG", "content": memoryview(own)}, {"name": "<i>.png", "content": memoryview(b"no picture")}]
    tried = TryIt(rec, "안녕")
    tried.upload = type("Upload", (), {"value": {f["name"]: f for f in files} if old else tuple(files)})()
    tried._take_uploads()
    (path, times), = rec.asked[-1][0].items()
    assert times == 1 and path.endswith(".png") and "uploads" in path
    assert "그림을 읽을 수 없습니다. &lt;i&gt;.png" in tried.chosen.value
    assert [file.suffix for file in (rec.cache / "uploads").iterdir()] == [".png"]  # the broken one is not kept


def test_alive_in_jupyter_and_fixed_in_a_report(rec):
    tried = TryIt(rec, "안녕", {rec.packs_from.paths[0]: 2})
    bundle = tried._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == tried.box.model_id
    assert "메시지: 안녕" in bundle["text/html"] and bundle["text/html"].count("download=") == 6 and "2번" in bundle["text/html"]
    assert "min-height" in tried.answer.value and "aria-live=polite" in tried.answer.value
