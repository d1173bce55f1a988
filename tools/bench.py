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

import torch

from emorec_lib import clip, finetune, gram, kobert
from emorec_lib.catalogue import load_catalogue, read_frames
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


# Lengths in KoBERT's tokens, [CLS] and [SEP] counted, of the sample's 5,860 chat messages (단발성 and 연속적): twenty quantiles.
LENGTHS = (5, 7, 9, 10, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 25, 26, 28, 30, 37)


def messages() -> None:
    """KoBERT of full size, random weights. The source's way: messages as they come, padded to 64 tokens, fp32, AdamW as it is by default.
    Ours: length buckets, padded to the longest of a batch, fused AdamW."""
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
                loss = torch.nn.functional.cross_entropy(model(ids, mask).float(), labels[batch])
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


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n{'':<58}{'source':>10}{'ours':>11}   ratio")
    pictures()
    messages()
