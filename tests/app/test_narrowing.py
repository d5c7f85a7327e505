"""What a role reaches, as the database is asked for it: the same as the rule says, nothing of another association."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import aliased, joinedload

from app.narrowing import CRITERIA, narrow, wide, widen
from app.posted import new_nonce
from casework.cases import Case, CaseEvent
from casework.disputes import Dispute, DisputeCase, DisputeLeg, parts_in
from casework.pay.models import PaymentBatch
from casework.people.roles import Grant, Place, Role, covers, faults
from core import history
from core.db import Base, Database
from core.requests import FlowRequest
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.models import EvidenceFile, Notice
from tests.app.hung import Hung, hung
from tests.app.signed_in import signed_in
from tests.builders import UP_TO_HEAD, a_case, a_member, a_workplace, an_association, an_officer, happen
from tests.engines import Engine, blank, opened

pytestmark = pytest.mark.engines("sqlite", "postgresql")

SWAPPED = 100_000
CHUNK = 2_000
AT_ONE_PLACE = [Role.ASSOCIATION_SECRETARY, Role.CASEWORKER, Role.WORKPLACE_REP, Role.BALLOT_TEAM]
SAME_FOR_ALL = {
    "account_roles", "accounts", "action_suspensions", "agreement_clauses", "api_tokens", "associations",
    "calendar_keys", "claim_days", "employers", "extra_holidays", "flow_request_subjects", "history_entries",
    "import_runs", "journal_marks", "law_checks", "law_commencements", "lost_sends", "mail_digests",
    "mailbox_marks", "officers", "one_time_links", "payment_lines", "pending_work", "quarantines",
    "recovery_codes", "search_entries", "sign_in_tries", "sign_ins", "standing_failures", "stored_clock",
    "sweep_runs", "webhook_deliveries", "webhooks", "workers", "workplace_links", "workplaces",
}  # fmt: skip
"""Tables that name no case themselves, or are reached only through a row that does, or hold nothing of any case."""


@pytest.fixture(scope="module")
def peopled(engine: Engine) -> Iterator[Database]:
    """Two associations with cases: assigned to one officer, to another, to nobody; and a case under no association."""
    with engine.lent(blank(engine)) as url, opened(url) as database:
        with unit_of_work("staff:test", on=database) as uow:
            for association in (an_association(uow), an_association(uow)):
                officers = [an_officer(uow, association) for _ in range(2)]
                for number in range(6):
                    workplace = a_workplace(uow, association=association)
                    a_member(uow, workplace)
                    case = a_case(uow, workplace)
                    happen(uow, case, *UP_TO_HEAD)
                    case.officer_id = (officers[0].id, officers[1].id, None)[number % 3]
            a_case(uow, a_workplace(uow)).workplace.association_id = None
        yield database


def cases(uow: UnitOfWork) -> list[Case]:
    return list(uow.session.scalars(select(Case).options(joinedload(Case.workplace)).order_by(Case.ref)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_database_finds_what_the_rule_says(peopled: Database, data: st.DataObject) -> None:
    """Turns red if `_place` and `covers` part: one of them compares another column, or takes nobody for everybody."""
    with reading(on=peopled) as uow:
        everything = cases(uow)
        associations = sorted({each.workplace.association_id for each in everything} - {None}, key=str)
        officers = sorted({each.officer_id for each in everything} - {None}, key=str)
        grants = data.draw(
            st.lists(
                st.builds(
                    Grant,
                    st.sampled_from(list(Role)),
                    st.sampled_from([None, *associations]),
                    st.sampled_from([None, everything[0].workplace_id]),
                ).filter(lambda grant: not faults([grant])),
                max_size=3,
            )
        )
        officer = data.draw(st.sampled_from([None, *officers]))
        wanted = [each.ref for each in everything if any(covers(one, place_of(each), officer) for one in grants)]
        uow.session.expunge_all()
        narrow(uow.session, grants, officer)
        assert [each.ref for each in cases(uow)] == wanted
        assert uow.session.scalar(select(func.count()).select_from(Case)) == len(wanted)
        widen(uow.session)
        assert len(cases(uow)) == len(everything)


def place_of(case: Case) -> Place:
    return Place(case.workplace_id, case.workplace.association_id, case.officer_id)


@pytest.fixture(scope="module")
def ground(engine: Engine) -> Iterator[tuple[Database, Hung]]:
    """Two cases at two associations, with every kind of row: one's, the other's, and that of both in one dispute."""
    with engine.lent(blank(engine)) as url, opened(url) as database:
        with unit_of_work("staff:test", on=database) as uow:
            made = hung(uow, *(_worked_on(uow) for _ in range(2)))
            for case in made.cases:
                assert case.workplace.association_id
            uow.session.flush()
            uow.session.expunge_all()
        yield database, made


def _worked_on(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    return case


def _grant(role: Role, case: Case) -> Grant:
    if role is Role.WORKPLACE_REP:
        return Grant(role, workplace_id=case.workplace_id)
    return Grant(role, association_id=case.workplace.association_id)


def found(uow: UnitOfWork, kind: type[Any], *, as_another: bool = False) -> set[tuple[Any, ...]]:
    """The keys of every row of a kind that this session finds."""
    asked = aliased(kind) if as_another else kind
    keys = [getattr(asked, inspect(kind).get_property_by_column(each).key) for each in inspect(kind).primary_key]
    return {tuple(row) for row in uow.session.execute(select(*keys))}


@pytest.mark.parametrize("as_another", [False, True])
@pytest.mark.parametrize("role", AT_ONE_PLACE)
def test_of_each_kind_what_is_reached_is_found_and_nothing_else(
    ground: tuple[Database, Hung], role: Role, *, as_another: bool
) -> None:
    """Turns red if any line is taken out of `_criteria`, or hides what its own people work with."""
    database, made = ground
    with reading(on=database) as uow:
        for case in made.cases:
            here = uow.session.get_one(Case, case.id)
            grant = _grant(role, here)
            uow.session.expunge_all()
            narrow(uow.session, [grant], None)
            for kind, rows in made.whose.items():
                wanted = made.reached(kind, case, members=role is not Role.WORKPLACE_REP)
                assert found(uow, kind, as_another=as_another) & set(rows) == wanted, (kind, role)
            widen(uow.session)
            assert all(found(uow, kind) >= set(rows) for kind, rows in made.whose.items())


def test_the_whole_is_seen_for_a_moment_and_not_after(ground: tuple[Database, Hung]) -> None:
    """
    Turns red if `wide` leaves the session open, or keeps what was loaded or answered before or meanwhile.
    """
    database, made = ground
    own, others = made.cases
    [shared] = [key for key, of in made.whose[Dispute].items() if len(of) == len(made.cases)]
    with reading(on=database) as uow:
        grant = _grant(Role.CASEWORKER, uow.session.get_one(Case, own.id))
        uow.session.expunge_all()
        narrow(uow.session, [grant], None)
        leg = uow.session.scalars(select(DisputeLeg).where(DisputeLeg.dispute_id == shared[0])).one()
        parts = select(DisputeCase.case_id).where(DisputeCase.leg_id == leg.id)
        asked = partial(_parts_asked_once, uow, shared[0])
        assert set(uow.session.scalars(parts)) == asked() == {own.id}
        with wide(uow.session):
            assert set(uow.session.scalars(parts)) == asked() == {own.id, others.id}
        assert set(uow.session.scalars(parts)) == asked() == {own.id}
        assert uow.session.scalars(select(Case).where(Case.id == others.id)).one_or_none() is None


def _parts_asked_once(uow: UnitOfWork, dispute_id: uuid.UUID) -> set[uuid.UUID]:
    return {part.case_id for part in parts_in(uow, dispute_id)}


@pytest.mark.parametrize("role", AT_ONE_PLACE)
def test_fm_35_of_a_hundred_thousand_swapped_ids_none_is_read(ground: tuple[Database, Hung], role: Role) -> None:
    """Turns red if one of the tables that hang on a case is taken out of the narrowing."""
    database, made = ground
    own, others = made.cases
    single = [kind for kind in made.whose if len(inspect(kind).primary_key) == 1]
    theirs = {kind: sorted(set(made.whose[kind]) - made.reached(kind, own, members=True), key=str) for kind in single}
    with reading(on=database) as uow:
        grant = _grant(role, uow.session.get_one(Case, own.id))
        uow.session.expunge_all()
        narrow(uow.session, [grant], None)
        asked = 0
        for kind, keys in theirs.items():
            assert keys, kind
            [column] = inspect(kind).primary_key
            swapped = list(islice(cycle(key for (key,) in keys), -(-SWAPPED // len(AT_ONE_PLACE) // len(theirs))))
            key = inspect(kind).attrs[column.key].class_attribute
            for begins in range(0, len(swapped), CHUNK):
                some = swapped[begins : begins + CHUNK]
                assert uow.session.scalars(select(key).where(key.in_(some))).all() == [], kind
                asked += len(some)
        assert asked * len(AT_ONE_PLACE) >= SWAPPED
        assert uow.session.get(Case, others.id) is None


def test_every_table_is_narrowed_or_said_to_be_the_same_for_all(ground: tuple[Database, Hung]) -> None:
    """Turns red when a table with a case's rows is added that nobody thought of, or a line of `_criteria` goes."""
    with reading(on=ground[0]) as uow:
        narrow(uow.session, [], None)
        narrowed = {each.entity.local_table.name for each in uow.session.info[CRITERIA]}
    assert set(Base.metadata.tables) == narrowed | SAME_FOR_ALL
    assert not narrowed & SAME_FOR_ALL
    assert narrowed == {kind.__tablename__ for kind in ground[1].whose}
    for name in SAME_FOR_ALL:
        assert "case_id" not in Base.metadata.tables[name].columns, name


