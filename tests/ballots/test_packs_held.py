"""The pack of a ballot or an action that is held: what was frozen, the register of now, and nobody's name."""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from ballots import barrister
from ballots.lint import lint
from ballots.mandate import ActionKind, Pattern
from ballots.models import Ballot, BallotCase, BallotLeg, EntitledToVote
from ballots.pack import Call, LegalForm, Pack, PlannedAction, QuestionCount, Scope, ScrutineerFile
from ballots.pack_reading import read_pack
from ballots.pack_writing import as_json, as_mapping, as_toml
from ballots.packs import pack_of_action, pack_of_ballot
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind
from casework.register.employers import EmployerKind
from casework.register.models import Member
from core.findings import stops
from core.unit_of_work import UnitOfWork
from notifications import proof
from notifications.models import Notice
from tests.ballots.scenes import CLOSES, ENTITLED, OPENS, SECOND, Ladder, disputed, noticed, planned, won
from tests.ballots.schools import carried, joined, schools, together, voting_over
from tests.builders import a_member, an_employer, happen
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")
Climb = Callable[[str], Ladder]
at = datetime.fromisoformat
BALLOTED = ["planned", "noticed", "closed", "won", "in_force", "striking", "older"]


def pack_at(ladder: Ladder, **options: bool) -> Pack:
    return pack_of_ballot(ladder.uow, ladder.ballot, **options)


def packs_at(ladder: Ladder) -> list[Pack]:
    """Of the ballot and of every action."""
    return [pack_at(ladder, words=True), *(pack_of_action(ladder.uow, each, words=True) for each in ladder.actions)]


def codes(ladder: Ladder, pack: Pack) -> list[str]:
    return [found.code for found in stops(lint(pack, ladder.uow.law))]


@contextmanager
def counted(uow: UnitOfWork) -> Iterator[list[str]]:
    """Every statement that the block sends."""
    sent: list[str] = []
    engine = uow.session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_planned_ballot_as_its_employer_will_have_it(climb: Climb) -> None:
    """Every key by hand. Turns red for any value that is taken from elsewhere."""
    ladder = climb("planned")
    workplace = ladder.case.workplace
    urn, name = int(workplace.urn or 0), workplace.employer.name
    sample = ladder.papers("sample_voting_paper")[0].facts
    assert as_mapping(pack_at(ladder)) == {
        "dispute": {
            "nation": "england",
            "matters": [issue(code).title for code in ("meetings", "observation")],
            "workplaces": [{"urn": urn, "name": workplace.name, "employer": name}],
            "employers": {name: {"kind": "local-authority", "agrees_shorter_notice": False}},
        },
        "ballot": {
            "opens": day(OPENS),
            "closes": day(CLOSES),
            "method": "postal",
            "scope": "single",
            "service": "state-teaching",
            "questions": ["strike", "asos"],
            "caller": ladder.ballot.caller,
            "register": {
                "total": ENTITLED,
                "by_workplace": {str(urn): ENTITLED},
                "by_category": {"support staff": 2, "teacher": 10},
            },
        },
        "ballot_notices": [
            {
                "employer": name,
                "received": day("Tue 2026-10-06"),
                "opening_day": day(OPENS),
                "total": ENTITLED,
                "categories": ["support staff", "teacher"],
                "workplaces": [urn],
            }
        ],
        "sample_papers": [{"employer": name, "received": day("Tue 2026-10-06")}],
        "voting_paper": {
            "questions": ["strike", "asos"],
            "return_address": ladder.ballot.return_address,
            "return_by": day(CLOSES),
            "caller": ladder.ballot.caller,
            "numbered": True,
            "statement": sample["statement"],
            "periods": {},
        },
    }


