"""Changing the law in use: a value read again, a change commenced, a bank holiday; what moves, and what stays."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from ballots import law_handlers
from ballots.law_handlers import Reader
from ballots.lifecycle import BallotStage
from ballots.models import MandateRow
from ballots.retiming import Effect, effect
from casework import repository
from casework.deadlines import Deadline, DeadlineKind
from core.calendar import bank_holidays
from core.clock import Clock, london_instant
from core.errors import BadInput, Conflict, NotFound, RuleViolation
from core.history import HistoryEntry, verify
from core.law import Certainty
from core.law_records import ExtraHoliday, LawCheck, LawCommencement, recorded_law
from core.nations import GREAT_BRITAIN, Nation
from core.unit_of_work import UnitOfWork
from core.work import PendingWork
from notifications.models import Notice
from tests.ballots.law import JO, with_value
from tests.ballots.scenes import WON, Ladder, dump
from tests.builders import an_officer
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")
Climb = Callable[[str], Ladder]
DECLARED, DUE, LATER = "Wed 2026-11-18", "Thu 2026-11-19", "Fri 2026-11-20"
SI = "SI 2026/123"
FILES_READ = date(2026, 11, 21)


@pytest.fixture
def declared(climb: Climb) -> Ladder:
    """The result declared on a Wednesday, to be told by the Thursday; the case has an officer."""
    ladder = climb("closed").act("result_declared", **WON)
    ladder.case.officer = an_officer(ladder.uow)
    ladder.uow.session.flush()
    return ladder


def holiday(ladder: Ladder, on: str = DUE, *nations: Nation) -> law_handlers.Outcome:
    return law_handlers.add_holiday(ladder.uow, day(on), nations or (Nation.ENGLAND,), "A day of thanks", JO)


def moved(found: Effect) -> dict[DeadlineKind, tuple[date, date]]:
    return {move.deadline.kind: (move.was_on, move.due_on) for move in found.moves}


@pytest.mark.engines("sqlite", "postgresql")
def test_a_bank_holiday_moves_what_is_set_in_working_days(declared: Ladder) -> None:
    """Turns red if `holidays_in` is not given to `next_working_day` in `_result_told`."""
    done = holiday(declared)
    assert moved(done.effect) == {DeadlineKind.RESULT_TO_EMPLOYERS: (day(DUE), day(LATER))}
    assert declared.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day(LATER)
    row = declared.uow.session.query(Deadline).filter_by(kind=DeadlineKind.RESULT_TO_EMPLOYERS, due_on=day(LATER)).one()
    assert "Friday 20 November 2026" in row.why["arithmetic"]


def test_statutory_days_never_roll(climb: Climb) -> None:
    """
    A bank holiday on the very last day of receipt leaves it where it is.

    Turns red if `IN_WORKING_DAYS` takes in a day that the statute counts.
    """
    ladder = climb("planned")
    latest = ladder.deadline(DeadlineKind.BALLOT_NOTICE_RECEIVED)
    assert latest == day("Tue 2026-10-13")
    done = holiday(ladder, "Tue 2026-10-13")
    assert (done.new, done.effect.is_none) == (True, True)
    assert ladder.deadline(DeadlineKind.BALLOT_NOTICE_RECEIVED) == latest


def test_another_nations_holiday_moves_nothing(declared: Ladder) -> None:
    """Turns red if a holiday is added everywhere."""
    assert holiday(declared, DUE, Nation.SCOTLAND).effect.is_none
    assert declared.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day(DUE)


def test_the_officer_is_told_and_the_case_remembers(declared: Ladder) -> None:
    """Turns red if the message is not queued, or the move leaves no entry of the case in the history."""
    done = holiday(declared)
    officer = declared.case.officer
    assert officer is not None
    assert list(done.told.values()) == [f"officer:{officer.id}"]
    told = declared.uow.session.query(Notice).filter_by(kind="deadline_moved").one()
    assert told.recipient_key == f"officer:{officer.id}"
    assert b"Friday 20 November 2026" in told.body
    entries = declared.uow.session.query(HistoryEntry).filter_by(subject=f"case:{declared.case_id}").all()
    entry = next(each for each in entries if each.action == law_handlers.MOVED)
    assert (entry.facts["from"], entry.facts["to"]) == ("2026-11-19", "2026-11-20")
    assert "A day of thanks" in entry.facts["because"]
    assert verify(declared.uow.session).whole


def test_a_case_without_an_officer_is_listed_with_nobody_told(climb: Climb) -> None:
    """Turns red if a missing officer stops the re-timing, or the list hides that nobody was told."""
    ladder = climb("closed").act("result_declared", **WON)
    ladder.case.officer = None
    ladder.uow.session.flush()
    assert list(holiday(ladder).told.values()) == [None]


def test_a_second_time_changes_nothing(declared: Ladder) -> None:
    """Turns red if the same holiday is recorded, or a deadline re-timed, once more."""
    holiday(declared)
    before = dump(declared.uow)
    again = holiday(declared)
    assert (again.new, again.effect.is_none) == (False, True)
    assert dump(declared.uow) == before


def test_a_holiday_withdrawn_moves_the_deadline_back(declared: Ladder) -> None:
    """Turns red if a withdrawn record still counts, or its row is deleted."""
    done = holiday(declared)
    record = done.records[0]
    back = law_handlers.withdraw(declared.uow, record.id, Reader(JO.by, "it was never proclaimed"))
    assert moved(back.effect) == {DeadlineKind.RESULT_TO_EMPLOYERS: (day(LATER), day(DUE))}
    assert declared.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day(DUE)
    assert declared.uow.session.query(ExtraHoliday).count() == 2
    again = law_handlers.withdraw(declared.uow, record.id, JO)
    assert (again.new, declared.uow.session.query(ExtraHoliday).count()) == (False, 2)


def test_a_holiday_under_another_name_is_refused_in_words(declared: Ladder) -> None:
    """Turns red if `add_holiday` takes the day alone for the same: the other name would be kept nowhere."""
    holiday(declared)
    assert not holiday(declared).new
    with pytest.raises(Conflict, match="recorded as A day of thanks already; nothing was recorded"):
        law_handlers.add_holiday(declared.uow, day(DUE), (Nation.ENGLAND,), "A day of prayer", JO)


def test_what_is_met_stays_met(declared: Ladder) -> None:
    """Members were told at once: their deadline was met on the day. Turns red if a met deadline opens again."""
    holiday(declared)
    assert declared.met(DeadlineKind.RESULT_TO_MEMBERS) == day(DECLARED)
    assert declared.deadline(DeadlineKind.RESULT_TO_MEMBERS) is None


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_a_day_that_is_a_holiday_anyway_is_refused(uow: UnitOfWork, nation: Nation) -> None:
    """Turns red if Christmas can be added a second time."""
    christmas = date(2026, 12, 25)
    assert christmas in bank_holidays(nation, 2026)
    with pytest.raises(BadInput, match="not a bank holiday in"):
        law_handlers.add_holiday(uow, christmas, [nation], "Christmas", JO)


def test_a_commenced_change_is_the_law_of_every_transaction_after(uow: UnitOfWork) -> None:
    """Turns red if `uow.law` leaves the recorded commencement out, or keeps it unconfirmed."""
    done = law_handlers.commence(uow, "end-of-turnout-test", date(2027, 4, 1), SI, JO)
    assert done.new
    other = UnitOfWork(uow.session, uow.clock, uow.actor)
    value = other.law.at("ballots.turnout_fraction", date(2027, 4, 1))
    # The file was looked at after this test's day; the later of the two days counts.
    assert (value.fraction, value.certainty, value.last_checked) == (None, Certainty.CONFIRMED, FILES_READ)
    assert value.note == f"In force by {SI}."
    assert other.law.at("ballots.turnout_fraction", date(2027, 3, 31)).fraction is not None
    assert other.law.parameter("ballots.result_items").planned == ()


def test_a_commencement_names_every_ballot_whose_values_change(climb: Climb) -> None:
    """Turns red if a live ballot's change is not listed, or one is that opened before the day."""
    ladder = climb("planned")
    after_opening = law_handlers.commence(ladder.uow, "end-of-turnout-test", day("Wed 2026-10-21"), SI, JO)
    assert after_opening.effect.is_none
    law_handlers.withdraw(ladder.uow, after_opening.records[0].id, JO)
    before_opening = law_handlers.commence(ladder.uow, "end-of-turnout-test", day("Tue 2026-10-20"), SI, JO)
    changed = {change.was.parameter: (change.was.value, change.now.value) for change in before_opening.effect.values}
    assert set(changed) == {"ballots.turnout_fraction", "ballots.turnout_counts_spoiled", "ballots.result_items"}
    assert changed["ballots.turnout_counts_spoiled"] == (True, False)
    assert {change.cases for change in before_opening.effect.values} == {(ladder.case.ref,)}


