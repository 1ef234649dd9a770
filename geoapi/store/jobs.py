# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs as those who ask for them see them: put in the queue, looked up, listed, dismissed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Double,
    RowMapping,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    update,
)

from geoapi.errors import TooManyRequestsError
from geoapi.store.database import Transaction
from geoapi.store.job_tables import job
from geoapi.types import JsonObject

UNFINISHED = ("accepted", "running")
# Any fixed number: the lock under which places in the queue are counted and given away.
_QUEUE_LOCK = 0x6A6F6273
_RETRY_AFTER_S = 30
# So long a dismissed job can be looked at before it is forgotten.
_DISMISSED_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class JobRow:
    """A job.

    Attributes:
        id: random UUID, which nobody can guess.
        process_id: which process.
        user_id: whose it is, '' for nobody in particular.
        owner_key: whose queue it stands in.
        state: one of :data:`geoapi.store.job_tables.STATES`.
        inputs: checked.
        wanted: outputs and form of the answer that the client asked for.
        request_id: of the request that made it.
        progress: 0 to 100.
        message: {id, params} of a sentence, and for a failure {status} of HTTP.
        attempt: number of the claim.
        failures: how often a worker or child was lost over it.
        worker_id: who works on it, '' for nobody.
        results: {output: {value} or {file, mediaType, bytes}}.
        created_at: UTC, as all instants.
        updated_at: last change.
        started_at: begin of the last attempt, None before.
        finished_at: None before the end.
        expires_at: when it is deleted, None before the end.
    """

    id: str
    process_id: str
    user_id: str
    owner_key: str
    state: str
    inputs: JsonObject
    created_at: datetime
    updated_at: datetime
    wanted: JsonObject = field(default_factory=dict)
    request_id: str = ""
    progress: int = 0
    message: JsonObject = field(default_factory=dict)
    attempt: int = 0
    failures: int = 0
    worker_id: str = ""
    results: JsonObject = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Say whether nothing more will happen."""
        return self.state not in UNFINISHED


_JSON = ("inputs", "wanted", "message", "results")
COLUMNS = [job.c[name] for name in JobRow.__dataclass_fields__]


def row_of(values: RowMapping) -> JobRow:
    """Make a job of a row of its table."""
    read = {name: json.loads(values[name]) for name in _JSON}
    return JobRow(**{**dict(values), **read})


@dataclass(frozen=True)
class QueueLimits:
    """How many unfinished jobs there may be.

    Attributes:
        of_owner: in the queue of one owner.
        of_all: in all queues together.
    """

    of_owner: int
    of_all: int


def insert_job(transaction: Transaction, row: JobRow, limits: QueueLimits) -> None:
    """Put a job into the queue.

    Raises:
        TooManyRequestsError: the owner's queue or the whole is full; nothing is stored.
    """
    connection = transaction.connection
    if transaction.backend == "postgis":
        # two requests at once must not both take the last place
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _QUEUE_LOCK})
    of_all, of_owner = connection.execute(
        select(
            func.count(),
            func.count().filter(job.c.owner_key == row.owner_key),
        ).where(job.c.state.in_(UNFINISHED))
    ).one()
    if of_owner >= limits.of_owner:
        raise TooManyRequestsError(
            "jobs.own_queue_full", most=limits.of_owner, retry_after_s=_RETRY_AFTER_S
        )
    if of_all >= limits.of_all:
        raise TooManyRequestsError("jobs.queue_full", retry_after_s=_RETRY_AFTER_S)
    values = {name: getattr(row, name) for name in JobRow.__dataclass_fields__}
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in _JSON}
    connection.execute(insert(job).values(**values))


def find_job(connection: Connection, job_id: str) -> JobRow | None:
    """Return a job, None when there is none."""
    row = connection.execute(select(*COLUMNS).where(job.c.id == job_id)).mappings().one_or_none()
    return None if row is None else row_of(row)


@dataclass(frozen=True)
class JobFilter:
    """Which jobs of a user to list, the newest first.

    Attributes:
        user_id: whose.
        states: those wanted, none for all.
        process_ids: those wanted, none for all.
        since: made at this instant or later.
        until: made at this instant or earlier.
        after: (created_at, id) of the last job of the page before.
        limit: how many at the most.
        least_s: ran so many seconds or more, by now or until the end.
        most_s: ran so many seconds or less.
    """

    user_id: str
    states: tuple[str, ...] = ()
    process_ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 10
    least_s: int | None = None
    most_s: int | None = None


def _duration_s(connection: Connection) -> ColumnElement[float]:
    """Return how long a job has run; NULL before it starts."""
    if connection.dialect.name == "postgresql":
        started, finished = (
            type_coerce(column, DateTime(timezone=True))
            for column in (job.c.started_at, job.c.finished_at)
        )
        end = func.coalesce(finished, func.now())
        seconds: ColumnElement[float] = cast(func.extract("epoch", end - started), Double)
        return seconds
    day: Double[float] = Double()
    finished_day = func.julianday(job.c.finished_at, type_=day)
    last_day: ColumnElement[float] = func.coalesce(finished_day, func.julianday("now", type_=day))
    return (last_day - func.julianday(job.c.started_at, type_=day)) * 86_400.0


def _conditions(connection: Connection, wanted: JobFilter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [job.c.user_id == wanted.user_id, job.c.user_id != ""]
    if wanted.states:
        parts.append(job.c.state.in_(wanted.states))
    if wanted.process_ids:
        parts.append(job.c.process_id.in_(wanted.process_ids))
    if wanted.since is not None:
        parts.append(job.c.created_at >= wanted.since)
    if wanted.until is not None:
        parts.append(job.c.created_at <= wanted.until)
    if wanted.least_s is not None:
        parts.append(_duration_s(connection) >= wanted.least_s)
    if wanted.most_s is not None:
        parts.append(_duration_s(connection) <= wanted.most_s)
    if wanted.after is not None:
        at, last = wanted.after
        parts.append(or_(job.c.created_at < at, and_(job.c.created_at == at, job.c.id < last)))
    return and_(*parts)


def list_jobs(connection: Connection, wanted: JobFilter) -> list[JobRow]:
    """Return a page of a user's jobs, the newest first; nobody in particular has none."""
    statement = (
        select(*COLUMNS)
        .where(_conditions(connection, wanted))
        .order_by(job.c.created_at.desc(), job.c.id.desc())
        .limit(wanted.limit)
    )
    return [row_of(row) for row in connection.execute(statement).mappings()]


def dismiss(transaction: Transaction, job_id: str) -> JobRow | None:
    """Dismiss an unfinished job and return it; its worker sees that and ends it."""
    changed = transaction.connection.execute(
        update(job)
        .where(job.c.id == job_id, job.c.state.in_(UNFINISHED))
        .values(
            state="dismissed",
            message=json.dumps({"id": "jobs.dismissed"}),
            worker_id="",
            updated_at=transaction.now,
            finished_at=transaction.now,
            expires_at=transaction.now + _DISMISSED_LIFE,
        )
    )
    return find_job(transaction.connection, job_id) if changed.rowcount else None


def delete_job(transaction: Transaction, job_id: str) -> None:
    """Forget a job; its files are the caller's to delete afterwards."""
    transaction.connection.execute(delete(job).where(job.c.id == job_id))


def as_dismissed(row: JobRow) -> JobRow:
    """Return how a job that was just deleted is shown once more."""
    return replace(row, state="dismissed", message={"id": "jobs.deleted"}, results={})
