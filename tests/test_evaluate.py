"""evaluate.py: users, the ways and what they are worth, on a small catalogue of three styles with models that were not trained."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from emorec_lib import clip, evaluate, finetune, gram
from emorec_lib.catalogue import save_style
from emorec_lib.evaluate import ALL, OURS, SOURCE_A, SOURCE_B, Ladder, User, Way, simulate
from emorec_lib.recommend import Recommender
from emorec_lib.resnet import load_resnet
from emorec_lib.run import ASSETS, EMOTIONS, start

from .test_recommend import TOY, write_packs

PACKS = ("photo-jiwoo", "photo-boss", "flat-cat", "flat-bear", "pixel-cat", "pixel-slime", "chibi-dog")
MESSAGES = [f"{text} {n}" for n in range(3) for text in TOY[0][:6]], list(EMOTIONS) * 3


@pytest.fixture(scope="module")
def rec(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rows = pd.read_csv(ASSETS / "packs/manifest.csv", dtype=str, keep_default_na=False)
    rows = rows[rows["pack_id"].isin(PACKS)].groupby(["pack_id", "emotion_ko"], sort=False).head(2)
    cat = write_packs(folder / "packs", rows.to_dict("records"))
    run = start("01_gram_tsne", "test", str(folder / "out"), 0)
    resnet, made = "resnet18-untrained", {"gray": True, "n_frames": 1, "sketch": "faithful"}
    stages = gram.catalogue_grams(cat, load_resnet(resnet), run.path("cache"), **made)
    save_style(run, "gram", cat, gram.style_features(stages), model=resnet, precision="fp32", **made)
    features = clip.catalogue_features(cat, clip.load_clip("clip-untrained"), run.path("cache"), n_frames=1)
    save_style(run, "clip", cat, features, model="clip-untrained", n_frames=1, precision="fp32")
    finetune.fine_tune(TOY, TOY, run.path("artifacts/kobert"), finetune.Training("kobert-untrained", epochs=2, learning_rate=1e-3))
    return Recommender.load(run.out, device="cpu")


@pytest.fixture(scope="module")
def users(rec, tmp_path_factory):
    return simulate(rec.catalogue, *MESSAGES, 6, tmp_path_factory.mktemp("turned"))


@pytest.fixture(scope="module")
def ladder(rec, users):
    return Ladder(rec, users)


def test_users(rec, users, tmp_path):
    style = dict(zip(rec.catalogue.table["pack_id"], rec.catalogue.styles, strict=True))
    # held out are the two pixel-art packs alone, so nobody there has two tastes; a style of one pack is nobody's
    assert pd.Series([(u.part, u.kind) for u in users]).value_counts().to_dict() == {
        ("heldout", "one taste"): 6, ("heldout", "other colours"): 6, ("train", "one taste"): 6, ("train", "two tastes"): 6,
        ("train", "other colours"): 6}
    for user in users:
        assert user.styles == tuple(style[p] for p in user.own) and len(set(user.styles)) == (2 if user.kind == "two tastes" else 1)
        assert "chibi" not in user.styles and len(user.history) == 3 * len(user.own) and min(user.history.values()) >= 1
        inside = [p for p in user.history if p in rec.catalogue.paths]
        assert len(inside) == (0 if user.kind == "other colours" else len(user.history))
        assert MESSAGES[1][MESSAGES[0].index(user.message)] == user.emotion
    assert {u.emotion for u in users[:6]} == set(EMOTIONS)
    assert simulate(rec.catalogue, *MESSAGES, 6, tmp_path) != users  # another folder of turned pictures …
    folder = next(p for u in users if u.kind == "other colours" for p in u.history).rsplit("/", 1)[0]
    assert simulate(rec.catalogue, *MESSAGES, 6, evaluate.Path(folder)) == users  # … and else the same
    assert simulate(rec.catalogue, *MESSAGES, 6, evaluate.Path(folder), seed=1) != users


def test_no_styles_no_users(rec, tmp_path):
    plain = dataclasses.replace(rec.catalogue, table=rec.catalogue.table.drop(columns=["style_family"]))
    with pytest.raises(ValueError, match="no style has two packs"):
        simulate(plain, *MESSAGES, 6, tmp_path)


def test_all_improvements_together_are_the_recommender(ladder, users):
    """The ladder's own code, every switch on, finds what rec.packs and rec.recommend find."""
    asked = ladder.by(ALL)
    for user in users:
        packs, shown = asked(user)
        ours = ladder.ours(user, variety=0.0)
        assert packs == ours[0]
        assert shown == ours[1], (user, [ladder.cat.paths[i] for i in shown], [ladder.cat.paths[i] for i in ours[1]])


