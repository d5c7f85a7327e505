"""Text messages and post by a provider, against a real server that behaves badly."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from pydantic import SecretStr

from core.channel_settings import Provider
from notifications.channels.provider import CODES, STATUSES, ProviderChannel
from notifications.lifecycle import Medium, Outcome
from notifications.rendering import TEXT
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
from tests.notifications.test_channels import LETTER, MAIL, NAME

SMS = replace(MAIL, medium=Medium.SMS, recipient_phone="+447700900123", body=b"No strike tomorrow.", content_type=TEXT)
POST = replace(LETTER, recipient_postal=("1 Hill Lane", "Oldtown", "OT2 1AA"))
PROVIDER = Provider("", SecretStr("the key of the union"), "/messages", "/messages/{id}", False, {}, {}, seconds=0.5)
Opened = Callable[..., tuple[ProviderChannel, HttpServer]]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """A channel for text messages, and the server that answers."""
    with ExitStack() as servers:

        def open_with(answer: Answer, **changed: Any) -> tuple[ProviderChannel, HttpServer]:
            server = servers.enter_context(answering(answer))
            provider = replace(PROVIDER, url=f"http://127.0.0.1:{server.port}/v1", **changed)
            return ProviderChannel.of(provider, Medium.SMS, "sms"), server

        yield open_with


def _garbage(_server: HttpServer, stream: BinaryIO) -> None:
    stream.write(b"\x00\x01\x02\r\n\r\n")


ANSWERS: Mapping[str, tuple[Answer, Outcome, int | None]] = {
    "taken": (document(200, {"id": "m-1"}), Outcome.ACCEPTED, 200),
    "created": (document(201, {"id": 17}), Outcome.ACCEPTED, 201),
    "taken, no id": (document(200, {"ok": True}), Outcome.UNKNOWN, 200),
    "taken, an empty id": (document(200, {"id": ""}), Outcome.UNKNOWN, 200),
    "malformed JSON": (reply(200, b'{"id": "m-1"'), Outcome.UNKNOWN, 200),
    "JSON nested without end": (reply(200, b"[" * 60_000), Outcome.UNKNOWN, 200),
    "ten megabytes": (reply(200, b'{"id": "m-1", "x": "' + b"x" * 10_000_000 + b'"}'), Outcome.UNKNOWN, 200),
    "drips its body": (drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), Outcome.UNKNOWN, 200),
    "200 and lost": (hang_up, Outcome.UNKNOWN, None),
    "silent": (say_nothing, Outcome.UNKNOWN, None),
    "no HTTP": (_garbage, Outcome.UNKNOWN, None),
    "redirected to the machine's secrets": (
        reply(302, Location="http://169.254.169.254/latest/meta-data/"),
        Outcome.TEMP,
        302,
    ),
    "key refused": (reply(401), Outcome.TEMP, 401),
    "no such path": (reply(404), Outcome.TEMP, 404),
    "too many": (reply(429), Outcome.TEMP, 429),
    "away": (reply(503), Outcome.TEMP, 503),
    "an unknown code": (document(400, {"code": "E99"}), Outcome.PERM, 400),
    "a code of a broken server": (document(500, {"code": "invalid_recipient"}), Outcome.UNKNOWN, 500),
    "sent before": (document(409, {"code": "duplicate_reference", "id": "m-1"}), Outcome.ACCEPTED, 409),
    **{f"code {code}": (document(400, {"code": code}), outcome, 400) for code, outcome in CODES.items()},
    **{f"status {status}": (reply(status), outcome, status) for status, outcome in STATUSES.items()},
}


@pytest.mark.parametrize("case", ANSWERS)
def test_fm_11_what_each_answer_of_a_provider_means(opened: Opened, case: str) -> None:
    """
    What it may have sent is unknown: an answer that cannot be read, a lost connection, a server that broke.

    Turns red if a 2xx without an id is accepted, a 500 is temporary, or `Lost` is caught beside `NotSent`.
    """
    answer, outcome, code = ANSWERS[case]
    channel, server = opened(answer)
    sent = channel.send(SMS)

    assert (sent.outcome, sent.reply_code) == (outcome, code)
    assert len(server.asked) == 1


def test_what_a_text_message_is_sent_as(opened: Opened) -> None:
    """Turns red if the reference is the attempt's: the second of two would be another message."""
    channel, server = opened(in_turn(hang_up, document(200, {"id": "m-1"})))
    sent = [channel.send(replace(SMS, epoch=epoch)) for epoch in (1, 2)]
    first, second = server.asked

    assert [each.outcome for each in sent] == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert sent[1].provider_ref == "m-1"
    assert first.body == second.body
    assert (second.method, second.path) == ("POST", "/v1/messages")
    assert second.headers["authorization"] == "the key of the union"
    assert second.headers["idempotency-key"] == str(SMS.notice_id)
    assert second.document == {
        "reference": str(SMS.notice_id),
        "to": "+447700900123",
        "text": "No strike tomorrow.",
    }


