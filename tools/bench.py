"""Speed of this project's ways as ratios to the source's, side by side in one run: make bench.

Embedded sample, untrained networks, CPU. Ratios above 1: ours is faster. Each pair is timed alternately, medians are compared.
"""

import os
import statistics
import time

os.environ.setdefault("TQDM_DISABLE", "1")  # before tqdm is imported

import torch

from emorec_lib import dialogue, finetune, gram, kobert
from emorec_lib.catalogue import load_catalogue
from emorec_lib.run import ASSETS, EMOTIONS

REPEATS = 3


def compare(what: str, source, ours) -> None:
    """Time both alternately and print one line."""
    seconds = {source: [], ours: []}
    source(), ours()  # warm up
    for _ in range(REPEATS):
        for way in (source, ours):
            begin = time.perf_counter()
            way()
            seconds[way].append(time.perf_counter() - begin)
    old, new = (statistics.median(s) for s in seconds.values())
    print(f"{what:<58}{old:8.2f} s {new:8.2f} s   x {old / new:.1f}", flush=True)


def pictures() -> None:
    """Gram features: one by one with whole matrices, or in batches with a sketch."""
    paths = load_catalogue("sample").paths[:48]
    model = gram.load_resnet("resnet18-untrained")
    compare("Gram features, 48 emoticons (ResNet-18)",
            lambda: [gram.stage_grams([p], model, n_frames=1, dim=None, batch_size=1) for p in paths],
            lambda: gram.stage_grams(paths, model, n_frames=1, dim=1024))


def messages() -> None:
    """A BERT of 4 x 256: padded to 64 tokens, or length buckets and padded to the longest of a batch."""
    table = dialogue.read_corpora(ASSETS / "dialogue").table
    tokenizer = kobert.Tokenizer.load("kobert-untrained")
    rows = [tokenizer.encode(text, max_tokens=64) for text in table["text"]][:512]
    labels = torch.tensor([EMOTIONS.index(e) for e in table["emotion"]])[:512]
    print(f"message lengths in tokens: mean {statistics.mean(map(len, rows)):.1f}, longest {max(map(len, rows))}")
    config = kobert.BertConfig(vocab_size=len(tokenizer), hidden_size=256, num_hidden_layers=4, num_attention_heads=4,
                               intermediate_size=1024)
    model = kobert.Classifier(kobert.BertModel(config), len(EMOTIONS))

    def step(batches, width=None):
        for batch in batches:
            ids, mask = kobert.pad_batch([rows[i] for i in batch], "cpu")
            if width:
                ids = torch.nn.functional.pad(ids, (0, width - ids.shape[1]), value=kobert.Tokenizer.pad_id)
                mask = torch.nn.functional.pad(mask, (0, width - mask.shape[1]))
            loss = torch.nn.functional.cross_entropy(model(ids, mask), labels[batch])
            if torch.is_grad_enabled():
                loss.backward()
                model.zero_grad(set_to_none=True)

    plain = [list(range(i, min(i + 32, len(rows)))) for i in range(0, len(rows), 32)]
    buckets = finetune.length_batches([len(r) for r in rows], 32, seed=0)
    compare("training, 512 messages (BERT 4 x 256), padded to 64", lambda: step(plain, 64), lambda: step(buckets))
    with torch.inference_mode():
        compare("prediction, the same", lambda: step(plain, 64), lambda: step(buckets))


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n{'':<58}{'source':>10}{'ours':>11}   ratio")
    pictures()
    messages()
