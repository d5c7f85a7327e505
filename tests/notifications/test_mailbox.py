"""The mailbox that bounces and answers come to: a Maildir, and a server on this machine that speaks IMAP over TLS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import BadInput, ServiceUnavailable
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from notifications import inbox, mailbox
from notifications.inbox import Taken
from notifications.lifecycle import State
from notifications.mailbox import Maildir, MailReport, read_box, read_mailboxes
from notifications.rendering import sha256
from tests.notifications.certificates import certified
from tests.notifications.conftest import Desk
from tests.notifications.imap_server import Folder, serving
from tests.notifications.test_mail_reports import content_of

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

LATEST = date(2026, 9, 14)
BOUNCE, ANSWER, STRANGE = "postfix-user-unknown", "a-persons-answer", "a-letter-out-of-the-blue"


@pytest.fixture
def sent(desk: Desk) -> uuid.UUID:
    """A notice of ballot sent by mail."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep()
    return notice_id


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """A Maildir with nothing in it."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return tmp_path / "Maildir"


def read(desk: Desk, configured: Settings) -> MailReport:
    """Read the mailboxes of the settings at the desk's clock."""
    return read_mailboxes(desk.database, configured, as_of=desk.now)


def test_a_maildir_is_read_once_and_its_mails_are_marked(desk: Desk, sent: uuid.UUID, maildir: Path) -> None:
    """
    A mail program may have moved one to `cur` without opening it; what has the flag S was seen.

    Turns red if `Maildir.mark` does nothing, or `unread` passes over `cur`.
    """
    (maildir / "new" / "1.a.host").write_bytes(content_of(BOUNCE))
    (maildir / "cur" / "2.b.host:2,").write_bytes(content_of(ANSWER))
    (maildir / "cur" / "3.c.host:2,FS").write_bytes(content_of(STRANGE))
    report = read(desk, Settings(maildir=maildir))

    assert (dict(report.counts), report.set_aside, report.to_the_end) == ({"bounced": 1, "reply": 1}, 0, True)
    assert desk.state(sent) is State.RE_SERVED
    assert list((maildir / "new").iterdir()) == []
    assert sorted(path.name for path in (maildir / "cur").iterdir()) == [
        "1.a.host:2,S",
        "2.b.host:2,S",
        "3.c.host:2,FS",
    ]
    assert read(desk, Settings(maildir=maildir)).counts == {}


def test_a_mail_that_was_taken_and_not_marked_is_taken_again_without_effect(
    desk: Desk, sent: uuid.UUID, maildir: Path
) -> None:
    """
    The program may be killed between the two.
    """
    path = maildir / "new" / "1.a.host"
    path.write_bytes(content_of(BOUNCE))
    for counted in ({"bounced": 1}, {"seen_before": 1}):
        report = MailReport()
        read_box(desk.database, _Unmarked(Maildir(maildir)), report, as_of=desk.now)
        assert report.counts == counted
    assert desk.state(sent) is State.RE_SERVED


class _Unmarked:
    """A box whose marks are lost."""

    def __init__(self, box: Maildir) -> None:
        self.unread = box.unread

    def mark(self, key: str) -> None:
        """Lose it."""


