"""
What one row of each kind of file must hold, and the headings of its columns.

A field's description says what is wanted: it is what a person reads when the row is turned down.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from casework.register.cells import (
    A_DATE,
    A_LINE,
    STATUSES,
    Day,
    Email,
    LaCode,
    OptionalDay,
    OptionalNumber,
    OptionalPhone,
    OptionalPostcode,
    Postcode,
    Ukprn,
    Urn,
    Words,
    YesOrNo,
    as_la_codes,
    as_language,
    as_pence,
    as_share,
    as_status,
    without_separators,
)
from casework.register.employers import SchoolFacts
from casework.register.reading import Vocabulary


class Row(BaseModel):
    """A row whose values are all in their proper form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def wanted(cls, name: str) -> str:
        """What a field must hold, in words."""
        return cls.model_fields[name].description or ""


class WorkplaceRow(Row):
    """One establishment, as the register describes it."""

    urn: Urn
    ukprn: Words = Field(default="", max_length=20, description="a UKPRN, or nothing")
    name: Words = Field(min_length=1, description="the establishment's name")
    establishment_type: Words = Field(min_length=1, max_length=100, description="the words of a type of establishment")
    type_code: OptionalNumber = Field(default=None, ge=1, le=99, description="the register's number of the type")
    status: Annotated[str, BeforeValidator(as_status)] = Field(description="one of: " + "; ".join(STATUSES))
    phase: Words = Field(default="", max_length=60, description="a phase of education, or nothing")
    la_code: LaCode = Field(description="the three digits of a local authority in England or Wales")
    la_name: Words = Field(min_length=1, max_length=100, description="the local authority's name")
    opened_on: OptionalDay = Field(default=None, description=A_DATE + ", or nothing")
    closed_on: OptionalDay = Field(default=None, description=A_DATE + ", or nothing")
    street: Words = Field(default="", description=A_LINE)
    locality: Words = Field(default="", description=A_LINE)
    address3: Words = Field(default="", description=A_LINE)
    town: Words = Field(default="", description=A_LINE)
    county: Words = Field(default="", description=A_LINE)
    postcode: Postcode
    trust: Words = Field(default="", description="the trust's name, or nothing")
    federation: Words = Field(default="", description="the federation's name, or nothing")
    proprietor: Words = Field(default="", description="the proprietor's name, or nothing")

    @property
    def number(self) -> str:
        """The number that it is known by here."""
        return self.urn

    @property
    def postal_lines(self) -> list[str]:
        """The address below the name, postcode last."""
        lines = (self.street, self.locality, self.address3, self.town, self.county, self.postcode)
        return [line for line in lines if line]

    @property
    def facts(self) -> SchoolFacts:
        """What the employer is told from."""
        return SchoolFacts(
            urn=self.urn,
            name=self.name,
            establishment_type=self.establishment_type,
            type_code=self.type_code,
            la_code=self.la_code,
            la_name=self.la_name,
            trust_name=self.trust or None,
            federation_name=self.federation or None,
            proprietor_name=self.proprietor or None,
        )


class CollegeRow(Row):
    """One college of the further education sector: it has a UKPRN and no URN, and its list gives no address."""

    ukprn: Ukprn
    name: Words = Field(min_length=1, description="the college's name")
    establishment_type: Words = Field(min_length=1, max_length=100, description="the words of a type of provider")
    la_code: Annotated[str, Field(pattern=r"^([0-9]{3})?$")] = Field(
        default="", description="the three digits of the local authority that it lies in, or nothing"
    )
    la_name: Words = Field(default="", max_length=100, description="the name of that local authority, or nothing")
    street: Words = Field(default="", description=A_LINE)
    locality: Words = Field(default="", description=A_LINE)
    address3: Words = Field(default="", description=A_LINE)
    town: Words = Field(default="", description=A_LINE)
    county: Words = Field(default="", description=A_LINE)
    postcode: OptionalPostcode = ""

    @property
    def number(self) -> str:
        """The number that it is known by here."""
        return self.ukprn

    @property
    def postal_lines(self) -> list[str]:
        """The address below the name, postcode last; nothing without a postcode."""
        lines = (self.street, self.locality, self.address3, self.town, self.county, self.postcode)
        return [line for line in lines if line] if self.postcode else []

    @property
    def facts(self) -> SchoolFacts:
        """What the employer is told from."""
        return SchoolFacts(
            urn=self.ukprn,
            name=self.name,
            establishment_type=self.establishment_type,
            la_code=self.la_code or None,
            la_name=self.la_name or None,
        )


