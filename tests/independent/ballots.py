"""Ballots, papers and action of what was left behind, counted again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tests.independent.counting import (
    BALLOT_NOTICE,
    SAMPLE_PAPER,
    carried,
    days_before,
    last_day_of_mandate,
    notice_of_action_days,
)
from tests.independent.left_behind import LeftBehind, Row

PROVES = ("A", "B")
FOUR_WEEKS = timedelta(days=27)
"""The last day of the four weeks that begin with a day."""
HELD = ("open", "closed", "counted", "declared")


def complaints(left: LeftBehind) -> Iterator[str]:
    """Every ballot and every piece of action that does not come out."""
    for ballot in left.table("ballots"):
        yield from (f"ballot {ballot['ref']}: {said}" for said in _ballot(left, ballot))
    for action in left.table("actions"):
        ref = left.of_id("cases")[action["case_id"]]["ref"]
        yield from (
            f"case {ref}, {action['kind']} from {action['starts_on']}: {said}" for said in _action(left, action)
        )


def _ballot(left: LeftBehind, ballot: Row) -> Iterator[str]:
    listed = left.by("entitled_to_vote", "ballot_id")[ballot["id"]]
    if len(listed) != ballot["entitled"]:
        yield f"{ballot['entitled']} are said to be entitled, {len(listed)} are on the list"
    yield from _deadlines(left, ballot)
    if ballot["stage"] in HELD:
        for kind, days in (("notice_of_ballot", BALLOT_NOTICE), ("sample_voting_paper", SAMPLE_PAPER)):
            yield from _in_time(left, ballot, kind, days_before(ballot["opens_on"], days))
    if ballot["result"]:
        yield from _result(left, ballot, ballot["result"])
    elif left.by("mandates", "ballot_id")[ballot["id"]]:
        yield "it has a mandate and no result"


def _deadlines(left: LeftBehind, ballot: Row) -> Iterator[str]:
    wanted = {
        "ballot_notice_received": days_before(ballot["opens_on"], BALLOT_NOTICE),
        "sample_paper_received": days_before(ballot["opens_on"], SAMPLE_PAPER),
        "ballot_opens": ballot["opens_on"],
        "ballot_closes": ballot["closes_on"],
    }
    if ballot["result"] and ballot["scrutineer"]:
        wanted["scrutineer_report"] = ballot["closes_on"] + FOUR_WEEKS
    for case_id in cases_of(left, ballot):
        set_days = {(row["kind"], row["due_on"]) for row in left.by("deadlines", "case_id")[case_id]}
        for kind, due in wanted.items():
            if (kind, due) not in set_days:
                yield f"no wait for {kind} on {due}"


def cases_of(left: LeftBehind, ballot: Row) -> list[str]:
    """The ids of the cases that a ballot covers."""
    return [row["case_id"] for row in left.by("ballot_cases", "ballot_id")[ballot["id"]]]


def _in_time(left: LeftBehind, ballot: Row, kind: str, latest: date) -> Iterator[str]:
    for leg in left.by("ballot_legs", "ballot_id")[ballot["id"]]:
        sent = [row for row in papers(left, f"ballot:{ballot['id']}", kind) if _to(row) == leg["employer_id"]]
        if {row["latest_receipt_on"] for row in sent} != {latest}:
            yield f"{kind} is due by {latest}, and not by what it says"
        came = first_proved(left, sent, ballot["opens_on"])
        if came is None or came > latest:
            yield f"{kind} came on {came}, due by {latest}"


def _to(notice: Row) -> str:
    return str(notice["recipient_key"]).partition(":")[2].replace("-", "")


def papers(left: LeftBehind, subject: str, kind: str) -> list[Row]:
    """The notices of a kind about a subject."""
    return [
        row for row in left.table("notices") if row["kind"] == kind and row["subject_ref"].replace("-", "") == subject
    ]


def first_proved(left: LeftBehind, notices: list[Row], on: date) -> date | None:
    """The first day for which any copy was proved to have come, as it was known on a day: a proof may be withdrawn."""
    proofs = [row for notice in notices for row in left.by("notice_evidence", "notice_id")[notice["id"]]]
    days = [
        row["received_on"]
        for row in proofs
        if row["evidence_class"] in PROVES and (row["revoked_at"] is None or row["revoked_at"].date() >= on)
    ]
    return min(days, default=None)


def _result(left: LeftBehind, ballot: Row, result: Row) -> Iterator[str]:
    cast, entitled = result["cast"], result["entitled"]
    if entitled != ballot["entitled"] or cast > entitled:
        yield f"{cast} of {entitled} voted, where {ballot['entitled']} could"
    won = set()
    for kind, count in result["questions"].items():
        if count["yes"] + count["no"] + count["spoiled"] > cast:
            yield f"{kind}: more answers than papers"
        yes = carried(
            ballot["opens_on"], ballot["service"], ballot["nation"], entitled=entitled, cast=cast, yes=count["yes"]
        )
        if yes != count["mandate"]:
            yield f"{kind}: {count['yes']} Yes, {cast} papers, {entitled} entitled {'carry' if yes else 'lose'} it"
        won |= {kind} if yes else set()
    given = {row["kind"] for row in left.by("mandates", "ballot_id")[ballot["id"]]}
    if given != (won if _still_in_dispute(left, ballot) else set()):
        yield f"mandates for {sorted(given)}, where {sorted(won)} were carried"
    for row in left.by("mandates", "ballot_id")[ballot["id"]]:
        last = last_day_of_mandate(ballot["opens_on"], ballot["closes_on"])
        if (row["first_day"], row["last_day"]) != (ballot["closes_on"], last):
            yield f"its mandate runs from {ballot['closes_on']} to {last}, not to {row['last_day']}"


def _still_in_dispute(left: LeftBehind, ballot: Row) -> bool:
    """Whether at least one of its cases had neither settled nor been closed when the result was declared."""
    for case_id in cases_of(left, ballot):
        rows = sorted(left.by("case_events", "case_id")[case_id], key=lambda row: row["seq"])
        disputed = False
        for row in rows:
            if row["kind"] == "ballot_authorised" and row["facts"]["ballot_id"].replace("-", "") == ballot["id"]:
                disputed = True
            elif row["kind"] in {"settlement_reached", "case_closed"} or row["facts"].get("answer") == "accepted":
                disputed = False
            elif row["kind"] == "result_declared" and row["facts"]["ballot_id"].replace("-", "") == ballot["id"]:
                break
        if disputed:
            return True
    return False


def _action(left: LeftBehind, action: Row) -> Iterator[str]:
    mandate = left.of_id("mandates").get(action["mandate_id"])
    if mandate is None:
        yield "its mandate is gone"
        return
    if mandate["kind"] != action["kind"]:
        yield f"its mandate is for {mandate['kind']}"
    case = left.of_id("cases")[action["case_id"]]
    workplaces = [each.replace("-", "") for each in mandate["workplace_ids"]]
    if case["workplace_id"] not in workplaces:
        yield "its mandate is another school's"
    for on in taken_on(left, action):
        if not mandate["first_day"] <= on <= mandate["last_day"]:
            yield f"{on} lies outside the mandate, {mandate['first_day']} to {mandate['last_day']}"
    for served in _served(left, action):
        yield from _noticed(left, action, mandate, served)


def taken_on(left: LeftBehind, action: Row) -> list[date]:
    """The days on which the action is recorded as taken or begun."""
    rows = left.by("case_events", "case_id")[action["case_id"]]
    ours = [row for row in rows if row["facts"].get("action_id", "").replace("-", "") == action["id"]]
    held = [date.fromisoformat(row["facts"]["on"]) for row in ours if row["kind"] == "strike_day_held"]
    return [*held, *(row["happened_on"] for row in ours if row["kind"] == "asos_began")]


def _served(left: LeftBehind, action: Row) -> list[date]:
    """The day on which notice of the action was taken for served; none where it was not."""
    rows = left.by("case_events", "case_id")[action["case_id"]]
    return [
        row["recorded_at"].date()
        for row in rows
        if row["kind"] in {"action_notice_served", "strike_notice_served"}
        and row["facts"].get("action_id", "").replace("-", "") == action["id"]
    ]


def _noticed(left: LeftBehind, action: Row, mandate: Row, served: date) -> Iterator[str]:
    came = first_proved(left, papers(left, f"action:{action['id']}", "notice_of_action"), served)
    if came is None:
        yield "no proof that its notice came"
        return
    latest = days_before(action["starts_on"], notice_of_action_days(came))
    if came > latest:
        yield f"its notice came on {came}, due by {latest}"
    told = first_proved(left, papers(left, f"ballot:{mandate['ballot_id']}", "ballot_result_employer"), served)
    if told is None or told > came:
        yield f"the employer had its notice on {came} and the result on {told}"
    due = {
        row["due_on"]
        for row in left.by("deadlines", "case_id")[action["case_id"]]
        if row["kind"] == "action_notice_received"
    }
    if latest not in due:
        yield f"no wait for its notice on {latest}"
