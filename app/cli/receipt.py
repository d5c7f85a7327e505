"""`mandate notice received`: the receipt of a notice with what shows it, and the record of a delivery by hand."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.acting import STAFF, ActingAs, Asked, Key, Ref, perform_with
from app.cli.database import AsOf
from app.cli.options import AsJson
from core.errors import BadInput

if TYPE_CHECKING:
    from notifications.hand_delivery import HandDelivery
    from notifications.proof import ReceiptKind

RECEIVED = "notice_received"
BY_HAND = {
    "place": ("--place", "Where was it handed over?"),
    "at": ("--at", "At what London time, such as 09:40?"),
    "delivered_by": ("--delivered-by", "Who handed it over?"),
    "handed_to": ("--handed-to", "To whom was it handed?"),
}
"""Each part of a delivery by hand: its option, and how it is asked for at a terminal."""

NoticeId = Annotated[str, typer.Argument(metavar="ID", help="The notice's id, from `mandate notice list`.")]
Day = Annotated[str, typer.Argument(metavar="DATE", help="The London date on which it arrived.")]
How = Annotated[
    str,
    typer.Argument(
        metavar="HOW",
        help="Such as handed_over, signed_for, acknowledged. What it proves, and what not, is told afterwards.",
    ),
]
Paper = Annotated[
    Path | None, typer.Option("--document", metavar="FILE", help="A signed slip or photograph: PDF, JPEG or PNG.")
]
NoPaper = Annotated[
    bool, typer.Option("--no-document", help="There is no slip, photograph or letter: do not ask for one.")
]
Place = Annotated[str | None, typer.Option("--place", metavar="TEXT", help="Where it was handed over in person.")]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="The London time at which it was handed over.")]
By = Annotated[str | None, typer.Option("--delivered-by", metavar="NAME", help="Who handed it over.")]
To = Annotated[str | None, typer.Option("--handed-to", metavar="NAME", help="To whom it was handed.")]


def received(
    ref: Ref,
    notice: NoticeId,
    received_on: Day,
    how: How,
    document: Paper = None,
    no_document: NoPaper = False,
    place: Place = None,
    at: At = None,
    delivered_by: By = None,
    handed_to: To = None,
    acting_as: ActingAs = STAFF,
    key: Key = None,
    as_json: AsJson = False,
    as_of: AsOf = None,
) -> None:
    """
    Record that a notice was received, and keep what shows it: a slip or photograph, the record of a delivery by hand.

    At a terminal the place, the time and the people of a delivery by hand are asked for, and the strongest proof is not
    recorded without a paper unless you say so.
    """
    from app import acts, receiving
    from app.cli.notice import id_of
    from app.receiving import Shown

    content, kind, key_of = _content_of(document), _kind(how), id_of("ID", notice)
    parts = {"place": place, "at": at, "delivered_by": delivered_by, "handed_to": handed_to}
    asks = sys.stdin.isatty() and not as_json
    delivery = _delivery(kind, parts, asks=asks)
    _confirm(kind, has_one=bool(content), without=no_document, asks=asks)
    act, digests = acts.act_named(RECEIVED), list[str]()

    def given(uow: Any) -> Any:
        told = {"notice": key_of, "received_on": _day_of(received_on), "how": kind.value, "document": None}
        facts = act.facts.model_validate(told)
        digests.extend(receiving.shown_by(uow, key_of, facts, Shown(content, delivery, without_paper=True)))
        return receiving.with_first(facts, digests)

    def others(uow: Any, facts: Any) -> None:
        receiving.record_others(uow, key_of, facts, digests)

    perform_with(ref, act, given, Asked(acting_as, key, as_json, as_of), then=others)
    if not as_json:
        _tell(kind)


def _delivery(kind: ReceiptKind, parts: dict[str, str | None], *, asks: bool) -> HandDelivery | None:
    """The record of a delivery by hand; none where nothing of it was said and nobody is there to be asked."""
    from notifications.hand_delivery import WANTED, HandDelivery
    from notifications.proof import ReceiptKind

    given = {name: text for name, text in parts.items() if text is not None}
    if kind is not ReceiptKind.HANDED_OVER:
        for name in given:
            raise BadInput(field=BY_HAND[name][0], found=kind.value, wanted="it only with HOW handed_over")
        return None
    if not given and not asks:
        return None
    for name, (option, question) in BY_HAND.items():
        if name not in given and not asks:
            raise BadInput(field=option, found="nothing", wanted=WANTED[name])
        given[name] = given.get(name) or typer.prompt(question)
    try:
        return HandDelivery(**given)
    except BadInput as error:
        raise BadInput(field=BY_HAND[error.field][0], found=error.found, wanted=error.wanted) from None


def _confirm(kind: ReceiptKind, *, has_one: bool, without: bool, asks: bool) -> None:
    from notifications.receipt_words import KINDS, wants_a_paper

    if not wants_a_paper(kind) or has_one or without:
        return
    said = f"“{KINDS[kind].name}” counts as the strongest proof, and no slip, photograph or letter shows it"
    if asks:
        typer.confirm(f"{said}. Record it all the same?", abort=True)
    else:
        typer.echo(f"{said}: it rests on the word of whoever records it. Give the paper with --document.", err=True)


def _tell(kind: ReceiptKind) -> None:
    from notifications.proof import WORTH
    from notifications.receipt_words import KINDS

    typer.echo(f"Class {WORTH[kind].value}. {KINDS[kind].both}")


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(field="DATE", found=text, wanted="a date such as 2026-10-01") from None


def _kind(text: str) -> ReceiptKind:
    from notifications.proof import TOLD, ReceiptKind

    if text not in TOLD:
        raise BadInput(field="HOW", found=text, wanted="one of " + ", ".join(TOLD))
    return ReceiptKind(text)


def _content_of(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(field="--document", found=str(path), wanted=f"a file ({error.strerror})") from None
    if not content:
        raise BadInput(field="--document", found=f"{path}, which is empty", wanted="a PDF, JPEG or PNG")
    return content
