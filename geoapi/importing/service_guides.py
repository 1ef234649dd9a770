# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn services of a citizen guide into documents of our catalogue, or say why not."""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from geoapi.codes import code_list
from geoapi.errors import InvalidDocumentError
from geoapi.importing import guide_words
from geoapi.importing.guide_files import RawService
from geoapi.importing.guide_mapping import GuideMapping
from geoapi.importing.rows import RowProblem
from geoapi.record_schemas import check_record
from geoapi.thai import canonical_text, to_ascii_digits
from geoapi.types import JsonObject

_SERVICE_IDS = uuid.UUID("b0a4a3a6-53d5-5a44-8e2e-1a3a3e4f9c57")
_COUNTS = frozenset({"originals", "copies", "no"})
_AMOUNTS = frozenset({"minutes", "days", "amount"})
_NOTHING = frozenset({"", "-", "ไม่มี", "none", "null"})


@dataclass(frozen=True)
class GuideContext:
    """What is known before the first service.

    Attributes:
        mapping: how the file is to be understood.
        agency_ids: {Thai name or code: id} of the agencies that are stored.
        fetched_on: the day that stands as the source's.
    """

    mapping: GuideMapping
    agency_ids: Mapping[str, str]
    fetched_on: date


@dataclass(frozen=True)
class MappedService:
    """One service's outcome; ``feature`` is None when it is refused."""

    number: int
    key: str
    feature: JsonObject | None
    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()


class _BadValue(Exception):  # noqa: N818 - carries what is wrong with one value
    """A value that can't be read: (field, value)."""


def service_id_of_code(code: str) -> str:
    """Return the id that a service of a code gets, the same on every site."""
    return str(uuid.uuid5(_SERVICE_IDS, code))


def map_services(services: list[RawService], context: GuideContext) -> list[MappedService]:
    """Map all services; of those with the same code only the first is taken."""
    first_by_code: dict[str, int] = {}
    mapped = []
    for raw in services:
        item = _map_service(raw, context)
        if item.feature is not None:
            code = item.feature["properties"]["code"]
            first = first_by_code.setdefault(code, raw.number)
            if first != raw.number:
                problem = RowProblem(
                    raw.number, "code", code, "import.duplicate_key", {"first_row": first}
                )
                item = MappedService(raw.number, item.key, None, (problem,))
        mapped.append(item)
    return mapped


def _map_service(raw: RawService, context: GuideContext) -> MappedService:
    if not isinstance(raw.values, dict):
        problem = RowProblem(raw.number, "/", "", "services.import.no_object")
        return MappedService(raw.number, "", None, (problem,))
    reading = _Reading(raw, context)
    try:
        feature = reading.feature()
        check_record("service", feature)
    except _BadValue as error:
        name, value = error.args
        problem = RowProblem(raw.number, name, value, "services.import.bad_value")
        return MappedService(raw.number, "", None, (problem,))
    except InvalidDocumentError as error:
        refused = tuple(
            RowProblem(raw.number, p.pointer, "", p.message_id, p.params) for p in error.problems
        )
        return MappedService(raw.number, "", None, refused)
    key = f"{context.mapping.name}/{feature['properties']['code']}"
    return MappedService(raw.number, key, feature, (), tuple(reading.warnings))


