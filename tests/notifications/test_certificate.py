"""Certificates of service: what they say, that anybody can check them, and that no change to one goes unseen."""

from __future__ import annotations

import base64
import json
import random
import uuid
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import calendar, history, why
from core.errors import Conflict
from notifications import evidence_files, language, law_told, outbox, proof, quarantine, tasks
from notifications.audit import audit_notices
from notifications.certificates import annexes, issuing, pages, paragraphs, sealing, standing, vocabulary, words
from notifications.certificates.checking import Checked, check
from notifications.certificates.gathering import Setting
from notifications.certificates.issuing import Issued
from notifications.certificates.shape import MadeBy
from notifications.certificates.standing import SHOWN_BY
from notifications.journal import Journal
from notifications.lifecycle import BY_JOURNAL, Medium, State
from notifications.models import Evidence, EvidenceFile, Notice
from notifications.proof import RELAY, ReceiptKind, Sign
from notifications.reconciling import reconcile
from notifications.tasks import TaskKind
from tests.notifications.conftest import Desk
from tests.notifications.samples import recipient_for

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

LATEST = date(2026, 9, 14)
FREE = frozenset({"facts", "law"})
"""Where a notice or an entry of history may hold anything."""
SLIP = b"\xff\xd8\xff\xe0" + b"a photograph of a signed slip" * 20


def issue(desk: Desk, notice_id: uuid.UUID) -> Issued:
    """The certificate as it is issued at the desk's clock."""
    with desk.work() as uow:
        return issuing.issue(uow, notice_id, Setting())


def receive(desk: Desk, notice_id: uuid.UUID, kind: str, worth: str, document: bytes | None = None) -> None:
    """A receipt for the desk's day."""
    with desk.work() as uow:
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class=worth,
            kind=kind,
            received_on=uow.today,
            recorded_by="officer:1",
            document=document,
        )


def codes(checked: Checked) -> set[str]:
    """What was found."""
    return {finding.code for finding in checked.findings}


@pytest.fixture
def sent(desk: Desk) -> uuid.UUID:
    """A notice of ballot laid for the print house."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    desk.sweep()
    desk.now += timedelta(days=1)
    return notice_id


@pytest.fixture
def received(desk: Desk, sent: uuid.UUID) -> Issued:
    """The certificate of one that was handed over, with the photograph of its slip and a task that was done."""
    with desk.work() as uow:
        tasks.ask(uow, sent, TaskKind.HAND_OVER, "nothing shows yet that it was received", None)
    receive(desk, sent, "handed_over", "A", SLIP)
    return issue(desk, sent)


def test_a_receipt_is_said_with_its_day_its_proof_and_its_document(received: Issued) -> None:
    """Turns red if `standing._proved` leaves out the last day of receipt."""
    said = received.certificate.standing
    assert said.sentence == (
        "Received on Wednesday 2 September 2026, shown by the record of the person who handed it over (class A "
        "evidence). In time: it had to be received by Monday 14 September 2026."
    )
    assert (said.in_time, said.status, said.rung) == (True, "received", "hand_signed")
    assert base64.b64decode(received.certificate.documents[0].base64 or "") == SLIP
    assert check(received.file).findings == ()
    assert check(received.file).digest == received.digest


def test_what_was_laid_for_the_post_is_not_said_to_be_received(desk: Desk, sent: uuid.UUID) -> None:
    """Nor to be late before its day is over. Turns red if `standing._proofs` counts class C, or `_in_time` no day."""
    receive(desk, sent, "posted", "C")
    certificate = issue(desk, sent)
    assert certificate.certificate.standing.sentence.startswith("Not shown to have been received. It was handed to")
    assert certificate.certificate.standing.in_time is None
    desk.now += timedelta(days=12)
    assert issue(desk, sent).certificate.standing.in_time is None
    desk.now += timedelta(days=1)
    late = issue(desk, sent)
    assert late.certificate.standing.in_time is False
    for each in (certificate, late):
        assert check(each.file).findings == ()


def test_every_kind_of_evidence_has_its_words() -> None:
    """Turns red if a line of `standing.SHOWN_BY` goes."""
    assert set(SHOWN_BY) == {*ReceiptKind, *Sign}


def test_a_receipt_after_the_last_day_is_said_to_be_late(desk: Desk, sent: uuid.UUID) -> None:
    """Turns red if `standing._timeliness` does not look at the day."""
    desk.now += timedelta(days=20)
    receive(desk, sent, "signed_for", "A")
    told = issue(desk, sent).certificate.standing
    assert "Too late: it had to be received by Monday 14 September 2026." in told.sentence
    assert "No document of it was kept." in told.sentence
    assert told.in_time is False


def test_a_withdrawn_proof_leaves_service_in_doubt(desk: Desk, sent: uuid.UUID) -> None:
    """Turns red if `standing._proofs` counts what was withdrawn."""
    receive(desk, sent, "signed_for", "A")
    desk.now += timedelta(days=1)
    with desk.work() as uow:
        proof.revoke(uow, sent, reason="the signature was a neighbour's")
    certificate = issue(desk, sent)
    assert certificate.certificate.standing.sentence == (
        "Service in doubt: what spoke for receipt on Wednesday 2 September 2026, a signature for the post, was "
        "withdrawn on Thursday 3 September 2026: the signature was a neighbour's. Nothing else shows receipt."
    )
    assert check(certificate.file).findings == ()


def test_one_that_never_left_is_not_said_to_be_served(desk: Desk) -> None:
    """Turns red if `standing._not_proved` does not ask whether anything was released."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    certificate = issue(desk, notice_id)
    assert certificate.certificate.standing.sentence.startswith(
        "Not shown to have been received. It was released for sending, and no attempt is on record."
    )
    assert check(certificate.file).findings == ()


