# SPDX-License-Identifier: GPL-2.0-or-later
"""A second opinion on the life of a point: who may take which step, written down once more.

Made from the words of docs/architecture.md alone.  It imports nothing of the product, knows no
database, and keeps of each point only what the rules speak of.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LIVING = ("unpinned", "draft", "submitted", "returned", "verified")

OFFICE = ("officer", "gis_officer", "agency_admin")
REVIEWERS = ("supervisor",)
ENDERS = ("gis_officer", "agency_admin", "supervisor")
MERGERS = ("gis_officer", "agency_admin")
INSIDERS = (*OFFICE, "supervisor", "planner", "admin")

# action: (states it starts from, whether it wants a reason, a successor, a revision)
STEPS: dict[str, tuple[tuple[str, ...], bool, bool, bool]] = {
    "submit": (("draft", "returned"), False, False, False),
    "verify": (("submitted",), False, False, False),
    "return": (("submitted",), True, False, False),
    "discard": (("unpinned", "draft", "submitted", "returned"), False, False, False),
    "restore": (LIVING, False, False, True),
    "withdraw": (LIVING, True, False, False),
    "close": (("verified",), True, False, False),
    "move": (("verified",), True, True, False),
    "merge": (LIVING, True, True, False),
    "reopen": (("withdrawn", "closed", "moved", "merged"), True, False, False),
    "edit": (LIVING, False, False, False),
}


@dataclass
class Point:
    """What the rules know of a point.

    Attributes:
        name: of the point among the others.
        area: province it lies in.
        state: of the working revision.
        has_place: it has a position.
        parent: name of the main place, '' for none.
        public: state that the public sees, '' for nothing.
        public_parent: main place that the public sees.
        was_public: it was verified once.
        successor: name of the point that took its place, '' for none.
        editors: who edited since the last verification.
        past: (has a place, main place) at each revision.
    """

    name: str
    area: str
    state: str
    has_place: bool
    parent: str = ""
    public: str = ""
    public_parent: str = ""
    was_public: bool = False
    successor: str = ""
    editors: set[str] = field(default_factory=set)
    past: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def revision(self) -> int:
        """Return the number of the current revision."""
        return len(self.past)

    def remember(self) -> None:
        """Put the current revision into the past."""
        self.past.append((self.has_place, self.parent))


@dataclass(frozen=True)
class Actor:
    """Somebody, with (role, area) pairs; an empty area is everywhere."""

    name: str
    roles: tuple[tuple[str, str], ...] = ()

    def is_one_of(self, roles: tuple[str, ...], area: str) -> bool:
        """Say whether one of the roles is held in an area."""
        return any(role in roles and area.startswith(where) for role, where in self.roles)


@dataclass(frozen=True)
class Attempt:
    """Somebody tries a step.

    Attributes:
        actor: who.
        action: key of :data:`STEPS`.
        point: name of the point.
        has_reason: a reason is given.
        successor: name of the point named, '' for none, '?' for one that is not there.
        revision: named, 0 for none.
        is_stale: made from a revision that is not the current one.
        has_place: an edit leaves the point with a position.
    """

    actor: Actor
    action: str
    point: str
    has_reason: bool
    successor: str = ""
    revision: int = 0
    is_stale: bool = False
    has_place: bool = True


World = dict[str, Point]


def who_may(action: str, point: Point) -> tuple[str, ...]:
    """Return the roles that may take a step with a point as it is."""
    if action in ("verify", "return"):
        return REVIEWERS
    if action in ("close", "move"):
        return ENDERS
    if action == "merge" or (action == "reopen" and point.state == "merged"):
        return MERGERS
    if action in ("withdraw", "reopen") and point.was_public:
        return ENDERS
    return OFFICE


def is_legal(world: World, attempt: Attempt) -> bool:
    """Say whether an attempt has to succeed."""
    point, actor, action = world[attempt.point], attempt.actor, attempt.action
    sources, wants_reason, wants_successor, wants_revision = STEPS[action]
    return (
        point.state in sources
        and not attempt.is_stale
        and actor.is_one_of(who_may(action, point), point.area)
        and (attempt.has_reason or not wants_reason)
        and wants_successor == bool(attempt.successor)
        and wants_revision == bool(attempt.revision)
        and not (action in ("verify", "return") and actor.name in point.editors)
        and (action != "discard" or _can_go_back(world, point))
        and (not wants_revision or _can_come_back(world, attempt))
        and (not wants_successor or _can_succeed(world, attempt))
    )


def _can_go_back(world: World, point: Point) -> bool:
    return point.public == "verified" and not _makes_circle(world, point, point.public_parent)


def _can_come_back(world: World, attempt: Attempt) -> bool:
    point = world[attempt.point]
    if attempt.revision >= point.revision:
        return False
    return not _makes_circle(world, point, main_place_then(world, attempt))


def _makes_circle(world: World, point: Point, parent: str) -> bool:
    while parent:
        if parent == point.name:
            return True
        parent = world[parent].parent
    return False


def main_place_then(world: World, attempt: Attempt) -> str:
    """Return the main place of an earlier revision, or what it was merged into since."""
    parent = world[attempt.point].past[attempt.revision - 1][1]
    while parent and world[parent].state == "merged":
        parent = world[parent].successor
    return parent


def _can_succeed(world: World, attempt: Attempt) -> bool:
    point, actor = world[attempt.point], attempt.actor
    other = world.get(attempt.successor)
    if other is None or other is point or other.state not in LIVING:
        return False
    if not other.public and not actor.is_one_of(INSIDERS, other.area):
        return False
    if attempt.action == "move":
        return True
    if not actor.is_one_of(MERGERS, other.area) or (point.public and not other.public):
        return False
    above = other.parent
    while above:
        if above == point.name:
            return False
        above = world[above].parent
    return True


def take(world: World, attempt: Attempt) -> None:
    """Do a legal attempt: what each point is like afterwards."""
    point, action, actor = world[attempt.point], attempt.action, attempt.actor.name
    if action in ("edit", "restore", "reopen"):
        if action == "restore":
            point.parent = main_place_then(world, attempt)
            point.has_place = point.past[attempt.revision - 1][0]
        elif action == "edit":
            point.has_place = attempt.has_place
        if point.state == "verified":
            point.editors = set()
        point.editors.add(actor)
        point.state = "draft" if point.has_place else "unpinned"
        point.successor = ""
    elif action in ("verify", "discard"):
        if action == "discard":
            point.parent = point.public_parent
        point.state, point.public, point.was_public = "verified", "verified", True
        point.editors, point.has_place, point.public_parent = set(), True, point.parent
    elif action in ("submit", "return"):
        point.state = {"submit": "submitted", "return": "returned"}[action]
    elif action in ("close", "move"):
        point.state = point.public = {"close": "closed", "move": "moved"}[action]
        point.successor = attempt.successor
    else:
        point.state = {"withdraw": "withdrawn", "merge": "merged"}[action]
        point.public, point.public_parent, point.successor = "", "", attempt.successor
    point.remember()
    if action == "merge":
        _rehang(world, point.name, attempt.successor)


def _rehang(world: World, main: str, successor: str) -> None:
    for branch in world.values():
        if main not in (branch.parent, branch.public_parent):
            continue
        branch.parent = successor if branch.parent == main else branch.parent
        if branch.public_parent == main:
            branch.public_parent = successor
        branch.remember()
