# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the rights matrix for histories and for the steps that end a point's life."""

from __future__ import annotations

from typing import Any

from tests.api.live_data import USERS, named_id

SIGNED_IN = frozenset(USERS) - {"disabled"}
EDITORS = frozenset({"officer_in", "gis_officer_in", "agency_admin_in"})
READERS = EDITORS | {"supervisor_in", "planner_in", "admin"}
MERGERS = frozenset({"gis_officer_in", "agency_admin_in"})
# Holders of the right over what was published.
ENDERS = MERGERS | {"supervisor_in"}
FORM = {"data": {"revision": "999", "action": "nothing"}}
PUBLISHED = f"/my/points/{named_id('verified0')}"
DRAFT = f"/my/points/{named_id('draft0')}"


def rows(case: Any) -> dict[str, dict[str, list[Any]]]:
    """Return the rows.

    Args:
        case: makes one row: (address, allowed, hidden_from=…, sent=…).
    """

    def unseen(address: str, allowed: frozenset[str], **more: Any) -> Any:
        return case(address, allowed, hidden_from=SIGNED_IN - READERS, **more)

    return {
        "/my/points/{id}/history": {
            verb: [
                case(f"{PUBLISHED}/history", READERS),
                unseen(f"{DRAFT}/history", READERS),
            ]
            for verb in ("GET", "HEAD")
        },
        "/my/points/{id}/history/{revision}": {
            verb: [
                case(f"{PUBLISHED}/history/1", EDITORS, sent=sent),
                unseen(f"{DRAFT}/history/1", EDITORS, sent=sent),
            ]
            for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
        },
        "/my/points/{id}/steps/{action}": {
            verb: [
                case(f"{PUBLISHED}/steps/withdraw", ENDERS, sent=sent),
                case(f"{PUBLISHED}/steps/close", ENDERS, sent=sent),
                case(f"{PUBLISHED}/steps/move", ENDERS, sent=sent),
                case(f"{PUBLISHED}/steps/merge", MERGERS, sent=sent),
                unseen(f"{DRAFT}/steps/withdraw", EDITORS, sent=sent),
                unseen(f"{DRAFT}/steps/merge", MERGERS, sent=sent),
            ]
            for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
        },
    }


def api_cases(case: Any, step: Any) -> list[Any]:
    """Return the rows of the API's transitions beside those of review.

    Args:
        case: makes one row.
        step: makes body and headers of an action.
    """
    item = f"/ogc/collections/service-points/items/{named_id('verified0')}/transitions"
    may: dict[str, frozenset[str]] = {
        "discard": EDITORS, "restore": EDITORS, "withdraw": ENDERS, "close": ENDERS,
        "move": ENDERS, "merge": MERGERS, "reopen": ENDERS,
    }  # fmt: skip
    return [case(item, allowed, sent=step(action)) for action, allowed in may.items()]
