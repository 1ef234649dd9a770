# SPDX-License-Identifier: GPL-2.0-or-later
"""How far the pinning of places has come: counts that add up, by any key, and up a tree.

What is counted is a *place*.  Each place is in exactly one stage, so that the stages of a row add
up to its places, and the rows of a table to its total:

* ``unpinned``: without a position.
* ``draft``: has a position that was not sent for review yet.
* ``submitted``: waits for the reviewer.
* ``returned``: the reviewer sent it back.
* ``verified``: the public sees a verified revision of it.

``assigned`` and ``late`` are counted beside the stages.  ``pinned`` is what is not unpinned.
Source: docs/progress-report.md.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter

STAGES = ("unpinned", "draft", "submitted", "returned", "verified")
_TENTHS_IN_ALL = 1000


@dataclass(frozen=True)
class Counts:
    """Numbers of places.

    Attributes:
        places: all of them.
        assigned: somebody has the order to pin it, or had it and is done.
        late: of the assigned, those still to be pinned after the day that was set.
        unpinned: stage, see the module.
        draft: stage.
        submitted: stage.
        returned: stage.
        verified: stage.
    """

    places: int = 0
    assigned: int = 0
    late: int = 0
    unpinned: int = 0
    draft: int = 0
    submitted: int = 0
    returned: int = 0
    verified: int = 0

    @property
    def pinned(self) -> int:
        """Return how many have a position."""
        return self.places - self.unpinned

    @property
    def pinned_percent(self) -> float | None:
        """Return the share that has a position."""
        return percent(self.pinned, self.places)

    @property
    def verified_percent(self) -> float | None:
        """Return the share that is verified."""
        return percent(self.verified, self.places)

    def is_consistent(self) -> bool:
        """Say whether the stages add up and no part is larger than its whole.

        >>> Counts(2, 1, 1, 1, 0, 0, 0, 1).is_consistent(), Counts(places=1).is_consistent()
        (True, False)
        """
        in_stages = sum(getattr(self, stage) for stage in STAGES)
        return in_stages == self.places and self.late <= self.assigned <= self.places


MEASURES = tuple(field.name for field in fields(Counts))
_values = attrgetter(*MEASURES)


def percent(part: int, whole: int) -> float | None:
    """Return a share in percent to one decimal, None of nothing.

    All is said only of all and none only of none: 1999 of 2000 is 99.9, not 100.0.

    >>> percent(1, 3), percent(1, 8), percent(1999, 2000), percent(1, 9999), percent(0, 5)
    (33.3, 12.5, 99.9, 0.1, 0.0)
    >>> percent(7, 7), percent(0, 0)
    (100.0, None)
    """
    if whole == 0:
        return None
    tenths = (part * _TENTHS_IN_ALL * 2 + whole) // (whole * 2)
    if part < whole:
        tenths = min(tenths, _TENTHS_IN_ALL - 1)
    if part > 0:
        tenths = max(tenths, 1)
    return tenths / 10


def total(rows: Iterable[Counts]) -> Counts:
    """Add rows up, measure by measure.

    >>> total([Counts(places=2, late=1), Counts(places=3)])
    Counts(places=5, assigned=0, late=1, unpinned=0, draft=0, submitted=0, returned=0, verified=0)
    """
    sums = [0] * len(MEASURES)
    for row in rows:
        for index, value in enumerate(_values(row)):
            sums[index] += value
    return Counts(*sums)


def grouped[Cell, Key: Hashable](
    cells: Iterable[tuple[Cell, Counts]], key: Callable[[Cell], Key]
) -> dict[Key, Counts]:
    """Add cells up by a key; every cell counts under one key, so nothing counts twice.

    Args:
        cells: (what the counts are of, counts).
        key: gives the key of a cell.

    >>> cells = [("a1", Counts(1)), ("a2", Counts(2)), ("b1", Counts(4))]
    >>> found = grouped(cells, lambda cell: cell[0])
    >>> found["a"].places, found["b"].places
    (3, 4)
    """
    found: dict[Key, list[Counts]] = {}
    for cell, counts in cells:
        found.setdefault(key(cell), []).append(counts)
    return {group: total(members) for group, members in found.items()}


def rolled_up(
    own: Mapping[str, Counts], superiors: Mapping[str, Iterable[str]]
) -> dict[str, Counts]:
    """Give each unit of a tree what it and everything below it has, each place once.

    A unit under two superiors counts at both, so these rows are never added up.

    Args:
        own: {unit: counts of its own places}.
        superiors: {unit: itself and every unit above it, by any path}.

    >>> tree = {"office": ["office", "province"], "province": ["province"]}
    >>> found = rolled_up({"office": Counts(3), "province": Counts(1)}, tree)
    >>> found["province"].places, found["office"].places
    (4, 3)
    """
    found: dict[str, list[Counts]] = {}
    for unit, counts in own.items():
        for superior in dict.fromkeys(superiors.get(unit, ())):
            found.setdefault(superior, []).append(counts)
    return {unit: total(members) for unit, members in found.items()}
