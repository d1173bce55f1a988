"""What the reference oracle is asked, and our own answers to it: shared by tools/reference/compare.py and tests/test_reference.py."""

import hashlib
import unicodedata
from pathlib import Path

import numpy as np
import torch

from emorec_lib import kobert
from emorec_lib.dialogue import read_corpora
from emorec_lib.fetch import fetch
from emorec_lib.gram import gram_features, source_features
from emorec_lib.neighbours import euclidean, nearest
from emorec_lib.run import ASSETS

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/models"
FIXTURES = Path(__file__).parent
VOCABULARIES = ("kobert-untrained", "KoBERT")
LENGTHS = (64, 16)
PAD = 1
GRAM_APART = 1e-5  # of a picture's largest number: what ours, in float32, may be apart from float64
CLIP_APART = 1e-5  # of unit rows, number by number: another processor adds up in another order
HARD = (
    "", " ", "\t\n ", "한국어 모델을 공유합니다.", "나 보기가 역겨워", "김소월",
    "\u1112\u1161\u11ab\u1100\u1173\u11af\u110b\u1175 \u1102\u1161\u1102\u116e\u110b\u1165", "각\u0301 e\u0301",  # NFD
    "ㅠㅠ", "ㅜㅜㅜ", "ㅋㅋㅋㅋㅋㅋ", "ㅎㅎ ㅇㅇ ㄱㄱ", "ㅏㅣㅡ", "ㄳ ㄵ ㅄ", "밥 먹었어?ㅠㅠ", "뷁 똠방각하 펲시콜라 쓩", "갂갃갅",
    "😂", "ㅋㅋ😂😂", "👨‍👩‍👧‍👦 가족", "❤️ ♥ ♡", "🇰🇷", "👍🏽",
    "오늘 점심은 뭐 먹지 고민이네 " * 40, "ㅋ" * 300, "가" * 300, "a" * 300, "! " * 200, "띄어쓰기없이아주길게이어붙여쓴문장" * 20,
    "Hello, how are you doing today?", "lol OMG", "iPhone 15 Pro", "café naïve", "ß ŉ İ ı", "𝓗𝓮𝓵𝓵𝓸", "Ⅳ ½ ㎏ ℃ ™",
    "12345", "010-1234-5678", "3.14 1,000,000원", "2023년 11월 25일 오후 3시",
    "제어\x00문자\x07와\x1b이스케이프", "\ufeff머리표", "대체\ufffd문자", "\u200b폭 없는\u200b칸", "연\u200d결", "왼\u200e오\u200f른",
    "줄\n바꿈\r\n두 줄", "탭\t탭", "한  칸   여럿", " 앞 칸", "뒤 칸 ", "\u3000전각 칸\u3000", "\u00a0줄바꿈 없는\u00a0칸", "\u2028줄",
    "[CLS] 나야 [SEP]", "[PAD]", "[UNK] [MASK]", "<s> </s> <unk>", "▁밑줄▁", "##조각",
    "ＦＵＬＬ　ｗｉｄｔｈ！？", "１２３４", "ﾊﾝｶｸ", "㈜한국", "①②③", "漢字 混用", "日本語", "中文。",
    "안녕...", "뭐야?!?!", "~~~ ^^ ^_^ -_-", "(웃음) [사진] {a}", "\"인용\" '작은' “굽은” ‘따옴표’", "…", "·", "100%", "C++ & C#",
    "https://a.b/c?d=e#f", "@user #태그", "_ _", "\\ / |",
)
HARD_PAIRS = (
    ("나 보기가 역겨워", "김소월"), ("", ""), ("", "뒤만 있다"), ("앞만 있다", ""), ("앞만 있다", "  "), ("앞만 있다 " * 40, ""),
    ("앞이 길다 " * 40, "짧다"), ("짧다", "뒤가 길다 " * 40), ("둘 다 길다 " * 40, "둘 다 길다 " * 40),
    ("가나다 " * 40, "아주 긴 뒤 " * 40), ("같은 말", "같은 말"), ("ㅠㅠ", "😂"), ("[SEP] 앞", "뒤 [SEP]"), ("[CLS]", "[PAD]"),
    *(("하나 " * a, "둘 " * b) for a in range(3, 12) for b in range(3, 12)),  # around the 13 tokens that 16 leave a pair
)
PICTURES = tuple(f"{pack}/01.png" for pack in (
    "brush-cat", "chibi-dog", "clay-egg", "comic-boss", "crayon-chick", "felt-cactus", "flat-bear", "hairline-mug", "paper-penguin",
    "photo-jiwoo", "pixel-rabbit", "retro-bear", "thick-cat", "water-bear"))  # still ones with a transparent ground, one of each style
TEXTS = ("a diagram", "a dog", "a cat", "a cartoon sticker of a happy, laughing character", "A TEARFUL Emoticon!!", "", "  spaces  ",
         "한국어", "caf\u00e9 &amp; \U0001f602", "12 angry men", "word " * 200)
STAGES = ((4, 8), (6, 6), (8, 4), (12, 3))  # channels, side of the small feature maps


# --- tokens -----------------------------------------------------------------------------------------------------------

def key(text: str) -> int:
    """What stands for a sentence in the fixture: the corpus may grow without making it void."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def sentences() -> dict[int, str]:
    """The hard cases, then every embedded message, in an order that has nothing to do with what they say."""
    corpus = read_corpora(ASSETS / "dialogue")
    messages = {key(text): text for text in (*corpus.table.text, *corpus.unlabelled.text)}
    return {key(text): text for text in HARD} | dict(sorted(messages.items()))


def vocabulary(name: str) -> Path | None:
    """The SentencePiece file; None for KoBERT's own where it is neither in ../shared nor downloaded."""
    if name == "kobert-untrained":
        return ASSETS / "models" / name / kobert.SPIECE
    if (SHARED / "kobert_tokenizer/spiece.model").is_file():
        return SHARED / "kobert_tokenizer/spiece.model"
    try:
        return fetch("kobert_news_wiki_ko_cased-1087f8699e.spiece", download=False)
    except OSError:
        return None


