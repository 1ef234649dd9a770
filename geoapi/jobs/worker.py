# SPDX-License-Identifier: GPL-2.0-or-later
"""The worker: claims jobs, runs each in a child, reports, takes over from the dead, sweeps.

It is a loop over what can happen, without waiting for any of it.  With a GeoPackage it is a
thread of the serving process, the only one that writes; with PostgreSQL ``pakmud worker`` is a
process of its own, of which several may run.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

from geoapi.errors import ConflictError, DataUnavailableError, ServicePointError
from geoapi.jobs import folders
from geoapi.jobs.children import Call, Child, start_child
from geoapi.jobs.failures import is_passing
from geoapi.jobs.nursery import Nursery
from geoapi.jobs.submission import STRANGERS_LIFE
from geoapi.process_registry import Processes
from geoapi.site import Site
from geoapi.store import Transaction, job_work
from geoapi.store.job_work import Claim, Outcome
from geoapi.store.jobs import JobRow
from geoapi.types import JsonObject

LOG = logging.getLogger(__name__)

BEAT_S = 2.0
BEAT_IDLE_S = 10.0
# A worker that was not seen for so long is dead, and its jobs go to others.
DEAD_AFTER_S = 15.0
MAX_FAILURES = 3
_LOOK_S = 0.5  # for dismissed jobs, and for new ones
_TURN_S = 0.1
_TAKE_OVER_S = 3.0
_SWEEP_S = 60.0
_BACK_OFF_S = 2.0
_START_S = 60.0


@dataclass
class Running:
    """A job at work.

    Attributes:
        row: as it was claimed.
        claim: by which it is written.
        child: that works on it.
        deadline: on the monotonic clock.
        begun: on the monotonic clock.
        report: (progress, message) that is not stored yet.
        outcome: how it ended; kept until it is stored.
    """

    row: JobRow
    claim: Claim
    child: Child
    deadline: float
    begun: float
    report: tuple[int, JsonObject] | None = None
    outcome: Outcome | None = None
    is_failure: bool = False


@dataclass
class Worker:
    """A worker of a site.

    Attributes:
        site: with the store that it writes to.
        processes: all of them.
        nursery: where children come from.
        id: random, with machine and process for people.
        running: by job.
        stopping: set by whoever wants it to stop.
    """

    site: Site
    processes: Processes
    nursery: Nursery
    id: str = field(default_factory=lambda: _new_id())  # noqa: PLW0108 - defined below
    running: dict[str, Running] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    _due: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Work until :attr:`stopping` is set; then give back what is not finished."""
        LOG.info("worker started worker=%s slots=%d", self.id, self.site.settings.job_slots)
        while not self.stopping.is_set():
            try:
                self.turn()
            except (DataUnavailableError, ConflictError, OSError) as error:
                # a full disk or a database that is away: both pass
                LOG.warning("worker waits error=%s", _reason(error))
                self.stopping.wait(_BACK_OFF_S)
            self.stopping.wait(_TURN_S if self.running else _LOOK_S)
        self._leave()

    def turn(self) -> None:
        """Do once whatever is due."""
        if self._is_due("beat", BEAT_S if self.running else BEAT_IDLE_S):
            self.site.store.write(lambda t: job_work.beat(t, self.id, self.site.settings.job_slots))
        self._watch()
        if self._is_due("take over", _TAKE_OVER_S):
            self.take_over()
        if self._is_due("sweep", _SWEEP_S):
            self.sweep()
        if self._is_due("claim", _LOOK_S):
            while len(self.running) < self.site.settings.job_slots and self._claim():
                pass

    def _is_due(self, name: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(name, 0.0):
            return False
        self._due[name] = now + every_s
        return True

    def _claim(self) -> bool:
        store = self.site.store
        if not store.read(job_work.is_waiting):
            return False

        def write(transaction: Transaction) -> JobRow | None:
            row = job_work.claim_next(transaction, self.id)
            if row is not None:
                # in the same transaction, so that nobody takes a worker with a job for dead
                job_work.beat(transaction, self.id, self.site.settings.job_slots)
            return row

        row = store.write(write)
        if row is None:
            return False
        self._start(row)
        return True

    def _start(self, row: JobRow) -> None:
        claim = Claim(row.id, row.attempt, self.id)
        process = self.processes.get(row.process_id)
        if process is None:
            gone = {"id": "jobs.process_gone", "params": {"id": row.process_id}, "status": 404}
            self._store_end(claim, self._outcome(row, "failed", gone))
            return
        seconds = min(process.job_s, self.site.settings.job_seconds)
        folder = folders.attempt_folder(self.site.settings.data_dir, row.id, row.attempt)
        call = Call(
            row.process_id, row.inputs, row.user_id, folder, seconds, row.request_id, is_kept=True
        )
        try:
            child = start_child(self.nursery)
        except OSError as error:
            LOG.warning("child not started error=%s", type(error).__name__)
            self._give_back(row, claim)
            return
        child.call(call)
        begun = time.monotonic()
        # loading the program is not the process's time
        self.running[row.id] = Running(row, claim, child, begun + seconds + _START_S, begun)
        LOG.info("job started job=%s process=%s attempt=%d", row.id, row.process_id, row.attempt)

    def _watch(self) -> None:
        """Read what the children say, end what nobody wants any more, store what is new."""
        if not self.running:
            return
        for running in self.running.values():
            self._read(running)
        if self._is_due("held", _LOOK_S):
            held = self.site.store.read(lambda c: job_work.held_by(c, self.id))
            for running in list(self.running.values()):
                if (running.row.id, running.row.attempt) not in held:
                    self._end(running, "dismissed or taken over")
        for running in list(self.running.values()):
            self._store_news(running)

    def _read(self, running: Running) -> None:
        if running.outcome is not None or running.is_failure:
            return
        row = running.row
        for answer in running.child.answers():
            if "began" in answer:
                running.deadline = time.monotonic() + self._seconds(row)
            elif "progress" in answer:
                running.report = (answer["progress"], answer["message"])
            elif "results" in answer:
                done: JsonObject = {"id": "jobs.done"}
                running.outcome = self._outcome(row, "successful", done, answer["results"])
            elif "failed" in answer and is_passing(answer["failed"]):
                running.is_failure = True
            elif "failed" in answer:
                running.outcome = self._outcome(row, "failed", answer["failed"])
        if running.outcome is not None:
            return
        if not running.child.is_alive:
            running.is_failure = True
        elif time.monotonic() > running.deadline:
            seconds = round(self._seconds(row))
            late = {"id": "jobs.too_long", "params": {"seconds": seconds}, "status": 422}
            running.outcome = self._outcome(row, "failed", late)

    def _seconds(self, row: JobRow) -> float:
        most = self.site.settings.job_seconds
        process = self.processes.get(row.process_id)
        return most if process is None else min(process.job_s, most)

    def _store_news(self, running: Running) -> None:
        if running.outcome is not None:
            self._store_end(running.claim, running.outcome)
            self._end(running, running.outcome.state)
        elif running.is_failure:
            self._give_back(running.row, running.claim)
            self._end(running, "lost")
        elif running.report is not None:
            progress, said = running.report
            self.site.store.write(
                lambda t: job_work.note_progress(t, running.claim, progress, said)
            )
            running.report = None

    def _outcome(
        self, row: JobRow, state: str, said: JsonObject, results: JsonObject | None = None
    ) -> Outcome:
        life = timedelta(hours=self.site.settings.job_result_hours)
        if not row.user_id:
            life = min(life, STRANGERS_LIFE)
        return Outcome(state, said, results or {}, life)

    def _store_end(self, claim: Claim, outcome: Outcome) -> None:
        is_ours = self.site.store.write(lambda t: job_work.finish(t, claim, outcome))
        if not is_ours:
            LOG.warning("job no longer ours job=%s attempt=%d", claim.job_id, claim.attempt)

    def _give_back(self, row: JobRow, claim: Claim) -> None:
        """Queue a job again whose child or worker was lost, unless that happened too often."""
        if row.failures + 1 >= MAX_FAILURES:
            gave_up = {"id": "jobs.gave_up", "params": {"attempts": MAX_FAILURES}, "status": 409}
            self._store_end(claim, self._outcome(row, "failed", gave_up))
            return
        self.site.store.write(lambda t: job_work.give_back(t, claim, is_failure=True))

    def _end(self, running: Running, how: str) -> None:
        running.child.kill()
        self.running.pop(running.row.id, None)
        if how != "successful":
            folders.remove(
                folders.attempt_folder(
                    self.site.settings.data_dir, running.row.id, running.row.attempt
                )
            )
        seconds = time.monotonic() - running.begun
        LOG.info(
            "job ended job=%s process=%s attempt=%d how=%s seconds=%.1f",
            running.row.id, running.row.process_id, running.row.attempt, how, seconds,
        )  # fmt: skip

    def take_over(self) -> None:
        """Queue again what the dead held; give up what was lost too often."""
        store = self.site.store
        if store.backend == "geopackage":
            # one process serves a GeoPackage: whoever else claimed something is dead
            dead_since = store.clock() + timedelta(days=1)
        else:
            dead_since = store.clock() - timedelta(seconds=DEAD_AFTER_S)
        # a claim of our own that we do not work on was cut off between two steps
        for row in store.read(lambda c: job_work.orphaned(c, dead_since, self.id)):
            if row.worker_id == self.id and row.id in self.running:
                continue
            LOG.warning("job taken over job=%s attempt=%d", row.id, row.attempt)
            self._give_back(row, Claim(row.id, row.attempt, row.worker_id))

    def sweep(self) -> None:
        """Delete jobs whose time is over, and files that belong to none."""
        store, data_dir = self.site.store, self.site.settings.data_dir
        expired = store.write(job_work.delete_expired)
        store.write(job_work.forget_workers)
        found = folders.found_jobs(data_dir)
        attempts = store.read(lambda c: job_work.attempts_of(c, found))
        swept = folders.sweep(data_dir, found, attempts)
        if expired or swept:
            LOG.info("jobs swept expired=%d folders=%d", expired, swept)

    def _leave(self) -> None:
        """Give back what runs, without counting it as a failure, and forget this worker."""
        for running in list(self.running.values()):
            running.child.kill()

        def write(transaction: Transaction) -> None:
            for running in self.running.values():
                job_work.give_back(transaction, running.claim, is_failure=False)
            job_work.leave(transaction, self.id)

        try:
            self.site.store.write(write)
        except (DataUnavailableError, ConflictError) as error:
            # its heartbeat ends, so others take over what it held
            LOG.warning("worker left without a word error=%s", error.message_id)
        self.running.clear()
        LOG.info("worker stopped worker=%s", self.id)


def _reason(error: Exception) -> str:
    return error.message_id if isinstance(error, ServicePointError) else type(error).__name__


def _new_id() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def start_thread(worker: Worker) -> threading.Thread:
    """Let a worker work in a thread of its own."""
    thread = threading.Thread(target=worker.run, name="job-worker", daemon=True)
    thread.start()
    return thread
