"""Figures in one style: colours that colour-blind readers can tell apart, a Hangul font chosen once."""

import base64
import hashlib
import html
import io
from functools import lru_cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from PIL import Image

from .catalogue import read_frames

# Okabe & Ito 2008, safe for the common kinds of colour blindness.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#555555")
GOOD, BAD, UNKNOWN = COLOURS[0], COLOURS[5], "#999999"


def hangul_font() -> Path:
    """NanumGothic from the koreanize-matplotlib package. Raises FileNotFoundError if it is not there."""
    import importlib.util

    spec = importlib.util.find_spec("koreanize_matplotlib")
    fonts = sorted(Path(spec.origin).parent.rglob("NanumGothic.ttf")) if spec else []
    if not fonts:
        raise FileNotFoundError("no Hangul font: the package koreanize-matplotlib, which carries NanumGothic.ttf, is not installed. "
                                "Run make env.")
    return fonts[0]


def use_style() -> None:
    """Set matplotlib's defaults for every figure of the project."""
    file = hangul_font()
    for font in file.parent.glob("NanumGothic*.ttf"):
        font_manager.fontManager.addfont(str(font))
    family = font_manager.FontProperties(fname=str(file)).get_name()
    plt.rcParams.update({
        "font.family": [family, "DejaVu Sans"], "axes.unicode_minus": False, "figure.dpi": 110, "savefig.dpi": 110,
        "savefig.bbox": "tight", "figure.constrained_layout.use": True, "figure.facecolor": "white", "axes.spines.top": False,
        "axes.spines.right": False, "axes.titleweight": "bold", "axes.titlesize": 11,
        "axes.prop_cycle": plt.cycler(color=COLOURS)})


def _subplots(*shape, **options):
    """plt.subplots, but a notebook does not show the figure a second time at the end of the cell."""
    figure, axes = plt.subplots(*shape, **options)
    plt.close(figure)
    return figure, axes


@lru_cache(maxsize=4096)
def thumbnail(path, size: int) -> np.ndarray:
    """First frame on white, fitted into (size, size, 3) uint8."""
    picture = read_frames(path)[0]
    picture.thumbnail((size, size), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (size, size), "white")
    square.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    return np.asarray(square)


def drawable(text: str) -> str:
    """The text without characters that the font lacks (emoji), which would be drawn as empty boxes."""
    font = font_manager.get_font(str(hangul_font()))
    return "".join(c for c in text if c == " " or font.get_char_index(ord(c)))


def _show(ax, path, size: int = 110, frame: str | None = None, text: str = "") -> None:
    """One picture in an axes, an optional coloured frame and a caption below."""
    ax.imshow(thumbnail(path, size))
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set(visible=frame is not None, color=frame, linewidth=2.5)
    if text:
        ax.set_xlabel(text, fontsize=8)


