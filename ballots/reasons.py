"""
Why each statutory date of a ballot and its action falls where it does.

One function a date; each takes the date with what it was reckoned from and answers with a `Why`. The command line,
the pages, the deadlines and the letters all take their words from here. Every number comes from a `LegalValue`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ballots.action_notice import NoticeTerms, length_after, notice_length
from ballots.mandate import MandatePeriod
from core.calendar import (
    DAYS_IN_A_WEEK,
    corresponding_day,
    earliest_event,
    end_of_months,
    in_words,
    ordinal,
    shift,
)
from core.law import Certainty, Consultation, LegalValue
from core.tulrca import ACTION_NOTICE_STATES, DATE_OF_BALLOT, TOLD
from core.why import Why

RECEIPT_COUNTS = "Receipt counts, not sending; every day counts, weekends and holidays too."
NOTICE_OF_BALLOT = "notice of ballot"
SAMPLE_PAPER = "sample voting paper"

Planned = Sequence[LegalValue]
"""Changes planned for the value that a date rests on, as `Consultation.planned` gives them."""

Terms = tuple[NoticeTerms, LegalValue | None]
"""What bears on a notice of action beside its days, and the length these terms give once the length's law has ended."""

ALONE: Terms = (NoticeTerms(), None)

LAW_HELD_FROM = date(2005, 10, 1)
"""The day the law files reach back to. A value from that day or before has no older one beside it."""

_KEYS = {
    "ballot_opened_on": "the day the ballot opens",
    "ballot_closed_on": "the date of the ballot",
    "ballot_notice_received_on": "the day the notice of ballot is received",
    "action_notice_received_on": "the day the notice of action is received",
}
"""The dates that choose a value, as the law files name them, for people."""


def received_before_opening(paper: str, opens_on: date, days: LegalValue, planned: Planned = ()) -> Why:
    """Why the employer must have a paper (`NOTICE_OF_BALLOT`, `SAMPLE_PAPER`) by its latest day (s. 226A)."""
    latest = shift(opens_on, -days.whole)
    return Why(
        rule=f"The employer must have received the {paper} not later than the {ordinal(days.whole)} day before the "
        f"day the ballot opens. {RECEIPT_COUNTS}",
        inputs={"ballot opens": in_words(opens_on), "notice": _count(days), "law": law_chosen(days, opens_on)},
        arithmetic=f"{in_words(opens_on)} − {_count(days)} = {in_words(latest)}; "
        "receipt at any time of that day will do",
        citation=days.citation,
        certainty=days.certainty,
        changes_if=_either("another opening day", *_edges(days, "an opening"), *by_planned(planned)),
    )


def action_notice_by(
    first_action_on: date, received_by: date, length: LegalValue, planned: Planned = (), on: Terms = ALONE
) -> Why:
    """Why the employer must have the notice of action by its latest day (s. 234A)."""
    changes = _other_receipts(length, received_by, on)
    return Why(
        rule=f"The employer must have received the notice of action not later than the {ordinal(length.whole)} day "
        f"before the first day of action. {RECEIPT_COUNTS}",
        inputs={
            "first day of action": in_words(first_action_on),
            **_earlier_notice(on),
            "notice": _count(length),
            "law": law_chosen(length, received_by),
        },
        arithmetic=_back_to(received_by, first_action_on, length),
        citation=length.citation,
        certainty=length.certainty,
        changes_if=_either("another first day of action", *changes, *by_planned(planned)),
    )


def action_notice_under(law: Consultation, first_action_on: date, received_by: date, terms: NoticeTerms) -> Why:
    """As `action_notice_by`, with the length that the law of the day of receipt wants."""
    return action_notice_by(first_action_on, received_by, *_length_under(law, received_by, terms))


def earliest_action(received_on: date, length: LegalValue, planned: Planned = (), on: Terms = ALONE) -> Why:
    """Why action may begin on a day and no sooner, the notice of it having been received on another (s. 234A)."""
    first = earliest_event(received_on, length.whole)
    changes = _other_receipts(length, received_on, on)
    return Why(
        rule=f"Action may begin on the {ordinal(length.whole)} day after the day the employer received the notice of "
        f"it, and no sooner. {RECEIPT_COUNTS}",
        inputs={
            "notice received": in_words(received_on),
            **_earlier_notice(on),
            "notice": _count(length),
            "law": law_chosen(length, received_on),
        },
        arithmetic=f"{in_words(received_on)} + {_count(length)} = {in_words(first)}",
        citation=length.citation,
        certainty=length.certainty,
        changes_if=_either("another day of receipt", *changes, *by_planned(planned)),
    )


