"""Asking a language model for labels: through the openai package, every reply recorded at once, nothing paid twice, faults by name.

Sources: OpenAI's API reference (Responses, structured outputs, Batch), as the openai package (2 and 3) speaks it. Any server that speaks
the same can be asked by ``base_url``. The key comes from OPENAI_API_KEY alone and is in no record, output or error.
"""

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from .augment import FAILED, LABELS, replies
from .run import digest, is_embedded, write_atomic

BATCH_DISCOUNT = 0.5  # of the Batch API's prices
GIVEN_UP = 5  # texts in a row without any reply, after which the server is taken to be down
SCHEMA = {"type": "object", "additionalProperties": False, "required": ["label", "confidence", "reason"],
          "properties": {"label": {"type": "string", "enum": list(LABELS)}, "confidence": {"type": "number"}, "reason": {"type": "string"}}}


class AskError(RuntimeError):
    """Asking had to stop, or was not begun; what was recorded stays recorded."""


@dataclass(frozen=True)
class Asking:
    """Whom to ask, how, and where replies are recorded. Prices: dollars per million tokens, 0 for a server of your own."""

    model: str
    prompt: str
    record: Path
    base_url: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    at_once: int = 4  # requests on their way
    tries: int = 6  # of one request: 429, 5xx, cut and silent connections; the server's Retry-After is kept to
    timeout: float = 60.0  # seconds without a reply
    max_output_tokens: int = 1000  # reasoning included

    @property
    def stamp(self) -> str:
        """Hash of the prompt, as recorded."""
        return digest(self.prompt)

    def body(self, text: str) -> dict:
        """One request of the Responses API."""
        return {"model": self.model, "instructions": self.prompt, "input": text, "max_output_tokens": self.max_output_tokens,
                "text": {"format": {"type": "json_schema", "name": "label", "strict": True, "schema": SCHEMA}}}


def missing(texts: list[str], asking: Asking, again: bool = False) -> list[str]:
    """Texts that were not asked under this prompt and model, each once, in their order. again: also those that got no usable reply."""
    known = replies(asking.record) if Path(asking.record).exists() else None
    if known is None:
        return list(dict.fromkeys(texts))
    same = known[(known["model"] == asking.model) & (known["prompt"] == asking.stamp)]
    done = set(same.loc[~same["label"].isin(FAILED), "text"] if again else same["text"])
    return [t for t in dict.fromkeys(texts) if t not in done]


def estimate(texts: list[str], asking: Asking, batch: bool = False) -> dict[str, float]:
    """{"requests", "input_tokens", "output_tokens", "dollars"} that asking these would take. Rough: a token for three bytes of UTF-8 (a
    syllable of Hangul), 100 for the schema, 80 for an answer; a model that reasons writes more."""
    tokens_in = sum((len(asking.prompt.encode()) + len(t.encode())) / 3 + 100 for t in texts)
    tokens_out = 80 * len(texts)
    dollars = (tokens_in * asking.price_in + tokens_out * asking.price_out) / 1e6 * (BATCH_DISCOUNT if batch else 1)
    return {"requests": len(texts), "input_tokens": round(tokens_in), "output_tokens": tokens_out, "dollars": round(dollars, 4)}


def ask(texts: list[str], asking: Asking, max_dollars: float = 0.0, again: bool = False) -> dict[str, int]:
    """Ask what is missing; returns {"asked", "recorded", "without_reply"}.

    Each reply is appended to the record and on the disk before the next is waited for; a refusal, a cut reply and one off the schema are
    recorded by name (augment.FAILED). A run that was killed goes on with what is missing. Raises AskError if the estimate, or what was
    spent by the servers' own counts, is above max_dollars, if there is no key, if another process asks for the same record, if the
    server refuses key, model or request, or if texts stay without any reply; ValueError for the embedded record.
    """
    with _recording(asking) as write:
        todo = missing(texts, asking, again)
        _may_spend(estimate(todo, asking), max_dollars)
        client, counts, spent, lost, first_error = _client(asking), {"asked": len(todo), "recorded": 0}, 0.0, 0, None
        waiting, pool = {}, ThreadPoolExecutor(asking.at_once)
        rest = iter(todo)
        stop = None
        try:
            with tqdm(total=len(todo), desc=asking.model, unit="text") as bar:
                while True:
                    while stop is None and len(waiting) < asking.at_once and (text := next(rest, None)) is not None:
                        waiting[pool.submit(_one, client, asking, text)] = text
                    if not waiting:
                        break
                    for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                        text, (reply, error) = waiting.pop(done), done.result()
                        bar.update()
                        if reply:
                            write(row(text, reply, asking))
                            counts["recorded"] += 1
                            lost = 0
                            spent += _dollars(reply, asking)
                        else:
                            first_error, lost = first_error or error, lost + 1
                        if error and (_final(error) or lost >= GIVEN_UP):
                            stop = error
                        elif asking.price_out and spent > max_dollars:
                            stop = AskError(f"${spent:.2f} are spent, more than MAX_DOLLARS = {max_dollars}")
        except BaseException:  # Ctrl-C: what is on its way is paid for, so it is waited for and recorded
            for done, text in waiting.items():
                if (reply := done.result()[0]):
                    write(row(text, reply, asking))
            raise
        finally:
            pool.shutdown()
    counts["without_reply"] = counts["asked"] - counts["recorded"]
    if stop or first_error:
        raise AskError(f"{counts['recorded']} replies recorded, {counts['without_reply']} texts without one. {_said(stop or first_error)} "
                       "Run again to ask for what is missing.")
    return counts


