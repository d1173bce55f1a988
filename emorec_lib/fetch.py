"""Downloadable files (url, hash, licence) and one verified, atomic, resumable download: `fetch(file) -> Path`.

Environment: EMOREC_CACHE (folder), EMOREC_OFFLINE=1 (no network), EMOREC_MIRROR=https://host/path (replaces everything before the
file name). Beside `<name>` lie `.ok` (its hash was checked), `.lock`, and `.part`, `.part.tag` while a download is unfinished.
What it does under each fault is measured in docs/downloads.md. Sources: RFC 9110 (Range, If-Range, 206, 416, Retry-After); temporary
file + hash + rename as in skrub.
"""
import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tqdm import tqdm

TRIES, TIMEOUT, CHUNK = 4, 30, 1 << 16  # count; seconds without a byte before a connection counts as stalled; bytes
LONGEST = 120  # seconds that a server can make us wait
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_sleep = time.sleep


class DownloadError(OSError):
    """The file could not be had: the server refused it, or every try failed."""


class ChecksumError(DownloadError):
    """There are bytes, but not those that the registry expects."""


FINAL = (DownloadError, PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError)  # trying again does not help


@dataclass(frozen=True)
class File:
    """One downloadable file. sha256, md5: lower-case hex, whole or the leading digits that its publisher gives; at least one is set."""
    url: str
    sha256: str | None
    licence: str
    note: str = ""
    md5: str | None = None
    size: int | None = None  # bytes; None where unknown

    def __post_init__(self):
        if not (self.sha256 or self.md5):
            raise ValueError(f"{self.url}: found no hash, expected a sha256 or an md5, or its first digits: else any bytes would pass")

    @property
    def name(self) -> str:
        """The last part of the url: what the file is called in the cache."""
        return self.url.rsplit("/", 1)[1]


# Weighed and hashed by us: the tokenizer (its md5 begins as its publisher says) and NSMC. Sizes and whole sha256s of the .pt and .pth files
# were not weighed here: at least two unrelated public repositories state each. Where fewer do, the size is None: a wrong one would refuse
# the right file. (Of efficientnet_v2_s one project alone says 86,721,253, which fits torchvision's own 82.704 MiB.)
_CLIP = "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"  # its sha256 is a part of its address
_TORCH = "https://download.pytorch.org/models/"  # these names end in the first 8 digits of the sha256, as torchvision publishes them
_SKT = "https://huggingface.co/skt/kobert-base-v1/resolve/main/legacy/"
_NSMC = "https://raw.githubusercontent.com/e9t/nsmc/master/"
REGISTRY: dict[str, File] = {file.name: file for file in (
    File(f"https://openaipublic.azureedge.net/clip/models/{_CLIP}/ViT-B-32.pt", _CLIP, "MIT", "OpenAI CLIP", size=353_976_522),
    File(_TORCH + "resnet50-11ad3fa6.pth", "11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca", "BSD-3-Clause",
         "torchvision, V2 weights", size=102_540_417),
    File(_TORCH + "resnet50-0676ba61.pth", "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a", "BSD-3-Clause",
         "torchvision, V1 weights", size=102_530_333),
    File(_TORCH + "resnet18-f37072fd.pth", "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec", "BSD-3-Clause",
         "torchvision, V1 weights", size=46_830_571),
    File(_TORCH + "efficientnet_v2_s-dd5fe13b.pth", "dd5fe13b1d60ec15317ccc8ca158186e134d3366c3dde9cb9a4e301f2dc66c74", "BSD-3-Clause",
         "torchvision, V1 weights"),
    File(_SKT + "kobert_news_wiki_ko_cased-1087f8699e.spiece", "17dc471055592d3cc9e0a5831e769246a8a001a4d27551c9ed79668173c7b407",
         "Apache-2.0", "KoBERT's tokenizer", md5="ae5711deb3", size=371_427),
    File(_SKT + "kobert_v1.zip", None, "Apache-2.0", "KoBERT's weights", md5="411b2429199bc04558576acdcac6d498"),
    File(_NSMC + "ratings_train.txt", "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940", "CC0-1.0", "NSMC reviews",
         size=14_628_807),
    File(_NSMC + "ratings_test.txt", "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda", "CC0-1.0", "NSMC reviews",
         size=4_893_335),
)}


