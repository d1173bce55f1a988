"""What the sample messages are like, measured: `python tools/measure_messages.py [--kote FILE] [--page docs/messages.md]`.

Prints (or writes as a page) the messages per emotion, corpus and part, how far a second blind reading agreed
(tools/sample_messages/readings.tsv), near-duplicates, lengths, words, openings and endings, what TF-IDF + logistic regression reaches on
the gold set (and on KOTE's validation part, where the file is given), how messages of writers nobody learnt from are read, and sixty
random messages to read.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from page_tables import markdown
from sklearn.feature_extraction.text import CountVectorizer

from emorec_lib import audit, augment, dialogue, metrics
from emorec_lib.ngrams import Ngrams
from emorec_lib.run import ASSETS, EMOTIONS

READINGS = Path(__file__).parent / "sample_messages" / "readings.tsv"
CHAT = "chat "
READERS = ("Writers and readers are language-model agents of the project's team, each alone with its own file: a writer named the label it "
           "wrote for, a reader saw shuffled texts. Agents of one kind agree more than people would. In the first round the ids beside the "
           "texts of train and validation were row numbers, and writers wrote label by label, so these readers were not fully blind; hence "
           "a further reader of a random part, with ids that say nothing, as the readers of the gold set and of the second round had; the "
           "latter could also say 불명확 (cannot be told), which nobody wrote for. Where writer and first reader differed, the message was "
           "thrown out (in a dialogue: its label emptied). The second round's writers had each a kind of people to write as, and had read "
           "no message of ours; what was too like an earlier one (trigrams' overlap over .5, to the gold set over .4, or equal but for "
           "signs and spaces) was thrown out before anybody read it.")


UNSEEN = ("The gold set's writers were agents of the same kind as train's, and one writer's messages are alike. So the second round's "
          "messages were asked about, each by a model that had read none of its writer's: what a newcomer's messages may expect. "
          "Validation's writers are train's too: what it promises (the probability above which nine of ten are right) holds for such.")


def readings() -> pd.DataFrame:
    """Columns corpus, text, written, read, read_again; the corpus of a second round's message is CHAT and its writer's number."""
    return pd.read_csv(READINGS, sep="\t", dtype=str, keep_default_na=False, quoting=3)


def agreement() -> str:
    table = readings()
    lines, gold, second = [], table["corpus"] == "gold", table["corpus"].str.startswith(CHAT)
    merged, first = {"혐오": "분노"}, table[~gold & ~second]
    for name, rows, again in (("first round of train and validation, seven classes", first, "read"),
                              ("a part of these, ids that say nothing", first[first["read_again"] != ""], "read_again"),
                              ("second round, seven classes", table[second], "read"),
                              ("a part of these, a second reader", table[second & (table["read_again"] != "")], "read_again"),
                              ("gold, first reader, six classes", table[gold].replace(merged), "read"),
                              ("gold, second reader, six classes", table[gold].replace(merged), "read_again")):
        found = audit.agreement(rows["written"], rows[again], 0)
        per_class = audit.kappa_per_class(rows["written"], rows[again], augment.LABELS)["kappa"].round(3).to_dict()
        lines.append(f"- {name}: {found['n']:,} messages, {found['equal']:.1%} equal, kappa {found['kappa'][0]:.3f} "
                     f"(95 % interval {found['kappa'][1]:.3f} to {found['kappa'][2]:.3f}); by class "
                     + ", ".join(f"{label} {kappa}" for label, kappa in per_class.items()))
    return "\n".join(lines)


def nearest_pairs(texts: list[str], shortest: int = 10) -> list[tuple[float, str, str]]:
    """(Jaccard overlap of character trigrams, earlier text, text) for each text's most similar earlier one, the highest first; texts of
    fewer than ``shortest`` characters are left out."""
    texts = [text for text in texts if len(text) >= shortest]
    grams = CountVectorizer(analyzer="char", ngram_range=(3, 3), lowercase=False, binary=True, dtype=np.int32).fit_transform(texts)
    n, found = np.asarray(grams.sum(1)).ravel(), []
    for begin in range(0, len(texts), 1000):
        shared = (grams[begin:begin + 1000] @ grams.T).tocoo()
        one, other = shared.row + begin, shared.col
        overlap = np.where(other < one, shared.data / (n[one] + n[other] - shared.data), 0)
        order = np.lexsort((overlap, one))
        last = order[np.append(np.diff(one[order]) > 0, True)]  # of every text's, the highest
        found += [(float(overlap[i]), texts[other[i]], texts[one[i]]) for i in last if overlap[i]]
    return sorted(found, reverse=True)


def shape(texts: list[str]) -> str:
    lengths, words = pd.Series([len(t) for t in texts]), Counter(word for t in texts for word in t.split())
    pairs = nearest_pairs(texts)
    first, last = Counter(t.split()[0] for t in texts), Counter(t[-2:] for t in texts)
    tell = (lambda counter: ", ".join(f"{word} {n / len(texts):.1%}" for word, n in counter.most_common(8)))  # noqa: E731
    quantiles = ", ".join(f"{q:.0%} {lengths.quantile(q):.0f}" for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    return "\n".join([
        f"- {len(texts):,} texts, {len(set(texts)):,} distinct; the most alike two of at least 10 characters have a Jaccard overlap of "
        f"character trigrams of {pairs[0][0]:.2f} ({pairs[0][1]!r} and {pairs[0][2]!r}).",
        f"- Characters: {quantiles}. Words: {sum(words.values()):,}, {len(words):,} distinct.",
        f"- Commonest first words: {tell(first)}.", f"- Commonest last two characters: {tell(last)}."])


def floor(table: pd.DataFrame, kote: Path | None) -> pd.DataFrame:
    """TF-IDF + logistic regression trained on the train part."""
    train, test = table[table["split"] == "train"], table[table["split"] == "test"]
    tests = {"gold set": test}
    if kote:
        tests["kote6_val"] = dialogue.read_corpora(kote).table
    rows = {}
    for name, rows_ in tests.items():
        answers = {"TF-IDF + logistic regression": metrics.tfidf_baseline(train["text"], train["emotion"], rows_["text"]),
                   "majority": metrics.majority_baseline(train["emotion"], len(rows_))}
        rows |= {f"{method}, {name}": metrics.classification(rows_["emotion"], guess, EMOTIONS) for method, guess in answers.items()}
    return metrics.classification_table(rows)


def unseen_writers(table: pd.DataFrame, folds: int = 4) -> pd.DataFrame:
    """How well messages are read whose writer nobody learnt from: the second round's, learnt from the first round alone, and from it and
    the other writers of the second (a quarter of the writers asked at a time)."""
    writer = {row.text: row.corpus for row in readings().itertuples() if row.corpus.startswith(CHAT)}
    ours = table[table["split"] != "test"]
    chat = ours["text"].isin(writer)
    fold = ours["text"].map(writer).str.removeprefix(CHAT).astype(float) % folds
    rows = {}
    parts = {"first round": [(ours[~chat], ours[chat])],
             "first round and the other writers of the second": [(ours[~chat | (fold != n)], ours[fold == n]) for n in range(folds)]}
    for name, pairs in parts.items():
        answers = {"TF-IDF + logistic regression": [], "n-grams": []}
        for learnt, asked in pairs:
            given = learnt["text"].tolist(), learnt["emotion"].tolist()
            answers["TF-IDF + logistic regression"] += metrics.tfidf_baseline(*given, asked["text"])
            scores = Ngrams.fit(*given, EMOTIONS).log_probabilities(asked["text"].tolist())
            answers["n-grams"] += [EMOTIONS[i] for i in scores.argmax(1)]
        truth = pd.concat([asked for _, asked in pairs])["emotion"]
        rows |= {f"{method}, learnt from {name}": metrics.classification(truth, guess, EMOTIONS) for method, guess in answers.items()}
    return metrics.classification_table(rows)


def page(kote: Path | None) -> str:
    corpus = dialogue.read_corpora(ASSETS / "dialogue")
    table = corpus.table
    parts = pd.crosstab(table["emotion"], [table["split"], table["source"]]).reindex(EMOTIONS)
    parts.columns = [f"{part}: {source}" for part, source in parts.columns]
    parts["total"] = parts.sum(axis=1)
    parts.loc["total"] = parts.sum()
    read = table.sample(60, random_state=7)
    return "\n\n".join([
        "# The sample messages, measured",
        f"Written by `python tools/measure_messages.py {'--kote … ' if kote else ''}--page docs/messages.md`.",
        "## Messages per emotion (six classes), part and corpus", markdown(parts), f"and {len(corpus.unlabelled)} without a label.",
        "## Read blind", READERS, agreement(),
        "## Duplicates, lengths, words", shape([*table["text"], *corpus.unlabelled["text"]]),
        "## The floor for later models", markdown(floor(table, kote)),
        "## Messages of writers nobody learnt from", UNSEEN, markdown(unseen_writers(table)),
        "## Sixty at random", "\n".join(f"- {row.emotion} | {row.text}" for row in read.itertuples())]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kote", type=Path)
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    text = page(args.kote)
    args.page.write_text(text, encoding="utf8") if args.page else print(text)


if __name__ == "__main__":
    main()
