"""Speed of this project's ways as ratios to the source's, side by side in one run: make bench.

Networks of full size with random weights, CPU. Ratios above 1: ours is faster. Each pair is timed alternately, medians are compared.
"""

import copy
import os
import random
import resource
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")  # before tqdm is imported

import numpy as np
import torch

from emorec_lib import clip, finetune, gram, kobert
from emorec_lib.catalogue import load_catalogue, read_frames
from emorec_lib.neighbours import csls, pack_scores, top_pack_votes, unit
from emorec_lib.recommend import Recommender
from emorec_lib.resnet import load_resnet
from emorec_lib.run import EMOTIONS, half_precision

REPEATS = 3


def compare(what: str, source, ours, repeats: int = REPEATS) -> None:
    """Time both alternately and print one line."""
    seconds = {source: [], ours: []}
    if repeats > 1:
        source(), ours()  # warm up
    for _ in range(repeats):
        for way in (source, ours):
            begin = time.perf_counter()
            way()
            seconds[way].append(time.perf_counter() - begin)
    old, new = (statistics.median(s) for s in seconds.values())
    print(f"{what:<58}{old:8.2f} s {new:8.2f} s   x {old / new:.1f}", flush=True)


def source_loop(paths: list, stages) -> None:
    """The source's way: pictures one by one, every stage's whole Gram matrix, all concatenated (5,570,560 numbers each for a ResNet-50)."""
    transform = load_resnet("resnet18-untrained").preprocess
    for path in paths:
        with torch.inference_mode():
            maps = stages(transform(read_frames(path)[0])[None]).values()
            torch.cat([(f[0].flatten(1) @ f[0].flatten(1).T).flatten() for f in maps])


