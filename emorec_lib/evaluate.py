"""Simulated users, and what each way of recommending gives them: the source's ways, each improvement alone, and all together."""

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy.spatial.distance import cdist
from tqdm import tqdm

from . import gram
from .catalogue import Catalogue, read_frames
from .choose import places_of
from .metrics import grouped_interval, interval_text
from .neighbours import centred, cosines, csls, dealt, hubness, link_level, nearest, pack_scores, tastes, unit
from .recommend import ALSO, VARIETY, Recommender
from .run import EMOTIONS

KINDS = ("one taste", "two tastes", "other colours")
METRICS = ("hit", "recall@3", "nDCG@5", "mAP", "emotion right", "variety", "nothing shown")
K, N_PACKS = 6, 3  # emoticons shown, packs they are looked for in
SOURCE_A, SOURCE_B, OURS = "A: Gram, t-SNE, Euclid (source)", "B: CLIP, thumbnails, votes (source)", "all together: emorec"
NAMES = {"gram": "style features", "all_pictures": "all pictures of a pack", "weighted": "similarity instead of votes",
         "counts": "use counts", "centred": "centring", "csls": "hub correction", "tastes": "several tastes", "widened": "widening",
         "shared": "two emotions if unsure", "several": "several emotions an emoticon", "in_turn": "packs in turn"}


@dataclass(frozen=True)
class User:
    """Somebody who uses emoticons of ``own`` packs, each of one of ``styles``, and types a message that shows ``emotion``."""

    kind: str
    part: str  # of the catalogue: where the styles are from
    styles: tuple[str, ...]
    own: tuple[str, ...]
    history: dict[str, int]  # path: times used
    message: str
    emotion: str


def simulate(cat: Catalogue, messages: list[str], emotions: list[str], n: int, folder: Path, seed: int = 0) -> list[User]:
    """n users of each kind and part of the catalogue: one taste (three emoticons of one pack), two tastes (three of a pack each, of two
    styles), other colours (as one taste, hues turned by 120 degrees; such pictures are written to ``folder``). A style has at least two
    packs, so that there is something to find. Emotions of the messages take turns.

    Raises ValueError if the catalogue names no style with two packs.
    """
    rng = np.random.default_rng(seed)
    firsts = cat.table.assign(style=cat.styles, row=np.arange(len(cat))).drop_duplicates("pack_id")
    parts = {p: inside for p, inside in cat.parts.items() if p != "all"} or cat.parts
    by_emotion = {e: [m for m, x in zip(messages, emotions, strict=True) if x == e] for e in EMOTIONS}
    users = []
    for part, inside in parts.items():
        of_part = firsts[inside[firsts["row"]] & (firsts["style"] != "")]
        packs_of = {s: p["pack_id"].tolist() for s, p in of_part.groupby("style") if len(p) > 1}
        for kind in KINDS if len(packs_of) > 1 else KINDS[::2] if packs_of else ():
            for number in range(n):
                styles = tuple(map(str, rng.choice(sorted(packs_of), 2 if kind == "two tastes" else 1, replace=False)))
                own = tuple(str(rng.choice(packs_of[s])) for s in styles)
                used = [str(p) for pack in own for p in rng.choice(cat.of_pack(pack)["path"], 3, replace=False)]
                used = [_turned(path, folder) for path in used] if kind == "other colours" else used
                emotion = EMOTIONS[number % len(EMOTIONS)]
                counts = dict(zip(used, map(int, rng.geometric(0.3, len(used))), strict=True))
                users.append(User(kind, part, styles, own, counts, str(rng.choice(by_emotion[emotion])), emotion))
    if not users:
        raise ValueError("no style has two packs, so nobody can be simulated; styles come from the manifest's column style_family")
    return users


def _turned(path: str, folder: Path) -> str:
    """A copy with its hue turned by 120 degrees (first frame)."""
    file = folder / f"{hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]}.png"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        hue, saturation, value = read_frames(path)[0].convert("HSV").split()
        Image.merge("HSV", (hue.point(lambda h: (h + 85) % 256), saturation, value)).convert("RGB").save(file)
    return str(file.resolve())


