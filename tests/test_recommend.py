"""recommend.py on a small run made through the real functions: 15 emoticons of 5 packs, untrained models, a toy classifier."""

import base64
import dataclasses
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emorec_lib import clip, finetune, gram, recommend
from emorec_lib.answer import picture
from emorec_lib.catalogue import load_catalogue, read_frames, save_style
from emorec_lib.recommend import Emotion, Recommender
from emorec_lib.resnet import load_resnet
from emorec_lib.run import ASSETS, EMOTIONS, start

# Nobody shows 당황, flat-bear alone shows 불안.
PACKS = {"photo-jiwoo": "행복 슬픔 분노 중립", "photo-boss": "행복 행복 슬픔 중립", "flat-cat": "행복 슬픔 분노", "flat-bear": "행복 불안",
         "pixel-cat": "행복 슬픔"}
TOY = ["좋아 최고", "슬퍼 눈물", "짜증 화나", "걱정 무서워", "헐 어떡해", "세 시에 봐"] * 4, list(EMOTIONS) * 4


def write_packs(folder, rows):
    """A catalogue of copies: rows of path (below the embedded sample), pack_id, emotion_ko."""
    for path in {row["path"] for row in rows}:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ASSETS / "packs" / path, folder / path)
    pd.DataFrame(rows).to_csv(folder / "manifest.csv", index=False)
    return load_catalogue(folder)


def some_rows():
    """As many emoticons of each emotion as PACKS says."""
    table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str, keep_default_na=False)
    for pack, emotions in PACKS.items():
        for emotion in dict.fromkeys(emotions.split()):
            found = table[(table["pack_id"] == pack) & (table["emotion_ko"] == emotion)]
            yield from found[["path", "pack_id", "emotion_ko"]].head(emotions.split().count(emotion)).to_dict("records")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """What notebooks 01, 02 and 04 leave."""
    folder = tmp_path_factory.mktemp("run")
    cat = write_packs(folder / "packs", list(some_rows()))
    run = start("01_gram_tsne", "test", str(folder / "out"), 0)
    cache, resnet = run.path("cache/x").parent, "resnet18-untrained"
    stages = gram.catalogue_grams(cat, load_resnet(resnet), cache, gray=True, n_frames=1)
    save_style(run, "gram", cat, gram.style_features(stages), model=resnet, gray=True, n_frames=1, sketch="faithful", precision="fp32")
    features = clip.catalogue_features(cat, clip.load_clip("clip-untrained"), cache, n_frames=1)
    save_style(run, "clip", cat, features, model="clip-untrained", n_frames=1, precision="fp32")
    settings = finetune.Training("kobert-untrained", epochs=1, batch_size=8, learning_rate=1e-3)
    finetune.fine_tune(TOY, TOY, run.path("artifacts/kobert"), settings)
    return run.out


@pytest.fixture(scope="module")
def rec(out):
    return Recommender.load(out, device="cpu")


@pytest.fixture
def feel(monkeypatch):
    """feel(행복=.6, 슬픔=.3): every message has these probabilities, the rest is shared by the other emotions."""
    def feel(certain=True, **given):
        rest = (1 - sum(given.values())) / (6 - len(given))
        probabilities = {e: given.get(e, rest) for e in EMOTIONS}
        answer = Emotion(max(probabilities, key=probabilities.get), probabilities, certain)
        monkeypatch.setattr(Recommender, "emotion", lambda self, message: answer)
    return feel


def paths_of(rec, pack):
    return rec.packs_from.of_pack(pack)["path"].tolist()


def labels(rec):
    return dict(zip(rec.packs_from.paths, rec.packs_from.table["emotion_ko"], strict=True))


@pytest.fixture
def other_packs(tmp_path):
    """Two packs of other pictures; ``emotions`` of the six emoticons, '' for unlabelled."""
    def make(*emotions, names=("thick-dog", "pixel-slime")):
        table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str)
        files = [f for pack in ("thick-dog", "pixel-slime") for f in table.loc[table["pack_id"] == pack, "path"].iloc[:3]]
        rows = [{"path": f, "pack_id": names[f.startswith("pixel")], "emotion_ko": e} for f, e in zip(files, emotions, strict=True)]
        return write_packs(tmp_path / "other", rows)
    return make


