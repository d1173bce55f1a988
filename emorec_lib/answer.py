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
        return show(self)


def show(answer: Recommendation, downloads: bool = False) -> str:
    """The answer as HTML: emotion as bars, packs with the used emoticons that brought them, emoticons, notes. downloads: a link under each
    emoticon saves its file."""
    emotion = answer.emotion
    bars = "".join(f"<div>{e} <meter min=0 max=1 value={p:.3f} aria-label='{e} {p:.0%}'></meter> {p:.0%}</div>"
                   for e, p in emotion.probabilities.items())
    packs = "".join(f"<div><b>{html.escape(p.pack_id)}</b> {p.score:.2f}<br>{''.join(map(_reason, p.because[:2]))}</div>"
                    for p in answer.packs)
    emoticons = "".join("<figure style='margin:.3em .5em;text-align:center'>"
                        f"{picture(s.path, 110, s.emotion or 'emotion unknown')}<figcaption>{s.emotion or '?'}<br>"
                        f"{html.escape(s.pack_id)}{_download(s.path) if downloads else ''}</figcaption></figure>" for s in answer.emoticons)
    notes = "".join(f"<li>{html.escape(n)}</li>" for n in answer.notes)
    certain = "certain" if emotion.certain else "not certain"
    return (f"<div class=emorec style='display:flex;flex-wrap:wrap;gap:1.5em'><div><b>{emotion.label}</b> ({certain}){bars}</div>"
            f"<div style='display:flex;flex-wrap:wrap;gap:1em'>{packs}</div></div>"
            f"<div class=emorec style='display:flex;flex-wrap:wrap'>{emoticons}</div><ul>{notes}</ul>")


def _download(path: str) -> str:
    """A link that saves the picture above it: its data are not written a second time."""
    name = html.escape(f"{Path(path).parent.name}-{Path(path).name}", quote=True)
    return (f"<br><a href='#' download='{name}' aria-label='{name} 저장' style='text-decoration:underline' "
            "onclick=\"this.href=this.closest('figure').querySelector('img').src\">저장</a>")


def _reason(because: Because) -> str:
    """Used emoticon, arrow, its nearest in the pack, similarity."""
    return f"{picture(because.used, 48, 'used')} → {picture(because.nearest, 48, 'nearest')} {because.similarity:.2f}<br>"


def picture(path: str, width: int, alt: str) -> str:
    """An <img> with the file inside (animated ones move)."""
    kind = {".jpg": "jpeg", ".apng": "png"}.get(Path(path).suffix.lower(), Path(path).suffix.lower().strip("."))
    data = base64.b64encode(Path(path).read_bytes()).decode()
    title = html.escape(f"{alt}: {Path(path).parent.name}/{Path(path).name}", quote=True)
    style = "display:inline;vertical-align:middle;margin:0"
    return f"<img src='data:image/{kind};base64,{data}' width={width} alt='{title}' title='{title}' style='{style}'>"
