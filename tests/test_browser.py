"""Notebook 05's interface as a person uses it: JupyterLab on 127.0.0.1, driven by headless Chromium. `make test-browser`."""

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
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1|data:|blob:")
SHOTS = os.environ.get("EMOREC_SHOTS")  # a folder for screenshots, to look at


@pytest.fixture(scope="module")
def address(copy_project):
    """A served notebook 05, the notebooks before it run under the test profile."""
    project = copy_project()
    done = project.make("nb-05", "outputs/test/lab/05_recommendation_demo.ipynb", "PROFILE=test")
    assert done.returncode == 0, done.stderr[-3000:]
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
def page(address):
    """The notebook, all cells run, the interface in view."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.errors, page.outside = [], []
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: page.outside.append(request.url) if not HERE.match(request.url) else None)
        page.goto(address)
        page.locator(".jp-Notebook").wait_for(timeout=120_000)
        page.get_by_text("| Idle").wait_for(timeout=120_000)  # the kernel
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.get_by_placeholder("메시지를 입력하세요").wait_for(timeout=120_000)
        page.get_by_placeholder("메시지를 입력하세요").scroll_into_view_if_needed()
        yield page
        browser.close()


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
