# SPDX-License-Identifier: GPL-2.0-or-later
"""What to bring stays quick with many points and services: every statement goes by an index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, event, insert, text

from geoapi import what_to_bring
from geoapi.copy_summary import refresh_point
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.tables import FEATURE_TABLES
from tests.contract.point_samples import published, site_of
from tests.contract.service_samples import offer, service

POINTS, SERVICES = 120, 20
# The goal for the whole answer at any size; in process, without HTTP.
MOST_MS = 150.0


@pytest.fixture
def busy(backend: str, open_new: Callable[[str], Store], tmp_path: Path) -> Site:
    """A site with one real point and many others that offer the same services."""
    site = site_of(open_new(backend), tmp_path)
    point = published(site)
    for number in range(SERVICES):
        offer(site, point, service(site, f"s-{number:02}"))
    site.store.write(lambda t: fill(t.connection, point.id))
    return site


def fill(connection: Connection, point_id: str) -> None:
    """Give many other points the rows of one."""
    for name in ("point_service", "copy_requirement"):
        table = FEATURE_TABLES[name]
        columns = [c for c in table.columns if c.name not in {"fid", "geom"}]
        found = connection.execute(table.select().where(table.c.point_id == point_id))
        rows = [dict(row) for row in found.mappings()]
        assert len(rows) >= SERVICES * 2
        for number in range(POINTS):
            other = f"00000000-0000-4000-8000-{number:012}"
            copies: list[dict[str, Any]] = [
                {c.name: row[c.name] for c in columns}
                | {"id": f"{other}-{row['id'][:13]}", "point_id": other}
                for row in rows
            ]
            connection.execute(insert(table), copies)
    connection.execute(text("ANALYZE"))


@contextmanager
def watched(site: Site) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that a block sends."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.lstrip().upper().startswith("SELECT"):
            seen.append((sql, parameters))

    engines = {site.store.reading, site.store.writing}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def plan(site: Site, sql: str, parameters: Any) -> str:
    is_file = site.store.backend == "geopackage"

    def explain(connection: Connection) -> str:
        if not is_file:  # rows so few are read as quickly without: what counts is that it can be
            connection.exec_driver_sql("SET enable_seqscan = off")
        words = "EXPLAIN QUERY PLAN" if is_file else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{words} {sql}", parameters).all()
        return "\n".join(str(row[3] if is_file else row[0]) for row in rows)

    return site.store.read(explain)


def assert_by_index(site: Site, statements: list[tuple[str, Any]]) -> None:
    named = [s for s in statements if "copy_requirement" in s[0] or "point_service" in s[0]]
    assert named
    for sql, parameters in named:
        steps = plan(site, sql, parameters)
        assert "point_id" in steps, f"{sql}\n{steps}"
        assert "Seq Scan on" not in steps, steps
        assert not any(line.startswith("SCAN") for line in steps.splitlines()), steps


def test_what_to_bring_reads_by_the_points_index_and_within_the_goal(busy: Site):
    found = busy.store.rows("SELECT feature FROM service_point WHERE view = 'published'", {})
    point = orjson.loads(found[0][0])
    with watched(busy) as statements:
        answer = what_to_bring.answer(busy, point, "s-07")
    assert len(answer["documents"]) == 2
    assert_by_index(busy, statements)
    times = []
    for number in range(SERVICES):
        started = time.perf_counter()
        what_to_bring.answer(busy, point, f"s-{number:02}")
        times.append((time.perf_counter() - started) * 1000)
    assert sorted(times)[len(times) // 2] < MOST_MS


def test_the_summary_of_a_point_is_written_by_its_index(busy: Site):
    found = busy.store.rows("SELECT id FROM service_point WHERE view = 'working'", {})
    with watched(busy) as statements:
        busy.store.write(lambda t: refresh_point(t, WriteContext(SYSTEM), found[0][0]))
    assert_by_index(busy, statements)
