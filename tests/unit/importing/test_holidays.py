# SPDX-License-Identifier: GPL-2.0-or-later
"""From lists of holidays to the days on which offices are closed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from geoapi.errors import UsageError
from geoapi.importing.holidays import map_holidays, read_holidays


def kinds(path: Path) -> list[str]:
    return [
        item.holiday.kind if item.holiday else item.refused[0].message_id
        for item in map_holidays(read_holidays(path))
    ]


def test_reads_a_table_with_thai_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "date,name_th,name_en,kind\n"
        "๑๓ เมษายน ๒๕๖๙,วันสงกรานต์,Songkran,public\n"
        "2026-04-14,วันสงกรานต์,,\n"
        "2026-04-14,วันสงกรานต์,,\n"
        "xx,วันสงกรานต์,,\n"
        "2026-05-04,ชดเชยวันฉัตรมงคล,,\n"
        "2026-01-02,วันหยุดพิเศษ (เพิ่มเติม),,\n"
        "2026-01-16,วันครู,,public\n"
        "2026-04-01,วันข้าราชการพลเรือน,,workday\n"
        "2026-05-02,วันพืชมงคล,,government\n",
        encoding="utf-8",
    )
    assert kinds(path) == [
        "public",
        "public",
        "import.duplicate_key",
        "import.bad_date",
        "substitution",
        "special",
        "import.holiday_not_closing",
        "import.holiday_not_closing",
        "public",
    ]
    first = next(map_holidays(read_holidays(path))).holiday
    assert first is not None
    assert first.date == dt.date(2026, 4, 13)


def test_one_occasion_that_closes_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '[{"date": "2026-05-01", "th": "วันแรงงานแห่งชาติ; วันวิสาขบูชา", "en": "x"},'
        '{"date": "2025-05-01", "th": "วันแรงงานแห่งชาติ", "en": "x"}]',
        encoding="utf-8",
    )
    assert kinds(path) == ["public", "import.holiday_not_closing"]


@pytest.mark.parametrize(
    ("name", "content", "message_id"),
    [
        ("a.json", "{", "import.broken_file"),
        ("a.json", "{}", "import.not_a_list"),
        ("a.json", "[1]", "import.not_a_list"),
        ("a.json", "[]", "import.empty_file"),
        ("a.csv", "day,name_th\n", "import.missing_columns"),
    ],
)
def test_broken_lists_are_refused(tmp_path: Path, name: str, content: str, message_id: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        list(read_holidays(path))
    assert caught.value.message_id == message_id


def test_real_list_closes_no_office_on_childrens_or_labour_day(
    shared_file: Callable[[str], Path],
) -> None:
    path = shared_file("vocab/th_public_holidays_2018_2027.json")
    assert Counter(kinds(path)) == {
        "public": 173,
        "substitution": 46,
        "special": 18,
        "import.holiday_not_closing": 23,
    }