# --- loading ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "notebook"), [("gram.json", "01_gram_tsne"), ("gram.npz", "01_gram_tsne"), ("clip.json", "02_clip"),
                                                ("clip.npz", "02_clip"), ("kobert/classifier.json", "04_kobert_training"),
                                                ("kobert/model.pt", "04_kobert_training")])
def test_a_missing_artifact_names_its_notebook(out, tmp_path, name, notebook):
    shutil.copytree(out / "artifacts", tmp_path / "artifacts")
    (tmp_path / "artifacts" / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{Path(name).name}.*{notebook}"):
        Recommender.load(tmp_path, device="cpu")


def test_packs_that_changed_since_are_refused(out, tmp_path):
    shutil.copytree(out, tmp_path / "out")
    shutil.copytree(out.parent / "packs", tmp_path / "packs")
    for kind in ("gram", "clip"):
        file = tmp_path / f"out/artifacts/{kind}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"root": str(tmp_path / "packs")}))
    Recommender.load(tmp_path / "out", device="cpu")  # moved, but the same
    manifest = tmp_path / "packs/manifest.csv"
    manifest.write_text(manifest.read_text(encoding="utf8").replace("불안", "분노"), encoding="utf8")
    with pytest.raises(ValueError, match="notebook 01 ran on other packs"):
        Recommender.load(tmp_path / "out", device="cpu")


def test_notebooks_that_saw_different_packs_are_refused(out, tmp_path):
    shutil.copytree(out, tmp_path / "out")
    file = tmp_path / "out/artifacts/clip.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"digest": "another"}))
    with pytest.raises(ValueError, match="notebook 02 ran on other packs"):
        Recommender.load(tmp_path / "out", device="cpu")


def test_style(out, rec):
    assert rec.style == "gram"  # CLIP is untrained
    assert rec.about == {"style": "gram features of resnet18-untrained", "emotion": "kobert-untrained (random weights, fixed seed)"}
    both = Recommender.load(out, "gram+clip", "cpu")
    X, G, C = (r.style_features(r.catalogue) for r in (both, rec, Recommender.load(out, "clip", "cpu")))
    np.testing.assert_allclose(X @ X.T, (G @ G.T + C @ C.T) / 2, atol=1e-5)
    with pytest.raises(ValueError, match=r"'colour'; choices: gram, clip, gram\+clip"):
        Recommender.load(out, "colour", "cpu")


# --- style -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("style", ["gram", "gram+clip"])
def test_style_features_are_unit_rows_of_their_own_picture_only(out, tmp_path, style):
    rec = Recommender.load(out, style, "cpu")
    X = rec.style_features(rec.catalogue)
    assert X.shape[0] == 15 and X.dtype == np.float32 and np.linalg.norm(X, axis=1) == pytest.approx(np.ones(15), abs=1e-5)
    rows = list(some_rows())
    few = write_packs(tmp_path / "few", [rows[i] for i in (12, 3, 7)])
    np.testing.assert_allclose(rec.style_features(few), X[[12, 3, 7]], atol=1e-4)
    again = rec.with_catalogue(few)
    np.testing.assert_allclose(again.style_features(again.packs_from), X[[12, 3, 7]], atol=1e-4)
    np.testing.assert_allclose(again.style_features(rec.catalogue), X, atol=1e-4)  # centring is still the run's
    assert np.abs(X[12] - X[3]).max() > 0.01


def test_packs_score_is_the_weighted_mean_of_the_best_three_beyond_what_is_usual(rec):
    X, ids = rec.style_features(rec.catalogue), rec.catalogue.table["pack_id"].to_numpy()
    used = dict(zip(paths_of(rec, "photo-jiwoo")[:2], (1, 20), strict=True))
    rows = [rec.catalogue.paths.index(p) for p in used]
    weight = np.log(2) / (np.log(2) + np.log(21)), np.log(21) / (np.log(2) + np.log(21))

    def usual(row, columns):
        return np.mean(sorted(X[row] @ X[columns].T)[-10:])

    expected = {}
    for pack in ("photo-boss", "flat-cat", "flat-bear", "pixel-cat"):
        columns = np.flatnonzero(ids == pack)
        beyond = [[X[r] @ X[c] - (usual(r, np.arange(15)) + usual(c, ids != ids[c])) / 2 for c in columns] for r in rows]
        best = [sorted(b)[-3:] for b in beyond]
        expected[pack] = (1 + sum(w * sum(b) / len(b) for w, b in zip(weight, best, strict=True))) / 2
    found = rec.packs(used, k=10)
    assert {p.pack_id: p.score for p in found} == pytest.approx(expected, abs=1e-5)
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True) and 0 < found[-1].score < found[0].score < 1
    assert rec.packs(used, k=2) == found[:2]


