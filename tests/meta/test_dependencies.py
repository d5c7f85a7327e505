"""What is installed is what was locked, by digest, and it starts."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "bench/requirements.lock")
UV = Path(sys.executable).with_name("uv")
NAME, VERSION = "locked_thing", "1.0"
STARTS = """
from prefect.server.api.server import create_app as prefects
prefects()
from starlette.testclient import TestClient
from app.web import create_app
from core.db import Database
with TestClient(create_app(Database("sqlite://")), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
    assert client.get("/healthz").json() == {"status": "ok"}
from flows.deadline_sweep import deadline_sweep
assert deadline_sweep.name == "deadline_sweep"
print("started")
"""


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Every requirement of a lock file with its digests."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(Requirement(line.partition("--hash")[0].strip()), re.findall(r"--hash=(\S+)", line)) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_fm_25_everything_is_locked_to_one_version_and_its_digests(name: str) -> None:
    """Turns red if one line of a lock file loses its version or its digests."""
    found = locked(name)
    assert len(found) > 50
    for requirement, digests in found:
        assert [each.operator for each in requirement.specifier] == ["=="], requirement.name
        assert digests, requirement.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in digests), requirement.name


def test_fm_25_what_is_installed_is_what_was_locked() -> None:
    """Turns red if a package is installed past the lock, as `pip install` without it would do."""
    wrong = {}
    for requirement, _ in locked("requirements.lock"):
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                found = version(requirement.name)
            except PackageNotFoundError:
                found = "nothing"
            if not requirement.specifier.contains(found, prereleases=True):
                wrong[requirement.name] = found
    assert wrong == {}


def test_fm_25_the_program_and_prefects_server_start_on_what_is_locked() -> None:
    """
    Dashboard, flows and Prefect's server share one web framework, whose latest version one of them may not start with.

    Turns red if the lock is resolved to a pair that fails as it is imported.
    """
    done = subprocess.run(
        [sys.executable, "-c", STARTS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip().endswith("started"), done.stderr


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with one wheel, made here."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    files = {
        f"{NAME}.py": "ANSWER = 42\n",
        f"{NAME}-{VERSION}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n",
        f"{NAME}-{VERSION}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for path, text in files.items()
    ]
    own = f"{NAME}-{VERSION}.dist-info/RECORD"
    with zipfile.ZipFile(folder / f"{NAME}-{VERSION}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(own, "\n".join([*record, f"{own},,"]))
    return folder


def options_of_the_makefile() -> list[str]:
    """The options with which `make` installs the lock file, as they are written there."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    [line] = re.findall(r"uv pip install (.*) -r requirements\.lock", text)
    return [each for each in line.split() if each not in {"--quiet", "--compile-bytecode"}]


def installed(wheels: Path, lock: str) -> tuple[bool, bool]:
    """Install a lock file of one line as `make` does, from the folder alone: whether that went well, and is there."""
    target = wheels.parent / "target"
    (wheels.parent / "a.lock").write_text(lock)
    words = [str(UV), "pip", "install", *options_of_the_makefile(), "-r", str(wheels.parent / "a.lock")]
    words += ["--no-index", "--find-links", str(wheels), "--target", str(target), "--no-cache"]
    done = subprocess.run(words, cwd=wheels.parent, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, (target / f"{NAME}.py").exists()


@pytest.mark.skipif(not UV.exists(), reason="uv is not installed beside this Python; `make` puts it there")
def test_fm_25_a_wheel_whose_digest_changed_is_refused(wheels: Path) -> None:
    """Turns red if the Makefile installs the lock without `--require-hashes`: a line without digests would pass."""
    [wheel] = wheels.iterdir()
    line = f"{NAME}=={VERSION} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    with zipfile.ZipFile(wheel, "a") as changed:
        changed.writestr("extra.py", "BAD = True\n")
    assert installed(wheels, line) == (False, False)
    assert installed(wheels, f"{NAME}=={VERSION}\n") == (False, False)
    good = f"{NAME}=={VERSION} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    assert installed(wheels, good) == (True, True)


def test_fm_25_make_installs_both_locks_by_their_digests() -> None:
    """Turns red if either lock file is installed without `--require-hashes`."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.search(r"pip install .*requirements\.lock", line)]
    assert len(lines) == len(LOCKS)
    assert all("--require-hashes" in line for line in lines)
