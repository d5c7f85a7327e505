"""Welsh where somebody supplied it, English where nobody did; and a supplied text is tried before anybody gets one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.errors import BadInput, ConfigurationError
from core.settings import settings
from notifications import messages, outbox, supplied
from notifications.language import LANGUAGES, language
from notifications.lifecycle import Medium
from notifications.messages import Message, message_kind, registry
from notifications.rendering import render, words_of_letter
from notifications.rereading import words_of
from notifications.specimen import recipient, specimens
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS, SAMPLES, page

pytestmark = pytest.mark.engines("sqlite")
TEXTS = Path(__file__).parent / "texts"
WELSH_EMPLOYER = replace(RECIPIENTS["employer"], language="cy")
OPENS_IN_WELSH = "Dydd Llun 21 Medi 2026"


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation's folder of texts, with the Welsh texts for tests."""
    folder = tmp_path / "texts"
    shutil.copytree(TEXTS, folder)
    monkeypatch.setenv("MANDATE_TEXTS_FOLDER", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


def welsh(sample: str) -> messages.MessageKind:
    """The kind of a sample."""
    return message_kind(sample)


def test_a_supplied_text_is_set_in_welsh_with_welsh_dates(texts: Path) -> None:
    """Turns red if `Page.context` writes dates in English, or the letter's language stays en-GB."""
    whole = replace(page("notice_of_ballot"), recipient=WELSH_EMPLOYER)
    mail, letter = render(whole, Medium.MAIL), render(whole, Medium.LETTER)
    assert (mail.language, letter.language) == ("cy", "cy")
    assert mail.subject_line == "TESTUN PRAWF: The North Trust (NT-2026-014)"
    assert OPENS_IN_WELSH in mail.body.decode()
    assert "September" not in mail.body.decode()
    assert OPENS_IN_WELSH in words_of_letter(whole)
    assert b"/Lang(cy-GB)" in letter.body.replace(b" ", b"")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in letter.body
    assert b'<html lang="cy">' in (mail.html or b"")


def test_the_sum_of_a_date_stays_english_and_says_so(texts: Path) -> None:
    """Turns red if `reckoning` leaves the letter's language: a screen reader would read English as Welsh."""
    said = render(replace(page("notice_of_ballot"), recipient=WELSH_EMPLOYER), Medium.LETTER).body
    assert b"/Lang(en" in said.replace(b" ", b"")


def test_where_none_is_supplied_english_goes(texts: Path) -> None:
    """Turns red if `texts_for` gives None or half a set: a notice would not go at all."""
    whole = replace(page("notice_of_action"), recipient=WELSH_EMPLOYER)
    plain = page("notice_of_action")
    assert render(whole, Medium.MAIL) == render(plain, Medium.MAIL)
    assert render(whole, Medium.LETTER).language == "en"


def test_texts_beside_the_english_ones_are_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `supplied` looks in the installation's folder alone."""
    copy = tmp_path / "templates"
    shutil.copytree(messages.TEMPLATES, copy)
    shutil.copytree(TEXTS / "cy" / "claim_paid", copy / "claim_paid" / "cy")
    monkeypatch.setattr(messages, "TEMPLATES", copy)
    monkeypatch.setattr("notifications.rendering.TEMPLATES", copy)
    reader = replace(RECIPIENTS["member"], language="cy")
    mail = render(replace(page("claim_paid"), recipient=reader), Medium.MAIL)
    assert mail.language == "cy"
    assert "Dydd Iau 10 Rhagfyr 2026" in mail.body.decode()


def test_we_ship_no_text_in_another_language() -> None:
    """Turns red if one lies beside the English texts: what the law says in Welsh is not ours to make up."""
    assert not [path for code in LANGUAGES if code != "en" for path in messages.TEMPLATES.glob(f"*/{code}")]


def test_an_outbox_freezes_the_language_of_the_words(desk: Desk, texts: Path) -> None:
    """Turns red if `_row` freezes the recipient's language in place of the text's."""
    ballot = desk.notice(desk.queue("notice_of_ballot", to=WELSH_EMPLOYER))
    action = desk.notice(desk.queue("notice_of_action", to=WELSH_EMPLOYER))
    assert (ballot.language, action.language) == ("cy", "en")
    with desk.work() as uow:
        again = outbox.get(uow, ballot.id)
        assert OPENS_IN_WELSH in (words_of(again) or "")
        letter = outbox.also_by_letter(uow, ballot.id)
        assert letter is not None
        assert letter.language == "cy"


@pytest.mark.parametrize(
    ("text", "written", "complaint"),
    [
        ("body.txt.j2", "{{ employr_name }}", "employr_name"),
        ("body.txt.j2", "TESTUN PRAWF {{ opening_day }} {{ reference }}", "do not show closing_day"),
        ("body.txt.j2", "{% if %}", "TemplateSyntaxError"),
        ("body.txt.j2", "{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("body.txt.j2", None, "found no such file"),
        ("subject.txt.j2", "two\nlines", "a subject is one line"),
        ("letter.typ", '#import "/_letterhead/letterhead.typ": *\n#facts.nobody', "nobody"),
        ("letter.typ", None, "found no such file"),
        ("letter.typ", '#read("/etc/passwd")', "letter.typ"),
        ("letter.typ", '#import "/_letterhead/letterhead.typ": *\n#show: letter.with()\n', "do not show"),
    ],
)
def test_a_supplied_text_that_cannot_be_used_is_named_and_nothing_goes(
    desk: Desk, texts: Path, text: str, written: str | None, complaint: str
) -> None:
    """Turns red if `outbox` does not try supplied texts, or one falls back to English silently."""
    spoiled = texts / "cy" / "notice_of_ballot" / text
    spoiled.unlink() if written is None else spoiled.write_text(written)
    with pytest.raises(ConfigurationError, match=complaint) as refused, desk.work() as uow:
        outbox.prepare(
            uow,
            Message("notice_of_ballot", SAMPLES["notice_of_ballot"]),
            WELSH_EMPLOYER,
            medium=Medium.MAIL,
            subject_ref="ballot:1",
        )
    assert "notice_of_ballot" in str(refused.value)
    assert desk.notice(desk.queue("notice_of_ballot")).language == "en"


def test_a_mended_text_is_tried_again(texts: Path) -> None:
    """Turns red if a failure is remembered whatever is done to the file."""
    body = texts / "cy" / "claim_paid" / "body.txt.j2"
    good = body.read_text()
    body.write_text("{{ nothing }}")
    with pytest.raises(ConfigurationError):
        supplied.require_usable(welsh("claim_paid"), "cy")
    body.write_text(good + "\n")
    supplied.require_usable(welsh("claim_paid"), "cy")
    assert {each.kind.name for each in supplied.all_supplied()} == {"claim_paid", "notice_of_ballot"}


@pytest.mark.parametrize("kind", sorted(registry()))
def test_specimens_fit_their_kind_and_its_english_text(kind: str) -> None:
    """Turns red if a specimen breaks the rules of its kind: then a good Welsh text would be refused for it."""
    found = message_kind(kind)
    made = list(specimens(found))
    assert made
    for facts in made:
        assert found.check(facts) == facts
    facts = made[0]
    whole = replace(page("claim_paid"), kind=found, facts=facts, recipient=recipient(found, "en", facts))
    assert render(whole, Medium.MAIL).body


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_day_of_two_years_has_its_name(code: str) -> None:
    """Turns red if a table of days or months loses an entry or begins elsewhere."""
    tongue = language(code)
    first = date(2026, 1, 1)
    said = [tongue.date(first + timedelta(days=number)) for number in range(730)]
    assert len(set(said)) == 730
    assert len({each.split()[-2] for each in said}) == 12
    assert (len(tongue.days), len(tongue.months)) == (7, 12)
    assert tongue.words.keys() == language("en").words.keys()


def test_days_as_they_are_written() -> None:
    """Turns red if a table is shifted by one."""
    assert language("en").date(date(2027, 2, 28)) == "Sunday 28 February 2027"
    assert language("cy").date(date(2027, 2, 28)) == "Dydd Sul 28 Chwefror 2027"
    assert language("cy").date(date(2026, 8, 1)) == "Dydd Sadwrn 1 Awst 2026"
    with pytest.raises(BadInput, match="wanted en or cy"):
        language("de")
