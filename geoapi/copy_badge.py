# SPDX-License-Identifier: GPL-2.0-or-later
"""The badge of a point: the worst of what its services ask for, with unknown never hidden.

Pure functions over classes of the code list ``copy_class``; nothing here knows of stores.
"""

from __future__ import annotations

from collections.abc import Iterable

UNKNOWN = "unknown"
CHARGED = "charged"
# Worst first: what nobody has declared must not hide behind a good neighbour.
# Source: docs/data-model.md, copies.
WORST_FIRST = (
    CHARGED,
    "required",
    UNKNOWN,
    "office_copies_free",
    "required_by_law",
    "not_required",
)
_RANK = {name: rank for rank, name in enumerate(WORST_FIRST)}


def worst_of(classes: Iterable[str]) -> str:
    """Return the worst of some classes; of none at all, and of a strange one, it is unknown.

    >>> worst_of(["not_required", "unknown", "required_by_law"]), worst_of([])
    ('unknown', 'unknown')
    >>> worst_of(["office_copies_free", "required_by_law"])
    'office_copies_free'
    """
    found = [name if name in _RANK else UNKNOWN for name in classes]
    return min(found, key=_RANK.__getitem__, default=UNKNOWN)


def service_badge(wanted: Iterable[str], declared: Iterable[tuple[str, str]]) -> str:
    """Return the badge of one service at a point.

    Args:
        wanted: types of the documents that the service asks for.
        declared: (type of document, class) of each row; a type without one counts as unknown.

    >>> service_badge(["id_card", "photo"], [("id_card", "not_required")])
    'unknown'
    """
    rows = list(declared)
    missing = set(wanted) - {document_type for document_type, _ in rows}
    return worst_of([*(name for _, name in rows), *(UNKNOWN for _ in missing)])


def point_badge(services: Iterable[str], *, has_verified_charge: bool = False) -> str:
    """Return the badge of a point from those of the services that it offers.

    Args:
        services: badge of each.
        has_verified_charge: somebody was charged for a copy here, and that was checked.
    """
    return worst_of([*([CHARGED] if has_verified_charge else []), *services])
