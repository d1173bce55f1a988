"""ngrams.py and its place beside the encoder: by hand-worked cases and against scikit-learn's own transform."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack

from emorec_lib.finetune import Training, fine_tune
from emorec_lib.kobert import NGRAMS, Predictor
from emorec_lib.ngrams import VERSION, Ngrams, _against_the_rest, jamo
from emorec_lib.run import EMOTIONS

TEXTS = ["좋아 최고야", "너무 슬퍼 눈물나", "짜증나 화난다", "걱정돼 무서워", "헐 어떡해", "세 시에 봐"] * 4
LABELS = list(EMOTIONS) * 4
OTHERS = ["최고 같아", "슬퍼서 운다", "화나네 진짜", "무섭고 걱정", "어떡하지", "세 시 반에"], list(EMOTIONS)


@pytest.fixture(scope="module")
def fitted():
    return Ngrams.fit(TEXTS, LABELS, EMOTIONS)


def test_jamo_takes_syllables_apart_and_signs_are_one():
    assert jamo("좋 아ㅜ.ㅜ") == "".join(map(chr, (2, 0x110C, 0x1169, 0x11C2, 0x110B, 0x1161))) + "ㅠㅠ\x03"


def test_log_probabilities_are_those_of_the_vectorizers_own_transform(fitted):
    asked = ["최고야 진짜", "너무너무 무서워ㅠㅠㅠㅠ", "", "zzz", "세 시에 봐"]
    found = fitted.log_probabilities(asked)
    scores = hstack([v.transform(asked) for v in fitted.vectorizers]).tocsr() @ fitted.weights + fitted.bias
    assert np.allclose(found, scores - np.logaddexp.reduce(scores, axis=1, keepdims=True), atol=1e-5)
    assert found.shape == (5, 6) and found.dtype == np.float32 and np.allclose(np.exp(found).sum(1), 1, atol=1e-5)
    assert fitted.log_probabilities([]).shape == (0, 6)


def test_answers_hold_with_laughing_or_crying_behind(fitted):
    for behind in ("", "ㅋㅋ", "ㅠㅠ", " ㅋㅋㅋㅋㅋ"):
        rows = fitted.log_probabilities([text + behind for text in TEXTS[:6]])
        assert [EMOTIONS[i] for i in rows.argmax(1)] == LABELS[:6], behind


def test_what_tells_nothing_weighs_little():
    """Ratios by hand: "a" stands in class 1 only, "b" only elsewhere, "c" everywhere alike."""
    rows = csr_matrix(np.array([[3.0, 0, 1], [3, 0, 1], [0, 3, 1], [0, 3, 1]] * 5))
    weights, _ = _against_the_rest(rows, np.array([True, True, False, False] * 5), 0)
    assert weights[0] > 1 and weights[1] < -1 and abs(weights[2]) < 1e-9
    weights, bias = _against_the_rest(csr_matrix(np.ones((4, 2))), np.array([True, True, False, False]), 0)
    assert np.isfinite(weights).all() and np.isfinite(bias)  # nothing tells anything: every ratio is 0


def test_odd_characters_are_kept_and_loaded(tmp_path):
    texts = ["줄\n바꿈", "문단\u2029나눔", "끝\x02\x03 표시", "", "\u2028", "평범한 말"] * 3
    first = Ngrams.fit(texts, LABELS[:18], EMOTIONS)
    first.save(tmp_path / "odd.npz")
    assert np.allclose(Ngrams.load(tmp_path / "odd.npz").log_probabilities(texts), first.log_probabilities(texts), atol=1e-5)


def test_a_typo_is_read_through(fitted):
    assert EMOTIONS[fitted.log_probabilities(["너무 슬포 눈믈나"])[0].argmax()] == "슬픔"


def test_saved_and_loaded(fitted, tmp_path):
    fitted.save(tmp_path / "n.npz")
    loaded = Ngrams.load(tmp_path / "n.npz")
    assert np.allclose(loaded.log_probabilities(TEXTS), fitted.log_probabilities(TEXTS), atol=1e-5)
    Ngrams.fit(TEXTS, LABELS, EMOTIONS).save(tmp_path / "again.npz")
    with np.load(tmp_path / "n.npz") as a, np.load(tmp_path / "again.npz") as b:
        assert all((a[name] == b[name]).all() for name in a.files)
        arrays = dict(a)
    np.savez(tmp_path / "old.npz", **arrays | {"version": np.array(0)})
    with pytest.raises(ValueError, match=r"old.npz is of version 0, expected \d+; run notebook 04 again"):
        Ngrams.load(tmp_path / "old.npz")


def test_classes_without_messages_are_never_answered():
    some = Ngrams.fit(TEXTS[:3], LABELS[:3], EMOTIONS)
    assert set(some.log_probabilities(TEXTS).argmax(1)) <= {0, 1, 2}
    assert set(Ngrams.fit(["좋아"], ["행복"], EMOTIONS).log_probabilities(TEXTS).argmax(1)) == {0}


@pytest.fixture(scope="module")
def settings():
    return Training("kobert-untrained", epochs=1, batch_size=8, ngrams=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, settings):
    folder = tmp_path_factory.mktemp("kobert")
    fine_tune((TEXTS, LABELS), OTHERS, folder, settings)
    return folder


def test_validation_prefers_what_is_right(folder):
    """An encoder of random weights that saw three batches knows nothing; the n-grams know these messages by heart."""
    predictor = Predictor.load(folder)
    assert predictor.meta["mix"]["share"] == 0.5
    found = predictor.calibrate(*OTHERS)
    assert found["share"] > 0.5 and predictor.about.endswith(f"seed) + n-grams (share {found['share']:.0%})")
    assert [EMOTIONS[i] for i in predictor.logits(TEXTS[:6]).argmax(1)] == LABELS[:6]
    again = Predictor.load(folder)
    assert np.array_equal(again.probabilities(TEXTS), predictor.probabilities(TEXTS)) and again.meta["mix"]["share"] == found["share"]
    assert set(again.alone(["좋아"])) == {"encoder", "n-grams"}
    deep, wide = again.alone(["좋아"]).values()
    mix = again.meta["mix"]
    scaled = deep / mix["encoder_temperature"], wide / mix["ngrams_temperature"]
    deep, wide = (x - np.logaddexp.reduce(x, axis=1, keepdims=True) for x in scaled)
    assert np.allclose(again.logits(["좋아"]), (1 - mix["share"]) * deep + mix["share"] * wide, atol=1e-3)


def test_without_ngrams_it_is_the_encoder_alone(folder, tmp_path, settings):
    fine_tune((TEXTS, LABELS), OTHERS, tmp_path, replace(settings, ngrams=False))
    alone, both = Predictor.load(tmp_path), Predictor.load(folder)
    assert not (tmp_path / NGRAMS).exists() and set(alone.alone(["좋아"])) == {"encoder"} and "n-grams" not in alone.about
    assert np.array_equal(alone.logits(TEXTS), both.alone(TEXTS)["encoder"])  # no part of the encoder's result
    assert alone.meta["training"] == both.meta["training"]


def test_a_finished_run_goes_on_with_n_grams_and_keeps_them(tmp_path, settings, monkeypatch):
    parts = (TEXTS, LABELS), OTHERS
    fine_tune(*parts, tmp_path, replace(settings, ngrams=False))
    fine_tune(*parts, tmp_path, settings)  # nothing to train any more but these
    meta = json.loads((tmp_path / "classifier.json").read_text())
    assert meta["mix"] and (tmp_path / NGRAMS).exists()
    with np.load(tmp_path / NGRAMS) as arrays:
        np.savez(tmp_path / NGRAMS, **dict(arrays) | {"version": np.array(VERSION - 1)})
    (tmp_path / "classifier.json").write_text(json.dumps(meta | {"ngrams": VERSION - 1}))
    fine_tune(*parts, tmp_path, settings)  # an older version's are fitted again
    assert Predictor.load(tmp_path).ngrams
    monkeypatch.setattr(Ngrams, "fit", lambda *_: pytest.fail("fitted again though nothing changed"))
    fine_tune(*parts, tmp_path, settings)
