# SPDX-License-Identifier: GPL-2.0-or-later
"""Items through pygeoapi and our provider: the same as ours, within rights; and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from geoapi.errors import DataUnavailableError, NotFoundError
from geoapi.providers.features import FeaturesProvider
from geoapi.site import Site
from tests.api.sample_site import DRAFTS, POINTS, PUBLIC, Client, sample_client, sample_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sample_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[Client]:
    with sample_client(site) as made:
        yield made


# ------------------------------------------------------------------- the provider


def pages(client: Client, path: str, **headers: str) -> Iterator[dict[str, Any]]:
    """Follow next links to the end."""
    following: str | None = path
    while following:
        answer = client.get(following, headers=headers)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        yield document
        following = None
        for link in document["links"]:
            if link["rel"] == "next":
                tail = link["href"].partition("/items?")[2]
                following = f"{path.partition('?')[0]}?{tail}"


def hrefs(document: dict[str, Any], *rels: str) -> list[tuple[str, str]]:
    return sorted((k["rel"], k["href"]) for k in document["links"] if k["rel"] in rels)


@pytest.mark.parametrize(
    "query",
    [
        "limit=5",
        "limit=4&sortby=-name_th",
        "limit=3&sortby=category,-updated_at",
        "limit=5&offset=10",
        "limit=100",
        "q=ที่ว่าการ&bbox=99.8,19.8,99.9,20.0&limit=3",
        "category=hospital",
        "datetime=2020-01-01T00:00:00Z/..&limit=7",
    ],
)
def test_provider_and_own_route_give_the_same_pages(client, query):
    own = list(pages(client, f"{POINTS}/items?{query}"))
    through = list(pages(client, f"/through/service-points/items?{query}"))
    assert [page["features"] for page in through] == [page["features"] for page in own]
    for ours, theirs in zip(own, through, strict=True):
        assert hrefs(theirs, "next", "collection") == hrefs(ours, "next", "collection")
        for name in ("type", "numberMatched", "numberReturned"):
            assert theirs[name] == ours[name]


def test_text_with_angle_brackets_survives_pygeoapi(client):
    page = client.get("/through/service-points/items?limit=1")
    assert "District <office> & co 01" in page.text
    assert "ที่ว่าการ" in page.text


def test_provider_refuses_what_the_own_route_refuses(client):
    for query in ("limit=0", "bbox=1,2", "category=castle", "sortby=postal_code", "after=x", "z=1"):
        own = client.get(f"{POINTS}/items?{query}")
        through = client.get(f"/through/service-points/items?{query}")
        assert own.status_code == through.status_code == 400
        assert own.json()["errors"] == through.json()["errors"]


def test_the_viewer_reaches_the_provider(client):
    path = "/through/service-points/items?limit=100"
    public = client.get(path).json()["features"]
    inside = client.get(path, headers={"x-insider": "yes"}).json()["features"]
    assert len(public) == PUBLIC
    assert len(inside) == PUBLIC + DRAFTS
    assert {f["properties"]["state"] for f in public} == {"verified"}
    assert client.get(path).json()["features"] == public


def test_provider_does_nothing_before_it_is_asked():
    provider = FeaturesProvider({"name": "x", "type": "feature", "data": "service-points"})
    assert provider.fields["status"]["enum"][0] == "open"
    with pytest.raises(DataUnavailableError):
        provider.query()
    with pytest.raises(NotFoundError):
        FeaturesProvider({"name": "x", "type": "feature", "data": "nothing"})


# ------------------------------------------------------------------- CSV


def read_csv(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode()), "Excel needs the byte order mark"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_csv_has_places_and_every_column(client):
    answer = client.get(f"{POINTS}/items?f=csv&limit=100&sortby=-name_th")
    rows = read_csv(answer)
    features = client.get(f"{POINTS}/items?limit=100&sortby=-name_th").json()["features"]
    assert [row["id"] for row in rows] == [feature["id"] for feature in features]
    first, properties = rows[0], features[0]["properties"]
    assert [float(first["lon"]), float(first["lat"])] == features[0]["geometry"]["coordinates"]
    assert set(properties) <= set(first)
    assert first["name_en"] == properties["name_en"]
    assert json.loads(first["phones"]) == properties["phones"]
    assert first["accuracy_m"] == "2.5"
    assert first["note_th"] == "'=1+1", "a spreadsheet must not run it"
    assert 'filename="service-points.csv"' in answer.headers["content-disposition"]


def test_csv_keeps_rows_without_a_place_and_columns_of_any_row(client):
    rows = read_csv(client.get("/inside/service-points/items?limit=100&f=csv"))
    assert len(rows) == PUBLIC + DRAFTS
    assert sum(row["lon"] == row["lat"] == "" for row in rows) == 5
    assert {row["state"] for row in rows} == {"verified", "draft", "unpinned"}


def test_csv_shows_the_public_nothing_restricted(client):
    (header, *_) = client.get(f"{POINTS}/items?f=csv&limit=1").text.splitlines()
    assert not {"updated_by", "move_reason", "raw_coordinates"} & set(header.split(","))


def test_csv_of_nothing_is_a_header(client):
    answer = client.get(f"{POINTS}/items?f=csv&category=hospital")
    assert read_csv(answer) == []
    assert "name_th" in answer.text


def test_csv_of_areas_has_no_place(client):
    (row,) = read_csv(client.get("/ogc/collections/provinces/items?f=csv"))
    assert (row["code"], row["name_th"], "lon" in row) == ("57", "เชียงราย", False)
