# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of a progress report counted a second time: document by document, in plain Python.

Written from docs/progress-report.md, and from nothing of the code that it checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import orjson
from sqlalchemy import select

from geoapi.store import Store
from geoapi.store.tables import FEATURE_TABLES
from geoapi.types import JsonObject, Scope

NUMBERS = (
    "places", "assigned", "late", "unpinned", "draft", "submitted", "returned", "verified",
    "pinned",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What to recount."""

    scopes: tuple[Scope, ...]
    asked: Scope
    day: date
    campaign: str = ""


@dataclass(frozen=True)
class Recount:
    """The numbers: in all, by district and by agency."""

    total: Counter[str]
    districts: dict[str, Counter[str]]
    agencies: dict[str, Counter[str]]
    rolled_up: dict[str, Counter[str]]


def documents(store: Store, table: str, view: str) -> list[JsonObject]:
    columns = FEATURE_TABLES[table].c
    wanted = select(columns.feature).where(columns["view"] == view)
    return [orjson.loads(row[0]) for row in store.read(lambda c: c.execute(wanted).all())]


def superiors(store: Store) -> dict[str, set[str]]:
    """Return {agency: itself and all above it}, walked through the documents of agencies."""
    parents: dict[str, set[str]] = {}
    for found in documents(store, "agency", "published"):
        said = found["properties"]
        parents[found["id"]] = {
            p for p in (said["parent_id"], *(said.get("also_under") or [])) if p
        }

    def walk(agency: str, seen: set[str]) -> set[str]:
        for above in parents.get(agency, set()) - seen:
            walk(above, seen | {agency})
            seen |= {above} | walk(above, seen | {above})
        return seen | {agency}

    return {agency: walk(agency, set()) for agency in parents}


def recount(store: Store, wanted: Wanted) -> Recount:
    above = superiors(store)

    def inside(agency: str, area: str, scope: Scope) -> bool:
        under = scope.agency_id == "" or scope.agency_id in above.get(agency, set())
        return under and area.startswith(scope.area_code)

    public = {
        f["id"]
        for f in documents(store, "service_point", "published")
        if f["properties"]["state"] == "verified"
    }
    orders: dict[str, list[JsonObject]] = {}
    waiting = []
    for found in documents(store, "assignment", "working"):
        said = found["properties"]
        if wanted.campaign and said.get("campaign") != wanted.campaign:
            continue
        if said["state"] in ("handed_over", "cancelled"):
            continue
        if said.get("point_id"):
            orders.setdefault(said["point_id"], []).append(said)
        elif said["state"] != "verified":
            waiting.append(said)
    places = [
        (f["properties"], stage(f, public), orders.get(f["id"], []))
        for f in documents(store, "service_point", "working")
        if f["properties"]["state"] in ("unpinned", "draft", "submitted", "returned", "verified")
        and (not wanted.campaign or f["id"] in orders)
    ] + [(said, "unpinned", [said]) for said in waiting]
    total: Counter[str] = Counter()
    by: tuple[dict[str, Counter[str]], ...] = ({}, {}, {})
    for said, its_stage, its_orders in places:
        agency = said.get("agency_id") or ""
        codes = [
            said.get(f"{level}_code") or "" for level in ("subdistrict", "district", "province")
        ]
        area = next((code for code in codes if code), "")
        if not any(inside(agency, area, scope) for scope in wanted.scopes):
            continue
        if not inside(agency, area, wanted.asked):
            continue
        numbers = Counter(["places", its_stage])
        numbers["pinned"] += its_stage != "unpinned"
        numbers["assigned"] += bool(its_orders)
        numbers["late"] += any(is_late(order, wanted.day) for order in its_orders)
        total += numbers
        keys = (codes[1] or codes[2], agency)
        for table, key in zip(by[:2], keys, strict=True):
            table.setdefault(key, Counter()).update(numbers)
        for unit in above.get(agency, set()):
            by[2].setdefault(unit, Counter()).update(numbers)
    return Recount(total, *by)


def stage(point: JsonObject, public: set[str]) -> str:
    if point["id"] in public:
        return "verified"
    state = point["properties"]["state"]
    return state if state in ("submitted", "returned", "unpinned") else "draft"


def is_late(order: JsonObject, day: date) -> bool:
    due = order.get("due_on")
    return (
        order["state"] in ("assigned", "accepted") and bool(due) and date.fromisoformat(due) < day
    )


def plain(counter: Counter[str]) -> dict[str, int]:
    return {name: counter[name] for name in NUMBERS}
