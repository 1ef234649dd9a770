# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that would hold a server up: heads that dribble in, answers that nobody reads.

uvicorn bounds neither the time nor the size of a request's head with httptools, waits for ever for
a first byte and for a reader, and never lets go of a closing connection whose last bytes nobody
takes.  This protocol notes when each of them began; one look at all connections now and then ends
what has lasted too long, so that a request itself costs next to nothing more.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from geoapi.errors import UsageError
from geoapi.problems import MEDIA_TYPE, problem_document
from geoapi.settings import Settings
from geoapi.web.client_address import Network, is_within, networks

LOG = logging.getLogger(__name__)

_LOOPBACK = networks(("127.0.0.0/8", "::1/128"))


@dataclass(frozen=True)
class ConnectionLimits:
    """What a connection may take.

    Attributes:
        of_one: open connections of one address, 0 for no limit.
        of_all: open connections of this process, 0 for no limit.
        exempt: networks whose connections are not counted for one address.
        head_s: from the first byte of a request, or the opening of the connection, to the end of
            the request's head.
        drain_s: a reader has to take some of what is waiting for it within this time.
        drained_bytes: how much of it.
        head_bytes: largest head.
        url_bytes: longest address, query included.
        look_every_s: between two looks at all connections.
    """

    of_one: int = 0
    of_all: int = 0
    exempt: Sequence[Network] = _LOOPBACK
    head_s: float = 20.0
    drain_s: float = 60.0
    drained_bytes: int = 8_192
    head_bytes: int = 65_536
    url_bytes: int = 32_768
    look_every_s: float = 2.0


def limits_of(settings: Settings) -> ConnectionLimits:
    """Return the limits of a site."""
    return ConnectionLimits(
        settings.connections_per_address,
        settings.connections,
        (*_LOOPBACK, *networks(settings.trusted_proxies)),
    )


class _RefusedError(Exception):
    """Ends the parsing of a request that is refused."""


class Guard:
    """All connections of one server, and the look at them now and then.

    Args:
        limits: of this server.
        loop: it runs in.
    """

    def __init__(self, limits: ConnectionLimits, loop: asyncio.AbstractEventLoop) -> None:
        """Begin without connections."""
        self.limits = limits
        self._loop = loop
        self._all: set[GuardedProtocol] = set()
        self._of_address: Counter[str] = Counter()
        self._is_looking = False

    def admit(self, connection: GuardedProtocol) -> bool:
        """Take a connection in, and say whether there is room for it."""
        limits = self.limits
        self._all.add(connection)
        if not self._is_looking:
            self._is_looking = True
            self._loop.call_later(limits.look_every_s, self._look)
        address = connection.client[0] if connection.client else ""
        if limits.of_one and address and not is_within(address, limits.exempt):
            connection.counted_for = address
            self._of_address[address] += 1
            if self._of_address[address] > limits.of_one:
                return False
        return not limits.of_all or len(self._all) <= limits.of_all

    def leave(self, connection: GuardedProtocol) -> None:
        """Let a closed connection go."""
        self._all.discard(connection)
        address = connection.counted_for
        if address:
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]

    def __len__(self) -> int:
        """Return how many connections are open."""
        return len(self._all)

    def _look(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._all):
            connection.look(now)
        self._is_looking = bool(self._all)
        if self._is_looking:
            self._loop.call_later(self.limits.look_every_s, self._look)


# One guard for each running server of this process.
_GUARDS: WeakKeyDictionary[ServerState, Guard] = WeakKeyDictionary()


def _guard_of(connection: GuardedProtocol) -> Guard:
    guard = _GUARDS.get(connection.server_state)
    if guard is None:
        application: Any = connection.app  # a Starlette application
        state = application.state
        limits = getattr(state, "connection_limits", None) or limits_of(state.site.settings)
        guard = _GUARDS[connection.server_state] = Guard(limits, connection.loop)
    return guard


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol of httptools, with an end to everything that may last."""

    guard: Guard
    # since when the head of a request has been awaited, None while there is a request
    waits_since: float | None = None
    head_received: int = 0
    chunk_received: int = 0
    # since when, and at how many bytes, a reader or the end of a closing connection is awaited
    stalled_since: float | None = None
    stalled_at: int = 0
    counted_for: str = ""
    refusal: tuple[int, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, or refuse at once what is too much."""
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        self.guard = _guard_of(self)
        if not self.guard.admit(self):
            self.refuse(503, "limits.connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.guard.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what belongs to no request has to become one in time."""
        if self.refusal is not None:
            return
        self.chunk_received = len(data)
        if self.waits_since is not None:
            self.head_received += len(data)
        super().data_received(data)
        if self.waits_since is None:
            if self.cycle.response_complete:
                # the rest of a body that was refused, or empty lines
                self.waits_since, self.head_received = self.loop.time(), 0
        elif self.head_received > self.guard.limits.head_bytes and self.refusal is None:
            self.refuse(431, "limits.head_too_large")

    def on_message_begin(self) -> None:
        """Begin to wait for the end of a head."""
        super().on_message_begin()
        self.waits_since, self.head_received = self.loop.time(), self.chunk_received

    def on_headers_complete(self) -> None:
        """Answer the request, unless its head is too large."""
        limits = self.guard.limits
        if len(self.url) > limits.url_bytes:
            self.refusal = (414, "limits.head_too_large")
            raise _RefusedError
        if self.head_received > limits.head_bytes:
            # the beginning of the body may have come with it
            size = len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers)
            if size > limits.head_bytes:
                self.refusal = (431, "limits.head_too_large")
                raise _RefusedError
        self.waits_since = None
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parent's signature
        """Answer what can't be parsed, or was refused while it was parsed."""
        status, message_id = self.refusal or (400, "operation.http_bad_request")
        self.refuse(status, message_id)

    def refuse(self, status: int, message_id: str) -> None:
        """Answer with a problem and close."""
        self.refusal = (status, message_id)
        LOG.info("connection refused status=%d", status)
        if self.transport.is_closing():
            return
        phrase = HTTPStatus(status).phrase
        document = problem_document(UsageError(message_id), "th")
        document |= {"status": status, "title": phrase, "code": phrase.replace(" ", "")}
        body = orjson.dumps(document)
        head = (
            f"HTTP/1.1 {status} {phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n"
            + ("retry-after: 5\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else "")
            + "\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def look(self, now: float) -> None:
        """End what has lasted too long."""
        limits, transport = self.guard.limits, self.transport
        waiting = transport.get_write_buffer_size()
        if waiting or transport.is_closing():
            since = self.stalled_since
            if since is None or self.stalled_at - waiting >= limits.drained_bytes:
                self.stalled_since, self.stalled_at = now, waiting
            elif now - since > limits.drain_s:
                LOG.info("connection cut reason=unread bytes=%d", waiting)
                transport.abort()
                return
            elif waiting > self.stalled_at:
                self.stalled_at = waiting  # more to read; the time goes on
        else:
            self.stalled_since = None
        since = self.waits_since
        if since is not None and now - since > limits.head_s and self.refusal is None:
            if self.head_received:
                self.refuse(408, "limits.head_too_slow")
            elif not transport.is_closing():
                self.refusal = (408, "limits.head_too_slow")
                transport.close()
