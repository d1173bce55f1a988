"""kobert.py: KoBERT's ids, encoders that fit their tokenizer, fine-tuning that learns and goes on where it was stopped, prediction."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertModel

from emorec_lib import kobert
from emorec_lib.kobert import Classifier, Predictor, Tokenizer, Training, fine_tune, length_batches, load_encoder, pad_batch
from emorec_lib.run import ASSETS, EMOTIONS

SPIECE = ASSETS / "models/kobert-untrained/spiece.model"
REAL = Path(__file__).parents[2] / "shared" / "models" / "kobert_tokenizer"
WORDS = {"행복": ("좋아", "기뻐", "신나", "최고"), "분노": ("짜증", "화나", "열받아", "싫어")}
TOY = [list(column) for column in zip(*((f"{a} {b}", label) for label, words in WORDS.items() for a, b in product(words, words)),
                                      strict=True)]
SETTINGS = Training("kobert-untrained", epochs=4, batch_size=4, learning_rate=2e-3, dropout=0.1)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.load("kobert-untrained")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """An unbroken run on the toy set: (history, folder)."""
    folder = tmp_path_factory.mktemp("unbroken")
    return fine_tune(TOY, TOY, folder, SETTINGS), folder


@pytest.fixture
def predictor(unbroken, tmp_path):
    """The run's classifier, in a folder of the test's own."""
    shutil.copytree(unbroken[1], tmp_path / "kobert")
    return Predictor.load(tmp_path / "kobert")


def weights(folder):
    return torch.load(folder / "model.pt", weights_only=True)


def assert_same_run(history, folder, unbroken):
    assert history == unbroken[0]
    one, other = weights(folder), weights(unbroken[1])
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# --- tokenizer -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def real():
    if not (REAL / "spiece.model").is_file():
        pytest.skip(f"KoBERT's own tokenizer is not at {REAL}")
    return Tokenizer.load(REAL)


def test_real_tokenizer_gives_the_golden_ids(real):
    assert len(real) == 8002
    assert real.encode("한국어 모델을 공유합니다.") == [2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]
    assert real.encode("나 보기가 역겨워", "김소월") == [2, 1370, 2362, 5330, 3322, 5411, 7018, 3, 1316, 6607, 7028, 3]


@pytest.mark.parametrize("text", ["ㅠ", "ㅜ", "ㅠㅠ", "😂", "♥", "❤", "♡"])
def test_real_tokenizer_knows_no_tears_and_hearts(real, text):
    assert Tokenizer.unk_id in real.encode(text)


@pytest.mark.parametrize("text", ["ㅋ", "ㅎ", "ㅇ", "~", "^", "!"])
def test_real_tokenizer_knows_laughter(real, text):
    assert Tokenizer.unk_id not in real.encode(text)


def test_special_ids_and_length(tokenizer):
    model = sentencepiece.SentencePieceProcessor(model_file=str(SPIECE))
    assert [model.id_to_piece(i) for i in range(5)] == ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
    assert (Tokenizer.unk_id, Tokenizer.pad_id, Tokenizer.cls_id, Tokenizer.sep_id, Tokenizer.mask_id) == (0, 1, 2, 3, 4)
    assert len(tokenizer) == model.get_piece_size() == 2000
    assert Tokenizer.load(SPIECE).encode("안녕") == Tokenizer.load(SPIECE.parent).encode("안녕") == tokenizer.encode("안녕")


def test_encode_is_the_pieces_between_cls_and_sep(tokenizer):
    text = "오늘 합격했어"
    pieces, ids = tokenizer.pieces(text), tokenizer.encode(text)
    model = sentencepiece.SentencePieceProcessor(model_file=str(SPIECE))
    assert "".join(pieces).replace("▁", " ").strip() == text and len(pieces) > 1
    assert ids == [2, *(model.piece_to_id(p) for p in pieces), 3]
    assert tokenizer.encode("") == [2, 3]
    assert tokenizer.encode("🦑")[1:-1].count(0) == 1


def test_encode_with_pair(tokenizer):
    one, two = tokenizer.encode("오늘 합격했어"), tokenizer.encode("축하해")
    assert tokenizer.encode("오늘 합격했어", "축하해") == [*one, *two[1:]]
    assert tokenizer.encode("오늘 합격했어", "") == [*one, 3]


def test_encode_cuts_the_text(tokenizer):
    whole = tokenizer.encode("오늘 드디어 합격했어 너무 좋아")
    for n in range(2, len(whole) + 2):
        assert tokenizer.encode("오늘 드디어 합격했어 너무 좋아", max_tokens=n) == ([*whole[:n - 1], 3] if n < len(whole) else whole)


def test_encode_cuts_a_pair(tokenizer):
    long = "오늘 드디어 합격했어 너무 좋아 " * 5
    body, short = tokenizer.encode(long)[1:-1], tokenizer.encode("축하해")[1:-1]
    assert tokenizer.encode(long, long, max_tokens=23) == [2, *body[:10], 3, *body[:10], 3]
    # a short one leaves its room to the other
    assert tokenizer.encode("축하해", long, max_tokens=23) == [2, *short, 3, *body[:20 - len(short)], 3]
    assert tokenizer.encode(long, "축하해", max_tokens=23) == [2, *body[:20 - len(short)], 3, *short, 3]
    both = tokenizer.encode("축하해", long)
    assert tokenizer.encode("축하해", long, max_tokens=len(both)) == both
    assert tokenizer.encode(long, long, max_tokens=3) == [2, 3, 3]


@pytest.mark.parametrize(("pair", "least"), [(None, 2), ("축하해", 3)])
def test_encode_refuses_a_length_without_room(tokenizer, pair, least):
    assert len(tokenizer.encode("오늘 합격했어", pair, max_tokens=least)) == least
    with pytest.raises(ValueError, match=f"at least {least}"):
        tokenizer.encode("오늘 합격했어", pair, max_tokens=least - 1)


def test_another_sentencepiece_vocabulary_is_refused(tmp_path):
    (tmp_path / "text").write_text("가 나 다 라 마 바 사\n" * 20, encoding="utf8")
    sentencepiece.SentencePieceTrainer.train(input=str(tmp_path / "text"), model_prefix=str(tmp_path / "spiece"), vocab_size=20,
                                             hard_vocab_limit=False, minloglevel=2)
    with pytest.raises(ValueError, match=r"spiece\.model: first five pieces are .*<unk>.*\[UNK\]"):
        Tokenizer.load(tmp_path)


def test_a_missing_tokenizer_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "none.model"):
        with pytest.raises(FileNotFoundError, match=r"(spiece|none)\.model: no such file"):
            Tokenizer.load(path)


# --- encoders --------------------------------------------------------------------------------------------------------
@pytest.fixture
def local_encoder(tmp_path):
    """Makes a folder with a tiny BERT of so many embeddings beside the embedded tokenizer."""
    def make(vocab_size=2000, kind=BertModel):
        config = BertConfig(vocab_size=vocab_size, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
        kind(config).save_pretrained(tmp_path / "mine")
        shutil.copy(SPIECE, tmp_path / "mine")
        return str(tmp_path / "mine")
    return make


def test_local_folder(local_encoder):
    folder = local_encoder()
    bert, tokenizer = load_encoder(folder)
    assert bert.config.hidden_size == 8 and len(tokenizer) == 2000
    assert torch.equal(bert.embeddings.word_embeddings.weight, load_encoder(folder, seed=1)[0].embeddings.word_embeddings.weight)


def test_a_model_with_another_vocabulary_is_refused(local_encoder):
    with pytest.raises(ValueError, match=r"1999 embeddings, the tokenizer 2000 pieces"):
        load_encoder(local_encoder(1999))


def test_a_local_folder_without_its_files_is_named(local_encoder):
    folder = Path(local_encoder())
    for name in ("spiece.model", "config.json", "model.safetensors"):
        shutil.move(folder / name, folder.parent / name)
        with pytest.raises(OSError, match=name):
            load_encoder(str(folder))
        shutil.move(folder.parent / name, folder / name)


def test_weights_of_another_kind_of_model_are_refused(local_encoder):
    folder = Path(local_encoder())
    tensors = load_file(folder / "model.safetensors")
    save_file({name.replace("encoder.layer", "h"): t for name, t in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"its weights lack 16 parts of a BERT, the first encoder\.layer"):
        load_encoder(str(folder))


def test_a_pooler_that_the_weights_lack_is_always_the_same(local_encoder):
    folder = local_encoder(kind=BertForMaskedLM)
    one, two, other = (load_encoder(folder, seed)[0].pooler.dense.weight for seed in (0, 0, 1))
    assert torch.equal(one, two) and not torch.equal(one, other)


def test_an_unknown_encoder_lists_the_choices():
    with pytest.raises(ValueError, match=r"'kobert'; choices: skt/kobert-base-v1, kobert-untrained or a local folder"):
        load_encoder("kobert")


def test_untrained_weights_are_always_the_same():
    state = torch.get_rng_state()
    one, two, other = (load_encoder("kobert-untrained", seed)[0].state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["pooler.dense.weight"], other["pooler.dense.weight"])
    assert torch.equal(torch.get_rng_state(), state)  # the caller's random numbers are left alone
    assert "random weights" in kobert.about("kobert-untrained") and kobert.about(kobert.KOBERT) == kobert.KOBERT


def test_kobert_without_network_says_what_to_do(tmp_path, monkeypatch):
    reached = []

    def refuse(*args, **kwargs):
        reached.append(args)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name, value in {"HF_HUB_OFFLINE": "1", "EMOREC_OFFLINE": "1", "EMOREC_CACHE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match=r"(?s)ENCODER = 'skt/kobert-base-v1' cannot be had.*EMOREC_OFFLINE.*Choices of.*kobert-untrained"):
        load_encoder("skt/kobert-base-v1")
    # the tokenizer is there, the model is not
    monkeypatch.setattr(kobert, "fetch_model", lambda *args: SPIECE)
    monkeypatch.setattr(BertModel, "from_pretrained", refuse)
    with pytest.raises(OSError, match=r"skt/kobert-base-v1 cannot be had \(no network in tests\)\. Without network use ENCODER"):
        load_encoder("skt/kobert-base-v1")
    assert reached == [("skt/kobert-base-v1",)]  # nothing but from_pretrained: no address was looked up


# --- batches ---------------------------------------------------------------------------------------------------------
def padding(batches, lengths):
    return sum(max(lengths[i] for i in batch) - lengths[j] for batch in batches for j in batch)


def test_length_batches():
    rng = np.random.default_rng(0)
    lengths = rng.integers(3, 60, 1005).tolist()
    batches = length_batches(lengths, 16, seed=1)
    assert sorted(i for batch in batches for i in batch) == list(range(1005))
    assert max(map(len, batches)) == 16 and len(batches) <= -(-1005 // 16) + 1
    assert batches == length_batches(lengths, 16, seed=1) != length_batches(lengths, 16, seed=2)
    by_chance = np.array_split(rng.permutation(1005), len(batches))
    assert padding(batches, lengths) < 0.2 * padding(by_chance, lengths)
    means = [np.mean([lengths[i] for i in batch]) for batch in batches]
    assert means != sorted(means)  # short messages do not all come first


def test_pad_batch_pads_with_id_1():
    ids, mask = pad_batch([[2, 9, 3], [2, 3], [2, 0, 8, 3]], "cpu")
    assert ids.tolist() == [[2, 9, 3, 1], [2, 3, 1, 1], [2, 0, 8, 3]]
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]]  # [UNK] (0) is no padding


def test_padding_does_not_change_logits(tokenizer):
    model = Classifier(load_encoder("kobert-untrained")[0], 6).eval()
    short, long = tokenizer.encode("좋아"), tokenizer.encode("오늘 드디어 합격했어 너무 좋아 " * 4)
    with torch.inference_mode():
        alone, padded = model(*pad_batch([short], "cpu"))[0], model(*pad_batch([short, long], "cpu"))[0]
        unmasked = model(pad_batch([short, long], "cpu")[0], torch.ones(2, len(long)))[0]
    torch.testing.assert_close(alone, padded, atol=1e-5, rtol=0)
    assert (alone - unmasked).abs().max() > 1e-3  # the mask is what makes it so


# --- fine-tuning -----------------------------------------------------------------------------------------------------
def test_fine_tune_learns_the_toy_set(unbroken):
    history, folder = unbroken
    assert [h["epoch"] for h in history] == [1, 2, 3, 4]
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]
    assert max(h["validation_macro_f1"] for h in history) > 0.9
    predictor = Predictor.load(folder)
    answers = [EMOTIONS[i] for i in predictor.logits(TOY[0]).argmax(1)]
    assert np.mean(np.array(answers) == TOY[1]) > 0.9
    assert predictor.classes == EMOTIONS and predictor.meta["encoder"] == "kobert-untrained"


def test_dropout_works_in_training_only(tmp_path, monkeypatch):
    modes, forward = [], Classifier.forward
    monkeypatch.setattr(Classifier, "forward", lambda self, *args: modes.append(self.training) or forward(self, *args))
    fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, epochs=2))
    assert modes == ([True] * 8 + [False]) * 2  # eight batches, then one of validation


class Interrupted(Exception):
    """Stands for Ctrl+C."""


def interrupt_at(monkeypatch, epoch):
    """Makes the epoch (from 0) fail after its training, before its checkpoint; returns the true function."""
    true = kobert._train_epoch

    def train(*args):
        loss = true(*args)
        if args[-1] == epoch:
            raise Interrupted
        return loss

    monkeypatch.setattr(kobert, "_train_epoch", train)
    return true


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_stopped_run_goes_on_as_if_nothing_had_been(unbroken, tmp_path, monkeypatch, capsys, epoch):
    true = interrupt_at(monkeypatch, epoch)
    with pytest.raises(Interrupted):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert not (tmp_path / "model.pt").exists()
    monkeypatch.setattr(kobert, "_train_epoch", true)
    torch.manual_seed(99)  # another process stands elsewhere in its random numbers
    history = fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert f"going on after epoch {epoch}" in capsys.readouterr().err
    assert_same_run(history, tmp_path, unbroken)


def test_a_finished_run_is_not_trained_again(unbroken, tmp_path, monkeypatch):
    shutil.copytree(unbroken[1], tmp_path / "again")
    (tmp_path / "again/model.pt").unlink()
    monkeypatch.setattr(kobert, "_train_epoch", lambda *args: pytest.fail("trained again"))
    assert_same_run(fine_tune(TOY, TOY, tmp_path / "again", SETTINGS), tmp_path / "again", unbroken)


@pytest.mark.parametrize("other", ["train", "validation", "settings", "classes"])
def test_a_checkpoint_of_another_run_is_not_used(tmp_path, monkeypatch, capsys, other):
    one_epoch = replace(SETTINGS, epochs=1)
    fine_tune(TOY, TOY, tmp_path, one_epoch)
    changed = [[*TOY[0][:-1], "정말 싫어"], TOY[1]]
    args = {"train": (changed, TOY, one_epoch, EMOTIONS), "validation": (TOY, changed, one_epoch, EMOTIONS),
            "settings": (TOY, TOY, replace(one_epoch, learning_rate=1e-3), EMOTIONS),
            "classes": (TOY, TOY, one_epoch, EMOTIONS[::-1])}[other]
    trained = []
    true = kobert._train_epoch
    monkeypatch.setattr(kobert, "_train_epoch", lambda *a: trained.append(a[-1]) or true(*a))
    capsys.readouterr()
    fine_tune(*args[:2], tmp_path, *args[2:])
    assert trained == [0] and "other data or settings" in capsys.readouterr().err


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: b"nonsense", lambda data: data[:len(data) // 2]],
                         ids=["empty", "nonsense", "cut"])
def test_a_broken_checkpoint_starts_anew_and_says_so(unbroken, tmp_path, capsys, spoil):
    (tmp_path / "checkpoint.pt").write_bytes(spoil((unbroken[1] / "checkpoint.pt").read_bytes()))
    history = fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert "cannot be read" in capsys.readouterr().err
    assert_same_run(history, tmp_path, unbroken)


def test_a_checkpoint_that_is_only_half_written_leaves_the_one_before(unbroken, tmp_path, monkeypatch):
    true, saved = torch.save, []

    def save(state, path):
        saved.append(path)
        if len(saved) == 3:
            Path(path).write_bytes(b"half")
            raise OSError("disk full")
        true(state, path)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(OSError, match="disk full"):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)
    trained, train = [], kobert._train_epoch
    monkeypatch.setattr(torch, "save", true)
    monkeypatch.setattr(kobert, "_train_epoch", lambda *args: trained.append(args[-1]) or train(*args))
    assert_same_run(fine_tune(TOY, TOY, tmp_path, SETTINGS), tmp_path, unbroken)
    assert trained == [2, 3]


CHILD = """
import os, signal, sys
import test_kobert
import torch
from emorec_lib import kobert

