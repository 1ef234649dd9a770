# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever stands in a filter, the answer is a page of items or a problem, never a 5xx."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi.collections import COLLECTIONS
from tests.api.conftest import Live

PUBLIC = [c for c in COLLECTIONS.values() if not c.has_owners]
WORDS = (
    "AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL", "TRUE", "(", ")", ",", "=", "<>",
    "<", ">=", "+", "-", "*", "/", "%", "^", "div", "'", "''", '"', "\\", "{", "}", "[", "]",
    "CASEI(", "ACCENTI(", "S_INTERSECTS(", "S_WITHIN(", "T_AFTER(", "T_DURING(", "A_CONTAINS(",
    "A_EQUALS(", "DATE('2026-11-22')", "DATE('9999-12-31')", "TIMESTAMP('2026-11-22T00:00:00Z')",
    "INTERVAL('..','2026-01-01')", "BBOX(99,19,100,20)", "BBOX(170,-90,-170,90)", "POINT(99 19)",
    "POLYGON((0 0,1 1,1 0,0 0))", "POINT(1e308 0)", "1e308", "99999999999999999999", "-0", "0.1",
    "'ศาล%'", "'๑๐'", "'\\'", "'%%%%%_%'", "\0", "é", "😀", "ี", "geometry", "category",
)  # fmt: skip
NAMES = sorted({q.name for c in PUBLIC for q in c.queryables} | {"geometry", "nothing"})
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30), st.floats(), st.sampled_from([0, 1, -1, 1e15, 1e308, 5e-324])
)
OPERATORS = st.sampled_from(
    [
        "and",
        "or",
        "not",
        "=",
        "<>",
        "<",
        ">",
        "<=",
        ">=",
        "like",
        "between",
        "in",
        "isNull",
        "casei",
        "accenti",
        "+",
        "-",
        "*",
        "/",
        "%",
        "div",
        "^",
        "upper",
        "s_intersects",
        "s_equals",
        "s_disjoint",
        "s_touches",
        "s_within",
        "s_overlaps",
        "s_crosses",
        "s_contains",
        "t_after",
        "t_before",
        "t_contains",
        "t_disjoint",
        "t_during",
        "t_equals",
        "t_finishedBy",
        "t_intersects",
        "t_meets",
        "t_overlaps",
        "t_starts",
        "a_equals",
        "a_contains",
        "a_containedBy",
        "a_overlaps",
    ]
)
POSITION = st.tuples(
    st.floats(-181, 181) | st.sampled_from([99.5, 100]), st.floats(-91, 91) | st.just(19.5)
).map(list)
GEOMETRY = st.one_of(
    POSITION.map(lambda p: {"type": "Point", "coordinates": p}),
    st.lists(POSITION, max_size=5).map(lambda p: {"type": "LineString", "coordinates": p}),
    st.lists(POSITION, max_size=6).map(
        lambda p: {"type": "Polygon", "coordinates": [[*p, *p[:1]]]}
    ),
    st.lists(st.floats(-200, 200), max_size=6).map(lambda b: {"bbox": b}),
)
GEOMETRY |= st.lists(GEOMETRY, max_size=3).map(
    lambda parts: {"type": "GeometryCollection", "geometries": parts}
)
LEAVES = st.one_of(
    st.sampled_from(NAMES).map(lambda n: {"property": n}),
    st.text(max_size=20), NUMBERS, st.booleans(), st.none(), GEOMETRY,
    st.dates().map(lambda d: {"date": d.isoformat()}),
    st.datetimes().map(lambda d: {"timestamp": d.isoformat() + "Z"}),
    st.lists(st.sampled_from(["..", "2026-01-01", "2026-11-22T00:00:00Z", "x"]), max_size=3).map(
        lambda i: {"interval": i}
    ),
    st.lists(st.text(max_size=5), max_size=3),
)  # fmt: skip
NODES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(OPERATORS, st.lists(inner, max_size=3)).map(
        lambda pair: {"op": pair[0], "args": pair[1]}
    ),
    max_leaves=12,
)
TEXTS = st.one_of(
    st.lists(st.sampled_from((*WORDS, *NAMES)) | st.text(max_size=6), max_size=25).map(" ".join),
    st.text(max_size=200),
    st.tuples(
        st.sampled_from(["(", "NOT ", "-", "CASEI(", "[", "A_EQUALS(("]), st.integers(1, 3000)
    ).map(lambda pair: pair[0] * pair[1]),
)  # fmt: skip
FILTERS = st.one_of(
    TEXTS.map(lambda text: (text, "cql2-text")),
    NODES.map(lambda node: (json.dumps(node), "cql2-json")),
    TEXTS.map(lambda text: (text, "cql2-json")),
    # whole conditions, whose SQL is run
    st.tuples(OPERATORS, st.sampled_from(NAMES), LEAVES).map(
        lambda t: (json.dumps({"op": t[0], "args": [{"property": t[1]}, t[2]]}), "cql2-json")
    ),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["=", "<", "<>"]), NUMBERS)
    .map(lambda t: (f"{t[0]} {t[1]} {t[2]!r}", "cql2-text")),
    st.tuples(st.sampled_from(NAMES), st.text(max_size=12)).map(
        lambda t: (f"NOT {t[0]} LIKE '{t[1].replace(chr(39), chr(39) * 2)}'", "cql2-text")
    ),
)  # fmt: skip


def ask(client: httpx.Client, asked: tuple[str, str], collection: Any, crs: str) -> int:
    text, language = asked
    params = {"filter": text.encode("utf-8", "surrogatepass"), "filter-lang": language}
    if crs:
        params["filter-crs"] = crs
    answer = client.get(f"/ogc/collections/{collection.id}/items", params=params)
    assert answer.status_code in (200, 400, 414), (asked, answer.text[:500])
    if answer.status_code == 400 and answer.headers["content-type"].endswith("problem+json"):
        assert answer.json()["errors"]
    return answer.status_code


COLLECTION = st.sampled_from(PUBLIC)
CRS = st.sampled_from(
    ["", *(f"http://www.opengis.net/def/crs/EPSG/0/{n}" for n in (4326, 3857, 32647, 32648))]
)
QUIET = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
}


@given(asked=FILTERS, collection=COLLECTION, crs=CRS)
@settings(max_examples=300, **QUIET)
def test_any_filter_is_answered_or_refused(
    live: Live, asked: tuple[str, str], collection: Any, crs: str
) -> None:
    with live.client() as client:
        ask(client, asked, collection, crs)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@given(asked=FILTERS, collection=COLLECTION, crs=CRS)
@settings(max_examples=20_000, **(QUIET | {"derandomize": False}))
def test_very_many_filters_are_answered_or_refused(
    live: Live, asked: tuple[str, str], collection: Any, crs: str
) -> None:
    with live.client() as client:
        ask(client, asked, collection, crs)
