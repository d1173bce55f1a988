"""Train kobert-mini: python tools/train_kobert_mini.py --shared ../shared/data/text --work ../scratch

What: a BertModel in KoBERT's layout (4 layers of 192) with a SentencePiece vocabulary of 8,000 pieces in which chat signs are pieces of
their own. First pre-training, one loss of two parts: masked words (masked language modelling), and from [CLS] what the open corpora say of
a text (NSMC's polarity, GoEmotions-Korean's 28 and KOTE's 44 emotions, songys' three kinds). Then lessons (minis/teaching.py): the answers
of a teacher, which has learnt the labels of our train part, on the open texts and on cuttings of our messages.

Data: --shared (its MANIFEST.json names sources and licences) and our own messages of split train; of KOTE the half that held_out() names
is left out, and NSMC's test. The same command gives the same weights on a CPU of the same kind; a run that was cut off goes on from its
checkpoints in --work.
"""

import argparse
import hashlib
import io
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import sentencepiece
import torch
from minis import teaching
from safetensors.torch import save_file
from tqdm import tqdm
from transformers import BertConfig, BertModel

from emorec_lib import signs
from emorec_lib.kobert import SIGNS, SPECIAL, SPIECE, Tokenizer, load_encoder, pad_batch
from emorec_lib.run import ASSETS, save_tensors

CONFIG = {"hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 3, "intermediate_size": 768,
          "max_position_embeddings": 128, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 1,
          "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
LONGEST = 96  # tokens; a longer text is cut
OURS = 3  # times that our own messages are read in a pass: they are few, and what the encoder is for
MASKED = 0.2  # of a text's tokens


def held_out(text: str) -> bool:
    """The half of KOTE that is never trained on: an even first byte of the text's sha256."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def table(file: Path) -> pd.DataFrame:
    """A gzipped TSV, quoted where a text holds quotation marks."""
    return pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False)


def corpus(shared: Path, chat_signs: bool = True) -> tuple[pd.DataFrame, list[str]]:
    """(columns text (normalised, if with chat signs), source, labels (tuple of names), one row a text; all names of labels)."""
    kote, go = table(shared / "kote44_val.tsv.gz"), table(shared / "goemotions_ko.tsv.gz")
    nsmc, talk = table(shared / "nsmc_ratings_train.tsv.gz"), table(shared / "songys_chatbot.tsv.gz")
    kote = kote[~kote["text"].map(held_out)]
    split = pd.read_csv(ASSETS / "dialogue/split.csv", dtype=str, keep_default_na=False)
    ours = split["text"][split["split"] == "train"]
    parts = [pd.DataFrame({"text": text, "source": source, "labels": labels}) for source, text, labels in (
        ("nsmc", nsmc["document"], [(f"nsmc {x}",) for x in nsmc["label"]]),
        ("go", go["text"], [tuple(f"go {x}" for x in row.split("|")) for row in go["labels28"]]),
        ("kote", kote["text"], [tuple(f"kote {x}" for x in row.split("|")) for row in kote["labels44"]]),
        ("songys", talk["Q"], [(f"songys {x}",) for x in talk["label"]]),
        ("plain", talk["A"].drop_duplicates(), [()] * talk["A"].nunique()),
        *[("plain", ours, [()] * len(ours))] * OURS)]
    rows = pd.concat(parts, ignore_index=True)
    rows["text"] = (rows["text"].map(signs.normalise) if chat_signs else rows["text"]).str.strip()
    rows = rows[rows["text"] != ""].reset_index(drop=True)
    return rows, sorted({name for labels in rows["labels"] for name in labels})


def vocabulary(rows: pd.DataFrame, folder: Path, pieces: int, chat_signs: bool = True) -> Tokenizer:
    """SentencePiece (unigram) over the corpus, chat signs (if any) as pieces; always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / SPIECE).exists():
        model = io.BytesIO()
        unk, pad, cls, sep, mask = SPECIAL
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(rows["text"].unique()), model_writer=model, vocab_size=pieces, model_type="unigram",
            unk_id=0, unk_piece=unk, pad_id=1, pad_piece=pad, bos_id=-1, eos_id=-1, control_symbols=[cls, sep, mask],
            user_defined_symbols=list(signs.table()) if chat_signs else [], normalization_rule_name="identity",
            character_coverage=0.9995, split_digits=True, num_threads=1, shuffle_input_sentence=False, minloglevel=2)
        (folder / SPIECE).write_bytes(model.getvalue())
    if chat_signs:
        (folder / SIGNS).write_text("[]", encoding="utf8")  # none to add, but texts are normalised
    return Tokenizer.load(folder)