def test_fm_35_nothing_is_written_about_a_case_of_another_association(peopled: Database) -> None:
    """Turns red if an act finds its case without asking whether the role reaches it."""
    with reading(on=peopled) as uow:
        known = cases(uow)
        here = known[0].workplace.association_id
        grant, ref = Grant(Role.ASSOCIATION_SECRETARY, here), known[0].ref
        of_others = [each.ref for each in known if each.workplace.association_id != here]
    with signed_in(peopled, grant) as client:
        started = _length(peopled)
        for other in of_others:
            sent = {"nonce": new_nonce(), "reason": "It is theirs."}
            assert client.post(f"/cases/{other}/acts/case_closed", data=sent).status_code == 404
            assert client.post(f"/cases/{other}/runs", data={"nonce": new_nonce()}).status_code == 404
            key = {"Idempotency-Key": uuid.uuid4().hex}
            answer = client.post(f"/api/cases/{other}/acts/case_closed", json={"reason": "It is."}, headers=key)
            assert answer.status_code == 404
        assert of_others
        assert _length(peopled) == started
        assert client.get(f"/cases/{ref}").status_code == 200


def _length(database: Database) -> int:
    with reading(on=database) as uow:
        return history.length(uow.session)


MANY_CASES = """
INSERT INTO cases (id, ref, workplace_id, pursuit, stage, entered_on, raised_on, events_count)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
SELECT {id}, 'M-' || n, c.workplace_id, c.pursuit, c.stage, c.entered_on, c.raised_on, 0
FROM numbers, (SELECT * FROM cases WHERE ref = :ref) AS c
"""
A_NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
MANY = 40_000
"""More than SQLite takes parameters by its own default; several times over, as a statement about notices would have."""


def test_however_many_cases_are_reached_no_statement_holds_their_ids(engine: Engine) -> None:
    """Red when a condition of `_criteria` holds ids and no query: 65,535 parameters are PostgreSQL's limit."""
    with engine.lent(blank(engine)) as url, opened(url) as database:
        with unit_of_work("staff:test", on=database) as uow:
            case = a_case(uow)
            happen(uow, case, *UP_TO_HEAD)
            a_case(uow)
            uow.session.flush()
            made = text(MANY_CASES.format(id=A_NEW_ID[engine.name]))
            uow.session.execute(made, {"count": MANY, "ref": case.ref})
            association, events = case.workplace.association_id, case.events_count
        with reading(on=database) as uow:
            narrow(uow.session, [Grant(Role.ASSOCIATION_SECRETARY, association)], None)
            counted = [uow.session.scalar(select(func.count()).select_from(kind)) for kind in (Case, CaseEvent)]
            assert counted == [MANY + 1, events]
            for kind in (Notice, EvidenceFile, FlowRequest, PaymentBatch):
                assert uow.session.execute(select(kind).limit(1)).all() == []
