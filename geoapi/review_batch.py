# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify a batch of points: each is a conditional write of its own, and says how it ended.

Sending the same batch twice does no harm: what the same reviewer verified already counts as done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from geoapi import service_points
from geoapi.errors import InvalidDocumentError, Problem, ServicePointError
from geoapi.review_queue import history
from geoapi.revisions import WriteContext
from geoapi.rights import Viewer, require
from geoapi.site import Site

MOST_CHOICES = 100

Outcome = Literal["verified", "already", "refused"]


@dataclass(frozen=True)
class Choice:
    """A point of the batch.

    Attributes:
        item_id: of the point.
        etag: of the revision that the reviewer saw, without quotes.
    """

    item_id: str
    etag: str


@dataclass(frozen=True)
class Result:
    """How one point of the batch ended.

    Attributes:
        item_id: of the point.
        outcome: ``already`` when the same reviewer verified this very revision before.
        problem: why it was refused, None otherwise.
    """

    item_id: str
    outcome: Outcome
    problem: Problem | None = None


def verify_batch(site: Site, context: WriteContext, choices: Sequence[Choice]) -> list[Result]:
    """Verify the chosen points one by one, with one reason.

    Args:
        site: the running site.
        context: who and why; its conditions are those of each choice.
        choices: 1 to :data:`MOST_CHOICES` points.

    Raises:
        NotAuthenticatedError, ForbiddenError: the viewer reviews nowhere.
        InvalidDocumentError: no or too many points, or no reason.
    """
    require(context.viewer, "points.review")
    unique = list({choice.item_id: choice for choice in choices}.values())
    if not 1 <= len(unique) <= MOST_CHOICES:
        raise _refusal("review.bulk.count", "/point")
    if not context.reason.strip():
        raise _refusal("review.bulk.reason_missing", "/reason")
    return [_verify(site, context, choice) for choice in unique]


def _refusal(message_id: str, pointer: str) -> InvalidDocumentError:
    problem = Problem(message_id, pointer, params={"n": MOST_CHOICES})
    return InvalidDocumentError(message_id, problems=(problem,), n=MOST_CHOICES)


def _verify(site: Site, context: WriteContext, choice: Choice) -> Result:
    conditional = replace(context, if_match=(choice.etag,))
    try:
        service_points.take_action(site, conditional, choice.item_id, "verify")
    except ServicePointError as error:
        if _is_done(site, context.viewer, choice):
            return Result(choice.item_id, "already")
        message_id = _WORDS.get(error.message_id, error.message_id)
        return Result(choice.item_id, "refused", Problem(message_id, params=error.params))
    return Result(choice.item_id, "verified")


# What programs are told about conditions and states, in a reviewer's words.
_WORDS = {
    "ogc.precondition_failed": "review.bulk.changed",
    "workflow.wrong_state": "review.already_decided",
    "workflow.own_edit": "review.own_edit",
}


def _is_done(site: Site, viewer: Viewer, choice: Choice) -> bool:
    """Say whether the same reviewer verified the very revision that was chosen."""
    entries = history(site, viewer, choice.item_id)
    for before, entry in pairwise(entries):
        if entry["operation"] == "verify" and entry["actor_id"] == viewer.user_id:
            document = before["document"] if before["is_inside"] else ""
            if f'"etag":"\\"{choice.etag}\\""' in (document or ""):
                return True
    return False
