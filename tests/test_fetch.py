"""fetch.py against tools/fault_server.py on 127.0.0.1, whose manners each test chooses. No network, no wall-clock assertion."""
import errno
import hashlib
import importlib
import os
import re
import sys
import threading
from pathlib import Path

import pytest

from emorec_lib import fetch as fetch_module
from emorec_lib.fetch import REGISTRY, ChecksumError, DownloadError, File, address, fetch, fetch_model

ROOT = Path(__file__).parents[1]
if not (ROOT / "tools").is_dir():
    pytest.skip("no tools/ beside the tests", allow_module_level=True)
sys.path.insert(0, str(ROOT / "tools"))
fault_server, measure_downloads = importlib.import_module("fault_server"), importlib.import_module("measure_downloads")
sys.path.remove(str(ROOT / "tools"))
DATA, OTHER, CUT = fault_server.DATA, fault_server.OTHER, fault_server.CUT


@pytest.fixture
def server(monkeypatch):
    """A running server; its file x.bin is in the registry with the hash of DATA; sleeps are recorded in `server.sleeps`, not slept."""
    with fault_server.serve() as httpd:
        httpd.sleeps = []
        for key in ("EMOREC_CACHE", "EMOREC_OFFLINE", "EMOREC_MIRROR"):
            monkeypatch.delenv(key, raising=False)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(fetch_module, "_sleep", httpd.sleeps.append)
        monkeypatch.setattr(fetch_module, "REGISTRY", {"x.bin": expect(httpd)})
        yield httpd


def expect(server, data=DATA, **fields):
    return File(**{"url": f"{server.url}/deep/x.bin", "sha256": hashlib.sha256(data).hexdigest(), "licence": "CC0-1.0", **fields})


def set_file(monkeypatch, file):
    monkeypatch.setattr(fetch_module, "REGISTRY", {"x.bin": file})


def left(folder):
    """What lies in the cache, without the lock."""
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".lock")


def ranges(server):
    return [s["range"] for s in server.seen]


def leave_part(server, folder):
    """The first CUT bytes, as a run of one try leaves them."""
    server.faults = ["cut"]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(DownloadError, match="1 tries failed"):
        patch.setattr(fetch_module, "TRIES", 1)
        fetch("x.bin", folder)
    assert (folder / "x.bin.part").read_bytes() == DATA[:CUT]
    server.seen.clear()


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
    assert ranges(server)[4] == f"bytes={CUT}-" and server.seen[4]["if_range"] == '"one"'
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
    with pytest.raises(DownloadError, match=r"4 tries failed, the last with URLError: .*refused"):
        fetch("x.bin", tmp_path)
    assert server.sleeps == [1, 2, 4]


DATE = fault_server.DATE  # the server's clock


@pytest.mark.parametrize(("asked", "wait"), [
    ("7", 7), ("0", 1), ("121", 120), ("9" * 5000, 1), ("soon", 1), ("-5", 1), ("", 1), (DATE.replace("00:00", "00:08"), 8 * 60),
    (DATE.replace(":00 GMT", ":09 GMT"), 9), (DATE, 1), (DATE.replace("2022", "2021"), 1), (DATE.replace("2022", "99999"), 1)])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_heard_within_bounds_and_said(server, tmp_path, capfd, status, asked, wait):
    server.faults = [(status, {"Retry-After": asked})]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert server.sleeps == [min(wait, 120)]
    assert f"x.bin: {status} " in (said := capfd.readouterr().err) and f"trying again in {min(wait, 120)} s" in said and asked in said


def test_retry_after_never_shortens_the_wait_and_is_in_the_last_word(server, tmp_path):
    server.always = (503, {"Retry-After": "3"})
    with pytest.raises(DownloadError, match=r"the last with 503 Service Unavailable \(Retry-After: 3\)"):
        fetch("x.bin", tmp_path)
    assert server.sleeps == [3, 3, 4]


def test_retry_after_by_our_own_clock(monkeypatch):
    monkeypatch.setattr(fetch_module.time, "time", lambda: 1640995200.0)  # DATE
    assert fetch_module._seconds(DATE.replace(":00 GMT", ":09 GMT"), "") == fetch_module._seconds("9", "") == 9


@pytest.mark.parametrize(("fault", "asked"), [("stall", [None, f"bytes={CUT}-"]), ("silent", [None, None])])
def test_a_silent_server_is_left_and_the_transfer_resumed(server, tmp_path, monkeypatch, capfd, fault, asked):
    """The socket stays open; every byte that came is kept."""
    server.faults = [fault]
    monkeypatch.setattr(fetch_module, "TIMEOUT", 0.5)
    monkeypatch.setattr(fetch_module, "_sleep", lambda seconds: (server.sleeps.append(seconds), setattr(fetch_module, "TIMEOUT", 30)))
    assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert ranges(server) == asked and server.sleeps == [1] and "x.bin: no byte for 0.5 s; trying again in 1 s" in capfd.readouterr().err


def test_a_web_page_instead_of_the_file_is_called_so(server, tmp_path):
    server.always = "html"
    with pytest.raises(ChecksumError, match=r"found a web page \(text/html.*, expected the file.*by hand"):
        fetch("x.bin", tmp_path)
    assert left(tmp_path) == [] and len(server.seen) == 1
    leave_part(server, tmp_path)
    with pytest.raises(ChecksumError, match="web page"):
        fetch("x.bin", tmp_path)
    assert (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT] and len(server.seen) == 1


