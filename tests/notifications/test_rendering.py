"""Rendering: what the law wants printed and nothing it does not, the same bytes twice, facts that stay text."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.settings import settings
from core.why import LABELS
from notifications import rendering
from notifications.language import ENGLISH, language
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES, message_kind
from notifications.rendering import number, render, words_of_letter
from notifications.showing import RenderingError
from tests.notifications.samples import EXPLANATION, SAMPLES, WARNING, kind_of, page


def words(sample: str, **changes: Any) -> str:
    """The words of a sample's letter."""
    return words_of_letter(page(sample, **changes))


def collapsed(text: str) -> str:
    """White space collapsed."""
    return " ".join(text.split())


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("medium", Medium)
def test_the_same_facts_give_the_same_bytes(sample: str, medium: Medium) -> None:
    """
    So that a digest means something.
    """
    first = render(page(sample), medium)
    rendering._compiled.cache_clear()
    assert render(page(sample), medium) == first


def test_a_notice_of_ballot_with_lists_and_total_prints_nothing_more() -> None:
    """
    From 18 February 2026: lists and one total; no figure by category or workplace, no explanation (s. 226A as amended).
    """
    said = words("notice_of_ballot")

    assert "The total number of employees concerned is 1,204." in said
    assert "Teachers Teaching assistants and other support staff" in said
    assert "Hill School, Hill Lane, Oldtown, OT2 1AA (URN 900001) Dale Primary School (URN 900002)" in said
    for figure in ("1,101", "103", "1,007", "197"):
        assert not re.search(rf"(?<![\d,]){figure}(?![\d,])", said)
    assert "register of members" not in said
    assert "arrived at" not in said


def test_a_notice_of_ballot_with_full_figures_prints_them_all() -> None:
    """
    Before 18 February 2026: total, each category, each workplace and how the figures were arrived at.
    """
    said = words("notice_of_ballot#full")

    assert "Teachers 1,101 Teaching assistants and other support staff 103" in said
    assert "(URN 900001) 1,007 Dale Primary School (URN 900002) 197" in said
    assert "1,204" in said
    assert collapsed(EXPLANATION) in said


def test_a_notice_of_ballot_says_what_it_is_and_when_the_ballot_opens() -> None:
    """
    Intention, opening day as reasonably believed, and the section.
    """
    said = words("notice_of_ballot")

    assert "notice under section 226A" in said
    assert "intends to hold a ballot" in said
    assert "The union reasonably believes that the opening day of the ballot will be Monday 21 September 2026." in said


def test_a_notice_of_action_keeps_workplaces_and_explanation_but_not_categories() -> None:
    """
    From 18 February 2026: total, number at each workplace, explanation; no number by category (s. 234A as amended).
    """
    said = words("notice_of_action")

    assert "notice under section 234A" in said
    assert "(URN 900001) 1,007 Dale Primary School (URN 900002) 197" in said
    assert collapsed(EXPLANATION) in said
    assert "discontinuous. It is intended to take place on each of these days:" in said
    assert "Tuesday 3 November 2026 Thursday 5 November 2026" in said
    assert not re.search(r"(?<![\d,])(1,101|103)(?![\d,])", said)


def test_a_notice_of_continuous_action_short_of_a_strike() -> None:
    """
    The first day, and what members will be instructed to do.
    """
    said = words("notice_of_action#asos")

    assert "continuous. It is intended to begin, for any of the employees concerned, on Monday 2 November 2026." in said
    assert "will not hand in weekly plans" in said
    assert "discontinuous" not in said


def test_continuous_and_discontinuous_action_in_one_letter_stand_clearly_apart() -> None:
    """
    Turns red if the days of one kind stand in the part of the other, or the letter does not say that each part is by
    itself (Milford Haven v Unite [2010] EWCA Civ 400).
    """
    said = words("notice_of_action#both")
    mail = collapsed(render(page("notice_of_action#both"), Medium.MAIL).body.decode())

    first, second = said.split("Part 2:", 1)
    assert "Part 1: strike action, discontinuous" in first
    assert "Thursday 5 November 2026" in first
    assert "Monday 2 November 2026" not in first
    assert second.lstrip().startswith("industrial action short of a strike, continuous")
    assert "on Monday 2 November 2026" in second
    assert "will not hand in weekly plans" in second
    assert "Notice is given of each separately." in said
    one, two = mail.split("Second, apart from the first: industrial action short of a strike.", 1)
    assert "Tuesday 3 November 2026" in one
    assert "continuous and to begin on Monday 2 November 2026" in two
    assert "discontinuous" not in two
    assert "Part 1" not in words("notice_of_action")


