"""
Defects that can be planted in any clean pack: each takes a pack as its file reads, and spoils one thing.

A planter returns whether the pack has the thing to spoil. Days are days, so packs in JSON are read into days first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

Pack = dict[str, Any]
Planter = Callable[[Pack], bool]
DAY = timedelta(days=1)
THE_CHANGE = date(2026, 2, 18)


def with_days(facts: Any) -> Any:
    """The same facts with days and hours in place of the strings of JSON."""
    if isinstance(facts, dict):
        return {key: with_days(value) for key, value in facts.items()}
    if isinstance(facts, list):
        return [with_days(value) for value in facts]
    if isinstance(facts, str) and facts[:2] == "20" and facts[4:5] == "-":
        return date.fromisoformat(facts) if len(facts) == 10 else datetime.fromisoformat(facts)
    return facts


def _without(section: str, key: str) -> Planter:
    """Take a key out of the last entry of a section, if it is there."""

    def plant(pack: Pack) -> bool:
        entry = _last(pack, section)
        return entry is not None and entry.pop(key, None) is not None

    return plant


def _changed(section: str, key: str, new: Callable[[Any], Any]) -> Planter:
    """Put another value in the place of one in the last entry of a section, if it is there."""

    def plant(pack: Pack) -> bool:
        entry = _last(pack, section)
        if entry is None or entry.get(key) is None:
            return False
        entry[key] = new(entry[key])
        return True

    return plant


def _last(pack: Pack, section: str) -> Pack | None:
    found = pack.get(section)
    if isinstance(found, list):
        return found[-1] if found else None
    return found


def _statement(pack: Pack) -> bool:
    paper = pack.get("voting_paper")
    if not paper or "statement" not in paper:
        return False
    paper["statement"] = paper["statement"].replace("dismissal", "sacking")
    return True


def _notice_of_ballot_late(pack: Pack) -> bool:
    return _received(pack, "ballot_notices", pack["ballot"]["opens"] - 6 * DAY)


def _sample_late(pack: Pack) -> bool:
    """Unless the move of the receipt takes it over a change of the law, where other papers would be wanted."""
    return _received(pack, "sample_papers", pack["ballot"]["opens"] - 2 * DAY)


def _received(pack: Pack, section: str, on: date) -> bool:
    entry = _last(pack, section)
    if entry is None or entry["received"] < THE_CHANGE <= on:
        return False
    entry["received"] = on
    return True


def _no_notice(pack: Pack) -> bool:
    return _without_the_last(pack, "ballot_notices")


def _no_sample(pack: Pack) -> bool:
    """Unless the sample decides what the paper has to say: opened after the change, received before it."""
    saves = (
        pack["ballot"]["opens"] >= THE_CHANGE > pack.get("sample_papers", [{"received": THE_CHANGE}])[-1]["received"]
    )
    return not saves and _without_the_last(pack, "sample_papers")


def _without_the_last(pack: Pack, section: str) -> bool:
    """Papers are missing only once there is a result, a call or an action."""
    if not {"result", "call", "action"} & pack.keys() or not pack.get(section):
        return False
    pack[section].pop()
    return True


def _employer_untold(pack: Pack) -> bool:
    told = pack.get("result", {}).get("told_employers")
    if not told:
        return False
    told.popitem()
    return True


def _called_early(pack: Pack) -> bool:
    if "call" not in pack:
        return False
    pack["call"]["on"] = pack["ballot"]["closes"] - DAY
    return True


def _called_by_another(pack: Pack) -> bool:
    if "call" not in pack:
        return False
    pack["call"] = {"by": "Branch Treasurer", "on": pack["call"]["on"]}
    return True


def _settled(pack: Pack) -> bool:
    action = _last(pack, "action")
    if action is None:
        return False
    pack["dispute"]["settled_on"] = max(each["starts"] for each in pack["action"]).date()
    return True


def _too_many_votes(pack: Pack) -> bool:
    if "result" not in pack:
        return False
    next(iter(pack["result"]["questions"].values()))["spoiled"] += pack["result"]["cast"]
    return True


def _not_noticed(pack: Pack) -> bool:
    action = _last(pack, "action")
    if action is None:
        return False
    mine = (action["employer"], action["kind"])
    pack["action_notices"] = [each for each in pack["action_notices"] if (each["employer"], each["kind"]) != mine]
    return True


def _a_day_early(pack: Pack) -> bool:
    """The first action of all begins a day before the first day that was notified."""
    if not pack.get("action"):
        return False
    first = min(pack["action"], key=lambda each: each["starts"])
    if first["starts"].date() - DAY <= pack["ballot"]["closes"]:
        return False
    first["starts"] -= DAY
    return True


def _kind_not_balloted(pack: Pack) -> bool:
    """Another kind than the one balloted, noticed and taken."""
    if len(pack["ballot"]["questions"]) != 1 or not pack.get("action_notices"):
        return False
    other = "asos" if pack["ballot"]["questions"] == ["strike"] else "strike"
    for each in (*pack["action_notices"], *pack.get("action", ())):
        each["kind"] = other
    return True


def _file_too_long(pack: Pack) -> bool:
    file = pack["ballot"].get("scrutineer_file")
    if file is None or "result" in pack:
        return False
    file["total"] += 1
    return True


def _empty(_value: object) -> Any:
    return []


PLANTERS: dict[str, tuple[str, Planter]] = {
    "the statement with a word changed": ("voting_paper_statement_wrong", _statement),
    "no numbers on the paper": ("voting_paper_unnumbered", _changed("voting_paper", "numbered", lambda _: False)),
    "no address on the paper": ("voting_paper_return_missing", _without("voting_paper", "return_address")),
    "no date on the paper": ("voting_paper_return_missing", _without("voting_paper", "return_by")),
    "no caller on the paper": ("voting_paper_caller_missing", _without("voting_paper", "caller")),
    "no scrutineer on the paper": ("voting_paper_scrutineer_missing", _without("voting_paper", "scrutineer")),
    "a question left off": ("voting_paper_question_missing", _changed("voting_paper", "questions", lambda q: q[1:])),
    "no opening day": ("ballot_notice_opening_day_missing", _without("ballot_notices", "opening_day")),
    "no total in the notice of ballot": ("ballot_notice_total_missing", _without("ballot_notices", "total")),
    "no list of categories": ("ballot_notice_lists_missing", _changed("ballot_notices", "categories", _empty)),
    "no list of workplaces": ("ballot_notice_lists_missing", _without("ballot_notices", "workplaces")),
    "a total unlike the register": ("figures_disagree", _changed("ballot_notices", "total", lambda total: total - 1)),
    "a scrutineer's file too long": ("figures_disagree", _file_too_long),
    "a late notice of ballot": ("ballot_notice_late", _notice_of_ballot_late),
    "a late sample": ("sample_paper_late", _sample_late),
    "no notice of ballot for the last employer": ("ballot_notice_missing", _no_notice),
    "no sample for the last employer": ("sample_paper_missing", _no_sample),
    "more votes than papers": ("result_arithmetic", _too_many_votes),
    "the last employer not told": ("result_not_told_employer", _employer_untold),
    "called a day early": ("called_before_ballot_date", _called_early),
    "called by another": ("caller_not_specified", _called_by_another),
    "settled on the last day of action": ("dispute_settled", _settled),
    "the last action not noticed": ("action_notice_missing", _not_noticed),
    "the first action a day early": ("action_not_notified", _a_day_early),
    "another kind than balloted": ("action_kind_not_balloted", _kind_not_balloted),
    "no pattern": ("action_notice_pattern_missing", _without("action_notices", "pattern")),
    "no total in the notice of action": ("action_notice_figures_missing", _without("action_notices", "total")),
    "no figures by workplace": ("action_notice_figures_missing", _without("action_notices", "by_workplace")),
    "no explanation": ("action_notice_explanation_missing", _without("action_notices", "explanation")),
    "in Northern Ireland": ("unsupported_jurisdiction", _changed("dispute", "nation", lambda _: "northern-ireland")),
    "electronic": ("method_not_permitted", _changed("ballot", "method", lambda _: "electronic")),
}