def test_what_was_served_instead_stands_in_it(desk: Desk) -> None:
    """Turns red if `gathering._copies` gives the notice alone."""
    notice_id = desk.queue("dispute_notified", medium=Medium.MAIL, to=recipient_for("employer"))
    desk.sweep()
    with desk.work() as uow:
        letter = outbox.also_by_letter(uow, notice_id)
        assert letter is not None
    certificate = issue(desk, notice_id).certificate
    assert [copy.medium for copy in certificate.copies] == [Medium.MAIL, Medium.LETTER]
    assert certificate.copies[1].instead_of == str(notice_id)
    assert check(issue(desk, notice_id).file).findings == ()


def test_a_print_houses_file_is_not_handed_on_whole(desk: Desk, sent: uuid.UUID) -> None:
    """Other letters' lines stay with the union. Turns red if `gathering._document` takes a CSV whole."""
    ours = desk.notice(sent).sha256
    file = f"sha256,name,posted_on,tracking_ref,status,received_on\n{ours},a.pdf,2026-09-01,T1,signed,2026-09-02\n"
    file += f"{'b' * 64},another.pdf,2026-09-01,T2,signed,2026-09-02\n"
    with desk.work() as uow:
        kept = evidence_files.keep_receipts(uow, file.encode())
        proof.record_receipt(
            uow,
            sent,
            evidence_class="A",
            kind="signed_for",
            received_on=uow.today,
            recorded_by="staff:1",
            sha256=kept,
        )
    issued = issue(desk, sent)
    [document] = issued.certificate.documents
    assert document.base64 is None
    assert [line.cells["tracking_ref"] for line in document.lines or ()] == ["T1"]
    assert b"another.pdf" not in issued.file
    assert check(issued.file).findings == ()


def test_a_members_notice_is_marked(desk: Desk) -> None:
    """Turns red if `gathering.gathered` calls nothing personal."""
    notice_id = desk.queue("claim_received", to=recipient_for("member"))
    issued = issue(desk, notice_id)
    assert issued.certificate.personal
    assert check(issued.file).findings == ()


def test_issuing_again_gives_the_same_bytes_and_records_nothing(desk: Desk, received: Issued, sent: uuid.UUID) -> None:
    """
    Though other things happened meanwhile. Turns red if the entries of issues are among those that a certificate shows,
    or if `issuing.issue` gives each the head of its own moment.
    """
    desk.queue("claim_received", to=recipient_for("member"))
    with desk.work() as uow:
        before = history.length(uow.session)
    again = issue(desk, sent)
    assert (again.file, again.pdf()) == (received.file, received.pdf())
    assert check(again.file).findings == ()
    with desk.work() as uow:
        assert history.length(uow.session) == before
        assert [each.digest for each in issuing.issues(uow, sent)] == [received.digest]


