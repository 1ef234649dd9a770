# SPDX-License-Identifier: GPL-2.0-or-later
"""Say simple opening hours of OpenStreetMap's syntax in Thai and English.

Source: the opening_hours specification of OpenStreetMap; whatever is not simple stays as it is.
"""

from __future__ import annotations

import re

from geoapi.messages import Language, message

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
