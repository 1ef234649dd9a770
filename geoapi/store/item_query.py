# SPDX-License-Identifier: GPL-2.0-or-later
"""What is asked of a collection and what comes back: plain data, no SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from geoapi.store.filter_model import Predicate
from geoapi.types import BBox, Scope

# public: one published row, for everybody.  views: a working row for those whose scope covers it, a
# published one for everybody else.  restricted: a working row inside the scope, or of its owner.
# private: a working row of its owner alone.
Visibility = Literal["public", "views", "restricted", "private"]


@dataclass(frozen=True)
class ItemSource:
    """Where the items of a collection are.

    Attributes:
        table: key of ``FEATURE_TABLES``.
        visibility: who sees which rows, see :data:`Visibility`.
        has_areas: geometries are more than points, a box must touch their shape.
        fixed: (column, value) pairs that every item has.
    """

    table: str
    visibility: Visibility = "public"
    has_areas: bool = False
    fixed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ItemQuery:
    """Which items of a collection are wanted, by whom, in which order.

    Attributes:
        source: where they are.
        scopes: where the reader sees working revisions; empty for the public.
        owner_id: the reader, for sources with owners; '' for the public.
        bbox: box that the geometry must touch, degrees, CRS84.
        since: items updated at or after this instant.
        until: items updated at or before this instant.
        equals: (column, value) pairs, all of which must hold.
        search: canonical search words, separated by spaces; all must occur.
        filter: checked condition on properties and geometry, None for none.
        within: only items of this subtree of agencies and areas; a filter, no right.
        edited_by: only points that this user edited since the last verification; '' for any.
        not_edited_by: leave out the points that this user edited; '' leaves out none.
        sort: (column, descending) pairs.
        after: values of the sort columns and the fid of the item before the page.
        offset: how many items to skip.
        limit: how many items at the most.
    """

    source: ItemSource
    scopes: tuple[Scope, ...] = ()
    owner_id: str = ""
    bbox: BBox | None = None
    since: datetime | None = None
    until: datetime | None = None
    equals: tuple[tuple[str, str | bool], ...] = ()
    search: str = ""
    filter: Predicate | None = None
    within: Scope = field(default_factory=Scope)
    edited_by: str = ""
    not_edited_by: str = ""
    sort: tuple[tuple[str, bool], ...] = ()
    after: tuple[Any, ...] | None = None
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True)
class Reader:
    """Who reads.

    Attributes:
        scopes: where the reader sees working revisions; empty for the public.
        owner_id: the reader, for sources with owners; '' for the public.
    """

    scopes: tuple[Scope, ...] = ()
    owner_id: str = ""


@dataclass(frozen=True)
class Page:
    """Items of one page.

    Attributes:
        features: finished GeoJSON texts.
        next_after: cursor values for the following page, None on the last.
        found_in: among how many rows the items were met, where words were walked to; else None.
    """

    features: list[str]
    next_after: tuple[Any, ...] | None
    found_in: int | None = field(default=None, compare=False)