def test_two_tastes_share_the_places_and_have_their_own_reasons(rec, monkeypatch):
    mixed = paths_of(rec, "photo-jiwoo")[:2] + paths_of(rec, "pixel-cat")
    row = {p: i for i, p in enumerate(rec.catalogue.paths)}
    X = rec.style_features(rec.catalogue)
    across = max(X[row[a]] @ X[row[b]] for a in mixed[:2] for b in mixed[2:])
    within = min(X[row[mixed[0]]] @ X[row[mixed[1]]], X[row[mixed[2]]] @ X[row[mixed[3]]])
    assert across < rec._linked < within  # of this catalogue, so this history is two tastes
    apart = {tuple(sorted(b.used for b in p.because)) for p in rec.packs(mixed, k=3)}
    assert apart == {tuple(sorted(mixed[:2])), tuple(sorted(mixed[2:]))}
    firsts = {rec.packs(part, k=1, owned=("photo-jiwoo", "pixel-cat"))[0].pack_id for part in (mixed[:2], mixed[2:])}
    assert firsts <= {p.pack_id for p in rec.packs(mixed, k=3)}
    one = dataclasses.replace(rec, _linked=-1.0)
    assert all(sorted(b.used for b in p.because) == sorted(mixed) for p in one.packs(mixed, k=3))


def test_owned_packs_are_left_out(rec, feel):
    used = paths_of(rec, "photo-jiwoo")[:1]
    everything = [p.pack_id for p in rec.packs(used, k=10)]
    assert [p.pack_id for p in rec.packs(used, k=10, owned=everything[:2])] == everything[2:]
    others = [p.pack_id for p in rec.packs([], k=10) if p.pack_id != "flat-cat"]
    assert [p.pack_id for p in rec.packs([], k=10, owned=["flat-cat"])] == others
    feel(행복=0.6)
    shown = {s.pack_id for s in rec.recommend(used, "좋아", k=20, owned=everything[:2]).emoticons}
    assert shown and not shown & {*everything[:2]}
    with pytest.raises(ValueError, match="all 5 packs are among owned"):
        rec.recommend(used, "좋아", owned=list(PACKS))


def test_history_as_list_dict_or_single_path(rec):
    path = paths_of(rec, "flat-cat")[0]
    expected = rec.packs([path])
    for history in (path, Path(path), (path,), {path: 1}, {path: 7}, [path, path], pd.Series([3], index=[path])):
        assert rec.packs(history) == expected


def test_use_counts_weigh_in(rec):
    a, b = paths_of(rec, "photo-jiwoo")[:2]  # of one taste

    def scores(history):
        return {p.pack_id: p.score for p in rec.packs(history, k=10)}

    even, more_a, more_b = scores([a, b]), scores({a: 50, b: 1}), scores([b] * 50 + [a])
    pack = max(even, key=lambda p: abs(more_a[p] - more_b[p]))
    assert abs(more_a[pack] - more_b[pack]) > 0.001 and min(more_a[pack], more_b[pack]) < even[pack] < max(more_a[pack], more_b[pack])


def test_own_packs_are_left_out_unless_kept(rec):
    used = paths_of(rec, "photo-boss")[:2]
    assert [p.pack_id for p in rec.packs(used, k=10)] == [p.pack_id for p in rec.packs(used, k=10, keep_own=True)[1:]]
    assert rec.packs(used, keep_own=True)[0].pack_id == "photo-boss"
    assert rec.packs([paths_of(rec, pack)[0] for pack in PACKS]) == []


