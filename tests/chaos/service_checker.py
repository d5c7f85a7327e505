"""
The checker of the simulation of service: plain SQL, the log of a relay, letters on disk, and what the world wrote down.

It shares no code with what it checks. The limit is five o'clock on the last working day that is not after the last day
of receipt. *Unreached* is a paper of which, 24 hours before the limit, neither proof stood nor a person had been asked;
*unfounded* is a proof that nothing outside the program bears out; *lost* and *doubled* are as RELIABILITY has them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.chaos.serve_checker import read

LONDON = ZoneInfo("Europe/London")
CLOSED = {date(2026, 8, 3), date(2026, 8, 31)}
"""The bank holidays of that August, in Scotland and in England."""
A_DAY, LATEST_SWEEP, SILENCE = timedelta(hours=24), timedelta(hours=1, minutes=5), timedelta(hours=72)
UNDER_WAY = {"rendered", "approved", "queued", "sending", "temp_wait", "unknown"}
ARRIVED = {"accepted", "evidenced", "closed", "revoked"}
SIGNED = {"handed_over", "signed_for", "courier", "acknowledged"}
TOLD_BY = {"acknowledged": "clicked", "delivery_report": "delivered", "handed_over": "handed_over"}
"""What has to happen in the world, on the day of receipt and no later than it was recorded."""
MOST_EXTRA = 2
OUT = ("250 taken", "dropped")


class Row(NamedTuple):
    """One notice."""

    id: str
    subject: str
    kind: str
    recipient: str
    version: str
    medium: str
    state: str
    sha256: str
    attachment: str | None
    instead_of: str | None
    message_id: str
    last_day: date


class Shown(NamedTuple):
    """One receipt; `withdrawn_at` is None while it stands."""

    worth: str
    kind: str
    on: date
    at: datetime
    withdrawn_at: datetime | None


class Asked(NamedTuple):
    """One task of a person."""

    kind: str
    at: datetime
    by: datetime | None
    done_at: datetime | None


@dataclass
class Findings:
    """What is wrong, and what there is to tell."""

    unreached: list[str] = field(default_factory=list)
    unfounded: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def complaints(self) -> list[str]:
        """Everything that is wrong."""
        kinds = ("unreached", "unfounded", "lost", "doubled")
        return [f"{kind}: {each}" for kind in kinds for each in getattr(self, kind)]

    @property
    def sentence(self) -> str:
        """For whoever reads the output of the tests."""
        kinds = ("unreached", "unfounded", "lost", "doubled")
        zeros = ", ".join(f"{len(getattr(self, kind))} {kind}" for kind in kinds)
        return f"{zeros}; " + ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))


@dataclass
class Records:
    """The database and the channels' logs, as they were left."""

    url: str
    relay: Path
    folder: Path

    def __post_init__(self) -> None:
        self.notices = [
            Row(*row[:-1], day_of(row[-1]))
            for row in read(
                self.url,
                "SELECT id, subject_ref, kind, recipient_key, content_version, medium, state, sha256,"
                " attachment_sha256, instead_of_id, message_id, latest_receipt_on FROM notices",
            )
        ]
        self.attempts = {
            (notice, epoch): outcome
            for notice, epoch, outcome in read(self.url, "SELECT notice_id, epoch, outcome FROM notice_attempts")
        }
        self.shown: dict[str, list[Shown]] = defaultdict(list)
        shown = "SELECT notice_id, evidence_class, kind, received_on, received_at, revoked_at FROM notice_evidence"
        for notice, worth, kind, on, at, withdrawn in read(self.url, shown):
            withdrawn_at = moment_of(withdrawn) if withdrawn else None
            self.shown[notice].append(Shown(worth, kind, day_of(on), moment_of(at), withdrawn_at))
        self.asked: dict[str, list[Asked]] = defaultdict(list)
        asked = "SELECT notice_id, kind, opened_at, act_by, done_at FROM service_tasks"
        for notice, kind, at, by, done in read(self.url, asked):
            times = [moment_of(each) if each else None for each in (by, done)]
            self.asked[notice].append(Asked(kind, moment_of(at), *times))
        self.taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in _lines(self.relay / "log"):
            self.taken[line["message_id"]].append(line)
        self.heard: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for line in _lines(self.folder / "world"):
            about = line.get("message_id") or line.get("notice") or ""
            self.heard[about].append((line["what"], moment_of(line["at"])))
        self.letters = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.folder / "letters").glob("*.pdf")
        }
        manifest = self.folder / "letters" / "manifest.csv"
        self.listed = Counter(manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else [])
        self.signed = {
            (row["name"].replace("-", "").removesuffix(".pdf")[-32:], row["received_on"])
            for path in (self.folder / "receipts").glob("*.csv")
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
            if row["status"] == "signed_for"
        }