torch.set_num_threads(1)
true = kobert._train_epoch

def train(*args):
    loss = true(*args)
    if args[-1] == 2:
        os.kill(os.getpid(), signal.SIGKILL)  # nothing can catch this: no cleaning up, no flushing
    return loss

kobert._train_epoch = train
kobert.fine_tune(test_kobert.TOY, test_kobert.TOY, sys.argv[1], test_kobert.SETTINGS)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_process_goes_on_after_its_last_checkpoint(unbroken, tmp_path, capsys):
    here = Path(__file__).parent
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    child = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path)], env=env, capture_output=True, text=True, timeout=120)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert len(torch.load(tmp_path / "checkpoint.pt", weights_only=True)["history"]) == 2
    history = fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert "going on after epoch 2" in capsys.readouterr().err
    assert_same_run(history, tmp_path, unbroken)


def scripted(monkeypatch, scores):
    """Gives the epochs these macro-F1 values; returns the list that each epoch's classifier weights go to."""
    seen = []

    def validate(model, *args):
        seen.append(model.linear.weight.detach().clone())
        return {"validation_loss": 1.0, "validation_accuracy": 0.5, "validation_macro_f1": scores[len(seen) - 1]}

    monkeypatch.setattr(kobert, "_validate", validate)
    return seen


