"""The relay: encryption and what happens without, one connection for a batch, reports of delivery, return paths."""

from __future__ import annotations

import email
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigurationError
from core.settings import Settings
from notifications import return_path
from notifications.channels.envelope import envelope
from notifications.channels.folder import FolderChannel
from notifications.channels.smtp import SmtpChannel, Tls
from notifications.lifecycle import Medium, Outcome
from tests.notifications.certificates import Certified, certified
from tests.notifications.sinks import Sink, drop, listening, say
from tests.notifications.test_channels import MAIL

KEY = b"a key of return paths"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A certificate for this machine."""
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_mail_goes_over_tls_and_the_reply_says_so(certificate: Certified, tls: Tls) -> None:
    """Turns red if STARTTLS is not asked for, or the outcome is not kept with the reply."""
    sink = Sink(tls=certificate.server, implicit=tls is Tls.IMPLICIT)
    with listening(sink):
        channel = replace(sink.channel, host="localhost", tls=tls, tls_required=True, ca_file=certificate.ca_file)
        sent = channel.send(MAIL)

    assert sent.outcome is Outcome.ACCEPTED
    assert sent.reply_text == "[TLSv1.3, certificate checked] taken"
    assert sink.encrypted == [True]


def test_a_relay_without_tls_gets_nothing_where_tls_is_demanded(sink: Sink) -> None:
    """Turns red if `_start_tls` goes on without: whoever stands between could strike the offer out."""
    sent = replace(sink.channel, tls_required=True).send(MAIL)

    assert (sent.outcome, sink.taken) == (Outcome.TEMP, [])
    assert sent.reply_text == "the relay offers no TLS, and MANDATE_SMTP_TLS_REQUIRED demands it"


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_a_certificate_that_does_not_hold_gets_nothing_where_tls_is_demanded(certificate: Certified, tls: Tls) -> None:
    """Turns red if the context is not the checking one."""
    sink = Sink(tls=certificate.server, implicit=tls is Tls.IMPLICIT)
    with listening(sink):
        sent = replace(sink.channel, host="localhost", tls=tls, tls_required=True).send(MAIL)

    assert (sent.outcome, sink.taken) == (Outcome.TEMP, [])
    assert "SSLCertVerificationError, unable to get local issuer certificate" in (sent.reply_text or "")


def test_a_certificate_of_another_host_does_not_hold(tmp_path: Path) -> None:
    """Turns red if names are not compared."""
    other = certified(tmp_path, host="relay.other.test")
    sink = Sink(tls=other.server)
    with listening(sink):
        sent = replace(sink.channel, host="localhost", tls_required=True, ca_file=other.ca_file).send(MAIL)

    assert (sent.outcome, sink.taken) == (Outcome.TEMP, [])


def test_tls_is_used_where_it_is_offered_though_nobody_demands_it(certificate: Certified) -> None:
    """Turns red if a certificate that nobody knows keeps the mail from being encrypted."""
    sink = Sink(tls=certificate.server)
    with listening(sink):
        sent = sink.channel.send(MAIL)

    assert sent.reply_text == "[TLSv1.3, certificate not checked] taken"
    assert sink.encrypted == [True]


def test_without_tls_the_reply_says_that_too(sink: Sink) -> None:
    """Turns red if the words are left out."""
    assert sink.channel.send(MAIL).reply_text == "[no TLS] taken"


def test_a_file_that_holds_no_authority_is_refused(tmp_path: Path) -> None:
    """Turns red if the error of the library reaches a person."""
    (tmp_path / "ca.pem").write_text("no certificate")
    channel = SmtpChannel("localhost", 25, "a@union.test", tls_required=True, ca_file=tmp_path / "ca.pem")

    with pytest.raises(ConfigurationError, match=r"MANDATE_CA_FILE: found .*ca\.pem"):
        channel.context()


def test_a_setting_that_cannot_be_used_keeps_mail_waiting_and_says_why(certificate: Certified, tmp_path: Path) -> None:
    """Turns red if the error ends the send: the attempt would be unknown, though nothing had gone out."""
    sink = Sink(tls=certificate.server)
    with listening(sink):
        sent = replace(sink.channel, tls_required=True, ca_file=tmp_path / "gone.pem").send(MAIL)

    assert (sent.outcome, sink.taken) == (Outcome.TEMP, [])
    assert "MANDATE_CA_FILE" in (sent.reply_text or "")


@pytest.mark.parametrize(
    ("host", "required", "demanded"),
    [
        ("relay.union.test", None, True),
        ("10.0.0.5", None, True),
        ("127.0.0.1", None, False),
        ("localhost", None, False),
        ("::1", None, False),
        ("relay.union.test", False, False),
        ("127.0.0.1", True, True),
        ("localhost.evil.test", None, True),
    ],
)
def test_tls_is_demanded_of_every_relay_off_this_machine(host: str, required: bool | None, demanded: bool) -> None:
    """Turns red if the default is to go without."""
    configured = Settings(smtp_host=host, smtp_tls_required=required)

    assert SmtpChannel.of(configured).tls_required is demanded


def test_settings_that_contradict_each_other_are_refused() -> None:
    """Turns red if `none` is taken for consent: mail would go out in the clear without anybody having said so."""
    with pytest.raises(ValueError, match="MANDATE_SMTP_TLS=none"):
        Settings(smtp_host="relay.union.test", smtp_tls="none")
    told = Settings(smtp_host="relay.union.test", smtp_tls="none", smtp_tls_required=False)
    assert SmtpChannel.of(told).tls is Tls.NONE


def test_a_password_leaves_this_machine_only_encrypted(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `_log_in` does not look: the sink offers no AUTH, and the reason would be another."""
    monkeypatch.setattr(SmtpChannel, "is_here", False)
    sent = replace(sink.channel, username="us", password="a password").send(MAIL)

    assert (sent.outcome, sent.reply_text) == (
        Outcome.TEMP,
        "[no TLS] the password is not sent to another machine without TLS",
    )