# --- the source's ways, and their improvements one by one ------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """How packs and emoticons are found. As it stands: the source's demo (CLIP features of one thumbnail a pack, five votes a picture, one
    hard label of the message, emoticons of that label in the first packs or none). Each switch is one improvement."""

    gram: bool = False  # style features of the recommender instead of CLIP's
    all_pictures: bool = False  # three nearest pictures of a pack instead of its thumbnail
    weighted: bool = False  # mean similarity instead of votes
    counts: bool = False  # used pictures weigh in by log(1 + uses)
    centred: bool = False
    csls: bool = False
    tastes: bool = False
    widened: bool = False  # further packs, then further emotions, where the first packs lack the emotion
    shared: bool = False  # two likeliest emotions share the places where none is certain
    several: bool = False  # several emotions an emoticon (also_ko)
    in_turn: bool = False  # packs take turns (the second emoticon of a pack counts half, its third a third) instead of one after the other


ALL = Way(**{f.name: True for f in fields(Way)})


class Ladder:
    """The users asked by any way. Features of the catalogue and of the users' pictures are computed once."""

    def __init__(self, rec: Recommender, users: list[User], seed: int = 0):
        self.rec, self.users, self.seed = rec, users, seed
        self.cat = rec.packs_from
        inside = {*self.cat.paths}
        outside = list(dict.fromkeys(p for u in users for p in u.history if p not in inside))
        self.row_of = {p: i for i, p in enumerate([*self.cat.paths, *outside])}
        self.n, self.pack_ids = len(self.cat), self.cat.table["pack_id"].to_numpy()
        found = rec.features(self.cat)
        if outside:
            more = rec.features(outside)
            rec.remember(outside, more["style"])
            stages = [np.concatenate(pair) for pair in zip(found["stages"], more["stages"], strict=True)]
            found = {"stages": stages} | {name: np.concatenate([found[name], more[name]]) for name in ("gram", "clip", "style")}
        self.stages, clip_emb = found["stages"], found["clip"]
        self.rows = {(False, False): clip_emb, (False, True): centred(clip_emb, rec.means["clip"]), (True, True): found["style"],
                     (True, False): unit(found["gram"])}  # by Way.gram and Way.centred
        self.used_row = {p: i for i, p in enumerate(dict.fromkeys(p for u in users for p in u.history))}
        at = [self.row_of[p] for p in self.used_row]
        self.similar = {key: cosines(rows[at], rows[:self.n]) for key, rows in self.rows.items()}  # (used pictures, N)
        self.hubs = {key: hubness(rows[:self.n], self.pack_ids) for key, rows in self.rows.items()}
        self.linked = {key: link_level(rows[:self.n], self.pack_ids) for key, rows in self.rows.items()}
        self.rows_of = {p: np.flatnonzero(self.pack_ids == p) for p in self.cat.packs}
        self.style_of = dict(zip(self.pack_ids, self.cat.styles, strict=True))
        named = self.cat.table["emotion_ko"].to_numpy()
        also = self.cat.table.get("also_ko", pd.Series("", index=self.cat.table.index)).fillna("")
        self.names = [{a, *b.split("|")} - {""} for a, b in zip(named, also, strict=True)]  # what an emoticon shows, by its pack
        self.first = np.array([[a == e for e in EMOTIONS] for a in named])
        messages = list(dict.fromkeys(u.message for u in users))
        self.emotions = dict(zip(messages, rec.emotions(messages), strict=True))

    # --- ways --------------------------------------------------------------------------------------------------------
    def ours(self, user: User, variety: float = VARIETY) -> tuple[list[str], list[int]]:
        """What the recommender says: (packs, all of them, best first; rows of the emoticons shown)."""
        found = self.rec.recommend(user.history, self.emotions[user.message], K, n_packs=N_PACKS, owned=user.own, variety=variety)
        packs = [p.pack_id for p in self.rec.packs(user.history, len(self.cat.packs), owned=user.own)]
        return packs, [self.row_of[s.path] for s in found.emoticons]

    def by(self, way: Way):
        def ask(user: User) -> tuple[list[str], list[int]]:
            packs = self._packs(way, user)
            return packs, self._emoticons(way, user, packs)
        return ask

    def _packs(self, way: Way, user: User) -> list[str]:
        key = way.gram, way.centred
        rows = self.rows[key][[self.row_of[p] for p in user.history]]
        similarity = self.similar[key][[self.used_row[p] for p in user.history]]
        if way.csls:
            similarity = csls(similarity, self.hubs[key])
        packs = [p for p in self.rows_of if p not in user.own]
        columns = [self.rows_of[p] if way.all_pictures else self.rows_of[p][:1] for p in packs]
        weights = np.log1p(list(user.history.values())) if way.counts else np.ones(len(rows))
        groups = tastes(rows, self.linked[key]) if way.tastes else [np.arange(len(rows))]
        score = _mean if way.weighted else _votes
        rankings = [np.argsort(-score(similarity[g], weights[g] / weights[g].sum(), columns), kind="stable").tolist() for g in groups]
        return [packs[i] for i, _ in dealt(rankings, [weights[g].sum() for g in groups])]

    def _emoticons(self, way: Way, user: User, packs: list[str]) -> list[int]:
        emotion = self.emotions[user.message]
        places = places_of(emotion, K) if way.shared else {emotion.label: K}
        turns = [*places.items(), *[(e, K) for e in sorted(EMOTIONS, key=lambda e: -emotion.probabilities[e]) if way.widened]]
        shown: list[int] = []
        for label, most in turns:
            if len(shown) >= K:
                break
            for within in (packs[:N_PACKS], packs[N_PACKS:] if way.widened else []):
                fits = [(rank, place, i) for rank, p in enumerate(within) for place, i in enumerate(self._showing[way.several, label, p])]
                if way.in_turn:
                    fits.sort(key=lambda f: -(1 + 1 / (1 + f[0])) / (1 + f[1]) * (1 if self.first[f[2], EMOTIONS.index(label)] else ALSO))
                fits = [i for *_, i in fits if i not in shown][:min(most, K - len(shown))]
                most -= len(fits)
                shown += fits
        return shown

    @cached_property
    def _showing(self) -> dict[tuple[bool, str, str], list[int]]:
        """{(Way.several, emotion, pack): rows that show it, those of which it is the first label first}."""
        found = {}
        for pack, rows in self.rows_of.items():
            for column, label in enumerate(EMOTIONS):
                first = [i for i in rows if self.first[i, column]]
                found[False, label, pack] = first
                found[True, label, pack] = first + [i for i in rows if label in self.names[i] and not self.first[i, column]]
        return found

    def by_map(self, user: User) -> tuple[list[str], list[int]]:
        """The source's first way: nearest by Euclid on a t-SNE map of Gram features; emoticons of the label in the three nearest packs."""
        at = self._map[[self.row_of[p] for p in user.history]]
        distance = cdist(at, self._map[:self.n]).min(0)
        packs = sorted((p for p in self.rows_of if p not in user.own), key=lambda p: distance[self.rows_of[p]].min())
        return packs, self._emoticons(Way(), user, packs)

    @cached_property
    def _map(self) -> np.ndarray:
        """(M, 2): t-SNE has no place for a new picture, so the users' own ones are drawn in with the catalogue."""
        return gram.tsne(gram.source_features(self.stages), perplexity=min(30, self.n - 1), n_iter=1000, seed=self.seed)

    def by_chance(self, user: User) -> tuple[list[str], list[int]]:
        rng = np.random.default_rng([self.seed, self.users.index(user)])
        packs = [str(p) for p in rng.permutation([p for p in self.rows_of if p not in user.own])]
        return packs, self._emoticons(Way(), user, packs)

    def without_history(self, user: User) -> tuple[list[str], list[int]]:
        """The same to everybody: the catalogue's medoids."""
        packs = [p.pack_id for p in self.rec.packs([], len(self.rows_of), owned=user.own)]
        return packs, self._emoticons(Way(), user, packs)

    # --- what they are worth -----------------------------------------------------------------------------------------
    def judge(self, user: User, packs: list[str], shown: list[int]) -> dict[str, float]:
        """hit: share of the user's styles of which an emoticon with the message's emotion is shown. recall@3: share of the first three
        packs (or of as many as there are) that have such a style. nDCG@5, mAP: of the packs' ranking. emotion right: share of the
        shown ones with the emotion, None where none is. variety: 1 - mean cosine (CLIP) between the shown ones, None below two."""
        styles = [self.style_of[self.pack_ids[i]] for i in shown]
        right = [user.emotion in self.names[i] for i in shown]
        good = np.array([self.style_of[p] in user.styles for p in packs])
        at = np.flatnonzero(good)
        gain = 1 / np.log2(np.arange(2, 7))
        rows = self.rows[False, False][shown]
        pairs = (rows @ rows.T)[np.triu_indices(len(shown), 1)]
        return {"hit": np.mean([any(s == style and r for s, r in zip(styles, right, strict=True)) for style in user.styles]),
                "recall@3": good[:3].sum() / min(3, len(at)), "nDCG@5": gain[at[at < 5]].sum() / gain[:len(at)].sum(),
                "mAP": ((np.arange(len(at)) + 1) / (at + 1)).mean(), "emotion right": np.mean(right) if shown else np.nan,
                "variety": 1 - pairs.mean() if len(pairs) else np.nan, "nothing shown": float(not shown)}

    def run(self, ways: dict) -> dict[str, pd.DataFrame]:
        """{name: one row a user}; a further column packs_shown lists the packs of the emoticons."""
        found = {}
        for name, ask in ways.items():
            answers = [ask(user) for user in tqdm(self.users, desc=name, mininterval=2)]
            rows = pd.DataFrame([self.judge(u, *a) for u, a in zip(self.users, answers, strict=True)])
            found[name] = rows.assign(packs_shown=[sorted({self.pack_ids[i] for i in shown}) for _, shown in answers],
                                      kind=[u.kind for u in self.users], part=[u.part for u in self.users],
                                      own=["+".join(u.own) for u in self.users])
        return found