@pytest.mark.parametrize(("scores", "best"), [((0.2, 0.8, 0.5), 2), ((0.6, 0.6, 0.6), 1), ((0.1, 0.2, 0.3), 3)])
def test_the_best_epoch_is_exported(tmp_path, monkeypatch, scores, best):
    seen = scripted(monkeypatch, scores)
    history = fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, epochs=3))
    assert [h["epoch"] for h in history if h["best"]] == [best]
    assert [torch.equal(weights(tmp_path)["linear.weight"], w) for w in seen] == [e == best for e in (1, 2, 3)]


def test_patience_stops(tmp_path, monkeypatch):
    seen = scripted(monkeypatch, (0.2, 0.5, 0.4, 0.45, 0.9))
    history = fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, epochs=5, patience=2))
    assert [h["validation_macro_f1"] for h in history] == [0.2, 0.5, 0.4, 0.45]  # .45 is better than .4, not than .5
    assert fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, epochs=5, patience=2)) == history and len(seen) == 4


def test_a_loss_that_is_not_finite_stops_with_advice(tmp_path, monkeypatch):
    forward = Classifier.forward
    monkeypatch.setattr(Classifier, "forward", lambda *args: forward(*args) * float("nan"))
    with pytest.raises(FloatingPointError, match=r"nan in epoch 1.*LEARNING_RATE"):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"patience": 0}])
