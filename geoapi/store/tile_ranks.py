# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep ``tile_point`` true: at the end of each transaction for what it changed, or all anew.

A transaction only notes which published rows it touched.  Before it commits, :func:`settle` looks
at where those points are now and where they were, and ranks the cells of both again; in PostgreSQL
under a lock of its own, so that two writers can't both make themselves first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, delete, insert, literal, select, text, update

from geoapi.store.feature_tables import METADATA, PUBLISHED
from geoapi.store.tile_grid import ALL_ZOOM, cell_of, cell_shift, mark_of, rank_of
from geoapi.store.tile_marks import WHOLE_LAYER, set_marks
from geoapi.store.tile_order import (
    RankedPoint,
    as_ranked,
    dirty_cells,
    pack_counts,
    rank_all,
    rerank,
)
from geoapi.store.tile_tables import LAYERS, POINT_LAYERS, tile_point

# Any fixed number but that of the change table: the lock under which ranks are settled.
_TILE_LOCK = 0x70616B74
# Beyond so many changed points the whole layer is ranked anew, which is quicker.
_MOST_SINGLE = 3_000
_BATCH = 1_000

# One index range for each (min_zoom, cell); the subquery keeps PostgreSQL from joining otherwise.
_FIRSTS_POSTGIS = text(
    "SELECT p.item_id, p.cell, p.rank, p.min_zoom, p.counts FROM unnest("
    "CAST(:zooms AS int[]), CAST(:lows AS bigint[]), CAST(:highs AS bigint[])) r(z, low, high)"
    " CROSS JOIN LATERAL (SELECT * FROM tile_point t WHERE t.layer = :layer AND t.min_zoom = r.z"
    " AND t.cell >= r.low AND t.cell < r.high OFFSET 0) p"
)
_FIRSTS_GEOPACKAGE = text(
    "SELECT p.item_id, p.cell, p.rank, p.min_zoom, p.counts FROM json_each(:ranges) r"
    " CROSS JOIN tile_point p WHERE p.layer = :layer AND p.min_zoom = r.value ->> 0"
    " AND p.cell >= r.value ->> 1 AND p.cell < r.value ->> 2"
)

