# SPDX-License-Identifier: GPL-2.0-or-later
"""One-string addresses and names that end in a place."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from geoapi.importing.addresses import AddressParts, split_address, split_name
from geoapi.importing.register import Register, resolve_units


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "บ้านม่วงคำ หมู่ 7 ต.เกาะช้าง อ.แม่สาย จ.เชียงราย 57130",
            AddressParts(
                village="ม่วงคำ",
                moo="7",
                subdistrict="เกาะช้าง",
                district="แม่สาย",
                province="เชียงราย",
                postal_code="57130",
            ),
        ),
        (
            "274 ม.5 ถ.พหลโยธิน หมู่ 5 ต.แม่จัน อ.แม่จัน จ.เชียงราย 57110",
            AddressParts(
                house_no="274",
                moo="5",
                road="พหลโยธิน",
                subdistrict="แม่จัน",
                district="แม่จัน",
                province="เชียงราย",
                postal_code="57110",
            ),
        ),
        (
            "๑๒๐ หมู่ ๓ ถนนแจ้งวัฒนะ แขวงทุ่งสองห้อง เขตหลักสี่ กรุงเทพมหานคร ๑๐๒๑๐",
            AddressParts(
                house_no="120",
                moo="3",
                road="แจ้งวัฒนะ",
                subdistrict="ทุ่งสองห้อง",
                district="หลักสี่",
                province="กรุงเทพมหานคร",
                postal_code="10210",
            ),
        ),
        (
            "ตำบลแม่สายอำเภอแม่สายจังหวัดเชียงราย",
            AddressParts(subdistrict="แม่สาย", district="แม่สาย", province="เชียงราย"),
        ),
        (
            "1036/40 สนามบิน หมู่ 0 ต.เวียง อ.เมืองเชียงราย จ.เชียงราย 57000",
            AddressParts(
                house_no="1036/40",
                subdistrict="เวียง",
                district="เมืองเชียงราย",
                province="เชียงราย",
                postal_code="57000",
                rest="สนามบิน",
            ),
        ),
        ("", AddressParts()),
        ("ศูนย์ราชการ", AddressParts(rest="ศูนย์ราชการ")),
    ],
)
def test_takes_an_address_apart(text: str, parts: AddressParts) -> None:
    assert split_address(text) == parts


def test_doubled_village_number_counts_once() -> None:
    parts = split_address("บ้านจะคือ หมู่ 10 หมู่ 10 ต.ห้วยชมภู อ.เมืองเชียงราย จ.เชียงราย 57000")
    assert (parts.moo, parts.rest) == ("10", "")


def test_village_inside_the_name_of_a_subdistrict_is_no_village() -> None:
    parts = split_address("หมู่ 1 ต.บ้านแซว อ.เชียงแสน จ.เชียงราย")
    assert (parts.subdistrict, parts.village) == ("บ้านแซว", None)


@pytest.mark.parametrize("name", ["กทม.", "กทม", "กรุงเทพฯ", "กรุงเทพมหานคร", "จ.กรุงเทพมหานคร"])
def test_bangkok_goes_by_all_its_names(name: str) -> None:
    parts = split_address(f"เลขที่ 1 ถ.พิษณุโลก แขวงดุสิต เขตดุสิต {name} 10300")
    assert (parts.subdistrict, parts.district, parts.province) == ("ดุสิต", "ดุสิต", "กรุงเทพมหานคร")


def test_bare_province_is_known_by_its_name_only() -> None:
    text = "ต.เวียง อ.เมือง เชียงราย 57000"
    assert split_address(text, {"เชียงราย"}).province == "เชียงราย"
    assert split_address(text).province is None


def test_every_subdistrict_of_the_register_is_found_in_its_own_address(register: Register) -> None:
    for unit in register.units.values():
        if unit.level != "subdistrict":
            continue
        district, province = register.units[unit.code[:4]], register.units[unit.code[:2]]
        marks = ("แขวง", "เขต", "") if province.code == "10" else ("ต.", "อ.", "จ.")
        parts = split_address(
            f"1 หมู่ 2 {marks[0]}{unit.name_th} {marks[1]}{district.name_th} "
            f"{marks[2]}{province.name_th} 10000"
        )
        resolved = resolve_units(register, parts.province, parts.district, parts.subdistrict)
        if not any(problem.message_id == "import.unit_ambiguous" for problem in resolved.problems):
            assert resolved.subdistrict_code == unit.code


def test_real_addresses_give_what_their_split_columns_say(
    shared_file: Callable[[str], Path],
) -> None:
    path = shared_file("service_points/citizeninfo_chiangrai_sample68.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 68
    for row in rows:
        parts = split_address(row["address"])
        found = (parts.subdistrict, parts.district, parts.province, parts.postal_code)
        assert found == (row["decl_subd"], row["decl_dist"], row["decl_prov"], row["decl_zip"])
        assert parts.rest == ""


def test_name_loses_its_province_but_an_office_of_the_province_does_not() -> None:
    assert split_name("โรงพยาบาลดอยเต่า จังหวัดเชียงใหม่") == ("โรงพยาบาลดอยเต่า", None, "เชียงใหม่")
    name = "สำนักงานที่ดิน จังหวัดเชียงราย"
    assert split_name(name) == (name, None, "เชียงราย")


def test_district_at_the_end_of_a_name_stays_in_it() -> None:
    name = "โรงพยาบาลส่งเสริมสุขภาพตำบลสันทราย อำเภอแม่จัน"
    assert split_name(name) == (name, "แม่จัน", None)
