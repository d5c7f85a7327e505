"""FM-24: a variable that is missing, and a letter that speaks of another employer than it goes to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput
from core.settings import settings
from notifications import listing, messages, outbox, rendering, showing
from notifications.language import ENGLISH, language
from notifications.lifecycle import Medium
from notifications.messages import Message, message_kind, registry
from notifications.recipients import Recipient
from notifications.rendering import Page, render, spoken, words_of_html, words_of_letter
from notifications.showing import Names, RenderingError
from notifications.specimen import recipient, specimens
from notifications.texts import BODY, SUBJECT
from tests.notifications.conftest import Desk
from tests.notifications.samples import DATED, RECIPIENTS, SAMPLES, kind_of, page

EMPLOYERS = 5_000
LETTERS = 40
"""A letter takes fifty times as long as a mail; a full run lays them all."""
EMPLOYER_SAMPLES = [name for name in SAMPLES if message_kind(kind_of(name)).audience == "employer"]
TOKEN = re.compile(r"[TS]\d{4}X")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates that a test may spoil."""
    copy = tmp_path / "templates"
    shutil.copytree(messages.TEMPLATES, copy)
    monkeypatch.setattr(messages, "TEMPLATES", copy)
    monkeypatch.setattr(rendering, "TEMPLATES", copy)
    return copy


def own(number: int) -> dict[str, str]:
    """The names of one employer, and no other's."""
    return {"employer_name": f"Trust T{number:04d}X", "workplace_name": f"School S{number:04d}X"}


def page_of(number: int) -> Page:
    """A letter to that employer about its own school."""
    names = own(number)
    to = Recipient(f"employer:{number}", names["employer_name"], "clerk@trust.test", ("1 Street", "Oldtown"))
    return replace(page("dispute_notified", **names), recipient=to)