def test_a_file_that_is_only_called_a_web_page_is_taken(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fault_server.Handler, "end_headers", lambda self: (self.send_header("Content-Type", "text/html"),
                                                                           super(fault_server.Handler, self).end_headers()))
    assert fetch("x.bin", tmp_path).read_bytes() == DATA


def test_another_length_than_the_registry_s_is_refused_at_once(server, tmp_path, monkeypatch):
    set_file(monkeypatch, expect(server, size=len(DATA)))
    leave_part(server, tmp_path)
    server.faults, server.data, server.etag = [], DATA[:250_000], '"two"'
    with pytest.raises(ChecksumError, match=r"found 250000 bytes, expected 300000; nothing was transferred"):
        fetch("x.bin", tmp_path)
    assert (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT] and len(server.seen) == 1


def test_without_a_length_a_cut_is_seen_by_the_registry_s(server, tmp_path, monkeypatch):
    set_file(monkeypatch, expect(server, size=len(DATA)))
    server.faults = ["no-length-cut"]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server) == [None, f"bytes={CUT}-"]


def test_a_mixture_of_two_versions_is_dropped_and_loaded_anew(server, tmp_path, monkeypatch, capfd):
    """No ETag, no date: only the hash tells."""
    server.etag = ""
    leave_part(server, tmp_path)
    set_file(monkeypatch, expect(server, OTHER))
    server.data = OTHER
    assert fetch("x.bin", tmp_path).read_bytes() == OTHER and left(tmp_path) == ["x.bin", "x.bin.ok"]
    assert ranges(server) == [f"bytes={CUT}-", None] and "begun earlier, was deleted" in capfd.readouterr().err


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


def test_a_file_without_a_hash_is_refused():
    with pytest.raises(ValueError, match="https://h/x: found no hash, expected a sha256 or an md5"):
        File("https://h/x", "", "MIT", size=3)


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


def test_full_disk_keeps_the_part_and_gives_numbers(server, tmp_path):
    with measure_downloads.free(10**9, 4321)(), measure_downloads.full_disk(), pytest.raises(OSError, match=r"no room for x\.bin") as info:
        fetch("x.bin", tmp_path)
    assert info.value.errno == errno.ENOSPC and "needed 100000, free 4321" in str(info.value) and "run again to continue" in str(info.value)
    assert len(server.seen) == 1 and (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT]
    assert fetch("x.bin", tmp_path).read_bytes() == DATA and ranges(server) == [None, f"bytes={CUT}-"]


@pytest.mark.parametrize("fault", [None, "no-range"])  # without ranges the part is overwritten, so its bytes count as free
def test_too_little_room_is_found_before_the_transfer(server, tmp_path, fault):
    leave_part(server, tmp_path)
    server.faults = [fault]
    with measure_downloads.free(99_999)(), pytest.raises(OSError, match=r"no room .*needed 100000, free 99999.*EMOREC_CACHE") as info:
        fetch("x.bin", tmp_path)
    assert info.value.errno == errno.ENOSPC and (tmp_path / "x.bin.part").read_bytes() == DATA[:CUT]
    server.faults = [fault]
    with measure_downloads.free(100_000)():
        assert fetch("x.bin", tmp_path).read_bytes() == DATA


def test_a_disk_that_tells_nothing_is_tried(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_module.shutil, "disk_usage", lambda path: type("Usage", (), {"total": 0, "free": 0}))
    assert fetch("x.bin", tmp_path).read_bytes() == DATA


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


def test_two_processes_download_once(server, tmp_path, capfd):
    (tmp_path / "cache").mkdir()
    path = measure_downloads.two_processes(server, expect(server), tmp_path / "cache")
    assert path.read_bytes() == DATA and len(server.seen) == 1 and "waiting for another download of x.bin" in capfd.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows locks otherwise")
@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EACCES])
def test_a_folder_that_cannot_lock_files(server, tmp_path, monkeypatch, code):
    def flock(*args):
        raise OSError(code, "no locks here")
    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.warns(UserWarning, match=r"cannot lock files .*no locks here.*one process at a time") as caught:
        assert fetch("x.bin", tmp_path).read_bytes() == DATA
    assert caught[0].filename == __file__ and server.sleeps == []


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
    assert [name for name, file in REGISTRY.items() if file.size is None] == ["efficientnet_v2_s-dd5fe13b.pth", "kobert_v1.zip"]


def test_sizes_are_those_of_torchvision():
    """It publishes MiB to three decimals; a wrong size would refuse the right file."""
    from torchvision import models

    for name, file in REGISTRY.items():
        if name.endswith(".pth") and file.size:
            (published,) = [w.meta["_file_size"] for w in models.get_model_weights(name.split("-")[0]) if w.url == file.url]
            assert round(file.size / 2**20, 3) == published, name


def test_the_tokenizer_is_the_registry_s():
    path = Path(__file__).parents[2] / "shared/models/kobert_tokenizer/spiece.model"
    if not path.is_file():
        pytest.skip(f"KoBERT's own tokenizer is not at {path}")
    data, file = path.read_bytes(), REGISTRY["kobert_news_wiki_ko_cased-1087f8699e.spiece"]
    assert (len(data), hashlib.sha256(data).hexdigest()) == (file.size, file.sha256) and hashlib.md5(data).hexdigest().startswith(file.md5)


def test_the_page_is_what_the_tool_writes(monkeypatch):
    monkeypatch.setattr(fetch_module, "REGISTRY", REGISTRY)
    assert (ROOT / "docs/downloads.md").read_text(encoding="utf8") == measure_downloads.page(), \
        "python tools/measure_downloads.py --page docs/downloads.md"
