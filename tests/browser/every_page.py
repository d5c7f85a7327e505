"""Every page that is served, by the path of its route, with addresses in the played demonstration."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from app.acts import ACTS, acts_offered
from app.public import create_public_app
from app.web import create_app
from ballots.law_acts import LAW_ACTS
from ballots.models import Action, Ballot, BallotCase, MandateRow
from casework.cases import Case
from casework.pay.models import Claim, PaymentBatch
from casework.people.models import Account
from core.db import Database
from core.requests import FlowRequest
from core.settings import settings
from core.signing import key_for
from core.unit_of_work import reading
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.receipt_links import PATH, PURPOSE, token_of

NOT_PAGES: Mapping[str, str] = MappingProxyType(
    {
        "/healthz": "a line of JSON for whoever watches",
        "/evidence/{digest}": "a file",
    }
)
"""What is asked for by GET and is no page to look at, and what it is instead. Nothing under /api is one."""

FILES = (".csv", ".ics", ".pdf")


PLANNED = "/plan?first_action=2027-09-14&today=2027-06-29&offices_closed="


@dataclass(frozen=True, slots=True)
class Scene:
    """The demonstration, served, with what it lacks: the keys of sign-ins, a link, a file that waits, a run."""

    database: Database
    whole: str
    rep: str
    half_way: str
    enrolling: str
    link: str
    import_token: str


@dataclass(frozen=True, slots=True)
class Visit:
    """
    An address as somebody sees it who holds the key of a sign-in; `status` is what it is answered with. `part` is what
    alone is looked at of a page that others have shown already.
    """

    address: str
    key: str
    status: int = 200
    public: bool = False
    part: str | None = None


Addresses = Callable[[Scene], Iterator[Visit]]


def page_routes() -> list[str]:
    """The path of every route that a browser may ask for a page, of the dashboard and of the public pages."""
    database = Database("sqlite://")
    apps = create_app(database), create_public_app(database, "https://public.example")
    found = {route.path for app in apps for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())}
    return sorted(
        path for path in found if not path.startswith("/api/") and not path.endswith(FILES) and path not in NOT_PAGES
    )


def _at(*addresses: str, status: int = 200) -> Addresses:
    return lambda scene: (Visit(each, scene.whole, status) for each in addresses)


def _ballots(scene: Scene) -> Iterator[Visit]:
    """One that was won and one that was lost."""
    with reading(on=scene.database) as uow:
        of_case = select(Ballot.ref).join(BallotCase, BallotCase.ballot_id == Ballot.id).join(Case)
        for ref in ("2026-0001", "2026-0005"):
            found = uow.session.scalars(of_case.where(Case.ref == ref).order_by(Ballot.ref)).first()
            yield Visit(f"/ballots/{found}", scene.whole)


def _cases(scene: Scene) -> Iterator[Visit]:
    """Each case, as it stands in the end, and each act's form, at the first case that offers it."""
    seen: set[str] = set()
    with reading(on=scene.database) as uow:
        cases = uow.session.scalars(select(Case).order_by(Case.ref)).all()
        offered = [(case.ref, act.name) for case in cases for act in acts_offered(uow, case)]
    for ref in ("2026-0001", "2026-0006", "2026-0008"):
        yield Visit(f"/cases/{ref}", scene.whole)
    yield Visit("/cases/2026-0001?act=", scene.whole)
    yield Visit("/cases/1999-0001", scene.whole, 404)
    for ref, act in offered:
        if act not in seen and act in ACTS:
            seen.add(act)
            yield Visit(f"/cases/{ref}?act={act}", scene.whole, part="#record")


def _notices(scene: Scene) -> Iterator[Visit]:
    """One of each kind that binds an employer, and a mail to one member."""
    for kind, medium in (
        ("notice_of_ballot", Medium.LETTER),
        ("notice_of_action", Medium.MAIL),
        ("strike_call", Medium.MAIL),
    ):
        yield Visit(f"/notices/{_notice(scene, kind, medium).id}", scene.whole)
    yield Visit(f"/notices/{uuid.UUID(int=0)}", scene.whole, 404)


def _notice(scene: Scene, kind: str, medium: Medium) -> Notice:
    with reading(on=scene.database) as uow:
        wanted = select(Notice).where(Notice.kind == kind, Notice.medium == medium).order_by(Notice.id)
        return uow.session.scalars(wanted.limit(1)).one()


def _runs(scene: Scene) -> Iterator[Visit]:
    with reading(on=scene.database) as uow:
        yield Visit(f"/runs/{uow.session.scalars(select(FlowRequest.id)).one()}", scene.whole)


def _employer(scene: Scene) -> Iterator[Visit]:
    with reading(on=scene.database) as uow:
        found = uow.session.scalars(select(Case).where(Case.ref == "2026-0001")).one().workplace.employer_id
    yield Visit(f"/employers/{found}", scene.whole)


def _payments(scene: Scene) -> Iterator[Visit]:
    with reading(on=scene.database) as uow:
        found = uow.session.scalars(select(PaymentBatch.ref).order_by(PaymentBatch.ref).limit(1)).one()
    yield Visit(f"/payments/{found}", scene.whole)


