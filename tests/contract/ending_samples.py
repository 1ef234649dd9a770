# SPDX-License-Identifier: GPL-2.0-or-later
"""People and short ways through the end of a point's life, for the contract suite."""

from __future__ import annotations

from typing import Any

from geoapi import service_points
from geoapi.errors import (
    ServicePointError,
)
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store import changes
from geoapi.store.copy import checksum
from geoapi.transitions import Asked
from geoapi.types import Scope
from tests.contract.point_samples import (
    GIS,
    act,
    listed,
    refused,
    user,
)

ADMIN = user("agency admin", Grant("agency_admin", area_code="57"))
GIS_ELSEWHERE = user("gis elsewhere", Grant("gis_officer", area_code="50"))
NOBODY = "99999999-9999-4999-8999-999999999999"
WHY = "ตามหนังสือของอำเภอ"


def said(item: Item) -> dict[str, Any]:
    return item.feature["properties"]


def now(site: Site, item: Item, viewer: Viewer = GIS) -> dict[str, Any]:
    """Return the properties that a viewer sees now."""
    return service_points.get(site, viewer, item.id).feature["properties"]


def is_public(site: Site, item: Item) -> bool:
    return item.id in {feature["id"] for feature in listed(site, PUBLIC)}


def operations(site: Site, item: Item) -> list[str]:
    rows = site.store.read(lambda c: changes.read_history(c, "service-points", item.id, (Scope(),)))
    return [row["operation"] for row in rows]


def merge(site: Site, item: Item, into: Item | str, viewer: Viewer = GIS) -> Item:
    successor = into if isinstance(into, str) else into.id
    return act(site, item, "merge", viewer, WHY, Asked(successor))


def move(site: Site, item: Item, into: Item | str, viewer: Viewer = GIS) -> Item:
    successor = into if isinstance(into, str) else into.id
    return act(site, item, "move", viewer, WHY, Asked(successor))


def unchanged(site: Site, kind: type[ServicePointError], action: Any) -> ServicePointError:
    """Return the error of an action that left nothing behind."""
    before = checksum(site.store)
    error = refused(kind, action)
    assert checksum(site.store) == before
    return error
