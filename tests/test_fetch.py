"""fetch.py against a web server of our own on 127.0.0.1 whose manners each test chooses. No network, no wall-clock assertion."""
import errno
import hashlib
import io
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from emorec_lib import fetch as fetch_module
from emorec_lib.fetch import REGISTRY, ChecksumError, DownloadError, File, address, fetch, fetch_model

DATA = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
OTHER = DATA[::-1]
CUT = 200_000  # bytes after which a cut connection ends


class Handler(BaseHTTPRequestHandler):
    """Serves `server.data` with ETag and ranges; the next entry of `server.faults`, if any, spoils one reply."""

    def do_GET(self):
        server, rng = self.server, self.headers.get("Range")
        server.seen.append({"path": self.path, "range": rng, "if_range": self.headers.get("If-Range")})
        if server.gate:
            server.gate.wait(5)
        fault = server.faults.pop(0) if server.faults else server.always
        if isinstance(fault, int):
            return self.reply(fault, b"no")
        if fault == "html":
            return self.reply(200, b"<html>log in</html>", {"Content-Type": "text/html; charset=utf-8"})
        data, headers = server.data, {"ETag": server.etag, "Last-Modified": server.date}
        same = self.headers.get("If-Range") in (None, server.etag, server.date) or fault == "no-if-range"
        ranged = rng and fault != "no-range" and same
        start = int(re.fullmatch(r"bytes=(\d+)-", rng)[1]) if ranged else 0
        if ranged and start >= len(data):
            return self.reply(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        if ranged:
            said = 0 if fault == "wrong-range" else start
            whole = "*" if "star" in str(fault) else len(data)
            headers["Content-Range"] = f"bytes {said}-{said + len(data) - start - 1}/{whole}"
        body = data[start:]
        length = {"long": len(body) + 50, "short": len(body) - 50}.get(fault, len(body))
        sent = body[:CUT] if fault == "cut" else body[:10] if fault == "star-cut" else body
        return self.reply(206 if ranged else 200, sent, headers, length)

    def reply(self, status, body, headers=None, length=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            if value:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """A running server; its file x.bin is in the registry with the hash of DATA; sleeps are recorded in `server.sleeps`, not slept."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.data, httpd.etag, httpd.date, httpd.gate = DATA, '"one"', "", None
    httpd.faults, httpd.always, httpd.seen, httpd.sleeps = [], None, [], []
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for key in ("EMOREC_CACHE", "EMOREC_OFFLINE", "EMOREC_MIRROR"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(fetch_module, "_sleep", httpd.sleeps.append)
    monkeypatch.setattr(fetch_module, "REGISTRY", {"x.bin": expect(httpd)})

    def stop():
        if thread.is_alive():
            httpd.shutdown()
            thread.join()
            httpd.server_close()
    httpd.stop = stop
    yield httpd
    stop()


def expect(server, data=DATA, **fields):
    return File(**{"url": f"{server.url}/deep/x.bin", "sha256": hashlib.sha256(data).hexdigest(), "licence": "CC0-1.0", **fields})


def set_file(monkeypatch, file):
    monkeypatch.setattr(fetch_module, "REGISTRY", {"x.bin": file})


def left(folder):
    """What lies in the cache, without the lock."""
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".lock")


def ranges(server):
    return [s["range"] for s in server.seen]


def test_downloads_once_then_needs_no_server(server, tmp_path, monkeypatch, capfd):
    path = fetch("x.bin", tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "x.bin" and path.read_bytes() == DATA
    assert left(path.parent) == ["x.bin", "x.bin.ok"] and len(server.seen) == 1 and server.sleeps == []
    out, err = capfd.readouterr()
    assert out == "" and "x.bin" in err and "B/s" in err
    server.stop()
    monkeypatch.setattr(fetch_module.hashlib, "file_digest", None)  # would fail if the file were hashed again
    assert fetch("x.bin", tmp_path / "new" / "folder") == path
    monkeypatch.setenv("EMOREC_OFFLINE", "1")
    assert fetch("x.bin", tmp_path / "new" / "folder") == path


def test_cache_folder_order(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert fetch_module.cache_folder() == tmp_path / "xdg" / "emorec"
    monkeypatch.setenv("EMOREC_CACHE", str(tmp_path / "env"))
    assert fetch("x.bin") == tmp_path / "env" / "x.bin"
    assert fetch("x.bin", str(tmp_path / "arg")) == tmp_path / "arg" / "x.bin"


@pytest.mark.parametrize("fields", [
    {}, {"sha256": hashlib.sha256(DATA).hexdigest()[:8]}, {"sha256": None, "md5": hashlib.md5(DATA).hexdigest()[:10]}, {"size": len(DATA)}])
def test_accepts_every_form_of_the_right_expectation(server, tmp_path, monkeypatch, fields):
    set_file(monkeypatch, expect(server, **fields))
    assert fetch("x.bin", tmp_path).read_bytes() == DATA


@pytest.mark.parametrize(("fields", "words"), [
    ({"sha256": "0" * 64}, f"found sha256 {hashlib.sha256(DATA).hexdigest()}, expected {'0' * 64}"),
    ({"sha256": "00000000"}, "expected 00000000…"),
    ({"sha256": None, "md5": "0123456789"}, f"found md5 {hashlib.md5(DATA).hexdigest()}, expected 0123456789…"),
    ({"md5": "0123456789"}, "expected 0123456789"),
    ({"size": 299_999}, "found 300000 bytes, expected 299999")])
def test_wrong_bytes_are_deleted_and_reported(server, tmp_path, monkeypatch, fields, words):
    set_file(monkeypatch, expect(server, **fields))
    with pytest.raises(ChecksumError) as info:
        fetch("x.bin", tmp_path)
    assert words in str(info.value) and server.url in str(info.value) and "text/html" not in str(info.value)
    assert not (tmp_path / "x.bin").exists() and not (tmp_path / "x.bin.part").exists() and len(server.seen) == 1


def test_a_bad_cached_file_is_replaced_and_a_touched_one_rehashed(server, tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(OTHER)  # put there by hand, wrong
    with pytest.warns(UserWarning, match=r"downloading it again"):
        fetch("x.bin", tmp_path)
    assert path.read_bytes() == DATA and len(server.seen) == 1
    stat = path.stat()
    path.write_bytes(OTHER)  # same size: only the time tells
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))
    with pytest.warns(UserWarning, match=r"found sha256"):
        fetch("x.bin", tmp_path)
    assert path.read_bytes() == DATA and len(server.seen) == 2


def test_another_expectation_is_checked_anew(server, tmp_path, monkeypatch):
    fetch("x.bin", tmp_path)
    server.data, server.etag = OTHER, '"two"'
    set_file(monkeypatch, expect(server, OTHER))  # a new release of the library
    with pytest.warns(UserWarning, match=r"downloading it again"):
        assert fetch("x.bin", tmp_path).read_bytes() == OTHER


def test_a_right_file_put_by_hand_needs_no_network(server, tmp_path, monkeypatch):
    (tmp_path / "x.bin").write_bytes(DATA)
    monkeypatch.setenv("EMOREC_OFFLINE", "1")
    fetch("x.bin", tmp_path)
    assert server.seen == [] and left(tmp_path) == ["x.bin", "x.bin.ok"]


def test_resumes_a_cut_connection(server, tmp_path):
    server.faults = ["cut"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={CUT}-"] and server.seen[1]["if_range"] == '"one"'
    assert server.sleeps == [1] and left(tmp_path) == ["x.bin", "x.bin.ok"]


def test_resumes_in_a_later_call_and_counts_tries(server, tmp_path):
    server.faults = ["cut", 500, 503, 429]
    with pytest.raises(DownloadError, match=r"4 tries failed.*429.*run again to continue") as info:
        fetch("x.bin", tmp_path)
    assert not isinstance(info.value, ChecksumError) and str(tmp_path / "x.bin") in str(info.value)
    assert server.sleeps == [1, 2, 4] and (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT]
    assert not (tmp_path / "x.bin").exists()
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert ranges(server)[-1] == f"bytes={CUT}-" and len(server.seen) == 5


def test_a_server_without_ranges_starts_again(server, tmp_path):
    server.faults = ["cut", "no-range"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and len(server.seen) == 2


def test_a_wrong_range_is_not_appended(server, tmp_path):
    server.faults = ["cut", "wrong-range"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={CUT}-", None]


def test_a_range_of_unknown_total_can_be_cut_too(server, tmp_path):
    server.faults = ["cut", "star-cut"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={CUT}-", f"bytes={CUT + 10}-"]


@pytest.mark.parametrize("fault", [None, "no-if-range"])
def test_a_file_changed_between_two_parts_restarts(server, tmp_path, monkeypatch, fault):
    set_file(monkeypatch, expect(server, OTHER))
    server.faults = ["cut", 500, 500, 500]
    with pytest.raises(DownloadError):
        fetch("x.bin", tmp_path)
    assert (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT]
    server.data, server.etag, server.faults = OTHER, '"two"', [fault]
    assert fetch("x.bin", tmp_path).read_bytes() == OTHER
    assert server.seen[4] == {"path": "/deep/x.bin", "range": f"bytes={CUT}-", "if_range": '"one"'}
    assert ranges(server)[5:] == ([None] if fault else [])


@pytest.mark.parametrize(("etag", "date", "sent"), [
    ('W/"weak"', "Sat, 01 Jan 2022 00:00:00 GMT", "Sat, 01 Jan 2022 00:00:00 GMT"), ('W/"weak"', "", None), ("", "", None)])
def test_if_range_is_a_strong_etag_or_a_date(server, tmp_path, etag, date, sent):
    server.etag, server.date, server.faults = etag, date, ["cut"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert server.seen[1]["range"] == f"bytes={CUT}-" and server.seen[1]["if_range"] == sent


def test_a_part_that_was_whole_is_renamed_a_longer_one_dropped(server, tmp_path):
    (tmp_path / "x.bin.part").write_bytes(DATA)
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server) == ["bytes=300000-"]
    (tmp_path / "x.bin").unlink()
    (tmp_path / "x.bin.part").write_bytes(OTHER + b"more")
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server)[1:] == ["bytes=300004-", None]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_not_retried(server, tmp_path, status):
    server.always = status
    with pytest.raises(DownloadError, match=f"got {status} .*expected the file.*by hand"):
        fetch("x.bin", tmp_path)
    assert len(server.seen) == 1 and server.sleeps == [] and left(tmp_path) == []


@pytest.mark.parametrize("status", [500, 503, 408, 429])
def test_a_passing_failure_is_retried(server, tmp_path, status):
    server.faults = [status, status]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert len(server.seen) == 3 and server.sleeps == [1, 2]


def test_nobody_answers(server, tmp_path):
    server.stop()
    with pytest.raises(DownloadError, match="4 tries failed, the last with URLError"):
        fetch("x.bin", tmp_path)
    assert server.sleeps == [1, 2, 4]


def test_a_stalled_connection_times_out_and_is_retried(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_module, "TIMEOUT", 0.05)
    server.gate = threading.Event()
    monkeypatch.setattr(fetch_module, "_sleep", lambda seconds: (server.sleeps.append(seconds), server.gate.set()))
    monkeypatch.setattr(fetch_module, "TRIES", 20)  # a busy machine may miss the short limit more than once
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and len(server.sleeps) >= 1


def test_a_web_page_instead_of_the_file_is_called_so(server, tmp_path):
    server.always = "html"
    with pytest.raises(ChecksumError, match="web page") as info:
        fetch("x.bin", tmp_path)
    assert "text/html" in str(info.value) and not (tmp_path / "x.bin.part").exists() and len(server.seen) == 1


def test_a_content_length_too_short_is_caught_by_the_hash(server, tmp_path):
    server.always = "short"
    with pytest.raises(ChecksumError):
        fetch("x.bin", tmp_path)
    assert not (tmp_path / "x.bin").exists()


def test_a_content_length_too_long_is_taken_for_a_cut(server, tmp_path):
    server.faults = ["long"]  # all bytes came, the announced rest never will: the range request finds that out
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server) == [None, "bytes=300000-"]


@pytest.mark.parametrize("end", ["", "/"])
def test_mirror_replaces_everything_before_the_name(server, tmp_path, monkeypatch, end):
    set_file(monkeypatch, expect(server, url="https://nowhere.invalid/a/b/x.bin"))
    monkeypatch.setenv("EMOREC_MIRROR", server.url + "/mirror/of" + end)
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert [s["path"] for s in server.seen] == ["/mirror/of/x.bin"]


def test_mirror_must_be_an_address(server, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOREC_MIRROR", "/mnt/models")
    with pytest.raises(ValueError, match=r"EMOREC_MIRROR.*https://host/path"):
        fetch("x.bin", tmp_path)


def test_offline_errors_say_what_to_do(server, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOREC_OFFLINE", "1")
    with pytest.raises(FileNotFoundError) as info:
        fetch("x.bin", tmp_path)
    for word in ("x.bin", f"{server.url}/deep/x.bin", str(tmp_path), "by hand", "EMOREC_OFFLINE"):
        assert word in str(info.value)
    (tmp_path / "x.bin").write_bytes(b"wrong")
    with pytest.raises(ChecksumError, match=r"found sha256 .* expected .*EMOREC_OFFLINE"):
        fetch("x.bin", tmp_path)
    assert server.seen == [] and (tmp_path / "x.bin").read_bytes() == b"wrong"
    monkeypatch.setenv("EMOREC_OFFLINE", "0")
    with pytest.warns(UserWarning, match=r"downloading it again"):
        assert fetch("x.bin", tmp_path).read_bytes() == DATA


def test_a_caller_can_ask_for_the_cache_only(server, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"the caller forbids a download.*by hand"):
        fetch("x.bin", tmp_path, download=False)
    assert server.seen == []
    fetch("x.bin", tmp_path)
    assert fetch("x.bin", tmp_path, download=False).read_bytes() == DATA and len(server.seen) == 1


def test_unknown_name_lists_the_choices(tmp_path):
    with pytest.raises(ValueError, match=r"'nothing.pt'.*ViT-B-32\.pt.*resnet18-f37072fd\.pth"):
        fetch("nothing.pt", tmp_path)
    assert left(tmp_path) == []


def test_a_file_that_is_not_in_the_registry(server, tmp_path, monkeypatch):
    """As gram.py has them: any weights of torchvision, with the digits of the sha256 that their name ends in."""
    digest = hashlib.sha256(DATA).hexdigest()[:8]
    file = File(f"{server.url}/models/net-{digest}.pth", digest, "BSD-3-Clause")
    assert file.name == f"net-{digest}.pth" and address(file) == file.url
    assert fetch(file, tmp_path) == tmp_path / file.name and (tmp_path / file.name).read_bytes() == DATA
    monkeypatch.setenv("EMOREC_MIRROR", server.url + "/mirror")
    monkeypatch.setenv("EMOREC_CACHE", str(tmp_path / "other"))
    assert fetch_model(file, "NET", "net", ["net"]) == tmp_path / "other" / file.name and server.seen[1]["path"] == f"/mirror/{file.name}"
    with pytest.raises(DownloadError, match=r"NET = 'other' cannot be had: .*404.*\nChoices of NET: net;"):
        server.always = 404
        fetch_model(File(f"{server.url}/other.pth", digest, "BSD-3-Clause"), "NET", "other", ["net"])


class FullDisk(io.FileIO):
    """A file that takes `room` bytes in all."""
    room = CUT

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_full_disk_keeps_the_part_and_gives_numbers(server, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        disk = {".part": FullDisk}
        patch.setattr(fetch_module, "open", lambda path, mode: disk.get(Path(path).suffix, open)(path, mode), raising=False)
        patch.setattr(fetch_module.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 4321}))
        with pytest.raises(OSError, match=r"disk full.*run again to continue") as info:
            fetch("x.bin", tmp_path)
    got = CUT // fetch_module.CHUNK * fetch_module.CHUNK
    assert info.value.errno == errno.ENOSPC and f"needed {300_000 - got}, free 4321" in str(info.value)
    assert len(server.seen) == 1 and (tmp_path / "x.bin.part").read_bytes() == DATA[:got]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server) == [None, f"bytes={got}-"]


def test_two_threads_download_once(server, tmp_path, monkeypatch):
    server.gate, waiting = threading.Event(), threading.Event()
    monkeypatch.setattr(fetch_module, "_sleep", lambda seconds: waiting.set() or threading.Event().wait(0.01))
    paths = []
    threads = [threading.Thread(target=lambda: paths.append(fetch("x.bin", tmp_path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert waiting.wait(5), "the second thread does not wait for the first"
    server.gate.set()
    for thread in threads:
        thread.join()
    assert paths == [tmp_path / "x.bin"] * 2 and paths[0].read_bytes() == DATA and len(server.seen) == 1


CHILD = """
import sys
from emorec_lib import fetch
fetch.REGISTRY = {"x.bin": fetch.File(sys.argv[1] + "/x.bin", sys.argv[2], "CC0-1.0")}
print(fetch.fetch("x.bin", sys.argv[3]))
"""


def test_two_processes_download_once(server, tmp_path):
    server.gate = threading.Event()
    command = [sys.executable, "-c", CHILD, server.url, hashlib.sha256(DATA).hexdigest(), str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(Path(fetch_module.__file__).parents[1])}
    logs = [tmp_path / f"{i}.err" for i in range(2)]
    children = []
    try:
        for log in logs:
            with log.open("w") as err:
                children.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=err, text=True))
        while not any("waiting" in log.read_text() for log in logs) and len(server.seen) < 2 and None in [c.poll() for c in children]:
            threading.Event().wait(0.01)
        server.gate.set()
        answers = [c.communicate(timeout=20)[0].strip() for c in children]
    finally:
        for child in children:
            child.kill()
    assert answers == [str(tmp_path / "x.bin")] * 2, [log.read_text() for log in logs]
    assert (tmp_path / "x.bin").read_bytes() == DATA and len(server.seen) == 1


def test_registry_is_sane():
    names = {"ViT-B-32.pt", "resnet50-11ad3fa6.pth", "resnet50-0676ba61.pth", "resnet18-f37072fd.pth", "efficientnet_v2_s-dd5fe13b.pth",
             "kobert_v1.zip", "kobert_news_wiki_ko_cased-1087f8699e.spiece", "ratings_train.txt", "ratings_test.txt"}
    assert set(REGISTRY) == names
    for name, file in REGISTRY.items():
        assert re.fullmatch(rf"https://[a-z.]+/\S*/{re.escape(name)}", file.url) and file.licence
        assert file.sha256 or file.md5
        assert file.sha256 is None or re.fullmatch(r"[0-9a-f]{8}|[0-9a-f]{64}", file.sha256)
        assert file.md5 is None or re.fullmatch(r"[0-9a-f]{10}|[0-9a-f]{32}", file.md5)
        if name.endswith(".pth"):
            assert name.endswith(f"-{file.sha256[:8]}.pth")
    assert REGISTRY["ViT-B-32.pt"].sha256 in REGISTRY["ViT-B-32.pt"].url
    assert [name for name, file in REGISTRY.items() if file.size is None] == ["kobert_v1.zip"]


def test_sizes_are_those_of_torchvision():
    """It publishes MiB to three decimals; a wrong size would refuse the right file."""
    from torchvision import models

    for name, file in REGISTRY.items():
        if name.endswith(".pth"):
            (published,) = [w.meta["_file_size"] for w in models.get_model_weights(name.split("-")[0]) if w.url == file.url]
            assert round(file.size / 2**20, 3) == published, name


def test_the_tokenizer_is_the_registry_s():
    path = Path(__file__).parents[2] / "shared/models/kobert_tokenizer/spiece.model"
    if not path.is_file():
        pytest.skip(f"KoBERT's own tokenizer is not at {path}")
    data, file = path.read_bytes(), REGISTRY["kobert_news_wiki_ko_cased-1087f8699e.spiece"]
    assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256) and hashlib.md5(data).hexdigest().startswith(file.md5)
