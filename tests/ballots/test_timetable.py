"""The timetable of a ballot: the worked timelines whole, then every boundary by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts, NoticeContents, Timetable, VotingMethod
from core.errors import BadInput
from core.findings import Severity
from core.law import current_law
from core.nations import Nation
from tests.days import day, maybe_day

LAW = current_law()
CHANGE = date(2026, 2, 18)
OLD, NEW = NoticeContents.FULL_FIGURES, NoticeContents.LISTS_AND_TOTAL


def run(opens: str, closes: str, **facts: Any) -> Timetable:
    return timetable(BallotFacts(opens_on=day(opens), closes_on=day(closes), **facts), LAW)


def codes(steps: Timetable, severity: Severity | None = None) -> list[str]:
    return [finding.code for finding in steps.findings if severity in (None, finding.severity)]


def stop_codes(steps: Timetable) -> list[str]:
    return codes(steps, Severity.STOP)


T1 = ("Mon 2024-02-12", "Thu 2024-03-28")
T2 = ("Mon 2024-11-11", "Thu 2024-12-19")
T3 = ("Mon 2026-02-09", "Fri 2026-03-13")
T4 = ("Mon 2026-09-21", "Mon 2026-10-19")
T5 = ("Mon 2026-11-23", "Thu 2026-12-17")
T6 = ("Mon 2026-02-23", "Fri 2026-04-24")
T0 = ("Mon 2016-09-12", "Mon 2016-10-31")  # before the Trade Union Act 2016


@pytest.mark.parametrize(
    ("ballot", "notice", "contents", "sample", "summaries", "warning", "report"),
    [
        (T1, "Mon 2024-02-05", OLD, "Fri 2024-02-09", True, "twelve_weeks", "Wed 2024-04-24"),
        (T2, "Mon 2024-11-04", OLD, "Fri 2024-11-08", True, "twelve_weeks", "Wed 2025-01-15"),
        (T3, "Mon 2026-02-02", OLD, "Fri 2026-02-06", True, "twelve_weeks", "Thu 2026-04-09"),
        (T4, "Mon 2026-09-14", NEW, "Fri 2026-09-18", False, "whole_action", "Sun 2026-11-15"),
        (T5, "Mon 2026-11-16", NEW, "Fri 2026-11-20", False, "whole_action", "Wed 2027-01-13"),
        (T6, "Mon 2026-02-16", OLD, "Fri 2026-02-20", False, "whole_action", "Thu 2026-05-21"),
        (T0, "Mon 2016-09-05", OLD, "Fri 2016-09-09", False, "twelve_weeks", "Sun 2016-11-27"),
    ],
)
def test_papers_before_and_report_after_the_ballot(
    ballot: tuple[str, str],
    notice: str,
    contents: NoticeContents,
    sample: str,
    summaries: bool,
    warning: str,
    report: str,
) -> None:
    """Turns red if any of the three duties takes its value from another date than its own."""
    steps = run(*ballot)
    assert steps.ballot_notice is not None
    assert steps.sample_paper is not None
    assert steps.voting_paper is not None
    assert steps.scrutineer is not None
    assert (steps.ballot_notice.latest_receipt, steps.ballot_notice.contents) == (day(notice), contents)
    assert steps.sample_paper.latest_receipt == day(sample)
    assert (steps.voting_paper.summaries_required, steps.voting_paper.dismissal_warning) == (summaries, warning)
    assert steps.scrutineer.report_due == day(report)
    assert steps.ballot_notice.citation.provision == "s. 226A(1)(a)"
    assert stop_codes(steps) == []


@pytest.mark.parametrize(
    ("ballot", "months", "last", "begins_by"),
    [
        (T1, 6, "Fri 2024-09-27", False),
        (T2, 6, "Wed 2025-06-18", False),
        (T3, 6, "Sat 2026-09-12", False),
        (T4, 12, "Mon 2027-10-18", False),
        (T5, 12, "Thu 2027-12-16", False),
        (T6, 12, "Fri 2027-04-23", False),
        (T0, None, "Sun 2016-11-27", True),
    ],
)
def test_the_mandate(ballot: tuple[str, str], months: int | None, last: str, begins_by: bool) -> None:
    """Turns red if the mandate is chosen by the day voting ends instead of the day it opens (T3)."""
    mandate = run(*ballot).mandate
    assert mandate is not None
    assert (mandate.months, mandate.last_day, mandate.begins_by) == (months, day(last), begins_by)
    assert mandate.first_day == day(ballot[1])
    assert mandate.last_day_lenient == mandate.last_day


@pytest.mark.parametrize(
    ("ballot", "first", "received", "terms", "days", "latest", "earliest"),
    [
        (T1, "Wed 2024-04-24", None, {}, 14, "Wed 2024-04-10", "Wed 2024-04-24"),
        (T2, "Wed 2025-01-08", None, {}, 14, "Wed 2024-12-25", "Wed 2025-01-08"),
        (T2, "Wed 2025-01-08", None, {"agrees_shorter_notice": True}, 7, "Wed 2025-01-01", "Wed 2025-01-08"),
        (T2, None, "Fri 2024-12-20", {"agrees_shorter_notice": True}, 7, None, "Fri 2024-12-27"),
        (T2, None, "Fri 2024-12-20", {}, 14, None, "Fri 2025-01-03"),
        (T3, "Fri 2026-03-27", None, {}, 10, "Tue 2026-03-17", "Fri 2026-03-27"),
        (T3, None, "Mon 2026-03-16", {}, 10, None, "Thu 2026-03-26"),
        (T4, "Tue 2026-11-03", None, {}, 10, "Sat 2026-10-24", "Tue 2026-11-03"),
        (T4, "Thu 2027-04-01", None, {}, 10, "Mon 2027-03-22", "Thu 2027-04-01"),
        (T5, "Wed 2027-01-06", None, {}, 10, "Sun 2026-12-27", "Wed 2027-01-06"),
        (T5, "Mon 2027-01-04", None, {}, 10, "Fri 2026-12-25", "Mon 2027-01-04"),
        (T5, None, "Fri 2026-12-18", {}, 10, None, "Mon 2026-12-28"),
        (T6, "Tue 2027-04-20", None, {}, 10, "Sat 2027-04-10", "Tue 2027-04-20"),
        (T6, None, None, {}, 10, None, None),
        (T1, None, None, {}, 14, None, None),
        (T0, "Thu 2016-11-17", None, {}, 7, "Thu 2016-11-10", "Thu 2016-11-17"),
        (T0, None, "Mon 2017-02-27", {"agrees_shorter_notice": True}, 7, None, "Mon 2017-03-06"),
    ],
)
def test_the_notice_of_action(
    ballot: tuple[str, str],
    first: str | None,
    received: str | None,
    terms: dict[str, Any],
    days: int,
    latest: str | None,
    earliest: str | None,
) -> None:
    """Turns red if the length is chosen by the ballot, or working days are counted."""
    step = run(
        *ballot, first_action_on=maybe_day(first), action_notice_received_on=maybe_day(received), **terms
    ).action_notice
    assert step is not None
    assert (step.days, step.latest_receipt) == (days, maybe_day(latest))
    assert step.earliest_action_if_received == maybe_day(earliest)


@pytest.mark.parametrize(
    ("received", "earlier", "agrees", "days", "by_category"),
    [
        ("Tue 2026-02-17", None, False, 14, True),
        ("Wed 2026-02-18", None, False, 10, False),
        ("Tue 2026-02-17", None, True, 7, True),
        ("Wed 2026-02-18", None, True, 10, False),
        ("Mon 2026-03-16", "Tue 2026-02-17", False, 14, True),
        ("Mon 2026-03-16", "Wed 2026-02-18", False, 10, False),
        ("Mon 2026-03-16", "Tue 2026-02-17", True, 14, True),
    ],
)
def test_an_earlier_notice_of_the_same_action_keeps_the_older_law(
    received: str, earlier: str | None, agrees: bool, days: int, by_category: bool
) -> None:
    """Turns red if the saving of SI 2026/3 Sch 2 para 10 is dropped, or applies from its own day."""
    step = run(
        "Mon 2025-12-01",
        "Mon 2026-01-12",
        action_notice_received_on=day(received),
        earlier_action_notice_on=maybe_day(earlier),
        agrees_shorter_notice=agrees,
    ).action_notice
    assert step is not None
    assert (step.days, "by_category" in step.items) == (days, by_category)
    assert {"total", "by_workplace", "explanation", "categories", "workplaces"} <= set(step.items)


@pytest.mark.parametrize(
    ("first", "latest"),
    [
        ("Fri 2026-02-27", "Fri 2026-02-13"),  # ten days would be the 17th, a day of the older law
        ("Sat 2026-02-28", "Wed 2026-02-18"),
        ("Tue 2026-03-03", "Sat 2026-02-21"),
    ],
)
def test_the_latest_receipt_across_a_change_of_length(first: str, latest: str) -> None:
    """Turns red if the length is taken from the day of action instead of the day of receipt."""
    step = run("Mon 2025-12-01", "Mon 2026-01-12", first_action_on=day(first)).action_notice
    assert step is not None
    assert step.latest_receipt == day(latest)


@pytest.mark.parametrize(
    ("sample", "old_paper"),
    [("Mon 2026-02-16", True), ("Tue 2026-02-17", True), ("Wed 2026-02-18", False), ("Fri 2026-02-20", False)],
)
def test_the_double_test_of_the_voting_paper(sample: str, old_paper: bool) -> None:
    """Turns red if summaries and warning do not both follow the sample (SI 2026/3 Sch 2 paras 8 and 11)."""
    paper = run(*T6, sample_received_on=day(sample)).voting_paper
    assert paper is not None
    assert paper.summaries_required is old_paper
    assert paper.dismissal_warning == ("twelve_weeks" if old_paper else "whole_action")
    assert ("twelve weeks" in paper.statement) is old_paper


@pytest.mark.parametrize(
    ("opens", "summaries", "months", "support"),
    [("Tue 2026-02-17", True, 6, "2/5"), ("Wed 2026-02-18", False, 12, None)],
)
def test_a_ballot_opened_the_day_before_the_change(
    opens: str, summaries: bool, months: int, support: str | None
) -> None:
    """Turns red if the change is a day early or late. The sample is received on 18 February only on paper."""
    steps = timetable(BallotFacts(opens_on=day(opens), closes_on=date(2026, 3, 20), sample_received_on=CHANGE), LAW)
    assert steps.voting_paper is not None
    assert steps.mandate is not None
    assert steps.thresholds is not None
    assert steps.voting_paper.summaries_required is summaries
    assert steps.mandate.months == months
    assert (str(steps.thresholds.support_fraction) if support else None) == support


@pytest.mark.parametrize(("received", "contents"), [("Tue 2026-02-17", OLD), ("Wed 2026-02-18", NEW)])
def test_the_notice_of_ballot_holds_what_its_day_of_receipt_wants(received: str, contents: NoticeContents) -> None:
    """Turns red if its contents follow the opening day."""
    step = run("Mon 2026-03-02", "Mon 2026-03-30", ballot_notice_received_on=day(received)).ballot_notice
    assert step is not None
    assert step.contents is contents
    assert ("explanation" in step.items) is (contents is OLD)


@pytest.mark.parametrize(
    ("opens", "nation", "turnout", "support"),
    [
        ("Tue 2017-02-28", Nation.ENGLAND, None, None),
        ("Wed 2017-03-01", Nation.ENGLAND, "1/2", "2/5"),
        ("Tue 2017-09-12", Nation.WALES, "1/2", "2/5"),
        ("Wed 2017-09-13", Nation.WALES, "1/2", None),
        ("Wed 2017-09-13", Nation.SCOTLAND, "1/2", "2/5"),
        ("Mon 2026-09-21", Nation.SCOTLAND, "1/2", None),
    ],
)
def test_thresholds(opens: str, nation: Nation, turnout: str | None, support: str | None) -> None:
    """Turns red if the turnout threshold goes before its repeal is in force."""
    opens_on = day(opens)
    step = timetable(
        BallotFacts(opens_on=opens_on, closes_on=opens_on + timedelta(days=28), nation=nation), LAW
    ).thresholds
    assert step is not None
    shares = (step.turnout_fraction, step.support_fraction)
    assert tuple(share and str(share) for share in shares) == (turnout, support)
    assert step.keyed_on == "ballot_opened_on"


@pytest.mark.parametrize(("entitled", "required"), [(None, None), (1, False), (47, False), (50, False), (51, True)])
def test_a_scrutineer_is_needed_above_fifty(entitled: int | None, required: bool | None) -> None:
    """Turns red if fifty need one, or 20 + 18 + 13 = 51 do not."""
    step = run(*T4, entitled=entitled).scrutineer
    assert step is not None
    assert step.required is required


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"ballot_notice_received_on": "Mon 2026-09-14"}, None),
        ({"ballot_notice_received_on": "Tue 2026-09-15"}, "ballot_notice_late"),
        ({"sample_received_on": "Fri 2026-09-18"}, None),
        ({"sample_received_on": "Sat 2026-09-19"}, "sample_paper_late"),
        ({"action_notice_received_on": "Sun 2026-10-18"}, "action_notice_before_result_told"),
        ({"action_notice_received_on": "Mon 2026-10-19"}, None),
        ({"first_action_on": "Tue 2026-11-03", "action_notice_received_on": "Sat 2026-10-24"}, None),
        ({"first_action_on": "Tue 2026-11-03", "action_notice_received_on": "Sun 2026-10-25"}, "action_notice_late"),
        ({"first_action_on": "Thu 2026-10-29"}, None),
        ({"first_action_on": "Wed 2026-10-28"}, "action_notice_late"),
        ({"first_action_on": "Mon 2027-10-18"}, None),
        ({"first_action_on": "Tue 2027-10-19"}, "mandate_expired"),
    ],
)
def test_one_day_too_late_is_a_stop(facts: dict[str, str], code: str | None) -> None:
    """Turns red if any comparison loses or gains its boundary day."""
    steps = run(*T4, **{name: day(text) for name, text in facts.items()})
    assert stop_codes(steps) == ([code] if code else [])
    for finding in steps.findings:
        assert finding.citation is not None
        assert finding.cure


@pytest.mark.parametrize("method", VotingMethod)
def test_only_the_post_is_confirmed(method: VotingMethod) -> None:
    """Turns red if a planned way of voting is let through before it is law."""
    expected = [] if method is VotingMethod.POSTAL else ["method_not_permitted"]
    assert stop_codes(run(*T4, method=method)) == expected


@pytest.mark.parametrize(("closes", "short"), [("Mon 2026-10-05", False), ("Sun 2026-10-04", True)])
def test_a_short_window_is_a_warn(closes: str, short: bool) -> None:
    """Turns red if thirteen days pass or fourteen do not."""
    steps = run("Mon 2026-09-21", closes)
    assert codes(steps, Severity.WARN) == (["ballot_window_short"] if short else [])


@pytest.mark.parametrize(
    ("ballot", "received", "told"),
    [(T2, "Fri 2024-12-20", False), (T4, "Tue 2026-10-20", True), (T0, "Mon 2016-11-07", True)],
)
def test_an_agreement_to_shorter_notice_without_effect(ballot: tuple[str, str], received: str, told: bool) -> None:
    """Turns red if an agreement is passed over in silence."""
    steps = run(*ballot, action_notice_received_on=day(received), agrees_shorter_notice=True)
    assert codes(steps, Severity.WARN) == (["agreement_without_effect"] if told else [])


@pytest.mark.parametrize(
    ("ballot", "until", "last", "warns"),
    [
        (T1, "Fri 2024-12-27", "Fri 2024-12-27", []),
        (T2, "Thu 2025-09-18", "Thu 2025-09-18", []),
        (T3, "Sat 2026-12-12", "Sat 2026-12-12", []),
        (T1, "Thu 2024-10-31", "Thu 2024-10-31", []),
        (T1, "Sat 2024-12-28", "Fri 2024-12-27", ["mandate_agreement_too_long"]),
        (T1, "Fri 2024-09-27", "Fri 2024-09-27", ["agreement_without_effect"]),
        (T4, "Tue 2028-01-18", "Mon 2027-10-18", ["agreement_without_effect"]),
        (T0, "Sun 2016-12-25", "Sun 2016-12-25", []),
        (T0, "Mon 2016-12-26", "Sun 2016-12-25", ["mandate_agreement_too_long"]),
    ],
)
def test_a_longer_mandate_by_agreement(ballot: tuple[str, str], until: str, last: str, warns: list[str]) -> None:
    """Turns red if an agreement reaches past its limit, or works under the law that knows none."""
    steps = run(*ballot, longer_mandate_until=day(until))
    assert steps.mandate is not None
    assert steps.mandate.last_day == steps.mandate.last_day_lenient == day(last)
    in_effect = "agreement_without_effect" not in warns
    assert steps.mandate.agreed_until == (day(last) if in_effect else None)
    assert codes(steps, Severity.WARN) == warns


@pytest.mark.parametrize(
    ("until", "last", "lenient"),
    [
        ("Thu 2024-08-29", "Thu 2024-08-29", "Sat 2024-08-31"),
        ("Fri 2024-08-30", "Fri 2024-08-30", "Sat 2024-08-31"),
        ("Mon 2024-09-02", "Mon 2024-09-02", "Mon 2024-09-02"),
        ("Fri 2024-11-29", "Fri 2024-11-29", "Fri 2024-11-29"),
        ("Sat 2024-11-30", "Fri 2024-11-29", "Sat 2024-11-30"),
        ("Sun 2024-12-01", "Fri 2024-11-29", "Sat 2024-11-30"),
    ],
)
def test_an_agreement_about_a_contested_end(until: str, last: str, lenient: str) -> None:
    """Turns red if an agreement shortens the lenient end, or carries the strict one past its own limit."""
    mandate = run("Thu 2024-02-01", "Fri 2024-03-01", longer_mandate_until=day(until)).mandate
    assert mandate is not None
    assert (mandate.last_day, mandate.last_day_lenient) == (day(last), day(lenient))


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("Mon 2028-02-28", []),
        ("Tue 2028-02-29", [("mandate_expired", "warn")]),
        ("Wed 2028-03-01", [("mandate_expired", "stop")]),
    ],
)
def test_between_the_two_readings_is_a_warn(first: str, found: list[tuple[str, str]]) -> None:
    """Turns red if the lenient reading gates, or the strict one stops."""
    steps = run("Mon 2027-02-01", "Mon 2027-03-01", first_action_on=day(first))
    assert steps.mandate is not None
    assert steps.mandate.last_day == day("Mon 2028-02-28")
    assert steps.mandate.last_day_lenient == day("Tue 2028-02-29")
    assert [(finding.code, finding.severity) for finding in steps.findings] == found


def test_before_2017_action_had_to_begin_in_four_weeks() -> None:
    """Turns red if the last day to begin is read as the last day of action, or is a day off."""
    assert stop_codes(run(*T0, first_action_on=day("Sun 2016-11-27"))) == []
    late = run(*T0, first_action_on=day("Mon 2016-11-28"))
    assert stop_codes(late) == ["mandate_expired"]
    assert "had to begin by Sunday 27 November 2016" in late.findings[0].sentence


def test_northern_ireland_is_refused_whole() -> None:
    """Turns red if any step is answered by the law of Great Britain."""
    steps = run(*T4, nation=Nation.NORTHERN_IRELAND)
    assert codes(steps) == ["unsupported_jurisdiction"]
    assert replace(steps, findings=()) == Timetable(None, None, None, None, None, None, None, ())


@pytest.mark.parametrize("opens", ["Fri 1990-06-01", "Fri 2005-09-30"])
def test_before_the_law_files_no_law_is_in_force(opens: str) -> None:
    """Turns red if a step is guessed for a day that the files do not reach."""
    opens_on = day(opens)
    steps = timetable(BallotFacts(opens_on=opens_on, closes_on=opens_on + timedelta(days=21)), LAW)
    assert set(stop_codes(steps)) == {"no_law_in_force"}
    assert steps.thresholds is None
    assert steps.mandate is None


def test_the_first_ballot_the_files_reach() -> None:
    """Turns red if a file starts after 1 October 2005."""
    notice = day("Sat 2005-10-01")
    steps = timetable(
        BallotFacts(opens_on=notice, closes_on=day("Mon 2005-10-31"), ballot_notice_received_on=notice), LAW
    )
    assert "no_law_in_force" not in codes(steps)


def test_facts_that_contradict_each_other_are_bad_input() -> None:
    """Turns red if a ballot may close before it opens, or have nobody in it, or may not close the day it opens."""
    assert codes(run("Mon 2026-09-21", "Mon 2026-09-21")) == ["ballot_window_short"]
    with pytest.raises(BadInput, match=r"closes: found '2026-09-20'.*2026-09-21"):
        run("Mon 2026-09-21", "Sun 2026-09-20")
    with pytest.raises(BadInput, match="entitled: found 0"):
        run(*T4, entitled=0)


def test_without_today_nothing_depends_on_the_clock() -> None:
    """Turns red if the wall clock is read, or freshness is judged without being asked."""
    assert codes(run(*T4)) == []
    later = run(*T4, today=day("Tue 2027-06-01"))
    assert codes(later) == ["deadline_passed", "deadline_passed", "law_stale"]
    assert stop_codes(later) == []


@pytest.mark.parametrize(("today", "passed"), [("Mon 2026-11-16", 0), ("Tue 2026-11-17", 1), ("Sat 2026-11-21", 2)])
def test_a_deadline_passes_the_day_after_it(today: str, passed: int) -> None:
    """Turns red if the latest day itself counts as past (T5: both are past on 21 November)."""
    assert codes(run(*T5, today=day(today))).count("deadline_passed") == passed
    served = run(
        *T5,
        today=day(today),
        ballot_notice_received_on=day("Fri 2026-11-13"),
        sample_received_on=day("Fri 2026-11-13"),
    )
    assert "deadline_passed" not in codes(served)


OPENINGS = st.dates(min_value=date(2006, 1, 1), max_value=date(2032, 12, 31))


@given(OPENINGS, st.integers(0, 80), st.integers(0, 400), st.booleans(), st.booleans())
def test_the_latest_receipt_is_in_time_and_a_day_later_is_not(
    opens_on: date, window: int, until_action: int, agrees: bool, earlier: bool
) -> None:
    """Turns red if the search for the latest day stops a day early or late, at any change of the law."""
    closes_on = opens_on + timedelta(days=window)
    facts = BallotFacts(
        opens_on=opens_on,
        closes_on=closes_on,
        first_action_on=closes_on + timedelta(days=until_action),
        agrees_shorter_notice=agrees,
        earlier_action_notice_on=opens_on - timedelta(days=400) if earlier else None,
    )
    step = timetable(facts, LAW).action_notice
    assert step is not None
    assert step.latest_receipt is not None
    assert facts.first_action_on is not None
    in_time = timetable(replace(facts, action_notice_received_on=step.latest_receipt), LAW)
    assert "action_notice_late" not in codes(in_time)
    late = timetable(replace(facts, action_notice_received_on=step.latest_receipt + timedelta(days=1)), LAW)
    assert "action_notice_late" in codes(late)


@given(OPENINGS, st.integers(0, 80))
def test_strict_never_ends_after_lenient(opens_on: date, window: int) -> None:
    """Turns red if the printed last day is the lenient one."""
    mandate = timetable(BallotFacts(opens_on=opens_on, closes_on=opens_on + timedelta(days=window)), LAW).mandate
    assert mandate is not None
    assert mandate.first_day <= mandate.last_day <= mandate.last_day_lenient


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize(("opens", "closes"), [T0, T1, T2, T3, T4, T5, T6])
def test_every_step_cites_what_its_reason_cites(opens: str, closes: str, agreed: bool) -> None:
    """
    A mandate that an agreement lengthened cites the limit of such agreements, as the reason of its last day does.

    Turns red if `mandate._with_agreement` cites the ordinary length for it.
    """
    facts: dict[str, Any] = {"first_action_on": day(closes) + timedelta(days=20), "entitled": 100}
    if agreed:
        longer = day(closes) + timedelta(days=230 if day(opens) >= date(2017, 3, 1) else 40)
        facts |= {"agrees_shorter_notice": True, "longer_mandate_until": longer}
    steps = run(opens, closes, **facts)
    told = (steps.ballot_notice, steps.sample_paper, steps.voting_paper, steps.scrutineer, steps.thresholds)
    for step in (*told, steps.action_notice, steps.mandate):
        assert step is not None
        assert step.why is not None
        assert step.why.citation == step.citation, step
    assert steps.action_notice is not None
    assert steps.action_notice.earliest_why is not None
    assert steps.action_notice.earliest_why.citation == steps.action_notice.citation
