"""The pages over a real database: what they show, what a form records, what they refuse."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app import case_views
from app.acts import ACTS
from app.posted import new_nonce
from app.web import create_app
from ballots.authorise_handlers import authorise_ballot
from ballots.dispute_handlers import declare_dispute
from ballots.mandate import ActionKind
from ballots.steps import prepare_ballot_notices
from casework import parties, steps
from casework.cases import Case, CaseEvent
from casework.deadlines import Deadline
from casework.lifecycle import EventKind, Stage
from casework.pay.claims import Submission, submit
from casework.people.roles import Grant, Role
from casework.register.models import Officer
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from core.work import PendingWork
from notifications import outbox
from notifications.lifecycle import EvidenceClass, Medium
from notifications.messages import Message
from notifications.models import Evidence, Notice
from tests.app.conftest import Made
from tests.app.signed_in import HERE, becomes, signed_in
from tests.builders import (
    UP_TO_HEAD,
    UP_TO_NEGOTIATION,
    a_case,
    a_member,
    a_workplace,
    at_pay,
    happen,
)

CANARY = "<script>alert('canary')</script>"
MET = {"happened_on-day": "8", "happened_on-month": "9", "happened_on-year": "2026", "answer": "refused"}


def at_head(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    steps.send_head_letter(uow, case.id)
    return case


def at_ballot(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    for _ in range(3):
        a_member(uow, case.workplace)
    happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    declare_dispute(uow, case.id)
    days = {"opens_on": date(2026, 10, 1), "closes_on": date(2026, 10, 29)}
    authorise_ballot(uow, case.id, questions=[ActionKind.ASOS], **days)
    prepare_ballot_notices(uow, case.id)
    return case


def form(**changes: str) -> dict[str, str]:
    return {**MET, "nonce": new_nonce(), **changes}


def stage_of(database: Database, ref: str) -> Stage:
    with reading(on=database) as uow:
        return uow.session.scalars(select(Case.stage).where(Case.ref == ref)).one()


def rows_of(database: Database) -> dict[str, int]:
    kinds = (CaseEvent, HistoryEntry, PendingWork, Notice)
    with reading(on=database) as uow:
        return {kind.__tablename__: uow.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}


def test_the_board_shows_cases_by_stage_and_folds_empty_rungs(client: TestClient, made: Made) -> None:
    ref = made(at_head)
    shown = client.get("/").text
    assert f'<a class="govuk-link" href="/cases/{ref}">' in shown
    assert "Due in 10 days" in shown
    assert "The head teacher&#39;s answer" in shown
    assert re.search(r"URN \d{6}", shown)
    assert "16 stages without a case" in shown


def test_the_nearest_deadline_comes_first(client: TestClient, made: Made, database: Database) -> None:
    """Red when `_rung` leaves the cases in the order of their references."""
    later, sooner, none = made(at_head), made(at_head), made(unanswered)
    with unit_of_work("staff:test", on=database) as uow:
        found = uow.session.scalars(select(Deadline).join(Case).where(Case.ref == sooner)).one()
        found.due_on = date(2026, 9, 9)
    shown = client.get("/").text
    assert shown.index(sooner) < shown.index(later) < shown.index(none)


def unanswered(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    return case


def test_the_board_narrows_to_a_stage_and_an_officer(client: TestClient, made: Made, database: Database) -> None:
    raised = made(a_case)
    with_officer = made(climbed)
    at_raised = client.get("/", params={"stage": "raised"}).text
    assert raised in at_raised
    assert with_officer not in at_raised
    with reading(on=database) as uow:
        officer = uow.session.scalars(select(Officer.id)).one()
    of_officer = client.get("/", params={"officer": str(officer)}).text
    assert with_officer in of_officer
    assert raised not in of_officer
    wrong = client.get("/", params={"stage": "lost"})
    assert wrong.status_code == 422
    assert "wanted one of raised" in wrong.text


def climbed(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    happen(uow, case, *UP_TO_NEGOTIATION)
    return case


def test_a_resting_case_shows_when_it_wakes(client: TestClient, made: Made) -> None:
    def resting(uow: UnitOfWork) -> Case:
        case = a_case(uow)
        happen(uow, case, (EventKind.CASE_RESTED, {"reason": "half term", "wake_on": "2026-11-02"}))
        return case

    ref = made(resting)
    assert "Resting until 2 November 2026" in client.get("/").text
    assert "Until Mon 2 November 2026: half term" in client.get(f"/cases/{ref}").text


def test_a_case_shows_its_events_deadlines_and_notices(client: TestClient, made: Made) -> None:
    shown = client.get(f"/cases/{made(at_head)}").text
    assert "10 members met; 6 were in favour." in shown
    assert "Why this date?" in shown
    assert 'aria-current="step"' in shown
    assert "Letter to the head teacher" in shown
    assert "No proof" in shown


def test_a_meeting_is_told_with_the_members_there_were_that_day(client: TestClient, made: Made) -> None:
    """Red when members who have left, or not yet joined, are counted."""

    def with_members(uow: UnitOfWork) -> Case:
        case = at_head(uow)
        for _ in range(22):
            a_member(uow, case.workplace)
        a_member(uow, case.workplace, left_on=date(2026, 8, 31))
        a_member(uow, case.workplace, joined_on=date(2026, 9, 9))
        return case

    assert "10 of 22 members met; 6 were in favour." in client.get(f"/cases/{made(with_members)}").text


def test_notices_to_members_are_a_count_on_the_case(client: TestClient, made: Made) -> None:
    """Turns red if `notice_views.lines` tells those to members too: a page of a hundred lines."""

    def told(uow: UnitOfWork) -> Case:
        case = at_head(uow)
        for _ in range(3):
            to = parties.member(a_member(uow, case.workplace, name="Canary Person"))
            facts = {
                "member_name": to.name,
                "days": ["2026-09-01"],
                "total_pence": 10_000,
                "decision": "approved",
                "reason": None,
                "reference": case.ref,
            }
            about = f"case:{case.id}"
            outbox.enqueue(uow, Message("claim_decided", facts), to, medium=Medium.MAIL, subject_ref=about)
        return case

    shown = client.get(f"/cases/{made(told)}").text
    assert re.search(r'data-column="How many">3<', shown)
    assert "Canary Person" not in shown


def test_what_keeps_a_ballot_shut_stands_on_the_page(client: TestClient, made: Made) -> None:
    shown = client.get(f"/cases/{made(at_ballot)}").text
    assert "What stands in the way" in shown
    assert "ballot_notice_missing" in shown
    assert "s. 226A(1)(a)" in shown
    assert "The ballot opens" in shown


def test_claims_are_counts_and_pence_without_a_name(client: TestClient, made: Made, database: Database) -> None:
    ref = made(lambda uow: at_pay(uow, date(2026, 9, 8)))
    with unit_of_work("staff:test", on=database) as uow:
        case = uow.session.scalars(select(Case)).one()
        member = a_member(uow, case.workplace, name="Canary Person", membership_number="CANARY7")
        submit(uow, case.id, member.membership_number, Submission((date(2026, 9, 8),), 10_000, "a" * 64))
    shown = client.get(f"/cases/{ref}?act=claim_refused").text
    assert "Claims for lost pay" in shown
    assert "£100.00, made, not reckoned yet" in shown
    assert "Canary Person" not in shown
    assert "CANARY7" not in shown


def test_a_form_that_is_asked_for_with_nothing_chosen_says_so(client: TestClient, made: Made) -> None:
    """Turns red if an empty `act` is answered as if nothing had been asked."""
    ref = made(at_head)
    shown = client.get(f"/cases/{ref}?act=")
    assert shown.status_code == 200, "htmx puts nothing on the page for another"
    assert "<title>Error: " in shown.text
    assert '<a href="#act">Choose what to record</a>' in shown.text
    assert 'aria-describedby="act-error"' in shown.text
    assert "There is a problem" not in client.get(f"/cases/{ref}").text


def test_a_form_records_an_event_and_moves_the_stage(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    assert 'action="/cases/' in client.get(f"/cases/{ref}?act=head_met").text
    answer = client.post(f"/cases/{ref}/acts/head_met", data=form(), headers={"Origin": HERE})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{ref}?done=head_met")
    assert stage_of(database, ref) is Stage.OFFICER_ASSIGNED
    assert "Done: Record the meeting with the head teacher" in client.get(answer.headers["location"]).text
    with reading(on=database) as uow:
        actor = uow.session.scalars(select(CaseEvent.actor).order_by(CaseEvent.seq.desc())).first()
        assert str(actor).startswith("account:")
        assert uow.session.scalar(select(func.count()).select_from(PendingWork)) == 1


def test_a_double_click_records_once(client: TestClient, made: Made, database: Database) -> None:
    """Red when the route records under a fresh key instead of the form's."""
    ref, sent = made(at_head), form(answer="adjourned")
    before = rows_of(database)["case_events"]
    for _ in range(2):
        assert client.post(f"/cases/{ref}/acts/head_met", data=sent).status_code == 303
    assert rows_of(database)["case_events"] == before + 1


