"""The certificate of every statutory notice of the demonstration, checked by two readers that share nothing."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import certificate_views
from core.db import Database
from core.unit_of_work import unit_of_work
from notifications import proof
from notifications.certificates import sealing
from notifications.certificates.checking import check
from notifications.certificates.issuing import Issued
from notifications.lifecycle import State
from notifications.models import Notice
from tests.demonstration import Demonstration
from tests.engines import opened
from tests.independent.certificate import complaints, main
from tests.processes import ROOT, mandate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A copy of the demonstration's database, to issue from."""
    path = Path(shutil.copy(demonstration.folder / "mandate.db", tmp_path_factory.mktemp("certified")))
    with opened(f"sqlite:///{path}") as database:
        yield database


@pytest.fixture(scope="module")
def issued(database: Database) -> list[tuple[Notice, Issued, Any]]:
    """Every statutory notice with its certificate, and what the rest of the product says of its receipt."""
    with unit_of_work("staff:test", on=database) as uow:
        rows = uow.session.scalars(select(Notice).where(Notice.statutory).order_by(Notice.id)).all()
        statuses = proof.receipt_status(uow, [row.id for row in rows])
        return [(row, certificate_views.issue(uow, row.id), statuses[row.id]) for row in rows]


def test_every_statutory_notice_has_a_certificate_that_both_readers_believe(
    issued: list[tuple[Notice, Issued, Any]],
) -> None:
    """Turns red if a certificate says anything that its own evidence, or the rest of the product, does not."""
    assert len(issued) >= 15
    for notice, certificate, status in issued:
        checked = check(certificate.file)
        assert (checked.findings, checked.digest) == ((), certificate.digest), notice.kind
        assert list(complaints(certificate.file)) == [], notice.kind
        told = certificate.certificate.standing
        if status.received_on is not None:
            assert (told.status, told.received_on) == ("received", status.received_on)
        if notice.state is State.CANCELLED:
            assert told.status != "received"
    assert {certificate.certificate.standing.status for _, certificate, _ in issued} >= {"received"}


def test_the_pages_of_some_hold_in_a_process_without_database_settings_or_network(
    issued: list[tuple[Notice, Issued, Any]], tmp_path: Path
) -> None:
    """Turns red if `mandate notice verify` opens a database, makes its home, or calls anybody."""
    surroundings = {
        "PATH": os.environ["PATH"],
        "MANDATE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        "MANDATE_HOME": str(tmp_path / "nowhere" / "at" / "all"),
        "HOME": str(tmp_path / "nobody"),
        "PYTHONPATH": str(ROOT),
    }
    no_network = "import socket; socket.socket.connect = lambda *_: 1 / 0; from app.cli.main import run; run()"
    kinds = {notice.kind: certificate for notice, certificate, _ in issued}
    for (kind, certificate), name in zip(kinds.items(), itertools.cycle(("pdf", "json")), strict=False):
        path = tmp_path / f"{kind}.{name}"
        path.write_bytes(certificate.pdf() if name == "pdf" else certificate.file)
        words = [sys.executable, "-c", no_network, "notice", "verify", str(path), "--json"]
        done = subprocess.run(words, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["digest"] == certificate.digest
        assert main([str(path)]) == 0
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "nobody").exists()


def _proofs(forged: Any) -> list[Any]:
    return [each for copy in forged["copies"] for each in copy["evidence"] if each["evidence_class"] != "C"]


FORGED = {
    "a day": lambda it: it["standing"].update(received_on="2026-01-01"),
    "the bytes": lambda it: it["copies"][0]["contents"][0].update(base64="AAAA"),
    "an entry": lambda it: it["history"]["entries"][0].update(actor="officer:2"),
    "who approved": lambda it: it["copies"][0].update(approved_by=it["copies"][0]["created_by"]),
    "the order": lambda it: it["copies"][0].update(queued_at="2020-01-01T00:00:00Z"),
    "the worth": lambda it: _proofs(it)[0].update(kind="posted"),
    "to whom": lambda it: it["copies"][0]["recipient"].update(name="Another Council"),
    "what it states": lambda it: it["copies"][0].update(facts={}),
    "whether two are needed": lambda it: it["kind"].update(statutory=False),
    "the day it bears": lambda it: it.update(drawn_on="2020-01-01"),
    "in time": lambda it: it["standing"].update(in_time=not it["standing"]["in_time"]),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_both_readers_see_what_a_forger_who_seals_anew_changed(
    issued: list[tuple[Notice, Issued, Any]], forge: Any
) -> None:
    """Turns red for the check that is taken out of either."""
    certificate = next(each for _, each, status in issued if status.received_on and each.certificate.copies[0].evidence)
    forged = json.loads(certificate.file)["certificate"]
    before = json.dumps(forged)
    forge(forged)
    assert json.dumps(forged) != before
    file = sealing.file_of(forged)
    assert not check(file).holds
    assert list(complaints(file))


def test_the_digest_stands_where_it_is_compared(database: Database, issued: list[tuple[Notice, Issued, Any]]) -> None:
    """Turns red if issuing records nothing, or `mandate audit certificates` lists something else."""
    surroundings = {**os.environ, "MANDATE_DATABASE_URL": str(database.engine.url)}
    done = subprocess.run(
        mandate("audit", "certificates", "--json"),
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    listed = {each["digest"] for each in json.loads(done.stdout)["certificates"]}
    assert listed == {certificate.digest for _, certificate, _ in issued}
    audited = subprocess.run(
        mandate("audit", "verify", "--json"), cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert json.loads(audited.stdout)["findings"] == []


def test_an_id_of_no_notice_is_not_found(database: Database, tmp_path: Path) -> None:
    """Exit 3, and nothing is laid. Turns red if the files are laid before the notice is looked for."""
    surroundings = {**os.environ, "MANDATE_DATABASE_URL": str(database.engine.url)}
    words = mandate("notice", "certificate", str(uuid.uuid4()), "--out", str(tmp_path))
    done = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []
