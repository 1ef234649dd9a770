# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn rows into drafts of agencies, parents before their children."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from geoapi.errors import Problem
from geoapi.importing.rows import Row, RowProblem, row_problem
from geoapi.thai import canonical_text, to_ascii_digits

NEEDED_COLUMNS = ("code", "name_th")
"""Columns of a file of agencies; name_en, type and parent_code may be there as well."""

# Pattern at the beginning of the Thai name -> code of data/codes/agency_type.json.
_TYPE_BY_NAME = (
    (re.compile(r"กระทรวง|สำนักนายกรัฐมนตรี"), "ministry"),
    (
        re.compile(r"(?:สำนักงาน)?(?:องค์การบริหารส่วน|เทศบาล)|อบ[ตจ]\.|เมืองพัทยา"),
        "local_administration",
    ),
    (re.compile(r"(?:ที่ว่าการ|ที่ทำการปกครอง)อำเภอ|สำนักงาน.+อำเภอ"), "district_office"),
    (re.compile(r"จังหวัด|ศาลากลาง|สำนักงาน.+จังหวัด|ที่ทำการปกครองจังหวัด"), "provincial_office"),
    (re.compile(r".+\(องค์การมหาชน\)"), "public_organization"),
    (re.compile(r"การ(?:ไฟฟ้า|ประปา|รถไฟ|ท่า|เคหะ|ทาง)|บริษัท|ธนาคาร"), "state_enterprise"),
    (re.compile(r"กรม|สำนักงาน|สำนัก|สถาบัน"), "department"),
)
_BUDGET_CODE = re.compile(r"\d{5}$")
_HISTORICAL_NOTE = re.compile(r"\s*\((?:renamed|merged)\b[^)]*\)$", re.I)
_MAX_NAME = 250


@dataclass(frozen=True, slots=True)
class AgencyDraft:
    """One agency; ``parent_code`` is the code of its parent, ``None`` at the top."""

    code: str
    name_th: str
    name_en: str | None
    type: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class MappedAgency:
    """One row's outcome; ``agency`` is ``None`` when the row is refused."""

    number: int
    agency: AgencyDraft | None
    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()


def map_agencies(
    rows: Iterable[Row], types: frozenset[str] = frozenset(), known: frozenset[str] = frozenset()
) -> list[MappedAgency]:
    """Map all rows and put parents before their children.

    The parent is the column ``parent_code``, or for five-digit budget codes the ministry's code
    (15003 lies under 15000). A parent that is nowhere is left out with a warning.

    Args:
        rows: with the columns code, name_th and optionally name_en, type, parent_code.
        types: codes that the document allows; empty: any.
        known: codes of agencies that are stored already.

    Returns:
        Refused rows first, then agencies so that each parent stands before its children.
    """
    read = list(rows)
    codes = {to_ascii_digits(row.text("code")) for row in read} | known
    first_row_by_code: dict[str, int] = {}
    mapped: list[MappedAgency] = []
    for row in read:
        item = _map_agency(row, types, frozenset(codes))
        if item.agency is not None:
            first = first_row_by_code.setdefault(item.agency.code, row.number)
            if first != row.number:
                problem = Problem(
                    "import.duplicate_key",
                    params={"value": item.agency.code, "first_row": first},
                )
                item = MappedAgency(row.number, None, (row_problem(row, "code", problem),))
        mapped.append(item)
    return _parents_first(mapped)


def _map_agency(row: Row, types: frozenset[str], codes: frozenset[str]) -> MappedAgency:
    """Turn one row into a draft, or say why not."""
    code = to_ascii_digits(row.text("code"))
    name_th = canonical_text(row.text("name_th"))
    if not code:
        return MappedAgency(
            row.number, None, (row_problem(row, "code", Problem("import.no_code")),)
        )
    if not name_th or len(name_th) > _MAX_NAME:
        problem = Problem("import.no_name", params={"value": name_th[:40]})
        return MappedAgency(row.number, None, (row_problem(row, "name_th", problem),))
    warnings: list[RowProblem] = []
    given_name = canonical_text(row.text("name_en"))
    name_en = _HISTORICAL_NOTE.sub("", given_name)
    if name_en != given_name:
        note = Problem("import.note_removed", params={"value": given_name, "official": name_en})
        warnings.append(row_problem(row, "name_en", note))
    kind = row.text("type")
    if not kind or (types and kind not in types):
        guessed = guess_agency_type(name_th)
        if kind:
            problem = Problem("import.unknown_type", params={"value": kind, "type": guessed})
            warnings.append(row_problem(row, "type", problem))
        kind = guessed
    parent = to_ascii_digits(row.text("parent_code") or row.text("parent")) or _ministry_code(code)
    if parent is not None and (parent not in codes or parent == code):
        problem = Problem("import.unknown_parent", params={"value": parent})
        warnings.append(row_problem(row, "parent_code", problem))
        parent = None
    agency = AgencyDraft(code, name_th, name_en or None, kind, parent)
    return MappedAgency(row.number, agency, (), tuple(warnings))


def guess_agency_type(name_th: str) -> str:
    """Give the type that the name points to.

    >>> guess_agency_type("กรมที่ดิน"), guess_agency_type("กระทรวงมหาดไทย")
    ('department', 'ministry')
    """
    return next((code for form, code in _TYPE_BY_NAME if form.match(name_th)), "service_unit")


def _ministry_code(code: str) -> str | None:
    """Give the ministry's budget code for a department's, ``None`` for other codes."""
    if not _BUDGET_CODE.match(code) or code.endswith("000"):
        return None
    return f"{code[:2]}000"


def _parents_first(mapped: list[MappedAgency]) -> list[MappedAgency]:
    """Order by depth; agencies that are each other's parents are refused."""
    by_code = {item.agency.code: item for item in mapped if item.agency is not None}
    ordered = [item for item in mapped if item.agency is None]
    placed: set[str] = set()
    waiting = [item for item in mapped if item.agency is not None]
    while waiting:
        ready = [
            item
            for item in waiting
            if item.agency is not None
            and (item.agency.parent_code not in by_code or item.agency.parent_code in placed)
        ]
        if not ready:
            break
        ordered += ready
        placed |= {item.agency.code for item in ready if item.agency is not None}
        waiting = [item for item in waiting if item.agency and item.agency.code not in placed]
    for item in waiting:
        parent = item.agency.parent_code if item.agency else ""
        problem = RowProblem(item.number, "parent_code", parent or "", "import.parent_circle")
        ordered.append(MappedAgency(item.number, None, (problem,)))
    return ordered
