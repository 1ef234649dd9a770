# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn lists of places to be put on the map into assignments, matched against known points.

A row names its place by point id, official id, short code, or name and district.  A place that
nobody knows yet becomes an assignment without a point.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from sqlalchemy import Connection

from geoapi.assignments import OFFICER_ROLES
from geoapi.codes import code_list
from geoapi.errors import Problem, UsageError
from geoapi.grants import grant_of
from geoapi.importing.readers import read_rows
from geoapi.importing.rows import Row, RowProblem, row_problem
from geoapi.managers import today
from geoapi.point_records import point_row
from geoapi.rights import Viewer, require
from geoapi.site import Site
from geoapi.store import accounts, features
from geoapi.store import assignments as look_ups
from geoapi.store.tables import PUBLISHED
from geoapi.thai import canonical_text, parse_thai_date, search_text, to_ascii_digits
from geoapi.types import JsonObject, Scope

MOST_ROWS = 20_000
# Rows looked up between two looks at the clock of the store.
_BATCH_ROWS = 200
_LONGEST_NAME, _LONGEST_TEXT = 250, 120
_DISTRICT_CODE = re.compile(r"[1-9]\d{3}", re.ASCII)
_DISTRICT_WORDS = re.compile(r"^(?:อำเภอ|เขต|อ\.)\s*")
COLUMNS: dict[str, tuple[str, ...]] = {
    "point_id": ("point_id",),
    "official_id": ("official_id", "รหัสหน่วยงาน", "รหัสสถานที่"),
    "short_code": ("short_code", "รหัสย่อ"),
    "name_th": ("name_th", "name", "place", "ชื่อสถานที่", "สถานที่", "ชื่อภาษาไทย"),
    "name_en": ("name_en", "ชื่อภาษาอังกฤษ"),
    "category": ("category", "ประเภท"),
    "district": ("district_code", "district", "อำเภอ", "อำเภอ/เขต", "รหัสอำเภอ"),
    "agency": ("agency_code", "agency", "office", "รหัสสำนักงาน", "สำนักงาน"),
    "officer": ("officer", "username", "ผู้รับผิดชอบ", "ชื่อผู้ใช้"),
    "due_on": ("due_on", "due", "กำหนดเสร็จ", "ภายในวันที่"),
    "campaign": ("campaign", "โครงการ"),
    "letter_no": ("letter_no", "เลขที่หนังสือ"),
    "note": ("note", "หมายเหตุ"),
}
"""Accepted headers of each member; the first one is the name in examples."""


@dataclass(frozen=True, slots=True)
class MappedAssignment:
    """One row's outcome; ``properties`` is None when the row is refused."""

    number: int
    key: str
    properties: JsonObject | None
    refused: tuple[RowProblem, ...] = ()


@dataclass
class _Known:
    """What rows are looked up in.

    Attributes:
        agencies: {code: id}.
        districts: {search text of a name: codes}.
        district_codes: all codes.
        officers: {username: id} of those to whom the importer may assign.
        held: where the importer assigns.
        day: today in Bangkok.
        reach: {user id: where that user may edit}, filled as rows ask.
    """

    agencies: dict[str, str]
    districts: dict[str, list[str]]
    district_codes: frozenset[str]
    officers: dict[str, str]
    held: tuple[Scope, ...]
    day: dt.date
    reach: dict[str, tuple[Scope, ...]] = field(default_factory=dict)


class _Refused(Exception):  # noqa: N818 - ends the mapping of a row
    def __init__(self, column: str, problem: Problem) -> None:
        super().__init__(column)
        self.column, self.problem = column, problem


def map_assignments(
    site: Site, viewer: Viewer, path: Path, layer: str | None, encoding: str | None
) -> Iterator[MappedAssignment]:
    """Read a list and map its rows.

    Raises:
        UsageError: the file can't be read, has no column that names places, or too many rows.
        ForbiddenError: the viewer assigns nothing.
    """
    held = require(viewer, "assignments.manage")
    source = read_rows(path, layer=layer, encoding=encoding)
    columns = {
        member: next((c for c in source.columns if c.casefold() in accepted), None)
        for member, accepted in COLUMNS.items()
    }
    naming = ("point_id", "official_id", "short_code", "name_th")
    if not any(columns[name] for name in naming):
        raise UsageError("assignments.import_no_place_column", columns=", ".join(naming))
    known = site.store.read(lambda c: _known(c, held, today(site.clock())))
    seen: dict[str, int] = {}
    read = 0
    for batch in batched(source.rows, _BATCH_ROWS):
        read += len(batch)
        if read > MOST_ROWS:
            raise UsageError("assignments.import_too_many", maximum=MOST_ROWS)
        for mapped in _map_batch(site, known, columns, batch):
            yield _once(mapped, seen)