def test_an_empty_history_gives_different_packs(rec):
    for empty in ([], {}):
        for k in (1, 3, 5, 10):
            found = [p.pack_id for p in rec.packs(empty, k=k)]
            assert len(found) == len(set(found)) == min(k, 5)
    X, ids = rec.style_features(rec.catalogue), rec.catalogue.table["pack_id"].to_numpy()
    means = {p: X[ids == p].mean(0) / np.linalg.norm(X[ids == p].mean(0)) for p in PACKS}
    first, second = (p.pack_id for p in rec.packs([], k=2))
    assert second == min(set(PACKS) - {first}, key=lambda p: means[p] @ means[first])  # as far as possible from the first


def test_packs_that_look_the_same_are_still_each_named_once(rec, tmp_path):
    for pack in ("a", "b", "c"):
        (tmp_path / pack).mkdir()
        shutil.copy(paths_of(rec, "flat-cat")[0], tmp_path / pack / "1.png")
    cat = load_catalogue(tmp_path)
    assert sorted(p.pack_id for p in rec.with_catalogue(cat).packs([], k=3)) == ["a", "b", "c"]


@pytest.mark.parametrize("count", [0, -1, float("nan"), float("inf")])
def test_a_count_that_is_none_is_refused(rec, count):
    path = paths_of(rec, "flat-cat")[0]
    with pytest.raises(ValueError, match=rf"{re.escape(path)} has been used {count} times"):
        rec.packs({path: count})


def test_a_missing_picture_is_named(rec, tmp_path):
    for missing in (tmp_path / "none.png", tmp_path):
        with pytest.raises(FileNotFoundError, match=f"history: no picture at {missing}"):
            rec.packs([paths_of(rec, "flat-cat")[0], missing])


def test_a_picture_from_outside_the_catalogue(rec, tmp_path):
    inside = paths_of(rec, "flat-cat")[0]
    copy = str(shutil.copy(inside, tmp_path / "a copy.png"))
    found = rec.packs([copy], k=10)
    own = next(p for p in found if p.pack_id == "flat-cat")  # not known to be the user's own: it stays in
    assert own.because[0].nearest == inside and own.because[0].similarity == pytest.approx(1, abs=1e-4)
    assert own.because[0].used == copy
    mixed = rec.packs({copy: 2, paths_of(rec, "pixel-cat")[0]: 1}, k=10)
    assert mixed and "pixel-cat" not in [p.pack_id for p in mixed] and {b.used for p in mixed for b in p.because} >= {copy}


def test_because_is_sorted_and_of_the_pack(rec):
    used = [*paths_of(rec, "photo-jiwoo"), *paths_of(rec, "pixel-cat")]
    X, row = rec.style_features(rec.catalogue), {p: i for i, p in enumerate(rec.catalogue.paths)}
    for pack in rec.packs(used, k=10):
        similarities = [b.similarity for b in pack.because]
        assert similarities == sorted(similarities, reverse=True)
        assert {b.used for b in pack.because} <= {*used}
        for because in pack.because:
            of_pack = {p: X[row[because.used]] @ X[row[p]] for p in paths_of(rec, pack.pack_id)}
            assert because.nearest == max(of_pack, key=of_pack.get)
            assert because.similarity == pytest.approx(of_pack[because.nearest], abs=1e-5)


