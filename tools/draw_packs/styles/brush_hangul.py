"""Hangul (and what else captions need) as strokes of a brush, for a style that writes instead of setting type.

A letter's strokes are words of points, a point is two digits: x and y in tenths of its box. A trailing "o" is a ring."""

import math

LETTERS = {
    "ㄱ": "00 90 86 39", "ㄴ": "00 08 98", "ㄷ": "00 90,01 08 98", "ㄹ": "00 90 84,84 04 09 99", "ㅁ": "00 09,00 90 99,09 99",
    "ㅂ": "00 09,90 99,05 95,09 99", "ㅅ": "50 44 09,45 68 99", "ㅇ": "o", "ㅈ": "01 91,51 45 09,45 68 99",
    "ㅊ": "40 60,02 92,52 45 09,46 68 99", "ㅋ": "00 90 86 39,05 84", "ㅌ": "00 90,04 84,01 08 98",
    "ㅍ": "00 90,30 38,60 58,09 99", "ㅎ": "30 60,02 92,o",
    "ㅏ": "30 39,34 94", "ㅑ": "30 39,33 93,36 96", "ㅓ": "70 79,04 74", "ㅕ": "70 79,03 73,06 76", "ㅣ": "50 59",
    "ㅐ": "11 18,15 85,80 89", "ㅒ": "11 18,13 83,16 86,80 89", "ㅔ": "04 44,51 58,90 99", "ㅖ": "03 43,06 46,51 58,90 99",
    "ㅗ": "50 58,08 98", "ㅛ": "30 38,60 68,08 98", "ㅜ": "02 92,52 59", "ㅠ": "02 92,32 29,62 69", "ㅡ": "05 95",
    "!": "50 56,58 59", "?": "12 30 71 74 56,58 59", ",": "40 31", ".": "41 42", "~": "50 32 44 55 67 49", "…": "41 42,44 45,47 48",
    "0": "40 12 16 49 76 72 40", "1": "32 50 59", "3": "10 60 44 66 58 19", "8": "50 22 66 49 16 63 50",
}  # fmt: skip
FIRST = "ㄱ ㄱㄱ ㄴ ㄷ ㄷㄷ ㄹ ㅁ ㅂ ㅂㅂ ㅅ ㅅㅅ ㅇ ㅈ ㅈㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split()
MIDDLE = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split()
LAST = "- ㄱ ㄱㄱ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅅㅅ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split()
FLAT = "ㅗㅛㅜㅠㅡ"  # vowels that lie under the first letter
BOXES = {  # (lying vowel?, standing vowel?, last letter?): boxes of first letter, vowels, last letter
    (False, True, False): ((0.02, 0.12, 0.52, 0.84), (0.60, 0.0, 1.0, 1.0)),
    (False, True, True): ((0.04, 0.02, 0.52, 0.50), (0.62, 0.0, 1.0, 0.56), (0.16, 0.68, 0.94, 1.0)),
    (True, False, False): ((0.18, 0.04, 0.82, 0.50), (0.0, 0.58, 1.0, 1.0)),
    (True, False, True): ((0.18, 0.0, 0.82, 0.28), (0.0, 0.32, 1.0, 0.60), (0.18, 0.66, 0.84, 1.0)),
    (True, True, False): ((0.06, 0.06, 0.50, 0.46), (0.0, 0.50, 0.62, 0.84), (0.66, 0.0, 1.04, 1.0)),
    (True, True, True): ((0.08, 0.0, 0.50, 0.30), (0.0, 0.34, 0.62, 0.58), (0.66, 0.0, 1.04, 0.62), (0.18, 0.70, 0.88, 1.0)),
}


def _strokes(letter, area):
    """A letter's strokes (lists of points) in the box (left, top, right, bottom)."""
    x0, y0, x1, y1 = area
    for word in LETTERS[letter].split(","):
        if word == "o":
            top = 0.40 if letter == "ㅎ" else 0.0
            arc = [-1.9 - 2 * math.pi * k / 14 for k in range(15)]
            points = [(0.47 + 0.46 * math.cos(a), (1 + top) / 2 + (1 - top) / 2 * math.sin(a)) for a in arc]
        else:
            points = [(int(p[0]) / 9, int(p[1]) / 9) for p in word.split()]
        yield [(x0 + x * (x1 - x0), y0 + y * (y1 - y0)) for x, y in points]


def _group(letters, area):
    """One letter, or two side by side."""
    x0, y0, x1, y1 = area
    if len(letters) == 1:
        yield from _strokes(letters, area)
        return
    gap = (x1 - x0) * 0.06
    yield from _strokes(letters[0], (x0 - gap, y0, (x0 + x1) / 2 - gap, y1))
    yield from _strokes(letters[1], ((x0 + x1) / 2 + gap, y0, x1 + gap, y1))


def syllable(char):
    """The strokes of one character in the unit square, in writing order."""
    code = ord(char) - 0xAC00
    if not 0 <= code < 11172:
        return list(_strokes(char, (0.15, 0.08, 0.85, 0.92)))
    first, vowel, last = FIRST[code // 588], MIDDLE[code // 28 % 21], LAST[code % 28]
    lying, standing = vowel[0] in FLAT, vowel[-1] not in FLAT
    parts = [first, *vowel, *([last] if last != "-" else [])]
    boxes = BOXES[lying, standing, last != "-"]
    return [stroke for letters, area in zip(parts, boxes, strict=True) for stroke in _group(letters, area)]
