# SPDX-License-Identifier: GPL-2.0-or-later
"""QGIS reads the API as a layer, page by page, and offers editing to those who may edit."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests import live_samples
from tests.qgis.conftest import Served

core = pytest.importorskip("qgis.core", reason="QGIS's Python modules are not here")
pytestmark = pytest.mark.qgis

# The provider writes since 3.32.
FIRST_WRITER = 33200
# A layer is read in another system than CRS84.
FIRST_WITH_SYSTEMS = 34000
VIEWS = ("service_points", "service_points_working", "provinces", "districts", "subdistricts")


def open_layer(served: Served, collection: str = "service-points", config: str = ""):
    """Open a collection as a layer, with pages so small that there are several."""
    signed = f" authcfg={config}" if config else ""
    return core.QgsVectorLayer(
        f"url='{served.site.ogc}' typename='{collection}' pageSize='60'{signed}", "points", "OAPIF"
    )


def sign_in(served: Served) -> str:
    """Keep a token as the password of HTTP Basic, as a user of QGIS does; return its id."""
    config = core.QgsAuthMethodConfig("Basic")
    config.setName("Pakmud")
    config.setConfig("username", "officer")
    config.setConfig("password", served.token)
    assert core.QgsApplication.authManager().storeAuthenticationConfig(config)
    return str(config.id())


def can(layer, capability: str) -> bool:
    """Say whether the layer's provider offers one kind of editing."""
    wanted = getattr(core.QgsVectorDataProvider, capability)
    return bool(layer.dataProvider().capabilities() & wanted)


def test_layer_loads_every_point_over_several_pages(application, served: Served) -> None:
    layer = open_layer(served)
    assert layer.isValid(), layer.error().summary()
    places = {
        feature["name_th"]: (feature.geometry().asPoint().x(), feature.geometry().asPoint().y())
        for feature in layer.getFeatures()
    }
    assert places == {
        live_samples.name(number): pytest.approx(live_samples.position(number), abs=1e-7)
        for number in range(live_samples.COUNT)
    }
    assert layer.crs().isGeographic()


def test_layer_loads_the_points_of_a_box(application, served: Served) -> None:
    layer = open_layer(served)
    box = core.QgsRectangle(*live_samples.box_of_row(4))
    found = {f["name_th"] for f in layer.getFeatures(core.QgsFeatureRequest(box))}
    first = 4 * live_samples.COLUMNS
    assert found == {live_samples.name(first + n) for n in range(live_samples.COLUMNS)}


def test_layer_is_read_in_utm_where_qgis_can(application, served: Served) -> None:
    if core.Qgis.QGIS_VERSION_INT < FIRST_WITH_SYSTEMS:
        pytest.skip("this QGIS reads OGC API layers in CRS84 alone")
    plain = {f["name_th"]: f.geometry() for f in open_layer(served).getFeatures()}
    layer = core.QgsVectorLayer(
        f"url='{served.site.ogc}' typename='service-points' pageSize='60'"
        " srsname='http://www.opengis.net/def/crs/EPSG/0/32647'",
        "points",
        "OAPIF",
    )
    assert layer.crs().authid() == "EPSG:32647"
    features = list(layer.getFeatures())
    assert len(features) == len(plain) == live_samples.COUNT
    to_utm = core.QgsCoordinateTransform(
        core.QgsCoordinateReferenceSystem("OGC:CRS84"), layer.crs(), core.QgsProject.instance()
    )
    for feature in features:
        wanted = to_utm.transform(plain[feature["name_th"]].asPoint())
        assert wanted.distance(feature.geometry().asPoint()) < 0.01
    box = layer.extent()
    inside = core.QgsFeatureRequest(
        core.QgsRectangle(box.xMinimum(), box.yMinimum(), box.xMaximum(), 2_160_000)
    )
    found = {f["name_th"] for f in layer.getFeatures(inside)}
    assert 0 < len(found) < live_samples.COUNT


def test_layer_of_areas_has_polygons(application, served: Served) -> None:
    layer = open_layer(served, "provinces")
    assert layer.isValid()
    (area,) = layer.getFeatures()
    assert area["code"] == "57"
    assert area.geometry().area() > 1


def test_anonymous_layer_offers_no_editing(application, served: Served) -> None:
    layer = open_layer(served)
    assert layer.isValid()
    for capability in ("AddFeatures", "ChangeAttributeValues", "ChangeGeometries"):
        assert not can(layer, capability), capability
    assert not layer.startEditing()


def test_layer_of_an_officer_offers_editing_where_qgis_can_write(
    application, served: Served
) -> None:
    layer = open_layer(served, config=sign_in(served))
    assert layer.isValid(), layer.error().summary()
    assert len(list(layer.getFeatures())) == live_samples.COUNT
    writes = core.Qgis.QGIS_VERSION_INT >= FIRST_WRITER
    assert can(layer, "AddFeatures") is writes
    assert can(layer, "ChangeGeometries") is writes
    areas = open_layer(served, "provinces", config=sign_in(served))
    assert areas.isValid()
    assert not can(areas, "AddFeatures")
    assert not can(areas, "ChangeGeometries")


def test_wrong_token_gives_no_layer(application, served: Served) -> None:
    wrong = Served(served.site, served.token[:-1] + ("A" if served.token[-1] != "A" else "B"))
    assert not open_layer(wrong, config=sign_in(wrong)).isValid()


@pytest.mark.parametrize("view", VIEWS)
def test_geopackage_opens_as_views(application, served: Served, view: str) -> None:
    layer = core.QgsVectorLayer(f"{served.site.store}|layername={view}", view, "ogr")
    assert layer.isValid(), layer.error().summary()
    expected = live_samples.COUNT if view.startswith("service_points") else 1
    assert len(list(layer.getFeatures())) == expected


def test_views_of_the_geopackage_can_not_be_edited(application, served: Served) -> None:
    def stored():
        with closing(sqlite3.connect(served.site.store)) as connection:
            return connection.execute(
                "SELECT count(*), sum(name_th = 'แก้ด้วยมือ'), sum(min_x) FROM service_point"
            ).fetchone()

    before = stored()
    layer = core.QgsVectorLayer(f"{served.site.store}|layername=service_points", "points", "ogr")
    # GDAL offers what it can't keep: the file refuses when the edit is saved
    if layer.startEditing():
        feature = next(layer.getFeatures())
        layer.changeAttributeValue(feature.id(), layer.fields().indexOf("name_th"), "แก้ด้วยมือ")
        layer.changeGeometry(
            feature.id(), core.QgsGeometry.fromPointXY(core.QgsPointXY(101.0, 18.0))
        )
        assert not layer.commitChanges()
        layer.rollBack()
    assert stored() == before
