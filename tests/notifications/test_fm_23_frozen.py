"""FM-23: what was approved is what goes, whatever becomes of templates; and nobody approves what they drew up."""

from __future__ import annotations

import email
import shutil
import uuid
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from core.errors import RuleViolation
from core.settings import settings
from core.unit_of_work import unit_of_work
from notifications import messages, outbox, rendering
from notifications.channels.envelope import from_line
from notifications.lifecycle import Medium, State
from notifications.messages import Message, message_kind
from notifications.models import Notice
from notifications.outbox import require_another
from notifications.rereading import words_of
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.samples import NOTICE_OF_BALLOT, RECIPIENTS, SAMPLES

EMPLOYER = RECIPIENTS["employer"]
TEMPLATES_OF_A_MAIL = ("subject.txt.j2", "body.txt.j2", "letter.typ")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates that a test may edit."""
    copy = tmp_path / "templates"
    shutil.copytree(messages.TEMPLATES, copy)
    monkeypatch.setattr(messages, "TEMPLATES", copy)
    monkeypatch.setattr(rendering, "TEMPLATES", copy)
    return copy


def edit(templates: Path) -> None:
    """Every template that a notice of ballot is made of says something else."""
    for name in TEMPLATES_OF_A_MAIL:
        path = templates / "notice_of_ballot" / name
        path.write_text(path.read_text().replace("otice of ballot", "dited").replace("s notice", "s word"))
    layout = templates / "_letterhead" / "layout.html.j2"
    layout.write_text(layout.read_text().replace("<body", "<body data-edited"))


def test_fm_23_a_letter_edited_after_approval_goes_as_it_was_approved(desk: Desk, templates: Path) -> None:
    """Turns red if delivery's `_parcel` renders again in place of taking `notice.body`."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER)
    approved = desk.notice(notice_id)
    edit(templates)
    desk.sweep()

    assert [path.read_bytes() for path in desk.files()] == [approved.body]
    assert rendering.sha256(approved.body) == approved.sha256
    assert _rendered_now(Medium.LETTER).body != approved.body


def test_fm_23_a_mail_edited_after_approval_goes_as_it_was_approved(desk: Desk, templates: Path) -> None:
    """Turns red if delivery's `_parcel` renders subject, text, layout or letter again."""
    notice_id = desk.queue("notice_of_ballot")
    approved = desk.notice(notice_id)
    edit(templates)
    desk.sweep()

    (path,) = desk.files()
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == approved.subject_line
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == approved.body.decode()
    assert html is not None
    assert html.get_content().replace("\r\n", "\n") == (approved.html or b"").decode()
    assert [part.get_content() for part in mail.iter_attachments()] == [approved.attachment]
    now = _rendered_now(Medium.MAIL)
    for changed, before in (
        (now.subject_line, approved.subject_line),
        (now.body, approved.body),
        (now.html, approved.html),
        (now.attachment, approved.attachment),
    ):
        assert changed != before


