# SPDX-License-Identifier: GPL-2.0-or-later
"""Take a step in the life of a service point: from the table of the workflow to one revision.

Each action has a function that turns the working row into the next :class:`Edit`; rights,
preconditions, locks and the write are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geoapi import document, workflow
from geoapi.dependants import write_point
from geoapi.distances import distance_m
from geoapi.endings import check_successor, living_main_place, rehang_branches
from geoapi.errors import ConflictError
from geoapi.point_access import (
    check_relatives,
    locked,
    one_problem,
    require_inside,
    row_to_write,
)
from geoapi.preconditions import check_preconditions
from geoapi.revisions import COLLECTION, TABLE, Edit, Item, WriteContext, document_of, editors_of
from geoapi.rights import Viewer, require, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, changes, features
from geoapi.store.tables import PUBLISHED, WORKING
from geoapi.types import JsonObject, Scope
from geoapi.workflow import Transition

# A move beyond this needs words before it can be submitted.
MOVE_NEEDS_REASON_M = 50.0


@dataclass(frozen=True)
class Asked:
    """What an action is given beside its reason.

    Attributes:
        successor_id: id of the point that takes the place, '' for none.
        revision: number of an earlier revision, 0 for none.
    """

    successor_id: str = ""
    revision: int = 0


@dataclass(frozen=True)
class _Step:
    """One action about to be taken, inside its transaction."""

    transaction: Transaction
    context: WriteContext
    step: Transition
    row: FeatureRow
    asked: Asked

    @property
    def editors(self) -> tuple[str, ...]:
        """Return who edited since the last verification, the actor among them."""
        return tuple(dict.fromkeys((*editors_of(self.row), self.context.viewer.user_id)))


def take_action(
    site: Site, context: WriteContext, item_id: str, action: str, asked: Asked | None = None
) -> Item:
    """Take an action of the workflow.

    Args:
        site: the running site.
        context: who, why, and against which revision.
        item_id: of the point.
        action: key of :data:`geoapi.workflow.TRANSITIONS`.
        asked: the successor or the revision, where the action needs one.

    Raises:
        InvalidDocumentError: no such action; no reason, successor or revision where one is
            needed or one that can't be; no position.
        ConflictError: wrong state, or the reviewer is one of the editors.
        ForbiddenError, NotFoundError, PreconditionRequiredError, PreconditionFailedError.
    """
    step, given = workflow.transition(action), asked or Asked()
    held, seen = _row_in_reach(site, context, step, item_id)
    check_preconditions(site, context, COLLECTION, seen)
    _check_asked(step, context, given)

    def write(transaction: Transaction) -> Item:
        row = locked(transaction, item_id, held, seen)
        edit = _EDITS[action](_Step(transaction, context, step, row, given))
        item = write_point(transaction, context, edit, row)
        if action == "merge":
            rehang_branches(transaction, context, item_id, given.successor_id)
        if action in {"discard", "restore"}:
            require_inside(transaction, item_id, held)
        return item

    return site.store.write(write)


def _row_in_reach(
    site: Site, context: WriteContext, step: Transition, item_id: str
) -> tuple[tuple[Scope, ...], FeatureRow]:
    """Return where the right for the step holds, and the row it covers."""
    viewer = context.viewer
    anywhere = tuple(dict.fromkeys(s for p in step.permissions for s in scopes(viewer, p)))
    if not anywhere:
        require(viewer, step.permission)
    row = row_to_write(site, context, item_id, anywhere)
    held = require(viewer, step.permission_for(document_of(row)))
    if len(step.permissions) > 1:
        row = row_to_write(site, context, item_id, held)
    return held, row


def _check_asked(step: Transition, context: WriteContext, asked: Asked) -> None:
    if step.needs_reason and not context.reason.strip():
        raise one_problem("workflow.reason_missing", "/reason")
    if step.needs_successor != bool(asked.successor_id):
        name = "successor_missing" if step.needs_successor else "successor_not_wanted"
        raise one_problem(f"workflow.{name}", "/successor_id", action=step.action)
    if step.needs_revision != bool(asked.revision):
        name = "revision_missing" if step.needs_revision else "revision_not_wanted"
        raise one_problem(f"workflow.{name}", "/revision", action=step.action)


def _plain(at: _Step) -> Edit:
    """Review: the document stays as it is."""
    feature, editors = _checked(at), editors_of(at.row)
    step = at.step
    remaining = () if step.publishes else editors
    return Edit(feature, step.target, step.action, at.context.reason, remaining, step.publishes)


def _submit(at: _Step) -> Edit:
    if document_of(at.row)["geometry"] is None:
        raise one_problem("workflow.position_missing", "/geometry")
    edit = _plain(at)
    _check_far_move(at.transaction, edit.feature)
    return edit


def _end(at: _Step) -> Edit:
    """Withdraw, close, move or merge: what is public says so, or goes away."""
    feature, step = _checked(at), at.step
    if step.needs_successor:
        check_successor(at.transaction, at.context.viewer, step, at.row, at.asked.successor_id)
    if step.publishes:
        feature = _with(feature, status=step.target)
    return Edit(
        feature,
        step.target,
        step.action,
        at.context.reason,
        editors_of(at.row),
        step.publishes,
        step.unpublishes,
        at.asked.successor_id,
    )


def _reopen(at: _Step) -> Edit:
    feature = _checked(at)
    if at.row.state in {"closed", "moved"}:
        feature = _with(feature, status="open")
    state = workflow.state_after_edit(feature)
    return Edit(feature, state, "reopen", at.context.reason, at.editors)


def _discard(at: _Step) -> Edit:
    """Go back to what the public sees; members that it does not see come from the history."""
    _checked(at)
    connection = at.transaction.connection
    row = features.get_row(connection, TABLE, at.row.id, PUBLISHED)
    public = None if row is None else document_of(row)
    if public is None or public["properties"]["state"] != "verified":
        raise ConflictError("workflow.nothing_to_discard")
    wanted = (COLLECTION, at.row.id, "verified")
    hidden = changes.held_back_in_state(at.transaction, *wanted)
    hidden = hidden or changes.last_document_in_state(connection, *wanted) or {}
    names = document.public_names()
    kept = {n: v for n, v in hidden.get("properties", {}).items() if n not in names}
    properties = {**kept, **public["properties"], "move_reason": None}
    feature = {**public, "properties": properties}
    check_relatives(at.transaction, feature)
    return Edit(feature, "verified", "discard", at.context.reason, ())


def _restore(at: _Step) -> Edit:
    """Make an earlier revision the next one; what only the server sets stays as it is now."""
    current = _checked(at)
    viewer, revision = at.context.viewer, at.asked.revision
    held = scopes(viewer, "points.read_working")
    earlier = changes.document_of_revision(
        at.transaction.connection, (COLLECTION, at.row.id, revision), held
    )
    if earlier is None or revision >= at.row.revision:
        raise one_problem("workflow.unknown_revision", "/revision", revision=revision)
    read_only = document.read_only_names()
    properties = {n: v for n, v in earlier["properties"].items() if n not in read_only}
    parent_id = living_main_place(at.transaction.connection, properties.get("parent_id"))
    if parent_id:
        properties["parent_id"] = parent_id
    moved = earlier["geometry"] != current["geometry"]
    if moved and at.context.reason:
        properties["move_reason"] = at.context.reason
    feature = {"type": "Feature", "id": at.row.id, "geometry": earlier["geometry"]}
    feature["properties"] = properties
    document.check(feature, current)
    kept = document.normalised(feature, at.row.id)
    check_relatives(at.transaction, kept)
    own = () if at.row.state == "verified" else editors_of(at.row)
    editors = tuple(dict.fromkeys((*own, viewer.user_id)))
    return Edit(kept, workflow.state_after_edit(kept), "restore", at.context.reason, editors)


_EDITS: Mapping[str, Callable[[_Step], Edit]] = MappingProxyType(
    {
        "submit": _submit,
        "verify": _plain,
        "return": _plain,
        "discard": _discard,
        "restore": _restore,
        "withdraw": _end,
        "close": _end,
        "move": _end,
        "merge": _end,
        "reopen": _reopen,
    }
)


def _checked(at: _Step) -> JsonObject:
    """Return the document once the table allows the step."""
    feature = document_of(at.row)
    state = feature["properties"]["state"]
    workflow.check_step(at.step, state, at.context.viewer.user_id, editors_of(at.row))
    return feature


def _with(feature: JsonObject, **members: str) -> JsonObject:
    return {**feature, "properties": {**feature["properties"], **members}}


def _check_far_move(transaction: Transaction, feature: JsonObject) -> None:
    """Refuse to submit a far move without words."""
    row = features.get_row(transaction.connection, TABLE, feature["id"], PUBLISHED)
    before = None if row is None else document_of(row)["geometry"]
    if before is None:
        return
    lon, lat = before["coordinates"][:2]
    moved_m = distance_m((lon, lat), tuple(feature["geometry"]["coordinates"]))
    if moved_m > MOVE_NEEDS_REASON_M and not feature["properties"].get("move_reason"):
        raise one_problem(
            "workflow.move_reason_missing", "/properties/move_reason", moved_m=round(moved_m)
        )


@dataclass(frozen=True)
class OpenSteps:
    """What somebody may do with a point now.

    Attributes:
        actions: keys of the table, in its order.
        is_own_edit: a review is closed to the viewer, who edited the point.
    """

    actions: tuple[str, ...]
    is_own_edit: bool


def open_steps(site: Site, viewer: Viewer, row: FeatureRow) -> OpenSteps:
    """Return the steps that the table leaves open to a viewer for a working row."""
    feature, actions, is_own_edit = document_of(row), [], False

    def covers(held: tuple[Scope, ...]) -> bool:
        return site.store.read(
            lambda c: features.get_row(c, TABLE, row.id, WORKING, scopes=held) is not None
        )

    in_reach: dict[tuple[Scope, ...], bool] = {}
    for action, step in workflow.TRANSITIONS.items():
        held = scopes(viewer, step.permission_for(feature))
        if row.state not in step.sources or not held:
            continue
        if held not in in_reach:
            in_reach[held] = covers(held)
        if not in_reach[held] or (action == "discard" and not _has_verified(site, row.id)):
            continue
        if step.by_other and viewer.user_id in editors_of(row):
            is_own_edit = True
        else:
            actions.append(action)
    return OpenSteps(tuple(actions), is_own_edit)


def _has_verified(site: Site, item_id: str) -> bool:
    row = site.store.read(lambda c: features.get_row(c, TABLE, item_id, PUBLISHED))
    return row is not None and row.state == "verified"