# --- emotion ---------------------------------------------------------------------------------------------------------
def test_emotion(rec):
    emotion = rec.emotion("오늘 합격했어!")
    assert tuple(emotion.probabilities) == EMOTIONS and sum(emotion.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert emotion.label == max(emotion.probabilities, key=emotion.probabilities.get)
    row = rec.classifier.probabilities(["오늘 합격했어!"])[0]
    assert [emotion.probabilities[c] for c in rec.classifier.classes] == pytest.approx(row.tolist())
    assert emotion.certain is False  # not calibrated: no level is known


def test_emotion_keeps_the_classifiers_own_order_of_classes(rec, monkeypatch):
    monkeypatch.setattr(rec.classifier, "classes", EMOTIONS[::-1])
    monkeypatch.setattr(rec.classifier, "probabilities", lambda texts: np.array([[0.5, 0.2, 0.1, 0.1, 0.06, 0.04]], dtype=np.float32))
    emotion = rec.emotion("오늘")
    assert emotion.label == "중립" and list(emotion.probabilities) == list(EMOTIONS) and emotion.probabilities["당황"] == pytest.approx(0.2)


def test_emotion_of_a_classifier_of_round_1_counts_disgust_as_anger(rec, monkeypatch):
    monkeypatch.setattr(rec.classifier, "classes", (*EMOTIONS, "혐오"))
    monkeypatch.setattr(rec.classifier, "probabilities", lambda texts: np.array([[0.1, 0.3, 0.25, 0, 0.05, 0.1, 0.2]]))
    emotion = rec.emotion("벌레 싫어")
    assert emotion.label == "분노" and emotion.probabilities["분노"] == pytest.approx(0.45) and len(emotion.probabilities) == 6


@pytest.mark.parametrize(("threshold", "certain"), [(0.49, True), (0.5, True), (0.51, False), (None, False)])
def test_certain_is_from_the_threshold_on(rec, monkeypatch, threshold, certain):
    monkeypatch.setitem(rec.classifier.meta, "threshold", threshold)
    monkeypatch.setattr(rec.classifier, "probabilities", lambda texts: np.array([[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]]))
    assert rec.emotion("오늘").certain == certain


@pytest.mark.parametrize("message", ["", " \n\t", "\u3000"])
def test_an_empty_message_is_refused(rec, message):
    with pytest.raises(ValueError, match="the message is empty"):
        rec.emotion(message)
    with pytest.raises(ValueError, match="the message is empty"):
        rec.recommend([], message)


# --- recommendation --------------------------------------------------------------------------------------------------
def test_recommend_gives_emoticons_of_the_emotion_from_the_nearest_packs(rec, feel):
    feel(행복=0.6)
    used = paths_of(rec, "photo-jiwoo")
    answer = rec.recommend(used, "좋아", k=3, n_packs=3)
    assert answer.packs == rec.packs(used, k=3)
    assert len(answer.emoticons) == 3 and answer.notes == []
    assert {s.pack_id for s in answer.emoticons} <= {p.pack_id for p in answer.packs}
    for s in answer.emoticons:
        assert s.emotion == "행복" == labels(rec)[s.path] and s.path in paths_of(rec, s.pack_id)
        assert "shows 행복 (labelled so by its pack)" in s.because and "its pack is like" in s.because
    scores = [s.score for s in answer.emoticons]
    assert scores == sorted(scores, reverse=True)


def test_recommend_really_reads_the_message(rec):
    answer = rec.recommend(paths_of(rec, "photo-jiwoo"), "오늘 합격했어!")
    assert answer.emotion == rec.emotion("오늘 합격했어!") and answer.emoticons[0].emotion == answer.emotion.label
    assert any("not certain" in note for note in answer.notes)


def test_emotions_of_many_messages_are_those_of_each(rec):
    messages = ["오늘 합격했어!", "ㅠㅠ", "세 시에 봐요 그럼", "헐"]
    for many, one in zip(rec.emotions(messages), map(rec.emotion, messages), strict=True):
        assert many.label == one.label and many.certain == one.certain
        assert many.probabilities == pytest.approx(one.probabilities, abs=1e-5)
    assert rec.emotions([]) == []
    with pytest.raises(ValueError, match="the message is empty"):
        rec.emotions(["좋아", " "])


def test_variety_is_the_default_and_0_keeps_the_order_of_scores(rec, feel):
    feel(행복=0.9)
    used = paths_of(rec, "pixel-cat")
    assert rec.recommend(used, "좋아") == rec.recommend(used, "좋아", variety=recommend.VARIETY)
    plain = [s.score for s in rec.recommend(used, "좋아", k=3, variety=0).emoticons]  # all from near packs
    assert plain == sorted(plain, reverse=True)


def test_remembered_pictures_are_not_embedded_again(rec, tmp_path, monkeypatch):
    shutil.copy(paths_of(rec, "pixel-cat")[0], tmp_path / "own.png")
    own = [str(tmp_path / "own.png")]
    rows = rec.features(own)["style"]
    rec.remember(own, rows)
    monkeypatch.setattr(Recommender, "features", lambda *_: pytest.fail("embedded again"))
    assert np.array_equal(rec.embed(own), rows)


def test_recommend_takes_an_emotion_in_the_messages_place(rec):
    used, message = paths_of(rec, "photo-jiwoo"), "오늘 합격했어!"
    assert rec.recommend(used, rec.emotion(message)) == rec.recommend(used, message)
    other = Emotion("분노", {e: 0.9 if e == "분노" else 0.02 for e in EMOTIONS}, True)
    assert rec.recommend(used, other).emotion == other and rec.recommend(used, other, k=1).emoticons[0].emotion == "분노"


@pytest.mark.parametrize("k", [0, 1, 4, 6, 11, 100])
def test_recommend_at_most_k_and_none_twice(rec, feel, k):
    feel(행복=0.5, 슬픔=0.3)
    paths = [s.path for s in rec.recommend(paths_of(rec, "photo-jiwoo")[:1], "좋아", k=k).emoticons]
    assert len(paths) == len(set(paths)) == min(k, 11)  # 15 without the user's own 4


def test_recommend_widens_to_further_packs_then_to_the_next_emotion_and_says_so(rec, feel):
    feel(불안=0.5, 당황=0.3, 분노=0.1)
    used = paths_of(rec, "photo-boss")[:1]
    nearest = rec.packs(used, k=1)[0].pack_id
    answer = rec.recommend(used, "무서워", k=3, n_packs=1)
    assert nearest != "flat-bear"
    assert [s.emotion for s in answer.emoticons] == ["불안", "분노", "분노"]  # nobody shows 당황
    assert answer.emoticons[0].pack_id == "flat-bear"
    which = "near" if nearest in ("photo-jiwoo", "flat-cat") else "further"
    assert answer.notes[0] == "1 of further packs showing 불안 added, as there were only 0."
    assert answer.notes[1] == f"{1 if which == 'near' else 2} of {which} packs showing 분노 added, as there were only 1."
    assert [p.pack_id for p in answer.packs] == [nearest]


def test_scores_of_one_emotion_fall_within_near_and_within_further_packs(rec, feel):
    feel(행복=0.9)
    answer = rec.recommend(paths_of(rec, "photo-jiwoo"), "좋아", k=5, n_packs=2)
    assert [s.emotion for s in answer.emoticons] == ["행복"] * 5 and len({s.pack_id for s in answer.emoticons}) == 4
    near = [s.pack_id in {p.pack_id for p in answer.packs} for s in answer.emoticons]
    assert near == sorted(near, reverse=True) and 1 < sum(near) < 5
    for part in (True, False):
        scores = [s.score for s, n in zip(answer.emoticons, near, strict=True) if n == part]
        assert scores == sorted(scores, reverse=True)


def test_recommend_without_history(rec, feel):
    feel(행복=0.6)
    answer = rec.recommend([], "좋아", k=3)
    assert len(answer.emoticons) == 3 and "No emoticons used so far" in answer.notes[0] and len(answer.packs) == 3
    assert all("its pack is like" not in s.because for s in answer.emoticons)


def test_recommend_to_a_user_of_every_pack_shows_these_again(rec, feel):
    feel(행복=0.6)
    answer = rec.recommend([paths_of(rec, pack)[0] for pack in PACKS], "좋아", k=3)
    assert len(answer.emoticons) == 3 and len(answer.packs) == 3
    assert "All packs here are used already" in answer.notes[0]


def test_recommend_is_deterministic(out, rec):
    used = {paths_of(rec, "photo-jiwoo")[0]: 3, paths_of(rec, "flat-cat")[1]: 1}
    answers = [r.recommend(used, "오늘 합격했어!") for r in (rec, rec, Recommender.load(out, device="cpu"))]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]._repr_html_() == answers[2]._repr_html_()


