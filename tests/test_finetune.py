"""finetune.py: it learns, keeps the best epoch, and goes on from where it was stopped, at any moment, as if it had not been."""

import multiprocessing
import random
import shutil
import signal
import time
from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from emorec_lib import finetune
from emorec_lib.finetune import Training, balanced_sample, class_weights, fine_tune, length_batches
from emorec_lib.kobert import Classifier, Predictor, load_encoder
from emorec_lib.run import EMOTIONS

WORDS = {"행복": ("좋아", "기뻐", "신나", "최고"), "분노": ("짜증", "화나", "열받아", "싫어")}
TOY = [list(column) for column in zip(*((f"{a} {b}", label) for label, words in WORDS.items() for a, b in product(words, words)),
                                      strict=True)]
SETTINGS = Training("kobert-untrained", epochs=4, batch_size=4, learning_rate=2e-3, dropout=0.1)
N_BATCHES = 8  # of TOY


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """An unbroken run on the toy set: (history, folder)."""
    folder = tmp_path_factory.mktemp("unbroken")
    return fine_tune(TOY, TOY, folder, SETTINGS), folder


def weights(folder):
    return torch.load(folder / "model.pt", weights_only=True)


def assert_same_run(history, folder, unbroken):
    assert history == unbroken[0]
    one, other = weights(folder), weights(unbroken[1])
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


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


def test_balanced_sample():
    labels = [0] * 50 + [3] * 7 + [1] * 20
    drawn = balanced_sample(labels, seed=0)
    assert Counter(labels[i] for i in drawn) == {0: 26, 1: 26, 3: 25}  # 77 in three
    assert sorted(Counter(i for i in drawn if labels[i] == 3).values()) == [3] * 3 + [4] * 4  # none forgotten while another comes again
    assert max(Counter(i for i in drawn if labels[i] == 0).values()) == 1
    assert drawn == balanced_sample(labels, seed=0) != balanced_sample(labels, seed=1)


def test_class_weights():
    assert class_weights([0, 0, 0, 2], 4).tolist() == pytest.approx([4 / (2 * 3), 1, 4 / 2, 1])


def test_balance_reaches_the_rare_class(tmp_path):
    """Twenty messages of one class to two of the other: only with balance is the rare one learnt in so few steps."""
    rare = [i for i, label in enumerate(TOY[1]) if label == "분노"][:2]
    chosen = [i for i, label in enumerate(TOY[1]) if label == "행복"] + rare
    train = [[column[i] for i in chosen] for column in TOY]
    found = {}
    for balance in ("", "weights", "sampling"):
        settings = replace(SETTINGS, epochs=3, balance=balance, dropout=0.0)
        fine_tune(train, TOY, tmp_path / f"{balance}x", settings)
        found[balance] = Predictor.load(tmp_path / f"{balance}x").probabilities([TOY[0][i] for i in rare])[:, EMOTIONS.index("분노")].mean()
    assert found["weights"] > 1.2 * found[""] and found["sampling"] > 1.2 * found[""], found


# --- learning --------------------------------------------------------------------------------------------------------
def test_fine_tune_learns_the_toy_set(unbroken):
    history, folder = unbroken
    assert [h["epoch"] for h in history] == [1, 2, 3, 4]
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]
    assert max(h["validation_macro_f1"] for h in history) > 0.9
    predictor = Predictor.load(folder)
    answers = [EMOTIONS[i] for i in predictor.logits(TOY[0]).argmax(1)]
    assert np.mean(np.array(answers) == TOY[1]) > 0.9
    assert predictor.classes == EMOTIONS and predictor.meta["encoder"] == "kobert-untrained"
    assert sorted(p.name for p in folder.iterdir()) == ["checkpoint.pt", "classifier.json", "config.json", "model.pt", "spiece.model"]


def test_dropout_works_in_training_only(tmp_path, monkeypatch):
    modes, forward = [], Classifier.forward
    monkeypatch.setattr(Classifier, "forward", lambda self, *args: modes.append(self.training) or forward(self, *args))
    fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, epochs=2))
    assert modes == ([True] * N_BATCHES + [False]) * 2  # eight batches, then one of validation


def test_bf16_learns_too(tmp_path):
    history = fine_tune(TOY, TOY, tmp_path, replace(SETTINGS, precision="bf16"))
    assert max(h["validation_macro_f1"] for h in history) > 0.9
    assert all(t.dtype == torch.float32 for t in weights(tmp_path).values() if t.is_floating_point())


