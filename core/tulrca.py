"""
Sections of the Act of 1992 on which duties stand that no dated value says, written once.

The values with dates have their sources in the law files.
"""

from __future__ import annotations

from core.findings import Citation

ACT = "TULRCA 1992"


def section(provision: str, number: str) -> Citation:
    """A provision of the Act, with the address of its section."""
    return Citation(ACT, provision, f"https://www.legislation.gov.uk/ukpga/1992/52/section/{number}")


REPUDIATION = section("s. 21", "21")
REPUDIABLE = section("ss. 20(2)(c) and 21(1)", "21")
IN_FURTHERANCE = section("ss. 219 and 244", "244")
TRADE_DISPUTE = section("s. 244", "244")
WORKERS_AND_THEIR_EMPLOYER = section("s. 244(1)", "244")
BALLOTED = section("s. 226(2)(a)", "226")
WHO_EMPLOYS = section("s. 226A(1)", "226A")
NOTICE_OF_BALLOT = section("s. 226A(1)(a)", "226A")
SAMPLE_PAPER = section("s. 226A(1)(b)", "226A")
BALLOT_NOTICE_STATES = section("s. 226A(2)", "226A")
BALLOT_NOTICE_LISTS = section("s. 226A(2)(c), (2A)", "226A")
BALLOT_NOTICE_FIGURES = section("s. 226A(2)-(2C)", "226A")
ACCURACY_OF_BALLOT_PAPERS = section("s. 226A(2D)", "226A")
SCRUTINEER = section("ss. 226B and 226C", "226B")
SMALL_BALLOTS = section("s. 226C", "226C")
WHO_VOTES = section("s. 227(1)", "227")
ONE_WORKPLACE = section("s. 228", "228")
SEPARATE_BALLOTS = section("ss. 228 and 228A", "228A")
AGGREGATE = section("s. 228A(2)", "228A")
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
TOLD = section("ss. 231 and 231A", "231A")
LEFT_OUT = section("ss. 227(1), 232A and 232B", "232A")
CALLED_BY = section("s. 233(1)", "233")
CALLED_BEFORE = section("s. 233(3)(a)", "233")
MANDATE = section("s. 234", "234")
ACTION_NOTIFIED = section("s. 234A", "234A")
NOTICE_OF_ACTION = section("s. 234A(1)", "234A")
ACTION_NOTICE_STATES = section("s. 234A(3)", "234A")
ACTION_NOTICE_LISTS = section("s. 234A(3)(a), (3A)", "234A")
ACTION_NOTICE_FIGURES = section("s. 234A(3)(a)-(3C)", "234A")
ACTION_NOTICE_PATTERN = section("s. 234A(3)(b)", "234A")
ACCURACY_OF_ACTION_NOTICE = section("s. 234A(3D)", "234A")
ACTION_NOTICE_WINDOW = section("ss. 231A and 234A(4)(a)", "234A")
ACTION_NOTICE_TIME = section("s. 234A(4)(b)", "234A")
SUSPENSION = section("s. 234A(7)-(7B)", "234A")
COURT_ORDER = section("s. 234A(7)(a)", "234A")
DATE_OF_BALLOT = section("s. 246", "246")
EXTENT = section("s. 301", "301")
