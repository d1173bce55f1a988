"""The program that trains kobert-mini: what it reads and never reads, its batches, and that training repeats itself and goes on."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from emorec_lib.kobert import Tokenizer, load_encoder

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

import chat_noise
import measure_kobert_mini as measure
import train_kobert_mini as program
from minis import teaching

WORDS = ["정말", "너무", "기뻐", "슬퍼", "화나", "무서워", "당황", "그냥", "회의", "영화", "밥", "친구", "비", "고양이"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Files of the open corpora's names and columns, with texts of chance."""
    folder, rng = tmp_path_factory.mktemp("text"), np.random.default_rng(0)

    def texts(n, end=""):
        return [" ".join(rng.choice(WORDS, rng.integers(2, 9))) + f" {i}{end}" for i in range(n)]

    tables = {"nsmc_ratings_train": {"id": range(60), "document": texts(60, "ㅋㅋㅋㅋ"), "label": rng.integers(0, 2, 60)},
              "goemotions_ko": {"id": range(60), "text": texts(60), "split": "train", "labels28": ["joy|love", "fear", "anger"] * 20},
              "kote44_val": {"id": range(60), "text": texts(60, "!!!"), "labels44": ["기쁨|행복", "슬픔", "불평/불만"] * 20},
              "songys_chatbot": {"Q": texts(30), "A": texts(30, "요"), "label": [0, 1, 2] * 10}}
    for name, columns in tables.items():
        with gzip.open(folder / f"{name}.tsv.gz", "wt", encoding="utf8") as file:
            pd.DataFrame(columns).to_csv(file, sep="\t", index=False)
    return folder


def test_corpus(shared):
    """The held-out half of KOTE is not read, nor a test message of ours; texts are normalised, ours have no labels."""
    rows, names = program.corpus(shared)
    kote = program.table(shared / "kote44_val.tsv.gz")["text"]
    kept = set(rows["text"][rows["source"] == "kote"])
    assert 0 < len(kept) < 60 and kept == {t.replace("!!!", "!!") for t in kote if not program.held_out(t)}
    split = pd.read_csv(program.ASSETS / "dialogue/split.csv", dtype=str)
    learnt, told = ({program.signs.normalise(t).strip() for t in part["text"]} for _, part in split.groupby(split["split"] != "train"))
    assert len(told & learnt) < 5  # 🥰🥰 and 😍😍 are the same once normalised
    assert not (told - learnt) & set(rows["text"]) and len(told) > 1000
    assert (rows["text"] == split["text"][split["split"] == "train"].iloc[0]).sum() == program.OURS
    assert not any(rows["labels"][rows["source"] == "plain"]) and rows["text"].str.contains("ㅋㅋ").any()
    assert not rows["text"].str.contains("ㅋㅋㅋ").any()
    assert names == sorted(names) and {"go joy", "kote 기쁨", "nsmc 0", "songys 2"} <= set(names)
    said, share = program.of_own_corpus(names, rows)
    first = {kind: int(np.flatnonzero(rows["source"] == kind)[0]) for kind in ("go", "plain")}
    assert said[first["go"]].nonzero().flatten().tolist() == [names.index("go joy"), names.index("go love")]
    assert share[first["go"]].sum() == pytest.approx(1) and share[first["plain"]].sum() == 0


def test_without_signs_texts_stay_as_they_are(shared, tmp_path):
    rows, _ = program.corpus(shared, chat_signs=False)
    assert rows["text"].str.contains("ㅋㅋㅋㅋ").any()
    tokenizer = program.vocabulary(rows, tmp_path, 1600, chat_signs=False)
    assert tokenizer.added is None and not (tmp_path / "signs.json").exists()


def test_batches_hold_every_row_once_and_alike_lengths():
    lengths = np.random.default_rng(0).integers(3, 60, 500)
    batches = program.batches_of(lengths, 200, np.random.default_rng(1))
    assert sorted(np.concatenate(batches)) == list(range(500)) and all(lengths[b].sum() <= 200 for b in batches)
    assert np.mean([np.ptp(lengths[b]) for b in batches]) < 5
    assert np.abs(np.diff([lengths[b].mean() for b in batches])).mean() > 5  # but long and short ones take turns


def test_masking():
    ids = torch.randint(5, 100, (40, 50), generator=torch.Generator().manual_seed(0))
    ids[:, 0], ids[:, -5:] = 2, Tokenizer.pad_id
    mask = (ids != Tokenizer.pad_id).long()
    seen, chosen = program.masked(ids, mask, 100, np.random.default_rng(0))
    assert not chosen[:, 0].any() and not chosen[:, -5:].any() and torch.equal(seen[~chosen], ids[~chosen])
    assert chosen[:, 1:-5].float().mean() == pytest.approx(program.MASKED, abs=0.03)
    assert (seen[chosen] == Tokenizer.mask_id).float().mean() == pytest.approx(0.8, abs=0.05)


def run(shared, work, out, *more):
    program.main(["--shared", str(shared), "--work", str(work), "--name", out, "--out", str(work / "out" / out), "--epochs", "1",
                  "--rows", "500", "--pieces", "1200", "--tokens", "1500", *more])
    return (work / "out" / out / "model.safetensors").read_bytes()


@pytest.fixture
def threads():
    n = torch.get_num_threads()
    yield
    torch.set_num_threads(n)
    torch.use_deterministic_algorithms(False)


