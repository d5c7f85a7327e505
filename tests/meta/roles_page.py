"""
docs/roles.md: which role reaches which route and does which act.

The page is written from what the routes and acts declare (`python -m tests.meta.roles_page`), read by people, and then
is what the application's answers are held to. A change of whom a route is for is a change of this page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from app.acts import ACTS
from casework.people.roles import DUTIES, NEVER_TOGETHER, Reach, Role
from tests.app.doors import Door, doors

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
YES, NO, UNION = "yes", "·", "union"
ROW = re.compile(r"\| `(GET|POST|PUT|PATCH|DELETE) (\S+)` \|(.*)\|")
REACHES: Mapping[Reach, str] = {
    Reach.UNION: "the whole union",
    Reach.ASSOCIATION: "one association",
    Reach.OWN_CASES: "at one association, the cases that are theirs or nobody’s yet",
    Reach.WORKPLACE: "one workplace",
    Reach.NO_CASE: "no case",
}
INTRODUCTION = """# Roles, and what each reaches

Nobody reaches anything that no role of theirs is for. This page is written from what each route and each act declares
(`python -m tests.meta.roles_page`); tests ask every route as every role, for an own case and for another association's,
and hold the answers to this page ([test_authorisation](../tests/app/test_authorisation.py)). Why it is so stands in
[decision 10](decisions/0010-who-signs-in-and-what-they-reach.md).

`yes`: the route is for the role, and shows or does what the role reaches where it is held; what belongs to another
association is not found. `union`: only where the role is held for the whole union, since it is about every case at
once. `·`: refused. Whoever has not signed in is sent to do so.
"""


def written_anew() -> str:
    """The page as the application has it."""
    parts = [INTRODUCTION, "## The roles\n", "\n".join(_duties()), ""]
    parts += [f"Never one person: {_apart()}. An auditor holds no other role.\n"]
    for title, wanted in PARTS.items():
        parts += [f"## {title}\n", "\n".join(_routes(wanted)), ""]
    parts += ["## Open to whoever has not signed in\n", "\n".join(_open()), ""]
    parts += ["## Acts on a case\n", OF_ACTS, "\n".join(_acts())]
    return "\n".join(parts) + "\n"


@cache
def on_the_page() -> Mapping[str, Mapping[Role, str]]:
    """Each route of the page's tables, with its cell for each role."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if match := ROW.fullmatch(line):
            cells = [cell.strip() for cell in match[3].split("|")]
            found[f"{match[1]} {match[2]}"] = dict(zip(Role, cells, strict=True))
    return found


def allowed_by_the_page(name: str) -> Mapping[Role, str]:
    """The roles that a route is for, each with its cell; nobody for a route that is not on the page."""
    return {role: cell for role, cell in on_the_page().get(name, {}).items() if cell != NO}


OF_ACTS = """Each is done on the case's page, with `mandate case`, or at `POST /api/cases/{ref}/acts/{act}`.
"""
PARTS: Mapping[str, Callable[[Door], bool]] = {
    "Pages that are looked at": lambda door: not door.changes and not door.is_api,
    "What pages send": lambda door: door.changes and not door.is_api,
    "What programs look at": lambda door: not door.changes and door.is_api,
    "What programs send": lambda door: door.changes and door.is_api,
}


def _duties() -> Iterator[str]:
    yield "| Role | What for | Reaches |"
    yield "|---|---|---|"
    for role, duty in DUTIES.items():
        yield f"| {role.label} | {duty.does} | {', or '.join(REACHES[each] for each in duty.reaches)} |"


def _apart() -> str:
    pairs = [sorted(pair, key=list(Role).index) for pair in NEVER_TOGETHER if Role.AUDITOR not in pair]
    named = sorted(" and ".join(role.label.lower() for role in pair) for pair in pairs)
    return "; ".join(named)


def _heads(first: str) -> Iterator[str]:
    yield f"| {first} | " + " | ".join(role.label for role in Role) + " |"
    yield "|---" * (len(Role) + 1) + "|"


def _routes(wanted: Callable[[Door], bool]) -> Iterator[str]:
    yield from _heads("Route")
    for door in doors():
        if door.roles is not None and wanted(door):
            yield f"| `{door.name}` | " + " | ".join(_cell(door, role) for role in Role) + " |"


def _cell(door: Door, role: Role) -> str:
    if door.roles is None or role not in door.roles:
        return NO
    reaches = set(DUTIES[role].reaches)
    if not door.whole or reaches <= {Reach.UNION, Reach.NO_CASE}:
        return YES
    return UNION if Reach.UNION in reaches else NO


def _open() -> Iterator[str]:
    for door in doors():
        if door.roles is None:
            yield f"- `{door.name}`"


def _acts() -> Iterator[str]:
    yield from _heads("Act")
    for act in ACTS.values():
        yield f"| {act.label} (`{act.name}`) | " + " | ".join(YES if role in act.roles else NO for role in Role) + " |"


if __name__ == "__main__":
    PAGE.write_text(written_anew(), encoding="utf-8")
    on_the_page.cache_clear()
    sys.stdout.write(f"{PAGE} written\n")
