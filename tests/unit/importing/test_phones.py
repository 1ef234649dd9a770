# SPDX-License-Identifier: GPL-2.0-or-later
"""Telephone numbers as Thai offices write them."""

from __future__ import annotations

import random

import pytest

from geoapi.importing.phones import MAX_NUMBERS, parse_phones


def numbers(text: str) -> list[str | None]:
    phones, problems = parse_phones(text)
    assert problems == []
    return [phone["number"] for phone in phones]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("๐-๕๓๑๕-๐๑๖๑", ["+6653150161"]),
        ("๐-๕๓๑๗-๗๓๕๐", ["+6653177350"]),
        ("0 5360 5295", ["+6653605295"]),
        ("086-185-8464", ["+66861858464"]),
        ("+66 53 150 161", ["+6653150161"]),
        ("(+66) 0 2612 6060", ["+6626126060"]),
        ("0066 53 711123", ["+6653711123"]),
        ("66812345678", ["+66812345678"]),
        ("053-711-123", ["+6653711123"]),
        ("053150161, 053177350", ["+6653150161", "+6653177350"]),
        ("053150161 หรือ 1111", ["+6653150161", "1111"]),
        ("1111/191/1669", ["1111", "191", "1669"]),
        ("053640769-71", ["+6653640769", "+6653640770", "+6653640771"]),
        ("053-711123 ถึง 5", ["+6653711123", "+6653711124", "+6653711125"]),
        ("053-711123,711125", ["+6653711123", "+6653711125"]),
        ("053-711123/4", ["+6653711123", "+6653711124"]),
        ("053711123 053711124", ["+6653711123", "+6653711124"]),
        ("053-711123\n053-711125", ["+6653711123", "+6653711125"]),
        ("053-711123; 053-711123", ["+6653711123"]),
        ("-", []),
        ("ไม่มี", []),
        ("", []),
    ],
)
def test_reads_every_number_of_a_cell(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("053-711123", ["main"]),
        ("081-950-5876", ["mobile"]),
        ("1111", ["hotline"]),
        ("1800-123-456", ["hotline"]),
        ("060-123-4567", ["other"]),
        ("0 7431 1015 (โทรสาร)", ["fax"]),
        ("โทร. 053-711123 โทรสาร 053-711124", ["main", "fax"]),
        ("โทรศัพท์/โทรสาร 053-711123", ["main"]),
        ("สายตรง 053-711123", ["direct"]),
        ("053-711123 แฟกซ์ 053-711124", ["main", "fax"]),
    ],
)
def test_tells_the_kind_of_a_number(text: str, kinds: list[str]) -> None:
    phones, problems = parse_phones(text)
    assert [phone["kind"] for phone in phones] == kinds
    assert problems == []


@pytest.mark.parametrize(
    ("text", "ext"),
    [
        ("026126262 #1234", "1234"),
        ("0-2612-6262 ต่อ ๑๒", "12"),
        ("053 711 123 กด 0", "0"),
        ("0-5371-1123 (ต่อ 12)", "12"),
        ("0 2141 1000 ext. 7", "7"),
        ("0-2141-1000 ต่อ 1234-5", "1234-5"),
        ("0 2141 1000 ต่อ 12, 13", "12,13"),
    ],
)
def test_parts_the_extension_from_the_number(text: str, ext: str) -> None:
    phones, problems = parse_phones(text)
    assert [phone["ext"] for phone in phones] == [ext]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("05379538972", "import.phone_length"),
        ("02 123 456", "import.phone_length"),
        ("057123456", "import.phone_prefix"),
        ("+856 20 1234567", "import.phone_foreign"),
        ("0999999999", "import.phone_placeholder"),
        ("ถามที่โต๊ะ", "import.phone_no_digits"),
    ],
)
def test_refuses_what_is_no_thai_number_and_says_why(text: str, message_id: str) -> None:
    phones, problems = parse_phones(text)
    assert phones == []
    assert [problem.message_id for problem in problems] == [message_id]


def test_counts_the_digits_of_a_number_that_is_too_long() -> None:
    assert parse_phones("05379538972")[1][0].params["digits"] == 11


def test_keeps_good_numbers_beside_a_bad_one() -> None:
    phones, problems = parse_phones("053-711123, 05379538972")
    assert [phone["number"] for phone in phones] == ["+6653711123"]
    assert len(problems) == 1


def test_a_range_that_runs_backwards_gives_its_first_number_and_a_problem() -> None:
    phones, problems = parse_phones("053-711129-3")
    assert [phone["number"] for phone in phones] == ["+6653711129"]
    assert problems[0].message_id == "import.phone_range"


def test_number_of_a_person_is_not_kept_and_the_name_not_repeated() -> None:
    phones, problems = parse_phones("คุณสมชาย 081-234-5678")
    assert phones == []
    assert "สมชาย" not in str(problems)
    assert problems[0].message_id == "import.phone_of_person"


def test_keeps_the_name_of_a_section_as_label() -> None:
    assert parse_phones("งานทะเบียน 053-711123")[0][0]["label"] == "งานทะเบียน"


def test_keeps_no_more_numbers_than_the_document_holds() -> None:
    text = ", ".join(f"0537110{number:02d}" for number in range(30))
    phones, problems = parse_phones(text)
    assert len(phones) == MAX_NUMBERS
    assert problems[0].message_id == "import.phone_too_many"


def test_agrees_with_libphonenumber_on_single_numbers() -> None:
    phonenumbers = pytest.importorskip("phonenumbers", reason="package phonenumbers is absent")
    generator = random.Random(20181)
    agreed = 0
    for _ in range(4000):
        length = generator.choice([8, 9, 9, 9, 10, 10, 10, 11])
        digits = "0" + "".join(generator.choice("0123456789") for _ in range(length - 1))
        if digits[1] in "016":
            continue  # 00 and 01 are no subscriber numbers; 06x is given out block by block
        ours = parse_phones(digits)[0]
        parsed = phonenumbers.parse(digits, "TH")
        valid = phonenumbers.is_valid_number(parsed)
        assert bool(ours) == valid, digits
        if ours:
            e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            assert ours[0]["number"] == e164
            agreed += 1
    assert agreed > 500
