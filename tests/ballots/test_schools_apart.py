"""Several schools in one dispute, each in a ballot of its own (s. 228(3)); joining and leaving it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acts import acts_offered
from app.choices import choices_for
from ballots.acts import DisputeToJoin
from ballots.constituency import Voter, entitled_to_vote, figures
from ballots.lifecycle import BallotStage
from ballots.models import Ballot
from ballots.repository import ballot_of, ballot_that_stands, entitled_beside, latest_mandate
from ballots.steps import readiness_of
from casework.cases import CaseIssue
from casework.disputes import cases_in, dispute_of, matters_of, parts_of
from casework.lifecycle import EventKind, Stage
from casework.register.models import Member
from core.errors import Conflict, NotFound, RuleViolation
from core.unit_of_work import UnitOfWork
from notifications.models import Notice
from tests.ballots.scenes import BOTH, CLOSES, OPENS, SECOND, Ladder
from tests.ballots.schools import Schools, joined, schools, together
from tests.builders import a_case, a_member, a_workplace, an_employer, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

DAYS = {"opens_on": day(OPENS), "closes_on": day(CLOSES)}


def ballot(ladder: Ladder) -> Ballot:
    found = ballot_of(ladder.uow, ladder.case_id)
    assert found is not None
    return found


def refused(ladder: Ladder, ref: str) -> list[str]:
    with pytest.raises(RuleViolation) as caught:
        ladder.act("dispute_joined", dispute=ref)
    assert caught.value.what == "The case cannot join the dispute."
    return [found.code for found in caught.value.findings]


def test_a_school_joins_the_dispute_of_another_and_the_employer_is_told_of_it(uow: UnitOfWork) -> None:
    """Turns red if `join` makes a leg of its own, or the letter's version leaves out whose school it tells of."""
    made = joined(uow, 3, 4)
    dispute = dispute_of(uow, made[1].case_id)
    assert dispute is not None
    assert dispute is dispute_of(uow, made[0].case_id)
    assert (len(dispute.legs), dispute.matters) == (1, ["meetings", "observation"])
    told = uow.session.query(Notice).filter_by(kind="dispute_notified", medium="letter").all()
    assert {each.facts["workplace_name"] for each in told} == {ladder.case.workplace.name for ladder in made}
    assert made.count(EventKind.DISPUTE_DECLARED) == [1, 0]
    assert made.count(EventKind.DISPUTE_JOINED) == [0, 1]
    assert made.stages == [Stage.BALLOT_PREPARATION] * 2


def test_a_school_widens_the_matters_until_a_ballot_stands(uow: UnitOfWork) -> None:
    """Turns red if `join` leaves the matters as they are, or a cancelled ballot still fixes them."""
    sets = (("meetings",), ("meetings", "email"), ("meetings", "cover"))
    made = schools(uow, 3, 4, 5, issues=sets)
    made[0].act("dispute_declared")
    ref = f"D-{made[0].case.ref}"
    made[1].act("dispute_joined", dispute=ref)
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    assert dispute.matters == ["email", "meetings"]
    made.on("Tue 2026-10-06")
    made[0].act("ballot_authorised", **BOTH, **DAYS)
    assert refused(made[2], ref) == ["matters_fixed"]
    made[0].act("ballot_cancelled", reason="a third school joins")
    made[2].act("dispute_joined", dispute=ref)
    assert set(dispute.matters) == matters_of(uow, dispute.id) == {"cover", "email", "meetings"}


def test_declaring_again_keeps_what_the_others_brought(uow: UnitOfWork) -> None:
    """Turns red if `require_matters` reads the asking case's issues alone."""
    made = schools(uow, 3, 4, issues=(("meetings",), ("meetings", "email")))
    made[0].act("dispute_declared")
    made[1].act("dispute_joined", dispute=f"D-{made[0].case.ref}")
    with pytest.raises(Conflict, match="over the same matters"):
        made[0].act("dispute_declared")
    made[0].case.issues[0].code = "ppa"
    uow.session.flush()
    made[0].act("dispute_declared")
    dispute = dispute_of(uow, made[1].case_id)
    assert dispute is not None
    assert dispute.matters == ["email", "meetings", "ppa"]


