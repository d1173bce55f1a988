"""kobert-mini measured on messages it never saw.

    python tools/measure_kobert_mini.py --shared ../shared/data/text --work ../scratch [--with DIR --without DIR]
        [--skip-nsmc] [--page docs/kobert_mini.md]

Fine-tuned as 04 does it in the sample profile (params/sample.yaml), with three seeds, on our messages: gold set, the half of KOTE that no
model of ours learns from, calibration, other ways to write the same messages, the source's examples, speed. Then fine-tuned on NSMC.
--with and --without: encoders of one epoch by train_kobert_mini.py and its --without-signs, to tell what chat signs are worth.
What was finished stays in --work. About 40 minutes on one core, most of it NSMC.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from chat_noise import WAYS, rewritten
from minis.teaching import Part, our_messages
from page_tables import markdown
from train_kobert_mini import held_out, table

from emorec_lib import dialogue, kobert, metrics, signs
from emorec_lib.finetune import Training, fine_tune
from emorec_lib.run import EMOTIONS

ROOT = Path(__file__).resolve().parents[1]
SEEDS, PARTS = (0, 1, 2), ("encoder", "n-grams")
TFIDF = "TF-IDF + logistic regression"


def training(encoder: str, seed: int, **other) -> Training:
    """The sample profile's settings."""
    given = yaml.safe_load((ROOT / "params/sample.yaml").read_text(encoding="utf8"))
    said = {"epochs": given["EPOCHS"], "learning_rate": given["LEARNING_RATE"], "dropout": given["DROPOUT"], "precision": "fp32",
            "chat_signs": True, "seed": seed, "ngrams": True}
    return Training(encoder, **(said | other))


def tuned(encoder: str, parts: dict[str, Part], folder: Path, seed: int, **other) -> tuple[kobert.Predictor, float]:
    """Fine-tuned and calibrated; seconds (of an earlier call, if it was finished then)."""
    begun = time.perf_counter()
    fine_tune(parts["train"], parts["validation"], folder, training(encoder, seed, **other))
    seconds, file = time.perf_counter() - begun, folder / "seconds"
    if not file.exists():
        file.write_text(f"{seconds:.0f}", encoding="utf8")
    predictor = kobert.Predictor.load(folder)
    predictor.calibrate(*parts["validation"])
    return predictor, float(file.read_text(encoding="utf8"))


def answers(predictor: kobert.Predictor, texts: list[str], part: str = "") -> np.ndarray:
    """Of the whole classifier or of one part of it alone: "encoder" or "n-grams"."""
    scores = predictor.alone(texts)[part] if part else predictor.logits(texts)
    return np.array(predictor.classes)[scores.argmax(1)]


def better_by(truth, ours, theirs, seed: int = 0) -> tuple[float, float, float]:
    """Difference of accuracy with its 95 % interval, messages resampled in pairs."""
    gain = (np.asarray(ours) == truth).astype(float) - (np.asarray(theirs) == truth)
    drawn = np.random.default_rng(seed).integers(len(gain), size=(1000, len(gain)))
    return gain.mean(), *np.percentile(gain[drawn].mean(1), [2.5, 97.5])


