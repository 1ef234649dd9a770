# SPDX-License-Identifier: GPL-2.0-or-later
"""One definition per collection: what it holds, what filters and sorts it, who sees what.

Everything that lists, filters, documents or checks a collection reads it from here, so that a
new collection is one entry.
"""

from __future__ import annotations

from types import MappingProxyType

from geoapi.collection_model import (
    NAME_SORTS,
    SYNTHETIC,
    UPDATED,
    WRITTEN,
    Collection,
    Queryable,
    TileLayer,
    stored,
)
from geoapi.errors import NotFoundError
from geoapi.record_collections import RECORD_COLLECTIONS
from geoapi.store import tile_grid

_POINT_DETAILS = (
    stored("short_name", "ชื่อย่อ", "Short name"),
    stored("address_th", "ที่อยู่ภาษาไทย", "Thai address"),
    stored("address_en", "ที่อยู่ภาษาอังกฤษ", "English address"),
    stored("opening_hours", "เวลาทำการ", "Opening hours"),
    stored("website", "เว็บไซต์", "Website"),
    stored(
        "phone_numbers", "หมายเลขโทรศัพท์", "Phone numbers", "array", path=("phones",),
        member="number", description_th="หมายเลขทั้งหมดใน phones เช่น +6653150161",
        description_en="All numbers in phones, such as +6653150161",
    ),
    stored("no_phone", "ไม่มีโทรศัพท์", "Has no phone", "boolean"),
    stored(
        "photos", "ภาพถ่าย", "Photos", "array", description_th="รหัสของภาพถ่าย",
        description_en="Ids of the photos",
    ),
    stored(
        "service_codes", "รหัสบริการ", "Codes of services", "array", path=("services",),
        member="code", description_th="รหัสของบริการทั้งหมดใน services",
        description_en="The codes of all that stand in services",
    ),
    stored(
        "copy_badge", "การเรียกสำเนาเอกสาร", "Copies of documents", codes="copy_badge",
    ),
    stored("successor_id", "สถานที่ที่มาแทน", "Successor"),
    stored("position_basis", "ตำแหน่งที่ใช้ปักหมุด", "Position marks", codes="position_basis"),
    stored("position_method", "วิธีได้มาซึ่งพิกัด", "Position found by", codes="position_method"),
    stored("accuracy_m", "ความคลาดเคลื่อน", "Accuracy", "number", unit="m"),
    stored(
        "card_readers_installed", "เครื่องอ่านบัตรที่ติดตั้ง", "Card readers installed", "integer",
        path=("card_readers", "installed"),
    ),
    stored(
        "card_readers_working", "เครื่องอ่านบัตรที่ใช้ได้", "Card readers that work", "integer",
        path=("card_readers", "working"),
    ),
    stored(
        "card_readers_planned_on", "วันที่จะติดตั้งเครื่องอ่านบัตร", "Card readers planned on",
        format="date", path=("card_readers", "planned_on"),
    ),
    stored(
        "civil_registry_link", "การเชื่อมโยงทะเบียนราษฎร", "Civil registry link",
        codes="civil_registry_link",
    ),
    SYNTHETIC,
    stored("verified_at", "รับรองเมื่อ", "Verified", format="date-time"),
    *WRITTEN,
)  # fmt: skip
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
        *_POINT_DETAILS,
    ),
    sortables=MappingProxyType(
        NAME_SORTS
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
    visibility="views",
    verbs=frozenset({"POST", "PUT", "PATCH", "DELETE"}),
    required=("name_th", "category"),
    tiles=TileLayer(
        ("short_code", "name_th", "name_en", "category", "status"), max_zoom=tile_grid.MAX_ZOOM
    ),
)

# Areas of a level smaller than a few pixels tell nothing.
_AREA_TILES_FROM = {"province": 0, "district": 6, "subdistrict": 9}


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
            stored("postal_codes", "รหัสไปรษณีย์", "Postal codes", "array"),
            UPDATED,
        ),
        sortables=MappingProxyType(NAME_SORTS),
        fixed=MappingProxyType({"level": level}),
        tiles=TileLayer(("code", "name_th", "name_en"), min_zoom=_AREA_TILES_FROM[level]),
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
        stored("short_name", "ชื่อย่อ", "Short name"),
        stored(
            "also_under",
            "หน่วยงานที่กำกับร่วม",
            "Also answers to",
            "array",
            description_th="รหัสของหน่วยงาน",
            description_en="Ids of agencies",
        ),
        SYNTHETIC,
        UPDATED,
    ),
    sortables=MappingProxyType(NAME_SORTS),
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
            *RECORD_COLLECTIONS,
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


__all__ = ["COLLECTIONS", "SERVICE_POINTS", "Collection", "Queryable", "collection_by_id"]
