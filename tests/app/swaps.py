"""
Requests that name rows of another association: every route, every place in it that takes an id, every id there is.

What is asked is read off the application: the ids in addresses and queries off the routes, those in forms and bodies
off the models of the acts and of the API. So a route or an act that is added is asked by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import chain
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from app import routes
from app.acts import ACTS
from app.choices import OFFERS
from casework.acts import Act
from tests.app.doors import Door, doors
from tests.app.grounds import Ids

ON = date(2026, 9, 10)
WORDS = "Somebody wrote this down at the time."
OF_ONE_SHAPE = re.compile(r"[0-9a-f]{64}")
OF_PEOPLE = ("/account", "/people")
"""What concerns accounts and no case: an operator's, and one's own."""
ACT = "/cases/{ref}/acts/{act}"


@dataclass(frozen=True, slots=True)
class Swap:
    """One request; `named` is the id of the other association that it holds."""

    door: Door
    target: str
    named: str
    form: Mapping[str, Any] | None = None
    json: Any = None
    act: Act | None = field(default=None, compare=False)


def swaps(own: Ids, others: Ids) -> Iterator[Iterator[Swap]]:
    """Streams of requests, of one place each, so that whoever takes some of each has been everywhere."""
    ids = list(dict.fromkeys(chain.from_iterable(others.by_kind.values())))
    for door in doors():
        if door.roles is None or door.path.startswith(OF_PEOPLE):
            continue
        yield from (_in_path(door, part, own, ids) for part in dict.fromkeys(door.ids))
        yield from (_in_query(door, taken.name, own, ids) for taken in door.in_query)
        if door.changes:
            yield from _in_what_is_sent(door, own, ids)


def _in_what_is_sent(door: Door, own: Ids, ids: Sequence[str]) -> Iterator[Iterator[Swap]]:
    if door.path.endswith(ACT):
        taken = ((act, name) for act in ACTS.values() for name in takes_words(act.facts))
        yield from (_in_act(door, act, name, own, ids) for act, name in taken)
    elif door.is_api:
        fields = ((model, name) for model in MODELS for name in takes_words(model))
        yield from (_in_body(door, model, name, own, ids) for model, name in fields)
    else:
        yield from (_in_form(door, name, own, ids) for name in FIELDS)


def in_turn(streams: Sequence[Iterator[Swap]], count: int) -> Iterator[Swap]:
    """So many of the requests, one of each stream in turn, each of them to its end."""
    left, told = list(streams), 0
    while left and told < count:
        for stream in list(left):
            swap = next(stream, None)
            if swap is None:
                left.remove(stream)
                continue
            told += 1
            yield swap
            if told == count:
                return


def _in_path(door: Door, part: str, own: Ids, ids: Sequence[str]) -> Iterator[Swap]:
    spelled = part if part in own.by_address else part.partition("/")[2]
    body = next((model for model in MODELS if door.changes and door.is_api), None)
    for each in ids:
        target = own.fill(door, {part: each, spelled: each})
        yield Swap(door, target, each, json=filled(body, own) if body else None)


def _in_query(door: Door, name: str, own: Ids, ids: Sequence[str]) -> Iterator[Swap]:
    for each in ids:
        yield Swap(door, f"{own.fill(door)}?{name}={each}", each)


def _in_act(door: Door, act: Act, name: str, own: Ids, ids: Sequence[str]) -> Iterator[Swap]:
    for each in ids if _names_a_row(act.facts, name) else IN_WORDS:
        facts = filled(act.facts, own) | {name: spelled(act.facts, name, each)}
        target = own.fill(door, {"{act}": act.name})
        if door.is_api:
            yield Swap(door, target, each, json=facts, act=act)
        else:
            yield Swap(door, target, each, form=posted(facts), act=act)


def _in_form(door: Door, name: str, own: Ids, ids: Sequence[str]) -> Iterator[Swap]:
    base = {"nonce": f"form:{uuid.uuid4()}", "how": WORDS, "reason": WORDS}
    for each in ids:
        yield Swap(door, own.fill(door), each, form={**base, name: each})


def _in_body(door: Door, model: type[BaseModel], name: str, own: Ids, ids: Sequence[str]) -> Iterator[Swap]:
    for each in ids if _names_a_row(model, name) else IN_WORDS:
        yield Swap(door, own.fill(door), each, json=filled(model, own) | {name: spelled(model, name, each)})


def posted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a form sends them."""
    sent: dict[str, Any] = {"nonce": f"form:{uuid.uuid4()}"}
    for name, value in facts.items():
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            sent |= dict(zip((f"{name}-year", f"{name}-month", f"{name}-day"), value.split("-"), strict=True))
        elif isinstance(value, bool):
            sent[name] = "true" if value else "false"
        else:
            sent[name] = value if isinstance(value, list) else str(value)
    return sent