def test_what_is_new_about_a_notice_or_another_day_makes_another_certificate(
    desk: Desk, received: Issued, sent: uuid.UUID
) -> None:
    """Turns red if `issuing.issue` gives the last certificate without comparing it."""
    receive(desk, sent, "signed_for", "A")
    newer = issue(desk, sent)
    desk.queue("claim_received", to=recipient_for("member"))
    assert issue(desk, sent).file == newer.file
    desk.now += timedelta(days=1)
    later = issue(desk, sent)
    assert newer.certificate.history.head.seq < later.certificate.history.head.seq
    with desk.work() as uow:
        digests = [each.digest for each in issuing.issues(uow, sent)]
    assert digests == [received.digest, newer.digest, later.digest]
    assert all(check(each.file).findings == () for each in (newer, later))


@pytest.mark.engines("sqlite")
def test_the_pages_pass_and_are_looked_at_to_the_last_byte(received: Issued) -> None:
    """Turns red if `checking._pages` compares nothing, or `pages.pdf_of` asks for no PDF/UA-1, which Typst holds to."""
    laid_out = received.pdf()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in laid_out
    assert check(laid_out).findings == ()
    draw = random.Random(20261122)
    for place in [0, 7, len(laid_out) - 1, *(draw.randrange(len(laid_out)) for _ in range(8))]:
        altered = bytearray(laid_out)
        altered[place] ^= 1 << draw.randrange(8)
        assert codes(check(bytes(altered))), place
    assert codes(check(laid_out[:-30]))
    assert codes(check(laid_out + b"\n"))


@pytest.mark.engines("sqlite")
def test_any_byte_of_the_file_that_changes_is_seen(received: Issued) -> None:
    """
    A bit turned, a byte taken out, one put in, the end cut off, at random places and all through the first thousand.

    Turns red if `checking._seal` does not compare, or looks only at values and not at their spelling.
    """
    file, draw = received.file, random.Random(20261122)
    places = [*range(0, 1000, 17), *(draw.randrange(len(file)) for _ in range(60))]
    for place in places:
        turned = file[:place] + bytes([file[place] ^ (1 << draw.randrange(8))]) + file[place + 1 :]
        shorter, longer = file[:place] + file[place + 1 :], file[:place] + b" " + file[place:]
        for altered in (turned, shorter, longer, file[:place]):
            if altered != file:
                assert codes(check(altered)), (place, altered[place - 20 : place + 20])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every single value of a document stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path


