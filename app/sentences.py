"""
One plain sentence for each kind of event, read from its facts: counts, dates and reasons, never a person's name.

A fact that an event may lack is left out of its sentence; what every event of the kind carries is taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from app.stored_words import shortfall
from app.templating import long_date
from casework.issues.catalogue import issue
from casework.lifecycle import EventKind
from core.errors import NotFound

Facts = Mapping[str, Any]

ANSWERS = {
    "accepted": "management accepted what members ask for",
    "refused": "management refused",
    "adjourned": "the meeting was adjourned",
}
KINDS_OF_ACTION = {"asos": "action short of a strike", "strike": "a strike"}
ACTORS = {
    "officer": "the officer",
    "staff": "staff",
    "account": "staff",
    "flow": "Mandate, by itself",
    "member": "a member",
    "link": "the recipient",
}


def sentence(kind: EventKind, facts: Facts) -> str:
    """What happened, in one sentence with a full stop."""
    return SENTENCES[kind](facts)


def by_whom(actor: str) -> str:
    """The kind of whoever recorded it, from an actor such as `officer:<id>`."""
    return ACTORS.get(actor.partition(":")[0], "Mandate, by itself")


def in_list(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 member`, `22 members`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _day(told: Any) -> str:
    return long_date(told if isinstance(told, date) else date.fromisoformat(str(told)))


def _issue_title(code: str) -> str:
    try:
        return issue(code).title
    except NotFound:
        return code


def _because(facts: Facts) -> str:
    reason = str(facts.get("reason") or "").strip().rstrip(".")
    return f": {reason}." if reason else "."


def _raised(facts: Facts) -> str:
    titles = [_issue_title(code) for code in facts["issues"]]
    return f"The case was raised over {count(len(titles), 'issue')}: {in_list(titles)}."


def _arranged(facts: Facts) -> str:
    return f"A members’ meeting was arranged for {_day(facts['meets_on'])}."


def _members_met(facts: Facts) -> str:
    present, in_favour = facts["present"], facts["in_favour"]
    voted = "was" if in_favour == 1 else "were"
    if at_work := facts.get("members"):
        return f"{present} of {count(at_work, 'member')} met; {in_favour} {voted} in favour."
    return f"{count(present, 'member')} met; {in_favour} {voted} in favour."


def _letter(facts: Facts) -> str:
    by = f", to be answered by {_day(facts['answer_by'])}" if "answer_by" in facts else ""
    return f"The members’ letter was made out to the head teacher{by}."


def _no_answer(facts: Facts) -> str:
    by = f" by {_day(facts['answer_by'])}" if "answer_by" in facts else " in time"
    return f"The head teacher did not answer{by}."


def _met(who: str) -> Callable[[Facts], str]:
    return lambda facts: f"{who}; {ANSWERS[facts['answer']]}."


def _assessed(facts: Facts) -> str:
    return (
        f"The officer met {count(facts['present'], 'member')}: {facts['ready_for_asos']} ready for action short of a "
        f"strike, {facts['ready_to_strike']} ready to strike."
    )


def _ballot_authorised(facts: Facts) -> str:
    schools = facts.get("workplaces", 1)
    together = f" of {schools} schools together" if schools > 1 else ""
    assessed = f" Why the method is secure: {facts['assessment']}" if "assessment" in facts else ""
    by = f" by {facts['method']} voting" if "method" in facts else ""
    if "opens_on" in facts and "closes_on" in facts:
        dates = f"open from {_day(facts['opens_on'])} to {_day(facts['closes_on'])}"
        return f"A ballot{together}{by} was authorised, {dates}.{assessed}"
    return f"A ballot{together}{by} was authorised.{assessed}"


def _turnout(facts: Facts) -> str:
    of = f" of {facts['entitled']:,}" if "entitled" in facts else ""
    return f"{facts['cast']:,}{of} voting papers were returned so far."


def _declared(facts: Facts) -> str:
    kinds = [KINDS_OF_ACTION.get(str(kind), str(kind)) for kind in facts["mandates"]]
    given = f"a mandate for {in_list(kinds)}" if kinds else f"no mandate{_missed(facts)}"
    if "cast" not in facts:
        return f"The result was declared: {given}."
    returned = f"{facts['cast']:,} of {count(facts['entitled'], 'voting paper')} came back"
    return f"The result was declared: {given}; {returned}."


def _missed(facts: Facts) -> str:
    """What kept every question from a mandate, each reason once."""
    told = [shortfall(each) for asked in facts.get("questions", {}).values() for each in asked["reasons"]]
    return f" ({in_list(list(dict.fromkeys(told)))})" if told else ""


def _report(facts: Facts) -> str:
    return f"The scrutineer’s report came, {'without reservation' if facts['clean'] else 'with reservations'}."


def _asos(facts: Facts) -> str:
    numbers = [str(number) for number in facts.get("instructions", ())]
    named = f" under {'instruction' if len(numbers) == 1 else 'instructions'} {in_list(numbers)}" if numbers else ""
    return f"Action short of a strike was authorised{named}."


def _on(words: str, key: str = "starts_on") -> Callable[[Facts], str]:
    return lambda facts: f"{words}{f', from {_day(facts[key])}' if key in facts else ''}."


def _strike(facts: Facts) -> str:
    days = [_day(day) for day in facts.get("days", ())]
    return f"A strike was authorised for {in_list(days)}." if days else "A strike was authorised."


def _strike_day(words: str) -> Callable[[Facts], str]:
    def told(facts: Facts) -> str:
        which = f"The strike day {_day(facts['on'])}" if "on" in facts else "A strike day"
        took_part = f"; {count(facts['took_part'], 'member')} took part" if "took_part" in facts else ""
        return f"{which} {words}{took_part}{_because(facts)}"

    return told


def _settled(facts: Facts) -> str:
    titles = [_issue_title(code) for code in facts.get("issues", ())]
    return f"A settlement was reached{' on ' + in_list(titles) if titles else ''}."


def _checked(facts: Facts) -> str:
    titles = [_issue_title(code) for code in facts.get("broken", ())]
    if titles:
        return f"The agreement was checked: it is not kept on {in_list(titles)}."
    return "The agreement was checked and is kept."


def _rested(facts: Facts) -> str:
    return f"The case was put to rest until {_day(facts['wake_on'])}{_because(facts)}"


def _always(words: str) -> Callable[[Facts], str]:
    return lambda _facts: words


def _explained(words: str) -> Callable[[Facts], str]:
    return lambda facts: words + _because(facts)


SENTENCES: Mapping[EventKind, Callable[[Facts], str]] = {
    EventKind.CASE_RAISED: _raised,
    EventKind.ISSUE_ADDED: lambda facts: f"An issue was added: {_issue_title(facts['issue'])}.",
    EventKind.MEMBERS_MEETING_ARRANGED: _arranged,
    EventKind.MEMBERS_MEETING_HELD: _members_met,
    EventKind.HEAD_LETTER_SENT: _letter,
    EventKind.HEAD_MET: _met("The rep met the head teacher"),
    EventKind.HEAD_DID_NOT_ANSWER: _no_answer,
    EventKind.OFFICER_ASSIGNED: _explained("An officer was assigned"),
    EventKind.OFFICER_ACCEPTED: _always("The officer accepted the case."),
    EventKind.OFFICER_DECLINED: _explained("The officer declined the case"),
    EventKind.ASSESSMENT_RECORDED: _assessed,
    EventKind.NEGOTIATION_HELD: _met("The officer met the head teacher"),
    EventKind.DISPUTE_DECLARED: _explained("A trade dispute was declared"),
    EventKind.DISPUTE_JOINED: lambda facts: f"The case joined the trade dispute {facts['dispute']}.",
    EventKind.BALLOT_AUTHORISED: _ballot_authorised,
    EventKind.BALLOT_NOTICES_SERVED: _always("The notice of ballot and the sample voting paper were served."),
    EventKind.BALLOT_CANCELLED: _explained("The ballot was cancelled"),
    EventKind.BALLOT_OPENED: _always("The ballot opened."),
    EventKind.TURNOUT_REPORTED: _turnout,
    EventKind.BALLOT_CLOSED: _always("The ballot closed."),
    EventKind.RESULT_DECLARED: _declared,
    EventKind.SCRUTINEER_REPORTED: _report,
    EventKind.ASOS_AUTHORISED: _asos,
    EventKind.ACTION_NOTICE_SERVED: _on("Notice of industrial action was served"),
    EventKind.ASOS_BEGAN: _on("Action short of a strike began"),
    EventKind.ASOS_ENDED: _explained("Action short of a strike ended"),
    EventKind.ESCALATION_SOUGHT: _explained("Members asked to escalate to a strike"),
    EventKind.ESCALATION_MEETING_HELD: _members_met,
    EventKind.STRIKE_AUTHORISED: _strike,
    EventKind.STRIKE_NOTICE_SERVED: _on("Notice of the strike was served"),
    EventKind.STRIKE_DAY_HELD: _strike_day("was held"),
    EventKind.STRIKE_DAY_WITHDRAWN: _strike_day("was withdrawn"),
    EventKind.STRIKE_OVER: _explained("The strike ended"),
    EventKind.CLAIMS_SETTLED: _always("Every claim for lost pay was settled."),
    EventKind.SETTLEMENT_REACHED: _settled,
    EventKind.AGREEMENT_SIGNED_OFF: _always("The agreement was signed off."),
    EventKind.MONITORING_CHECK_RECORDED: _checked,
    EventKind.MONITORING_FINISHED: _explained("Monitoring of the agreement finished"),
    EventKind.CASE_REOPENED: _explained("The case was reopened"),
    EventKind.CASE_RESTED: _rested,
    EventKind.CASE_WOKEN: _always("The case woke."),
    EventKind.CASE_CLOSED: _explained("The case was closed"),
}