@pytest.mark.engines("sqlite", "postgresql")
def test_a_commencement_recorded_otherwise_is_a_conflict(uow: UnitOfWork) -> None:
    """Turns red if a second day silently wins."""
    law_handlers.commence(uow, "end-of-turnout-test", date(2027, 4, 1), SI, JO)
    assert not law_handlers.commence(uow, "end-of-turnout-test", date(2027, 4, 1), SI, JO).new
    with pytest.raises(Conflict, match="mandate law withdraw"):
        law_handlers.commence(uow, "end-of-turnout-test", date(2027, 5, 1), SI, JO)
    assert uow.session.query(LawCommencement).count() == 1


@pytest.mark.parametrize(
    ("change", "on", "field", "wanted"),
    [
        ("end-of-everything", date(2027, 4, 1), "change", "end-of-turnout-test"),
        ("end-of-turnout-test", date(2026, 2, 18), "from", "a day after 2026-02-18"),
    ],
)
def test_what_is_not_planned_cannot_commence(uow: UnitOfWork, change: str, on: date, field: str, wanted: str) -> None:
    """Turns red if a wrong name or day is recorded: every later transaction would trip over it."""
    with pytest.raises(BadInput) as caught:
        law_handlers.commence(uow, change, on, SI, JO)
    assert (caught.value.field, wanted in caught.value.wanted) == (field, True)
    assert uow.session.query(LawCommencement).count() == 0


