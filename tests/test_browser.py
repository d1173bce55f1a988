"""What people see, in headless Chromium: the reports in both themes and widths, and notebook 05's interface as a person uses it, in
JupyterLab on 127.0.0.1. `make test-browser`; EMOREC_SHOTS=<folder> keeps screenshots."""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

try:
    from playwright import sync_api
except ImportError:
    sync_api = None

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.browser,
              pytest.mark.skipif(not sync_api, reason="needs the package playwright (make test-browser installs it)"),
              pytest.mark.skipif(not CHROMIUM, reason="needs Chromium (Debian: apt install chromium)")]
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1|data:|blob:|file:")
SHOTS = os.environ.get("EMOREC_SHOTS")  # a folder for screenshots, to look at


@pytest.fixture(scope="module")
def project(copy_project):
    """A finished run of the test profile, and notebook 05 to be opened."""
    project = copy_project()
    done = project.make("all", "outputs/test/lab/05_recommendation_demo.ipynb", "PROFILE=test")
    assert done.returncode == 0, done.stderr[-3000:]
    return project


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def watched(page):
    """page.errors: what the console called an error; page.outside: requests that would leave the machine."""
    page.errors, page.outside = [], []
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.outside.append(request.url) if not HERE.match(request.url) else None)
    return page


# Texts whose contrast to what lies behind them is too low: WCAG 2.1, 1.4.3 (AA).
FAINT = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length == 3 || c[3] > .99) return c.slice(0, 3); }
    return matchMedia('(prefers-color-scheme:dark)').matches ? [0, 0, 0] : [255, 255, 255]; };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim(), style = getComputedStyle(e);
    if (!text || !e.getClientRects().length || ['STYLE', 'TITLE', 'title'].includes(e.tagName)) continue;
    const [a, b] = [light(rgb(style.color).slice(0, 3)), light(behind(e))].sort((x, y) => y - x), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) found.push(`${text.slice(0, 40)} (${style.color} on ${behind(e)})`);
  }
  return [...new Set(found)].slice(0, 10);
}"""
HEADINGS = "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))"
WITHOUT_ALT = "() => [...document.images].filter(i => !i.alt).length"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_reports_on_every_screen(project, browser, width, theme):
    out = project.folder / "outputs/test"
    for file in [out / "index.html", *sorted((out / "reports").glob("*.html"))]:
        page = watched(browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme))
        page.goto(file.as_uri())
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{file.stem}-{width}-{theme}.png", full_page=True)
        assert not page.errors and not page.outside, file.name
        assert page.evaluate(WIDER) <= 0, f"{file.name} scrolls sideways"
        assert not page.evaluate(FAINT), file.name
        assert page.evaluate(WITHOUT_ALT) == 0, file.name
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1 and levels.count(1) == 1, f"{file.name}: {levels}"
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), f"{file.name}: {levels}"
        page.close()


def test_the_map_of_emoticons_is_enlarged_by_the_keyboard(project, browser):
    page = watched(browser.new_page(viewport={"width": 1280, "height": 900}))
    page.goto((project.folder / "outputs/test/reports/01_gram_tsne.html").as_uri())
    drawing = page.locator("svg[role=img]")
    before = drawing.bounding_box()["width"]
    page.get_by_role("radio", name="1×").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="2×").is_checked() and drawing.bounding_box()["width"] == pytest.approx(2 * before, rel=0.05)
    assert page.evaluate(WIDER) <= 0  # it scrolls in its box
    assert ": pixel-" in "".join(page.locator("svg[role=img] title").all_text_contents())
    page.close()


@pytest.fixture(scope="module")
def address(project):
    """The served notebook 05."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=t", "--no-browser", "--allow-root",
               "--LabApp.news_url=None", f"--ServerApp.root_dir={project.folder / 'outputs/test/lab'}"]
    settings = project.folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # cells out of view stay on the page
    environment = {k: v for k, v in project.environment().items() if "GUARD" not in k}
    environment |= {"PYTHONPATH": str(project.folder), "JUPYTERLAB_SETTINGS_DIR": str(project.folder / "settings")}
    log = (project.folder / "lab.log").open("w")
    server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log)
    root, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            json.load(urllib.request.urlopen(f"{root}/api/status?token=t"))
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, (project.folder / "lab.log").read_text()
            time.sleep(0.2)
    yield f"{root}/lab/tree/05_recommendation_demo.ipynb?token=t"
    server.terminate()
    server.wait(30)


