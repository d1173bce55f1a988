"""What a download does under each fault, measured: `python tools/measure_downloads.py [--page docs/downloads.md]`.

Each row runs emorec_lib.fetch.fetch against tools/fault_server.py on 127.0.0.1 with an empty cache and a file of 300,000 bytes, then once
more with nothing wrong. No times and no ports: the page is the same on every run.
"""

import argparse
import errno
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import fault_server
import pandas as pd
from fault_server import CUT, DATA, DATE, OTHER
from page_tables import markdown

from emorec_lib import fetch

STALL = 0.5  # seconds instead of fetch.TIMEOUT, until the first failure: after that a busy machine cannot disturb the row
SETTINGS = ("EMOREC_CACHE", "EMOREC_OFFLINE", "EMOREC_MIRROR")
CHILD = """
import sys
from emorec_lib import fetch
print(fetch.fetch(fetch.File(sys.argv[1], sys.argv[2], "CC0-1.0"), sys.argv[3]))
"""


@dataclass
class Case:
    """One row. `url` in `env` stands for the server's address."""
    fault: str
    replies: tuple = ()  # how the server spoils the 1st, 2nd, … reply, as in fault_server
    always: object = None  # and all further ones
    part: bool = False  # whether an earlier run left the first CUT bytes
    cached: bytes | None = None  # what lies in the cache under the file's name
    file: dict = field(default_factory=dict)  # fields of the File
    server: dict = field(default_factory=dict)  # attributes of the server
    env: dict = field(default_factory=dict)
    patches: tuple = ()  # makers of context managers
    run: Callable = lambda server, file, cache: fetch.fetch(file, cache)


class FullDisk(io.FileIO):
    """A file on a disk that takes CUT bytes."""

    def write(self, data):
        room = max(CUT - self.tell(), 0)
        super().write(data[:room])
        if len(data) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return len(data)


def free(*values: int):
    """Patch: what the disk says is free, one value a question."""
    return lambda: mock.patch.object(shutil, "disk_usage", side_effect=[SimpleNamespace(total=10**9, free=n) for n in values])


def full_disk():
    return mock.patch.object(fetch, "open", lambda path, mode: (FullDisk if path.suffix == ".part" else open)(path, mode), create=True)


def no_locks():
    return mock.patch.object(fetch, "_try_lock", side_effect=OSError(errno.ENOLCK, "No locks available"))


def two_processes(server, file: fetch.File, cache: Path) -> Path:
    """Two at once; the server answers when one of them says that it waits for the other. Their stderr goes to ours."""
    server.gate = threading.Event()
    command = [sys.executable, "-c", CHILD, file.url, file.sha256, str(cache)]
    env = {**os.environ, "PYTHONPATH": str(Path(fetch.__file__).parents[1])}
    logs, children = [cache.with_name(f"{i}.err") for i in range(2)], []
    try:
        for log in logs:
            with log.open("w") as err:
                children.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=err, text=True))
        while not any("waiting" in log.read_text() for log in logs) and len(server.seen) < 2 and None in [c.poll() for c in children]:
            threading.Event().wait(0.01)
        server.gate.set()
        answers = {child.communicate(timeout=30)[0].strip() for child in children}
    finally:
        for child in children:
            child.kill()
    print(*sorted(log.read_text() for log in logs), sep="\n", file=sys.stderr)
    if answers != {str(cache / file.name)}:
        raise RuntimeError(f"the processes said {answers}")
    return cache / file.name


def server_gone(server, file: fetch.File, cache: Path) -> Path:
    server.stop()
    return fetch.fetch(file, cache)


def later(seconds: int) -> str:
    return re.sub(r"\d\d GMT", f"{seconds:02} GMT", DATE)


