"""What the system does for a ballot by itself, on its days, once and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from ballots.lifecycle import BallotStage
from ballots.repository import latest_mandate, mandates_of
from ballots.steps import readiness_of
from casework import repository
from casework.deadlines import DeadlineKind
from casework.lifecycle import EventKind, Stage
from core.errors import Conflict
from notifications import proof
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.scenes import BOTH, CLOSES, ENTITLED, OPENS, SECOND, STEPS, WON, Ladder, dump, send
from tests.builders import an_employer, happen
from tests.days import day
from tests.sampling import every

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

BOTH_WAYS = (Medium.LETTER, Medium.MAIL)

Climb = Callable[[str], Ladder]


def approved(ladder: Ladder) -> Ladder:
    return ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)


def standing(ladder: Ladder) -> list[str]:
    return [found.code for found in readiness_of(ladder.uow, ladder.ballot)]


def test_each_employer_is_made_both_papers_by_letter_and_by_mail(climb: Climb) -> None:
    ladder = climb("planned")
    papers = [*ladder.papers("notice_of_ballot"), *ladder.papers("sample_voting_paper")]
    assert Counter((each.kind, each.medium) for each in papers) == {
        (kind, medium): 1 for kind in ("notice_of_ballot", "sample_voting_paper") for medium in BOTH_WAYS
    }
    assert {each.latest_receipt_on for each in ladder.papers("notice_of_ballot")} == {day("Tue 2026-10-13")}
    assert {each.latest_receipt_on for each in ladder.papers("sample_voting_paper")} == {day("Sat 2026-10-17")}


def test_the_law_a_paper_was_made_under_is_frozen_with_it(climb: Climb) -> None:
    ladder = climb("planned")
    law = ladder.papers("notice_of_ballot")[0].law["ballots.notice_of_ballot_contents"]
    assert (law["from"], "s. 70" in law["citation"]) == ("2026-02-18", True)


def test_what_a_machine_says_is_no_receipt(climb: Climb) -> None:
    """Turns red if class C counts: `EvidenceClass.C` no longer left out in `proof.receipt_status`."""
    ladder = approved(climb("planned")).on("Thu 2026-10-08")
    for how in (ReceiptKind.POSTED, ReceiptKind.DELIVERED, ReceiptKind.READ_RECEIPT, ReceiptKind.AUTOMATIC_REPLY):
        ladder.arrives("notice_of_ballot", how=how).arrives("sample_voting_paper", how=how)
    ladder.on(OPENS, work=True)
    assert (ladder.ballot.stage, ladder.stage) == (BallotStage.PLANNED, Stage.BALLOT_PREPARATION)
    assert standing(ladder)[:2] == ["ballot_notice_missing", "sample_paper_missing"]
    assert standing(ladder)[2:] == ["ballot_notice_late", "sample_paper_late"]


def test_one_paper_of_two_is_not_enough(climb: Climb) -> None:
    """Turns red if `all(received.values())` becomes `any(...)`."""
    ladder = approved(climb("planned")).on("Thu 2026-10-08").arrives("notice_of_ballot")
    assert ladder.ballot.stage is BallotStage.PLANNED
    assert ladder.met(DeadlineKind.BALLOT_NOTICE_RECEIVED) == day("Thu 2026-10-08")
    assert ladder.met(DeadlineKind.SAMPLE_PAPER_RECEIVED) is None
    ladder.arrives("sample_voting_paper")
    assert ladder.ballot.stage is BallotStage.NOTICED


@pytest.mark.parametrize(("received", "found"), [("Tue 2026-10-13", []), ("Wed 2026-10-14", ["ballot_notice_late"])])
def test_a_late_receipt_keeps_the_ballot_shut(climb: Climb, received: str, found: list[str]) -> None:
    """Turns red if `open_ballot` does not ask `readiness_of`: the day before is in time, the day after is not."""
    ladder = approved(climb("planned")).on(received).arrives("notice_of_ballot").arrives("sample_voting_paper")
    assert standing(ladder) == found
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is (BallotStage.NOTICED if found else BallotStage.OPEN)


def test_a_proof_that_is_withdrawn_shuts_the_gate_again(climb: Climb) -> None:
    """Turns red if readiness is remembered instead of read."""
    ladder = climb("noticed").on("Mon 2026-10-19")
    proof.revoke(ladder.uow, ladder.papers("notice_of_ballot")[0].id, reason="it was another letter")
    ladder.on(OPENS, work=True)
    assert (ladder.ballot.stage, standing(ladder)) == (
        BallotStage.NOTICED,
        ["ballot_notice_missing", "ballot_notice_late"],
    )


def test_a_school_that_changed_hands_since_the_notice_keeps_the_ballot_shut(climb: Climb) -> None:
    """Of the notice and of the sample. Turns red if they are not compared with the register of now."""
    ladder = climb("noticed")
    ladder.case.workplace.employer = an_employer(ladder.uow)
    ladder.uow.session.flush()
    ladder.on(OPENS, work=True)
    assert (ladder.ballot.stage, standing(ladder)) == (BallotStage.NOTICED, ["employer_wrong"] * 2)


@pytest.mark.parametrize(
    ("today", "stage"), [("Mon 2026-10-19", BallotStage.NOTICED), ("Tue 2026-10-20", BallotStage.OPEN)]
)
def test_a_ballot_opens_on_its_day_not_the_day_before(climb: Climb, today: str, stage: BallotStage) -> None:
    """Turns red if `opens_on > today` becomes `>=` or is dropped."""
    assert climb("noticed").on(today, work=True).ballot.stage is stage


@pytest.mark.parametrize(("today", "stage"), [(CLOSES, BallotStage.OPEN), ("Wed 2026-11-18", BallotStage.CLOSED)])
def test_a_ballot_closes_once_its_last_day_is_over(climb: Climb, today: str, stage: BallotStage) -> None:
    """Turns red if `closes_on >= today` becomes `>`: votes may be cast on the last day itself (s. 246)."""
    ladder = climb("noticed").on(OPENS, work=True).on(today, work=True)
    assert ladder.ballot.stage is stage
    if stage is BallotStage.CLOSED:
        assert ladder.met(DeadlineKind.BALLOT_CLOSES) == day(CLOSES)


def test_every_member_is_told_once_and_the_employer_by_letter_and_mail(climb: Climb) -> None:
    """Turns red if `told_members_on` is not kept; the outbox's own key keeps a second run from writing twice."""
    ladder = climb("closed").act("result_declared", **WON)
    for step in STEPS:
        step(ladder.uow, ladder.case_id)
    told = Counter(each.recipient_key for each in ladder.papers("ballot_result_members"))
    assert (len(told), set(told.values())) == (ENTITLED, {1})
    assert len(ladder.papers("ballot_result_employer")) == len(BOTH_WAYS)
    assert ladder.ballot.told_members_on == ladder.met(DeadlineKind.RESULT_TO_MEMBERS) == day("Wed 2026-11-18")
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Thu 2026-11-19")


