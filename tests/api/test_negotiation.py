# SPDX-License-Identifier: GPL-2.0-or-later
"""Formats, languages, entity tags and who may keep an answer."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from tests.api.conftest import ITEMS, Live, create
from tests.api.live_data import named_id

GEOJSON = "application/geo+json"
ITEM = f"{ITEMS}/{named_id('verified0')}"
COLLECTION = "/ogc/collections/service-points"
TAGGED = [
    "/ogc/", "/ogc/conformance", "/ogc/collections", COLLECTION, f"{COLLECTION}/queryables",
    f"{COLLECTION}/schema", f"{COLLECTION}/changes?limit=3", "/ogc/openapi", f"{ITEMS}?limit=3",
    ITEM,
    "/ogc/collections/provinces/items", "/ogc/collections/provinces/items/57",
]  # fmt: skip
PAGES = ["/ogc/", "/ogc/conformance", "/ogc/collections", COLLECTION, f"{COLLECTION}/queryables",
         f"{COLLECTION}/schema", f"{ITEMS}?limit=3", ITEM]  # fmt: skip


def with_param(path: str, param: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{param}"


def kind(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize("path", PAGES)
def test_format_is_chosen_by_f_then_accept_then_json(client: httpx.Client, path: str) -> None:
    html, json = {"accept": "text/html"}, {"accept": "application/json"}
    assert kind(client.get(with_param(path, "f=html"), headers=json)) == "text/html"
    assert kind(client.get(with_param(path, "f=json"), headers=html)).endswith("json")
    assert kind(client.get(path, headers=html)) == "text/html"
    assert kind(client.get(path, headers=json)).endswith("json")
    assert kind(client.get(path)).endswith("json")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/geo+json", GEOJSON),
        ("application/json;q=0.5, text/html;q=0.4", GEOJSON),
        ("text/html;q=0.4, application/geo+json;q=0.5", GEOJSON),
        ("text/html;q=0, application/json", GEOJSON),
        ("TEXT/HTML", "text/html"),
        ("text/csv", "text/csv"),
        ("*/*", GEOJSON),
        ("", GEOJSON),
        ("image/png", GEOJSON),
    ],
)
def test_accept_is_weighed(client: httpx.Client, accept: str, wanted: str) -> None:
    assert kind(client.get(f"{ITEMS}?limit=1", headers={"accept": accept})) == wanted


def test_csv_holds_the_same_items(client: httpx.Client) -> None:
    params = {"limit": "20", "category": "hospital", "sortby": "name_th"}
    answer = client.get(ITEMS, params=params | {"f": "csv"})
    assert kind(answer) == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    features = client.get(ITEMS, params=params).json()["features"]
    assert [row["name_th"] for row in rows] == [f["properties"]["name_th"] for f in features]


@pytest.mark.parametrize("path", ["/ogc/", "/ogc/collections", COLLECTION])
def test_language_is_chosen_by_lang_then_header(client: httpx.Client, path: str) -> None:
    thai = client.get(path, params={"lang": "th"}, headers={"accept-language": "en"})
    english = client.get(path, headers={"accept-language": "en-GB, th;q=0.1"})
    assert (thai.headers["content-language"], english.headers["content-language"]) == ("th", "en")
    assert thai.text != english.text
    assert thai.headers["etag"] != english.headers["etag"]


def test_error_is_in_the_readers_language(client: httpx.Client) -> None:
    for language in ("th", "en"):
        document = client.get(f"{ITEMS}/x", headers={"accept-language": language}).json()
        assert document["detail"] == document[f"detail_{language}"]


@pytest.mark.parametrize("path", TAGGED)
def test_unchanged_answer_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        for name in ("cache-control", "vary"):
            assert again.headers[name] == first.headers[name]
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_changed_item_has_another_tag_and_so_has_its_page(live: Live, client: httpx.Client) -> None:
    item = create(live, client, name_en="Tagged")
    path, listing = item.headers["location"], f"{ITEMS}?name_en=Tagged&limit=1"
    headers = live.auth()
    before = [client.get(p, headers=headers).headers["etag"] for p in (path, listing)]
    patch = live.auth(content_type="application/merge-patch+json", if_match="*")
    client.patch(path, json={"properties": {"address_th": "ใหม่"}}, headers=patch)
    after = [client.get(p, headers=headers).headers["etag"] for p in (path, listing)]
    assert before[0] != after[0]
    assert before[1] != after[1]
    client.delete(path, headers=live.auth(if_match="*"))


def test_if_modified_since_counts_without_a_tag(client: httpx.Client) -> None:
    date = client.get(ITEM).headers["last-modified"]
    assert client.get(ITEM, headers={"if-modified-since": date}).status_code == 304
    old = "Sun, 01 Jan 2023 00:00:00 GMT"
    assert client.get(ITEM, headers={"if-modified-since": old}).status_code == 200
    both = {"if-modified-since": date, "if-none-match": '"other"'}
    assert client.get(ITEM, headers=both).status_code == 200


@pytest.mark.parametrize("path", TAGGED)
def test_answers_to_the_public_may_be_shared_and_others_not(
    live: Live, client: httpx.Client, path: str
) -> None:
    public, own = client.get(path), client.get(path, headers=live.auth("planner_in"))
    assert public.headers["cache-control"].startswith("public")
    assert "private" in own.headers["cache-control"]
    for answer in (public, own):
        assert {"Authorization", "Cookie", "Accept"} <= set(answer.headers["vary"].split(", "))


@pytest.mark.parametrize("path", [*TAGGED, f"{ITEMS}?f=html&limit=2", f"{ITEMS}?f=csv&limit=2"])
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    for name in ("content-type", "etag", "last-modified", "cache-control", "content-length"):
        assert head.headers.get(name) == get.headers.get(name), name


def test_views_of_insider_and_public_have_different_tags(live: Live, client: httpx.Client) -> None:
    public, inside = client.get(ITEM), client.get(ITEM, headers=live.auth())
    assert public.json() != inside.json()
    assert public.headers["etag"] != inside.headers["etag"]


def test_links_of_a_page_lead_somewhere(client: httpx.Client) -> None:
    document = client.get(f"{ITEMS}?limit=2").json()
    assert {"self", "alternate", "next", "collection"} <= {
        link["rel"] for link in document["links"]
    }
    for link in (*document["links"], *client.get(ITEM).json()["links"]):
        answer = client.get(link["href"])
        assert answer.status_code == 200, link
        assert kind(answer) == link["type"] or link["rel"] == "collection", link
