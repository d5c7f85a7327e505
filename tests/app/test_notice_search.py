"""Notices found by filters: the page, the CSV, the API and the command tell the same, in as many queries for many."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from app import notice_cases, notice_search
from app.notice_filters import wanted
from ballots.handlers import filed_under
from casework import parties
from casework.cases import Case
from core.db import Database
from core.errors import BadInput
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import outbox, proof, tasks
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.models import Notice
from notifications.proof import Sign
from notifications.tasks import TaskKind
from tests.app.conftest import Command
from tests.ballots.scenes import Ladder, disputed, noticed
from tests.builders import a_case, a_member, a_workplace, an_employer, later

OAK, KENT = "Oak Lane School", "Kent Example Council"


def notified(uow: UnitOfWork, **changes: Any) -> Ladder:
    """A case whose papers went out; its members were told of nothing yet."""
    employer = an_employer(uow, name=changes.pop("council", KENT))
    return noticed(disputed(uow, name=changes.pop("school", OAK), employer=employer))


def told_a_member(uow: UnitOfWork, case: Case, name: str = "Canary Person") -> Notice:
    to = parties.member(a_member(uow, case.workplace, name=name))
    facts = {
        "member_name": to.name,
        "days": ["2026-09-01"],
        "total_pence": 10_000,
        "decision": "approved",
        "reason": None,
        "reference": case.ref,
    }
    message = Message("claim_decided", facts)
    return outbox.enqueue(uow, message, to, medium=Medium.MAIL, subject_ref=f"case:{case.id}")


def ids(uow: UnitOfWork, **given: str) -> set[uuid.UUID]:
    found = notice_search.find(uow, wanted({name.rstrip("_"): value for name, value in given.items()}), limit=500)
    assert not found.after
    return {each.id for each in found.notices}


def every(uow: UnitOfWork, *clauses: Any) -> set[uuid.UUID]:
    return {row.id for row in uow.session.query(Notice).filter(*clauses)}


@pytest.mark.engines("sqlite", "postgresql")
def test_each_filter_narrows_to_what_it_names(uow: UnitOfWork) -> None:
    """Turns red if a filter lets through what is another's, or drops what is its own."""
    ladder = notified(uow)
    uow = ladder.uow
    other = told_a_member(uow, a_case(uow))
    ours = told_a_member(uow, ladder.case)
    subjects = filed_under(uow, ladder.case_id)
    assert ids(uow) == every(uow)
    assert ids(uow, case=ladder.case.ref) == every(uow, Notice.subject_ref.in_(subjects))
    assert {ours.id} < ids(uow, case=ladder.case.ref)
    assert ids(uow, kind="claim_decided") == {other.id, ours.id}
    assert ids(uow, kind="claim_decided", case=ladder.case.ref) == {ours.id}
    assert ids(uow, state="queued", to="member") == {other.id, ours.id}
    assert ids(uow, to="employer") == every(uow, Notice.recipient_key.startswith("employer:"))
    assert ids(uow, from_="2026-10-08", to="member") == {other.id, ours.id}
    assert not ids(uow, from_="2026-10-09")
    assert not ids(uow, until="2026-08-31")


def test_the_words_are_those_of_schools_employers_and_cases_never_of_members(uow: UnitOfWork) -> None:
    """Turns red if a member's name finds anything, or a school's does not find its case's notices."""
    ladder = notified(uow)
    uow = ladder.uow
    elsewhere, ours = told_a_member(uow, a_case(uow)), told_a_member(uow, ladder.case)
    of_the_case = ids(uow, case=ladder.case.ref)
    for words in ("oak lane", "OAK kent", "kent example", ladder.case.ref, "oak " + ladder.case.ref):
        assert ids(uow, q=words) == of_the_case, words
    assert ours.id in of_the_case
    assert elsewhere.id not in of_the_case
    assert not ids(uow, q="Canary")
    assert not ids(uow, q="oak nowhere")
    assert not ids(uow, q="100%")


