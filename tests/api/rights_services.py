# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the rights matrix: services, copies and what to bring."""

from __future__ import annotations

from typing import Any

from tests.api.live_data import USERS, named_id

SIGNED_IN = frozenset(USERS) - {"disabled"}
EDITORS = frozenset({"officer_in", "gis_officer_in", "agency_admin_in"})
READERS = EDITORS | {"supervisor_in", "planner_in", "admin"}
KEEPERS = frozenset({"agency_admin_in", "agency_admin_out", "admin"})
FORM = {"data": {"etag": "wrong", "action": "nothing"}}
NOT_THERE = {"allowed": frozenset(), "others": 404, "nobody": 404}
_BRING = "/ogc/collections/{collection_id}/items/{item_id}/what-to-bring"


def rows(case: Any) -> dict[str, dict[str, list[Any]]]:
    """Return {path: {verb: cases}}; ``case`` makes one."""
    point = f"/ogc/collections/service-points/items/{named_id('verified0')}"
    published, draft = (f"/my/points/{named_id(name)}/services" for name in ("verified0", "draft0"))
    return {
        _BRING: {verb: [case(f"{point}/what-to-bring")] for verb in ("GET", "HEAD", "OPTIONS")},
        "/p/{code}/services/{service}": {
            verb: [case("/p/{short_code}/services/none", **NOT_THERE)] for verb in ("GET", "HEAD")
        },
        "/my/points/{id}/services": {
            verb: [
                case(published, EDITORS, sent=sent),
                case(draft, EDITORS, hidden_from=SIGNED_IN - READERS, sent=sent),
            ]
            for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
        },
        "/my/services": {verb: [case("/my/services", KEEPERS)] for verb in ("GET", "HEAD")},
        "/my/services/{id}": {
            verb: [case("/my/services/new", KEEPERS, sent=sent)]
            for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
        },
    }
