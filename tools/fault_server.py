"""A web server on 127.0.0.1 that serves one file and spoils replies as told: for tests/test_fetch.py and tools/measure_downloads.py."""

import contextlib
import random
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATA = random.Random(0).randbytes(300_000)
OTHER = DATA[::-1]  # as long, with another hash
CUT = 200_000  # bytes after which a cut or stalled connection ends
DATE = "Sat, 01 Jan 2022 00:00:00 GMT"  # the server's clock stands still
FAULTS = ("silent", "stall", "cut", "html", "long", "short", "no-range", "no-if-range", "wrong-range", "star-cut",
          "no-length", "no-length-cut")


class Handler(BaseHTTPRequestHandler):
    """Serves `server.data` with ETag and ranges. The next of `server.faults`, else `server.always`, says how a reply is spoilt: None, one
    of FAULTS, a status, or (status, headers)."""

    def do_GET(self):
        server, rng = self.server, self.headers.get("Range")
        self.record = {"path": self.path, "range": rng, "if_range": self.headers.get("If-Range"), "status": None, "sent": 0}
        server.seen.append(self.record)
        if server.gate:
            server.gate.wait(30)
        fault = server.faults.pop(0) if server.faults else server.always
        assert fault is None or fault in FAULTS or isinstance(fault, int | tuple), fault
        if fault == "silent":
            return self.wait_for_the_end()
        if isinstance(fault, int | tuple):
            status, headers = (fault, {}) if isinstance(fault, int) else fault
            return self.reply(status, b"no", headers)
        if fault == "html":
            return self.reply(200, b"<!DOCTYPE html><title>log in</title>", {"Content-Type": "text/html; charset=utf-8"})
        return self.serve(fault, rng)

    def serve(self, fault, rng):
        server, data, headers = self.server, self.server.data, {"ETag": self.server.etag, "Last-Modified": self.server.date}
        same = self.headers.get("If-Range") in (None, server.etag, server.date) or fault == "no-if-range"
        ranged = rng and fault != "no-range" and same
        start = int(re.fullmatch(r"bytes=(\d+)-", rng)[1]) if ranged else 0
        if ranged and start >= len(data):
            return self.reply(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        if ranged:
            said = 0 if fault == "wrong-range" else start
            headers["Content-Range"] = f"bytes {said}-{said + len(data) - start - 1}/{'*' if fault == 'star-cut' else len(data)}"
        body = data[start:]
        length = {"long": len(body) + 50, "short": len(body) - 50, "no-length": "", "no-length-cut": ""}.get(fault, len(body))
        sent = body[:{"cut": CUT, "stall": CUT, "no-length-cut": CUT, "star-cut": 10}.get(fault)]
        self.reply(206 if ranged else 200, sent, headers, length)
        if fault == "stall":
            self.wait_for_the_end()

    def wait_for_the_end(self):
        """Say nothing more, with the connection open, until the other side closes it."""
        with contextlib.suppress(OSError):
            self.connection.recv(1)
        self.close_connection = True

    def reply(self, status, body, headers=None, length=None):
        self.record |= {"status": status, "sent": len(body) if status < 300 else 0}
        self.send_response(status)
        for key, value in {"Content-Length": len(body) if length is None else length, **(headers or {})}.items():
            if value != "":
                self.send_header(key, value)
        with contextlib.suppress(ConnectionError):  # who does not want the body may hang up
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

    def date_time_string(self, timestamp=None):
        return DATE

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serve():
    """A running server. Set `data`, `etag`, `date`, `faults`, `always`, `gate` (an Event that replies wait for); read `seen`, `url`."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.data, httpd.etag, httpd.date, httpd.gate = DATA, '"one"', "", None
    httpd.faults, httpd.always, httpd.seen = [], None, []
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def stop():
        if thread.is_alive():
            httpd.shutdown()
            thread.join()
            httpd.server_close()
    httpd.stop = stop
    try:
        yield httpd
    finally:
        stop()
