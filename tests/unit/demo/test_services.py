# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration's services are whole, marked as synthetic, and obey the rules of real ones."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from geoapi.charges import ChargeCase, forbidding
from geoapi.demo.agencies import agency_id
from geoapi.demo.copy_status import build_services, services_at
from geoapi.demo.dataset import DemoDataset, build_demo_dataset
from geoapi.demo.service_catalogue import DOCUMENTS, SERVICES
from geoapi.legal_instruments import seed
from geoapi.record_schemas import check_record, read_only_names

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def data() -> DemoDataset:
    return build_demo_dataset()


@pytest.fixture(scope="module")
def rows(data: DemoDataset) -> list[dict]:
    found = services_at(data.service_points, build_services(), TODAY)
    return [row["properties"] for _, services in found for row in services.copies]


def test_about_thirty_services_are_whole_and_marked():
    services = build_services()
    assert len(services) >= 30
    assert len({s["properties"]["code"] for s in services}) == len(services)
    for service in services:
        check_record("service", service)
        properties = service["properties"]
        assert properties["synthetic"]
        assert properties["documents"]
        assert properties["steps"]
        assert properties["offered_by"]
        assert properties["name_en"].isascii()
    assert {key for row in SERVICES for key in row.documents} == DOCUMENTS.keys()


def test_owners_are_agencies_of_the_demonstration(data: DemoDataset):
    known = {agency["id"] for agency in data.agencies}
    assert {agency_id(row.agency) for row in SERVICES} <= known


def test_every_service_is_offered_somewhere(data: DemoDataset):
    offered = Counter(
        entry["code"]
        for _, found in services_at(data.service_points, build_services(), TODAY)
        for entry in found.summary["services"]
    )
    assert offered.keys() == {row.code for row in SERVICES}


def test_all_classes_are_there_with_plans_ahead_and_overdue(rows: list[dict]):
    classes = Counter(row["copy_class"] for row in rows)
    assert classes.keys() == {
        "not_required", "office_copies_free", "required", "required_by_law", "unknown",
    }  # fmt: skip
    assert min(classes.values()) >= 50
    plans = [row["plan_on"] for row in rows if row.get("plan_on")]
    assert any(day > TODAY.isoformat() for day in plans)
    assert any(day < TODAY.isoformat() for day in plans)


def test_rows_follow_schema_and_law(data: DemoDataset, rows: list[dict]):
    types = {a["id"]: a["properties"]["agency_type"] for a in data.agencies}
    agencies = {p["id"]: p["properties"].get("agency_id") for p in data.service_points}
    law = [feature["properties"] for feature in seed()]
    set_by_server = read_only_names("copy_requirement")
    for row in rows:
        sent = {name: value for name, value in row.items() if name not in set_by_server}
        check_record("copy_requirement", {"type": "Feature", "geometry": None, "properties": sent})
        if row["is_charged"]:
            kind = types.get(agencies[row["point_id"]] or "", "")
            assert forbidding(law, ChargeCase(row["document_type"], kind, TODAY)) is None
            assert row["charge_status"] == "reported"
        if row["copy_class"] == "required":
            assert row["reason_th"]
    assert any(row["is_charged"] for row in rows)