def pictures() -> None:
    """Gram features of ResNet-50 and features of ViT-B/32, both of full size with random weights."""
    cat = load_catalogue("sample")
    paths, many = cat.paths[::34], cat.paths[::7]  # 32, 155
    model = load_resnet("resnet50-untrained")
    plain = copy.deepcopy(model.stages).to(memory_format=torch.contiguous_format)
    for sketch in gram.SKETCHES:
        numbers = "int8" if gram.uses_int8(model, sketch) else half_precision("cpu") or "fp32"
        compare(f"Gram features {sketch}, {numbers}, {len(paths)} emoticons (ResNet-50)", lambda: source_loop(paths, plain),
                lambda sketch=sketch: gram.stage_grams(paths, model, n_frames=1, sketch=sketch))
        print(f"{'':<58}ten nearest of {len(many)} kept: {gram.sketch_fidelity(many, model, sketch):.3f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        state = clip.clip.model.CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12).state_dict()
        torch.save(state, Path(folder, "ViT-B-32.pt"))
        big = clip.load_clip(str(Path(folder, "ViT-B-32.pt")))
    compare(f"CLIP features, {len(paths)} emoticons (ViT-B/32)", lambda: [clip.image_features([p], big, n_frames=1) for p in paths],
            lambda: clip.image_features(paths, big, n_frames=1), repeats=2)
    print(f"peak memory so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB", flush=True)


# Lengths in KoBERT's tokens, [CLS] and [SEP] counted, of the sample's first 5,860 chat messages (단발성, 연속적): twenty quantiles.
LENGTHS = (5, 7, 9, 10, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 25, 26, 28, 30, 37)


def messages() -> None:
    """KoBERT of full size, random weights. The source's way: messages as they come, padded to 64 tokens, fp32, AdamW as it is by default,
    transformers' own forward pass. Ours: length buckets, padded to the longest of a batch, fused AdamW."""
    model = kobert.Classifier(kobert.BertModel(kobert.BertConfig(vocab_size=8002)), len(EMOTIONS))
    default, fused = (torch.optim.AdamW(model.parameters(), lr=1e-5, fused=fused) for fused in (False, True))
    draw = random.Random(0)
    lengths = [n for _ in range(12) for n in draw.sample(LENGTHS * 4, 80)] + draw.sample(LENGTHS * 2, 40)  # the mix in any first 80, too
    rows = [[2, *(draw.randrange(5, 8002) for _ in range(n - 2)), 3] for n in lengths]
    labels = torch.tensor([draw.randrange(len(EMOTIONS)) for _ in rows])
    print(f"KoBERT, {sum(p.numel() for p in model.bert.parameters()):,} parameters; message lengths in tokens: mean "
          f"{statistics.mean(map(len, rows)):.1f}, longest {max(map(len, rows))}")

    def run(batches, width=None, half=None):
        for batch in batches:
            ids, mask = kobert.pad_batch([rows[i] for i in batch], "cpu")
            if width:
                ids = torch.nn.functional.pad(ids, (0, width - ids.shape[1]), value=kobert.Tokenizer.pad_id)
                mask = torch.nn.functional.pad(mask, (0, width - mask.shape[1]))
            with torch.autocast("cpu", dtype=half, enabled=half is not None):
                logits = model.linear(model.dropout(model.bert(ids, mask).pooler_output)) if width else model(ids, mask)
                loss = torch.nn.functional.cross_entropy(logits.float(), labels[batch])
            if torch.is_grad_enabled():
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                (default if width else fused).step()
                model.zero_grad(set_to_none=True)

    def batches_of(n, size):
        """The same n messages in the order they come, and in length buckets."""
        in_order = [list(range(i, min(i + size, n))) for i in range(0, n, size)]
        return in_order, finetune.length_batches([len(r) for r in rows[:n]], size, seed=0)

    plain, buckets = batches_of(80, 8)
    compare("training, 10 steps of 8 messages, fp32", lambda: run(plain, 64), lambda: run(buckets))
    half = half_precision("cpu")
    if half:
        compare(f"training, the same in {half}", lambda: run(plain, 64), lambda: run(buckets, half=half))
    else:
        print("training in bf16: this CPU has no instructions for it (AVX512-BF16, AMX), so not measured")
    plain, buckets = batches_of(1000, 32)
    with torch.inference_mode():
        model.eval()
        compare("prediction, 1,000 messages in 32s", lambda: run(plain, 64), lambda: run(buckets, half=half), repeats=1)


def recommendation() -> None:
    """rec.recommend on the sample catalogue, models loaded, one thread: its parts, and the source's demo, which embeds the used pictures
    and one thumbnail a pack at every message. Then the search alone over 100,000 emoticons."""
    if not Path("outputs/sample/artifacts/kobert/model.pt").exists():
        print("recommendation: outputs/sample is not there; run make all first")
        return
    torch.set_num_threads(1)
    rec = Recommender.load("outputs/sample", device="cpu")
    cat, table = rec.catalogue, rec.catalogue.table
    used = {p: 3 for p in [*cat.of_pack(cat.packs[0])["path"][:3], *cat.of_pack(cat.packs[10])["path"][:3]]}
    thumbnails, model = table.drop_duplicates("pack_id"), clip.load_clip(rec.settings["clip"]["model"])
    messages = kobert.source_examples()["text"].tolist()

    def source_demo(message):
        image_emb = clip.image_features([*used, *thumbnails["path"]], model, n_frames=1)
        votes = top_pack_votes(image_emb[:len(used)] @ image_emb[len(used):].T, thumbnails["pack_id"].tolist())
        label = rec.classifier.classes[rec.classifier.logits([message]).argmax()]
        return table[table["pack_id"].isin([p for p, _ in votes]) & (table["emotion_ko"] == label)]["path"].tolist()

    def median_ms(call):
        call(messages[0])
        spent = []
        for message in messages * 3:
            begin = time.perf_counter()
            call(message)
            spent.append(1000 * (time.perf_counter() - begin))
        return statistics.median(spent)

    whole, emotion = median_ms(lambda m: rec.recommend(used, m)), median_ms(rec.emotion)
    packs, source = median_ms(lambda m: rec.packs(used)), median_ms(source_demo)
    print(f"one answer, {len(cat)} emoticons, one thread (median ms): emotion {emotion:.1f}, packs {packs:.1f}, whole {whole:.1f}; "
          f"the source's demo {source:.1f}   x {source / whole:.1f}")
    rng = np.random.default_rng(0)
    rows = unit(rng.normal(size=(100_000, rec.style_features(cat).shape[1])).astype(np.float32))
    rows_of, hubs = list(np.arange(100_000).reshape(-1, 25)), np.zeros(100_000, dtype=np.float32)
    weights = np.full(6, 1 / 6)
    search = median_ms(lambda m: pack_scores(csls(rows[:6] @ rows.T, hubs), weights, rows_of))
    print(f"search over 100,000 emoticons of 4,000 packs, {rows.shape[1]} numbers each, six used (numpy, exact): {search:.0f} ms")


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n{'':<58}{'source':>10}{'ours':>11}   ratio")
    pictures()
    messages()
    recommendation()
