"""The channels one by one: what each answer means, what lies in the folder, what goes over the wire."""

from __future__ import annotations

import email
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.policy import default
from pathlib import Path

import pytest

from core.errors import BadInput
from core.settings import Settings
from notifications.channels import Parcel, scrubbed
from notifications.channels.configured import configured_channels
from notifications.channels.envelope import envelope
from notifications.channels.folder import MANIFEST, FolderChannel
from notifications.channels.smtp import SmtpChannel
from notifications.lifecycle import Medium, Outcome
from notifications.recipients import Recipient
from notifications.rendering import PDF, TEXT, sha256
from tests.conftest import NOON
from tests.notifications.sinks import Sink, listening, say

LETTER = Parcel(
    notice_id=uuid.UUID(int=7),
    epoch=1,
    kind="notice_of_ballot",
    medium=Medium.LETTER,
    message_id="<7@union.test>",
    recipient_name="The North Trust",
    recipient_email="clerk@north-trust.test",
    subject_line="Notice of ballot",
    body=b"%PDF-1.7 a letter",
    content_type=PDF,
    sha256=sha256(b"%PDF-1.7 a letter"),
    attachment=None,
    dated_at=NOON,
)
MAIL = replace(
    LETTER,
    medium=Medium.MAIL,
    body="Dear Mr Ó Ŵyn,\n\n.\nThe letter is attached.\n".encode(),
    content_type=TEXT,
    attachment=b"%PDF-1.7 a letter",
)
NAME = "2026-09-01-notice-of-ballot-00000000-0000-0000-0000-000000000007.pdf"


