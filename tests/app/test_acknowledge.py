"""Acknowledging a notice by its link: opening it spends nothing, one click counts once, and nobody else's link does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import public
from app.public import MOST_BYTES, REQUESTS, WINDOW_SECONDS, asking, create_public_app
from core.clock import set_stored_clock
from core.db import Database
from core.history import HistoryEntry
from core.settings import settings
from core.unit_of_work import reading
from notifications import keys, outbox, proof
from notifications.acknowledgement import ACTOR
from notifications.channels.folder import FolderChannel
from notifications.lifecycle import Medium, State
from notifications.messages import message_kind
from notifications.models import Notice
from notifications.receipt_links import address, wanted
from notifications.recipients import Recipient
from notifications.rereading import words_of
from tests.app.conftest import Command
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink, listening, say
from tests.processes import free_port

PUBLIC = "https://receipts.union.test/r"
OTHER = Recipient("employer:2", "The South Trust", "clerk@south-trust.test", ("South House", "Newtown", "NT1 1AA"))


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of an installation with a public address."""
    monkeypatch.setenv("MANDATE_PUBLIC_URL", PUBLIC)
    settings.cache_clear()
    folder = FolderChannel(tmp_path / "letters")
    return Desk(database, {Medium.MAIL: folder, Medium.LETTER: folder}, folder.folder)


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """Somebody at an employer, behind the proxy."""
    at(desk)
    with TestClient(
        create_public_app(desk.database, PUBLIC),
        base_url="https://receipts.union.test",
        client=("127.0.0.1", 50_000),
        follow_redirects=False,
        raise_server_exceptions=False,
    ) as client:
        yield client


def at(desk: Desk, after: timedelta = timedelta()) -> None:
    """The installation's clock stands at the desk's."""
    desk.now += after
    with desk.work() as uow:
        set_stored_clock(uow.session, desk.now)


def sent(desk: Desk, **changes: object) -> uuid.UUID:
    """A notice of ballot that went by mail."""
    notice_id = desk.queue("notice_of_ballot", **changes)  # type: ignore[arg-type]
    desk.sweep()
    return notice_id


def path_of(desk: Desk, notice_id: uuid.UUID) -> str:
    """The path of a notice's link, as the application behind the proxy sees it."""
    notice = desk.notice(notice_id)
    link = address(notice.message_id, message_kind(notice.kind), notice.medium, settings())
    assert link is not None
    assert link.startswith(f"{PUBLIC}/a/")
    return link.removeprefix(PUBLIC)


def stored(desk: Desk) -> list[tuple[str, str]]:
    """What is recorded, and whether anything else of the database moved: its history."""
    with reading(on=desk.database) as uow:
        return [(row.action, row.subject) for row in uow.session.query(HistoryEntry).order_by(HistoryEntry.seq)]


def test_the_link_is_fixed_before_the_notice_is_made_and_names_nobody(desk: Desk) -> None:
    """
    It follows from the key alone; its letters mean nothing without our secret.

    Turns red if `token_of` holds the row's id, which changes.
    """
    notice = desk.notice(sent(desk))
    key = keys.idem_key("ballot:1", "notice_of_ballot", "employer:1", Medium.MAIL, "1")
    link = address(keys.message_id(key), message_kind("notice_of_ballot"), Medium.MAIL, settings())

    assert link == address(notice.message_id, message_kind(notice.kind), notice.medium, settings())
    assert link is not None
    token = link.rpartition("/")[2]
    assert len(token) == 32
    assert token.isalnum()
    assert token.islower()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_the_link_spends_nothing(desk: Desk, client: TestClient, method: str) -> None:
    """
    Mail servers open every link to scan it, some of them several times, and browsers fetch ahead.

    Turns red if `look` records anything.
    """
    path, before = path_of(desk, sent(desk)), stored(desk)
    for headers in ({}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}, {"User-Agent": "Link scanner"}):
        assert client.request(method, path, headers=headers).status_code == 200

    assert stored(desk) == before


def test_one_click_is_proof_of_class_a_on_its_day_once(desk: Desk, client: TestClient) -> None:
    """
    The second click, and one with the browser's back button, changes nothing and shows the first moment.

    Turns red if `acknowledge` leaves out `_clicked`.
    """
    notice_id = sent(desk)
    path = path_of(desk, notice_id)
    at(desk, timedelta(hours=2))
    answer = client.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, path.rpartition("/")[2])
    after_one = stored(desk)
    at(desk, timedelta(days=1))
    assert client.post(path).status_code == 303
    assert stored(desk) == after_one

    [evidence] = desk.notice(notice_id).evidence
    assert (evidence.evidence_class, evidence.kind, evidence.recorded_by) == ("A", "acknowledged", ACTOR)
    assert evidence.received_on.isoformat() == "2026-09-01"
    assert desk.state(notice_id) is State.EVIDENCED
    shown = client.get(path).text
    assert "Receipt recorded" in shown
    assert "1 September 2026" in shown
    assert "<form" not in shown


