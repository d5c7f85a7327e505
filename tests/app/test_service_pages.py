"""What waits for a person: the page, the API and the commands; a slip with a receipt; mails that are handed in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.notice_views import addressed
from app.posted import new_nonce
from casework import repository
from casework.cases import Case
from casework.people.roles import Grant, Role
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications import evidence_files, inbox, tasks
from notifications.lifecycle import State
from notifications.models import Evidence, Notice
from notifications.rendering import sha256
from notifications.tasks import TaskKind
from tests.app.conftest import STANDS_AT, Command
from tests.app.signed_in import signed_in
from tests.ballots.scenes import SECOND, disputed, planned
from tests.notifications.test_mail_reports import content_of

JPEG = b"\xff\xd8\xff\xe0" + b"a photograph of a slip"
PNG = b"\x89PNG\r\n\x1a\n" + b"another"
Made = Callable[..., str]
BY_HAND = {
    "place": "Reception, County Hall",
    "at": "09:00",
    "delivered_by": "Jo Steward",
    "handed_to": "the receptionist",
}


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


@pytest.fixture
def served(made: Made) -> tuple[str, uuid.UUID]:
    """A case whose papers went out on 7 October, and its notice of ballot by letter."""
    kept: list[uuid.UUID] = []

    def make(uow: object) -> Case:
        ladder = planned(disputed(uow))  # type: ignore[arg-type]
        ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
        kept.append(ladder.papers("notice_of_ballot")[0].id)
        return ladder.case

    return made(make), kept[0]


@pytest.fixture
def asked(served: tuple[str, uuid.UUID], database: Database) -> uuid.UUID:
    """A task about that notice."""
    with unit_of_work("flow:test", on=database) as uow:
        because = "the provider could not deliver it"
        return tasks.ask(uow, served[1], TaskKind.REACH, because, STANDS_AT + timedelta(days=1)).id


@pytest.fixture
def to_hand_over(served: tuple[str, uuid.UUID], database: Database) -> uuid.UUID:
    """A task to hand that notice over."""
    with unit_of_work("flow:test", on=database) as uow:
        because = "nothing shows yet that it was received, and its last day is near"
        return tasks.ask(uow, served[1], TaskKind.HAND_OVER, because, STANDS_AT + timedelta(days=1)).id


def receipt(client: TestClient, notice: uuid.UUID, content: bytes, **changes: str) -> object:
    """The form of a receipt, sent with a file."""
    fields = {
        "nonce": new_nonce(),
        "received_on-day": "8",
        "received_on-month": "10",
        "received_on-year": "2026",
        "how": "handed_over",
        **BY_HAND,
        "no_document": "yes",
        **changes,
    }
    return client.post(f"/notices/{notice}/receipt", data=fields, files={"file": ("../../slip.exe", content)})


@pytest.mark.usefixtures("clock_in_october")
def test_a_receipt_with_a_photograph_is_kept_and_downloaded_as_an_attachment(
    client: TestClient, served: tuple[str, uuid.UUID], to_hand_over: uuid.UUID, database: Database
) -> None:
    """
    Its kind is read off its bytes, whatever it is called, and it ends the task that asked for it.

    Turns red if `receipt` leaves out `keep_document`, or `evidence` lets a browser open the file.
    """
    answer = receipt(client, served[1], JPEG)
    assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]
    shown = client.get(f"/notices/{served[1]}").text
    assert f"/evidence/{sha256(JPEG)}" in shown
    assert "Handed over or signed for" in shown
    got = client.get(f"/evidence/{sha256(JPEG)}")
    assert (got.content, got.headers["content-type"]) == (JPEG, "image/jpeg")
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "slip" not in got.headers["content-disposition"]
    with reading(on=database) as uow:
        assert tasks.open_tasks(uow) == []


@pytest.mark.usefixtures("clock_in_october")
def test_a_proof_that_stands_can_be_taken_back_from_the_notice(
    client: TestClient, served: tuple[str, uuid.UUID], command: Command
) -> None:
    """Turns red if nothing beside a proof leads to the act that withdraws it, with the notice filled in."""
    where = f"/cases/{served[0]}?act=receipt_withdrawn&amp;proved={served[1]}#record"
    assert where not in client.get(f"/notices/{served[1]}").text
    receipt(client, served[1], JPEG, how="signed_for")
    assert f'href="{where}">Take this proof back</a>' in client.get(f"/notices/{served[1]}").text
    form = client.get(where.replace("&amp;", "&")).text
    assert re.search(rf'value="{served[1]}"\s+checked', form)
    told = f"mandate case record {served[0]} receipt_withdrawn proved={served[1]}"
    assert told in " ".join(command("notice", "show", served[1]).out.split())
    words = (f"proved={served[1]}", "reason=It was another letter.")
    taken = command("case", "record", served[0], "receipt_withdrawn", *words)
    assert taken.code == 0, taken.err
    assert where not in client.get(f"/notices/{served[1]}").text


@pytest.mark.usefixtures("clock_in_october")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"MZ an executable", "wanted a PDF, or a photograph as JPEG or PNG"),
        (b"<html><script>", "wanted a PDF, or a photograph as JPEG or PNG"),
        (JPEG + b"x" * evidence_files.MOST_BYTES, "wanted at most 10 megabytes"),
    ],
    ids=["executable", "page", "large"],
)
def test_a_file_of_another_kind_or_too_large_is_refused_and_nothing_recorded(
    client: TestClient, served: tuple[str, uuid.UUID], database: Database, content: bytes, says: str
) -> None:
    """
    What was typed stays in the form.

    Turns red if `kind_of` goes by the name.
    """
    answer = receipt(client, served[1], content)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert says in answer.text  # type: ignore[attr-defined]
    assert 'value="2026"' in answer.text  # type: ignore[attr-defined]
    with reading(on=database) as uow:
        assert uow.session.query(Evidence).count() == 0


@pytest.mark.usefixtures("clock_in_october")
def test_each_error_of_the_receipt_form_is_a_link_to_its_field(
    client: TestClient, served: tuple[str, uuid.UUID]
) -> None:
    """Turns red if errors are joined into one link, or name fields and days as the program does."""
    fields = {"nonce": new_nonce()}
    nothing = client.post(f"/notices/{served[1]}/receipt", data=fields).text
    for href, says in (("received_on-day", "Received on: enter a date"), ("how", "How that is known: choose one")):
        assert re.search(rf'<a href="#facts-{href}">\s*{says}\s*</a>', nothing), says
    assert "<title>Error: " in nothing
    early = receipt(client, served[1], b"", **{"received_on-day": "6"}).text
    says = "Received on: found Tuesday 6 October 2026, wanted a day that is not earlier: the notice was "
    assert early.count(says) == 2
    assert "received_on: " not in early
    other = receipt(client, served[1], b"MZ").text
    assert re.search(r'<a href="#file">\s*Signed slip or photograph: found a file of another kind', other)


@pytest.mark.usefixtures("clock_in_october")
def test_the_api_and_the_command_keep_the_slip_too(
    client: TestClient, served: tuple[str, uuid.UUID], command: Command, tmp_path: Path, database: Database
) -> None:
    """
    By the same act: the second only adds its paper.
    """
    kept = client.post("/api/evidence-files", content=PNG)
    assert (kept.status_code, kept.json()) == (201, {"sha256": sha256(PNG), "content_type": "image/png"})
    facts = {"notice": str(served[1]), "received_on": "2026-10-08", "how": "signed_for", "document": sha256(PNG)}
    headers = {"Idempotency-Key": "key-00001"}
    recorded = client.post(f"/api/cases/{served[0]}/acts/notice_received", json=facts, headers=headers)
    assert recorded.status_code == 201, recorded.text
    (tmp_path / "slip.jpg").write_bytes(JPEG)
    slip = str(tmp_path / "slip.jpg")
    told = command("notice", "received", served[0], str(served[1]), "2026-10-08", "handed_over", "--document", slip)
    assert told.code == 0, told.err

    with reading(on=database) as uow:
        kinds = {(row.kind, row.sha256) for row in uow.session.query(Evidence).all()}
    assert kinds == {("signed_for", sha256(PNG)), ("handed_over", sha256(JPEG))}
    shown = command("notice", "show", str(served[1]), "--json").document
    assert shown["ladder"]["proved"] is True
    assert client.get(f"/api/notices/{served[1]}").json()["ladder"]["proved"] is True


@pytest.mark.usefixtures("clock_in_october")
def test_nobody_records_by_hand_that_no_bounce_came(
    client: TestClient, served: tuple[str, uuid.UUID], command: Command, database: Database
) -> None:
    """
    Only the mailbox that is read shows that: the page does not offer it, the API and both commands refuse it.

    Turns red if `acts.Receipt.how` is a `ReceiptKind`.
    """
    page = client.get(f"/notices/{served[1]}").text
    assert ('value="handed_over"' in page, 'value="no_bounce"' in page) == (True, False)
    facts = {"notice": str(served[1]), "received_on": "2026-10-08", "how": "no_bounce"}
    headers = {"Idempotency-Key": "key-00001"}
    assert client.post(f"/api/cases/{served[0]}/acts/notice_received", json=facts, headers=headers).status_code == 422
    told = command("notice", "received", served[0], str(served[1]), "2026-10-08", "no_bounce")
    assert told.code == 2
    assert "HOW: found 'no_bounce', wanted one of handed_over, signed_for" in told.err
    with reading(on=database) as uow:
        assert uow.session.query(Evidence).count() == 0


@pytest.mark.usefixtures("clock_in_october")
def test_a_receipt_that_names_a_file_nobody_kept_is_refused(client: TestClient, served: tuple[str, uuid.UUID]) -> None:
    """
    The digest has to be that of a file.
    """
    facts = {"notice": str(served[1]), "received_on": "2026-10-08", "how": "signed_for", "document": "0" * 64}
    headers = {"Idempotency-Key": "key-00001"}

    assert client.post(f"/api/cases/{served[0]}/acts/notice_received", json=facts, headers=headers).status_code == 404


@pytest.mark.usefixtures("clock_in_october")
def test_a_digest_alone_does_not_give_anybody_the_file_of_another_association(
    served: tuple[str, uuid.UUID], database: Database
) -> None:
    """
    Whoever has the file gives it; whoever reaches the notice that shows it may rest on it.

    Turns red if `acts.do` leaves out `admit_document`, or a file that was there before is not noted as given again.
    """
    with unit_of_work("account:another", on=database) as uow:
        evidence_files.keep_document(uow, PNG)
        here = repository.find(uow, served[0]).workplace.association_id
    facts = {"notice": str(served[1]), "received_on": "2026-10-08", "how": "signed_for", "document": sha256(PNG)}
    act, headers = f"/api/cases/{served[0]}/acts/notice_received", {"Idempotency-Key": "key-00001"}
    with signed_in(database, Grant(Role.ASSOCIATION_SECRETARY, here)) as local:
        assert local.post(act, json=facts, headers=headers).status_code == 404
        assert local.get(f"/evidence/{sha256(PNG)}").status_code == 404
        assert local.post("/api/evidence-files", content=PNG).status_code == 201
        assert local.post(act, json=facts, headers=headers).status_code == 201
        assert local.get(f"/evidence/{sha256(PNG)}").content == PNG
    with signed_in(database, Grant(Role.ASSOCIATION_SECRETARY, here)) as colleague:
        assert colleague.post(act, json=facts, headers={"Idempotency-Key": "key-00002"}).status_code == 201


def test_what_waits_is_listed_and_done_by_page_api_and_command(
    client: TestClient, asked: uuid.UUID, command: Command, database: Database
) -> None:
    """
    A few words are wanted; the same a second time changes nothing, and other words are refused.
    """
    page = client.get("/service").text
    assert "Reach the recipient another way" in page
    assert "Notice of" in page
    assert client.post(f"/service/tasks/{asked}", data={"how": " "}).status_code == 422
    [line] = client.get("/api/service").json()["tasks"]
    assert (line["id"], line["kind"], line["to"]) == (str(asked), "reach", "The employer")
    told = command("notice", "tasks", "--json").document
    assert [each["id"] for each in told["tasks"]] == [str(asked)]

    assert client.post(f"/api/service/tasks/{asked}", json={"how": "by telephone"}).json()["tasks"] == []
    assert client.post(f"/service/tasks/{asked}", data={"how": "by telephone"}).status_code == 303
    assert client.post(f"/service/tasks/{asked}", data={"how": "again"}).status_code == 409
    assert command("notice", "done", str(asked), "--how", "by telephone").code == 0
    with reading(on=database) as uow:
        [task] = uow.session.query(tasks.ServiceTask).all()
        assert str(task.done_by).startswith("account:")
        assert task.done_how == "by telephone"
    assert client.post(f"/service/tasks/{uuid.uuid4()}", data={"how": "x"}).status_code == 404


@pytest.mark.usefixtures("clock_in_october")
def test_a_hand_over_is_not_done_by_a_word_while_it_can_be_in_time(
    client: TestClient, to_hand_over: uuid.UUID, command: Command
) -> None:
    """
    Page, API and command refuse it and say what ends it.

    Turns red if `tasks.done` leaves out `_waits_for_a_receipt`.
    """
    assert "only the receipt ends this" in client.get("/service").text
    said = {"how": "left a message"}
    page = client.post(f"/service/tasks/{to_hand_over}", data=said)
    told = client.post(f"/api/service/tasks/{to_hand_over}", json=said)
    assert (page.status_code, told.status_code) == (409, 409)
    assert "Record the receipt: that ends the task by itself." in page.text
    assert command("notice", "done", str(to_hand_over), "--how", "left a message").code != 0
    [line] = client.get("/api/service").json()["tasks"]
    assert (line["id"], line["label"]) == (str(to_hand_over), "Hand the notice over, and record it")


def test_a_mail_that_fits_nothing_is_handed_in_read_and_settled(
    client: TestClient, served: tuple[str, uuid.UUID], command: Command, tmp_path: Path, database: Database
) -> None:
    """
    By a form, the API and the command line; from a Maildir each unread mail.
    """
    strange = content_of("a-letter-out-of-the-blue")
    sent = client.post("/service/mails", files={"file": ("mail.eml", strange)})
    assert (sent.status_code, sent.headers["location"]) == (303, "/service?done=unmatched")
    assert sha256(strange) in client.get("/service").text
    got = client.get(f"/evidence/{sha256(strange)}")
    assert (got.content, got.headers["content-type"]) == (strange, "message/rfc822")
    assert client.post("/api/service/mails", content=strange).json()["reading"] == "seen_before"
    assert client.post("/service/mails").status_code == 422
    for folder in ("new", "cur"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1").write_bytes(strange.replace(b"blue.1", b"blue.2"))
    taken = command("inbox", "take", str(tmp_path / "Maildir"), "--json").document
    assert [each["reading"] for each in taken["mails"]] == ["unmatched"]

    assert command("inbox", "settle", sha256(strange), "--how", "an advertisement").code == 0
    left = client.get("/api/service").json()["mails"]
    assert client.post(f"/service/mails/{left[0]['digest']}", data={"how": "another"}).status_code == 303
    with reading(on=database) as uow:
        assert inbox.unsettled(uow) == []
    out = tmp_path / "mail.eml"
    assert command("inbox", "file", sha256(strange), "--out", str(out)).code == 0
    assert out.read_bytes() == strange
    assert command("inbox", "file", sha256(strange), "--out", str(out)).code == 2
    assert command("inbox", "take", str(tmp_path / "nothing")).code == 2


def test_a_bounce_that_is_handed_in_is_taken_as_the_mailbox_takes_it(
    client: TestClient, served: tuple[str, uuid.UUID], database: Database
) -> None:
    """
    The case it is about is looked at again.

    Turns red if `taken` leaves out `look_at_cases_of`.
    """
    with unit_of_work("flow:test", on=database) as uow:
        mail = next(
            each
            for each in uow.session.query(Notice).filter_by(kind="notice_of_ballot")
            if each.medium == "mail" and each.state is State.ACCEPTED
        )
        message_id, address, mail_id = mail.message_id, mail.recipient_email or "", mail.id
    bounce = content_of("postfix-user-unknown").replace(b"clerk@north-trust.test", address.encode())
    bounce = bounce.replace(b"<473319cb77623931a0147f44e58068fe@mandate.invalid>", message_id.encode())
    told = client.post("/api/service/mails", content=bounce).json()

    assert told == {"reading": "bounced", "notice": str(mail_id), "kind": "notice_of_ballot", "case": served[0]}


def test_a_file_that_is_not_there_is_not_found(client: TestClient, made: Made) -> None:
    """
    Nor is a notice.
    """
    assert client.get(f"/evidence/{'0' * 64}").status_code == 404
    assert client.get(f"/api/notices/{uuid.uuid4()}").status_code == 404


def test_an_address_without_an_id_is_not_found(client: TestClient) -> None:
    """Turns red if it is refused in the words of the library that reads it."""
    told = client.get("/notices/nonsense")
    assert told.status_code == 404
    assert "There is nothing at this address. It wants an id, such as" in told.text


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Notice of ballot", "Notice of ballot to the scrutineer"),
        ("Stand-down, to the scrutineer", "Stand-down, to the scrutineer"),
        ("Instruction to the scrutineer", "Instruction to the scrutineer"),
    ],
)
def test_whom_a_notice_is_to_is_said_once(label: str, told: str) -> None:
    """Turns red if the recipient follows a label that ends with it."""
    assert addressed(label, "The scrutineer") == told


def test_a_file_that_is_no_mail_is_refused_by_name(client: TestClient, command: Command, tmp_path: Path) -> None:
    """
    By form, API and command alike; nothing of it waits.

    Turns red if `inbox_acts.taken` takes whatever it is given for a mail that fits no notice.
    """
    sent = client.post("/service/mails", files={"file": ("slip.png", PNG)})
    assert sent.status_code == 422
    assert "found slip.png, which is not a mail, wanted a mail as it came" in sent.text
    assert client.post("/api/service/mails", content=PNG).status_code == 422
    (tmp_path / "slip.png").write_bytes(PNG)
    told = command("inbox", "take", str(tmp_path / "slip.png"))
    assert (told.code, "slip.png, which is not a mail" in told.err) == (2, True)
    assert client.get("/api/service").json()["mails"] == []


@pytest.fixture
def clock_in_october(served: tuple[str, uuid.UUID], database: Database) -> None:
    """It is noon on 8 October, the day after the papers went out."""
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT.replace(month=10, day=8, hour=12))
