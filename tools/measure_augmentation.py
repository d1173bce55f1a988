"""Does augmentation that costs nothing help? `python tools/measure_augmentation.py [--encoder kobert-mini] [--page docs/augmentation.md]`.

Messages of the sample's training part are written otherwise (tools/chat_noise.py) and added with their labels, or its classes are balanced;
each way is trained on with three seeds and asked for the gold set and for the gold set written otherwise. The interval of a gain resamples
messages. --encoder: fine-tune it with the sample profile's settings, as 04 does, instead of TF-IDF + logistic regression.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from chat_noise import WAYS, rewritten
from minis.teaching import our_messages
from page_tables import markdown

from emorec_lib.finetune import Training, answering, balanced_sample
from emorec_lib.kobert import about
from emorec_lib.metrics import N_BOOTSTRAP, interval_text, tfidf_baseline
from emorec_lib.ngrams import Ngrams
from emorec_lib.run import EMOTIONS, project_root

SPACING, TYPOS, LAUGHING, CRYING, JAMO = list(WAYS)[:5]
NOISE = {"spacing removed": [SPACING], "typos": [TYPOS], "ㅋㅋ or ㅠㅠ behind": [LAUGHING, CRYING], "words as jamo": [JAMO],
         "all of these": [SPACING, TYPOS, LAUGHING, CRYING, JAMO]}


def noisy(texts: list[str], labels: list[str], ways: list[str], seed: int) -> tuple[list[str], list[str]]:
    """The messages and a copy of each, written in one of ``ways`` by turns."""
    copies = [rewritten([text], ways[i % len(ways)], seed * 100_000 + i)[0] for i, text in enumerate(texts)]
    changed = [i for i, text in enumerate(texts) if copies[i] != text]
    return texts + [copies[i] for i in changed], labels + [labels[i] for i in changed]


def drawn_equally(texts: list[str], labels: list[str], seed: int) -> tuple[list[str], list[str]]:
    """Every class as often."""
    rows = balanced_sample([EMOTIONS.index(label) for label in labels], seed)
    return [texts[i] for i in rows], [labels[i] for i in rows]


def measure(fit: Callable, more: dict[str, Callable], seeds: int) -> pd.DataFrame:
    """fit: as audit.learning_curve wants it, for the data as they are and written otherwise; more: further fits, by name."""
    parts = our_messages()
    (texts, labels), (asked, truth) = parts["train"], parts["test"]
    everything = asked + [t for way in WAYS for t in rewritten(asked, way)]
    right = np.array(truth * (1 + len(WAYS)))
    ways = {"as they are": (lambda t, y, seed: (t, y), fit),
            **{name: (partial(noisy, ways=kinds), fit) for name, kinds in NOISE.items()},
            "classes drawn equally": (drawn_equally, fit), **{name: (lambda t, y, seed: (t, y), other) for name, other in more.items()}}
    hits = {}
    for name, (change, train) in ways.items():
        answers = [np.asarray(train(*change(texts, labels, seed=seed), everything, seed)) == right for seed in range(seeds)]
        hits[name] = np.mean(answers, 0).reshape(1 + len(WAYS), len(asked))  # (ways, n) share of the seeds that were right
        print(name, hits[name][0].mean().round(3), hits[name][1:].mean().round(3), flush=True)
    drawn = np.random.default_rng(0).integers(len(asked), size=(N_BOOTSTRAP, len(asked)))
    rows = {}
    for name, hit in hits.items():
        clean, other = hit[0] - hits["as they are"][0], (hit[1:] - hits["as they are"][1:]).mean(0)
        signed = hit[[1 + list(WAYS).index(way) for way in (LAUGHING, CRYING)]].mean()
        rows[name] = {"gold set": f"{hit[0].mean():.3f}", "written otherwise": f"{hit[1:].mean():.3f}", "ㅋㅋ, ㅠㅠ": f"{signed:.3f}"} | {
            f"gain, {part}": interval_text(x.mean(), *np.percentile(x[drawn].mean(1), [2.5, 97.5])) if name != "as they are" else ""
            for part, x in (("gold set", clean), ("written otherwise", other))}
    return pd.DataFrame(rows).T.rename_axis("training messages")


def of_encoder(encoder: str, folder: Path) -> tuple[Callable, dict[str, Callable]]:
    given = yaml.safe_load((project_root() / "params/sample.yaml").read_text(encoding="utf8"))
    settings = Training(encoder, given["EPOCHS"], learning_rate=given["LEARNING_RATE"], dropout=given["DROPOUT"], chat_signs=True,
                        precision=given["PRECISION"])
    validation = our_messages()["validation"]
    return answering(validation, folder, settings), {"class weights": answering(validation, folder, replace(settings, balance="weights"))}


def of_ngrams(texts: list[str], labels: list[str], asked: list[str], seed: int) -> list[str]:
    return [EMOTIONS[i] for i in Ngrams.fit(texts, labels, EMOTIONS, seed, signed=False).log_probabilities(asked).argmax(1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", help="fine-tune this one; minutes a training")
    parser.add_argument("--work", type=Path, help="keep answers there, so that a run that was cut off goes on")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--page", type=Path, help="write the page there instead of printing it")
    given = parser.parse_args()
    tables = {"TF-IDF + logistic regression (class weights balanced)": measure(tfidf_baseline, {}, given.seeds),
              "Character and jamo n-grams (emorec_lib/ngrams.py)": measure(of_ngrams, {}, given.seeds)}
    with tempfile.TemporaryDirectory() as folder:
        if given.encoder:
            tables[about(given.encoder)] = measure(*of_encoder(given.encoder, given.work or Path(folder)), given.seeds)
    text = "\n\n".join(f"## {name}\n\n{markdown(table)}" for name, table in tables.items())
    encoder = f" --encoder {given.encoder}" if given.encoder else ""
    page = f"""# Augmentation that costs nothing, measured

Written by `python tools/measure_augmentation.py{encoder} --seeds {given.seeds} --page docs/augmentation.md`. A copy of every training
message, written otherwise, is added with its label; or the classes are balanced. "Written otherwise" is the mean over the gold set in
{len(WAYS)} ways: {", ".join(WAYS)}. Gains over the messages as they are, with 95 % intervals.

What 04 takes from this: the n-grams beside the encoder are fitted to every message a second time with ㅋㅋ or ㅠㅠ behind it, for chats put
these behind anything (column ㅋㅋ, ㅠㅠ: the gold set with either behind). The encoder's own messages stay as they are (twice as many
would take twice as long{"" if given.encoder else "; with an encoder this was not measured"}).

{text}
"""
    if given.page:
        given.page.write_text(page, encoding="utf8")
    else:
        print(page)


if __name__ == "__main__":
    main()
