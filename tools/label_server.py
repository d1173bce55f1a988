"""A web server on 127.0.0.1 that speaks OpenAI's Responses, Files and Batch API and misbehaves as told: for tests/test_ask.py."""

import contextlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-test-0123456789"


class Handler(BaseHTTPRequestHandler):
    """The next of `server.faults`, else `server.always`, says how a reply of /v1/responses is spoilt (None: not)."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {self.server.key}":  # and repeats the key, as OpenAI does in part
            return self.reply(401, {"error": {"message": f"Incorrect API key provided: {self.headers['Authorization'].split()[-1]}"}})
        kind = self.path.removeprefix("/v1/")
        if kind == "responses":
            return self.respond(json.loads(body))
        if kind == "files":
            return self.reply(200, self.server.keep(body))
        if kind == "batches":
            return self.reply(200, self.server.begin(json.loads(body)))
        return self.reply(404, {"error": {"message": f"no {self.path}"}})

    def do_GET(self):
        server = self.server
        if found := re.fullmatch(r"/v1/batches/(.+)", self.path):
            return self.reply(200, server.stand(found[1]))
        if self.path.startswith("/v1/batches"):
            return self.reply(200, {"object": "list", "data": list(server.batches.values()), "has_more": False})
        if found := re.fullmatch(r"/v1/files/(.+)/content", self.path):
            return self.send(200, server.files[found[1]])
        return self.reply(404, {"error": {"message": f"no {self.path}"}})

    def respond(self, request):
        server = self.server
        with server.counting:
            server.seen.append(request | {"path": self.path, "at": time.monotonic()})
            fault = server.faults.pop(0) if server.faults else server.always
            server.under_way += 1
            server.most_at_once = max(server.most_at_once, server.under_way)
        try:
            time.sleep(server.delay)
            self.spoil(fault, request)
        finally:
            with server.counting:
                server.under_way -= 1

    def spoil(self, fault, request):
        whole = json.dumps(self.server.answer(request, fault)).encode()
        if isinstance(fault, int | tuple):
            status, headers = (fault, {}) if isinstance(fault, int) else fault
            return self.reply(status, {"error": {"message": f"told to say {status}"}}, headers)
        if fault == "html":
            return self.send(200, b"<!DOCTYPE html><title>log in</title>", {"Content-Type": "text/html"})
        if fault == "broken json":
            return self.send(200, whole[:-20] + b"}" * 3)
        if fault == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[:50])
            self.close_connection = True
            return None
        if fault == "silent":
            self.server.closing.wait(30)
            self.close_connection = True
            return None
        return self.send(200, whole)

    def reply(self, status, body, headers=None):
        return self.send(status, json.dumps(body).encode(), headers)

    def send(self, status, data, headers=None):
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    """labels: {text: label}, else 중립."""

    daemon_threads, request_queue_size = True, 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.key, self.labels, self.faults, self.always, self.delay = KEY, {}, [], None, 0.0
        self.seen, self.files, self.batches, self.counting, self.closing = [], {}, {}, threading.Lock(), threading.Event()
        self.under_way = self.most_at_once = 0
        self.batch_status, self.fails_in_batch = "completed", set()  # texts that a batch answers with a 500
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request, client_address):
        pass  # clients that were killed

    def answer(self, request, fault=None):
        text = request["input"]
        said = {"label": self.labels.get(text, "중립"), "confidence": 0.8, "reason": "why"}
        content = {"type": "output_text", "annotations": [], "text": json.dumps(said)}
        if fault == "refusal":
            content = {"type": "refusal", "refusal": "I cannot"}
        if fault == "off schema":
            content["text"] = json.dumps({"label": "기쁨", "confidence": "high"})
        cut_off = fault == "truncated"
        content["text"] = content.get("text", "")[:12] if cut_off else content.get("text", "")
        return {"id": "r", "object": "response", "created_at": 0, "model": request["model"],
                "status": "incomplete" if cut_off else "completed",
                "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
                "output": [{"type": "message", "id": "m", "status": "completed", "role": "assistant", "content": [content]}],
                "usage": {"input_tokens": 500, "output_tokens": 40, "total_tokens": 540}}

    # --- Files and Batch
    def keep(self, form: bytes) -> dict:
        name = f"file-{len(self.files)}"
        self.files[name] = b"\n".join(line for line in form.split(b"\r\n") if line.startswith(b"{"))
        return {"id": name, "object": "file", "bytes": len(form), "created_at": 0, "filename": "requests.jsonl", "purpose": "batch"}

    def begin(self, order: dict) -> dict:
        name = f"batch_{len(self.batches)}"
        lines = [json.loads(line) for line in self.files[order["input_file_id"]].split(b"\n") if line]
        answers = []
        for line in lines:
            good = line["body"]["input"] not in self.fails_in_batch
            response = {"status_code": 200 if good else 500, "body": self.answer(line["body"]) if good else {"error": {"message": "no"}}}
            answers.append(json.dumps({"id": "x", "custom_id": line["custom_id"], "response": response, "error": None}))
        self.files[f"{name}-out"] = "\n".join(reversed(answers)).encode() + b"\n"  # a batch may answer in any order
        self.batches[name] = {"id": name, "object": "batch", "endpoint": "/v1/responses", "input_file_id": order["input_file_id"],
                              "completion_window": "24h", "status": "in_progress", "created_at": 0, "metadata": order.get("metadata"),
                              "request_counts": {"total": len(lines), "completed": 0, "failed": 0}}
        return self.batches[name]

    def stand(self, name: str) -> dict:
        job = self.batches[name]
        if self.batch_status == "completed":
            job |= {"status": "completed", "output_file_id": f"{name}-out"}
        else:
            job |= {"status": self.batch_status}
        return job


@contextlib.contextmanager
def serving():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
