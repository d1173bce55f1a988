"""Other ways to write a message that mean the same: what a robust reader of emotions should not stumble over."""

import re
import unicodedata

import numpy as np

HANGUL = re.compile("[가-힣]")
NEIGHBOURS = {"ㅐ": "ㅔ", "ㅔ": "ㅐ", "ㅗ": "ㅓ", "ㅓ": "ㅗ", "ㅏ": "ㅑ", "ㅜ": "ㅠ", "ㅣ": "ㅡ", "ㅡ": "ㅣ", "ㅚ": "ㅙ", "ㅙ": "ㅚ"}
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CLAUSE = r"(?=[\s.!?~…ㅋㅎㅠㅜ]*(?:[.!?~…]|$))"  # what follows the last syllable of a sentence
CASUAL = re.compile(r"([어아해지네데게까래가려여와워봐줘돼걸군])" + CLAUSE)
POLITE = re.compile(r"([어아해지네데게까래가려여와워봐줘돼걸군])요" + CLAUSE)

SHORT = {"진짜": "ㄹㅇ", "정말": "ㄹㅇ", "감사": "ㄱㅅ", "축하": "ㅊㅋ", "오케이": "ㅇㅋ", "인정": "ㅇㅈ", "죄송": "ㅈㅅ",
         "수고": "ㅅㄱ", "안녕": "ㅎㅇ", "어디": "ㅇㄷ", "아니": "ㄴㄴ", "미친": "ㅁㅊ", "대박": "ㄷㅂ", "노잼": "ㄴㅈ", "고고": "ㄱㄱ"}
SHORTENED = re.compile("|".join(SHORT))


def without_spaces(text: str, rng) -> str:
    return re.sub(r"\s", "", text)


def typos(text: str, rng, share: float = 0.1) -> str:
    """One syllable of ten: its vowel becomes a key beside it or one that sounds alike, its last consonant is lost, or it changes places
    with the next."""
    letters = list(text)
    for i in range(len(letters)):
        if not HANGUL.match(letters[i]) or rng.random() >= share:
            continue
        code = ord(letters[i]) - 0xAC00
        first, vowel, last = code // 588, code % 588 // 28, code % 28
        kind = rng.integers(3)
        if kind == 0 and (other := NEIGHBOURS.get(VOWELS[vowel])):
            letters[i] = chr(0xAC00 + first * 588 + VOWELS.index(other) * 28 + last)
        elif kind == 1 and last:
            letters[i] = chr(0xAC00 + code - last)
        elif i + 1 < len(letters) and HANGUL.match(letters[i + 1]):
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
    return "".join(letters)


def laughing(text: str, rng) -> str:
    """A run of ㅋ behind: in chats it says as often 'I am friendly' as 'I laugh'."""
    return text + "ㅋ" * int(rng.integers(2, 6))


def crying(text: str, rng) -> str:
    return text + "ㅠ" * int(rng.integers(2, 5))


def jamo(text: str, rng) -> str:
    """Words that chats shorten to their first consonants."""
    return SHORTENED.sub(lambda m: SHORT[m[0]], text)


def decomposed(text: str, rng) -> str:
    """NFD: what macOS makes of Hangul in files' names and some keyboards send."""
    return unicodedata.normalize("NFD", text)


def polite(text: str, rng) -> str:
    """Sentences that end casually get 요, where that is all it takes."""
    return CASUAL.sub(r"\1요", text)


def casual(text: str, rng) -> str:
    """Sentences that end in 요 lose it, where that is all it takes."""
    return POLITE.sub(r"\1", text)


WAYS = {"spacing removed": without_spaces, "typos, one syllable of ten": typos, "ㅋㅋ behind": laughing, "ㅠㅠ behind": crying,
        "words as jamo (ㄹㅇ, ㅊㅋ)": jamo,
        "decomposed (NFD)": decomposed, "casual → polite": polite, "polite → casual": casual}


def rewritten(texts: list[str], way: str, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [WAYS[way](text, rng) for text in texts]
