# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of progress reports: what was reported once, and when it was sent and received."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from geoapi.store.columns import SortText, UtcInstant
from geoapi.store.feature_tables import METADATA, key_column

# A trigger keeps id, made_at, made_by, inputs and document as they were written: a receipt must
# be for what was sent.
progress_report = Table(
    "progress_report",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("made_at", UtcInstant, nullable=False),
    Column("made_by", SortText, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("document", Text, nullable=False),
    # the province it was sent to, '' until then
    key_column("province_code"),
    Column("sent_at", UtcInstant, nullable=True),
    key_column("sent_by"),
    Column("received_at", UtcInstant, nullable=True),
    key_column("received_by"),
)
Index("ix_progress_report_made_by", progress_report.c.made_by, progress_report.c.made_at)
Index("ix_progress_report_sent_at", progress_report.c.sent_at)

# What a report counts: whoever holds the right over each of the parts may read it.
progress_report_part = Table(
    "progress_report_part",
    METADATA,
    Column("report_id", SortText, ForeignKey("progress_report.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    key_column("scope_agency_id"),
    key_column("scope_area_code"),
)