def _mean(similarity: np.ndarray, weights: np.ndarray, columns: list[np.ndarray]) -> np.ndarray:
    return pack_scores(similarity, weights, columns)


def _votes(similarity: np.ndarray, weights: np.ndarray, columns: list[np.ndarray], votes: int = 5) -> np.ndarray:
    """Each used picture votes for its five most similar packs; ties by mean similarity (a vote counts far more)."""
    of_pack = np.stack([np.sort(similarity[:, c], axis=1)[:, -3:].mean(1) for c in columns], axis=1)  # (H, P)
    voted = np.zeros(of_pack.shape)
    np.put_along_axis(voted, nearest(of_pack, votes), 1.0, axis=1)
    return weights @ voted + 1e-6 * of_pack.mean(0)


def ladder_ways(ladder: Ladder) -> dict:
    """Every way of the table, in its order."""
    alone = {f"B + {NAMES[f.name]}": ladder.by(replace(Way(), **{f.name: True})) for f in fields(Way)}
    without = {f"all but {NAMES[f.name]}": ladder.by(replace(ALL, **{f.name: False})) for f in fields(Way)}
    return {"random": ladder.by_chance, "medoids of the catalogue": ladder.without_history, SOURCE_A: ladder.by_map,
            SOURCE_B: ladder.by(Way()), **alone, **without, OURS: ladder.ours}


