# SPDX-License-Identifier: GPL-2.0-or-later
"""Imports of citizen guides: services, points that offer them, tasks, diffs, local corrections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from geoapi import records
from geoapi.cli import main
from geoapi.errors import UsageError
from geoapi.importing.run import ImportReport, ImportRequest, run_import
from geoapi.importing.service_merging import ServiceOutcome
from geoapi.rights import PUBLIC
from geoapi.site import Site
from geoapi.store.copy import checksum
from tests.contract.point_samples import OFFICER, by, published
from tests.contract.service_samples import (
    ADMIN,
    COPIES,
    OFFERS,
    SERVICES,
    TASKS,
    agency,
    rows,
    said,
)

GUIDE: dict[str, Any] = {
    "code": "land-transfer",
    "name_th": "จดทะเบียนโอนที่ดิน",
    "agency_th": "หน่วยงาน land",
    "service_locations": ["สำนักงานที่ดินจังหวัด"],
    "channels": ["ติดต่อด้วยตนเอง ณ หน่วยงาน"],
    "duration_minutes": 150,
    "steps": [{"no": 1, "name": "พิจารณา", "minutes": 110}],
    "documents": [
        {"name": "โฉนดที่ดิน", "original": 1, "copy": 0, "issuer": "กรมที่ดิน"},
        {"name": "บัตรประจำตัวประชาชน", "original": 1, "copy": 1},
    ],
    "fees": [{"item": "ค่าคำขอ", "amount": 5, "unit": "บาท", "per": "แปลง"}],
}


def guide(folder: Path, *services: Any, name: str = "guide.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"services": services}, ensure_ascii=False), encoding="utf-8")
    return path


def run(site: Site, path: Path, **parts: Any) -> tuple[ImportReport, ServiceOutcome]:
    report = run_import(site, ImportRequest("services", path, **parts), lambda _done, _total: None)
    assert isinstance(report.outcome, ServiceOutcome)
    return report, report.outcome


def test_a_new_service_is_offered_at_its_points_with_unknown_copies_and_one_task_each(
    site: Site, tmp_path: Path
):
    owner = agency(site, "department", "land")
    land = published(site, category="land_office", name_th="สำนักงานที่ดิน")
    hospital = published(site)
    report, outcome = run(site, guide(tmp_path, GUIDE))
    assert (report.counts["created"], outcome.asked, report.refused) == (1, 1, [])
    (stored,) = rows(site, SERVICES)
    assert stored["properties"]["agency_id"] == owner
    assert stored["properties"]["channels"] == ["counter"]
    made = {r["properties"]["document_type"]: r["properties"] for r in rows(site, COPIES)}
    assert {kind: row["copy_class"] for kind, row in made.items()} == {
        "land_deed": "unknown", "id_card": "unknown",
    }  # fmt: skip
    assert [made["land_deed"]["guide_copies"], made["id_card"]["guide_copies"]] == [0, 1]
    assert [task["properties"]["point_id"] for task in rows(site, TASKS)] == [land.id]
    assert said(site, land, PUBLIC)["copy_badge"] == "unknown"
    assert "services" not in said(site, hospital, PUBLIC)


def test_importing_again_changes_nothing_and_a_dry_run_neither(site: Site, tmp_path: Path):
    published(site, category="land_office")
    path = guide(tmp_path, GUIDE)
    before = checksum(site.store)
    _, tried = run(site, path, dry_run=True)
    assert len(tried.created) == 1
    assert checksum(site.store) == before
    run(site, path)
    done = len(rows(site, COPIES))
    _, outcome = run(site, path)
    assert (outcome.unchanged, outcome.created, outcome.changed) == (1, [], [])
    assert len(rows(site, COPIES)) == done
    assert rows(site, SERVICES)[0]["properties"]["revision"] == 1


def test_local_corrections_survive_and_the_diff_names_each_change(site: Site, tmp_path: Path):
    point = published(site, category="land_office")
    run(site, guide(tmp_path, GUIDE))
    (stored,) = rows(site, SERVICES)
    documents = json.loads(json.dumps(stored["properties"]["documents"]))
    documents[1]["condition_th"] = "เฉพาะเจ้าของ"
    patch = {"properties": {"documents": documents, "name_en": "Transfer of land"}}
    records.update(site, by(ADMIN), SERVICES, stored["id"], patch)
    newer = {
        **GUIDE,
        "duration_minutes": 60,
        "documents": [
            GUIDE["documents"][0],
            {**GUIDE["documents"][1], "condition": "ทุกคน"},
            {"name": "ทะเบียนบ้าน", "original": 1, "copy": 1},
        ],
    }
    _, tried = run(site, guide(tmp_path, newer), dry_run=True)
    _, outcome = run(site, guide(tmp_path, newer))
    assert tried.changed == outcome.changed
    ((_, code, members),) = outcome.changed
    assert (code, members.keys()) == ("land-transfer", {"total_time", "documents"})
    assert members["total_time"] == ({"minutes": 150}, {"minutes": 60})
    now = rows(site, SERVICES)[0]["properties"]
    assert now["name_en"] == "Transfer of land"
    assert [d["document_type"] for d in now["documents"]] == ["land_deed", "id_card", "house_reg"]
    assert now["documents"][1]["condition_th"] == "เฉพาะเจ้าของ"
    (conflict,) = outcome.conflicts
    assert (conflict.ours, conflict.theirs) == ("เฉพาะเจ้าของ", "ทุกคน")
    # the new document has a row, and its point a task
    assert len(rows(site, COPIES, point_id=point.id)) == 3
    assert outcome.asked == 1
    assert len(rows(site, TASKS)) == 1


def test_services_that_are_gone_are_reported_and_kept(site: Site, tmp_path: Path):
    other = {**GUIDE, "code": "mortgage", "name_th": "จดทะเบียนจำนอง"}
    run(site, guide(tmp_path, GUIDE, other))
    _, outcome = run(site, guide(tmp_path, GUIDE))
    assert [name for _, name in outcome.gone] == ["จดทะเบียนจำนอง"]
    assert len(rows(site, SERVICES)) == 2


def test_a_point_that_does_not_offer_it_is_left_alone(site: Site, tmp_path: Path):
    point = published(site, category="land_office")
    run(site, guide(tmp_path, GUIDE))
    (row,) = rows(site, OFFERS)
    patch = {"properties": {"is_offered": False}}
    records.update(site, by(OFFICER), OFFERS, row["id"], patch)
    run(site, guide(tmp_path, {**GUIDE, "duration_minutes": 9}))
    assert [r["properties"]["is_offered"] for r in rows(site, OFFERS)] == [False]
    assert said(site, point)["services"] == []


def test_bad_services_are_refused_whole_and_good_ones_come_in(site: Site, tmp_path: Path):
    bad = [
        "ไม่ใช่บริการ",
        {**GUIDE, "code": "a", "name_th": ""},
        {**GUIDE, "code": "b", "documents": [{"name": "บัตร", "copy": "สองสามใบ"}]},
        {**GUIDE, "code": "c c"},
        {**GUIDE, "code": "d", "documents": [{"name": "บัตร", "copy": 1.5}]},
        GUIDE,
    ]
    report, outcome = run(site, guide(tmp_path, GUIDE, *bad))
    assert [name for _, name in outcome.created] == [GUIDE["name_th"]]
    assert sorted({problem.row for problem in report.refused}) == [2, 3, 4, 5, 6, 7]
    assert len(rows(site, SERVICES)) == 1


def test_table_with_one_row_per_document_loads(site: Site, tmp_path: Path):
    published(site, category="district_office")
    path = tmp_path / "guide.csv"
    path.write_text(
        "service_code,service_name_th,agency_th,locations,total_minutes,steps,fees,"
        "document_name_th,originals,copies\n"
        "id-new,ทำบัตรประชาชน,กรมการปกครอง,ที่ว่าการอำเภอ,๑๕,ตรวจ|5; ถ่ายรูป|10,ค่าบัตร|100,"
        "ทะเบียนบ้าน,1,0\n"
        "id-new,ทำบัตรประชาชน,กรมการปกครอง,ที่ว่าการอำเภอ,15,,,ใบเปลี่ยนชื่อ,1,0\n",
        encoding="utf-8",
    )
    report, _ = run(site, path)
    assert (report.rows, report.counts["created"], report.refused) == (1, 1, [])
    stored = rows(site, SERVICES)[0]["properties"]
    assert [d["document_type"] for d in stored["documents"]] == ["house_reg", "name_change"]
    assert [step["minutes"] for step in stored["steps"]] == [5, 10]
    assert stored["total_time"] == {"minutes": 15}
    assert stored["fees"][0]["amount_baht"] == 100


def test_own_mapping_and_its_faults(site: Site, tmp_path: Path):
    source = guide(tmp_path, {"title": "ขออนุญาตขุดดิน", "papers": [{"t": "แผนผัง", "n": 2}]})
    mapping = {
        "name": "own", "format": "json", "records": "services",
        "service": {"name_th": "title"},
        "documents": {"from": "papers", "name_th": "t", "copies": "n"},
    }  # fmt: skip
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(mapping), encoding="utf-8")
    run(site, source, mapping=path)
    stored = rows(site, SERVICES)[0]["properties"]
    assert (stored["documents"][0]["copies"], stored["code"][:6]) == (2, "guide-")
    for wrong in ("[]", "{", json.dumps({**mapping, "service": {"x": 1}}), '{"name": "a"}'):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(UsageError):
            run(site, source, mapping=path)


def test_real_manual_of_the_guide_centre_loads(site: Site, shared_data: Path):
    land = published(site, category="land_office", name_th="สำนักงานที่ดิน")
    path = shared_data / "vocab" / "land_transfer_service_infogoth.json"
    report, outcome = run(site, path)
    assert (report.rows, report.refused, len(outcome.created)) == (1, [], 1)
    stored = rows(site, SERVICES)[0]["properties"]
    assert stored["name_th"].startswith("จดทะเบียนประเภทโอนอสังหาริมทรัพย์")
    assert [d["document_type"] for d in stored["documents"]] == ["land_deed", "id_card", "other"]
    assert [step["minutes"] for step in stored["steps"]] == [110, 40]
    assert [(f["amount_baht"], f["percent"]) for f in stored["fees"]] == [(5, None), (None, 2)]
    assert stored["channels"] == ["counter", "website"]
    assert stored["complaint_channels"][0]["name"].startswith("ศูนย์บริการประชาชน")
    assert said(site, land)["services"][0]["code"] == stored["code"]


def test_command_shows_the_difference_of_a_dry_run(tmp_path: Path):
    environ = {"PAKMUD_STORE": str(tmp_path / "s.gpkg"), "PAKMUD_DATA_DIR": str(tmp_path)}
    first = guide(tmp_path, GUIDE)
    newer = {**GUIDE, "documents": [*GUIDE["documents"], {"name": "ทะเบียนบ้าน", "copy": 1}]}
    second = guide(tmp_path, newer, name="second.json")
    runner = CliRunner()

    def said_by(*words: str) -> str:
        done = runner.invoke(main, ["--lang", "en", *words], env=environ)
        assert done.exit_code == 0, done.output
        return done.output

    said_by("init")
    said_by("import", "services", str(first))
    shown = said_by("import", "services", str(second), "--dry-run")
    assert "documents + house_reg ทะเบียนบ้าน" in shown
    assert "1 changed" in shown
