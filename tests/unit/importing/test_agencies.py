# SPDX-License-Identifier: GPL-2.0-or-later
"""From rows to drafts of agencies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoapi.importing.agencies import guess_agency_type, map_agencies
from geoapi.importing.readers import read_rows
from geoapi.importing.rows import Row


def rows(*records: dict[str, str]) -> list[Row]:
    return [Row(number, record) for number, record in enumerate(records, 2)]


def test_parents_stand_before_their_children() -> None:
    mapped = map_agencies(
        rows(
            {"code": "c", "name_th": "สำนักงานที่ดินจังหวัด", "parent_code": "b"},
            {"code": "b", "name_th": "กรมที่ดิน", "parent_code": "a"},
            {"code": "a", "name_th": "กระทรวงมหาดไทย"},
        )
    )
    assert [item.agency.code for item in mapped if item.agency] == ["a", "b", "c"]


def test_budget_codes_name_the_ministry() -> None:
    mapped = map_agencies(
        rows(
            {"code": "15003", "name_th": "กรมการปกครอง"},
            {"code": "15000", "name_th": "กระทรวงมหาดไทย"},
        )
    )
    parents = {item.agency.code: item.agency.parent_code for item in mapped if item.agency}
    assert parents == {"15000": None, "15003": "15000"}


def test_unknown_parents_are_left_out_with_a_warning() -> None:
    (item,) = map_agencies(rows({"code": "a", "name_th": "กรมที่ดิน", "parent_code": "z"}))
    assert item.agency is not None
    assert item.agency.parent_code is None
    assert [problem.message_id for problem in item.warnings] == ["import.unknown_parent"]
    (stored,) = map_agencies(
        rows({"code": "a", "name_th": "กรมที่ดิน", "parent_code": "z"}), known=frozenset({"z"})
    )
    assert stored.agency is not None
    assert stored.agency.parent_code == "z"


def test_circles_repetitions_and_empty_rows_are_refused() -> None:
    mapped = map_agencies(
        rows(
            {"code": "a", "name_th": "กรมหนึ่ง", "parent_code": "b"},
            {"code": "b", "name_th": "กรมสอง", "parent_code": "a"},
            {"code": "c", "name_th": "กรมสาม"},
            {"code": "c", "name_th": "กรมสาม"},
            {"code": "", "name_th": "กรมสี่"},
            {"code": "e", "name_th": ""},
        )
    )
    refused = {item.number: item.refused[0].message_id for item in mapped if not item.agency}
    assert refused == {
        2: "import.parent_circle",
        3: "import.parent_circle",
        5: "import.duplicate_key",
        6: "import.no_code",
        7: "import.no_name",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("กระทรวงมหาดไทย", "ministry"),
        ("สำนักนายกรัฐมนตรี", "ministry"),
        ("กรมที่ดิน", "department"),
        ("สำนักงานปลัดสำนักนายกรัฐมนตรี", "department"),
        ("เทศบาลตำบลแม่สาย", "local_administration"),
        ("องค์การบริหารส่วนตำบลโป่งผา", "local_administration"),
        ("ที่ว่าการอำเภอแม่สาย", "district_office"),
        ("สำนักงานพัฒนาชุมชนจังหวัดเชียงราย", "provincial_office"),
        ("การไฟฟ้าส่วนภูมิภาค", "state_enterprise"),
        ("สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน)", "public_organization"),
    ],
)
def test_guesses_the_type_from_the_name(name: str, kind: str) -> None:
    assert guess_agency_type(name) == kind


def test_real_budget_codes_map(shared_file: Callable[[str], Path]) -> None:
    source = read_rows(shared_file("vocab/ministries_budget_codes.csv"))
    mapped = map_agencies(source)
    agencies = {item.agency.code: item.agency for item in mapped if item.agency}
    assert len(agencies) == 38
    assert agencies["03007"].parent_code == "03000"
    assert agencies["11000"].name_en == "Ministry of ICT"
