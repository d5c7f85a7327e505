"""A small IMAP server on this machine, as far as a mailbox is read: one folder, one user, over TLS (RFC 9051)."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

LOGIN = b'LOGIN clerk "secret"'


@dataclass
class Folder:
    """
    Mails by UID, and which of them are marked. `breaks_at` ends the connection when that UID is fetched, `withheld` is
    fetched without its content. With `refuses_to_search` it does not say what there is. UIDs count within one
    `validity`; None: it is not said.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    breaks_at: int | None = None
    withheld: int | None = None
    refuses_to_search: bool = False
    validity: int | None = 1
    port: int = 0


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Greet, then answer each command."""
        self._say(b"* OK ready")
        for line in iter(self.rfile.readline, b""):
            tag, _, command = line.strip().partition(b" ")
            if not self._answer(tag, command):
                return

    def _answer(self, tag: bytes, command: bytes) -> bool:
        folder: Folder = self.server.folder  # type: ignore[attr-defined]
        name = b" ".join(command.upper().split()[: 2 if command.upper().startswith(b"UID") else 1])
        if name == b"CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1")
        elif name == b"LOGIN":
            if command != LOGIN:
                self._say(tag + b" NO no")
                return True
        elif name == b"SELECT":
            if b"INBOX" not in command:
                self._say(tag + b" NO no such folder")
                return True
            self._say(b"* %d EXISTS" % len(folder.mails))
            self._say_numbers(folder)
        elif name == b"UID SEARCH":
            return self._search(tag, command, folder)
        elif name == b"UID FETCH":
            return self._fetch(tag, command, folder)
        elif name == b"UID STORE":
            folder.seen.add(int(command.split()[2]))
        elif name == b"LOGOUT":
            self._say(b"* BYE")
            self._say(tag + b" OK done")
            return False
        self._say(tag + b" OK done")
        return True

    def _say_numbers(self, folder: Folder) -> None:
        if folder.validity is not None:
            self._say(b"* OK [UIDVALIDITY %d] UIDs valid" % folder.validity)
            self._say(b"* OK [UIDNEXT %d] Predicted next UID" % (max(folder.mails, default=0) + 1))

    def _search(self, tag: bytes, command: bytes, folder: Folder) -> bool:
        since = re.search(rb"UID (\d+):\*", command)
        if since is None:
            found = set(folder.mails) - folder.seen
        else:
            first, last = int(since[1]), max(folder.mails, default=0)
            found = {uid for uid in folder.mails if min(first, last) <= uid <= max(first, last)}
        self._say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in sorted(found)))
        self._say(tag + (b" NO not now" if folder.refuses_to_search else b" OK done"))
        return True

    def _fetch(self, tag: bytes, command: bytes, folder: Folder) -> bool:
        uid = int(command.split()[2])
        folder.fetched.append(command.decode())
        if uid == folder.breaks_at:
            return False
        if uid == folder.withheld:
            self._say(tag + b" NO there is no such mail")
            return True
        content = folder.mails[uid]
        most = re.search(rb"<0\.(\d+)>", command)
        content = content[: int(most[1])] if most else content
        self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(content)) + content + b")\r\n")
        self._say(tag + b" OK done")
        return True

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Folder, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.folder = folder
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of the server."""


@contextmanager
def serving(folder: Folder, context: ssl.SSLContext) -> Iterator[Folder]:
    """The server, on a free port."""
    with _Server(folder, context) as server:
        folder.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield folder
        finally:
            server.shutdown()
