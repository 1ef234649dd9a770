# SPDX-License-Identifier: GPL-2.0-or-later
"""Three-way merge of lists whose entries have names: documents, steps and fees of a service.

Entry by entry and member by member: what the source said last time, what stands here, what the
source says now.  Corrections made here stay, and so do entries added or removed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geoapi.types import JsonObject

# {list of a service: members that name an entry}
KEYS: Mapping[str, tuple[str, ...]] = {
    "documents": ("document_type", "name_th"),
    "steps": ("no",),
    "fees": ("item_th",),
    "forms": ("name",),
    "complaint_channels": ("name",),
}


@dataclass
class MergedList:
    """A merged list and what could not be merged, {place: (ours, theirs)}."""

    entries: list[JsonObject]
    conflicts: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def merge_list(
    name: str,
    base: list[JsonObject] | None,
    ours: list[JsonObject],
    theirs: list[JsonObject],
) -> MergedList:
    """Merge one list; the order is ours, what is new at the source stands at the end.

    Args:
        name: key of ``KEYS``.
        base: what the source said last time, None when it was never imported.
        ours: what stands in the store.
        theirs: what the source says now.

    >>> old = [{"no": 1, "name_th": "ก"}, {"no": 2, "name_th": "ข"}]
    >>> own = [{"no": 1, "name_th": "ก แก้"}, {"no": 2, "name_th": "ข"}]
    >>> new = [{"no": 1, "name_th": "ก"}, {"no": 3, "name_th": "ค"}]
    >>> [entry["name_th"] for entry in merge_list("steps", old, own, new).entries]
    ['ก แก้', 'ค']
    """
    old, mine, new = (_by_key(name, entries) for entries in (base or [], ours, theirs))
    merged = MergedList([])
    for key, entry in mine.items():
        kept = _merge_entry(merged, f"{name}/{key}", (old.get(key), entry, new.get(key)))
        if kept is not None:
            merged.entries.append(kept)
    for key, entry in new.items():
        if key in mine:
            continue
        if key not in old:
            merged.entries.append(entry)
        elif old[key] != entry:  # removed here, and the source says news of it
            merged.conflicts[f"{name}/{key}"] = (None, entry)
    return merged


def list_changes(name: str, before: list[JsonObject], after: list[JsonObject]) -> list[str]:
    """Say what differs between two lists, one line an entry: + new, - gone, ~ changed.

    >>> list_changes("forms", [{"name": "ก"}], [{"name": "ข"}])
    ['- ก', '+ ข']
    """
    old, new = _by_key(name, before), _by_key(name, after)
    lines = [f"- {key}" for key in old if key not in new]
    for key, entry in new.items():
        if key not in old:
            lines.append(f"+ {key}")
            continue
        different = [m for m in entry if entry[m] != old[key].get(m)]
        lines += [f"~ {key} {m}: {old[key].get(m)} -> {entry[m]}" for m in different]
    return lines


def _by_key(name: str, entries: list[JsonObject]) -> dict[str, JsonObject]:
    """Index entries by what names them; a second one of a name is told apart by its place."""
    found: dict[str, JsonObject] = {}
    for entry in entries:
        key = " ".join(str(entry.get(member)) for member in KEYS[name])
        while key in found:
            key += "+"
        found[key] = entry
    return found


def _merge_entry(
    merged: MergedList, place: str, states: tuple[JsonObject | None, JsonObject, JsonObject | None]
) -> JsonObject | None:
    """Return the merged entry, None when the source took it away and nobody here touched it."""
    old, mine, new = states
    if new is None:
        if old is None:
            return mine  # added here
        if old == mine:
            return None
        merged.conflicts[place] = (mine, None)
        return mine
    result = dict(mine)
    for member, value in new.items():
        here = mine.get(member)
        if value == here or (old is not None and old.get(member) == value):
            continue
        if here is None or (old is not None and old.get(member) == here):
            result[member] = value
        else:
            merged.conflicts[f"{place}/{member}"] = (here, value)
    return result
