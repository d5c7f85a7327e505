"""
Requests to servers outside: over HTTPS, to public addresses, never redirected, for a limited time and a limited answer.

A name is resolved once, every address it leads to is looked at, and the connection goes to one of those: nobody can
answer the look with one address and the connection with another. Whether anything had left when it failed is what the
three errors say.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from core.clock import Clock

SECONDS = 10.0
MOST_BYTES = 64 * 1024
LONGEST_WAIT_SECONDS = 24 * 3600
WRITTEN_AT_ONCE = 64 * 1024
HOLDING_IPV4 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
"""Networks whose addresses end in one of IPv4: NAT64, and two that older systems know."""
LOCAL = tuple(map(ipaddress.IPv6Network, ("fec0::/10", "64:ff9b:1::/48", "5f00::/16")))
"""Networks of one site that `ipaddress` takes for the internet's."""


class NotSent(Exception):
    """Nothing has left: there is no connection. The text may be kept."""


class AddressRefused(Exception):
    """Nothing has left, and nothing will: the name leads into a private network, or nobody can read the address."""


class Lost(Exception):
    """The request was under way when the connection failed or its time was over."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. `body` is its beginning; `whole` says whether that is all of it."""

    status: int
    body: bytes
    whole: bool
    headers: Mapping[str, str]

    @property
    def wait_seconds(self) -> int | None:
        """How long the server asks to be left alone (RFC 9110, 10.2.3), at most a day."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdecimal():
            return min(int(asked[:9]), LONGEST_WAIT_SECONDS)
        try:
            seconds = (parsedate_to_datetime(asked) - Clock().now()).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(round(seconds), 0), LONGEST_WAIT_SECONDS)


class Outward:
    """
    One client for several requests, each of at most `seconds`.

    `private`: this machine and private networks may be reached, for a gateway of one's own. `ca_file` names further
    authorities of certificates.
    """

    def __init__(self, *, private: bool = False, ca_file: Path | None = None, seconds: float = SECONDS) -> None:
        self._deadline = _Deadline(seconds)
        transport = _GuardedTransport(_Backend(self._deadline, private=private), _context(ca_file))
        self._client = httpx.Client(transport=transport, timeout=None, follow_redirects=False, trust_env=False)  # noqa: S113 - the deadline is over all

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Reply:
        """One request, once. Raises `NotSent`, `AddressRefused` or `Lost`."""
        self._deadline.begin()
        asked = {"Accept-Encoding": "identity", "User-Agent": "Mandate", **headers}
        try:
            with self._client.stream(method, url, content=content, headers=asked) as response:
                body, whole = _beginning(response)
                return Reply(response.status_code, body, whole, dict(response.headers))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSent(f"no connection: {_reason(error)}") from None
        except httpx.HTTPError as error:
            raise Lost(f"no answer: {type(error).__name__}") from None
        except (httpx.InvalidURL, UnicodeError):
            raise AddressRefused("the address cannot be read") from None


def is_readable(url: str) -> bool:
    """Whether a request can be made of an address; `urlsplit` takes some, such as 999.1.1.1, that no client takes."""
    try:
        return bool(httpx.URL(url).host)
    except (httpx.InvalidURL, UnicodeError):
        return False


def _beginning(response: httpx.Response) -> tuple[bytes, bool]:
    """What came of the body before it was too long or too late; the status is known and stands either way."""
    body = b""
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                return body[:MOST_BYTES], False
    except httpx.HTTPError:
        return body, False
    return body, True


def _reason(error: Exception) -> str:
    """The kind of the error at the bottom; of a certificate, also why it does not hold."""
    said = error.__cause__ or error
    inner = said.args[0] if said.args and isinstance(said.args[0], Exception) else said
    told = f", {inner.verify_message}" if isinstance(inner, ssl.SSLCertVerificationError) else ""
    return type(inner).__name__ + told


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Deadline:
    """When a request is over, by the machine's own time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def begin(self) -> None:
        self._end = time.monotonic() + self._seconds

    def left(self) -> float:
        return self._end - time.monotonic()


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over connections that `_Backend` makes."""

    def __init__(self, backend: httpcore.NetworkBackend, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=backend)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline, *, private: bool) -> None:
        self._deadline, self._private = deadline, private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is over all
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in addresses_of(host, port, private=self._private):
            if self._deadline.left() <= 0:
                raise httpcore.ConnectTimeout("the time is over")
            try:
                stream = self._plain.connect_tcp(address, port, self._deadline.left(), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
                continue
            return _TimedStream(stream, self._deadline)
        raise failed


def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """
    The addresses a name leads to. Raises `AddressRefused` when any of them is not public, unless `private`;
    `httpcore.ConnectError` for a name that is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("the name is not known") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not private and not all(is_public(address) for address in addresses):
        raise AddressRefused("the address leads into a private network")
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet; one of IPv6 that holds one of IPv4 is judged by that too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if any(found in each for each in HOLDING_IPV4):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if any(found in each for each in LOCAL) or (inner is not None and not is_public(str(inner))):
            return False
    return found.is_global and not found.is_multicast


class _TimedStream(httpcore.NetworkStream):
    """A connection of which every step ends with the request's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline is over all
        if self._deadline.left() <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline is over all
        for begin in range(0, len(buffer), WRITTEN_AT_ONCE):
            if self._deadline.left() <= 0:
                raise httpcore.WriteTimeout("the time is over")
            self._stream.write(buffer[begin : begin + WRITTEN_AT_ONCE], self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is over all
    ) -> httpcore.NetworkStream:
        if self._deadline.left() <= 0:
            raise httpcore.ConnectTimeout("the time is over")
        encrypted = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(encrypted, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
