"""Prefect's server: ours alone, on loopback, behind a password, apart from a user's own Prefect."""

from __future__ import annotations

import json
import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app import prefect_server
from app.prefect_server import PrefectServer
from core.errors import ConfigurationError, ServiceUnavailable
from core.settings import Settings
from tests.processes import free_port

REFUSED = 1008


@pytest.mark.prefect
@pytest.mark.parametrize("auth", [None, ("mandate", "wrong"), ("", "")])
def test_fm_41_the_api_refuses_whoever_lacks_the_password(
    server: PrefectServer, prefect_home: Settings, auth: tuple[str, str] | None
) -> None:
    """
    Turns red if app/prefect_server.py leaves out PREFECT_SERVER_API_AUTH_STRING.
    """
    url = f"{prefect_server.api_url(prefect_home)}/flow_runs/filter"
    assert httpx.post(url, json={}, auth=auth).status_code == 401
    assert prefect_server.answers(prefect_home)


@pytest.mark.prefect
@pytest.mark.parametrize("path", ["events/out", "logs/out", "events/in"])
@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_fm_41_the_streams_refuse_whoever_lacks_the_password(
    server: PrefectServer, prefect_home: Settings, path: str, token: str | None
) -> None:
    """
    Turns red if app/prefect_server.py leaves out PREFECT_SERVER_API_AUTH_STRING.
    """
    url = prefect_server.api_url(prefect_home).replace("http", "ws") + f"/{path}"
    with pytest.raises((ConnectionClosed, InvalidStatus)) as refused:
        _listen(url, token)
    if isinstance(refused.value, ConnectionClosed):
        assert refused.value.rcvd is not None
        assert refused.value.rcvd.code == REFUSED


def _listen(url: str, token: str | None) -> None:
    with connect(url, subprotocols=[Subprotocol("prefect")]) as stream:
        stream.send(json.dumps({"type": "auth", "token": token}))
        while True:
            stream.recv(timeout=20)


@pytest.mark.prefect
def test_fm_41_only_loopback_reaches_it(server: PrefectServer, prefect_home: Settings) -> None:
    """
    Turns red if the server is started with `--host 0.0.0.0`.
    """
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {"127.0.0.2"} | {each for each in addresses if not str(each).startswith("127.0.0.1")}:
        with socket.socket() as knocking:
            knocking.settimeout(2)
            assert knocking.connect_ex((address, prefect_home.prefect_port)) != 0


def test_the_password_is_made_once_and_is_the_users_alone(tmp_path: Path) -> None:
    """
    Mutation: create the file with mode 0o644.
    """
    configured = Settings(home=tmp_path)
    made = prefect_server.password(configured)
    assert made == prefect_server.password(configured)
    assert len(made) > 30
    path = prefect_server.home(configured) / "password"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_that_a_crash_cut_off_is_made_anew(tmp_path: Path) -> None:
    """
    Mutation: read whatever the file holds: the server would ask for no password at all.
    """
    configured = Settings(home=tmp_path)
    prefect_server.password(configured)
    path = prefect_server.home(configured) / "password"
    path.write_text("")
    assert len(prefect_server.password(configured)) > 30
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_many_processes_make_one_password(tmp_path: Path) -> None:
    """
    Mutation: in `_make_password`, replace the file that stands: what one was told would be the other's no more.
    """
    configured = Settings(home=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: prefect_server.password(configured), range(32)))
    assert made == {prefect_server.password(configured)}
    assert [path.name for path in prefect_server.home(configured).iterdir()] == ["password"]


def test_a_server_elsewhere_is_used_with_its_own_password(tmp_path: Path) -> None:
    """
    Mutation: in `password`, make one of our own whatever the settings say.
    """
    told: dict[str, Any] = {"prefect_api_url": "https://prefect.example/api", "prefect_api_auth": "union:hushhush"}
    configured = Settings(home=tmp_path, **told)
    known = prefect_server.variables(configured)
    assert known["PREFECT_API_URL"] == "https://prefect.example/api"
    assert known["PREFECT_API_AUTH_STRING"] == "union:hushhush"
    assert "hushhush" not in repr(configured)
    assert not (prefect_server.home(configured) / "password").exists()


@pytest.mark.parametrize("url", ["prefect.example", "http://prefect.example", "ftp://prefect.example/api"])
def test_an_address_that_is_no_prefects_is_refused(url: str) -> None:
    """
    Mutation: leave the pattern out of the setting: every run would go on without Prefect, silently.
    """
    with pytest.raises(ValidationError):
        Settings(prefect_api_url=url)


def test_nothing_of_a_users_own_prefect_is_taken_over(tmp_path: Path) -> None:
    """
    Mutation: pass the surroundings on whole in `environment`.
    """
    configured = Settings(home=tmp_path)
    foreign = {"PREFECT_API_URL": "https://api.prefect.cloud", "PREFECT_API_KEY": "k", "PREFECT_PROFILE": "work"}
    told = prefect_server.environment(configured, {"PATH": "/bin", **foreign})
    assert told["PATH"] == "/bin"
    assert told["PREFECT_HOME"] == str((tmp_path / "prefect").resolve())
    assert told["PREFECT_API_URL"] == f"http://127.0.0.1:{configured.prefect_port}/api"
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert not {"PREFECT_API_KEY", "PREFECT_PROFILE"} & told.keys()


def test_a_port_that_somebody_holds_is_said(tmp_path: Path) -> None:
    """
    Mutation: let `obstacle` always give None, and return from `_wait` when the child has ended.
    """
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        configured = Settings(home=tmp_path, prefect_port=held.getsockname()[1])
        server = PrefectServer(configured)
        with pytest.raises(ServiceUnavailable, match="MANDATE_PREFECT_PORT"):
            server.start()
        assert not server.alive


@pytest.mark.prefect
def test_a_server_of_the_same_home_is_used_and_left_running(server: PrefectServer, prefect_home: Settings) -> None:
    """
    Mutation: start a child whether or not a server answers.
    """
    second = PrefectServer(prefect_home)
    second.start()
    second.stop()
    assert second.child is None
    assert prefect_server.answers(prefect_home)


def test_a_dead_server_is_known_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Mutation: ask a port that listens and never answers with the client's own patience, five seconds.
    """
    monkeypatch.setattr(prefect_server, "CHECK_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert not prefect_server.answers(Settings(home=tmp_path, prefect_port=silent.getsockname()[1]))
        assert time.monotonic() - began < 2
    assert not prefect_server.answers(Settings(home=tmp_path, prefect_port=free_port()))


def test_adopting_after_prefect_was_imported_is_refused(tmp_path: Path) -> None:
    """
    Mutation: leave out the check; the user's own profile would be in force.
    """
    with pytest.raises(ConfigurationError):
        prefect_server.adopt(Settings(home=tmp_path))