def test_no_representation_holds_the_password_or_the_key() -> None:
    """Turns red if a field loses its `repr=False`."""
    channel = SmtpChannel("relay.test", 25, "a@union.test", password="a password", key=KEY)

    assert "a password" not in repr(channel)
    assert "a key" not in repr(channel)


def test_a_batch_goes_over_one_connection(sink: Sink) -> None:
    """Turns red if each send opens its own; a refused mail does not end it either."""
    sink.on_rcpt["gone@north-trust.test"] = "550 no such user"
    gone = replace(MAIL, recipient_email="gone@north-trust.test")
    with sink.channel.session() as connected:
        sent = [connected.send(parcel) for parcel in (MAIL, gone, MAIL, gone, MAIL)]

    outcomes = [Outcome.ACCEPTED, Outcome.PERM]
    assert [each.outcome for each in sent] == [*outcomes, *outcomes, Outcome.ACCEPTED]
    assert (sink.connections, len(sink.taken)) == (1, 3)


def test_a_mail_that_was_refused_leaves_nothing_in_the_next(sink: Sink) -> None:
    """Turns red if RSET is left out: the relay would add the next recipient to the mail it refused, or refuse MAIL."""
    sink.on_data = say("451 later")
    with sink.channel.session() as connected:
        assert connected.send(MAIL).outcome is Outcome.TEMP
        sink.on_rcpt["gone@north-trust.test"] = "550 no"
        assert connected.send(replace(MAIL, recipient_email="gone@north-trust.test")).outcome is Outcome.PERM
        sink.on_data = say("250 taken")
        assert connected.send(MAIL).outcome is Outcome.ACCEPTED

    assert sink.recipients == [["clerk@north-trust.test"]]


def test_fm_02_a_batch_goes_on_over_a_new_connection_and_repeats_nothing(sink: Sink) -> None:
    """
    The mail that may have been taken is unknown and is not offered again; those after it are sent.

    Turns red if `SmtpSession.send` tries again whenever the connection is gone.
    """
    sink.on_data = drop
    with sink.channel.session() as connected:
        first = connected.send(MAIL)
        sink.on_data = say("250 taken")
        rest = [connected.send(MAIL) for _ in range(2)]

    assert first.outcome is Outcome.UNKNOWN
    assert [each.outcome for each in rest] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert (sink.connections, len(sink.taken)) == (2, 3)