def test_the_link_of_one_employer_acknowledges_nothing_of_another(desk: Desk, client: TestClient) -> None:
    """
    Two links with their halves swapped are nobody's.

    Turns red if `beginning_of` leaves out the signature.
    """
    mine, theirs = sent(desk), sent(desk, to=OTHER, facts={"employer_name": OTHER.name})
    path, other = path_of(desk, mine), path_of(desk, theirs)
    client.post(path)
    assert desk.state(theirs) is State.ACCEPTED
    for swapped in (path[:-16] + other[-16:], other[:-16] + path[-16:]):
        assert client.post(swapped).status_code == 404
        assert client.get(swapped).status_code == 404
    assert desk.state(theirs) is State.ACCEPTED


@pytest.mark.parametrize(
    "tampered",
    [
        lambda path: path[:-1],
        lambda path: path + "a",
        lambda path: path[:-1] + ("a" if path[-1] != "a" else "b"),
        lambda path: "/a/" + "a" * 32,
        lambda path: "/a/%00",
        lambda path: "/a/" + "é" * 32,
        lambda path: "/a/" + "9" * 4000,
        lambda path: path.replace("/a/", "/b/"),
    ],
    ids=["short", "long", "changed", "made up", "nothing", "foreign", "huge", "elsewhere"],
)
def test_a_link_that_is_not_ours_gets_a_plain_page(desk: Desk, client: TestClient, tampered: object) -> None:
    """
    It says nothing about whether there is such a notice.
    """
    path, before = tampered(path_of(desk, sent(desk))), stored(desk)  # type: ignore[operator]
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert "not one that we sent" in answer.text
        assert "Traceback" not in answer.text
    assert stored(desk) == before


def test_an_address_with_capitals_is_the_same_link(desk: Desk, client: TestClient) -> None:
    """
    Somebody may type it off a letter.
    """
    path = path_of(desk, sent(desk))

    assert client.get("/a/" + path.removeprefix("/a/").upper()).status_code == 200