def test_a_mail_that_breaks_the_reading_is_kept_aside_and_the_rest_go_on(
    desk: Desk, sent: uuid.UUID, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Its file waits with what fitted nothing, and the class of the error is told, not its words.

    Turns red if `_take_one` lets the error out, or leaves out `set_aside`.
    """
    (maildir / "new" / "1.a.host").write_bytes(content_of(STRANGE))
    (maildir / "new" / "2.b.host").write_bytes(content_of(BOUNCE))
    reads = inbox.read_report

    def breaks(content: bytes) -> object:
        if content == content_of(STRANGE):
            raise BadInput(field="mail", found="a secret", wanted="a mail")
        return reads(content)

    monkeypatch.setattr(inbox, "read_report", breaks)
    report = read(desk, Settings(maildir=maildir))

    assert (dict(report.counts), report.set_aside, report.failures) == ({"bounced": 1}, 1, ["BadInput"])
    assert desk.state(sent) is State.RE_SERVED
    assert read(desk, Settings(maildir=maildir)).failures == []


def test_fm_07_a_mailbox_is_not_read_to_its_end_while_a_mail_lies_in_it_that_nobody_could_read(
    desk: Desk, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It may be a bounce: silence shows nothing until a person has settled it. What merely fits no notice was read.

    Turns red if `read_mailboxes` leaves out `any_unreadable`, or `set_aside` has it for unmatched.
    """
    (maildir / "new" / "1.a.host").write_bytes(content_of(STRANGE))
    assert read(desk, Settings(maildir=maildir)).to_the_end
    desk.now += timedelta(minutes=5)
    (maildir / "new" / "2.b.host").write_bytes(content_of(BOUNCE))
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "read_report", lambda _content: 1 // 0)
        assert not read(desk, Settings(maildir=maildir)).to_the_end
    assert not read(desk, Settings(maildir=maildir)).to_the_end

    with desk.work() as uow:
        assert [each.reading for each in inbox.unsettled(uow)] == ["unmatched", "unreadable"]
        inbox.settle(uow, sha256(content_of(BOUNCE)), "officer:1", "looked into")
    assert read(desk, Settings(maildir=maildir)).to_the_end


def test_more_mails_than_are_taken_at_once_are_not_read_to_the_end(
    desk: Desk, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Silence shows nothing while mails lie unread.

    Turns red if `read_box` leaves out `to_the_end`.
    """
    monkeypatch.setattr(mailbox, "MOST_AT_ONCE", 2)
    for number in range(3):
        (maildir / "new" / f"{number}.a.host").write_bytes(content_of(STRANGE).replace(b"blue.1", b"blue.%d" % number))

    assert [read(desk, Settings(maildir=maildir)).to_the_end for _ in range(2)] == [False, True]


def test_what_else_is_to_be_done_for_a_mail_is_done_in_its_transaction(
    desk: Desk, sent: uuid.UUID, maildir: Path
) -> None:
    """
    A case is looked at again, or the mail is not taken. It is tried twice.

    Turns red if `_taken` calls `after` in another transaction, or `_take_one` tries once.
    """
    (maildir / "new" / "1.a.host").write_bytes(content_of(BOUNCE))
    told: list[uuid.UUID] = []

    def after(_uow: UnitOfWork, taken: Taken) -> None:
        assert taken.notice is not None
        told.append(taken.notice.id)
        raise ValueError

    report = read_mailboxes(desk.database, Settings(maildir=maildir), as_of=desk.now, after=after)
    assert (report.set_aside, desk.state(sent)) == (1, State.ACCEPTED)
    assert told == [sent, sent]


@pytest.mark.parametrize("missing", ["nothing", "new"])
def test_a_folder_that_is_no_maildir_is_refused(desk: Desk, tmp_path: Path, missing: str) -> None:
    """
    A mistyped path would look like a mailbox without mails.
    """
    folder = tmp_path / missing
    if missing == "new":
        folder.mkdir()

    with pytest.raises(BadInput, match="wanted a folder that holds `new` and `cur`"):
        read(desk, Settings(maildir=folder))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """An IMAP server whose certificate this process trusts."""
    made = certified(tmp_path / "certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca_file))
    with serving(Folder(), made.server) as folder:
        yield folder


def imap(server: Folder, **changes: object) -> Settings:
    """The settings of that server."""
    values = {
        "imap_host": "localhost",
        "imap_port": server.port,
        "imap_username": "clerk",
        "imap_password": SecretStr("secret"),
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def test_an_imap_folder_is_read_once_and_its_mails_are_marked(desk: Desk, sent: uuid.UUID, server: Folder) -> None:
    """
    Fetched without marking: a mail is marked once it was taken.

    Turns red if `Imap.unread` asks for BODY[] without PEEK, or `mark` does nothing.
    """
    server.mails = {7: content_of(BOUNCE), 9: content_of(ANSWER)}
    report = read(desk, imap(server))

    assert report.counts == {"bounced": 1, "reply": 1}
    assert server.seen == {7, 9}
    assert all("BODY.PEEK[]" in each for each in server.fetched)
    assert desk.state(sent) is State.RE_SERVED
    assert read(desk, imap(server)).counts == {}


def test_fm_05_a_mail_that_a_person_opened_first_is_taken(desk: Desk, sent: uuid.UUID, server: Folder) -> None:
    """
    Whoever looks into the mailbox marks the bounce as read; unheard, its silence would show receipt.

    Turns red if `Imap.unread` asks for UNSEEN only, or `_read_folder` leaves out the mark.
    """
    server.mails, server.seen = {7: content_of(STRANGE)}, {7}
    assert read(desk, imap(server)).counts == {}
    server.mails[9], server.seen = content_of(BOUNCE), {7, 9}

    assert read(desk, imap(server)).counts == {"bounced": 1}
    assert desk.state(sent) is State.RE_SERVED
    fetched = len(server.fetched)
    assert read(desk, imap(server)).counts == {}
    assert len(server.fetched) == fetched


def test_the_mark_stays_while_a_mail_is_not_handed_out(desk: Desk, sent: uuid.UUID, server: Folder) -> None:
    """
    A person may open it meanwhile.

    Turns red if `_read_folder` sets the mark whatever was left.
    """
    assert read(desk, imap(server)).to_the_end
    server.mails, server.withheld = {7: content_of(BOUNCE)}, 7
    assert not read(desk, imap(server)).to_the_end
    server.withheld, server.seen = None, {7}

    assert read(desk, imap(server)).counts == {"bounced": 1}


def test_more_opened_mails_than_are_taken_at_once_are_taken_in_turn(
    desk: Desk, server: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A reading goes on where the last one ended.

    Turns red if the mark stays until everything was read: each reading would take the same mails.
    """
    read(desk, imap(server))
    monkeypatch.setattr(mailbox, "MOST_AT_ONCE", 2)
    server.mails = {uid: content_of(STRANGE).replace(b"blue.1", b"blue.%d" % uid) for uid in range(1, 6)}
    server.seen = set(server.mails) - {4}
    reports = [read(desk, imap(server)) for _ in range(4)]

    assert [report.counts.total() for report in reports] == [2, 2, 2, 0]
    assert [sum(report.counts["unmatched"] for report in reports), reports[-1].to_the_end] == [5, True]


@pytest.mark.parametrize("validity", [2, None])
def test_numbers_of_another_time_say_nothing(desk: Desk, server: Folder, validity: int | None) -> None:
    """
    A folder that was made anew counts from one again: what has no flag is read, and no more, until it is known.

    Turns red if `_read_folder` leaves out the validity.
    """
    server.mails = {1: content_of(ANSWER)}
    assert read(desk, imap(server)).counts == {"unmatched": 1}
    server.validity, server.mails, server.seen = validity, {3: content_of(STRANGE)}, {3}

    assert read(desk, imap(server)).counts == {}


def test_a_folder_of_another_name_has_its_own_mark(desk: Desk, sent: uuid.UUID, server: Folder) -> None:
    """
    Turns red if `_name_of` leaves out the folder: its mails were read by people before, and none is news.
    """
    read(desk, imap(server))
    server.mails, server.seen = {3: content_of(BOUNCE)}, {3}

    assert read(desk, imap(server, imap_folder="INBOX/Bounces")).counts == {}
    assert read(desk, imap(server)).counts == {"bounced": 1}


def test_a_connection_that_breaks_leaves_the_rest_for_the_next_time(
    desk: Desk, sent: uuid.UUID, server: Folder
) -> None:
    """
    What was taken stays taken, and the error names the server and nobody.
    """
    server.mails, server.breaks_at = {7: content_of(BOUNCE), 9: content_of(ANSWER)}, 9
    with pytest.raises(ServiceUnavailable, match=rf"localhost:{server.port} cannot be read"):
        read(desk, imap(server))
    assert server.seen == {7}

    server.breaks_at = None
    assert read(desk, imap(server)).counts == {"reply": 1}


def test_fm_07_a_mail_the_server_does_not_hand_out_stays_and_the_mailbox_is_not_read_to_its_end(
    desk: Desk, sent: uuid.UUID, server: Folder
) -> None:
    """
    It may be a bounce. The rest are taken, and the failure is told.

    Turns red if `read_box` passes over it.
    """
    server.mails, server.withheld = {7: content_of(ANSWER), 9: content_of(BOUNCE)}, 7
    report = read(desk, imap(server))
    assert (report.counts, report.failures, report.to_the_end) == ({"bounced": 1}, ["NotFetched"], False)
    assert server.seen == {9}

    server.withheld = None
    report = read(desk, imap(server))
    assert (report.counts, report.failures, report.to_the_end) == ({"reply": 1, "seen_before": 1}, [], True)


def test_a_server_that_does_not_say_what_there_is_has_no_empty_mailbox(desk: Desk, server: Folder) -> None:
    """
    Turns red if `Imap.unread` leaves out what the server said.
    """
    server.refuses_to_search = True

    with pytest.raises(ServiceUnavailable, match="cannot be read: error"):
        read(desk, imap(server))
    assert server.fetched == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"imap_password": SecretStr("wrong")}, "cannot be read: error"),
        ({"imap_folder": "Bounces"}, "has no folder Bounces"),
        ({"imap_port": 1}, "cannot be read: ConnectionRefusedError"),
    ],
)
def test_a_server_that_does_not_let_us_in_is_named(
    desk: Desk, server: Folder, changes: dict[str, object], says: str
) -> None:
    """
    Without the user's name or password.
    """
    with pytest.raises(ServiceUnavailable, match=says) as refused:
        read(desk, imap(server, **changes))
    assert "clerk" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_whose_certificate_nobody_vouches_for_is_not_told_the_password(
    desk: Desk, server: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `_connection` makes its context without a check.
    """
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(ServiceUnavailable, match="SSLCertVerificationError"):
        read(desk, imap(server))
