# SPDX-License-Identifier: GPL-2.0-or-later
"""Walk at random through the life of some points, beside the oracle, and compare at every step."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from geoapi import service_points
from geoapi.errors import DataUnavailableError, ServicePointError
from geoapi.revisions import WriteContext
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store.copy import delete_all
from geoapi.transitions import Asked
from tests.transition_oracle import STEPS, Actor, Attempt, Point, World, is_legal, take, who_may

ACTORS = (
    Actor("officer", (("officer", "57"),)),
    Actor("colleague", (("officer", "57"),)),
    Actor("everywhere", (("officer", ""),)),
    Actor("elsewhere", (("officer", "50"),)),
    Actor("gis", (("gis_officer", "57"),)),
    Actor("gis50", (("gis_officer", "50"),)),
    Actor("admin of agencies", (("agency_admin", ""),)),
    Actor("supervisor", (("supervisor", "57"),)),
    Actor("supervisor of all", (("supervisor", ""),)),
    Actor("both", (("officer", "57"), ("supervisor", "57"))),
    Actor("split", (("gis_officer", "57"), ("supervisor", "50"))),
    Actor("planner", (("planner", "57"),)),
    Actor("admin", (("admin", ""),)),
    Actor("executive", (("executive", ""),)),
    Actor("nobody"),
)
VIEWERS = {
    actor.name: Viewer(
        actor.name,
        grants=tuple(Grant(role, area_code=area) for role, area in actor.roles),
        via="session",
    )
    for actor in ACTORS
    if actor.name != "nobody"
} | {"nobody": PUBLIC}
ATTEMPTS_OF_EPISODE = 500
GUIDED = 0.5
# (name, area, has a place, main place)
START = (
    ("main", "57", True, ""),
    ("branch", "57", True, "main"),
    ("far branch", "50", True, "main"),
    ("twig", "57", False, "branch"),
    ("one", "57", True, ""),
    ("two", "57", False, ""),
    ("three", "50", True, ""),
)
PLACE = {"type": "Point", "coordinates": [99.8325, 19.9105]}
NOT_THERE = "99999999-9999-4999-8999-999999999999"


@dataclass
class Walk:
    """A world, the same twice: in the oracle and in a store.

    Attributes:
        site: where the product keeps it.
        random: source of all choices.
        world: what the oracle knows.
        ids: {name of a point: its id}.
        counts: {(action, accepted or refused): times}.
    """

    site: Site
    random: random.Random
    world: World = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


def walk(
    site: Site, seed: int, attempts: int = ATTEMPTS_OF_EPISODE, guided: float = GUIDED
) -> Counter[tuple[str, str]]:
    """Empty a store, make some points, and try steps; every answer must be the oracle's.

    Args:
        site: whose store is emptied.
        seed: the same seed makes the same walk.
        attempts: how many.
        guided: share of attempts that begin with a step and an actor that fit the state.

    Returns:
        {(action, ``accepted`` or ``refused``): times}.
    """
    site.store.write(lambda transaction: delete_all(transaction.connection))
    state = Walk(site, random.Random(seed))
    state.world = _beginning()
    for name, area, has_place, parent in START:
        _make(state, name, area, has_place=has_place, parent=parent)
    for number in range(attempts):
        attempt = _choose(state.random, state.world, guided)
        expected = is_legal(state.world, attempt)
        if _try(state, attempt) != expected:
            verdict = "legal refused" if expected else "illegal accepted"
            raise AssertionError(f"{verdict}: seed {seed}, attempt {number}: {attempt}")
    _compare(state)
    return state.counts


def imagine(seed: int, attempts: int = ATTEMPTS_OF_EPISODE) -> Counter[tuple[str, str]]:
    """Take a walk in the oracle alone; the same choices, and what must come of them."""
    chooser, world = random.Random(seed), _beginning()
    counts: Counter[tuple[str, str]] = Counter()
    for _ in range(attempts):
        attempt = _choose(chooser, world, GUIDED)
        is_accepted = is_legal(world, attempt)
        counts[attempt.action, "accepted" if is_accepted else "refused"] += 1
        if is_accepted:
            take(world, attempt)
    return counts


def _beginning() -> World:
    world: World = {}
    for name, area, has_place, parent in START:
        point = Point(name, area, "draft" if has_place else "unpinned", has_place, parent)
        point.editors = {"everywhere"}
        point.remember()
        world[name] = point
    return world


def _make(state: Walk, name: str, area: str, *, has_place: bool, parent: str) -> None:
    properties = {
        "name_th": "สำนักงานแห่งหนึ่ง", "category": "hospital", "subdistrict_code": f"{area}0101",
    }  # fmt: skip
    if parent:
        properties["parent_id"] = state.ids[parent]
    feature = {"type": "Feature", "geometry": PLACE if has_place else None}
    context = WriteContext(VIEWERS["everywhere"])
    item = service_points.create(state.site, context, feature | {"properties": properties})
    state.ids[name] = item.id


def _choose(choice: random.Random, world: World, guided: float) -> Attempt:
    """Choose at random; part of the time something that begins well, so that walks get far."""
    point = choice.choice(list(world.values()))
    action = choice.choice(list(STEPS))
    actor = choice.choice(ACTORS)
    if choice.random() < guided:
        action = choice.choice([name for name, step in STEPS.items() if point.state in step[0]])
        able = [a for a in ACTORS if a.is_one_of(who_may(action, point), point.area)]
        actor = choice.choice(able)
    _, _, wants_successor, wants_revision = STEPS[action]
    successor, revision = "", 0
    if action != "edit" and wants_successor == (choice.random() < 0.95):
        successor = choice.choice([*world, *world, *world, "?"])
    if action != "edit" and wants_revision == (choice.random() < 0.97):
        revision = choice.randint(1, point.revision + 1)
    return Attempt(
        actor,
        action,
        point.name,
        choice.random() < 0.9,
        successor,
        revision,
        choice.random() < 0.03,
        choice.random() < 0.85,
    )


def _try(state: Walk, attempt: Attempt) -> bool:
    """Let the product do it; say whether it did, and let the oracle do the same."""
    context = WriteContext(
        VIEWERS[attempt.actor.name],
        reason="เพราะ" if attempt.has_reason else "",
        if_match=("working-0-0",) if attempt.is_stale else ("*",),
    )
    try:
        item = _ask(state, context, attempt)
    except DataUnavailableError:
        raise
    except ServicePointError:
        state.counts[attempt.action, "refused"] += 1
        return False
    state.counts[attempt.action, "accepted"] += 1
    if is_legal(state.world, attempt):
        take(state.world, attempt)
        point, properties = state.world[attempt.point], item.feature["properties"]
        assert properties["state"] == point.state, attempt
        assert item.revision == point.revision, attempt
    return True


def _ask(state: Walk, context: WriteContext, attempt: Attempt) -> Any:
    item_id = state.ids[attempt.point]
    if attempt.action == "edit":
        patch = {"geometry": PLACE if attempt.has_place else None}
        return service_points.update(state.site, context, item_id, patch)
    successor = state.ids.get(attempt.successor, NOT_THERE) if attempt.successor else ""
    asked = Asked(successor, attempt.revision)
    return service_points.take_action(state.site, context, item_id, attempt.action, asked)


def _compare(state: Walk) -> None:
    """Compare everything that is stored with what the oracle knows."""
    rows = state.site.store.rows(
        "SELECT id, view, feature, editors, state, parent_id, revision FROM service_point", {}
    )
    stored = {(row[0], row[1]): row for row in rows}
    numbered = {
        row[0]: row[1:]
        for row in state.site.store.rows(
            "SELECT item_id, count(*), count(DISTINCT revision), min(revision), max(revision)"
            " FROM change GROUP BY item_id",
            {},
        )
    }
    names = {item_id: name for name, item_id in state.ids.items()} | {"": "", None: ""}
    assert len(rows) == len(state.world) + sum(1 for p in state.world.values() if p.public)
    for name, point in state.world.items():
        item_id = state.ids[name]
        working, published = stored[item_id, "working"], stored.get((item_id, "published"))
        properties = json.loads(working[2])["properties"]
        assert (working[4], names[working[5]]) == (point.state, point.parent), name
        assert set(json.loads(working[3])) == point.editors, name
        assert working[6] == properties["revision"] == point.revision, name
        assert names[properties.get("successor_id")] == point.successor, name
        assert bool(point.successor) == (point.state in {"merged", "moved"}), name
        assert bool(properties.get("verified_at")) == point.was_public, name
        seen = "" if published is None else published[4]
        assert seen == point.public, name
        if point.state in {"verified", "closed", "moved"}:
            assert seen == point.state, name
        assert seen == "" or point.state not in {"withdrawn", "merged"}, name
        if published is not None:
            assert names[published[5]] == point.public_parent, name
        count = point.revision
        assert numbered[item_id] == (count, count, 1, count), name
