"""What a provider of post says later of a letter: kept as class C, never proof, and a failure is somebody's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import BinaryIO

import pytest

from core.settings import settings
from notifications import proof, provider_status, tasks
from notifications.channels.provider import ProviderChannel
from notifications.lifecycle import EvidenceClass, Medium, State
from notifications.proof import ReceiptKind
from notifications.provider_status import SAID, UNDELIVERED
from tests.notifications.bad_servers import HttpServer, answering, document, reply
from tests.notifications.conftest import Desk
from tests.notifications.samples import recipient_for
from tests.notifications.test_channels_provider import PROVIDER

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")


@dataclass
class PostOffice:
    """A provider that takes every letter and then says `status` of it; None: it is away."""

    status: str | None = "delivered"
    asked: int = 0
    taken: int = 0
    port: int = field(default=0)

    def __call__(self, server: HttpServer, stream: BinaryIO) -> None:
        """Answer the last request."""
        if server.asked[-1].method == "POST":
            self.taken += 1
            return document(201, {"id": f"p-{self.taken}"})(server, stream)
        self.asked += 1
        return (reply(503) if self.status is None else document(200, {"status": self.status}))(server, stream)


@pytest.fixture
def post(desk: Desk) -> Iterator[PostOffice]:
    """The desk's letters go to it."""
    with ExitStack() as open_:
        office = PostOffice()
        server = open_.enter_context(answering(office))
        provider = replace(PROVIDER, url=f"http://127.0.0.1:{server.port}", send_path="/l", status_path="/l/{id}")
        desk.channels[Medium.LETTER] = ProviderChannel.of(provider, Medium.LETTER, "post")
        yield office


def posted(desk: Desk, number: int = 1) -> uuid.UUID:
    """A letter that the provider took."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, subject_ref=f"ballot:{number}")
    desk.sweep(timedelta(minutes=1))
    assert desk.state(notice_id) is State.ACCEPTED
    return notice_id


def texted(desk: Desk) -> uuid.UUID:
    """A text message that the same provider took."""
    letters = desk.channels[Medium.LETTER]
    assert isinstance(letters, ProviderChannel)
    desk.channels[Medium.SMS] = replace(letters, medium=Medium.SMS)
    to = replace(recipient_for("member"), phone="+447700900123")
    notice_id = desk.queue("strike_day_reminder", medium=Medium.SMS, to=to)
    desk.sweep()
    assert desk.state(notice_id) is State.ACCEPTED
    return notice_id


def hear(desk: Desk) -> int:
    """Ask the provider."""
    return provider_status.hear(desk.database, desk.channels, "flow:test", desk.now)


@pytest.mark.parametrize("status", sorted(SAID))
def test_whatever_a_provider_calls_it_it_is_class_c_and_no_proof(desk: Desk, post: PostOffice, status: str) -> None:
    """Turns red if a word of `SAID` is made class A or B: a machine that says despatched has handed over nothing."""
    notice_id = posted(desk)
    post.status = status.upper()

    assert (hear(desk), hear(desk), post.asked) == (1, 0, 1)
    (evidence,) = desk.notice(notice_id).evidence
    assert (evidence.evidence_class, evidence.kind) == (EvidenceClass.C, SAID[status].value)
    assert desk.state(notice_id) is State.ACCEPTED
    with desk.work() as uow:
        assert proof.received_on(uow, notice_id) is None


@pytest.mark.parametrize("status", sorted(UNDELIVERED))
def test_a_failure_is_somebodys_task_once(desk: Desk, post: PostOffice, status: str) -> None:
    """Turns red if a letter that never arrived goes on looking as if it was under way."""
    notice_id = posted(desk)
    post.status = status

    assert (hear(desk), hear(desk)) == (1, 0)
    assert desk.state(notice_id) is State.REVOKED
    with desk.work() as uow:
        assert [task.notice_id for task in tasks.open_tasks(uow, tasks.TaskKind.REACH)] == [notice_id]
        assert provider_status.take_status(uow, notice_id, status)
        assert len(tasks.open_tasks(uow)) == 1


def test_a_failure_takes_nothing_from_what_a_person_signed(desk: Desk, post: PostOffice) -> None:
    """Turns red if a machine's word withdraws class A."""
    notice_id = posted(desk)
    with desk.work() as uow:
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class=EvidenceClass.A,
            kind=ReceiptKind.SIGNED_FOR,
            received_on=desk.now.date(),
            recorded_by="officer:1",
        )
        provider_status.take_status(uow, notice_id, "returned")

    assert desk.state(notice_id) is State.EVIDENCED


