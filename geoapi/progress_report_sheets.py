# SPDX-License-Identifier: GPL-2.0-or-later
"""A progress report for spreadsheet programs: CSV and XLSX."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from geoapi.messages import Language
from geoapi.progress_report import ProgressReport
from geoapi.progress_report_words import (
    NUMBERS,
    PERCENTS,
    Table,
    about_words,
    facts,
    moment_words,
    say,
    tables,
)
from geoapi.spreadsheet_text import BYTE_ORDER_MARK, safe_text
from processing.statistics.progress import Counts

_HEAD = PatternFill("solid", fgColor="DCE6F1")
_LINE = Side(style="thin", color="8A96A3")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
# A font that Thai Windows and LibreOffice have; where it is missing, the program takes its own.
_FONT = "TH Sarabun New"
_NAME_WIDTH, _CODE_WIDTH, _NUMBER_WIDTH = 44, 12, 13
_A4 = 9  # ECMA-376, paperSize
_MOST_SHEET_NAME = 31


def report_csv(report: ProgressReport, language: Language) -> bytes:
    """Return one table of all rows as CSV, with the mark by which Excel knows UTF-8.

    The first column says which table a row belongs to; the first row is the total.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    head = [say(name, language) for name in ("column_table", "column_code", "column_name")]
    writer.writerow([*head, *_headings(language)])
    whole = say("total", language)
    writer.writerow([whole, "", _about_cell(report, language), *_values(report.total)])
    for table in tables(report, language):
        for code, name, row in table.rows:
            writer.writerow([table.title, safe_text(code), safe_text(name), *_values(row.counts)])
    return (BYTE_ORDER_MARK + file.getvalue()).encode()


def _about_cell(report: ProgressReport, language: Language) -> str:
    """Return what the report is about, as a cell."""
    return safe_text(about_words(report, language))


def _headings(language: Language) -> list[str]:
    return [say(f"column_{name}", language) for name in (*NUMBERS, *PERCENTS)]


def _values(counts: Counts) -> list[int | float | str]:
    shares = (getattr(counts, name) for name in PERCENTS)
    return [
        *(getattr(counts, name) for name in NUMBERS),
        *("" if share is None else share for share in shares),
    ]


def report_xlsx(report: ProgressReport, language: Language) -> bytes:
    """Return a workbook: a sheet that says what it is, and one sheet for each table.

    Numbers are numbers and shares fractions with a format of percent; totals are values, so that
    also viewers that compute nothing show them.
    """
    book = Workbook()
    _fill_cover(book.active, report, language)
    for table in tables(report, language):
        title = say(f"sheet_{table.id}", language)[:_MOST_SHEET_NAME]
        _fill_table(book.create_sheet(title), table, report, language)
    book.properties.title = say("title", language)
    book.properties.creator = say("product", language)
    book.properties.created = book.properties.modified = report.made_at.replace(tzinfo=None)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill_cover(sheet: Worksheet, report: ProgressReport, language: Language) -> None:
    sheet.title = say("sheet_cover", language)
    _set(sheet, 1, 1, say("title", language), Font(name=_FONT, size=20, bold=True))
    line = 2
    for what, words in facts(report, language):
        _set(sheet, line, 1, what, Font(name=_FONT, size=16, bold=True))
        _set(sheet, line, 2, words, Font(name=_FONT, size=16))
        line += 1
    line += 1
    _head(sheet, line, [say("measure", language), say("number", language), say("share", language)])
    for name in NUMBERS:
        line += 1
        value = getattr(report.total, name)
        share = value / report.total.places if report.total.places else None
        _row(sheet, line, [say(f"column_{name}", language), value, share], [None, "#,##0", "0.0%"])
    for column, width in enumerate((34, 60, 14), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    _set_up_print(sheet, report, language)


def _fill_table(sheet: Worksheet, table: Table, report: ProgressReport, language: Language) -> None:
    _head(sheet, 1, [say("column_code", language), table.of, *_headings(language)])
    formats = [None, None, *["#,##0"] * len(NUMBERS), *["0.0%"] * len(PERCENTS)]
    line = 1
    for code, name, row in table.rows:
        line += 1
        _row(sheet, line, [code, name, *_cells(row.counts)], formats)
    if table.adds_up:
        line += 1
        total = ["", say("total", language), *_cells(report.total)]
        _row(sheet, line, total, formats, bold=True)
    widths = (_CODE_WIDTH, _NAME_WIDTH, *[_NUMBER_WIDTH] * (len(NUMBERS) + len(PERCENTS)))
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{max(len(table.rows) + 1, 1)}"
    sheet.print_title_rows = "1:1"
    _set_up_print(sheet, report, language)


def _cells(counts: Counts) -> list[Any]:
    """Return numbers, and shares as fractions to three places, as the percent to one."""
    shares = (getattr(counts, name) for name in PERCENTS)
    return [
        *(getattr(counts, name) for name in NUMBERS),
        *(None if share is None else round(share / 100, 3) for share in shares),
    ]


def _set(sheet: Worksheet, line: int, column: int, value: Any, font: Font) -> Any:  # noqa: ANN401
    """Write one cell; a text stays a text, whatever it begins with."""
    cell = sheet.cell(line, column)
    is_text = isinstance(value, str)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if is_text else value
    if is_text:
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = font
    return cell


def _head(sheet: Worksheet, line: int, words: list[str]) -> None:
    for column, text in enumerate(words, 1):
        cell = _set(sheet, line, column, text, Font(name=_FONT, size=16, bold=True))
        cell.fill, cell.border = _HEAD, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _row(
    sheet: Worksheet,
    line: int,
    values: list[Any],
    formats: list[str | None],
    *,
    bold: bool = False,
) -> None:
    font = Font(name=_FONT, size=16, bold=bold)
    for column, (value, number_format) in enumerate(zip(values, formats, strict=True), 1):
        cell = _set(sheet, line, column, value, font)
        cell.border = _BOX
        if number_format is not None:
            cell.number_format = number_format


def _set_up_print(sheet: Worksheet, report: ProgressReport, language: Language) -> None:
    """Print on A4 across, as wide as the page and as long as it takes, with numbered pages."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    # an ampersand begins a code there
    sheet.oddHeader.center.text = say("title", language).replace("&", "&&")
    sheet.oddFooter.left.text = moment_words(report.made_at, language).replace("&", "&&")
    sheet.oddFooter.right.text = "&P / &N"
