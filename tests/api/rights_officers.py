# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what on the officers' pages: nearby places, new places, assigned places, drafts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.live_data import USERS, named_id

EDITORS_ANYWHERE = frozenset(
    {
        "officer_in", "gis_officer_in", "agency_admin_in",
        "officer_out", "gis_officer_out", "agency_admin_out",
    }
)  # fmt: skip
NEW = f"/my/points/new?id={named_id('a place to be')}"
DRAFT = f"/my/points/{named_id('a point of a draft')}/draft"
FORM = {"data": {"action": "nothing"}}
# no draft: whoever may keep one is told so, and nothing is kept
NO_DRAFT = {"json": {"values": "none"}}


def rows(case: Callable[..., Any]) -> dict[str, dict[str, list[Any]]]:
    """Return the rows of these pages for the matrix."""
    signed_in = frozenset(USERS) - {"disabled"}
    seen = [case("/my/nearby?at=19.9,99.8", signed_in)]
    shown = [case(NEW, EDITORS_ANYWHERE)]
    return {
        "/my/nearby": {"GET": seen, "HEAD": seen},
        "/my/points/new": {
            "GET": shown,
            "HEAD": shown,
            "POST": [case(NEW, EDITORS_ANYWHERE, sent=FORM)],
        },
        "/my/points/{id}/draft": {
            "PUT": [case(DRAFT, EDITORS_ANYWHERE, sent=NO_DRAFT)],
            "POST": [case(DRAFT, EDITORS_ANYWHERE, sent=FORM)],
        },
        "/my/assigned/{id}": {
            "POST": [
                case(
                    f"/my/assigned/{named_id('no assignment')}",
                    frozenset(),
                    hidden_from=EDITORS_ANYWHERE,
                    sent=FORM,
                )
            ]
        },
    }