@pytest.mark.parametrize("farewell", ["421 too many mails over this connection", None])
def test_a_connection_that_the_relay_ended_meanwhile_is_opened_anew(sink: Sink, farewell: str | None) -> None:
    """Turns red if a kept connection that turns out to be dead makes a mail wait: nothing of it had been sent."""
    sink.farewell_after, sink.farewell = 2, farewell
    with sink.channel.session() as connected:
        sent = [connected.send(MAIL) for _ in range(5)]

    assert {each.outcome for each in sent} == {Outcome.ACCEPTED}
    assert (sink.connections, len(sink.taken)) == (3, 5)


def test_a_relay_that_is_away_is_asked_once_a_batch() -> None:
    """Turns red if each mail of the batch waits for the connection again: the leases of those behind would run out."""
    asked: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        turning_away = threading.Thread(target=_turn_away, args=(server, asked), daemon=True)
        turning_away.start()
        with SmtpChannel("127.0.0.1", server.getsockname()[1], "a@union.test", timeout=2).session() as connected:
            sent = [connected.send(MAIL) for _ in range(4)]

    assert {(each.outcome, each.reply_code) for each in sent} == {(Outcome.TEMP, 421)}
    assert len(asked) == 1


def _turn_away(server: socket.socket, asked: list[socket.socket]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        asked.append(connection)
        with connection:
            connection.sendall(b"421 not now\r\n")


@contextmanager
def recorded(*lines: str) -> Iterator[tuple[SmtpChannel, list[str]]]:
    """A server that says these lines one after another, and what it heard before each."""
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_say, args=(server, lines, heard), daemon=True)
        answering.start()
        yield SmtpChannel("127.0.0.1", server.getsockname()[1], "disputes@union.test", timeout=5), heard
        answering.join(timeout=5)


def _say(server: socket.socket, lines: Sequence[str], heard: list[str]) -> None:
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as stream:
        for position, line in enumerate(lines):
            if position:
                heard.append(stream.readline().decode().strip())
            stream.write(line.encode() + b"\r\n")
            stream.flush()


def test_a_report_of_delivery_is_asked_for_where_the_relay_can_give_one() -> None:
    """Turns red if one of the words of RFC 3461 is left out, or the mark of the attempt is another's."""
    with recorded("220 hi", "250-hi\r\n250 DSN", "250 ok", "550 no") as (plain, heard):
        channel = replace(plain, bounce_address="bounces@union.test", key=KEY)
        channel.send(replace(MAIL, recipient_email="a+b=c@north-trust.test", epoch=7))
    path = return_path.make(MAIL.notice_id, 7, base="bounces@union.test", key=KEY)
    mark = path.removeprefix("bounces+").removesuffix("@union.test")

    assert heard[1] == f"mail FROM:<{path}> RET=HDRS ENVID={mark}"
    assert heard[2] == (
        "rcpt TO:<a+b=c@north-trust.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@north-trust.test"
    )


def test_a_relay_without_reports_is_not_asked_for_one() -> None:
    """Turns red if the words are sent all the same: such a relay refuses them, and every mail with them."""
    with recorded("220 hi", "250 hi", "250 ok", "550 no") as (channel, heard):
        channel.send(MAIL)

    assert heard[1:3] == ["mail FROM:<disputes@union.test>", "rcpt TO:<clerk@north-trust.test>"]


def test_the_return_path_names_the_attempt_and_the_mail_does_not_change(sink: Sink) -> None:
    """Turns red if bounces come to one address, or the mail holds the return path: two attempts would differ."""
    channel = replace(sink.channel, bounce_address="bounces@union.test", key=KEY)
    for epoch in (1, 2):
        channel.send(replace(MAIL, epoch=epoch))
    read = [return_path.read(each, base="bounces@union.test", key=KEY) for each in sink.senders]

    assert read == [return_path.Returned(MAIL.notice_id, epoch) for epoch in (1, 2)]
    assert len({_without_attempt(mail) for mail in sink.taken}) == 1
    assert {email.message_from_bytes(mail, policy=default)["From"].addresses[0].addr_spec for mail in sink.taken} == {
        "disputes@mandate.invalid"
    }


