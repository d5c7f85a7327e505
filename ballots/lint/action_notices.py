"""Notices of action: to each employer, after the result was told, in time, with what the law of its receipt wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ballots.action_notice import (
    NoticeTerms,
    action_notice_contents,
    earliest_action,
    is_contested,
    notice_length,
)
from ballots.agreement import agreement_findings
from ballots.lint.brief import Brief
from ballots.lint.categories import vague_categories
from ballots.lint.copies import covers, met
from ballots.lint.figures import against_register, lists_and_figures, other_workplaces, own_sums
from ballots.lint.notified import first_day, is_continuous
from ballots.lint.particulars import Stated, to_a_legal_employer, workplaces_of_others
from ballots.lint.sources import LONDON_UNDERGROUND, METROBUS, MILFORD_HAVEN, NETWORK_RAIL, stop, under, warn
from ballots.lint.voting_paper import WORDS
from ballots.pack import ActionNotice
from core.calendar import in_days, in_words
from core.findings import Finding
from core.tulrca import (
    ACCURACY_OF_ACTION_NOTICE,
    ACTION_NOTICE_FIGURES,
    ACTION_NOTICE_LISTS,
    ACTION_NOTICE_PATTERN,
    ACTION_NOTICE_TIME,
    ACTION_NOTICE_WINDOW,
    BALLOTED,
    IN_FURTHERANCE,
)

NAME = "notice of action"


def _notice(brief: Brief, index: int) -> tuple[ActionNotice, str]:
    return brief.pack.action_notices[index], f"action_notices[{index}]"


def _terms(brief: Brief, index: int) -> NoticeTerms:
    """What bears on the law of a notice besides its receipt: what its employer agreed to and had before."""
    employer = brief.employer(brief.pack.action_notices[index].employer)
    agrees = employer is not None and employer.terms.agrees_shorter_notice
    return NoticeTerms(agrees, brief.earlier_notice_on(index))


def addressee(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice to somebody else than an employer of those entitled, or of another's workplaces."""
    notice, where = _notice(brief, index)
    yield from to_a_legal_employer(brief, notice.employer, where, NAME)
    yield from workplaces_of_others(brief, notice, where)


