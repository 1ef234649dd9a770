# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing a photo's record from outside is an edit of its point, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geoapi import workflow
from geoapi.dependants import write_point
from geoapi.errors import ConflictError, InvalidDocumentError, Problem
from geoapi.photos import point_lists
from geoapi.photos.rules import WAITING, photo_ids
from geoapi.point_records import point_row, require_point
from geoapi.revisions import TABLE, Edit, Item, WriteContext, document_of, editors_of
from geoapi.store import FeatureRow, Transaction, features
from geoapi.store.tables import PUBLISHED
from geoapi.types import JsonObject

_KEEPS_STATE = frozenset({"verified", "submitted"})


def require_editable(row: FeatureRow) -> None:
    """Refuse to edit a point whose life is over.

    Raises:
        ConflictError: its state allows no edits.
    """
    state = document_of(row)["properties"]["state"]
    if state not in workflow.EDITABLE_STATES:
        raise ConflictError("workflow.not_editable", state=state)


def edit_point(
    transaction: Transaction,
    context: WriteContext,
    row: FeatureRow,
    ids: Sequence[str],
    operation: str,
) -> Item:
    """Write the revision of a point that an edit of its photos is.

    Args:
        transaction: the write it belongs to.
        context: who and why.
        row: the locked working row.
        ids: of its photos, in order.
        operation: code of the list ``operation``.
    """
    point = document_of(row)
    state = workflow.state_after_edit(point)
    earlier = () if point["properties"]["state"] == "verified" else editors_of(row)
    return _write(transaction, context, row, Edit(
        point, state, operation, context.reason, _with_author(earlier, context),
        derived={"photos": list(ids)},
    ))  # fmt: skip


def _write(transaction: Transaction, context: WriteContext, row: FeatureRow, edit: Edit) -> Item:
    return write_point(transaction, replace(context, receipt=None), edit, row)


def _with_author(editors: Sequence[str], context: WriteContext) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*editors, context.viewer.user_id)))


def _complete(
    transaction: Transaction, context: WriteContext, feature: JsonObject, before: JsonObject | None
) -> JsonObject:
    """Let a change of caption or kind be an edit of the point."""
    if before is None:
        problem = Problem("photos.file_needed", "")
        raise InvalidDocumentError("photos.file_needed", problems=(problem,))
    completed = WAITING.complete(transaction, context, feature, before)
    row = require_point(transaction.connection, feature, lock=True)
    require_editable(row)
    edit_point(transaction, context, row, photo_ids(document_of(row)), "change_photo")
    return completed


def _after(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject | None,
    after: JsonObject | None,
) -> None:
    """Take a deleted photo off its point: at once for the public too, without a new review."""
    if after is not None or before is None:
        return
    photo_id, point_id = before["id"], before["properties"]["point_id"]
    transaction.freed_photos.append(photo_id)
    row = point_row(transaction.connection, point_id, lock=True)
    if row is None:
        return
    text = _take_from_public(transaction, point_id, photo_id)
    point = document_of(row)
    state = point["properties"]["state"]
    if state in workflow.EDITABLE_STATES and state not in _KEEPS_STATE:
        state = workflow.state_after_edit(point)
    ids = [other for other in photo_ids(point) if other != photo_id]
    editors = _with_author(editors_of(row), context)
    edit = Edit(
        point, state, "delete_photo", context.reason, editors, derived={"photos": ids}
    )  # fmt: skip
    _write(transaction, context, row, edit)
    if text is not None:
        point_lists.tell(transaction, point_id, PUBLISHED, text)


def _take_from_public(transaction: Transaction, point_id: str, photo_id: str) -> str | None:
    public = features.get_row(transaction.connection, TABLE, point_id, PUBLISHED)
    if public is None:
        return None
    kept = [other for other in photo_ids(document_of(public)) if other != photo_id]
    return point_lists.rewrite(transaction, point_id, PUBLISHED, kept)


KIND = replace(WAITING, complete=_complete, after=_after)
