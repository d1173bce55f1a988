"""ask.py with the real openai package against a server of our own on 127.0.0.1 that misbehaves (tools/label_server.py)."""

import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from emorec_lib import ask as asking_module
from emorec_lib.ask import AskError, Asking, ask, batch, estimate, missing, read_reply
from emorec_lib.augment import LABELS, Rule, judged, read_record, usable
from emorec_lib.run import digest

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

from label_server import KEY, serving

PROMPT = "Label it."


@pytest.fixture
def server(monkeypatch):
    import openai._base_client

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("INITIAL_RETRY_DELAY", "MAX_RETRY_DELAY"):  # as fast as a test should be; Retry-After is kept to all the same
        monkeypatch.setattr(openai._base_client, name, 0.01)
    with serving() as found:
        yield found


@pytest.fixture
def asking(server, tmp_path):
    return Asking("m", PROMPT, tmp_path / "record.jsonl", server.url, at_once=1, tries=3, timeout=5)


def asked(server):
    return [request["input"] for request in server.seen]


def lines(asking):
    return [json.loads(line) for line in asking.record.read_text(encoding="utf8").split("\n") if line]


# --- asking ----------------------------------------------------------------------------------------------------------
def test_sends_prompt_and_schema_and_records_what_came(server, asking):
    server.labels = {"합격했어": "행복"}
    assert ask(["합격했어", "3시에 봐"], asking) == {"asked": 2, "recorded": 2, "without_reply": 0}
    said = {"confidence": [0.8, 0.8], "reason": ["why", "why"], "model": ["m", "m"], "prompt": [digest(PROMPT)] * 2}
    assert read_record(asking.record).to_dict("list") == {"text": ["합격했어", "3시에 봐"], "label": ["행복", "중립"]} | said
    first, request = lines(asking)[0], server.seen[0]
    assert first["usage"] == {"input_tokens": 500, "output_tokens": 40} and first["answered_by"] == "m"
    expected = {"path": "/v1/responses", "model": "m", "instructions": PROMPT, "max_output_tokens": 1000}
    assert {name: request[name] for name in expected} == expected
    assert request["text"]["format"]["schema"]["properties"]["label"]["enum"] == list(LABELS) and request["text"]["format"]["strict"]


def test_each_reply_is_on_the_disk_before_the_next_is_asked(server, asking, monkeypatch):
    real, then = server.answer, []

    def answer(request, fault=None):
        then.append(asking.record.read_bytes().count(b"\n"))
        return real(request, fault)

    monkeypatch.setattr(server, "answer", answer)
    ask(["a", "b", "c"], asking)
    assert then == [0, 1, 2]


def test_nothing_is_asked_twice(server, asking):
    ask(["a", "b", "a", "a"], asking)
    assert asked(server) == ["a", "b"]
    assert ask(["b", "a"], asking)["asked"] == 0 and asked(server) == ["a", "b"]
    ask(["a"], replace(asking, prompt="Another."))
    ask(["a"], replace(asking, model="m2"))
    assert len(server.seen) == 4 and missing(["a", "c"], asking) == ["c"]
    ask(["a"], asking)  # asked before, though other replies came after it
    assert len(server.seen) == 4


def test_so_many_at_once(server, asking):
    server.delay = 0.05
    texts = [str(i) for i in range(12)]
    ask(texts, replace(asking, at_once=4))
    assert server.most_at_once == 4 and sorted(read_record(asking.record)["text"]) == sorted(texts)


@pytest.mark.parametrize("fault", [429, 500, 503, "cut", (429, {"Retry-After": "1"})])
def test_passing_faults_are_asked_again_by_the_package(server, asking, fault):
    server.faults = [None, fault, fault]
    assert ask(["a", "b", "c"], asking)["recorded"] == 3
    assert asked(server) == ["a", "b", "b", "b", "c"] and [row["text"] for row in lines(asking)] == ["a", "b", "c"]
    waited = server.seen[2]["at"] - server.seen[1]["at"]
    assert waited >= 0.95 if isinstance(fault, tuple) else waited < 0.9  # the server's Retry-After


