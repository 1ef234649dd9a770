# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress reports as files: read again as Excel, browsers and programs read them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openpyxl import load_workbook

from geoapi.errors import InvalidDocumentError
from geoapi.messages import known_message_ids
from geoapi.progress_report import Maker, Place, ProgressReport, ReportRow
from geoapi.progress_report_document import report_document, report_json, report_of
from geoapi.progress_report_html import report_html
from geoapi.progress_report_inputs import INPUTS_SCHEMA, ReportInputs, read_inputs
from geoapi.progress_report_process import OUTPUTS, definition, output_of
from geoapi.progress_report_sheets import report_csv, report_xlsx
from geoapi.progress_report_words import NUMBERS, area_words, file_name, say
from geoapi.store.progress import Named
from processing.statistics.progress import Counts

MADE_AT = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
CHIANG_RAI = Named("57", "เชียงราย", "Chiang Rai")
PLACE = Place(Named(""), CHIANG_RAI)
ONE, TWO = Counts(3, 2, 1, 1, 0, 0, 1, 1), Counts(1234, 5, 0, 0, 30, 4, 0, 1200)
TOTAL = Counts(1237, 7, 1, 1, 30, 4, 1, 1201)
FORMULA = '=HYPERLINK("http://evil.example","x")'
REPORT = ProgressReport(
    inputs=ReportInputs(province_code="57"),
    asked=PLACE,
    parts=(PLACE,),
    is_partial=False,
    made_at=MADE_AT,
    as_of=MADE_AT,
    maker=Maker("supervisor", PLACE),
    total=TOTAL,
    districts=(
        ReportRow(Named("5707", "แม่จัน", "Mae Chan"), ONE),
        ReportRow(Named("5708", "เชียงแสน", "Chiang Saen"), TWO),
        ReportRow(Named("5709", "แม่สาย", "Mae Sai"), Counts()),
    ),
    agencies=(
        ReportRow(Named("a1", FORMULA, "<b>Office</b>\x07"), TWO),
        ReportRow(Named(""), ONE),
    ),
    rolled_up=(ReportRow(Named("a0", "กรมการพัฒนาชุมชน", "Community Development"), TOTAL),),
)
PARTIAL = replace(
    REPORT, is_partial=True, parts=(Place(Named(""), Named("5707", "แม่จัน", "Mae Chan")),)
)
LANGUAGES = pytest.mark.parametrize("language", ["th", "en"])


