"""
A mail server as a process of its own: `python mail_sink.py PORT FOLDER [SEED]`.

Without a seed it writes and syncs every mail into FOLDER before it says that it has taken it. An address beginning with
`gone` is refused for good; the first mail to one beginning with `drop` is taken and the connection lost before the
answer.

With a seed it writes and syncs a line for every mail into FOLDER/log before it answers, and has faults at random, but
for the seed 0: of a thousand mails it takes five and loses the connection before the answer, puts ten off with 451 and
refuses two with 550. What it does with a mail depends on its Message-ID and X-Attempt alone. Addresses beginning with
`drop` lose the connection at the first attempt, `always` at each; `later` are put off at the first, `gone` refused.
"""

from __future__ import annotations

import email
import hashlib
import json
import os
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

DROPPED, PUT_OFF, REFUSED, TAKEN = "dropped", "451 later", "550 no such user", "250 taken"
FAULTS = ((0.005, DROPPED), (0.015, PUT_OFF), (0.017, REFUSED))
NUMBER = re.compile(rb"^X-Attempt: \d+\r\n", re.MULTILINE)


class Sink:
    """Remembers in a folder, which the test may empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Refuse who is gone."""
        if address.startswith("gone"):
            return REFUSED
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep, then answer."""
        address = envelope.rcpt_tos[0]
        first = not any(self.folder.glob(f"{address}-*"))
        path = self.folder / f"{address}-{time.monotonic_ns()}.eml"
        with path.open("wb") as file:
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        if first and address.startswith("drop"):
            server.transport.abort()
        return TAKEN


class FaultySink:
    """Writes a log, and has faults."""

    def __init__(self, log: Path, seed: str) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.seed = seed

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Write down, then answer."""
        headers = email.message_from_bytes(envelope.content[: envelope.content.index(b"\r\n\r\n") + 4])
        key, attempt = str(headers["Message-ID"]), str(headers["X-Attempt"])
        answer = self.answer(envelope.rcpt_tos[0], key, attempt)
        digest = hashlib.sha256(NUMBER.sub(b"", envelope.content, count=1)).hexdigest()
        line = {"message_id": key, "attempt": attempt, "sha256": digest, "answer": answer}
        os.write(self.log, (json.dumps(line) + "\n").encode())
        os.fsync(self.log)
        if answer == DROPPED:
            server.transport.abort()
        return TAKEN if answer == DROPPED else answer

    def answer(self, address: str, key: str, attempt: str) -> str:
        """What becomes of a mail."""
        if address.startswith("always") or (address.startswith("drop") and attempt == "1"):
            return DROPPED
        if address.startswith("gone"):
            return REFUSED
        if address.startswith("later"):
            return PUT_OFF if attempt == "1" else TAKEN
        drawn = random.Random(f"{self.seed}/{key}/{attempt}").random() if self.seed != "0" else 1.0
        return next((answer for below, answer in FAULTS if drawn < below), TAKEN)


if __name__ == "__main__":
    kept = Path(sys.argv[2])
    sink = FaultySink(kept / "log", sys.argv[3]) if len(sys.argv) > 3 else Sink(kept)
    controller = Controller(sink, hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    controller.stop()