@pytest.mark.engines("sqlite", "postgresql")
def test_a_strike_with_its_notice_call_and_days(climb: Climb) -> None:
    """Turns red if a paper's content is worked out again, or the notice of the action before stands beside it."""
    ladder = climb("striking")
    pack = pack_of_action(ladder.uow, ladder.actions[-1])
    name, urn = ladder.case.workplace.employer.name, int(ladder.case.workplace.urn or 0)
    [notice] = pack.action_notices
    assert (notice.employer, notice.received, notice.kind, notice.pattern) == (
        name,
        day("Thu 2027-01-14"),
        ActionKind.STRIKE,
        Pattern.DISCONTINUOUS,
    )
    assert notice.dates == (day("Wed 2027-01-27"), day("Thu 2027-01-28"))
    assert (notice.total, notice.workplaces, notice.by_workplace) == (ENTITLED, (urn,), {str(urn): ENTITLED})
    assert notice.explanation == ladder.notice_of_action().facts["explanation"]
    assert pack.call == Call(by=ladder.ballot.caller, on=day("Mon 2027-01-11"))
    assert pack.action == tuple(
        PlannedAction(ActionKind.STRIKE, at(f"2027-01-{on}T00:00"), at(f"2027-01-{on}T23:59"), name) for on in (27, 28)
    )
    assert pack.result is not None
    assert (pack.result.entitled, pack.result.cast) == (ENTITLED, 10)
    assert pack.result.questions[ActionKind.STRIKE] == QuestionCount(7, 2, 1)
    assert pack.result.told_employers == {name: day("Thu 2026-11-19")}
    assert pack.result.told_members == day("Wed 2026-11-18")


def test_action_short_of_a_strike_goes_on_to_the_end_of_its_mandate(climb: Climb) -> None:
    ladder = climb("in_force")
    pack = pack_of_action(ladder.uow, ladder.actions[0])
    assert (pack.action_notices[0].pattern, pack.action_notices[0].starts) == (
        Pattern.CONTINUOUS,
        day("Mon 2026-12-07"),
    )
    [action] = pack.action
    assert (action.starts, action.ends) == (at("2026-12-07T00:00"), at("2027-11-16T23:59"))


def test_action_that_was_settled_ends_where_members_were_told_to_stop(climb: Climb) -> None:
    """Turns red if the mandate's end is taken for the end of what was stood down, or the settlement is not told."""
    ladder = climb("in_force").on("Tue 2027-01-12")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work()
    pack = pack_of_action(ladder.uow, ladder.actions[0])
    assert pack.action[0].ends == at("2027-01-12T23:59")
    assert pack.dispute.settled_on == day("Tue 2027-01-12")
    assert codes(ladder, pack) == []


def test_days_that_were_called_off_are_not_action(climb: Climb) -> None:
    """Turns red if `_days_called_off` is not asked, or a day that was held counts as called off."""
    ladder = climb("striking").on("Tue 2027-01-26")
    ladder.act("strike_day_withdrawn", on=day("Thu 2027-01-28"), reason="talks")
    ladder.on("Wed 2027-01-27").act("strike_day_held", on=day("Wed 2027-01-27"), took_part=5)
    pack = pack_of_action(ladder.uow, ladder.actions[-1])
    assert [each.starts.date() for each in pack.action] == [day("Wed 2027-01-27")]
    assert len(pack.action_notices[0].dates) == 2


@pytest.mark.parametrize("rung", BALLOTED)
def test_what_is_written_is_read_back_the_same(climb: Climb, rung: str) -> None:
    """Both formats, strictly read. Turns red if a value has another type than the pack's."""
    ladder = climb(rung)
    for pack in packs_at(ladder):
        assert read_pack(tomllib.loads(as_toml(pack))) == pack
        assert read_pack(json.loads(as_json(pack)), texts=True) == pack


@pytest.mark.parametrize("rung", BALLOTED)
def test_nothing_stands_against_what_the_product_does(climb: Climb, rung: str) -> None:
    """Turns red if a pack misstates a lawful ballot or action so that the linter has a stop."""
    ladder = climb(rung)
    for pack in packs_at(ladder):
        assert codes(ladder, pack) == []


@pytest.mark.parametrize("rung", BALLOTED)
def test_no_pack_names_a_member(climb: Climb, rung: str) -> None:
    """Turns red if a name, a number, an address or an id of a member gets into a pack."""
    ladder = climb(rung)
    people = ladder.uow.session.query(Member).all()
    assert people
    for pack in packs_at(ladder):
        written = as_toml(pack) + as_json(pack)
        for each in people:
            assert not [said for said in (each.name, each.email, str(each.id)) if said in written]
            assert each.membership_number not in written