def _map_batch(
    site: Site, known: _Known, columns: dict[str, str | None], batch: tuple[Row, ...]
) -> list[MappedAssignment]:
    return site.store.read(lambda c: [_map_row(c, known, columns, row) for row in batch])


def _once(mapped: MappedAssignment, seen: dict[str, int]) -> MappedAssignment:
    """Refuse a place that an earlier row has named already."""
    if mapped.properties is None:
        return mapped
    first = seen.setdefault(mapped.key, mapped.number)
    if first == mapped.number:
        return mapped
    name = str(mapped.properties.get("name_th") or mapped.key)
    params = {"first_row": first}
    problem = RowProblem(mapped.number, "name_th", name, "import.duplicate_key", params)
    return MappedAssignment(mapped.number, mapped.key, None, (problem,))


def _known(connection: Connection, held: tuple[Scope, ...], day: dt.date) -> _Known:
    districts: dict[str, list[str]] = {}
    codes = set()
    for code, name_th, name_en in look_ups.districts(connection):
        codes.add(code)
        for name in {search_text(name_th), search_text(name_en)} - {""}:
            districts.setdefault(name, []).append(code)
    officers = look_ups.officers(connection, held, OFFICER_ROLES, day)
    return _Known(
        features.ids_by_column(connection, "agency", "code", PUBLISHED),
        districts,
        frozenset(codes),
        {username: user_id for user_id, username, _ in officers},
        held,
        day,
    )


def _map_row(
    connection: Connection, known: _Known, columns: dict[str, str | None], row: Row
) -> MappedAssignment:
    if row.surplus:
        problem = Problem("assignments.import_shifted", params={"value": str(row.surplus)})
        return _refusal(row, "", problem)
    texts = {member: canonical_text(row.text(column)) for member, column in columns.items()}
    try:
        properties = _place(connection, known, texts)
        properties |= _said(texts, row, columns["due_on"])
        _responsible(connection, known, texts, properties)
    except _Refused as refusal:
        return _refusal(row, refusal.column, refusal.problem)
    key = properties.get("point_id") or "/".join(
        str(properties.get(name) or "") for name in ("agency_id", "district_code", "name_th")
    )
    return MappedAssignment(row.number, key, properties)


def _refusal(row: Row, column: str, problem: Problem) -> MappedAssignment:
    return MappedAssignment(row.number, "", None, (row_problem(row, column, problem),))


def _refuse(column: str, message_id: str, value: str) -> _Refused:
    return _Refused(column, Problem(message_id, params={"value": value}))


def _place(connection: Connection, known: _Known, texts: dict[str, str]) -> JsonObject:
    """Return the place of a row: of a known point, or described.

    Raises:
        _Refused: it can't be told which place is meant.
    """
    if "\0" in "".join(texts.values()):
        raise _refuse("name_th", "assignments.import_bad_text", "")
    point_id = _point_by_code(connection, texts)
    district = _district(known, texts["district"])
    name = texts["name_th"]
    if point_id is None and name and district:
        found = look_ups.points_of_name(connection, search_text(name), district)
        if len(found) > 1:
            raise _refuse("name_th", "assignments.import_ambiguous", name)
        point_id = found[0] if found else None
    if point_id is not None:
        row = point_row(connection, point_id)
        if row is None:
            raise _refuse("point_id", "assignments.import_unknown_point", point_id)
        areas = {n: row.columns[n] for n in ("province_code", "district_code", "subdistrict_code")}
        return {"point_id": point_id, "agency_id": row.agency_id, "name_th": row.name_th, **areas}
    if not 2 <= len(name) <= _LONGEST_NAME:  # noqa: PLR2004 - as for points
        raise _refuse("name_th", "assignments.import_no_name", name)
    if not district:
        raise _refuse("district", "assignments.import_no_district", texts["district"])
    category = texts["category"]
    if category and category not in code_list("category").codes:
        raise _refuse("category", "assignments.import_unknown_category", category)
    described = {
        "name_th": name, "name_en": texts["name_en"][:_LONGEST_NAME], "category": category,
        "official_id": texts["official_id"][:64], "district_code": district,
        "province_code": district[:2],
    }  # fmt: skip
    return {member: value for member, value in described.items() if value}