def sheet_rows(sheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@LANGUAGES
def test_csv_is_read_again_with_thai_and_the_same_numbers(language):
    raw = report_csv(REPORT, language)
    assert raw.startswith(b"\xef\xbb\xbf")
    head, total, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert head[3] == say("column_places", language)
    assert len({len(row) for row in (head, total, *rows)}) == 1
    assert total[3:] == ["1237", "7", "1236", "30", "4", "1", "1201", "1", "1", "99.9", "97.1"]
    by_code = {row[1]: row for row in rows}
    assert by_code["5707"][3:] == ["3", "2", "2", "0", "0", "1", "1", "1", "1", "66.7", "33.3"]
    assert by_code["5709"][3:] == ["0"] * 9 + ["", ""]
    assert by_code["5707"][2] == ("แม่จัน" if language == "th" else "Mae Chan")
    assert by_code["a1"][2][0] in "'<"
    assert [row[0] for row in rows] == [
        *[say("table_districts", language)] * 3, *[say("table_agencies", language)] * 2,
        say("table_rolled_up", language),
    ]  # fmt: skip


@LANGUAGES
def test_xlsx_is_read_again_with_real_numbers_and_a_print_set_up(language):
    book = load_workbook(io.BytesIO(report_xlsx(REPORT, language)))
    assert book.sheetnames == [
        say(f"sheet_{name}", language) for name in ("cover", "districts", "agencies", "rolled_up")
    ]
    districts = book.worksheets[1]
    head, *rows, total = sheet_rows(districts)
    assert head[2:11] == [say(f"column_{name}", language) for name in NUMBERS]
    assert rows[0] == [
        "5707", "แม่จัน" if language == "th" else "Mae Chan", 3, 2, 2, 0, 0, 1, 1, 1, 1, 0.667, 0.333
    ]  # fmt: skip
    assert rows[2][11:] == [None, None]
    assert total[1:] == [say("total", language), 1237, 7, 1236, 30, 4, 1, 1201, 1, 1, 0.999, 0.971]
    for column in range(2, 11):
        assert sum(row[column] for row in rows) == total[column]
    assert districts["L2"].number_format == "0.0%"
    assert districts.freeze_panes == "C2"
    assert districts.print_title_rows == "$1:$1"
    assert districts.column_dimensions["B"].width > 30
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    words = [value for row in sheet_rows(book.worksheets[0]) for value in row]
    assert say("title", language) in words
    assert any("2569" in str(w) if language == "th" else "2026" in str(w) for w in words)


def test_no_cell_is_a_formula():
    book = load_workbook(io.BytesIO(report_xlsx(REPORT, "th")))
    cell = book.worksheets[2]["B2"]
    assert (cell.value, cell.data_type) == (FORMULA, "s")
    assert all(c.data_type != "f" for s in book.worksheets for row in s.iter_rows() for c in row)


@LANGUAGES
def test_html_is_one_file_that_asks_for_nothing(language):
    text = report_html(REPORT, language).decode()
    assert not re.search(r"(?:src|href|action)\s*=|url\(|@import|<script|https?://(?!evil)", text)
    assert "<b>Office" not in text
    assert f'<html lang="{language}">' in text
    assert "@page { size: A4" in text


def test_thai_html_has_thai_digits_and_the_buddhist_era():
    text = report_html(REPORT, "th").decode()
    assert "๒๔ พฤศจิกายน ๒๕๖๙ เวลา ๑๔.๐๕ น." in text
    assert "๑,๒๓๗" in text
    assert "จังหวัดเชียงราย" in text
    assert "ผู้กำกับ จังหวัดเชียงราย" in text
    english = report_html(REPORT, "en").decode()
    assert "24 November 2026, 14:05 (Bangkok time)" in english
    assert "1,237" in english
    assert "Supervisor, Chiang Rai Province" in english


@LANGUAGES
def test_a_part_is_called_a_part_in_every_file_for_people(language):
    words = say("partial", language, parts=area_words(PARTIAL.parts[0].area, language))
    assert words in unescape(report_html(PARTIAL, language).decode())
    cover = load_workbook(io.BytesIO(report_xlsx(PARTIAL, language))).worksheets[0]
    assert words in [value for row in sheet_rows(cover) for value in row]
    total = list(csv.reader(io.StringIO(report_csv(PARTIAL, language).decode("utf-8-sig"))))[1]
    assert area_words(PARTIAL.parts[0].area, language) in total[2]
    assert report_document(PARTIAL)["is_partial"] is True


def test_document_gives_back_the_report_and_adds_up():
    document = json.loads(report_json(PARTIAL))
    assert report_of(document) == PARTIAL
    assert document["total"]["pinned"] == 1236
    assert document["made_at"] == "2026-11-24T07:05:00Z"
    assert {row["name_th"] for row in document["districts"]} == {"แม่จัน", "เชียงแสน", "แม่สาย"}


def test_tables_that_were_not_asked_for_are_in_no_file():
    report = replace(REPORT, inputs=ReportInputs(group_by="district"), agencies=(), rolled_up=())
    assert len(load_workbook(io.BytesIO(report_xlsx(report, "th"))).worksheets) == 2
    assert say("table_agencies", "th") not in report_html(report, "th").decode()


def test_name_of_a_file_says_where_and_when():
    assert file_name(REPORT, "csv") == "progress-report-57-2026-11-24.csv"
    late = replace(REPORT, inputs=ReportInputs(), made_at=datetime(2026, 11, 24, 18, tzinfo=UTC))
    assert file_name(late, "xlsx") == "progress-report-57-2026-11-25.xlsx"


# ------------------------------------------------------------------- inputs and definition


@pytest.mark.parametrize(
    ("given", "is_good"),
    [
        ({}, True), ({"province_code": "57", "district_code": "5707"}, True),
        ({"as_of": "2026-11-24"}, True), ({"as_of": "2026-11-24T09:00:00+07:00"}, True),
        ({"group_by": "agency", "language": "en", "campaign": "ปี 2569"}, True),
        ({"province_code": "๕๗"}, False), ({"province_code": 57}, False),
        ({"district_code": "570"}, False), ({"agency_id": ""}, False), ({"as_of": "soon"}, False),
        ({"group_by": []}, False), ({"language": "de"}, False), ({"x": 1}, False),
        ({"campaign": "x" * 201}, False),
    ],
)  # fmt: skip
def test_schema_and_reader_agree_on_what_is_right(given, is_good):
    checker = Draft202012Validator(INPUTS_SCHEMA, format_checker=FormatChecker())
    assert checker.is_valid(given) is is_good
    if is_good:
        read = read_inputs(given)
        assert read_inputs(read.as_json()) == read
    else:
        with pytest.raises(InvalidDocumentError) as caught:
            read_inputs(given)
        assert {p.message_id for p in caught.value.problems} <= known_message_ids()


def test_a_day_begins_in_bangkok():
    as_of = read_inputs({"as_of": "2026-11-24"}).as_of
    assert as_of == datetime(2026, 11, 24, tzinfo=ZoneInfo("Asia/Bangkok"))


def test_definition_is_ready_for_the_engine():
    made = definition()
    Draft202012Validator.check_schema(made.inputs_schema)
    assert made.id == "progress-report"
    for language in ("th", "en"):
        assert set(made.inputs[language]) == set(INPUTS_SCHEMA["properties"])
        words = [made.titles[language], made.descriptions[language]]
        words += [v for i in made.inputs[language].values() for v in (i["title"], i["description"])]
        assert all(words)
        assert not any(word.startswith("progress.") for word in words)
    assert {output.ending for output in made.outputs} == {"html", "csv", "xlsx", "json"}
    for output in OUTPUTS:
        assert output_of(output.media_type) is output
        assert output.render(REPORT, "th")
