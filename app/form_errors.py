"""A refusal beside the field of the form that it is about, in the words of the field's label."""

from __future__ import annotations

from pydantic import BaseModel

from app import forms
from app.forms import NO_CHOICES, Choices, FieldError
from core.errors import BadInput, MandateError

ACTING_AS = FieldError("acting_as", "#acting-as", "Acting as: choose staff or an active officer")


def beside(model: type[BaseModel], error: MandateError, choices: Choices = NO_CHOICES) -> tuple[FieldError, ...]:
    """The error beside the field it is about; nothing where it is about none of the form's."""
    if not isinstance(error, BadInput):
        return ()
    if error.field == ACTING_AS.name:
        return (ACTING_AS,)
    field = next((each for each in forms.fields_of(model, choices) if each.name == error.field), None)
    if field is None:
        return ()
    return (FieldError(field.name, f"#{field.id}", complaint(field.label, error)),)


def complaint(label: str, error: BadInput) -> str:
    """What was found in a field and what is wanted there."""
    return f"{label}: found {error.found}, wanted {error.wanted}"