def _without_attempt(mail: bytes) -> bytes:
    return b"\n".join(line for line in mail.splitlines() if not line.startswith(b"X-Attempt:"))


HTML = "<!doctype html><html lang=en><body><p>The letter is attached, Mr Ó Ŵyn.</p></body></html>"


def test_a_mail_with_a_laid_out_form_offers_the_text_first(sink: Sink) -> None:
    """Turns red if the order changes: a reader shows the last form it knows; or if the PDF is inside the choice."""
    sink.channel.send(replace(MAIL, html=HTML.encode()))
    mail: Any = email.message_from_bytes(sink.taken[0], policy=default)
    choice, attachment = mail.iter_parts()

    assert mail.get_content_type() == "multipart/mixed"
    assert choice.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in choice.iter_parts()] == ["text/plain", "text/html"]
    text, laid_out = (part.get_content().replace("\r\n", "\n") for part in choice.iter_parts())
    assert text.encode() == MAIL.body
    assert laid_out.rstrip("\n") == HTML
    assert attachment.get_content() == MAIL.attachment


@pytest.mark.parametrize("attachment", [None, b"%PDF-1.7"])
def test_two_attempts_of_a_laid_out_mail_differ_in_nothing_but_their_number(attachment: bytes | None) -> None:
    """Turns red if a boundary within is left to the library, which draws lots."""
    parcel = replace(MAIL, html=HTML.encode(), attachment=attachment)
    first, second = (_without_attempt(envelope(replace(parcel, epoch=epoch)).as_bytes()) for epoch in (1, 2))

    assert first == second
    assert len({part.get_boundary() for part in envelope(parcel).walk() if part.is_multipart()}) == 1 + bool(attachment)


@pytest.mark.parametrize("to", ["jörg@north-trust.test", "łukasz@a.test"])
def test_an_address_that_no_header_can_hold_fails_for_good(sink: Sink, tmp_path: Path, to: str) -> None:
    """Turns red if it is tried: building the mail would fail at every sweep, and the letter would never go."""
    parcel = replace(MAIL, recipient_email=to)
    for sent in (sink.channel.send(parcel), FolderChannel(tmp_path).send(parcel)):
        assert (sent.outcome, sent.reply_text) == (
            Outcome.PERM,
            "no mail is sent to an address with letters outside ASCII before its @",
        )
    assert sink.taken == []


def test_a_domain_outside_ascii_is_spelled_as_the_name_service_does(sink: Sink) -> None:
    """Turns red if the domain goes out as it was written."""
    sent = sink.channel.send(replace(MAIL, recipient_email="clerk@münchen.test"))

    assert sent.outcome is Outcome.ACCEPTED
    assert sink.recipients == [["clerk@xn--mnchen-3ya.test"]]


def test_a_letter_is_no_mail(tmp_path: Path) -> None:
    """Turns red if the look at the address is made for letters too: a letter needs none."""
    letter = replace(MAIL, medium=Medium.LETTER, recipient_email="jörg@north-trust.test")

    assert FolderChannel(tmp_path).send(letter).outcome is Outcome.ACCEPTED


def test_a_relay_may_demand_tls_of_us(certificate: Certified) -> None:
    """Turns red if a refusal of MAIL for want of TLS is taken for the recipient's."""
    sink = Sink(tls=certificate.server, demands_tls=True)
    with listening(sink):
        refused = replace(sink.channel, tls=Tls.NONE).send(MAIL)
        taken = sink.channel.send(MAIL)

    assert (refused.outcome, refused.reply_code) == (Outcome.TEMP, 530)
    assert taken.outcome is Outcome.ACCEPTED


def test_the_context_checks_names_and_certificates_where_tls_is_required() -> None:
    """Turns red if one of the two is turned off."""
    checking = SmtpChannel("relay.test", 25, "a@union.test", tls_required=True).context()

    assert (checking.check_hostname, checking.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert checking.minimum_version >= ssl.TLSVersion.TLSv1_2
