# SPDX-License-Identifier: GPL-2.0-or-later
"""OWSLib reads collections, queryables, schema and items."""

from __future__ import annotations

import pytest
from owslib.ogcapi.features import Features

from tests import live_samples
from tests.interop.conftest import Served


@pytest.fixture
def features(served: Served) -> Features:
    return Features(served.site.ogc + "/")


def test_owslib_finds_the_collections_and_conformance(features: Features) -> None:
    assert features.feature_collections() == [
        "service-points", "provinces", "districts", "subdistricts", "agencies", "services",
        "point-services", "copy-requirements", "legal-instruments", "photos",
    ]  # fmt: skip
    declared = features.conformance()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in declared
    assert features.collection("service-points")["id"] == "service-points"


def test_owslib_reads_queryables(features: Features) -> None:
    queryables = features.collection_queryables("service-points")
    assert {"category", "district_code", "geometry"} <= queryables["properties"].keys()


def test_owslib_pages_through_all_items(features: Features) -> None:
    names: list[str] = []
    for offset in range(0, live_samples.COUNT, 100):
        page = features.collection_items("service-points", limit=100, offset=offset)
        assert page["numberMatched"] == live_samples.COUNT
        names += [f["properties"]["name_th"] for f in page["features"]]
    assert sorted(names) == [live_samples.name(n) for n in range(live_samples.COUNT)]


def test_owslib_filters_by_box_and_reads_one_item(features: Features) -> None:
    page = features.collection_items(
        "service-points", bbox=list(live_samples.box_of_row(0)), limit=100
    )
    assert page["numberReturned"] == live_samples.COLUMNS
    item_id = page["features"][0]["id"]
    assert features.collection_item("service-points", item_id)["id"] == item_id