def cache_folder(cache: str | os.PathLike | None = None) -> Path:
    """The argument, else $EMOREC_CACHE, else `emorec` in the user's cache ($XDG_CACHE_HOME; on Windows %LOCALAPPDATA%; ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(cache or os.environ.get("EMOREC_CACHE") or Path(base, "emorec")).expanduser().absolute()


def offline() -> bool:
    """Whether EMOREC_OFFLINE forbids the network."""
    return os.environ.get("EMOREC_OFFLINE", "").lower() not in ("", "0", "false", "no")


def lookup(file: str | File) -> File:
    """The File of that name in REGISTRY; a File is its own. Raises ValueError with the choices if there is no such name."""
    if isinstance(file, File):
        return file
    if file not in REGISTRY:
        raise ValueError(f"no downloadable file is called {file!r}; choose one of: {', '.join(sorted(REGISTRY))}")
    return REGISTRY[file]


def address(file: str | File) -> str:
    """Where a file (or a name of REGISTRY) is downloaded from. Raises ValueError (no such name; EMOREC_MIRROR is no http address)."""
    file = lookup(file)
    mirror = os.environ.get("EMOREC_MIRROR", "").strip()
    if mirror and not mirror.startswith(("https://", "http://")):
        raise ValueError(f"EMOREC_MIRROR is {mirror!r}, expected an address such as https://host/path; correct or unset it")
    return f"{mirror.rstrip('/')}/{file.name}" if mirror else file.url


def fetch(file: str | File, cache: str | os.PathLike | None = None, download: bool = True) -> Path:
    """Path of a verified file (a name of REGISTRY, or a File); downloaded (unless `download` is False) if it does not lie in the cache,
    where it needs no network.

    Raises ValueError (no such name; EMOREC_MIRROR is no http address), FileNotFoundError (not in the cache, download forbidden),
    ChecksumError (size or hash), DownloadError (refused, or TRIES tries failed), OSError ENOSPC (disk full; the part stays).
    """
    file, url = lookup(file), address(file)
    target = cache_folder(cache) / file.name
    mark = target.with_name(file.name + ".ok")
    if not (fault := _fault(target, mark, file)):
        return target
    if offline() or not download:
        who, undo = ("EMOREC_OFFLINE", ", or unset EMOREC_OFFLINE") if offline() else ("the caller", "")
        raise (ChecksumError if target.exists() else FileNotFoundError)(
            f"{file.name} in the cache folder {target.parent}: {fault}, and {who} forbids a download. "
            f"Download {url} by hand and put it at {target}{undo}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _lock(target):
        if fault := _fault(target, mark, file):  # another process may have finished it meanwhile
            if target.exists():
                warnings.warn(f"{target}: {fault}; downloading it again", stacklevel=2)
            _download(url, target, mark, file)
    return target


def fetch_model(file: str | File, parameter: str, value: str, choices: Iterable[str]) -> Path:
    """fetch() of a model's weights; an error also names the parameter that asked for them and the choices. Raises DownloadError."""
    try:
        return fetch(file)
    except OSError as error:
        raise DownloadError(f"{parameter} = {value!r} cannot be had: {error}\nChoices of {parameter}: {', '.join(choices)}; "
                            "the untrained one needs no download.") from error


def _fault(path: Path, mark: Path, file: File) -> str | None:
    """What is wrong with `path`, or None. Hashes once: `mark` then vouches for bytes of this size and time (a rename keeps both)."""
    if not path.is_file():
        return "no such file"
    stat = path.stat()  # before hashing, so that a change meanwhile is seen next time
    stamp = f"{stat.st_size} {stat.st_mtime_ns} {file}".encode()
    if mark.is_file() and mark.read_bytes() == stamp:
        return None
    if file.size is not None and stat.st_size != file.size:
        return f"found {stat.st_size} bytes, expected {file.size}"
    for kind, expected in (("sha256", file.sha256), ("md5", file.md5)):
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, kind).hexdigest() if expected else ""
        if not found.startswith(expected or ""):
            return f"found {kind} {found}, expected {expected}" + ("…" if len(expected) < len(found) else "")
    with contextlib.suppress(OSError):  # a read-only cache only costs hashing again
        mark.write_bytes(stamp)
    return None