def at(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """The document with one value changed."""
    altered = deepcopy(value)
    inner = altered
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = change(inner[path[-1]])
    return altered


def value_at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands there."""
    for step in path:
        value = value[step]
    return value


def other(value: Any) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return "something"


@pytest.mark.engines("sqlite")
def test_any_value_that_changes_breaks_the_seal(received: Issued) -> None:
    """Turns red if the seal leaves anything of the certificate out."""
    document = json.loads(received.file)
    for path in leaves(document):
        altered = json.dumps(at(document, path, other)).encode()
        assert codes(check(altered)) & {"seal_broken", "not_a_certificate", "unknown_seal"}, path


def sealed_again(certificate: Any) -> Checked:
    """The check of a certificate that somebody altered and then sealed as if it were ours."""
    return check(sealing.file_of(certificate))


@pytest.mark.engines("sqlite")
def test_a_forger_who_seals_anew_is_seen_by_what_does_not_fit(received: Issued) -> None:
    """
    Of the values that a forger would want to alter, each is held against something else in the file.

    Turns red for the check that is taken out.
    """
    certificate = json.loads(received.file)["certificate"]
    copy = ("copies", 0)
    forged: dict[str, tuple[tuple[Any, ...], Any]] = {
        "standing_differs": (("standing", "sentence"), "Received on Tuesday 1 September 2026."),
        "last_day_unfit": (("latest_receipt_on",), "2026-09-15"),
        "not_as_shown": ((*copy, "evidence", 0, "received_on"), "2026-09-01"),
        "evidence_overrated": ((*copy, "evidence", 0, "kind"), "posted"),
        "same_hand": ((*copy, "approved_by"), "staff:test"),
        "not_as_approved": ((*copy, "approved_by"), "officer:another"),
        "not_at_that_moment": ((*copy, "created_at"), "2026-08-01T11:00:00Z"),
        "out_of_order": ((*copy, "queued_at"), "2026-08-01T11:00:00Z"),
        "part_changed": ((*copy, "contents", 0, "base64"), "AAAA"),
        "not_as_sent": ((*copy, "attempts", 0, "outcome"), "perm"),
        "attempt_unfit": ((*copy, "epoch"), 2),
        "key_unfit": ((*copy, "message_id"), "<a@b>"),
        "document_changed": (("documents", 0, "base64"), "AAAA"),
        "document_missing": (("documents",), []),
        "entry_changed": (("history", "entries", 0, "actor"), "officer:2"),
        "entries_out_of_turn": (("history", "head", "seq"), 1),
        "personal_unfit": (("personal",), True),
        "copies_unfit": (("notice",), str(uuid.uuid4())),
        "kind_differs": (("kind", "enough"), None),
        "drawn_before": (("drawn_on",), "2026-09-01"),
        "wrong_shape": (("drawn_on",), "0001-01-01"),
    }
    for code, (path, value) in forged.items():
        found = codes(sealed_again(at(certificate, path, lambda _, value=value: value)))
        assert code in found, (code, found)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind", "statutory"), False),
        (("copies", 0, "recipient", "name"), "Another Council"),
        (("copies", 0, "recipient", "email"), "clerk@elsewhere.test"),
        (("copies", 0, "recipient", "postal"), ["1 Elsewhere"]),
        (("copies", 0, "language"), "cy"),
        (("copies", 0, "subject_line"), "Another subject"),
        (("copies", 0, "contents", 0, "content_type"), "text/plain"),
        (("copies", 0, "facts"), {}),
        (("copies", 0, "law"), {"ballots.notice_days": {"value": 14}}),
    ],
    ids=lambda each: each[-1] if isinstance(each, tuple) else "",
)
def test_what_goes_with_the_bytes_is_held_against_history(received: Issued, path: tuple[Any, ...], value: Any) -> None:
    """
    A notice that is not statutory may be approved by whoever drew it up, so that this too is bound.

    Turns red if `particulars` leaves one of them out, or `checking_history._made` does not compare them.
    """
    certificate = json.loads(received.file)["certificate"]
    checked = sealed_again(at(certificate, path, lambda _: value))
    assert "not_as_prepared" in codes(checked)
    assert not checked.holds


AFTER_A_CHANNEL = {
    State.ACCEPTED,
    State.EVIDENCED,
    State.FAILED_PERMANENT,
    State.REVOKED,
    State.RE_SERVED,
    State.CLOSED,
}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("state", sorted(set(State) - AFTER_A_CHANNEL))
def test_what_a_channel_took_does_not_wait(received: Issued, state: State) -> None:
    """Turns red if `checking_copies._waiting` leaves out a state of `UNDER_WAY` or `NOT_RELEASED`, or `CANCELLED`."""
    certificate = json.loads(received.file)["certificate"]
    assert "state_unfit" in codes(sealed_again(at(certificate, ("copies", 0, "state"), lambda _: state.value)))


def test_one_that_was_taken_back_and_had_gone_before_the_restore_holds(desk: Desk) -> None:
    """Turns red if `_waiting` counts what the journal told of a notice that was taken back since the restore."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    journal = Journal.beside(desk.database)
    facts = {"notice": str(notice_id), "epoch": 1, "message_id": desk.notice(notice_id).message_id}
    journal.write(desk.now, "sending", sha256="0" * 64, **facts)
    journal.write(desk.now, "accepted", **facts)
    with desk.work() as uow:
        outbox.cancel(uow, notice_id, "a newer one goes")
        reconcile(uow, quarantine.journal_of(uow))
    issued = issue(desk, notice_id)
    assert issued.certificate.copies[0].state is State.CANCELLED
    assert [each.channel for each in issued.certificate.copies[0].attempts] == ["journal"]
    assert check(issued.file).findings == ()


@pytest.mark.engines("sqlite")
def test_two_posts_of_staff_are_one_person(received: Issued) -> None:
    """Turns red if `checking_copies._people` compares the two by `==`: it has `two_people` for that."""
    certificate = json.loads(received.file)["certificate"]
    assert certificate["copies"][0]["created_by"] == "staff:test"
    another_post = at(certificate, ("copies", 0, "approved_by"), lambda _: "staff:dashboard")
    assert "same_hand" in codes(sealed_again(another_post))


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("hours", "channel", "unfit"),
    [(71, RELAY, True), (72, RELAY, False), (72, "folder", True), (72, BY_JOURNAL, True)],
)
def test_silence_shows_receipt_after_three_days(desk: Desk, hours: int, channel: str, unfit: bool) -> None:
    """
    Of what a relay took. Turns red if `checking_copies._was_quiet` forgets how long, counts from anything but the
    hand-over, or takes the silence of a folder, which gives nothing back.
    """
    notice_id = desk.queue("notice_of_ballot", medium=Medium.MAIL, latest_receipt_on=LATEST)
    desk.sweep(timedelta(hours=1))
    certificate = json.loads(issue(desk, notice_id).file)["certificate"]
    handed_over = datetime.fromisoformat(certificate["copies"][0]["attempts"][0]["finished_at"])
    silence = {
        "evidence_class": "B",
        "kind": "no_bounce",
        "received_on": handed_over.date().isoformat(),
        "recorded_at": (handed_over + timedelta(hours=hours)).isoformat(),
        "recorded_by": "flow:receipts",
        "attempt": 1,
        "document": None,
        "revoked_at": None,
        "revoked_because": None,
    }
    forged = at(certificate, ("copies", 0, "evidence"), lambda _: [silence])
    forged = at(forged, ("copies", 0, "attempts", 0, "channel"), lambda _: channel)
    assert ("evidence_unfit" in codes(sealed_again(forged))) is unfit


