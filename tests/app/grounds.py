"""
Two associations with every kind of row, and somebody of each role at the first of them: what routes are tried on.

Each row of the other association carries a word that stands nowhere else, or an id that does; whoever finds one in an
answer has read what is none of theirs.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import inspect, select, text

from app import signing_in
from ballots.models import Action, Ballot, MandateRow
from casework.agreements.models import Agreement
from casework.cases import Case
from casework.disputes import Dispute
from casework.pay.models import Claim, PaymentBatch
from casework.people import passwords
from casework.people.roles import Grant, Role
from casework.register.models import Member
from casework.stand_downs import StandDown
from core.db import Base, Database
from core.requests import FlowRequest
from core.unit_of_work import reading, unit_of_work
from notifications.models import Evidence, EvidenceFile, Notice, ServiceTask
from tests.app.applications import application
from tests.app.doors import Door
from tests.app.hung import Hung, hung
from tests.app.signed_in import a_key, an_account
from tests.app.wire import Reply, Wire, wired
from tests.builders import UP_TO_HEAD, a_case, a_member, an_officer, happen

AT_ONE_PLACE = (
    Role.ASSOCIATION_SECRETARY,
    Role.CASEWORKER,
    Role.BALLOT_TEAM,
    Role.SCRUTINEER_LIAISON,
    Role.WORKPLACE_REP,
)
"""The roles that are held at one place on this ground; the others reach the whole union, or no case."""

WORD = re.compile(r"zqx\d+x")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ID = re.compile(r"[0-9a-f]{32}")
DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
REF = re.compile(r"(?<![\w-])(?:[A-Z]-)?20\d\d-\d{4}(?![\w-])")
MARKED: Mapping[str, tuple[str, ...]] = {
    "members": ("name",),
    "notices": ("recipient_name", "held_because", "subject_line"),
    "notice_attempts": ("reply_text",),
    "service_tasks": ("because",),
    "stand_downs": ("note",),
    "monitoring_checks": ("evidence",),
    "claims": ("refusal_reason",),
    "claim_windows": ("reason",),
    "payment_batches": ("repeat_reason",),
    "flow_requests": ("place",),
    "ballots": ("return_address", "cancelled_reason"),
    "cases": ("rest_reason",),
}
"""The columns of the other association's rows that are given a word of their own."""


@dataclass(frozen=True)
class Ids:
    """
    What may stand in an address for one of the two associations: by the word before it and its name, `cases/{ref}`.
    `by_kind` are all ids of the association alone, as addresses and bodies spell them.
    """

    by_address: Mapping[str, str]
    by_kind: Mapping[str, tuple[str, ...]]

    def fill(self, door: Door, changes: Mapping[str, str] = {}) -> str:
        """The address of a route with these ids in it."""
        parts = door.path.split("/")
        values = {**self.by_address, **changes}
        filled = [
            values.get(f"{parts[place - 1]}/{part}", values.get(part, _unknown(door, part))) if "{" in part else part
            for place, part in enumerate(parts)
        ]
        return "/".join(filled)


def _unknown(door: Door, part: str) -> str:
    """Something of the right shape for an id that this ground has none of."""
    name = part.strip("{}").partition(":")[0]
    wanted = next((each.annotation for each in door.in_path if each.name == name), str)
    if wanted is uuid.UUID:
        return str(uuid.UUID(int=1))
    return "1" if "int" in str(wanted) else "unknown"


SAME_FOR_ALL: Mapping[str, str] = {
    "{act}": "issue_added",
    "record/{act}": "confirm",
    "mails/{digest}": "0" * 64,
    "{parameter}": "ballots.action_notice_days",
    "{kind}": "members",
    "{token}": "0" * 32,
    "{short}": "0" * 12,
    "{key}": "0" * 43,
    "{name}": "meetings",
    "{webhook_id}": "00000000-0000-0000-0000-000000000001",
    "{year}": "2026",
}
"""What stands in an address and is nobody's."""


