"""
What can be said, and with which facts. Each kind of message is a folder of `notifications/templates` with a
`message.yaml`; facts are checked against it before anything is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from core.errors import BadInput, ConfigurationError
from notifications.facts import Fact, checked, fact_of
from notifications.lifecycle import EvidenceClass, Medium, Policy

TEMPLATES = Path(__file__).parent / "templates"
MEMBER = "member"
"""The audience of what may go to thousands; the keys of such recipients begin with it."""


@dataclass(frozen=True, slots=True)
class Message:
    """
    A message before it is rendered. `law` maps a law parameter to {value, from, citation} as the caller used it.
    """

    kind: str
    facts: Mapping[str, Any]
    law: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageKind:
    """
    A folder of templates: who it is for, how it may travel, and which facts it needs.

    `proof` is the class of evidence that suffices to show receipt; None where nobody has to show it. One that
    `calls_to_action` asks members to act, and stays here while the dispute stands down. One that is `urgent` goes
    before whatever else is due.
    """

    name: str
    label: str
    audience: str
    statutory: bool
    proof: EvidenceClass | None
    calls_to_action: bool
    urgent: bool
    policy: Policy
    media: tuple[Medium, ...]
    facts: tuple[Fact, ...]
    must_show: tuple[str, ...]
    needs: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def folder(self) -> Path:
        """Where its templates lie."""
        return TEMPLATES / self.name

    @property
    def has_letter(self) -> bool:
        """Whether it has a letter of its own, which then also travels with the mail."""
        return (self.folder / "letter.typ").exists()

    def check(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """
        The facts in the order and spelling of `message.yaml`; raises `BadInput` naming the first fact that is missing,
        unknown, of the wrong type, or null where another fact makes it necessary.
        """
        names = [fact.name for fact in self.facts]
        for name in facts:
            if name not in names:
                raise BadInput(field=f"{self.name}.{name}", found="a fact it does not know", wanted=", ".join(names))
        spelled = {fact.name: checked(f"{self.name}.{fact.name}", fact, facts) for fact in self.facts}
        self._check_needs(spelled)
        return spelled

    def to_show(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """
        The facts whose values must stand in the rendered words: those of `must_show` that are given. One that only
        another choice needs, such as the days of action that is continuous, need not.
        """
        left = {
            needed
            for name, by_value in self.needs.items()
            for value, needs in by_value.items()
            for needed in needs
            if str(facts.get(name)) != value
        }
        wanted = {needed for name, by_value in self.needs.items() for needed in by_value.get(str(facts.get(name)), ())}
        return tuple(name for name in self.must_show if facts.get(name) is not None and name not in left - wanted)

    def _check_needs(self, facts: Mapping[str, Any]) -> None:
        for name, by_value in self.needs.items():
            for needed in by_value.get(str(facts[name]), ()):
                if facts[needed] in (None, "", [], {}):
                    wanted = f"a value, as {name} is {facts[name]}"
                    raise BadInput(field=f"{self.name}.{needed}", found=facts[needed], wanted=wanted)


@lru_cache(maxsize=1)
def registry() -> Mapping[str, MessageKind]:
    """Every kind of message, by name."""
    folders = sorted(path.parent for path in TEMPLATES.glob("*/message.yaml"))
    return {folder.name: _load(folder / "message.yaml") for folder in folders}


def urgent_kinds() -> tuple[str, ...]:
    """The kinds that go before whatever else is due."""
    return tuple(kind.name for kind in registry().values() if kind.urgent)


def message_kind(name: str) -> MessageKind:
    """The kind of that name; raises `BadInput` for one that has no folder."""
    kind = registry().get(name)
    if kind is None:
        raise BadInput(field="message.kind", found=name, wanted="one of " + ", ".join(registry()))
    return kind


def _load(path: Path) -> MessageKind:
    written = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    where = f"{path.parent.name}/{path.name}"
    try:
        return MessageKind(
            name=path.parent.name,
            label=written["label"],
            audience=written["audience"],
            statutory=written["statutory"],
            proof=EvidenceClass(written["proof"]) if "proof" in written else None,
            calls_to_action=written.get("calls", False),
            urgent=written.get("urgent", False),
            policy=Policy(written["policy"]),
            media=tuple(Medium(each) for each in written["media"]),
            facts=tuple(fact_of(where, name, told) for name, told in written["facts"].items()),
            must_show=tuple(written["must_show"]),
            needs={
                name: {str(value): tuple(needed) for value, needed in by_value.items()}
                for name, by_value in written.get("needs", {}).items()
            },
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{where}: {error!r}. See docs/decisions/0003 for the format.") from error
