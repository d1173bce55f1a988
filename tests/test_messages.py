"""The embedded messages are what their page says: enough of each emotion, none twice, a test set kept apart, read twice."""

import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from emorec_lib import dialogue
from emorec_lib.run import ASSETS, EMOTIONS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def corpus():
    return dialogue.read_corpora(ASSETS / "dialogue")


@pytest.fixture(scope="module")
def tools():
    """The modules of tools/, of the project (an installed package has none)."""
    if not (ROOT / "tools").is_dir():
        pytest.skip("no tools/ beside the tests")
    sys.path.insert(0, str(ROOT / "tools"))
    import build_sample_dialogue
    import measure_messages

    yield build_sample_dialogue, measure_messages
    sys.path.remove(str(ROOT / "tools"))


def test_how_many(corpus):
    counts = corpus.table["emotion"].value_counts()
    assert counts.sum() >= 5000 and set(counts.index) == set(EMOTIONS) and counts.min() >= 700
    assert len(corpus.unlabelled) >= 500 and set(corpus.table["source"]) == {"단발성", "연속적", "감성대화"}
    assert sum(f.stat().st_size for f in (ASSETS / "dialogue").rglob("*") if f.is_file()) <= 3e6


def test_the_source_s_dropping_and_merging_happens(corpus):
    raw = Counter(corpus.table["raw_label"].str.strip())
    assert {"공포", "놀람", "상처", "기쁨", "혐오"} <= set(raw)
    dropped = corpus.report.set_index("reason")["rows"]
    assert dropped["놀람 dropped"] >= 100 and any(reason.startswith("label repaired") for reason in dropped.index)
    assert dialogue.read_corpora(ASSETS / "dialogue", classes=7).table["emotion"].value_counts()["혐오"] >= 200


def test_every_labelled_message_has_its_part_and_the_gold_set_is_large_enough(corpus):
    table = corpus.table
    assert set(table["split"]) == {"train", "validation", "test"}
    gold = table[table["split"] == "test"]["emotion"].value_counts()
    assert gold.sum() >= 600 and gold.min() >= 80
    assert (dialogue.split(table) == table["split"]).all()  # and no dialogue is parted, else split raises


def test_no_message_twice_and_none_like_another(corpus, tools):
    texts = [*corpus.table["text"], *corpus.unlabelled["text"]]
    assert len(set(texts)) == len(texts)
    overlap, one, other = tools[1].nearest_pairs(texts)[0]
    assert overlap <= 0.6, (one, other)
    first = Counter(text.split()[0] for text in texts)
    assert max(first.values()) / len(texts) < 0.03


def test_nearest_pairs_finds_what_is_alike(tools):
    pairs = tools[1].nearest_pairs(["오늘 점심에 국밥 먹었어", "짧다", "완전히 다른 이야기를 하나", "오늘 점심에 국밥 먹었다"])
    assert pairs[0][1:] == ("오늘 점심에 국밥 먹었어", "오늘 점심에 국밥 먹었다") and 0.7 < pairs[0][0] < 1 and len(pairs) == 1


def test_every_label_was_read_again_and_agreed(corpus, tools):
    readings = pd.read_csv(tools[1].READINGS, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    agreed = {row.text: row.written for row in readings.itertuples()
              if row.written == row.read or (row.corpus == "gold" and {row.read, row.read_again} <= {row.written, "혐오"})}
    typos = set(corpus.table.loc[corpus.table["raw_label"].isin(dialogue.TYPOS), "text"])
    seven = dialogue.read_corpora(ASSETS / "dialogue", classes=7).table
    unread = [text for text, emotion in zip(seven["text"], seven["emotion"], strict=True) if agreed.get(text) != emotion]
    assert set(unread) <= typos, unread[:5]


def test_no_writer_asked_about_is_learnt_from(tools, monkeypatch):
    """Eight writers' messages that name their writer, two of the first round; what is learnt and asked is recorded."""
    measure, asked = tools[1], []
    texts = [f"메시지 {i} 글쓴이 {i % 8}" for i in range(48)] + ["처음 하나", "처음 둘"]
    labels = [EMOTIONS[i % 6] for i in range(50)]
    table = pd.DataFrame({"text": texts, "emotion": labels, "split": ["train", "validation"] * 25})
    chat = pd.DataFrame({"text": texts[:48], "corpus": [f"{measure.CHAT}{i % 8:02d}" for i in range(48)]})
    monkeypatch.setattr(measure, "readings", lambda: chat)
    monkeypatch.setattr(measure.metrics, "tfidf_baseline",
                        lambda learnt, _, of: asked.append((set(learnt), list(of))) or [EMOTIONS[0]] * len(of))
    found = measure.unseen_writers(table)
    assert found["n"].tolist() == [48] * 4 and len(asked) == 5
    assert asked[0] == ({"처음 하나", "처음 둘"}, texts[:48])
    for learnt, of in asked[1:]:
        assert len(learnt) == 38 and not {t[-1] for t in learnt} & {t[-1] for t in of}


def test_the_files_are_what_the_tool_builds(tools, tmp_path, monkeypatch):
    monkeypatch.setattr(tools[0], "TARGET", tmp_path)
    monkeypatch.setattr(tools[0], "ROOT", tmp_path)
    tools[0].main()
    built, embedded = (dialogue.read_corpora(folder).table.drop(columns=["file", "group"]) for folder in (tmp_path, ASSETS / "dialogue"))
    pd.testing.assert_frame_equal(built, embedded)
