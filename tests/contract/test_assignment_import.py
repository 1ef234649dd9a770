# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of assignments: matching, refused rows, importing again, many rows; in both stores."""

from __future__ import annotations

import csv
import datetime as dt
import time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi import assignment_lists
from geoapi.errors import ForbiddenError, UsageError
from geoapi.importing.report import report_lines
from geoapi.importing.run import ImportReport, ImportRequest, run_import
from geoapi.messages import known_message_ids
from geoapi.rights import SYSTEM, Grant, Viewer
from geoapi.site import Site
from geoapi.store.assignments import Wanted
from tests.contract.point_samples import (
    COLLEAGUE,
    OFFICER,
    STRANGER,
    agency,
    agency_id,
    create,
    keep_user,
    put_agencies,
    user,
)

MANAGER = user("manager", Grant("agency_admin", area_code="57"))
HEADER = ("name_th", "district_code", "agency_code", "officer", "due_on", "campaign")


def write(path: Path, *rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def run(site: Site, path: Path, viewer: Viewer = MANAGER, **more: object) -> ImportReport:
    request = ImportRequest(kind="assignments", path=path, viewer=viewer, **more)
    return run_import(site, request, lambda _done, _total: None)


def listed(site: Site, viewer: Viewer = MANAGER) -> list[assignment_lists.AssignmentView]:
    return assignment_lists.managed(site, viewer, Wanted(limit=5000)).found


def codes(report: ImportReport) -> list[tuple[int, str]]:
    assert {p.message_id for p in report.refused} <= known_message_ids()
    said = [str(text) for line in report_lines(report) for text in line[5:]]
    assert not any(name in text for text in said for name in ("{value}", "{row}", "{first_row}"))
    return [(p.row, p.message_id.rpartition(".")[2]) for p in report.refused]


@pytest.fixture
def office(site: Site) -> Site:
    put_agencies(site, agency(1), agency(2))
    for person in (OFFICER, COLLEAGUE, STRANGER):
        keep_user(site, person)
    return site


def test_rows_become_assignments_of_known_points_and_of_new_places(office: Site, tmp_path: Path):
    known = create(office, position=None, name_th="โรงพยาบาลห้วยชมภู", official_id="A-1")
    code = known.feature["properties"]["short_code"]
    other = create(office, position=None, name_th="ที่ว่าการอำเภอ", subdistrict_code="570701")
    header = ("short_code", *HEADER)
    path = write(
        tmp_path / "list.csv",
        (code, "", "", "", "officer", "๒๐ กันยายน ๒๕๖๑", "ว ๒๕๖๒๑"),
        ("", "ที่ว่าการอำเภอ", "5707", "00001", "", "20/09/2561", ""),
        ("", "ศูนย์ใหม่", "๕๗๐๗", "00001", "officer", "2026-12-31", ""),
        header=header,
    )
    report = run(office, path)
    assert codes(report) == []
    assert report.counts == {"created": 3, "changed": 0, "unchanged": 0}
    found = {view.properties["name_th"]: view.properties for view in listed(office)}
    assert found["โรงพยาบาลห้วยชมภู"]["point_id"] == known.id
    assert found["โรงพยาบาลห้วยชมภู"]["due_on"] == "2018-09-20"
    assert found["ที่ว่าการอำเภอ"]["point_id"] == other.id
    assert found["ที่ว่าการอำเภอ"]["due_on"] == "2018-09-20"
    assert found["ศูนย์ใหม่"]["point_id"] is None
    assert found["ศูนย์ใหม่"]["agency_id"] == agency_id(1)
    assert found["ศูนย์ใหม่"]["owner_id"] == "officer"


def test_importing_again_changes_due_days_and_doubles_nothing(office: Site, tmp_path: Path):
    create(office, position=None, name_th="จุดเดิม", subdistrict_code="570701")
    rows = [("จุดเดิม", "5707", "", "officer", "2026-12-01", "ก"), ("จุดใหม่", "5707", "", "", "", "ก")]
    path = write(tmp_path / "list.csv", *rows)
    assert run(office, path).counts["created"] == 2
    assert run(office, path).counts == {"created": 0, "changed": 0, "unchanged": 2}
    again = [("จุดเดิม", "5707", "", "colleague", "2027-01-15", "ก"), rows[1]]
    counts = run(office, write(tmp_path / "again.csv", *again)).counts
    assert counts == {"created": 0, "changed": 1, "unchanged": 1}
    (moved,) = assignment_lists.open_for(office, COLLEAGUE, 10)
    assert moved.properties["due_on"] == "2027-01-15"
    assert assignment_lists.open_for(office, OFFICER, 10) == []
    states = [v.properties["state"] for v in listed(office)]
    assert sorted(states) == ["assigned", "assigned", "handed_over"]


def test_wrong_rows_are_refused_with_their_reason(office: Site, tmp_path: Path):
    for _ in range(2):
        create(office, position=None, name_th="ชื่อซ้ำ", subdistrict_code="570701")
    path = write(
        tmp_path / "list.csv",
        ("ชื่อซ้ำ", "5707", "", "", "", ""),
        ("จุดหนึ่ง", "", "", "", "", ""),
        ("จุดหนึ่ง", "57", "", "", "", ""),
        ("", "5707", "", "", "", ""),
        ("จุดหนึ่ง", "5707", "99999", "", "", ""),
        ("จุดหนึ่ง", "5707", "", "nobody", "", ""),
        ("จุดหนึ่ง", "5707", "", "stranger", "", ""),
        ("จุดหนึ่ง", "5707", "", "", "๓๑ กุมภาพันธ์ ๒๕๖๑", ""),
        ("จุดหนึ่ง", "5001", "", "", "", ""),
        ("จุดหนึ่ง", "5707", "", "", "", "", "มากไป"),
        ("จุดหนึ่ง", "5707", "", "", "", ""),
        ("จุดหนึ่ง", "5707", "", "", "", ""),
    )
    report = run(office, path)
    assert codes(report) == [
        (2, "import_ambiguous"),
        (3, "import_no_district"),
        (4, "import_unknown_district"),
        (5, "import_no_name"),
        (6, "import_unknown_agency"),
        (7, "import_unknown_officer"),
        (8, "import_unknown_officer"),
        (9, "bad_date"),
        (10, "import_outside"),
        (11, "import_shifted"),
        (13, "duplicate_key"),
    ]
    assert report.counts["created"] == len(listed(office)) == 1


def test_officer_who_may_not_edit_there_is_refused(office: Site, tmp_path: Path):
    narrow = user("narrow", Grant("officer", area_code="5701"))
    keep_user(office, narrow)
    path = write(tmp_path / "list.csv", ("จุดหนึ่ง", "5707", "", "narrow", "", ""))
    assert codes(run(office, path)) == [(2, "import_officer_beyond")]


def test_dry_run_counts_and_stores_nothing(office: Site, tmp_path: Path):
    path = write(tmp_path / "list.csv", ("จุดหนึ่ง", "5707", "", "", "", ""))
    assert run(office, path, dry_run=True).counts["created"] == 1
    assert listed(office) == []


def test_workbook_with_thai_headers_and_real_dates(office: Site, tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(["ชื่อสถานที่", "อำเภอ", "กำหนดเสร็จ", "โครงการ"])
    book.active.append(["สำนักงานใหม่", 5707, dt.date(2026, 12, 31), "โครงการ Zero Copy"])
    book.save(tmp_path / "list.xlsx")
    assert codes(run(office, tmp_path / "list.xlsx", SYSTEM)) == []
    (made,) = listed(office)
    assert made.properties["due_on"] == "2026-12-31"
    assert made.properties["campaign"] == "โครงการ Zero Copy"


def test_files_without_places_and_strangers_are_refused(office: Site, tmp_path: Path):
    with pytest.raises(UsageError):
        run(office, write(tmp_path / "x.csv", ("1",), header=("number",)))
    path = write(tmp_path / "list.csv", ("จุดหนึ่ง", "5707", "", "", "", ""))
    with pytest.raises(ForbiddenError):
        run(office, path, OFFICER)
    assert listed(office) == []


def test_a_thousand_rows_take_seconds(office: Site, tmp_path: Path):
    rows = [(f"จุดที่ {n}", "5707", "00001", "officer", "2026-12-31", "ก") for n in range(1000)]
    path = write(tmp_path / "list.csv", *rows)
    started = time.process_time()
    assert run(office, path).counts["created"] == 1000
    assert time.process_time() - started < 20  # of this process, whatever else runs
    assert assignment_lists.managed(office, MANAGER, Wanted(limit=1)).total == 1000


CELL = st.text(max_size=30) | st.sampled_from(
    ["5707", "๕๗๐๗", "00001", "officer", "2026-12-31", "31/02/2561", "จุดหนึ่ง", "\ufeff", "=1+1"]
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(*[CELL] * len(HEADER)), min_size=1, max_size=8), cut=st.integers(0))
def test_no_list_breaks_the_import(
    office: Site, tmp_path: Path, rows: list[tuple[str, ...]], cut: int
):
    path = write(tmp_path / "fuzz.csv", *[tuple(c.replace("\ud800", "") for c in r) for r in rows])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - cut % (len(data) // 2)])
    try:
        report = run(office, path, dry_run=True)
    except UsageError:
        return
    codes(report)
    assert report.rows >= report.counts.get("created", 0)
