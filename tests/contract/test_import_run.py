# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole imports from files: all good rows or none, every refused row reported, dry runs inert."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from geoapi.errors import ConflictError, UsageError
from geoapi.importing import merging
from geoapi.importing.report import COLUMNS, report_lines, write_report
from geoapi.importing.run import ImportReport, ImportRequest, run_import
from geoapi.messages import known_message_ids
from geoapi.rights import SYSTEM
from geoapi.site import Site
from geoapi.store.copy import checksum
from geoapi.store.tables import import_row, import_run
from tests.contract.point_samples import listed

HEADER = "official_id,name_th,lat,lon,category,website\n"
GOOD = (
    "A1,โรงพยาบาลแม่จัน,20.134735734608,99.8598352052254,hospital,https://a.example\n"
    "A2,ที่ว่าการอำเภอแม่สาย,20.43,99.88,district_office,\n"
)


def write(folder: Path, text: str, name: str = "points.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def run(site: Site, path: Path, kind: Any = "service-points", **parts: Any) -> ImportReport:
    return run_import(site, ImportRequest(kind, path, **parts), lambda _done, _total: None)


def count(site: Site, table: Any) -> int:
    wanted = select(func.count()).select_from(table)
    return site.store.read(lambda c: c.execute(wanted).scalar_one())


def test_good_rows_come_in_and_refused_ones_are_reported_in_both_languages(
    site: Site, tmp_path: Path
):
    bad = (
        "A3,,20.1,99.8,hospital,\nA1,ซ้ำ,20.1,99.8,hospital,\nA5,สลับแกน,99.8,20.1,hospital,\n"
        "A6,ไม่มีพิกัด,,,hospital,\nA7,เกินมา,20.1,99.8,hospital,,x,y\n"
    )
    path = write(tmp_path, HEADER + GOOD + bad)
    report = run(site, path)
    assert (report.rows, report.counts["created"]) == (7, 2)
    assert sorted({p.row for p in report.refused}) == [4, 5, 6, 7, 8]
    assert {f["properties"]["official_id"] for f in listed(site, SYSTEM)} == {"A1", "A2"}
    lines = list(report_lines(report))
    assert {line[4] for line in lines} <= known_message_ids()
    for line in lines:
        assert "{" not in f"{line[5]}{line[6]}"
        assert line[5] != line[6]
    assert count(site, import_row) == 0
    assert count(site, import_run) == 1


def test_progress_ends_at_the_number_of_rows(site: Site, tmp_path: Path):
    seen: list[tuple[int, int | None]] = []
    path = write(tmp_path, HEADER + GOOD)
    run_import(site, ImportRequest("service-points", path), lambda *p: seen.append(p))
    assert seen[-1] == (2, 2)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize("kind", ["service-points", "agencies", "holidays"])
def test_a_dry_run_changes_nothing_and_says_what_would_happen(
    site: Site, tmp_path: Path, kind: str
):
    text = {
        "service-points": HEADER + GOOD,
        "agencies": "code,name_th\n15000,กระทรวงมหาดไทย\n15003,กรมการปกครอง\n",
        "holidays": "date,name_th,name_en,kind\n2026-12-05,วันพ่อแห่งชาติ,Father's Day,public\n",
    }[kind]
    path = write(tmp_path, text)
    before = checksum(site.store)
    dry = run(site, path, kind, dry_run=True)
    assert checksum(site.store) == before
    wet = run(site, path, kind)
    assert dry.counts == wet.counts
    assert wet.counts["created"] > 0
    after = checksum(site.store)
    for old, new in (("แม่สาย", "แม่ลาว"), ("พ่อ", "แม่"), ("ปกครอง", "ที่ดิน")):
        text = text.replace(old, new)
    changed = write(tmp_path, text)
    assert run(site, changed, kind, dry_run=True).counts["changed"] == 1
    assert checksum(site.store) == after


def test_a_merge_that_fails_leaves_no_rows_no_run_and_no_points(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = checksum(site.store)

    def fail(self: Any) -> None:
        raise ConflictError("store.integrity")

    monkeypatch.setattr(merging._Merge, "finish", fail)
    with pytest.raises(ConflictError):
        run(site, write(tmp_path, HEADER + GOOD))
    assert checksum(site.store) == before


def test_a_file_that_breaks_in_the_middle_leaves_nothing(site: Site, tmp_path: Path):
    before = checksum(site.store)
    rows = "".join(f"B{n},สำนักงานที่ {n},20.1,99.8,court,\n" for n in range(1200))
    path = tmp_path / "broken.csv"
    path.write_bytes((HEADER + rows).encode() + b'B9,"never closed,20.1\n\xff\xfe')
    with pytest.raises(UsageError):
        run(site, path, encoding="utf-8")
    assert checksum(site.store) == before


@pytest.mark.parametrize("text", ["", HEADER, "a,b\n1,2\n"])
def test_a_file_that_can_not_be_read_is_refused_and_leaves_nothing(
    site: Site, tmp_path: Path, text: str
):
    before = checksum(site.store)
    path = write(tmp_path, text)
    if text == HEADER:
        assert run(site, path).rows == 0
        return
    with pytest.raises(UsageError):
        run(site, path)
    assert checksum(site.store) == before
    with pytest.raises(UsageError):
        run(site, tmp_path / "nowhere.csv")
    assert checksum(site.store) == before


def test_a_nul_in_a_cell_is_refused_in_words_and_leaves_nothing(site: Site, tmp_path: Path):
    path = write(tmp_path, HEADER + GOOD + "A\0 9,ศาล\0จังหวัด,20.1,99.8,court,\n")
    before = checksum(site.store)
    with pytest.raises(UsageError) as caught:
        run(site, path, encoding="utf-8")
    assert (caught.value.message_id, caught.value.params["line"]) == ("import.undecodable", 4)
    assert checksum(site.store) == before


def test_what_is_imported_follows_the_schema_so_that_it_can_be_edited(site: Site, tmp_path: Path):
    from tests.contract.point_samples import change

    long = f"https://a.example/{'x' * 400}"
    path = write(tmp_path, HEADER + GOOD + f"A8,ศาลจังหวัด,20.1,99.8,court,{long}\n")
    run(site, path)
    for feature in listed(site, SYSTEM):
        change(site, feature["id"], SYSTEM, note_th="แก้ไขได้")


def test_cells_that_a_spreadsheet_would_run_are_written_as_text(site: Site, tmp_path: Path):
    header = HEADER.replace("website", "website,=cmd()")
    path = write(tmp_path, header + "A1,ศาล,20.1,99.8,=HYPERLINK(1),-1+2,\nA2,,20.1,99.8,court,,\n")
    report = run(site, path)
    out = tmp_path / "report.csv"
    write_report(report, out)
    with out.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) > 2
    assert not [cell for line in lines[1:] for cell in line if cell[:1] in tuple("=+-@\t\r")]


def test_conflicts_stand_in_the_report(site: Site, tmp_path: Path):
    from tests.contract.point_samples import change

    run(site, write(tmp_path, HEADER + GOOD))
    (item_id,) = [f["id"] for f in listed(site, SYSTEM, equals=(("official_id", "A2"),))]
    change(site, item_id, SYSTEM, name_th="ชื่อของเรา")
    report = run(site, write(tmp_path, HEADER + GOOD.replace("แม่สาย", "แม่ลาว")))
    (line,) = [line for line in report_lines(report) if line[1] == "conflict"]
    assert line[0] == 3
    assert line[2] == "name_th"
    assert "ชื่อของเรา" in str(line[5])
    assert "ที่ว่าการอำเภอแม่ลาว" in str(line[6])


# -------------------------------------------------------------------------- real files


def real(shared_data: Path, name: str) -> Path:
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"{name} is not among the shared data")
    return path


