# SPDX-License-Identifier: GPL-2.0-or-later
"""The collections beside service points: services, copies, photos, assignments, drafts, tasks."""

from __future__ import annotations

from types import MappingProxyType

from geoapi.collection_model import (
    NAME_SORTS,
    SYNTHETIC,
    WRITTEN,
    Collection,
    Queryable,
    stored,
)

_ALL_VERBS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_BY_TIME = MappingProxyType({"updated_at": "updated_at"})
_BY_NAME = MappingProxyType(NAME_SORTS)
_NAMES = (
    Queryable("name_th", "ชื่อภาษาไทย", "Thai name"),
    Queryable("name_en", "ชื่อภาษาอังกฤษ", "English name"),
)
_POINT = Queryable("point_id", "จุดบริการ", "Service point")
_SERVICE = Queryable("service_id", "บริการ", "Service")
_OWNER = Queryable("owner_id", "ผู้รับผิดชอบ", "Responsible user")
_DUE = Queryable("due_on", "กำหนดเสร็จ", "Due on", format="date")
_AGENCY = stored("agency_id", "หน่วยงาน", "Agency")
_AREAS = (
    Queryable("province_code", "รหัสจังหวัด", "Province code"),
    Queryable("district_code", "รหัสอำเภอ/เขต", "District code"),
)
_SUBDISTRICT = Queryable("subdistrict_code", "รหัสตำบล/แขวง", "Subdistrict code")

