"""`mandate audit`: whether the history is whole, and the cases what it says of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.cli.database import acting
from app.cli.options import AsJson
from app.cli.output import answer
from ballots.audit import audit_ballots
from casework.audit import CURE, CasesAudit, audit_cases
from casework.pay.audit import audit_pay
from core import history
from core.calendar import in_words, london_time
from core.errors import BadInput
from core.findings import Finding, Severity
from core.history import Verification
from notifications.audit import audit_notices

app = typer.Typer(no_args_is_help=True)

HASH = re.compile(r"[0-9a-f]{64}")


@app.callback()
def audit() -> None:
    """Whether the history is whole, and the cases what it says of them. Example: mandate audit verify."""


@app.command("verify", epilog="Example: mandate audit verify --expect-head HASH, with a head printed earlier")
def verify(
    expect_head: Annotated[
        str | None,
        typer.Option("--expect-head", metavar="HASH", help="A head noted down earlier, which the chain must reach."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Walk the chain of history, replay every case, and hold what is stored against what history noted of it.

    That is: events and who recorded them, ballots with their results and mandates, claims' sums, payment files, whole
    notices with their attempts, and the files that show receipts. Registers, deadlines and agreements have no digest in
    the history and are not looked at.

    Exit 1 names the entry or the case that does not fit. Note the head down away from this machine: only with it can a
    history whose end was cut off be told from a whole one.
    """
    if expect_head is not None and not HASH.fullmatch(expect_head):
        raise BadInput(field="--expect-head", found=expect_head, wanted="64 characters of 0-9 and a-f")
    with acting(None, changing=False) as uow:
        chain = history.verify(uow.session, expected_head=expect_head)
        cases = audit_cases(uow)
        others = (*audit_ballots(uow), *audit_pay(uow), *audit_notices(uow))
    findings = (*_chain_faults(chain), *cases.findings, *others)
    answer(
        _document(chain, cases, findings),
        as_json=as_json,
        people=lambda: _tell(chain, cases, others),
        findings=findings,
    )


@app.command("certificates", epilog="Example: mandate audit certificates --json")
def certificates(as_json: AsJson = False) -> None:
    """
    Every certificate of service that was issued, as the history has it, oldest first: when, by whom, its digest.

    A certificate that somebody holds is one of ours when `mandate notice verify` gives a digest that stands here.
    """
    from app import certificate_views

    with acting(None, changing=False) as uow:
        issued = certificate_views.issued(uow)
        by = certificate_views.issuers(uow, issued)

    def tell() -> None:
        """A digest stays on one line, to be compared; so each certificate has lines of its own."""
        typer.echo("Certificates of service, oldest first" if issued else "No certificate of service was issued.")
        for each in issued:
            at = london_time(each.at)
            typer.echo(f"\n{in_words(at.date())}, {at:%H:%M}, issued by {by[each.by]}")
            typer.echo(f"  Notice {each.notice_id}, entry {each.seq} of the history\n  {each.digest}")

    answer({"certificates": issued}, as_json=as_json, people=tell)


def _chain_faults(chain: Verification) -> tuple[Finding, ...]:
    if chain.whole:
        return ()
    return (Finding("history_broken", Severity.STOP, chain.sentence, CURE, where=f"entry {chain.broken_at}"),)


def _document(chain: Verification, cases: CasesAudit, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "whole": not findings,
        "entries": chain.entries,
        "head": chain.head,
        "broken_at": chain.broken_at,
        "sentence": chain.sentence,
        "cases": cases.cases,
        "events": cases.events,
        "findings": findings,
    }


def _tell(chain: Verification, cases: CasesAudit, others: Sequence[Finding]) -> None:
    typer.echo(f"History: {chain.sentence}")
    typer.echo(f"Head: {chain.head}")
    fits = "every row is what its events give, every event what history recorded"
    told = f"{len(cases.findings)} things do not fit" if cases.findings else fits
    typer.echo(f"Cases: {cases.cases} with {cases.events} events; {told}.")
    whole = "they are what history and the events say"
    told = f"{len(others)} things do not fit" if others else whole
    typer.echo(f"Ballots, results, mandates, claims' sums, payment files, notices and what shows receipt: {told}.")
