# SPDX-License-Identifier: GPL-2.0-or-later
"""Take apart Thai addresses that are written as one string, and names that end in a place."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from geoapi.thai import strip_invisible, to_ascii_digits

BANGKOK = "กรุงเทพมหานคร"

_PROVINCE_MARK = r"(?:จังหวัด|จ\.)"
_DISTRICT_MARK = r"(?:กิ่งอำเภอ|กิ่ง\s*อ\.|อำเภอ|อ\.)"
_SUBDISTRICT_MARK = r"(?:ตำบล|ต\.)"
# A name ends at a blank, at a digit or where the next unit's mark begins.
_END = rf"(?=\s|,|\d|$|{_PROVINCE_MARK}|{_DISTRICT_MARK}|(?<=.)เขต(?=\S)|กทม|กรุงเทพ)"
_NAME = rf"\s*([ก-๎][ก-๎.()\-]*?){_END}"

_POSTAL_CODE = re.compile(r"(?<!\d)([1-9]\d{4})(?!\d)\s*$")
_BANGKOK_NAMES = re.compile(rf"(?:{_PROVINCE_MARK}\s*)?(?:กรุงเทพมหานคร|กรุงเทพฯ?|กทม\.?)(?=\s|$)")
_PROVINCE = re.compile(_PROVINCE_MARK + r"\s*([ก-๎][ก-๎.\-]*)")
_DISTRICT = re.compile(_DISTRICT_MARK + _NAME)
_BANGKOK_DISTRICT = re.compile(rf"(?:(?<=\s)|^|(?<=[ก-๎]))เขต{_NAME}")
_SUBDISTRICT = re.compile(_SUBDISTRICT_MARK + _NAME)
_BANGKOK_SUBDISTRICT = re.compile(rf"แขวง{_NAME}")
_MOO = re.compile(r"(?:หมู่ที่|หมู่|(?<![ก-๎.])ม\.)\s*(\d+)")
_ROAD = re.compile(r"(?:ถนน|(?<![ก-๎.])ถ\.)\s*([^\s,]+)")
_VILLAGE = re.compile(r"(?<![ก-๎])(?:หมู่บ้าน|บ้าน(?!เลขที่))\s*([ก-๎][^\s,]*)")
_HOUSE_NO = re.compile(r"^(?:บ้านเลขที่|เลขที่)?\s*(\d+(?:[/\-]\d+)*)(?=\s|,|[ก-๎]|$)")
_BLANKS = re.compile(r"[\s,]+")

_TRAILING_PROVINCE = re.compile(rf"^(.+?)\s+{_PROVINCE_MARK}\s*(\S+)$")
_TRAILING_DISTRICT = re.compile(r"^(.+?)\s+(?:อำเภอ|อ\.)\s*(\S+)$")
# "สำนักงานที่ดิน จังหวัดเชียงราย" is the office of a province: there the province is the name.
_PROVINCIAL_OFFICES = (
    "สำนักงาน",
    "ศาลากลาง",
    "ศาล",
    "ที่ทำการ",
    "องค์การบริหาร",
    "เรือนจำ",
    "ตำรวจภูธร",
    "ศูนย์",
    "สถานี",
)


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The pieces of an address; ``None`` where it has none.

    Names are without their marks (ต., อำเภอ, ...), as written; nothing is looked up.

    Attributes:
        house_no: such as ``1036/40``.
        moo: number of the village, ``None`` for the ``หมู่ 0`` that registers write for none.
        village: name of the village without บ้าน.
        rest: what no pattern explains, in the written order.
    """

    house_no: str | None = None
    moo: str | None = None
    village: str | None = None
    road: str | None = None
    subdistrict: str | None = None
    district: str | None = None
    province: str | None = None
    postal_code: str | None = None
    rest: str = ""


