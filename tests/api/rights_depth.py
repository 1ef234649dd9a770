# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the rights matrix: tiles, styles, the past of an item, transactions, reports."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import ITEMS
from tests.api.live_data import USERS, named_id

SIGNED_IN = frozenset(USERS) - {"disabled"}
STATISTICS = frozenset(
    {
        "gis_officer_in", "gis_officer_out", "agency_admin_in", "agency_admin_out",
        "supervisor_in", "supervisor_out", "planner_in", "planner_out", "executive",
    }
)  # fmt: skip
SEE_DRAFT: dict[str, Any] = {
    "allowed": frozenset(
        {
            "officer_in", "gis_officer_in", "agency_admin_in", "supervisor_in", "planner_in",
            "admin",
        }
    ),
    "others": 404,
    "nobody": 404,
}  # fmt: skip
_COLLECTION = "/ogc/collections/{collection_id}"
_TILE = "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_READ = ("GET", "HEAD", "OPTIONS")
# A day that is none: nothing is made.
_NO_DAY = {"data": {"as_of": "x"}}


def rows(case: Any) -> dict[str, dict[str, list[Any]]]:
    """Return {path: {verb: cases}}; ``case`` makes one."""

    def read(address: str) -> dict[str, list[Any]]:
        return {verb: [case(address)] for verb in _READ}

    table: dict[str, dict[str, list[Any]]] = {}
    for path, address in (
        (f"{_COLLECTION}/tiles", "/ogc/collections/service-points/tiles"),
        ("/ogc/tiles", "/ogc/tiles"),
    ):
        table[path] = read(address)
        table[f"{path}/{{tileMatrixSetId}}"] = read(f"{address}/WebMercatorQuad")
        table[path + _TILE] = read(f"{address}/WebMercatorQuad/0/0/0")
    return (
        table
        | _past(case)
        | {
            "/ogc/tileMatrixSets": read("/ogc/tileMatrixSets"),
            "/ogc/tileMatrixSets/{tileMatrixSetId}": read("/ogc/tileMatrixSets/WebMercatorQuad"),
            "/ogc/styles": read("/ogc/styles"),
            "/ogc/styles/{styleId}": read("/ogc/styles/pakmud-th"),
            "/ogc/transactions": {
                "POST": [case("/ogc/transactions", SIGNED_IN, sent={"json": {}})],
                "OPTIONS": [case("/ogc/transactions")],
            },
        }
        | _reports(case)
    )


def _past(case: Any) -> dict[str, dict[str, list[Any]]]:
    published, draft = f"{ITEMS}/{named_id('verified0')}", f"{ITEMS}/{named_id('draft0')}"
    return {
        f"{_COLLECTION}/items/{{item_id}}/{name}": {
            verb: [case(f"{published}/{name}"), case(f"{draft}/{name}", **SEE_DRAFT)]
            for verb in _READ[:2]
        }
        | {"OPTIONS": [case(f"{published}/{name}")]}
        for name in ("timemap", "timegate")
    }


def _reports(case: Any) -> dict[str, dict[str, list[Any]]]:
    one = f"/my/reports/{named_id('no report')}"
    not_there: dict[str, Any] = {"allowed": frozenset(), "hidden_from": STATISTICS}
    seen = {verb: [case("/my/reports", STATISTICS)] for verb in _READ[:2]}
    return {
        "/my/reports": seen | {"POST": [case("/my/reports", STATISTICS, sent=_NO_DAY)]},
        "/my/report-style.css": {verb: [case("/my/report-style.css")] for verb in _READ[:2]},
        "/my/reports/{id}": {verb: [case(one, **not_there)] for verb in _READ[:2]}
        | {"POST": [case(one, **not_there, sent={"data": {"action": "send"}})]},
        "/my/reports/{id}/{ending}": {
            verb: [case(f"{one}/csv", **not_there)] for verb in _READ[:2]
        },
    }
