# SPDX-License-Identifier: GPL-2.0-or-later
"""Random actions of several people, done one by one or together, and the store that they leave."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.errors import ServicePointError
from geoapi.rights import Grant, Viewer
from geoapi.site import Site
from geoapi.store.tables import FEATURE_TABLES, change
from geoapi.transactions import Action, Order, Semantic, Verb, run
from geoapi.transitions import Asked, take_action
from geoapi.types import JsonObject
from geoapi.writers import writer_of
from tests.contract.point_samples import LAT, LON, OFFICER, REVIEWER, by, point, user
from tests.contract.service_samples import HOUSE, ID_CARD, record

MANAGER = user("manager", Grant("gis_officer"), Grant("agency_admin"), Grant("admin"))
AREAS = ("570101", "570102", "571001", "500101")
STEPS = (
    ("submit",) * 4
    + ("verify",) * 4
    + ("return", "withdraw", "discard", "reopen", "close", "merge")
)
# What depends on the clock or on numbers that nobody sees.
_CHANGING = re.compile(r'\d{4}-\d\d-\d\dT[\d:.]+Z|\\"[pw]\d+-[0-9a-f]{16}\\"')
_LEFT_OUT = frozenset({"fid", "geom", "etag", "created_at", "updated_at", "seq", "at", "feature"})


class Walk:
    """Makes actions about a few points, services and what hangs on them; the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.points = [self._id() for _ in range(6)]
        self.services = [self._id() for _ in range(2)]
        self.offers = [self._id() for _ in range(4)]
        self.assigned = [self._id() for _ in range(3)]

    def _id(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def actions(self, count: int) -> list[Action]:
        """Return actions of one person, numbered."""
        made = [self._action() for _ in range(count)]
        return _numbered(made)

    def reviews(self, count: int) -> list[Action]:
        """Return steps alone, which is all that a reviewer may do."""
        return _numbered([self._step(self.random.choice(self.points)) for _ in range(count)])

    def beginning(self) -> list[Action]:
        """Return what makes most of the items, so that there is something to do."""
        made = [_act("insert", "services", item_id, _service(item_id)) for item_id in self.services]
        made += [self._insert_point(item_id) for item_id in self.points[:-1]]
        return _numbered(made)

    def _action(self) -> Action:
        pick = self.random.choice
        kinds: list[Callable[[], Action]] = [
            partial(self._insert_point, pick(self.points)),
            partial(self._insert_point, pick(self.points)),
            partial(self._on_point, "update", pick(self.points)),
            partial(self._on_point, "update", pick(self.points)),
            partial(self._on_point, "replace", pick(self.points)),
            partial(self._on_point, "update", pick(self.points)),
            partial(self._step, pick(self.points)),
            partial(self._step, pick(self.points)),
            partial(self._step, pick(self.points)),
            partial(self._rarely_deleted, pick(self.points)),
            partial(self._on_record, "point-services", pick(self.offers)),
            partial(self._on_record, "assignments", pick(self.assigned)),
            partial(self._on_record, "services", pick(self.services)),
            partial(self._on_record, "point-services", pick(self.offers)),
            partial(self._on_record, "assignments", pick(self.assigned)),
        ]
        return pick(kinds)()

    def _properties(self) -> JsonObject:
        pick = self.random.choice
        parts: JsonObject = {
            "name_en": pick(["A", "B", "C", None]),
            "subdistrict_code": pick(AREAS),
            "category": pick(["hospital"] * 9 + ["no such"]),
        }
        if self.random.random() < 0.3:
            parts["parent_id"] = pick(self.points)
        return parts

    def _insert_point(self, item_id: str) -> Action:
        place = (LON + self.random.randint(0, 9) / 1000, LAT)
        return _act(
            "insert", "service-points", item_id, point(place, id=item_id, **self._properties())
        )

    def _rarely_deleted(self, item_id: str) -> Action:
        return self._on_point("delete" if self.random.random() < 0.3 else "update", item_id)

    def _on_point(self, verb: Verb, item_id: str) -> Action:
        if verb == "update":
            said = self._properties()
            name = self.random.choice(sorted(said))
            document = {"properties": {name: said[name]}}
        else:
            document = {} if verb == "delete" else point(**self._properties())
        return _act(verb, "service-points", item_id, document, self._tags())

    def _tags(self) -> tuple[str, ...] | None:
        return self.random.choice([("*",)] * 8 + [("w1-stale",), None])

    def _step(self, item_id: str) -> Action:
        step = self.random.choice(STEPS)
        asked = Asked(self.random.choice(self.points)) if step == "merge" else Asked()
        action = _act("transition", "service-points", item_id, {}, ("*",))
        return replace(action, step=step, asked=asked, reason="เหตุผล")

    def _on_record(self, collection: str, item_id: str) -> Action:
        pick = self.random.choice
        verb: Verb = pick(["insert", "insert", "update", "delete"])
        if verb == "delete":
            return _act(verb, collection, item_id, {}, self._tags())
        properties: JsonObject = {
            "services": lambda: _service(item_id)["properties"],
            "point-services": lambda: {"point_id": pick(self.points),
                                       "service_id": pick(self.services)},
            "assignments": lambda: {"point_id": pick(self.points), "note": pick("ab"),
                                    "state": "assigned"},
        }[collection]()  # fmt: skip
        if verb == "update":
            note = {"services": {"name_en": pick("ab")}, "assignments": {"note": pick("xy")}}
            patch = note.get(collection, {"is_offered": pick([True, False])})
            return _act(verb, collection, item_id, {"properties": patch}, self._tags())
        return _act(verb, collection, item_id, {**record(**properties), "id": item_id})


def _act(
    verb: Verb,
    collection: str,
    item_id: str,
    document: JsonObject,
    tags: tuple[str, ...] | None = None,
) -> Action:
    return Action(verb, COLLECTIONS[collection], item_id, document=document, if_match=tags)


def _numbered(made: list[Action]) -> list[Action]:
    return [replace(action, index=n, pointer=f"/{n}") for n, action in enumerate(made)]


def _service(item_id: str) -> JsonObject:
    document = record(
        code=f"s-{item_id[:4]}", name_th="บริการ", review_state="published",
        documents=[ID_CARD, HOUSE],
    )  # fmt: skip
    return {**document, "id": item_id}


def one_by_one(site: Site, viewer: Viewer, actions: list[Action]) -> list[str]:
    """Do actions as single requests do them; return what each was refused with, '' for done."""
    return [_refusal(partial(_single, site, viewer, action)) for action in actions]


def _single(site: Site, viewer: Viewer, action: Action) -> None:
    context = by(viewer, if_match=action.if_match, reason=action.reason)
    writer, item_id = writer_of(action.collection), action.item_id
    if action.verb == "insert":
        writer.create(site, context, action.document)
    elif action.verb == "replace":
        writer.replace(site, context, item_id, action.document)
    elif action.verb == "update":
        writer.update(site, context, item_id, action.document)
    elif action.verb == "delete":
        writer.delete(site, context, item_id)
    else:
        take_action(site, context, item_id, action.step, action.asked)


def _refusal(work: Callable[[], None]) -> str:
    try:
        work()
    except ServicePointError as error:
        return error.message_id
    return ""


def together(
    site: Site, viewer: Viewer, actions: list[Action], semantic: Semantic = "batch"
) -> list[str]:
    """Do actions in one transaction; return what each was refused with, '' for done."""
    outcomes = run(site, by(viewer), Order(semantic, tuple(actions), 60.0))
    return ["" if o.error is None else o.error.message_id for o in outcomes]


def left(site: Site) -> dict[str, list[Any]]:
    """Return what stands in a store, without clocks: rows of each table, changes in their order."""

    def look(connection: Any) -> dict[str, list[Any]]:
        found = {
            name: sorted(_plain(dict(row)) for row in connection.execute(select(table)).mappings())
            for name, table in FEATURE_TABLES.items()
        }
        ordered = select(change).order_by(change.c.seq)
        return found | {"change": [_plain(dict(r)) for r in connection.execute(ordered).mappings()]}

    return site.store.read(look)


def _plain(row: dict[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if name not in _LEFT_OUT}
    kept["text"] = _CHANGING.sub("", row.get("feature") or "")
    for name in ("document", "public_document"):
        if name in kept:
            kept[name] = _CHANGING.sub("", kept[name] or "")
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str)


def rounds(seed: int, count: int) -> Iterator[tuple[Viewer, list[Action]]]:
    """Yield who does what, round after round."""
    walk = Walk(seed)
    yield MANAGER, walk.beginning()
    for _ in range(count):
        who = walk.random.choice([MANAGER, MANAGER, MANAGER, OFFICER, REVIEWER, REVIEWER])
        make = walk.reviews if who is REVIEWER else walk.actions
        yield who, make(walk.random.randint(1, 12))


__all__ = ["SERVICE_POINTS", "left", "one_by_one", "rounds", "together"]