def test_a_paper_is_received_when_that_is_proved_and_else_today(climb: Climb) -> None:
    """Turns red if a paper that nobody saw arrive keeps the day on which it went out."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND).on("Fri 2026-10-09")
    assert pack_at(ladder).ballot_notices[0].received == day("Fri 2026-10-09")
    ladder.arrives("notice_of_ballot").on("Mon 2026-10-12")
    pack = pack_at(ladder)
    assert (pack.ballot_notices[0].received, pack.sample_papers[0].received) == (
        day("Fri 2026-10-09"),
        day("Mon 2026-10-12"),
    )
    proof.revoke(ladder.uow, ladder.papers("notice_of_ballot")[0].id, reason="it was another letter")
    assert pack_at(ladder).ballot_notices[0].received == day("Mon 2026-10-12")


def test_a_paper_says_what_was_frozen_with_it(climb: Climb) -> None:
    """Turns red if anything of a paper is taken from the ballot, the list or the register of now."""
    ladder = climb("noticed")
    before = pack_at(ladder)
    ladder.ballot.caller, ladder.ballot.return_address, ladder.ballot.closes_on = "Somebody", "Elsewhere", date.max
    a_member(ladder.uow, ladder.case.workplace)
    after = pack_at(ladder)
    assert (after.ballot_notices, after.voting_paper) == (before.ballot_notices, before.voting_paper)
    assert (after.ballot.caller, after.ballot.closes) == ("Somebody", date.max)


def test_the_words_are_those_of_the_letter_that_was_frozen(climb: Climb) -> None:
    """Turns red if words are given whose bytes are not the ones that went out."""
    ladder = climb("planned")
    text = pack_at(ladder, words=True).ballot_notices[0].text or ""
    assert "the opening day of the ballot will be Tuesday 20 October 2026" in text
    assert "The total number of employees concerned is 12" in text
    for notice in ladder.papers("notice_of_ballot"):
        notice.sha256 = notice.attachment_sha256 = "0" * 64
    assert pack_at(ladder, words=True).ballot_notices[0].text is None


def test_a_copy_that_says_something_else_is_a_paper_of_its_own(climb: Climb) -> None:
    """Turns red if only one of the copies by letter and by mail is read."""
    ladder = climb("planned")
    letter, mail = ladder.papers("notice_of_ballot")
    assert len(pack_at(ladder).ballot_notices) == 1
    for notice in (letter, mail):
        facts = notice.facts
        notice.facts = {**facts, "total": 99}
        assert sorted(each.total or 0 for each in pack_at(ladder).ballot_notices) == [ENTITLED, 99]
        notice.facts = facts


def test_an_employer_that_was_renamed_is_the_same_and_another_name_on_a_paper_is_not(climb: Climb) -> None:
    """Turns red if a paper's name is always taken from the register, or never."""
    ladder = climb("noticed")
    ladder.case.workplace.employer.name = "Anytown Council"
    pack = pack_at(ladder)
    assert {pack.ballot_notices[0].employer, pack.dispute.workplaces[0].employer} == {"Anytown Council"}
    assert codes(ladder, pack) == []
    for notice in ladder.papers("notice_of_ballot"):
        notice.facts = {**notice.facts, "employer_name": "Another Trust"}
    assert pack_at(ladder).ballot_notices[0].employer == "Another Trust"


def test_the_employer_is_that_of_the_register_now(climb: Climb) -> None:
    """Turns red if the ballot's own list of employers is written for the dispute's."""
    ladder = climb("noticed")
    before = ladder.case.workplace.employer.name
    ladder.case.workplace.employer = an_employer(ladder.uow, kind=EmployerKind.TRUST, name="North Trust")
    ladder.uow.session.flush()
    pack = pack_at(ladder)
    assert pack.dispute.workplaces[0].employer == "North Trust"
    assert pack.dispute.employers["North Trust"].kind is LegalForm.TRUST
    assert pack.ballot_notices[0].employer == before


def test_a_college_stands_under_its_ukprn(uow: UnitOfWork) -> None:
    """Turns red if a college without a URN is left out of lists or figures."""
    ladder = noticed(
        disputed(uow, urn=None, ukprn="10000794", employer=an_employer(uow, kind=EmployerKind.CORPORATION))
    )
    pack = pack_at(ladder)
    assert pack.dispute.workplaces[0].urn == 10000794
    assert pack.ballot_notices[0].workplaces == (10000794,)
    assert pack.ballot.register is not None
    assert pack.ballot.register.by_workplace == {"10000794": ENTITLED}
    assert codes(ladder, pack) == []