@dataclass
class Ground:
    """The application over both associations, and a sign-in's key for each role."""

    database: Database
    wire: Wire
    made: Hung
    keys: dict[Role, str]
    everywhere: dict[Role, str]
    expired: str
    own: Ids
    others: Ids
    words: Mapping[str, str]
    theirs: frozenset[str]

    def ask(self, door: Door, key: str | None, ids: Ids, **sent: Any) -> Reply:
        """The answer to a request to a route; a form or a body is empty unless one is given."""
        headers = {"sec-fetch-site": "same-origin"}
        if door.is_api:
            headers["idempotency-key"] = uuid.uuid4().hex
        return self.wire.ask(door.method, ids.fill(door), key, headers=headers, **sent)

    def read_in(self, reply: Reply, sent: str = "") -> set[str]:
        """What of the other association stands in an answer, its headers included, but for what the request said."""
        said = "\n".join(f"{name}: {value}" for name, value in reply.headers) + "\n" + reply.text
        return self.told_by(said, sent)

    def told_by(self, said: str, sent: str = "") -> set[str]:
        """The same of any text."""
        found = {each for pattern in (WORD, UUID, DIGEST, REF) for each in pattern.findall(said)} & self.theirs
        return {each for each in found if each not in sent}

    def what_is(self, found: str) -> str:
        """What kind of row an id or a word is of, for whoever reads why a test failed."""
        kinds = [kind for kind, ids in self.others.by_kind.items() if found in ids]
        return f"{found} ({', '.join(kinds) or self.words.get(found, 'unknown')})"

    def digest_of_all(self) -> str:
        """A digest of every row there is."""
        digest = hashlib.sha256()
        with self.database.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                for row in sorted(map(repr, connection.execute(text(f"SELECT * FROM {table.name}")))):
                    digest.update(f"{table.name}{row}".encode())
        return digest.hexdigest()

    def rows_of_theirs(self) -> frozenset[str]:
        """Every row, of any table, that is the other association's or names one that is."""
        plain = {each.replace("-", "") for each in self.theirs if UUID.fullmatch(each)}
        found = set()
        with self.database.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                for row in map(repr, connection.execute(text(f"SELECT * FROM {table.name}"))):
                    if not plain.isdisjoint(ID.findall(row.replace("-", ""))):
                        found.add(f"{table.name} {row}")
        return frozenset(found)


