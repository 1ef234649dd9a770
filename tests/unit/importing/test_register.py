# SPDX-License-Identifier: GPL-2.0-or-later
"""The register of units: names to codes, old codes to new ones."""

from __future__ import annotations

import pytest

from geoapi.importing.register import (
    Register,
    current_code,
    edit_distance,
    postal_problem,
    resolve_units,
)


def ids(resolution_problems: object) -> list[str]:
    return [problem.message_id for problem in resolution_problems]  # type: ignore[attr-defined]


def test_holds_all_units_with_parents_and_postal_codes(register: Register) -> None:
    levels = [unit.level for unit in register.units.values()]
    assert levels.count("province") == 77
    assert levels.count("district") == 928
    assert levels.count("subdistrict") > 7400
    assert all(unit.parent in register.units for unit in register.units.values() if unit.parent)
    assert register.units["5709"].postal_codes == {"57130", "57220"}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("เชียงราย", "แม่สาย", "เกาะช้าง"), "570903"),
        (("จังหวัดเชียงราย", "อำเภอแม่สาย", "ตำบลเกาะช้าง"), "570903"),
        (("Chiang Rai", "Mae Sai", "Ko Chang"), "570903"),
        (("เชียงราย", "เมือง", "เวียง"), "570101"),
        (("เชียงราย", "เชียงราย", "เวียง"), "570101"),
        (("เชียงราย", "อ.เมืองเชียงราย", "เวียง"), "570101"),
        (("กทม.", "เขตดุสิต", "แขวงดุสิต"), "100201"),
        (("กรุงเทพฯ", "ดุสิต", "ดุสิต"), "100201"),
    ],
)
def test_finds_a_unit_with_or_without_marks(
    register: Register, names: tuple[str, str, str], code: str
) -> None:
    resolved = resolve_units(register, *names)
    assert resolved.subdistrict_code == code
    assert resolved.district_code == code[:4]
    assert resolved.province_code == code[:2]
    assert resolved.problems == ()


def test_doubled_tone_mark_is_taken_with_a_warning(register: Register) -> None:
    resolved = resolve_units(register, "เชียงราย", "แม่จัน", "จันจว่้าใต้")
    assert resolved.subdistrict_code == "570712"
    assert ids(resolved.problems) == ["import.unit_respelled"]
    assert resolved.problems[0].params["official"] == "จันจว้าใต้"


def test_misspelled_name_is_not_replaced_but_the_nearest_is_named(register: Register) -> None:
    resolved = resolve_units(register, "เชียงราย", "แม่จัน", "จันจวาใต้")
    assert (resolved.district_code, resolved.subdistrict_code) == ("5707", None)
    assert ids(resolved.problems) == ["import.unit_unknown_nearest"]
    assert resolved.problems[0].params["official"] == "จันจว้าใต้"


def test_unknown_district_leaves_only_the_province(register: Register) -> None:
    resolved = resolve_units(register, "เชียงราย", "ไม่มีอำเภอนี้", "เวียง")
    assert (resolved.province_code, resolved.district_code) == ("57", None)
    assert ids(resolved.problems) == ["import.unit_unknown"]


def test_repeated_name_is_never_guessed(register: Register) -> None:
    resolved = resolve_units(register, "เชียงราย", None, "สันทราย")
    assert resolved.subdistrict_code is None
    assert ids(resolved.problems) == ["import.unit_ambiguous"]
    assert resolve_units(register, None, "เฉลิมพระเกียรติ", None).district_code is None


def test_missing_level_is_inferred_from_a_unique_name_with_a_warning(register: Register) -> None:
    resolved = resolve_units(register, None, "แม่สาย", "เกาะช้าง")
    assert resolved.subdistrict_code == "570903"
    assert ids(resolved.problems) == ["import.unit_inferred"]


def test_nothing_said_is_no_problem(register: Register) -> None:
    assert resolve_units(register, None, None, None).problems == ()


def test_old_codes_lead_to_the_units_of_today(register: Register) -> None:
    assert current_code(register, "570101") == ("570101", None)
    code, problem = current_code(register, "530306")
    assert code == "530407"
    assert problem is not None
    assert problem.message_id == "import.code_succeeded"


@pytest.mark.parametrize(
    ("old", "message_id"),
    [("104701", "import.code_abolished"), ("999999", "import.code_unknown")],
)
def test_code_without_one_successor_has_none(register: Register, old: str, message_id: str) -> None:
    code, problem = current_code(register, old)
    assert code is None
    assert problem is not None
    assert problem.message_id == message_id


def test_postal_code_is_tested_against_the_whole_set(register: Register) -> None:
    assert postal_problem(register, "5701", "57100") is None
    problem = postal_problem(register, "571701", "57210")
    assert problem is not None
    assert (problem.params["value"], problem.params["official"]) == ("57210", "57350")


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("กข", "กข", 0), ("ไผ่จำศิล", "ไผ่จำศีล", 1), ("วัดไทรย์", "วัดไทร", 2), ("ก", "ขค", 2)],
)
def test_counts_edits(first: str, second: str, distance: int) -> None:
    assert edit_distance(first, second, 5) == distance