@pytest.mark.parametrize("kind", sorted(registry()))
def test_fm_24_each_variable_of_each_kind_that_is_dropped_is_missed(
    kind: str, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `undefined=StrictUndefined` is left out of `rendering._environment`.

    Every name that a text of the kind uses is taken from what templates see, one after the other; the text that uses it
    is refused each time.
    """
    found = message_kind(kind)
    used = {text: set(re.findall(r"\{[{%][^}]*\}", (templates / kind / text).read_text())) for text in (SUBJECT, BODY)}
    facts = next(specimens(found))
    whole = Page(found, facts, {}, recipient(found, ENGLISH, facts), DATED)
    names = [name for name in whole.context() if re.search(rf"\b{name}\b", " ".join(map(str, used[SUBJECT])))]
    assert names, "a subject says whom or what it is about"
    seen = Page.context
    for dropped in names:
        monkeypatch.setattr(
            Page, "context", lambda self, gone=dropped: {n: v for n, v in seen(self).items() if n != gone}
        )
        with pytest.raises(RenderingError, match=f"'{dropped}' is undefined"):
            render(whole, Medium.MAIL)


@pytest.mark.parametrize("kind", sorted({kind_of(name) for name in SAMPLES if message_kind(kind_of(name)).has_letter}))
def test_fm_24_each_variable_of_each_letter_that_is_dropped_is_missed(kind: str) -> None:
    """Turns red if letters read facts by `facts.at(name, default: none)`."""
    pages = [page(sample) for sample in SAMPLES if kind_of(sample) == kind]
    source = (pages[0].kind.folder / "letter.typ").read_text()
    for dropped in sorted(set(re.findall(r"facts\.([a-z_]+)", source)) & pages[0].context().keys()):
        missed = (_refuses(each, {n: v for n, v in each.context().items() if n != dropped}) for each in pages)
        assert any(missed), f"{kind}/letter.typ does not miss {dropped}"


def _refuses(whole: Page, shown: dict[str, Any]) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "context", lambda _self: shown)
        try:
            rendering._compile(whole, "title", "html")
        except RenderingError:
            return True
    return False


def test_fm_24_a_fact_that_the_caller_leaves_out_is_named() -> None:
    """Turns red if `facts.checked` gives None for a fact that is missing."""
    for name in SAMPLES["notice_of_action"]:
        facts = {key: value for key, value in SAMPLES["notice_of_action"].items() if key != name}
        with pytest.raises(BadInput, match=rf"notice_of_action\.{name}: found 'nothing'"):
            message_kind("notice_of_action").check(facts)


@pytest.mark.parametrize("sample", SAMPLES)
def test_fm_24_words_show_everything_that_they_must(sample: str) -> None:
    """Turns red if a name is taken out of `must_show` in a message.yaml and out of its text."""
    whole = page(sample)
    tongue = language(ENGLISH)
    by_name = {fact.name: fact for fact in whole.kind.facts}
    mail = " ".join(render(whole, Medium.MAIL).body.decode().split())
    for name in whole.kind.to_show(whole.facts):
        value = spoken(by_name[name], whole.facts[name], tongue)
        for each in value if isinstance(value, list) else [value]:
            said = f"{each:,}" if isinstance(each, int) else " ".join(str(each).split())
            assert said in mail + render(whole, Medium.MAIL).subject_line


@pytest.mark.parametrize(
    ("sample", "fact", "written"),
    [
        ("dispute_notified", "employer_name", "#facts.employer_name"),
        ("notice_of_ballot", "opening_day", "*#facts.opening_day*"),
        ("notice_of_ballot", "total", "*#num(facts.total)*"),
        ("notice_of_action", "dates", "#named-lines(part.dates.map(strong))"),
        ("notice_of_action", "mandate_last_day", "#facts.mandate_last_day"),
        ("strike_call#many", "days", "#named-lines(facts.days.map(strong))"),
    ],
)
def test_fm_24_a_letter_that_leaves_out_what_it_must_show_is_refused(
    sample: str, fact: str, written: str, templates: Path
) -> None:
    """Turns red if `showing.require_shown` returns at once, or forgets lists of dates."""
    letter = templates / kind_of(sample) / "letter.typ"
    assert written in letter.read_text()
    letter.write_text(letter.read_text().replace(written, "[left out]"))
    unreckoned: dict[str, Any] = {"reckoned": []} if "reckoned" in SAMPLES[sample] else {}
    spoiled = page(sample, **unreckoned)

    with pytest.raises(RenderingError, match=f"do not show {fact}"):
        render(spoiled, Medium.LETTER)


@pytest.mark.parametrize("total", [1, 2, 6, 9, 14, 20, 22, 26, 202, 2026])
def test_fm_24_a_total_is_not_shown_by_the_digits_of_something_else(total: int, templates: Path) -> None:
    """
    A letter is full of dates, references and sections. Turns red if `require_shown` looks for the digits anywhere, in
    the words with their dates, or as a part of another number.
    """
    letter = templates / "notice_of_ballot" / "letter.typ"
    whole = page("notice_of_ballot", total=total)
    assert render(whole, Medium.LETTER)
    letter.write_text(letter.read_text().replace("*#num(facts.total)*", "[left out]"))

    with pytest.raises(RenderingError, match="do not show total"):
        render(page("notice_of_ballot", total=total), Medium.LETTER)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("26 members are called", True),
        ("called are 26, and no more", True),
        ("called are (26).", True),
        ("by Monday 26 October 2026", False),
        ("on 26 October", False),
        ("1,126 or 126 or 26,000 or 26.5", False),
        ("at 14:26, under s. 226A(26) and s. 26A", False),
        ("£26 for case 7/26-1", False),
    ],
)
def test_a_number_is_shown_by_itself(words: str, shown: bool) -> None:
    """Turns red if any of the looks behind or ahead of `showing._as_number` goes."""
    try:
        showing.require_shown("letter", {"total": 26}, words, language(ENGLISH), rendering.number)
    except RenderingError:
        assert not shown
    else:
        assert shown


def test_fm_24_a_template_that_asks_for_an_unknown_fact_is_refused(templates: Path) -> None:
    """Turns red if `undefined=StrictUndefined` is left out of `rendering._environment`."""
    with (templates / "claim_decided" / "body.txt.j2").open("a") as body:
        body.write("{{ unknown_fact }}")
    letter = templates / "dispute_notified" / "letter.typ"
    letter.write_text(letter.read_text() + "#facts.unknown_fact")

    with pytest.raises(RenderingError, match="unknown_fact"):
        render(page("claim_decided"), Medium.MAIL)
    with pytest.raises(RenderingError, match="unknown_fact"):
        render(page("dispute_notified"), Medium.LETTER)


def test_fm_24_no_mail_of_five_thousand_holds_another_employers_token() -> None:
    """
    Turns red if `Page.context` keeps the first context for every page (`lru_cache`), or `_text` the first text.

    Five thousand employers, each with tokens of its own, in text and layout.
    """
    for number in range(EMPLOYERS):
        whole = page_of(number)
        line, body = rendering._subject(whole), rendering._text(whole, BODY)
        laid = rendering._laid_out(whole, line, body).decode()
        assert set(TOKEN.findall(f"{line} {body} {laid}")) == {f"T{number:04d}X", f"S{number:04d}X"}


def _every(numbers: range) -> Iterator[tuple[int, str]]:
    for number in numbers:
        yield number, words_of_letter(page_of(number))


def test_fm_24_no_letter_holds_another_employers_token() -> None:
    """Turns red if `rendering._compile` gives every letter the data of the first."""
    for number, said in _every(range(LETTERS)):
        assert set(TOKEN.findall(said)) == {f"T{number:04d}X", f"S{number:04d}X"}


@pytest.mark.full
def test_fm_24_no_letter_of_five_thousand_holds_another_employers_token() -> None:
    """Turns red if `rendering._compile` gives every letter the data of the first."""
    for number, said in _every(range(EMPLOYERS)):
        assert set(TOKEN.findall(said)) == {f"T{number:04d}X", f"S{number:04d}X"}


def test_fm_24_a_letter_about_another_employer_than_it_goes_to_is_refused() -> None:
    """Turns red if `rendering._require_addressee` returns at once."""
    with pytest.raises(RenderingError, match="about another employer than employer:1"):
        render(page("dispute_notified", employer_name="The South Trust"), Medium.MAIL)


@pytest.mark.parametrize("medium", [Medium.MAIL, Medium.LETTER])
def test_fm_24_words_that_name_another_employer_of_the_batch_are_refused(medium: Medium) -> None:
    """Turns red if `_require_words` does not ask `others`, or the letter is not looked at."""
    others = Names(["The South Trust", "Borsetshire County Council"])
    leaky = page("notice_of_action", explanation="Counted from the register, as for the south trust, on 1 September.")

    with pytest.raises(RenderingError, match="the words for employer:1 name another employer") as refused:
        render(leaky, medium, others)
    assert "South" not in str(refused.value)
    assert render(page("notice_of_action"), medium, others)


def test_fm_24_the_outbox_freezes_nothing_that_names_another(desk: Desk) -> None:
    """Turns red if `outbox.prepare` does not hand `others` on."""
    facts = {**SAMPLES["dispute_notified"], "matters": ["what The South Trust did"]}
    with desk.work() as uow, pytest.raises(RenderingError):
        outbox.prepare(
            uow,
            Message("dispute_notified", facts),
            RECIPIENTS["employer"],
            medium=Medium.MAIL,
            subject_ref="dispute:1",
            others=Names(["The South Trust"]),
        )
    with desk.work() as uow:
        assert not listing.about(uow, "dispute:1")


@pytest.mark.parametrize(
    ("name", "text", "mine", "found"),
    [
        ("Hill Trust", "the Hill Trust employs", (), True),
        ("Hill Trust", "the HILL\n  TRUST, employs", (), True),
        ("Hill Trust", "the Oak Hill Trust employs", ("Oak Hill Trust",), False),
        ("Hill Trust", "Oak Hill Trust and Hill Trust", ("Oak Hill Trust",), True),
        ("Hill Trust", "Hill Trusts", (), False),
        ("St Mary's School", "St Mary's School, Oldtown", ("St Mary's School",), False),
        ("St Mary's School", "St Mary’s School", (), False),
        ("A", "a school", (), False),
        ("Dŵr & Bryn", "gan Dŵr & Bryn", (), True),
    ],
)
def test_names_are_compared_word_for_word(name: str, text: str, mine: tuple[str, ...], found: bool) -> None:
    """Turns red if `in` on the text takes the place of words, or a name of one's own hides nothing or everything."""
    assert (Names([name]).in_text(text, mine) is not None) is found


def test_a_workplace_of_ones_own_may_bear_anothers_name() -> None:
    """A school that employs may be a workplace of somebody else. Turns red if `own_names` leaves out rows."""
    places = [{"name": "Dale Primary School", "urn": 900002}]
    shown = page("notice_of_ballot#full", workplaces=places, by_workplace={"900002": 1_204})

    assert render(shown, Medium.MAIL, Names(["Dale Primary School"]))


def test_the_unions_own_name_is_nobody_elses() -> None:
    """Turns red if the union's name is not among a notice's own."""
    assert render(page("dispute_notified"), Medium.MAIL, Names([settings().union_name]))


def test_words_of_html_are_those_of_its_body() -> None:
    """Turns red if the head's words count, or blocks run together."""
    assert words_of_html("<head><title>no</title></head><body><p>one</p><p>two&amp;</p></body>") == "one two&"
