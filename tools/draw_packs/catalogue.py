"""Palettes and packs. A style is line, fill, shading, texture and proportion; the same palette and the same
character turn up in several styles, so that neither colour nor character gives the style away."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    name: str
    main: str  # coat
    shade: str  # its dark side
    light: str  # belly, muzzle
    accent: str  # hearts, lettering, props
    second: str  # small props
    dark: str  # outline, eyes
    ground: str  # paper, blobs
    sky: str  # the photo's background
    letter: str  # lettering with a dark rim


PALETTES = {
    p.name: p
    for p in (
        Palette("strawberry", "#f6a3b5", "#dc7692", "#fff0ec", "#e23f56", "#7fb977", "#4a2130", "#ffd9df", "#e79aa9", "#ff7b90"),
        Palette("mint", "#7fcdc0", "#4ba597", "#f0fbf4", "#2b6fb3", "#f3bf52", "#1d3a45", "#cfeee6", "#6fb3ae", "#f7c95e"),
        Palette("honey", "#f5b848", "#d78b2a", "#fff4d6", "#cf4f28", "#5c9c95", "#4a2f17", "#ffe6ae", "#d9a24e", "#ff8f4f"),
        Palette("grape", "#b59be6", "#8a6cc9", "#f6f0ff", "#7a3fb8", "#f2c14e", "#33234f", "#e4d9fa", "#a08fd0", "#c8a8ff"),
        Palette("sky", "#8cc4f0", "#5b97d3", "#f2f9ff", "#e8643c", "#f7cf4f", "#1f3558", "#d5eafc", "#7fb2dc", "#8fd0ff"),
        Palette("peach", "#f9b48e", "#e58a63", "#fff1e6", "#d9466b", "#6fa8a0", "#54291f", "#ffdfcb", "#e8a283", "#ffa27a"),
        Palette("melon", "#a9d36c", "#7bab43", "#f8fbe3", "#e0592a", "#f2a7b8", "#28401d", "#e3f2c6", "#94bd67", "#c8ea7c"),
        Palette("cocoa", "#b98a66", "#8f6243", "#f7ead9", "#c2413b", "#e3b34f", "#3a2417", "#ead6c1", "#ac8b70", "#f0b37e"),
        Palette("night", "#6a78b8", "#47548f", "#eef0fb", "#f2a33a", "#ef7a94", "#1c2140", "#d3d8f0", "#56639f", "#ffc65c"),
        Palette("stone", "#b9bec6", "#8d949f", "#f6f7f9", "#d64550", "#4f9fb0", "#2c3038", "#dfe3e8", "#9aa3af", "#ff8a8a"),
        Palette("cherry", "#ea7468", "#c34a43", "#fff0ea", "#2f7f86", "#f5c04a", "#431a1c", "#fbd3cb", "#cf7a70", "#ff9a8c"),
    )
}
HELDOUT = ("pixel-art", "watercolour", "brush-ink", "retro-gradient")  # no model of ours is ever trained on these styles


@dataclass(frozen=True)
class Pack:
    pack_id: str
    name: str  # Korean
    style: str  # style_family
    character: str  # see characters.CHARACTERS; photo-people and pixel-art have their own of the same names
    palette: str
    tone: str  # of the captions, see scripts.TONES
    ending: str = "png"  # png, gif or webp (the last two move)

    @property
    def split(self):
        return "heldout" if self.style in HELDOUT else "train"


PACKS = (
    Pack("photo-jiwoo", "지우의 표정일기", "photo-people", "young-woman", "strawberry", "banmal"),
    Pack("photo-boss", "김부장 짤방", "photo-people", "man", "mint", "jjal"),
    Pack("photo-granny", "순자 할머니", "photo-people", "grandmother", "honey", "polite"),
    Pack("flat-cat", "민트냥 하루", "flat-vector", "cat", "mint", "cute"),
    Pack("flat-bear", "꿀곰이", "flat-vector", "bear", "honey", "banmal"),
    Pack("flat-tteok", "말랑 찰떡이", "flat-vector", "tteok", "strawberry", "cute", "gif"),
    Pack("flat-boss", "포도김부장", "flat-vector", "man", "grape", "jjal"),
    Pack("thick-cat", "치즈냥 왕머리", "thick-outline", "cat", "honey", "banmal"),
    Pack("thick-dog", "멍뭉이 대소동", "thick-outline", "dog", "strawberry", "cute", "webp"),
    Pack("thick-cooker", "밥솥이의 직장생활", "thick-outline", "rice-cooker", "mint", "polite"),
    Pack("thick-jiwoo", "체리단발 지우", "thick-outline", "young-woman", "cherry", "banmal"),
    Pack("hairline-rabbit", "낙서토끼", "hairline-sketch", "rabbit", "peach", "banmal"),
    Pack("hairline-granny", "연필할머니", "hairline-sketch", "grandmother", "sky", "polite"),
    Pack("hairline-mug", "머그컵 씨", "hairline-sketch", "mug", "melon", "short"),
    Pack("pixel-cat", "도트냥", "pixel-art", "cat", "strawberry", "short", "webp"),
    Pack("pixel-rabbit", "도트토끼", "pixel-art", "rabbit", "mint", "short"),
    Pack("pixel-slime", "도트슬라임", "pixel-art", "slime", "honey", "short", "webp"),
    Pack("pixel-boss", "도트부장", "pixel-art", "man", "night", "short"),
    Pack("crayon-chick", "크레용 삐약이", "crayon", "chick", "honey", "cute"),
    Pack("crayon-kid", "그림일기 동동이", "crayon", "kid", "cherry", "cute"),
    Pack("crayon-egg", "계란이의 하루", "crayon", "egg", "grape", "banmal"),
    Pack("water-bear", "물감곰", "watercolour", "bear", "cocoa", "polite"),
    Pack("water-jiwoo", "수채화 지우", "watercolour", "young-woman", "mint", "banmal"),
    Pack("water-tteok", "물들인 찰떡", "watercolour", "tteok", "peach", "cute"),
    Pack("comic-penguin", "펭대리 만화", "halftone-comic", "penguin", "night", "jjal"),
    Pack("comic-boss", "열혈 김부장", "halftone-comic", "man", "cherry", "jjal"),
    Pack("comic-mandu", "만두 대폭발", "halftone-comic", "mandu", "mint", "banmal"),
    Pack("clay-rabbit", "점토토끼 뭉이", "soft-3d", "rabbit", "grape", "cute"),
    Pack("clay-kid", "동글동글 동동이", "soft-3d", "kid", "honey", "banmal"),
    Pack("clay-egg", "몽글 계란이", "soft-3d", "egg", "sky", "short"),
    Pack("paper-penguin", "색종이 펭귄", "paper-cutout", "penguin", "sky", "polite"),
    Pack("paper-granny", "종이인형 순자씨", "paper-cutout", "grandmother", "melon", "polite"),
    Pack("paper-cactus", "선인장 따끔이", "paper-cutout", "cactus", "strawberry", "banmal", "webp"),
    Pack("brush-cat", "먹냥이", "brush-ink", "cat", "stone", "short"),
    Pack("brush-boss", "선비 김부장", "brush-ink", "man", "cocoa", "polite"),
    Pack("brush-mandu", "붓만두", "brush-ink", "mandu", "cherry", "banmal"),
    Pack("chibi-dog", "왕눈이 멍뭉", "chibi", "dog", "night", "cute"),
    Pack("chibi-jiwoo", "꼬마 지우", "chibi", "young-woman", "grape", "banmal", "webp"),
    Pack("chibi-tteok", "왕눈이 찰떡", "chibi", "tteok", "melon", "cute"),
    Pack("retro-bear", "네온곰 1988", "retro-gradient", "bear", "mint", "short"),
    Pack("retro-jiwoo", "시티팝 지우", "retro-gradient", "young-woman", "night", "banmal"),
    Pack("retro-cooker", "복고밥솥", "retro-gradient", "rice-cooker", "peach", "polite", "webp"),
    Pack("felt-chick", "자수 삐약이", "embroidery", "chick", "strawberry", "cute"),
    Pack("felt-kid", "한땀 동동이", "embroidery", "kid", "melon", "banmal"),
    Pack("felt-cactus", "수놓은 선인장", "embroidery", "cactus", "honey", "short"),
)
SMALL = ("photo-jiwoo", "photo-boss", "photo-granny", "flat-cat", "flat-bear", "flat-tteok", "thick-cat", "thick-dog", "thick-cooker",
         "pixel-cat", "pixel-rabbit", "pixel-slime")  # small.csv, for the tests  # fmt: skip
