"""The form of a receipt, beyond the facts of its act: a delivery by hand, and the word that there is no paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from app import acts
from app.form_errors import beside, complaint
from app.forms import FieldError, Posted
from app.posted import one
from app.receiving import NO_DOCUMENT, RECEIVED
from core.errors import BadInput, MandateError
from notifications.hand_delivery import WANTED, HandDelivery
from notifications.proof import ReceiptKind

SLIP = "file"
LABELS: Mapping[str, str] = {
    "place": "Where it was handed over",
    "at": "Time it was handed over",
    "delivered_by": "Who handed it over",
    "handed_to": "To whom it was handed",
}
HINTS: Mapping[str, str] = {
    "place": "The room and the building, such as Reception, County Hall, Anytown",
    "at": "London time on the day above, such as 09:40",
    "delivered_by": "Their name",
    "handed_to": "A name, or who they were, such as the receptionist",
}
WITHOUT = "There is no signed slip, photograph or letter"


@dataclass(frozen=True, slots=True)
class Typed:
    """One field beside the act's facts, with what was typed and what is wrong with it."""

    name: str
    label: str
    hint: str
    text: str
    error: str | None


def by_hand(posted: Posted, errors: Sequence[FieldError]) -> list[Typed]:
    """The fields of a delivery by hand."""
    wrong = {error.name: error.text for error in errors}
    return [Typed(name, label, HINTS[name], one(posted, name) or "", wrong.get(name)) for name, label in LABELS.items()]


def without_paper(posted: Posted, errors: Sequence[FieldError]) -> Typed:
    """The confirmation that there is no paper."""
    wrong = next((error.text for error in errors if error.name == NO_DOCUMENT), None)
    return Typed(NO_DOCUMENT, WITHOUT, "", one(posted, NO_DOCUMENT) or "", wrong)


def read(posted: Posted) -> tuple[HandDelivery | None, tuple[FieldError, ...]]:
    """The delivery by hand that was typed, and every error in it; none for what came any other way."""
    if one(posted, "how") != ReceiptKind.HANDED_OVER:
        return None, ()
    typed = {each.name: (one(posted, each.name) or "").strip() for each in fields(HandDelivery)}
    missing = tuple(_error(name, f"enter {WANTED[name]}") for name, text in typed.items() if not text)
    if missing:
        return None, missing
    try:
        return HandDelivery(**typed), ()
    except BadInput as error:
        return None, (_error(error.field, f"found {error.found}, wanted {error.wanted}"),)


def errors_of(error: MandateError) -> tuple[FieldError, ...]:
    """What is wrong with a receipt, beside its field; beside the whole form where it is about none."""
    if isinstance(error, BadInput) and error.field == "document":
        return (FieldError(SLIP, "#file", complaint("Signed slip or photograph", error)),)
    if isinstance(error, BadInput) and error.field == NO_DOCUMENT:
        return (FieldError(NO_DOCUMENT, "#no_document", f"Add {error.wanted}: found {error.found}"),)
    if isinstance(error, BadInput) and error.field in LABELS:
        return (_error(error.field, f"found {error.found}, wanted {error.wanted}"),)
    return beside(acts.act_named(RECEIVED).facts, error) or (FieldError("", "#receipt", str(error)),)


def _error(name: str, said: str) -> FieldError:
    return FieldError(name, f"#{name}", f"{LABELS[name]}: {said}")