def row(text: str, reply: dict, asking: Asking) -> dict:
    """A line of the record from a reply of the Responses API, as a dict."""
    label, confidence, reason = read_reply(reply)
    usage = reply.get("usage") or {}
    return {"text": text, "label": label, "confidence": confidence, "reason": reason, "model": asking.model, "prompt": asking.stamp,
            "parameters": {"max_output_tokens": asking.max_output_tokens}, "answered_by": reply.get("model"),
            "usage": {key: usage.get(key) for key in ("input_tokens", "output_tokens")}}


def read_reply(reply: dict) -> tuple[str, float, str]:
    """(label, confidence, reason); where there is no such answer, a label of augment.FAILED, 0 and what came instead."""
    content = [part for item in reply.get("output") or [] if item.get("type") == "message" for part in item.get("content") or []]
    if refusal := [part.get("refusal") for part in content if part.get("type") == "refusal"]:
        return "거절", 0.0, str(refusal[0])
    if reply.get("status") == "incomplete":
        return "잘림", 0.0, str((reply.get("incomplete_details") or {}).get("reason", ""))
    text = "".join(part.get("text") or "" for part in content if part.get("type") == "output_text")
    try:
        said = json.loads(text)
        label, confidence, reason = said["label"], float(said["confidence"]), str(said["reason"])
    except (ValueError, KeyError, TypeError):
        return "형식", 0.0, text[:300]
    if label not in LABELS or math.isnan(confidence):
        return "형식", 0.0, text[:300]
    return label, min(max(confidence, 0.0), 1.0), reason


# --- the Batch API ---------------------------------------------------------------------------------------------------
def batch(texts: list[str], asking: Asking, max_dollars: float = 0.0) -> str:
    """The next step of a batch (half the price, within a day): prepare and submit what is missing; called again, ask how it stands; when it
    is done, record its replies. Returns where it stands, in words; a batch on its way is never submitted twice.

    Beside the record lies <record>.batch.json while a batch is open. Raises as ask does.
    """
    state = Path(f"{asking.record}.batch.json")
    with _recording(asking) as write:
        client = _client(asking)
        if not state.exists():
            todo = missing(texts, asking)
            if not todo:
                return "nothing is missing"
            _may_spend(estimate(todo, asking, batch=True), max_dollars)
            return _submit(client, todo, asking, state)
        kept = json.loads(state.read_text(encoding="utf8"))
        if kept["id"] is None:  # killed between sending and noting the number
            found = [b for b in _call(client.batches.list, limit=100) if (b.metadata or {}).get("emorec") == kept["mark"]]
            if not found:
                state.unlink()
                return "the last batch was prepared but never sent; call again to send it"
            kept["id"] = found[0].id
            write_atomic(state, json.dumps(kept, ensure_ascii=False))
        job = _call(client.batches.retrieve, kept["id"])
        if job.status not in ("completed", "expired", "cancelled", "failed"):
            done = job.request_counts.completed if job.request_counts else 0
            return f"batch {job.id}: {job.status}, {done} of {len(kept['texts'])} answered"
        n = _collect(client, job, kept["texts"], asking, write)
        state.unlink()
    return f"batch {job.id}: {job.status}, {n} replies recorded, {len(kept['texts']) - n} texts without one"


