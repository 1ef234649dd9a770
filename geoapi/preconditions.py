# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what a writer has seen with what is there now: If-Match and If-Unmodified-Since."""

from __future__ import annotations

from datetime import timedelta

from geoapi.errors import PreconditionFailedError, PreconditionRequiredError
from geoapi.revisions import WriteContext, item_of_row
from geoapi.site import Site
from geoapi.store import FeatureRow, changes


def check_preconditions(
    site: Site, context: WriteContext, collection_id: str, row: FeatureRow
) -> None:
    """Compare If-Match and If-Unmodified-Since with the current revision.

    Raises:
        PreconditionRequiredError: neither was given.
        PreconditionFailedError: with the current feature, its entity tag and who changed it when.
    """
    if context.if_match is None and context.if_unmodified_since is None:
        raise PreconditionRequiredError("ogc.precondition_required")
    if context.if_match is not None:
        if "*" not in context.if_match and row.etag not in context.if_match:
            raise precondition_failed(row)
        return
    limit = context.if_unmodified_since
    second = row.updated_at.replace(microsecond=0)
    if limit is None or second > limit:
        raise precondition_failed(row)

    in_that_second = site.store.read(
        lambda connection: changes.revisions_since(connection, collection_id, row.id, second)
    )
    if in_that_second > 1 and limit < second + timedelta(seconds=1):
        raise precondition_failed(row)


def precondition_failed(row: FeatureRow) -> PreconditionFailedError:
    """Make the error that tells a slower writer what is there now."""
    item = item_of_row(row)
    return PreconditionFailedError(
        "ogc.precondition_failed",
        extra={"current": item.feature, "etag": f'"{item.etag}"'},
        revision=item.revision,
    )
