# SPDX-License-Identifier: GPL-2.0-or-later
"""Merge imported service points into the store, without undoing what officers corrected.

For each point three documents are compared, member by member: what the source said last time,
what it says now, and what stands in the store.  A change at the source is taken over where nobody
touched the member; where somebody did, the store's value stays and the difference is reported.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geoapi import document, workflow
from geoapi.dependants import write_point
from geoapi.feature_rows import Row
from geoapi.revisions import (
    COLLECTION,
    TABLE,
    Edit,
    WriteContext,
    change_entry,
    document_of,
    editors_of,
    rows_of,
    short_code,
    stamped,
)
from geoapi.store import FeatureRow, Transaction, changes, features, imports
from geoapi.store.imports import Base, StagedRow
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject

KIND = "service-points"
_ABSENT = object()


@dataclass(frozen=True)
class Conflict:
    """A member that both the source and somebody here changed; the store's value stayed.

    Attributes:
        row_number: in the source.
        item_id: of the point.
        member: name of the property, or ``geometry``.
        ours: value in the store.
        theirs: value at the source.
    """

    row_number: int
    item_id: str
    member: str
    ours: Any
    theirs: Any


@dataclass
class Outcome:
    """What a merge did, or in a dry run would do."""

    created: list[tuple[int, str]] = field(default_factory=list)
    changed: list[tuple[int, str, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    unchanged: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Return the numbers for report and run."""
        return {
            "created": len(self.created),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "conflicts": len(self.conflicts),
        }


def merge_service_points(
    transaction: Transaction,
    context: WriteContext,
    rows: Iterable[StagedRow],
    target_state: str,
) -> Outcome:
    """Merge staged rows in one transaction.

    Args:
        transaction: the write it belongs to.
        context: who imports what; its reason names the source.
        rows: staged documents, GeoJSON Features with or without ``id``.
        target_state: ``draft``, ``submitted`` or ``verified`` for points that are new.
    """
    merge = _Merge(transaction, context, target_state)
    for row in rows:
        merge.take(row)
    merge.finish()
    return merge.outcome