def test_the_areas_of_chiang_rai_come_in_whole(site: Site, shared_data: Path):
    path = real(shared_data, "boundaries/chiangrai_adm3.geojson")
    report = run(site, path, "areas")
    assert (report.rows, report.refused, report.counts["created"]) == (124, [], 124)
    assert run(site, path, "areas").counts == {"created": 0, "changed": 0, "unchanged": 124}


def test_the_health_offices_of_chiang_rai_come_in_whole_and_again_unchanged(
    site: Site, shared_data: Path
):
    path = real(shared_data, "service_points/citizeninfo_chiangrai_sample68.csv")
    report = run(site, path, target_state="verified")
    assert (report.rows, report.refused, report.counts["created"]) == (68, [], 68)
    again = run(site, path, target_state="verified")
    assert again.counts == {"created": 0, "changed": 0, "unchanged": 68, "conflicts": 0}


def test_of_the_national_list_every_row_is_stored_or_stands_in_the_report(
    site: Site, shared_data: Path
):
    if site.store.backend != "geopackage":
        pytest.skip("so many rows are imported once, into a GeoPackage")
    path = real(shared_data, "service_points/kongvut_subdistrict_points.csv")
    report = run(site, path)
    refused = {problem.row for problem in report.refused}
    assert report.rows == 7451
    assert report.counts["created"] + len(refused) == 7451
    with path.open(encoding="utf-8", newline="") as file:
        empty = {
            number for number, row in enumerate(csv.DictReader(file), 2)
            if not (row["lat"] and row["lon"])
        }  # fmt: skip
    assert empty <= refused
    assert len(listed(site, SYSTEM)) == report.counts["created"]
