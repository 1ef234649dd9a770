# SPDX-License-Identifier: GPL-2.0-or-later
"""One definition per collection: what it holds, what filters and sorts it, who sees what.

Everything that lists, filters, documents or checks a collection reads it from here, so that a
new collection is one entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from geoapi.errors import NotFoundError
from geoapi.messages import Language
from geoapi.store.query import ItemSource
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
        edit_permission: which permission writes; None for read-only collections.
        attribution: whom to credit.
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
    attribution: str = ""

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en

    @property
    def source(self) -> ItemSource:
        """Return where the store keeps the items."""
        return ItemSource(
            self.table,
            has_working=self.read_permission is not None,
            has_areas=self.geometry not in ("", "Point"),
            fixed=tuple(self.fixed.items()),
        )

    def description(self, language: Language) -> str:
        """Return the description in a language."""
        return self.description_th if language == "th" else self.description_en


_NAME_SORTS = {
    "name_th": "name_sort_th",
    "name_en": "name_sort_en",
    "updated_at": "updated_at",
}

_SERVICE_POINTS = Collection(
    id="service-points",
    table="service_point",
    title_th="จุดบริการภาครัฐ",
    title_en="Government service points",
    description_th="ที่ตั้งของหน่วยงานภาครัฐที่ให้บริการประชาชน เฉพาะฉบับที่ตรวจสอบแล้ว "
    "ผู้มีสิทธิจะเห็นฉบับที่กำลังแก้ไขด้วย",
    description_en="Places where government serves citizens. The public sees verified revisions; "
    "those with the right see working revisions of their own area or agency.",
    geometry="Point",
    queryables=(
        Queryable("name_th", "ชื่อภาษาไทย", "Thai name"),
        Queryable("name_en", "ชื่อภาษาอังกฤษ", "English name"),
        Queryable("category", "ประเภท", "Category", codes="category"),
        Queryable("agency_id", "หน่วยงาน", "Agency"),
        Queryable("province_code", "รหัสจังหวัด", "Province code"),
        Queryable("district_code", "รหัสอำเภอ/เขต", "District code"),
        Queryable("subdistrict_code", "รหัสตำบล/แขวง", "Subdistrict code"),
        Queryable("postal_code", "รหัสไปรษณีย์", "Postal code"),
        Queryable("state", "สถานะหมุด", "Workflow state", codes="state"),
        Queryable("status", "สถานะการให้บริการ", "Operating status", codes="status"),
        Queryable("official_id", "รหัสหน่วยงาน", "Official id"),
        Queryable("short_code", "รหัสย่อ", "Short code"),
        Queryable("parent_id", "สถานที่หลัก", "Main place"),
        Queryable("is_branch", "เป็นสาขา", "Is a branch", type="boolean"),
    ),
    sortables=MappingProxyType(
        _NAME_SORTS
        | {
            name: name
            for name in (
                "category",
                "district_code",
                "subdistrict_code",
                "official_id",
                "short_code",
                "state",
            )
        }
    ),
    read_permission="points.read_working",
    edit_permission="points.edit",
)


def _areas(level: str, plural: str, title_th: str, title_en: str) -> Collection:
    return Collection(
        id=plural,
        table="area",
        title_th=title_th,
        title_en=title_en,
        description_th=f"{title_th}ตามรหัสของกรมการปกครอง พร้อมแนวเขตโดยประมาณ",
        description_en=f"{title_en} by the codes of the Department of Provincial Administration, "
        "with approximate boundaries.",
        geometry="MultiPolygon",
        queryables=(
            Queryable("code", "รหัส", "Code"),
            Queryable("parent_code", "รหัสพื้นที่แม่", "Code of the area above"),
            Queryable("name_th", "ชื่อภาษาไทย", "Thai name"),
            Queryable("name_en", "ชื่อภาษาอังกฤษ", "English name"),
        ),
        sortables=MappingProxyType(_NAME_SORTS),
        fixed=MappingProxyType({"level": level}),
    )


_AGENCIES = Collection(
    id="agencies",
    table="agency",
    title_th="หน่วยงานภาครัฐ",
    title_en="Government agencies",
    description_th="โครงสร้างหน่วยงานจากกระทรวงถึงหน่วยบริการ",
    description_en="The tree of agencies from ministries to service units.",
    geometry="",
    queryables=(
        Queryable("code", "รหัส", "Code"),
        Queryable("agency_type", "ประเภทหน่วยงาน", "Type of agency", codes="agency_type"),
        Queryable("parent_id", "หน่วยงานต้นสังกัด", "Parent agency"),
        Queryable("province_code", "รหัสจังหวัด", "Province code"),
        Queryable("district_code", "รหัสอำเภอ/เขต", "District code"),
        Queryable("name_th", "ชื่อภาษาไทย", "Thai name"),
        Queryable("name_en", "ชื่อภาษาอังกฤษ", "English name"),
    ),
    sortables=MappingProxyType(_NAME_SORTS),
)

COLLECTIONS: MappingProxyType[str, Collection] = MappingProxyType(
    {
        collection.id: collection
        for collection in (
            _SERVICE_POINTS,
            _areas("province", "provinces", "จังหวัด", "Provinces"),
            _areas("district", "districts", "อำเภอ/เขต", "Districts"),
            _areas("subdistrict", "subdistricts", "ตำบล/แขวง", "Subdistricts"),
            _AGENCIES,
        )
    }
)
SERVICE_POINTS = COLLECTIONS["service-points"]


def collection_by_id(collection_id: str) -> Collection:
    """Return a collection.

    Raises:
        NotFoundError: there is none of that id.
    """
    try:
        return COLLECTIONS[collection_id]
    except KeyError as error:
        raise NotFoundError(
            "ogc.unknown_collection", collection=collection_id, known=", ".join(COLLECTIONS)
        ) from error