def earliest_action_under(law: Consultation, received_on: date, terms: NoticeTerms) -> Why:
    """As `earliest_action`, with the length that the law of the day of receipt wants."""
    return earliest_action(received_on, *_length_under(law, received_on, terms))


def _length_under(law: Consultation, received_on: date, terms: NoticeTerms) -> tuple[LegalValue, Planned, Terms]:
    """The length of notice by the law of a day of receipt, what is planned for it, and what follows when it ends."""
    length = notice_length(received_on, terms, law)
    return length, law.planned(length.parameter), (terms, length_after(length, terms, law))


def opening(opens_on: date, closes_on: date) -> Why:
    """Why the ballot opens on its day: people fixed it."""
    return _fixed_day("the first day a voting paper is sent", opens_on, opens_on, closes_on)


def closing(opens_on: date, closes_on: date) -> Why:
    """Why the ballot closes on its day, and why that day is the date of the ballot (s. 246)."""
    said = "the last day on which votes may be cast, which is the date of the ballot"
    return _fixed_day(said, closes_on, opens_on, closes_on)


def _fixed_day(said: str, day: date, opens_on: date, closes_on: date) -> Why:
    return Why(
        rule=f"Fixed when the ballot was authorised: {said}.",
        inputs={"ballot opens": in_words(opens_on), "ballot closes": in_words(closes_on)},
        arithmetic=in_words(day),
        citation=DATE_OF_BALLOT,
        certainty=Certainty.CONFIRMED,
        changes_if="a new decision, with notice of it to every employer",
    )


def report_due(closes_on: date, due_on: date, weeks: LegalValue, planned: Planned = ()) -> Why:
    """Why the scrutineer's report is due on its day (s. 226B)."""
    days = weeks.whole * DAYS_IN_A_WEEK
    return Why(
        rule=f"The scrutineer reports within the {_count(weeks)} that begin with the date of the ballot; "
        "that day is the first of them.",
        inputs={
            "date of the ballot": in_words(closes_on),
            "time": _count(weeks),
            "law": law_chosen(weeks, closes_on),
        },
        arithmetic=f"{_count(weeks)} {'is' if weeks.whole == 1 else 'are'} {days} days, the first of them "
        f"{in_words(closes_on)}: "
        f"{in_words(closes_on)} + {days - 1} days = {in_words(due_on)}",
        citation=weeks.citation,
        certainty=weeks.certainty,
        changes_if=_either("another closing day", *_edges(weeks, "a ballot that closes"), *by_planned(planned)),
    )


def mandate_end(
    period: MandatePeriod, length: LegalValue, agreed: LegalValue | None = None, planned: Planned = ()
) -> Why:
    """
    Why a mandate ends on its last day (s. 234), by the stricter count of months.

    `length` is the value of the months, or of the weeks in which action must begin, that hold without any agreement;
    `agreed` the most that an agreement with the employer can make of them, where one has effect.
    """
    used = agreed if agreed is not None and period.agreed_until is not None else length
    inputs = {
        "date of the ballot": in_words(period.first_day),
        "length": _count(length),
        "law": _law_of(used, _KEYS[used.keyed_on]),
    }
    if period.agreed_until is not None:
        inputs["agreed with the employer"] = f"to {in_words(period.agreed_until)}"
    return Why(
        rule=_mandate_rule(period, length, agreed),
        inputs=inputs,
        arithmetic=f"{_mandate_sum(period, length, agreed)}, to midnight",
        citation=used.citation,
        certainty=used.certainty,
        changes_if=_either(*_mandate_changes(period, length), *by_planned(planned)),
    )


def mandate_end_under(law: Consultation, opened_on: date, period: MandatePeriod) -> Why:
    """As `mandate_end`, for the mandate of a ballot opened on a day."""
    lengths = ("start_weeks", "agreed_start_weeks") if period.begins_by else ("months", "agreed_months")
    length, agreed = (law.at(f"ballots.mandate_{name}", opened_on) for name in lengths)
    return mandate_end(period, length, agreed, (*law.planned(length.parameter), *law.planned(agreed.parameter)))


