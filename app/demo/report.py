"""
What the demonstration leaves to be seen: a document for programs, and the checks that it must pass.

`mandate demo --json` prints the document, and `result.json` in the folder keeps it. Its `cases` holds one object a
case, by reference; days are ISO dates:

- `ref`, `play` (the play's name, such as `full_climb`; the three cases of the trust share one), `title`
- `urn`, `workplace`, `employer`: the school's number and name, the legal employer's name
- `dispute`: the reference of its latest dispute, or null; `workplaces`: the URNs of every school with a case in that
  dispute, its own first; its own alone where there is none
- `outcome`: `settled_by_head`, `settled_by_officer`, `settled_at_the_threat`, `settled`, `ballot_lost`, `reopened`,
  `resting` or `open`; `stage`: where it stands at the end; `rested_on` and `rests_until`: days, or null
- `raised_on`; `stages`: `[{"stage", "entered_on"}]`, one each time that the case came to another stage, `raised` first
- `ballots`: `[{"ref", "opens_on", "closes_on", "entitled", "cast", "turnout_percent", "turnout_met", "questions",
  "mandates", "mandate_ends_on"}]` by opening day. `questions` is kind to `{"yes", "no", "spoiled"}`, `mandates` the
  kinds won; what a result would tell is null before there is one
- `asos_from`: the days on which action short of a strike began; `strike_days`: `[{"on", "took_part"}]` for every day
  the employer was notified of, `took_part` null where it was not held
- `deadlines`: `{"met", "late", "missed", "open", "no_longer_due"}`, counts. Met and late have a `met_on`, up to or
  after `due_on`; a missed one is neither met nor cancelled, and due before the last day; no longer due is cancelled
- `notices`: `{"sent", "proved"}`, counts over the case and its deadlines, agreements, claims, disputes, ballots and
  action; what went out over several cases together counts for each. Sent: accepted, evidenced or closed. Proved:
  evidenced
- `reimbursed_pence`: of payment files released; `settled_on`: the last day on which terms were agreed, or null;
  `reopened_on`: the last such day, or null

`stopped` is null where everything was played, and else where it stopped: `{"at", "so", "on", "cases", "next"}`, the
point's name and what is so there in words, the day, the references of the cases that are there, and the commands that
go on from it. `checks` then holds only those that must hold at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.demo.checks import checks
from app.demo.drawing import draw
from app.demo.outcomes import SENT, case_row
from app.demo.performance import Part
from app.demo.stopping import stopped
from app.demo.surroundings import TIMELINE
from app.demo.timeline import sheet
from casework import repository
from casework.pay.models import Claim, ClaimState, PaymentBatch
from core import history
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import State
from notifications.models import Notice


def document(
    uow: UnitOfWork,
    folder: Path,
    schools: int,
    parts: Sequence[Part],
    *,
    prefect: bool,
    until: str | None = None,
) -> dict[str, Any]:
    """
    Everything that the command prints; the timeline is drawn into the folder meanwhile. `until` names the point where
    it stopped, if it did.
    """
    found = history.verify(uow.session)
    released = select(func.coalesce(func.sum(PaymentBatch.total_pence), 0)).where(PaymentBatch.released_on.is_not(None))
    paid = select(func.count()).select_from(Claim).where(Claim.state == ClaimState.PAID)
    rows = [case_row(uow, repository.get(uow, part.case_id), part.play) for part in parts]
    draw(folder / TIMELINE, sheet(rows, uow.today), rows)
    return {
        "cases": rows,
        "last_day": uow.today.isoformat(),
        "schools_imported": schools,
        "notices": _notices(uow),
        "reimbursed_pence": uow.session.scalar(released),
        "claims_paid": uow.session.scalar(paid),
        "audit": {"entries": found.entries, "head": found.head, "whole": found.whole, "sentence": found.sentence},
        "checks": [
            {"what": check.what, "holds": check.holds}
            for check in checks(uow, folder, parts, rows, prefect=prefect)
            if until is None or not check.at_the_end
        ],
        "stopped": stopped(uow, until, parts) if until else None,
        "folder": str(folder),
    }


def _notices(uow: UnitOfWork) -> list[dict[str, Any]]:
    """What went out, by kind and medium, and how much of it is proved to have arrived."""
    rows = uow.session.execute(select(Notice.kind, Notice.medium, Notice.state)).all()
    sent = Counter((row.kind, row.medium.value) for row in rows if row.state in SENT)
    proved = Counter((row.kind, row.medium.value) for row in rows if row.state is State.EVIDENCED)
    return [
        {"kind": kind, "channel": medium, "sent": count, "proved": proved[kind, medium]}
        for (kind, medium), count in sorted(sent.items())
    ]
