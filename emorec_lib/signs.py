"""Chat signs: ㅠㅠ, ㅋㅋㅋ, 😂, ♥, -_- and the like, which carry much of a message's emotion and which KoBERT's vocabulary lacks.

assets/chat_signs.csv: sign (what stands in the normalised text), also (other ways to write it), words (what it means; the embedding
of a sign that a vocabulary lacks starts from them, see kobert.add_signs).
"""

import csv
import re
import unicodedata
from functools import cache

from .run import ASSETS

DROPPED = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]")  # how an emoji is to be drawn: text or picture, joiners, skin tones
TEARS = re.compile(r"[ㅠㅜ][._ㅁㅇ]?[ㅠㅜ]|(?<![A-Za-z])[Tt][._]?[Tt](?![A-Za-z])|[;；]_[;；]")  # ㅠ.ㅠ, ㅜ_ㅜ, T_T, TT, ;_;
RUN = re.compile(r"([^\w\s.]|[_ㄱ-ㅣ])\1{2,}")  # the same sign or jamo three times and more; letters and digits are left alone
DOTS = re.compile(r"\.{3,}|…+")


@cache
def table() -> dict[str, str]:
    """{sign: the words it means}, in the order of the file."""
    return {row["sign"]: row["words"] for row in _rows()}


def _rows() -> list[dict[str, str]]:
    with open(ASSETS / "chat_signs.csv", encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _other_ways() -> tuple[re.Pattern, dict[str, str]]:
    sign_of = {way: row["sign"] for row in _rows() for way in row["also"].split()}
    return alternatives(sign_of), sign_of


def alternatives(signs) -> re.Pattern:
    """A pattern that finds any of the signs, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(signs, key=len, reverse=True))) or r"(?!)")


def normalise(text: str) -> str:
    """One way of writing for each sign: composed Hangul, faces in tears are ㅠㅠ, 💕 is ♥, and what stands three times or more
    (ㅋㅋㅋㅋㅋ, !!!!, 😂😂😂) stands twice, three dots and more are …

    A message and its normal form mean the same; what is lost is how long somebody laughed. Applying it twice changes nothing more.
    """
    text = DROPPED.sub("", unicodedata.normalize("NFC", text))
    text = DOTS.sub("…", TEARS.sub("ㅠㅠ", text))
    pattern, sign_of = _other_ways()
    return RUN.sub(r"\1\1", pattern.sub(lambda found: sign_of[found[0]], text))