def check(url: str, relay: Path, folder: Path, employers: int) -> Findings:
    """Judge a simulation that is over. `employers` is how many papers were to be served."""
    records, found = Records(url, relay, folder), Findings()
    papers: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in records.notices:
        papers[row.subject, row.kind, row.recipient].append(row)
    if len(papers) != employers:
        found.lost.append(f"{employers} papers were wanted, {len(papers)} are there")
    for copies in papers.values():
        _check_reach(copies, records, found)
    for row in records.notices:
        _check_proofs(row, records, found)
    _check_mails(records, found)
    _check_letters(records, found)
    _check_one_each(papers, found)
    found.counts.update(f"notices {row.state}" for row in records.notices)
    found.counts.update(f"attempts {outcome}" for outcome in records.attempts.values())
    return found


def limit_of(last_day: date) -> datetime:
    """Five o'clock on the last working day."""
    while last_day.weekday() > 4 or last_day in CLOSED:
        last_day -= timedelta(days=1)
    return datetime.combine(last_day, time(17), tzinfo=LONDON).astimezone(UTC)


def moment_of(value: Any) -> datetime:
    """An instant as either database or a log spells it."""
    read_ = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return read_.replace(tzinfo=UTC) if read_.tzinfo is None else read_.astimezone(UTC)


def london_day(moment: datetime) -> date:
    """The day in London."""
    return moment.astimezone(LONDON).date()


