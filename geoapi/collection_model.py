# SPDX-License-Identifier: GPL-2.0-or-later
"""What a definition of a collection says: where items are, what filters them, who sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from geoapi.messages import Language
from geoapi.store.query import ItemSource, Visibility
from geoapi.types import Permission

PropertyType = Literal["string", "boolean"]


@dataclass(frozen=True)
class Queryable:
    """A property that filters a collection, backed by a column of its table.

    Attributes:
        name: of the property and of the column.
        title_th: Thai title.
        title_en: English title.
        type: JSON type.
        codes: id of the code list with the allowed values, '' when free.
    """

    name: str
    title_th: str
    title_en: str
    type: PropertyType = "string"
    codes: str = ""

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en


@dataclass(frozen=True)
class TileLayer:
    """How a collection shows in vector tiles; only published items, and only these attributes.

    Attributes:
        attributes: columns of its table, shown beside ``id``.
        min_zoom: no tiles above this one.
        max_zoom: maps enlarge the tiles of this zoom for a closer look.
    """

    attributes: tuple[str, ...]
    min_zoom: int = 0
    max_zoom: int = 14


@dataclass(frozen=True)
class Collection:
    """A collection of the OGC API and where it comes from.

    Attributes:
        id: path segment.
        table: key of ``FEATURE_TABLES``.
        title_th: Thai title.
        title_en: English title.
        description_th: Thai description.
        description_en: English description.
        geometry: GeoJSON geometry type, '' when items have none.
        queryables: what filters it.
        sortables: {property: column}; each column has an index with ``view`` and ``fid``.
        fixed: {column: value} that every item has.
        read_permission: which permission shows working revisions; None when there are none.
        edit_permission: which permission writes; None where nobody writes, or the owner alone.
        visibility: who sees which rows.
        verbs: with which verbs items are written through the API.
        required: properties that every item has.
        attribution: whom to credit.
        tiles: how it shows in vector tiles, None when it has none.
    """

    id: str
    table: str
    title_th: str
    title_en: str
    description_th: str
    description_en: str
    geometry: str
    queryables: tuple[Queryable, ...]
    sortables: MappingProxyType[str, str]
    fixed: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    read_permission: Permission | None = None
    edit_permission: Permission | None = None
    visibility: Visibility = "public"
    verbs: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    attribution: str = ""
    tiles: TileLayer | None = None

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    @property
    def has_owners(self) -> bool:
        """Say whether items belong to users."""
        return self.visibility in ("restricted", "private")

    @property
    def has_history(self) -> bool:
        """Say whether items are written here, with a history and a change feed to read."""
        return bool(self.verbs) and self.visibility != "private"

    @property
    def source(self) -> ItemSource:
        """Return where the store keeps the items."""
        return ItemSource(
            self.table,
            visibility=self.visibility,
            has_areas=self.geometry not in ("", "Point"),
            fixed=tuple(self.fixed.items()),
        )

    def description(self, language: Language) -> str:
        """Return the description in a language."""
        return self.description_th if language == "th" else self.description_en


NAME_SORTS = {
    "name_th": "name_sort_th",
    "name_en": "name_sort_en",
    "updated_at": "updated_at",
}
