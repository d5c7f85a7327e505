"""A real HTTP server for tests, which behaves as badly as it is told to and remembers what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Asked:
    """One request: its headers' names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)


Answer = Callable[["HttpServer", BinaryIO], None]


@dataclass
class HttpServer:
    """`answer` writes what it likes to the connection; `over` is set when the test is."""

    answer: Answer
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)


def reply(status: int, body: bytes = b"", **headers: str) -> Answer:
    """A whole answer."""

    def answer(server: HttpServer, stream: BinaryIO) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        stream.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def document(status: int, told: Mapping[str, Any], **headers: str) -> Answer:
    """An answer of JSON."""
    return reply(status, json.dumps(told).encode(), **headers)


def hang_up(server: HttpServer, stream: BinaryIO) -> None:
    """Take the request and say nothing: the connection is lost."""
    raise ConnectionAbortedError


def say_nothing(server: HttpServer, stream: BinaryIO) -> None:
    """Take the request and keep the connection, silent."""
    server.over.wait(30)


def drip(beginning: bytes, rest: bytes = b"x" * 10_000, every: float = 0.02) -> Answer:
    """Write the beginning, then a byte at a time for as long as somebody listens."""

    def answer(server: HttpServer, stream: BinaryIO) -> None:
        stream.write(beginning)
        stream.flush()
        for place in range(len(rest)):
            if server.over.wait(every):
                return
            stream.write(rest[place : place + 1])
            stream.flush()

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer after another, the last one from then on."""
    left = list(answers)

    def answer(server: HttpServer, stream: BinaryIO) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(server, stream)

    return answer


@contextmanager
def answering(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
    """The server, on a free port of this machine."""
    server = HttpServer(answer)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        listener.settimeout(0.02)
        accepting = threading.Thread(target=_accept, args=(listener, server, tls), daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            server.over.set()
            accepting.join(timeout=5)


def _accept(listener: socket.socket, server: HttpServer, tls: ssl.SSLContext | None) -> None:
    while not server.over.is_set():
        try:
            connection, _ = listener.accept()
        except (TimeoutError, OSError):
            continue
        server.connections += 1
        threading.Thread(target=_serve, args=(connection, server, tls), daemon=True).start()


def _serve(connection: socket.socket, server: HttpServer, tls: ssl.SSLContext | None) -> None:
    connection.settimeout(10)
    with suppress(OSError, ValueError), connection:
        plain = connection if tls is None else tls.wrap_socket(connection, server_side=True)
        with plain, plain.makefile("rwb") as stream:
            while (asked := _read(stream)) is not None:
                server.asked.append(asked)
                server.answer(server, stream)  # type: ignore[arg-type]
                stream.flush()


def _read(stream: Any) -> Asked | None:
    first = stream.readline().decode()
    if not first:
        return None
    method, path, _ = first.split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Asked(method, path, headers, stream.read(int(headers.get("content-length", 0))))
