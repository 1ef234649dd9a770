# SPDX-License-Identifier: GPL-2.0-or-later
"""Prefer: handling=strict knows the members of each collection, not those of service points."""

from __future__ import annotations

import httpx

from tests.api.conftest import GEOJSON, Live, assert_problem, create
from tests.api.test_records_api import service

COPIES = "/ogc/collections/copy-requirements/items"


def test_strict_takes_members_of_the_records_own_schema_and_no_others(
    live: Live, client: httpx.Client
) -> None:
    item = create(live, client)
    properties = {
        "point_id": item.json()["id"],
        "service_id": service(live, client),
        "document_type": "id_card",
        "copy_class": "unknown",
    }
    body = {"type": "Feature", "geometry": None, "properties": properties}
    headers = live.auth(content_type=GEOJSON, prefer="handling=strict")
    wrong = {**body, "properties": {**properties, "category": "hospital"}}
    assert_problem(client.post(COPIES, json=wrong, headers=headers), 422, "/properties/category")
    made = client.post(COPIES, json=body, headers=headers)
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix(live.url)
    patch = {"properties": {"copy_class": "required"}}
    strict = live.auth(if_match="*", prefer="handling=strict")
    assert client.patch(where, json=patch, headers=strict).status_code == 204
