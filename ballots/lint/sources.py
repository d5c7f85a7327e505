"""Where the duties that a pack is held to stand, and the decided cases on them."""

from __future__ import annotations

from core.findings import Citation, Finding, Severity
from core.law import LegalValue

ACT = "TULRCA 1992"


def section(provision: str, number: str) -> Citation:
    """A provision of the Act of 1992, with the address of its section."""
    return Citation(ACT, provision, f"https://www.legislation.gov.uk/ukpga/1992/52/section/{number}")


TRADE_DISPUTE = section("ss. 219 and 244", "244")
WHO_EMPLOYS = section("s. 226A(1)", "226A")
NOTICE_OF_BALLOT = section("s. 226A(1)(a)", "226A")
SAMPLE_PAPER = section("s. 226A(1)(b)", "226A")
BALLOT_NOTICE_STATES = section("s. 226A(2)", "226A")
BALLOT_NOTICE_LISTS = section("s. 226A(2)(c), (2A)", "226A")
BALLOT_NOTICE_FIGURES = section("s. 226A(2)-(2C)", "226A")
ACCURACY_OF_BALLOT_PAPERS = section("s. 226A(2D)", "226A")
SCRUTINEER = section("ss. 226B and 226C", "226B")
SEPARATE_BALLOTS = section("ss. 228 and 228A", "228A")
PAPER_SCRUTINEER = section("s. 229(1A)(a)", "229")
PAPER_RETURN = section("s. 229(1A)(b)", "229")
PAPER_NUMBERED = section("s. 229(1A)(c)", "229")
PAPER_QUESTION = section("s. 229(2)", "229")
PAPER_CALLER = section("s. 229(3)", "229")
PAPER_STATEMENT = section("s. 229(4)", "229")
PAPER_SUMMARY = section("s. 229(2B)", "229")
PAPER_ASOS_TYPES = section("s. 229(2C)", "229")
PAPER_PERIOD = section("s. 229(2D)", "229")
COUNT = section("ss. 230(4) and 231", "231")
MEMBERS_TOLD = section("s. 231", "231")
EMPLOYERS_TOLD = section("s. 231A", "231A")
LEFT_OUT = section("ss. 227(1), 232A and 232B", "232A")
CALLED_BY = section("s. 233(1)", "233")
CALLED_BEFORE = section("s. 233(3)(a)", "233")
BALLOTED = section("s. 226(2)(a)", "226")
MANDATE = section("s. 234", "234")
NOTICE_OF_ACTION = section("s. 234A(1)", "234A")
ACTION_NOTICE_TIME = section("s. 234A(4)(b)", "234A")
ACTION_NOTICE_WINDOW = section("ss. 231A and 234A(4)(a)", "234A")
ACTION_NOTICE_LISTS = section("s. 234A(3)(a), (3A)", "234A")
ACTION_NOTICE_FIGURES = section("s. 234A(3)(a)-(3C)", "234A")
ACTION_NOTICE_PATTERN = section("s. 234A(3)(b)", "234A")
ACCURACY_OF_ACTION_NOTICE = section("s. 234A(3D)", "234A")
SUSPENSION = section("s. 234A(7)-(7B)", "234A")

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
