# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs as their workers see them: claimed, reported, finished, taken over, forgotten.

A claim is (job, attempt, worker).  Every later write names all three, so that a worker that was
taken for dead and comes back changes nothing any more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, select, update

from geoapi.store.database import Transaction
from geoapi.store.job_tables import STATES, job, job_worker
from geoapi.store.jobs import COLUMNS, UNFINISHED, JobRow, row_of
from geoapi.types import JsonObject

# Rows of workers that nobody has seen for so long are dropped.
_WORKER_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """Who works on what.

    Attributes:
        job_id: the job.
        attempt: number of the claim.
        worker_id: the worker.
    """

    job_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        state: successful or failed.
        message: as in :class:`JobRow`.
        results: as in :class:`JobRow`.
        life: how long it is kept.
    """

    state: str
    message: JsonObject
    results: JsonObject
    life: timedelta


def beat(transaction: Transaction, worker_id: str, slots: int) -> None:
    """Note that a worker lives."""
    connection, now = transaction.connection, transaction.now
    seen = connection.execute(
        update(job_worker).where(job_worker.c.id == worker_id).values(seen_at=now, slots=slots)
    )
    if seen.rowcount == 0:
        connection.execute(
            insert(job_worker).values(id=worker_id, slots=slots, started_at=now, seen_at=now)
        )


def leave(transaction: Transaction, worker_id: str) -> None:
    """Forget a worker that stops."""
    transaction.connection.execute(delete(job_worker).where(job_worker.c.id == worker_id))


def claim_next(transaction: Transaction, worker_id: str) -> JobRow | None:
    """Claim the next job, None when none waits.

    Fair between owners: first whoever has the fewest jobs running, then whoever was served
    longest ago, then the oldest job.
    """
    connection = transaction.connection
    other = job.alias("other")
    is_same = other.c.owner_key == job.c.owner_key
    running = select(func.count()).where(is_same, other.c.state == "running").scalar_subquery()
    served = select(func.max(other.c.started_at)).where(is_same).scalar_subquery()
    statement = (
        select(*COLUMNS)
        .where(job.c.state == "accepted")
        .order_by(running, served.nulls_first(), job.c.created_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=job)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    connection.execute(
        update(job)
        .where(job.c.id == row["id"])
        .values(
            state="running",
            attempt=job.c.attempt + 1,
            worker_id=worker_id,
            progress=0,
            message="{}",
            started_at=transaction.now,
            updated_at=transaction.now,
        )
    )
    claimed = connection.execute(select(*COLUMNS).where(job.c.id == row["id"])).mappings().one()
    return row_of(claimed)


def _is_held(claim: Claim) -> ColumnElement[bool]:
    return and_(
        job.c.id == claim.job_id,
        job.c.attempt == claim.attempt,
        job.c.worker_id == claim.worker_id,
        job.c.state == "running",
    )


def _write(transaction: Transaction, claim: Claim, **values: Any) -> bool:  # noqa: ANN401
    changed = transaction.connection.execute(
        update(job).where(_is_held(claim)).values(updated_at=transaction.now, **values)
    )
    return changed.rowcount == 1


def note_progress(
    transaction: Transaction, claim: Claim, progress: int, message: JsonObject
) -> bool:
    """Store how far a job is; say whether the claim still holds."""
    text = json.dumps(message, ensure_ascii=False)
    return _write(transaction, claim, progress=progress, message=text)


def finish(transaction: Transaction, claim: Claim, outcome: Outcome) -> bool:
    """Store how a job ended; say whether the claim still held, else nothing is stored."""
    values: dict[str, Any] = {"progress": 100} if outcome.state == "successful" else {}
    return _write(
        transaction,
        claim,
        state=outcome.state,
        message=json.dumps(outcome.message, ensure_ascii=False),
        results=json.dumps(outcome.results, ensure_ascii=False),
        worker_id="",
        finished_at=transaction.now,
        expires_at=transaction.now + outcome.life,
        **values,
    )


def give_back(transaction: Transaction, claim: Claim, *, is_failure: bool) -> bool:
    """Put a job back into the queue; a failure counts against its attempts."""
    return _write(
        transaction,
        claim,
        state="accepted",
        worker_id="",
        progress=0,
        message=json.dumps({"id": "jobs.again"}),
        failures=job.c.failures + int(is_failure),
    )


def held_by(connection: Connection, worker_id: str) -> frozenset[tuple[str, int]]:
    """Return (job, attempt) of what a worker holds now."""
    statement = select(job.c.id, job.c.attempt).where(
        job.c.state == "running", job.c.worker_id == worker_id
    )
    return frozenset((row[0], row[1]) for row in connection.execute(statement))


def is_waiting(connection: Connection) -> bool:
    """Say whether a job waits."""
    return bool(connection.scalar(select(exists().where(job.c.state == "accepted"))))


def orphaned(connection: Connection, dead_since: datetime, own_id: str = "") -> list[JobRow]:
    """Return running jobs of workers that nobody has seen since an instant, or that are gone.

    Args:
        connection: for reading.
        dead_since: who was not seen after it is dead.
        own_id: of the worker that asks; its own are among them, to be compared with what it does.
    """
    living = select(job_worker.c.id).where(
        job_worker.c.seen_at > dead_since, job_worker.c.id != own_id
    )
    statement = select(*COLUMNS).where(job.c.state == "running", job.c.worker_id.not_in(living))
    return [row_of(row) for row in connection.execute(statement).mappings()]


def forget_workers(transaction: Transaction) -> None:
    """Drop the rows of workers that have been gone for a day."""
    transaction.connection.execute(
        delete(job_worker).where(job_worker.c.seen_at < transaction.now - _WORKER_KEPT)
    )


def delete_expired(transaction: Transaction) -> int:
    """Forget finished jobs whose time is over; return how many."""
    done = transaction.connection.execute(
        delete(job).where(job.c.expires_at <= transaction.now, job.c.state.not_in(UNFINISHED))
    )
    return done.rowcount


def attempts_of(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """Return {job: attempt} of those that exist."""
    statement = select(job.c.id, job.c.attempt).where(job.c.id.in_(job_ids))
    return {row[0]: row[1] for row in connection.execute(statement)}


@dataclass(frozen=True)
class JobFigures:
    """Jobs and workers at a glance.

    Attributes:
        states: {state: number}, every state named.
        oldest_waiting: when the oldest waiting job was made, None when none waits.
        seen_at: when a worker was last seen, None when there is none.
    """

    states: dict[str, int]
    oldest_waiting: datetime | None
    seen_at: datetime | None


def figures(connection: Connection) -> JobFigures:
    """Count jobs and look for workers."""
    counted = connection.execute(select(job.c.state, func.count()).group_by(job.c.state))
    states = dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in counted}
    oldest = connection.execute(
        select(func.min(job.c.created_at)).where(job.c.state == "accepted")
    ).scalar_one_or_none()
    seen = connection.execute(select(func.max(job_worker.c.seen_at))).scalar_one_or_none()
    return JobFigures(states, oldest, seen)