def _submit(client, todo: list[str], asking: Asking, state: Path) -> str:
    texts = {digest(text): text for text in todo}
    mark = digest(asking.stamp, sorted(texts))
    lines = [json.dumps({"custom_id": key, "method": "POST", "url": "/v1/responses", "body": asking.body(text)}, ensure_ascii=False)
             for key, text in texts.items()]
    write_atomic(state, json.dumps({"id": None, "mark": mark, "texts": texts}, ensure_ascii=False))
    file = _call(client.files.create, file=("requests.jsonl", "\n".join(lines).encode() + b"\n"), purpose="batch")
    job = _call(client.batches.create, input_file_id=file.id, endpoint="/v1/responses", completion_window="24h", metadata={"emorec": mark})
    write_atomic(state, json.dumps({"id": job.id, "mark": mark, "texts": texts}, ensure_ascii=False))
    return f"batch {job.id}: {len(texts)} requests submitted"


def _collect(client, job, texts: dict[str, str], asking: Asking, write) -> int:
    """Record what a finished batch answered; lines of requests that failed are left out and so stay missing."""
    asked, n = set(missing(list(texts.values()), asking)), 0
    for file in filter(None, (job.output_file_id,)):
        for line in _call(client.files.content, file).text.split("\n"):
            if not line.strip():
                continue
            answer = json.loads(line)
            text, response = texts.get(answer.get("custom_id")), answer.get("response") or {}
            if text in asked and response.get("status_code") == 200:
                write(row(text, response["body"], asking))
                asked.discard(text)
                n += 1
    return n


# --- one request, the record -----------------------------------------------------------------------------------------
def _client(asking: Asking):
    import openai

    if not os.environ.get("OPENAI_API_KEY"):
        raise AskError("OPENAI_API_KEY is not set; set it, or leave ASK = "" to replay the record")
    return openai.OpenAI(base_url=asking.base_url or None, max_retries=asking.tries - 1, timeout=asking.timeout)


def _one(client, asking: Asking, text: str) -> tuple[dict | None, Exception | None]:
    """(the reply as a dict, None) or (None, why there is none)."""
    try:
        reply = client.responses.create(**asking.body(text))
        if isinstance(reply, str):  # a page of a proxy, say
            raise ValueError(f"a reply that is no JSON: {reply[:100]!r}")
        return reply.model_dump(), None
    except Exception as error:  # of one text: the others go on
        return None, error


def _call(method, *args, **kwargs):
    try:
        return method(*args, **kwargs)
    except Exception as error:
        raise AskError(_said(error)) from None


def _final(error: Exception) -> bool:
    """Errors that every further request would meet too."""
    import openai

    return isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError | openai.NotFoundError | openai.BadRequestError
                      | openai.UnprocessableEntityError)


def _said(error: Exception) -> str:
    """What an error says, without the key (servers like to repeat it)."""
    text = f"{type(error).__name__}: {error}" if not isinstance(error, AskError) else str(error)
    key = os.environ.get("OPENAI_API_KEY")
    return (text.replace(key, "…") if key else text)[:500] + ("" if text.endswith(".") else ".")


def _dollars(reply: dict, asking: Asking) -> float:
    usage = reply.get("usage") or {}
    return ((usage.get("input_tokens") or 0) * asking.price_in + (usage.get("output_tokens") or 0) * asking.price_out) / 1e6


def _may_spend(plan: dict, max_dollars: float) -> None:
    print(f"{plan['requests']} requests, about {plan['input_tokens']:,} tokens in and {plan['output_tokens']:,} out, about "
          f"${plan['dollars']:.2f}", file=sys.stderr)
    if plan["dollars"] > max_dollars:
        raise AskError(f"{plan['requests']} requests would cost about ${plan['dollars']:.4f}; nothing was asked. To go on set MAX_DOLLARS "
                       f"to at least that (it is {max_dollars}), or MAX_ASKED lower")


@contextlib.contextmanager
def _recording(asking: Asking) -> Iterator:
    """write(row) appends a line and waits until it is on the disk. One process at a time; a half-written last line of a killed one is cut
    off first."""
    path = Path(asking.record)
    if is_embedded(path):
        raise ValueError(f"{path} ships with emorec and is read only; set RECORD to a file of your own")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AskError(f"another process is asking for {path}; wait for it, or stop it") from None
    try:
        _mend(path)
        with path.open("ab") as file:
            def write(line: dict) -> None:
                file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            yield write
    finally:
        lock.release()


def _mend(path: Path) -> None:
    data = path.read_bytes() if path.exists() else b""
    if data in (b"",) or data.endswith(b"\n"):
        return
    whole, _, last = data.rpartition(b"\n")
    try:
        json.loads(last)
        mended = data + b"\n"  # edited by hand: only the line's end is missing
    except ValueError:
        print(f"{path}: the last reply was half written by a run that was killed; cut off, it will be asked again", file=sys.stderr)
        mended = whole + (b"\n" if whole else b"")
    write_atomic(path, mended)
