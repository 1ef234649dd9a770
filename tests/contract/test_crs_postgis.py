# SPDX-License-Identifier: GPL-2.0-or-later
"""Our conversions against PostGIS ST_Transform: within a centimetre, all over Thailand."""

from __future__ import annotations

import random
from collections.abc import Callable

import orjson
import psycopg
import pytest

from geoapi.ogc.crs import SUPPORTED, to_crs84, transformed

pytestmark = pytest.mark.postgis
CENTIMETRE_M = 0.01
CENTIMETRE_DEG = 1e-7


@pytest.mark.parametrize("crs", SUPPORTED[2:], ids=lambda c: c.authority)
def test_conversions_agree_with_postgis(crs, new_database: Callable[..., str]) -> None:
    draw = random.Random(11)
    places = [
        [round(draw.uniform(97.3, 105.7), 7), round(draw.uniform(5.6, 20.5), 7)]
        for _ in range(1_000)
    ]
    text = orjson.dumps({"geometry": {"type": "MultiPoint", "coordinates": places}}).decode()
    (ours,) = (orjson.loads(t) for t in transformed([text], crs))
    code = int(crs.authority.partition(":")[2])
    with psycopg.connect(new_database()) as connection:
        rows = connection.execute(
            "SELECT ST_X(g), ST_Y(g), ST_X(d), ST_Y(d)"
            " FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[])"
            "   WITH ORDINALITY AS p (lon, lat, x, y, n),"
            " ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), %s) AS g,"
            " ST_Transform(ST_SetSRID(ST_MakePoint(x, y), %s), 4326) AS d ORDER BY n",
            (
                [p[0] for p in places], [p[1] for p in places],
                [p[0] for p in ours["geometry"]["coordinates"]],
                [p[1] for p in ours["geometry"]["coordinates"]], code, code,
            ),
        ).fetchall()  # fmt: skip
    back = to_crs84(ours, crs)["geometry"]["coordinates"]
    assert len(rows) == len(places)
    for (x, y, lon, lat), there, here in zip(
        rows, ours["geometry"]["coordinates"], back, strict=True
    ):
        assert there == pytest.approx([x, y], abs=CENTIMETRE_M)
        assert here == pytest.approx([lon, lat], abs=CENTIMETRE_DEG)