def test_a_silent_server_is_left_after_the_timeout(server, asking):
    server.faults = [None, "silent"]
    assert ask(["a", "b"], replace(asking, timeout=0.5))["recorded"] == 2 and asked(server) == ["a", "b", "b"]


@pytest.mark.parametrize(("fault", "label"), [("refusal", "거절"), ("truncated", "잘림"), ("off schema", "형식")])
def test_replies_without_a_label_are_recorded_by_name(server, asking, fault, label):
    server.faults = [fault]
    assert ask(["bad", "good"], asking)["recorded"] == 2
    record = read_record(asking.record)
    assert record["label"].tolist() == [label, "중립"] and record["confidence"][0] == 0
    assert usable(judged(record, Rule(0)))["text"].tolist() == ["good"]
    ask(["bad"], asking)
    assert len(server.seen) == 2  # paid, so not asked again …
    ask(["bad"], asking, again=True)
    assert read_record(asking.record).set_index("text")["label"]["bad"] == "중립"  # … unless wanted


@pytest.mark.parametrize("fault", ["html", "broken json"])
def test_a_reply_that_is_no_json_costs_its_text_alone(server, asking, fault):
    server.faults = [None, fault]
    with pytest.raises(AskError, match=r"2 replies recorded, 1 texts without one\..*Run again"):
        ask(["a", "b", "c"], asking)
    assert ask(["a", "b", "c"], asking) == {"asked": 1, "recorded": 1, "without_reply": 0}


@pytest.mark.parametrize(("status", "name"), [(401, "AuthenticationError"), (403, "PermissionDeniedError"), (404, "NotFoundError"),
                                              (400, "BadRequestError")])
def test_what_every_request_would_meet_stops_at_once(server, asking, status, name):
    server.faults, server.always = [None, None], status
    with pytest.raises(AskError, match=rf"2 replies recorded, 3 texts without one\. {name}"):
        ask(list("abcde"), asking)
    assert len(server.seen) == 3
    server.always = None
    assert ask(list("abcde"), asking)["asked"] == 3


def test_a_server_that_is_down_is_not_asked_for_every_text(server, asking):
    server.always = 500
    with pytest.raises(AskError, match="0 replies recorded, 100 texts without one"):
        ask([str(i) for i in range(100)], replace(asking, tries=1))
    assert len(server.seen) == asking_module.GIVEN_UP


