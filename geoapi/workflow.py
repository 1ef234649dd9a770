# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a service point: which action leads from which state to which, and who may take it.

The table is the whole of it: pages, API and documentation read it from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from geoapi.errors import ConflictError, InvalidDocumentError, Problem
from geoapi.types import JsonObject, Permission

# States of a point that is somebody's work or in use: it can be edited, and others may name it
# as their successor.  Editing leads to draft or unpinned.
EDITABLE_STATES = frozenset({"unpinned", "draft", "submitted", "verified", "returned"})
# States that end a life; ``reopen`` alone leads out of them.
ENDED_STATES = frozenset({"withdrawn", "closed", "moved", "merged"})


@dataclass(frozen=True)
class Transition:
    """One action.

    Attributes:
        action: its name; also the operation in the history.
        sources: states it starts from.
        target: state it leads to; ``draft`` means unpinned for a point without a position.
        permission: what the actor must hold over the point.
        published_permission: what is needed instead once the point has been public.
        permission_from: {state: permission} where one state asks for another one.
        needs_reason: a reason must be given.
        needs_successor: the point that takes its place must be named.
        needs_revision: an earlier revision must be named.
        by_other: nobody who edited since the last verification may take it.
        publishes: the public sees this revision afterwards.
        unpublishes: the public sees the point no longer.
    """

    action: str
    sources: frozenset[str]
    target: str
    permission: Permission
    published_permission: Permission | None = None
    permission_from: MappingProxyType[str, Permission] = field(
        default_factory=lambda: MappingProxyType({})
    )
    needs_reason: bool = False
    needs_successor: bool = False
    needs_revision: bool = False
    by_other: bool = False
    publishes: bool = False
    unpublishes: bool = False

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Return every permission that can be enough, by the point's state and past."""
        also = () if self.published_permission is None else (self.published_permission,)
        return tuple(dict.fromkeys((self.permission, *also, *self.permission_from.values())))

    def permission_for(self, feature: JsonObject) -> Permission:
        """Return what the actor must hold over a point as it is now."""
        properties = feature["properties"]
        if properties["state"] in self.permission_from:
            return self.permission_from[properties["state"]]
        if self.published_permission is not None and properties.get("verified_at"):
            return self.published_permission
        return self.permission


_SUBMITTED, _VERIFIED = frozenset({"submitted"}), frozenset({"verified"})

TRANSITIONS: MappingProxyType[str, Transition] = MappingProxyType(
    {
        t.action: t
        for t in (
            Transition("submit", frozenset({"draft", "returned"}), "submitted", "points.submit"),
            Transition(
                "verify", _SUBMITTED, "verified", "points.review", by_other=True, publishes=True
            ),
            Transition(
                "return",
                _SUBMITTED,
                "returned",
                "points.review",
                needs_reason=True,
                by_other=True,
            ),
            Transition("discard", EDITABLE_STATES - _VERIFIED, "verified", "points.edit"),
            Transition("restore", EDITABLE_STATES, "draft", "points.edit", needs_revision=True),
            Transition(
                "withdraw",
                EDITABLE_STATES,
                "withdrawn",
                "points.edit",
                published_permission="points.delete_published",
                needs_reason=True,
                unpublishes=True,
            ),
            Transition(
                "close",
                _VERIFIED,
                "closed",
                "points.delete_published",
                needs_reason=True,
                publishes=True,
            ),
            Transition(
                "move",
                _VERIFIED,
                "moved",
                "points.delete_published",
                needs_reason=True,
                needs_successor=True,
                publishes=True,
            ),
            Transition(
                "merge",
                EDITABLE_STATES,
                "merged",
                "points.merge",
                needs_reason=True,
                needs_successor=True,
                unpublishes=True,
            ),
            Transition(
                "reopen",
                ENDED_STATES,
                "draft",
                "points.edit",
                published_permission="points.delete_published",
                permission_from=MappingProxyType({"merged": "points.merge"}),
                needs_reason=True,
            ),
        )
    }
)


def state_after_edit(feature: JsonObject) -> str:
    """Return the state of a point that was just created or edited."""
    return "unpinned" if feature["geometry"] is None else "draft"


def transition(action: str) -> Transition:
    """Return an action of the table.

    Raises:
        InvalidDocumentError: there is no such action.
    """
    try:
        return TRANSITIONS[action]
    except KeyError as error:
        raise InvalidDocumentError(
            "workflow.unknown_action",
            problems=(
                Problem(
                    "workflow.unknown_action",
                    "/action",
                    params={"action": action, "known": ", ".join(TRANSITIONS)},
                ),
            ),
            action=action,
            known=", ".join(TRANSITIONS),
        ) from error


def check_step(step: Transition, state: str, actor_id: str, editors: tuple[str, ...]) -> None:
    """Refuse an action that the table does not allow here.

    Raises:
        ConflictError: the state is not one it starts from, or the actor reviews an own edit.
    """
    if state not in step.sources:
        raise ConflictError(
            "workflow.wrong_state",
            action=step.action,
            state=state,
            wanted=", ".join(sorted(step.sources)),
        )
    if step.by_other and actor_id in editors:
        raise ConflictError("workflow.own_edit", action=step.action)