class LinkRow(Row):
    """One link of an establishment to another: what it followed on, what followed on it, and others."""

    urn: Urn
    linked_urn: Urn
    linked_name: Words = Field(default="", description="the name of the other establishment, or nothing")
    kind: Words = Field(min_length=1, max_length=60, description="a type of link, such as Successor")
    established_on: OptionalDay = Field(default=None, description=A_DATE + ", or nothing")

    @field_validator("linked_urn")
    @classmethod
    def _another(cls, linked_urn: str, info: ValidationInfo) -> str:
        if linked_urn == info.data.get("urn"):
            raise ValueError("linked to itself")
        return linked_urn


class ClosureRow(Row):
    """One school that closed or will close."""

    urn: Urn
    closed_on: Day = Field(description=A_DATE + ": the day it closed")


class ResponsibleBodyRow(Row):
    """One school and the body that is responsible for it: its trust, or its council."""

    urn: Urn
    body: Words = Field(min_length=1, description="the name of the trust or the council")


class OfficerRow(Row):
    """One officer and the association whose schools they cover."""

    name: Words = Field(min_length=1, max_length=200, description="the officer's name")
    email: Annotated[Email, BeforeValidator(str.lower)]
    association: Words = Field(min_length=1, max_length=200, description="the name of a local association")
    la_codes: Annotated[tuple[LaCode, ...], BeforeValidator(as_la_codes)] = Field(
        description="three-digit codes of local authorities, separated by spaces, such as 886 887"
    )
    open_case_limit: int = Field(ge=0, le=1000, description="a whole number of cases, 0 or more")
    active: YesOrNo = Field(default=True, description="yes or no")
    phone: OptionalPhone = None


class MemberRow(Row):
    """One member, their post and where a reimbursement is paid to."""

    membership_number: Annotated[str, BeforeValidator(str.upper)] = Field(
        pattern=r"^[A-Z0-9][A-Z0-9/-]{0,19}$", description="up to 20 letters, digits, - and /"
    )
    name: Words = Field(min_length=1, max_length=200, description="the member's name")
    email: Email
    address_line_1: Words = Field(default="", description=A_LINE)
    address_line_2: Words = Field(default="", description=A_LINE)
    town: Words = Field(default="", description=A_LINE)
    postcode: Postcode
    ukprn: Annotated[str, Field(pattern=r"^([1-9][0-9]{7})?$")] = Field(
        default="", description="the eight digits of a college's UKPRN, or nothing"
    )
    urn: Annotated[str, Field(pattern=r"^([1-9][0-9]{5})?$")] = Field(
        default="", validate_default=True, description="a school's URN of six digits, or a college's ukprn, not both"
    )
    category: Words = Field(min_length=1, max_length=60, description="a category of post, such as teacher")
    joined_on: Day = Field(description=A_DATE)
    left_on: OptionalDay = Field(default=None, description=A_DATE + ", not before the day of joining, or nothing")
    annual_salary_pence: Annotated[int, BeforeValidator(as_pence)] = Field(
        ge=0, le=100_000_000, description="the full-time salary in pounds, such as 36500.00"
    )
    fte: Annotated[str, BeforeValidator(as_share)] = Field(
        default="1", max_length=8, description="a share of a full-time post above 0 and up to 1, such as 0.8"
    )
    is_rep: YesOrNo = Field(default=False, description="yes or no")
    sort_code: Annotated[str, BeforeValidator(without_separators)] = Field(
        default="", pattern=r"^([0-9]{6})?$", description="six digits such as 00-00-00, or nothing"
    )
    account_number: Annotated[str, BeforeValidator(without_separators)] = Field(
        default="",
        validate_default=True,
        pattern=r"^([0-9]{8})?$",
        description="eight digits beside a sort code, or neither",
    )
    phone: OptionalPhone = None
    language: Annotated[Literal["en", "cy"], BeforeValidator(as_language)] = Field(
        default="en", description="en or English, cy, Welsh or Cymraeg, or nothing"
    )

    @field_validator("urn")
    @classmethod
    def _one_workplace(cls, urn: str, info: ValidationInfo) -> str:
        if "ukprn" in info.data and bool(urn) == bool(info.data["ukprn"]):
            raise ValueError("both numbers, or neither")
        return urn

    @field_validator("left_on")
    @classmethod
    def _leaves_after_joining(cls, left_on: date | None, info: ValidationInfo) -> date | None:
        joined_on = info.data.get("joined_on")
        if left_on and joined_on and left_on < joined_on:
            raise ValueError("leaves before joining")
        return left_on

    @field_validator("account_number")
    @classmethod
    def _both_or_neither(cls, account_number: str, info: ValidationInfo) -> str:
        if bool(account_number) != bool(info.data.get("sort_code", account_number)):
            raise ValueError("one without the other")
        return account_number

    @property
    def postal_lines(self) -> list[str]:
        """The home address below the name, postcode last."""
        return [line for line in (self.address_line_1, self.address_line_2, self.town, self.postcode) if line]