def test_uncertain_messages_share_the_places_between_two_emotions(rec, feel):
    feel(certain=False, 행복=0.4, 슬픔=0.3)
    answer = rec.recommend(paths_of(rec, "pixel-cat"), "글쎄", k=4)
    assert [s.emotion for s in answer.emoticons] == ["행복", "행복", "행복", "슬픔"]
    assert answer.notes == ["The emotion is not certain: 행복 has 40%, 슬픔 has 30%."]
    feel(certain=True, 행복=0.4, 슬픔=0.3)
    assert {s.emotion for s in rec.recommend(paths_of(rec, "pixel-cat"), "글쎄", k=4).emoticons} == {"행복"}


def test_near_packs_take_turns(rec, feel):
    feel(행복=0.9)
    shown = rec.recommend(paths_of(rec, "pixel-cat"), "좋아", k=5, n_packs=10).emoticons
    assert len({s.pack_id for s in shown[:4]}) == 4 and shown[4].pack_id == "photo-boss"  # the one that has a second


def test_a_near_duplicate_is_not_shown_twice(rec, feel, tmp_path):
    feel(행복=0.9)
    table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str).query("pack_id == 'thick-dog'").iloc[:2]
    cat = write_packs(tmp_path / "packs", [{"path": p, "pack_id": "a", "emotion_ko": "행복"} for p in table["path"]])
    read_frames(cat.paths[0])[0].save(tmp_path / "packs/again.jpg", quality=85)
    manifest = tmp_path / "packs/manifest.csv"
    manifest.write_text(manifest.read_text(encoding="utf8") + "again.jpg,b,행복\n", encoding="utf8")
    shown = rec.with_catalogue(load_catalogue(tmp_path / "packs")).recommend([], "좋아", k=6).emoticons
    assert len(shown) == 2 and len({Path(s.path).name in ("again.jpg", Path(cat.paths[0]).name) for s in shown}) == 2


