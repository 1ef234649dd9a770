# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of drafts by their age; everything else about them is in the ways of all records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from geoapi.store.database import Transaction
from geoapi.store.tables import FEATURE_TABLES

_DRAFT = FEATURE_TABLES["draft"]


def delete_older(transaction: Transaction, limit: datetime) -> int:
    """Delete the drafts that nobody touched since an instant; return how many."""
    done = transaction.connection.execute(delete(_DRAFT).where(_DRAFT.c.updated_at < limit))
    return done.rowcount
