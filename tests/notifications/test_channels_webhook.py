"""Webhooks against a real server that behaves badly: what each answer means, and where a request never goes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from notifications.channels import Parcel
from notifications.channels.outward import Outward, is_public
from notifications.channels.webhook import WebhookChannel, secret_for, signature
from notifications.lifecycle import Medium, Outcome
from tests.notifications.bad_servers import (
    Answer,
    HttpServer,
    answering,
    document,
    drip,
    hang_up,
    in_turn,
    reply,
    say_nothing,
)
from tests.notifications.certificates import Certified, certified
from tests.notifications.test_channels import MAIL

SECRET = b"a secret of the union that is long enough"
KEY = str(MAIL.notice_id)
Hook = Callable[[Answer], tuple[WebhookChannel, Parcel, HttpServer]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A certificate for this machine."""
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def hook(certificate: Certified) -> Iterator[Hook]:
    """A channel, a parcel for it, and the server that answers."""
    opened: list[Any] = []

    def open_with(answer: Answer) -> tuple[WebhookChannel, Parcel, HttpServer]:
        server = answering(answer, certificate.server)
        opened.append(server)
        listening = server.__enter__()
        channel = WebhookChannel(SECRET, ("localhost",), private=True, ca_file=certificate.ca_file, seconds=0.5)
        url = f"https://localhost:{listening.port}/notices"
        return channel, replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook=url), listening

    yield open_with
    for each in opened:
        each.__exit__(None, None, None)


