"""Every kind of file that the register takes in, by the name that the command, the page and the API give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from casework.register.colleges import import_colleges
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.responsible_bodies import import_trusts
from casework.register.schools_since import import_closures, import_links
from core.unit_of_work import UnitOfWork

Importer = Callable[[UnitOfWork, Taking], ImportReport]
"""Takes a file in, as far as it can be used, and says what became of it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of file: what it holds, in short and at length, the columns that it needs, and what takes it in.

    `used` are the columns that it may do without; empty where there are none to tell of.
    """

    label: str
    holds: str
    take_in: Importer
    at_length: str
    needed: str
    used: str = ""


KINDS: Mapping[str, Kind] = {
    "workplaces": Kind(
        "Schools",
        "An extract of the register of schools, of today or of 2017.",
        import_workplaces,
        "Schools from an extract of the register of schools (Get Information About Schools, or EduBase of 2017).",
        "URN, EstablishmentName, TypeOfEstablishment (name), EstablishmentStatus (name), LA (code), LA (name), "
        "Postcode.",
        "PhaseOfEducation (name), OpenDate, CloseDate, address, Trusts (name), Federations (name), PropsName, and "
        "UKPRN for colleges.",
    ),
    "colleges": Kind(
        "Colleges",
        "Further education and sixth form colleges, by UKPRN.",
        import_colleges,
        "Further education and sixth form colleges, which have a UKPRN and no URN.",
        "UKPRN, Provider Name, Provider Type.",
        "LA (code), LA (name), Street, Locality, Address3, Town, County (name), Postcode.",
    ),
    "links": Kind(
        "Links between schools",
        "Predecessors and successors, as published.",
        import_links,
        "Predecessors and successors, from the register's file of links.",
        "URN, LinkURN, LinkType.",
        "LinkName, LinkEstablishedDate.",
    ),
    "closures": Kind(
        "Closed schools",
        "Schools of the register that closed, with the day.",
        import_closures,
        "Schools of the register that closed, or will on a day to come.",
        "urn, close_date. Import the schools first: such a list gives neither type nor local authority.",
    ),
    "trusts": Kind(
        "Trusts",
        "Which trust or council is responsible for each school.",
        import_trusts,
        "The trust or council responsible for each school: names the employer where the register left the trust out.",
        "URN, and rb (or responsible_body, Trusts (name), Group Name). What contradicts the register is rejected.",
    ),
    "officers": Kind(
        "Officers",
        "Officers and the local authorities that they cover.",
        import_officers,
        "Officers and the local authorities that their associations cover.",
        "name, email, association, la_codes (three-digit codes, separated by spaces), open_case_limit.",
        "active (yes or no).",
    ),
    "members": Kind(
        "Members",
        "Members, their posts and where reimbursements are paid to.",
        import_members,
        "Members, their posts and where reimbursements are paid to.",
        "membership_number, name, email, postcode, urn or ukprn, category, joined_on, annual_salary (full-time, in "
        "pounds).",
        "address_line_1, address_line_2, town, left_on, fte, is_rep, sort_code, account_number.",
    ),
}
"""In the order in which they build on one another."""
