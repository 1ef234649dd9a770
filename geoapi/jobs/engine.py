# SPDX-License-Identifier: GPL-2.0-or-later
"""Warm processes that answer analyses at once: beside the serving process, never inside it.

A call that takes too long or that kills its engine fails alone; the engine is started anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
from anyio import to_thread

from geoapi.errors import DataUnavailableError, ServicePointError, TooManyRequestsError, UsageError
from geoapi.jobs.children import Call, Child, start_child, wait_until_ready
from geoapi.jobs.failures import error_of
from geoapi.jobs.nursery import Nursery
from geoapi.settings import Settings
from geoapi.types import JsonObject

LOG = logging.getLogger(__name__)

START_S = 60.0
_WAIT_FOR_TURN_S = 20.0
# A library that leaks must not grow for ever.
_CALLS_OF_ONE = 2000
_RETRY_AFTER_S = 2
_BEGIN_S = 10.0


@dataclass
class EnginePool:
    """The engines of one serving process.

    Attributes:
        settings: of the site.
        nursery: where engines come from.
        idle: engines without a call.
        restarts: how many were lost since the start.
        waiting: calls by owner, running ones included.
    """

    settings: Settings
    nursery: Nursery
    idle: list[Child] = field(default_factory=list)
    restarts: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: anyio.Semaphore | None = None
    _threads: anyio.CapacityLimiter | None = None
    _is_closed: bool = False

    async def run(self, call: Call, owner_key: str) -> JsonObject:
        """Run a call and return its results, {output: result}.

        Args:
            call: what to run.
            owner_key: who asks, for the limit of calls at the same time.

        Raises:
            TooManyRequestsError: the owner waits for too many answers already.
            DataUnavailableError: all engines are busy for long, or this one crashed.
            UsageError: it takes too long to be answered at once.
            ServicePointError: what the process refused.
        """
        with self._counted(owner_key):
            if self._turns is None or self._threads is None:
                self._turns = anyio.Semaphore(self.settings.engines)
                # threads of its own: waiting for engines must not stop other requests
                self._threads = anyio.CapacityLimiter(self.settings.engines)
            turns, threads = self._turns, self._threads
            with anyio.move_on_after(_WAIT_FOR_TURN_S) as waiting:
                await turns.acquire()
            if waiting.cancelled_caught:
                raise DataUnavailableError("jobs.engine_busy", retry_after_s=_RETRY_AFTER_S)
            try:
                return await to_thread.run_sync(self._run, call, limiter=threads)
            finally:
                turns.release()

    @contextmanager
    def _counted(self, owner_key: str) -> Iterator[None]:
        most = self.settings.sync_per_client
        if self.waiting[owner_key] >= most:
            raise TooManyRequestsError("jobs.too_many_at_once", most=most, retry_after_s=1)
        self.waiting[owner_key] += 1
        try:
            yield
        finally:
            self.waiting[owner_key] -= 1
            if self.waiting[owner_key] <= 0:
                del self.waiting[owner_key]

    def warm_up(self) -> None:
        """Start the first engine, so that the first call does not wait for it."""
        with self._lock:
            is_wanted = not self._is_closed and not self.idle
        if not is_wanted:
            return
        try:
            child = self._started()
        except DataUnavailableError as error:
            LOG.warning("engine not started error=%s", error.message_id)
            return
        self._put(child)

    def close(self) -> None:
        """End all engines."""
        with self._lock:
            self._is_closed = True
            children, self.idle = self.idle, []
        for child in children:
            child.kill()

    def _started(self) -> Child:
        begun = time.monotonic()
        try:
            child = start_child(self.nursery)
        except OSError as error:
            raise DataUnavailableError("jobs.engine_lost", retry_after_s=_RETRY_AFTER_S) from error
        if not wait_until_ready(child, START_S):
            child.kill()
            raise DataUnavailableError("jobs.engine_lost", retry_after_s=_RETRY_AFTER_S)
        LOG.info("engine started seconds=%.1f", time.monotonic() - begun)
        return child

    def _take(self) -> tuple[Child, bool]:
        """Return an engine, and whether it was started for this."""
        while True:
            with self._lock:
                child = self.idle.pop() if self.idle else None
            if child is None:
                return self._started(), True
            if child.is_alive:
                return child, False
            child.kill()

    def _put(self, child: Child) -> None:
        with self._lock:
            if not self._is_closed and child.calls < _CALLS_OF_ONE:
                self.idle.append(child)
                return
        child.kill()

    def _run(self, call: Call) -> JsonObject:
        while True:
            child, is_new = self._take()
            number = child.call(call)
            if _has_begun(child, number) or is_new:
                return self._answer(child, number, call)
            # it had died while it was idle, as all of them may have: the call has done nothing yet
            child.kill()

    def _answer(self, child: Child, number: int, call: Call) -> JsonObject:
        deadline = time.monotonic() + call.seconds
        while child.is_alive and time.monotonic() < deadline:
            for answer in child.answers(deadline - time.monotonic()):
                if answer.get("number") != number or "progress" in answer:
                    continue
                self._put(child)
                if "results" in answer:
                    results: JsonObject = answer["results"]
                    return results
                raise error_of(answer["failed"])
        raise self._lost(child, call)

    def _lost(self, child: Child, call: Call) -> ServicePointError:
        has_crashed = not child.is_alive
        child.kill()
        self.restarts += 1
        LOG.warning("engine lost process=%s crashed=%s", call.process_id, has_crashed)
        threading.Thread(target=self.warm_up, name="engine-start", daemon=True).start()
        if has_crashed:
            return DataUnavailableError("jobs.engine_lost", retry_after_s=_RETRY_AFTER_S)
        return UsageError("jobs.too_long_at_once", seconds=round(call.seconds, 1))


def _has_begun(child: Child, number: int) -> bool:
    """Say whether a child took a call up; afterwards only its own answers are left to read."""
    deadline = time.monotonic() + _BEGIN_S
    while child.is_alive and time.monotonic() < deadline:
        line = child.first_answer(deadline - time.monotonic())
        if line is not None and line.get("began") == number:
            return True
    return False
