"""Taste + emotion -> emoticons, with reasons."""

import base64
import html
import json
import math
import os
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path

import numpy as np

from . import gram
from .catalogue import Catalogue, load_catalogue
from .clip import Clip, catalogue_features, image_features, load_clip, zero_shot_emotion
from .kobert import Predictor
from .kobert import about as about_encoder
from .neighbours import centred, unit, weighted_packs
from .resnet import load_resnet
from .run import EMOTIONS, is_embedded, pick_device, project_root, save_arrays, write_atomic

STYLES = ("", "gram", "clip", "gram+clip")
SHOWN = 0.5  # an emoticon shows an emotion if its probability of it is at least this


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
    """An emoticon to send, the emotion it shows ('' if unknown), its score (comparable among those of one emotion) and why, in words."""

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


def save_style(run, kind: str, cat: Catalogue, features: np.ndarray, **settings) -> None:
    """Leave a catalogue's features as an artifact: artifacts/<kind>.npz (features (N, D), mean (D,)) and <kind>.json (how they
    were made, of which catalogue). kind: "gram" or "clip"."""
    save_arrays(run.path(f"artifacts/{kind}.npz"), features=features, mean=features.mean(0))
    root = "sample" if is_embedded(cat.root) and cat.source.is_dir() else str(cat.source)
    meta = {"root": root, "digest": cat.digest, **settings}
    write_atomic(run.path(f"artifacts/{kind}.json"), json.dumps(meta, indent=1, ensure_ascii=False))


def _artifact(folder: Path, name: str, notebook: str) -> Path:
    path = folder / "artifacts" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run notebook {notebook} first (make nb-{notebook[:2]} PROFILE={folder.name}).")
    return path