def pictures(paths: list, captions: list[str] | None = None, per_row: int = 8, title: str = ""):
    """A contact sheet."""
    n_rows = -(-len(paths) // per_row)
    figure, axes = _subplots(n_rows, per_row, figsize=(per_row * 1.25, n_rows * 1.5 + 0.3), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for i, (ax, path) in enumerate(zip(axes.flat, paths, strict=False)):
        ax.axis("on")
        _show(ax, path, text=captions[i] if captions else "")
    figure.suptitle(title)
    return figure


def thumbnail_map(points: list[np.ndarray], paths: list, titles: list[str], width: int = 1100):
    """Every emoticon as a thumbnail at its place, the smaller the more there are: one panel for each (N, 2) array in ``points``."""
    size = int(np.clip(630 / len(paths)**0.45, 22, 60))  # 44 pixels for 370 emoticons, 27 for 1,100
    figure, axes = _subplots(1, len(points), figsize=(8 * len(points), 7.6), squeeze=False)
    tiles = [Image.fromarray(thumbnail(p, size)) for p in paths]
    for ax, xy, title in zip(axes.flat, points, titles, strict=True):
        ax.imshow(np.asarray(_laid_out(xy, tiles, width)[0]), interpolation="lanczos")
        ax.set(xticks=[], yticks=[], title=title)
        for spine in ax.spines.values():
            spine.set(visible=True, color="#bbbbbb")
    return figure


def _laid_out(xy: np.ndarray, tiles: list[Image.Image], width: int) -> tuple[Image.Image, np.ndarray]:
    """Square tiles at their places on white, and their upper left corners (N, 2) in pixels."""
    size, span = tiles[0].width, xy.max(0) - xy.min(0)
    place = ((xy - xy.min(0)) / np.where(span > 0, span, 1) * (width - size)).astype(int)
    place[:, 1] = width - size - place[:, 1]
    canvas = Image.new("RGB", (width, width), "white")
    for tile, (x, y) in zip(tiles, place.tolist(), strict=True):
        mask = Image.fromarray((np.asarray(tile).min(2) < 250).astype(np.uint8) * 255)  # white stays see-through
        canvas.paste(tile, (x, y), mask)
    return canvas, place


class ZoomMap:
    """A map of all emoticons to look into: enlarged by a click or by the arrow keys, moved by scrolling, each emoticon's name under the
    pointer. HTML and CSS alone, so that it works in Jupyter, in Colab and in a report.

    xy: (N, 2). names: N texts. label: what the map shows, for readers who cannot see it.
    """

    SIZES = (1, 2, 4, 8)

    def __init__(self, xy: np.ndarray, paths: list, names: list[str], label: str, width: int = 2400):
        size = int(np.clip(1400 / len(paths)**0.45, 48, 130))
        canvas, self.place = _laid_out(xy, [Image.fromarray(thumbnail(p, size)) for p in paths], width)
        self.names, self.label, self.width, self.size = names, label, width, size
        packed = io.BytesIO()
        canvas.save(packed, "WEBP", quality=80, method=4)
        self.picture = base64.b64encode(packed.getvalue()).decode()

    def _repr_html_(self) -> str:
        own = f"zoom-{hashlib.sha256(self.picture.encode()).hexdigest()[:8]}"
        buttons = "".join(f"<input type=radio name={own} id={own}-{n} {'checked' if n == 1 else ''}><label for={own}-{n}>{n}×</label> "
                          for n in self.SIZES)
        rules = "".join(f"#{own}-{n}:checked~div svg{{width:{n}00%}}" for n in self.SIZES)
        spots = "".join(f"<rect x={x} y={y} width={self.size} height={self.size}><title>{html.escape(name)}</title></rect>"
                        for (x, y), name in zip(self.place.tolist(), self.names, strict=True))
        return (f"<div id={own} role=group aria-label='{html.escape(self.label, quote=True)}'><style>{rules}#{own} div{{overflow:auto;"
                f"max-height:85vh;border:1px solid #bbb;background:#fff}}#{own} rect{{fill:transparent}}</style>{buttons}"
                f"<div tabindex=0><svg viewBox='0 0 {self.width} {self.width}' style='display:block;max-width:none' role=img aria-label="
                f"'{html.escape(self.label, quote=True)}'><image width={self.width} height={self.width} "
                f"href='data:image/webp;base64,{self.picture}'/>{spots}</svg></div></div>")


def neighbour_rows(query: str, rows: dict[str, list], styles: dict[str, str], title: str = ""):
    """A query and, for each method, its nearest emoticons; frames say whether the style is the query's (also in the caption)."""
    k = max(map(len, rows.values()))
    figure, axes = _subplots(len(rows), k + 1, figsize=((k + 1) * 1.25 + 2.2, len(rows) * 1.55), squeeze=False)
    for line, (method, found) in zip(axes, rows.items(), strict=True):
        _show(line[0], query, text="query")
        line[0].set_ylabel(method, rotation=0, ha="right", va="center", fontsize=9)
        for ax, path in zip(line[1:], found, strict=False):
            unknown, same = "" in (styles[path], styles[query]), styles[path] == styles[query]
            _show(ax, path, frame=UNKNOWN if unknown else GOOD if same else BAD,
                  text="style unknown" if unknown else "same style" if same else styles[path])
        for ax in line[1 + len(found):]:
            ax.axis("off")
    figure.suptitle(title)
    return figure


def similarity_map(similarity: np.ndarray, row_paths: list, col_paths: list, title: str = ""):
    """Heat map of cosines (rows x columns) with thumbnails on both axes and every value written in its cell."""
    n_rows, n_cols = similarity.shape
    figure, ax = _subplots(figsize=(n_cols * 0.62 + 1.2, n_rows * 0.62 + 1.4), layout="none")
    image = ax.imshow(similarity, cmap="cividis", vmin=similarity.min(), vmax=similarity.max(), aspect="equal")
    middle = (similarity.min() + similarity.max()) / 2
    for i, j in np.ndindex(n_rows, n_cols):
        colour = "white" if similarity[i, j] < middle else "black"
        ax.text(j, i, f"{similarity[i, j]:.2f}", ha="center", va="center", fontsize=7, color=colour)
    ax.set(xticks=[], yticks=[], xlim=(-1.7, n_cols - 0.5), ylim=(n_rows - 0.5, -1.7))
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i, path in enumerate(row_paths):
        ax.imshow(thumbnail(path, 80), extent=(-1.55, -0.6, i + 0.475, i - 0.475), aspect="equal", zorder=3)
    for j, path in enumerate(col_paths):
        ax.imshow(thumbnail(path, 80), extent=(j - 0.475, j + 0.475, -0.6, -1.55), aspect="equal", zorder=3)
    ax.set(xlim=(-1.7, n_cols - 0.5), ylim=(n_rows - 0.5, -1.7), title=title)
    figure.colorbar(image, ax=ax, label="cosine similarity", shrink=0.7, fraction=0.03, pad=0.02)
    return figure


def interval_dots(results: dict[str, dict], metrics: tuple[str, ...], title: str = "", xlabel: str = "share, 0 to 1"):
    """Mean and 95 % interval of each method (rows) for each metric (panels); results[method][metric] = (mean, low, high)."""
    names = list(results)
    figure, axes = _subplots(1, len(metrics), figsize=(3.2 * len(metrics) + 2.4, 0.42 * len(names) + 1.3), sharey=True, squeeze=False)
    for ax, metric in zip(axes.flat, metrics, strict=True):
        mean, low, high = np.array([results[n][metric] for n in names], dtype=float).T
        at = np.arange(len(names))
        ax.errorbar(mean, at, xerr=[np.maximum(mean - low, 0), np.maximum(high - mean, 0)], fmt="o", capsize=3)
        for x, y, edge in zip(mean, at, high, strict=True):
            ax.annotate(f"{x:.2f}", (max(edge, x), y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set(xlim=(0, 1.12), ylim=(len(names) - 0.5, -0.5), yticks=at, yticklabels=names, title=metric, xlabel=xlabel)
        ax.grid(axis="x", alpha=0.3)
    figure.suptitle(title)
    return figure


def grouped_bars(counts, ylabel: str, title: str = ""):
    """One group of bars a row of the table ``counts``, one colour a column."""
    figure, ax = _subplots(figsize=(max(1.1, 0.38 * counts.shape[1]) * len(counts) + 2.5, 3.2))  # room for four digits above a bar
    counts.plot.bar(ax=ax, rot=0, width=0.8, edgecolor="white")
    for bars in ax.containers:
        ax.bar_label(bars, fontsize=7, padding=1)
    ax.set(ylabel=ylabel, xlabel="", title=title)
    ax.legend(title=counts.columns.name, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def training_curves(history: list[dict], title: str = ""):
    """Loss and validation scores by epoch; the chosen epoch is marked."""
    epochs = [h["epoch"] for h in history]
    best = next(h["epoch"] for h in history if h["best"])
    figure, (left, right) = _subplots(1, 2, figsize=(9, 3.2))
    left.plot(epochs, [h["train_loss"] for h in history], "o-", label="training")
    left.plot(epochs, [h["validation_loss"] for h in history], "s--", label="validation")
    left.set(xlabel="epoch", ylabel="cross-entropy, nats", title="Loss")
    right.plot(epochs, [h["validation_accuracy"] for h in history], "o-", label="accuracy")
    right.plot(epochs, [h["validation_macro_f1"] for h in history], "s--", label="macro-F1")
    right.set(xlabel="epoch", ylabel="share, 0 to 1", ylim=(0, 1), title="Validation")
    for ax in (left, right):
        ax.axvline(best, color="#888888", linestyle=":", label=f"chosen: epoch {best}")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(fontsize=8)
    figure.suptitle(title)
    return figure


def gains(curve, title: str = ""):
    """audit.learning_curve: accuracy by number of rows, without and with what was added, and the gain with its 95 % interval."""
    figure, (left, right) = _subplots(1, 2, figsize=(9.5, 3.4))
    first = curve.drop_duplicates("rows")
    left.plot(first["rows"], first["without"], "o-", label="without")
    for (name, part), marker in zip(curve.groupby("with", sort=False), "s^Dv", strict=False):
        left.plot(part["rows"], part["accuracy"], f"{marker}--", label=name)
        bars = [part["gain"] - part["low"], part["high"] - part["gain"]]
        right.errorbar(part["rows"], part["gain"], yerr=bars, fmt=f"{marker}--", capsize=3, color=left.lines[-1].get_color())
    right.axhline(0, color="#888888", linewidth=1)
    left.set(ylabel="accuracy on the test part", title="Accuracy")
    right.set(ylabel="gain in accuracy", title="Gain, 95 % interval")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="messages labelled by people")
        ax.set_xticks(first["rows"], [f"{n:,}" for n in first["rows"]])
        ax.minorticks_off()
        ax.grid(axis="y", alpha=0.3)
    left.legend(fontsize=8)
    figure.suptitle(title)
    return figure


def confusion(matrix: np.ndarray, classes, title: str = "", axes: tuple[str, str] = ("truth", "answer")):
    """Confusion matrix: rows the truth, columns the answer; colour by share of the row, numbers are rows of the test part."""
    share = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    figure, ax = _subplots(figsize=(0.75 * len(classes) + 1.8, 0.7 * len(classes) + 1.2))
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(matrix.shape):
        ax.text(j, i, matrix[i, j], ha="center", va="center", color="white" if share[i, j] > 0.55 else "black", fontsize=9)
    ticks = range(len(classes))
    ax.set(xticks=ticks, yticks=ticks, xticklabels=classes, yticklabels=classes, xlabel=axes[1], ylabel=axes[0], title=title)
    figure.colorbar(image, ax=ax, label=f"share of the row ({axes[0]})", shrink=0.8)
    return figure


def recommendations(rows: list[tuple], n_used: int = 4, n_shown: int = 6):
    """For each (used paths, message, Recommendation): the used emoticons, the message with its emotion, the suggestions."""
    figure, axes = _subplots(len(rows), n_used + n_shown, figsize=((n_used + n_shown) * 1.15, 1.85 * len(rows)), layout="none")
    figure.subplots_adjust(hspace=0.5, wspace=0.08, left=0.01, right=0.99, top=0.9, bottom=0.06)
    for line, (used, message, answer) in zip(np.atleast_2d(axes), rows, strict=True):
        for ax in line:
            ax.axis("off")
        for ax, path in zip(line, list(used)[:n_used], strict=False):
            ax.axis("on")
            _show(ax, path)
        for ax, suggestion in zip(line[n_used:], answer.emoticons, strict=False):
            ax.axis("on")
            _show(ax, suggestion.path, frame=GOOD, text=f"{suggestion.emotion}")
        share = answer.emotion.probabilities[answer.emotion.label]
        line[0].text(0, 1.14, "uses", transform=line[0].transAxes, fontsize=8, color="#555555")
        said = f"“{drawable(message)}” → {answer.emotion.label} {share:.0%}"
        line[n_used].text(0, 1.14, said, transform=line[n_used].transAxes, fontsize=9.5)
    return figure