def _models() -> tuple[type[BaseModel], ...]:
    """The bodies that the API's routes read, from the modules that hold the routes."""
    modules = [
        importlib.import_module(f"{routes.__name__}.{each.name}") for each in pkgutil.iter_modules(routes.__path__)
    ]
    found = {
        each.__name__: each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each.__module__.startswith("app.")
    }
    return tuple(found[name] for name in sorted(found))


MODELS = _models()
REFERENCES = (
    "case",
    "cases",
    "membership_number",
    "document",
    "evidence_sha256",
    "digest",
    "workplace",
    "record",
    "key",
)
"""Fields of a line of text that name a row, beside those whose answers depend on the case (`app.choices.OFFERS`)."""
IN_WORDS = ("00000000-0000-4000-8000-00000000beef",)
"""What a field for words is given: the id of nothing."""
FIELDS = (
    "workplace",
    "notice",
    "case",
    "cases",
    "task",
    "claim",
    "document",
    "ref",
    "id",
    "digest",
    "association",
    "run",
)
"""Names under which a form that is no act's could send an id."""


def takes_words(model: type[BaseModel]) -> list[str]:
    """The fields of a model that could hold an id: texts of one line, ids, and lists of either."""
    return [name for name, told in model.model_fields.items() if _plain(told.annotation) in {str, uuid.UUID}]


def _names_a_row(model: type[BaseModel], name: str) -> bool:
    """Whether a field is for an id. What is for words keeps them, and would tell the asker of itself again later."""
    return _plain(model.model_fields[name].annotation) is uuid.UUID or name in {*OFFERS, *REFERENCES}


def _plain(annotation: Any) -> Any:
    """What an annotation comes to, without None and without what it is a list of."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return _plain(next(each for each in get_args(annotation) if each is not NoneType))
    if get_origin(annotation) in {list, tuple, set, frozenset}:
        return _plain(get_args(annotation)[0])
    return annotation


def spelled(model: type[BaseModel], name: str, value: str) -> Any:
    several = get_origin(_without_none(model.model_fields[name].annotation)) in {list, tuple, set, frozenset}
    return [value] if several else value


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        return next(each for each in get_args(annotation) if each is not NoneType)
    return annotation


def filled(model: type[BaseModel], own: Ids) -> dict[str, Any]:
    """Facts of a model's shape that would do, as JSON spells them; what may be left out is left out."""
    return {name: _value(name, told.annotation, own) for name, told in model.model_fields.items() if told.is_required()}


def _value(name: str, annotation: Any, own: Ids) -> Any:
    wanted, origin = _without_none(annotation), get_origin(_without_none(annotation))
    if origin is Annotated:
        return _value(name, get_args(wanted)[0], own)
    if origin in {list, tuple, set, frozenset}:
        return [_value(name, get_args(wanted)[0], own)]
    if origin is Literal:
        return get_args(wanted)[0]
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next(iter(wanted)).value
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        return filled(wanted, own)
    by_kind: dict[Any, Any] = {
        bool: True,
        int: 1,
        date: ON.isoformat(),
        uuid.UUID: own.by_kind["Notice"][0],
        dict: {},
    }
    return by_kind.get(wanted, KNOWN.get(name, WORDS))


KNOWN = {"issue": "meetings", "issues": "meetings", "evidence_sha256": "a" * 64, "email": "head@school.test"}
