"""Captions of pictures in English: style, character, emotion; and what clip.tokenize makes of them."""

import clip
import numpy as np
import torch

from emorec_lib.clip import PROMPTS
from emorec_lib.run import EMOTIONS

from .families import LOOKS

WORDS = {  # an emotion in words that people type
    "행복": ("happy", "laughing", "joyful", "smiling", "cheerful", "delighted", "excited", "in love", "proud", "grinning", "glad",
           "thankful", "celebrating", "loving", "pleased", "amused", "good mood", "fun", "yay", "congratulations", "thank you",
           "I love you"),
    "슬픔": ("sad", "crying", "tearful", "sorrowful", "gloomy", "depressed", "heartbroken", "weeping", "lonely",
           "disappointed", "tired", "exhausted", "unhappy", "sobbing", "sorry", "miserable", "down", "in tears", "goodbye"),
    "분노": ("angry", "furious", "enraged", "shouting", "mad", "annoyed", "irritated", "raging", "sulking", "grumpy", "glaring", "outraged",
           "cross", "frowning with anger", "fuming", "hostile", "stop it"),
    "불안": ("anxious", "scared", "trembling", "worried", "fearful", "nervous", "afraid", "terrified", "uneasy", "frightened", "panicking",
           "shivering", "tense", "stressed", "in a hurry", "hiding"),
    "당황": ("embarrassed", "flustered", "shocked", "confused", "sweating", "surprised", "awkward", "puzzled", "astonished", "blushing",
           "ashamed", "baffled", "dizzy", "stunned", "caught", "what", "speechless"),
    "중립": ("calm", "neutral", "without expression", "plain", "quiet", "saying hello", "saying ok", "thinking", "expressionless",
           "composed", "ordinary", "blank", "serious", "sleepy", "relaxed", "hello", "good night", "working"),
}  # fmt: skip
THINGS = ("sticker", "emoticon", "cartoon", "drawing", "picture", "emoji", "cartoon sticker", "illustration", "character")
EXTRA = ("a photo of a", "the", "one", "cute", "funny", "small", "white background", "for chat", "of a")


def emotion_texts(rng: np.random.Generator) -> list[str]:
    """A text for each of the six emotions, in order, of one pattern, as a prompt would be."""
    pattern = rng.integers(6)
    thing = str(rng.choice(THINGS))
    out = []
    for emotion in EMOTIONS:
        n = int(rng.integers(1, 4))
        words = [str(w) for w in rng.choice(WORDS[emotion], n, replace=False)]
        said = ", ".join(words)
        out.append((f"a cartoon sticker of a {said} character", f"a {said} {thing}", said, f"a {thing} of a {said} character",
                    f"{words[0]}", f"{thing}, {' and '.join(words)}")[pattern])
    return out


def look_of(family: str, words: str, rng: np.random.Generator) -> str:
    """A style in words; '' where nobody named it."""
    if family in LOOKS:
        return str(rng.choice(LOOKS[family]))
    return words if family.startswith("chance-") or words.endswith(" filter") else ""


def caption(row: dict, rng: np.random.Generator) -> str:
    """One caption of a picture: any of look, character, emotion, each left out now and then."""
    look = look_of(row["family"], row["words"], rng) if rng.random() < 0.7 else ""
    who = row["character"].replace("-", " ") if rng.random() < 0.8 else "character"
    mood = str(rng.choice(WORDS[row["emotion_ko"]])) if row["emotion_ko"] and rng.random() < 0.8 else ""
    named = row["words"] if row["words"] and not look and rng.random() < 0.4 else ""  # what its maker calls it
    thing = str(rng.choice(THINGS))
    parts = [f"a {thing} of a {mood} {who}".replace("  ", " "), look, named]
    if rng.random() < 0.4:
        parts = parts[::-1]
    return ", ".join(p for p in parts if p)


def tokens(texts: list[str]) -> torch.Tensor:
    """(N, L) token ids, cut behind the longest text: causal attention makes what follows the end of a text without effect on it."""
    full = clip.tokenize(texts, truncate=True)
    return full[:, :int((full != 0).sum(1).max())]


def vocabulary(rows) -> torch.Tensor:
    """(49408,) bool: tokens that captions, prompts or patterns can hold."""
    phrases = {w for words in WORDS.values() for w in words} | {*THINGS, *EXTRA} | {p for pair in PROMPTS.values() for p in pair}
    phrases |= {p for pair in LOOKS.values() for p in pair} | {*rows["words"]} | {c.replace("-", " ") for c in rows["character"]}
    phrases |= {"a cartoon sticker of a happy, character and", "a drawing of a, "}
    ids = clip.tokenize(sorted(p for p in phrases if p), truncate=True)
    seen = torch.zeros(49408, dtype=torch.bool)
    seen[ids.unique()] = True
    seen[0] = False  # padding, behind every text's end
    return seen
