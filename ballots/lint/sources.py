"""The decided cases on the duties that a pack is held to, and findings as the linter makes them."""

from __future__ import annotations

from core.findings import Citation, Finding, Severity
from core.law import LegalValue
from core.tulrca import ACT

METROBUS = "Metrobus Ltd v Unite the Union [2009] EWCA Civ 829"
METROLINE = "Metroline Travel Ltd v Unite the Union [2012] EWHC 1778 (QB); EDF Energy Powerlink Ltd v RMT [2009]"
NETWORK_RAIL = "Network Rail Infrastructure Ltd v RMT [2010]"
NASUWT = "P v NASUWT [2001] EWCA Civ 652; [2003] UKHL 8"
EAST_RIDING = "East Riding of Yorkshire Council v National Education Union (Bourne J)"
BRITISH_AIRWAYS = "British Airways plc v Unite the Union (No 2) [2010] EWCA Civ 669"
MILFORD_HAVEN = "Milford Haven Port Authority v Unite the Union [2010] EWCA Civ 400"
LONDON_UNDERGROUND = "London Underground Ltd v RMT [1996] ICR 170"
WEST_MIDLANDS = "West Midlands Travel Ltd v TGWU [1994] ICR 978"
POST_OFFICE = "Post Office v Union of Communication Workers [1990] ICR 258"


def under(citation: Citation, value: LegalValue) -> Citation:
    """The provision of the Act of 1992 with the instrument that the value in force rests on, where it is another."""
    if value.citation.act == ACT:
        return citation
    provision = f"{citation.provision} ({value.citation.act}, {value.citation.provision})"
    return Citation(citation.act, provision, citation.url)


def stop(code: str, where: str, said: tuple[str, str], citation: Citation, case: str | None = None) -> Finding:
    """A stop; `said` is the sentence and the cure."""
    return Finding(code, Severity.STOP, *said, citation, where, case)


def warn(code: str, where: str, said: tuple[str, str], citation: Citation, case: str | None = None) -> Finding:
    """A warn; `said` is the sentence and the cure."""
    return Finding(code, Severity.WARN, *said, citation, where, case)


def note(code: str, where: str, said: tuple[str, str], citation: Citation, case: str | None = None) -> Finding:
    """A note; `said` is the sentence and the cure."""
    return Finding(code, Severity.NOTE, *said, citation, where, case)