def _mandate_rule(period: MandatePeriod, length: LegalValue, agreed: LegalValue | None) -> str:
    span = f"the {_count(length)} that begin with the date of the ballot; that day is the first of them"
    rule = f"Action must begin within {span}." if period.begins_by else f"The ballot supports action for {span}."
    if agreed is None or period.agreed_until is None:
        return rule
    return f"{rule} Union and employer may agree on a later day, within {_count(agreed)}."


def _mandate_sum(period: MandatePeriod, length: LegalValue, agreed: LegalValue | None) -> str:
    """The sum that gives the last day: the period, or the day agreed where the law lets it count."""
    first = period.first_day
    if period.agreed_until is None:
        return _end_of_period(first, length)
    agreement, last = f"agreed: {in_words(period.agreed_until)}", in_words(period.last_day)
    if agreed is None:
        return agreement
    return f"at most {_end_of_period(first, agreed)}; {agreement}; the earlier of the two = {last}"


def _end_of_period(first: date, length: LegalValue) -> str:
    """The sum for the last day of weeks or months that begin with a day; of months, on the stricter reading."""
    if length.unit == "weeks":
        days = length.whole * DAYS_IN_A_WEEK
        return f"{in_words(first)} + {days} days ({_count(length)}) − 1 day = {in_words(shift(first, days - 1))}"
    last, same_day = end_of_months(first, length.whole).strict, corresponding_day(first, length.whole)
    if same_day.day == first.day and shift(same_day, -1) == last:
        return f"{in_words(first)} + {_count(length)} = {in_words(same_day)}; − 1 day = {in_words(last)}"
    if same_day == last:
        return f"{in_words(first)} + {_count(length)}: no such day in that month, so its last day, {in_words(last)}"
    eve = shift(first, -1)
    return f"the day before the first, {in_words(eve)}, + {_count(length)} = {in_words(last)}"


def _mandate_changes(period: MandatePeriod, length: LegalValue) -> list[str]:
    changes = ["a fresh ballot", "another closing day", *_edges(length, "a ballot that opens")]
    if period.last_day_lenient != period.last_day and period.agreed_until is None:
        lenient = in_words(period.last_day_lenient)
        changes.append(f"the other reading of months, which gives {lenient}: no case decides, so the earlier day holds")
    return changes


def voting_paper(opens_on: date, sample_received_on: date, statement: LegalValue) -> Why:
    """Why a voting paper bears the statement and summaries of one law and not of another (s. 229)."""
    kept = _is_kept(statement, opens_on)
    return Why(
        rule="The voting paper is that of the law on the day the ballot opens; where the employer had the sample "
        "before newer law began, the older paper goes on.",
        inputs={
            "ballot opens": in_words(opens_on),
            "sample received": in_words(sample_received_on),
            "law": _law_of(statement, _KEYS[statement.keyed_on]),
        },
        arithmetic=_paper_chosen(opens_on, sample_received_on, statement, kept=kept),
        citation=statement.citation,
        certainty=statement.certainty,
        changes_if=_either("another opening day", *([] if statement.saving is None and not kept else [_OTHER_SAMPLE])),
    )


_OTHER_SAMPLE = "another day on which the employer has the sample"


def _paper_chosen(opens_on: date, sample_received_on: date, statement: LegalValue, *, kept: bool) -> str:
    if statement.to is not None and kept:
        newer = _in_short(shift(statement.to, 1))
        return f"the sample was received on {in_words(sample_received_on)}, before {newer}: the older paper goes on"
    if statement.saving is not None:
        before = _in_short(statement.saving.before)
        return f"neither {in_words(opens_on)} nor {in_words(sample_received_on)} is before {before}: the newer paper"
    return f"{in_words(opens_on)} lies within the dates of that law"


def result_told(declared_on: date, due_on: date) -> Why:
    """Why the result is to be told by a day: the union's own bound on what the law wants as soon as practicable."""
    return Why(
        rule="The result is told as soon as reasonably practicable after the ballot; the union's own bound is the "
        "next working day.",
        inputs={"result declared": in_words(declared_on)},
        arithmetic=f"the first working day after {in_words(declared_on)} = {in_words(due_on)}",
        citation=TOLD,
        certainty=Certainty.CONFIRMED,
        changes_if="another day of declaration, or a bank holiday",
    )


