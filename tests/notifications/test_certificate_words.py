"""What a certificate says on its pages: in words that a judge reads, never as the programme spells its own values."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from notifications import law_told, outbox, proof
from notifications.certificates import issuing, sealing
from notifications.certificates.annexes import annexes
from notifications.certificates.checking import check
from notifications.certificates.gathering import Setting
from notifications.certificates.issuing import Issued
from notifications.certificates.words import page_of
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.rendering import sha256
from tests.notifications.conftest import Desk
from tests.notifications.samples import SAMPLES, recipient_for

pytestmark = pytest.mark.engines("sqlite")

LATEST = date(2026, 9, 14)
NEW = {
    "value": "('opening_day', 'total')",
    "from": "2026-02-18",
    "citation": "Employment Rights Act 2025, s. 70",
    "label": "What a notice of ballot states",
    "words": "the opening day of the ballot; the total number of employees concerned",
    "last_checked": "2026-11-21",
}
OLD = {name: NEW[name] for name in ("value", "from", "citation")}
SPELLED = re.compile(r"\b[a-z]+_[a-z_]+\b|\('|\bNone\b|\bTrue\b|\bnotifications:")
"""How the programme spells a name, a list or nothing."""


def made(desk: Desk, medium: Medium, law: dict[str, Any]) -> uuid.UUID:
    """A notice of ballot that was sent under that law."""
    with desk.work() as uow:
        message = Message("notice_of_ballot", SAMPLES["notice_of_ballot"], law)
        to = recipient_for("employer")
        notice = outbox.prepare(uow, message, to, medium=medium, subject_ref="ballot:1", latest_receipt_on=LATEST)
        outbox.approve(uow, notice.id, "officer:approver")
        outbox.queue(uow, notice.id)
    desk.sweep()
    desk.now += timedelta(days=1)
    return notice.id


def issued(desk: Desk, notice_id: uuid.UUID) -> Issued:
    """Its certificate."""
    with desk.work() as uow:
        return issuing.issue(uow, notice_id, Setting())


def received(desk: Desk, notice_id: uuid.UUID, kind: str) -> None:
    """A receipt of class A for the desk's day."""
    with desk.work() as uow:
        day = uow.today
        proof.record_receipt(uow, notice_id, evidence_class="A", kind=kind, received_on=day, recorded_by="officer:1")


def said(page: Any) -> Iterator[str]:
    """Every value on the pages; the words of what was sent are nobody's but the notice's."""
    if isinstance(page, dict):
        for name, value in page.items():
            if name not in {"status", "words", "text", "file"}:
                yield from said(value)
    elif isinstance(page, list):
        for value in page:
            yield from said(value)
    elif isinstance(page, str):
        yield page


@pytest.mark.parametrize("law", [NEW, OLD], ids=["as frozen now", "as frozen before"])
@pytest.mark.parametrize("medium", [Medium.MAIL, Medium.LETTER])
def test_nothing_on_the_pages_is_spelled_as_the_programme_spells_it(
    desk: Desk, law: dict[str, Any], medium: Medium
) -> None:
    """Turns red if `law_told.told` gives a name or a list as stored, or `words._entry` an action as it is named."""
    notice_id = made(desk, medium, {"ballots.notice_of_ballot_contents": law})
    received(desk, notice_id, "signed_for")
    certificate = issued(desk, notice_id).certificate
    page = page_of(certificate, "0" * 64)
    assert [each for each in said(page) if SPELLED.search(each)] == []
    assert {row[2] for row in page["attempts"]} <= {"a mail server", "the folder of the print house"}


def test_each_value_of_the_law_has_its_name_its_words_its_section_and_its_days() -> None:
    """Turns red if a column of the table goes, or a value frozen before has no words of its own."""
    [now], [before] = law_told.told({"ballots.notice_of_ballot_contents": NEW}), law_told.told({"a.b_c": OLD})
    assert now == law_told.LawTold(
        what="What a notice of ballot states",
        value="the opening day of the ballot; the total number of employees concerned",
        source="Employment Rights Act 2025, s. 70",
        since="Wednesday 18 February 2026",
        read_on="Saturday 21 November 2026",
    )
    assert (before.what, before.value, before.read_on) == ("B c", "opening day; total", "–")


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"value": "None"}, "none: the law of that day asked for nothing"),
        ({"value": "6"}, "6"),
        ({"value": "(('x',"}, "(('x',"),
        ("7", "7"),
        (None, "none: the law of that day asked for nothing"),
    ],
)
def test_any_law_that_a_file_may_hold_is_told(stored: Any, words: str) -> None:
    """Turns red if a certificate whose law is of another shape breaks its reader."""
    assert law_told.told({"x": stored})[0].value == words


def test_a_paragraph_says_of_each_copy_whether_it_is_proved(desk: Desk) -> None:
    """Turns red if `paragraphs` speaks of the paper as a whole, or calls served what nothing shows."""
    notice_id = made(desk, Medium.MAIL, {})
    with desk.work() as uow:
        letter = outbox.also_by_letter(uow, notice_id)
        assert letter is not None
        letter_id = letter.id
    desk.sweep()
    received(desk, letter_id, "handed_over")
    post, mail = page_of(issued(desk, notice_id).certificate, "0" * 64)["shows"]
    name = recipient_for("employer").name
    assert mail.startswith(f"Not proved to have reached {name} by email: Not shown to have been received.")
    assert post == (
        f"Served on {name}: received on Wednesday 2 September 2026, proved by the record of the person who handed it "
        "over (class A, the strongest: a person or a courier signed or answered). The copy that was served went by "
        "letter. No document of it was kept."
    )


def test_the_annexes_hold_the_words_of_a_mail_and_the_digest_of_a_letter(desk: Desk) -> None:
    """Turns red if `annexes` takes the words from anything but the frozen bytes, or leaves a letter out."""
    notice_id = made(desk, Medium.MAIL, {})
    certificate = issued(desk, notice_id).certificate
    row = desk.notice(notice_id)
    text, letter = annexes(certificate)
    assert (text.text, text.sha256) == (row.body.decode(), sha256(row.body))
    assert row.attachment is not None
    assert (letter.text, letter.sha256, letter.file) == (None, sha256(row.attachment), "1-letter.pdf")


def test_the_pages_still_pass_and_hold(desk: Desk) -> None:
    """Turns red if the layout does not set what `words.page_of` gives, or another certificate's pages hold."""
    notice_id = made(desk, Medium.MAIL, {"ballots.notice_of_ballot_contents": NEW})
    received(desk, notice_id, "acknowledged")
    certificate = issued(desk, notice_id)
    assert check(certificate.pdf()).findings == ()
    forged = json.loads(certificate.file)["certificate"]
    forged["copies"][0]["law"]["ballots.notice_of_ballot_contents"]["words"] = "nothing"
    assert "not_as_prepared" in {each.code for each in check(sealing.file_of(forged)).findings}