class _Merge:
    """One merge: what is known beforehand, what is to be inserted at its end."""

    def __init__(self, transaction: Transaction, context: WriteContext, target: str) -> None:
        connection = transaction.connection
        self.transaction, self.context, self.target = transaction, context, target
        self.bases = imports.bases(connection, KIND)
        self.by_official_id = features.ids_by_column(connection, TABLE, "official_id", WORKING)
        self.codes = set(features.ids_by_column(connection, TABLE, "short_code", WORKING))
        self.said: dict[str, Base] = {}
        self.inserts: list[Row] = []
        self.outcome = Outcome()

    def take(self, row: StagedRow) -> None:
        """Merge one row."""
        item_id, current = self._find(row)
        if current is not None:
            self._change(row, current)
        elif row.key in self.bases:
            self._stay_deleted(row, item_id)
        else:
            self._create(row, item_id)
        base = Base(item_id, row.document)
        if self.bases.get(row.key) != base:
            self.said[row.key] = base

    def _find(self, row: StagedRow) -> tuple[str, FeatureRow | None]:
        base = self.bases.get(row.key)
        official_id = row.document["properties"].get("official_id") or ""
        ids = (
            row.document.get("id") or "",
            base.item_id if base is not None else "",
            self.by_official_id.get(official_id, ""),
        )
        known = [item_id for item_id in ids if item_id]
        connection = self.transaction.connection
        for item_id in known:
            found = features.get_row(connection, TABLE, item_id, WORKING, lock=True)
            if found is not None:
                return item_id, found
        return (known[0] if known else str(uuid.uuid4())), None

    def _stay_deleted(self, row: StagedRow, item_id: str) -> None:
        """Bring nothing back that somebody here deleted; report it when the source says news."""
        self.outcome.unchanged += 1
        if self.bases[row.key].document != row.document:
            name = row.document["properties"]["name_th"]
            self.outcome.conflicts.append(Conflict(row.row_number, item_id, "id", None, name))

    def _create(self, row: StagedRow, item_id: str) -> None:
        kept = document.normalised(row.document, item_id)
        state = self.target if kept["geometry"] is not None else "unpinned"
        publishes = state == "verified"
        editors = () if publishes else (self.context.viewer.user_id,)
        edit = Edit(kept, state, "import", self.context.reason, editors, publishes)
        now, code = self.transaction.now, self._free_code(item_id)
        connection = self.transaction.connection
        # an id that the source brings may have been here before, its revisions go on
        last = changes.last_revision(connection, COLLECTION, item_id) if "id" in row.document else 0
        stamps = (last + 1, now, now)
        complete = stamped(edit, {}, stamps, (self.context.viewer.user_id, code))
        working, published = rows_of(complete, stamps, edit)
        self.inserts += [working] if published is None else [working, published]
        changes.append(self.transaction, change_entry(self.context, edit, working, published))
        self.outcome.created.append((row.row_number, kept["properties"]["name_th"]))

    def _free_code(self, item_id: str) -> str:
        attempt = 0
        code = short_code(item_id)
        while code in self.codes:
            attempt += 1
            code = short_code(item_id, attempt)
        self.codes.add(code)
        return code

    def _change(self, row: StagedRow, current: FeatureRow) -> None:
        before = document_of(current)
        base = self.bases.get(row.key)
        # as it was kept then, or rounding and defaults would look like corrections
        said = None if base is None else document.normalised(base.document, current.id)
        incoming = document.normalised(row.document, current.id)
        members, conflicts = three_way(said, before, incoming)
        self.outcome.conflicts += [
            Conflict(row.row_number, current.id, name, ours, theirs)
            for name, (ours, theirs) in conflicts.items()
        ]
        state = before["properties"]["state"]
        if not members or state not in workflow.EDITABLE_STATES:
            self.outcome.unchanged += 1
            return
        merged = apply_members(before, members)
        publishes = self.target == state == "verified" and merged["geometry"] is not None
        after = "verified" if publishes else workflow.state_after_edit(merged)
        editors = tuple(dict.fromkeys((*editors_of(current), self.context.viewer.user_id)))
        edit = Edit(
            merged, after, "import", self.context.reason, () if publishes else editors, publishes
        )
        write_point(self.transaction, self.context, edit, current)
        differences = {name: (_member(before, name), value) for name, value in members.items()}
        self.outcome.changed.append((row.row_number, current.id, differences))

    def finish(self) -> None:
        """Insert what is new and remember what the source said."""
        features.insert_rows(
            self.transaction, TABLE, [(row.values, row.geometry) for row in self.inserts]
        )
        imports.put_bases(self.transaction, KIND, self.said)


def three_way(
    base: JsonObject | None, ours: JsonObject, theirs: JsonObject
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the members to take over and those that conflict, {name: (ours, theirs)}.

    Without a base the store's values stand, and only members it lacks are taken over.

    >>> old = {"geometry": None, "properties": {"a": 1, "b": 1, "c": 1}}
    >>> own = {"geometry": None, "properties": {"a": 2, "b": 1, "c": 2}}
    >>> new = {"geometry": None, "properties": {"a": 1, "b": 3, "c": 3}}
    >>> three_way(old, own, new)
    ({'b': 3}, {'c': (2, 3)})
    """
    taken: dict[str, Any] = {}
    conflicts: dict[str, tuple[Any, Any]] = {}
    names = [*theirs["properties"], "geometry"]
    for name in names:
        mine, new = _member(ours, name), _member(theirs, name)
        old = _ABSENT if base is None else _member(base, name)
        if new == mine or (old is not _ABSENT and new == old):
            continue
        if mine is None or (old is not _ABSENT and mine == old):
            taken[name] = new
        else:
            conflicts[name] = (mine, new)
    return taken, conflicts


def _member(feature: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    return feature["geometry"] if name == "geometry" else feature["properties"].get(name)


def apply_members(feature: JsonObject, members: Mapping[str, Any]) -> JsonObject:
    """Return the feature with some members replaced."""
    properties = {**feature["properties"], **members}
    geometry = properties.pop("geometry", feature["geometry"])
    return {**feature, "geometry": geometry, "properties": properties}
