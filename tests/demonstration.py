"""The demonstration, played once for every test that looks at what it leaves, whichever process runs the test."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, mandate


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A demonstration that is over: its folder, which nobody may alter, and the document that it printed."""

    folder: Path
    document: dict[str, Any]

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        """The document's cases by the URN of the school."""
        return {case["urn"]: case for case in self.document["cases"]}


GIVEN = "MANDATE_TEST_DEMONSTRATION"


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """
    All seven plays: those in the folder that MANDATE_TEST_DEMONSTRATION names, which `make demo` has played; or else as
    a command of their own, without Prefect. Whoever asks first plays them, the others wait.
    """
    given = os.environ.get(GIVEN)
    if given:
        folder = Path(given).resolve()
        return Demonstration(folder, json.loads((folder / "result.json").read_text(encoding="utf-8")))
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, printed = shared / "demonstration", shared / "demonstration.json"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _play(folder, printed)
    return Demonstration(folder, json.loads(printed.read_text(encoding="utf-8")))


def outside() -> dict[str, str]:
    """The environment without anything that this process was told of Mandate or Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MANDATE_", "PREFECT_"))}


def _play(folder: Path, printed: Path) -> None:
    done = subprocess.run(
        mandate("demo", "--no-prefect", "--json", "--folder", str(folder)),
        cwd=ROOT,
        env=outside(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed.write_text(done.stdout, encoding="utf-8")