def test_several_emotions_of_an_emoticon(rec, feel, tmp_path):
    feel(불안=0.9)
    table = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str).query("pack_id == 'thick-dog'").iloc[:3]
    rows = [{"path": p, "pack_id": "a", "emotion_ko": e, "also_ko": also}
            for p, e, also in zip(table["path"], ("슬픔", "불안", "행복"), ("당황|불안", "", ""), strict=True)]
    answer = rec.with_catalogue(write_packs(tmp_path / "packs", rows)).recommend([], "무서워", k=2)
    assert [s.path for s in answer.emoticons] == [str(tmp_path / "packs" / p) for p in table["path"].iloc[[1, 0]]]
    assert "shows 불안 (also, by its pack)" in answer.emoticons[1].because and answer.emoticons[1].emotion == "불안"


@pytest.mark.parametrize("message", [
    "ㅠ", "ㅋ" * 10_000, "😂🤣💕", "hello, how are you?", "今日は楽しい", "\u1109\u1173\u11af\u1111\u1165", "a\x00\x07\x1b[31m", "   .   ",
    "<script>alert('x')</script>", "\u202e뒤집힌 글", "\ud7ff\ue000"])
def test_messages_of_every_kind_get_an_answer(rec, message):
    answer = rec.recommend(paths_of(rec, "pixel-cat"), message)
    assert answer.emoticons and sum(answer.emotion.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert "<script" not in answer._repr_html_() and json.dumps(answer.summary())


# --- other packs -----------------------------------------------------------------------------------------------------
def test_with_catalogue_recommends_from_the_other_packs(rec, feel, other_packs):
    feel(슬픔=0.6)
    other = rec.with_catalogue(other_packs("행복", "슬픔", "분노", "행복", "슬픔", "분노"))
    answer = other.recommend(paths_of(rec, "pixel-cat"), "눈물", k=2)
    assert [s.emotion for s in answer.emoticons] == ["슬픔", "슬픔"]
    assert {p.pack_id for p in answer.packs} == {s.pack_id for s in answer.emoticons} == {"thick-dog", "pixel-slime"}
    assert other.catalogue is rec.catalogue and rec.packs_from is rec.catalogue  # the first one is as it was


@pytest.mark.parametrize("history", ["pixel-cat", None])
def test_emoticons_of_unknown_emotion_are_better_than_none(rec, feel, other_packs, history):
    feel(슬픔=0.6)
    other = rec.with_catalogue(other_packs(*[""] * 6))
    used = paths_of(rec, history) if history else []
    nearest = other.packs(used, k=1)[0].pack_id
    answer = other.recommend(used, "눈물", k=3, n_packs=1)
    assert [(s.emotion, s.pack_id) for s in answer.emoticons] == [("", nearest)] * 3
    assert all("its emotion is unknown" in s.because and s.score > 0 for s in answer.emoticons)
    assert "3 of near packs whose emotion is unknown added, as there were only 0." in answer.notes
    assert len({s.path for s in other.recommend(used, "눈물", k=100).emoticons}) == 6
    assert "emotion unknown: " in answer._repr_html_()
    assert json.dumps(answer.summary())


def test_unknown_ones_come_after_all_that_are_labelled(rec, feel, other_packs):
    feel(슬픔=0.6)
    other = rec.with_catalogue(other_packs("행복", "슬픔", "", "", "", ""))
    emotions = [s.emotion for s in other.recommend([], "눈물", k=4).emoticons]
    assert emotions == ["슬픔", "행복", "", ""]


def test_a_trained_clip_says_what_unlabelled_emoticons_show(rec, feel, other_packs, monkeypatch):
    feel(슬픔=0.5, 행복=0.3)
    seen = []

    def zero_shot(image_emb, model):
        seen.append(image_emb.shape)
        return np.array([[0.05, 0.9, 0.05, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0], [0.3, 0.3, 0.1, 0.1, 0.1, 0.1],
                         [0, 0.6, 0.1, 0.1, 0.1, 0.1], [1, 0, 0, 0, 0, 0]], dtype=np.float32)

    monkeypatch.setattr(recommend, "zero_shot_emotion", zero_shot)
    trained = dataclasses.replace(rec, settings=rec.settings | {"clip": rec.settings["clip"] | {"model": "ViT-B/32"}},
                                  _models={"clip": clip.load_clip("clip-untrained")})
    cat = other_packs("", "", "분노", "", "", "")
    answer = trained.with_catalogue(cat).recommend([], "눈물", k=10)
    assert [shape[0] for shape in seen] == [5]  # the labelled one is not asked about
    shown = {s.path: s for s in answer.emoticons}
    assert len(answer.emoticons) == 6
    assert [shown[path].emotion for path in cat.paths] == ["슬픔", "슬픔", "분노", "", "슬픔", "행복"]
    assert "zero-shot 90%" in shown[cat.paths[0]].because and "labelled" in shown[cat.paths[2]].because


# --- showing ---------------------------------------------------------------------------------------------------------
def test_html_holds_the_pictures_and_escapes_names(rec, feel, other_packs):
    feel(행복=0.6)
    other = rec.with_catalogue(other_packs(*["행복"] * 6, names=("<script>alert('a')</script>", "b & c")))
    used = paths_of(rec, "pixel-cat")
    answer = other.recommend(used, "좋아", k=6)
    page = answer._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page and "b &amp; c" in page
    inside = {base64.b64decode(data) for data in re.findall(r"<img src='data:image/[a-z]+;base64,([^']+)'", page)}
    assert inside >= {Path(p).read_bytes() for p in [s.path for s in answer.emoticons] + used}
    assert "http" not in page and str(other.packs_from.root) not in page
    assert all(e in page for e in EMOTIONS)


def test_html_names_the_kind_of_picture(tmp_path):
    for name, kind in {"a.JPG": "jpeg", "a.apng": "png", "a.gif": "gif", "it's \"a\".webp": "webp"}.items():
        (tmp_path / name).write_bytes(b"x")
        tag = picture(str(tmp_path / name), 10, "used")
        assert tag.startswith(f"<img src='data:image/{kind};base64,eA==' width=10 alt='used: ") and tag.count("'") == 8


def test_summary_is_plain_data_without_places(rec):
    answer = rec.recommend(paths_of(rec, "photo-jiwoo")[:2], "오늘 합격했어!")
    text = json.dumps(answer.summary(), ensure_ascii=False, allow_nan=False)
    summary = json.loads(text)
    assert str(rec.catalogue.root) not in text and str(ASSETS) not in text
    assert summary["emoticons"] == [f"{s.pack_id}/{Path(s.path).name}" for s in answer.emoticons]
    assert summary["emotion"] == answer.emotion.label and list(summary["probabilities"]) == list(EMOTIONS)
    assert summary["packs"] == [[p.pack_id, p.score] for p in answer.packs] and summary["notes"] == answer.notes
