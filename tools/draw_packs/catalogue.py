"""Palettes and packs. A style is line, fill, shading, texture and proportion; the same palette and the same
character turn up in several styles, so that neither colour nor character gives the style away."""

from dataclasses import dataclass, field


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
    )
}


@dataclass(frozen=True)
class Pack:
    pack_id: str
    name: str  # Korean
    style: str  # style_family
    character: str
    palette: str
    tone: str  # of the captions, see scripts.TONES
    cast: str  # see scripts.CASTS
    ending: str = "png"  # png, gif or webp (the last two move)
    split: str = "train"
    look: dict = field(default_factory=dict, hash=False)  # what only this style knows


PACKS = (
    Pack("photo-jiwoo", "지우의 표정일기", "photo-people", "young-woman", "strawberry", "banmal", "a", look={"person": "jiwoo"}),
    Pack("photo-boss", "김부장 짤방", "photo-people", "man", "mint", "jjal", "d", look={"person": "boss"}),
    Pack("photo-granny", "순자 할머니", "photo-people", "grandmother", "honey", "polite", "c", look={"person": "granny"}),
    Pack("flat-cat", "민트냥 하루", "flat-vector", "cat", "mint", "cute", "a"),
    Pack("flat-bear", "꿀곰이", "flat-vector", "bear", "honey", "banmal", "b"),
    Pack("flat-tteok", "말랑 찰떡이", "flat-vector", "tteok", "strawberry", "cute", "c", ending="gif"),
    Pack("thick-cat", "치즈냥 왕머리", "thick-outline", "cat", "honey", "banmal", "c"),
    Pack("thick-dog", "멍뭉이 대소동", "thick-outline", "dog", "strawberry", "cute", "b", ending="webp"),
    Pack("thick-cooker", "밥솥이의 직장생활", "thick-outline", "rice-cooker", "mint", "polite", "d"),
    Pack("pixel-cat", "도트냥", "pixel-art", "cat", "strawberry", "short", "d", split="heldout"),
    Pack("pixel-rabbit", "도트토끼", "pixel-art", "rabbit", "mint", "short", "b", split="heldout"),
    Pack("pixel-slime", "도트슬라임", "pixel-art", "slime", "honey", "short", "a", ending="gif", split="heldout"),
)