def test_another_installations_link_is_not_ours(
    desk: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Each has its own secret.
    """
    path = path_of(desk, sent(desk))
    monkeypatch.setenv("MANDATE_SIGNING_SECRET", "another installation's secret of some length")
    settings.cache_clear()

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("after", [90, 91])
def test_a_link_ends_after_its_days(desk: Desk, client: TestClient, after: int) -> None:
    """
    What was acknowledged before stays shown.

    Turns red if `_is_over` leaves out the days.
    """
    path, acknowledged = path_of(desk, sent(desk)), path_of(desk, sent(desk, subject_ref="ballot:2"))
    client.post(acknowledged)
    at(desk, timedelta(days=after))

    assert client.get(path).status_code == (200 if after == 90 else 410)
    assert client.post(path).status_code == (303 if after == 90 else 410)
    assert client.get(acknowledged).status_code == 200


def test_what_never_went_out_cannot_be_acknowledged(desk: Desk, client: TestClient) -> None:
    """
    Nor what was called off.
    """
    waiting = desk.queue("notice_of_ballot")
    path = path_of(desk, waiting)
    assert client.post(path).status_code == 410
    with desk.work() as uow:
        outbox.cancel(uow, waiting, "the ballot was cancelled")

    assert client.get(path).status_code == 410
    assert desk.notice(waiting).evidence == []


def test_what_was_called_off_after_it_was_tried_cannot_be_acknowledged(desk: Desk, client: TestClient) -> None:
    """
    The relay had put it off, so nobody has it by mail.

    Turns red if `_is_over` leaves out what was cancelled.
    """
    with listening(Sink()) as sink:
        sink.on_data = say("451 come again")
        desk.channels[Medium.MAIL] = sink.channel
        notice_id = sent(desk)
    path = path_of(desk, notice_id)
    assert (desk.state(notice_id), client.get(path).status_code) == (State.TEMP_WAIT, 200)
    with desk.work() as uow:
        outbox.cancel(uow, notice_id, "the ballot was cancelled")

    assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)
    assert desk.notice(notice_id).evidence == []


@pytest.mark.parametrize(
    ("kind", "carries"),
    [
        ("notice_of_ballot", True),
        ("repudiation_employer", True),
        ("repudiation_members", False),
        ("repudiation_official", False),
        ("scrutineer_instruction", False),
        ("dispute_notified", False),
    ],
)
def test_only_an_employer_whose_receipt_is_to_be_shown_has_a_link(kind: str, *, carries: bool) -> None:
    """
    Whoever else has to be shown to have a paper is not asked by a page made for employers.

    Turns red if `receipt_links.wanted` leaves out the audience, or the proof.
    """
    assert {medium for medium in Medium if wanted(message_kind(kind), medium)} == (
        {Medium.MAIL, Medium.LETTER} if carries else set()
    )


def test_a_click_after_the_mail_bounced_stands_against_it(desk: Desk, client: TestClient) -> None:
    """
    Whoever clicked has the notice.
    """
    notice_id = sent(desk)
    path = path_of(desk, notice_id)
    with desk.work() as uow:
        proof.revoke(uow, notice_id, reason="the mail bounced")
    client.post(path)

    assert desk.state(notice_id) is State.EVIDENCED


def test_nobody_asks_without_end(desk: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A browser at another address still gets in; the styles are not counted. A minute later all begins anew.

    Turns red if `Limited` counts all together, or not at all, or for ever.
    """
    monkeypatch.setattr("app.public.monotonic", lambda: 1.0)
    path = path_of(desk, sent(desk))
    mine, theirs = ({"X-Forwarded-For": each} for each in ("198.51.100.7", "198.51.100.8"))
    answers = [client.get(path, headers=mine).status_code for _ in range(REQUESTS + 1)]
    assert set(answers[:REQUESTS]) == {200}
    assert answers[-1] == 429
    refused = client.post(path, headers=mine)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert client.get(path, headers=theirs).status_code == 200
    assert client.get("/static/mandate.css", headers=mine).status_code == 200
    monkeypatch.setattr("app.public.monotonic", lambda: 1.0 + WINDOW_SECONDS)
    assert client.get(path, headers=mine).status_code == 200


def test_only_a_proxy_on_this_machine_may_say_who_asks() -> None:
    """
    Anybody else could claim to be somebody new each time.

    Turns red if `asking` believes every caller.
    """
    told = [(b"x-forwarded-for", b"203.0.113.9, 198.51.100.7")]

    assert asking({"type": "http", "client": ("127.0.0.1", 1), "headers": told}) == "198.51.100.7"
    two = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", b"198.51.100.7")]
    assert asking({"type": "http", "client": ("127.0.0.1", 1), "headers": two}) == "198.51.100.7"
    assert asking({"type": "http", "client": ("192.0.2.1", 1), "headers": told}) == "192.0.2.1"
    assert asking({"type": "http", "client": ("127.0.0.1", 1), "headers": [(b"x-forwarded-for", b"x")]}) == "127.0.0.1"


def test_a_large_request_is_refused_before_it_is_read(desk: Desk, client: TestClient) -> None:
    """
    A click holds nothing.
    """
    assert client.post(path_of(desk, sent(desk)), content=b"x" * (MOST_BYTES + 1)).status_code == 413


def test_nothing_of_the_dashboard_answers_here(desk: Desk, client: TestClient) -> None:
    """
    A proxy may pass every address on.

    Turns red if `create_public_app` includes another router.
    """
    paths = ("/", "/cases/2026-0001", "/api/cases", "/notices", "/docs", "/openapi.json", "/api/openapi.json")
    for path in paths:
        assert client.get(path).status_code == 404
    assert client.get("/", headers={"Host": "evil.test"}).status_code == 400


def test_the_page_needs_no_script_and_keeps_its_address_to_itself(desk: Desk, client: TestClient) -> None:
    """
    The address is the key: no other site learns it from the page.
    """
    answer = client.get(path_of(desk, sent(desk)))
    page = _Page()
    page.feed(answer.text)

    assert page.tags.count("script") == 0
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("form") == 1
    assert all(not each.startswith(("http", "//")) for each in page.links)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.text
    assert client.get("/static/vendor/govuk-frontend-6.3.0.min.css").status_code == 200


class _Page(HTMLParser):
    """The tags of a page and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


@pytest.mark.parametrize("public", [True, False])
def test_the_mail_of_an_employer_holds_the_link_where_there_is_a_public_address(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, public: bool
) -> None:
    """
    So does its letter. A mail to members, who owe no acknowledgement, never does.
    """
    if not public:
        monkeypatch.setenv("MANDATE_PUBLIC_URL", "")
        settings.cache_clear()
    notice_id, member = sent(desk), sent_to_members(desk)
    said = desk.notice(notice_id).body.decode()

    assert ("/a/" in said) is public
    assert "/a/" not in desk.notice(member).body.decode()


def sent_to_members(desk: Desk) -> uuid.UUID:
    """The result, to a member."""
    notice_id = desk.queue("ballot_result_members", subject_ref="ballot:9")
    desk.sweep()
    return notice_id


def test_a_notice_keeps_its_link_when_it_is_read_again(desk: Desk) -> None:
    """
    The words of a letter are rendered anew to be read, and have to give the bytes that were frozen.

    Turns red if `rereading.words_of` renders without the link.
    """
    with desk.work() as uow:
        notice = uow.session.get_one(Notice, sent(desk))
        assert words_of(notice) is not None


def test_the_page_says_where_it_answers_and_how_it_is_stopped(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if whoever starts it looks at an empty terminal."""
    monkeypatch.setenv("MANDATE_PUBLIC_URL", PUBLIC)
    settings.cache_clear()
    answering: list[int] = []
    monkeypatch.setattr(public, "serve_here", lambda _app, port: answering.append(port))
    port = free_port()
    started = command("acknowledgements", "serve", "--port", port)
    assert started.out == f"Answering the links of {PUBLIC} at http://127.0.0.1:{port}. Press Ctrl-C to stop.\n"
    assert answering == [port]
