# SPDX-License-Identifier: GPL-2.0-or-later
"""Each known defect of pygeoapi is still there upstream, and closed here.

A test of an untouched module that fails says that upstream has mended the defect: then the fix in
``geoapi/pygeoapi_fixes.py`` is no longer needed.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from types import ModuleType

import babel
import jinja2
import pygeoapi.api
import pygeoapi.api.itemtypes
import pygeoapi.crs
import pygeoapi.log
import pygeoapi.provider.base
import pygeoapi.util
import pytest

from geoapi import pygeoapi_fixes
from geoapi.ogc.host_config import host_config
from geoapi.settings import Settings

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
UTM_47N = "http://www.opengis.net/def/crs/EPSG/0/32647"
BOX = [99.0, 19.0, 100.0, 20.0]


def untouched(name: str) -> ModuleType:
    """Load a module of pygeoapi again from its source, beside the one that was mended."""
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _applied() -> None:
    pygeoapi_fixes.apply()


# ------------------------------------------------------------------- JSON


def test_upstream_still_rewrites_text_and_escapes_thai():
    text = untouched("pygeoapi.util").to_json({"a": "1 < 2 > 0", "b": "ไทย"})
    assert "&lt;" in text
    assert "&gt;" in text
    assert "ไทย" not in text


@pytest.mark.parametrize(
    "module", [pygeoapi.util, pygeoapi.api, pygeoapi.api.itemtypes], ids=lambda m: m.__name__
)
def test_json_is_written_as_it_is_in_every_module(module):
    value = {"a": "1 < 2 > 0 & 3", "b": "ไทย", "c": None, "d": [1.5, True]}
    text = module.to_json(value)
    assert json.loads(text) == value
    assert "ไทย" in text


def test_pretty_json_is_the_same_document():
    assert json.loads(pygeoapi.util.to_json({"ก": 1}, True)) == {"ก": 1}


# ------------------------------------------------------------------- CRS


def test_upstream_still_looks_up_a_crs_each_time():
    crs = untouched("pygeoapi.crs")
    assert crs.get_crs(CRS84) is not crs.get_crs(CRS84)


def test_a_crs_is_looked_up_once():
    assert pygeoapi.crs.get_crs(CRS84) is pygeoapi.crs.get_crs(CRS84)
    assert pygeoapi.provider.base.get_crs is pygeoapi.crs.get_crs
    assert pygeoapi.crs.get_crs(pygeoapi.crs.get_crs(UTM_47N)).to_epsg() == 32647


def test_upstream_still_transforms_a_box_into_its_own_crs(monkeypatch):
    crs = untouched("pygeoapi.crs")
    asked = []
    get_crs = crs.get_crs
    monkeypatch.setattr(crs, "get_crs", lambda uri: asked.append(uri) or get_crs(uri))
    crs.transform_bbox(BOX, CRS84, CRS84)
    assert asked == [CRS84, CRS84]


def test_a_box_in_the_same_crs_is_left_alone():
    assert pygeoapi.crs.transform_bbox(BOX, CRS84, CRS84) is BOX
    assert pygeoapi.api.itemtypes.transform_bbox is pygeoapi.crs.transform_bbox


def test_a_box_in_another_crs_is_still_transformed():
    moved = pygeoapi.crs.transform_bbox([500_000, 2_000_000, 600_000, 2_100_000], UTM_47N, CRS84)
    assert moved[0] == pytest.approx(99.0, abs=0.01)
    assert moved[1] == pytest.approx(18.09, abs=0.01)


# ------------------------------------------------------------------- templates and logging


def test_upstream_still_builds_an_environment_per_page(monkeypatch, tmp_path):
    util = untouched("pygeoapi.util")
    made = []

    def environment(*arguments, **more):
        made.append(1)
        return jinja2.Environment(*arguments, **more)

    monkeypatch.setattr(util, "Environment", environment)
    (tmp_path / "page.html").write_text("{{ data }}")
    folder, locale = {"path": str(tmp_path)}, babel.Locale("en")
    for text in ("a", "b"):
        assert util.render_j2_template({"server": {}}, folder, "page.html", text, locale) == text
    assert len(made) == 2


def test_upstream_templates_are_refused():
    with pytest.raises(RuntimeError, match="not used"):
        pygeoapi.api.render_j2_template({}, {}, "landing_page.html", {}, "en")
    with pytest.raises(RuntimeError, match="not used"):
        pygeoapi.api.itemtypes.render_j2_template({}, {}, "collections/items/index.html", {})


def handlers_after(monkeypatch, work) -> list[logging.Handler]:
    """Do the work with a root logger that nobody has set up, and return what it has then."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(root, "handlers", [])
    work()
    return root.handlers


def test_upstream_still_takes_over_the_root_logger(monkeypatch):
    set_up = untouched("pygeoapi.log").setup_logger
    assert handlers_after(monkeypatch, lambda: set_up({"level": "ERROR"}))


def test_building_the_api_leaves_logging_alone(monkeypatch):
    build = pygeoapi.api.API
    assert handlers_after(monkeypatch, lambda: build(host_config(Settings()), {})) == []


# ------------------------------------------------------------------- what the host works around


def test_upstream_still_declares_writing_and_cql2_for_read_only_collections():
    declared = untouched("pygeoapi.api.itemtypes").CONFORMANCE_CLASSES_FEATURES
    assert any(uri.endswith("create-replace-delete") for uri in declared)
    assert any("/cql2/" in uri for uri in declared)


def test_applying_twice_changes_nothing():
    before = pygeoapi.util.to_json, pygeoapi.crs.get_crs, pygeoapi.crs.transform_bbox
    pygeoapi_fixes.apply()
    assert before == (pygeoapi.util.to_json, pygeoapi.crs.get_crs, pygeoapi.crs.transform_bbox)


def test_no_module_of_pygeoapi_keeps_the_old_functions():
    fixed = ("to_json", "get_crs", "get_srid", "transform_bbox", "render_j2_template")
    kept = [
        f"{name}.{function}"
        for name, module in sys.modules.items()
        if name.partition(".")[0] == "pygeoapi"
        for function in fixed
        if callable(vars(module).get(function))
        and not hasattr(vars(module)[function], "pakmud_fix")
    ]
    assert kept == []