@dataclass(frozen=True)
class Recommender:
    """What a finished run left, ready to answer. Make one with Recommender.load."""

    catalogue: Catalogue  # the run's own: centring is fitted on it
    packs_from: Catalogue  # where packs and emoticons are taken from
    settings: dict  # of the two features: {"gram": …, "clip": …}
    means: dict
    style: str
    classifier: Predictor
    device: str
    cache: Path
    _features: np.ndarray  # (N, D) of packs_from
    _shows: np.ndarray  # (N, 6) of packs_from
    _models: dict = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, out, style: str = "", device: str = "auto") -> "Recommender":
        """From the folder of a run, e.g. "outputs/sample". ``style``: which features similarity is computed on: gram, clip, gram+clip, or
        "" for gram+clip, but gram alone where CLIP is a small one of this project (it adds little: docs/minis.md).

        Raises FileNotFoundError naming the notebook to run when an artifact is missing; ValueError if notebooks 01 and 02
        saw different packs, or the packs changed since.
        """
        if style not in STYLES:
            raise ValueError(f"STYLE = {style!r}; choices: {', '.join(STYLES[1:])}, or '' for the default")
        out = Path(out) if Path(out).is_dir() else project_root() / out
        settings, means, stored = {}, {}, {}
        for kind, notebook in (("gram", "01_gram_tsne"), ("clip", "02_clip_similarity")):
            settings[kind] = json.loads(_artifact(out, f"{kind}.json", notebook).read_text(encoding="utf8"))
            with np.load(_artifact(out, f"{kind}.npz", notebook)) as arrays:
                stored[kind], means[kind] = arrays["features"], arrays["mean"]
        _artifact(out, "kobert/classifier.json", "04_kobert_training")
        cat = load_catalogue(settings["gram"]["root"])
        for kind, notebook in (("gram", "01"), ("clip", "02")):
            if settings[kind]["digest"] != cat.digest:
                raise ValueError(f"notebook {notebook} ran on other packs than {cat.root} holds now; run 01 and 02 again (make all).")
        device = pick_device(device)
        style = style or ("gram" if settings["clip"]["model"] in ("clip-untrained", "clip-mini") else "gram+clip")
        rec = cls(cat, cat, settings, means, style, Predictor.load(out / "artifacts/kobert", device), device, out / "cache",
                  np.empty(0), np.empty(0))
        return rec._over(cat, stored)

    @property
    def about(self) -> dict[str, str]:
        """What the answers rest on, for reports."""
        models = [load_name for kind, load_name in (("gram", self.settings["gram"]["model"]), ("clip", self.settings["clip"]["model"]))
                  if kind in self.style]
        return {"style": f"{self.style} features of {' and '.join(models)}", "emotion": about_encoder(self.classifier.meta["encoder"])}

    def with_catalogue(self, cat: Catalogue) -> "Recommender":
        """The same models over other packs; centring stays that of the run's own catalogue."""
        return self._over(cat, self._raw(cat))

    def _over(self, cat: Catalogue, raw: dict) -> "Recommender":
        return replace(self, packs_from=cat, _features=self._joined(raw), _shows=self._emotions_shown(cat, raw["clip"]))

    def _model(self, kind: str):
        """Loaded when first needed: a history of the catalogue's own emoticons needs no picture model."""
        if kind not in self._models:
            name, precision = self.settings[kind]["model"], self.settings[kind]["precision"]
            load = load_resnet if kind == "gram" else load_clip
            self._models[kind] = load(name, device=self.device, precision=precision)
        return self._models[kind]

    @property
    def _options(self) -> dict:
        """How Gram features were made."""
        return {key: self.settings["gram"][key] for key in ("gray", "n_frames", "sketch")}

    def _raw(self, cat: Catalogue) -> dict:
        frames = self.settings["clip"]["n_frames"]
        resnet = self._model("gram")
        stages = gram.catalogue_grams(cat, resnet, self.cache, **self._options)
        return {"gram": gram.style_features(stages, resnet.stage_weights),
                "clip": catalogue_features(cat, self._model("clip"), self.cache, n_frames=frames)}

    def _joined(self, raw: dict) -> np.ndarray:
        return unit(np.concatenate([centred(raw[kind], self.means[kind]) for kind in self.style.split("+")], axis=1))

    def _embed(self, paths: list[str]) -> np.ndarray:
        """(H, D) unit rows of any pictures; those of the catalogue are looked up."""
        row_of = {p: i for i, p in enumerate(self.packs_from.paths)}
        new = [p for p in paths if p not in row_of]
        rows = {p: self._features[row_of[p]] for p in paths if p in row_of}
        if new:
            stages = gram.stage_grams(new, self._model("gram"), **self._options)
            clip_emb = image_features(new, self._model("clip"), n_frames=self.settings["clip"]["n_frames"])
            raw = {"gram": gram.style_features(stages, self._model("gram").stage_weights), "clip": clip_emb}
            rows |= dict(zip(new, self._joined(raw), strict=True))
        return np.stack([rows[p] for p in paths])

    def _emotions_shown(self, cat: Catalogue, clip_emb: np.ndarray) -> np.ndarray:
        """(N, 6): 1 at the pack's own label; where there is none, zero-shot by CLIP if it is a trained one, else zeros (unknown)."""
        shows = np.array([[label == e for e in EMOTIONS] for label in cat.table["emotion_ko"]], dtype=np.float32)
        unlabelled = shows.sum(1) == 0
        if unlabelled.any() and self.settings["clip"]["model"] != "clip-untrained":
            model: Clip = self._model("clip")
            shows[unlabelled] = zero_shot_emotion(clip_emb[unlabelled], model)
        return shows

    def style_features(self, cat: Catalogue) -> np.ndarray:
        """(N, D) float32 unit rows: what style similarity is computed on. Centring is fitted on rec.catalogue, so a row depends on
        its own picture only."""
        return self._features if cat.digest == self.packs_from.digest else self._joined(self._raw(cat))

    def packs(self, history, k: int = 3, *, keep_own: bool = False) -> list[PackMatch]:
        """The k packs nearest in style to the used emoticons, best first.

        history: paths of pictures (of the catalogue or any other), or {path: times used}; use counts weigh in as log(1 + n). Packs
        the user already uses emoticons of are left out unless ``keep_own``. An empty history gives k packs as different
        from each other as possible. Raises FileNotFoundError for a missing picture, ValueError for a count that is not above 0.
        """
        counts = _history(history)
        pack_ids = self.packs_from.table["pack_id"].to_numpy()
        if not counts:
            return self._varied_packs(k)
        similarity = self._embed(list(counts)) @ self._features.T  # (H, N)
        weights = np.log1p(list(counts.values()))
        scores = weighted_packs(similarity, weights / weights.sum(), pack_ids)
        own = {p for path, p in zip(self.packs_from.paths, pack_ids, strict=True) if path in counts and not keep_own}
        best = sorted(scores.keys() - own, key=lambda p: (-scores[p], p))[:k]
        return [PackMatch(p, scores[p], self._because(list(counts), similarity, pack_ids == p)) for p in best]

    def _because(self, used: list[str], similarity: np.ndarray, of_pack: np.ndarray) -> list[Because]:
        columns = np.flatnonzero(of_pack)
        best = columns[similarity[:, columns].argmax(1)]  # (H,)
        reasons = [Because(u, self.packs_from.paths[c], float(similarity[i, c])) for i, (u, c) in enumerate(zip(used, best, strict=True))]
        return sorted(reasons, key=lambda b: -b.similarity)

    def _varied_packs(self, k: int) -> list[PackMatch]:
        """Cold start: the pack nearest to the catalogue's centre, then again and again the one farthest from those taken."""
        ids = self.packs_from.packs
        pack_of = self.packs_from.table["pack_id"].to_numpy()
        means = unit(np.stack([self._features[pack_of == p].mean(0) for p in ids]))
        taken = [int((means @ unit(means.mean(0))).argmax())]
        while len(taken) < min(k, len(ids)):
            nearness = (means @ means[taken].T).max(1)
            nearness[taken] = np.inf
            taken.append(int(nearness.argmin()))
        return [PackMatch(ids[i], 0.0, []) for i in taken]

    def emotion(self, message: str) -> Emotion:
        """Emotion of a message. Raises ValueError for an empty one."""
        if not message.strip():
            raise ValueError("the message is empty; expected a few words, or ㅋㅋ or ㅠㅠ")
        row = self.classifier.probabilities([message])[0]
        by_class = dict(zip(self.classifier.classes, map(float, row), strict=True))
        by_class["분노"] += by_class.pop("혐오", 0.0)  # of a classifier of the source's round 1
        threshold = self.classifier.meta["threshold"]
        label = max(EMOTIONS, key=by_class.get)
        return Emotion(label, {e: by_class[e] for e in EMOTIONS}, threshold is not None and by_class[label] >= threshold)

    def recommend(self, history, message: str, k: int = 6, *, n_packs: int = 3) -> Recommendation:
        """At most k emoticons of packs like the user's that show the message's emotion, best first, none twice.

        If the ``n_packs`` nearest packs have too few, further packs are taken, then the next likely emotion, at last emoticons
        whose emotion is unknown; if the user's own packs are the only ones, they are taken. Notes say so.
        """
        emotion = self.emotion(message)
        ranked = self.packs(history, k=len(self.packs_from.packs))
        notes = [] if _history(history) else ["No emoticons used so far: packs as different as possible are shown."]
        if not ranked:
            ranked = self.packs(history, k=len(self.packs_from.packs), keep_own=True)
            notes.append("All packs here are used already: they are shown again.")
        if not emotion.certain:
            notes.append(f"The emotion is not certain: {emotion.label} has {emotion.probabilities[emotion.label]:.0%}.")
        emoticons: list[Suggestion] = []
        places = list(enumerate(ranked))
        for label in (*sorted(EMOTIONS, key=lambda e: -emotion.probabilities[e]), ""):
            for which, packs in (("near", places[:n_packs]), ("further", places[n_packs:])):
                taken = {s.path for s in emoticons}
                found = [s for s in self._showing(label, packs, emotion) if s.path not in taken][: k - len(emoticons)]
                if found and (which == "further" or label != emotion.label):
                    what = f"showing {label}" if label else "whose emotion is unknown"
                    notes.append(f"{len(found)} of {which} packs {what} added, as there were only {len(emoticons)}.")
                emoticons += found
            if len(emoticons) >= k:
                break
        return Recommendation(emotion, ranked[:n_packs], emoticons, notes)

    def _showing(self, label: str, packs: list[tuple[int, PackMatch]], emotion: Emotion) -> list[Suggestion]:
        """Emoticons of the packs, given with their ranks, that show the emotion ('': no emotion is known of them), those of nearer
        packs and surer emotion first."""
        table, unknown = self.packs_from.table, (self._shows < SHOWN).all(1)
        shows = self._shows[:, EMOTIONS.index(label)] if label else np.where(unknown, 1.0, 0.0)
        likely = emotion.probabilities[label] if label else 1 / len(EMOTIONS)
        found = []
        for rank, pack in packs:
            for row in np.flatnonzero((table["pack_id"] == pack.pack_id).to_numpy() & (shows >= SHOWN)):
                score = likely * float(shows[row]) * (pack.score + 1 / (1 + rank)) / 2
                sure = "labelled so by its pack" if table["emotion_ko"][row] else f"zero-shot {shows[row]:.0%}"
                what = f"shows {label} ({sure})" if label else "its emotion is unknown"
                near = f"; its pack is like {Path(pack.because[0].used).name} ({pack.because[0].similarity:.2f})" if pack.because else ""
                found.append(Suggestion(table["path"][row], pack.pack_id, label, score, what + near))
        return sorted(found, key=lambda s: -s.score)


def _history(history) -> dict[str, float]:
    """{absolute path: times used} from paths or a mapping."""
    if isinstance(history, str | os.PathLike):
        history = [history]
    pairs = list(history.items()) if hasattr(history, "items") else [(path, 1) for path in history]
    if pairs and isinstance(pairs[0][1], str | os.PathLike):  # a pandas column of paths
        pairs = [(path, 1) for _, path in pairs]
    counts: dict[str, float] = {}
    for path, times in pairs:
        full = str(Path(path).expanduser().resolve())
        if not Path(full).is_file():
            raise FileNotFoundError(f"history: no picture at {path}")
        if not (isinstance(times, Real) and math.isfinite(times) and times > 0):
            raise ValueError(f"history: {path} has been used {times} times; expected a number above 0")
        counts[full] = counts.get(full, 0) + times
    return counts