SIZE = {"size": len(DATA)}
PAGE = "a web page instead of the file (login, proxy)"
CASES = [
    Case("none"),
    Case("none, the file is there", cached=DATA),
    Case("none, an earlier run was cut", part=True),
    Case("the connection is cut", ("cut",)),
    Case("cut, and the next reply too", ("cut", "star-cut")),
    Case("the server falls silent in the middle, connection open", ("stall",)),
    Case("the server never answers, connection open", ("silent",)),
    Case("the server is gone", run=server_gone),
    Case("404", always=404),
    Case("500, then well", (500, 500)),
    Case("500 always", always=500, part=True),
    Case("429 with Retry-After: 7", ((429, {"Retry-After": "7"}),)),
    Case("503 with Retry-After: a date 9 s ahead", ((503, {"Retry-After": later(9)}),)),
    Case("429 with Retry-After: 3600", always=(429, {"Retry-After": "3600"})),
    Case(PAGE, always="html"),
    Case(f"{PAGE}, after an earlier part", always="html", part=True),
    Case("other bytes than the registry's", server={"data": OTHER}),
    Case("another size than the registry's", part=True, server={"data": OTHER[:250_000], "etag": '"two"'}, file=SIZE),
    Case("the length is too long, size not in the registry", ("long",)),
    Case("the length is too short, size not in the registry", always="short"),
    Case("the length is too long, size in the registry", always="long", file=SIZE),
    Case("the length is too short, size in the registry", always="short", file=SIZE),
    Case("no length", always="no-length"),
    Case("no length and cut, size not in the registry", ("no-length-cut",)),
    Case("no length and cut, size in the registry", ("no-length-cut",), file=SIZE),
    Case("the file changed between two parts", part=True, server={"data": OTHER, "etag": '"two"'}),
    Case("changed, and the server ignores If-Range", ("no-if-range",), part=True, server={"data": OTHER, "etag": '"two"'}),
    Case("changed, and the server gives neither ETag nor date", part=True, server={"data": OTHER, "etag": ""}),
    Case("the server knows no ranges", ("no-range",), part=True),
    Case("the server sends another range", ("wrong-range",), part=True),
    Case("too little room, size known", part=True, patches=(free(99_999),)),
    Case("the disk fills up meanwhile", patches=(free(10**9, 4_321), full_disk)),
    Case("two processes at once", run=two_processes),
    Case("a folder without file locks (some network drives)", patches=(no_locks,)),
    Case("a wrong file lies in the cache", cached=b"wrong"),
    Case("EMOREC_OFFLINE, the file is there", cached=DATA, env={"EMOREC_OFFLINE": "1"}),
    Case("EMOREC_OFFLINE, it is not", env={"EMOREC_OFFLINE": "1"}),
    Case("EMOREC_OFFLINE, a wrong one is", cached=b"wrong", env={"EMOREC_OFFLINE": "1"}),
    Case("EMOREC_MIRROR", env={"EMOREC_MIRROR": "url/mirror"}),
    Case("EMOREC_MIRROR without the file", always=404, env={"EMOREC_MIRROR": "url/mirror"}),
    Case("EMOREC_MIRROR is no address", env={"EMOREC_MIRROR": "/mnt/models"}),
]


def requests(seen: list[dict]) -> str:
    """'whole: 200; from 200,000: 206'."""
    texts = []
    for one in seen:
        what = f"from {int(one['range'][6:-1]):,}" if one["range"] else "whole"
        texts.append(f"{one['path'][1:-5]}{what}: {one['status'] or 'silence'}")
    counted = [f"{text} ({texts.count(text)} times)" if texts.count(text) > 1 else text for text in dict.fromkeys(texts)]
    return "; ".join(counted) or "none"


def kept(folder: Path) -> tuple[int, str]:
    """Bytes that a run left, and what they are."""
    path, part = folder / "x.bin", folder / "x.bin.part"
    if path.exists() and path.read_bytes() in (DATA, OTHER):
        return path.stat().st_size, "right file"
    left = part.stat().st_size if part.exists() else 0
    return left, ("wrong file left alone" if path.exists() else "no file") + (f", part of {left:,} bytes kept" if left else "")


