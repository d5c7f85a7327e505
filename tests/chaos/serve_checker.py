"""
The checker of the kill tests of `mandate serve`: plain SQL, the mails that a server kept, the letters on disk.

It shares no code with what it checks: the ladder and the chain of history are reckoned by `tests.independent`, and the
files are read here.
"""

from __future__ import annotations

import email
import json
import sqlite3
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.independent import chain
from tests.independent.check import check
from tests.independent.left_behind import LeftBehind

UNDER_WAY = ("queued", "sending", "temp_wait", "unknown", "approved")


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement gives, by the driver itself."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return list(connection.execute(statement))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return list(connection.execute(statement))  # type: ignore[arg-type]


def plain(value: Any) -> Any:
    """A column's value in one spelling for both databases."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, str) and value[:1] in "{[":
        return json.loads(value)
    return bytes(value) if isinstance(value, memoryview) else value


def read(url: str, statement: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, plainly spelled."""
    for row in rows(url, statement):
        yield tuple(plain(value) for value in row)


@dataclass(frozen=True)
class Outcome:
    """What became of the cases, without anything that is drawn at random."""

    stages: Mapping[str, str]
    events: Mapping[str, Sequence[str]]
    deadlines: Counter[tuple[str, ...]]
    notices: Counter[tuple[str, str, str]]

    def differences(self, other: Outcome) -> list[str]:
        """In words, what this one has that the other has not, and the other way round."""
        found = [
            f"{ref} is at {at}, not {self.stages[ref]}" for ref, at in other.stages.items() if self.stages[ref] != at
        ]
        found += [f"{ref}: {other.events[ref]}" for ref in self.events if self.events[ref] != other.events[ref]]
        for name in ("deadlines", "notices"):
            mine, its = getattr(self, name), getattr(other, name)
            found += [f"{name}: lacks {count} of {key}" for key, count in (mine - its).items()]
            found += [f"{name}: {count} too many of {key}" for key, count in (its - mine).items()]
        return found


def outcome(url: str) -> Outcome:
    """What became of the cases."""
    refs = {case_id: ref for case_id, ref in read(url, "SELECT id, ref FROM cases")}  # noqa: C416
    events: dict[str, list[str]] = defaultdict(list)
    for case_id, kind in read(url, "SELECT case_id, kind FROM case_events ORDER BY case_id, seq"):
        events[refs[case_id]].append(kind)
    dates = "SELECT case_id, kind, due_on, met_on, cancelled_on, reminded_on FROM deadlines"
    deadlines = Counter((refs[row[0]], *map(str, row[1:])) for row in read(url, dates))
    about = dict(read(url, "SELECT id, case_id FROM deadlines")) | {case_id: case_id for case_id in refs}
    notices: Counter[tuple[str, str, str]] = Counter()
    for subject, kind, medium in read(url, "SELECT subject_ref, kind, medium FROM notices"):
        table, _, key = subject.partition(":")
        case_id = about.get(key.replace("-", ""))
        # What belongs to a ballot is counted over all ballots.
        notices[refs[case_id] if case_id else table, kind, medium] += 1
    return Outcome(dict(read(url, "SELECT ref, stage FROM cases")), dict(events), deadlines, notices)


def complaints(url: str, letters: Path, mails: Path) -> list[str]:
    """Everything that is wrong with a database that has come to rest, and with what left it."""
    _, found = check(LeftBehind(url, letters.parent), parts=(chain.complaints,))
    return [*found, *_case_complaints(url), *_notice_complaints(url, letters, mails)]


def _case_complaints(url: str) -> Iterator[str]:
    """What happens to a case once in the script happens once, and nothing is left to do or to recall."""
    events = Counter(read(url, "SELECT case_id, kind FROM case_events"))
    yield from (f"case {case_id}: {kind} more than once" for (case_id, kind), count in events.items() if count > 1)
    open_work = rows(url, "SELECT count(*) FROM pending_work WHERE done_at IS NULL")[0][0]
    if open_work:
        yield f"{open_work} pieces of work are left"
    doubled = "SELECT case_id, kind, due_on FROM deadlines GROUP BY case_id, kind, due_on HAVING count(*) > 1"
    yield from (f"doubled deadline {row}" for row in read(url, doubled))
    missed = (
        "SELECT case_id, kind FROM deadlines WHERE met_on IS NULL AND cancelled_on IS NULL "
        "AND remind_on <= (SELECT date(stands_at) FROM stored_clock)"
    )
    yield from (f"deadline was never recalled: {row}" for row in read(url, missed))


def _notice_complaints(url: str, letters: Path, mails: Path) -> Iterator[str]:
    columns = "id, kind, medium, state, message_id, body, idem_key"
    notices = list(read(url, f"SELECT {columns} FROM notices"))
    yield from (f"{kind} by {medium} is {state}" for _, kind, medium, state, *_ in notices if state in UNDER_WAY)
    attempts = list(read(url, "SELECT notice_id, epoch, outcome FROM notice_attempts"))
    yield from (f"an attempt of {each[0]} has no outcome" for each in attempts if each[2] is None)
    twice = [key for key, count in Counter(each[-1] for each in notices).items() if count > 1]
    yield from (f"two notices for {key}" for key in twice)
    unknown = Counter(notice for notice, _, result in attempts if result == "unknown")
    yield from _mail_complaints(notices, {(each[0], str(each[1])) for each in attempts}, unknown, mails)
    files = {path.name: path.read_bytes() for path in letters.glob("*.pdf")}
    manifest = letters / "manifest.csv"
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    listed = Counter(line.partition(",")[2] for line in lines if line)
    yield from (f"{name} is listed {count} times" for name, count in listed.items() if count != 1)
    laid = {next(part for part in _ids(name)): (name, content) for name, content in files.items()}
    for notice_id, kind, medium, state, _, body, _ in notices:
        if medium == "letter" and state in {"accepted", "evidenced"}:
            name, content = laid.pop(notice_id, ("", b""))
            if content != body or listed[name] != 1:
                yield f"the letter {kind} {notice_id} is not there once, whole and listed"
    yield from (f"a letter that no notice knows of: {name}" for name, _ in laid.values())


def _mail_complaints(
    notices: list[tuple[Any, ...]], recorded: set[tuple[str, str]], unknown: Counter[str], mails: Path
) -> Iterator[str]:
    copies: Counter[str] = Counter()
    contents: dict[str, bytes] = {}
    by_key = {message_id: notice_id for notice_id, _, _, _, message_id, _, _ in notices}
    for path in mails.iterdir():
        mail = email.message_from_bytes(path.read_bytes())
        key, number = str(mail["Message-ID"]), str(mail["X-Attempt"])
        del mail["X-Attempt"]
        copies[key] += 1
        if contents.setdefault(key, mail.as_bytes()) != mail.as_bytes():
            yield f"copies of {key} differ"
        if (by_key.get(key), number) not in recorded:
            yield f"{key} went out as attempt {number}, which is not on record"
    for notice_id, kind, medium, state, key, _, _ in notices:
        if medium == "mail" and state in {"accepted", "evidenced"} and not 1 <= copies[key] <= 1 + unknown[notice_id]:
            yield f"{kind} {key}: {copies[key]} copies, {unknown[notice_id]} unknown attempts"


def _ids(name: str) -> Iterator[str]:
    """The notice's id within a file's name."""
    for start in range(len(name) - 35):
        try:
            yield uuid.UUID(name[start : start + 36]).hex
        except ValueError:
            continue
