# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers who follow feeds while points and what hangs on them change at random."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from geoapi import records, service_points
from geoapi.assignments import KIND as ASSIGNMENTS
from geoapi.change_feed import follow, parse_cursor
from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.errors import DataUnavailableError, ServicePointError
from geoapi.readers import reader_of
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store.query import ItemQuery, read_page
from geoapi.transitions import Asked
from geoapi.types import JsonObject
from geoapi.workflow import TRANSITIONS
from tests.contract.point_samples import (
    LAT,
    LON,
    agency,
    agency_id,
    by,
    keep_user,
    point,
    put_agencies,
    user,
)
from tests.contract.service_samples import COPIES, offer, service

EDITOR = user(
    "editor", Grant("officer"), Grant("gis_officer"), Grant("agency_admin"), Grant("admin")
)
SUPERVISOR = user("supervisor", Grant("supervisor"))
READERS = {
    "public": PUBLIC,
    "office": user("office", Grant("officer", agency_id=agency_id(2))),
    "department": user("department", Grant("officer", agency_id=agency_id(1))),
    "gis": user("gis", Grant("gis_officer", area_code="5701")),
    "supervisor": user("reviewer", Grant("supervisor", area_code="57")),
    "elsewhere": user("elsewhere", Grant("agency_admin", area_code="50")),
    "two": user(
        "two", Grant("officer", agency_id=agency_id(3)), Grant("gis_officer", area_code="5001")
    ),
    "planner": user("planner", Grant("planner")),
    "walker": user("walker", Grant("officer")),
    "runner": user("runner", Grant("officer")),
}
FOLLOWED = {
    "service-points": tuple(READERS),
    "assignments": ("gis", "supervisor", "walker", "elsewhere"),
    "tasks": ("gis", "walker", "office"),
    "copy-requirements": ("public", "gis", "office"),
    "point-services": ("public", "two"),
}
_SUBDISTRICTS = ("570101", "570102", "570301", "500101", "500201")


