# SPDX-License-Identifier: GPL-2.0-or-later
"""One step in the life of a point, as those see it who follow it."""

from __future__ import annotations

from dataclasses import dataclass

from geoapi.revisions import WriteContext
from geoapi.types import JsonObject


@dataclass(frozen=True)
class PointStep:
    """One step in the life of a point that has just been written.

    Attributes:
        context: who and why.
        point_id: of the point.
        operation: code of the list ``operation``.
        before: the working document before, None for a new point.
        after: the working document now, None when the point was deleted.
        is_public: whether the public sees the point now.
    """

    context: WriteContext
    point_id: str
    operation: str
    before: JsonObject | None
    after: JsonObject | None
    is_public: bool
