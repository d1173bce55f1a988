"""What happens to labels when the server misbehaves: `python tools/measure_asking.py [--page docs/asking.md]`.

emorec_lib/ask.py with the real openai package asks the server of tools/label_server.py on 127.0.0.1 for forty labels, while one fault at a
time is played; then it asks again, the fault over. Counted: replies recorded, requests sent, texts lost or doubled in the end.
"""

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import openai
import pandas as pd
from label_server import KEY, serving
from page_tables import markdown

from emorec_lib.ask import AskError, Asking, ask, batch
from emorec_lib.augment import FAILED, LABELS

TEXTS = [f"메시지 {i}" for i in range(40)]
RIGHT = {text: LABELS[i % 7] for i, text in enumerate(TEXTS)}
KILLS = 50
FAULTS = {  # name -> (faults in the order of requests, what every further request meets, changes of the Asking)
    "none": ([], None, {}),
    "429 twice, no Retry-After": ([None, 429, 429], None, {}),
    "429 with Retry-After: 1": ([None, (429, {"Retry-After": "1"})], None, {}),
    "500, then 503": ([None, 500, 503], None, {}),
    "connection cut in the reply": ([None, "cut"], None, {}),
    "silent (time-out .5 s)": ([None, "silent"], None, {"timeout": 0.5}),
    "a web page instead of JSON": ([None, "html"], None, {}),
    "JSON that cannot be read": ([None, "broken json"], None, {}),
    "refusal": ([None, "refusal"], None, {}),
    "reply truncated at the token limit": ([None, "truncated"], None, {}),
    "label off the schema": ([None, "off schema"], None, {}),
    "wrong key (401)": ([], 401, {}),
    "request refused (400)": ([None] * 5, 400, {}),
    "server down (500 for ever)": ([None] * 5, 500, {}),
}


def lines(asking: Asking) -> list[dict]:
    return [json.loads(line) for line in asking.record.read_text(encoding="utf8").split("\n") if line] if asking.record.exists() else []


def tried(asking: Asking, **how) -> str:
    """What asking came to: 'done', or the error's first words."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            ask(TEXTS, asking, **how)
        return "done"
    except AskError as error:
        return str(error).split(" Run again")[0].split("; nothing")[0]


def fault(name: str, asking: Asking, server) -> dict:
    server.faults, server.always, changes = list(FAULTS[name][0]), FAULTS[name][1], FAULTS[name][2]
    said = tried(replace(asking, **changes))
    first, sent = lines(asking), len(server.seen)
    server.faults, server.always = [], None
    named = [FAILED[row["label"]] for row in first if row["label"] in FAILED]
    tried(asking, again=True)
    what = said + (f"; recorded by name: {', '.join(named)}" if named else "")
    return row(what.replace(server.url, "…"), len(first), sent, asking)


def row(what: str, recorded: int, sent: int, asking: Asking) -> dict:
    """Of the final record: texts without their right label are lost, ones with more than one reply of that label doubled."""
    right = [line["text"] for line in lines(asking) if line["label"] == RIGHT.get(line["text"])]
    return {"what happened": what, "recorded": recorded, "requests": sent, "lost in the end": len(set(TEXTS) - set(right)),
            "doubled": len(right) - len(set(right))}


def killed(asking: Asking, server) -> dict:
    """Processes of their own, killed at random moments, then one that is left in peace."""
    draw, kills, fork = random.Random(0), 0, multiprocessing.get_context("fork")
    server.delay = 0.15
    while kills < KILLS:
        process = fork.Process(target=tried, args=(asking,))
        process.start()
        time.sleep(draw.uniform(0, 0.36))
        kills += process.is_alive()
        process.kill()
        process.join()
        if process.exitcode == 0:  # it was done before it could be killed
            break
    n, sent = len(whole(asking)), len(server.seen)
    said = tried(asking)
    return row(f"killed {kills} times at random moments; the last run: {said}", n, sent, asking)


def whole(asking: Asking) -> list[dict]:
    """The lines that are whole; a process that was killed may have left half a one."""
    found = []
    for line in asking.record.read_bytes().split(b"\n") if asking.record.exists() else ():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def half_written(asking: Asking, server) -> dict:
    tried(replace(asking))
    data = asking.record.read_bytes()
    asking.record.write_bytes(data[:-30])
    return row(f"the half line cut off, its text asked again: {tried(asking)}", len(TEXTS) - 1, len(server.seen), asking)


def two_processes(asking: Asking, server) -> dict:
    server.delay, fork = 0.02, multiprocessing.get_context("fork")
    other = fork.Process(target=tried, args=(asking,))
    other.start()
    while not asking.record.exists():
        time.sleep(0.01)
    said, n = tried(asking), len(whole(asking))
    other.join()
    return row(said.replace(str(asking.record), "record.jsonl"), n, len(server.seen), asking)


def no_money(asking: Asking, server) -> dict:
    said = tried(replace(asking, price_in=1.0, price_out=10.0))
    n, sent = len(lines(asking)), len(server.seen)
    tried(asking)
    return row(said, n, sent, asking)


def batched(asking: Asking, server) -> dict:
    """A batch of which some lines fail, collected, and a second one for these."""
    server.fails_in_batch = set(TEXTS[3:6])
    with contextlib.redirect_stderr(io.StringIO()):
        batch(TEXTS, asking)
        said = batch(TEXTS, asking)
        n, server.fails_in_batch = len(lines(asking)), set()
        batch(TEXTS, asking)
        batch(TEXTS, asking)
    return row(said.split(": ", 1)[1], n, n, asking)


OTHERS = {"MAX_DOLLARS = 0, prices set": no_money, "two processes, one record": two_processes, "half-written last line": half_written,
          "killed at random moments": killed, "Batch API, three lines fail": batched}


def measure() -> pd.DataFrame:
    os.environ["OPENAI_API_KEY"] = KEY
    openai._base_client.INITIAL_RETRY_DELAY = openai._base_client.MAX_RETRY_DELAY = 0.01  # Retry-After is kept to all the same
    rows = {}
    for name in (*FAULTS, *OTHERS):
        with tempfile.TemporaryDirectory() as folder, serving() as server:
            server.labels = RIGHT
            asking = Asking("m", "Label it.", Path(folder) / "record.jsonl", server.url, at_once=1, tries=3, timeout=5)
            rows[name] = fault(name, asking, server) if name in FAULTS else OTHERS[name](asking, server)
            assert KEY not in asking.record.read_text(encoding="utf8") and KEY not in rows[name]["what happened"]
    return pd.DataFrame(rows).T.rename_axis("fault")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, help="write the page there instead of printing it")
    given = parser.parse_args()
    page = f"""# Asking for labels while things go wrong

Written by `python tools/measure_asking.py --page docs/asking.md`. The real openai package {openai.__version__} asks a server on 127.0.0.1
that speaks the Responses and Batch API and misbehaves ({len(TEXTS)} texts, one at a time, three tries a request); then asks once more with
the fault over. "recorded" and "requests" are counted before that second run. No label of OpenAI's was ever asked for here.

{markdown(measure())}

What the table cannot show: a reply that is on its way at the moment a process is killed is paid for and asked again, because nobody can
know it. The key stands in no record, message or traceback (checked here and in tests/test_ask.py), even where the server repeats it.
"""
    if given.page:
        given.page.write_text(page, encoding="utf8")
    else:
        print(page)


if __name__ == "__main__":
    main()