def split_address(text: str, province_names: Collection[str] = ()) -> AddressParts:
    """Take a one-string address apart.

    Args:
        text: as written, Thai or other digits.
        province_names: names that count as the province at the end without จ. before them.

    >>> parts = split_address("บ้านม่วงคำ หมู่ 7 ต.เกาะช้าง อ.แม่สาย จ.เชียงราย 57130")
    >>> parts.village, parts.moo, parts.subdistrict, parts.district, parts.province
    ('ม่วงคำ', '7', 'เกาะช้าง', 'แม่สาย', 'เชียงราย')
    >>> parts.postal_code, parts.rest
    ('57130', '')
    """
    remaining = to_ascii_digits(strip_invisible(text))
    remaining, postal_code = _take(_POSTAL_CODE, remaining)
    remaining, province = _take_province(remaining, province_names)
    district_mark, subdistrict_mark = _DISTRICT, _SUBDISTRICT
    if province == BANGKOK or "แขวง" in remaining:
        remaining, district = _take(_BANGKOK_DISTRICT, remaining)
        remaining, subdistrict = _take(_BANGKOK_SUBDISTRICT, remaining)
    else:
        district = subdistrict = None
    if district is None:
        remaining, district = _take(district_mark, remaining)
    if subdistrict is None:
        remaining, subdistrict = _take(subdistrict_mark, remaining)
    remaining, moo = _take_moo(remaining)
    remaining, road = _take(_ROAD, remaining)
    remaining, house_no = _take(_HOUSE_NO, remaining)
    remaining, village = _take(_VILLAGE, remaining)
    return AddressParts(
        house_no=house_no,
        moo=moo,
        village=village,
        road=road,
        subdistrict=subdistrict,
        district=district,
        province=province,
        postal_code=postal_code,
        rest=_BLANKS.sub(" ", remaining).strip(),
    )


def split_name(name: str) -> tuple[str, str | None, str | None]:
    """Part a name from the province at its end, and see the district there.

    The province goes, for it is no part of the office's name; not so for offices of the province
    itself. The district stays in the name, where it tells two offices apart, and is given as well.

    Returns:
        The name, the district and the province that it ends in.

    >>> split_name("โรงพยาบาลดอยเต่า จังหวัดเชียงใหม่")
    ('โรงพยาบาลดอยเต่า', None, 'เชียงใหม่')
    >>> split_name("โรงพยาบาลส่งเสริมสุขภาพตำบลสันทราย อำเภอแม่จัน")[1]
    'แม่จัน'
    >>> split_name("สำนักงานที่ดิน จังหวัดเชียงราย")[0]
    'สำนักงานที่ดิน จังหวัดเชียงราย'
    """
    province = None
    if match := _TRAILING_PROVINCE.match(name):
        province = match[2]
        if not name.startswith(_PROVINCIAL_OFFICES):
            name = match[1]
    district = _TRAILING_DISTRICT.match(name)
    return name, district[2] if district else None, province


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str | None]:
    """Cut the last match out of the text; an address names the larger unit later."""
    found = list(pattern.finditer(text))
    if not found:
        return text, None
    match = found[-1]
    return f"{text[: match.start()]} {text[match.end() :]}".strip(), match[1].strip(" .")


def _take_province(text: str, names: Collection[str]) -> tuple[str, str | None]:
    """Cut the province out, marked or, when its name is known, bare at the end."""
    if match := _BANGKOK_NAMES.search(text):
        return f"{text[: match.start()]} {text[match.end() :]}".strip(), BANGKOK
    text, province = _take(_PROVINCE, text)
    if province is None:
        before, _, last = text.rpartition(" ")
        if last in names:
            return before, last
    return text, province


def _take_moo(text: str) -> tuple[str, str | None]:
    """Cut the village's number out, all repetitions of it; another number stays behind."""
    found = list(_MOO.finditer(text))
    if not found:
        return text, None
    number = found[-1][1]
    for match in reversed(found):
        if match[1] == number:
            text = f"{text[: match.start()]} {text[match.end() :]}"
    text = text.strip()
    return text, None if int(number) == 0 else str(int(number))
