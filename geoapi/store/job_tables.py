# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of jobs and of the workers that run them; result files lie in the data folder."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text

from geoapi.store.columns import SortText, UtcInstant
from geoapi.store.feature_tables import METADATA, key_column

# statusCode of OGC 18-062r2, table 9.
STATES = ("accepted", "running", "successful", "failed", "dismissed")

job = Table(
    "job",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("process_id", SortText, nullable=False),
    # '' for nobody in particular
    key_column("user_id"),
    # whose queue it stands in: the user, or for the public a signature of the client's network
    Column("owner_key", SortText, nullable=False),
    Column("state", SortText, nullable=False),
    Column("inputs", Text, nullable=False),
    # what the client wants back, and how
    Column("wanted", Text, nullable=False, server_default="{}"),
    Column("request_id", Text, nullable=False, server_default=""),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("message", Text, nullable=False, server_default="{}"),
    # number of the present or last claim: whoever holds an older one writes nothing any more
    Column("attempt", Integer, nullable=False, server_default="0"),
    # how often a worker or child was lost over it
    Column("failures", Integer, nullable=False, server_default="0"),
    key_column("worker_id"),
    Column("results", Text, nullable=False, server_default="{}"),
    Column("created_at", UtcInstant, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
    Column("started_at", UtcInstant, nullable=True),
    Column("finished_at", UtcInstant, nullable=True),
    Column("expires_at", UtcInstant, nullable=True),
    CheckConstraint(
        "state IN ('accepted', 'running', 'successful', 'failed', 'dismissed')", name="state"
    ),
)
Index("ix_job_state", job.c.state, job.c.created_at, job.c.id)
Index("ix_job_owner_key", job.c.owner_key, job.c.state)
Index("ix_job_user_id", job.c.user_id, job.c.created_at, job.c.id)
Index("ix_job_expires_at", job.c.expires_at)

# A worker that has not been seen for a while is dead, and its jobs are taken over.
job_worker = Table(
    "job_worker",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("slots", Integer, nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),
)
