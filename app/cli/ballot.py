"""`mandate ballot`: a case's ballot, from the declared dispute to the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from app import acts, approvals, ballot_views, notice_views
from app.approvals import Approval
from app.cli.acting import Ref, add_act, add_acts, row, words
from app.cli.database import AsOf, acting
from app.cli.mandates import add_mandates
from app.cli.options import AsJson
from app.cli.output import answer, print_table
from app.cli.packs import add_ballot_packs
from app.notice_views import Crowd, NoticeLine
from app.stored_words import ballot_stage, kind_of_action, notice_word, shortfall, stage_name
from ballots import approving, papers, steps
from ballots.lifecycle import BallotStage
from ballots.models import Ballot
from ballots.repository import ballot_of
from casework import addresses, disputes, repository
from casework.cases import Case
from core.calendar import in_words
from core.errors import NotFound
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork

app = typer.Typer(
    no_args_is_help=True,
    help="A case's ballot, from the declared dispute to the result. Example: mandate ballot show 2026-0001",
)

COMMANDS = {
    "dispute": "dispute_declared",
    "join": "dispute_joined",
    "authorise": "ballot_authorised",
    "approve": "ballot_notices_approved",
    "received": "notice_received",
    "confirm-address": "service_address_confirmed",
    "leave-out": "employer_left_out",
    "turnout": "turnout_reported",
    "result": "result_declared",
    "report": "scrutineer_reported",
    "report-copy": "report_copy_asked",
    "cancel": "ballot_cancelled",
}
AHEAD = frozenset({BallotStage.PLANNED, BallotStage.NOTICED})
BEGUN = AHEAD | {BallotStage.OPEN}

add_act(app, "ballot", "plan", acts.act_named("ballot_authorised"), stored=False)
add_acts(app, "ballot", COMMANDS)
add_ballot_packs(app)
add_mandates(app)


@app.command("notify", epilog="Example: mandate ballot notify 2026-0001")
def notify(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """Prepare the ballot's papers, send those that are approved, and say what is still owed."""
    _brought_forward(ref, _serve, as_json=as_json, as_of=as_of, refused=False)