def test_the_employer_is_told_only_when_that_is_proved(climb: Climb) -> None:
    ladder = climb("won")
    assert ladder.met(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Thu 2026-11-19")
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) is None


def test_a_lost_result_is_told_too_even_when_the_next_ballot_stands(climb: Climb) -> None:
    """Turns red if `tell_result` looks at the latest ballot only (s. 231 knows no exception for a lost one)."""
    lost = {**WON, "strike_yes": 1, "strike_no": 8, "asos_yes": 1, "asos_no": 8}
    ladder = climb("closed")
    first = ladder.ballot
    # The worker is away between the result and the next authorisation.
    ladder.act = without_work(ladder)  # type: ignore[method-assign]
    ladder.act("result_declared", **lost)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-01"), closes_on=day("Mon 2027-01-11"))
    ladder.work()
    told = [each for each in ladder.uow.session.query(Notice) if each.kind == "ballot_result_members"]
    assert {each.subject_ref for each in told} == {f"ballot:{first.id}"}
    assert len(told) == ENTITLED


def without_work(ladder: Ladder) -> Callable[..., Ladder]:
    """Acts as they come while no worker runs."""
    real = Ladder.act

    def act(name: str, **facts: object) -> Ladder:
        idle = Ladder(ladder.uow, ladder.case_id)
        idle.work = lambda: idle  # type: ignore[method-assign]
        return real(idle, name, **facts)

    return act


LATER = {
    "disputed": ("", "Wed 2026-10-14", OPENS),
    "planned": ("", "Wed 2026-10-14", OPENS),
    "noticed": ("", OPENS, "Wed 2026-11-18"),
    "closed": ("", "Fri 2027-01-29"),
    "won": ("", "Fri 2027-01-29", "Wed 2027-11-17"),
    "in_force": ("", "Wed 2027-11-17"),
    "striking": ("", "Fri 2027-01-29", "Wed 2027-11-17"),
}
"""By place of the climb: the days later on which the steps are tried, or at once."""


@pytest.mark.parametrize(("rung", "later"), every(3, [(rung, day) for rung, days in LATER.items() for day in days]))
def test_every_step_twice_is_every_step_once(climb: Climb, rung: str, later: str) -> None:
    """Turns red if a step does not leave what it did behind it, such as `begin_action` the stage of its action."""
    ladder = climb(rung)
    if later:
        ladder.on(later)
    ladder.work()
    once = dump(ladder.uow)
    for step in STEPS:
        step(ladder.uow, ladder.case_id)
        step(ladder.uow, ladder.case_id)
    send(ladder.uow)
    assert dump(ladder.uow) == once


def test_a_settled_dispute_takes_its_ballot_with_it(climb: Climb) -> None:
    """Turns red if `end_action` does not abandon ballots: it would open without a dispute (s. 244)."""
    ladder = climb("planned").on("Wed 2026-10-07")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work()
    assert (ladder.ballot.stage, ladder.ballot.cancelled_reason) == (
        BallotStage.CANCELLED,
        "the dispute was settled",
    )
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.CANCELLED}


