"""
A notice of ballot to every employer, through days in which much goes wrong: each reaches proof, or a person in time.

The real outbox, delivery, mailbox, ladder, tasks and receipts of a print house, on a real database, by the same calls
that the worker makes. Mail servers refuse, bounce at once and days later, or are full; the relay and the post are away
for hours; a sender is killed in the middle. A checker that shares no code with the program then reads the database and
what was written down outside it. How long it takes is printed, and not judged.

`MANDATE_SIMULATION_EMPLOYERS` is how many there are, at least 300; `MANDATE_SIMULATION_ENGINE` is sqlite or postgresql;
`-m full` has eight thousand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from core.db import database
from core.settings import settings
from notifications import climbing, keys, ladder, outbox, print_receipts, proof, rendering
from notifications.ladder import Do, Paper, Step
from notifications.lifecycle import EvidenceClass
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.chaos.outbox_ground import in_memory
from tests.chaos.service_checker import Findings, check
from tests.chaos.service_world import World
from tests.engines import Engine, blank, with_tables
from tests.processes import free_port

pytestmark = pytest.mark.slow
SEED = "20260817"
EMPLOYERS = int(os.environ.get("MANDATE_SIMULATION_EMPLOYERS", "300"))
ENGINE = os.environ.get("MANDATE_SIMULATION_ENGINE", "sqlite")
FULL, SMALL, LAID_ANEW = 8_000, 80, 50


@contextmanager
def relay(folder: Path) -> Iterator[int]:
    """The mail server, on a free port."""
    folder.mkdir()
    port = free_port()
    program = [sys.executable, str(Path(__file__).parent / "service_sink.py"), str(port), str(folder)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield port
        server.terminate()


@contextmanager
def empty(engines: Callable[[str], Engine], folder: Path) -> Iterator[str]:
    """A database with every table; of SQLite in that folder, where nothing waits for a disk."""
    if ENGINE == "sqlite":
        url = f"sqlite:///{folder / 'mandate.db'}"
        with_tables(url)
        yield url
        return
    engine = engines(ENGINE)
    with engine.lent(blank(engine)) as url:
        yield url


@pytest.fixture
def simulate(
    engines: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], tuple[Findings, str]]]:
    """Live through it with so many employers; what the checker found, and a sentence of it all."""

    def lived(count: int) -> tuple[Findings, str]:
        with in_memory() as folder, relay(folder / "relay") as port, empty(engines, folder) as url:
            told = {
                "HOME": folder,
                "DATABASE_URL": url,
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": port,
                "SMTP_TLS": "none",
                "MAIL_FROM": "disputes@union.test",
                "BOUNCE_ADDRESS": "bounces@union.test",
                "MAILDIR": folder / "maildir",
                "LETTERS_FOLDER": folder / "letters",
                "JOURNAL_FOLDER": folder / "journal",
                "PUBLIC_URL": "https://service.union.test",
            }
            for name, value in told.items():
                monkeypatch.setenv(f"MANDATE_{name}", str(value))
            settings.cache_clear()
            few_are_laid_anew(monkeypatch)
            return judged(World(database(), folder / "relay", folder, SEED, count))

    yield lived
    settings.cache_clear()


def judged(world: World) -> tuple[Findings, str]:
    """Run and check."""
    wall, cpu = time.monotonic(), time.process_time()
    world.run()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    world.database.engine.dispose()
    found = check(world.database.url, world.relay, world.folder, world.count)
    ran = f"{world.count} employers, {world.sweeps} sweeps, {world.deliveries} deliveries, {world.kills} kill"
    return found, f"{ran}, {wall:.0f} s ({cpu:.0f} s of CPU): {found.sentence}"


def few_are_laid_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Typst lays one letter in fifty; the others are that letter with their own name, so that no two have the same bytes.

    Laying them all would take most of the time, and other tests do.
    """
    lay, laid = rendering._compile, {}

    def compiled(page: rendering.Page, title: str, wanted: str) -> bytes:
        number = int(page.recipient.key.partition(":")[2])
        key = (page.facts["opening_day"], wanted)
        if number % LAID_ANEW == 0 or key not in laid:
            content = lay(page, title, wanted)  # type: ignore[arg-type]
            laid.setdefault(key, (content, page.recipient.name))
            return content
        content, name = laid[key]
        if wanted == "html":
            return content.replace(name.encode(), page.recipient.name.encode())
        return content + f"% {page.recipient.name}\n".encode()

    monkeypatch.setattr(rendering, "_compile", compiled)


