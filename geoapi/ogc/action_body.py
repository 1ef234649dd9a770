# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the body of ``POST .../transitions``: which action, why, and what it needs beside that."""

from __future__ import annotations

from dataclasses import dataclass

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.ogc.bodies import unknown_member
from geoapi.transitions import Asked
from geoapi.types import JsonObject

MAX_REASON_CHARACTERS = 500
_MAX_ID_CHARACTERS = 80
_MOST_REVISIONS = 2**31 - 1
_MEMBERS = ("action", "reason", "successor_id", "revision")


@dataclass(frozen=True)
class ActionBody:
    """What a client asks for.

    Attributes:
        action: as sent; the table of the workflow knows which there are.
        reason: '' when none was given.
        asked: successor or revision.
    """

    action: str
    reason: str
    asked: Asked


def read_action(document: JsonObject) -> ActionBody:
    """Read an action.

    Raises:
        InvalidDocumentError: a member is unknown, missing or of another type.
    """
    problems = [unknown_member(name) for name in document if name not in _MEMBERS]
    action, revision = document.get("action"), document.get("revision")
    # null is as good as nothing; 0, false or an empty list is a mistake to be told of
    reason, successor_id = (
        "" if document.get(name) is None else document[name] for name in ("reason", "successor_id")
    )
    if not isinstance(action, str):
        problems.append(Problem("document.required", "/action", params={"name": "action"}))
    for name, text, most in (
        ("reason", reason, MAX_REASON_CHARACTERS),
        ("successor_id", successor_id, _MAX_ID_CHARACTERS),
    ):
        if not isinstance(text, str) or len(text) > most or "\0" in text:
            problems.append(Problem("document.maxLength", f"/{name}", params={"wanted": most}))
    if revision is not None and not _is_revision(revision):
        params = {"wanted": f"1-{_MOST_REVISIONS}"}
        problems.append(Problem("document.type", "/revision", params=params))
    if problems:
        raise InvalidDocumentError("document.invalid", problems=tuple(problems))
    return ActionBody(str(action), str(reason), Asked(str(successor_id).lower(), revision or 0))


def _is_revision(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_REVISIONS