def test_more_cases_than_are_looked_through_are_said(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a search of many cases leaves some out and does not say so."""
    monkeypatch.setattr(notice_search, "MOST_CASES", 2)
    for place in ("Hill", "Dale", "Moor"):
        told_a_member(uow, a_case(uow, a_workplace(uow, name=f"Elder School {place}")))
    found = notice_search.find(uow, wanted({"q": "elder school"}))
    assert found.cut
    assert len(found.notices) == 2
    assert not notice_search.find(uow, wanted({"q": "elder moor"})).cut


@pytest.mark.engines("sqlite", "postgresql")
def test_what_is_not_proved_and_what_needs_a_person(uow: UnitOfWork) -> None:
    """Turns red if a paper of which one copy is proved is called unproved, or a task or a bounce finds nothing."""
    ladder = notified(uow)
    uow = ladder.uow
    papers = {each.kind for each in uow.session.query(Notice).filter(Notice.latest_receipt_on.is_not(None))}
    assert {"notice_of_ballot", "sample_voting_paper"} <= papers
    assert not ids(uow, only="not_proved", kind="notice_of_ballot")
    letter = ladder.papers("notice_of_ballot")[0]
    proof.revoke(uow, letter.id, reason="handed to another school")
    assert ids(uow, only="not_proved") == {each.id for each in ladder.papers("notice_of_ballot")}
    assert letter.id in ids(uow, only="needs_a_person")
    mail = ladder.papers("sample_voting_paper")[-1]
    assert mail.id not in ids(uow, only="needs_a_person")
    tasks.ask(uow, mail.id, TaskKind.REACH, "nobody answers", None)
    assert mail.id in ids(uow, only="needs_a_person")
    assert not ids(uow, only="bounced")
    proof.sign_against(uow, mail.id, Sign.BOUNCED, sha256="0" * 64, recorded_by="flow:test")
    assert ids(uow, only="bounced") == {mail.id}


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("given", [{}, {"to": "member"}, {"q": "oak"}])
def test_pages_hold_every_notice_once_the_last_due_first(uow: UnitOfWork, given: dict[str, str]) -> None:
    """Turns red if a page repeats a notice or leaves one out, also where many are due at one moment."""
    case = a_case(uow, a_workplace(uow, name=OAK))
    for day in (0, 0, 0, 2, 1, 1):
        told_a_member(later(uow, day), case)
    asked, seen, after = wanted(given), [], ""
    while True:
        found = notice_search.find(uow, asked, after=after, limit=2)
        seen += found.notices
        after = found.after
        if after is None:
            break
    due = {row.id: row.send_after for row in uow.session.query(Notice)}
    assert {each.id for each in seen} == set(due)
    assert len(seen) == len(due)
    assert [due[each.id] for each in seen] == sorted(due.values(), reverse=True)


def test_queries_do_not_grow_with_the_notices(uow: UnitOfWork) -> None:
    """Turns red if a page asks for anything once a notice."""
    ladder = notified(uow)
    uow = ladder.uow
    told_a_member(uow, ladder.case)
    uow.session.flush()
    few = asked_for(uow, lambda: notice_search.document(uow, wanted({"q": "oak"}), limit=500))
    for _ in range(40):
        told_a_member(uow, ladder.case)
    uow.session.flush()
    many = asked_for(uow, lambda: notice_search.document(uow, wanted({"q": "oak"}), limit=500))
    assert few == many <= 24
    assert asked_for(uow, lambda: notice_search.as_csv(uow, wanted({}))) <= 14


def asked_for(uow: UnitOfWork, look: Callable[[], object]) -> int:
    asked: list[str] = []
    connection = uow.session.connection()

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(connection, "before_cursor_execute", note)
    look()
    event.remove(connection, "before_cursor_execute", note)
    return len(asked)


def test_a_state_is_read_by_its_index_in_the_order_shown(uow: UnitOfWork) -> None:
    """Turns red if a page of a state reads and sorts all of it, or a case's notices are looked for among all."""
    plans: list[str] = []

    def note(*given: Any) -> None:
        if "notices.send_after" in given[2] and "UNION" not in given[2].upper() and "LIMIT" in given[2]:
            cursor = uow.session.connection().connection.cursor()
            plans.append(" ".join(str(row) for row in cursor.execute(f"EXPLAIN QUERY PLAN {given[2]}", given[3])))

    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    notice_search.find(uow, wanted({"state": "accepted"}))
    event.remove(connection, "before_cursor_execute", note)
    (plan,) = plans
    assert "ix_notices_state_send_after (state=?)" in plan


def test_a_csv_is_harmless_and_names_schools_but_no_member(uow: UnitOfWork) -> None:
    """Turns red if a cell begins a formula, a member is named, or a notice beyond the first page is left out."""
    ladder = notified(uow, school="=HYPERLINK(1) School", council="+Kent Council")
    uow = ladder.uow
    told_a_member(uow, ladder.case, name="@Canary Person")
    rows = list(csv.DictReader(io.StringIO(notice_search.as_csv(uow, wanted({})))))
    assert {uuid.UUID(row["id"]) for row in rows} == every(uow)
    assert {row["name"] for row in rows if row["to"] == "The employer"} == {"'+Kent Council"}
    assert {row["name"] for row in rows if row["to"] == "A member"} == {""}
    assert not any(re.match(r"[=+\-@]", cell) for row in rows for cell in row.values())
    (proved,) = {row["received_on"] for row in rows if row["kind"] == "notice_of_ballot"}
    assert proved == "2026-10-08"


@pytest.mark.parametrize(
    ("name", "value", "wants"),
    [
        ("state", "lost", "one of rendered, approved"),
        ("kind", "no_kind", "one of "),
        ("to", "head", "one of member"),
        ("only", "mine", "not_proved, bounced, needs_a_person"),
        ("from", "1/10/2026", "a day such as 2026-10-01"),
        ("until", "9999-12-31", "a day such as 2026-10-01"),
        ("q", "a\0b", "part of the name"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(name: str, value: str, wants: str) -> None:
    """Turns red if a filter with a slip shows everything."""
    with pytest.raises(BadInput) as refused:
        wanted({name: value})
    assert refused.value.field == name
    assert wants in refused.value.wanted


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


@pytest.fixture
def ref(database: Database) -> str:
    """A case with its papers, and 60 members who were told."""
    with unit_of_work("staff:test", on=database) as uow:
        ladder = notified(uow)
        for _ in range(60):
            told_a_member(ladder.uow, ladder.case)
        return ladder.case.ref


def test_page_api_and_command_tell_the_same(client: TestClient, command: Command, ref: str, tmp_path: Path) -> None:
    """Turns red if one of the three filters or pages by rules of its own."""
    by_api = client.get("/api/notices", params={"q": "oak", "to": "employer", "limit": 2}).json()
    by_command = command("notice", "list", "--search", "oak", "--to", "employer", "--limit", "2", "--json").document
    assert by_api["notices"] == by_command["notices"]
    assert {each["case_ref"] for each in by_api["notices"]} == {ref}
    assert {each["name"] for each in by_api["notices"]} == {KENT}
    shown = client.get("/notices", params={"q": "oak", "to": "employer"}).text
    assert all(each["id"] in shown for each in by_api["notices"])
    further = {"q": "oak", "to": "employer", "limit": 2, "after": by_api["after"]}
    assert not {each["id"] for each in client.get("/api/notices", params=further).json()["notices"]} & {
        each["id"] for each in by_api["notices"]
    }
    written = tmp_path / "notices.csv"
    command("notice", "list", "--to", "employer", "--csv", written)
    assert written.read_bytes() == client.get("/notices.csv", params={"to": "employer"}).content


def test_the_page_goes_on_and_names_no_member(client: TestClient, ref: str) -> None:
    """Turns red if the rest cannot be reached by links alone, or a link loses a filter."""
    first = client.get("/notices", params={"case": ref, "kind": "claim_decided"}).text
    assert first.count('data-column="SHA-256"') == notice_search.SHOWN
    (onwards,) = re.findall(r'rel="next" href="([^"]+)"', first)
    rest = client.get(onwards.replace("&amp;", "&")).text
    assert rest.count('data-column="SHA-256"') == 60 - notice_search.SHOWN
    assert 'rel="next"' not in rest
    assert "Canary" not in first + rest
    assert '<option value="claim_decided" selected>' in rest
    assert f'href="/notices.csv?kind=claim_decided&amp;case={ref}"' in first


def test_the_page_says_how_many_stand_where_and_what_to_do_when_nothing_is_found(
    client: TestClient, database: Database, ref: str
) -> None:
    """Turns red if an empty page leaves whoever searched alone."""
    everything = client.get("/notices").text
    assert re.search(r'href="/notices\?state=queued">60<', everything)
    nothing = client.get("/notices", params={"q": "Canary"}).text
    assert "No notice matches" in nothing
    assert "It looks for no member" in nothing
    wrong = client.get("/notices", params={"from": "soon", "state": "queued"})
    assert wrong.status_code == 422
    assert "Found soon, wanted a day such as 2026-10-01" in wrong.text
    assert re.search(r'name="from" type="text"[^>]* value="soon"', wrong.text)
    assert re.search(r'name="until" type="date"', wrong.text)
    assert client.get("/notices", params={"case": "2019-0001"}).status_code == 422


def test_a_new_database_says_where_notices_come_from(client: TestClient, command: Command) -> None:
    """Turns red if the first look at the page ends there."""
    assert "There is no notice yet." in client.get("/notices").text
    assert "mandate case open" in command("notice", "list").out


def test_the_command_names_its_options(command: Command, ref: str) -> None:
    """Turns red if a slip in an option is told by the name that the address has for it."""
    refused = command("notice", "list", "--from", "soon")
    assert refused.code == 2
    assert "--from: found 'soon', wanted a day such as 2026-10-01" in refused.err
    told = command("notice", "list", "--kind", "claim_decided", "--limit", "1")
    assert re.search(r"mandate notice list --kind claim_decided --after [0-9A-Za-z_-]{40,}", told.out)
    assert "Canary" not in told.out


def test_a_case_s_subjects_are_those_of_its_page(uow: UnitOfWork) -> None:
    """Turns red if the search files a notice elsewhere than the page of its case does."""
    ladder = notified(uow)
    ours = notice_cases.filed_under(ladder.uow, [ladder.case_id])
    assert ours >= filed_under(ladder.uow, ladder.case_id)
    assert set(notice_cases.case_refs(ladder.uow, ours).values()) == {ladder.case.ref}
