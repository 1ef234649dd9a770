# SPDX-License-Identifier: GPL-2.0-or-later
"""What people do with jobs: ask for one, look at it, list the own ones, dismiss them."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from geoapi.errors import NotFoundError
from geoapi.jobs import folders
from geoapi.managers import today
from geoapi.process_model import Process
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import jobs as rows
from geoapi.store.jobs import JobFilter, JobRow, QueueLimits
from geoapi.throttle import network_of
from geoapi.types import JsonObject

LOG = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_SUCH_JOB = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-job"
# Strangers' results are kept for a day at the most.
STRANGERS_LIFE = timedelta(days=1)


@dataclass(frozen=True)
class NewJob:
    """What somebody asks for.

    Attributes:
        process: which.
        inputs: checked against the process.
        wanted: outputs and form of the answer.
        owner_key: whose queue, :func:`owner_key`.
        request_id: for logs.
    """

    process: Process
    inputs: JsonObject
    owner_key: str
    wanted: JsonObject = field(default_factory=dict)
    request_id: str = ""


def owner_key(site: Site, viewer: Viewer, address: str) -> str:
    """Return in whose queue a viewer's jobs stand: the own, or that of the client's network.

    A network stands there as a signature of the day, from which it can't be read back.
    """
    if not viewer.is_anonymous:
        return f"user:{viewer.user_id}"
    day = today(site.clock()).isoformat()
    return "net:" + site.keys.sign(f"jobs-net:{day}", network_of(address).encode())


def submit(site: Site, viewer: Viewer, new: NewJob) -> JobRow:
    """Put a job into the queue.

    Raises:
        TooManyRequestsError: the owner's queue or the whole is full.
        DataUnavailableError: it could not be stored.
    """
    settings = site.settings
    of_owner = settings.jobs_per_stranger if viewer.is_anonymous else settings.jobs_per_user
    limits = QueueLimits(of_owner, settings.jobs_waiting)
    job_id = str(uuid.uuid4())

    def write(transaction: Transaction) -> JobRow:
        row = JobRow(
            id=job_id,
            process_id=new.process.id,
            user_id=viewer.user_id,
            owner_key=new.owner_key,
            state="accepted",
            inputs=new.inputs,
            wanted=new.wanted,
            request_id=new.request_id,
            created_at=transaction.now,
            updated_at=transaction.now,
        )
        rows.insert_job(transaction, row, limits)
        return row

    row = site.store.write(write)
    LOG.info("job accepted job=%s process=%s", row.id, row.process_id)
    return row


def get_job(site: Site, viewer: Viewer, job_id: str) -> JobRow:
    """Return a job of the viewer, or one of nobody in particular whose id the viewer knows.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    row = None
    if _ID.fullmatch(job_id):
        row = site.store.read(lambda connection: rows.find_job(connection, job_id))
    if row is None or (row.user_id and row.user_id != viewer.user_id):
        raise NotFoundError("jobs.no_such_job", extra={"type": _NO_SUCH_JOB}, id=job_id[:80])
    return row


def list_jobs(site: Site, wanted: JobFilter) -> list[JobRow]:
    """Return a page of a user's jobs, the newest first; the public has no list."""
    if not wanted.user_id:
        return []
    return site.store.read(lambda connection: rows.list_jobs(connection, wanted))


def dismiss(site: Site, viewer: Viewer, job_id: str) -> JobRow:
    """Dismiss a job: what waits or runs is ended, what is finished is deleted with its files.

    Returns:
        The job in the state ``dismissed``.

    Raises:
        NotFoundError: see :func:`get_job`.
    """
    row = get_job(site, viewer, job_id)

    def write(transaction: Transaction) -> JobRow | None:
        dismissed = rows.dismiss(transaction, row.id)
        if dismissed is None:
            rows.delete_job(transaction, row.id)
        return dismissed

    dismissed = site.store.write(write)
    LOG.info("job dismissed job=%s process=%s was=%s", row.id, row.process_id, row.state)
    if dismissed is not None:
        return dismissed
    folders.remove_job(site.settings.data_dir, row.id)
    return rows.as_dismissed(row)
