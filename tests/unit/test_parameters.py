# SPDX-License-Identifier: GPL-2.0-or-later
"""Query parameters: what is right is read, what is wrong is named, all of it in one answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.datastructures import QueryParams

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.errors import UsageError
from geoapi.keys import load_keys
from geoapi.messages import known_message_ids
from geoapi.ogc import cursor
from geoapi.ogc.parameters import cursor_binding, items_query
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.settings import Settings
from geoapi.store.query import ItemQuery
from geoapi.types import Scope


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder: Path = tmp_path_factory.mktemp("site")
    return SimpleNamespace(settings=Settings(data_dir=folder), keys=load_keys(folder))


def read(site, query: str, viewer: Viewer = PUBLIC, collection=SERVICE_POINTS) -> ItemQuery:
    return items_query(site, collection, viewer, QueryParams(query))


def wrong(site, query: str) -> list[tuple[str, str]]:
    with pytest.raises(UsageError) as caught:
        read(site, query)
    assert {p.message_id for p in caught.value.problems} <= known_message_ids()
    return [(p.parameter, p.message_id.removeprefix("ogc.")) for p in caught.value.problems]


def test_nothing_asked_is_the_first_page_of_what_everybody_sees(site):
    assert read(site, "") == ItemQuery(SERVICE_POINTS.source, limit=site.settings.default_items)


def test_everything_asked_arrives(site):
    query = read(
        site,
        "bbox=97.3,5.6,1,105.7,20.5,9&datetime=2026-11-22T00:00:00%2B07:00/..&category=hospital"
        "&is_branch=true&q=ศาล%20๒&sortby=-name_th,%2Bcategory&limit=%E0%B9%95%E0%B9%90&offset=3",
    )
    assert query.bbox == (97.3, 5.6, 105.7, 20.5)
    assert (query.since, query.until) == (datetime(2026, 11, 21, 17, tzinfo=UTC), None)
    assert query.equals == (("category", "hospital"), ("is_branch", True))
    assert query.search == "ศาล 2"
    assert query.sort == (("name_sort_th", True), ("category", False))
    assert (query.limit, query.offset) == (50, 3)


def test_rights_follow_the_viewer_and_never_a_parameter(site):
    viewer = Viewer("u", grants=(Grant("officer", area_code="57"), Grant("executive")))
    assert read(site, "", viewer).scopes == (Scope("", "57"),)
    assert read(site, "", viewer, COLLECTIONS["agencies"]).scopes == ()
    assert wrong(site, "view=working") == [("view", "unknown_parameter")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bbox=1,2,3", ("bbox", "bbox_not_numbers")),
        ("bbox=a,b,c,d", ("bbox", "bbox_not_numbers")),
        ("bbox=nan,1,2,3", ("bbox", "bbox_not_numbers")),
        ("bbox=1,2,inf,3", ("bbox", "bbox_not_numbers")),
        ("bbox=5.6,97.3,20.5,105.7", ("bbox", "bbox_swapped")),
        ("bbox=1,9,2,8", ("bbox", "bbox_out_of_range")),
        ("bbox=-181,1,2,3", ("bbox", "bbox_out_of_range")),
        ("limit=0", ("limit", "not_in_range")), ("limit=-1", ("limit", "not_in_range")),
        ("limit=1.5", ("limit", "not_in_range")), ("limit=", ("limit", "not_in_range")),
        ("offset=-1", ("offset", "not_in_range")),
        ("offset=" + "9" * 5000, ("offset", "not_in_range")),
        ("datetime=yesterday", ("datetime", "datetime")),
        ("datetime=a/b/c", ("datetime", "datetime")),
        ("datetime=2026-01-02/2026-01-01", ("datetime", "datetime_reversed")),
        ("datetime=0001-01-01T00:00:00%2B07:00", ("datetime", "datetime")),
        ("sortby=editors", ("sortby", "not_sortable")), ("sortby=fid", ("sortby", "not_sortable")),
        ("sortby=", ("sortby", "not_sortable")), ("is_branch=1", ("is_branch", "not_boolean")),
        ("category=castle", ("category", "unknown_code")), ("q=%00", ("q", "search_text")),
        ("name_th=%00", ("name_th", "search_text")), ("q=" + "x" * 201, ("q", "search_text")),
        ("after=x.y", ("after", "cursor_invalid")), ("crs=EPSG:24047", ("crs", "crs_unsupported")),
        ("scope_area_code=57", ("scope_area_code", "unknown_parameter")),
        ("limit=5&limit=6", ("limit", "repeated_parameter")),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_by_name(site, query: str, found: tuple[str, str]):
    assert wrong(site, query) == [found]


def test_all_wrong_parameters_are_named_at_once(site):
    found = wrong(site, "bbox=1&limit=0&category=castle&sortby=x&datetime=x")
    assert {name for name, _ in found} == {"bbox", "limit", "category", "sortby", "datetime"}


def test_a_limit_that_is_too_large_is_cut(site):
    assert read(site, "limit=999999").limit == site.settings.max_items


def test_open_intervals_and_instants(site):
    instant = datetime(2026, 11, 22, tzinfo=UTC)
    for text, wanted in (
        ("2026-11-22T00:00:00Z", (instant, instant)), ("../2026-11-22T00:00:00Z", (None, instant)),
        ("/2026-11-22T00:00:00Z", (None, instant)), ("../..", (None, None)),
        # a date is a day in Thailand
        ("2026-11-22", (datetime(2026, 11, 21, 17, tzinfo=UTC),
                        datetime(2026, 11, 22, 16, 59, 59, 999000, tzinfo=UTC))),
    ):  # fmt: skip
        query = read(site, f"datetime={text}")
        assert (query.since, query.until) == wanted


def test_a_cursor_goes_with_its_filter_and_sort_only(site):
    asked = "category=court&sortby=name_th"
    made = cursor.encode(site.keys, cursor_binding(SERVICE_POINTS, QueryParams(asked)), ("ก", 7))
    assert read(site, f"sortby=name_th&category=court&limit=3&after={made}").after == ("ก", 7)
    assert wrong(site, f"category=hospital&sortby=name_th&after={made}") == [
        ("after", "cursor_invalid")
    ]
    assert wrong(site, f"{asked}&after={made}&offset=2") == [("offset", "after_and_offset")]


def test_two_filters_never_have_one_binding():
    assert cursor_binding(SERVICE_POINTS, QueryParams("q=a%26category%3Dcourt")) != cursor_binding(
        SERVICE_POINTS, QueryParams("q=a&category=court")
    )