def test_an_old_notice_of_action_has_figures_by_category() -> None:
    """
    Received before 18 February 2026, or kept under the old law by an earlier notice.
    """
    assert "Teachers 1,101 Teaching assistants and other support staff 103" in words("notice_of_action#full")


def test_a_voting_paper_bears_the_statement_word_for_word() -> None:
    """
    Nothing inside it, and nothing of the summaries where the law does not want them.
    """
    said = words("sample_voting_paper")

    assert WARNING in said
    assert "SPECIMEN" in said
    assert "Authorised to call action General Secretary" in said
    assert "Independent scrutineer Example Election Services" in said
    assert "To arrive by Monday 19 October 2026" in said
    assert said.count("Are you prepared") == 2
    assert "What the dispute is about" not in said


def test_an_old_voting_paper_bears_the_three_summaries() -> None:
    """
    For a ballot opened, or a sample supplied, before 18 February 2026.
    """
    said = words("sample_voting_paper#summaries")

    for summary in ("The dispute is about", "not handing in weekly lesson plans", "on dates to be announced in March"):
        assert summary in said


def test_a_small_ballot_names_no_scrutineer() -> None:
    """
    Where the law exempts it, the line is gone rather than empty.
    """
    assert "scrutineer" not in words("sample_voting_paper", scrutineer=None)


@pytest.mark.parametrize("who", ["employer", "members"])
def test_a_result_tells_every_figure(who: str) -> None:
    """
    Entitled, cast, Yes, No, spoiled, and whether half voted; the 40 per cent only where it is wanted (s. 231).
    """
    body = render(page(f"ballot_result_{who}"), Medium.MAIL).body.decode()

    for figure in ("1,204", "811", "602", "205", "702", "106", ": 4", ": 3"):
        assert figure in body
    assert "At least half of those entitled to vote did vote." in body
    assert "40 per cent" not in body
    silent = render(page(f"ballot_result_{who}", entitled=None, turnout_statement=None), Medium.MAIL).body.decode()
    assert "ntitled" not in silent.replace("Untitled", "")


def test_the_employers_letter_of_the_result_has_the_same_figures() -> None:
    """
    Section 231A wants the same information.
    """
    said = words("ballot_result_employer")

    assert "Strike action 602 205 4" in said
    assert "Action short of a strike 702 106 3" in said


@pytest.mark.parametrize("sample", [name for name in SAMPLES if message_kind(kind_of(name)).audience != "member"])
def test_no_letter_to_others_speaks_of_a_member_by_name(sample: str) -> None:
    """
    Notices carry numbers.
    """
    assert "Kim Sample" not in render(page(sample), Medium.MAIL).body.decode() + words(sample)


@pytest.mark.parametrize(
    "canary", ["*bold* #panic() $x$ @ref <label> `raw`", "{{ facts }} {% raw %}", "Ŵyn & <b>Ó</b>"]
)
def test_markup_in_facts_stays_text(canary: str) -> None:
    """
    Neither template language reads facts as its own.
    """
    said = words("dispute_notified", matters=[canary])
    mail = render(page("dispute_notified", matters=[canary]), Medium.MAIL)

    assert canary in said
    assert canary in mail.body.decode()


