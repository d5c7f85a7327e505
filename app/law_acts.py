"""The one way to do an act of the law, for form, API and command line: seen first, saved when somebody says so."""

from __future__ import annotations

from pathlib import Path

from app import law_view
from app.law_differences import differences, merged
from app.law_view import Document
from ballots import law_handlers
from ballots.law_acts import LAW_ACTS, LawAct
from ballots.retiming import effect
from casework.acts import Facts
from core.errors import BadInput, NotFound
from core.law import Law, load
from core.law_records import recorded_law
from core.unit_of_work import UnitOfWork


def law_act(name: str) -> LawAct:
    """The act of that name, or `NotFound`."""
    try:
        return LAW_ACTS[name]
    except KeyError:
        raise NotFound("act of the law", name) from None


def do(uow: UnitOfWork, act: LawAct, facts: Facts, *, save: bool) -> Document:
    """
    Do an act of the law and say what it moved. Not `save`: the caller's transaction is one that is thrown away.

    A second time the same act records and moves nothing.
    """
    outcome = act.handler(uow, facts)
    uow.session.flush()
    return law_view.outcome_document(uow, act.name, outcome, saved=save)


def retime(uow: UnitOfWork, *, save: bool) -> Document:
    """Move whatever the law files of today put on another day, and say what moved."""
    outcome = law_handlers.retime(uow)
    uow.session.flush()
    return law_view.outcome_document(uow, "retime", outcome, saved=save)


def preview(uow: UnitOfWork, folder: Path) -> Document:
    """What a proposed folder of law files would change: values, and what moves with them. Changes nothing."""
    proposed = merged(None, _proposed(folder))
    before = uow.under(uow.law, uow.added_holidays)
    after = uow.under(recorded_law(uow.session, proposed), uow.added_holidays)
    found = effect(before, after)
    changed = differences(before.law, after.law)
    return {"folder": folder, "files_only": False, "parameters": changed, **law_view.effect_document(found, {})}


def preview_of_files(files: Law, folder: Path) -> Document:
    """The same without a database: only the values. What would move is None, for nobody looked."""
    changed = differences(files, merged(files, _proposed(folder)))
    unknown = dict.fromkeys(law_view.effect_document(law_handlers.NOTHING, {}))
    return {"folder": folder, "files_only": True, "parameters": changed, **unknown}


def _proposed(folder: Path) -> Law:
    """The law files of a folder; `BadInput` where there is none, which a comparison would pass over in silence."""
    if not any(folder.glob("*.yaml")):
        wanted = "a folder of law files (PARAMETER.yaml); there is no law file in this folder"
        raise BadInput(field="folder", found=str(folder), wanted=wanted)
    return load(folder)
