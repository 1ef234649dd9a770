# SPDX-License-Identifier: GPL-2.0-or-later
"""How much one client may ask for: requests a minute, heavy reads at once, time of one read.

A request that shows a credential which was good before is counted for its user, every other one
for the address it came from: guessing credentials buys nothing.  Each serving process counts for
itself, in memory that does not grow, and what comes from this machine is not counted.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoapi.errors import DataUnavailableError, TooManyRequestsError
from geoapi.settings import Settings
from geoapi.throttle import network_of

MOST_CLIENTS = 20_000
# A heavy read waits so long for its turn, and so many may wait.
HEAVY_WAIT_S = 5.0
HEAVY_QUEUE = 32
# Whole files, and conditions that no index may help with.
_HEAVY = re.compile(rb"(?:^|&)(?:filter=|f=(?:csv|gpkg|geopackage|parquet|geoparquet|xlsx)(?:&|$))")
_FREE = ("/static/", "/vendor/", "/healthz", "/readyz", "/metrics")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Buckets:
    """Token buckets of one kind of request: a minute's worth at once, filled up steadily.

    Args:
        per_minute: how many requests a minute; 0 for no limit.
        now: a monotonic clock, seconds.
        most: so many clients are remembered, those seen last.
    """

    def __init__(
        self, per_minute: int, now: Callable[[], float] = time.monotonic, most: int = MOST_CLIENTS
    ) -> None:
        """Begin with nobody known."""
        self.per_minute = per_minute
        self._per_s = per_minute / 60
        self._now = now
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Count a request; return 0 when it may pass, else the seconds until the next may."""
        if not self.per_minute:
            return 0.0
        now = self._now()
        known = self._levels.get(client)
        if known is None:
            level = float(self.per_minute)
            if len(self._levels) >= self._most:
                self._levels.popitem(last=False)
        else:
            level = min(self.per_minute, known[0] + (now - known[1]) * self._per_s)
            self._levels.move_to_end(client)
        if level < 1:
            self._levels[client] = (level, now)
            return (1 - level) / self._per_s
        self._levels[client] = (level - 1, now)
        return 0.0

    def __len__(self) -> int:
        """Return how many clients are remembered."""
        return len(self._levels)


