"""What an act would send is shown before it is recorded, and what takes it back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app import previews
from app.acts import ACTS
from app.posted import new_nonce
from app.undoing import UNDOING
from ballots import stand_down
from ballots.stage_steps import STAGE_STEPS
from casework.cases import Case, CaseEvent
from casework.lifecycle import EventKind, Stage
from casework.people.roles import Grant, Role
from casework.stand_downs import StandDownReason, StandDownRecipient
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from core.work import PendingWork
from notifications.models import Notice
from tests.app.conftest import Made
from tests.app.schools import stand_on
from tests.app.signed_in import signed_in
from tests.ballots.schools import joined, together
from tests.builders import a_case, a_member, happen
from tests.days import day

HELD = {
    "happened_on-day": "8",
    "happened_on-month": "9",
    "happened_on-year": "2026",
    "present": "3",
    "in_favour": "3",
    "preview": "yes",
}


def arranged(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    for _ in range(3):
        a_member(uow, case.workplace, name="Canary Person")
    happen(uow, case, (EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": "2026-09-08"}))
    return case


def counts(database: Database) -> list[int]:
    kinds: tuple[Any, ...] = (CaseEvent, HistoryEntry, PendingWork, Notice)
    with reading(on=database) as uow:
        return [uow.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_preview_shows_the_words_and_records_nothing(client: TestClient, made: Made, database: Database) -> None:
    """Turns red when the transaction is kept: `look` returns its preview instead of raising it."""
    ref = made(arranged)
    before = counts(database)
    answer = client.post(f"/cases/{ref}/acts/members_meeting_held", data={**HELD, "nonce": new_nonce()})
    said = text_of(answer.text)
    assert answer.status_code == 200
    assert counts(database) == before
    assert "Nothing was recorded, and nothing has left." in said
    assert re.search(r"Letter to the head teacher , to The Head Teacher, School \d+, by email", said)
    assert "Its words" in said
    assert re.search(r'name="present"[^>]*value="3"', answer.text), "the form stays as it was filled in"
    recorded = client.post(
        f"/cases/{ref}/acts/members_meeting_held",
        data={**{name: value for name, value in HELD.items() if name != "preview"}, "nonce": new_nonce()},
    )
    assert recorded.status_code == 303
    assert counts(database) != before


def test_members_are_counted_and_never_named(client: TestClient, made: Made) -> None:
    """Turns red when what goes to a member is shown one by one, or with its words."""

    def raised(uow: UnitOfWork) -> Case:
        case = a_case(uow)
        for _ in range(3):
            a_member(uow, case.workplace, name="Canary Person")
        return case

    ref = made(raised)
    on = {"meets_on-day": "15", "meets_on-month": "9", "meets_on-year": "2026", "preview": "yes"}
    answer = client.post(f"/cases/{ref}/acts/members_meeting_arranged", data={**on, "nonce": new_nonce()})
    assert "to 3 members , by email" in text_of(answer.text).replace("members,", "members ,")
    assert "Canary Person" not in answer.text


def test_what_was_due_before_is_not_shown_as_the_acts(client: TestClient, made: Made, database: Database) -> None:
    """
    The letter to the head teacher leaves whether an issue is added or not. Turns red when `look` does not follow first
    what the case waits for; or follows a case that rests, whom no worker writes for.
    """

    def letter_due(uow: UnitOfWork) -> Case:
        case = arranged(uow)
        happen(uow, case, (EventKind.MEMBERS_MEETING_HELD, {"present": 3, "in_favour": 3}))
        return case

    ref = made(letter_due)
    rests = {"reason": "holidays", "wake_on-day": "1", "wake_on-month": "10", "wake_on-year": "2026"}
    for act, facts in (("issue_added", {"issue": "meetings"}), ("case_rested", rests)):
        before = counts(database)
        answer = client.post(f"/cases/{ref}/acts/{act}", data={**facts, "preview": "yes", "nonce": new_nonce()})
        assert "It would send nothing." in text_of(answer.text)
        assert counts(database) == before


def test_what_follows_goes_on_at_the_stage_that_a_step_brings_a_case_to() -> None:
    """Turns red when a preview ends with the steps of the stage that the act brought the case to."""
    case: Any = SimpleNamespace(stage=Stage.PAY_REIMBURSEMENT, events_count=7)
    steps = previews._steps_of(case)
    assert tuple(next(steps) for _ in STAGE_STEPS[case.stage]) == STAGE_STEPS[case.stage]
    case.stage, case.events_count = Stage.MONITORING, 8
    assert tuple(steps) == STAGE_STEPS[Stage.MONITORING]


def test_what_follows_is_looked_at_for_some_seconds_only(
    client: TestClient, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red when a look follows an act to the end however long it takes: nobody else could write meanwhile."""
    monkeypatch.setattr(previews, "FOLLOWED_SECONDS", -1.0)
    ref = made(arranged)
    answer = client.post(f"/cases/{ref}/acts/members_meeting_held", data={**HELD, "nonce": new_nonce()})
    assert answer.status_code == 200
    assert "could not be looked at further: it would take too long." in text_of(answer.text)


