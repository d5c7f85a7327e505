"""How dates, money and deadlines read on a page, and that every part of a page renders."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from types import SimpleNamespace

import pytest
from jinja2 import Environment
from jinja2.exceptions import UndefinedError

from app import charts
from app.board_filters import Filters
from app.cli.explaining import explain
from app.stored_words import stage_name
from app.templating import (
    SOON_DAYS,
    STATIC,
    DeadlineState,
    date_time,
    days_left,
    deadline_state,
    environment,
    long_date,
    pence,
    weekday_date,
)
from casework.lifecycle import Stage
from core.errors import BadInput
from core.findings import Citation, Finding, Severity
from core.law import Certainty
from core.why import CERTAINTY, LABELS, POLICY, Why, told
from notifications.lifecycle import State

TODAY = date(2026, 10, 12)
CITATION = Citation("TULR(C)A 1992", "s.226A", "https://www.legislation.gov.uk/ukpga/1992/52/section/226A")


@pytest.fixture(scope="module")
def pages() -> Environment:
    return environment()


def render(pages: Environment, macro: str, call: str, **context: object) -> str:
    return pages.from_string('{% import "macros/' + macro + '" as m %}{{ m.' + call + " }}").render(context)


@pytest.mark.parametrize(
    ("day", "long", "with_weekday"),
    [
        (date(2026, 12, 3), "3 December 2026", "Thu 3 December 2026"),
        (date(2026, 10, 12), "12 October 2026", "Mon 12 October 2026"),
        (date(2028, 2, 29), "29 February 2028", "Tue 29 February 2028"),
        # 23:30 in UTC on 30 June is 00:30 in London on 1 July.
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 July 2026", "Wed 1 July 2026"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "31 December 2026", "Thu 31 December 2026"),
    ],
)
def test_dates_read_as_people_say_them(day: date, long: str, with_weekday: str) -> None:
    """Red when `_as_date` returns `value.date()` for an instant."""
    assert long_date(day) == long
    assert weekday_date(day) == with_weekday


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="a time with its zone"):
        long_date(datetime(2026, 10, 12, 9))  # noqa: DTZ001 - the fault under test


def test_an_instant_reads_in_london_time() -> None:
    assert date_time(datetime(2026, 7, 1, 13, 5, tzinfo=UTC)) == "1 July 2026, 14:05"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "£0.00"),
        (5, "£0.05"),
        (100, "£1.00"),
        (123456, "£1,234.56"),
        (-1250, "−£12.50"),
        (-5, "−£0.05"),
    ],
)
def test_pence_read_as_pounds(amount: int, words: str) -> None:
    """Red when the sign is left to `divmod`: -5 would read as £-1.95."""
    assert pence(amount) == words


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (date(2026, 10, 15), "in 3 days"),
        (date(2026, 10, 13), "in 1 day"),
        (date(2026, 10, 12), "today"),
        (date(2026, 10, 11), "1 day late"),
        (date(2026, 10, 10), "2 days late"),
        (date(2030, 10, 12), "in 1,461 days"),
    ],
)
def test_days_left_in_words(due_on: date, words: str) -> None:
    assert days_left(due_on, TODAY) == words


@pytest.mark.parametrize(
    ("due_on", "met_on", "state"),
    [
        (date(2026, 10, 11), None, DeadlineState.LATE),
        (date(2026, 10, 12), None, DeadlineState.TODAY),
        (date(2026, 10, 13), None, DeadlineState.SOON),
        (date(2026, 10, 12 + SOON_DAYS), None, DeadlineState.SOON),
        (date(2026, 10, 13 + SOON_DAYS), None, DeadlineState.AHEAD),
        (date(2026, 10, 11), date(2026, 10, 11), DeadlineState.MET),
        (date(2026, 10, 11), date(2026, 10, 12), DeadlineState.MET_LATE),
    ],
)
def test_how_a_deadline_stands(due_on: date, met_on: date | None, state: DeadlineState) -> None:
    """Red when `days < 0` becomes `days <= 0`: the day itself would be late."""
    assert deadline_state(due_on, TODAY, met_on) is state


@pytest.mark.parametrize(
    ("due_on", "met_on", "words"),
    [
        (date(2026, 10, 10), None, "Overdue: 2 days late"),
        (TODAY, None, "Due today"),
        (date(2026, 10, 15), None, "Due in 3 days"),
        (date(2026, 10, 10), date(2026, 10, 9), "Met <time"),
        (date(2026, 10, 7), date(2026, 10, 9), "2 days late"),
    ],
)
def test_a_badge_says_in_words_what_its_colour_says(
    pages: Environment, due_on: date, met_on: date | None, words: str
) -> None:
    badge = render(pages, "deadlines.html", "deadline_badge(due, today, met)", due=due_on, today=TODAY, met=met_on)
    assert words in badge
    assert 'aria-hidden="true"' in badge


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 10, 10), "Was on <time"),
        (TODAY, "Today, <time"),
        (date(2026, 10, 13), "In 1 day, <time"),
    ],
)
def test_a_turning_point_is_never_late(pages: Environment, on: date, words: str) -> None:
    badge = render(pages, "deadlines.html", "turning_point_badge(on, today)", on=on, today=TODAY)
    assert words in badge
    assert "late" not in badge


WHY = Why(
    rule="Received not later than the seventh day before the opening day.",
    inputs={"Opening day": "Sun 1 November 2026", "Days": "7"},
    arithmetic="Seven days before Sun 1 November 2026 is Sun 25 October 2026.",
    citation=CITATION,
    certainty=Certainty.UNCONFIRMED,
    changes_if="the opening day moves",
)


@pytest.mark.parametrize("explanation", [WHY, WHY.as_dict()], ids=["value", "as stored"])
def test_why_shows_rule_inputs_arithmetic_source_and_certainty(pages: Environment, explanation: object) -> None:
    html = render(pages, "deadlines.html", "why(e)", e=explanation)
    assert "Why this date?" in html
    assert WHY.rule in html
    assert "Opening day: Sun 1 November 2026" in html
    assert "Days: 7" in html
    assert WHY.arithmetic in html
    assert f'href="{CITATION.url}" rel="noreferrer">{CITATION}</a>' in html
    assert "not confirmed: the stricter reading is used until it is" in html
    assert WHY.changes_if in html


@pytest.mark.parametrize("certainty", [*Certainty, POLICY])
def test_every_certainty_has_its_words(pages: Environment, certainty: str) -> None:
    """Red when one is left out: the page would show the word of the law files."""
    html = render(pages, "deadlines.html", "why(e)", e=replace(WHY, certainty=certainty))
    shown = html.split(f'mandate-certainty--{certainty}">')[1].split("</dd>")[0]
    assert unescape(shown.strip()) == CERTAINTY[certainty]


def test_the_page_and_the_command_line_say_why_in_the_same_words(
    pages: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    """Red when one of them has a label of its own, another order, or leaves a part out."""
    explain("A date", WHY.as_dict())
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    html = unescape(re.sub(r"<[^>]+>", "\n", render(pages, "deadlines.html", "why(e)", e=WHY)))
    shown = [line.strip() for line in html.splitlines() if line.strip()]
    assert [line for line in shown if line in LABELS.values()] == list(LABELS.values())
    assert [line.split(":")[0] for line in lines if line.split(":")[0] in LABELS.values()] == list(LABELS.values())
    for label, said in told(WHY).items():
        for value in said.items() if isinstance(said, dict) else [(label, said)]:
            assert value[1] in shown or ": ".join(value) in shown
            assert any(line.startswith(": ".join(value)) for line in lines)


def test_why_is_named_to_those_who_cannot_see_its_place(pages: Environment) -> None:
    html = render(pages, "deadlines.html", "why(e, of)", e=WHY, of="The ballot opens")
    assert 'Why this date?<span class="govuk-visually-hidden"> The ballot opens</span>' in html


def test_the_ladder_marks_one_rung_as_current(pages: Environment) -> None:
    html = render(pages, "cases.html", 'stage_ladder("ballot_open", ["raised"])')
    assert html.count("<li ") == len(Stage)
    assert html.count('aria-current="step"') == 1
    rung = html[html.index('aria-current="step"') :]
    assert stage_name("ballot_open") in rung[: rung.index("</li>")]
    assert html.count("(reached)") == 1


def test_the_history_of_a_case_escapes_what_people_wrote(pages: Environment) -> None:
    """Red when autoescape is off."""
    event = SimpleNamespace(
        title="Case raised",
        happened_on=TODAY,
        by="school rep",
        text="<script>alert(1)</script>",
        recorded_at=date(2026, 10, 14),
        href=None,
    )
    html = render(pages, "cases.html", "timeline([e])", e=event)
    assert "Mon 12 October 2026</time> · school rep · recorded 14 October 2026" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_the_board_counts_cases_and_links_to_the_rest(pages: Environment) -> None:
    case = SimpleNamespace(
        ref="2026-0007",
        workplace="Hillside",
        number="URN 100001",
        officer="A. Officer",
        next=None,
        due_on=TODAY,
        met_on=None,
        is_turning_point=False,
        level=None,
        resting_until=None,
        age="fresh",
        days=3,
    )
    column = SimpleNamespace(stage="ballot_open", count=9, cases=[case])
    html = render(pages, "cases.html", "board([c], today, f)", c=column, today=TODAY, f=Filters())
    assert "Ballot open" in html
    assert "Due today" in html
    assert 'href="/?stage=ballot_open#board">All 9' in html


def test_findings_show_cure_and_citation(pages: Environment) -> None:
    stop = Finding("ballot_notice_late", Severity.STOP, "The notice came late.", "Move the opening day.", CITATION)
    html = render(pages, "notices.html", "findings([f])", f=stop)
    assert "Stop" in html
    assert "What to do: Move the opening day." in html
    assert str(CITATION) in html


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_a_notice_has_words(pages: Environment, state: State) -> None:
    assert "</span> " in render(pages, "notices.html", "notice_state(s)", s=state)


def test_an_unknown_state_of_a_notice_is_an_error_not_a_blank(pages: Environment) -> None:
    with pytest.raises((UndefinedError, ValueError, TypeError)):
        render(pages, "notices.html", 'notice_state("lost")')


def test_a_chart_has_a_title_a_description_and_a_table(pages: Environment) -> None:
    chart = charts.bar_chart("hours", "Directed time", "All of it", [("Teaching", 1300)], unit="hours", limit=1265)
    html = render(pages, "charts.html", "bar_chart(c)", c=chart)
    assert 'role="img" aria-labelledby="hours-title hours-desc"' in html
    assert '<title id="hours-title">Directed time</title>' in html
    assert '<desc id="hours-desc">All of it</desc>' in html
    assert "1,300 (over)" in html[html.index("<table") :]


def test_a_timeline_has_a_table_with_its_dates(pages: Environment) -> None:
    chart = charts.timeline("steps", "Steps", "In order", [charts.Span("Voting", TODAY, date(2026, 11, 2))])
    html = render(pages, "charts.html", "timeline_svg(c)", c=chart)
    table = html[html.index("<table") :]
    assert "12 October 2026" in table
    assert "2 November 2026" in table


def test_a_name_the_page_was_not_given_is_an_error(pages: Environment) -> None:
    """Red when the environment takes ChainableUndefined itself: the page would show nothing."""
    for source in ("{{ csae }}", "{% for c in caess %}{% endfor %}", "{{ day.yaer }}"):
        with pytest.raises(UndefinedError):
            pages.from_string(source).render(day=TODAY)
    assert pages.from_string("{% if as_of %}x{% endif %}").render() == ""


def layout(pages: Environment, **context: object) -> str:
    return pages.get_template("layout.html").render({"home": "/", **context})


def test_every_page_says_who_is_signed_in_and_that_it_is_no_legal_advice(pages: Environment) -> None:
    entries = [{"text": "Cases", "href": "/", "active": True}, {"text": "Law", "href": "/law", "active": False}]
    html = layout(pages, caller={"name": "Jo Rowanmere"}, navigation=entries)
    assert '<html lang="en"' in html
    assert "Signed in as" in html
    assert "Jo Rowanmere" in html
    assert "Not legal advice" in html
    assert 'href="#main-content"' in html
    assert html.count('aria-current="true"') == 1
    assert "The clock stands at" not in html


def test_a_simulated_clock_is_announced_on_every_page(pages: Environment) -> None:
    assert "The clock stands at Mon 12 October 2026." in layout(pages, as_of=TODAY)


def test_the_shell_needs_nothing_inline_and_only_files_that_are_there(pages: Environment) -> None:
    """The content policy is `default-src 'self'`: an inline script or style would be dropped without a word."""
    html = layout(pages, csrf_token="t")
    assert "<style" not in html
    assert " style=" not in html
    assert "</script>" in html
    assert "<script>" not in html
    assets = [part.split('"')[0] for part in html.split('"/static/')[1:]]
    assert len(assets) == 5
    for asset in assets:
        assert (STATIC / asset).is_file(), asset


def test_the_components_render_in_this_environment(pages: Environment) -> None:
    """Red when the components are loaded without their prefix: they import one another by it."""
    button = pages.from_string(
        '{% from "govuk_frontend_jinja/components/button/macro.html" import govukButton %}'
        '{{ govukButton({"text": "Record <b>"}) }}'
    ).render()
    assert "govuk-button" in button
    assert "Record &lt;b&gt;" in button
