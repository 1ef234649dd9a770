# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a collection credits and under which licence: its own words before those of the site."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from geoapi.collections import SERVICE_POINTS
from geoapi.credits import attribution_of, license_link, license_name, license_of
from geoapi.ogc.host_config import host_config
from geoapi.ogc.host_documents import collection_document
from geoapi.settings import Settings

SITE = Settings(data_dir=Path("none"), license_url="https://data.example.go.th/terms")
OWN = replace(
    SERVICE_POINTS,
    attribution="กรมตัวอย่าง",
    attribution_en="Department of Examples",
    license_url="https://opendatacommons.org/licenses/odbl/1-0/",
)


def test_a_collection_without_words_of_its_own_has_those_of_the_site() -> None:
    assert attribution_of(SERVICE_POINTS, "en") == (
        "Data by the agencies that run the service points"
    )
    assert license_of(SERVICE_POINTS, SITE) == SITE.license_url
    assert license_name(SITE.license_url) == SITE.license_url


def test_a_collection_credits_its_own_source_in_both_languages() -> None:
    assert attribution_of(OWN, "th") == "กรมตัวอย่าง"
    assert attribution_of(OWN, "en") == "Department of Examples"
    assert attribution_of(replace(OWN, attribution_en=""), "en") == "กรมตัวอย่าง"
    assert license_link(OWN, SITE) == (
        '<https://opendatacommons.org/licenses/odbl/1-0/>; rel="license"'
    )
    assert license_name(OWN.license_url) == "ODbL 1.0"


def test_documents_of_a_collection_link_to_its_own_licence() -> None:
    resources = host_config(SITE, {OWN.id: OWN})["resources"]
    (link,) = resources[OWN.id]["links"]
    assert (link["rel"], link["href"]) == ("license", OWN.license_url)


def test_documents_say_whom_to_credit() -> None:
    own = {"rel": "self", "type": "application/json", "href": "https://x/collections/points"}
    document = {"id": SERVICE_POINTS.id, "links": [own]}
    for language in ("th", "en"):
        completed = collection_document(document, language)
        assert completed["attribution"] == attribution_of(SERVICE_POINTS, language)
