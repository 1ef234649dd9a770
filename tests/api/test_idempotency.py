# SPDX-License-Identifier: GPL-2.0-or-later
"""Idempotency-Key: a repeated write is answered again and done once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create
from tests.api.live_data import point

MERGE = "application/merge-patch+json"
TWINS = 8


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def post(
    live: Live, client: httpx.Client, key: str, name: str, who: str = "gis_officer_in"
) -> httpx.Response:
    headers = live.auth(who, content_type=GEOJSON, idempotency_key=key)
    return client.post(ITEMS, json=point(name), headers=headers)


def count(live: Live, client: httpx.Client, name: str) -> int:
    found = client.get(ITEMS, params={"name_th": name}, headers=live.auth())
    return int(found.json()["numberMatched"])


def test_same_key_and_body_get_the_same_answer(live: Live, client: httpx.Client, key: str) -> None:
    first = post(live, client, key, f"ครั้งเดียว {key}")
    again = post(live, client, key, f"ครั้งเดียว {key}")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "last-modified", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.content == first.content
    assert count(live, client, f"ครั้งเดียว {key}") == 1


def test_same_key_with_another_body_is_refused(live: Live, client: httpx.Client, key: str) -> None:
    post(live, client, key, f"หนึ่ง {key}")
    assert_problem(post(live, client, key, f"สอง {key}"), 422, "Idempotency-Key")
    assert count(live, client, f"สอง {key}") == 0


def test_same_key_on_another_item_or_verb_is_refused(
    live: Live, client: httpx.Client, key: str
) -> None:
    one, two = create(live, client), create(live, client)
    headers = live.auth(content_type=MERGE, idempotency_key=key, if_match="*")
    path_one, path_two = (f"{ITEMS}/{made.json()['id']}" for made in (one, two))
    patch = {"properties": {"name_en": "x"}}
    assert client.patch(path_one, json=patch, headers=headers).is_success
    assert_problem(client.patch(path_two, json=patch, headers=headers), 422, "Idempotency-Key")
    assert_problem(client.delete(path_one, headers=headers), 422, "Idempotency-Key")


def test_key_of_another_user_is_another_key(live: Live, client: httpx.Client, key: str) -> None:
    name = f"สองคน {key}"
    first = post(live, client, key, name)
    other = post(live, client, key, name, who="officer_in")
    assert (first.status_code, other.status_code) == (201, 201)
    assert "idempotency-replayed" not in other.headers
    assert first.json()["id"] != other.json()["id"]


def test_concurrent_twins_write_once(live: Live, client: httpx.Client, key: str) -> None:
    name = f"แฝด {key}"

    def send(_number: int) -> httpx.Response:
        with live.client() as own:
            return post(live, own, key, name)

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    assert {answer.status_code for answer in answers} == {201}, [a.text[:200] for a in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert count(live, client, name) == 1


@pytest.mark.parametrize("verb", ["PATCH", "DELETE", "submit"])
def test_concurrent_twins_of_a_conditional_write_all_succeed(
    live: Live, client: httpx.Client, key: str, verb: str
) -> None:
    item = create(live, client)
    path = f"{ITEMS}/{item.json()['id']}"
    headers = live.auth(idempotency_key=key, if_match=item.headers["etag"])

    def send(_number: int) -> httpx.Response:
        with live.client() as own:
            if verb == "submit":
                return own.post(f"{path}/transitions", json={"action": verb}, headers=headers)
            body = {"properties": {"name_en": "Twin"}} if verb == "PATCH" else None
            return own.request(verb, path, json=body, headers=headers)

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(send, range(TWINS)))
    assert len({a.status_code for a in answers}) == 1, [a.text[:200] for a in answers]
    assert all(answer.is_success for answer in answers)
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


def test_replay_after_later_edits_is_still_the_first_answer(
    live: Live, client: httpx.Client, key: str
) -> None:
    first = post(live, client, key, f"ฉบับแรก {key}")
    path = first.headers["location"]
    headers = live.auth(content_type=MERGE, if_match="*")
    assert client.patch(path, json={"properties": {"name_en": "Later"}}, headers=headers).is_success
    again = post(live, client, key, f"ฉบับแรก {key}")
    assert again.content == first.content
    assert client.delete(path, headers=live.auth(if_match="*")).status_code == 204
    assert post(live, client, key, f"ฉบับแรก {key}").content == first.content
    assert client.get(path, headers=live.auth()).status_code == 404


def test_refused_write_is_not_remembered(live: Live, client: httpx.Client, key: str) -> None:
    item = create(live, client)
    path = f"{ITEMS}/{item.json()['id']}"
    body = {"properties": {"name_en": "x"}}
    bad = live.auth(content_type=MERGE, idempotency_key=key, if_match='"wrong"')
    assert_problem(client.patch(path, json=body, headers=bad), 412)
    good = live.auth(content_type=MERGE, idempotency_key=key, if_match=item.headers["etag"])
    assert client.patch(path, json=body, headers=good).status_code == 204


@pytest.mark.parametrize("text", ["k" * 256, "ก".encode().decode("latin-1"), "a\tb"])
def test_key_that_is_no_key_is_refused(live: Live, client: httpx.Client, text: str) -> None:
    headers = live.auth(content_type=GEOJSON) | {"idempotency-key": text.encode("latin-1")}
    answer = client.post(ITEMS, json=point(), headers=list(headers.items()))
    assert_problem(answer, 400, "Idempotency-Key")


def test_stranger_learns_nothing_by_a_key(live: Live, client: httpx.Client, key: str) -> None:
    post(live, client, key, f"ลับ {key}")
    headers = {"content-type": GEOJSON, "idempotency-key": key}
    assert_problem(client.post(ITEMS, json=point(f"ลับ {key}"), headers=headers), 401)
    assert_problem(post(live, client, key, f"ลับ {key}", who="planner_in"), 403)