def calibration_error(probabilities: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of the answers, bins of equal width (Guo et al. 2017)."""
    top = probabilities.max(1)
    bin_of = np.minimum((top * bins).astype(int), bins - 1)
    gaps = [(bin_of == b).mean() * abs(top[bin_of == b].mean() - right[bin_of == b].mean()) for b in set(bin_of)]
    return float(sum(gaps))


def gold_tables(models: list[kobert.Predictor], with_kote: kobert.Predictor, parts: dict[str, Part], kote: Part) -> str:
    texts, truth = parts["test"]
    rows = {}
    theirs = metrics.tfidf_baseline(*parts["train"], [*texts, *kote[0]])
    for title, (asked, right), floor in (("gold", parts["test"], theirs[:len(texts)]), ("KOTE, held-out half", kote, theirs[len(texts):])):
        guesses = {f"both, seed {seed} (n-grams' share {model.meta['mix']['share']:.0%})": answers(model, asked)
                   for seed, model in zip(SEEDS, models, strict=True)}
        guesses |= {f"kobert-mini alone, seed {seed}": answers(model, asked, "encoder")
                    for seed, model in zip(SEEDS, models, strict=True)}
        guesses["n-grams alone"] = answers(models[0], asked, "n-grams")
        guesses["both, also trained on KOTE's other half"] = answers(with_kote, asked)
        guesses["kobert-mini alone, also fine-tuned on KOTE's other half"] = answers(with_kote, asked, "encoder")
        for name, guess in {**guesses, TFIDF: floor, "majority": metrics.majority_baseline(parts["train"][1], len(asked))}.items():
            r = metrics.classification(right, guess, EMOTIONS)
            more = metrics.interval_text(*better_by(np.array(right), guess, floor)) if name in guesses else ""
            rows[f"{title}: {name}"] = {
                "accuracy": metrics.interval_text(*r["accuracy"]), "macro-F1": metrics.interval_text(*r["macro_f1"]),
                "accuracy more than TF-IDF's": more, "n": r["n"]}
    each = metrics.per_class(truth, answers(models[0], texts), EMOTIONS)
    return markdown(pd.DataFrame(rows).T) + "\n\nSeed 0 on the gold set by emotion:\n\n" + markdown(each.round(3))


def calibration_table(models: list[kobert.Predictor], parts: dict[str, Part]) -> pd.DataFrame:
    texts, truth = parts["test"]
    rows = {}
    for seed, model in zip(SEEDS, models, strict=True):
        p = model.probabilities(texts)
        right = np.array(model.classes)[p.argmax(1)] == truth
        before = torch.softmax(torch.tensor(model.logits(texts)), 1).numpy()
        sure = p.max(1) >= (model.meta["threshold"] or 2)
        order = np.argsort(-p.max(1), kind="stable")
        reached = np.flatnonzero(right[order].cumsum() / np.arange(1, len(right) + 1) >= 0.9)
        rows[f"seed {seed}"] = {
            "ECE before": f"{calibration_error(before, right):.3f}", "ECE after": f"{calibration_error(p, right):.3f}",
            "temperature": f"{model.meta['temperature']:.2f}", "threshold (validation)": f"{model.meta['threshold'] or float('nan'):.2f}",
            "share of gold above it": f"{sure.mean():.3f}", "right of these": f"{right[sure].mean() if sure.any() else float('nan'):.3f}",
            "most that can be answered at 90 %": f"{(reached[-1] + 1) / len(right) if len(reached) else 0:.3f}"}
    return pd.DataFrame(rows).T


def ways_table(models: list[kobert.Predictor], parts: dict[str, Part]) -> pd.DataFrame:
    texts, truth = parts["test"]
    asked = {"as written": texts, **{way: rewritten(texts, way) for way in WAYS}}
    floor = np.array(metrics.tfidf_baseline(*parts["train"], [t for ways in asked.values() for t in ways])).reshape(len(asked), -1)
    rows, before = {}, np.array([answers(model, texts) == truth for model in models])
    alone = {part: np.array([answers(model, [t for ways in asked.values() for t in ways], part) for model in models]) for part in PARTS}
    alone = {part: found.reshape(len(models), len(asked), -1) == truth for part, found in alone.items()}
    for number, ((way, written), theirs) in enumerate(zip(asked.items(), floor, strict=True)):
        changed = np.array([a != b for a, b in zip(written, texts, strict=True)]) | (way == "as written")
        right = np.array([answers(model, written) == truth for model in models])
        rows[way] = {"messages that change": int(changed.sum()), "accuracy on these": _short(right[:, changed].mean()),
                     "as written": _short(before[:, changed].mean()),
                     **{f"{part} alone on these": _short(found[:, number, changed].mean()) for part, found in alone.items()},
                     "TF-IDF on these": _short((theirs == truth)[changed].mean())}
    return pd.DataFrame(rows).T


def sign_table(encoders: dict[str, Path], parts: dict[str, Part], work: Path) -> pd.DataFrame:
    """Encoders of one pass over the corpora, with chat signs and without; each fine-tuned with three seeds."""
    texts, truth = parts["test"]
    find = signs.alternatives(signs.table())
    has = np.array([bool(find.search(signs.normalise(t))) for t in texts])
    rows = {}
    for name, folder in encoders.items():
        own = {"chat_signs": name == "with", "ngrams": False, "learning_rate": 5e-4}  # without lessons they have all to learn
        models = [tuned(str(folder), parts, work / f"signs/{name}-{seed}", seed, **own)[0] for seed in SEEDS]
        right = np.array([answers(model, texts) == truth for model in models])
        rows[f"{name} chat signs"] = {"gold, all": _short(right.mean()), f"with signs ({has.sum()})": _short(right[:, has].mean()),
                                      f"without ({(~has).sum()})": _short(right[:, ~has].mean()),
                                      "each seed": ", ".join(_short(r.mean()) for r in right)}
    return pd.DataFrame(rows).T


def nsmc_table(encoder: str, shared: Path, work: Path) -> pd.DataFrame:
    """Fine-tuned on NSMC's train part, one epoch; 2,000 of it choose nothing but the temperature."""
    both = [(t["document"].tolist(), t["label"].tolist()) for t in map(table, (shared / "nsmc_ratings_train.tsv.gz",
                                                                              shared / "nsmc_ratings_test.tsv.gz"))]
    (texts, labels), (asked, truth) = both
    parts = {"train": (texts[2000:], labels[2000:]), "validation": (texts[:2000], labels[:2000])}
    classes, folder = ("0", "1"), work / "nsmc"
    settings = training(encoder, 0, epochs=1, batch_size=64, learning_rate=5e-4, ngrams=False)
    fine_tune(parts["train"], parts["validation"], folder, settings, classes)
    guesses = {"kobert-mini": answers(kobert.Predictor.load(folder), asked), TFIDF: metrics.tfidf_baseline(*parts["train"], asked)}
    return metrics.classification_table({name: metrics.classification(truth, guess, classes) for name, guess in guesses.items()})


def speed_table(model: kobert.Predictor, texts: list[str]) -> pd.DataFrame:
    """Median milliseconds of one message, tokenizer included, one thread; full-size KoBERT with random weights in the same run."""
    full = kobert.Classifier(kobert.BertModel(kobert.BertConfig(vocab_size=len(model.tokenizer))), len(EMOTIONS)).eval()
    def network(of):
        return lambda text: kobert.predict_logits(of, model.tokenizer, [text], model.meta["max_tokens"], "cpu")

    asked = {"both": lambda text: model.logits([text]), "kobert-mini alone": network(model.model),
             "n-grams alone": lambda text: model.ngrams.log_probabilities([text]), "KoBERT's size (12 layers of 768)": network(full)}
    rows = {}
    for name, ask in asked.items():
        spent = []
        for text in texts[::5]:
            begun = time.perf_counter()
            ask(text)
            spent.append(1000 * (time.perf_counter() - begun))
        rows[name] = statistics.median(spent)
    of = rows["kobert-mini alone"]
    return pd.DataFrame({name: {"ms a message": f"{ms:.1f}", "times": f"{ms / of:.1f}"} for name, ms in rows.items()}).T


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def page(args) -> str:
    torch.set_num_threads(1)
    parts = our_messages()
    kote_rows = dialogue.read_corpora(args.shared / "kote6_val.tsv.gz").table
    held = kote_rows["text"].map(held_out)
    kote, other = ((half["text"].tolist(), half["emotion"].tolist()) for half in (kote_rows[held], kote_rows[~held]))
    both = parts | {"train": tuple(a + b for a, b in zip(parts["train"], other, strict=True))}
    with_kote, _ = tuned(args.encoder, both, args.work / "with-kote", 0)
    models, seconds = zip(*(tuned(args.encoder, parts, args.work / f"ours-{seed}", seed) for seed in SEEDS), strict=True)
    examples = kobert.source_examples()
    for seed, model in zip(SEEDS, models, strict=True):
        examples[f"ours, seed {seed}"] = answers(model, examples["text"].tolist())
    encoders = {name: folder for name, folder in (("with", args.with_signs), ("without", args.without_signs)) if folder}
    given = {"--with …": args.with_signs, "--without …": args.without_signs, "--skip-nsmc": args.skip_nsmc}
    return PAGE.format(
        options="".join(f"{name} " for name, value in given.items() if value), gold=gold_tables(models, with_kote, parts, kote),
        calibration=markdown(calibration_table(models, parts)), ways=markdown(ways_table(models, parts)),
        signs=markdown(sign_table(encoders, parts, args.work)) if encoders else "Not measured in this run.",
        examples=markdown(examples.set_index("text")), speed=markdown(speed_table(models[0], parts["test"][0])),
        nsmc="Not measured in this run." if args.skip_nsmc else markdown(nsmc_table(args.encoder, args.shared, args.work)),
        seconds=", ".join(f"{s:.0f}" for s in seconds))


PAGE = """# kobert-mini, measured

Written by `python tools/measure_kobert_mini.py --shared … --work … {options}--page docs/kobert_mini.md`.
Fine-tuned on our messages' train part as 04_kobert_training does it in the sample profile, three seeds; one epoch,
temperatures and shares by validation. The gold set was never trained on, but its figure was printed beside each trial of the n-grams'
features, which validation and left-out writers decided: it may be flattered a little.
"Both": kobert-mini beside the linear classifier of character and jamo n-grams
(`emorec_lib/ngrams.py`), which is what 04 leaves for 05. How the encoder was made:
[its card](../emorec_lib/assets/models/kobert-mini/README.md). The gold set's writers and readers were language-model agents
([messages.md](messages.md)): messages people wrote are harder.

## Gold set, and the half of KOTE nobody learnt from

Intervals: 95 %, messages resampled. KOTE are comments from the web, whose 44 labels were mapped to ours; the half asked about was never
trained on. What 04 trains in the sample profile sees none of KOTE; the row with the other half does.

{gold}

## Calibration on the gold set

Temperature and threshold (the lowest probability above which 90 % of validation's answers are right) come from validation.
ECE: 15 bins of equal width.

{calibration}

## The same messages written otherwise

Mean of three seeds, on the messages that change; how: `tools/chat_noise.py`.

{ways}

## What chat signs are worth

Two encoders of one pass over the corpora, without lessons: one whose vocabulary holds the signs and whose texts are normalised, one without
either; both fine-tuned as above, but ten times as fast (a learning rate of 5e-4), n-grams left out. Both were made before the second
round of messages was written: at commit d17c9a3, `train_kobert_mini.py --lessons 0`, the second with `--without-signs`.

{signs}

## The source's example sentences

{examples}

## NSMC

The encoder fine-tuned on NSMC's train part (one epoch) and asked on its test part, which no step of pre-training read.
Published for KoBERT: .896.

{nsmc}

## Speed

One thread; the large one with random weights, in the same run. Fine-tuning took {seconds} seconds (seeds 0, 1, 2; one thread).

{speed}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of kote6_val.tsv.gz, nsmc_ratings_train.tsv.gz, …")
    parser.add_argument("--work", type=Path, required=True, help="for fine-tuned models and checkpoints")
    parser.add_argument("--encoder", default="kobert-mini")
    parser.add_argument("--with", dest="with_signs", type=Path)
    parser.add_argument("--without", dest="without_signs", type=Path)
    parser.add_argument("--skip-nsmc", action="store_true", help="it takes half of the time")
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    text = page(args)
    args.page.write_text(text, encoding="utf8") if args.page else print(text)


if __name__ == "__main__":
    main()
