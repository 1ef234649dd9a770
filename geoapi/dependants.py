# SPDX-License-Identifier: GPL-2.0-or-later
"""What follows, in the same transaction, when a service point is written or deleted.

Photos, services, copies, assignments and tasks hang on a point: when it becomes public they do,
when it moves to another district their scope does, when it is verified a task is done.  Each of
them has one function here; verbs over points write through :func:`write_point` and
:func:`delete_point`, so that none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from geoapi import assignments, point_offers, tasks
from geoapi.photos import following as photos
from geoapi.point_steps import PointStep
from geoapi.revisions import (
    TABLE,
    Edit,
    Item,
    WriteContext,
    delete_item,
    document_of,
    item_of_row,
    write_revision,
)
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.tables import PUBLISHED, WORKING

type Follower = Callable[[Transaction, PointStep], None]

FOLLOWERS: tuple[Follower, ...] = (
    photos.follow_point,
    point_offers.follow_point,
    assignments.follow_point,
    tasks.follow_point,
)


def write_point(
    transaction: Transaction, context: WriteContext, edit: Edit, current: FeatureRow | None
) -> Item:
    """Store a revision of a point and everything that follows from it.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        edit: the new document and what happens to it.
        current: the working row it follows, None for a new point.
    """
    item = write_revision(transaction, replace(context, receipt=None), edit, current)
    connection = transaction.connection
    row = features.get_row(connection, TABLE, item.id, WORKING)
    public = features.get_row(connection, TABLE, item.id, PUBLISHED)
    before = None if current is None else document_of(current)
    after = None if row is None else document_of(row)
    _follow(
        transaction,
        PointStep(context, item.id, edit.operation, before, after, public is not None),
    )
    # a follower may have written what it derives: the answer has the entity tag of the last word
    row = features.get_row(connection, TABLE, item.id, WORKING)
    final = item if row is None else item_of_row(row)
    if context.receipt is not None:
        context.receipt(transaction, final)
    return final


def delete_point(transaction: Transaction, context: WriteContext, current: FeatureRow) -> None:
    """Delete a point and what hangs on it; history and tombstones stay."""
    delete_item(transaction, context, current)
    _follow(
        transaction,
        PointStep(context, current.id, "delete", document_of(current), None, is_public=False),
    )


def _follow(transaction: Transaction, step: PointStep) -> None:
    for follower in FOLLOWERS:
        follower(transaction, step)
