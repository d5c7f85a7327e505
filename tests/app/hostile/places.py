"""
Everywhere somebody can type something: each field for words of each act, of each form and of each body of the API, and
each word of an address's query. Read off the application, so that a field that is added is among them by itself.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import app
from app.acts import ACTS
from casework.acts import Act
from casework.people.roles import Role
from tests.app.doors import Door, doors
from tests.app.grounds import Ids
from tests.app.swaps import ACT, MODELS, filled, posted, spelled, takes_words

READ_OF_A_FORM = re.compile(r"(?:one|several)\(\w+(?:\.\w+)?(?: or \{\})?, \"([\w-]+)\"\)")
ENDS_A_SIGN_IN = ("/sign-out", "/account/sign-ins/end")
PLAIN = "Somebody said so"


@dataclass(frozen=True, slots=True)
class Place:
    """A field called `name` that somebody fills in at a route; of an act, or of a body of the API of this shape."""

    door: Door
    name: str
    act: Act | None = None
    model: type[Any] | None = None

    @property
    def role(self) -> Role:
        """Somebody whom it is for; whoever reaches most comes first."""
        allowed = self.act.roles if self.act else self.door.roles or frozenset(Role)
        return next(each for each in Role if each in allowed)

    def sent(self, text: str, own: Ids) -> tuple[str, Mapping[str, Any]]:
        """The address, and what is sent to it, with the text in this field and what would do in the others."""
        if not self.door.changes:
            return f"{own.fill(self.door)}?{self.name}={quote(text, safe='', errors='surrogatepass')}", {}
        target = own.fill(self.door, {"{act}": self.act.name} if self.act else {})
        shape = self.act.facts if self.act else self.model
        if shape is None:
            return target, {"form": {**FILLED, "nonce": f"form:{uuid.uuid4()}", self.name: text}}
        facts = filled(shape, own) | {self.name: spelled(shape, self.name, text)}
        return target, {"json": facts} if self.door.is_api else {"form": posted(facts)}


def names_of_forms() -> list[str]:
    """The fields that some form's route reads by name."""
    sources = (each.read_text(encoding="utf-8") for each in sorted(Path(app.__file__).parent.rglob("*.py")))
    return sorted({name for source in sources for name in READ_OF_A_FORM.findall(source)} - {"nonce", "preview"})


FORM_FIELDS = names_of_forms()
FILLED = dict.fromkeys(FORM_FIELDS, PLAIN)


def places() -> Iterator[Place]:
    """Every one of them."""
    for door in doors():
        if door.path in ENDS_A_SIGN_IN:
            continue
        if not door.changes:
            yield from (Place(door, taken.name) for taken in door.in_query if "str" in str(taken.annotation))
        elif door.path.endswith(ACT):
            yield from (Place(door, name, act=act) for act in ACTS.values() for name in takes_words(act.facts))
        elif door.is_api:
            yield from (Place(door, name, model=model) for model in MODELS for name in takes_words(model))
        else:
            yield from (Place(door, name) for name in FORM_FIELDS)