def test_every_employer_is_shown_to_have_it_or_a_person_is_asked_a_day_before(
    simulate: Callable[[int], tuple[Findings, str]], record_property: Callable[[str, object], None]
) -> None:
    """
    All reach proof or a person; nothing is lost or doubled; no proof stands that nothing outside bears out.

    Turns red if `ladder.next_step` never asks a person.
    """
    found, told = simulate(EMPLOYERS)
    sys.stdout.write(f"\n{ENGINE}: {told}\n")
    record_property(ENGINE, told)
    assert found.complaints == []
    _assert_all_happened(found, EMPLOYERS)


@pytest.mark.full
def test_eight_thousand_employers(
    simulate: Callable[[int], tuple[Findings, str]], record_property: Callable[[str, object], None]
) -> None:
    """
    The same with as many employers as the schools of a large union have.

    Turns red if `ladder.next_step` never asks a person.
    """
    found, told = simulate(FULL)
    sys.stdout.write(f"\n{ENGINE}: {told}\n")
    record_property(ENGINE, told)
    assert found.complaints == []
    _assert_all_happened(found, FULL)


def _assert_all_happened(found: Findings, count: int) -> None:
    """A world in which nothing went wrong would prove nothing."""
    for name in ("acknowledged", "no_bounce", "signed_for", "delivery_report", "handed_over"):
        assert found.counts[f"proofs {name}"] > 0, name
    assert found.counts["asked of a person a day before the limit"] > count / 50
    assert found.counts["attempts temp"] > count / 5
    assert found.counts["attempts perm"] > 0
    assert found.counts["attempts unknown"] > 0
    assert found.counts["letters"] > count / 10


def never_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ladder tries channels and leaves people alone."""
    step = climbing.next_step

    def without_people(*facts: object) -> Step:
        found = step(*facts)  # type: ignore[arg-type]
        return Step(Do.NOTHING) if found.do is Do.ASK else found

    monkeypatch.setattr(climbing, "next_step", without_people)


def takes_acceptance_for_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a channel has accepted counts as received."""
    proved = ladder.is_proved

    def is_proved(paper: Paper) -> bool:
        return proved(paper) or any(copy.accepted_at is not None for copy in paper.copies)

    monkeypatch.setattr(ladder, "is_proved", is_proved)


def takes_posting_for_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the print house has despatched counts as signed for."""
    worth = MappingProxyType({**proof.WORTH, ReceiptKind.POSTED: EvidenceClass.A})
    monkeypatch.setattr(proof, "WORTH", worth)
    monkeypatch.setattr(print_receipts, "WORTH", worth)


def serves_a_second_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter in place of a mail does not know the one that goes already."""
    key = keys.letter_key

    def another(mail: Notice) -> str:
        return f"{key(mail)}/{mail.state}"

    monkeypatch.setattr(outbox, "letter_key", another)


@pytest.mark.parametrize(
    ("mutant", "kind"),
    [
        pytest.param(never_asks, "unreached", marks=pytest.mark.full),
        pytest.param(takes_acceptance_for_proof, "unreached", marks=pytest.mark.full),
        pytest.param(takes_posting_for_proof, "unfounded", marks=pytest.mark.full),
        pytest.param(serves_a_second_letter, "doubled", marks=pytest.mark.full),
    ],
)
def test_the_same_check_finds_the_mutants_out(
    mutant: Callable[[pytest.MonkeyPatch], None],
    kind: str,
    simulate: Callable[[int], tuple[Findings, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    A check that finds nothing wrong with these would prove nothing.

    Turns red if `service_checker.check` complains of nothing.
    """
    mutant(monkeypatch)
    found, told = simulate(SMALL)
    sys.stdout.write(f"\n{mutant.__name__}: {told}\n")
    assert getattr(found, kind)
