# SPDX-License-Identifier: GPL-2.0-or-later
"""Merge imported services into the catalogue, say what changed, and let points follow.

Services that the source does not name any more are reported as gone and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from geoapi import services
from geoapi.importing.keyed_lists import KEYS, merge_list
from geoapi.importing.merging import Conflict, Outcome, apply_members, three_way
from geoapi.record_writing import main_row, put
from geoapi.revisions import WriteContext, document_of
from geoapi.store import Transaction, imports, point_services
from geoapi.store.imports import Base, StagedRow
from geoapi.types import JsonObject

KIND = "services"
# A guide that says the same is noted as fresh again after so long, not with every import.
_REFRESH_AFTER = timedelta(days=30)


@dataclass
class ServiceOutcome(Outcome):
    """What a merge of services did, or in a dry run would do.

    Attributes:
        gone: (id, Thai name) of services that the source names no more.
        asked: points that were asked to declare copies.
    """

    gone: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0

    def counts(self) -> dict[str, int]:
        """Return the numbers for report and run."""
        return {**super().counts(), "gone": len(self.gone), "asked": self.asked}


def merge_services(
    transaction: Transaction, context: WriteContext, rows: Iterable[StagedRow]
) -> ServiceOutcome:
    """Merge staged services in one transaction.

    Args:
        transaction: the write it belongs to.
        context: who imports what.
        rows: staged documents; a key is the source's name, a slash, and the service's code.
    """
    listed = list(rows)
    bases = imports.bases(transaction.connection, KIND)
    outcome, said = ServiceOutcome(), {}
    for row in listed:
        base = bases.get(row.key)
        item_id = _merge(transaction, context, row, base, outcome)
        if base is None or base.document != row.document:
            said[row.key] = Base(item_id, row.document)
    imports.put_bases(transaction, KIND, said)
    outcome.gone = _gone(listed, bases)
    return outcome


def _gone(rows: list[StagedRow], bases: Mapping[str, Base]) -> list[tuple[str, str]]:
    named = {row.key for row in rows}
    sources = {key.rpartition("/")[0] for key in named}  # a code has no slash
    return [
        (base.item_id, base.document["properties"]["name_th"])
        for key, base in bases.items()
        if key not in named and key.rpartition("/")[0] in sources
    ]


def _merge(
    transaction: Transaction,
    context: WriteContext,
    row: StagedRow,
    base: Base | None,
    outcome: ServiceOutcome,
) -> str:
    connection = transaction.connection
    code = row.document["properties"]["code"]
    known = point_services.service_by_code(connection, code)
    item_id = known[0] if known is not None else row.document["id"]
    current = main_row(connection, services.KIND, item_id, lock=True)
    if current is None:
        if base is not None:  # deleted here: nothing is brought back
            outcome.unchanged += 1
            return item_id
        put(transaction, context, services.KIND, {**row.document, "id": item_id}, "import")
        outcome.created.append((row.row_number, row.document["properties"]["name_th"]))
        outcome.asked += services.offer_everywhere(transaction, context, row.document)
        return item_id
    before = document_of(current)
    members, conflicts = merged_members(
        None if base is None else base.document, before, row.document
    )
    outcome.conflicts += [
        Conflict(row.row_number, item_id, name, ours, theirs)
        for name, (ours, theirs) in conflicts.items()
    ]
    _store(transaction, context, before, members, (row, outcome))
    return item_id


def _store(
    transaction: Transaction,
    context: WriteContext,
    before: JsonObject,
    members: dict[str, Any],
    into: tuple[StagedRow, ServiceOutcome],
) -> None:
    row, outcome = into
    told = {name: value for name, value in members.items() if name != "source"}
    if not told and not _is_refreshed(before, row.document):
        outcome.unchanged += 1
        return
    merged = apply_members(before, {**members, "source": row.document["properties"]["source"]})
    asked = points_without(transaction, merged)
    put(transaction, context, services.KIND, merged, "import")
    outcome.asked += len(asked) + services.offer_everywhere(transaction, context, merged)
    if not told:
        outcome.unchanged += 1
        return
    differences = {n: (before["properties"].get(n), value) for n, value in told.items()}
    outcome.changed.append((row.row_number, before["properties"]["code"], differences))


def points_without(transaction: Transaction, service: JsonObject) -> list[str]:
    """Return the points that offer a service and lack a row for one of its documents."""
    kinds = {entry["document_type"] for entry in service["properties"].get("documents") or ()}
    return point_services.points_lacking(transaction.connection, service["id"], kinds)


def _is_refreshed(before: JsonObject, incoming: JsonObject) -> bool:
    old = (before["properties"].get("source") or {}).get("fetched_at")
    new = incoming["properties"]["source"]["fetched_at"]
    return not old or date.fromisoformat(old) + _REFRESH_AFTER <= date.fromisoformat(new)


def merged_members(
    base: JsonObject | None, ours: JsonObject, theirs: JsonObject
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the members to take over and what conflicts, {place: (ours, theirs)}.

    Lists with named entries are merged entry by entry, everything else as a whole.
    """
    plain = [_without_lists(document) for document in (base, ours, theirs)]
    taken, conflicts = three_way(plain[0], plain[1] or ours, plain[2] or theirs)
    for name in ("source", "review_state", "code"):
        conflicts.pop(name, None)
    for name in KEYS:
        lists = [list(d["properties"].get(name) or []) for d in (base, ours, theirs) if d]
        old = lists[0] if base is not None else None
        merged = merge_list(name, old, lists[-2], lists[-1])
        conflicts |= merged.conflicts
        if merged.entries != lists[-2]:
            taken[name] = merged.entries
    return taken, conflicts


def _without_lists(document: JsonObject | None) -> JsonObject | None:
    if document is None:
        return None
    kept = {n: v for n, v in document["properties"].items() if n not in KEYS}
    return {**document, "properties": kept}
