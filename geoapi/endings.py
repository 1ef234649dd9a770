# SPDX-License-Identifier: GPL-2.0-or-later
"""What takes the place of a service point: successors, chains of them, and branches re-hung.

A merged or moved point names its successor.  A successor is a living point when it is named, so
no chain of successors can close a circle; a chain grows when the successor itself ends later.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from sqlalchemy import Connection

from geoapi import workflow
from geoapi.errors import ConflictError, ForbiddenError, InvalidDocumentError
from geoapi.feature_rows import Row, RowStamp, build_row
from geoapi.point_access import one_problem, stored_item
from geoapi.revisions import (
    TABLE,
    Edit,
    WriteContext,
    change_entry,
    document_of,
    instant,
)
from geoapi.rights import Viewer, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, changes, features
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.thai import to_ascii_digits
from geoapi.types import JsonObject
from geoapi.workflow import Transition

# Longer chains are followed no further; each link is a merge that somebody made by hand.
_LONGEST_CHAIN = 100
_LONGEST_NAME = 80


def check_successor(
    transaction: Transaction, viewer: Viewer, step: Transition, row: FeatureRow, successor_id: str
) -> None:
    """Refuse a successor that can't take the place of a point; it is locked from here on.

    Args:
        transaction: the write it belongs to.
        viewer: who takes the step.
        step: ``move`` or ``merge``.
        row: the locked working row of the point that ends.
        successor_id: of the point that is to take its place.

    Raises:
        InvalidDocumentError: it is the point itself, unknown, or not a living point.
        ForbiddenError: the viewer may not merge into it.
        ConflictError: it is a branch of the point, or the public does not see it yet.
    """
    if successor_id == row.id:
        raise one_problem("workflow.successor_itself", "/successor_id")
    connection = transaction.connection
    public = features.get_row(connection, TABLE, successor_id, PUBLISHED)
    if public is None and not _may_see(connection, viewer, successor_id):
        raise one_problem("workflow.successor_unknown", "/successor_id")
    # a merge needs its right over both points; a move may lead to where others have theirs
    held = scopes(viewer, step.permission) if step.action == "merge" else None
    found = features.get_row(connection, TABLE, successor_id, WORKING, scopes=held, lock=True)
    if found is None and held is not None:
        raise ForbiddenError("workflow.successor_outside_scope")
    state = "" if found is None else str(found.state)
    if found is None or state not in workflow.EDITABLE_STATES:
        raise _not_living(found, state)
    if step.action != "merge":
        return
    if row.id in _main_places(connection, found):
        raise ConflictError("workflow.successor_is_branch", id=successor_id)
    is_public = features.get_row(connection, TABLE, row.id, PUBLISHED) is not None
    if is_public and public is None:
        raise ConflictError("workflow.successor_not_public", id=successor_id)


def _may_see(connection: Connection, viewer: Viewer, item_id: str) -> bool:
    held = scopes(viewer, "points.read_working")
    return features.get_row(connection, TABLE, item_id, WORKING, scopes=held) is not None


def _not_living(row: FeatureRow | None, state: str) -> InvalidDocumentError:
    if row is not None and state == "merged":
        successor_id = document_of(row)["properties"].get("successor_id")
        return one_problem("workflow.successor_merged", "/successor_id", successor_id=successor_id)
    return one_problem("workflow.successor_ended", "/successor_id", state=state)


def _main_places(connection: Connection, row: FeatureRow) -> Iterator[str]:
    """Yield the main place of a point, its main place, and so on."""
    seen = {row.id}
    parent_id = row.parent_id
    while parent_id and parent_id not in seen:
        yield parent_id
        seen.add(parent_id)
        parent = features.get_row(connection, TABLE, parent_id, WORKING)
        parent_id = "" if parent is None else parent.parent_id


def rehang_branches(
    transaction: Transaction, context: WriteContext, main_id: str, successor_id: str
) -> None:
    """Give the branches of a merged point its successor as main place, each view for itself.

    Each gets a revision with history; its state, its editors and what else is in the making
    stay, and a main place that nobody reviewed is not published by it.  The right over the main
    place is enough, wherever the branches lie.
    """
    rows = [
        row
        for view in (WORKING, PUBLISHED)
        for row in features.rows_where(transaction.connection, TABLE, view, {"parent_id": main_id})
    ]
    for branch_id in dict.fromkeys(row.id for row in rows):
        _rehang(transaction, context, branch_id, (main_id, successor_id))


def _rehang(
    transaction: Transaction, context: WriteContext, branch_id: str, places: tuple[str, str]
) -> None:
    connection = transaction.connection
    working = features.get_row(connection, TABLE, branch_id, WORKING, lock=True)
    public = features.get_row(connection, TABLE, branch_id, PUBLISHED, lock=True)
    hangs_in_public = public is not None and public.parent_id == places[0]
    # somebody may have been faster
    if working is None or not (hangs_in_public or working.parent_id == places[0]):
        return
    revision = working.revision + 1
    written = _rehung(transaction, working, revision, places)
    published = None
    if public is not None and hangs_in_public:
        published = _rehung(transaction, public, revision, places)
    edit = Edit(document_of(working), "", "rehang", context.reason, ())
    changes.append(transaction, change_entry(context, edit, written, published))


def _rehung(
    transaction: Transaction, row: FeatureRow, revision: int, places: tuple[str, str]
) -> Row:
    """Write the next revision of a row; a main place (before, after) of its own stays."""
    now, (main_id, successor_id) = transaction.now, places
    feature = document_of(row)
    written: JsonObject = {"revision": revision, "updated_at": instant(now)}
    if row.parent_id == main_id:
        # a branch that takes the place of its main place has none any more
        written["parent_id"] = None if successor_id == row.id else successor_id
    after = {**feature, "properties": {**feature["properties"], **written}}
    stamp = RowStamp(
        row.view, revision, row.created_at, now, row.scope_agency_id, row.scope_area_code
    )
    built = build_row(TABLE, after, stamp, {"editors": row.editors})
    features.put_row(transaction, TABLE, built.values, built.geometry)
    return built


def predecessors(connection: Connection, item_id: str) -> list[str]:
    """Return the ids of the points that name a point as their successor."""
    rows = features.rows_containing(connection, TABLE, ("merged", "moved"), item_id)
    return [row.id for row in rows if document_of(row)["properties"].get("successor_id") == item_id]


def successors(connection: Connection, row: FeatureRow) -> list[str]:
    """Return the ids of a chain of successors, the point's own first; empty when it has none."""
    chain: list[str] = []
    following: FeatureRow | None = row
    while following is not None and len(chain) < _LONGEST_CHAIN:
        successor_id = str(document_of(following)["properties"].get("successor_id") or "")
        if not successor_id or successor_id in chain:
            break
        chain.append(successor_id)
        following = features.get_row(connection, TABLE, successor_id, WORKING)
    return chain