def test_the_sources_demo_by_hand(ladder, users):
    """CLIP on thumbnails, five votes a picture, one hard label, nothing widened."""
    user = next(u for u in users if u.kind == "one taste")
    packs, shown = ladder.by(Way())(user)
    rows = ladder.rows[False, False]
    tally = {p: [0, 0.0] for p in ladder.rows_of if p not in user.own}
    for path in user.history:
        near = {p: float(rows[ladder.row_of[path]] @ rows[ladder.rows_of[p][0]]) for p in tally}
        for p in sorted(near, key=near.get, reverse=True)[:5]:
            tally[p][0] += 1
        for p in tally:
            tally[p][1] += near[p]
    assert packs == sorted(tally, key=lambda p: tally[p], reverse=True)
    label = ladder.emotions[user.message].label
    expected = [i for p in packs[:3] for i in ladder.rows_of[p] if ladder.cat.table["emotion_ko"][i] == label][:6]
    assert shown == expected


def test_judge_by_hand(ladder):
    style = ladder.style_of
    user = User("two tastes", "train", ("photo-people", "flat-vector"), ("photo-jiwoo", "flat-cat"), {}, "m", "행복")
    ranked = ["photo-boss", "pixel-cat", "flat-bear", "pixel-slime", "chibi-dog"]
    assert [style[p] in user.styles for p in ranked] == [True, False, True, False, False]
    happy = {p: [i for i in ladder.rows_of[p] if "행복" in ladder.names[i]] for p in ranked}
    sad = [i for i in ladder.rows_of["flat-bear"] if ladder.names[i] == {"슬픔"}]
    found = ladder.judge(user, ranked, [happy["photo-boss"][0], happy["pixel-cat"][0], sad[0]])
    assert found["hit"] == 0.5 and found["recall@3"] == 1 and found["mAP"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["nDCG@5"] == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3))) and found["emotion right"] == pytest.approx(2 / 3)
    assert ladder.judge(user, ranked, [happy["photo-boss"][0], happy["flat-bear"][0]])["hit"] == 1
    nothing = ladder.judge(user, ranked[::-1], [])
    assert nothing["hit"] == 0 and nothing["nothing shown"] == 1 and np.isnan(nothing["emotion right"]) and np.isnan(nothing["variety"])
    twice = ladder.judge(user, ranked, [sad[0], sad[0]])
    assert twice["variety"] == pytest.approx(0, abs=1e-5) and twice["emotion right"] == 0


def test_table_gain_and_stability(rec, ladder, users):
    ways = evaluate.ladder_ways(ladder)
    assert {"random", SOURCE_A, SOURCE_B, OURS} < set(ways) and len(ways) == 5 + 2 * len(evaluate.NAMES)
    found = ladder.run({name: ways[name] for name in ("random", SOURCE_A, SOURCE_B, OURS)})
    table = evaluate.table(found)
    assert table.loc[OURS, "nothing shown"] == 0 and list(table.index) == ["random", SOURCE_A, SOURCE_B, OURS]
    mean, low, high = evaluate.gain(found, SOURCE_B)
    assert mean == pytest.approx(found[OURS]["hit"].mean() - found[SOURCE_B]["hit"].mean()) and low <= mean <= high
    assert evaluate.gain(found, OURS) == (0, 0, 0)
    stays = evaluate.stability(rec, users[:6])
    assert all(0 < share <= 1 for share in stays.values()) and set(stays) == {"one picture fewer", "one pack more"}


def test_coverage(rec):
    table = rec.coverage()
    assert list(table.index) == rec.packs_from.packs and list(table.columns) == [*EMOTIONS, "unknown"]
    boss = rec.packs_from.of_pack("photo-boss")
    assert table.loc["photo-boss", "행복"] == ((boss["emotion_ko"] == "행복") | boss["also_ko"].str.contains("행복")).sum()
