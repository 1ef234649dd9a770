# SPDX-License-Identifier: GPL-2.0-or-later
"""What a definition of a collection says: where items are, what filters them, who sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from geoapi.messages import Language
from geoapi.store.filter_model import Property, ValueType
from geoapi.store.query import ItemSource, Visibility
from geoapi.types import Permission

PropertyType = Literal["string", "boolean", "number", "integer", "array"]
# Formats of strings that say what a filter compares; any other is described and no more.
_VALUE_TYPES: dict[str, ValueType] = {
    "string": "text", "boolean": "boolean", "number": "number", "integer": "number",
    "array": "array", "date": "date", "date-time": "instant",
}  # fmt: skip


@dataclass(frozen=True)
class Queryable:
    """A property that filters a collection, read from a column or from the stored feature.

    What stands in the feature is what this reader may see of the item, so that nobody finds an
    item by a member that is hidden from them; columns are only those that everybody may see.

    Attributes:
        name: of the property; of the column too, unless there is a path.
        title_th: Thai title.
        title_en: English title.
        type: JSON type.
        codes: id of the code list with the allowed values, '' when free.
        format: ``date``, ``date-time`` or '', for strings.
        path: members below ``properties`` of the feature; empty when it is a column.
        member: for a list of objects, the member of each that counts.
        unit: of a number, as UCUM writes it.
        description_th: what the title leaves open, Thai.
        description_en: the same in English.
    """

    name: str
    title_th: str
    title_en: str
    type: PropertyType = "string"
    codes: str = ""
    format: Literal["", "date", "date-time"] = ""
    path: tuple[str, ...] = ()
    member: str = ""
    unit: str = ""
    description_th: str = ""
    description_en: str = ""

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    def description(self, language: Language) -> str:
        """Return the description in a language, '' when there is none."""
        return self.description_th if language == "th" else self.description_en

    @property
    def is_plain_column(self) -> bool:
        """Say whether a value is compared with a column as it is."""
        return not self.path and not self.format and self.type in ("string", "boolean")

    @property
    def property(self) -> Property:
        """Return what a filter asks the store for."""
        kind = _VALUE_TYPES[self.format or self.type]
        column = "" if self.path else self.name
        return Property(self.name, kind, column, self.path, self.member)


def stored(
    name: str,
    title_th: str,
    title_en: str,
    type: PropertyType = "string",
    **more: Any,  # noqa: ANN401
) -> Queryable:
    """Return a queryable that is read from the stored feature, by its own name unless said."""
    return Queryable(name, title_th, title_en, type, **{"path": (name,), **more})


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
        attribution: whom to credit, in Thai; '' for the site's agencies.
        attribution_en: the same in English, '' when it is written as in Thai.
        license_url: address of the licence of its items, '' for that of the site.
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
    attribution_en: str = ""
    license_url: str = ""
    tiles: TileLayer | None = None

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    @cached_property
    def filter_properties(self) -> MappingProxyType[str, Property]:
        """Return what a filter may name, {name: property}; the geometry is among it."""
        found = {queryable.name: queryable.property for queryable in self.queryables}
        if self.geometry:
            found["geometry"] = Property("geometry", "geometry", "geom")
        return MappingProxyType(found)

    @property
    def has_owners(self) -> bool:
        """Say whether items belong to users."""
        return self.visibility in ("restricted", "private")

    @property
    def has_history(self) -> bool:
        """Say whether items are written here, with a history and a change feed to read."""
        return bool(self.verbs) and self.visibility != "private"

    @cached_property
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

UPDATED = Queryable("updated_at", "แก้ไขล่าสุดเมื่อ", "Last changed", format="date-time")
# What every item has that is written here.
WRITTEN = (
    UPDATED,
    Queryable("created_at", "สร้างเมื่อ", "Created", format="date-time"),
    Queryable("revision", "รุ่นที่", "Revision", type="integer"),
)
SYNTHETIC = stored("synthetic", "ข้อมูลสมมติ", "Synthetic data", "boolean")