def test_a_used_nonce_with_other_facts_is_a_conflict(client: TestClient, made: Made) -> None:
    ref, sent = made(at_head), form(answer="adjourned")
    client.post(f"/cases/{ref}/acts/head_met", data=sent)
    answer = client.post(f"/cases/{ref}/acts/head_met", data={**sent, "answer": "refused"})
    assert answer.status_code == 409
    assert "used before with other facts" in answer.text
    assert sent["nonce"] not in answer.text


def test_an_act_is_in_the_name_of_whoever_signed_in(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if the page records staff, or an account that another name of the same officer could pass for."""
    ref = made(climbed)
    with reading(on=database) as uow:
        officer = uow.session.scalars(select(Officer.id)).one()
    becomes(client, f"officer:{officer}")
    assert "acting_as" not in client.get(f"/cases/{ref}?act=negotiation_held").text
    client.post(f"/cases/{ref}/acts/negotiation_held", data=form(acting_as="staff"))
    with reading(on=database) as uow:
        last = uow.session.scalars(select(CaseEvent.actor).order_by(CaseEvent.seq.desc())).first()
        assert last == f"officer:{officer}"


def test_wrong_input_keeps_what_was_typed_and_names_the_field(
    client: TestClient, made: Made, database: Database
) -> None:
    """Red when the form is rendered from `forms.initial` after an error."""
    ref = made(at_head)
    before = rows_of(database)
    sent = form(**{"happened_on-day": "31", "happened_on-month": "2", "answer": "refused"})
    answer = client.post(f"/cases/{ref}/acts/head_met", data=sent)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert 'href="#facts-happened_on-day">On which day: enter a real date' in answer.text
    assert re.search(r'id="facts-happened_on-day"[^>]*value="31"', answer.text)
    assert re.search(r'value="refused" checked', answer.text)
    assert sent["nonce"] in answer.text
    assert "<title>Error: " in answer.text
    assert rows_of(database) == before


def test_a_day_that_has_not_come_is_refused_beside_its_field(client: TestClient, made: Made) -> None:
    answer = client.post(f"/cases/{made(at_head)}/acts/head_met", data=form(**{"happened_on-day": "9"}))
    assert answer.status_code == 422
    assert 'href="#facts-happened_on-day">On which day: found 9 September 2026' in answer.text


def test_an_act_of_another_stage_shows_what_can_be_done(client: TestClient, made: Made, database: Database) -> None:
    ref = made(a_case)
    answer = client.post(f"/cases/{ref}/acts/head_met", data=form())
    assert answer.status_code == 409
    assert "not_at_this_stage" in answer.text
    assert "is at the stage “Raised”, where “Record the meeting with the head teacher” cannot be" in answer.text
    assert f"“{ACTS['members_meeting_arranged'].label}”" in unescape(answer.text)
    assert "members_meeting_arranged" not in re.sub(r"<select.*?</select>", "", answer.text, flags=re.DOTALL)
    assert stage_of(database, ref) is Stage.RAISED


def test_a_rule_that_refuses_shows_finding_cure_and_citation(client: TestClient, made: Made) -> None:
    """An opening day too near for the notice: red when the page drops a finding's citation."""

    def declared(uow: UnitOfWork) -> Case:
        case = a_case(uow)
        a_member(uow, case.workplace)
        happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
        declare_dispute(uow, case.id)
        return case

    days = {"opens_on": "10 9 2026", "closes_on": "24 9 2026"}
    parts = {
        f"{name}-{part}": value
        for name, day in days.items()
        for part, value in zip(("day", "month", "year"), day.split(), strict=True)
    }
    sent = {"nonce": new_nonce(), "questions": ["asos"], **parts}
    answer = client.post(f"/cases/{made(declared)}/acts/ballot_authorised", data=sent)
    assert answer.status_code == 422
    assert "ballot_notice_late" in answer.text
    assert "What to do: Choose a later opening day." in answer.text
    assert "https://www.legislation.gov.uk/ukpga/1992/52/section/226A" in answer.text
    assert re.search(r'value="asos" checked', answer.text)


def test_a_form_without_its_nonce_records_nothing(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_head)
    assert client.post(f"/cases/{ref}/acts/head_met", data=form(nonce="")).status_code == 422
    assert stage_of(database, ref) is Stage.HEAD_MEETING


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": HERE},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_sites_page_cannot_record(
    client: TestClient, made: Made, database: Database, headers: dict[str, str]
) -> None:
    """Red when `is_same_origin` looks at one of the two headers only."""
    ref = made(at_head)
    del client.headers["Sec-Fetch-Site"]
    assert client.post(f"/cases/{ref}/acts/head_met", data=form(), headers=headers).status_code == 403
    assert stage_of(database, ref) is Stage.HEAD_MEETING


