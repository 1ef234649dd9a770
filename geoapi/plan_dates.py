# SPDX-License-Identifier: GPL-2.0-or-later
"""Dates by which an office will stop asking for copies: Buddhist years seen, the past refused."""

from __future__ import annotations

from datetime import date

from geoapi.errors import Problem
from geoapi.thai import BUDDHIST_ERA_OFFSET_YEARS, format_thai_date, parse_thai_date

# The programme began in 2018 (พ.ศ. 2561).
FIRST_YEAR = 2018
LAST_YEAR = 2099
_FIRST_BUDDHIST_YEAR = 2400
POINTER = "/properties/plan_on"


def plan_problem(value: str | None, before: str | None, today: date) -> Problem | None:
    """Say what is wrong with a date, None when it is good.

    Args:
        value: ISO date as sent; its form was checked.
        before: the date that was stored; one that has passed may stay as it is.
        today: in Bangkok.

    >>> plan_problem("2570-03-31", None, date(2026, 11, 24)).params["wanted"]
    '2027-03-31'
    """
    if not value or value == before:
        return None
    year = int(value[:4])
    if year >= _FIRST_BUDDHIST_YEAR:
        wanted = f"{year - BUDDHIST_ERA_OFFSET_YEARS}{value[4:]}"
        return Problem("copies.plan_buddhist", POINTER, params={"value": value, "wanted": wanted})
    if not FIRST_YEAR <= year <= LAST_YEAR:
        params = {"value": value, "first": FIRST_YEAR, "last": LAST_YEAR}
        return Problem("copies.plan_out_of_range", POINTER, params=params)
    if value < today.isoformat():
        params = {"value": format_thai_date(date.fromisoformat(value)), "iso": value}
        return Problem("copies.plan_in_past", POINTER, params=params)
    return None


def read_plan(text: str) -> tuple[str | None, bool]:
    """Read a date as somebody types it; return (ISO date or None, whether its year was converted).

    >>> read_plan("๓๑/๓/๒๕๗๐"), read_plan("2570-03-31"), read_plan("2027-03-31")
    (('2027-03-31', True), ('2027-03-31', True), ('2027-03-31', False))
    >>> read_plan("31 มีนาคม 2570"), read_plan("soon")
    (('2027-03-31', True), (None, False))
    """
    day = parse_thai_date(text)
    if day is None:
        return None, False
    return day.isoformat(), str(day.year) not in text