def test_a_recorded_commencement_that_the_files_took_over_changes_nothing(uow: UnitOfWork) -> None:
    """Turns red if a record that no longer fits the files breaks every transaction."""
    law_handlers.commence(uow, "end-of-turnout-test", date(2027, 4, 1), SI, JO)
    taken_over = uow.law
    assert recorded_law(uow.session, taken_over).at("ballots.turnout_fraction", date(2027, 4, 1)).fraction is None


def test_a_check_makes_a_value_fresh_and_no_other(uow: UnitOfWork) -> None:
    """Turns red if a check counts for an older value, for another parameter, or not at all."""
    uow = replace(uow, clock=Clock(london_instant(date(2027, 1, 4))))
    law_handlers.confirm(uow, ["ballots.mandate_months"], JO)
    checked = {
        value.from_: value.last_checked
        for value in UnitOfWork(uow.session, uow.clock, uow.actor).law.parameter("ballots.mandate_months").values
    }
    newest = max(day for day in checked if day is not None)
    assert checked.pop(newest) == uow.today
    assert set(checked.values()) == {FILES_READ}
    row = uow.session.query(LawCheck).one()
    assert (row.parameter, row.from_on, row.checked_on, row.checked_by) == (
        "ballots.mandate_months",
        newest,
        uow.today,
        JO.by,
    )
    assert not law_handlers.confirm(uow, ["ballots.mandate_months"], JO).new


@pytest.mark.parametrize("by", ["Jo Example", "x, y", "officer:nobody", f"officer:{uuid.UUID(int=7)}", "Jo Example,"])
def test_a_reader_is_a_named_person(uow: UnitOfWork, by: str) -> None:
    """Turns red if a bare name, or an officer who is not in the register, may vouch for the law."""
    with pytest.raises(BadInput) as caught:
        law_handlers.confirm(uow, ["ballots.mandate_months"], Reader(by, JO.source))
    assert caught.value.field == "by"
    assert uow.session.query(LawCheck).count() == 0


def test_an_officer_of_the_register_may_vouch(uow: UnitOfWork) -> None:
    by = f"officer:{an_officer(uow).id}"
    assert law_handlers.confirm(uow, ["ballots.mandate_months"], Reader(by, JO.source)).new


def test_a_record_that_is_none_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        law_handlers.withdraw(uow, uuid.UUID(int=7), JO)


def test_a_longer_notice_of_action_moves_its_deadline_and_its_papers(climb: Climb) -> None:
    """
    Notice of action of 12 days instead of 10: the last day of receipt, and the paper that waits for it, move.

    Turns red if `_of_action` reckons by the older law, or the paper keeps its day.
    """
    ladder = climb("won").on("Fri 2026-11-20").act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-14"))
    longer = with_value("ballots.action_notice_days", 12, date(2026, 11, 20))
    found = effect(ladder.uow, ladder.uow.under(longer, {}))
    was, now = day("Fri 2026-12-04"), day("Wed 2026-12-02")
    assert moved(found) == {DeadlineKind.ACTION_NOTICE_RECEIVED: (was, now)}
    law_handlers._apply(ladder.uow, found, "a test")
    assert ladder.deadline(DeadlineKind.ACTION_NOTICE_RECEIVED) == now
    assert ladder.notice_of_action().latest_receipt_on == now
    assert [(change.was.value, change.now.value) for change in found.values] == [(10, 12)]