def result_after(ladder: Ladder, *happenings: EventKind) -> Ladder:
    """The case settles on the day after the close, and goes on; the result is declared after that."""
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, *happenings)
    return ladder.work().act("result_declared", **WON)


@pytest.mark.parametrize(
    ("happenings", "stage"),
    [((), Stage.SETTLED), ((EventKind.AGREEMENT_SIGNED_OFF,), Stage.MONITORING)],
)
def test_a_result_is_told_though_the_case_was_settled_since(
    climb: Climb, happenings: tuple[EventKind, ...], stage: Stage
) -> None:
    """Turns red if `closed_ballot` asks `ballot_of` only, or a stage is missing in `HEARS_A_LATE_RESULT` (s. 231)."""
    ladder = result_after(climb("closed"), *happenings)
    assert (ladder.ballot.stage, ladder.stage) == (BallotStage.DECLARED, stage)
    assert len({each.recipient_key for each in ladder.papers("ballot_result_members")}) == ENTITLED
    assert len(ladder.papers("ballot_result_employer")) == len(BOTH_WAYS)
    assert {each.state for each in ladder.papers("ballot_result_employer")} == {State.ACCEPTED}
    ladder.on("Thu 2026-11-19").arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    assert ladder.met(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Thu 2026-11-19")
    assert ladder.stage is stage


def test_the_result_of_a_settled_dispute_gives_no_mandate_then_or_after_reopening(climb: Climb) -> None:
    """Turns red if `declare_result` does not ask whether the dispute is settled: its page would tell of mandates."""
    ladder = result_after(climb("closed"))
    declared = repository.last_event(ladder.uow, ladder.case_id, EventKind.RESULT_DECLARED)
    assert declared is not None
    assert (declared.facts["mandates"], declared.facts["questions"]["strike"]["mandate"]) == ([], True)
    assert not mandates_of(ladder.uow, ladder.ballot.id)
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) is None
    happen(ladder.uow, ladder.case, EventKind.CASE_REOPENED)
    assert latest_mandate(ladder.uow, ladder.case_id) is None


def test_what_is_owed_after_a_late_result_outlives_the_next_event(climb: Climb) -> None:
    """Turns red if every event at a settled case cancels its deadlines: `after.stage is not before` in `_follow`."""
    ladder = result_after(climb("closed"))
    ladder.on("Thu 2026-11-19").act("scrutineer_reported", received_on=ladder.uow.today, clean=True)
    assert ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS) == day("Thu 2026-11-19")


def test_a_result_is_told_while_pay_is_owed(climb: Climb) -> None:
    """Turns red if pay reimbursement is missing in `HEARS_A_LATE_RESULT`: a second ballot closed before the strike."""
    ladder = climb("closed")
    happen(ladder.uow, ladder.case, (EventKind.ESCALATION_SOUGHT, {}), (EventKind.STRIKE_AUTHORISED, {}))
    happen(ladder.uow, ladder.case, (EventKind.STRIKE_NOTICE_SERVED, {}))
    happen(ladder.uow, ladder.case, (EventKind.STRIKE_DAY_HELD, {"on": "2026-11-18", "took_part": 3}))
    ladder = result_after(ladder)
    assert (ladder.stage, ladder.ballot.stage) == (Stage.PAY_REIMBURSEMENT, BallotStage.DECLARED)
    assert len(ladder.papers("ballot_result_members")) == ENTITLED


def test_an_older_closed_ballot_does_not_stand_in_for_the_one_of_now(climb: Climb) -> None:
    """Turns red if figures that name no ballot go to the settled dispute's while the new one is open."""
    ladder = climb("closed")
    first = ladder.ballot
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.act("dispute_declared")
    ladder.act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-01"), closes_on=day("Mon 2027-01-11"))
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on("Tue 2026-12-01", work=True)
    with pytest.raises(Conflict, match="is open"):
        ladder.act("result_declared", **WON)
    assert first.stage is BallotStage.CLOSED


@pytest.mark.parametrize(
    ("settled", "stage"), [(CLOSES, BallotStage.CANCELLED), ("Wed 2026-11-18", BallotStage.CLOSED)]
)
def test_a_ballot_whose_voting_was_over_before_the_settlement_was_held(
    climb: Climb, settled: str, stage: BallotStage
) -> None:
    """Turns red if `closes_on < settled_on` becomes `<=` or is dropped: the settlement came before the sweep."""
    ladder = climb("noticed").on(OPENS, work=True).on(settled)
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    assert ladder.work().ballot.stage is stage


def test_a_ballot_of_a_settled_dispute_never_opens_even_before_it_is_abandoned(climb: Climb) -> None:
    """Turns red if `ballot_of` does not ask whether the dispute is settled."""
    ladder = climb("noticed").on("Mon 2026-10-19")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.on(OPENS)
    for step in STEPS[:5]:
        step(ladder.uow, ladder.case_id)
    assert (ladder.ballot.stage, ladder.stage) == (BallotStage.NOTICED, Stage.BALLOT_PREPARATION)