def test_fm_23_a_mail_comes_from_whom_it_came_from_when_it_was_approved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The union takes another name while a mail waits, and again before it is laid down a second time, its end unknown:
    the file that lies there is known again.

    Turns red if `outbox._row` or `claims._parcel` leaves out the sender: the second attempt would fail for good.
    """
    before = from_line(settings())
    notice_id = desk.queue()
    for name in ("Another Union", "A Third Union"):
        monkeypatch.setenv("MANDATE_UNION_NAME", name)
        settings.cache_clear()
        desk.sweep()
        (path,) = desk.files()
        assert email.message_from_bytes(path.read_bytes(), policy=default)["From"] == before
        assert desk.state(notice_id) is State.ACCEPTED
        _forget_the_result(desk, notice_id)
    assert from_line(settings()) != before


def _forget_the_result(desk: Desk, notice_id: uuid.UUID) -> None:
    """As if the worker had ended between the hand-over and its record, and the notice been queued again."""
    with desk.work() as uow:
        row = Notice.__table__
        uow.session.execute(row.update().where(row.c.id == notice_id).values(state=State.QUEUED.value))


def _rendered_now(medium: Medium) -> rendering.Rendered:
    kind = message_kind("notice_of_ballot")
    page = rendering.Page(kind, kind.check(NOTICE_OF_BALLOT), {}, EMPLOYER, NOON.date())
    return rendering.render(page, medium)


def test_fm_23_asking_again_after_an_edit_gives_the_row_that_was_approved(desk: Desk, templates: Path) -> None:
    """Turns red if `prepare` renders before it looks whether the notice stands."""
    first = desk.notice(desk.queue("notice_of_ballot"))
    edit(templates)
    again = desk.notice(desk.queue("notice_of_ballot"))
    assert (again.id, again.sha256, again.html_sha256) == (first.id, first.sha256, first.html_sha256)


@pytest.mark.parametrize("part", ["body", "attachment", "html"])
def test_fm_23_bytes_that_are_not_those_that_were_sealed_are_held(desk: Desk, part: str) -> None:
    """Turns red if a part is left out of `claims._unsealed`, or its digest is taken anew."""
    notice_id = desk.queue("notice_of_ballot")
    with desk.work() as uow:
        setattr(uow.session.get_one(Notice, notice_id), part, b"something else")
    desk.sweep()
    held = desk.notice(notice_id)
    assert held.state is State.HELD
    assert not desk.files()


@pytest.mark.parametrize(
    ("drew_up", "approver"),
    [("officer:1", "officer:1"), ("staff:dashboard", "staff:api"), ("staff:test", "staff:test")],
)
def test_who_drew_up_a_statutory_notice_does_not_approve_it(desk: Desk, drew_up: str, approver: str) -> None:
    """Turns red if `outbox.approve` leaves out `require_another`: the database alone wants only some approver."""
    with unit_of_work(drew_up, as_of=NOON, on=desk.database) as uow:
        notice = outbox.prepare(
            uow, Message("notice_of_ballot", NOTICE_OF_BALLOT), EMPLOYER, medium=Medium.LETTER, subject_ref="ballot:1"
        )
        with pytest.raises(RuleViolation, match="not approved") as refused:
            outbox.approve(uow, notice.id, approver)
        assert [finding.code for finding in refused.value.findings] == ["same_hand"]
        assert notice.state is State.RENDERED
        outbox.approve(uow, notice.id, "officer:2")
        assert (notice.state, notice.approved_by) == (State.APPROVED, "officer:2")


def test_the_rule_of_two_people_asks_no_database() -> None:
    """Turns red if the rule lets one person through under two posts of staff."""
    require_another("flow:ballot_organisation", "officer:1")
    for same in ("officer:1", "staff:api"):
        with pytest.raises(RuleViolation):
            require_another(same, same)


def test_what_is_not_statutory_needs_nobody_else(desk: Desk) -> None:
    """Turns red if `approve` asks for another person whatever the notice."""
    with unit_of_work("officer:1", as_of=NOON, on=desk.database) as uow:
        notice = outbox.enqueue(
            uow,
            Message("dispute_notified", SAMPLES["dispute_notified"]),
            EMPLOYER,
            medium=Medium.LETTER,
            subject_ref="dispute:1",
        )
        assert notice.state is State.QUEUED


def test_an_approver_may_serve_the_approved_bytes_by_another_way(desk: Desk) -> None:
    """Turns red if a letter in place of a mail counts as drawn up by whoever serves it."""
    notice_id = desk.queue("notice_of_ballot")
    with unit_of_work("officer:approver", as_of=NOON, on=desk.database) as uow:
        letter = outbox.also_by_letter(uow, notice_id)
        assert letter is not None
        assert (letter.state, letter.approved_by) == (State.QUEUED, "officer:approver")
        assert letter.body == outbox.get(uow, notice_id).attachment


@pytest.mark.parametrize("kind", ["repudiation_members", "repudiation_official"])
def test_fm_23_a_letter_in_place_of_a_mail_says_what_the_mail_said(desk: Desk, templates: Path, kind: str) -> None:
    """
    A kind without a letter of its own, served by paper two days later: the approved words and the mail's date.

    Turns red if `outbox._same_words` gives `render(page, Medium.LETTER)`, or its page is dated `uow.today`.
    """
    mail_id = desk.queue(kind)
    found = message_kind(kind)
    to = RECIPIENTS[found.audience]

    def rendered_now() -> rendering.Rendered:
        page = rendering.Page(found, found.check(SAMPLES[kind]), {}, to, NOON.date())
        return rendering.render(page, Medium.LETTER)

    approved = rendered_now()
    for name in ("subject.txt.j2", "body.txt.j2"):
        path = templates / kind / name
        path.write_text(f"Edited. {path.read_text()}")
    desk.now += timedelta(days=2)
    with desk.work() as uow:
        letter = outbox.also_by_letter(uow, mail_id)
        assert letter is not None
        assert (letter.subject_line, letter.body) == (approved.subject_line, approved.body)
    assert rendered_now().body != approved.body


def test_fm_23_a_letter_in_place_of_a_mail_of_another_day_can_be_read_again(desk: Desk) -> None:
    """Turns red if `rereading.words_of` dates a letter in place of a mail by the day on which it was made."""
    mail_id = desk.queue("notice_of_ballot")
    desk.now += timedelta(days=2)
    with desk.work() as uow:
        letter = outbox.also_by_letter(uow, mail_id)
        assert letter is not None
        assert words_of(letter) == words_of(outbox.get(uow, mail_id)) is not None