def _download(url: str, target: Path, mark: Path, file: File) -> None:
    """Up to TRIES tries, 1, 2, 4 … s apart or as long as the server asks, each said on stderr. Raises as `fetch`."""
    for attempt in range(1, TRIES + 1):
        try:
            return _try(url, target, mark, file)
        except (OSError, HTTPException) as err:
            if isinstance(err, FINAL) or getattr(err, "errno", None) in FULL:
                raise
            last, (why, asked) = err, _why(err)
        if attempt < TRIES:
            wait = max(2 ** (attempt - 1), asked)
            print(f"{file.name}: {why}; trying again in {wait:.0f} s", file=sys.stderr, flush=True)
            _sleep(wait)
    raise DownloadError(f"{url}: {TRIES} tries failed, the last with {why}. Bytes received, if any, are in {target}.part; "
                        f"check the connection and run again to continue, {_otherwise(target)}") from last


def _try(url: str, target: Path, mark: Path, file: File) -> None:
    """Transfer into `.part`; verify; rename. Raises DownloadError where trying again does not help."""
    part, tag = target.with_name(target.name + ".part"), target.with_name(target.name + ".part.tag")
    try:
        start = _transfer(url, part, tag, file.size)
    except HTTPError as err:
        if 400 <= err.code < 500 and err.code not in (408, 429):
            raise DownloadError(f"{url}: got {err.code} {err.reason}, expected the file; {_otherwise(target)}") from err
        raise
    fault = _fault(part, mark, file)
    tag.unlink(missing_ok=True)
    if not fault:
        return os.replace(part, target)
    part.unlink(missing_ok=True)
    if start:
        raise ConnectionError(f"{fault}; the part, begun earlier, was deleted; from zero again")
    raise ChecksumError(f"{url}: {fault}. The part was deleted; run again, {_otherwise(target)}")


def _otherwise(target: Path) -> str:
    return f"check EMOREC_MIRROR, or download the file by hand and put it at {target}"


def _why(err: Exception) -> tuple[str, float]:
    """A failed try in words, and the seconds that the server asks to wait (0: it does not)."""
    if isinstance(getattr(err, "reason", err), TimeoutError):
        return f"no byte for {TIMEOUT} s", 0
    if not isinstance(err, HTTPError):
        return str(err) if type(err) is ConnectionError else f"{type(err).__name__}: {getattr(err, 'reason', err)}", 0
    asked = err.headers.get("Retry-After", "").strip()
    return f"{err.code} {err.reason}" + (f" (Retry-After: {asked})" if asked else ""), _seconds(asked, err.headers.get("Date", ""))


def _seconds(asked: str, now: str) -> float:
    """Retry-After: a number, or a date by the server's clock `now`, else by ours. From 0 to LONGEST; 0 if it is neither."""
    with contextlib.suppress(ValueError, OverflowError):
        if asked.isdecimal():
            return min(int(asked), LONGEST)
        if until := parsedate_tz(asked):
            return min(max(mktime_tz(until) - (mktime_tz(clock) if (clock := parsedate_tz(now)) else time.time()), 0), LONGEST)
    return 0