def test_a_ballot_that_stands_fixes_the_matters_of_all_the_schools(uow: UnitOfWork) -> None:
    """Turns red if `require_matters` asks for no ballot, or for that of the asking case alone."""
    made = joined(uow, 3, 4, issues=(("meetings",), ("meetings",))).on("Tue 2026-10-06")
    made[0].act("ballot_authorised", **BOTH, **DAYS)
    uow.session.add(CaseIssue(case_id=made[1].case_id, code="cover"))
    uow.session.flush()
    uow.session.refresh(made[1].case)
    with pytest.raises(RuleViolation) as caught:
        made[1].act("dispute_declared")
    assert [found.code for found in caught.value.findings] == ["matters_fixed"]
    assert "cover" in caught.value.findings[0].sentence
    assert "dispute_declared" not in {act.name for act in acts_offered(made.uow, made[1].case)}
    made[0].act("ballot_cancelled", reason="over cover too")
    made[1].act("dispute_declared")
    assert ballot_that_stands(uow, made[0].ballot.dispute_id) is None


def test_a_dispute_with_another_employer_or_a_settled_one_is_not_joined(uow: UnitOfWork) -> None:
    made = joined(uow, 3)
    stranger = schools(uow, 3)[0]
    assert refused(stranger, f"D-{made[0].case.ref}") == ["dispute_with_other_employer"]
    with pytest.raises(NotFound, match="dispute D-none"):
        stranger.act("dispute_joined", dispute="D-none")
    late = schools(uow, 3)
    late[0].act("dispute_declared")
    ref = f"D-{late[0].case.ref}"
    happen(uow, late[0].case, EventKind.SETTLEMENT_REACHED)
    again = a_case(uow, a_workplace(uow, employer=late[0].case.workplace.employer))
    assert refused(Ladder(uow, again.id), ref) == ["dispute_settled"]


def test_joining_is_offered_with_the_disputes_that_can_be_joined(uow: UnitOfWork) -> None:
    """Turns red if `joinable` gives disputes of other employers, or the act is offered to those already in it."""
    made = schools(uow, 3, 4, 5, issues=(("meetings",), ("meetings",), ("cover",)))
    joined(uow, 2)
    made[0].act("dispute_declared")

    def offered(ladder: Ladder) -> bool:
        return "dispute_joined" in {act.name for act in acts_offered(uow, ladder.case)}

    assert made.each(offered) == [False, True, False]
    [choice] = choices_for(uow, made[1].case_id, DisputeToJoin)["dispute"]
    assert choice.value == f"D-{made[0].case.ref}"
    assert made[0].case.workplace.name in choice.text


def test_two_cases_of_one_workplace_do_not_stand_in_one_dispute(uow: UnitOfWork) -> None:
    """Turns red if `issues_of_joining` does not look for the workplace: its members would have two papers each."""
    made = schools(uow, 3, 3, issues=(("meetings", "email"), ("meetings",)))
    made[0].act("dispute_declared")
    made[1].case.workplace_id = made[0].case.workplace_id
    uow.session.flush()
    uow.session.refresh(made[1].case)
    assert refused(made[1], f"D-{made[0].case.ref}") == ["workplace_in_dispute_already"]


def apart(made: Schools) -> Schools:
    """A ballot of each school, over the same days, up to its last."""
    made.on("Tue 2026-10-06")
    for ladder in made:
        ladder.act("ballot_authorised", **BOTH, **DAYS)
    for ladder in made:
        ladder.act("ballot_notices_approved", by=SECOND)
        for kind in ("notice_of_ballot", "sample_voting_paper"):
            ladder.arrives(kind, f"ballot:{ballot(ladder).id}")
    return made.on(OPENS, work=True).on("Wed 2026-11-18", work=True)


def test_one_school_can_win_and_another_lose(uow: UnitOfWork) -> None:
    """Each threshold is of the workplace. Turns red if the mandate or the result of one reaches another's case."""
    made = apart(joined(uow, 4, 6))
    assert [ballot(ladder).entitled for ladder in made] == [4, 6]
    assert len({ballot(ladder).ref for ladder in made}) == 2
    for ladder, entitled, yes, no in ((made[0], 4, 3, 0), (made[1], 6, 2, 0)):
        counts = {"strike_yes": yes, "strike_no": no, "asos_yes": yes, "asos_no": no}
        ladder.act("result_declared", entitled=entitled, cast=yes + no, **counts)
    assert made.stages == [Stage.BALLOT_RESULT, Stage.OFFICER_NEGOTIATION]
    assert latest_mandate(uow, made[0].case_id) is not None
    assert latest_mandate(uow, made[1].case_id) is None
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    made.work()
    assert made.stages == [Stage.SETTLED, Stage.OFFICER_NEGOTIATION]
    assert [part.settled_on is None for part in parts_of(uow, made[1].case_id)] == [True]


