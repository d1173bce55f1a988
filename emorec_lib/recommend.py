"""Taste + emotion -> emoticons, with reasons."""

import json
import math
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from . import gram
from .answer import Because, Emotion, PackMatch, Recommendation, Suggestion
from .catalogue import Catalogue, load_catalogue
from .choose import SHOWN, choose, places_of
from .clip import Clip, catalogue_features, image_features, load_clip, zero_shot_emotion
from .kobert import Predictor
from .neighbours import centred, cosines, csls, dealt, hubness, link_level, pack_scores, tastes, unit, varied
from .resnet import load_resnet
from .run import EMOTIONS, pick_device, project_root

STYLES = ("", "gram", "clip", "gram+clip")
VARIETY = 0.3  # costs no hit on the sample or on open packs and makes an answer more varied (notebook 06)
ALSO = 0.7  # what counts for an emotion that a manifest's also_ko names


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
    _alike: np.ndarray  # (N, D') of packs_from: what near-duplicates are told by
    _shows: np.ndarray  # (N, 6) of packs_from
    _hubness: np.ndarray  # (N,) of packs_from
    _linked: float = -1.0  # the cosine that tells one taste from two
    _models: dict = field(default_factory=dict, repr=False)
    _seen: dict = field(default_factory=dict, repr=False)  # pictures from outside, embedded once

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
                  *[np.empty(0)] * 4)
        return rec._over(cat, stored)

    @property
    def about(self) -> dict[str, str]:
        """What the answers rest on, for reports."""
        models = [load_name for kind, load_name in (("gram", self.settings["gram"]["model"]), ("clip", self.settings["clip"]["model"]))
                  if kind in self.style]
        return {"style": f"{self.style} features of {' and '.join(models)}", "emotion": self.classifier.about}

    def with_catalogue(self, cat: Catalogue) -> "Recommender":
        """The same models over other packs; centring stays that of the run's own catalogue."""
        return self._over(cat, self.features(cat))

    def _over(self, cat: Catalogue, raw: dict) -> "Recommender":
        features, pack_ids = self._joined(raw), cat.table["pack_id"].to_numpy()
        alike = np.concatenate([centred(raw[kind], self.means[kind]) for kind in self.means], axis=1) / np.sqrt(len(self.means))
        return replace(self, packs_from=cat, _features=features, _alike=alike, _shows=self._emotions_shown(cat, raw["clip"]),
                       _hubness=hubness(features, pack_ids), _linked=link_level(features, pack_ids), _seen={})

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

    def features(self, pictures) -> dict:
        """Of a Catalogue (cached) or any paths, by the run's models: "stages" (Gram features of each stage, list of (N, D)), "gram" and
        "clip" as notebooks 01 and 02 make them, and "style", unit rows that similarity is computed on: (N, D) each."""
        resnet, frames = self._model("gram"), self.settings["clip"]["n_frames"]
        if isinstance(pictures, Catalogue):
            stages = gram.catalogue_grams(pictures, resnet, self.cache, **self._options)
            clip_emb = catalogue_features(pictures, self._model("clip"), self.cache, n_frames=frames)
        else:
            stages = gram.stage_grams(pictures, resnet, **self._options)
            clip_emb = image_features(pictures, self._model("clip"), n_frames=frames)
        raw = {"gram": gram.style_features(stages, resnet.stage_weights), "clip": clip_emb}
        return raw | {"stages": stages, "style": self._joined(raw)}

    def _joined(self, raw: dict) -> np.ndarray:
        return unit(np.concatenate([centred(raw[kind], self.means[kind]) for kind in self.style.split("+")], axis=1))

    def embed(self, paths: list[str]) -> np.ndarray:
        """(H, D) unit rows that style similarity is computed on; pictures of the catalogue are looked up, others embedded once."""
        row_of, key = self._row_of, {p: _version(p) for p in paths if p not in self._row_of}
        if new := [p for p in key if key[p] not in self._seen]:
            self.remember(new, self.features(new)["style"])
        return np.stack([self._features[row_of[p]] if p in row_of else self._seen[key[p]] for p in paths])

    def remember(self, paths: list[str], rows: np.ndarray) -> None:
        """Spare embed these pictures: rows are what features(paths)["style"] gave, (H, D)."""
        self._seen.update({_version(p): row for p, row in zip(paths, rows, strict=True)})

    @cached_property
    def _paths(self) -> list[str]:
        return self.packs_from.paths

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {p: i for i, p in enumerate(self._paths)}

    @cached_property
    def _pack_number(self) -> np.ndarray:
        return pd.factorize(self.packs_from.table["pack_id"])[0]

    @cached_property
    def _rows_of(self) -> dict[str, np.ndarray]:
        """Rows of each pack, in order of first appearance."""
        return {pack: np.asarray(rows) for pack, rows in self.packs_from.table.groupby("pack_id", sort=False).indices.items()}

    def _emotions_shown(self, cat: Catalogue, clip_emb: np.ndarray) -> np.ndarray:
        """(N, 6): 1 at the pack's own label, ALSO at what its column also_ko names ("당황|불안"); where there is no label, zero-shot by
        CLIP if it is a trained one, else zeros (unknown)."""
        shows = np.array([[label == e for e in EMOTIONS] for label in cat.table["emotion_ko"]], dtype=np.float32)
        for row, more in enumerate(cat.table.get("also_ko", ())):
            for emotion in set(str(more).split("|")) & {*EMOTIONS}:
                shows[row, EMOTIONS.index(emotion)] = max(ALSO, shows[row, EMOTIONS.index(emotion)])
        unlabelled = shows.sum(1) == 0
        if unlabelled.any() and self.settings["clip"]["model"] != "clip-untrained":
            model: Clip = self._model("clip")
            shows[unlabelled] = zero_shot_emotion(clip_emb[unlabelled], model)
        return shows

    def style_features(self, cat: Catalogue) -> np.ndarray:
        """(N, D) float32 unit rows: what style similarity is computed on. Centring is fitted on rec.catalogue, so a row depends on
        its own picture only."""
        return self._features if cat.digest == self.packs_from.digest else self.features(cat)["style"]

    def coverage(self) -> pd.DataFrame:
        """How many emoticons of each pack show each emotion; column "unknown": those that show none surely."""
        shown = pd.DataFrame(self._shows >= SHOWN, columns=EMOTIONS)
        shown["unknown"] = ~shown.any(axis=1)
        return shown.groupby(self.packs_from.table["pack_id"].to_numpy(), sort=False).sum().rename_axis("pack")

    def packs(self, history, k: int = 3, *, keep_own: bool = False, owned=()) -> list[PackMatch]:
        """The k packs nearest in style to the used emoticons, best first.

        history: paths of pictures (of the catalogue or any other), or {path: times used}; use counts weigh in as log(1 + n). Pictures of
        different tastes rank packs apart, and the tastes share the places. Packs the user already uses emoticons of are left
        out unless ``keep_own``, and those whose ids are in ``owned``. An empty history gives k packs as different from each other as
        possible. Raises FileNotFoundError for a missing picture, ValueError for a count that is not above 0.
        """
        return [self._match(r) for r in self._ranked(_history(history), keep_own, owned)[:k]]

    def _ranked(self, counts: dict[str, float], keep_own: bool, owned) -> "list[_Ranked]":
        """All packs that may be shown, best first; the reasons, which take time, are looked for later."""
        names, left_out = list(self._rows_of), set(owned)
        if not counts:
            return [_Ranked(names[i], 0.0, [], np.empty(0)) for i in self._varied_packs if names[i] not in left_out]
        used, weights, rows = list(counts), np.log1p(list(counts.values())), self.embed(list(counts))
        if not keep_own:
            left_out |= {self.packs_from.table["pack_id"].iat[self._row_of[path]] for path in used if path in self._row_of}
        similarity = cosines(rows, self._features)  # (H, N)
        beyond_usual = csls(similarity, self._hubness)
        groups = tastes(rows, self._linked)
        scores = [pack_scores(beyond_usual[g], weights[g] / weights[g].sum(), list(self._rows_of.values())) for g in groups]  # (P,) each
        rankings = [[i for i in np.argsort(-score, kind="stable") if names[i] not in left_out] for score in scores]
        order = dealt(rankings, [weights[g].sum() for g in groups])
        return [_Ranked(names[i], (1 + float(scores[t][i])) / 2, [used[h] for h in groups[t]], similarity[groups[t]]) for i, t in order]

    def _match(self, ranked: "_Ranked") -> PackMatch:
        """With reasons: each used picture of the taste that brought the pack, and the pack's nearest to it."""
        columns = self._rows_of[ranked.pack_id]
        reasons = []
        for path, similarity in zip(ranked.used, ranked.similarity, strict=True):
            nearest = columns[similarity[columns].argmax()]
            reasons.append(Because(path, self._paths[nearest], float(similarity[nearest])))
        return PackMatch(ranked.pack_id, ranked.score, sorted(reasons, key=lambda b: -b.similarity))

    @cached_property
    def _varied_packs(self) -> list[int]:
        """Cold start: the pack nearest to the catalogue's centre, then again and again the one farthest from those taken."""
        means = unit(np.stack([self._features[rows].mean(0) for rows in self._rows_of.values()]))
        central = np.zeros(len(means))
        central[(means @ unit(means.mean(0))).argmax()] = 9.0  # first of all
        return varied(central, means, len(means), variety=1.0, floor=-1.0)

    def emotion(self, message: str) -> Emotion:
        """Emotion of a message. Raises ValueError for an empty one."""
        return self.emotions([message])[0]

    def emotions(self, messages: list[str]) -> list[Emotion]:
        """Of many messages, in batches. Raises ValueError for an empty one."""
        if not all(message.strip() for message in messages):
            raise ValueError("the message is empty; expected a few words, or ㅋㅋ or ㅠㅠ")
        found, threshold = [], self.classifier.meta["threshold"]
        for row in self.classifier.probabilities(messages):
            by_class = dict(zip(self.classifier.classes, map(float, row), strict=True))
            by_class["분노"] += by_class.pop("혐오", 0.0)  # of a classifier of the source's round 1
            label = max(EMOTIONS, key=by_class.get)
            certain = threshold is not None and by_class[label] >= threshold
            found.append(Emotion(label, {e: by_class[e] for e in EMOTIONS}, certain))
        return found

    def recommend(self, history, message: str | Emotion, k: int = 6, *, n_packs: int = 3, owned=(),
                  variety: float = VARIETY) -> Recommendation:
        """At most k emoticons of packs like the user's that show the message's emotion, best first, none twice, no two nearly the same.
        In the message's place its Emotion may be given, which is then not asked for again (or is another one than the classifier's).

        Where the emotion is not certain, the two likeliest share the places. If the ``n_packs`` nearest packs have too few, further packs
        are taken, then the next likely emotion, at last emoticons whose emotion is unknown; if the user's own packs are the only ones,
        they are taken. Notes say so. ``owned``: ids of packs never to show. ``variety``, 0 to 1: how much it counts against an
        emoticon that it is like one taken before. Raises as packs and emotion do, and ValueError if every pack is owned.
        """
        emotion, counts = message if isinstance(message, Emotion) else self.emotion(message), _history(history)
        notes = [] if counts else ["No emoticons used so far: packs as different as possible are shown."]
        ranked = self._ranked(counts, False, owned)
        if not ranked:
            ranked = self._ranked(counts, True, owned)
            notes.append("All packs here are used already: they are shown again.")
        if not ranked:
            raise ValueError(f"all {len(self.packs_from.packs)} packs are among owned; expected at least one that is not")
        if not emotion.certain:
            likeliest = ", ".join(f"{e} has {emotion.probabilities[e]:.0%}" for e in places_of(emotion, k))
            notes.append(f"The emotion is not certain: {likeliest}.")
        worth, near = np.zeros(len(self._shows)), np.zeros(len(self._shows), dtype=bool)
        for rank, r in enumerate(ranked):
            rows = self._rows_of[r.pack_id]
            worth[rows], near[rows] = (1 + 1 / (1 + rank)) / 2, rank < n_packs
        chosen, widened = choose(emotion, k, self._shows, worth, near, self._pack_number, self._alike, variety)
        of_pack = {r.pack_id: r for r in ranked}
        emoticons = [self._suggestion(row, label, score, of_pack) for row, label, score in chosen]
        return Recommendation(emotion, [self._match(r) for r in ranked[:n_packs]], emoticons, notes + widened)

    def _suggestion(self, row: int, label: str, score: float, of_pack: dict) -> Suggestion:
        entry = self.packs_from.table.iloc[row]
        shown = self._shows[row, EMOTIONS.index(label)] if label else 0
        sure = "labelled so by its pack" if entry["emotion_ko"] == label else \
            "also, by its pack" if entry["emotion_ko"] else f"zero-shot {shown:.0%}"
        what = f"shows {label} ({sure})" if label else "its emotion is unknown"
        because = self._match(of_pack[entry["pack_id"]]).because[:1]
        near = "".join(f"; its pack is like {Path(b.used).name} ({b.similarity:.2f})" for b in because)
        return Suggestion(entry["path"], entry["pack_id"], label, score, what + near)


class _Ranked(NamedTuple):
    """A pack, its score, the used pictures of the taste that brought it (H) and their similarity to all emoticons (H, N)."""

    pack_id: str
    score: float
    used: list[str]
    similarity: np.ndarray


def _version(path: str) -> tuple:
    """A picture's file as it is now."""
    found = os.stat(path)
    return path, found.st_mtime_ns, found.st_size


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
