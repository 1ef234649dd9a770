# SPDX-License-Identifier: GPL-2.0-or-later
"""Thai text, digits and dates."""

from __future__ import annotations

import datetime as dt
import doctest
import random
import sqlite3

import geothai
import pytest

from geoapi import thai
from geoapi.thai import (
    canonical_text,
    format_thai_date,
    name_sort_key,
    parse_thai_date,
    search_text,
    to_ascii_digits,
    to_thai_digits,
)


def test_doctests_hold() -> None:
    result = doctest.testmod(thai)
    assert result.attempted > 8
    assert result.failed == 0


def test_digits_go_both_ways() -> None:
    assert to_ascii_digits("๐๑๒๓๔๕๖๗๘๙") == "0123456789"
    assert to_thai_digits(to_ascii_digits("๐-๕๓๑๗-๗๓๕๐")) == "๐-๕๓๑๗-๗๓๕๐"


@pytest.mark.parametrize(
    "text",
    [
        "๑๘ กันยายน ๒๕๖๑",
        "18 ก.ย. 61",
        "18 กย 61",
        "18/09/2561",
        "18-9-61",
        "2561-09-18",
        "2018-09-18",
        "18/09/2018",
        "วันอังคารที่ ๑๘ กันยายน พ.ศ. ๒๕๖๑",
        "18 กันยายน ค.ศ. 2018",
        "๑๘\u200b กันยายน\u00a0๒๕๖๑",
    ],
)
def test_reads_the_same_day_however_it_is_written(text: str) -> None:
    assert parse_thai_date(text) == dt.date(2018, 9, 18)


@pytest.mark.parametrize("text", ["", "กันยายน", "31 ก.พ. 2561", "18 กกก 2561", "32/01/2561", "x"])
def test_says_none_for_what_is_no_date(text: str) -> None:
    assert parse_thai_date(text) is None


def test_leap_day_is_counted_in_the_common_era() -> None:
    assert parse_thai_date("29 ก.พ. 2567") == dt.date(2024, 2, 29)
    assert parse_thai_date("29 ก.พ. 2566") is None


def test_every_month_is_read_back_as_it_is_written() -> None:
    for month in range(1, 13):
        day = dt.date(2026, month, 9)
        for short in (False, True):
            assert parse_thai_date(format_thai_date(day, short=short, thai_digits=True)) == day


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("เเม่จัน", "แม่จัน"),
        ("จันจว่้าใต้", "จันจว้าใต้"),
        ("แม่่สาย", "แม่สาย"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e33\u0e49", "น้ำ"),
        ("ท\u0e48\u0e35", "ที่"),
        ("\ufeffแม่\u200bจัน\u00a0\u00ad ", "แม่จัน"),
        ("บุฤาษี", "บุฤาษี"),
        ("สิทธิ์", "สิทธิ์"),
    ],
)
def test_text_that_looks_the_same_is_spelled_the_same(written: str, canonical: str) -> None:
    assert canonical_text(written) == canonical
    assert canonical_text(canonical) == canonical


def test_official_names_are_canonical_already() -> None:
    for province in geothai.provinces():
        for district in geothai.districts(province.code):
            for area in geothai.subdistricts(district.code):
                assert canonical_text(area.name_th) == area.name_th


def test_search_text_finds_thai_digits_and_any_case() -> None:
    stored = search_text("ศูนย์บริการ หมู่ ๗", "Mae Sai", None)
    assert search_text("หมู่ 7") in stored
    assert search_text("mae SAI") in stored


DICTIONARY_ORDER = [
    "Pong Pha",
    "กก",
    "กรุงเทพ",
    "กา",
    "ก่า",
    "ก้า",
    "ก๊า",
    "ก๋า",
    "เก",
    "เก่า",
    "เกาะช้าง",
    "แก",
    "แก่ง",
    "โก",
    "ไก่",
    "ขอนแก่น",
    "ชลบุรี",
    "เชียงราย",
    "เชียงใหม่",
    "ทุ่งก่อ",
    "น่าน",
    "เนิน",
    "พาน",
    "แม่จัน",
    "แม่สาย",
    "ยะลา",
    "ฤๅษี",
    "ลำปาง",
    "ฮอด",
]


def test_sorts_like_a_thai_dictionary() -> None:
    shuffled = random.Random(1).sample(DICTIONARY_ORDER, len(DICTIONARY_ORDER))
    assert sorted(shuffled, key=name_sort_key) == DICTIONARY_ORDER


def test_sqlite_sorts_the_keys_as_python_does() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE name (text TEXT, key TEXT)")
        connection.executemany(
            "INSERT INTO name VALUES (?, ?)",
            [(text, name_sort_key(text)) for text in reversed(DICTIONARY_ORDER)],
        )
        found = [row[0] for row in connection.execute("SELECT text FROM name ORDER BY key")]
    connection.close()
    assert found == DICTIONARY_ORDER


def test_utf8_bytes_sort_as_the_c_collation_would() -> None:
    keys = [name_sort_key(text).encode() for text in DICTIONARY_ORDER]
    assert keys == sorted(keys)


def test_tone_marks_decide_only_between_names_that_are_equal_without_them() -> None:
    assert name_sort_key("ก่าข") < name_sort_key("กาค")
    assert name_sort_key("กาก") < name_sort_key("กาก่") < name_sort_key("ก่าก")
