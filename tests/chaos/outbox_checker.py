"""
The checker of the kill tests of delivery: plain SQL, the log of a mail server, and the letters on disk.

It shares no code with what it checks. What the zeros mean: *lost* is a notice that neither arrived nor shows as held or
failed; *doubled* are two notices of one key, copies that differ, or more copies than one and the recorded attempts of
unknown end, and letters of no notice; *unrecorded* is a mail at the server, or a letter in the folder, that has no
attempt of its own in the database.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.serve_checker import read

UNDER_WAY = {"rendered", "approved", "queued", "sending", "temp_wait", "unknown"}
ARRIVED = {"accepted", "evidenced", "closed"}
A_PERSONS = {"held", "failed_permanent", "re_served", "cancelled"}
MOST_EXTRA = 2
OUT = ("250 taken", "dropped")
"""The answers of the server after which a copy is there."""


@dataclass
class Findings:
    """What is wrong, and what there is to tell."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def complaints(self) -> list[str]:
        """Everything that is wrong."""
        kinds = {"lost": self.lost, "doubled": self.doubled, "unrecorded": self.unrecorded, "": self.unfinished}
        return [f"{kind}: {each}" for kind, found in kinds.items() for each in found]

    @property
    def sentence(self) -> str:
        """For whoever reads the output of the tests."""
        zeros = f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.unrecorded)} unrecorded"
        return f"{zeros}; " + ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))


def check(url: str, log: Path, letters: Path, notices: int) -> Findings:
    """Judge a database that has come to rest. `notices` is how many were queued at first."""
    found = Findings()
    columns = "id, medium, state, message_id, sha256, idem_key, instead_of_id"
    rows = list(read(url, f"SELECT {columns} FROM notices"))
    attempts = {
        (notice, epoch): outcome
        for notice, epoch, outcome in read(url, "SELECT notice_id, epoch, outcome FROM notice_attempts")
    }
    first = [row for row in rows if row[6] is None]
    if len(first) != notices:
        found.lost.append(f"{notices} were queued, {len(first)} are there")
    found.doubled += [f"two notices of {key}" for key, count in Counter(row[5] for row in rows).items() if count > 1]
    found.unfinished += [f"{row[0]} is {row[2]}" for row in rows if row[2] in UNDER_WAY]
    found.unfinished += [
        f"attempt {epoch} of {notice} has no outcome" for (notice, epoch), o in attempts.items() if not o
    ]
    found.counts.update(f"notices {row[2]}" for row in rows)
    found.counts.update(f"attempts {outcome}" for outcome in attempts.values())
    unknown = Counter(notice for (notice, _), outcome in attempts.items() if outcome == "unknown")
    _check_mails([row for row in rows if row[1] == "mail"], attempts, unknown, log, found)
    _check_letters([row for row in rows if row[1] == "letter"], {notice for notice, _ in attempts}, letters, found)
    instead = {row[6] for row in rows}
    found.lost += [
        f"{row[0]} was re-served by nothing" for row in rows if row[2] == "re_served" and row[0] not in instead
    ]
    return found


def seen(log: Path) -> Iterator[dict[str, Any]]:
    """The lines of the mail server."""
    if log.exists():
        yield from (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())


def _check_mails(
    mails: list[tuple[Any, ...]],
    attempts: dict[tuple[str, int], str],
    unknown: Counter[str],
    log: Path,
    found: Findings,
) -> None:
    ids = {message_id: notice for notice, _, _, message_id, *_ in mails}
    copies: Counter[str] = Counter()
    digests: dict[str, str] = {}
    arrivals: Counter[tuple[str | None, int]] = Counter()
    for line in seen(log):
        key, epoch = line["message_id"], int(line["attempt"])
        attempt = (ids.get(key), epoch)
        arrivals[attempt] += 1
        if attempt not in attempts:
            found.unrecorded.append(f"{key} came as attempt {epoch}, which is not on record")
        if line["answer"] in OUT:
            copies[key] += 1
            if attempts.get(attempt) in {"temp", "perm"}:  # type: ignore[call-overload]
                found.unrecorded.append(f"{key} was taken as attempt {epoch}, on record as refused")
        if digests.setdefault(key, line["sha256"]) != line["sha256"]:
            found.doubled.append(f"copies of {key} differ")
    found.unrecorded += [f"{who} came {count} times as one attempt" for who, count in arrivals.items() if count > 1]
    found.lost += [f"{who} was accepted, and never came" for who in _phantoms(attempts, arrivals, set(ids.values()))]
    for notice, _, state, key, *_ in mails:
        extra = max(0, copies[key] - 1)
        found.counts["copies"] += copies[key]
        found.counts["extra copies"] += extra
        if state in ARRIVED and not copies[key]:
            found.lost.append(f"{key} is {state}, and no copy came")
        if extra > min(unknown[notice], MOST_EXTRA):
            found.doubled.append(f"{key}: {copies[key]} copies, {unknown[notice]} unknown attempts")
        if state not in UNDER_WAY | ARRIVED | A_PERSONS:
            found.lost.append(f"{key} is {state}")


def _phantoms(
    attempts: dict[tuple[str, int], str], arrivals: Counter[tuple[str | None, int]], mails: set[str]
) -> Iterator[tuple[str, int]]:
    for attempt, outcome in attempts.items():
        if attempt[0] in mails and outcome == "accepted" and not arrivals[attempt]:
            yield attempt


def _check_letters(letters: list[tuple[Any, ...]], tried: set[str], folder: Path, found: Findings) -> None:
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.pdf")}
    manifest = folder / "manifest.csv"
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    listed = Counter(next((name for name in files if name in line), "") for line in lines)
    named = {name.replace("-", ""): name for name in files}
    for notice, _, state, _, digest, *_ in letters:
        mine = [named.pop(bare) for bare in list(named) if notice in bare]
        found.counts["letters"] += len(mine)
        if mine and notice not in tried:
            found.unrecorded.append(f"the letter {notice} lies there, and no attempt is on record")
        if state in ARRIVED and not mine:
            found.lost.append(f"the letter {notice} is {state}, and is not there")
        if len(mine) > 1 or any(listed[name] > 1 for name in mine):
            found.doubled.append(f"the letter {notice} lies there or is listed more than once")
        if any(files[name] != digest or (state in ARRIVED and not listed[name]) for name in mine):
            found.lost.append(f"the letter {notice} is not whole and listed")
    found.doubled += [f"a letter of no notice lies there: {name}" for name in named.values()]