def _point_by_code(connection: Connection, texts: dict[str, str]) -> str | None:
    point_id, short_code = texts["point_id"].lower(), texts["short_code"].upper()
    if point_id:
        return point_id
    if short_code:
        found = look_ups.points_by(connection, "short_code", short_code)
        if not found:
            raise _refuse("short_code", "assignments.import_unknown_point", short_code)
        return found[0]
    official_id = to_ascii_digits(texts["official_id"])
    found = look_ups.points_by(connection, "official_id", official_id) if official_id else []
    if len(found) > 1:
        raise _refuse("official_id", "assignments.import_ambiguous", official_id)
    return found[0] if found else None


def _district(known: _Known, text: str) -> str:
    """Return the code of a district given by code or name, '' when none is given."""
    plain = to_ascii_digits(text)
    if not plain:
        return ""
    if plain.isdecimal():
        is_known = plain in known.district_codes or not known.district_codes
        if not (_DISTRICT_CODE.fullmatch(plain) and is_known):
            raise _refuse("district", "assignments.import_unknown_district", text)
        return plain
    codes = known.districts.get(search_text(_DISTRICT_WORDS.sub("", plain)), [])
    if not codes:
        raise _refuse("district", "assignments.import_unknown_district", text)
    if len(codes) > 1:
        raise _refuse("district", "assignments.import_ambiguous_district", text)
    return codes[0]


def _said(texts: dict[str, str], row: Row, due_column: str | None) -> JsonObject:
    """Return due day, campaign, letter and note, as far as the row says them."""
    said: JsonObject = {
        "campaign": texts["campaign"][:_LONGEST_NAME],
        "letter_no": texts["letter_no"][:_LONGEST_TEXT],
        "note": texts["note"][:2000],
    }
    value = row.values.get(due_column) if due_column else None
    if isinstance(value, dt.datetime):
        value = value.date()
    if texts["due_on"]:
        day = value if isinstance(value, dt.date) else parse_thai_date(texts["due_on"])
        if day is None:
            raise _refuse("due_on", "import.bad_date", texts["due_on"])
        said["due_on"] = day.isoformat()
    return {member: text for member, text in said.items() if text}


def _responsible(
    connection: Connection, known: _Known, texts: dict[str, str], properties: JsonObject
) -> None:
    """Add office and officer, and make sure that both may be given the place.

    Raises:
        _Refused: unknown, or outside the scope.
    """
    code = to_ascii_digits(texts["agency"])
    if code:
        agency_id = known.agencies.get(code)
        if agency_id is None:
            raise _refuse("agency", "assignments.import_unknown_agency", texts["agency"])
        properties["agency_id"] = agency_id
    area = properties.get("subdistrict_code") or properties.get("district_code") or ""
    place = Scope(properties.get("agency_id") or "", area)
    if not look_ups.covers(connection, known.held, place):
        raise _refuse("agency", "assignments.import_outside", texts["agency"] or area)
    username = texts["officer"].casefold()
    if not username:
        return
    # usernames are person data: the report repeats none
    user_id = known.officers.get(username)
    if user_id is None:
        raise _refuse("officer", "assignments.import_unknown_officer", "")
    if user_id not in known.reach:
        grants = [grant_of(row) for row in accounts.grants_of(connection, [user_id])]
        known.reach[user_id] = tuple(
            Scope(grant.agency_id, grant.area_code)
            for grant in grants
            if grant.role in OFFICER_ROLES and grant.holds_on(known.day)
        )
    places = [place, *_scope_of_point(connection, properties)]
    if not all(look_ups.covers(connection, known.reach[user_id], one) for one in places):
        raise _refuse("officer", "assignments.import_officer_beyond", "")
    properties["owner_id"] = user_id


def _scope_of_point(connection: Connection, properties: JsonObject) -> Iterable[Scope]:
    row = point_row(connection, properties.get("point_id") or "")
    return [] if row is None else [Scope(row.scope_agency_id, row.scope_area_code)]