ANSWERS: dict[str, tuple[Answer, Outcome, int | None]] = {
    "taken": (reply(200), Outcome.ACCEPTED, 200),
    "taken, nothing to say": (reply(204), Outcome.ACCEPTED, 204),
    "taken before": (reply(409, Idempotency_Key=KEY), Outcome.ACCEPTED, 409),
    "conflict": (reply(409), Outcome.PERM, 409),
    "conflict with another": (reply(409, Idempotency_Key="another"), Outcome.PERM, 409),
    "moved": (reply(301, Location="https://localhost/elsewhere"), Outcome.PERM, 301),
    "sent to the machine's secrets": (
        reply(307, Location="http://169.254.169.254/latest/meta-data/"),
        Outcome.PERM,
        307,
    ),
    "not understood": (reply(400, b"no such field"), Outcome.PERM, 400),
    "gone": (reply(410), Outcome.PERM, 410),
    "too slow for it": (reply(408), Outcome.TEMP, 408),
    "too early": (reply(425), Outcome.TEMP, 425),
    "too many": (reply(429), Outcome.TEMP, 429),
    "broken": (reply(500), Outcome.TEMP, 500),
    "away": (reply(503), Outcome.TEMP, 503),
    "200 and lost": (hang_up, Outcome.UNKNOWN, None),
    "silent": (say_nothing, Outcome.UNKNOWN, None),
    "drips its status": (drip(b"HTTP/1.1 200 O"), Outcome.UNKNOWN, None),
    "drips its body": (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"), Outcome.ACCEPTED, 200),
    "ten megabytes": (reply(200, b"x" * 10 * 1024 * 1024), Outcome.ACCEPTED, 200),
    "no HTTP": (lambda _, stream: _no_http(stream), Outcome.UNKNOWN, None),
}


def _no_http(stream: BinaryIO) -> None:
    stream.write(b"HELO what is this\r\n\r\n")


@pytest.mark.parametrize("case", ANSWERS)
def test_fm_11_what_each_answer_means(hook: Hook, case: str) -> None:
    """
    Nothing is redirected; what may have arrived is unknown and never temporary; a repeated key is no refusal.

    Turns red if `Outward` follows redirects: the answer to 307 is another; or if `Lost` is caught beside `NotSent`.
    """
    answer, outcome, code = ANSWERS[case]
    channel, parcel, server = hook(answer)
    sent = channel.send(parcel)

    assert (sent.outcome, sent.reply_code) == (outcome, code)
    assert len(server.asked) == 1


SLOW = {
    "silent": say_nothing,
    "the status": drip(b""),
    "a header": drip(b"HTTP/1.1 200 OK\r\nX: "),
    "the body": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
}


@pytest.mark.parametrize("case", SLOW)
def test_fm_11_a_slow_answer_ends_with_the_time_it_has(hook: Hook, case: str) -> None:
    """
    A byte now and then would keep a limit of each read from ever being reached.

    Turns red if `_TimedStream.read` passes on a whole second instead of what is left of it.
    """
    channel, parcel, _ = hook(SLOW[case])
    began = time.monotonic()
    channel.send(parcel)

    assert time.monotonic() - began < 5


def test_fm_11_the_same_key_and_bytes_for_every_attempt_with_a_signature_that_holds(hook: Hook) -> None:
    """
    200 and lost: the next attempt shows by its key that it is the same.

    Turns red if the attempt's number is in the body, or the key is that of the attempt.
    """
    channel, parcel, server = hook(in_turn(hang_up, reply(200)))
    outcomes = [channel.send(replace(parcel, epoch=epoch)).outcome for epoch in (1, 2)]
    first, second = server.asked

    assert outcomes == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert channel.idempotent
    assert first.body == second.body
    assert {each.headers["idempotency-key"] for each in server.asked} == {KEY}
    stamped = dict(part.split("=", 1) for part in second.headers["mandate-signature"].split(","))
    signed = stamped["t"].encode() + b"." + second.body
    secret = secret_for(SECRET, "localhost")
    assert stamped["v1"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert abs(int(stamped["t"]) - time.time()) < 60
    told = second.document
    assert (told["id"], told["kind"], told["text"]) == (KEY, parcel.kind, parcel.body.decode())
    assert base64.b64decode(told["letter_pdf"]) == parcel.attachment


def test_a_host_that_knows_its_own_secret_cannot_sign_for_another() -> None:
    """Turns red if `secret_for` leaves the host out."""
    theirs, others = secret_for(SECRET, "one.example"), secret_for(SECRET, "two.example")

    assert signature(theirs, 1, b"{}") != signature(others, 1, b"{}")


@pytest.mark.parametrize(
    ("hosts", "host", "allowed"),
    [
        (("hooks.example.org",), "hooks.example.org", True),
        (("hooks.example.org",), "evil.example.org", False),
        (("hooks.example.org",), "hooks.example.org.evil.test", False),
        ((".example.org",), "a.b.example.org", True),
        ((".example.org",), "example.org", False),
        ((".example.org",), "notexample.org", False),
        ((), "example.org", False),
    ],
)
def test_fm_11_only_hosts_that_were_allowed_are_reached(hosts: tuple[str, ...], host: str, allowed: bool) -> None:
    """
    Turns red if `allows` compares endings without the full stop, or an empty list allows every host.
    """
    channel = WebhookChannel(SECRET, hosts, seconds=0.2)

    assert channel.allows(host) is allowed
    if not allowed:
        parcel = replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook=f"https://{host}/")
        assert channel.send(parcel).outcome is Outcome.PERM


def test_fm_11_a_name_that_leads_into_a_private_network_is_never_connected_to(hook: Hook) -> None:
    """
    The address is looked at when the connection is made, and nothing is sent.

    Turns red if `addresses_of` does not ask `is_public`.
    """
    channel, parcel, server = hook(reply(200))
    sent = replace(channel, private=False).send(parcel)

    assert (sent.outcome, sent.reply_text) == (Outcome.PERM, "the address leads into a private network")
    assert server.connections == 0


def test_fm_11_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Turns red if `addresses_of` looks at the first address only: the connection would try the next.
    """
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    channel = WebhookChannel(SECRET, ("hooks.example.org",), seconds=0.2)
    parcel = replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook="https://hooks.example.org/")

    assert channel.send(parcel).outcome is Outcome.PERM


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("::7f00:1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("64:ff9b:1::1", False),
    ],
)
def test_fm_11_which_addresses_are_public(address: str, public: bool) -> None:
    """
    Turns red if IPv4 addresses written in IPv6 are not taken out of it.
    """
    assert is_public(address) is public


def test_a_server_without_a_certificate_that_holds_is_told_nothing(hook: Hook) -> None:
    """Turns red if certificates are not checked."""
    channel, parcel, server = hook(reply(200))
    sent = replace(channel, ca_file=None).send(parcel)

    assert sent.outcome is Outcome.TEMP
    assert "SSLCertVerificationError, unable to get local issuer certificate" in (sent.reply_text or "")
    assert server.asked == []


def test_nobody_listens() -> None:
    """Turns red if a connection that was never made is `unknown`."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    channel = WebhookChannel(SECRET, ("localhost",), private=True, seconds=1.0)
    parcel = replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook=f"https://localhost:{port}/")

    assert channel.send(parcel).outcome is Outcome.TEMP


def test_http_without_tls_is_no_way() -> None:
    """Turns red if `send` looks at the host alone."""
    channel = WebhookChannel(SECRET, ("localhost",), private=True, seconds=1.0)

    assert channel.send(replace(MAIL, recipient_webhook="http://localhost/")).outcome is Outcome.PERM


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("0", 0), ("9" * 30, 86_400), ("soon", None), ("-5", None), ("", None)]
)
def test_a_server_may_say_when_to_come_back(hook: Hook, said: str, seconds: int | None) -> None:
    """Turns red if the wait asked for has no limit: a server could put a notice off for ever."""
    channel, parcel, _ = hook(document(429, {}, Retry_After=said))

    assert channel.send(parcel).wait_seconds == seconds


def test_the_secret_is_in_no_representation() -> None:
    """Turns red if `secret` loses its `repr=False`."""
    assert "secret of the union" not in repr(WebhookChannel(SECRET, ("localhost",)))


def test_a_long_answer_is_not_read_to_its_end(certificate: Certified) -> None:
    """Turns red if `_beginning` reads on after MOST_BYTES."""
    http = Outward(private=True, ca_file=certificate.ca_file, seconds=5.0)
    with answering(reply(200, b"x" * 10 * 1024 * 1024), certificate.server) as server, http:
        got = http.request("GET", f"https://localhost:{server.port}/", headers={})

    assert (len(got.body), got.whole) == (64 * 1024, False)
