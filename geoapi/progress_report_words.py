# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a progress report in Thai and English: headings, places, days, who made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geoapi.codes import label
from geoapi.managers import BANGKOK
from geoapi.messages import Language, message
from geoapi.progress_report import Place, ProgressReport, ReportRow
from geoapi.store.progress import Named
from geoapi.thai import format_thai_date
from geoapi.types import Scope

# In the order of the tables; each has words under ``progress.column_*``.
NUMBERS = (
    "places", "assigned", "pinned", "draft", "submitted", "returned", "verified", "unpinned",
    "late",
)  # fmt: skip
PERCENTS = ("pinned_percent", "verified_percent")
_PROVINCE_DIGITS, _DISTRICT_DIGITS = 2, 4
_BANGKOK_METROPOLIS = "10"


@dataclass(frozen=True)
class Table:
    """One table of the report.

    Attributes:
        id: ``districts``, ``agencies`` or ``rolled_up``.
        title: its heading.
        of: heading of its first column.
        rows: (code, name, row).
        adds_up: its rows add up to the total of the report.
    """

    id: str
    title: str
    of: str
    rows: tuple[tuple[str, str, ReportRow], ...]
    adds_up: bool


def say(key: str, language: Language, **params: object) -> str:
    """Return one of the sentences of reports."""
    return message(f"progress.{key}", language, params)


def tables(report: ProgressReport, language: Language) -> list[Table]:
    """Return the tables that the report has, in the order of reading."""
    found = []
    for name, wanted in (
        ("districts", "agency"),
        ("agencies", "district"),
        ("rolled_up", "district"),
    ):
        rows = getattr(report, name)
        if report.inputs.group_by == wanted or (name == "rolled_up" and not rows):
            continue
        is_area = name == "districts"
        of = say("district" if is_area else "agency", language)
        shown = tuple(
            (row.of.code, row_name(row.of, language, is_area=is_area), row) for row in rows
        )
        title = say(f"table_{name}", language)
        found.append(Table(name, title, of, shown, adds_up=name != "rolled_up"))
    return found


def row_name(of: Named, language: Language, *, is_area: bool) -> str:
    """Return the name of a row: without a code "not stated", a province "no district stated"."""
    if not of.code:
        return say("no_district" if is_area else "no_agency", language)
    name = name_of(of, language)
    if is_area and len(of.code) == _PROVINCE_DIGITS:
        return say("province_only", language, name=name)
    return name


def name_of(named: Named, language: Language) -> str:
    """Return a name in a language, or the other one, or the code.

    >>> name_of(Named("57", "เชียงราย"), "en"), name_of(Named("99"), "th")
    ('เชียงราย', '99')
    """
    names = (named.name_th, named.name_en) if language == "th" else (named.name_en, named.name_th)
    return names[0] or names[1] or named.code


def area_words(area: Named, language: Language) -> str:
    """Return an area with its kind, as an official letter names it.

    >>> area_words(Named("57", "เชียงราย", "Chiang Rai"), "th")
    'จังหวัดเชียงราย'
    >>> area_words(Named("5707", "แม่จัน", "Mae Chan"), "en"), area_words(Named(""), "en")
    ('Mae Chan District', 'The whole country')
    """
    name = name_of(area, language)
    if not area.code:
        return say("whole_country", language)
    if area.code == _BANGKOK_METROPOLIS:
        return name
    kinds = {_PROVINCE_DIGITS: "a_province", _DISTRICT_DIGITS: "a_district"}
    kind = kinds.get(len(area.code), "a_subdistrict")
    if area.code.startswith(_BANGKOK_METROPOLIS):
        kind = kind.replace("a_", "a_bangkok_")
    return say(kind, language, name=name)


def place_words(place: Place, language: Language) -> str:
    """Return an agency and an area; every agency is not said.

    >>> place_words(Place(Named("x", "กรมที่ดิน"), Named("57", "เชียงราย")), "th")
    'กรมที่ดิน จังหวัดเชียงราย'
    """
    parts = [name_of(place.agency, language)] if place.agency.code else []
    if place.area.code or not parts:
        parts.append(area_words(place.area, language))
    return (" " if language == "th" else ", ").join(parts)


def about_words(report: ProgressReport, language: Language) -> str:
    """Return what the report is about: all that was asked for, else what was counted."""
    parts = "; ".join(place_words(part, language) for part in report.parts)
    if report.asked.scope == Scope():
        return parts
    whole = place_words(report.asked, language)
    return say("part_of", language, parts=parts, whole=whole) if report.is_partial else whole


def maker_words(report: ProgressReport, language: Language) -> str:
    """Return role, agency and area of who made the report; never a name."""
    if not report.maker.role:
        return say("by_system", language)
    role = label("role", report.maker.role, language)
    between = " " if language == "th" else ", "
    return f"{role}{between}{place_words(report.maker.place, language)}"


def moment_words(instant: datetime, language: Language) -> str:
    """Write an instant in Bangkok as an official report does.

    >>> from datetime import UTC
    >>> moment_words(datetime(2026, 11, 24, 7, 5, tzinfo=UTC), "th")
    '24 พฤศจิกายน 2569 เวลา 14.05 น.'
    >>> moment_words(datetime(2026, 11, 24, 7, 5, tzinfo=UTC), "en")
    '24 November 2026, 14:05 (Bangkok time)'
    """
    local = instant.astimezone(BANGKOK)
    if language == "th":
        return f"{format_thai_date(local.date())} เวลา {local:%H.%M} น."
    return f"{local.day} {local:%B %Y, %H:%M} (Bangkok time)"


def day_words(instant: datetime, language: Language) -> str:
    """Write the day of an instant in Bangkok."""
    day = instant.astimezone(BANGKOK).date()
    return format_thai_date(day) if language == "th" else f"{day.day} {day:%B %Y}"


def facts(report: ProgressReport, language: Language) -> list[tuple[str, str]]:
    """Return (what, words) of the head of a report."""
    about = [
        (say("about", language), about_words(report, language)),
        (say("late_on", language), day_words(report.as_of, language)),
        (say("made_at", language), moment_words(report.made_at, language)),
        (say("made_by", language), maker_words(report, language)),
    ]
    if report.inputs.campaign:
        about.insert(1, (say("campaign", language), report.inputs.campaign))
    if report.is_partial:
        parts = "; ".join(place_words(part, language) for part in report.parts)
        about.append((say("note", language), say("partial", language, parts=parts)))
    return about


def file_name(report: ProgressReport, ending: str) -> str:
    """Return a name for a file of the report, in ASCII.

    The day is of the making, in Bangkok and the common era, so that files sort by it.
    """
    area = report.inputs.asked.area_code or (
        report.parts[0].area.code if len(report.parts) == 1 else ""
    )
    day = report.made_at.astimezone(BANGKOK).date()
    return "-".join(["progress-report", *([area] if area else []), day.isoformat()]) + f".{ending}"