def test_a_letter_reads_nothing_outside_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The compiler's root is the templates' folder.
    """
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    monkeypatch.setattr("notifications.messages.TEMPLATES", copy)
    monkeypatch.setattr(rendering, "TEMPLATES", copy)
    letter = copy / "dispute_notified" / "letter.typ"
    letter.write_text(letter.read_text() + '#read("/../../../../../../etc/passwd")')

    with pytest.raises(RenderingError):
        render(page("dispute_notified"), Medium.LETTER)


def test_a_letter_is_tagged_and_dated_for_ever() -> None:
    """
    PDF/UA-1, a title, the language, and the day of the letter as its time.
    """
    letter = render(page("notice_of_ballot"), Medium.LETTER).body

    assert letter.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in letter
    assert b"20260901" in letter
    assert b"/StructTreeRoot" in letter
    assert b"en-GB" in letter


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF itself with poppler's pdftotext")
def test_the_words_are_those_of_the_pdf(tmp_path: Path) -> None:
    """
    What the linter reads is what the employer reads, with the letterhead, the address and the foot besides.
    """
    path = tmp_path / "letter.pdf"
    path.write_bytes(render(page("notice_of_ballot"), Medium.LETTER).body)
    read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout

    for said in (
        "Trust House",
        "OT1 4AB",
        settings().union_name,
        "Page 1 of 2",
        "Tuesday 1 September 2026",
        "Our reference",
    ):
        assert said in read
    assert set(collapsed(words("notice_of_ballot")).split()) - {"•"} <= set(collapsed(read).replace("-\n", "").split())


RECKONED = ["notice_of_ballot", "sample_voting_paper", "notice_of_action", "scrutineer_instruction"]


@pytest.mark.parametrize("sample", RECKONED)
@pytest.mark.parametrize("medium", Medium)
def test_a_letter_of_statutory_dates_says_how_they_were_reckoned(sample: str, medium: Medium) -> None:
    """Turns red if a letter or its mail leaves out a rule, a sum or a source, or has labels of its own."""
    said = words(sample) if medium is Medium.LETTER else collapsed(render(page(sample), medium).body.decode())
    appendix = said.split("How these dates were reckoned", 1)[1]
    for date_of in SAMPLES[sample]["reckoned"]:
        assert f"{date_of['what']}: {language(ENGLISH).date(date_of['day'])}" in appendix
        for part in ("rule", "arithmetic"):
            assert collapsed(date_of[part]) in appendix
        assert date_of["source"] in appendix
    assert all(LABELS[part] in appendix for part in ("rule", "arithmetic", "citation"))
    assert not any(LABELS[part] in appendix for part in ("certainty", "changes_if"))


def test_the_appendix_stands_before_the_sample_and_never_on_it() -> None:
    """Turns red if it follows the voting paper, whose words are the law's."""
    said = words("sample_voting_paper")
    assert said.index("How these dates were reckoned") < said.index("SPECIMEN")


@pytest.mark.parametrize("sample", RECKONED)
def test_a_letter_without_such_dates_has_no_appendix(sample: str) -> None:
    """A paper frozen before there was an appendix reads as it did: turns red if the fact is asked of it."""
    bare = page(sample, reckoned=[])
    before = replace(bare, facts={name: value for name, value in bare.facts.items() if name != "reckoned"})
    for medium in Medium:
        assert render(before, medium) == render(bare, medium)
    assert "reckoned" not in words_of_letter(bare)


def test_the_name_stands_once_above_an_address_that_begins_with_it() -> None:
    """
    Some registers put the name into the first line.
    """
    context = page("model_letter_to_head").context()

    assert context["recipient"]["lines"][:2] == ["The Head Teacher", "Hill School"]
    assert page("dispute_notified").context()["recipient"]["lines"][:2] == ["The North Trust", "Trust House"]


@pytest.mark.parametrize(
    ("days", "said"),
    [(3, "in 3 days"), (1, "tomorrow"), (0, "today"), (-1, "yesterday"), (-4, "4 days ago")],
)
def test_a_reminder_says_how_long_is_left(days: int, said: str) -> None:
    """
    In words that fit the number.
    """
    for sample in ("deadline_reminder_officer", "deadline_reminder_workplace"):
        assert said in render(page(sample, days_left=days), Medium.MAIL).body.decode()


def test_dates_and_numbers_as_people_write_them() -> None:
    """
    No leading nought in the day, commas between thousands.
    """
    assert language(ENGLISH).date(date(2026, 9, 1)) == "Tuesday 1 September 2026"
    assert (number(999), number(1_234_567)) == ("999", "1,234,567")