def test_a_look_at_a_stand_down_shows_its_own_dispute_and_counts_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red when `look` tells of every stand-down that somebody is still to be told of: whoever reaches the whole
    union would be shown another dispute's messages as those of the act.
    """
    monkeypatch.setattr(previews, "FIRST_TOLD", 2)
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        [other, *_], [ours, *_] = together(joined(uow, 2, 2)), together(joined(uow, 2, 2))
        stand_down.order(uow, other.case.id, StandDownReason.ERROR, "A slip in the notice.")
        foreign, own, ref = other.case.workplace.name, ours.case.workplace.name, ours.case.ref
        waits = uow.session.scalar(select(func.count()).select_from(StandDownRecipient)) or 0
    stand_on(database, day("Tue 2026-10-06"))
    sent = {"reason": "injunction", "note": "The court said so", "preview": "yes"}
    with signed_in(database, Grant(Role.NATIONAL_OFFICIAL)) as client:
        shown = text_of(client.post(f"/cases/{ref}/acts/dispute_stood_down", data={**sent, "nonce": new_nonce()}).text)
    assert foreign not in shown.partition("What it would send")[2].partition("Can this be taken back")[0]
    assert re.search(r"And \d+ more people are told of the stand-down after these", shown)
    monkeypatch.setattr(previews, "FIRST_TOLD", 250)
    with signed_in(database, Grant(Role.NATIONAL_OFFICIAL)) as client:
        shown = text_of(client.post(f"/cases/{ref}/acts/dispute_stood_down", data={**sent, "nonce": new_nonce()}).text)
    assert f"no industrial action at {own}" in shown
    assert f"no industrial action at {foreign}" not in shown
    assert waits > 2


def test_what_the_act_refuses_its_preview_refuses(client: TestClient, made: Made, database: Database) -> None:
    """Turns red when a preview passes over what recording would not."""
    ref = made(arranged)
    before = counts(database)
    wrong = {**HELD, "present": "4", "nonce": new_nonce()}
    answer = client.post(f"/cases/{ref}/acts/members_meeting_held", data=wrong)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert counts(database) == before


@pytest.mark.parametrize("name", sorted(set(ACTS) | set(UNDOING)))
def test_each_act_says_what_takes_it_back_or_why_nothing_does(name: str) -> None:
    """Turns red when an act is added of which nobody said whether it can be taken back."""
    assert name in ACTS
    assert UNDOING[name].words.endswith((".", ")"))
    assert set(UNDOING[name].by) <= set(ACTS)


def test_after_a_cancelled_ballot_comes_what_can_be_recorded_then() -> None:
    """Turns red when it says "Another can be authorised" alone: the case goes back to the officer's negotiation."""
    first = ACTS[UNDOING["ballot_cancelled"].by[0]]
    assert Stage.OFFICER_NEGOTIATION in first.stages


def test_the_form_says_so(client: TestClient, made: Made) -> None:
    """Turns red, too, when a look leads to the head of the case's page, screens above what it shows."""
    ref = made(arranged)
    page = client.get(f"/cases/{ref}?act=case_rested").text
    assert f'formaction="/cases/{ref}/acts/case_rested#preview"' in page
    shown = text_of(page)
    assert "Can this be taken back? Wake the case. By: Wake the case." in shown
    assert "Show what it would send" in shown


def test_of_a_shared_dispute_each_is_shown_what_goes_to_their_own(database: Database) -> None:
    """Turns red when what goes to the other association's school is shown, or not counted."""
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        made = together(joined(uow, 4, 5))
        names = [each.case.workplace.name for each in made]
        ref, association = made[0].case.ref, made[0].case.workplace.association_id
    stand_on(database, day("Tue 2026-10-06"))
    sent = {"reason": "injunction", "note": "The court said so", "preview": "yes", "nonce": new_nonce()}
    pages = {}
    for grant in (Grant(Role.ASSOCIATION_SECRETARY, association), Grant(Role.NATIONAL_OFFICIAL)):
        with signed_in(database, grant) as client:
            answer = client.post(f"/cases/{ref}/acts/dispute_stood_down", data=sent)
            assert answer.status_code == 200
            pages[grant.role] = text_of(answer.text)
    local, national = pages.values()
    assert [f"no industrial action at {name}" in national for name in names] == [True, True]
    assert [f"no industrial action at {name}" in local for name in names] == [True, False]
    assert re.search(r"And \d+ more, to schools that your roles do not reach", local)
    assert "more, to schools" not in national
