# SPDX-License-Identifier: GPL-2.0-or-later
"""The register of provinces, districts and subdistricts, and how names and codes are found in it.

Source: geothai (data of the Department of Provincial Administration and Thailand Post, CC BY 4.0).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import geothai
from geothai.abolished import abolished_areas

from geoapi.errors import Problem
from geoapi.thai import canonical_text, strip_invisible

LEVEL_BY_CODE_LENGTH = {2: "province", 4: "district", 6: "subdistrict"}
"""Level of a unit by the length of its DOPA code."""

_PREFIXES = {
    "province": re.compile(r"(?:จังหวัด|จ\.)\s*"),
    "district": re.compile(r"(?:กิ่งอำเภอ|กิ่ง\s*อ\.|อำเภอ|อ\.|เขต)\s*"),
    "subdistrict": re.compile(r"(?:ตำบล|ต\.|แขวง)\s*"),
}
_PROVINCE_ALIASES = {
    "กทม": "กรุงเทพมหานคร",
    "กรุงเทพ": "กรุงเทพมหานคร",
    "กรุงเทพฯ": "กรุงเทพมหานคร",
    "อยุธยา": "พระนครศรีอยุธยา",
}
_NOT_IN_KEY = re.compile(r"[\s.\-]+")
_CAPITAL = "เมือง"
_MAX_EDITS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """One province, district or subdistrict of today.

    Attributes:
        code: DOPA code of 2, 4 or 6 digits.
        parent: code of the unit it lies in, ``None`` for a province.
        postal_codes: of a subdistrict; a district and a province have all of their parts'.
    """

    code: str
    level: str
    name_th: str
    name_en: str
    parent: str | None
    postal_codes: frozenset[str]


@dataclass(frozen=True)
class Register:
    """All units by code and by name.

    Attributes:
        units: by code.
        by_name: codes by (parent's code or ``""``, name key); several where a name repeats.
        children: codes by parent's code, ``""`` for the provinces.
        abolished: successors' codes by abolished code, empty where nobody took over.
    """

    units: Mapping[str, Unit]
    by_name: Mapping[tuple[str, str], tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]
    abolished: Mapping[str, tuple[str, ...]]

    def province_names(self) -> frozenset[str]:
        """Give the Thai names of the provinces."""
        return frozenset(self.units[code].name_th for code in self.children[""])


@dataclass(frozen=True, slots=True)
class Resolution:
    """What names came to: codes where they are certain, and problems that all are warnings."""

    province_code: str | None = None
    district_code: str | None = None
    subdistrict_code: str | None = None
    problems: tuple[Problem, ...] = ()


def name_key(name: str, level: str) -> str:
    """Give the form of a unit's name that is compared: canonical, no mark, no blanks.

    >>> name_key("เขต พระนคร", "district"), name_key("ต.จันจว่้าใต้", "subdistrict")
    ('พระนคร', 'จันจว้าใต้')
    """
    text = canonical_text(name).casefold()
    match = _PREFIXES[level].match(text)
    if match and match.end() < len(text):
        text = text[match.end() :]
    return _NOT_IN_KEY.sub("", text)


@lru_cache(maxsize=1)
def load_register() -> Register:
    """Build the register from the installed geothai; the same object on every call."""
    units = {unit.code: unit for unit in _units()}
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    children: dict[str, list[str]] = defaultdict(list)
    for unit in units.values():
        parent = unit.parent or ""
        children[parent].append(unit.code)
        for name in {name_key(name, unit.level) for name in _spellings(unit)}:
            by_name[parent, name].append(unit.code)
    return Register(
        units=units,
        by_name={key: tuple(codes) for key, codes in by_name.items()},
        children={parent: tuple(codes) for parent, codes in children.items()},
        abolished={area.code: tuple(area.successors) for area in abolished_areas()},
    )


def _spellings(unit: Unit) -> Iterable[str]:
    """Give the names a unit goes by: "ปอภาร (ปอพาน)" is found without the brackets as well."""
    yield unit.name_th
    yield unit.name_en
    if "(" in unit.name_th:
        yield unit.name_th.partition("(")[0]


def _units() -> Iterable[Unit]:
    """Give all units; districts and provinces collect their parts' postal codes."""
    postal: dict[str, set[str]] = defaultdict(set)
    parts: list[Unit] = []
    for province in geothai.provinces():
        for district in geothai.districts(province.code):
            for area in geothai.subdistricts(district.code):
                codes = frozenset(area.postal_codes)
                postal[district.code] |= codes
                postal[province.code] |= codes
                parts.append(
                    Unit(area.code, "subdistrict", area.name_th, area.name_en, district.code, codes)
                )
            parts.append(
                Unit(
                    district.code,
                    "district",
                    _PREFIXES["district"].sub("", district.name_th, count=1)
                    if province.code == "10"
                    else district.name_th,
                    district.name_en,
                    province.code,
                    frozenset(postal[district.code]),
                )
            )
        yield Unit(
            province.code,
            "province",
            province.name_th,
            province.name_en,
            None,
            frozenset(postal[province.code]),
        )
    yield from parts


def resolve_units(
    register: Register, province: str | None, district: str | None, subdistrict: str | None
) -> Resolution:
    """Find the codes of named units, from the province down.

    A name that differs from the register's only in doubled marks is taken with a warning. A name
    that is not there is never replaced: its code stays ``None``, what is above it keeps its own,
    and the warning carries the nearest name when one is at most two edits away.

    Args:
        register: from ``load_register``.
        province: as written, with or without จังหวัด; ``None`` or ``""`` when not said.
        district: with or without อำเภอ, เขต or the เมือง of a capital district.
        subdistrict: with or without ตำบล or แขวง.

    Returns:
        Codes and problems ``import.unit_*``, each with the level as its ``parameter``.
    """
    problems: list[Problem] = []
    province_code = _find(register, "", province, "province", problems)
    if province and province_code is None:
        return Resolution(problems=tuple(problems))
    if province_code is None:
        return _without_province(register, district, subdistrict)
    district_code = _find(register, province_code, district, "district", problems)
    if district_code is None:
        if district or not subdistrict:
            return Resolution(province_code, problems=tuple(problems))
        return _without_district(register, province_code, subdistrict)
    subdistrict_code = _find(register, district_code, subdistrict, "subdistrict", problems)
    return Resolution(province_code, district_code, subdistrict_code, tuple(problems))


def _without_province(
    register: Register, district: str | None, subdistrict: str | None
) -> Resolution:
    """Infer the province from a district whose name is the only one in the country."""
    if not district:
        return Resolution()
    key = name_key(district, "district")
    found = [
        code for parent in register.children[""] for code in register.by_name.get((parent, key), ())
    ]
    if len(found) != 1:
        message = "import.unit_ambiguous" if found else "import.unit_unknown"
        return Resolution(problems=(_problem(message, "district", district, found),))
    province_name = register.units[found[0][:2]].name_th
    inferred = _problem("import.unit_inferred", "province", province_name, [found[0][:2]])
    resolved = resolve_units(register, province_name, district, subdistrict)
    return Resolution(
        resolved.province_code,
        resolved.district_code,
        resolved.subdistrict_code,
        (inferred, *resolved.problems),
    )


def _without_district(register: Register, province_code: str, subdistrict: str) -> Resolution:
    """Infer the district from a subdistrict whose name is the only one in the province."""
    key = name_key(subdistrict, "subdistrict")
    found = [
        code
        for parent in register.children[province_code]
        for code in register.by_name.get((parent, key), ())
    ]
    if len(found) != 1:
        message = "import.unit_ambiguous" if found else "import.unit_unknown"
        problem = _problem(message, "subdistrict", subdistrict, found)
        return Resolution(province_code, problems=(problem,))
    district = register.units[found[0][:4]]
    problem = _problem("import.unit_inferred", "district", district.name_th, [district.code])
    return Resolution(province_code, district.code, found[0], (problem,))


def _find(
    register: Register, parent: str, name: str | None, level: str, problems: list[Problem]
) -> str | None:
    """Find one name under its parent and note what is odd about it."""
    if not name:
        return None
    key = name_key(name, level)
    if level == "province":
        key = _PROVINCE_ALIASES.get(key, key)
    found = register.by_name.get((parent, key), ())
    if not found and level == "district":
        found = _capital_district(register, parent, key)
    if len(found) == 1:
        code = found[0]
        if strip_invisible(name) != canonical_text(name):
            official = register.units[code].name_th
            problems.append(_problem("import.unit_respelled", level, name, [code], official))
        return code
    if found:
        problems.append(_problem("import.unit_ambiguous", level, name, found))
        return None
    suggestion = nearest_unit(register, parent, key)
    if suggestion is None:
        problems.append(_problem("import.unit_unknown", level, name, []))
    else:
        problems.append(
            _problem(
                "import.unit_unknown_nearest",
                level,
                name,
                [suggestion.code],
                suggestion.name_th,
            )
        )
    return None


def _capital_district(register: Register, province: str, key: str) -> tuple[str, ...]:
    """Find the capital district when it is called เมือง alone or by the province's name."""
    unit = register.units[province]
    province_keys = {name_key(unit.name_th, "province"), name_key(unit.name_en, "province")}
    if key in {_CAPITAL, "mueang", "muang", *province_keys}:
        capital = f"{province}01"
        return (capital,) if capital in register.units else ()
    return ()


def _problem(
    message_id: str, level: str, value: str, codes: Iterable[str], official: str = ""
) -> Problem:
    """Make a warning about a unit's name."""
    params = {"value": value, "codes": ", ".join(codes) or "-", "official": official or "-"}
    return Problem(message_id, parameter=f"{level}_code", params=params)


def nearest_unit(register: Register, parent: str, key: str) -> Unit | None:
    """Give the unit under the parent whose name is nearest, if it is near and the only one.

    At most two edits, and fewer than a third of the letters.
    """
    allowed = min(_MAX_EDITS, (len(key) - 1) // 3)
    best: list[Unit] = []
    best_distance = allowed + 1
    for code in register.children.get(parent, ()):
        unit = register.units[code]
        distance = edit_distance(key, name_key(unit.name_th, unit.level), best_distance + 1)
        if distance < best_distance:
            best, best_distance = [unit], distance
        elif distance == best_distance <= allowed:
            best.append(unit)
    return best[0] if len(best) == 1 else None


def edit_distance(first: str, second: str, limit: int) -> int:
    """Count insertions, deletions and replacements between two names, up to a limit.

    >>> edit_distance("ไผ่จำศิล", "ไผ่จำศีล", 3), edit_distance("ก", "ขคงจฉ", 3)
    (1, 3)
    """
    if abs(len(first) - len(second)) >= limit:
        return limit
    previous = list(range(len(second) + 1))
    for row, letter in enumerate(first, 1):
        current = [row]
        for column, other in enumerate(second, 1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (letter != other),
                )
            )
        if min(current) >= limit:
            return limit
        previous = current
    return min(previous[-1], limit)


def current_code(register: Register, code: str) -> tuple[str | None, Problem | None]:
    """Give the code of today for a code of any time.

    Returns:
        The code and, for an abolished or unknown one, the problem: an abolished unit with one
        successor becomes it; with several or none the code is ``None``.
    """
    if code in register.units:
        return code, None
    level = LEVEL_BY_CODE_LENGTH.get(len(code), "unit")
    successors = tuple(item for item in register.abolished.get(code, ()) if item in register.units)
    if len(successors) == 1:
        official = register.units[successors[0]].name_th
        return successors[0], _problem("import.code_succeeded", level, code, successors, official)
    message = "import.code_abolished" if code in register.abolished else "import.code_unknown"
    return None, _problem(message, level, code, successors)


def postal_problem(register: Register, code: str | None, postal_code: str) -> Problem | None:
    """Warn when the register does not have this postal code for the unit; both are shown."""
    unit = register.units.get(code or "")
    if unit is None or not unit.postal_codes or postal_code in unit.postal_codes:
        return None
    return Problem(
        "import.postal_code_differs",
        parameter="postal_code",
        params={
            "value": postal_code,
            "official": ", ".join(sorted(unit.postal_codes)),
            "name": unit.name_th,
        },
    )