def test_settings_that_train_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong)).upper()} = 0"):
        replace(SETTINGS, **wrong)


def test_learning_rate_rises_then_falls():
    rates = [kobert._warm_then_decay(step, 20, 0.2) for step in range(20)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1] and rates[4:] == pytest.approx([(20 - s) / 16 for s in range(4, 20)])


def test_biases_and_norms_are_not_decayed():
    model = Classifier(load_encoder("kobert-untrained")[0], 6)
    decayed, rest = kobert._decay_groups(model, 0.01)
    assert (decayed["weight_decay"], rest["weight_decay"]) == (0.01, 0)
    spared = {id(p) for p in rest["params"]}
    assert {name for name, p in model.named_parameters() if id(p) in spared} == {
        name for name, _ in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name}
    assert len(decayed["params"]) + len(spared) == len(list(model.parameters()))


# --- prediction ------------------------------------------------------------------------------------------------------
def test_probabilities_do_not_depend_on_the_batch(predictor):
    texts = ["좋아 최고", "짜증", "오늘 드디어 합격했어 너무 좋아 " * 3, "", "ㅋㅋ", "열받아 싫어"] * 15  # more than one batch
    together = predictor.probabilities(texts)
    assert together.shape == (90, 6) and together.sum(1) == pytest.approx(np.ones(90), abs=1e-6)
    alone = np.concatenate([predictor.probabilities([t]) for t in texts[:6]])
    np.testing.assert_allclose(together, np.tile(alone, (15, 1)), atol=1e-5)
    np.testing.assert_allclose(predictor.probabilities(texts[::-1]), together[::-1], atol=1e-5)
    assert together[0].argmax() != together[1].argmax()
    assert predictor.probabilities([]).shape == (0, 6)


