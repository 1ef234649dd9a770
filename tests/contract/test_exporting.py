# SPDX-License-Identifier: GPL-2.0-or-later
"""An export holds what the public may see, in a file that GIS software opens."""

import json
from types import SimpleNamespace

import pyogrio
import pytest

from geoapi import service_points
from geoapi.collections import COLLECTIONS
from geoapi.errors import UsageError
from geoapi.exporting import export_collection
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Grant, Viewer

REVIEWER = Viewer("reviewer", grants=(Grant("supervisor"),))


@pytest.fixture
def site(store):
    site = SimpleNamespace(store=store)
    for name, is_verified in (("ที่ว่าการอำเภอแม่จัน", True), ("ร่างที่ยังไม่ตรวจ", False)):
        item = service_points.create(site, WriteContext(SYSTEM), _feature(name))
        if is_verified:
            by_any = ("*",)
            service_points.take_action(
                site, WriteContext(SYSTEM, if_match=by_any), item.id, "submit"
            )
            service_points.take_action(
                site, WriteContext(REVIEWER, if_match=by_any), item.id, "verify"
            )
    return site


def _feature(name):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [99.85, 20.14]},
        "properties": {
            "name_th": name,
            "category": "district_office",
            "phones": [{"number": "+6653771234"}],
            "move_reason": "not for the public",
        },
    }


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb"])
def test_exports_published_items_only(site, tmp_path, suffix):
    path = tmp_path / f"points{suffix}"
    assert export_collection(site, COLLECTIONS["service-points"], path) == 1
    meta, _, geometry, data = pyogrio.raw.read(path)
    fields = dict(zip(meta["fields"], data, strict=True))
    assert list(fields["name_th"]) == ["ที่ว่าการอำเภอแม่จัน"]
    assert len(geometry) == 1
    assert "move_reason" not in fields


def test_lists_become_json_text(site, tmp_path):
    path = tmp_path / "points.gpkg"
    export_collection(site, COLLECTIONS["service-points"], path)
    meta, _, _, data = pyogrio.raw.read(path)
    phones = dict(zip(meta["fields"], data, strict=True))["phones"][0]
    assert json.loads(phones) == [{"number": "+6653771234"}]


def test_refuses_an_existing_file_and_leaves_it(site, tmp_path):
    path = tmp_path / "points.geojson"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        export_collection(site, COLLECTIONS["service-points"], path)
    assert path.read_text() == "mine"


def test_refuses_an_unknown_format(site, tmp_path):
    with pytest.raises(UsageError, match="unknown_format"):
        export_collection(site, COLLECTIONS["service-points"], tmp_path / "points.shp")
