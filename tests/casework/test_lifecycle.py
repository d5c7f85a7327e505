"""The seventeen stages: where each event leads, read from its facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.lifecycle import (
    TRANSITIONS,
    CaseState,
    Event,
    EventKind,
    Outcome,
    Rest,
    Stage,
    allowed_kinds,
    apply,
    begin,
    is_majority,
    outcome_of,
    replay,
    stages,
)
from core.errors import StageError

K, S = EventKind, Stage
DAY = date(2026, 9, 1)
OFFICER = "00000000-0000-0000-0000-000000000007"

Step = EventKind | tuple[EventKind, dict[str, Any]]

MAJORITY = {"present": 3, "in_favour": 2}
ACCEPTED, REFUSED, ADJOURNED = {"answer": "accepted"}, {"answer": "refused"}, {"answer": "adjourned"}
ASSIGNED = (K.OFFICER_ASSIGNED, {"officer_id": OFFICER})
BALLOT = (K.BALLOT_AUTHORISED, {"ballot_id": "b1"})

RAISED: tuple[Step, ...] = ((K.CASE_RAISED, {"issues": ["meetings"], "pursuit": "concurrent"}),)
MEETING = (*RAISED, K.MEMBERS_MEETING_ARRANGED)
HEAD = (*MEETING, (K.MEMBERS_MEETING_HELD, MAJORITY))
REFERRED = (*HEAD, (K.HEAD_MET, REFUSED))
ACCEPTED_CASE = (*REFERRED, ASSIGNED, K.OFFICER_ACCEPTED)
NEGOTIATION = (*ACCEPTED_CASE, K.ASSESSMENT_RECORDED)
FAILED = (*NEGOTIATION, (K.NEGOTIATION_HELD, REFUSED))
OPEN = (*FAILED, K.DISPUTE_DECLARED, BALLOT, K.BALLOT_NOTICES_SERVED, K.BALLOT_OPENED)
COUNTED = (*OPEN, K.BALLOT_CLOSED)
MANDATE = (*COUNTED, (K.RESULT_DECLARED, {"mandates": ["asos", "strike"]}))
ASOS = (*MANDATE, K.ASOS_AUTHORISED, K.ACTION_NOTICE_SERVED, K.ASOS_BEGAN)
ESCALATED = (*ASOS, K.ESCALATION_SOUGHT)
STRIKE = (*ESCALATED, (K.ESCALATION_MEETING_HELD, MAJORITY), K.STRIKE_AUTHORISED, K.STRIKE_NOTICE_SERVED)
STRUCK = (*STRIKE, (K.STRIKE_DAY_HELD, {"on": "2026-09-01"}))
PAY = (*STRUCK, K.STRIKE_OVER)
SETTLED = (*HEAD, (K.HEAD_MET, ACCEPTED))
MONITORED = (*SETTLED, K.AGREEMENT_SIGNED_OFF)
CLOSED = (*MONITORED, K.MONITORING_FINISHED)


def happened(steps: Iterable[Step]) -> list[Event]:
    """Events, one a day from DAY on."""
    pairs = [step if isinstance(step, tuple) else (step, {}) for step in steps]
    return [Event(kind, DAY + timedelta(days=number), facts) for number, (kind, facts) in enumerate(pairs)]


def after(*steps: Step) -> CaseState:
    """The state that these steps leave."""
    return replay(happened(steps))


# fmt: off
SENTENCES = [
    ("a case begins raised", RAISED, S.RAISED),
    ("a members' meeting is arranged", MEETING, S.MEMBERS_MEETING),
    ("a majority wants the issue raised", HEAD, S.HEAD_MEETING),
    ("no majority: the case waits there", (*MEETING, (K.MEMBERS_MEETING_HELD, {"present": 4, "in_favour": 2})),
        S.MEMBERS_MEETING),
    ("the letter goes to the head teacher", (*HEAD, K.HEAD_LETTER_SENT), S.HEAD_MEETING),
    ("the head accepts: settled", SETTLED, S.SETTLED),
    ("the head adjourns: still with the head", (*HEAD, (K.HEAD_MET, ADJOURNED)), S.HEAD_MEETING),
    ("the head refuses: referred", REFERRED, S.OFFICER_ASSIGNED),
    ("the head does not answer: referred", (*HEAD, K.HEAD_DID_NOT_ANSWER), S.OFFICER_ASSIGNED),
    ("an officer is assigned and has to accept", (*REFERRED, ASSIGNED), S.OFFICER_ASSIGNED),
    ("the officer declines: another is looked for", (*REFERRED, ASSIGNED, K.OFFICER_DECLINED), S.OFFICER_ASSIGNED),
    ("the officer accepts", ACCEPTED_CASE, S.OFFICER_MEMBERS_MEETING),
    ("readiness is assessed", NEGOTIATION, S.OFFICER_NEGOTIATION),
    ("negotiation is adjourned", (*NEGOTIATION, (K.NEGOTIATION_HELD, ADJOURNED)), S.OFFICER_NEGOTIATION),
    ("negotiation succeeds", (*NEGOTIATION, (K.NEGOTIATION_HELD, ACCEPTED)), S.SETTLED),
    ("negotiation fails", FAILED, S.BALLOT_PREPARATION),
    ("the ballot opens", OPEN, S.BALLOT_OPEN),
    ("a ballot is given up before it opens", (*FAILED, BALLOT, K.BALLOT_CANCELLED), S.OFFICER_NEGOTIATION),
    ("a ballot is given up while open", (*OPEN, K.BALLOT_CANCELLED), S.OFFICER_NEGOTIATION),
    ("the ballot closes", COUNTED, S.BALLOT_RESULT),
    ("a lost ballot goes back to negotiation", (*COUNTED, (K.RESULT_DECLARED, {"mandates": []})),
        S.OFFICER_NEGOTIATION),
    ("a mandate waits for what members choose", MANDATE, S.BALLOT_RESULT),
    ("action short of a strike is authorised", (*MANDATE, K.ASOS_AUTHORISED), S.ASOS_AUTHORISED),
    ("action short of a strike begins", ASOS, S.ASOS_IN_FORCE),
    ("action short of a strike ends", (*ASOS, K.ASOS_ENDED), S.OFFICER_NEGOTIATION),
    ("members want to escalate", ESCALATED, S.STRIKE_ESCALATION),
    ("a strike mandate leads straight there", (*MANDATE, K.ESCALATION_SOUGHT), S.STRIKE_ESCALATION),
    ("no majority for a strike", (*ESCALATED, (K.ESCALATION_MEETING_HELD, {"present": 2, "in_favour": 1})),
        S.OFFICER_NEGOTIATION),
    ("notice of strike is served", STRIKE, S.STRIKE_ACTION),
    ("all strike days withdrawn: no pay is owed", (*STRIKE, K.STRIKE_DAY_WITHDRAWN, K.STRIKE_OVER),
        S.OFFICER_NEGOTIATION),
    ("a strike day was held: pay is owed", PAY, S.PAY_REIMBURSEMENT),
    ("settled before any strike day", (*STRIKE, K.SETTLEMENT_REACHED), S.SETTLED),
    ("settled after a strike day: pay first", (*STRUCK, K.SETTLEMENT_REACHED), S.PAY_REIMBURSEMENT),
    ("and settled once claims are", (*STRUCK, K.SETTLEMENT_REACHED, K.CLAIMS_SETTLED), S.SETTLED),
    ("settled while pay is owed", (*PAY, K.SETTLEMENT_REACHED), S.PAY_REIMBURSEMENT),
    ("paid without a settlement: the strike goes on", (*PAY, K.CLAIMS_SETTLED), S.STRIKE_ESCALATION),
    ("the agreement is signed off", MONITORED, S.MONITORING),
    ("a check is recorded", (*MONITORED, K.MONITORING_CHECK_RECORDED), S.MONITORING),
    ("monitoring ends", CLOSED, S.CLOSED),
    ("reopened without an officer: one is assigned", (*MONITORED, K.CASE_REOPENED), S.OFFICER_ASSIGNED),
    ("reopened with an officer", (*NEGOTIATION, K.SETTLEMENT_REACHED, K.CASE_REOPENED), S.OFFICER_NEGOTIATION),
    ("a closed case is reopened", (*CLOSED, K.CASE_REOPENED), S.OFFICER_ASSIGNED),
    ("a case is closed early", (*RAISED, K.CASE_CLOSED), S.CLOSED),
]
# fmt: on


@pytest.mark.parametrize(("steps", "stage"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES])
def test_where_it_leads(steps: tuple[Step, ...], stage: Stage) -> None:
    assert after(*steps).stage is stage


def test_the_sentences_reach_every_stage() -> None:
    assert {stage for _, _, stage in SENTENCES} == set(Stage)


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (RAISED, K.BALLOT_OPENED),
        (MEETING, K.HEAD_MET),
        (FAILED, K.STRIKE_NOTICE_SERVED),
        (COUNTED, K.ASOS_BEGAN),
        (MANDATE, K.STRIKE_NOTICE_SERVED),
        (CLOSED, K.CASE_RESTED),
        (CLOSED, K.SETTLEMENT_REACHED),
        (ASOS, K.CASE_CLOSED),
        (STRUCK, K.CASE_CLOSED),
        (RAISED, K.CASE_RAISED),
    ],
)
def test_what_the_table_does_not_name_is_refused_and_says_what_can_be(steps: tuple[Step, ...], kind: EventKind) -> None:
    """Red when `apply` falls back to the stage it has."""
    state = after(*steps)
    facts = {"reason": "x", "wake_on": "2027-01-01", **ACCEPTED, "issues": []}
    with pytest.raises(StageError) as refused:
        apply(state, Event(kind, DAY, facts))
    assert state.stage in str(refused.value)
    assert kind in str(refused.value)
    for allowed in allowed_kinds(state.stage):
        assert allowed in str(refused.value)


@pytest.mark.parametrize("kind", [K.OFFICER_ACCEPTED, K.OFFICER_DECLINED])
def test_an_officer_answers_only_once_assigned(kind: EventKind) -> None:
    """Red when `outcome_of` does not ask for an officer: the case would go on with nobody on it."""
    with pytest.raises(StageError):
        after(*REFERRED, kind)
    with pytest.raises(StageError):
        after(*REFERRED, ASSIGNED, K.OFFICER_DECLINED, kind)


def test_a_case_begins_with_being_raised() -> None:
    with pytest.raises(StageError, match="not yet raised"):
        begin(Event(K.CASE_WOKEN, DAY))


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_majority_is_more_than_half(present: int, in_favour: int) -> None:
    """Red when a tie counts: `>=` for `>`."""
    assert is_majority(present, in_favour) == (in_favour > present / 2)


@pytest.mark.parametrize(("in_favour", "majority"), [(4, False), (5, False), (6, True)])
def test_of_ten_present_six_are_a_majority_and_five_are_not(in_favour: int, majority: bool) -> None:
    assert is_majority(10, in_favour) is majority


def test_a_stage_is_entered_on_the_day_of_the_event_that_led_there() -> None:
    events = happened((*MEETING, (K.MEMBERS_MEETING_HELD, {"present": 4, "in_favour": 2})))
    state = replay(events)
    assert (state.stage, state.entered_on) == (S.MEMBERS_MEETING, DAY + timedelta(days=1))


def test_a_rest_keeps_its_reason_and_ends_with_the_next_event() -> None:
    rested = (*HEAD, (K.CASE_RESTED, {"reason": "holidays", "wake_on": "2026-10-01"}))
    state = after(*rested)
    assert (state.stage, state.rest) == (S.HEAD_MEETING, Rest("holidays", date(2026, 10, 1)))
    assert after(*rested, K.CASE_WOKEN).rest is None
    assert after(*rested, (K.HEAD_MET, REFUSED)).rest is None


def test_an_issue_is_added_once() -> None:
    added = (K.ISSUE_ADDED, {"issue": "email"})
    assert after(*RAISED, added, added).issues == ("meetings", "email")


def test_who_declined_is_remembered_and_a_new_officer_is_free() -> None:
    state = after(*REFERRED, ASSIGNED, K.OFFICER_DECLINED)
    assert (state.officer_id, state.declined_officers) == (None, (OFFICER,))
    again = after(*REFERRED, ASSIGNED, K.OFFICER_DECLINED, (K.OFFICER_ASSIGNED, {"officer_id": "8"}))
    assert (again.officer_id, again.officer_accepted) == ("8", False)


def test_a_ballot_is_known_while_it_stands_or_gave_a_mandate() -> None:
    assert after(*OPEN).ballot_id == "b1"
    assert after(*MANDATE).ballot_id == "b1"
    assert after(*OPEN, K.BALLOT_CANCELLED).ballot_id is None
    assert after(*COUNTED, (K.RESULT_DECLARED, {"mandates": []})).ballot_id is None


@pytest.mark.parametrize(
    ("steps", "in_force"),
    [
        (ASOS, True),
        (ESCALATED, True),
        ((*ASOS, K.ASOS_ENDED), False),
        ((*ASOS, K.SETTLEMENT_REACHED), False),
        ((*ESCALATED, (K.ESCALATION_MEETING_HELD, {"present": 2, "in_favour": 1})), True),
        (
            (
                *ESCALATED,
                (K.ESCALATION_MEETING_HELD, {"present": 2, "in_favour": 1}),
                (K.NEGOTIATION_HELD, ACCEPTED),
            ),
            False,
        ),
    ],
)
def test_action_short_of_a_strike_is_in_force_until_it_ends_or_the_case_settles(
    steps: tuple[Step, ...], in_force: bool
) -> None:
    """Red when an accepted negotiation leaves the action in force."""
    assert after(*steps).asos_in_force is in_force


def test_a_reopened_case_starts_without_ballot_strike_or_agreement() -> None:
    state = after(*STRUCK, K.SETTLEMENT_REACHED, K.CLAIMS_SETTLED, K.AGREEMENT_SIGNED_OFF, K.CASE_REOPENED)
    assert (state.ballot_id, state.strike_days_held, state.agreement_reached) == (None, 0, False)
    assert (state.times_reopened, state.officer_id) == (1, OFFICER)


@pytest.mark.parametrize(
    ("kind", "facts", "outcome"),
    [
        (K.HEAD_MET, ACCEPTED, Outcome.ACCEPTED),
        (K.NEGOTIATION_HELD, REFUSED, Outcome.REFUSED),
        (K.RESULT_DECLARED, {"mandates": ["asos"]}, Outcome.MANDATE),
        (K.RESULT_DECLARED, {"mandates": []}, Outcome.NO_MANDATE),
        (K.CASE_WOKEN, {}, Outcome.DONE),
        (K.CLAIMS_SETTLED, {}, Outcome.NOT_AGREED),
    ],
)
def test_which_way_an_event_went_is_read_from_its_facts(
    kind: EventKind, facts: dict[str, Any], outcome: Outcome
) -> None:
    assert outcome_of(Event(kind, DAY, facts), after(*RAISED)) is outcome


def test_a_closed_case_can_only_be_reopened_and_hear_its_result() -> None:
    assert allowed_kinds(S.CLOSED) == (K.RESULT_DECLARED, K.CASE_REOPENED)


def test_a_late_result_moves_nothing() -> None:
    """Red when a result sends a case back that went on, settled or reopened while papers were counted."""
    late = {
        (stage, to)
        for (stage, kind, _), to in TRANSITIONS.items()
        if kind is K.RESULT_DECLARED and stage is not S.BALLOT_RESULT
    }
    others = (stage for stage in stages(S.OFFICER_NEGOTIATION, S.CLOSED) if stage is not S.BALLOT_RESULT)
    assert late == {(stage, stage) for stage in others}


def test_every_open_stage_settles_or_leads_to_where_it_can() -> None:
    """Every rung can end in a settlement; monitoring and what comes after have one already."""
    settles = {stage for (stage, kind, _) in TRANSITIONS if kind is K.SETTLEMENT_REACHED}
    assert settles == set(Stage) - {S.SETTLED, S.MONITORING, S.CLOSED}