def batches_of(lengths: np.ndarray, tokens: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Every row once, rows of alike lengths together, about so many tokens each, in a random order."""
    order = rng.permutation(len(lengths))
    order = order[np.argsort(lengths[order] + rng.uniform(-1, 1, len(order)), kind="stable")]
    ends, room = [], 0
    for i, length in enumerate(lengths[order]):
        if room + length > tokens:
            ends.append(i)
            room = 0
        room += length
    found = np.split(order, ends)
    return [found[i] for i in rng.permutation(len(found))]


def masked(ids: torch.Tensor, mask: torch.Tensor, n_pieces: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids with [MASK] in eight of ten chosen places, another piece in one; where they were chosen). Devlin et al. 2019, section 3.1."""
    chosen = torch.from_numpy(rng.random(ids.shape) < MASKED) & mask.bool() & (ids > 4)
    lot = torch.from_numpy(rng.random(ids.shape))
    other = torch.from_numpy(rng.integers(5, n_pieces, ids.shape))
    return torch.where(chosen & (lot < 0.8), Tokenizer.mask_id, torch.where(chosen & (lot > 0.9), other, ids)), chosen


class Reader(torch.nn.Module):
    """The encoder with what is thrown away afterwards: the masked words' transform (their matrix is the embedding), the labels' layer."""

    def __init__(self, n_pieces: int, n_labels: int):
        super().__init__()
        self.bert = BertModel(BertConfig(vocab_size=n_pieces, **CONFIG))
        width = CONFIG["hidden_size"]
        self.transform = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.GELU(), torch.nn.LayerNorm(width))
        self.bias = torch.nn.Parameter(torch.zeros(n_pieces))
        self.labels = torch.nn.Sequential(torch.nn.Dropout(0.1), torch.nn.Linear(width, n_labels))

    def forward(self, ids, mask, chosen):
        """Logits of the chosen places' pieces (M, V), of the labels (B, L)."""
        out = self.bert(input_ids=ids, attention_mask=mask)
        hidden = self.transform(out.last_hidden_state[chosen])
        return hidden @ self.bert.get_input_embeddings().weight.T + self.bias, self.labels(out.pooler_output)


def of_own_corpus(names: list[str], rows: pd.DataFrame) -> tuple[torch.Tensor, torch.Tensor]:
    """(N, L) whether a row has the label, and 1 / (labels of its corpus) where the row's corpus has such a label at all."""
    kinds, column = np.array([name.split(" ")[0] for name in names]), {name: i for i, name in enumerate(names)}
    share = {kind: (kinds == kind) / max(1, (kinds == kind).sum()) for kind in set(rows["source"])}
    said = torch.zeros(len(rows), len(names))
    for i, labels in enumerate(rows["labels"]):
        said[i, [column[name] for name in labels]] = 1
    return said, torch.tensor(np.stack([share[kind] for kind in rows["source"]]), dtype=torch.float32)


def pretrain(rows: pd.DataFrame, names: list[str], tokenizer: Tokenizer, args) -> BertModel:
    """Masked words and the corpora's labels."""
    texts = [tokenizer.encode(text, max_tokens=LONGEST) for text in tqdm(rows["text"], desc="pieces", mininterval=2)]
    said, counts = of_own_corpus(names, rows)
    torch.manual_seed(args.seed)
    model = Reader(len(tokenizer), len(names))

    def losses(batch, rng):
        ids, mask = pad_batch([texts[i] for i in batch], "cpu", tokenizer.pad_id)
        seen, chosen = masked(ids, mask, len(tokenizer), rng)
        words, about = model(seen, mask, chosen)
        each = torch.nn.functional.binary_cross_entropy_with_logits(about, said[batch], reduction="none")
        label_loss = (each * counts[batch]).sum() / max(1, int((counts[batch] > 0).any(1).sum()))
        return {"words": torch.nn.functional.cross_entropy(words, ids[chosen]), "labels": args.labels * label_loss}

    train(model, losses, [len(t) for t in texts], args.epochs, args.lr, args.work / args.name / "checkpoint.pt", args)
    return model.bert.eval()


def distil(bert: BertModel, tokenizer: Tokenizer, texts: list[str], target: np.ndarray, args) -> BertModel:
    """The teacher's answers (minis/teaching.py)."""
    ids_of = [tokenizer.encode(text, max_tokens=LONGEST) for text in tqdm(texts, desc="pieces", mininterval=2)]
    torch.manual_seed(args.seed)
    model, wanted = teaching.Student(bert), torch.tensor(target)

    def losses(batch, rng):
        ids, mask = pad_batch([ids_of[i] for i in batch], "cpu", tokenizer.pad_id)
        return {"teacher": teaching.cross_entropy(model(teaching.dropped(ids, mask, tokenizer.mask_id, rng), mask), wanted[batch])}

    file = args.work / args.name / f"lesson-{hashlib.sha256(target.tobytes()).hexdigest()[:12]}.pt"
    train(model, losses, [len(t) for t in ids_of], args.lessons, args.lesson_lr, file, args)
    return model.bert.eval()


