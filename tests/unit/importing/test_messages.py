# SPDX-License-Identifier: GPL-2.0-or-later
"""Every message of the import exists in both languages and gets what its placeholders ask for."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from geoapi import importing
from geoapi.importing.register import Register
from geoapi.importing.rows import Row, Source
from geoapi.importing.service_points import make_context, map_service_point
from geoapi.messages import data_folder

FOLDER = Path(importing.__path__[0])
MESSAGES = json.loads((data_folder() / "messages" / "import.json").read_text(encoding="utf-8"))


def used_ids() -> set[str]:
    files = [*FOLDER.glob("*.py"), FOLDER.parent / "cli" / "importing.py"]
    sources = [path.read_text(encoding="utf-8") for path in files]
    return set(re.findall(r'"(import\.[a-z0-9_]+)"', "\n".join(sources)))


def test_every_id_in_the_code_has_a_text_and_every_text_is_used() -> None:
    assert used_ids() == set(MESSAGES)


@pytest.mark.parametrize("message_id", sorted(MESSAGES))
def test_both_languages_say_the_same_things(message_id: str) -> None:
    texts = MESSAGES[message_id]
    assert set(texts) == {"th", "en"}
    assert re.search("[ก-๙]", texts["th"])
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(texts[language]) if name}
        for language in ("th", "en")
    ]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("name", [item.name for item in pkgutil.iter_modules(importing.__path__)])
def test_doctests_hold(name: str) -> None:
    module = importlib.import_module(f"geoapi.importing.{name}")
    assert doctest.testmod(module).failed == 0


BAD_POINTS = [
    {"lon": "20.4", "lat": "99.9"},
    {"lon": "", "lat": ""},
    {"lon": "99", "lat": ""},
    {"lon": "x", "lat": "20"},
    {"lon": "1102.4", "lat": "16"},
    {"lon": "18.6", "lat": "18.6"},
    {"lon": "96", "lat": "16"},
    {"lon": "589000", "lat": "2226000"},
    {"name_th": "ก" * 300},
    {"name_th": ""},
    {"phones": "05379538972, 057123456, +85620123456, 0999999999, คุณก 0812345678, 053711129-3"},
    {"email": "x", "website": "a b", "status": "x", "category": "x", "postal_code": "1"},
    {"subdistrict": "เกาะชาง"},
    {"subdistrict": "เกาะช้้าง", "postal_code": "10200"},
    {"district": "", "subdistrict": "สันทราย"},
    {"province": "", "subdistrict": "ไม่มีที่นี่"},
    {"subdistrict_code": "530306"},
    {"subdistrict_code": "104701"},
    {"subdistrict_code": "999999"},
]


@pytest.mark.parametrize("changes", BAD_POINTS)
def test_every_placeholder_of_a_rows_problem_is_filled(
    register: Register,
    assert_readable: Callable[[str, Mapping[str, Any]], None],
    changes: dict[str, str],
) -> None:
    good = {"name_th": "ที่ว่าการอำเภอแม่สาย", "lon": "99.88", "lat": "20.42", "province": "เชียงราย"}
    values = {**good, "district": "แม่สาย", "subdistrict": "เกาะช้าง", **changes}
    source = Source(tuple(values), iter(()), "csv")
    context = make_context(source, register, categories=frozenset({"other"}))
    mapped = map_service_point(Row(2, values), context)
    problems = mapped.refused + mapped.warnings
    assert problems
    for problem in problems:
        assert_readable(problem.message_id, problem.placeholders())
