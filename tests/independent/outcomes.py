"""What came of a case, reckoned from what was left behind: the row that the demonstration's table has to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.independent import pay
from tests.independent.ladder import Happened, Standing
from tests.independent.left_behind import LeftBehind, Row

LONDON = ZoneInfo("Europe/London")
SENT = ("accepted", "evidenced", "closed")
ANSWERED = {"head_met": "settled_by_head", "negotiation_held": "settled_by_officer"}
OF_A_BALLOT = (
    "ref",
    "opens_on",
    "closes_on",
    "entitled",
    "cast",
    "turnout_percent",
    "turnout_met",
    "questions",
    "mandates",
    "mandate_ends_on",
)
OF_A_CASE = (
    "urn",
    "workplace",
    "employer",
    "dispute",
    "workplaces",
    "outcome",
    "stage",
    "rested_on",
    "rests_until",
    "raised_on",
    "stages",
    "asos_from",
    "strike_days",
    "deadlines",
    "notices",
    "reimbursed_pence",
    "settled_on",
    "reopened_on",
)


def row_of(left: LeftBehind, case: Row, events: Sequence[Happened], stood: Sequence[Standing]) -> Row:
    """What the table has to say of a case, its `ballots` too, and beside that `events`, a count, and `since`."""
    school, joined = left.of_id("workplaces")[case["workplace_id"]], _parts(left, case)
    return {
        "ref": case["ref"],
        "urn": school["urn"],
        "workplace": school["name"],
        "employer": left.of_id("employers")[school["employer_id"]]["name"],
        "dispute": joined[0]["ref"] if joined else None,
        "workplaces": _workplaces(left, case, joined),
        "outcome": _outcome(events, stood[-1]),
        "stage": stood[-1].stage,
        "rested_on": iso(events[-1].on) if events[-1].kind == "case_rested" else None,
        "rests_until": stood[-1].rests_until,
        "raised_on": iso(events[0].on),
        "stages": _stages(stood),
        "ballots": [_ballot(left, each) for each in _ballots(left, case)],
        "asos_from": [iso(each.on) for each in events if each.kind == "asos_began"],
        "strike_days": _strike_days(left, events),
        "deadlines": _deadlines(left, case),
        "notices": _notices(left, case, joined),
        "reimbursed_pence": pay.reimbursed(left, case["id"]),
        "settled_on": iso(max((each.on for each in events if _agreed(each)), default=None)),
        "reopened_on": iso(max((each.on for each in events if each.kind == "case_reopened"), default=None)),
        "events": len(events),
        "since": iso(stood[-1].since),
    }


def compared(row: Row, said: Row) -> Iterator[str]:
    """Where the table says otherwise of a case, ballots it made up and ballots it forgot among it."""
    for name in OF_A_CASE:
        if said.get(name) != row[name]:
            yield f"the table says {name} {said.get(name)}, it is {row[name]}"
    ballots = [{name: each.get(name) for name in OF_A_BALLOT} for each in said.get("ballots", ())]
    if ballots != row["ballots"]:
        yield f"the table says of its ballots {ballots}, it is {row['ballots']}"


def iso(day: date | None) -> str | None:
    """A day as the table spells it."""
    return day.isoformat() if day else None


def _agreed(event: Happened) -> bool:
    return event.kind == "settlement_reached" or event.facts.get("answer") == "accepted"


def _outcome(events: Sequence[Happened], now: Standing) -> str:
    if now.rests_until:
        return "resting"
    for event in reversed(events):
        if event.kind == "case_reopened":
            return "reopened"
        if event.kind == "result_declared":
            return "open" if event.facts["mandates"] else "ballot_lost"
        if event.kind == "settlement_reached":
            threatened = any(each.kind == "strike_notice_served" for each in events)
            return "settled_at_the_threat" if threatened and not now.days_struck else "settled"
        if _agreed(event):
            return ANSWERED[event.kind]
    return "open"


def _parts(left: LeftBehind, case: Row) -> list[Row]:
    """The disputes that a case was in: the one it has not settled, then the one it settled last."""
    parts = left.by("dispute_cases", "case_id")[case["id"]]
    ends = {left.of_id("dispute_legs")[part["leg_id"]]["dispute_id"]: part["settled_on"] or date.max for part in parts}
    disputes = [row for row in left.table("disputes") if row["id"] in ends]
    return sorted(disputes, key=lambda row: (ends[row["id"]], row["ref"]), reverse=True)


def _workplaces(left: LeftBehind, case: Row, joined: Sequence[Row]) -> list[str]:
    legs = {row["id"] for row in left.table("dispute_legs") if joined and row["dispute_id"] == joined[0]["id"]}
    together = {row["case_id"] for row in left.table("dispute_cases") if row["leg_id"] in legs}
    others = [row for row in left.table("cases") if row["id"] in together - {case["id"]}]
    schools = [case, *sorted(others, key=lambda row: row["ref"])]
    return [left.of_id("workplaces")[row["workplace_id"]]["urn"] for row in schools]


def _stages(stood: Sequence[Standing]) -> list[dict[str, str | None]]:
    first = {"stage": stood[0].stage, "entered_on": iso(stood[0].since)}
    moved = [now for before, now in pairwise(stood) if now.stage != before.stage]
    return [first, *({"stage": now.stage, "entered_on": iso(now.since)} for now in moved)]


def _ballots(left: LeftBehind, case: Row) -> list[Row]:
    ids = {row["ballot_id"] for row in left.by("ballot_cases", "case_id")[case["id"]]}
    return sorted((row for row in left.table("ballots") if row["id"] in ids), key=lambda row: row["opens_on"])


def _ballot(left: LeftBehind, ballot: Row) -> Row:
    result = ballot["result"] or {}
    mandates = left.by("mandates", "ballot_id")[ballot["id"]]
    entitled = len(left.by("entitled_to_vote", "ballot_id")[ballot["id"]])
    return {
        "ref": ballot["ref"],
        "opens_on": iso(ballot["opens_on"]),
        "closes_on": iso(ballot["closes_on"]),
        "entitled": entitled,
        "cast": result.get("cast"),
        "turnout_percent": round(100 * result["cast"] / entitled, 1) if result else None,
        "turnout_met": 2 * result["cast"] >= entitled if result else None,
        "questions": {
            kind: {answer: count[answer] for answer in ("yes", "no", "spoiled")}
            for kind, count in result.get("questions", {}).items()
        },
        "mandates": sorted({row["kind"] for row in mandates}),
        "mandate_ends_on": iso(max((row["last_day"] for row in mandates), default=None)),
    }


def _strike_days(left: LeftBehind, events: Sequence[Happened]) -> list[Row]:
    """Every day that the employer had notice of, and how many struck on it."""
    served = {each.facts["action_id"].replace("-", "") for each in events if each.kind == "strike_notice_served"}
    days = {day for row in left.table("actions") if row["id"] in served for day in row["days"]}
    struck = {each.facts["on"]: each.facts["took_part"] for each in events if each.kind == "strike_day_held"}
    return [{"on": day, "took_part": struck.get(day)} for day in sorted(days | struck.keys())]


def _deadlines(left: LeftBehind, case: Row) -> dict[str, int]:
    (clock,) = left.table("stored_clock") or [{"stands_at": datetime.now(UTC)}]
    today = clock["stands_at"].astimezone(LONDON).date()
    counted = dict.fromkeys(("met", "late", "missed", "open", "no_longer_due"), 0)
    for row in left.by("deadlines", "case_id")[case["id"]]:
        if row["met_on"]:
            counted["met" if row["met_on"] <= row["due_on"] else "late"] += 1
        elif row["cancelled_on"]:
            counted["no_longer_due"] += 1
        else:
            counted["missed" if row["due_on"] < today else "open"] += 1
    return counted


def _notices(left: LeftBehind, case: Row, joined: Sequence[Row]) -> dict[str, int]:
    """Of the case and everything that is its own, of its ballots and of its disputes."""
    about = {f"case:{case['id']}", *(f"dispute:{row['id']}" for row in joined)}
    about |= {f"ballot:{row['ballot_id']}" for row in left.by("ballot_cases", "case_id")[case["id"]]}
    for table, word in (
        ("deadlines", "deadline"),
        ("agreements", "agreement"),
        ("claims", "claim"),
        ("actions", "action"),
    ):
        about |= {f"{word}:{row['id']}" for row in left.by(table, "case_id")[case["id"]]}
    states = [row["state"] for row in left.table("notices") if row["subject_ref"].replace("-", "") in about]
    return {"sent": sum(each in SENT for each in states), "proved": states.count("evidenced")}
