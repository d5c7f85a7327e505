"""
A mail server as a process of its own that takes everything: `python drill_sink.py PORT FILE`.

Of each mail it notes when it came, to whom, with which subject and Message-ID, one JSON line each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

CALL, CALL_SECONDS = "Strike at ", 0.05


class Sink:
    """Appends to a file, which the test reads."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", buffering=1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Note it, then answer: at once, but for a call to strike, of which some shall be left when the order comes."""
        head = message_from_bytes(envelope.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=default)
        line = {
            "at": time.time(),
            "to": envelope.rcpt_tos[0],
            "subject": str(head["Subject"]),
            "id": str(head["Message-ID"]),
        }
        self.file.write(json.dumps(line) + "\n")
        if line["subject"].startswith(CALL):
            await asyncio.sleep(CALL_SECONDS)
        return "250 taken"


if __name__ == "__main__":
    controller = Controller(Sink(Path(sys.argv[2])), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()
