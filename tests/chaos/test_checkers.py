"""The checkers of the kill tests and of the simulation, before faults that were planted."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.chaos import outbox_checker, service_checker
from tests.chaos.service_checker import Asked, Records, Row, Shown, limit_of

LAST_DAY = date(2026, 9, 14)
CAME = datetime(2026, 9, 1, 23, 30, tzinfo=UTC)
"""Half past midnight in London, on the next day."""
DAY = date(2026, 9, 2)
MAIL = Row(
    "a" * 32, "dispute:1", "notice_of_ballot", "employer:1", "1", "mail", "accepted", "", None, None, "<1@x>", LAST_DAY
)


@pytest.fixture
def records() -> Records:
    """Of one mail, which the relay took and of which the world said nothing yet."""
    made = object.__new__(Records)
    made.heard, made.taken, made.signed = defaultdict(list), defaultdict(list), set()
    made.shown, made.asked = defaultdict(list), defaultdict(list)
    made.taken[MAIL.message_id] = [{"at": CAME.isoformat(), "answer": "250 taken"}]
    return made


@pytest.mark.parametrize(
    ("worth", "kind", "what", "key"),
    [
        ("A", "acknowledged", "clicked", MAIL.message_id),
        ("A", "handed_over", "handed_over", MAIL.id),
        ("B", "delivery_report", "delivered", MAIL.message_id),
    ],
)
def test_a_proof_is_of_the_day_on_which_it_happened_and_not_before_it(
    records: Records, worth: str, kind: str, what: str, key: str
) -> None:
    """Turns red if `_is_borne_out` leaves out the day, or what happened only after the proof was recorded."""
    records.heard[key] = [(what, CAME)]

    def borne_out(on: date, at: datetime) -> bool:
        return service_checker._is_borne_out(MAIL, Shown(worth, kind, on, at, None), records)

    assert borne_out(DAY, CAME)
    assert not borne_out(CAME.date(), CAME)
    assert not borne_out(DAY, CAME - timedelta(minutes=1))


def test_silence_counts_from_the_day_of_the_hand_over(records: Records) -> None:
    """Turns red if `_was_silent` leaves out the day."""
    heard = CAME + timedelta(hours=80)
    for on, good in ((DAY, True), (DAY + timedelta(days=1), False), (CAME.date(), False)):
        assert service_checker._is_borne_out(MAIL, Shown("B", "no_bounce", on, heard, None), records) is good


@pytest.mark.parametrize(("late", "complaints"), [(timedelta(), 0), (timedelta(minutes=1), 1)])
def test_nobody_is_asked_to_act_after_the_limit(records: Records, late: timedelta, complaints: int) -> None:
    """Turns red if `_check_reach` takes the time of the task for the limit."""
    limit = limit_of(LAST_DAY)
    records.asked[MAIL.id] = [Asked("hand_over", limit - timedelta(days=3), limit + late, None)]
    found = service_checker.Findings()
    service_checker._check_reach([MAIL], records, found)

    assert len(found.complaints) == complaints


@pytest.mark.parametrize(
    ("tried", "names", "kind"),
    [
        ({MAIL.id}, (MAIL.id,), None),
        (set(), (MAIL.id,), "unrecorded"),
        ({MAIL.id}, (MAIL.id, "b" * 32), "doubled"),
    ],
)
def test_a_letter_without_an_attempt_and_a_letter_of_nobody_are_found(
    tmp_path: Path, tried: set[str], names: tuple[str, ...], kind: str | None
) -> None:
    """Turns red if `outbox_checker._check_letters` looks at the rows of letters only."""
    files = [f"2026-09-02-notice-{name}.pdf" for name in names]
    digest = hashlib.sha256(b"letter").hexdigest()
    for name in files:
        (tmp_path / name).write_bytes(b"letter")
    (tmp_path / "manifest.csv").write_text("".join(f"{digest},{name}\n" for name in files))
    letter = (MAIL.id, "letter", "accepted", "<1@x>", digest, "key", None)
    found = outbox_checker.Findings()
    outbox_checker._check_letters([letter], tried, tmp_path, found)

    assert [each.partition(":")[0] for each in found.complaints] == ([kind] if kind else [])