def test_a_browser_that_hides_the_origin_of_its_own_page_is_served(client: TestClient, made: Made) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert client.post(f"/cases/{made(at_head)}/acts/head_met", data=form(), headers=headers).status_code == 303


def test_another_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:8321"}).status_code == 200


def test_another_machine_is_refused(client: TestClient, database: Database) -> None:
    """Red when `_require_near` lets any caller in: only the proxy beside it reaches the server itself."""
    with TestClient(create_app(database), base_url=HERE, client=("10.0.0.7", 50_000)) as elsewhere:
        elsewhere.cookies.update(client.cookies)
        for path in ("/", "/api/cases", "/sign-in"):
            assert elsewhere.get(path).status_code == 403
        assert elsewhere.get("/healthz").status_code == 200


def test_nothing_a_workplace_is_called_becomes_markup(client: TestClient, made: Made) -> None:
    def with_canary(uow: UnitOfWork) -> Case:
        case = a_case(uow, a_workplace(uow, name=CANARY))
        happen(uow, case, *UP_TO_HEAD)
        steps.send_head_letter(uow, case.id)
        return case

    ref = made(with_canary)
    notice = re.search(r"/notices/[0-9a-f-]{36}", client.get("/notices").text)
    assert notice is not None
    for path in ("/", f"/cases/{ref}", "/deadlines", "/notices", notice[0]):
        shown = client.get(path).text
        assert CANARY not in shown
        assert "<script>alert" not in shown
    typed = client.post(f"/cases/{ref}/acts/head_met", data=form(**{"happened_on-day": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in typed.text


def test_a_form_is_for_those_who_may_send_it(client: TestClient, made: Made, database: Database) -> None:
    """Red when somebody who may not record an act is shown its button by an address that they typed."""
    ref = made(at_ballot)
    with signed_in(database, Grant(Role.AUDITOR)) as auditor:
        shown = auditor.get(f"/cases/{ref}?act=ballot_cancelled").text
    assert "Your roles do not record this. It is for: " in shown
    assert f'action="/cases/{ref}/acts/ballot_cancelled"' not in shown
    assert f'action="/cases/{ref}/acts/ballot_cancelled"' in client.get(f"/cases/{ref}?act=ballot_cancelled").text


def test_looking_changes_nothing(client: TestClient, made: Made, database: Database) -> None:
    ref = made(at_ballot)
    notice = re.search(r"/notices/[0-9a-f-]{36}", client.get("/notices").text)
    assert notice is not None
    before = rows_of(database)
    paths = ("/", f"/cases/{ref}", f"/cases/{ref}?act=ballot_cancelled&reason=x&done=head_met", "/deadlines")
    for path in (*paths, "/notices", notice[0], "/api/cases", f"/api/cases/{ref}", "/healthz"):
        assert client.get(path).status_code == 200
    opened = client.get(f"/cases/{ref}/acts/ballot_cancelled")
    assert (opened.status_code, "go back to the page that it stands on" in opened.text) == (405, True)
    assert rows_of(database) == before


def test_deadlines_stand_in_order_with_their_reason(client: TestClient, made: Made) -> None:
    made(at_ballot)
    made(at_head)
    shown = client.get("/deadlines").text
    assert shown.index("The head teacher&#39;s answer") < shown.index("received the notice of ballot")
    assert shown.index("received the notice of ballot") < shown.index("The ballot closes")
    assert shown.count("Why this date?") == 5


def test_a_letter_opens_in_the_browser_as_the_bytes_that_are_served(
    client: TestClient, made: Made, database: Database
) -> None:
    made(at_ballot)
    with reading(on=database) as uow:
        notice = uow.session.scalars(select(Notice).where(Notice.kind == "notice_of_ballot")).first()
        assert notice is not None
        expected, notice_id = notice.body if notice.medium == "letter" else notice.attachment, notice.id
    answer = client.get(f"/notices/{notice_id}/letter.pdf")
    assert answer.content == expected
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_mail_is_shown_as_text_with_its_digest(client: TestClient, made: Made, database: Database) -> None:
    made(at_head)
    with reading(on=database) as uow:
        notice = uow.session.scalars(select(Notice).where(Notice.medium == "mail")).one()
        first_line, digest, notice_id = notice.body.decode().split("\n")[0], notice.sha256, notice.id
    shown = client.get(f"/notices/{notice_id}").text
    assert digest in shown
    assert first_line in shown
    assert "What it says" in shown


def test_a_copy_is_not_overdue_once_another_copy_was_received(
    client: TestClient, made: Made, database: Database
) -> None:
    """Red when `_proved_papers` looks at the notice itself only."""
    ref = made(at_ballot)
    with unit_of_work("staff:test", on=database) as uow:
        copies = {
            row.medium: row for row in uow.session.scalars(select(Notice).where(Notice.kind == "notice_of_ballot"))
        }
        for row in copies.values():
            row.latest_receipt_on = date(2026, 9, 7)
        letter = copies[Medium.LETTER]
        uow.session.add(
            Evidence(
                notice_id=letter.id,
                evidence_class=EvidenceClass.A,
                kind="signed_for",
                received_on=date(2026, 9, 7),
                received_at=uow.now,
                recorded_by="staff:test",
            )
        )
    shown = client.get(f"/cases/{ref}").text
    assert "Proved for 7 September 2026, class A" in shown
    assert "Another copy: proved for 7 September 2026" in shown
    assert "1 day late" not in shown
    page = client.get(f"/notices/{copies[Medium.MAIL].id}").text
    assert "No proof of this copy; another was received on Mon 7 September 2026" in page


def test_notices_that_need_a_person_come_first(client: TestClient, made: Made, database: Database) -> None:
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        held = uow.session.scalars(select(Notice)).first()
        assert held is not None
        held.state, held.lease_until = "sending", datetime(2026, 9, 8, 10, tzinfo=UTC)  # type: ignore[assignment]
        held.state = "unknown"  # type: ignore[assignment]
    shown = client.get("/notices").text
    assert shown.index('href="/notices?state=unknown"') < shown.index('href="/notices?state=queued"')
    assert 'id="state-queued"' not in client.get("/notices", params={"state": "unknown"}).text


def test_every_answer_carries_the_safe_headers(client: TestClient, made: Made) -> None:
    ref = made(a_case)
    for path in ("/", f"/cases/{ref}", "/missing", "/static/mandate.css", "/api/cases", "/healthz"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_pages_hold_nothing_that_the_policy_forbids(client: TestClient, made: Made) -> None:
    ref = made(at_ballot)
    for path in ("/", f"/cases/{ref}?act=ballot_authorised", "/deadlines", "/notices", "/missing"):
        shown = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", shown)
        assert not re.search(r"\sstyle=|\son[a-z]+=", shown)


@pytest.mark.parametrize("path", ["/missing", "/cases/2026-9999", "/notices/00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_is_a_page_of_the_same_layout(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "mandate-masthead" in answer.text


def test_head_answers_as_get_without_a_body(client: TestClient) -> None:
    seen, asked = client.get("/"), client.head("/")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == str(len(seen.content))


def test_a_fault_shows_a_reference_and_neither_its_text_nor_a_name(
    client: TestClient, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Red when `LastResort` prints the fault."""
    ref = made(a_case)

    def broken(*_: object) -> None:
        raise KeyError("Canary Person")

    monkeypatch.setattr(case_views, "case_page", broken)
    answer = client.get(f"/cases/{ref}")
    assert answer.status_code == 500
    reference = re.search(r"this reference: ([0-9a-f]{12})", answer.text)
    assert reference is not None
    told = capsys.readouterr()
    assert "Canary" not in answer.text + told.out + told.err
    assert "Traceback" not in answer.text + told.out + told.err
    assert reference[1] in told.out + told.err