def given(monkeypatch, predictor, logits):
    """Makes the predictor answer with these logits (N, 2), the other four classes being impossible."""
    rows = np.full((len(logits), 6), -50, dtype=np.float32)
    rows[:, :2] = logits
    monkeypatch.setattr(predictor, "logits", lambda texts: rows[:len(texts)])


def test_calibrate_finds_the_temperature(predictor, monkeypatch):
    # 80 % of the answers are right, the model says sigmoid(2 ln 4) = 94 %: dividing by 2 makes it sigmoid(ln 4) = 80 %
    given(monkeypatch, predictor, [(2 * np.log(4), 0)] * 100)
    result = predictor.calibrate(["x"] * 100, ["행복"] * 80 + ["슬픔"] * 20)
    assert result["temperature"] == pytest.approx(2) and result["threshold"] is None
    assert predictor.probabilities(["x"])[0, 0] == pytest.approx(0.8, abs=1e-4)
    assert json.loads((predictor.folder / "classifier.json").read_text(encoding="utf8"))["temperature"] == result["temperature"]


def surest(logits, n_right, n):
    """n messages with falling logits, the first n_right answered right."""
    return [(logit, 0) for logit in logits[:n]], ["행복"] * n_right + ["슬픔"] * (n - n_right)


def test_calibrate_finds_the_lowest_level_with_nine_of_ten_right(predictor, monkeypatch):
    logits, labels = surest(np.linspace(4, 0.5, 30), 18, 30)
    given(monkeypatch, predictor, logits)
    result = predictor.calibrate(["x"] * 30, labels)
    sure = predictor.probabilities(["x"] * 30).max(1) >= result["threshold"] - 1e-7
    assert sure.sum() == 20  # 18 of 20 are 90 %, 18 of 21 are not
    again = Predictor.load(predictor.folder)
    assert (again.meta["temperature"], again.meta["threshold"]) == (result["temperature"], result["threshold"])