_INSERT_GEOPACKAGE = (
    "INSERT INTO tile_point (layer, item_id, cell, rank, min_zoom, counts)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_COPY_POSTGIS = "COPY tile_point (layer, item_id, cell, rank, min_zoom, counts) FROM STDIN"


def settle(connection: Connection, touched: Iterable[tuple[str, str]]) -> None:
    """Rank what a transaction touched and mark the tiles that changed by it.

    Args:
        connection: of the transaction, everything else of it written.
        touched: (feature table, id) of published rows that were written or deleted.
    """
    by_layer: dict[str, set[str]] = {}
    for layer, item_id in touched:
        by_layer.setdefault(layer, set()).add(item_id)
    if by_layer:
        take_lock(connection)
    for layer, ids in by_layer.items():
        if layer in POINT_LAYERS:
            _settle_points(connection, layer, ids)
        else:
            set_marks(connection, layer, (WHOLE_LAYER,))


def take_lock(connection: Connection) -> None:
    """Let no other transaction settle until this one ends; a GeoPackage has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TILE_LOCK})


def _settle_points(connection: Connection, layer: str, ids: set[str]) -> None:
    known = dict(_known(connection, layer, ids))
    wanted = dict(_published(connection, layer, ids))
    cells = [point.cell for point in (*known.values(), *wanted.values())]
    set_marks(connection, layer, (mark_of(cell) for cell in cells))
    changed = {
        item_id
        for item_id in known.keys() | wanted.keys()
        if _place(known.get(item_id)) != _place(wanted.get(item_id))
    }
    if len(changed) > _MOST_SINGLE:
        rebuild_layer(connection, layer)
    elif changed:
        _rank_some(
            connection,
            layer,
            {item_id: known[item_id] for item_id in changed if item_id in known},
            {item_id: wanted[item_id] for item_id in changed if item_id in wanted},
        )


def _place(point: RankedPoint | None) -> tuple[int, int] | None:
    return None if point is None else (point.cell, point.rank)


def _known(
    connection: Connection, layer: str, ids: Iterable[str]
) -> Iterator[tuple[str, RankedPoint]]:
    for some in batched(sorted(ids), _BATCH):
        statement = select(tile_point).where(
            tile_point.c.layer == layer, tile_point.c.item_id.in_(some)
        )
        for row in connection.execute(statement):
            yield row.item_id, as_ranked(row)


def _published(
    connection: Connection, layer: str, ids: Iterable[str] | None = None
) -> Iterator[tuple[str, RankedPoint]]:
    """Yield the published points of a layer, all of them when no ids are given."""
    table = METADATA.tables[layer]
    is_branch = table.c.is_branch if "is_branch" in table.c else literal(value=False)
    statement = select(table.c.id, table.c.min_x, table.c.min_y, is_branch.label("branch")).where(
        table.c["view"] == PUBLISHED, table.c.min_x.is_not(None)
    )
    wanted = [statement] if ids is None else [
        statement.where(table.c.id.in_(some)) for some in batched(sorted(ids), _BATCH)
    ]  # fmt: skip
    for each in wanted:
        for row in connection.execute(each):
            rank = rank_of(row.id, is_branch=bool(row.branch))
            yield row.id, RankedPoint(cell_of(row.min_x, row.min_y), rank)


def _rank_some(
    connection: Connection,
    layer: str,
    before: Mapping[str, RankedPoint],
    after: Mapping[str, RankedPoint],
) -> None:
    """Rank again around some points that came, went or moved.

    Args:
        connection: of the transaction.
        layer: name of the feature table.
        before: the points as they stand in ``tile_point``.
        after: the points as they are now, without counts.
    """
    dirty = dirty_cells(p.cell for p in (*before.values(), *after.values()))
    around = _firsts(connection, layer, dirty)
    points = {name: point for name, point in around.items() if name not in before}
    ranked = rerank({**points, **after}, dirty)
    _delete(connection, layer, before.keys() - after.keys())
    moved = {name: ranked[name] for name in after}
    _write(connection, layer, {n: p for n, p in moved.items() if n not in before})
    _update(
        connection,
        layer,
        {n: p for n, p in moved.items() if n in before}
        | {n: p for n, p in ranked.items() if n in points and p.counts != points[n].counts},
    )


def _firsts(
    connection: Connection, layer: str, dirty: Mapping[int, set[int]]
) -> dict[str, RankedPoint]:
    """Return every point that may be first in a dirty cell.

    First in a part of a cell of zoom z, but not yet in a larger one, is who has min_zoom z + 1;
    the one that is first in the cell itself belongs to a larger dirty cell in the same way.
    """
    ranges = [(0, cell, 0) for cell in dirty[0]]
    ranges += [(zoom + 1, cell, zoom) for zoom in range(ALL_ZOOM) for cell in dirty[zoom]]
    spans = [
        (min_zoom, cell << cell_shift(zoom), (cell + 1) << cell_shift(zoom))
        for min_zoom, cell, zoom in ranges
    ]
    if connection.dialect.name == "postgresql":
        zooms, lows, highs = (list(column) for column in zip(*spans, strict=True))
        found = connection.execute(
            _FIRSTS_POSTGIS, {"layer": layer, "zooms": zooms, "lows": lows, "highs": highs}
        )
    else:
        text_of_ranges = "[" + ",".join(f"[{z},{low},{high}]" for z, low, high in spans) + "]"
        found = connection.execute(_FIRSTS_GEOPACKAGE, {"layer": layer, "ranges": text_of_ranges})
    return {row.item_id: as_ranked(row) for row in found}


def _values(layer: str, item_id: str, point: RankedPoint) -> dict[str, Any]:
    return {
        "layer": layer,
        "item_id": item_id,
        "cell": point.cell,
        "rank": point.rank,
        "min_zoom": point.min_zoom,
        "counts": pack_counts(point.counts),
    }


def _write(connection: Connection, layer: str, points: Mapping[str, RankedPoint]) -> None:
    if points:
        connection.execute(insert(tile_point), [_values(layer, n, p) for n, p in points.items()])


_UPDATE = (
    update(tile_point)
    .where(tile_point.c.layer == bindparam("of"), tile_point.c.item_id == bindparam("whom"))
    .values({c: bindparam(c) for c in ("cell", "rank", "min_zoom", "counts")})
)


def _update(connection: Connection, layer: str, points: Mapping[str, RankedPoint]) -> None:
    if not points:
        return
    rows = [_values(layer, name, points[name]) for name in sorted(points)]
    connection.execute(
        _UPDATE, [row | {"of": row.pop("layer"), "whom": row.pop("item_id")} for row in rows]
    )


def _delete(connection: Connection, layer: str, ids: Iterable[str]) -> None:
    for some in batched(sorted(ids), _BATCH):
        connection.execute(
            delete(tile_point).where(tile_point.c.layer == layer, tile_point.c.item_id.in_(some))
        )


def rebuild(connection: Connection) -> dict[str, int]:
    """Rank every layer anew and mark everything as changed; return {layer: points}."""
    take_lock(connection)
    done = {layer: rebuild_layer(connection, layer) for layer in POINT_LAYERS}
    for layer in LAYERS:
        set_marks(connection, layer, (WHOLE_LAYER,))
    return done


def rebuild_layer(connection: Connection, layer: str) -> int:
    """Rank all published points of a layer at once; return how many.

    Args:
        connection: inside a transaction that holds the lock.
        layer: name of the feature table.
    """
    if connection.dialect.name == "postgresql":
        # a million points take longer than an ordinary write may
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    points = list(_published(connection, layer))
    cells = np.fromiter((p.cell for _, p in points), np.int64, len(points))
    ranks = np.fromiter((p.rank for _, p in points), np.int64, len(points))
    min_zoom, counts = rank_all(cells, ranks)
    connection.execute(delete(tile_point).where(tile_point.c.layer == layer))
    rows = [
        (layer, item_id, point.cell, point.rank, zoom, numbers)
        for (item_id, point), zoom, numbers in zip(points, min_zoom.tolist(), counts, strict=True)
    ]
    _insert_many(connection, rows)
    return len(rows)


def _insert_many(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in the quickest way that the driver has."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_INSERT_GEOPACKAGE, list(rows))
        return
    driver: Any = connection.connection.driver_connection
    # in the order of the positions, so that what a tile shows lies together
    with driver.cursor() as cursor, cursor.copy(_COPY_POSTGIS) as copy:
        for row in sorted(rows, key=itemgetter(2)):
            copy.write_row(row)