def test_the_scrutineers_file_is_what_the_scrutineer_was_told(uow: UnitOfWork) -> None:
    """Turns red if the file is counted from the list: it is the figure that went to the scrutineer."""
    ladder = planned(disputed(uow, members=51))
    assert pack_at(ladder).ballot.scrutineer_file == ScrutineerFile(51)
    [letter] = ladder.papers("scrutineer_instruction")
    letter.facts = {**letter.facts, "entitled": 50}
    pack = pack_at(ladder)
    assert pack.ballot.scrutineer_file == ScrutineerFile(50)
    assert "figures_disagree" in codes(ladder, pack)


@pytest.mark.engines("sqlite", "postgresql")
def test_several_schools_in_one_ballot(uow: UnitOfWork) -> None:
    """Turns red if a school is missing from the register or the notice, or an action's notice counts all of them."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3)
    pack = pack_at(made[0])
    urns = made.each(lambda ladder: int(ladder.case.workplace.urn))
    assert pack.ballot.scope is Scope.AGGREGATED
    assert [each.urn for each in pack.dispute.workplaces] == urns
    assert pack.ballot.register is not None
    assert pack.ballot.register.by_workplace == dict(zip(map(str, urns), (4, 5, 6), strict=True))
    assert pack.ballot_notices[0].workplaces == tuple(urns)
    assert codes(made[0], pack) == []
    made.on("Fri 2026-11-20")[1].act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    of_one = pack_of_action(made[1].uow, made[1].actions[0])
    assert (of_one.action_notices[0].total, of_one.action_notices[0].workplaces) == (5, (urns[1],))
    assert codes(made[1], of_one) == []


def test_a_school_that_settled_settles_its_own_action_only(uow: UnitOfWork) -> None:
    """Turns red if the dispute of all is said to be settled with the first school that leaves it."""
    made = carried(voting_over(together(joined(uow, 4, 5, 6))), 15, 8, 3)
    made.on("Fri 2026-11-20")
    for ladder in made.ladders[:2]:
        ladder.act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    assert pack_of_action(made.uow, made[0].actions[0]).dispute.settled_on == day("Fri 2026-11-20")
    assert pack_of_action(made.uow, made[1].actions[0]).dispute.settled_on is None
    assert pack_at(made[0]).dispute.settled_on is None


def test_schools_that_vote_apart_have_a_pack_each(uow: UnitOfWork) -> None:
    made = joined(uow, 4, 5)
    packs = []
    for ladder in made:
        planned(ladder)
        packs.append(pack_at(ladder))
    assert [pack.ballot.scope for pack in packs] == [Scope.SEPARATE] * 2
    assert [pack.ballot.register.total for pack in packs if pack.ballot.register] == [4, 5]
    assert [len(pack.dispute.workplaces) for pack in packs] == [1, 1]


def test_the_exemption_from_a_scrutineer_counts_the_ballots_beside_it(uow: UnitOfWork) -> None:
    """Twenty and thirty-one are over fifty. Turns red if `_unscrutinised` is not asked, or asks of one ballot."""
    made = schools(uow, 20, 31)
    made[0].act("dispute_declared")
    planned(made[0])
    assert made[0].ballot.scrutineer is None
    made[1].on("Tue 2026-10-06").act("dispute_joined", dispute=f"D-{made[0].case.ref}")
    first = made[0].ballot
    before = barrister.against_ballot(made.uow, first)
    assert stops(before.findings) == ()
    second = _unscrutinised_beside(made[1])
    found = stops(barrister.against_ballot(made.uow, first).findings)
    assert [each.code for each in found] == ["scrutineer_missing"]
    assert "51 are entitled to vote in all" in found[0].sentence
    assert [each.code for each in stops(barrister.against_ballot(made.uow, second).findings)] == ["scrutineer_missing"]


def _unscrutinised_beside(ladder: Ladder) -> Ballot:
    """A ballot beside the first one, as if it had been authorised before the exemption was counted over both."""
    first = ladder.ballot
    columns = {each.name: getattr(first, each.name) for each in Ballot.__table__.columns}
    second = Ballot(**{**columns, "id": uuid.uuid4(), "ref": f"{first.ref}-beside", "entitled": 31})
    ladder.uow.session.add(second)
    ladder.uow.session.flush()
    employer_id = ladder.case.workplace.employer_id
    ladder.uow.session.add_all(
        [
            BallotLeg(ballot_id=second.id, employer_id=employer_id),
            BallotCase(ballot_id=second.id, case_id=ladder.case_id),
            *(
                EntitledToVote(
                    ballot_id=second.id,
                    member_id=member.id,
                    employer_id=employer_id,
                    workplace_id=member.workplace_id,
                    category=member.category,
                )
                for member in ladder.uow.session.query(Member).filter_by(workplace_id=ladder.case.workplace_id)
            ),
        ]
    )
    ladder.uow.session.flush()
    ladder.uow.session.refresh(second)
    return second


def test_two_employers_of_one_name_are_told_apart(uow: UnitOfWork) -> None:
    """Turns red if employers are known by their names alone."""
    ladder = noticed(disputed(uow, employer=an_employer(uow, name="Governing body of St Mary's", register_key="gb:1")))
    ladder.case.workplace.employer = an_employer(uow, name="Governing body of St Mary's", register_key="gb:2")
    uow.session.flush()
    pack = pack_at(ladder)
    assert pack.dispute.workplaces[0].employer == "Governing body of St Mary's (gb:2)"
    assert pack.ballot_notices[0].employer == "Governing body of St Mary's (gb:1)"
    assert "employer_wrong" in codes(ladder, pack)


def test_a_cancelled_ballot_keeps_only_what_went_out(climb: Climb) -> None:
    """Turns red if papers that were taken back count as served."""
    ladder = climb("planned").act("ballot_cancelled", reason="a new issue")
    pack = pack_at(ladder)
    assert (pack.ballot_notices, pack.sample_papers, pack.voting_paper) == ((), (), None)
    ladder = climb("noticed").act("ballot_cancelled", reason="a new issue")
    pack = pack_at(ladder)
    assert (len(pack.ballot_notices), len(pack.sample_papers)) == (1, 1)
    assert codes(ladder, pack) == []


def test_an_earlier_notice_stands_beside_where_a_saving_looks_at_it(climb: Climb) -> None:
    """
    A notice before 18 February 2026 keeps its law for one after it (SI 2026/3, Sch. 2, para 10).

    Turns red if earlier notices are left out, or stand beside every later one.
    """
    ladder = climb("older").on("Fri 2026-02-13")
    ladder.act("asos_authorised", instructions=[2], starts_on=day("Sat 2026-02-28")).action_arrives()
    ladder.on("Sat 2026-02-28", work=True).on("Mon 2026-03-02").act("escalation_sought", happened_on=ladder.uow.today)
    ladder.act("strike_authorised", days=[day("Mon 2026-03-16")])
    pack = pack_of_action(ladder.uow, ladder.actions[-1])
    assert [(each.kind, each.received) for each in pack.action_notices] == [
        (ActionKind.ASOS, day("Fri 2026-02-13")),
        (ActionKind.STRIKE, day("Mon 2026-03-02")),
    ]
    assert [each.kind for each in pack.action] == [ActionKind.STRIKE]
    assert codes(ladder, pack) == []


def test_the_queries_of_a_pack_do_not_grow_with_its_schools(uow: UnitOfWork) -> None:
    """
    Five schools in one ballot take the statements of one school by itself, but for one: whether other schools of its
    dispute vote apart is asked of a separate ballot alone.

    Turns red if a school, an employer or a paper is read on its own.
    """
    made = carried(voting_over(together(joined(uow, 14, 16, 18, 12, 10))), 70, 42, 10)
    one = won(disputed(uow))
    sent: list[int] = []
    assert uow.law.parameters()  # read once a unit of work, whatever is examined
    for ballot in (one.ballot, made[0].ballot):
        uow.session.expunge_all()
        with counted(uow) as statements:
            barrister.against_ballot(uow, uow.session.get_one(Ballot, ballot.id))
        sent.append(len(statements))
    alone, aggregate = sent
    assert aggregate == alone - 1
    assert alone <= 10
    assert uow.session.query(Notice).count() > 100