class HeavyGate:
    """Lets so many heavy reads run at once, half of them of one client; the rest wait a little.

    Args:
        at_once: how many; 0 for no limit.
        wait_s: how long one waits.
        queue: how many wait.
    """

    def __init__(
        self, at_once: int, wait_s: float = HEAVY_WAIT_S, queue: int = HEAVY_QUEUE
    ) -> None:
        """Begin with nobody inside."""
        self.at_once = at_once
        self.of_one = max(1, at_once // 2)
        self._wait_s, self._queue = wait_s, queue
        self._running: dict[str, int] = {}
        self._waiting = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def inside(self, client: str) -> AsyncIterator[None]:
        """Hold a place while the block runs.

        Raises:
            TooManyRequestsError: the client has its share already.
            DataUnavailableError: all places are taken.
        """
        if self.at_once:
            await self._enter(client)
        try:
            yield
        finally:
            if self.at_once:
                await self._leave(client)

    def _has_place(self, client: str) -> bool:
        return (
            sum(self._running.values()) < self.at_once
            and self._running.get(client, 0) < self.of_one
        )

    async def _enter(self, client: str) -> None:
        async with self._changed:
            if not self._has_place(client):
                await self._wait(client)
            self._running[client] = self._running.get(client, 0) + 1

    async def _wait(self, client: str) -> None:
        """Wait for a place, with the condition held.

        Raises:
            TooManyRequestsError: the client has its share already.
            DataUnavailableError: all places are taken.
        """
        if self._waiting < self._queue:
            self._waiting += 1
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._changed.wait_for(lambda: self._has_place(client))
                return
            except TimeoutError:
                pass  # said below
            finally:
                self._waiting -= 1
        seconds = math.ceil(self._wait_s) or 1
        if self._running.get(client, 0) >= self.of_one:
            raise TooManyRequestsError("limits.heavy_of_client", retry_after_s=seconds)
        raise DataUnavailableError("limits.heavy_of_all", retry_after_s=seconds)

    async def _leave(self, client: str) -> None:
        with anyio.CancelScope(shield=True):
            async with self._changed:
                left = self._running[client] - 1
                if left:
                    self._running[client] = left
                else:
                    del self._running[client]
                self._changed.notify_all()


class Deadlines:
    """Ends tasks that take too long; one look now and then for all of them costs them nothing.

    Args:
        seconds: how long a task may take; 0 for no limit.
    """

    def __init__(self, seconds: float) -> None:
        """Begin without tasks."""
        self._seconds = seconds
        self._look_every_s = min(1.0, seconds / 4)
        self._ends: dict[asyncio.Task[Any], float] = {}
        self._ended: set[asyncio.Task[Any]] = set()
        self._is_looking = False

    def begin(self, task: asyncio.Task[Any], loop: asyncio.AbstractEventLoop) -> None:
        """Give a task its time from now on."""
        if self._seconds:
            self._ends[task] = loop.time() + self._seconds
            if not self._is_looking:
                self._is_looking = True
                loop.call_later(self._look_every_s, self._look, loop)

    def end(self, task: asyncio.Task[Any]) -> None:
        """Let a task go on as long as it needs."""
        self._ends.pop(task, None)

    def was_ended(self, task: asyncio.Task[Any]) -> bool:
        """Say whether a cancelled task was ended here; the cancellation is over then."""
        if task not in self._ended:
            return False
        self._ended.remove(task)
        task.uncancel()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task in [task for task, ends in self._ends.items() if ends <= now]:
            del self._ends[task]
            self._ended.add(task)
            task.cancel()
        self._is_looking = bool(self._ends)
        if self._is_looking:
            loop.call_later(self._look_every_s, self._look, loop)


class ClientLimits:
    """What is counted of the clients of one process.

    Args:
        settings: with the limits.
        now: a monotonic clock, seconds.
    """

    def __init__(self, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        """Prepare empty buckets."""
        self.reads = Buckets(settings.reads_per_minute, now)
        self.writes = Buckets(settings.writes_per_minute, now)
        self.heavy = Buckets(settings.heavy_reads_per_minute, now)
        self.gate = HeavyGate(settings.heavy_reads_at_once)
        self.deadlines = Deadlines(settings.read_time_s)
        # {keyed hash of a credential: user}, of this process alone; nothing can be read from it
        self._users: OrderedDict[int, str] = OrderedDict()

    def client_of(self, scope: Scope, credential: int) -> str:
        """Return who asks: a user known before, or an address; '' for this machine itself."""
        address = scope["client"][0] if scope.get("client") else ""
        if not address or address.startswith("127.") or address == "::1":
            return ""
        return self._users.get(credential, "") or _network(address)

    def admits_read(self, scope: Scope, user_id: str) -> bool:
        """Count a plain read that is answered before the middleware is reached.

        Args:
            scope: with the real address in it.
            user_id: '' for the public.
        """
        client = self.client_of(scope, 0)
        if client and self.reads.take(f"user {user_id}" if user_id else client):
            return False
        scope.setdefault("state", {})["is_counted"] = True
        return True

    def learn(self, scope: Scope, credential: int) -> None:
        """Remember whose credential it was, when it was a good one."""
        state: dict[str, Any] = scope.get("state", {})
        user_id = getattr(state.get("viewer"), "user_id", "")
        if user_id:
            self._users[credential] = f"user {user_id}"
            self._users.move_to_end(credential)
            if len(self._users) > MOST_CLIENTS:
                self._users.popitem(last=False)
        else:
            self._users.pop(credential, None)


class ClientLimitsMiddleware:
    """Refuse what is more than a client's share, before anybody works for it.

    It stands inside the layer that puts the real address into the scope and answers our errors.

    Args:
        app: the application inside.
        limits: what is counted.
    """

    def __init__(self, app: ASGIApp, limits: ClientLimits) -> None:
        """Keep what is counted."""
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Raises:
            TooManyRequestsError: the client has had its share.
            DataUnavailableError: too many heavy reads at once, or the read took too long.
        """
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self.app(scope, receive, send)
            return
        is_read, limits = scope["method"] in _READS, self.limits
        credential = _credential(scope)
        client = limits.client_of(scope, credential)
        if not client or scope.get("state", {}).get("is_counted"):
            await self._run(scope, receive, send, is_read)
            return
        is_heavy = is_read and is_heavy_read(scope)
        kind = limits.heavy if is_heavy else limits.reads if is_read else limits.writes
        wait_s = kind.take(client)
        if wait_s:
            raise TooManyRequestsError("limits.too_many", retry_after_s=math.ceil(wait_s))
        if is_heavy:
            async with limits.gate.inside(client):
                await self._run(scope, receive, send, is_read)
        else:
            await self._run(scope, receive, send, is_read)
        if credential:
            limits.learn(scope, credential)

    async def _run(self, scope: Scope, receive: Receive, send: Send, is_read: bool) -> None:
        """Answer; a read has to begin its answer in time.

        A write is never given up: whether it happened has to be known.  Its body, its statements
        and its locks have times of their own.
        """
        loop, deadlines = asyncio.get_running_loop(), self.limits.deadlines
        task = asyncio.current_task(loop) if is_read else None
        if task is None:
            await self.app(scope, receive, send)
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                deadlines.end(task)
            await send(message)

        deadlines.begin(task, loop)
        try:
            await self.app(scope, receive, send_on)
        except asyncio.CancelledError as error:
            if not deadlines.was_ended(task):
                raise
            raise DataUnavailableError("limits.took_too_long") from error
        finally:
            deadlines.end(task)


def is_heavy_read(scope: Scope) -> bool:
    """Say whether a read is counted and let in as a heavy one."""
    return _HEAVY.search(scope["query_string"]) is not None


def _credential(scope: Scope) -> int:
    """Return a number for the credential that a request shows, 0 for none."""
    for name, value in scope["headers"]:
        if name in (b"authorization", b"cookie"):
            return hash(value)
    return 0


def _network(address: str) -> str:
    """Return what counts as one client: an address of IPv4, or a network of IPv6."""
    return network_of(address) if ":" in address else address