def test_pretraining_repeats_itself_goes_on_and_is_read_as_an_encoder(shared, tmp_path, threads):
    first = run(shared, tmp_path, "one", "--lessons", "0")
    assert run(shared, tmp_path, "two", "--lessons", "0") == first
    half = run(shared, tmp_path, "cut", "--lessons", "0", "--stop-after", "3")
    assert half != first and run(shared, tmp_path, "cut", "--lessons", "0") == first
    assert run(shared, tmp_path, "seed", "--lessons", "0", "--seed", "1") != first
    (tmp_path / "one/pretrained/model.safetensors").unlink()
    with pytest.raises(ValueError, match="another run's"):
        run(shared, tmp_path, "one", "--lessons", "0", "--seed", "1")
    bert, tokenizer = load_encoder(str(tmp_path / "out/two"))
    assert tokenizer.pieces("헐ㅠㅠㅠㅠ ㅋㅋㅋㅋ 😂")[-4:] == ["ㅋ", "ㅋ", "▁", "😂"] and len(tokenizer) == 1200
    assert bert.dtype == torch.float32 and bert.config.pad_token_id == tokenizer.pad_id
    assert not load_encoder(str(tmp_path / "out/two"), chat_signs=True)[1].added  # none is lacking


def test_lessons_repeat_themselves_and_change_the_encoder(shared, tmp_path, threads, monkeypatch):
    """The whole program on a few messages: the teacher's answers kept, the same bytes again, from a checkpoint too."""
    train = [f"{word} {other} {i}" for i in range(4) for word, other in zip(WORDS[2:8], WORDS[8:], strict=True)]
    labels = list(teaching.EMOTIONS) * 4
    monkeypatch.setattr(teaching, "our_messages", lambda: {"train": (train, labels), "validation": (train[:12], labels[:12])})
    more = ("--cuttings", "60", "--lessons", "1")
    first = run(shared, tmp_path, "one", *more)
    plain = run(shared, tmp_path, "plain", "--lessons", "0")
    assert first != plain and run(shared, tmp_path, "two", *more) == first
    with np.load(next((tmp_path / "one").glob("lesson-*.npz"))) as kept:
        assert kept["ours"].shape == (24, 6) and np.allclose(kept["asked"].sum(1), 1, atol=1e-5)
        texts = [t for t in program.corpus(shared)[0].sample(500, random_state=0)["text"].drop_duplicates() if len(t) <= teaching.LONGEST]
        assert len(kept["asked"]) == len(texts) + 60
    next((tmp_path / "one").glob("lesson-*.pt")).unlink()
    assert run(shared, tmp_path, "one", *more, "--stop-after", "2") != first and run(shared, tmp_path, "one", *more) == first


def test_cuttings_are_made_of_our_words_and_repeat_themselves():
    texts = ["오늘 시험 너무 망쳤어 어떡해", "내일 비 온대", "ㅠㅠ"]
    made = teaching.cuttings(texts, 400, seed=3)
    assert made == teaching.cuttings(texts, 400, seed=3) != teaching.cuttings(texts, 400, seed=4) and len(made) == 400
    as_they_were = made[1::4]  # every fourth has a mistyped syllable
    assert {word for t in as_they_were for word in t.split()} <= {word for t in texts for word in t.split()}
    assert {"시험 너무", "ㅠㅠ"} & set(made) and any(len(t.split()) > 5 for t in made) and all(made)


def test_other_ways_to_write_a_message():
    rng = np.random.default_rng(0)
    assert chat_noise.without_spaces("나 너무 슬퍼", rng) == "나너무슬퍼" and chat_noise.decomposed("각", rng) == "\u1100\u1161\u11a8"
    assert chat_noise.polite("진짜 무서워ㅠㅠ", rng) == "진짜 무서워요ㅠㅠ" and chat_noise.casual("걱정돼요.", rng) == "걱정돼."
    assert chat_noise.polite("여기 어디 있는 물건", rng) == "여기 어디 있는 물건"  # 여 and 있는 end no sentence
    text = "배가 고픈데 밥이 없어서 너무 슬픈 저녁이야"
    changed = [chat_noise.typos(text, np.random.default_rng(seed), share=0.3) for seed in range(20)]
    assert len(set(changed)) > 10 and all(len(t) == len(text) for t in changed)
    assert chat_noise.typos(text, rng, share=0) == text
    for way in chat_noise.WAYS:
        assert chat_noise.rewritten([text], way) == chat_noise.rewritten([text], way)


def test_calibration_error_and_paired_difference_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.65, 0.35], [0.35, 0.65]])
    right = np.array([True, False, True, True])
    assert measure.calibration_error(probabilities, right) == pytest.approx(0.5 * 0.4 + 0.5 * 0.35)
    truth = np.array(["a"] * 100)
    mean, low, high = measure.better_by(truth, ["a"] * 100, ["a"] * 50 + ["b"] * 50)
    assert mean == 0.5 and 0.35 < low < 0.45 < 0.55 < high < 0.65
    assert measure.better_by(truth, truth, truth) == (0, 0, 0)


def test_the_measured_parts_are_those_of_04():
    """What 04 printed of the sample's parts; the gold set is nobody's training."""
    parts = teaching.our_messages()
    assert len(parts["test"][0]) == 750 and not set(parts["test"][0]) & {*parts["train"][0], *parts["validation"][0]}
    assert set(parts["train"][1]) == set(measure.EMOTIONS)