@contextmanager
def scripted(*lines: str) -> Iterator[SmtpChannel]:
    """A server that says these lines one after another, whatever it hears, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_answer, args=(server, lines), daemon=True)
        answering.start()
        yield SmtpChannel("127.0.0.1", server.getsockname()[1], "disputes@union.test", timeout=5)
        answering.join(timeout=5)


def _answer(server: socket.socket, lines: tuple[str, ...]) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as stream:
        for position, line in enumerate(lines):
            if position:
                stream.readline()
            stream.write(line.encode() + b"\r\n")
            stream.flush()


@pytest.mark.parametrize(
    ("script", "outcome", "code"),
    [
        (("554 not now",), Outcome.TEMP, 554),
        (("220 hello", "250 ok", "550 who are you"), Outcome.TEMP, 550),
        (("220 hello", "250 ok", "250 ok", "450 busy"), Outcome.TEMP, 450),
        (("220 hello", "250 ok", "250 ok", "550 nobody"), Outcome.PERM, 550),
        (("220 hello", "250 ok", "250 ok", "251 will forward", "451 later"), Outcome.TEMP, 451),
        (("220 hello", "250 ok", "250 ok", "250 ok", "554 no"), Outcome.PERM, 554),
        (("220 hello", "250 ok"), Outcome.TEMP, None),
        (("220 hello", "250 ok", "250 ok"), Outcome.TEMP, None),
        (("220 hello", "250 ok", "250 ok", "250 ok"), Outcome.UNKNOWN, None),
        (("220 hello", "250 ok", "250 ok", "250 ok", "354 go on"), Outcome.UNKNOWN, None),
    ],
)
def test_what_each_answer_of_a_relay_means(script: tuple[str, ...], outcome: Outcome, code: int | None) -> None:
    """
    Before RCPT everything is about us and temporary; RCPT and DATA may refuse for good; a loss from DATA on is unknown.
    """
    with scripted(*script) as channel:
        sent = channel.send(MAIL)

    assert (sent.outcome, sent.reply_code) == (outcome, code)


@pytest.mark.parametrize(("reply", "outcome"), [("451 later", Outcome.TEMP), ("550 no", Outcome.PERM)])
def test_a_refusal_after_the_mail_was_handed_over(sink: Sink, reply: str, outcome: Outcome) -> None:
    """
    The relay has spoken: it has not taken the mail.
    """
    sink.on_data = say(reply)

    assert sink.channel.send(MAIL).outcome is outcome


def test_a_reply_is_kept_without_addresses() -> None:
    """
    Relays repeat the address they refuse.
    """
    assert scrubbed(b"550 <kim@home.test>:\r\n no such\tuser") == "550 <[address]>: no such user"
    assert len(scrubbed("x" * 1000)) == 300
    assert "@" not in scrubbed("x" * 1000 + "@home.test, @home.test and kim@")


def test_a_mail_arrives_as_it_was_frozen(sink: Sink) -> None:
    """
    Text with accents and a lone full stop, the PDF beside it, the fixed Message-ID.
    """
    assert sink.channel.send(MAIL).outcome is Outcome.ACCEPTED
    mail = email.message_from_bytes(sink.taken[0], policy=default)

    assert mail["Message-ID"] == "<7@union.test>"
    assert mail["To"] == "The North Trust <clerk@north-trust.test>"
    assert mail["X-SHA256"] == MAIL.sha256
    text, attachment = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n").encode() == MAIL.body
    assert attachment.get_content() == MAIL.attachment
    assert attachment.get_filename() == "notice_of_ballot.pdf"


def test_two_attempts_differ_in_nothing_but_their_number() -> None:
    """
    Even the boundary between the parts is the same.
    """
    first, second = (envelope(replace(MAIL, epoch=epoch)) for epoch in (1, 2))
    assert first.as_bytes() != second.as_bytes()
    del first["X-Attempt"], second["X-Attempt"]

    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize("forged", ["Trust\r\nBcc: all@x.test", "Trust\nX: 1", "Trust\rX", "Tr\x00ust", "Trust\u2028X"])
def test_fm_42_a_line_break_in_a_name_or_address_is_refused(forged: str) -> None:
    """
    The error names the key of the recipient and not the value.

    Turns red if `recipients.Recipient._refuse` leaves out LINE_BREAK.
    """
    for fields in ({"name": forged}, {"name": "x", "postal_lines": (forged,)}, {"name": "x", "email": forged}):
        with pytest.raises(BadInput, match="employer:1") as refused:
            Recipient("employer:1", **fields)
        assert "Bcc" not in str(refused.value)


@pytest.mark.parametrize("field", ["recipient_name", "subject_line", "message_id"])
def test_fm_42_a_line_break_never_reaches_a_header(field: str) -> None:
    """
    Should one slip past every check, building the mail fails rather than forging a header.

    Turns red if `envelope` uses `email.message.Message` in place of `EmailMessage`.
    """
    with pytest.raises(ValueError, match=r"[Cc][Rr]|linefeed|invalid"):
        envelope(replace(MAIL, **{field: "x\r\nBcc: all@x.test"}))


@pytest.mark.parametrize("address", ["", "clerk", "a b@x.test", "a@x.test, b@x.test", "<a@x.test>", "a@@x.test"])
def test_an_address_is_one_address(address: str) -> None:
    """
    A list would send to more people than the notice names.
    """
    with pytest.raises(BadInput):
        Recipient("employer:1", "The North Trust", address)


def test_a_letter_is_laid_and_listed(tmp_path: Path) -> None:
    """
    The name says date, kind and id, and nobody's name.
    """
    sent = FolderChannel(tmp_path).send(LETTER)

    assert (sent.outcome, sent.provider_ref) == (Outcome.ACCEPTED, NAME)
    assert (tmp_path / NAME).read_bytes() == LETTER.body
    assert (tmp_path / MANIFEST).read_text() == f"{sha256(LETTER.body)},{NAME}\n"


def test_fm_10_a_letter_laid_twice_is_there_once(tmp_path: Path) -> None:
    """
    Another attempt, the same file, one line in the manifest.

    Turns red if `Parcel.file_name` holds the epoch.
    """
    for epoch in (1, 2, 3):
        assert FolderChannel(tmp_path).send(replace(LETTER, epoch=epoch)).outcome is Outcome.ACCEPTED

    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, MANIFEST]
    assert (tmp_path / MANIFEST).read_text().count(NAME) == 1


def test_fm_10_a_letter_laid_but_not_listed_is_listed_by_the_next_attempt(tmp_path: Path) -> None:
    """
    A crash between the two leaves a file that the print house would not count.

    Turns red if `FolderChannel.send` returns as soon as the file is there.
    """
    (tmp_path / NAME).write_bytes(LETTER.body)
    FolderChannel(tmp_path).send(LETTER)

    assert (tmp_path / MANIFEST).read_text() == f"{sha256(LETTER.body)},{NAME}\n"


def test_fm_10_a_letter_that_was_collected_is_not_laid_again(tmp_path: Path) -> None:
    """
    Its sender died before it could say so; the print house would print it twice.

    Turns red if `FolderChannel.send` does not look into the manifest first.
    """
    FolderChannel(tmp_path).send(LETTER)
    (tmp_path / NAME).rename(tmp_path.parent / "collected.pdf")

    assert FolderChannel(tmp_path).send(replace(LETTER, epoch=2)).outcome is Outcome.ACCEPTED
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]
    assert (tmp_path / MANIFEST).read_text() == f"{sha256(LETTER.body)},{NAME}\n"


def test_fm_10_a_manifest_line_cut_off_is_written_again(tmp_path: Path) -> None:
    """
    The half line stays, on a line of its own, and counts for nothing.

    Turns red if `journal.append_line` leaves out the look at the last byte.
    """
    (tmp_path / NAME).write_bytes(LETTER.body)
    (tmp_path / MANIFEST).write_text(sha256(LETTER.body)[:20])
    FolderChannel(tmp_path).send(LETTER)

    assert (tmp_path / MANIFEST).read_text().splitlines()[1:] == [f"{sha256(LETTER.body)},{NAME}"]


def test_fm_10_another_file_of_that_name_is_never_overwritten(tmp_path: Path) -> None:
    """
    Turns red if `FolderChannel._lay` replaces the target instead of linking.
    """
    (tmp_path / NAME).write_bytes(b"somebody else's")

    assert FolderChannel(tmp_path).send(LETTER).outcome is Outcome.PERM
    assert (tmp_path / NAME).read_bytes() == b"somebody else's"


def test_a_folder_that_cannot_be_written_is_a_temporary_refusal(tmp_path: Path) -> None:
    """
    A full disk or a missing mount passes.
    """
    (tmp_path / "file").write_text("in the way")

    assert FolderChannel(tmp_path / "file").send(LETTER).outcome is Outcome.TEMP


def test_with_no_relay_a_mail_lies_in_the_folder(tmp_path: Path) -> None:
    """
    As a file that a mail program opens, the same for every attempt.
    """
    folder = FolderChannel(tmp_path)
    for epoch in (1, 2):
        assert folder.send(replace(MAIL, epoch=epoch)).outcome is Outcome.ACCEPTED
    (path,) = tmp_path.glob("*.eml")

    assert email.message_from_bytes(path.read_bytes())["Message-ID"] == "<7@union.test>"


def test_the_settings_choose_the_channels(tmp_path: Path) -> None:
    """
    Mail goes to the relay where one is set, and to the folder otherwise.
    """
    without = configured_channels(Settings(home=tmp_path, smtp_host=""))
    relay = configured_channels(Settings(home=tmp_path, smtp_host="relay.test", smtp_port=2525))[Medium.MAIL]

    assert without[Medium.MAIL] is without[Medium.LETTER]
    assert isinstance(relay, SmtpChannel)
    assert set(without) == {Medium.MAIL, Medium.LETTER}
    assert (relay.host, relay.port, relay.sender) == ("relay.test", 2525, "disputes@mandate.invalid")


def test_a_login_that_is_refused_is_our_fault_and_temporary() -> None:
    """
    A wrong password of ours must not fail every notice for good.
    """
    with listening(Sink()) as sink:
        channel = replace(sink.channel, username="us", password="wrong")

        assert channel.send(MAIL).outcome is Outcome.TEMP