def _transfer(url: str, part: Path, tag: Path, size: int | None) -> int:
    """One transfer: continue `part` where it ends, or start it. Returns the byte it began at."""
    had = part.stat().st_size if part.exists() else 0
    seen = tag.read_text(encoding="utf-8").strip() if had and tag.exists() else ""
    wish = {"User-Agent": "emorec"} | ({"Range": f"bytes={had}-"} if had else {}) | ({"If-Range": seen} if seen else {})
    try:
        reply = urlopen(Request(url, headers=wish), timeout=TIMEOUT)
    except HTTPError as err:
        err.close()
        if err.code != 416 or not had:
            raise
        if err.headers.get("Content-Range") == f"bytes */{had}":  # it was whole already, only not yet renamed
            return had
        part.unlink()
        raise ConnectionError(f"the server has no byte {had}; from zero again") from err
    with reply:
        if reply.headers.get_content_type() == "text/html" and reply.peek(9).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise ChecksumError(f"{url}: found a web page (text/html: a login, an error or a proxy's notice), expected the file; "
                                f"{_otherwise(part.with_suffix(''))}")
        start, total, validator = _span(reply, had, seen, part)
        if size is not None and total not in (None, size):
            raise ChecksumError(f"{url}: found {total} bytes, expected {size}; nothing was transferred; {_otherwise(part.with_suffix(''))}")
        total = size if total is None else total
        usage = shutil.disk_usage(part.parent)  # all zero on file systems that do not tell
        if total is not None and usage.total and usage.free < total - had:  # what is already there is continued or overwritten
            raise _no_room(part, total - had, usage.free)
        _copy(reply, part, tag, start, total, validator)
        return start


def _span(reply, had: int, seen: str, part: Path) -> tuple[int, int | None, str]:
    """The byte that the reply begins at, the whole file's bytes (None: not told), its validator. Raises ConnectionError (not as asked)."""
    etag = reply.headers.get("ETag", "W/")
    now = reply.headers.get("Last-Modified", "") if etag.startswith("W/") else etag  # a weak ETag may not stand in If-Range
    if reply.status != 206:
        return 0, reply.length, now  # the server knows no ranges, or the file has changed
    span = reply.headers.get("Content-Range", "")  # 'bytes 5-9/10'
    if not span.startswith(f"bytes {had}-") or (seen and now and seen != now):
        part.unlink(missing_ok=True)
        raise ConnectionError(f"asked for byte {had} onwards of {seen or 'the file'}, got {span or 'no range'} of {now}; from zero again")
    whole = span.rpartition("/")[2]
    return had, int(whole) if whole.isdecimal() else reply.length and had + reply.length, now


def _copy(reply, part: Path, tag: Path, start: int, total: int | None, validator: str) -> None:
    """Write the reply behind the first `start` bytes of `part`. Raises ConnectionError (cut short), OSError ENOSPC (disk full)."""
    got = start
    try:
        with open(part, "ab" if start else "wb") as out, tqdm(
                total=total, initial=start, unit="B", unit_scale=True, desc=part.stem, file=sys.stderr) as bar:
            tag.write_text(validator, encoding="utf-8")  # only now, when bytes of an older version are gone
            while chunk := reply.read1(CHUNK):  # what has come, so that a stall loses nothing
                out.write(chunk)
                got += len(chunk)
                bar.update(len(chunk))
            out.flush()
            os.fsync(out.fileno())  # so that a power cut cannot leave an empty file under the final name
    except OSError as err:
        if err.errno not in FULL:
            raise
        raise _no_room(part, None if total is None else total - part.stat().st_size, shutil.disk_usage(part.parent).free) from err
    if total is not None and got < total:
        raise ConnectionError(f"the connection ended after {got} of {total} bytes")


def _no_room(part: Path, need: int | None, free: int) -> OSError:
    return OSError(errno.ENOSPC, f"no room for {part.stem}: bytes still needed {'unknown' if need is None else need}, free {free}; "
                   "make room, or set EMOREC_CACHE to another folder, then run again to continue")


@contextlib.contextmanager
def _lock(target: Path):
    """One download of `target` at a time over threads and processes; the system frees the lock of a process that dies."""
    with open(target.with_name(target.name + ".lock"), "ab") as handle:
        try:
            if not _try_lock(handle):
                print(f"waiting for another download of {target.name}", file=sys.stderr, flush=True)
                while not _try_lock(handle):
                    _sleep(0.1)
        except OSError as err:  # some network drives; two at once would only spoil each other's part, which the hash finds out
            warnings.warn(f"{target.parent} cannot lock files ({err}); download {target.name} from one process at a time", stacklevel=4)
        yield


def _try_lock(handle) -> bool:
    """Lock an open file until it is closed; False if someone else holds the lock. Raises OSError where locks are not supported."""
    with contextlib.suppress(PermissionError if os.name == "nt" else BlockingIOError):
        if os.name == "nt":
            import msvcrt
            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
