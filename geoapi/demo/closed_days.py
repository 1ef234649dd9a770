# SPDX-License-Identifier: GPL-2.0-or-later
"""The days on which government offices are closed, from the package `holidays`."""

from __future__ import annotations

from typing import Any

from geoapi.demo.sources import load_package

YEARS = (2026, 2027)

# The package counts them among the public holidays, yet government offices are open.
_OFFICES_OPEN = ("วันเด็กแห่งชาติ", "วันแรงงานแห่งชาติ")


def build_holidays(years: tuple[int, ...] = YEARS) -> list[dict[str, str]]:
    """List the government holidays in order of date.

    Returns:
        ``date`` (ISO 8601), ``name_th``, ``name_en``, ``kind`` of ``holiday_kind.json``.

    Raises:
        UsageError: holidays is not installed.
    """
    package = load_package("holidays", "holidays")
    in_thai, in_english = (_days(package, years, language) for language in ("th", "en_US"))
    return [
        {
            "date": day.isoformat(),
            "name_th": name,
            "name_en": in_english[day],
            "kind": _kind(name),
        }
        for day, name in sorted(in_thai.items())
        if not name.endswith(_OFFICES_OPEN)
    ]


def _days(package: Any, years: tuple[int, ...], language: str) -> dict[Any, str]:  # noqa: ANN401
    days: dict[Any, str] = dict(
        package.country_holidays(
            "TH", years=years, categories=("public", "government"), language=language
        )
    )
    return days


def _kind(name_th: str) -> str:
    if name_th.startswith("ชดเชย"):
        return "substitution"
    return "special" if "วันหยุดพิเศษ" in name_th else "public"