@dataclass
class Follower:
    """Somebody who holds a collection as the feed has told it.

    Attributes:
        site: whose feed.
        viewer: who follows.
        collection: what.
        cursor: where in the feed.
        held: {id: feature}.
        told: kinds of entries met.
    """

    site: Site
    viewer: Viewer
    collection: Collection
    cursor: str = "0"
    held: dict[str, JsonObject] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    def listed(self) -> dict[str, JsonObject]:
        """Return what the list of items shows."""
        reader, found, after = reader_of(self.viewer, self.collection), {}, None
        while True:
            query = ItemQuery(
                self.collection.source,
                scopes=reader.scopes,
                owner_id=reader.owner_id,
                after=after,
                limit=3,
            )
            page = read_page(self.site.store, query)
            found |= {f["id"]: f for f in map(orjson.loads, page.features)}
            after = page.next_after
            if after is None:
                return found

    def read(self, since: str, limit: int = 4) -> Any:
        reader = reader_of(self.viewer, self.collection)
        return follow(self.site, self.collection, reader, parse_cursor(since), limit)

    def begin(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Read everything anew: the cursor first, then the items."""
        self.cursor = self.read("now").next
        meanwhile()
        self.held = self.listed()

    def catch_up(self) -> None:
        """Read the feed to its end."""
        while True:
            page = self.read(self.cursor)
            for row in page.rows:
                self._take(row)
            self.cursor = page.next
            if not page.has_more:
                return

    def _take(self, row: dict[str, Any]) -> None:
        inside = row["is_inside"]
        gone = row["operation"] == "delete" or (not inside and row["public_effect"] == "delete")
        self.told["delete" if gone else "upsert", bool(row["is_leaving"])] += 1
        if gone:
            self.held.pop(row["item_id"], None)
        else:
            text = row["document"] if inside else row["public_document"]
            self.held[row["item_id"]] = orjson.loads(text)

    def check(self, message: object) -> None:
        """Compare what is held with what the list shows."""
        shown = self.listed()
        assert self.held.keys() == shown.keys(), (message, self.viewer.user_id, self.collection.id)
        for item_id, feature in shown.items():
            assert self.held[item_id] == feature, (message, self.viewer.user_id, item_id)


@dataclass
class Walk:
    """A store that changes at random; the same seed makes the same changes."""

    site: Site
    random: random.Random
    points: list[Item] = field(default_factory=list)
    service: Item | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def prepare(self) -> None:
        """Store agencies, users, a service and some points."""
        tree = (agency(1), agency(2, 1), agency(3, 1), agency(4))
        put_agencies(self.site, *tree)
        for person in (*READERS.values(), EDITOR, SUPERVISOR):
            if person is not PUBLIC:
                keep_user(self.site, person)
        self.service = service(self.site)
        for number in range(6):
            self._create()
            if number % 2:
                self._publish(self.points[-1])

    def step(self, kind: str = "") -> None:
        """Try one change; what is refused is counted and changes nothing."""
        kind = kind or self.random.choice(
            ["create", "edit", "move", "agency", "assign", "hand over", "offer", "delete"]
            + ["move", "agency", "assign", "copies"]
            + ["take"] * 9
        )
        try:
            getattr(self, f"_{kind.replace(' ', '_')}")()
        except DataUnavailableError:
            raise
        except ServicePointError:
            self.counts[f"{kind} refused"] += 1
        else:
            self.counts[kind] += 1

    def _some(self) -> Item:
        return self.random.choice(self.points[-9:])

    def _create(self) -> None:
        place = (LON + self.random.random() / 100, LAT)
        feature = point(
            place,
            subdistrict_code=self.random.choice(_SUBDISTRICTS),
            agency_id=self._office(),
        )
        self.points.append(service_points.create(self.site, by(EDITOR), feature))

    def _publish(self, item: Item) -> None:
        service_points.take_action(self.site, by(EDITOR), item.id, "submit")
        service_points.take_action(self.site, by(SUPERVISOR), item.id, "verify")

    def _office(self) -> str:
        return agency_id(self.random.randint(1, 4))

    def _patch(self, **properties: Any) -> None:
        patch = {"properties": properties}
        service_points.update(self.site, by(EDITOR), self._some().id, patch)

    def _edit(self) -> None:
        self._patch(name_th=f"สำนักงาน {self.random.randint(1, 99)}")

    def _move(self) -> None:
        code = self.random.choice(_SUBDISTRICTS)
        self._patch(subdistrict_code=code, district_code=code[:4], province_code=code[:2])

    def _agency(self) -> None:
        self._patch(agency_id=self._office())

    def _take(self) -> None:
        item_id = self._some().id
        state = service_points.get(self.site, EDITOR, item_id).feature["properties"]["state"]
        steps = [name for name, step in TRANSITIONS.items() if state in step.sources]
        action = self.random.choice(steps + [s for s in steps if s in ("submit", "verify")] * 3)
        who = SUPERVISOR if action in ("verify", "return") else EDITOR
        successor = self._some().id if action in ("merge", "move") else ""
        asked = Asked(successor, self.random.randint(1, 3) if action == "restore" else 0)
        context = by(who, reason="เพราะ")
        service_points.take_action(self.site, context, item_id, action, asked)

    def _delete(self) -> None:
        service_points.delete(self.site, by(EDITOR), self._some().id)

    def _assign(self) -> None:
        owner = self.random.choice(["walker", "runner", None])
        properties = {"point_id": self._some().id, "state": "assigned", "owner_id": owner}
        feature = {"type": "Feature", "geometry": None, "properties": properties}
        records.create(self.site, by(EDITOR), ASSIGNMENTS, feature)

    def _hand_over(self) -> None:
        found = self._documents(ASSIGNMENTS)
        owner = self.random.choice(["walker", "runner", "editor"])
        patch = {"properties": {"owner_id": owner}}
        records.update(self.site, by(EDITOR), ASSIGNMENTS, self._one(found), patch)

    def _offer(self) -> None:
        assert self.service is not None
        offer(self.site, self._some(), self.service, EDITOR)

    def _copies(self) -> None:
        patch = {"properties": {"copy_class": self.random.choice(["required", "not_required"])}}
        found = self._documents(COPIES)
        records.update(self.site, by(EDITOR), COPIES, self._one(found), patch)

    def _documents(self, kind: Any) -> list[JsonObject]:
        return self.site.store.read(lambda c: records.documents(c, kind))

    def _one(self, found: list[JsonObject]) -> str:
        return str(self.random.choice(found)["id"]) if found else "none"


def walk(site: Site, seed: int, steps: int) -> tuple[Counter[str], Counter[Any]]:
    """Change a store at random and compare, now and then, what followers hold with the lists."""
    state = Walk(site, random.Random(seed))
    state.prepare()
    followers = [
        Follower(site, READERS[who], COLLECTIONS[name])
        for name, readers in FOLLOWED.items()
        for who in readers
    ]
    fresh = [f for f in followers if state.random.random() < 0.5]
    for follower in fresh:
        follower.begin()
    for number in range(steps):
        state.step()
        if state.random.random() < 0.05:
            late = state.random.choice(followers)
            late.begin(meanwhile=state.step)
        if number % 25 == 24 or number == steps - 1:
            for follower in followers:
                follower.catch_up()
                follower.check((seed, number))
    told: Counter[Any] = Counter()
    for follower in followers:
        if follower.collection is SERVICE_POINTS:
            told += follower.told
    return state.counts, told