SERVICES = Collection(
    id="services",
    table="service",
    title_th="บริการภาครัฐ",
    title_en="Government services",
    description_th="บริการของหน่วยงาน ขั้นตอน ระยะเวลา เอกสารที่ต้องเตรียม และค่าธรรมเนียม",
    description_en="Services of agencies with their steps, times, documents to bring and fees.",
    geometry="",
    queryables=(
        *_NAMES,
        Queryable("code", "รหัส", "Code"),
        Queryable("agency_id", "หน่วยงาน", "Agency"),
        stored("audience", "ผู้รับบริการ", "Audience", "array", codes="audience"),
        Queryable("life_event", "เหตุการณ์ในชีวิต", "Life event", codes="life_event"),
        Queryable("review_state", "สถานะการทบทวน", "Review state", codes="review_state"),
        stored("category", "ประเภทของบริการ", "Type of service", codes="service_category"),
        stored("channels", "ช่องทาง", "Channels", "array", codes="channel"),
        stored("law", "กฎหมายที่เกี่ยวข้อง", "Legal instruments", "array"),
        stored("offered_by", "ประเภทจุดบริการที่ให้บริการนี้", "Offered by", "array", codes="category"),
        stored(
            "document_types",
            "เอกสารที่ต้องใช้",
            "Documents",
            "array",
            codes="document_type",
            path=("documents",),
            member="document_type",
        ),
        stored(
            "total_minutes",
            "ระยะเวลารวม (นาที)",
            "Total time (minutes)",
            "number",
            unit="min",
            path=("total_time", "minutes"),
        ),
        stored(
            "total_days",
            "ระยะเวลารวม (วัน)",
            "Total time (days)",
            "number",
            unit="d",
            path=("total_time", "days"),
        ),
        SYNTHETIC,
        *WRITTEN,
    ),
    sortables=_BY_NAME,
    edit_permission="services.edit",
    verbs=_ALL_VERBS,
    required=("name_th", "code"),
)
POINT_SERVICES = Collection(
    id="point-services",
    table="point_service",
    title_th="บริการของจุดบริการ",
    title_en="Services offered at points",
    description_th="จุดบริการใดให้บริการใด พร้อมข้อแตกต่างเฉพาะจุด",
    description_en="Which point offers which service, with what is different there.",
    geometry="",
    queryables=(
        _POINT,
        _SERVICE,
        Queryable("is_offered", "ให้บริการ", "Is offered", type="boolean"),
        *_AREAS,
        _SUBDISTRICT,
        stored("counter", "ช่องบริการ", "Counter"),
        stored("opening_hours", "เวลาให้บริการนี้", "Hours of this service"),
        stored("differs_from_guide", "ต่างจากคู่มือ", "Differs from the guide", "boolean"),
        SYNTHETIC,
        *WRITTEN,
    ),
    sortables=_BY_TIME,
    read_permission="points.read_working",
    edit_permission="points.edit",
    visibility="views",
    verbs=_ALL_VERBS,
    required=("point_id", "service_id"),
)
COPY_REQUIREMENTS = Collection(
    id="copy-requirements",
    table="copy_requirement",
    title_th="การเรียกสำเนาเอกสาร",
    title_en="Copies asked for",
    description_th="สำเนาเอกสารที่แต่ละจุดบริการยังเรียกหรือไม่เรียกจากประชาชน ตามที่หน่วยงานแจ้ง",
    description_en="Which copies each point still asks of citizens, or does not, as it declares.",
    geometry="",
    queryables=(
        _POINT,
        _SERVICE,
        Queryable("document_type", "เอกสาร", "Document", codes="document_type"),
        Queryable("copy_class", "การเรียกสำเนา", "Copies asked for", codes="copy_class"),
        Queryable("plan_on", "วันที่จะเลิกเรียกสำเนา", "Planned to end on", format="date"),
        *_AREAS,
        _SUBDISTRICT,
        stored("copies", "จำนวนสำเนา", "Copies", "integer"),
        stored("guide_copies", "จำนวนสำเนาตามคู่มือ", "Copies that the guide names", "integer"),
        stored("verify_method", "ตรวจสอบแทนด้วย", "Verified instead by", codes="verify_method"),
        stored("is_charged", "มีการเก็บค่าสำเนา", "A charge is taken", "boolean"),
        stored("fee_baht", "ค่าสำเนา", "Charge", "number", unit="[THB]"),
        stored("charge_status", "สถานะการเก็บเงิน", "Charge reported"),
        stored("declared_at", "แจ้งเมื่อ", "Declared", format="date-time"),
        SYNTHETIC,
        *WRITTEN,
    ),
    sortables=_BY_TIME,
    read_permission="points.read_working",
    edit_permission="points.edit",
    visibility="views",
    verbs=_ALL_VERBS,
    required=("point_id", "service_id", "document_type"),
)
LEGAL_INSTRUMENTS = Collection(
    id="legal-instruments",
    table="legal_instrument",
    title_th="กฎหมายและคำสั่ง",
    title_en="Legal instruments",
    description_th="กฎหมาย คำสั่ง และประกาศเรื่องการเรียกสำเนาเอกสารและค่าธรรมเนียม พร้อมขอบเขต",
    description_en="Laws, orders and notices on copies and fees, with their scope.",
    geometry="",
    queryables=(
        *_NAMES,
        Queryable("code", "รหัส", "Code"),
        Queryable("instrument_type", "ประเภท", "Type", codes="instrument_type"),
        stored("number", "เลขที่", "Number"),
        stored("documents", "เอกสาร", "Documents", "array"),
        stored("valid_from", "ใช้ตั้งแต่วันที่", "Valid from", format="date"),
        stored("valid_to", "ใช้ถึงวันที่", "Valid to", format="date"),
        stored("forbids_charge", "ห้ามเก็บเงิน", "Forbids a charge", "boolean"),
        stored("is_uncertain", "ยังไม่แน่ชัด", "Is uncertain", "boolean"),
        SYNTHETIC,
        *WRITTEN,
    ),
    sortables=_BY_NAME,
    edit_permission="areas.edit",
    verbs=_ALL_VERBS,
    required=("name_th", "code"),
)
ASSIGNMENTS = Collection(
    id="assignments",
    table="assignment",
    title_th="งานที่มอบหมาย",
    title_en="Assignments",
    description_th="สถานที่ที่มอบหมายให้ปักหมุด เห็นได้เฉพาะผู้รับมอบหมายและผู้มอบหมาย",
    description_en="Places that somebody is to pin; seen by that officer and by who assigns.",
    geometry="Point",
    queryables=(
        *_NAMES,
        _OWNER,
        _POINT,
        Queryable("agency_id", "หน่วยงาน", "Agency"),
        Queryable("state", "สถานะ", "State", codes="assignment_state"),
        _DUE,
        Queryable("campaign", "โครงการ", "Campaign"),
        *_AREAS,
        stored("subdistrict_code", "รหัสตำบล/แขวง", "Subdistrict code"),
        stored("category", "ประเภท", "Category", codes="category"),
        stored("official_id", "รหัสหน่วยงาน", "Official id"),
        stored("letter_no", "เลขที่หนังสือ", "Letter number"),
        stored("point_state", "สถานะหมุด", "State of the point", codes="state"),
        stored("accepted_at", "รับงานเมื่อ", "Accepted", format="date-time"),
        *WRITTEN,
    ),
    sortables=MappingProxyType(NAME_SORTS | {"due_on": "due_on", "state": "state"}),
    read_permission="assignments.manage",
    edit_permission="assignments.manage",
    visibility="restricted",
    verbs=_ALL_VERBS,
)
_PIXELS = (
    stored("width_px", "ความกว้างของภาพเต็ม", "Width of the full size", "integer", unit="px"),
    stored("height_px", "ความสูงของภาพเต็ม", "Height of the full size", "integer", unit="px"),
)
PHOTOS = Collection(
    id="photos",
    table="photo",
    title_th="ภาพถ่ายจุดบริการ",
    title_en="Photos of service points",
    description_th="ภาพถ่ายเคาน์เตอร์ ป้าย และทางเข้า เฉพาะภาพของหมุดที่ตรวจสอบแล้ว",
    description_en="Photos of counters, signs and entrances; the public sees those of verified "
    "points.",
    geometry="",
    queryables=(
        _POINT,
        Queryable("kind", "ภาพของ", "Shows", codes="photo_kind"),
        *_AREAS,
        *_PIXELS,
        *WRITTEN,
    ),
    sortables=_BY_TIME,
    read_permission="points.read_working",
    edit_permission="points.edit",
    visibility="views",
    verbs=frozenset({"POST", "PATCH", "DELETE"}),
    required=("point_id", "kind"),
)
DRAFTS = Collection(
    id="drafts",
    table="draft",
    title_th="แบบร่างของฉัน",
    title_en="My drafts",
    description_th="แบบร่างที่ยังไม่ส่ง เห็นได้เฉพาะเจ้าของ",
    description_en="Forms that are not finished; seen by their owner alone.",
    geometry="Point",
    queryables=(_POINT, *WRITTEN),
    sortables=_BY_TIME,
    visibility="private",
    verbs=_ALL_VERBS,
    required=("point_id",),
)
TASKS = Collection(
    id="tasks",
    table="task",
    title_th="สิ่งที่ต้องทำ",
    title_en="Tasks",
    description_th="สิ่งที่ผู้ใช้หรือสำนักงานต้องทำต่อไป",
    description_en="What a user or an office has to do next.",
    geometry="",
    queryables=(
        _OWNER,
        _POINT,
        _SERVICE,
        Queryable("kind", "ประเภทงาน", "Kind", codes="task_kind"),
        Queryable("state", "สถานะ", "State", codes="task_state"),
        _DUE,
        *_AREAS,
        stored("name_th", "สถานที่", "Place"),
        stored("assignment_id", "งานที่มอบหมาย", "Assignment"),
        _AGENCY,
        *WRITTEN,
    ),
    sortables=MappingProxyType({"updated_at": "updated_at", "due_on": "due_on"}),
    read_permission="points.edit",
    visibility="restricted",
)

RECORD_COLLECTIONS = (
    SERVICES,
    POINT_SERVICES,
    COPY_REQUIREMENTS,
    LEGAL_INSTRUMENTS,
    ASSIGNMENTS,
    PHOTOS,
    DRAFTS,
    TASKS,
)