def train(model: torch.nn.Module, losses, lengths: list[int], epochs: int, lr: float, file: Path, args) -> None:
    """One-cycle AdamW on losses(batch, rng) -> {name: loss}, summed. A checkpoint every 200 steps; the same call goes on from it and ends
    at the same weights."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01, betas=(0.9, 0.98), fused=True)
    plan = [batches_of(np.array(lengths), args.tokens, np.random.default_rng([args.seed, epoch])) for epoch in range(epochs)]
    steps, start, seconds = sum(map(len, plan)), 0, 0.0
    key = [steps, epochs, args.tokens, args.seed, int(lr * 1e6)]
    if file.exists():
        kept = torch.load(file, weights_only=True)
        if kept["of"] != key:
            raise ValueError(f"{file}: another run's ({kept['of']}; asked: {key}); remove it to start anew")
        model.load_state_dict(kept["model"])
        optimizer.load_state_dict(kept["optimizer"])
        start, seconds = kept["step"], kept["seconds"]
    model.train()
    begun, shown = time.perf_counter() - seconds, {}
    with tqdm(total=steps, initial=start, desc=file.stem, mininterval=10) as bar:
        for step, batch in enumerate(b for epoch in plan for b in epoch):
            if step < start:
                continue
            if step == args.stop_after:
                break
            rng = np.random.default_rng([args.seed, 1, step])
            torch.manual_seed(int(rng.integers(2**31)))  # dropout's numbers depend on the step alone
            parts = losses(batch, rng)
            rate = lr * min(1, (step + 1) / (steps * 0.05)) * (0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)
            for group in optimizer.param_groups:
                group["lr"] = rate
            sum(parts.values()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            shown = {name: 0.98 * shown.get(name, float(x.detach())) + 0.02 * float(x.detach()) for name, x in parts.items()}
            bar.set_postfix({name: f"{x:.3f}" for name, x in shown.items()}, refresh=False)
            bar.update()
            if (step + 1) % 200 == 0 or step + 1 in (steps, args.stop_after):
                save_tensors(file, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1,
                                    "seconds": time.perf_counter() - begun, "of": key})
    print(f"{file.stem}: {time.perf_counter() - begun:.0f} seconds of training", file=sys.stderr)


def save(bert: BertModel, tokenizer: Tokenizer, folder: Path) -> None:
    """What kobert.load_encoder reads: config.json, model.safetensors (fp16), spiece.model, signs.json."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(folder)
    config = {"model_type": "bert", "vocab_size": len(tokenizer), **CONFIG}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf8")
    state = {name: value.half().contiguous() for name, value in bert.state_dict().items() if value.is_floating_point()}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def main(argv=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of nsmc_ratings_train.tsv.gz, goemotions_ko.tsv.gz, …")
    parser.add_argument("--work", type=Path, required=True, help="for the vocabulary and checkpoints")
    parser.add_argument("--out", type=Path, default=ASSETS / "models/kobert-mini")
    parser.add_argument("--name", default="kobert-mini", help="of the run's folder in --work")
    parser.add_argument("--pieces", type=int, default=8000, help="of the vocabulary")
    parser.add_argument("--without-signs", action="store_true", help="chat signs neither pieces nor normalised (to compare)")
    parser.add_argument("--epochs", type=int, default=1, help="of pre-training")
    parser.add_argument("--tokens", type=int, default=2048, help="of a batch")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--labels", type=float, default=4.0, help="weight of the labels' loss")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="other numbers give other roundings")
    parser.add_argument("--rows", type=int, help="only so many, drawn by chance (to try the program)")
    parser.add_argument("--stop-after", type=int, help="end at this step; the same command without it goes on")
    parser.add_argument("--lessons", type=int, default=1, help="passes over the teacher's answers; 0: pre-training alone")
    parser.add_argument("--lesson-lr", type=float, default=7e-4)
    parser.add_argument("--cuttings", type=int, default=120_000, help="texts made of our messages, for the teacher")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    rows, names = corpus(args.shared, not args.without_signs)
    if args.rows:
        rows = rows.sample(args.rows, random_state=0).reset_index(drop=True)
    work = args.work / args.name
    tokenizer = vocabulary(rows, work, args.pieces, not args.without_signs)
    if not (work / "pretrained/model.safetensors").exists():
        save(pretrain(rows, names, tokenizer, args), tokenizer, args.out if args.stop_after else work / "pretrained")
        if args.stop_after:
            return
    if not args.lessons:
        save(load_encoder(str(work / "pretrained"))[0], tokenizer, args.out)
        return
    texts, target = teaching.lesson(teaching.our_messages()["train"], rows["text"].tolist(), args.cuttings, work)
    save(distil(load_encoder(str(work / "pretrained"))[0], tokenizer, texts, target, args), tokenizer, args.out)


if __name__ == "__main__":
    main()
