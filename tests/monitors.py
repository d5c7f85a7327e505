"""A monitor elsewhere, as a sweep's pings find it: a real HTTP server that keeps what it is told."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Monitor:
    """A real HTTP server that keeps what it is told; it answers once `may_answer` is set."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, int]]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.status = 200
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                monitor.told.append((self.path, json.loads(self.rfile.read(length))))
                monitor.may_answer.wait(30)
                self.send_response(monitor.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        """What the setting names."""
        return f"http://127.0.0.1:{self.server.server_port}/key"

    def told_of(self, sweep: str) -> list[dict[str, int]]:
        """The counts of each success of a sweep."""
        return [counts for path, counts in self.told if path == f"/key/{sweep}"]

    def close(self) -> None:
        """Answer what is still held back, then no more."""
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()