ANOTHER_VERSION = MadeBy(programme="mandate-union 99.0", typst="1.0", layout="0" * 64)


@pytest.mark.engines("sqlite")
def test_a_better_wording_in_a_later_version_is_no_fault(received: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    It is told in the words of whoever checks. Turns red if `checking._standing` compares sentences of two versions, or
    gives up comparing anything else of them.
    """
    laid_out = received.pdf()
    monkeypatch.setattr(standing, "SHOWN_BY", {**SHOWN_BY, "handed_over": "a signed record of whoever handed it over"})
    assert codes(check(received.file)) == {"standing_differs"}

    monkeypatch.setattr(pages, "made_by", lambda: ANOTHER_VERSION)
    checked = check(laid_out)
    assert codes(checked) == {"worded_otherwise", "pages_not_compared"}
    assert checked.holds
    assert "shown by a signed record of whoever handed it over" in checked.findings[0].sentence
    certificate = json.loads(received.file)["certificate"]
    for name, value in (
        ("sentence", "Received on Tuesday 1 September 2026, shown by the record of the person who handed it over."),
        ("sentence", "Handed over on Wednesday 2 September 2026."),
        ("received_on", "2026-09-01"),
        ("evidence_class", "B"),
        ("in_time", None),
        ("rung", "accepted"),
    ):
        forged = at(certificate, ("standing", name), lambda _, value=value: value)
        assert "standing_differs" in codes(sealed_again(forged)), name


@pytest.mark.engines("sqlite")
def test_another_versions_kinds_are_told_beside_ours(received: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `checking._kind` takes what a later version renamed for a forgery, or says nothing of it."""
    monkeypatch.setattr(pages, "made_by", lambda: ANOTHER_VERSION)
    certificate = json.loads(received.file)["certificate"]
    for name, value in (("label", "Notice of the ballot"), ("enough", None)):
        checked = sealed_again(at(certificate, ("kind", name), lambda _, value=value: value))
        assert codes(checked) == {"kind_differs"}
        assert checked.holds
        assert "Here: " in checked.findings[0].sentence


@pytest.mark.engines("sqlite")
def test_no_certificate_is_of_a_day_before_what_it_tells(desk: Desk, received: Issued, sent: uuid.UUID) -> None:
    """Turns red if `issuing.issue` does not compare its day with what is on record."""
    desk.now -= timedelta(days=1)
    with pytest.raises(Conflict, match="up to Wednesday 2 September 2026"):
        issue(desk, sent)


def test_the_layout_is_another_with_any_file_that_sets_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Turns red if `pages.SOURCES` loses one of them, such as `words.py`, or `pages.layout` reads only some."""
    wording = (words, vocabulary, annexes, paragraphs, law_told, standing, pages, calendar, why, language)
    modules = [Path(str(each.__file__)) for each in wording]
    assert {*modules, pages.LAYOUT, pages.LETTERHEAD} <= set(pages.SOURCES)
    before, altered = pages.layout(), tmp_path / "altered"
    for source in pages.SOURCES:
        altered.write_bytes(source.read_bytes() + b"\n")
        with monkeypatch.context() as one:
            one.setattr(pages, "SOURCES", [altered if each == source else each for each in pages.SOURCES])
            assert pages.layout() != before, source


@pytest.mark.engines("sqlite")
def test_what_a_restored_database_learned_of_is_held_against_history(desk: Desk) -> None:
    """
    Two sends by the journal, put off and accepted. Turns red if `checking_history._as_reconciled` asks only whether
    history has any taken in, or does not look at their numbers or at what they came to.
    """
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    journal = Journal.beside(desk.database)
    for epoch, outcome in enumerate(("temp", "accepted"), start=1):
        facts = {"notice": str(notice_id), "epoch": epoch, "message_id": desk.notice(notice_id).message_id}
        journal.write(desk.now, "sending", sha256="0" * 64, **facts)
        journal.write(desk.now, outcome, **facts)
    with desk.work() as uow:
        reconcile(uow, quarantine.journal_of(uow))
    file = issue(desk, notice_id).file
    assert check(file).findings == ()

    certificate, copy = json.loads(file)["certificate"], ("copies", 0)
    assert [each["channel"] for each in certificate["copies"][0]["attempts"]] == ["journal", "journal"]
    refused = at(certificate, (*copy, "attempts", 1, "outcome"), lambda _: "unknown")
    fewer = at(certificate, (*copy, "attempts"), lambda each: each[1:])
    later = at(at(certificate, (*copy, "attempts", 1, "epoch"), lambda _: 3), (*copy, "epoch"), lambda _: 3)
    for forged in (refused, fewer, later):
        assert "not_as_sent" in codes(sealed_again(forged))


@pytest.mark.engines("sqlite")
def test_sums_are_reckoned_again(desk: Desk) -> None:
    """Turns red if `checking_sums.sums` believes them, or takes "− 1 day" anywhere as leave to be a day out."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    certificate = json.loads(issue(desk, notice_id).file)["certificate"]
    reckoned = ("copies", 0, "facts", "reckoned")
    for arithmetic in (
        "Monday 21 September 2026 − 7 days = Tuesday 15 September 2026",
        "Tuesday 21 September 2026 − 7 days = Monday 14 September 2026",
        "Monday 30 February 2026 − 7 days = Monday 14 September 2026",
        "Tuesday 15 September 2026 + 12 months = Wednesday 15 September 2027; − 1 day = Monday 14 September 2026",
        "Monday 21 September 2026 − 7 days = Sunday 13 September 2026; Tuesday 15 September 2026 − 1 day = "
        "Monday 14 September 2026",
        "Saturday 14 March 2026 + 6 months (no agreement) − 1 day = Monday 14 September 2026",
        "the day before the first, Saturday 14 March 2026, + 6 months = Tuesday 15 September 2026, not "
        "Monday 14 September 2026",
    ):
        row = {"what": "it", "day": "2026-09-14", "rule": "r", "arithmetic": arithmetic, "source": "s"}
        assert "sum_wrong" in codes(sealed_again(at(certificate, reckoned, lambda _, row=row: [row])))
    for right in (
        "Monday 21 September 2026 − 7 days = Monday 14 September 2026",
        "Sunday 15 March 2026 + 6 months (no agreement) − 1 day = Monday 14 September 2026",
        "Monday 15 September 2025 + 12 months = Tuesday 15 September 2026; − 1 day = Monday 14 September 2026",
    ):
        row = {"what": "it", "day": "2026-09-14", "rule": "r", "arithmetic": right, "source": "s"}
        assert codes(sealed_again(at(certificate, reckoned, lambda _, row=row: [row]))) == {"not_as_prepared"}


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"certificate",
    "another JSON": b"[1, 2]",
    "a null": b"null",
    "Latin-1": '{"certificate": "é"}'.encode("latin-1"),
    "deep": b'{"certificate":' + b"[" * 100_000,
    "deep and whole": b'{"certificate": {"a": ' + b"[" * 500 + b"]" * 500 + b'}, "seal": {}}',
    "a number without end": b'{"certificate": {"a": ' + b"9" * 6000 + b'}, "seal": {}}',
    "no number": b'{"certificate": {"a": NaN}, "seal": {}}',
    "half a letter": b'{"certificate": {"a": "\\ud800"}, "seal": {"algorithm": "sha256", "digest": "x"}}',
    "a name twice": b'{"certificate": {}, "certificate": {}, "seal": {}}',
    "a seal of a list": b'{"certificate": {}, "seal": {"algorithm": [], "digest": {}}}',
    "a PDF of nothing": b"%PDF-1.7\n",
    "a PDF with a bomb": b"%PDF-1.7\n<</Length 9/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"
    b"/Params<</Size 1>>>>\nstream\nnot a zip",
    "a PDF with half a file": b"%PDF-1.7\n<</Length 6/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"
    b"/Params<</Size 1>>>>\nstream\n" + zlib.compress(b"{}" * 50)[:6],
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_made_to_break_its_reader_is_a_finding(content: bytes) -> None:
    """Turns red if `sealing.opened` lets an error of its tools through."""
    checked = check(content)
    assert codes(checked)
    assert not checked.holds


@pytest.mark.engines("sqlite")
def test_any_value_of_another_type_is_a_finding(received: Issued) -> None:
    """
    Every value in turn becomes something else under a fresh seal.

    Turns red if a check believes a type and fails by it, a field of `shape` takes any value, or `Part` takes any field.
    """
    certificate, draw = json.loads(received.file)["certificate"], random.Random(20261122)
    others = [None, [], {}, 10**30, -1, "", "\x00", "9999-12-31", [[]], {"a": [{}]}]
    for path in leaves(certificate):
        for value in draw.sample(others, 3):
            checked = sealed_again(at(certificate, path, lambda _, value=value: value))
            before = value_at(certificate, path)
            free = FREE & set(path) or value is None or (before is None and isinstance(value, str | int))
            if not free and type(value) is not type(before):
                assert "wrong_shape" in codes(checked), (path, value)
                assert not checked.holds
    more = at(certificate, ("union",), lambda union: {**union, "more": "x"})
    assert "wrong_shape" in codes(sealed_again(more))


def test_the_audit_looks_at_every_part_the_attempts_and_the_files(
    desk: Desk, received: Issued, sent: uuid.UUID
) -> None:
    """
    Turns red if `audit_notices` leaves out the html, the attachment, what goes with them, the attempts or the files of
    evidence.
    """
    mail = desk.queue("notice_of_ballot", medium=Medium.MAIL, latest_receipt_on=LATEST)
    desk.sweep()

    def found() -> list[str]:
        with desk.work() as uow:
            return [finding.code for finding in audit_notices(uow)]

    assert found() == []
    for name in ("html", "attachment"):
        with desk.work() as uow:
            kept = getattr(uow.session.get_one(Notice, mail), name)
            digest = getattr(uow.session.get_one(Notice, mail), f"{name}_sha256")
            setattr(uow.session.get_one(Notice, mail), name, None)
            setattr(uow.session.get_one(Notice, mail), f"{name}_sha256", None)
        assert found() == ["notice_changed"]
        with desk.work() as uow:
            setattr(uow.session.get_one(Notice, mail), name, kept)
            setattr(uow.session.get_one(Notice, mail), f"{name}_sha256", digest)
    for name, other_value in (("recipient_name", "Another Council"), ("facts", {}), ("law", {"x": {}})):
        with desk.work() as uow:
            kept = getattr(uow.session.get_one(Notice, mail), name)
            setattr(uow.session.get_one(Notice, mail), name, other_value)
        assert found() == ["notice_changed"]
        with desk.work() as uow:
            setattr(uow.session.get_one(Notice, mail), name, kept)
    with desk.work() as uow:
        uow.session.get_one(Notice, sent).attempts[0].outcome = "perm"  # type: ignore[assignment]
    assert found() == ["attempts_changed"]
    with desk.work() as uow:
        uow.session.get_one(Notice, sent).attempts[0].outcome = "accepted"  # type: ignore[assignment]
        shown = uow.session.query(Evidence.sha256).filter(Evidence.notice_id == sent).scalar()
        uow.session.get_one(EvidenceFile, shown).content += b" "
    assert found() == ["evidence_file_changed"]