@pytest.fixture(scope="module")
def page(address, browser):
    """The notebook, all cells run, the interface in view."""
    page = watched(browser.new_page(viewport={"width": 1280, "height": 1400}))
    page.goto(address)
    page.locator(".jp-Notebook").wait_for(timeout=120_000)
    page.get_by_text("| Idle").wait_for(timeout=120_000)  # the kernel
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_placeholder("메시지를 입력하세요").wait_for(timeout=120_000)
    page.get_by_placeholder("메시지를 입력하세요").scroll_into_view_if_needed()
    return page


def shown(page) -> list[str]:
    """Names of the suggested emoticons."""
    return [image.get_attribute("title") for image in page.locator("[role=status] figure img").all()]


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_the_answer_follows_what_is_typed_and_nothing_jumps(page):
    text, answer = page.get_by_placeholder("메시지를 입력하세요"), page.locator("[role=status]")
    before, place = shown(page), answer.bounding_box()
    assert len(before) == 6 and text.input_value() == "오늘 드디어 합격했어!!"
    text.fill("")
    page.get_by_text("메시지를 입력하면 추천이 여기에 나타납니다.").wait_for()
    text.press_sequentially("너무 슬퍼서 눈물이 나 ㅠㅠ", delay=30)
    page.wait_for_function("document.querySelectorAll('[role=status] figure img').length == 6")
    page.wait_for_timeout(1500)
    after = answer.bounding_box()
    assert abs(after["y"] - place["y"]) < 2 and abs(after["height"] - place["height"]) < 2
    assert shown(page) != before
    shot(page, "typed")


def test_a_count_changes_what_is_used_and_the_packs(page):
    packs = page.locator("[role=status] b").all_inner_texts()
    page.get_by_label("팩").select_option(index=3)
    count = page.get_by_role("spinbutton").first
    count.wait_for()
    page.wait_for_timeout(1000)
    count.fill("5")
    count.press("Enter")
    page.get_by_text("5번").wait_for()
    page.get_by_role("button", name="모두 지우기").click()
    page.get_by_text("아직 고른 이모티콘이 없습니다.").wait_for()
    page.wait_for_timeout(1000)
    assert page.locator("[role=status] b").all_inner_texts() != packs
    shot(page, "cleared")


def test_an_own_picture_is_taken_and_a_broken_one_named(page, root, tmp_path):
    own = next((root / "emorec_lib/assets/packs").glob("pixel-cat/*.*"))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="내 그림 올리기").click()
    chooser.value.set_files([own, tmp_path / "broken.png"])
    page.get_by_text("1번").wait_for()
    page.get_by_text("그림을 읽을 수 없습니다. broken.png").wait_for()
    shot(page, "uploaded")


def test_an_emoticon_can_be_saved_by_the_keyboard(page):
    link = page.get_by_role("link", name=re.compile("저장$")).first
    with page.expect_download() as saved:
        link.focus()
        page.keyboard.press("Enter")
    name = saved.value.suggested_filename
    assert saved.value.path().stat().st_size > 500 and re.search(r"\.(png|gif|webp)$", name)


def test_screen_readers_and_the_console(page):
    assert page.locator("[role=status]").get_attribute("aria-live") == "polite"
    assert all(image.get_attribute("alt") for image in page.locator(".widget-html img, .jupyter-widgets img").all())
    assert not page.outside
    assert not [error for error in page.errors if "favicon" not in error], page.errors
