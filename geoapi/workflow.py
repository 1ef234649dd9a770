# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a service point: which action leads from which state to which, and who may take it.

The table is the whole of it: pages, API and documentation read it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from geoapi.errors import ConflictError, InvalidDocumentError, Problem
from geoapi.types import JsonObject, Permission


@dataclass(frozen=True)
class Transition:
    """One action.

    Attributes:
        action: its name; also the operation in the history.
        sources: states it starts from.
        target: state it leads to.
        permission: what the actor must hold over the point.
        needs_reason: a reason must be given.
        by_other: nobody who edited since the last verification may take it.
        publishes: the public sees this revision afterwards.
    """

    action: str
    sources: frozenset[str]
    target: str
    permission: Permission
    needs_reason: bool = False
    by_other: bool = False
    publishes: bool = False


TRANSITIONS: MappingProxyType[str, Transition] = MappingProxyType(
    {
        t.action: t
        for t in (
            Transition("submit", frozenset({"draft", "returned"}), "submitted", "points.submit"),
            Transition(
                "verify",
                frozenset({"submitted"}),
                "verified",
                "points.review",
                by_other=True,
                publishes=True,
            ),
            Transition(
                "return",
                frozenset({"submitted"}),
                "returned",
                "points.review",
                needs_reason=True,
                by_other=True,
            ),
        )
    }
)
# States in which a service point can still be edited; editing leads to draft or unpinned.
EDITABLE_STATES = frozenset({"unpinned", "draft", "submitted", "verified", "returned"})


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
