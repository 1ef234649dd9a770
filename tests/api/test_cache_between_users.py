# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy kept for one user never answers for another who sees something else."""

from __future__ import annotations

from itertools import permutations

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, create, publish

MERGE = "application/merge-patch+json"
READERS = ("", "officer_in", "executive")
CODINGS = ("identity", "zstd")


@pytest.fixture(scope="module")
def paths(live: Live) -> list[str]:
    """Addresses of a point whose working revision is not the public one, and of its lists."""
    with live.client() as client:
        item = create(live, client)
        item_id = item.json()["id"]
        publish(live, client, item_id)
        patch = {"properties": {"name_th": "ฉบับร่างลับ"}}
        sent = live.auth(content_type=MERGE, if_match="*")
        assert client.patch(item.headers["location"], json=patch, headers=sent).is_success
    # both sorts show it: it is the newest, and one of its name
    lists = [f"{ITEMS}?limit=100&q=ที่ว่าการ", f"{ITEMS}?limit=5&sortby=-updated_at"]
    one = [f"{ITEMS}/{item_id}{more}" for more in ("", "/history")]
    other = [
        "/ogc/collections/service-points/changes?limit=1000",
        "/ogc/collections/photos/items", "/ogc/collections/point-services/changes",
        "/ogc/collections/service-points", "/ogc/collections", "/ogc/conformance",
    ]  # fmt: skip
    return [*lists, *one, *other, *(f"{path.partition('?')[0]}?f=html" for path in one[:1])]


def get(live: Live, client: httpx.Client, path: str, who: str, **headers: str) -> httpx.Response:
    return client.get(path, headers=live.auth(who, **headers))


def test_entity_tag_of_one_reader_is_not_modified_for_another_only_when_both_see_the_same(
    live: Live, client: httpx.Client, paths: list[str]
) -> None:
    different = 0
    for path in paths:
        seen = {who: get(live, client, path, who) for who in READERS}
        for first, second in permutations(READERS, 2):
            tag = seen[first].headers.get("etag")
            if tag is None:
                continue
            is_same = seen[first].content == seen[second].content
            different += not is_same
            for coding in CODINGS:
                shown = get(live, client, path, first, accept_encoding=coding).headers["etag"]
                answer = get(
                    live, client, path, second, accept_encoding=coding, if_none_match=shown
                )
                assert answer.status_code == (304 if is_same else 200), (path, first, second)
    assert different >= 12


def test_nothing_of_a_user_may_be_kept_by_a_shared_cache(
    live: Live, client: httpx.Client, paths: list[str]
) -> None:
    for path in paths:
        for who in READERS:
            answer = get(live, client, path, who)
            kept, vary = answer.headers["cache-control"], answer.headers["vary"]
            assert {"Authorization", "Cookie"} <= set(vary.replace(" ", "").split(",")), path
            if who:
                assert "public" not in kept, path
                assert "private" in kept or "no-store" in kept, path
            again = get(live, client, path, who, if_none_match=answer.headers.get("etag", '"x"'))
            if again.status_code == 304:
                assert again.headers["cache-control"] == kept, path
                assert {"Authorization", "Cookie"} <= set(
                    again.headers["vary"].replace(" ", "").split(",")
                ), path


def test_working_revision_stands_in_no_answer_to_the_public(
    live: Live, client: httpx.Client, paths: list[str]
) -> None:
    for path in paths:
        for coding in CODINGS:
            tag = get(live, client, path, "officer_in", accept_encoding=coding).headers.get("etag")
            answer = get(
                live, client, path, "", accept_encoding=coding, if_none_match=tag or '"none"'
            )
            assert "ฉบับร่างลับ" not in answer.text, path
