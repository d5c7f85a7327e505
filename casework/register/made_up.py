"""
Invented officers and members for demonstrations and tests; the same seed invents the same people.

First names are common ones, surnames are put together from syllables. Addresses, email domains, postcodes, sort codes
and account numbers lie in ranges that belong to nobody. The files written here go through the same import as any other.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path

FIRST_NAMES = (
    "Aaliyah", "Adaeze", "Aisha", "Alasdair", "Amara", "Amit", "Anwen", "Beatrice", "Bethan", "Callum", "Chidi",
    "Chloé", "Daniel", "Deepa", "Dylan", "Efua", "Eilidh", "Ewan", "Farah", "Femi", "Fiona", "Gareth", "Grace",
    "Gurpreet", "Hamza", "Hannah", "Harriet", "Imran", "Isla", "Ivan", "Jasmine", "Jerome", "Joanna", "Kavita",
    "Kieran", "Kwame", "Lakshmi", "Leanne", "Lewis", "Mairead", "Marcus", "Mei", "Mohammed", "Nadia", "Niamh",
    "Nikhil", "Olivia", "Oluwaseun", "Owen", "Patrick", "Priya", "Rachel", "Rhys", "Rukhsana", "Samuel", "Shanice",
    "Siân", "Sunita", "Tariq", "Tomasz", "Victoria", "Wei", "Yasmin", "Zainab", "Zoë",
)  # fmt: skip
SURNAME_STARTS = (
    "Alder", "Amber", "Bracken", "Bright", "Clover", "Copper", "Cuckoo", "Damson", "Ember", "Fallow", "Fern", "Flint",
    "Gorse", "Hazel", "Heather", "Hollin", "Juniper", "Kestrel", "Larch", "Linnet", "Marigold", "Meadow", "Merrow",
    "Nettle", "Orchid", "Otter", "Pebble", "Plover", "Quill", "Rowan", "Saffron", "Sorrel", "Swallow", "Tansy",
    "Teasel", "Thistle", "Umber", "Willow", "Wren", "Yarrow",
)  # fmt: skip
SURNAME_ENDS = (
    "beck",
    "cote",
    "dale",
    "den",
    "fell",
    "gate",
    "holme",
    "ley",
    "mere",
    "shaw",
    "stow",
    "thwaite",
    "wick",
)
STREETS = ("Example Street", "Specimen Road", "Sample Lane", "Placeholder Avenue", "Pattern Close")
DOMAINS = ("example.org", "example.com", "example.net")
POSTCODES = ("ZZ99 9AA", "ZZ99 9BB", "ZZ99 9DD", "ZZ99 9EE")

TEACHER_PAY = (32_900, 34_800, 37_100, 39_600, 42_100, 45_400, 47_500, 49_200, 51_000)
PAY: Mapping[str, Sequence[int]] = {
    "teacher": TEACHER_PAY,
    "support staff": (24_800, 25_600, 26_800, 28_200, 30_100),
    "assistant head teacher": (53_100, 57_200, 61_500, 66_400),
    "head teacher": (68_000, 74_500, 82_300),
}
CATEGORIES: Mapping[str, int] = {"teacher": 8, "support staff": 2, "assistant head teacher": 1}
FULL_TIME, PART_TIME = "1", ("0.8", "0.6", "0.5", "0.4")
PART_TIME_SHARE = 0.2
REPS = 2
OPEN_CASE_LIMITS = (8, 10, 12)
LONGEST_MEMBERSHIP = timedelta(days=5_000)


@dataclass(frozen=True, slots=True)
class MadeUpOfficer:
    """One row of an officers' file."""

    name: str
    email: str
    association: str
    la_codes: str
    open_case_limit: str
    active: str


@dataclass(frozen=True, slots=True)
class MadeUpMember:
    """One row of a members' file."""

    membership_number: str
    name: str
    email: str
    address_line_1: str
    town: str
    postcode: str
    urn: str
    category: str
    joined_on: str
    annual_salary: str
    fte: str
    is_rep: str
    sort_code: str
    account_number: str


def local_associations(authorities: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """One association for each local authority, given as code and name: association -> codes, by name."""
    names: dict[str, set[str]] = {}
    for code, name in authorities:
        names.setdefault(f"{name} Association", set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in sorted(names.items())}


def made_up_officers(associations: Mapping[str, Sequence[str]], *, seed: int = 0) -> tuple[MadeUpOfficer, ...]:
    """One officer for each association."""
    chance = _chance(seed, "officers")
    return tuple(
        _officer(chance, number, name, codes) for number, (name, codes) in enumerate(associations.items(), start=1)
    )


def made_up_members(
    urn: str, count: int, categories: Mapping[str, int] = CATEGORIES, *, on: date, seed: int = 0
) -> tuple[MadeUpMember, ...]:
    """
    The members at one workplace, all of whom joined before the day `on`; the first ones are its representatives.

    `categories` says how many in proportion are of each category.
    """
    chance = _chance(seed, urn)
    return tuple(_member(chance, urn, number, categories, on) for number in range(1, count + 1))


def write_made_up_csv(path: Path, people: Sequence[MadeUpOfficer] | Sequence[MadeUpMember]) -> None:
    """Write people, at least one, as a file that `mandate import officers` or `mandate import members` takes in."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(people[0])])
        writer.writeheader()
        writer.writerows(asdict(person) for person in people)


def _officer(chance: random.Random, number: int, association: str, codes: Sequence[str]) -> MadeUpOfficer:
    name = _name(chance)
    return MadeUpOfficer(
        name=name,
        email=_email(name, f"officer{number}", chance),
        association=association,
        la_codes=" ".join(codes),
        open_case_limit=str(chance.choice(OPEN_CASE_LIMITS)),
        active="yes",
    )


def _member(chance: random.Random, urn: str, number: int, categories: Mapping[str, int], on: date) -> MadeUpMember:
    name = _name(chance)
    category = chance.choices(list(categories), weights=list(categories.values()))[0]
    return MadeUpMember(
        membership_number=f"M{urn}-{number:03}",
        name=name,
        email=_email(name, f"{urn}.{number}", chance),
        address_line_1=f"{chance.randint(1, 150)} {chance.choice(STREETS)}",
        town="Exampleton",
        postcode=chance.choice(POSTCODES),
        urn=urn,
        category=category,
        joined_on=(on - timedelta(days=chance.randint(1, LONGEST_MEMBERSHIP.days))).isoformat(),
        annual_salary=f"{chance.choice(PAY.get(category, TEACHER_PAY))}.00",
        fte=chance.choice(PART_TIME) if chance.random() < PART_TIME_SHARE else FULL_TIME,
        is_rep="yes" if number <= REPS else "no",
        sort_code="00-00-00",
        account_number=f"{chance.randint(1, 9_999):08}",
    )


def _chance(seed: int, subject: str) -> random.Random:
    return random.Random(f"{seed}:{subject}")  # noqa: S311 - invented data, nothing secret


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(SURNAME_STARTS)}{chance.choice(SURNAME_ENDS)}"


def _email(name: str, suffix: str, chance: random.Random) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return f"{'.'.join(plain.split())}.{suffix}@{chance.choice(DOMAINS)}"