def _claims(scene: Scene) -> Iterator[Visit]:
    """One of each state that a claim of the demonstration stands in."""
    with reading(on=scene.database) as uow:
        one_of_each = {state: key for key, state in uow.session.execute(select(Claim.id, Claim.state)).tuples()}
    for key in one_of_each.values():
        yield Visit(f"/claims/{key}", scene.whole)
    yield Visit(f"/claims/{uuid.UUID(int=0)}", scene.whole, 404)


def _mandates(scene: Scene) -> Iterator[Visit]:
    """One that action rests on, and one of whose dispute nothing goes on."""
    with reading(on=scene.database) as uow:
        resting = uow.session.scalars(select(Action.mandate_id).order_by(Action.starts_on).limit(1)).one()
        others = select(MandateRow.id).where(MandateRow.id != resting).order_by(MandateRow.last_day).limit(1)
        found = [resting, *uow.session.scalars(others)]
    for key in found:
        yield Visit(f"/mandates/{key}", scene.whole)


def _officer(scene: Scene) -> Iterator[Visit]:
    with reading(on=scene.database) as uow:
        found = uow.session.scalars(select(Case.officer_id).where(Case.ref == "2026-0001")).one()
    yield Visit(f"/officers/{found}", scene.whole)


def _person(scene: Scene) -> Iterator[Visit]:
    with reading(on=scene.database) as uow:
        for each in uow.session.scalars(select(Account.id).order_by(Account.made_at).limit(2)):
            yield Visit(f"/people/{each}", scene.whole)


def _acknowledgement(scene: Scene) -> Iterator[Visit]:
    notice = _notice(scene, "notice_of_action", Medium.MAIL)
    token = token_of(notice.message_id, key_for(settings(), PURPOSE))
    yield Visit(f"/{PATH}/{token}", "", public=True, status=200)
    yield Visit(f"/{PATH}/{token[:-1]}", "", public=True, status=404)


ADDRESSES: Mapping[str, Addresses] = MappingProxyType(
    {
        "/": lambda scene: (Visit(each, scene.whole) for each in ("/", "/?stage=raised")),
        f"/{PATH}/{{token}}": _acknowledgement,
        "/account": _at("/account"),
        "/ballots/{ref}": _ballots,
        "/cases/new": _at("/cases/new", "/cases/new?q=school", "/cases/new?q=nowhere+at+all"),
        "/cases/{ref}": _cases,
        "/cases/{ref}/claims": _at("/cases/2026-0001/claims", "/cases/2026-0006/claims"),
        "/claims": _at("/claims"),
        "/claims/{claim_id}": _claims,
        "/deadlines": _at("/deadlines"),
        "/disputes/{ref}": _at("/disputes/D-2026-0001", "/disputes/D-2026-0007"),
        "/disputes/{ref}/standing": _at("/disputes/D-2026-0001/standing"),
        "/employers/{key}": _employer,
        "/flow": _at("/flow"),
        "/imports": _at("/imports"),
        "/imports/{token}": lambda scene: iter([Visit(f"/imports/{scene.import_token}", scene.whole)]),
        "/law": _at("/law"),
        "/law/record/{act}": _at(*(f"/law/record/{name}" for name in LAW_ACTS)),
        "/law/{parameter}": _at("/law/ballots.action_notice_days"),
        "/letters": _at("/letters"),
        "/mandates": _at("/mandates"),
        "/mandates/{mandate_id}": _mandates,
        "/notices": _at("/notices", "/notices?q=nowhere", "/notices?only=not_proved&to=employer"),
        "/notices/{notice_id}": _notices,
        "/officers": _at("/officers"),
        "/officers/{key}": _officer,
        "/payments/{ref}": _payments,
        "/people": _at("/people"),
        "/people/{account_id}": _person,
        "/plan": lambda scene: iter(
            [
                Visit("/plan", scene.whole),
                Visit(f"{PLANNED}2027-08-21..2027-08-24", scene.whole),
                Visit(f"{PLANNED}Christmas", scene.whole, 422),
            ]
        ),
        "/restore": _at("/restore"),
        "/runs": _at("/runs"),
        "/runs/{run_id}": _runs,
        "/search": _at("/search", "/search?q=school", "/search?q=nowhere+at+all"),
        "/second-factor": lambda scene: iter([Visit("/second-factor", scene.enrolling)]),
        "/service": _at("/service"),
        "/sign-in": lambda scene: iter([Visit("/sign-in", ""), Visit("/sign-in?ended=yes", "")]),
        "/sign-in/code": lambda scene: iter([Visit("/sign-in/code", scene.half_way), Visit("/sign-in/code", "")]),
        "/status": _at("/status"),
        "/today": _at("/today"),
        "/webhooks": _at("/webhooks"),
        "/welcome/{key}": lambda scene: iter([Visit(f"/welcome/{scene.link}", ""), Visit("/welcome/spent", "", 409)]),
        "/workplaces/{number}": _at("/workplaces/100050"),
        "/your-workplace": lambda scene: iter([Visit("/your-workplace", scene.rep)]),
    }
)
"""Where each page is looked at. Whoever adds a route with a page adds where to see it, full and empty."""


def missing() -> Sequence[str]:
    """Routes with a page that nobody looks at."""
    return [path for path in page_routes() if path not in ADDRESSES]


def gone() -> Sequence[str]:
    """What is looked at, or left out, and no route answers any more."""
    return sorted(ADDRESSES.keys() - set(page_routes()))
