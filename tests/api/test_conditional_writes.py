# SPDX-License-Identifier: GPL-2.0-or-later
"""Writers race for the same items: nothing is lost, and every loser is told what is there now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, create

MERGE = "application/merge-patch+json"
CLIENTS = 8
RACED_ITEMS = 4


@pytest.mark.parametrize(
    "writes", [200, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
def test_no_conditional_write_is_lost(live: Live, client: httpx.Client, writes: int) -> None:
    made = [create(live, client, accuracy_m=0).json()["id"] for _ in range(RACED_ITEMS)]

    def run(number: int) -> tuple[int, list[str]]:
        with live.client("gis_officer_in") as own:
            return _race(own, made, number, writes // CLIENTS)

    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(run, range(CLIENTS)))
    wrong = [text for _, texts in results for text in texts]
    assert wrong == []
    assert sum(lost for lost, _ in results) > 0, "nobody ever lost: the race was none"
    total = writes // CLIENTS * CLIENTS
    features = [client.get(f"{ITEMS}/{i}", headers=live.auth()).json() for i in made]
    assert sum(f["properties"]["accuracy_m"] for f in features) == total
    assert sum(f["properties"]["revision"] - 1 for f in features) == total
    for item_id in made:
        history = client.get(f"{ITEMS}/{item_id}/history", headers=live.auth()).json()
        numbers = [entry["revision"] for entry in history["revisions"]]
        assert numbers == list(range(1, len(numbers) + 1))


def _race(own: httpx.Client, made: list[str], number: int, writes: int) -> tuple[int, list[str]]:
    """Add one to a counter so many times; return how often we lost, and what was wrong."""
    lost, wrong = 0, []
    for turn in range(writes):
        path = f"{ITEMS}/{made[(number + turn) % len(made)]}"
        current = own.get(path)
        count, tag = current.json()["properties"]["accuracy_m"], current.headers["etag"]
        while True:
            patch = {"properties": {"accuracy_m": count + 1}}
            headers = {"content-type": MERGE, "if-match": tag}
            answer = own.patch(path, json=patch, headers=headers)
            if answer.is_success:
                break
            document = answer.json()
            if answer.status_code != 412 or document["current"]["id"] != path[-36:]:
                wrong.append(answer.text)
                break
            lost += 1
            count, tag = document["current"]["properties"]["accuracy_m"], document["etag"]
    return lost, wrong


def test_loser_of_a_delete_gets_404_and_the_winner_204(live: Live, client: httpx.Client) -> None:
    item = create(live, client)
    path = f"{ITEMS}/{item.json()['id']}"
    headers = live.auth(if_match=item.headers["etag"])

    def delete(_number: int) -> int:
        with live.client() as own:
            return own.delete(path, headers=headers).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sorted(pool.map(delete, range(CLIENTS)))
    assert statuses == [204] + [404] * (CLIENTS - 1)


def test_creators_of_the_same_id_make_it_once(live: Live, client: httpx.Client) -> None:
    import uuid

    from tests.api.conftest import GEOJSON
    from tests.api.live_data import point

    body = point() | {"id": str(uuid.uuid4())}

    def post(_number: int) -> int:
        with live.client() as own:
            headers = live.auth(content_type=GEOJSON)
            return own.post(ITEMS, json=body, headers=headers).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sorted(pool.map(post, range(CLIENTS)))
    assert statuses == [201] + [409] * (CLIENTS - 1)