# --- going on --------------------------------------------------------------------------------------------------------
class Interrupted(Exception):
    """Stands for Ctrl+C."""


def interrupt_after(monkeypatch, n_steps):
    """Makes training fail after so many steps; returns the true function."""
    true, done = finetune._step, []

    def step(*args):
        loss = true(*args)
        done.append(loss)
        if len(done) == n_steps:
            raise Interrupted
        return loss

    monkeypatch.setattr(finetune, "_step", step)
    return true


@pytest.mark.parametrize(("n_steps", "minutes", "said"), [
    (N_BATCHES * 2 - 1, 10, "going on after epoch 1 ("), (N_BATCHES * 2, 10, "going on after epoch 1 ("),
    (5, 0, "going on after epoch 0 and 4 batches"), (N_BATCHES * 3 + 2, 0, "going on after epoch 3 and 1 batches")])
def test_a_stopped_run_goes_on_as_if_nothing_had_been(unbroken, tmp_path, monkeypatch, capsys, n_steps, minutes, said):
    true, settings = interrupt_after(monkeypatch, n_steps), replace(SETTINGS, checkpoint_minutes=minutes)
    with pytest.raises(Interrupted):
        fine_tune(TOY, TOY, tmp_path, settings)
    assert not (tmp_path / "model.pt").exists()
    steps = []
    monkeypatch.setattr(finetune, "_step", lambda *args: steps.append(1) or true(*args))
    torch.manual_seed(99)  # another process stands elsewhere in its random numbers
    history = fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert said in capsys.readouterr().err
    assert len(steps) == 4 * N_BATCHES - (n_steps - 1) // (1 if minutes == 0 else N_BATCHES) * (1 if minutes == 0 else N_BATCHES)
    assert_same_run(history, tmp_path, unbroken)


@pytest.mark.parametrize("balance", ["weights", "sampling"])
def test_going_on_keeps_the_balance(tmp_path, monkeypatch, balance):
    settings = replace(SETTINGS, epochs=2, balance=balance, checkpoint_minutes=0)
    whole = fine_tune(TOY, TOY, tmp_path / "whole", settings), tmp_path / "whole"
    true = interrupt_after(monkeypatch, 11)
    with pytest.raises(Interrupted):
        fine_tune(TOY, TOY, tmp_path / "cut", settings)
    monkeypatch.setattr(finetune, "_step", true)
    assert_same_run(fine_tune(TOY, TOY, tmp_path / "cut", settings), tmp_path / "cut", whole)


def test_a_finished_run_is_not_trained_again(unbroken, tmp_path, monkeypatch):
    shutil.copytree(unbroken[1], tmp_path / "again")
    monkeypatch.setattr(finetune, "_step", lambda *args: pytest.fail("trained again"))
    assert_same_run(fine_tune(TOY, TOY, tmp_path / "again", SETTINGS), tmp_path / "again", unbroken)
    assert (tmp_path / "again/checkpoint.pt").stat().st_size < 20_000  # the weights lie in model.pt alone


def test_lost_weights_are_trained_again(unbroken, tmp_path, capsys):
    shutil.copytree(unbroken[1], tmp_path / "again")
    (tmp_path / "again/model.pt").unlink()
    assert_same_run(fine_tune(TOY, TOY, tmp_path / "again", SETTINGS), tmp_path / "again", unbroken)
    assert "the best epoch's weights are gone" in capsys.readouterr().err


def test_weights_of_another_run_do_not_pass_for_lost_ones(unbroken, tmp_path):
    """Killed after the last epoch, best weights lost, while the folder holds an older run's model."""
    shutil.copytree(unbroken[1], tmp_path / "again")
    fine_tune(TOY, TOY, tmp_path / "other", replace(SETTINGS, seed=1, epochs=1))
    for name in ("model.pt", "classifier.json"):
        shutil.copy(tmp_path / "other" / name, tmp_path / "again" / name)
    assert_same_run(fine_tune(TOY, TOY, tmp_path / "again", SETTINGS), tmp_path / "again", unbroken)