def variety_ways(ladder: Ladder, varieties: tuple[float, ...]) -> dict:
    """The recommender with its parameter ``variety`` at several values."""
    return {f"variety {v}": partial(ladder.ours, variety=v) for v in varieties}


def hit(frame: pd.DataFrame, seed: int = 0) -> tuple[float, float, float]:
    """Mean hit with its 95 % interval, packs of the users resampled."""
    low, high = grouped_interval(frame[["hit"]].to_numpy(), frame["own"].to_numpy(), seed)
    return float(frame["hit"].mean()), float(low[0]), float(high[0])


def table(found: dict[str, pd.DataFrame], seed: int = 0) -> pd.DataFrame:
    """For people: hit with its 95 % interval (packs of the users resampled), means of the rest, share of the packs ever shown."""
    rows = {}
    for name, frame in found.items():
        rows[name] = {"hit": interval_text(*hit(frame, seed))}
        rows[name] |= {m: f"{frame[m].mean():.3f}" for m in METRICS[1:-1]} | {"nothing shown": int(frame["nothing shown"].sum())}
        rows[name]["packs ever shown"] = len({p for packs in frame["packs_shown"] for p in packs})
    return pd.DataFrame(rows).T.rename_axis("way")


def gain(found: dict[str, pd.DataFrame], over: str, seed: int = 0) -> tuple[float, float, float]:
    """Hits of OURS above those of another way, the same users, with a 95 % interval."""
    more = (found[OURS]["hit"] - found[over]["hit"]).to_numpy()[:, None]
    low, high = grouped_interval(more, found[over]["own"].to_numpy(), seed)
    return float(more.mean()), float(low[0]), float(high[0])


def stability(rec: Recommender, users: list[User], seed: int = 0) -> dict[str, float]:
    """Share of the first three packs that stay when one used picture is taken out of the history, and when one pack comes into the
    catalogue (which may itself come in)."""
    rng, kept = np.random.default_rng(seed), {"one picture fewer": [], "one pack more": []}
    for user in users:
        before = {p.pack_id for p in rec.packs(user.history, owned=user.own)}
        gone = str(rng.choice(list(user.history)))
        fewer = {p: n for p, n in user.history.items() if p != gone}
        kept["one picture fewer"].append(len(before & {p.pack_id for p in rec.packs(fewer, owned=user.own)}) / len(before))
        new = str(rng.choice([p for p in rec.packs_from.packs if p not in user.own]))
        earlier = {p.pack_id for p in rec.packs(user.history, owned=(*user.own, new))}
        kept["one pack more"].append(len(before & earlier) / len(earlier - {new} if new not in before else before - {new}))
    return {name: float(np.mean(values)) for name, values in kept.items()}