@pytest.mark.parametrize(
    ("key", "header"), [("abc123", "Bearer abc123"), ("Basic dTpw", "Basic dTpw"), ("ApiKey x", "ApiKey x")]
)
def test_a_key_names_its_own_scheme_or_is_a_bearers(opened: Opened, key: str, header: str) -> None:
    """Turns red if the scheme of the settings is left out."""
    channel, server = opened(document(200, {"id": "m-1"}), key=SecretStr(key))
    channel.send(SMS)

    assert server.asked[0].headers["authorization"] == header


def test_what_a_letter_is_sent_as(opened: Opened) -> None:
    """Turns red if the frozen address is left out: the provider prints it on the envelope."""
    texts, server = opened(document(200, {"id": "p-1"}))
    channel = replace(texts, medium=Medium.LETTER, name="post")
    sent = channel.send(POST)
    told = server.asked[0].document

    assert (sent.outcome, sent.provider_ref) == (Outcome.ACCEPTED, "p-1")
    assert told["address"] == ["The North Trust", "1 Hill Lane", "Oldtown", "OT2 1AA"]
    assert told["name"] == NAME
    assert base64.b64decode(told["pdf"]) == POST.body


def test_a_providers_own_words_are_in_the_settings(opened: Opened) -> None:
    """Turns red if `fields` or `codes` of the settings are not asked, or a path into a list is not followed."""
    fields = {"reference": "client_ref", "to": "msisdn", "text": "body", "id": "messages.0.id", "code": "error.no"}
    answers = in_turn(
        document(200, {"messages": [{"id": "own-1"}]}), document(400, {"error": {"no": 21}}), reply(400, b"[]")
    )
    channel, server = opened(answers, fields=fields, codes={"21": "temp"})
    sent = [channel.send(SMS) for _ in range(3)]

    assert [each.outcome for each in sent] == [Outcome.ACCEPTED, Outcome.TEMP, Outcome.PERM]
    assert sent[0].provider_ref == "own-1"
    assert set(server.asked[0].document) == {"client_ref", "msisdn", "body"}


def test_when_to_come_back(opened: Opened) -> None:
    """Turns red if Retry-After is not read."""
    channel, _ = opened(reply(429, Retry_After="60"))

    assert channel.send(SMS).wait_seconds == 60


def test_a_batch_shares_one_connection(opened: Opened) -> None:
    """Turns red if a session opens a client for each message."""
    channel, server = opened(document(200, {"id": "m-1"}))
    with channel.session() as connected:
        sent = [connected.send(replace(SMS, epoch=epoch)) for epoch in range(5)]

    assert {each.outcome for each in sent} == {Outcome.ACCEPTED}
    assert (server.connections, len(server.asked)) == (1, 5)


def test_a_text_that_is_too_long_is_not_sent(opened: Opened) -> None:
    """Turns red if it goes out: networks cut it off, and half a notice says something else."""
    channel, server = opened(document(200, {"id": "m-1"}))
    sent = channel.send(replace(SMS, body=("é" * 919).encode()))

    assert (sent.outcome, server.asked) == (Outcome.PERM, [])
    assert channel.send(replace(SMS, body=("é" * 918).encode())).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("deduplicates", [True, False])
def test_a_provider_is_idempotent_only_where_the_settings_say_so(opened: Opened, deduplicates: bool) -> None:
    """Turns red if every provider is taken to know its references again."""
    channel, _ = opened(hang_up, deduplicates=deduplicates)
    with channel.session() as connected:
        assert (channel.idempotent, connected.idempotent) == (deduplicates, deduplicates)


STATUS: Mapping[str, tuple[Answer, str | None]] = {
    "delivered": (document(200, {"status": "Delivered"}), "delivered"),
    "nothing known": (reply(404), None),
    "unreadable": (reply(200, b"delivered"), None),
    "lost": (hang_up, None),
}


@pytest.mark.parametrize("case", STATUS)
def test_a_provider_is_asked_what_became_of_a_message(opened: Opened, case: str) -> None:
    """Turns red if an answer that is no answer is taken for one, or a reference can lead to another path."""
    answer, status = STATUS[case]
    channel, server = opened(answer)

    assert channel.status_of("m/1?x") == status
    assert (server.asked[0].method, server.asked[0].path) == ("GET", "/v1/messages/m%2F1%3Fx")


def test_the_key_is_in_no_representation_and_no_reply(opened: Opened) -> None:
    """Turns red if the key is kept as text, or a provider's own words are kept: they may repeat what it was sent."""
    echo = document(400, {"code": "E1", "detail": "the key of the union is wrong for +447700900123"})
    channel, _ = opened(echo)
    sent = channel.send(SMS)

    assert "the key of the union" not in repr(channel) + repr(channel.provider) + repr(sent)
    assert "900123" not in repr(sent)