@pytest.mark.parametrize(("members", "named"), [((20, 30), False), ((20, 31), True), ((20, 18, 13), True)])
def test_the_scrutineer_is_counted_over_all_ballots_of_the_dispute(
    uow: UnitOfWork, members: tuple[int, ...], named: bool
) -> None:
    """
    Fifty in all need none, fifty-one do, whichever ballot is authorised first (s. 226C).

    Turns red if `entitled_beside` leaves out the schools that have no ballot yet, or those that have one.
    """
    made = joined(uow, *members).on("Tue 2026-10-06")
    for ladder in made:
        ladder.act("ballot_authorised", **BOTH, **DAYS)
    assert [bool(ballot(ladder).scrutineer) for ladder in made] == [named] * len(members)
    missing = [[found.code for found in readiness_of(uow, ballot(ladder))] for ladder in made]
    assert not any("scrutineer_missing" in codes for codes in missing)


def test_a_ballot_without_a_scrutineer_holds_up_one_that_would_make_it_need_one(uow: UnitOfWork) -> None:
    """Turns red if `unscrutinised` is not asked, or counts a ballot that is over or was cancelled."""
    made = joined(uow, 30).on("Tue 2026-10-06")
    made[0].act("ballot_authorised", **BOTH, **DAYS)
    assert ballot(made[0]).scrutineer is None
    second = schools(made.uow, 25)[0]
    second.case.workplace.employer_id = made[0].case.workplace.employer_id
    made.uow.session.flush()
    made.uow.session.refresh(second.case.workplace)
    second.act("dispute_joined", dispute=f"D-{made[0].case.ref}")
    assert not [found for found in readiness_of(uow, ballot(made[0])) if found.code == "scrutineer_missing"]
    with pytest.raises(RuleViolation) as caught:
        second.act("ballot_authorised", **BOTH, **DAYS)
    assert [found.code for found in caught.value.findings] == ["scrutineer_missing"]
    assert ballot(made[0]).ref in caught.value.findings[0].sentence
    made[0].act("ballot_cancelled", reason="to name a scrutineer")
    second.act("ballot_authorised", **BOTH, **DAYS)
    assert ballot(second).scrutineer is not None


def test_a_school_that_settled_counts_for_no_scrutineer(uow: UnitOfWork) -> None:
    made = joined(uow, 30, 25)
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    assert entitled_beside(uow, dispute.id, [made[0].case], planned=True) == 25
    happen(uow, made[1].case, EventKind.SETTLEMENT_REACHED)
    assert entitled_beside(uow, dispute.id, [made[0].case], planned=True) == 0


def changes_hands(ladder: Ladder) -> None:
    """The register names another employer of a school than the one its dispute is with."""
    ladder.case.workplace.employer = an_employer(ladder.uow)
    ladder.uow.session.flush()


@pytest.mark.parametrize("scope", ["separate", "aggregate"])
def test_no_ballot_is_authorised_against_an_employer_with_whom_there_is_no_dispute(uow: UnitOfWork, scope: str) -> None:
    """Turns red if `employer_findings` compares the employer of now with that of the workplace, or with no one's."""
    made = joined(uow, 3, 4).on("Tue 2026-10-06")
    changes_hands(made[1])
    with pytest.raises(RuleViolation) as caught:
        made[1].act("ballot_authorised", **BOTH, **DAYS, scope=scope)
    found = {each.code: each for each in caught.value.findings}
    assert made[1].case.workplace.employer.name in found["employer_wrong"].sentence
    assert "declare" in found["employer_wrong"].cure
    assert uow.session.query(Ballot).count() == 0


def test_a_ballot_of_an_employer_who_is_not_in_dispute_does_not_open(uow: UnitOfWork) -> None:
    """Turns red if the papers are compared with the register alone: `elsewhere` is not read."""
    made = joined(uow, 3).on("Tue 2026-10-06")
    made[0].act("ballot_authorised", **BOTH, **DAYS)
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    before = {found.code for found in readiness_of(made.uow, ballot(made[0]))}
    dispute.legs[0].employer_id = an_employer(uow).id
    uow.session.flush()
    assert {found.code for found in readiness_of(made.uow, ballot(made[0]))} - before == {"employer_wrong"}


def test_a_school_that_changed_hands_is_in_dispute_with_its_new_employer_once_that_is_declared(uow: UnitOfWork) -> None:
    """Turns red if `declare_dispute` stays with the employer of before, or takes the others' matters along."""
    made = joined(uow, 3, 4, issues=(("meetings", "email"), ("meetings",))).on("Tue 2026-10-06")
    changes_hands(made[1])
    made[1].act("dispute_declared")
    own = dispute_of(uow, made[1].case_id)
    assert own is not None
    assert [leg.employer_id for leg in own.legs] == [made[1].case.workplace.employer_id]
    assert own.matters == ["meetings"]
    shared = dispute_of(uow, made[0].case_id)
    assert shared is not None
    assert [case.id for case in cases_in(uow, shared.id)] == [made[0].case_id]
    made[1].act("ballot_authorised", **BOTH, **DAYS)
    assert [leg.employer_id for leg in ballot(made[1]).legs] == [made[1].case.workplace.employer_id]