def action_begins(first_action_on: date) -> Why:
    """Why action begins on its day: people named it."""
    return Why(
        rule="The day named when the action was authorised.",
        inputs={"authorised from": in_words(first_action_on)},
        arithmetic=in_words(first_action_on),
        citation=ACTION_NOTICE_STATES,
        certainty=Certainty.CONFIRMED,
        changes_if="other days authorised, which need a notice of their own",
    )


def strike_ends(days: Sequence[date]) -> Why:
    """Why a strike ends on its day: the last of those named in the notice."""
    return Why(
        rule="The last of the days named in the notice of action.",
        inputs={"days named": "; ".join(in_words(day) for day in days)},
        arithmetic=in_words(days[-1]),
        citation=ACTION_NOTICE_STATES,
        certainty=Certainty.CONFIRMED,
        changes_if="the last day withdrawn; a further day needs a notice of its own",
    )


def law_chosen(value: LegalValue, on: date) -> str:
    """Which date chose a value and since when that is the law, in words; `on` is that date."""
    chosen = _law_of(value, _KEYS[value.keyed_on])
    if value.to is not None and _is_kept(value, on):
        newer = _in_short(shift(value.to, 1))
        return f"{chosen}; kept because of an earlier notice of the same action, received before {newer}"
    return chosen


def _is_kept(value: LegalValue, on: date) -> bool:
    """Whether a saving keeps a value for a day on which newer law is in force."""
    return value.to is not None and on > value.to


def _law_of(value: LegalValue, key: str) -> str:
    assert value.from_ is not None, "only a value in force gives a date"
    until = f" to {_in_short(value.to)}" if value.to is not None else ""
    return f"the law of {key}; in force from {_in_short(value.from_)}{until}"


def _back_to(received_by: date, first_action_on: date, length: LegalValue) -> str:
    """The sum for a latest receipt; where the law lengthened the notice in between, the last day of the shorter one."""
    earliest = earliest_event(received_by, length.whole)
    if earliest == first_action_on:
        return (
            f"{in_words(first_action_on)} − {_count(length)} = {in_words(received_by)}; "
            "receipt at any time of that day will do"
        )
    return (
        f"{in_words(received_by)} + {_count(length)} = {in_words(earliest)}, in time for "
        f"{in_words(first_action_on)}; from the next day the law wants longer notice"
    )


def _other_receipts(length: LegalValue, received_on: date, on: Terms) -> list[str]:
    if _is_kept(length, received_on):
        return ["no earlier notice of the same action, which leaves the newer law"]
    _, after = on
    if length.to is not None and after == length:
        return [f"no earlier notice of the same action and receipt after {in_words(length.to)}, under the newer law"]
    if length.to is not None and after is not None and after.to == length.to:
        return [f"receipt after {in_words(length.to)}, when the agreement counts for nothing"]
    changes = _edges(length, "receipt")
    if length.saving is not None:
        before = in_words(length.saving.before)
        changes.append(f"an earlier notice of the same action received before {before}, which keeps the older law")
    return changes


def _earlier_notice(on: Terms) -> dict[str, str]:
    earlier = on[0].earlier_received_on
    return {} if earlier is None else {"earlier notice of the same action": in_words(earlier)}


def _edges(value: LegalValue, what: str) -> list[str]:
    """The commencement that would bring other law: the one that ended a value, or the one that brought it."""
    if value.to is not None:
        return [f"{what} after {in_words(value.to)}, under the newer law"]
    if value.from_ is not None and value.from_ > LAW_HELD_FROM:
        return [f"{what} before {in_words(value.from_)}, under the older law"]
    return []


def by_planned(planned: Planned) -> list[str]:
    """The planned changes of a value, as what would change a date; none of them has a day yet."""
    return [
        f"a planned change of the law, {value.change or value.parameter} ({value.citation}), whose date is not known"
        for value in planned
    ]


def _either(*changes: str) -> str:
    return "; ".join(changes)


def _count(value: LegalValue) -> str:
    """A length in words: `7 days`, `1 month`."""
    unit = value.unit.removeprefix("calendar_")
    return f"{value.whole} {unit.removesuffix('s') if value.whole == 1 else unit}"


def _in_short(day: date) -> str:
    """A day without its weekday, for the dates of the law itself: `18 February 2026`."""
    return in_words(day).partition(" ")[2]
