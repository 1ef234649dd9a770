# SPDX-License-Identifier: GPL-2.0-or-later
"""Say simple opening hours of OpenStreetMap's syntax in Thai and English.

Source: the opening_hours specification of OpenStreetMap; whatever is not simple stays as it is.
"""

from __future__ import annotations

import re

from geoapi.messages import Language, message
from geoapi.thai import to_ascii_digits

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_RULE = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*|PH|SH|PH,SH|SH,PH)?\s*"
    r"(?P<times>off|closed|\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)$"
)


def readable_hours(text: str, language: Language) -> list[str]:
    """Return one line for each rule, or the text as it is when it is not simple.

    >>> readable_hours("Mo-Fr 08:30-16:30; PH off", "en")
    ['Monday to Friday: 08:30–16:30', 'Public holidays: closed']
    >>> readable_hours("24/7", "th")
    ['เปิดตลอด 24 ชั่วโมง ทุกวัน']
    >>> readable_hours("Mo[1] 09:00-12:00", "en")
    ['Mo[1] 09:00-12:00']
    """
    text = text.strip()
    if not text:
        return []
    if text == "24/7":
        return [message("web.hours.always", language)]
    rules = [_RULE.fullmatch(part.strip()) for part in text.split(";") if part.strip()]
    if not rules or any(rule is None for rule in rules):
        return [text]
    return [_line(rule, language) for rule in rules if rule is not None]


def _line(rule: re.Match[str], language: Language) -> str:
    days = rule["days"] or "Mo-Su"
    if rule["times"] in {"off", "closed"}:
        times = message("web.hours.closed", language)
    else:
        spans = [part.replace("-", "–") for part in rule["times"].split(",")]
        times = ", ".join(message("web.hours.span", language, {"span": span}) for span in spans)
    return f"{_days(days, language)}: {times}"


def _days(days: str, language: Language) -> str:
    if days == "Mo-Su":
        return message("web.hours.every_day", language)
    parts = []
    for part in days.split(","):
        first, _, last = part.partition("-")
        if last:
            joined = {"first": _day(first, language), "last": _day(last, language)}
            parts.append(message("web.hours.from_to", language, joined))
        else:
            parts.append(_day(first, language))
    return ", ".join(parts)


def _day(code: str, language: Language) -> str:
    return message(f"web.hours.{code}", language)


MADE_DAYS = ("Mo-Fr", "Mo-Sa", "Mo-Su")
"""Weekdays that the helper of the form offers."""
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.](\d\d)$")


def made_hours(days: str, opens: str, closes: str, *, without_holidays: bool) -> str:
    """Write opening hours from the choices of the form's helper; '' when a time is no time.

    Args:
        days: one of :data:`MADE_DAYS`.
        opens: as typed, with a colon or a dot, Thai digits too.
        closes: likewise, later than ``opens``.
        without_holidays: closed on public holidays.

    >>> made_hours("Mo-Fr", "๘.๓๐", "16:30", without_holidays=True)
    'Mo-Fr 08:30-16:30; PH off'
    """
    spans = [_clock(text) for text in (opens, closes)]
    if days not in MADE_DAYS or None in spans or str(spans[0]) >= str(spans[1]):
        return ""
    return f"{days} {spans[0]}-{spans[1]}" + ("; PH off" if without_holidays else "")


def _clock(text: str) -> str | None:
    match = _CLOCK.match(to_ascii_digits(text).removesuffix("น.").strip())
    if match is None or int(match[2]) > 59 or (match[1] == "24" and match[2] != "00"):  # noqa: PLR2004
        return None
    return f"{int(match[1]):02d}:{match[2]}"