def day_of(value: Any) -> date:
    """A day as either database spells it."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _check_reach(copies: list[Row], records: Records, found: Findings) -> None:
    """Whether a paper was shown to be received, or a person asked, in time; and what became of it after that."""
    who, last_day = copies[0].recipient, min(row.last_day for row in copies)
    limit = limit_of(last_day)
    by = limit - A_DAY
    proofs = [each for row in copies for each in records.shown[row.id] if each.worth in "AB" and each.on <= last_day]
    asked = [each for row in copies for each in records.asked[row.id] if each.kind == "hand_over"]
    in_doubt = [each for row in copies for each in records.asked[row.id] if each.kind == "in_doubt"]
    proved = any(each.at <= by and (each.withdrawn_at is None or each.withdrawn_at > by) for each in proofs)
    in_time = [each for each in asked if each.at <= by and each.by is not None and each.by - each.at >= A_DAY]
    late = [each.by for each in asked if each.by is not None and each.by > limit]
    found.unreached += [f"{who}: asked to act by {each}, which is after {limit}" for each in late]
    if not proved and not in_time:
        found.unreached.append(f"{who}: no proof and nobody asked by {by}")
    stands = [each for each in proofs if each.withdrawn_at is None]
    withdrawn = [each.withdrawn_at for each in proofs if each.withdrawn_at is not None]
    if not stands and withdrawn:
        fell = max(withdrawn)
        answered = [each for each in asked + in_doubt if each.done_at is None or each.at >= fell]
        # While there is time a letter is tried first, as after any mail that failed; a person is asked by then.
        if not any(each.at <= max(fell + LATEST_SWEEP, by) for each in answered):
            found.unreached.append(f"{who}: its proof fell at {fell}, and nobody was asked")
    if not stands and not asked and not in_doubt:
        found.lost.append(f"{who}: nothing shows receipt, and nobody knows")
    if not stands and all(row.state == "cancelled" for row in copies):
        found.lost.append(f"{who}: every copy was taken back")
    _count(found, stands, proved=proved, asked=bool(in_time), in_doubt=bool(in_doubt))


def _count(found: Findings, stands: list[Shown], *, proved: bool, asked: bool, in_doubt: bool) -> None:
    found.counts["proved a day before the limit"] += proved
    found.counts["asked of a person a day before the limit"] += asked and not proved
    found.counts["proved in the end"] += bool(stands)
    found.counts["in doubt after the limit"] += in_doubt
    found.counts["left to a person"] += not stands
    found.counts.update(f"proofs {each.kind}" for each in stands)


def _check_proofs(row: Row, records: Records, found: Findings) -> None:
    """Every proof is borne out by something outside the program."""
    for shown in records.shown[row.id]:
        if shown.worth in "AB" and not _is_borne_out(row, shown, records):
            taken = [line["at"] for line in records.taken[row.message_id]]
            said = f"{shown.kind} on {shown.on}, class {shown.worth}, recorded {shown.at}"
            found.unfounded.append(f"{row.medium} to {row.recipient}: {said}; taken {taken}")


def _is_borne_out(row: Row, shown: Shown, records: Records) -> bool:
    if (shown.worth == "A") is not (shown.kind in SIGNED):
        return False
    heard = [(what, at) for what, at in records.heard[row.message_id] + records.heard[row.id] if at <= shown.at]
    if shown.kind in TOLD_BY:
        return (TOLD_BY[shown.kind], shown.on) in {(what, london_day(at)) for what, at in heard}
    if shown.kind == "signed_for":
        return (row.id, shown.on.isoformat()) in records.signed
    return shown.kind == "no_bounce" and _was_silent(row, shown, heard, records)


def _was_silent(row: Row, shown: Shown, heard: list[tuple[str, datetime]], records: Records) -> bool:
    taken = [moment_of(line["at"]) for line in records.taken[row.message_id] if line["answer"] in OUT]
    bad = [at for what, at in heard if what in ("failed", "delayed") and at < shown.at - LATEST_SWEEP]
    return bool(taken) and max(taken) + SILENCE <= shown.at and london_day(max(taken)) == shown.on and not bad


def _check_mails(records: Records, found: Findings) -> None:
    """Each copy at the relay has its attempt, all are the same, and there are not more than the unknown attempts."""
    unknown = Counter(notice for (notice, _), outcome in records.attempts.items() if outcome == "unknown")
    mails = {row.message_id: row for row in records.notices if row.medium == "mail"}
    for message_id, lines in records.taken.items():
        row = mails.get(message_id)
        if row is None:
            found.doubled.append(f"a mail of no notice came: {message_id}")
            continue
        copies = sum(line["answer"] in OUT for line in lines)
        found.counts["copies of mails"] += copies
        found.counts["extra copies of mails"] += copies - 1
        if any((row.id, int(line["attempt"])) not in records.attempts for line in lines):
            found.lost.append(f"{row.recipient}: a mail came of which no attempt is on record")
        if len({line["sha256"] for line in lines}) > 1:
            found.doubled.append(f"{row.recipient}: copies of one mail differ")
        if copies - 1 > min(unknown[row.id], MOST_EXTRA):
            found.doubled.append(f"{row.recipient}: {copies} copies, {unknown[row.id]} unknown attempts")
    for row in mails.values():
        if row.state in ARRIVED and (row.id, 1) in records.attempts and not records.taken[row.message_id]:
            _missed(row, records, found)


def _missed(row: Row, records: Records, found: Findings) -> None:
    outcomes = {outcome for (notice, _), outcome in records.attempts.items() if notice == row.id}
    if "accepted" in outcomes:
        found.lost.append(f"{row.recipient}: accepted, and the relay never saw it")


def _check_letters(records: Records, found: Findings) -> None:
    """Each letter that went lies there once, is listed once, and holds the approved bytes."""
    by_id = {row.id: row for row in records.notices}
    files: dict[str, list[str]] = defaultdict(list)
    for name in records.letters:
        files[name.removesuffix(".pdf").replace("-", "")[-32:]].append(name)
    for row in (row for row in records.notices if row.medium == "letter"):
        mine = files.pop(row.id, [])
        found.counts["letters"] += len(mine)
        listed = sum(records.listed[f"{records.letters[name]},{name}"] for name in mine)
        if row.state in ARRIVED and (not mine or not listed):
            found.lost.append(f"{row.recipient}: the letter is {row.state}, and is not there or not listed")
        if len(mine) > 1 or listed > 1:
            found.doubled.append(f"{row.recipient}: the letter lies there or is listed more than once")
        if any(records.letters[name] != row.sha256 for name in mine):
            found.doubled.append(f"{row.recipient}: the letter that lies there is another")
        mail = by_id.get(row.instead_of or "")
        if mail is not None and mail.attachment != row.sha256:
            found.doubled.append(f"{row.recipient}: the letter in place of the mail says something else")
    found.doubled += [f"a letter of no notice lies there: {name}" for names in files.values() for name in names]


def _check_one_each(papers: dict[tuple[str, str, str], list[Row]], found: Findings) -> None:
    for (_, kind, who), copies in papers.items():
        if len({row.version for row in copies}) > 1:
            found.doubled.append(f"{who}: two versions of {kind}")
        by_medium = Counter(row.medium for row in copies)
        if any(count > 1 for count in by_medium.values()):
            found.doubled.append(f"{who}: two notices of {kind} by one medium")
        if any(row.state in UNDER_WAY for row in copies):
            found.lost.append(f"{who}: a copy never came to rest")


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    if log.exists():
        yield from (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