def our_tokens(tokenizer: kobert.Tokenizer, lines: list[tuple], length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, attention mask and segment ids, (N, length) each, of lines (text,) or (text, pair): as fine-tuning pads them, but always to
    ``length``."""
    rows = [tokenizer.encode(*line, max_tokens=length) for line in lines]
    ids, mask = kobert.pad_batch([*rows, [0] * length], "cpu")
    segments = np.zeros((len(rows), length), dtype=int)
    for segment, row, line in zip(segments, rows, lines, strict=True):
        segment[:len(row)] = tokenizer.segments(*line, max_tokens=length)
    return ids.numpy()[:-1], mask.numpy()[:-1], segments


def same_rows(ours: tuple, oracle: tuple) -> np.ndarray:
    """(N,) bool: ids, mask and segment ids are all the same."""
    return np.all([(a == b).all(1) for a, b in zip(ours, oracle, strict=True)], axis=0)


def packed(ids: np.ndarray, mask: np.ndarray, segments: np.ndarray) -> dict[str, np.ndarray]:
    """The oracle's rows without what follows from the rest: masks are 1 … 1 0 … 0, segment ids 0 … 0 1 … 1 0 … 0, padding [PAD]."""
    row = {"ids": ids[mask == 1].astype(np.uint16), "valid": mask.sum(1).astype(np.uint8), "second": segments.sum(1).astype(np.uint8)}
    if not all(map(np.array_equal, _rows(row, ids.shape[1]), (ids, mask, segments))):
        raise ValueError("the oracle's rows are not padded as BERTSentenceTransform pads")
    return row


def unpacked(fixture, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The opposite of packed; the name ends in the length."""
    return _rows({part: fixture[f"{name}/{part}"] for part in ("ids", "valid", "second")}, int(name.rsplit("/", 1)[1]))


def _rows(row: dict, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    valid, second, place = row["valid"].astype(int)[:, None], row["second"].astype(int)[:, None], np.arange(length)
    inside = place < valid
    ids = np.full(inside.shape, PAD)
    ids[inside] = row["ids"]
    return ids, inside.astype(int), (inside & (place >= valid - second)).astype(int)


def words(text: str) -> list[str]:
    """What gluonnlp's BERTSPTokenizer(lower=False) hands to SentencePiece one by one: words between white space, every punctuation sign
    and Chinese character alone; control and format characters, U+FFFD and non-spacing marks (accents, U+FE0F) are dropped."""
    spaced = ""
    for sign in unicodedata.normalize("NFD", text):
        category = unicodedata.category(sign)
        if sign in "\t\n\r" or category == "Zs":
            spaced += " "
        elif category[0] == "P" or sign in "$+<=>^`|~" or unicodedata.name(sign, "").startswith("CJK "):
            spaced += f" {sign} "
        elif category not in ("Cc", "Cf", "Mn") and sign != "\ufffd":
            spaced += sign
    return spaced.split()


def ids_by_word(tokenizer: kobert.Tokenizer, texts: list[str], length: int) -> np.ndarray:
    """Ids (N, length) as from BERTSPTokenizer: our encode of each word, without its [CLS] and [SEP]."""
    rows = np.full((len(texts), length), tokenizer.pad_id)
    for row, text in zip(rows, texts, strict=True):
        ids = [i for word in words(text) for i in tokenizer.encode(word)[1:-1]][:length - 2]
        row[:len(ids) + 2] = [tokenizer.cls_id, *ids, tokenizer.sep_id]
    return rows


# --- pictures ---------------------------------------------------------------------------------------------------------

def picture_paths() -> list[Path]:
    return [ASSETS / "packs" / name for name in PICTURES]


def size_of(state: dict) -> float:
    """One number for a state dict: another one means other random weights."""
    return float(sum(value.double().abs().sum() for value in state.values()))


# --- Gram -------------------------------------------------------------------------------------------------------------

def feature_maps(n: int = 10) -> list[np.ndarray]:
    """Four stages of (n, C, H, W) float32, not negative (as after a ReLU), the same with every numpy."""
    rng = np.random.Generator(np.random.Philox(6))
    return [np.maximum(rng.random((n, channels, side, side)) - 0.3, 0).astype(np.float32) for channels, side in STAGES]


def digest_of(arrays: list[np.ndarray]) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def our_gram(maps: list) -> tuple[np.ndarray, np.ndarray]:
    """(whole Gram matrices of all stages, flattened and concatenated (N, sum C^2); the four nearest, itself first, (N, 4))."""
    stages = [gram_features(torch.as_tensor(feat)).numpy() for feat in maps]
    positions = tuple(feat.shape[2] * feat.shape[3] for feat in maps)
    features = source_features(stages, positions)
    ends = np.cumsum([stage.shape[1] for stage in stages])[:-1]
    whole = [_square(part, feat.shape[1]) for part, feat in zip(np.split(features, ends, axis=1), maps, strict=True)]
    return np.concatenate(whole, axis=1), nearest(euclidean(features), 4)


def _square(upper: np.ndarray, channels: int) -> np.ndarray:
    """(N, C(C+1)/2), off-diagonal times sqrt(2) -> (N, C^2)."""
    row, col = np.triu_indices(channels)
    gram = np.zeros((len(upper), channels, channels))
    gram[:, row, col] = gram[:, col, row] = upper / np.where(row == col, 1, 2**0.5)
    return gram.reshape(len(upper), -1)