def _own_headings(row: type[Row], **others: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    return {name: (name,) for name in row.model_fields} | others


def _required(row: type[Row]) -> frozenset[str]:
    return frozenset(name for name, field in row.model_fields.items() if field.is_required())


WORKPLACE_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "urn": ("URN",),
    "ukprn": ("UKPRN",),
    "name": ("EstablishmentName", "Establishment name"),
    "establishment_type": ("TypeOfEstablishment (name)", "Type of establishment"),
    "type_code": ("TypeOfEstablishment (code)",),
    "status": ("EstablishmentStatus (name)", "Establishment status"),
    "phase": ("PhaseOfEducation (name)", "Phase of education"),
    "la_code": ("LA (code)", "Local authority (code)"),
    "la_name": ("LA (name)", "Local authority (name)"),
    "opened_on": ("OpenDate", "Opening date", "Open date"),
    "closed_on": ("CloseDate", "Closing date", "Close date"),
    "street": ("Street",),
    "locality": ("Locality",),
    "address3": ("Address3", "Address 3"),
    "town": ("Town",),
    "county": ("County (name)", "County"),
    "postcode": ("Postcode",),
    "trust": ("Trusts (name)",),
    "federation": ("Federations (name)",),
    "proprietor": ("PropsName",),
}
ADDRESS_HEADINGS = {name: WORKPLACE_HEADINGS[name] for name in ("street", "locality", "address3", "town", "county")}
COLLEGE_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "ukprn": ("UKPRN",),
    "name": ("Provider Name", "name"),
    "establishment_type": ("Provider Type", "type"),
    "la_code": ("LA (code)", "la_code"),
    "la_name": ("LA (name)", "la_name"),
    "postcode": ("Postcode",),
    **ADDRESS_HEADINGS,
}
LINK_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "urn": ("URN",),
    "linked_urn": ("LinkURN",),
    "linked_name": ("LinkName",),
    "kind": ("LinkType",),
    "established_on": ("LinkEstablishedDate",),
}
CLOSURE_HEADINGS = {"urn": ("URN",), "closed_on": ("close_date", *WORKPLACE_HEADINGS["closed_on"])}
BODY_HEADINGS = {"urn": ("URN",), "body": ("rb", "Responsible body", "responsible_body", "Trusts (name)", "Group Name")}
NOT_GIVEN = frozenset({"NA"})
IDS: Mapping[str, int] = {"urn": 6, "linked_urn": 6, "ukprn": 8, "la_code": 3}

WORKPLACES = Vocabulary(WORKPLACE_HEADINGS, _required(WorkplaceRow), NOT_GIVEN, IDS)
COLLEGES = Vocabulary(COLLEGE_HEADINGS, _required(CollegeRow), NOT_GIVEN, IDS)
LINKS = Vocabulary(LINK_HEADINGS, _required(LinkRow), NOT_GIVEN, IDS)
CLOSURES = Vocabulary(CLOSURE_HEADINGS, _required(ClosureRow), NOT_GIVEN, IDS)
RESPONSIBLE_BODIES = Vocabulary(BODY_HEADINGS, _required(ResponsibleBodyRow), NOT_GIVEN, IDS)
OFFICERS = Vocabulary(_own_headings(OfficerRow), _required(OfficerRow), digits={"la_codes": 3, "phone": 0})
MEMBERS = Vocabulary(
    _own_headings(MemberRow, annual_salary_pence=("annual_salary",)),
    _required(MemberRow),
    digits={**IDS, "membership_number": 0, "sort_code": 6, "account_number": 8, "phone": 0},
    either=("urn", "ukprn"),
)