class _Reading:
    """One service while it is read: its values, and what is doubtful about them."""

    def __init__(self, raw: RawService, context: GuideContext) -> None:
        self.raw = raw
        self.context = context
        self.warnings: list[RowProblem] = []

    def value(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Give what the file says of a field, or else the mapping's default."""
        member = self.context.mapping.service.get(name)
        found = self.raw.values.get(member) if member else None
        return self.context.mapping.defaults.get(name) if found in (None, "") else found

    def text(self, name: str) -> str:
        """Give a field as clean text, ``''`` when there is none."""
        return _text(self.value(name), name)

    def words(self, name: str) -> list[str]:
        """Give a field that lists words, from a list or from a cell with semicolons."""
        value = self.value(name)
        parts = value if isinstance(value, list) else _text(value, name).split(";")
        return [word for part in parts if (word := _text(part, name))]

    def feature(self) -> JsonObject:
        """Build the document."""
        name_th, agency_id = self.text("name_th"), self._agency()
        properties: JsonObject = {
            "code": self._code(name_th),
            "name_th": name_th,
            "name_en": self.text("name_en") or None,
            "agency_id": agency_id,
            "law": self.words("law"),
            "category": guide_words.category_of(self.text("category")),
            "life_event": self._life_event(),
            "audience": guide_words.audiences_of(self.words("audience")),
            "steps": self._steps(),
            "total_time": self._total_time(),
            "documents": [self._document(entry) for entry in self._entries("documents")],
            "fees": [self._fee(entry) for entry in self._entries("fees")],
            "channels": guide_words.channels_of(self.words("channels")),
            "conditions_th": self.text("conditions_th") or None,
            "conditions_en": self.text("conditions_en") or None,
            "forms": [_kept(entry, ("name", "url")) for entry in self._entries("forms")],
            "complaint_channels": [
                _kept(entry, ("name", "phone", "website", "address"))
                for entry in self._entries("complaint_channels")
            ],
            "offered_by": self._offered_by(),
            "source": self._source(),
            "review_state": "published",
        }
        return {
            "type": "Feature",
            "id": service_id_of_code(properties["code"]),
            "geometry": None,
            "properties": properties,
        }

    def warn(self, name: str, value: str, message_id: str) -> None:
        """Note what is doubtful."""
        self.warnings.append(RowProblem(self.raw.number, name, value, message_id))

    def _code(self, name_th: str) -> str:
        """Give the source's code, or one made of agency and name, the same on every import."""
        code = to_ascii_digits(self.text("code"))
        if code:
            return code
        words = f"{self.text('agency')}/{name_th}"
        return f"guide-{hashlib.sha256(words.encode()).hexdigest()[:12]}"

    def _agency(self) -> str | None:
        code, name = self.text("agency_code"), self.text("agency")
        known = self.context.agency_ids
        found = known.get(code) or known.get(name)
        if found is None and (code or name):
            self.warn("agency", code or name, "services.import.unknown_agency")
        return found

    def _life_event(self) -> str | None:
        word = self.text("life_event")
        if not word:
            return None
        codes = code_list("life_event").codes
        return word if word in codes else next((c for c, e in codes.items() if e.th == word), None)

    def _source(self) -> JsonObject:
        digest = hashlib.sha256(orjson.dumps(self.raw.values, option=orjson.OPT_SORT_KEYS))
        return {
            "name": self.text("source_name") or self.context.mapping.name,
            "url": self.text("source_url") or None,
            "hash": digest.hexdigest(),
            "fetched_at": self.context.fetched_on.isoformat(),
        }

    def _total_time(self) -> JsonObject | None:
        found = {
            unit: _number(self.value(f"total_{unit}"), f"total_{unit}")
            for unit in ("minutes", "days")
        }
        kept = {unit: value for unit, value in found.items() if value is not None}
        return kept or None

    def _offered_by(self) -> list[str]:
        words = " ".join(self.words("locations"))
        found = [
            category
            for pattern, categories in self.context.mapping.offered_by
            if pattern.search(words)
            for category in categories
        ]
        if not found:
            self.warn("locations", words, "services.import.offered_nowhere")
        return list(dict.fromkeys(found))

    def _entries(self, name: str) -> list[dict[str, Any]]:
        """Give the entries of a list with our names for their fields; numbers are read."""
        members = self.context.mapping.lists.get(name)
        listed = self.raw.values.get(members["from"]) if members else None
        if not members or listed in (None, "", []):
            return []
        if not isinstance(listed, list):
            raise _BadValue(name, str(listed)[:80])
        entries = []
        for index, entry in enumerate(listed):
            if not isinstance(entry, dict):
                raise _BadValue(f"{name}/{index}", str(entry)[:80])
            where = f"{name}/{index}"
            entries.append(
                {
                    field: _typed(entry.get(member), field, f"{where}/{field}")
                    for field, member in members.items()
                    if field != "from"
                }
            )
        return entries

    def _document(self, entry: dict[str, Any]) -> JsonObject:
        name = entry.get("name_th") or ""
        given = entry.get("document_type")
        known = given in code_list("document_type").codes
        if given and not known:
            self.warn("document_type", given, "services.import.unknown_document_type")
        kind = given if given and known else guide_words.document_type_of(name)
        fields = ("name_en", "issuer", "originals", "copies", "condition_th", "condition_en")
        kept = {field: entry.get(field) for field in fields}
        links = {"obtainable_by_link": True} if kind in {"id_card", "house_reg"} else {}
        return {"document_type": kind, "name_th": name, **kept, **links}

    def _steps(self) -> list[JsonObject]:
        return [
            {
                "no": int(entry.get("no") or number),
                "name_th": entry.get("name_th") or "",
                "name_en": entry.get("name_en"),
                "minutes": entry.get("minutes"),
                "days": entry.get("days"),
            }
            for number, entry in enumerate(self._entries("steps"), 1)
        ]

    def _fee(self, entry: dict[str, Any]) -> JsonObject:
        is_percent = (entry.get("unit") or "") in {"%", "ร้อยละ", "percent"}
        amount = entry.get("amount")
        return {
            "item_th": entry.get("item_th") or "",
            "item_en": entry.get("item_en"),
            "amount_baht": None if is_percent else amount,
            "percent": amount if is_percent else None,
            "per": entry.get("per"),
            "base": entry.get("base"),
        }


def _kept(entry: dict[str, Any], names: tuple[str, ...]) -> JsonObject:
    return {name: entry.get(name) for name in names if entry.get(name) or name == "name"}


def _typed(value: Any, field: str, where: str) -> Any:  # noqa: ANN401 - any JSON
    if field in _COUNTS:
        number = _number(value, where)
        if number is None:
            return None
        if number != int(number):
            raise _BadValue(where, str(value)[:80])
        return int(number)
    if field in _AMOUNTS:
        return _number(value, where)
    return _text(value, where) or None


def _text(value: Any, where: str) -> str:  # noqa: ANN401 - any JSON
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        raise _BadValue(where, str(value)[:80])
    text = canonical_text(str(value).replace("\0", ""))
    return "" if text.lower() in _NOTHING else text


def _number(value: Any, where: str) -> float | None:  # noqa: ANN401 - any JSON
    """Read a number; Thai digits, thousands and a unit behind it are understood."""
    text = to_ascii_digits(_text(value, where)).replace(",", "")
    if not text:
        return None
    digits = text.split()[0].rstrip("%")
    try:
        number = float(digits)
    except ValueError as error:
        raise _BadValue(where, text[:80]) from error
    if not math.isfinite(number):
        raise _BadValue(where, text[:80])
    return int(number) if number == int(number) else number
