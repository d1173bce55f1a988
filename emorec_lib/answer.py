"""What a recommendation is made of, and how it shows itself in Jupyter and in reports."""

import base64
import html
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Emotion:
    """Emotion of a message: label, probabilities over the six (sum 1), certain = above the level where 90 % of the validation
    messages were right."""

    label: str
    probabilities: dict[str, float]
    certain: bool


@dataclass(frozen=True)
class Because:
    """A used emoticon, the emoticon of the pack that is nearest to it, and their cosine similarity."""

    used: str
    nearest: str
    similarity: float


@dataclass(frozen=True)
class PackMatch:
    """A pack of a style like the user's; score 0 to 1; because: the user's emoticons that brought it, strongest first."""

    pack_id: str
    score: float
    because: list[Because]


@dataclass(frozen=True)
class Suggestion:
    """An emoticon to send, the emotion it shows ('' if unknown), its score (likelihood of the emotion, how surely it
    is shown, rank of the pack and turn in it; comparable among those of near packs and one emotion) and why, in words."""

    path: str
    pack_id: str
    emotion: str
    score: float
    because: str


@dataclass(frozen=True)
class Recommendation:
    """The answer: emotion of the message, packs of similar style, emoticons best first, notes on what had to be widened."""

    emotion: Emotion
    packs: list[PackMatch]
    emoticons: list[Suggestion]
    notes: list[str]

    def summary(self) -> dict:
        """The answer as plain data, pictures named by pack and file, for metrics files."""
        return {"emotion": self.emotion.label, "certain": self.emotion.certain, "probabilities": self.emotion.probabilities,
                "packs": [[pack.pack_id, pack.score] for pack in self.packs], "notes": self.notes,
                "emoticons": [f"{s.pack_id}/{Path(s.path).name}" for s in self.emoticons]}

    def _repr_html_(self) -> str:
        bars = "".join(f"<div>{e} <meter min=0 max=1 value={p:.3f}></meter> {p:.0%}</div>" for e, p in self.emotion.probabilities.items())
        packs = "".join(f"<div><b>{html.escape(p.pack_id)}</b> {p.score:.2f}<br>{''.join(map(_reason, p.because[:2]))}</div>"
                        for p in self.packs)
        emoticons = "".join(f"<figure>{_picture(s.path, 110, s.emotion or 'emotion unknown')}<figcaption>{s.emotion or '?'}<br>"
                            f"{html.escape(s.pack_id)}</figcaption></figure>" for s in self.emoticons)
        notes = "".join(f"<li>{html.escape(n)}</li>" for n in self.notes)
        certain = "certain" if self.emotion.certain else "not certain"
        return (f"<div class=emorec style='display:flex;flex-wrap:wrap;gap:1.5em'><div><b>{self.emotion.label}</b> ({certain}){bars}</div>"
                f"<div style='display:flex;flex-wrap:wrap;gap:1em'>{packs}</div></div>"
                f"<div class=emorec style='display:flex;flex-wrap:wrap'>{emoticons}</div><ul>{notes}</ul>")


def _reason(because: Because) -> str:
    """Used emoticon, arrow, its nearest in the pack, similarity."""
    return f"{_picture(because.used, 48, 'used')} → {_picture(because.nearest, 48, 'nearest')} {because.similarity:.2f}<br>"


def _picture(path: str, width: int, alt: str) -> str:
    """An <img> with the file inside (animated ones move)."""
    kind = {".jpg": "jpeg", ".apng": "png"}.get(Path(path).suffix.lower(), Path(path).suffix.lower().strip("."))
    data = base64.b64encode(Path(path).read_bytes()).decode()
    title = html.escape(f"{alt}: {Path(path).parent.name}/{Path(path).name}", quote=True)
    style = "display:inline;vertical-align:middle;margin:0"
    return f"<img src='data:image/{kind};base64,{data}' width={width} alt='{title}' title='{title}' style='{style}'>"
