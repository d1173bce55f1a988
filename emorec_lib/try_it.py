"""The recommender to play with, in Jupyter and Colab: pick emoticons that you use, type, and see what is suggested as you type."""

import hashlib
import html
from pathlib import Path

import ipywidgets

from .answer import picture, show
from .catalogue import read_frames
from .recommend import Recommender
from .run import write_atomic

PER_ROW = 6  # emoticons of a pack in a row of the grid
HEIGHT = 620  # pixels kept for the answer, so that nothing moves while it changes


class TryIt:
    """The interface over a Recommender; display it as a cell's last line. Without a live kernel (in a report, on a web page) the answer to
    ``message`` stands in its place.

    history: {path: times used} to begin with. options: of Recommender.recommend.
    """

    def __init__(self, rec: Recommender, message: str = "", history: dict[str, int] | None = None, k: int = 6, **options):
        self.rec, self.k, self.options, self.used, self.refused = rec, k, options, {}, []
        packs = rec.packs_from.table.drop_duplicates("pack_id")
        names = packs.get("pack_name", packs["pack_id"])
        names = [f"{name} ({pack})" if name and name != pack else pack for name, pack in zip(names, packs["pack_id"], strict=True)]
        self.pack = ipywidgets.Dropdown(options=list(zip(names, packs["pack_id"], strict=True)), description="팩")
        self.grid = ipywidgets.GridBox(layout=ipywidgets.Layout(grid_template_columns=f"repeat({PER_ROW}, 104px)", grid_gap="6px"))
        self.upload = ipywidgets.FileUpload(accept="image/*", multiple=True, description="내 그림 올리기")
        self.clear = ipywidgets.Button(description="모두 지우기", tooltip="고른 이모티콘을 모두 지웁니다")
        self.chosen = ipywidgets.HTML()
        self.text = ipywidgets.Text(value=message, description="메시지", placeholder="메시지를 입력하세요", continuous_update=True,
                                    layout=ipywidgets.Layout(width="100%"))
        self.answer = ipywidgets.HTML()
        self.used.update({str(Path(path).resolve()): n for path, n in (history or {}).items()})
        self._fill_grid()
        self.pack.observe(lambda _: self._fill_grid(), "value")
        self.upload.observe(lambda _: self._take_uploads(), "value")
        self.text.observe(lambda _: self._update(), "value")
        self.clear.on_click(lambda _: self._forget())
        heading = [ipywidgets.HTML(f"<b>{text}</b>") for text in ("1. 자주 쓰는 이모티콘과 쓴 횟수", "2. 메시지", "3. 추천")]
        row = ipywidgets.HBox([self.pack, self.upload, self.clear], layout=ipywidgets.Layout(flex_flow="row wrap"))
        self.box = ipywidgets.VBox([heading[0], row, self.grid, self.chosen, heading[1], self.text, heading[2], self.answer])
        self._update()

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": "TryIt", "text/html": self.fixed()}

    def fixed(self) -> str:
        """What is chosen, the message and the answer as they are now, as HTML that needs no kernel."""
        return f"{self.chosen.value}<p>메시지: {html.escape(self.text.value)}</p>{self.answer.value}"

    def use(self, path: str, times: int) -> None:
        """Set how often a picture has been used; 0 takes it out."""
        if times > 0:
            self.used[path] = times
        else:
            self.used.pop(path, None)
        self._update()

    def _fill_grid(self) -> None:
        cells = []
        for path in self.rec.packs_from.of_pack(self.pack.value)["path"]:
            count = ipywidgets.BoundedIntText(value=self.used.get(path, 0), min=0, max=999, description="횟수",
                                              tooltip=f"{Path(path).stem} 쓴 횟수",
                                              style={"description_width": "36px"}, layout=ipywidgets.Layout(width="100px"))
            count.observe(lambda change, path=path: self.use(path, change["new"]), "value")
            cells.append(ipywidgets.VBox([ipywidgets.HTML(picture(path, 96, "이모티콘")), count]))
        self.grid.children = cells

    def _take_uploads(self) -> None:
        value, self.refused = self.upload.value, []
        files = [(f["name"], f["content"]) for f in value] if not isinstance(value, dict) else \
            [(name, f["content"]) for name, f in value.items()]  # ipywidgets 8, 7
        for name, content in files:
            data = bytes(content)
            path = self.rec.cache / "uploads" / (hashlib.sha256(data).hexdigest()[:16] + Path(name).suffix.lower())
            write_atomic(path, data)
            try:
                read_frames(path, 1)
            except Exception as error:
                path.unlink()
                self.refused.append(f"{name}: {error}")
            else:
                self.used[str(path.resolve())] = self.used.get(str(path.resolve()), 0) + 1
        self._update()

    def _forget(self) -> None:
        self.used, self.refused = {}, []
        self._fill_grid()
        self._update()

    def _update(self) -> None:
        strip = "".join(f"<figure style='margin:2px;display:inline-block;text-align:center'>{picture(path, 48, '쓴 이모티콘')}"
                        f"<figcaption>{n}번</figcaption></figure>" for path, n in self.used.items())
        refused = "".join(f"<p>그림을 읽을 수 없습니다. {html.escape(text)}</p>" for text in self.refused)
        self.chosen.value = f"<div style='min-height:84px'>{strip or '아직 고른 이모티콘이 없습니다.'}{refused}</div>"
        if self.text.value.strip():
            found = show(self.rec.recommend(self.used, self.text.value, self.k, **self.options), downloads=True)
        else:
            found = "<p>메시지를 입력하면 추천이 여기에 나타납니다.</p>"
        self.answer.value = f"<div role=status aria-live=polite style='min-height:{HEIGHT}px'>{found}</div>"