def newcomer(made: Schools, members: int) -> Ladder:
    """One more school of the employer of the others, which joins their dispute."""
    ladder = schools(made.uow, members)[0]
    ladder.uow = made.uow
    ladder.case.workplace.employer = made[0].case.workplace.employer
    made.uow.session.flush()
    return ladder.act("dispute_joined", dispute=f"D-{made[0].case.ref}")


def test_those_who_still_vote_count_although_their_school_settled(uow: UnitOfWork) -> None:
    """Turns red if `entitled_beside` counts the schools that have not settled, and not the lists of the ballots."""
    made = together(joined(uow, 30, 6))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[1].arrives("notice_of_ballot").arrives("sample_voting_paper")
    first = made.on(OPENS, work=True)[0].ballot
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    made.work()
    assert (first.stage, first.scrutineer) == (BallotStage.OPEN, None)
    third = newcomer(made, 14)
    assert entitled_beside(made.uow, first.dispute_id, [third.case]) == 36
    assert entitled_beside(made.uow, first.dispute_id, [third.case], planned=True) == 36
    assert entitled_beside(made.uow, first.dispute_id, first.cases) == 0
    a_member(made.uow, third.case.workplace)
    with pytest.raises(RuleViolation) as caught:
        third.act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-11-03"), closes_on=day("Tue 2026-12-01"))
    assert [found.code for found in caught.value.findings] == ["scrutineer_missing"]


def test_a_second_round_counts_the_neighbours_as_they_are_now(uow: UnitOfWork) -> None:
    """Turns red if `entitled_beside` counts the frozen list of a ballot whose result is declared."""
    made = apart(joined(uow, 6, 4))
    for ladder, entitled in ((made[0], 6), (made[1], 4)):
        ladder.act("result_declared", entitled=entitled, cast=1, strike_yes=1, strike_no=0, asos_yes=1, asos_no=0)
    for _ in range(41):
        a_member(made.uow, made[1].case.workplace)
    for ladder in made:
        happen(made.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    made[0].act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-08"), closes_on=day("Tue 2027-01-12"))
    assert ballot(made[0]).scrutineer is not None


def test_a_separate_ballot_is_abandoned_when_its_own_school_settles_and_no_other_is(uow: UnitOfWork) -> None:
    """Turns red if `abandon_ballots` or `ballot_of` asks whether the whole dispute is settled."""
    made = joined(uow, 4, 6).on("Tue 2026-10-06")
    for ladder in made:
        ladder.act("ballot_authorised", **BOTH, **DAYS)
    first, second = ballot(made[0]), ballot(made[1])
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    made.work()
    assert (first.stage, second.stage) == (BallotStage.CANCELLED, BallotStage.PLANNED)
    assert made.stages == [Stage.SETTLED, Stage.BALLOT_PREPARATION]


PLACES = st.lists(st.integers(0, 12), min_size=1, max_size=4)


@given(PLACES)
def test_the_figures_by_workplace_sum_to_the_total(counts: list[int]) -> None:
    """Over any number of schools. Turns red if `figures` drops a workplace, or counts a member at two."""
    employer, joined_on = UUID(int=9), date(2020, 1, 1)
    voters = [
        Voter(UUID(int=100 * place + number), employer, UUID(int=place), f"post {number % 2}", joined_on, None)
        for place, count in enumerate(counts, start=1)
        for number in range(count)
    ]
    places = frozenset(UUID(int=place) for place, _ in enumerate(counts, start=1))
    counted = figures(entitled_to_vote(reversed(voters), places, joined_on))
    assert counted.total == sum(counts) == sum(counted.by_workplace.values()) == sum(counted.by_category.values())
    assert [counted.by_workplace.get(UUID(int=place), 0) for place, _ in enumerate(counts, start=1)] == counts


def test_a_member_who_joins_after_the_list_was_frozen_is_in_no_figure(uow: UnitOfWork) -> None:
    """Turns red if the other schools are counted by the register although their list is frozen."""
    made = joined(uow, 4, 6).on("Tue 2026-10-06")
    made[1].act("ballot_authorised", **BOTH, **DAYS)
    a_member(made.uow, made[1].case.workplace, joined_on=made.uow.today)
    assert made.uow.session.query(Member).count() == 11
    dispute = dispute_of(uow, made[0].case_id)
    assert dispute is not None
    assert entitled_beside(made.uow, dispute.id, [made[0].case], planned=True) == 6
