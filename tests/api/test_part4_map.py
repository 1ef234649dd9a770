# SPDX-License-Identifier: GPL-2.0-or-later
"""The 39 executable checks of OGC API - Features Part 4, and the test of ours that stands for each.

Source: the working group's executable tests of Part 4 / Common Part 5 (state of September 2026), by
conformance class and name.  34 are held by tests; five have conditions that
this server does not meet.  The numbers 1 to 39 of our own tests are other ones.
"""

from __future__ import annotations

import ast
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live
from tests.api.live_data import point

RETURN = "return-resource-representation-in-response"
NOT_MET = {
    "features/put-create": "PUT of a missing feature answers 404; ids are chosen with POST",
    "features/gml-srsname": "no GML",
    "features/gml": "no GML",
    "features/jsonfg": "no JSON-FG",
}
# Of these two the conformance declaration chooses one.
EITHER = {"features/crs84", "features/crs"}
HELD: dict[str, tuple[str, ...]] = {
    "create-replace-delete/options": ("test_01", "test_02"),
    "create-replace-delete/create": ("test_05", "test_06", "test_07"),
    "create-replace-delete/create-content-type": ("test_08",),
    "create-replace-delete/replace": ("test_11", "test_12"),
    "create-replace-delete/replace-content-type": ("test_13",),
    "create-replace-delete/replace-rid": ("test_14", "test_15"),
    "create-replace-delete/replace-exceptions": ("test_16", "test_17"),
    "create-replace-delete/delete": ("test_20", "test_21"),
    "update/options": ("test_02", "test_03"),
    "update/update": ("test_22", "test_23"),
    "update/update-content-type": ("test_27",),
    "update/update-rid": ("test_26",),
    "optimistic-locking-timestamps/get-last-modified": ("test_29",),
    "optimistic-locking-timestamps/replace": ("test_30", "test_31", "test_34"),
    "optimistic-locking-timestamps/update": ("test_30", "test_31", "test_34"),
    "optimistic-locking-timestamps/delete": ("test_30", "test_31", "test_34"),
    "optimistic-locking-etags/get-etag": ("test_32",),
    "optimistic-locking-etags/replace": ("test_33", "test_34"),
    "optimistic-locking-etags/update": ("test_33", "test_34"),
    "optimistic-locking-etags/delete": ("test_33", "test_34"),
    f"{RETURN}/prefer": ("test_every_preference_is_known",),
    f"{RETURN}/representation": ("test_35",),
    f"{RETURN}/minimal": ("test_nothing_is_shown_unless_it_is_preferred",),
    f"{RETURN}/content-negotiation": ("test_35",),
    f"{RETURN}/preference-applied": ("test_35",),
    "handling/prefer": ("test_every_preference_is_known",),
    "handling/strict": ("test_36",),
    "handling/lenient": ("test_37",),
    "handling/preference-applied": ("test_36", "test_37"),
    "features/endpoints": ("test_mutable_items_are_those_of_a_collection",),
    "features/crs84": ("test_06", "test_38"),
    "features/crs": ("test_38",),
    "features/schema": ("test_37", "test_39"),
    "features/geojson": ("test_14", "test_15", "test_11"),
    "features/json-merge-patch": ("test_22", "test_23", "test_24", "test_26"),
}


def _tests() -> set[str]:
    folder = Path(__file__).parent
    found: set[str] = set()
    for path in sorted(folder.glob("test_part4*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        found |= {node.name for node in body if isinstance(node, ast.FunctionDef)}
    return found


def test_map_names_a_test_or_a_reason_for_each_of_the_39_checks() -> None:
    assert len(HELD | NOT_MET) == len(HELD) + len(NOT_MET) == 39
    assert HELD.keys() >= EITHER
    tests = _tests()
    for check, names in HELD.items():
        for name in names:
            assert any(t == name or t.startswith(f"{name}_") for t in tests), (check, name)
    assert all(NOT_MET.values())


@pytest.mark.parametrize(
    "prefer", ["", "return=representation", "return=minimal", "handling=strict", "handling=lenient"]
)
def test_every_preference_is_known(live: Live, client: httpx.Client, prefer: str) -> None:
    headers = live.auth(content_type=GEOJSON, prefer=prefer)
    answer = client.post(ITEMS, json=point(), headers=headers)
    assert answer.status_code == 201
    assert answer.headers.get("preference-applied", "") == prefer


@pytest.mark.parametrize(
    "prefer",
    ["return=minimal", ""],
)
def test_nothing_is_shown_unless_it_is_preferred(
    live: Live, client: httpx.Client, prefer: str
) -> None:
    headers = live.auth(content_type=GEOJSON, prefer=prefer)
    answer = client.post(ITEMS, json=point(), headers=headers)
    assert answer.status_code == 201
    assert answer.content == b""


def test_mutable_items_are_those_of_a_collection(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    listed = client.get("/ogc/collections").json()["collections"]
    (own,) = [c for c in listed if c["id"] == "service-points"]
    assert own["itemType"] == "feature"
    found = client.get(item.headers["location"], headers=live.auth())
    assert found.status_code == 200
