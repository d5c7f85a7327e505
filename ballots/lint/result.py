"""The result: figures that fit together, thresholds that are met, and who was told when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ballots.lint.brief import Brief, Employer, differ, plain
from ballots.lint.sources import BRITISH_AIRWAYS, METROBUS, NASUWT, WEST_MIDLANDS, stop, warn
from ballots.mandate import ActionKind
from ballots.pack import BallotResult
from ballots.result import (
    BallotThresholds,
    Service,
    Votes,
    arithmetic_faults,
    question_findings,
    question_result,
    thresholds_for,
)
from core.calendar import in_words
from core.findings import Finding
from core.tulrca import BALLOTED, COUNT, EMPLOYERS_TOLD, LEFT_OUT, MEMBERS_TOLD

COUNT_AGAIN = "Have the scrutineer put the figures right before anything is built on them."


def _votes(result: BallotResult) -> tuple[Votes, ...]:
    """The counts that say both Yes and No."""
    return tuple(
        Votes(kind, count.yes, count.no, count.spoiled or 0)
        for kind, count in result.questions.items()
        if count.yes is not None and count.no is not None
    )


def _cast(result: BallotResult) -> int:
    """The papers returned; where they are not counted, the most that any question has."""
    if result.cast is not None:
        return result.cast
    return max((votes.papers for votes in _votes(result)), default=0)


def _entitled(brief: Brief, result: BallotResult) -> int | None:
    """How many were entitled to vote: by the result, else by the register, else by the scrutineer's file."""
    file = brief.pack.ballot.scrutineer_file
    known = (result.entitled, brief.registered, file.total if file else None)
    return next((figure for figure in known if figure is not None), None)