@app.command("open", epilog="Example: mandate ballot open 2026-0001 --as-of 2026-10-20")
def open_it(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """
    Open the ballot if its day has come and nothing stands in its way; exit 1 with what does.

    A running worker does this by itself on the opening day.
    """

    def opened(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
        _serve(uow, case)
        steps.open_ballot(uow, case.id)
        return _before_opening(uow, case)

    _brought_forward(ref, opened, as_json=as_json, as_of=as_of)


@app.command("close", epilog="Example: mandate ballot close 2026-0001 --as-of 2026-11-18")
def close_it(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """
    Close the ballot once its last day of voting is over; exit 1 before.

    A running worker does this by itself on the day after.
    """

    def closed(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
        steps.close_ballot(uow, case.id)
        ballot = _ballot(uow, case)
        return (_not_over(ballot),) if ballot.stage in BEGUN else ()

    _brought_forward(ref, closed, as_json=as_json, as_of=as_of)


@app.command("show", epilog="Example: mandate ballot show 2026-0001 --json")
def show(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """The ballot with its days, papers and result, and what stands between it and its opening."""
    with acting(as_of, changing=False) as uow:
        case = repository.find(uow, ref)
        findings = _before_opening(uow, case)
        document = _document(uow, case, findings)
    answer(document, as_json=as_json, people=lambda: _tell(document), findings=findings, refused=False)


@app.command("timetable", epilog="Example: mandate ballot timetable 2026-0001 --json")
def timetable(ref: Ref, as_json: AsJson = False, as_of: AsOf = None) -> None:
    """The ballot's steps against the days that the law allows, and its turnout with a forecast, as on its page."""
    with acting(as_of, changing=False) as uow:
        shown = ballot_views.ballot_page(uow, _ballot(uow, repository.find(uow, ref)).ref)
        document = {"ref": shown.ref, "stage": shown.stage, "lines": shown.lines, "turnout": shown.turnout}
    answer(document, as_json=as_json, people=lambda: tell_timetable(shown))


def tell_timetable(shown: ballot_views.BallotPage) -> None:
    """Every step of a ballot as a table, and the turnout in a sentence or two."""
    rows = [row(each.label, each.bound, words(each.state), each.happened) for each in shown.lines]
    print_table(
        f"Ballot {shown.ref}", ("Step", "Day", "State", "What happened"), rows, folds=("Step", "Day", "What happened")
    )
    found = shown.turnout
    asked = "no turnout is asked for" if found.needed is None else f"{found.needed} are asked for"
    typer.echo(f"Papers returned: {found.cast} of {found.entitled}; {asked}.")
    if found.forecast is not None:
        ahead = found.forecast
        typer.echo(f"At the paces so far: {ahead.least} to {ahead.most} by {in_words(ahead.by)}.")


def _brought_forward(
    ref: str,
    step: Callable[[UnitOfWork, Case], tuple[Finding, ...]],
    *,
    as_json: bool,
    as_of: str | None,
    refused: bool | None = None,
) -> None:
    """Do what is due for the ballot, keep it, and say what is left; exit 1 when a stop is, unless `refused` says no."""
    with acting(as_of) as uow:
        case = repository.find(uow, ref)
        disputes.hold(uow, case.id)
        _ballot(uow, case)
        findings = step(uow, case)
        document = _document(uow, case, findings)
    answer(document, as_json=as_json, people=lambda: _tell(document), findings=findings, refused=refused)


def _serve(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
    steps.prepare_ballot_notices(uow, case.id)
    steps.serve_ballot_notices(uow, case.id)
    return _before_opening(uow, case)


def _ballot(uow: UnitOfWork, case: Case) -> Ballot:
    ballot = ballot_of(uow, case.id)
    if ballot is None:
        raise NotFound("ballot of the case", case.ref)
    return ballot


def _before_opening(uow: UnitOfWork, case: Case) -> tuple[Finding, ...]:
    ballot = _ballot(uow, case)
    replaced = addresses.replaced(uow, [papers.ballot_ref(ballot.id)])
    return (*steps.readiness_of(uow, ballot), *replaced) if ballot.stage in AHEAD else replaced


def _not_over(ballot: Ballot) -> Finding:
    last = in_words(ballot.closes_on)
    return Finding(
        "ballot_not_over",
        Severity.STOP,
        f"The ballot {ballot.ref} is {ballot.stage}; its last day of voting is {last}.",
        f"Close it after {last}; a running worker does so by itself.",
    )


def _document(uow: UnitOfWork, case: Case, findings: tuple[Finding, ...]) -> dict[str, Any]:
    ballot = _ballot(uow, case)
    return {
        "ref": case.ref,
        "stage": case.stage,
        "ballot": {
            "ref": ballot.ref,
            "stage": ballot.stage,
            "scope": ballot.scope,
            "schools": [
                {"case": each.ref, "urn": each.workplace.urn, "workplace": each.workplace.name, "stage": each.stage}
                for each in ballot.cases
            ],
            "questions": ballot.questions,
            "method": ballot.method,
            "opens_on": ballot.opens_on,
            "closes_on": ballot.closes_on,
            "entitled": ballot.entitled,
            "scrutineer": ballot.scrutineer,
            "result": ballot.result,
        },
        "notices": notice_views.lines(uow, [papers.ballot_ref(ballot.id)]),
        "to_members": notice_views.to_members(uow, [papers.ballot_ref(ballot.id)]),
        "approval": approvals.awaited_of(uow, case, approving.BALLOT),
        "findings": findings,
    }


def _tell(document: dict[str, Any]) -> None:
    ballot = document["ballot"]
    asked = " and ".join(map(kind_of_action, ballot["questions"]))
    days = f"open from {in_words(ballot['opens_on'])} to {in_words(ballot['closes_on'])}"
    stands = ballot_stage(ballot["stage"])
    typer.echo(f"Ballot {ballot['ref']} on {asked}: {stands}; {days}; {ballot['entitled']} entitled to vote.")
    if len(ballot["schools"]) > 1:
        rows = [row(each["case"], each["workplace"], stage_name(each["stage"])) for each in ballot["schools"]]
        print_table("One ballot of these schools", ("Case", "Workplace", "Stage"), rows)
    typer.echo(
        f"Scrutineer: {ballot['scrutineer'] or 'none needed'}. Case {document['ref']}: {stage_name(document['stage'])}."
    )
    if ballot["result"]:
        tell_result(ballot["result"])
    print_notices(document["notices"], document["to_members"])
    tell_approval(document["approval"])


def tell_result(result: Mapping[str, Any]) -> None:
    """A declared result, question by question: the counts, and whether it gave a mandate or why not."""
    rows = [
        row(kind_of_action(kind), each["yes"], each["no"], each["spoiled"], _outcome(each))
        for kind, each in result["questions"].items()
    ]
    title = f"The result: {result['cast']} papers came back"
    print_table(title, ("Question", "Yes", "No", "Spoiled", "Mandate"), rows, folds=("Mandate",))


def _outcome(question: Mapping[str, Any]) -> str:
    if question["mandate"]:
        return "given"
    why = "; ".join(map(shortfall, question["reasons"]))
    missing = question.get("short_by")
    votes = "vote" if missing == 1 else "votes"
    return f"none: {why}" + (f"; {missing} further Yes {votes} needed" if missing else "")


def tell_approval(approval: Approval | None) -> None:
    """That papers wait for a second person, and the command that approves what is listed and nothing in its place."""
    if approval is not None:
        many = "1 paper waits" if approval.count == 1 else f"{approval.count} papers wait"
        typer.echo(f"{many} for a second person to read and approve: `{approvals.command(approval)}`.")


def print_notices(found: Sequence[NoticeLine], to_members: Sequence[Crowd]) -> None:
    """Notices with their state and receipt; the id is what `received --notice` takes. Those to members are counted."""
    rows = [
        row(each.label, each.to, each.by, notice_word(each.state), each.latest_receipt_on, each.received_on, each.id)
        for each in found
    ]
    rows += [row(each.label, f"{each.count} members", "", notice_word(each.state), "", "", "") for each in to_members]
    if rows:
        columns = ("Notice", "To", "By", "State", "Receive by", "Received", "Id")
        print_table("Notices", columns, rows, folds=("Notice", "To", "State"), drops=("To",))
