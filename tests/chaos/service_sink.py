"""
A relay as a process of its own: `python service_sink.py PORT FOLDER`.

It writes a line into FOLDER/log for each mail it is given, before it answers: when (by the clock in FOLDER/clock), to
whom, under which return path, and the link that the mail holds. An address beginning with `gone` is refused for good,
one beginning with `full` for now. While FOLDER/away exists it takes nothing. When FOLDER/drop exists it
takes one mail more and loses the connection without an answer.
"""

from __future__ import annotations

import email
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

NUMBER = re.compile(rb"^X-Attempt: \d+\r\n", re.MULTILINE)
LINK = re.compile(rb"https://[^\s/]+/a/([a-z0-9]+)")
TAKEN, DROPPED, AWAY = "250 taken", "dropped", "421 4.3.2 the service is not available"
GONE, FULL = "550 5.1.1 no such user", "452 4.2.2 the mailbox is full"


class Relay:
    """Answers by the address and by what lies in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Refuse whom it cannot reach."""
        if (self.folder / "away").exists():
            return AWAY
        if address.startswith("gone"):
            return GONE
        if address.startswith("full"):
            return FULL
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Write down, then answer."""
        mail = email.message_from_bytes(envelope.content)
        text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_payload(decode=True)
        link = LINK.search(text if isinstance(text, bytes) else b"")
        lost = (self.folder / "drop").exists()
        line = {
            "at": (self.folder / "clock").read_text(encoding="ascii"),
            "message_id": str(mail["Message-ID"]),
            "attempt": str(mail["X-Attempt"]),
            "sender": envelope.mail_from,
            "to": envelope.rcpt_tos[0],
            "sha256": hashlib.sha256(NUMBER.sub(b"", envelope.content, count=1)).hexdigest(),
            "token": link.group(1).decode("ascii") if link else "",
            "answer": DROPPED if lost else TAKEN,
        }
        os.write(self.log, (json.dumps(line) + "\n").encode())
        if lost:
            (self.folder / "drop").unlink()
            server.transport.abort()
        return TAKEN


if __name__ == "__main__":
    controller = Controller(Relay(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()
