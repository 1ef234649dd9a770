# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that the public reads names a user or holds a restricted member, in any collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from geoapi.collections import COLLECTIONS
from geoapi.demo.users import build_users
from geoapi.document import properties_schema, public_names
from geoapi.record_collections import RECORD_COLLECTIONS
from geoapi.record_schemas import record_schema
from tests.api.conftest import Live

PUBLIC = [c for c in COLLECTIONS.values() if not c.has_owners]
RESTRICTED = (set(properties_schema()) - public_names()) | {
    name
    for collection in RECORD_COLLECTIONS
    for name, declared in record_schema(collection.table)["properties"].items()
    if declared.get("x-restricted")
}
ALSO = {"owner_id", "editors", "actor_id", "demo_mistake"}


def names_in(value: Any) -> Iterator[str]:
    """Yield every name of a member, at any depth."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part)


def pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    """Yield every page of a list."""
    while path:
        document = client.get(path).json()
        yield document
        following = [link["href"] for link in document["links"] if link["rel"] == "next"]
        more = document.get("hasMore", bool(document.get("features")))
        path = following[0] if following and more else ""


@pytest.mark.parametrize("collection", PUBLIC, ids=lambda c: c.id)
def test_public_lists_and_feeds_hold_no_person_and_nothing_restricted(
    demo_live: Live, collection: Any
):
    accounts = {user["username"] for user in build_users()}
    base = f"/ogc/collections/{collection.id}"
    paths = [f"{base}/items?limit=1000"]
    if collection.has_history:
        paths.append(f"{base}/changes?since=0&limit=5000")
    with demo_live.client() as client:
        documents = [document for path in paths for document in pages(client, path)]
    assert documents
    found = {name for document in documents for name in names_in(document)}
    assert found & (RESTRICTED | ALSO) == set()
    text = json.dumps(documents, ensure_ascii=False)
    assert not [name for name in accounts if f'"{name}"' in text]


def test_what_is_restricted_is_known():
    assert {"updated_by", "return_reason", "phash", "exif_distance_m", "taken_on"} <= RESTRICTED
