# SPDX-License-Identifier: GPL-2.0-or-later
"""The OpenAPI document: valid, complete in itself, and in step with the routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.document import check, public_names
from geoapi.keys import load_keys
from geoapi.ogc.openapi import openapi_document
from geoapi.ogc.parameters import ITEMS_PARAMETERS
from geoapi.ogc.routes import RESOURCES
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import open_store

NAMES = {
    "{collection_id}": "{collectionId}", "{item_id}": "{itemId}", "{process_id}": "{processId}",
    "{job_id}": "{jobId}", "{output_id}": "{outputId}",
}  # fmt: skip
VERBS = {"get", "put", "post", "patch", "delete", "options"}
ADDRESS = "https://pins.example.go.th"


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("site")
    settings = Settings(store=str(folder / "none.gpkg"), data_dir=folder, public_url=ADDRESS)
    store = open_store(settings.store)
    made = openapi_document(Site(settings, store, load_keys(folder)))
    assert not (folder / "none.gpkg").exists(), "the document is made without any reading"
    store.close()
    return made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def followed(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        parts = node["$ref"].removeprefix("#/").split("/")
        node = document
        for part in parts:
            node = node[part]
    return node


def parameters(document: dict[str, Any], operation: dict[str, Any], place: str) -> set[str]:
    found = (followed(document, p) for p in operation.get("parameters", ()))
    return {p["name"] for p in found if p["in"] == place}


def test_is_valid_openapi(document):
    OpenAPIV30SpecValidator(document).validate()


def test_refers_to_nothing_outside_itself(document):
    text = json.dumps(document)
    references = re.findall(r'"\$ref": "([^"]*)"', text)
    assert references
    assert all(followed(document, {"$ref": r}) for r in references if r.startswith("#/"))
    assert [r for r in references if not r.startswith("#/")] == []


def test_names_no_host_but_its_own(document):
    hosts = set(re.findall(r"https?://([\w.:-]+)", json.dumps(document)))
    # the CRS is a name, not an address
    assert hosts == {"pins.example.go.th", "www.opengis.net"}
    assert document["servers"] == [{"url": f"{ADDRESS}/ogc"}]


def test_operation_ids_are_there_once_and_stable(document):
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert {
        "getLandingPage", "getServicePointsItems", "createServicePointsItem",
        "replaceServicePointsItem", "updateServicePointsItem", "deleteServicePointsItem",
        "takeServicePointsAction", "getServicePointsHistory", "getServicePointsChanges",
        "getAgenciesItem",
    } <= set(ids)  # fmt: skip


def test_every_route_and_verb_is_documented(document):
    for path, handlers in RESOURCES.items():
        general = path
        for ours, theirs in NAMES.items():
            general = general.replace(ours, theirs)
        own = path.replace("{collection_id}", SERVICE_POINTS.id).replace("{item_id}", "{itemId}")
        found = document["paths"].get(general) or document["paths"].get(own)
        assert found is not None, path
        assert {verb.lower() for verb in handlers} <= set(found), path


def test_every_documented_operation_has_a_route(document):
    for path, verb, _ in operations(document):
        general = path
        for name in (*COLLECTIONS, "{collectionId}"):
            general = general.replace(f"/{name}/", "/{collection_id}/", 1)
            general = re.sub(f"/{name}$", "/{collection_id}", general)
        for ours, theirs in NAMES.items():
            general = general.replace(theirs, ours)
        assert verb.upper() in RESOURCES[general], path


def test_exactly_the_writable_collections_are_documented_so(document):
    written: dict[str, set[str]] = {}
    for path, verb, _ in operations(document):
        is_item_write = path.startswith("/collections/") and not path.endswith("/transitions")
        if verb in {"post", "put", "patch", "delete"} and is_item_write:
            written.setdefault(path.split("/")[2], set()).add(verb.upper())
    declared = {c.id: set(c.verbs) for c in COLLECTIONS.values() if c.verbs}
    assert written == declared
    assert {"provinces", "agencies", "tasks"} & written.keys() == set()


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
def test_items_have_every_parameter_that_the_server_reads(document, collection):
    operation = document["paths"][f"/collections/{collection.id}/items"]["get"]
    expected = set(ITEMS_PARAMETERS) | {q.name for q in collection.queryables}
    assert parameters(document, operation, "query") == expected


def test_sort_pattern_allows_what_the_server_sorts_by(document):
    operation = document["paths"]["/collections/service-points/items"]["get"]
    (sort,) = [p for p in operation["parameters"] if p.get("name") == "sortby"]
    pattern = re.compile(sort["schema"]["pattern"])
    assert all(pattern.search(f"-{name}") for name in SERVICE_POINTS.sortables)
    assert pattern.search("name_th,-updated_at")
    assert not pattern.search("postal_code")


@pytest.mark.parametrize("verb", ["put", "patch", "delete"])
def test_writes_ask_for_a_precondition_and_say_what_may_be_refused(document, verb):
    operation = document["paths"]["/collections/service-points/items/{itemId}"][verb]
    headers = parameters(document, operation, "header")
    assert {"If-Match", "If-Unmodified-Since", "Prefer", "Idempotency-Key"} <= headers
    assert {"401", "403", "404", "409", "412", "422", "428"} <= set(operation["responses"])
    assert {} not in operation["security"]


def test_every_refusal_is_a_problem_document(document):
    for path, verb, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                content = followed(document, answer)["content"]
                assert "application/problem+json" in content, (path, verb, status)


def test_every_text_is_there_in_thai_and_english(document):
    text = json.dumps(document, ensure_ascii=False)
    assert "ogc_pages." not in text, "a message is missing"
    for _, _, operation in operations(document):
        thai, _, english = operation["summary"].rpartition(" / ")
        assert re.search("[ก-๛]", thai), operation["operationId"]
        assert english.isascii(), operation["operationId"]


def test_example_of_a_new_point_is_accepted(document):
    check(document["components"]["schemas"]["ServicePointWrite"]["example"])


def test_codes_of_a_queryable_are_listed(document):
    operation = document["paths"]["/collections/service-points/items"]["get"]
    (status,) = [p for p in operation["parameters"] if p.get("name") == "status"]
    assert status["schema"]["enum"] == ["open", "temporarily_closed", "moved", "closed"]
    assert "เปิดให้บริการ / Open" in status["description"]


def test_schemas_know_every_property_and_no_newer_dialect(document):
    feature = document["components"]["schemas"]["ServicePointsFeature"]
    assert public_names() <= set(feature["properties"]["properties"]["properties"])
    text = json.dumps(document["components"]["schemas"])
    assert '"const"' not in text
    assert '"null"' not in text
    assert "prefixItems" not in text


def test_schema_of_a_problem_fits_a_problem(document):
    from geoapi.collections import collection_by_id
    from geoapi.errors import NotFoundError
    from geoapi.problems import problem_document

    with pytest.raises(NotFoundError) as raised:
        collection_by_id("nothing")
    schema = document["components"]["schemas"]["Problem"]
    jsonschema.validate(problem_document(raised.value, "th", "r1"), schema)


def test_limits_follow_the_settings(tmp_path):
    settings = Settings(store=str(tmp_path / "none.gpkg"), data_dir=tmp_path, max_items=77)
    store = open_store(settings.store)
    site = Site(settings, store, load_keys(tmp_path))
    limit = openapi_document(site)["components"]["parameters"]["limit"]["schema"]
    assert limit["maximum"] == 77
    other = replace(site, settings=replace(settings, max_items=78))
    assert openapi_document(other)["components"]["parameters"]["limit"]["schema"]["maximum"] == 78
    store.close()