@pytest.mark.parametrize("other", ["train", "validation", "settings", "classes", "weights"])
def test_a_checkpoint_of_another_run_is_not_used(tmp_path, monkeypatch, capsys, other):
    one_epoch = replace(SETTINGS, epochs=1)
    fine_tune(TOY, TOY, tmp_path, one_epoch)
    changed = [[*TOY[0][:-1], "정말 싫어"], TOY[1]]
    args = {"train": (changed, TOY, one_epoch, EMOTIONS), "validation": (TOY, changed, one_epoch, EMOTIONS),
            "settings": (TOY, TOY, replace(one_epoch, learning_rate=1e-3), EMOTIONS), "classes": (TOY, TOY, one_epoch, EMOTIONS[::-1]),
            "weights": (TOY, TOY, one_epoch, EMOTIONS)}[other]
    if other == "weights":
        monkeypatch.setattr(finetune, "load_encoder", lambda name, seed, signs: load_encoder(name, seed + 1, signs))
    steps, true = [], finetune._step
    monkeypatch.setattr(finetune, "_step", lambda *a: steps.append(1) or true(*a))
    capsys.readouterr()
    fine_tune(*args[:2], tmp_path, *args[2:])
    assert len(steps) == N_BATCHES and "other data, weights or settings" in capsys.readouterr().err


def test_minutes_between_checkpoints_are_no_part_of_the_run(unbroken, tmp_path, monkeypatch):
    shutil.copytree(unbroken[1], tmp_path / "again")
    monkeypatch.setattr(finetune, "_step", lambda *args: pytest.fail("trained again"))
    fine_tune(TOY, TOY, tmp_path / "again", replace(SETTINGS, checkpoint_minutes=1))


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: b"nonsense", lambda data: data[:len(data) // 2]],
                         ids=["empty", "nonsense", "cut"])
def test_a_broken_checkpoint_starts_anew_and_says_so(unbroken, tmp_path, capsys, spoil):
    (tmp_path / "checkpoint.pt").write_bytes(spoil((unbroken[1] / "checkpoint.pt").read_bytes()))
    history = fine_tune(TOY, TOY, tmp_path, SETTINGS)
    assert "cannot be read" in capsys.readouterr().err
    assert_same_run(history, tmp_path, unbroken)


@pytest.mark.parametrize("fails_at", range(1, 7))
def test_a_file_that_is_only_half_written_leaves_the_one_before(unbroken, tmp_path, monkeypatch, fails_at):
    true, saved = torch.save, []

    def save(state, file):
        saved.append(file)
        if len(saved) == fails_at:
            file.write(b"half")
            raise OSError("disk full")
        true(state, file)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(OSError, match="disk full"):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)
    monkeypatch.setattr(torch, "save", true)
    assert_same_run(fine_tune(TOY, TOY, tmp_path, SETTINGS), tmp_path, unbroken)


KILLED = replace(SETTINGS, epochs=2, batch_size=8, checkpoint_minutes=0)  # a checkpoint a step: many a kill falls into writing one


def train_here(folder):
    """What a child process does."""
    torch.set_num_threads(1)
    fine_tune(TOY, TOY, folder, KILLED)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_ten_random_kills(tmp_path):
    """SIGKILL, which nothing can catch, at ten random moments of ten runs; each then goes on in this process to the same bits."""
    whole = fine_tune(TOY, TOY, tmp_path / "whole", KILLED), tmp_path / "whole"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_finetune", "transformers.models.bert.modeling_bert"])
    for lasts in (0, 0):  # the second one is timed: the first waits for the server's imports
        began = time.monotonic()
        child = context.Process(target=train_here, args=(tmp_path / f"alone{began}",))
        child.start()
        child.join()
        lasts = time.monotonic() - began
    drawn, killed = random.Random(0), 0
    for attempt in range(40):
        child = context.Process(target=train_here, args=(tmp_path / str(attempt),))
        child.start()
        time.sleep(lasts * drawn.random())
        child.kill()
        child.join()
        if child.exitcode == -signal.SIGKILL:  # not one that was done before
            assert_same_run(fine_tune(TOY, TOY, tmp_path / str(attempt), KILLED), tmp_path / str(attempt), whole)
            killed += 1
        if killed == 10:
            break
    assert killed == 10


# --- memory ----------------------------------------------------------------------------------------------------------
def memory_for(monkeypatch, n_messages, error):
    """Makes forward passes in training fail for more messages; returns the sizes that were tried."""
    forward, sizes = Classifier.forward, []

    def limited(self, ids, mask):
        if self.training:
            sizes.append(len(ids))
            if len(ids) > n_messages:
                raise error
        return forward(self, ids, mask)

    monkeypatch.setattr(Classifier, "forward", limited)
    return sizes


