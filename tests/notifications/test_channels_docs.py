"""docs/channels.md shows for each channel the answers that the code knows, and the code does what it shows."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from notifications.channels import Sent, folder, provider, smtp, webhook
from notifications.channels.folder import FolderChannel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.taxonomy import Answer
from notifications.channels.webhook import KEY_HEADER, WebhookChannel
from notifications.lifecycle import Medium
from tests.notifications.bad_servers import Answer as HttpAnswer
from tests.notifications.bad_servers import answering, hang_up, reply
from tests.notifications.certificates import certified
from tests.notifications.sinks import Sink, listening
from tests.notifications.test_channels import LETTER, MAIL, NAME, scripted

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"
CODE: dict[str, Sequence[Answer]] = {
    "smtp": smtp.ANSWERS,
    "folder": folder.ANSWERS,
    "webhook": webhook.ANSWERS,
    "provider": provider.ANSWERS,
}


def shown(channel: str) -> list[tuple[str, ...]]:
    """The rows of a channel's table on the page."""
    _, _, after = PAGE.read_text(encoding="utf-8").partition(f"<!-- answers: {channel} -->\n")
    table = after.split("\n\n", 1)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]) for row in table]


@pytest.mark.parametrize("channel", CODE)
def test_the_page_shows_what_the_code_does(channel: str) -> None:
    """Turns red if a row of `ANSWERS` or of the page's table is changed alone."""
    assert shown(channel) == [(each.when, each.said, each.outcome.value) for each in CODE[channel]]


def test_the_page_has_a_table_for_every_channel_and_no_other() -> None:
    """Turns red if a channel is added without its table."""
    assert set(re.findall(r"<!-- answers: (\w+) -->", PAGE.read_text(encoding="utf-8"))) == set(CODE)


Case = Callable[[Path], Sent]
GREETED = ("220 hi", "250 hi", "250 ok")
BEYOND_ASCII = replace(MAIL, recipient_email="jörg@north-trust.test")


def _relay(*lines: str) -> Case:
    def case(_: Path) -> Sent:
        with scripted(*lines) as channel:
            return channel.send(MAIL)

    return case


def _demanding(_: Path) -> Sent:
    with scripted("220 hi", "250 hi") as channel:
        return replace(channel, tls_required=True).send(MAIL)


def _hook(answer: HttpAnswer, tmp_path: Path) -> Sent:
    certificate = certified(tmp_path)
    with answering(answer, certificate.server) as server:
        channel = WebhookChannel(b"secret", ("localhost",), private=True, ca_file=certificate.ca_file, seconds=2.0)
        url = f"https://localhost:{server.port}/"
        return channel.send(replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook=url))


def _nowhere(host: str, hosts: Sequence[str], *, private: bool, tmp_path: Path) -> Sent:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    channel = WebhookChannel(b"secret", hosts, private=private, seconds=2.0)
    return channel.send(replace(MAIL, medium=Medium.WEBHOOK, recipient_webhook=f"https://{host}:{port}/"))


def _laid_over(tmp_path: Path) -> Sent:
    (tmp_path / NAME).write_bytes(b"other bytes")
    return FolderChannel(tmp_path).send(LETTER)


def _unwritable(tmp_path: Path) -> Sent:
    (tmp_path / "file").write_text("in the way")
    return FolderChannel(tmp_path / "file").send(LETTER)


def _taken(_: Path) -> Sent:
    with listening(Sink()) as sink:
        return sink.channel.send(MAIL)


def _no_smtp(_: Path) -> Sent:
    return SmtpChannel("127.0.0.1", 1, "a@union.test", timeout=1).send(MAIL)


CASES: Mapping[str, Sequence[Case]] = {
    "smtp": [
        _no_smtp,
        _demanding,
        _relay("220 hi", "250 hi", "550 who are you"),
        _relay(*GREETED, "450 busy"),
        _relay(*GREETED, "550 nobody"),
        lambda tmp_path: SmtpChannel("127.0.0.1", 1, "a@union.test").send(BEYOND_ASCII),
        _relay(*GREETED),
        _relay(*GREETED, "250 ok", "452 full"),
        _relay(*GREETED, "250 ok", "552 too big"),
        _relay(*GREETED, "250 ok", "354 go on"),
        _relay(*GREETED, "250 ok", "354 go on", "OK queued as 4711"),
        _relay(*GREETED, "250 ok", "354 go on", "251 queued"),
    ],
    "folder": [
        lambda tmp_path: FolderChannel(tmp_path).send(LETTER),
        _laid_over,
        lambda tmp_path: FolderChannel(tmp_path).send(BEYOND_ASCII),
        _unwritable,
    ],
    "webhook": [
        lambda tmp_path: _nowhere("localhost", ("localhost",), private=True, tmp_path=tmp_path),
        lambda tmp_path: _nowhere("localhost", (), private=True, tmp_path=tmp_path),
        lambda tmp_path: _nowhere("localhost", ("localhost",), private=False, tmp_path=tmp_path),
        partial(_hook, hang_up),
        partial(_hook, reply(202)),
        partial(_hook, reply(308, Location="https://elsewhere.example/")),
        partial(_hook, reply(429)),
        partial(_hook, reply(409, **{KEY_HEADER.replace("-", "_"): str(MAIL.notice_id)})),
        partial(_hook, reply(422)),
        partial(_hook, reply(502)),
    ],
}
"""For each row of a table, in its order, something that it tells of. Those of providers stand in their own test."""


@pytest.mark.parametrize(
    ("channel", "place"), [(channel, place) for channel in CASES for place in range(len(CODE[channel]))]
)
def test_the_code_does_what_the_page_shows(channel: str, place: int, tmp_path: Path) -> None:
    """Turns red if a row's outcome is changed in `ANSWERS` and on the page, and not in what the channel does."""
    assert len(CASES[channel]) == len(CODE[channel])
    assert CASES[channel][place](tmp_path).outcome is CODE[channel][place].outcome