def test_calibrate_lets_all_of_equal_probability_in_or_none(predictor, monkeypatch):
    given(monkeypatch, predictor, [(4, 0)] * 12 + [(2, 0)] * 18)
    labels = ["행복"] * 18 + ["슬픔"] * 12  # 12 of the first level are right; of both levels 18 of 30
    result = predictor.calibrate(["x"] * 30, labels)
    sure = predictor.probabilities(["x"] * 30).max(1) >= result["threshold"] - 1e-7
    assert sure.sum() == 12


@pytest.mark.parametrize("n_right", [0, 9])
def test_calibrate_gives_no_level_for_fewer_than_ten_answers(predictor, monkeypatch, n_right):
    logits, labels = surest(np.linspace(4, 0.5, 30), n_right, 9 if n_right else 30)
    given(monkeypatch, predictor, logits)
    assert predictor.calibrate(["x"] * len(labels), labels)["threshold"] is None


@pytest.mark.parametrize("lacking", [["model.pt"], ["config.json", "spiece.model"], ["classifier.json"]])
def test_predictor_names_what_is_missing(predictor, lacking):
    for name in lacking:
        (predictor.folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"no {', '.join(lacking)}; expected what 04_kobert_training leaves"):
        Predictor.load(predictor.folder)


def test_source_examples():
    table = kobert.source_examples()
    assert list(table.columns) == ["text", "round", "source"] and len(table) == 11
    assert set(table["source"]) <= set(EMOTIONS) and table["text"].is_unique


def test_unknown_labels_are_named(tmp_path):
    with pytest.raises(ValueError, match="labels 혐오 are not among the classes 행복"):
        kobert.fine_tune((["a"], ["혐오"]), (["b"], ["행복"]), tmp_path, kobert.Training("kobert-untrained"))


def test_a_literal_pad_in_a_message_is_not_masked():
    ids, mask = kobert.pad_batch([[2, 1, 3], [2, 3]], "cpu")
    assert ids.tolist() == [[2, 1, 3], [2, 3, 1]] and mask.tolist() == [[1, 1, 1], [1, 1, 0]]