OUT_OF_MEMORY = [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]


@pytest.mark.parametrize("balance", ["", "weights"])
@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=["cuda", "cpu"])
def test_out_of_memory_halves_the_batch_and_keeps_the_effective_one(tmp_path, monkeypatch, capsys, error, balance):
    settings = replace(SETTINGS, epochs=1, dropout=0.0, batch_size=8, balance=balance)
    monkeypatch.setattr(finetune, "load_encoder", without_dropout)
    whole = fine_tune(TOY, TOY, tmp_path / "whole", settings)
    sizes = memory_for(monkeypatch, 3, error)
    parts = fine_tune(TOY, TOY, tmp_path / "parts", settings)
    assert sizes[:4] == [8, 4, 2, 2] and sizes[4:] == [2] * (len(sizes) - 4)  # what did not fit is not tried again
    assert "out of memory: going on with 2 messages at a time; a step still takes 8" in capsys.readouterr().err
    assert parts[0]["train_loss"] == pytest.approx(whole[0]["train_loss"], abs=1e-5)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.allclose(one[name], other[name], atol=2e-4) for name in one)


def without_dropout(*args):
    bert, tokenizer = load_encoder(*args)
    for module in bert.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return bert, tokenizer


def test_a_part_that_failed_leaves_no_gradient(tmp_path, monkeypatch):
    """The first of two parts fits, the second does not: its gradient must not count twice."""
    monkeypatch.setattr(finetune, "load_encoder", without_dropout)
    settings = replace(SETTINGS, epochs=1, dropout=0.0)
    fine_tune(TOY, TOY, tmp_path / "whole", settings)
    forward, calls = Classifier.forward, []

    def second_fails(self, ids, mask):
        calls.append(len(ids))
        if len(calls) in (1, 3):
            raise OUT_OF_MEMORY[0]
        return forward(self, ids, mask)

    monkeypatch.setattr(Classifier, "forward", second_fails)
    fine_tune(TOY, TOY, tmp_path / "parts", settings)
    assert calls[:5] == [4, 2, 2, 1, 1]
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.allclose(one[name], other[name], atol=2e-4) for name in one)


def test_memory_that_is_too_small_for_one_message_says_what_helps(tmp_path, monkeypatch):
    memory_for(monkeypatch, 0, OUT_OF_MEMORY[0])
    with pytest.raises(MemoryError, match=r"one message of \d+ tokens at a time; a smaller MAX_TOKENS"):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)


def test_another_error_is_not_taken_for_a_lack_of_memory(tmp_path, monkeypatch):
    memory_for(monkeypatch, 0, RuntimeError("shapes do not fit"))
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        fine_tune(TOY, TOY, tmp_path, SETTINGS)


# --- epochs and steps ---------------------------------------------------------------------------------------------
def scripted(monkeypatch, scores):
    """Gives the epochs these macro-F1 values; returns the list that each epoch's classifier weights go to."""
    seen = []

    def validate(model, *args):
        seen.append(model.linear.weight.detach().clone())
        return {"validation_loss": 1.0, "validation_accuracy": 0.5, "validation_macro_f1": scores[len(seen) - 1]}

    monkeypatch.setattr(finetune, "_validate", validate)
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
    rates = [finetune._warm_then_decay(step, 20, 0.2) for step in range(20)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1] and rates[4:] == pytest.approx([(20 - s) / 16 for s in range(4, 20)])


def test_biases_and_norms_are_not_decayed():
    model = Classifier(load_encoder("kobert-untrained")[0], 6)
    decayed, rest = finetune._decay_groups(model, 0.01)
    assert (decayed["weight_decay"], rest["weight_decay"]) == (0.01, 0)
    spared = {id(p) for p in rest["params"]}
    assert {name for name, p in model.named_parameters() if id(p) in spared} == {
        name for name, _ in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name}
    assert len(decayed["params"]) + len(spared) == len(list(model.parameters()))


def test_unknown_labels_are_named(tmp_path):
    with pytest.raises(ValueError, match="labels 혐오 are not among the classes 행복"):
        fine_tune((["a"], ["혐오"]), (["b"], ["행복"]), tmp_path, Training("kobert-untrained"))


def test_an_unknown_balance_lists_the_choices():
    with pytest.raises(ValueError, match="BALANCE = 'both'; choices: '', 'weights', 'sampling'"):
        replace(SETTINGS, balance="both")
