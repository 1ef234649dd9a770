# SPDX-License-Identifier: GPL-2.0-or-later
"""The client on the page about the change feed works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, create, publish

PAGE = Path(__file__).resolve().parents[2] / "docs" / "change-feed.md"


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


@pytest.mark.parametrize("who", ["", "officer_in"])
def test_example_keeps_a_copy_up_to_date(
    live: Live, client: httpx.Client, example: dict[str, Any], who: str
) -> None:
    collection = f"{live.url}/ogc/collections/service-points"
    token = live.tokens[who] if who else ""
    held, cursor = example["read_everything"](collection, token)
    item, gone = create(live, client), create(live, client)
    publish(live, client, item.json()["id"])
    client.delete(gone.headers["location"], headers=live.auth(if_match="*"))
    held, cursor = example["catch_up"](collection, held, cursor, token)
    answer = client.get(ITEMS, params={"limit": "10000"}, headers=live.auth(who))
    listed = {feature["id"]: feature for feature in answer.json()["features"]}
    assert held == listed
    assert item.json()["id"] in held
    # a cursor of somebody else: everything anew
    again, _ = example["catch_up"](collection, {}, "c1.1.ff.other", token)
    assert again == listed
