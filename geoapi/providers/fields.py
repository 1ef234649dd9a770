# SPDX-License-Identifier: GPL-2.0-or-later
"""The properties of a collection as JSON Schema, with titles and the labels of codes."""

from __future__ import annotations

from typing import Any

from geoapi.codes import code_list
from geoapi.collection_model import WRITTEN
from geoapi.collections import SERVICE_POINTS, Collection, Queryable
from geoapi.document import properties_schema, schema
from geoapi.messages import LANGUAGES, Language
from geoapi.record_collections import RECORD_COLLECTIONS
from geoapi.record_schemas import record_schema
from geoapi.types import JsonObject

RECORD_SCHEMAS = frozenset(collection.id for collection in RECORD_COLLECTIONS)
_LOCAL_REFERENCE = "#/$defs/"
# What every area and agency has; anything else may be null.
_ALWAYS_THERE = frozenset({"code", "level", "name_th"})
# Properties that filter nothing, {table: (name, Thai title, English title, type, code list)}.
_FURTHER: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "area": (
        ("level", "ระดับเขตการปกครอง", "Level", "string", "area_level"),
        ("postal_codes", "รหัสไปรษณีย์", "Postal codes", "array", ""),
        ("credit", "ที่มาของข้อมูล", "Source and credit", "string", ""),
    ),
    "agency": (
        ("short_name", "ชื่อย่อ", "Short name", "string", ""),
        ("also_under", "หน่วยงานที่กำกับร่วม", "Also answers to", "array", ""),
        ("synthetic", "ข้อมูลสมมติ", "Synthetic data", "boolean", ""),
        ("note_th", "หมายเหตุ (เผยแพร่)", "Public note in Thai", "string", ""),
        ("note_en", "หมายเหตุภาษาอังกฤษ (เผยแพร่)", "Public note in English", "string", ""),
    ),
}
# Titles of what the server sets, which the document's schema leaves without.
_SERVER_TITLES = {
    "services": ("บริการ", "Services"),
    "copy_badge": ("การเรียกสำเนาเอกสาร", "Copies of documents"),
    "revision": ("รุ่นที่", "Revision"),
    "created_at": ("สร้างเมื่อ", "Created"),
    "updated_at": ("แก้ไขล่าสุดเมื่อ", "Last changed"),
    "updated_by": ("แก้ไขล่าสุดโดย", "Last changed by"),
    "verified_at": ("รับรองเมื่อ", "Verified"),
    "return_reason": ("เหตุผลที่ส่งกลับ", "Reason of the return"),
    "issue_counts": ("จำนวนข้อที่ต้องตรวจสอบ", "Open issues"),
}


def collection_fields(collection: Collection) -> dict[str, JsonObject]:
    """Return {property: JSON Schema} with a Thai and an English title each.

    Every call gives new objects: pygeoapi writes into what it gets.
    """
    fields = {
        queryable.name: queryable_schema(queryable)
        for queryable in collection.queryables
        # what the schema declares comes below, in its order; areas and agencies have none
        if not queryable.path and queryable not in WRITTEN
    }
    for name, title_th, title_en, kind, codes in _FURTHER.get(collection.table, ()):
        fields[name] = _described(title_th, title_en, kind, codes)
    fields = {
        name: described if name in _ALWAYS_THERE else _nullable(described)
        for name, described in fields.items()
    }
    fields |= {
        name: _titled(name, declared, fields.get(name, {}))
        for name, declared in _declared(collection).items()
    }
    return fields


def _declared(collection: Collection) -> dict[str, JsonObject]:
    """Return the properties that a schema in ``data/schemas`` declares, references written out."""
    if collection.id == SERVICE_POINTS.id:
        return {name: resolved(part) for name, part in properties_schema().items()}
    if collection.id in RECORD_SCHEMAS:
        whole = record_schema(collection.table)
        definitions = whole.get("$defs", {})
        return {n: resolved(part, definitions) for n, part in whole["properties"].items()}
    return {}


def queryable_schema(queryable: Queryable) -> JsonObject:
    """Return the JSON Schema of a queryable, its codes in both languages."""
    described = _described(queryable.title_th, queryable.title_en, queryable.type, queryable.codes)
    if queryable.format:
        described["format"] = queryable.format
    if queryable.unit:
        described |= {"x-ogc-unit": queryable.unit, "x-ogc-unitLang": "UCUM"}
    if queryable.description_en:
        described["description"] = queryable.description_en
        described |= {f"x-description-{each}": queryable.description(each) for each in LANGUAGES}
    return described


def _nullable(described: JsonObject) -> JsonObject:
    allowed = {"enum": [*described["enum"], None]} if "enum" in described else {}
    return described | {"type": [described["type"], "null"]} | allowed


def _described(title_th: str, title_en: str, kind: str, codes: str) -> JsonObject:
    described: JsonObject = {
        "title": title_en,
        "type": kind,
        "x-title-th": title_th,
        "x-title-en": title_en,
    }
    allowed: JsonObject = {}
    if codes:
        allowed = {"x-codes": codes, "enum": list(code_list(codes).codes)}
    if kind == "array":
        return described | {"items": {"type": "string", **allowed}}
    return described | allowed


def resolved(declared: Any, definitions: JsonObject | None = None) -> Any:  # noqa: ANN401
    """Return a copy of a schema with the references into ``$defs`` written out.

    Args:
        declared: any part of a schema.
        definitions: its ``$defs``; those of the service point when None.
    """
    known = schema()["$defs"] if definitions is None else definitions
    if isinstance(declared, list):
        return [resolved(part, known) for part in declared]
    if not isinstance(declared, dict):
        return declared
    copied = {name: resolved(part, known) for name, part in declared.items()}
    reference = copied.pop("$ref", "")
    if reference.startswith(_LOCAL_REFERENCE):
        target = known[reference.removeprefix(_LOCAL_REFERENCE)]
        copied = resolved(target, known) | copied
    return copied


def _titled(name: str, described: JsonObject, as_queryable: JsonObject) -> JsonObject:
    """Give a property both titles: its own, its queryable's, or those of the server's members."""
    title_th, title_en = _SERVER_TITLES.get(name, (name, name))
    title_en = described.get("title") or as_queryable.get("x-title-en", title_en)
    title_th = described.get("x-title-th") or as_queryable.get("x-title-th", title_th)
    return described | {"title": title_en, "x-title-en": title_en, "x-title-th": title_th}


def localised(described: JsonObject, language: Language) -> JsonObject:
    """Return a property's schema with its title in a language and its codes with labels.

    The labels stand in ``oneOf``, as JSON Schema 2020-12 annotates an enumeration.
    """
    shown = dict(described)
    for member in ("title", "description"):
        text = shown.get(f"x-{member}-{language}")
        if text:
            shown[member] = text
    if isinstance(shown.get("items"), dict):
        shown["items"] = localised(shown["items"], language)
    if "x-codes" in shown:
        choices: list[JsonObject] = [
            {
                "const": code.code,
                "title": code.label(language),
                "x-title-th": code.th,
                "x-title-en": code.en,
            }
            for code in code_list(shown["x-codes"]).codes.values()
        ]
        if None in shown.get("enum", ()):
            choices.append({"const": None})
        shown["oneOf"] = choices
    return shown
