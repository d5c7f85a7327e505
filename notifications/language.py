"""
How a language writes dates, and the few words of the letterhead itself.

The tables are our own, so that neither a machine's locale nor its time zone changes a frozen byte. They hold furniture
only, such as the word for a page: what the law says in Welsh is supplied by whoever may say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.errors import BadInput

ENGLISH = "en"
WELSH = "cy"


@dataclass(frozen=True, slots=True)
class Language:
    """`days` begin with Monday. `words` are those of letterhead, foot and margin, by what they stand for."""

    code: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    words: Mapping[str, str]

    def date(self, day: date) -> str:
        """Such as `Monday 21 September 2026` or `Dydd Llun 21 Medi 2026`."""
        return f"{self.days[day.weekday()]} {day.day} {self.months[day.month - 1]} {day.year}"


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        ENGLISH: Language(
            ENGLISH,
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
            (
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ),
            MappingProxyType(
                {
                    "date": "Date",
                    "reference": "Our reference",
                    "page": "Page",
                    "of": "of",
                    "acknowledge": "Acknowledge receipt",
                }
            ),
        ),
        WELSH: Language(
            WELSH,
            ("Dydd Llun", "Dydd Mawrth", "Dydd Mercher", "Dydd Iau", "Dydd Gwener", "Dydd Sadwrn", "Dydd Sul"),
            (
                "Ionawr",
                "Chwefror",
                "Mawrth",
                "Ebrill",
                "Mai",
                "Mehefin",
                "Gorffennaf",
                "Awst",
                "Medi",
                "Hydref",
                "Tachwedd",
                "Rhagfyr",
            ),
            MappingProxyType(
                {
                    "date": "Dyddiad",
                    "reference": "Ein cyfeirnod",
                    "page": "Tudalen",
                    "of": "o",
                    "acknowledge": "Cydnabod derbyn",
                }
            ),
        ),
    }
)


def language(code: str) -> Language:
    """The language of that ISO 639-1 code. Raises `BadInput` for one that has no table."""
    found = LANGUAGES.get(code)
    if found is None:
        raise BadInput(field="language", found=code, wanted=" or ".join(LANGUAGES))
    return found