def test_a_shorter_mandate_moves_its_end_everywhere(climb: Climb) -> None:
    """Turns red if the mandate keeps the day that the law no longer gives it."""
    ladder = climb("won")
    shorter = with_value("ballots.mandate_months", 11, date(2026, 10, 20))
    found = effect(ladder.uow, ladder.uow.under(shorter, {}))
    was, now = day("Tue 2027-11-16"), day("Sat 2027-10-16")
    assert moved(found) == {DeadlineKind.MANDATE_ENDS: (was, now)}
    assert {(move.mandate.last_day, move.last_day) for move in found.mandates} == {(was, now)}
    law_handlers._apply(ladder.uow, found, "a test")
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == now
    assert {row.last_day for row in ladder.uow.session.query(MandateRow)} == {now}


def test_an_earlier_opening_rule_moves_both_papers(climb: Climb) -> None:
    """Turns red if the sample paper is reckoned by the notice's days, or the other way round."""
    ladder = climb("planned")
    longer = with_value("ballots.notice_of_ballot_days", 9, date(2026, 10, 20))
    longer = with_value("ballots.sample_paper_days", 4, date(2026, 10, 20), longer)
    found = effect(ladder.uow, ladder.uow.under(longer, {}))
    assert moved(found) == {
        DeadlineKind.BALLOT_NOTICE_RECEIVED: (day("Tue 2026-10-13"), day("Sun 2026-10-11")),
        DeadlineKind.SAMPLE_PAPER_RECEIVED: (day("Sat 2026-10-17"), day("Fri 2026-10-16")),
    }
    law_handlers._apply(ladder.uow, found, "a test")
    assert {each.latest_receipt_on for each in ladder.papers("notice_of_ballot")} == {day("Sun 2026-10-11")}
    assert {each.latest_receipt_on for each in ladder.papers("sample_voting_paper")} == {day("Fri 2026-10-16")}


def test_nothing_is_due_to_be_retimed_on_any_rung(climb: Climb) -> None:
    """
    Every deadline stands where the law of today puts it, as long as no file changed.

    Turns red if the re-timing reckons a day otherwise than whoever set it.
    """
    for rung in ("planned", "noticed", "closed", "won", "in_force", "striking"):
        assert not law_handlers.retime(climb(rung).uow).new, rung


@pytest.mark.engines("sqlite", "postgresql")
def test_retiming_after_a_file_changed_moves_and_then_rests(climb: Climb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a second run moves anything, or the first leaves something behind."""
    ladder = climb("planned")
    longer = with_value("ballots.notice_of_ballot_days", 9, date(2026, 10, 20))
    monkeypatch.setattr("core.law_records.current_law", lambda: longer)
    ladder.on("Tue 2026-10-06")
    assert moved(law_handlers.retime(ladder.uow).effect) == {
        DeadlineKind.BALLOT_NOTICE_RECEIVED: (day("Tue 2026-10-13"), day("Sun 2026-10-11"))
    }
    before = dump(ladder.uow)
    assert not law_handlers.retime(ladder.uow).new
    assert dump(ladder.uow) == before


def test_a_moved_case_is_looked_at_again(declared: Ladder) -> None:
    """Turns red if nobody asks the worker for it: a day that moved may open or shut a gate."""
    declared.uow.session.query(PendingWork).delete()
    holiday(declared)
    assert declared.uow.session.query(PendingWork).filter_by(subject_id=declared.case_id).count() == 1


def test_a_vote_by_another_way_wants_the_law_and_an_assessment(climb: Climb) -> None:
    """
    Refused while the Order is only planned; authorised once a named person recorded it, with the assessment kept.

    Turns red if the method does not reach the timetable, or the assessment is not part of the authorisation.
    """
    ladder = climb("disputed").on("Tue 2026-10-06")
    officer = an_officer(ladder.uow)
    facts = {
        "questions": ["strike"],
        "opens_on": day("Tue 2026-10-20"),
        "closes_on": day("Tue 2026-11-17"),
        "method": "electronic",
        "assessed_by": officer.id,
        "assessment": "The scrutineer's system was tested; every member has a code by post.",
    }
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_authorised", **facts)
    assert [found.code for found in caught.value.findings] == ["method_not_permitted"]
    law_handlers.commence(ladder.uow, "other-voting-methods", date(2026, 10, 6), "SI 2026/999", JO)
    ladder.act("ballot_authorised", **facts)
    assert (ladder.ballot.stage, ladder.ballot.method) == (BallotStage.PLANNED, "electronic")
    event = repository.events_of(ladder.uow, ladder.case_id)[-1]
    assert (event.facts["method"], event.facts["assessed_by"]) == ("electronic", f"officer:{officer.id}")
    assert "scrutineer's system" in event.facts["assessment"]
