"""Labels by hand, by clicking, in Jupyter and Colab, of messages and of emoticons: each click is on the disk at once."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from .answer import picture
from .augment import LABELS
from .catalogue import Catalogue
from .run import EMOTIONS, is_embedded, write_atomic


def read_labels(path, labels: Sequence[str] = LABELS) -> pd.DataFrame:
    """Labels by hand: columns text, label; the last label of a text counts. A missing file has none.

    Raises ValueError naming the file and what is wrong for other columns and for a label that is none of ``labels``.
    """
    path = Path(path)
    if not path.exists():
        return pd.DataFrame({"text": [], "label": []}, dtype=str)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if not {"text", "label"} <= set(table.columns):
        raise ValueError(f"{path}: found the columns {', '.join(table.columns)}; expected text and label")
    if strange := sorted(set(table["label"]) - set(labels)):
        raise ValueError(f"{path}: found the labels {', '.join(map(repr, strange))}; expected {', '.join(labels)}")
    return table[["text", "label"]].drop_duplicates("text", keep="last", ignore_index=True)


class Labeller:
    """Labels ``texts`` one after the other into the .csv ``path`` (columns text, label); opened again, it goes on with what is missing.

    Nothing but the text is shown, so that who labels is blind to other labels. Raises ValueError for a file that ships with emorec, and
    as read_labels does.
    """

    def __init__(self, texts: Sequence[str], path, labels: Sequence[str] = LABELS):
        if is_embedded(path):
            raise ValueError(f"{path} ships with emorec and is read only; choose a file of your own")
        self.texts, self.path, self.labels = list(dict.fromkeys(texts)), Path(path), tuple(labels)
        self.given = dict(read_labels(self.path, self.labels).itertuples(index=False))

    @property
    def text(self) -> str | None:
        """The message to label now; None when all are labelled."""
        return next((t for t in self.texts if t not in self.given), None)

    def give(self, label: str) -> None:
        """Label the present text and save."""
        if label not in self.labels:
            raise ValueError(f"label {label!r}; choices: {', '.join(self.labels)}")
        if (text := self.text) is not None:
            self.given[text] = label
            self._save()

    def back(self) -> None:
        """Take the last label back, so that its text is shown again (if it is one of these texts)."""
        if self.given:
            self.given.popitem()
            self._save()

    def _save(self) -> None:
        table = pd.DataFrame({"text": self.given.keys(), "label": self.given.values()}, dtype=str)
        write_atomic(self.path, table.to_csv(index=False))

    def widget(self):
        """An ipywidgets box: the message, a button a label, one to go back, how many are done."""
        import ipywidgets

        said, progress = ipywidgets.Label(style={"font_size": "1.3em"}), ipywidgets.Label()
        buttons = [ipywidgets.Button(description=label) for label in self.labels]
        back = ipywidgets.Button(description="← back", tooltip="take the last label back")

        def show() -> None:
            done = sum(t in self.given for t in self.texts)
            said.value = "All are labelled." if self.text is None else self.text
            progress.value = f"{done} of {len(self.texts)} labelled, saved in {self.path.name}"
            for button in buttons:
                button.disabled = self.text is None
            back.disabled = not self.given

        def labelled(button) -> None:
            self.give(button.description)
            show()

        def taken_back(_) -> None:
            self.back()
            show()

        for button in buttons:
            button.on_click(labelled)
        back.on_click(taken_back)
        show()
        row = ipywidgets.HBox([*buttons, back], layout=ipywidgets.Layout(flex_flow="row wrap"))
        return ipywidgets.VBox([said, row, progress])


class EmoticonLabeller:
    """Labels the emoticons of a catalogue, a pack at a time, into a manifest.csv that load_catalogue reads.

    manifest: the catalogue's own by default, or a new one in its folder. Raises ValueError for a catalogue that ships with emorec, or where
    the manifest does not lie above the pictures.
    """

    def __init__(self, cat: Catalogue, manifest=None):
        self.manifest = Path(manifest or (cat.source if cat.source.suffix.lower() == ".csv" else cat.root / "manifest.csv")).resolve()
        if is_embedded(self.manifest):
            raise ValueError(f"{self.manifest} ships with emorec and is read only; copy the packs to a folder of your own")
        outside = [p for p in cat.paths if not Path(p).is_relative_to(self.manifest.parent)]
        if outside:
            raise ValueError(f"{outside[0]} does not lie below {self.manifest.parent}; put the manifest above the pictures")
        self.cat, self.table = cat, cat.table.copy()

    def give(self, path: str, emotion: str) -> None:
        """Label one emoticon ('' for none) and save."""
        if emotion not in ("", *EMOTIONS):
            raise ValueError(f"emotion {emotion!r}; choices: {', '.join(EMOTIONS)}, or '' for none")
        self.table.loc[self.table["path"] == path, "emotion_ko"] = emotion
        rows = self.table.assign(path=[Path(p).relative_to(self.manifest.parent).as_posix() for p in self.table["path"]])
        write_atomic(self.manifest, rows.to_csv(index=False))

    def widget(self):
        """An ipywidgets box: a pack to choose, its emoticons, an emotion under each."""
        import ipywidgets

        pack, progress = ipywidgets.Dropdown(options=self.cat.packs, description="팩"), ipywidgets.Label()
        grid = ipywidgets.GridBox(layout=ipywidgets.Layout(grid_template_columns="repeat(6, 120px)", grid_gap="8px"))

        def count() -> None:
            done = int((self.table["emotion_ko"] != "").sum())
            progress.value = f"{done} of {len(self.table)} labelled, saved in {self.manifest.name}"

        def cell(path: str, emotion: str):
            choice = ipywidgets.Dropdown(options=[("감정?", ""), *[(e, e) for e in EMOTIONS]], value=emotion,
                                         layout=ipywidgets.Layout(width="110px"))
            choice.observe(lambda change: (self.give(path, change["new"]), count()), "value")
            return ipywidgets.VBox([ipywidgets.HTML(picture(path, 110, "이모티콘")), choice])

        def fill(_=None) -> None:
            rows = self.table[self.table["pack_id"] == pack.value]
            grid.children = [cell(path, emotion) for path, emotion in zip(rows["path"], rows["emotion_ko"], strict=True)]

        pack.observe(fill, "value")
        fill()
        count()
        return ipywidgets.VBox([pack, grid, progress])