@contextmanager
def standing_on(database: Database, *, shared: bool = True) -> Iterator[Ground]:
    """The ground over an empty database; without a dispute in common, nobody's act reaches across."""
    with unit_of_work("staff:test", on=database) as uow:
        cases = [a_case(uow) for _ in range(2)]
        for case in cases:
            for _ in range(3):
                a_member(uow, case.workplace)
            happen(uow, case, *UP_TO_HEAD)
        officer = an_officer(uow, cases[0].workplace.association)
        made = hung(uow, *cases, shared=shared)
        uow.session.flush()
        uow.session.expunge_all()
    own, others = (each.id for each in cases)
    words = _marked(database, made, others)
    keys, everywhere, expired = _keys(database, own, officer.id)
    theirs = _theirs(made, others)
    bystander = an_account(database, [Grant(Role.AUDITOR)])  # somebody whose account may be closed meanwhile
    with (
        application(database) as app,
        wired(app, signing_in.PLAIN_NAME) as wire,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        ids = [_ids(database, made, case, bystander) for case in (own, others)]
        refs = {each for name, some in ids[1].by_kind.items() if name.endswith(".ref") for each in some}
        theirs = frozenset({*theirs, *refs, *words})
        yield Ground(database, wire, made, keys, everywhere, expired, ids[0], ids[1], words, theirs)


def _alone(made: Hung, case_id: uuid.UUID, kind: type[Any]) -> list[tuple[Any, ...]]:
    """The keys of the rows of a kind that are one case's alone."""
    return sorted((key for key, of in made.whose.get(kind, {}).items() if of == {case_id}), key=str)


def _theirs(made: Hung, case_id: uuid.UUID) -> set[str]:
    kinds = [kind for kind in made.whose if len(inspect(kind).primary_key) == 1]
    return {str(key) for kind in kinds for (key,) in _alone(made, case_id, kind) if not isinstance(key, int)}


def _marked(database: Database, made: Hung, case_id: uuid.UUID) -> dict[str, str]:
    """A word of its own for each row of the other association that has room for one; where each word stands."""
    words: dict[str, str] = {}
    with database.writing() as session:
        for kind in made.whose:
            table = inspect(kind).local_table
            for column in MARKED.get(table.name, ()):
                for key in _alone(made, case_id, kind):
                    word = f"zqx{len(words)}x"
                    words[word] = f"{table.name}.{column}"
                    where = [each == part for each, part in zip(table.primary_key.columns, key, strict=True)]
                    session.execute(table.update().where(*where).values({column: word}))
    return words


def _keys(
    database: Database, case_id: uuid.UUID, officer_id: uuid.UUID
) -> tuple[dict[Role, str], dict[Role, str], str]:
    with reading(on=database) as uow:
        case = uow.session.get_one(Case, case_id)
        school, here = case.workplace_id, case.workplace.association_id
    place = {role: Grant(role, association_id=here) for role in AT_ONE_PLACE}
    place[Role.WORKPLACE_REP] = Grant(Role.WORKPLACE_REP, workplace_id=school)
    keys = {}
    for role in Role:
        account = an_account(database, [place.get(role, Grant(role))], officer_id if role is Role.CASEWORKER else None)
        keys[role] = a_key(database, account)
    everywhere = {
        role: a_key(database, an_account(database, [Grant(role)]))
        for role in (Role.BALLOT_TEAM, Role.SCRUTINEER_LIAISON)
    }
    real = signing_in.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_in, "now", lambda: real() - timedelta(hours=9))
        expired = a_key(database, an_account(database, [Grant(Role.NATIONAL_OFFICIAL)]))
    return keys, everywhere, expired


REFS: Mapping[str, type[Any]] = {
    "cases": Case,
    "disputes": Dispute,
    "ballots": Ballot,
    "batches": PaymentBatch,
    "payments": PaymentBatch,
    "payment-batches": PaymentBatch,
}
"""Under which word of an address the reference of which kind of row stands."""
KEYS: Mapping[str, type[Any]] = {
    "notice_id": Notice,
    "task_id": ServiceTask,
    "claim_id": Claim,
    "action_id": Action,
    "mandate_id": MandateRow,
    "agreement_id": Agreement,
    "stand_down_id": StandDown,
    "member_id": Member,
    "run_id": FlowRequest,
    "digest": EvidenceFile,
    "evidence_id": Evidence,
    "ballot_id": Ballot,
    "case_id": Case,
    "dispute_id": Dispute,
    "batch_id": PaymentBatch,
}
"""Which kind of row a name in an address is the key of."""


def _ids(database: Database, made: Hung, case_id: uuid.UUID, bystander: uuid.UUID) -> Ids:
    by_address, by_kind = dict(SAME_FOR_ALL), {}
    with reading(on=database) as uow:
        case = uow.session.get_one(Case, case_id)
        by_address["{number}"] = case.workplace.urn or ""
        for word, kind in REFS.items():
            refs = [uow.session.get_one(kind, key).ref for key in _alone(made, case_id, kind)]
            by_address[f"{word}/{{ref}}"] = refs[0]
            by_kind[f"{kind.__name__}.ref"] = tuple(refs)
        for kind in made.whose:
            keys = _alone(made, case_id, kind)
            if len(inspect(kind).primary_key) == 1 and keys:
                by_kind[kind.__name__] = tuple(str(key) for (key,) in keys)
        for name, kind in KEYS.items():
            by_address[f"{{{name}}}"] = by_kind[kind.__name__][0]
        by_address["{account_id}"] = str(bystander)
        numbers = select(Member.membership_number).where(Member.workplace_id == case.workplace_id)
        by_kind["membership_number"] = tuple(uow.session.scalars(numbers.order_by(Member.membership_number)))
    return Ids(by_address, by_kind)