def living_main_place(connection: Connection, parent_id: str | None) -> str | None:
    """Return the id of a main place, or of what it was merged into."""
    row = features.get_row(connection, TABLE, parent_id, WORKING) if parent_id else None
    while row is not None and row.state == "merged":
        parent_id = str(document_of(row)["properties"]["successor_id"])
        row = features.get_row(connection, TABLE, parent_id, WORKING)
    return parent_id


def public_successor(site: Site, item_id: str, column: str = "id") -> JsonObject | None:
    """Return the public document of what a merged point became, None when there is none.

    Args:
        site: the running site.
        item_id: id of the point, or its short code.
        column: ``id`` or ``short_code``.

    Returns:
        The last public point of the chain of successors.
    """
    if "\0" in item_id:
        return None

    def look(connection: Connection) -> JsonObject | None:
        own_id: str | None = item_id
        if column != "id":
            own_id = features.id_with_value(connection, TABLE, column, item_id)
        row = own_id and features.get_row(connection, TABLE, own_id, WORKING)
        if not row or row.state != "merged":
            return None
        found = (
            features.get_row(connection, TABLE, successor_id, PUBLISHED)
            for successor_id in reversed(successors(connection, row))
        )
        return next((document_of(public) for public in found if public is not None), None)

    return site.store.read(look)


def refuse_ended(site: Site, viewer: Viewer, row: FeatureRow) -> None:
    """Refuse an edit of a point whose life has ended; a merged one names its successor.

    Raises:
        ConflictError: it is withdrawn, closed, moved or merged.
    """
    if row.state in workflow.EDITABLE_STATES:
        return
    if row.state == "merged":
        chain = site.store.read(lambda connection: successors(connection, row))
        seen = stored_item(site, viewer, chain[-1]) if chain else None
        if seen is not None:
            successor = successor_link(site, orjson.loads(seen.feature))
            raise ConflictError(
                "workflow.merged_into",
                extra={"successor": successor},
                name_th=successor["name_th"],
                short_code=successor["short_code"],
            )
    raise ConflictError("workflow.not_editable", state=row.state)


def successor_link(site: Site, feature: JsonObject) -> JsonObject:
    """Return what a problem says of a successor: id, name, short code, address of the item."""
    properties = feature["properties"]
    return {
        "id": feature["id"],
        "short_code": properties.get("short_code") or "",
        "name_th": properties["name_th"],
        "name_en": properties.get("name_en"),
        "href": f"{site.settings.base_url}/ogc/collections/service-points/items/{feature['id']}",
    }


def point_named(site: Site, viewer: Viewer, text: str) -> JsonObject | None:
    """Return the point that somebody typed, as the viewer sees it; None when there is none.

    Args:
        site: the running site.
        viewer: who typed it; points the viewer may not know of are not found.
        text: a short code, an id, or the address of a point's page.
    """
    typed = to_ascii_digits(text).strip().rstrip("/").rpartition("/")[2]
    if not typed or len(typed) > _LONGEST_NAME or "\0" in typed:
        return None
    by_code = site.store.read(
        lambda c: features.id_with_value(c, TABLE, "short_code", typed.upper())
    )
    stored = stored_item(site, viewer, by_code or typed.lower())
    return None if stored is None else orjson.loads(stored.feature)
