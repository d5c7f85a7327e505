"""Lost pay of what was left behind, reckoned again and followed to the penny."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date

from tests.independent.chain import plain
from tests.independent.counting import lost_pence
from tests.independent.left_behind import LeftBehind, Row


def complaints(left: LeftBehind) -> Iterator[str]:
    """Every claim and payment file that does not come out."""
    for claim in left.table("claims"):
        yield from (f"claim {claim['id']}: {said}" for said in _claim(left, claim))
    for batch in left.table("payment_batches"):
        yield from (f"payment file {batch['ref']}: {said}" for said in _batch(left, batch))
    twice = Counter((row["member_id"], row["on"]) for row in left.table("claim_days"))
    yield from (f"member {member}: {on} is claimed twice" for (member, on), times in twice.items() if times > 1)


def _claim(left: LeftBehind, claim: Row) -> Iterator[str]:
    days = left.by("claim_days", "claim_id")[claim["id"]]
    held = {
        date.fromisoformat(row["facts"]["on"])
        for row in left.by("case_events", "case_id")[claim["case_id"]]
        if row["kind"] == "strike_day_held"
    }
    if not {row["on"] for row in days} <= held:
        yield "a day is claimed on which nobody struck"
    if claim["payable_pence"] is not None and days:
        yield from _amount(left, claim, days)
    yield from _sent_back(left, claim)
    lines = [row for row in left.by("payment_lines", "claim_id")[claim["id"]] if row["returned_on"] is None]
    if claim["state"] in {"paid", "in_batch"}:
        if [row["pence"] for row in lines] != [claim["payable_pence"]]:
            yield f"{claim['payable_pence']} pence are owed, {[row['pence'] for row in lines]} in payment files"
        if not claim["first_approver"] or claim["first_approver"] == claim["second_approver"]:
            yield "it was not approved by two people"
    elif lines:
        yield f"it is {claim['state']} and stands in a payment file"


def _sent_back(left: LeftBehind, claim: Row) -> Iterator[str]:
    """A payment that came back was sent before, and history tells of it."""
    told = [
        row["facts"]["batch"].replace("-", "")
        for row in left.table("history_entries")
        if row["action"] == "pay:claim:returned" and plain(row["subject"]) == claim["id"]
    ]
    came_back = [row for row in left.by("payment_lines", "claim_id")[claim["id"]] if row["returned_on"] is not None]
    if sorted(told) != sorted(row["batch_id"] for row in came_back):
        yield f"{len(came_back)} payments came back, history tells of {len(told)}"
    for row in came_back:
        released = left.of_id("payment_batches")[row["batch_id"]]["released_on"]
        if released is None or row["returned_on"] < released:
            yield f"a payment came back on {row['returned_on']}, and its file went on {released}"
    if claim["state"] == "returned" and not came_back:
        yield "it is returned, and no payment of it came back"


def _amount(left: LeftBehind, claim: Row, days: list[Row]) -> Iterator[str]:
    case = left.of_id("cases")[claim["case_id"]]
    nation = left.of_id("workplaces")[case["workplace_id"]]["nation"]
    may_be = lost_pence(claim["annual_salary_pence"], claim["fte"], len(days), nation)
    if claim["calculated_pence"] not in may_be:
        yield f"{claim['calculated_pence']} pence were calculated, {sorted(may_be)} come out"
    if claim["payable_pence"] != min(claim["payslip_pence"], claim["calculated_pence"]):
        yield f"{claim['payable_pence']} pence are paid on a loss of {claim['payslip_pence']}"
    if sum(row["pence"] for row in days) != claim["payable_pence"]:
        yield "its days do not add up to it"


def _batch(left: LeftBehind, batch: Row) -> Iterator[str]:
    lines = [row["pence"] for row in left.by("payment_lines", "batch_id")[batch["id"]]]
    rows = list(csv.DictReader(io.StringIO(batch["content"].decode(), newline="")))
    in_file = sorted(int(row["amount"].replace(".", "")) for row in rows)
    if sorted(lines) != in_file or sum(lines) != batch["total_pence"] or len(lines) != batch["lines_count"]:
        yield f"{sum(in_file)} pence in the file, {sum(lines)} in its lines, {batch['total_pence']} in all"
    if batch["released_by"] is not None and batch["released_by"] == batch["prepared_by"]:
        yield "one person prepared and released it"


def reimbursed(left: LeftBehind, case_id: str) -> int:
    """The pence of a case's claims in files that were released."""
    released = {row["id"] for row in left.table("payment_batches") if row["released_on"]}
    ours = {row["id"] for row in left.table("claims") if row["case_id"] == case_id}
    return sum(
        row["pence"]
        for row in left.table("payment_lines")
        if row["batch_id"] in released and row["claim_id"] in ours and row["returned_on"] is None
    )