def kind(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice of a kind of action that was not balloted, or of no kind."""
    notice, where = _notice(brief, index)
    if notice.kind is None:
        said = (f"The {NAME} received on {in_words(notice.received)} does not say which kind of action.", _NEW)
        yield stop("action_notice_kind_missing", f"{where}.kind", said, ACTION_NOTICE_FIGURES)
    elif notice.kind not in brief.pack.ballot.questions:
        said = (f"The notice is of {WORDS[notice.kind]}, on which there was no question in the ballot.", _BALLOT)
        yield stop("action_kind_not_balloted", f"{where}.kind", said, BALLOTED)


_NEW = "Give a new notice that says it, in time."
_BALLOT = "Ballot on that kind of action; a Yes to another kind does not count."


def before_result(brief: Brief, index: int) -> Iterator[Finding]:
    """
    A stop for a notice received before its employer was told the result; the same day will do. A note where another
    notice of the same met the duty.
    """
    notice, where = _notice(brief, index)
    told_on, closes = _told_on(brief, notice), brief.pack.ballot.closes
    if notice.received >= (told_on or closes):
        return
    event = f"told the result on {in_words(told_on)}" if told_on else f"able to be: voting ends on {in_words(closes)}"
    said = f"{notice.employer} received the {NAME} on {in_words(notice.received)}, before it was {event}."
    cure = "Tell the employer the result, then give the notice; the same day will do."
    code = "action_notice_before_result_told"
    other_on = _other_in_time(brief, index)
    if other_on is not None:
        yield met(code, f"{where}.received", said, ACTION_NOTICE_WINDOW, other_on)
    else:
        yield stop(code, f"{where}.received", (said, cure), ACTION_NOTICE_WINDOW, METROBUS)


def _told_on(brief: Brief, notice: ActionNotice) -> date | None:
    employer = brief.employer(notice.employer)
    return brief.told_on(employer) if employer else None


def _other_in_time(brief: Brief, index: int) -> date | None:
    """When the employer of a notice had another that covers all of it, after the result was told and in time."""
    notice = brief.pack.action_notices[index]
    employer = brief.employer(notice.employer)
    if employer is None or notice.kind is None:
        return None
    told_on = brief.told_on(employer) or brief.pack.ballot.closes
    for at, other in brief.notices_to(employer, notice.kind):
        first = first_day(other)
        if at == index or first is None or other.received < told_on or not covers(other, notice):
            continue
        if first >= earliest_action(other.received, _terms(brief, at), brief.law):
            return other.received
    return None


def late(brief: Brief, index: int) -> Iterator[Finding]:
    """
    A stop for a notice that names a day sooner than its receipt allows; a warn where an agreement that a saving may
    keep allows it, a note where another notice of the same met the duty.
    """
    notice, where = _notice(brief, index)
    first, terms = first_day(notice), _terms(brief, index)
    if first is None:
        return
    length = notice_length(notice.received, terms, brief.law)
    allowed = earliest_action(notice.received, terms, brief.law)
    if first < allowed:
        kept = _kept(brief, index)
        said = (
            f"{notice.employer} received the {NAME} on {in_words(notice.received)}; notice of {in_days(length.whole)} "
            f"allows action from {in_words(allowed)}, not on {in_words(first)}.{kept}"
        )
        cure = f"Take no action of this notice before {in_words(allowed)}, or give a new notice for later days."
        other_on, source = _other_in_time(brief, index), under(ACTION_NOTICE_TIME, length)
        if other_on is not None:
            yield met("action_notice_late", f"{where}.received", said, source, other_on)
            return
        finding = warn if is_contested(first, notice.received, terms, brief.law) else stop
        yield finding("action_notice_late", f"{where}.received", (said, cure), source)


def late_if_one_action(brief: Brief, index: int) -> Iterator[Finding]:
    """
    A warn for a notice in time by its own law, and late by the older one: where the employer had notice of another kind
    of action under this ballot before, and both are one action (SI 2026/3, Sch. 2, para 10).
    """
    notice, where = _notice(brief, index)
    first, terms = first_day(notice), _terms(brief, index)
    if first is None or first < earliest_action(notice.received, terms, brief.law):
        return
    one_action = replace(terms, earlier_received_on=brief.earlier_notice_on(index, any_kind=True))
    allowed = earliest_action(notice.received, one_action, brief.law)
    if first < allowed and one_action.earlier_received_on is not None:
        said = (
            f"{notice.employer} had notice of other action under this ballot on "
            f"{in_words(one_action.earlier_received_on)}. If that is the same action, the older law goes on, and the "
            f"{NAME} received on {in_words(notice.received)} allows action from {in_words(allowed)} only."
        )
        cure = f"Take no action of this notice before {in_words(allowed)}; that is safe on either reading."
        length = notice_length(notice.received, one_action, brief.law)
        yield warn("action_notice_late", f"{where}.received", (said, cure), under(ACTION_NOTICE_TIME, length))


def _kept(brief: Brief, index: int) -> str:
    """A sentence where an earlier notice of the same action keeps the older law for this one; else nothing."""
    received, terms = brief.pack.action_notices[index].received, _terms(brief, index)
    alone = replace(terms, earlier_received_on=None)
    if terms.earlier_received_on is None or notice_length(received, alone, brief.law) == notice_length(
        received, terms, brief.law
    ):
        return ""
    return f" The notice of this action received on {in_words(terms.earlier_received_on)} keeps the older law for it."


def agreement(brief: Brief, index: int) -> Iterator[Finding]:
    """A warn for an agreement to shorter notice that this notice cannot rely on."""
    notice, where = _notice(brief, index)
    for finding in agreement_findings(notice.received, _terms(brief, index), brief.law):
        yield replace(finding, where=f"{where}.received", citation=ACTION_NOTICE_TIME)


def days(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice that does not say whether action is continuous or discontinuous, or on which days."""
    notice, where = _notice(brief, index)
    if notice.pattern is None:
        said = (
            f"The {NAME} received on {in_words(notice.received)} does not say whether the action is continuous or "
            "discontinuous."
        )
        yield stop(
            "action_notice_pattern_missing", f"{where}.pattern", (said, _NEW), ACTION_NOTICE_PATTERN, MILFORD_HAVEN
        )
    if is_continuous(notice) and notice.starts is None:
        key, said = "starts", "The notice of continuous action does not name its first day."
        if notice.pattern is None:
            key, said = "dates", "The notice of action names no day."
        yield stop("action_notice_dates_missing", f"{where}.{key}", (said, _NEW), ACTION_NOTICE_PATTERN)
    elif not is_continuous(notice) and not notice.dates:
        said = "The notice of discontinuous action names no day of it."
        yield stop("action_notice_dates_missing", f"{where}.dates", (said, _NEW), ACTION_NOTICE_PATTERN)


def contents(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for the lists, figures and explanation that the law of the day of receipt wants."""
    notice, where = _notice(brief, index)
    wanted = action_notice_contents(notice.received, _terms(brief, index), brief.law)
    stated = Stated(notice, NAME, where, wanted)
    lacking = stated.lacking("total", "categories", "workplaces", "by_category", "by_workplace")
    yield from stated.missing("action_notice_figures_missing", lacking, ACTION_NOTICE_FIGURES)
    explanation = stated.lacking("explanation")
    yield from stated.missing("action_notice_explanation_missing", explanation, ACTION_NOTICE_FIGURES, METROBUS)


def figures(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for figures that disagree with each other; a warn for others than the ballot's register had."""
    notice, where = _notice(brief, index)
    cure = "Count again from the register of now and give a new notice in time."
    own = [*own_sums(notice.total, notice.by_category, notice.by_workplace), *lists_and_figures(notice)]
    if own:
        said = f"The {NAME} to {notice.employer} disagrees with itself: {'; '.join(own)}."
        yield stop("figures_disagree", f"{where}.total", (said, cure), ACCURACY_OF_ACTION_NOTICE, NETWORK_RAIL)
    employer = brief.employer(notice.employer)
    if employer is None:
        return
    unlike = [*against_register(notice, employer, brief)]
    unlike += [
        f"it names the workplace {urn}, which is not in the dispute"
        for urn, other in other_workplaces(notice, employer, brief)
        if not other
    ]
    if unlike:
        said = f"The {NAME} to {notice.employer} is unlike the ballot's register: {'; '.join(unlike)}."
        cure = "Show that people joined or left since; members left out of the ballot may not be called."
        yield warn("figures_disagree", f"{where}.total", (said, cure), ACCURACY_OF_ACTION_NOTICE, LONDON_UNDERGROUND)


def categories(brief: Brief, index: int) -> Iterator[Finding]:
    """A warn for each category that does not tell who is meant."""
    notice, where = _notice(brief, index)
    yield from vague_categories(notice.categories, where, ACTION_NOTICE_LISTS)


def settled(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice given after the dispute was settled."""
    notice, where = _notice(brief, index)
    settled_on = brief.pack.dispute.settled_on
    if settled_on is not None and notice.received > settled_on:
        said = f"The dispute was settled on {in_words(settled_on)}; the {NAME} was received after it."
        cure = "Withdraw the notice: there is nothing left to act over."
        yield stop("dispute_settled", f"{where}.received", (said, cure), IN_FURTHERANCE)


EACH = (
    addressee,
    kind,
    settled,
    before_result,
    late,
    late_if_one_action,
    agreement,
    days,
    contents,
    figures,
    categories,
)
