"""What a cell of a file may say, and the value that it is read as; the descriptions are what a person is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", re.ASCII),
    re.compile(r"(?P<d>\d\d)[-/](?P<m>\d\d)[-/](?P<y>\d{4})", re.ASCII),
)
DECIMAL = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
STATUSES = ("Open", "Open, but proposed to close", "Proposed to open", "Closed")
YES_OR_NO = ("no", "yes")
LANGUAGES: Mapping[str, str] = {"": "en", "en": "en", "english": "en", "cy": "cy", "welsh": "cy", "cymraeg": "cy"}
"""What a file may call the languages that messages are written in; English when it says nothing."""


def as_date(text: str) -> date | None:
    """A date in either of the spellings of the register; None for an empty cell."""
    if not text:
        return None
    found = next((match for form in DATES if (match := form.fullmatch(text))), None)
    if found is None:
        raise ValueError("not a date")
    return date(int(found["y"]), int(found["m"]), int(found["d"]))


def as_decimal(text: str) -> Decimal:
    """A plain decimal number."""
    if not DECIMAL.fullmatch(text):
        raise ValueError("not a decimal number")
    return Decimal(text)


def as_pence(text: str) -> int:
    """Pounds as whole pence."""
    pence = as_decimal(text) * 100
    if pence != int(pence):
        raise ValueError("not whole pence")
    return int(pence)


def as_share(text: str) -> str:
    """The fraction of a full-time post, as decimal text."""
    share = as_decimal(text)
    if not 0 < share <= 1:
        raise ValueError("not a share of a full-time post")
    return f"{share.normalize():f}"


def as_status(text: str) -> str:
    """Where an establishment stands, as the register says it."""
    folded = [status.casefold() for status in STATUSES]
    return STATUSES[folded.index(text.casefold())]


def as_yes_or_no(text: str) -> bool:
    """Whether the cell says yes."""
    return bool(YES_OR_NO.index(text.casefold()))


def as_la_codes(text: str) -> tuple[str, ...]:
    """Codes of local authorities."""
    return tuple(sorted(set(re.split(r"[\s,;]+", text))))


def as_phone(text: str) -> str | None:
    """A number in E.164. One without a country is British; what cannot be one is left for the pattern to refuse."""
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+44" + digits[1:]
    return digits.replace("+440", "+44", 1) or None


def as_language(text: str) -> str:
    """A language by ISO 639-1."""
    return LANGUAGES.get(text.casefold(), text)


def printable(text: str) -> str:
    """The text, if all of it can be seen."""
    if not text.isprintable():
        raise ValueError("not printable")
    return text


def without_separators(text: str) -> str:
    """The text without spaces and hyphens."""
    return re.sub(r"[\s-]", "", text)


Words = Annotated[str, AfterValidator(printable), Field(max_length=255)]
Day = Annotated[date, BeforeValidator(as_date)]
OptionalDay = Annotated[date | None, BeforeValidator(as_date)]
OptionalNumber = Annotated[int | None, BeforeValidator(lambda text: text or None)]
YesOrNo = Annotated[bool, BeforeValidator(as_yes_or_no)]
OptionalPhone = Annotated[
    Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")] | None,
    BeforeValidator(as_phone),
    Field(description="a telephone number such as 07700 900123 or +44 7700 900123, or nothing"),
]
LaCode = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Urn = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$", description="six digits, the first not 0")]
Email = Annotated[
    str,
    AfterValidator(printable),
    Field(
        pattern=r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+$",
        max_length=254,
        description="one email address such as name@example.org",
    ),
]
Postcode = Annotated[
    str,
    BeforeValidator(str.upper),
    Field(pattern=r"^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}$", description="a postcode such as SW1A 1AA"),
]
OptionalPostcode = Annotated[
    str,
    BeforeValidator(str.upper),
    Field(
        pattern=r"^([A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})?$", description="a postcode such as SW1A 1AA, or nothing"
    ),
]
Ukprn = Annotated[str, Field(pattern=r"^[1-9][0-9]{7}$", description="eight digits, the first not 0")]
A_DATE = "a date such as 2026-09-01 or 01/09/2026"
A_LINE = "one line of an address, or nothing"
