# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents that pygeoapi makes for us, over HTTP, and how it is held."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import jsonschema
import pytest

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.errors import NotFoundError, ServicePointError, UsageError
from geoapi.ogc import host as host_module
from geoapi.ogc.crs import SUPPORTED_URIS
from geoapi.ogc.host_config import CONFORMANCE
from geoapi.problems import kind_of
from geoapi.site import Site
from tests.api.sample_site import (
    DOCUMENTS,
    POINTS,
    PUBLIC,
    Client,
    local,
    sample_client,
    sample_site,
)

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sample_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[Client]:
    with sample_client(site) as made:
        yield made


# ------------------------------------------------------------------- documents


def test_every_link_of_the_documents_leads_somewhere(client, site):
    seen: set[str] = set()
    waiting = ["/ogc/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].partition(";")[0].endswith("json"):
            document = answer.json()
            listed = [document, *document.get("collections", ())]
            links = [link for each in listed for link in each.get("links", ())]
            # a licence stands on a site of its own
            own = [link for link in links if link["rel"] not in {"next", "license"}]
            waiting += [local(link["href"], site) for link in own]
    assert f"{POINTS}/schema?f=json" in seen
    assert "/ogc/collections/agencies/items?f=csv" in seen


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_carry_an_entity_tag_and_answer_not_modified(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[\w-]+"', tag)
    assert {"Accept", "Accept-Language"} <= set(first.headers["vary"].split(", "))
    again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_head_answers_like_get_without_a_body(client, path):
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize(
    ("query", "parameter"), [("f=xml", "f"), ("colour=red", "colour"), ("f=json&f=html", "f")]
)
def test_documents_refuse_unknown_parameters_and_formats(client, path, query, parameter):
    answer = client.get(f"{path}?{query}", headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert [error["parameter"] for error in problem["errors"]] == [parameter]
    assert re.search("[ก-๛]", problem["detail_th"])
    assert problem["detail_en"].isascii()


@pytest.mark.parametrize("tail", ["", "/queryables", "/schema"])
def test_an_unknown_collection_is_not_found(client, tail):
    answer = client.get(f"/ogc/collections/nothing{tail}?lang=en")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "NotFound"
    assert "nothing" in answer.json()["detail"]


def test_conformance_is_what_we_say_and_no_more(client):
    declared = client.get("/ogc/conformance").json()["conformsTo"]
    assert declared == list(CONFORMANCE)


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
def test_collections_say_what_they_are(client, collection):
    listed = client.get("/ogc/collections?lang=en").json()["collections"]
    own = client.get(f"/ogc/collections/{collection.id}?lang=en").json()
    spelled_out = [document | {"crs": own["crs"]} for document in listed]
    assert (own in spelled_out) is not collection.has_owners  # those are for who is signed in
    assert own["title"] == collection.title_en
    assert own["itemType"] == "feature"
    assert own["crs"] == list(SUPPORTED_URIS)
    assert own["storageCrs"] in own["crs"]
    assert own["attribution"]
    assert len(own["extent"]["spatial"]["bbox"][0]) == 4
    rels = [(link["rel"].rpartition("/")[2], link["type"]) for link in own["links"]]
    assert {
        ("self", "application/json"), ("alternate", "text/html"), ("license", "text/html"),
        ("items", "application/geo+json"), ("items", "text/html"), ("items", "text/csv"),
        ("schema", "application/schema+json"), ("queryables", "application/schema+json"),
    } <= set(rels)  # fmt: skip
    assert ("changes", "application/json") in rels or collection is not SERVICE_POINTS


def test_language_of_the_reader_decides_the_titles(client):
    client.cookies.clear()
    title = "Government service points"
    assert client.get(POINTS).json()["title"] == "จุดบริการภาครัฐ"
    english = client.get(POINTS, headers={"accept-language": "en-GB,en;q=0.9"})
    assert english.json()["title"] == title
    assert english.headers["content-language"] == "en"
    chosen = client.get(f"{POINTS}?lang=en", headers={"accept-language": "th"})
    assert chosen.json()["title"] == title
    assert client.get(POINTS, headers={"accept-language": "fr"}).json()["title"] != title


VALUES = {"boolean": "true", "string": "x", "array": "x", "number": "1.5", "integer": "๒"}


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
def test_queryables_are_exactly_what_the_items_take(client, collection):
    path = f"/ogc/collections/{collection.id}"
    document = client.get(f"{path}/queryables").json()
    assert document["additionalProperties"] is False
    named = set(document["properties"]) - {"geometry"}
    assert named == {q.name for q in collection.queryables}
    for name in named:
        described = document["properties"][name]
        assert described["x-title-th"] != described["x-title-en"]
        value = described.get("items", described).get("enum", [VALUES[described["type"]]])[0]
        if "format" in described:
            value = "2026-11-22"
        answer = client.get(f"{path}/items?{name}={value}")
        assert answer.status_code == (401 if collection.has_owners else 200)
    answer = client.get(f"{path}/items?level_of_noise=1")
    assert answer.status_code == (401 if collection.has_owners else 400)


def test_codes_come_with_labels_in_the_readers_language(client):
    for language, label in (("th", "เปิดให้บริการ"), ("en", "Open")):
        document = client.get(f"{POINTS}/queryables?lang={language}").json()
        status = document["properties"]["status"]
        assert status["oneOf"][0]["const"] == status["enum"][0] == "open"
        assert status["oneOf"][0]["title"] == label


def test_every_item_fits_the_schema(client):
    document = client.get(f"{POINTS}/schema").json()
    assert document["additionalProperties"] is True
    assert document["properties"]["state"]["readOnly"] is True
    jsonschema.Draft202012Validator.check_schema(document)
    checked = 0
    for feature in client.get(f"{POINTS}/items?limit=100").json()["features"]:
        jsonschema.validate(feature["properties"], document)
        assert set(feature["properties"]) <= set(document["properties"])
        checked += 1
    assert checked == PUBLIC


def test_openapi_is_served_with_its_media_type(client):
    answer = client.get("/ogc/openapi")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert answer.json()["openapi"] == "3.0.3"
    accepted = client.get("/ogc/openapi", headers={"accept": answer.headers["content-type"]})
    assert accepted.json() == answer.json()


# ------------------------------------------------------------------- the host


def test_reload_swaps_the_api_without_touching_the_old_one(site):
    host = host_module.build_host(site)
    before = host.api
    host.reload()
    assert host.api is not before
    assert before.config["resources"].keys() == host.api.config["resources"].keys()


@pytest.mark.parametrize(
    ("status", "error", "shown"),
    [(404, NotFoundError, 404), (400, UsageError, 400), (500, ServicePointError, 500)],
)
def test_what_pygeoapi_refuses_becomes_our_error(site, status, error, shown):
    api = host_module.build_host(site).api
    body = json.dumps({"code": "X", "description": "why"})
    with pytest.raises(error) as raised:
        host_module.ask(api, "/ogc/", {}, lambda *_: ({}, status, body))
    assert kind_of(raised.value).status == shown
    assert raised.value.params["reason"] == "why"


def test_an_error_without_json_is_an_error_too(site):
    api = host_module.build_host(site).api
    with pytest.raises(ServicePointError):
        host_module.ask(api, "/ogc/", {}, lambda *_: ({}, 500, "<html>"))


def test_every_area_fits_its_schema(client):
    for name in ("provinces", "districts"):
        document = client.get(f"/ogc/collections/{name}/schema").json()
        (feature,) = client.get(f"/ogc/collections/{name}/items").json()["features"]
        jsonschema.validate(feature["properties"], document)
        assert document["properties"]["level"]["oneOf"][0]["const"] == "province"
