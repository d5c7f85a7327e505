"""The nations of the United Kingdom, as the law and the calendar tell them apart."""

from __future__ import annotations

from enum import StrEnum


class Nation(StrEnum):
    """Where a workplace is. Words as on the command line."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


GREAT_BRITAIN = (Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND)
