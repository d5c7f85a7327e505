"""Why this date? The same words on every page, over HTTP and at the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.case_views import case_page
from app.notice_views import WAITS_FOR
from app.notice_views import page as notice_page
from ballots.models import Ballot
from casework.deadlines import Deadline, DeadlineKind
from core.db import Database
from core.unit_of_work import UnitOfWork, reading
from core.why import LABELS, told
from notifications.models import Notice
from tests.app.conftest import Made
from tests.app.test_pages import at_ballot, at_head
from tests.ballots.scenes import Ladder, disputed, won

DETAILS = re.compile(r'<details class="govuk-details mandate-why">.*?</details>', re.DOTALL)


def explanations(html: str) -> Iterator[str]:
    """What each "Why this date?" of a page says, without its markup."""
    for found in DETAILS.findall(html):
        yield " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def says(explanation: str, why: Mapping[str, Any]) -> bool:
    """Whether a text holds every part of a reason, each after its label."""
    return all(f"{name} {value}" in explanation for name, value in _parts(why))


def _parts(why: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for label, said in told(why).items():
        if isinstance(said, dict):
            yield from ((f"{name}:", value) for name, value in said.items())
        else:
            yield label, said


@pytest.mark.parametrize("path", ["/deadlines", "/cases/{ref}"])
def test_every_deadline_of_a_page_says_why(client: TestClient, made: Made, path: str) -> None:
    """Turns red if a page leaves out a deadline's reason, or a part of one."""
    ref = made(at_ballot)
    whys = [each["why"] for each in client.get(f"/api/cases/{ref}").json()["deadlines"]]
    shown = list(explanations(client.get(path.format(ref=ref)).text))
    assert len(whys) == 4
    for why in whys:
        assert any(says(each, why) for each in shown)
    for each in shown:
        assert [label for label in LABELS.values() if label in each] == list(LABELS.values())


def test_a_source_on_the_web_is_a_link(client: TestClient, made: Made) -> None:
    html = client.get(f"/cases/{made(at_ballot)}").text
    address = "https://www.legislation.gov.uk/ukpga/1992/52/section/226A"
    assert f'<a class="govuk-link" href="{address}" rel="noreferrer">TULRCA 1992, s. 226A(1)(a)</a>' in html


def test_what_the_union_set_itself_is_not_called_law(client: TestClient, made: Made) -> None:
    shown = " ".join(explanations(client.get(f"/cases/{made(at_head)}").text))
    assert "Certainty the union's own rule, not law" in shown


def test_open_deadlines_are_told_over_http_with_their_reasons(client: TestClient, made: Made) -> None:
    """Turns red if the document leaves the reason out, or is not in the order of the page."""
    ref = made(at_ballot)
    made(at_head)
    answer = client.get("/api/deadlines").json()
    assert (answer["as_of"], answer["total"]) == ("2026-09-08", 5)
    assert [each["due_on"] for each in answer["deadlines"]] == sorted(each["due_on"] for each in answer["deadlines"])
    of_case = [each for each in answer["deadlines"] if each["case_ref"] == ref]
    assert of_case == client.get(f"/api/cases/{ref}").json()["deadlines"]
    for each in answer["deadlines"]:
        assert set(each["why"]) == set(LABELS)


def test_a_paper_says_why_it_has_to_be_received_by_its_day(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if the paper shows the reason of the other paper's day, or of another case."""
    ref = made(at_ballot)
    with reading(on=database) as uow:
        ids = {row.kind: row.id for row in uow.session.query(Notice) if row.kind in WAITS_FOR}
        whys = {row.kind: dict(row.why) for row in uow.session.query(Deadline)}
    for kind in ("notice_of_ballot", "sample_voting_paper"):
        (shown,) = explanations(client.get(f"/notices/{ids[kind]}").text)
        assert says(shown, whys[WAITS_FOR[kind]])
    on_the_case = list(explanations(client.get(f"/cases/{ref}").text))
    assert sum(says(each, whys[DeadlineKind.BALLOT_NOTICE_RECEIVED]) for each in on_the_case) == 3  # two copies


def test_a_mandate_says_why_it_ends(uow: UnitOfWork) -> None:
    """Turns red if the mandate's own reason is lost beside the deadline's, or is of another ballot."""
    ladder: Ladder = won(disputed(uow))
    page = case_page(ladder.uow, ladder.case.ref)
    ends = next(each for each in page.deadlines if each.kind is DeadlineKind.MANDATE_ENDS)
    assert {mandate.kind for mandate in page.mandates} == {"strike", "asos"}
    for mandate in page.mandates:
        assert mandate.why == ends.why
    assert all(each.why["arithmetic"] for each in page.past_deadlines)


def test_a_mandate_that_the_law_of_now_would_end_elsewhere_gives_no_wrong_reason(uow: UnitOfWork) -> None:
    ladder: Ladder = won(disputed(uow))
    for ballot in ladder.uow.session.query(Ballot):
        ballot.closes_on = ballot.closes_on.replace(day=16)
    assert [each.why for each in case_page(ladder.uow, ladder.case.ref).mandates] == [None, None]


def test_a_result_to_the_employer_waits_for_no_day_of_receipt(uow: UnitOfWork) -> None:
    ladder: Ladder = won(disputed(uow))
    assert notice_page(ladder.uow, ladder.papers("ballot_result_employer")[0].id).why is None
