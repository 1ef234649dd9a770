# SPDX-License-Identifier: GPL-2.0-or-later
"""A progress report as HTML: one file alone that needs nothing else, or the middle of a page."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from geoapi.messages import Language
from geoapi.progress_report import ProgressReport
from geoapi.progress_report_words import (
    NUMBERS,
    Table,
    about_words,
    facts,
    moment_words,
    say,
    tables,
)
from geoapi.thai import to_thai_digits

LAYOUT = Path(__file__).parent / "report_layout"
STYLE_FILE = LAYOUT / "report.css"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(LAYOUT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """Return the style sheet of reports."""
    return STYLE_FILE.read_text(encoding="utf-8")


def report_html(report: ProgressReport, language: Language) -> bytes:
    """Return the report as one HTML file without any address in it, ready for A4."""
    page = _environment().get_template("report_page.html")
    context = {
        "lang": language,
        "say": partial(say, language=language),
        "about": about_words(report, language),
        # nothing in a style sheet of ours ends the element that holds it
        "style": Markup(style()),  # noqa: S704
        "body": report_body(report, language),
    }
    return page.render(context).encode()


def report_body(report: ProgressReport, language: Language) -> Markup:
    """Return the report without a page around it; it wants the style sheet of :func:`style`."""
    digits = partial(_digits, language=language)
    context = {
        "lang": language,
        "say": partial(say, language=language),
        "report": report,
        "about": about_words(report, language),
        "made_at": moment_words(report.made_at, language),
        "facts": _facts(report, language),
        "numbers": NUMBERS,
        "total": _numbers(report.total),
        "tables": [_table(table) for table in tables(report, language)],
        "digits": digits,
        "number": lambda value: digits(f"{value:,}"),
        "percent": lambda value: "–" if value is None else digits(f"{value:.1f}%"),
    }
    body = _environment().get_template("report_body.html").render(context)
    return Markup(body)  # noqa: S704 - the template has escaped every value


def _digits(text: str, language: Language) -> str:
    """Write numbers as official papers do: in Thai with Thai digits."""
    return to_thai_digits(text) if language == "th" else text


def _facts(report: ProgressReport, language: Language) -> list[tuple[str, str]]:
    """Return the head of the report without what its title says already."""
    titled = {say("about", language), say("made_at", language)}
    dated = say("late_on", language)
    return [
        (what, _digits(words, language) if what == dated else words)
        for what, words in facts(report, language)
        if what not in titled
    ]


def _numbers(counts: Any) -> dict[str, int]:  # noqa: ANN401 - Counts
    return {name: getattr(counts, name) for name in NUMBERS}


def _table(table: Table) -> dict[str, Any]:
    rows = [
        {"name": name, "counts": row.counts, "numbers": _numbers(row.counts)}
        for _, name, row in table.rows
    ]
    return {**vars(table), "rows": rows}
