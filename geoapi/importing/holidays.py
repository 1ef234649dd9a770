# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn lists of holidays into the days on which government offices are closed.

Lists of "public holidays" hold observances on which offices work: Children's Day, Labour Day (a
holiday of private employees) and whole categories such as ``workday``. Those are left out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from geoapi.errors import Problem, UsageError
from geoapi.importing.readers import read_rows
from geoapi.importing.rows import Row, RowProblem, require_columns, row_problem
from geoapi.thai import canonical_text, parse_thai_date

CLOSING_KINDS = frozenset({"public", "substitution", "special"})
"""Codes of ``data/codes/holiday_kind.json``."""

# Days that lists call public but on which government offices are open.
_OFFICES_OPEN = ("วันเด็กแห่งชาติ", "วันแรงงานแห่งชาติ", "วันครู", "วันสตรีสากล", "วันวาเลนไทน์")
_SUBSTITUTION_WORDS = ("ชดเชย", "หยุดชดเชย", "วันหยุดชดเชย")
_SPECIAL_WORDS = ("วันหยุดพิเศษ", "วันหยุดราชการเพิ่มเติม")
_KIND_ALIASES = {"government": "public"}


@dataclass(frozen=True, slots=True)
class HolidayDraft:
    """One day on which government offices are closed."""

    date: dt.date
    name_th: str
    name_en: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class MappedHoliday:
    """One row's outcome; ``holiday`` is ``None`` when the row is refused or left out."""

    number: int
    holiday: HolidayDraft | None
    refused: tuple[RowProblem, ...] = ()


def read_holidays(path: Path | str) -> Iterator[Row]:
    """Open a list of holidays: JSON ``[{"date", "th", "en"}]``, or a table.

    Tables have the columns date, name_th and optionally name_en and kind.

    Raises:
        UsageError: missing or broken file, missing columns.
    """
    path = Path(path)
    if path.suffix.lower() != ".json":
        source = read_rows(path)
        require_columns(source, ("date", "name_th"))
        return source.rows
    if not path.is_file():
        raise UsageError("import.no_such_file", path=str(path))
    try:
        items = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as err:  # UnicodeDecodeError is one as well
        raise UsageError("import.broken_file", path=path.name, format="JSON") from err
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UsageError("import.not_a_list", path=path.name)
    if not items:
        raise UsageError("import.empty_file", path=path.name)
    return (
        Row(
            number,
            {
                "date": item.get("date"),
                "name_th": item.get("name_th", item.get("th")),
                "name_en": item.get("name_en", item.get("en")),
                "kind": item.get("kind"),
            },
        )
        for number, item in enumerate(items, 1)
    )


def map_holidays(rows: Iterable[Row]) -> Iterator[MappedHoliday]:
    """Map all rows; days on which offices are open are refused with that reason."""
    first_row_by_date: dict[dt.date, int] = {}
    for row in rows:
        mapped = _map_holiday(row)
        if mapped.holiday is not None:
            first = first_row_by_date.setdefault(mapped.holiday.date, row.number)
            if first != row.number:
                day = mapped.holiday.date.isoformat()
                problem = Problem("import.duplicate_key", params={"value": day, "first_row": first})
                mapped = _refused(row, "date", problem)
        yield mapped


def _map_holiday(row: Row) -> MappedHoliday:
    """Turn one row into a draft, or say why not."""
    value = row.values.get("date")
    text = row.text("date")
    if isinstance(value, dt.datetime):
        value = value.date()
    day = value if isinstance(value, dt.date) else parse_thai_date(text)
    if day is None:
        return _refused(row, "date", Problem("import.bad_date", params={"value": text}))
    name = canonical_text(row.text("name_th"))
    if not name:
        return _refused(row, "name_th", Problem("import.no_name"))
    given = row.text("kind").casefold()
    kind = _KIND_ALIASES.get(given, given) or _kind_by_name(name)
    if kind not in CLOSING_KINDS or not closes_offices(name):
        problem = Problem("import.holiday_not_closing", params={"value": name})
        return _refused(row, "name_th", problem)
    name_en = canonical_text(row.text("name_en")) or None
    return MappedHoliday(row.number, HolidayDraft(day, name, name_en, kind))


def _refused(row: Row, field: str, problem: Problem) -> MappedHoliday:
    return MappedHoliday(row.number, None, (row_problem(row, field, problem),))


def _kind_by_name(name: str) -> str:
    """Tell substitution and special days by their names."""
    if name.startswith(_SUBSTITUTION_WORDS):
        return "substitution"
    return "special" if name.startswith(_SPECIAL_WORDS) else "public"


def closes_offices(name_th: str) -> bool:
    """Tell whether government offices are closed on a day of this name.

    Several occasions on one day stand with semicolons between them; one that closes is enough.

    >>> closes_offices("วันสงกรานต์"), closes_offices("ชดเชยวันแรงงานแห่งชาติ")
    (True, False)
    """
    for occasion in name_th.split(";"):
        name = occasion.strip()
        for word in sorted(_SUBSTITUTION_WORDS, key=len, reverse=True):
            name = name.removeprefix(word)
        if not name.startswith(_OFFICES_OPEN):
            return True
    return False
