"""Every kind of file that the register takes in, by the name that the command, the page and the API give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from casework.register.colleges import import_colleges
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Taking
from casework.register.reading import HeadingMissing, Vocabulary
from casework.register.responsible_bodies import import_trusts
from casework.register.rows import CLOSURES, COLLEGES, LINKS, MEMBERS, OFFICERS, RESPONSIBLE_BODIES, WORKPLACES
from casework.register.schools_since import import_closures, import_links
from core.errors import BadInput
from core.unit_of_work import UnitOfWork

Importer = Callable[[UnitOfWork, Taking], ImportReport]
"""Takes a file in, as far as it can be used, and says what became of it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of file: what it holds, in short and at length, the columns that it needs, its headings, and what takes it
    in.

    `used` are the columns that it may do without; empty where there are none to tell of.
    """

    label: str
    holds: str
    words: Vocabulary
    importer: Importer
    at_length: str
    needed: str
    used: str = ""

    def take_in(self, uow: UnitOfWork, taking: Taking) -> ImportReport:
        """
        Take a file in, as far as it can be used.

        Raise `BadInput` when it cannot be read; where it looks like a file of another kind, that is what it says.
        """
        try:
            return self.importer(uow, taking)
        except HeadingMissing as error:
            other = _looks_like(error.headings)
            if other is None:
                raise
            raise OtherKind(taking.path.name, self, other) from None


class OtherKind(BadInput):
    """A file that was given as one kind and has the headings of another."""

    def __init__(self, path: str, given_as: Kind, looks_like: Kind) -> None:
        super().__init__(field="kind", found=given_as.label, wanted=looks_like.label, path=path)
        self.args = (
            f"{path} has the columns of “{looks_like.label}”, and it was given as “{given_as.label}”. "
            f"Import it as “{looks_like.label}”.",
        )


def _looks_like(headings: Sequence[str]) -> Kind | None:
    """The kind whose headings were found where those of another were wanted: of several, the one that asks for most."""
    fitting = [kind for kind in KINDS.values() if kind.words.fits(headings)]
    return max(fitting, key=lambda kind: len(kind.words.required), default=None)


KINDS: Mapping[str, Kind] = {
    "workplaces": Kind(
        "Schools",
        "An extract of the register of schools, of today or of 2017.",
        WORKPLACES,
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
        COLLEGES,
        import_colleges,
        "Further education and sixth form colleges, which have a UKPRN and no URN.",
        "UKPRN, Provider Name, Provider Type.",
        "LA (code), LA (name), Street, Locality, Address3, Town, County (name), Postcode.",
    ),
    "links": Kind(
        "Links between schools",
        "Predecessors and successors, as published.",
        LINKS,
        import_links,
        "Predecessors and successors, from the register's file of links.",
        "URN, LinkURN, LinkType.",
        "LinkName, LinkEstablishedDate.",
    ),
    "closures": Kind(
        "Closed schools",
        "Schools of the register that closed, with the day.",
        CLOSURES,
        import_closures,
        "Schools of the register that closed, or will on a day to come.",
        "urn, close_date. Import the schools first: such a list gives neither type nor local authority.",
    ),
    "trusts": Kind(
        "Trusts",
        "Which trust or council is responsible for each school.",
        RESPONSIBLE_BODIES,
        import_trusts,
        "The trust or council responsible for each school: names the employer where the register left the trust out.",
        "URN, and rb (or responsible_body, Trusts (name), Group Name). What contradicts the register is rejected.",
    ),
    "officers": Kind(
        "Officers",
        "Officers and the local authorities that they cover.",
        OFFICERS,
        import_officers,
        "Officers and the local authorities that their associations cover.",
        "name, email, association, la_codes (three-digit codes, separated by spaces), open_case_limit.",
        "active (yes or no), phone.",
    ),
    "members": Kind(
        "Members",
        "Members, their posts and where reimbursements are paid to.",
        MEMBERS,
        import_members,
        "Members, their posts and where reimbursements are paid to.",
        "membership_number, name, email, postcode, urn or ukprn, category, joined_on, annual_salary (full-time, in "
        "pounds).",
        "address_line_1, address_line_2, town, left_on, fte, is_rep, sort_code, account_number, phone, language (en or "
        "cy).",
    ),
}
"""In the order in which they build on one another."""