@pytest.mark.parametrize(("medium", "days"), [(Medium.LETTER, 28), (Medium.SMS, 3)])
def test_a_word_that_says_nothing_yet_is_asked_after_again_for_its_days(
    desk: Desk, post: PostOffice, monkeypatch: pytest.MonkeyPatch, medium: Medium, days: int
) -> None:
    """
    A provider of texts tries for three days; a letter is under way for longer.

    Turns red if `queued` is kept, a provider is asked for ever, or about a text for as long as about a letter.
    """
    for name in ("URL", "KEY"):
        monkeypatch.setenv(f"MANDATE_SMS_{name}", "https://texts.union.test")
    settings.cache_clear()
    notice_id = posted(desk) if medium is Medium.LETTER else texted(desk)
    post.status = "queued"

    assert (hear(desk), hear(desk), post.asked) == (0, 0, 2)
    desk.now += timedelta(days=days, minutes=-1)
    assert (hear(desk), post.asked) == (0, 3)
    desk.now += timedelta(minutes=2)
    assert (hear(desk), post.asked) == (0, 3)
    assert desk.notice(notice_id).evidence == []


def test_a_letter_that_was_despatched_and_comes_back_is_somebodys_task(desk: Desk, post: PostOffice) -> None:
    """
    On the fifth day, say. Meanwhile it is asked about twice a day, and that it was despatched is kept once.

    Turns red if `unheard` takes `posted` for the end of a letter, asks about it in every sweep, or `take_status` keeps
    each day on which the provider says so.
    """
    notice_id = posted(desk)
    post.status = "despatched"
    said = []
    for _ in range(10):
        said.append((hear(desk), hear(desk)))
        desk.now += timedelta(hours=12)
    assert (said, post.asked) == ([(1, 0), *[(0, 0)] * 9], 10)
    assert [each.kind for each in desk.notice(notice_id).evidence] == ["posted"]

    post.status = "returned"
    assert hear(desk) == 1
    assert desk.state(notice_id) is State.REVOKED
    with desk.work() as uow:
        assert [task.notice_id for task in tasks.open_tasks(uow, tasks.TaskKind.REACH)] == [notice_id]
    desk.now += timedelta(days=1)
    assert (hear(desk), post.asked) == (0, 11)


def test_a_letter_that_was_delivered_is_asked_about_no_more(desk: Desk, post: PostOffice) -> None:
    """
    Also where it was said to be despatched first.

    Turns red if `unheard` leaves out `~ended`.
    """
    posted(desk)
    for post.status in ("despatched", "delivered"):
        assert hear(desk) == 1
        desk.now += timedelta(days=1)

    assert (hear(desk), post.asked) == (0, 2)


def test_a_provider_is_asked_only_about_what_it_took(desk: Desk, post: PostOffice) -> None:
    """
    What another took before the union changed its provider has a number there, and may have the same here.

    Turns red if `unheard` leaves out the channel.
    """
    mine = posted(desk)
    with desk.work() as uow:
        assert [each.notice_id for each in provider_status.unheard(uow, Medium.LETTER, "post")] == [mine]
        assert provider_status.unheard(uow, Medium.LETTER, "another") == []


def test_a_provider_that_is_away_is_not_asked_for_every_letter(desk: Desk, post: PostOffice) -> None:
    """Turns red if each question waits its ten seconds: with two hundred of them the sweep would take half an hour."""
    for number in range(6):
        posted(desk, number)
    post.status = None

    assert (hear(desk), post.asked) == (0, provider_status.SILENT_IN_A_ROW)


def test_each_letter_has_its_turn_where_there_are_more_than_are_asked_about_at_once(
    desk: Desk, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Those that were asked about come after those that were not, and come again.

    Turns red if `unheard` orders by the day alone: the oldest would be asked about in every sweep, the rest never.
    """
    monkeypatch.setattr(provider_status, "ASKED_AT_ONCE", 2)
    letters = [posted(desk, number) for number in range(5)]
    post.status = "queued"
    turns: list[set[uuid.UUID]] = []
    for _ in range(4):
        with desk.work() as uow:
            turns.append({each.notice_id for each in provider_status.unheard(uow, Medium.LETTER, "post")})
        hear(desk)
        desk.now += timedelta(minutes=5)

    assert turns == [{*letters[:2]}, {*letters[2:4]}, {letters[4], letters[0]}, {*letters[1:3]}]
