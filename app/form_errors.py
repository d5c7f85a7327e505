"""A refusal beside the field of the form that it is about, in the words of the field's label."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from app import forms
from app.forms import NO_CHOICES, Choices, FieldError
from app.templating import dates_in_words
from core.errors import BadInput, MandateError

AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


def beside(
    model: type[BaseModel],
    error: MandateError,
    choices: Choices = NO_CHOICES,
    *,
    called: Mapping[str, str] = AS_THEY_ARE,
) -> tuple[FieldError, ...]:
    """
    The error beside the field it is about; nothing where it is about none of the form's. `called` has the form's name
    of a field whose error goes by another.
    """
    if not isinstance(error, BadInput):
        return ()
    name = called.get(error.field, error.field)
    field = next((each for each in forms.fields_of(model, choices) if each.name == name), None)
    if field is None:
        return ()
    return (FieldError(field.name, f"#{field.id}", complaint(field.label, error)),)


def complaint(label: str, error: BadInput) -> str:
    """What was found in a field and what is wanted there, dates as people write them."""
    return dates_in_words(f"{label}: found {error.found}, wanted {error.wanted}")
