# SPDX-License-Identifier: GPL-2.0-or-later
"""People, documents and short ways through the life of a service point, for the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from geoapi import reference_data, service_points
from geoapi.collections import SERVICE_POINTS
from geoapi.errors import ServicePointError
from geoapi.keys import load_keys
from geoapi.messages import known_message_ids
from geoapi.revisions import Item, WriteContext
from geoapi.rights import PUBLIC, SYSTEM, Grant, Viewer, scopes
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Store, Transaction, accounts, open_store
from geoapi.store.copy import delete_all
from geoapi.store.query import ItemQuery, read_page
from geoapi.store.schema import migrate
from geoapi.transitions import Asked
from geoapi.types import JsonObject

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LON, LAT = 99.8325, 19.9105


class Clock:
    """An injected clock: stands, or goes on by a step with each look."""

    def __init__(self, step_ms: int = 1000) -> None:
        self.now = START
        self.step = timedelta(milliseconds=step_ms)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def kept_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give one store of the backend ``request.param`` for all tests of a file: empty it before."""
    name = f"pakmud_test_{request.module.__name__.rpartition('.')[2]}"
    if request.param == "geopackage":
        folder = request.getfixturevalue("tmp_path_factory").mktemp("kept")
        store = open_store(folder / "store.gpkg")
    else:
        cluster = request.getfixturevalue("postgres")
        template = request.getfixturevalue("postgis_template")
        cluster.drop_database(name)
        store = open_store(cluster.create_database(name, template))
    migrate(store)
    yield store
    store.close()
    if request.param != "geopackage":
        cluster.drop_database(name)


def emptied(store: Store) -> Store:
    """Delete all rows of a store and return it."""
    store.clock = Clock()
    store.write(lambda t: delete_all(t.connection))
    return store


def site_of(store: Store, folder: Path, clock: Clock | None = None) -> Site:
    """Return a site over a store, with a clock of one second a look."""
    store.clock = clock or Clock()
    settings = Settings(data_dir=folder / "keys")
    return Site(settings, store, load_keys(settings.data_dir), store.clock)


def user(name: str, *grants: Grant) -> Viewer:
    return Viewer(user_id=name, display_name=name, grants=grants, via="session")


OFFICER = user("officer", Grant("officer", area_code="57"))
COLLEAGUE = user("colleague", Grant("officer", area_code="57"))
STRANGER = user("stranger", Grant("officer", area_code="50"))
GIS = user("gis", Grant("gis_officer", area_code="57"))
EVERYWHERE = user("everywhere", Grant("officer"))
REVIEWER = user("reviewer", Grant("supervisor", area_code="57"))
EVERYBODY = (PUBLIC, OFFICER, COLLEAGUE, STRANGER, GIS, EVERYWHERE, REVIEWER, SYSTEM)


def point(position: tuple[float, float] | None = (LON, LAT), **properties: Any) -> JsonObject:
    """Return a document as a client sends it; ``id`` among the properties becomes its id."""
    item_id = properties.pop("id", None)
    geometry = None if position is None else {"type": "Point", "coordinates": list(position)}
    defaults = {"name_th": "โรงพยาบาลห้วยชมภู", "category": "hospital", "subdistrict_code": "570101"}
    document: JsonObject = {
        "type": "Feature",
        "geometry": geometry,
        "properties": {k: v for k, v in (defaults | properties).items() if v is not ...},
    }
    return document if item_id is None else {**document, "id": item_id}


def by(viewer: Viewer, **parts: Any) -> WriteContext:
    """Return a context of a viewer that matches any revision."""
    return replace(WriteContext(viewer, if_match=("*",)), **parts)


def keep_user(site: Site, viewer: Viewer, **columns: Any) -> None:
    """Store a viewer as a user with the same grants."""

    def write(transaction: Transaction) -> None:
        values = {
            "id": viewer.user_id,
            "username": viewer.user_id,
            "display_name": viewer.display_name,
            "language": "th",
            "password_hash": "!",
            "must_change_password": False,
        }
        accounts.insert_user(transaction, values | columns)
        for number, grant in enumerate(viewer.grants):
            own = {"id": f"{viewer.user_id}/{number}", "user_id": viewer.user_id}
            accounts.insert_grant(transaction, {**own, "granted_by": "", **vars(grant)})

    site.store.write(write)


def create(site: Site, viewer: Viewer = OFFICER, **properties: Any) -> Item:
    return service_points.create(site, by(viewer), point(**properties))


def change(site: Site, item: Item | str, viewer: Viewer = OFFICER, **properties: Any) -> Item:
    """Patch properties; ``position`` among them moves the point, None unpins it."""
    patch: JsonObject = {"properties": properties}
    if "position" in properties:
        place = properties.pop("position")
        patch["geometry"] = place and {"type": "Point", "coordinates": list(place)}
    item_id = item if isinstance(item, str) else item.id
    return service_points.update(site, by(viewer), item_id, patch)


def act(
    site: Site,
    item: Item,
    action: str,
    viewer: Viewer = OFFICER,
    reason: str = "",
    asked: Asked | None = None,
) -> Item:
    return service_points.take_action(site, by(viewer, reason=reason), item.id, action, asked)


def publish(site: Site, item: Item) -> Item:
    """Submit as the officer and verify as the reviewer."""
    act(site, item, "submit")
    return act(site, item, "verify", REVIEWER)


def published(site: Site, **properties: Any) -> Item:
    return publish(site, create(site, **properties))


def query_of(viewer: Viewer, **parts: Any) -> ItemQuery:
    held = scopes(viewer, "points.read_working")
    return ItemQuery(SERVICE_POINTS.source, scopes=held, limit=10_000, **parts)


def listed(site: Site, viewer: Viewer, **parts: Any) -> list[JsonObject]:
    """Return the features that a viewer gets in a list."""
    return list(_parsed(read_page(site.store, query_of(viewer, **parts)).features))


def _parsed(texts: list[str]) -> Iterator[JsonObject]:
    yield from map(orjson.loads, texts)


def agency(number: int, parent: int | None = None, *also_under: int) -> JsonObject:
    """Return the document of an agency."""
    code = f"{number:05d}"
    return {
        "type": "Feature",
        "id": agency_id(number),
        "geometry": None,
        "properties": {
            "code": code,
            "name_th": f"หน่วยงาน {code}",
            "name_en": None,
            "agency_type": "department",
            "parent_id": None if parent is None else agency_id(parent),
            "also_under": [agency_id(n) for n in also_under],
        },
    }


def agency_id(number: int) -> str:
    return reference_data.agency_id_of_code(f"{number:05d}")


def put_agencies(site: Site, *documents: JsonObject) -> dict[str, int]:
    context = WriteContext(SYSTEM)
    return site.store.write(lambda t: reference_data.put_agencies(t, context, documents))


def refused(kind: type[ServicePointError], action: Callable[[], object]) -> ServicePointError:
    """Return the error of an action; its ids have their sentences."""
    with pytest.raises(kind) as caught:
        action()
    ids = {caught.value.message_id, *(p.message_id for p in caught.value.problems)}
    assert ids <= known_message_ids()
    return caught.value