def test_the_key_is_nowhere(server, asking, capfd, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-987")
    with pytest.raises(AskError, match="AuthenticationError") as error:
        ask(["a"], asking)
    import traceback

    output = capfd.readouterr()
    shown = "".join(traceback.format_exception(error.value))
    for text in (shown, str(error.value), output.out, output.err, asking.record.read_text(encoding="utf8")):
        assert "sk-secret-987" not in text
    with pytest.raises(AskError, match="AuthenticationError") as error:
        batch(["a"], asking)
    assert "sk-secret-987" not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_nothing_is_asked(server, asking, monkeypatch, key):
    monkeypatch.delenv("OPENAI_API_KEY") if key is None else monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(AskError, match=r"OPENAI_API_KEY is not set.*leave ASK"):
        ask(["a"], asking)
    assert not server.seen


# --- money -----------------------------------------------------------------------------------------------------------
def test_nothing_is_asked_above_what_may_be_spent(server, asking):
    dear = replace(asking, price_in=2.0, price_out=8.0)
    plan = estimate(["가" * 100] * 50, dear)
    assert plan["requests"] == 50 and plan["input_tokens"] == pytest.approx(50 * (len(PROMPT) / 3 + 100 + 100), abs=1)
    assert plan["dollars"] == pytest.approx((plan["input_tokens"] * 2 + plan["output_tokens"] * 8) / 1e6, abs=1e-4)
    assert estimate(["a"], dear, batch=True)["dollars"] == pytest.approx(estimate(["a"], dear)["dollars"] / 2, abs=1e-4)
    for call in (ask, batch):
        with pytest.raises(AskError, match=r"2 requests would cost about \$0\.00\d+; nothing was asked.*MAX_DOLLARS"):
            call(["a", "b"], dear)
    assert not server.seen and not server.files
    assert ask(["a", "b"], dear, max_dollars=0.01)["recorded"] == 2


def test_asking_stops_when_the_servers_own_count_is_above_the_limit(server, asking):
    dear = replace(asking, price_in=1.0, price_out=100.0)  # the estimate says $0.0081 a reply; 4,000 tokens out are $0.40
    real = server.answer
    server.answer = lambda request, fault=None: real(request, fault) | {"usage": {"input_tokens": 500, "output_tokens": 4000}}
    texts = [str(i) for i in range(20)]
    with pytest.raises(AskError, match=r"3 replies recorded, 17 texts without one\. \$1\.2\d? are spent, more than MAX_DOLLARS = 1"):
        ask(texts, dear, max_dollars=1.0)
    assert len(server.seen) == 3


# --- the record ------------------------------------------------------------------------------------------------------
def test_a_half_written_last_line_is_cut_off(server, asking, capfd):
    ask(["a", "b"], asking)
    whole = asking.record.read_bytes()
    asking.record.write_bytes(whole[:-20])
    assert ask(["a", "b"], asking)["asked"] == 1
    assert asking.record.read_bytes() == whole and "half written" in capfd.readouterr().err
    asking.record.write_bytes(whole[:-1])  # edited by hand: no line end
    assert ask(["a", "b", "c"], asking)["asked"] == 1 and len(lines(asking)) == 3


def test_texts_with_rare_line_separators(server, asking):
    texts = ["첫 줄\u2028둘째", "가\u0085나", "다\n라"]
    ask(texts, asking)
    assert read_record(asking.record)["text"].tolist() == texts and ask(texts, asking)["asked"] == 0


def test_two_processes_do_not_share_a_record(server, asking):
    server.delay = 0.5
    first = threading.Thread(target=ask, args=(["a", "b"], asking))
    first.start()
    deadline = time.monotonic() + 5
    while not server.seen and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(AskError, match=r"another process is asking for .*record\.jsonl"):
        ask(["c"], asking)
    first.join()
    assert asked(server) == ["a", "b"] and ask(["a", "b", "c"], asking)["asked"] == 1


def test_the_embedded_record_is_never_written(server, asking, monkeypatch):
    monkeypatch.setattr("emorec_lib.run.ASSETS", asking.record.parent)
    for call in (ask, batch):
        with pytest.raises(ValueError, match="read only"):
            call(["a"], asking)
    assert not server.seen and not asking.record.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_fifty_times_at_random_moments(server, asking):
    """Each time a process of its own; at the end every text has one line, as if nothing had happened."""
    import openai  # noqa: F401  so that the children need not import it

    texts, draw = [f"메시지 {i}" for i in range(150)], random.Random(0)
    server.labels = {t: LABELS[i % 8] for i, t in enumerate(texts)}
    server.delay, kills, parallel = 0.01, 0, replace(asking, at_once=3)
    while kills < 50:
        child = os.fork()
        if not child:
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                ask(texts, parallel)
            finally:
                os._exit(0)
        time.sleep(draw.uniform(0.0, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kills += 1
        recorded = lines_even_if_cut(parallel)
        assert len({row["text"] for row in recorded}) == len(recorded)
        if len(recorded) == len(texts) and kills < 50:
            texts += [f"noch {len(texts) + i}" for i in range(50)]  # so that all fifty kills interrupt something
    ask(texts, parallel)
    found = lines(parallel)
    assert sorted(row["text"] for row in found) == sorted(texts)
    assert {row["text"]: row["label"] for row in found} == {t: server.labels.get(t, "중립") for t in texts}
    assert all(row["confidence"] == 0.8 and row["usage"]["input_tokens"] == 500 for row in found)


def lines_even_if_cut(asking):
    found = []
    for line in (asking.record.read_text(encoding="utf8", errors="replace") if asking.record.exists() else "").split("\n"):
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


# --- batches ---------------------------------------------------------------------------------------------------------
def test_a_batch_is_submitted_once_and_collected(server, asking):
    ask(["a"], asking)
    server.labels = {"b": "행복"}
    server.batch_status = "in_progress"
    assert batch(["a", "b", "c"], asking) == "batch batch_0: 2 requests submitted"
    assert "batch_0: in_progress, 0 of 2" in batch(["a", "b", "c"], asking) and len(server.batches) == 1
    server.batch_status = "completed"
    assert batch(["a", "b", "c"], asking) == "batch batch_0: completed, 2 replies recorded, 0 texts without one"
    assert read_record(asking.record).set_index("text")["label"].to_dict() == {"a": "중립", "b": "행복", "c": "중립"}
    assert batch(["a", "b", "c"], asking) == "nothing is missing" and len(server.seen) == 1
    sent = [json.loads(line) for line in server.files["file-0"].split(b"\n") if line]
    assert [line["body"] for line in sent] == [asking.body(t) for t in ("b", "c")]


def test_what_a_batch_does_not_answer_stays_missing(server, asking):
    server.fails_in_batch = {"b"}
    batch(["a", "b", "c"], asking)
    assert batch(["a", "b", "c"], asking).endswith("2 replies recorded, 1 texts without one") and missing(["a", "b", "c"], asking) == ["b"]
    server.batch_status = "expired"
    batch(["a", "b", "c"], asking)
    assert batch(["a", "b", "c"], asking) == "batch batch_1: expired, 0 replies recorded, 1 texts without one"


def test_a_batch_goes_on_after_a_kill_at_any_step(server, asking, monkeypatch):
    class Killed(BaseException):
        pass

    real = asking_module.write_atomic
    state = Path(f"{asking.record}.batch.json")

    def dies_after_submitting(path, content):
        if path == state and json.loads(content)["id"]:
            raise Killed
        return real(path, content)

    monkeypatch.setattr(asking_module, "write_atomic", dies_after_submitting)
    with pytest.raises(Killed):
        batch(["a", "b"], asking)
    monkeypatch.setattr(asking_module, "write_atomic", real)
    assert batch(["a", "b"], asking) == "batch batch_0: completed, 2 replies recorded, 0 texts without one" and len(server.batches) == 1

    monkeypatch.setattr(asking_module, "_call", lambda *args, **kwargs: (_ for _ in ()).throw(Killed))  # before anything was sent
    with pytest.raises(Killed):
        batch(["c"], asking)
    monkeypatch.undo()
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert "never sent" in batch(["c"], asking) and "submitted" in batch(["c"], asking)

    real_row, written = asking_module.row, []

    def dies_in_the_middle(text, reply, of):
        if written:
            raise Killed
        written.append(text)
        return real_row(text, reply, of)

    batch(["c"], asking)
    batch(["d", "e"], asking)
    monkeypatch.setattr(asking_module, "row", dies_in_the_middle)
    with pytest.raises(Killed):
        batch(["d", "e"], asking)
    monkeypatch.setattr(asking_module, "row", real_row)
    batch(["d", "e"], asking)
    assert sorted(row["text"] for row in lines(asking)) == ["a", "b", "c", "d", "e"]


# --- reading replies -------------------------------------------------------------------------------------------------
def message(text, **more):
    said = {"type": "message", "content": [{"type": "output_text", "text": text}]}
    return {"status": "completed", "output": [{"type": "reasoning"}, said]} | more


@pytest.mark.parametrize(("reply", "expected"), [
    (message('{"label": "행복", "confidence": 0.5, "reason": "r"}'), ("행복", 0.5, "r")),
    (message('{"label": "행복", "confidence": 7, "reason": "r"}'), ("행복", 1.0, "r")),
    (message('{"label": "행복", "confidence": NaN, "reason": "r"}'), ("형식", 0.0)),
    (message('{"label": "행복"'), ("형식", 0.0, '{"label": "행복"')),
    (message("[]"), ("형식", 0.0, "[]")), (message(""), ("형식", 0.0, "")), ({}, ("형식", 0.0, "")),
    (message("", status="incomplete", incomplete_details={"reason": "x"}), ("잘림", 0.0, "x"))])
def test_read_reply(reply, expected):
    assert read_reply(reply)[:len(expected)] == expected