def attempt(case: Case, server, file: fetch.File, cache: Path) -> tuple[str, list[float], int]:
    """(what the user reads, seconds waited, bytes received) of one call."""
    said, waits, received = io.StringIO(), [], []

    class Counted(fetch.tqdm):
        def update(self, n=1):
            received.append(n)
            return super().update(n)

    def sleep(seconds):
        waits.append(seconds)
        fetch.TIMEOUT = 30

    env = {k: v.replace("url", server.url) for k, v in case.env.items()} | {"no_proxy": "127.0.0.1"}
    timeout = STALL if case.replies in (("stall",), ("silent",)) else 30
    with ExitStack() as stack:
        for patch in (mock.patch.multiple(fetch, _sleep=sleep, tqdm=Counted, TIMEOUT=timeout), mock.patch.dict(os.environ, env),
                      *(make() for make in case.patches), redirect_stderr(said)):
            stack.enter_context(patch)
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        try:
            case.run(server, file, cache)
            error = []
        except (OSError, ValueError) as err:
            error = [f"{type(err).__name__}: {err}"]
    lines = [line for line in re.split(r"[\r\n]+", said.getvalue()) if line.strip() and "B/s]" not in line]
    text = "<br>".join([*lines, *(f"{w.category.__name__}: {w.message}" for w in warned), *error])
    for found, put in ((server.url, "http://server"), (str(cache), "CACHE"), (r"\[(Errno|WinError) \d+\] ", "")):
        text = re.sub(found if put == "" else re.escape(found), put, text)
    return text, waits, sum(received) or sum(one["sent"] for one in server.seen if case.run is two_processes)  # others count their own


def measure(case: Case) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, fault_server.serve() as server:
        cache = Path(folder, "cache")
        cache.mkdir()
        right = OTHER if case.server.get("data") == OTHER and case.part else DATA  # what the registry expects
        file = fetch.File(**{"url": f"{server.url}/x.bin", "sha256": hashlib.sha256(right).hexdigest(), "licence": "CC0-1.0"} | case.file)
        for name, value in case.server.items():
            if name == "etag" and not value:
                server.etag = value  # no part of it has a validator
        if case.part:
            server.faults = ["cut"]
            with mock.patch.object(fetch, "TRIES", 1):
                attempt(Case(""), server, file, cache)
        if case.cached is not None:
            (cache / "x.bin").write_bytes(case.cached)
        vars(server).update(case.server, faults=[*case.replies], always=case.always, seen=[])
        had = kept(cache)[0]
        text, waits, received = attempt(case, server, file, cache)
        left, outcome = kept(cache)
        row = {"requests": requests(server.seen), "waited, s": ", ".join(f"{w:.0f}" for w in waits), "the user reads": text,
               "outcome": outcome, "bytes received in vain": f"{max(received - (left - had), 0):,}"}
        again = "-"
        if case.run is not server_gone:
            vars(server).update(data=right, etag='"one"' if right == DATA else '"two"', faults=[], always=None, seen=[])
            attempt(Case(""), server, file, cache)
            again = f"{requests(server.seen)}; {kept(cache)[1]}"
        return row | {"the next run, all well": again}


def fault_table() -> pd.DataFrame:
    with mock.patch.dict(os.environ):
        for key in SETTINGS:
            os.environ.pop(key, None)
        return pd.DataFrame({case.fault: measure(case) for case in CASES}).T.rename_axis("fault")


def registry_table() -> pd.DataFrame:
    rows = {}
    for name, file in fetch.REGISTRY.items():
        hashes = [f"{kind} {digits[:8]}…, {len(digits)} of {whole} digits" for kind, digits, whole in
                  (("sha256", file.sha256, 64), ("md5", file.md5, 32)) if digits]
        rows[name] = {"what": file.note, "bytes": f"{file.size:,}" if file.size else "not known", "checked": "; ".join(hashes),
                      "licence": file.licence}
    return pd.DataFrame(rows).T.rename_axis("file")


def page() -> str:
    return "\n\n".join([
        "# Downloads, measured", "Written by `python tools/measure_downloads.py --page docs/downloads.md`.",
        "## The files",
        "Sizes and whole sha256s of the .pt and .pth files were not weighed here: at least two unrelated public repositories state each "
        "(torchvision itself publishes the first eight digits, and rounded sizes that agree). Where fewer do, the size is not known and "
        "not checked; the hash always is.",
        markdown(registry_table()),
        "## The faults",
        f"A local server serves a file of {len(DATA):,} bytes and has one fault; a cut comes after {CUT:,} bytes. `whole: 200` is a "
        f"request for the whole file and the server's answer, `from {CUT:,}: 206` one for the rest (Range). Waits are recorded, not slept; "
        f"a connection counts as stalled after {STALL} s here, {fetch.TIMEOUT} s for users; full disks and missing locks are simulated. "
        "Progress bars are left out. *Received in vain* are bytes that came and were not used, an earlier part's included.",
        markdown(fault_table())]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    text = page()
    args.page.write_text(text, encoding="utf8") if args.page else print(text)


if __name__ == "__main__":
    main()