def arithmetic(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """A stop for each contradiction between the figures of the result."""
    entitled, votes = _entitled(brief, result), _votes(result)
    for fault in arithmetic_faults(entitled if entitled is not None else _cast(result), _cast(result), votes):
        if fault.field == "question" or (fault.field == "entitled" and entitled is None):
            continue  # the next rule says what is lacking
        where = f"result.{fault.field.replace('question ', 'questions.')}"
        said = f"The figures contradict each other: {fault.field} is {fault.found}, and has to be {fault.wanted}."
        yield stop("result_arithmetic", where, (said, COUNT_AGAIN), COUNT)
    yield from _entitled_differ(brief, result)


def _entitled_differ(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    file = brief.pack.ballot.scrutineer_file
    figures = {
        "the result": result.entitled,
        "the register": brief.registered,
        "the scrutineer's file": file.total if file else None,
    }
    if result.entitled is not None and differ(*figures.values()):
        shown = ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure is not None)
        said = f"How many were entitled to vote has different figures: {shown}."
        yield stop("result_arithmetic", "result.entitled", (said, COUNT_AGAIN), COUNT)


def counts(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """
    A stop for a question without a count that action is built on, and a count without a question; else a warn for what
    the result does not say.
    """
    asked = brief.pack.ballot.questions
    for kind in ActionKind:
        count = result.questions.get(kind)
        where = f"result.questions.{kind}"
        if kind in asked and (count is None or count.yes is None or count.no is None):
            said = f"The result does not say how many voted Yes and No on the question of {kind.words}."
            yield _incomplete("majority_not_met", where, said, in_play=kind in brief.kinds_in_play)
        elif count is not None and kind not in asked:
            said = f"The result counts votes on {kind.words}, which the ballot did not ask."
            yield stop("result_arithmetic", where, (said, COUNT_AGAIN), COUNT)
    if _entitled(brief, result) is None:
        said = "How many were entitled to vote is not said, so the thresholds cannot be shown to be met."
        in_play = bool(brief.kinds_in_play) and _thresholds(brief).turnout is not None
        yield _incomplete("turnout_not_met", "result.entitled", said, in_play=in_play)


def _incomplete(code: str, where: str, said: str, *, in_play: bool) -> Finding:
    """A figure that is not there: nothing shows the threshold that action is built on to be met."""
    if in_play:
        return stop(code, where, (said, COUNT_AGAIN), BALLOTED)
    return warn("result_incomplete", where, (said, COUNT_AGAIN), MEMBERS_TOLD)


def _thresholds(brief: Brief) -> BallotThresholds:
    service = brief.pack.ballot.service or Service.STATE_TEACHING  # the stricter where nothing is said
    return thresholds_for(brief.pack.ballot.opens, service, brief.law)


def thresholds(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """
    What is missing for a mandate, question by question.

    A stop for a kind that is noticed, planned or taken, or where no question passes; else a note.
    """
    entitled, cast, shares = _entitled(brief, result), _cast(result), _thresholds(brief)
    votes = _votes(result)
    if not entitled:
        return
    passing = [each.kind for each in votes if question_result(each, cast, entitled, shares).mandate]
    for each in votes:
        blocking = not passing or each.kind in brief.kinds_in_play
        for finding in question_findings(each, cast, entitled, shares, blocking=blocking):
            yield _placed(finding, each.kind)


def _placed(finding: Finding, kind: ActionKind) -> Finding:
    """A finding on a threshold at its place in the pack, with the Act's own section and the case."""
    cited = finding.citation
    by = f" ({cited.act}, {cited.provision})" if cited is not None and cited.act != BALLOTED.act else ""
    provisions = {
        "turnout_not_met": "s. 226(2)(a)(iia)",
        "support_not_met": "s. 226(2A)-(2F)",
        "majority_not_met": "s. 226(2)(a)(iii)",
        "majority_contested": "s. 226(2)(a)(iii)",
    }
    citation = replace(BALLOTED, provision=f"{provisions[finding.code]}{by}")
    case = WEST_MIDLANDS if finding.code.startswith("majority") else None
    return replace(finding, where=f"result.questions.{kind}", citation=citation, case=case)


def left_out(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """A warn where people on the register were not on the scrutineer's file, and could have turned the result."""
    file = brief.pack.ballot.scrutineer_file
    entitled, registered = _entitled(brief, result), brief.registered
    if not entitled or file is None or file.total is None or registered is None or registered <= file.total:
        return
    number, shares = registered - file.total, _thresholds(brief)
    for votes in _votes(result):
        if not question_result(votes, _cast(result), file.total, shares).mandate:
            continue
        against = replace(votes, no=votes.no + number)
        if question_result(against, _cast(result) + number, registered, shares).mandate:
            continue
        said = (
            f"{number} on the register had no paper; had they all voted No, {votes.kind} would have no mandate, so "
            "the failure cannot be called one that was unlikely to affect the result."
        )
        cure = "Call none of them to action, and have counsel look at s. 232B; a fresh ballot is safe."
        where = f"result.questions.{votes.kind}"
        yield warn("left_out_could_change_result", where, (said, cure), LEFT_OUT, NASUWT)


def employers_told(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """A stop for an employer of those entitled that was not told the result; a warn for a name that employs none."""
    for employer in brief.legs:
        if brief.told_on(employer) is None:
            yield _not_told(brief, employer, result)
    for name in result.told_employers:
        if brief.employer(name) is None:
            said = f"{name} was told the result, and is no legal employer of a workplace of the dispute."
            cure = "Tell the legal employer; telling somebody else is no telling."
            yield warn("employer_wrong", "result.told_employers", (said, cure), EMPLOYERS_TOLD)


def _not_told(brief: Brief, employer: Employer, result: BallotResult) -> Finding:
    early = next((day for name, day in result.told_employers.items() if plain(name) == plain(employer.name)), None)
    said = f"{employer.name} employs people who were entitled to vote, and was not told the result."
    if early is not None:
        said = (
            f"{employer.name} was told something on {in_words(early)}, before voting ended on "
            f"{in_words(brief.pack.ballot.closes)}: that cannot be the result."
        )
    cure = "Tell this employer the result at once; no notice of action to it counts before."
    return stop("result_not_told_employer", "result.told_employers", (said, cure), EMPLOYERS_TOLD, METROBUS)


def told_late(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """A warn for each telling after the working day that follows the end of voting."""
    for employer in brief.legs:
        told_on = brief.told_on(employer)
        if told_on is not None and told_on > brief.result_due:
            where = "result.told_employers"
            yield _told_late(brief, employer.name, told_on, where)
    if result.told_members is not None and result.told_members > brief.result_due:
        yield _told_late(brief, "The members", result.told_members, "result.told_members")


def _told_late(brief: Brief, who: str, told_on: date, where: str) -> Finding:
    closes = brief.pack.ballot.closes
    said = (
        f"{who}: told the result on {in_words(told_on)}. Voting ended on {in_words(closes)}, the next working day was "
        f"{in_words(brief.result_due)}; the law says as soon as reasonably practicable."
    )
    cure = "Note why it was not practicable sooner; give no notice of action that rests on an earlier day."
    employer = where == "result.told_employers"
    source = EMPLOYERS_TOLD if employer else MEMBERS_TOLD
    return warn("result_told_late", where, (said, cure), source, METROBUS if employer else BRITISH_AIRWAYS)


def members_told(brief: Brief, result: BallotResult) -> Iterator[Finding]:
    """A warn where no day is given on which the members were told, or one before the voting ended."""
    told_on, closes = result.told_members, brief.pack.ballot.closes
    if told_on is not None and told_on >= closes:
        return
    said = "Nothing shows that those entitled to vote were told the result."
    if told_on is not None:
        said = f"The members were told on {in_words(told_on)}, before voting ended on {in_words(closes)}."
    cure = "Tell everyone who was entitled to vote as soon as reasonably practicable, and keep the proof."
    where = "result.told_members"
    yield warn("result_not_told_members", where, (said, cure), MEMBERS_TOLD, BRITISH_AIRWAYS)


EACH = (arithmetic, counts, thresholds, left_out, employers_told, told_late, members_told)
