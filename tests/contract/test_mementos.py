# SPDX-License-Identifier: GPL-2.0-or-later
"""Versions of an item from the change table: rights, order, and the index that carries them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from geoapi.store import Store, Transaction
from geoapi.store.changes import ChangeEntry, append
from geoapi.store.mementos import read_document, read_steps
from geoapi.store.query import Reader
from geoapi.types import Scope

INSIDE, OUTSIDE = (Scope(area_code="57"),), (Scope(area_code="50"),)
ITEM = ("service-points", "p1")


def write(store: Store, item_id: str, effect: str, area: str, name: str) -> None:
    def work(transaction: Transaction) -> None:
        public = f'{{"public":"{name}"}}' if effect == "upsert" else None
        append(
            transaction,
            ChangeEntry(
                "service-points", item_id, 1, "update", effect, "u", "t", "r", "", "", area,
                f'{{"working":"{name}"}}', public,
            ),
        )  # fmt: skip

    store.write(work)


@pytest.fixture
def filled(store: Store) -> Store:
    for n in range(4):
        write(store, "p1", "upsert" if n == 1 else "", "5701" if n < 3 else "5001", f"v{n}")
        write(store, f"other{n}", "upsert", "5701", "x")
    return store


def test_each_reader_gets_the_own_steps(filled: Store) -> None:
    def look(scopes: tuple[Scope, ...]) -> list[tuple[str, bool]]:
        steps = filled.read(lambda c: read_steps(c, *ITEM, Reader(scopes)))
        assert [s.seq for s in steps] == sorted(s.seq for s in steps)
        return [(s.public_effect, s.is_inside) for s in steps]

    assert look(()) == [("upsert", False)]
    assert look(INSIDE) == [("", True), ("upsert", True), ("", True), ("", False)]
    assert look(OUTSIDE) == [("", False), ("upsert", False), ("", False), ("", True)]
    assert look((Scope(),)) == [("", True), ("upsert", True), ("", True), ("", True)]


def test_a_document_is_read_by_who_may_see_it_alone(filled: Store) -> None:
    steps = filled.read(lambda c: read_steps(c, *ITEM, Reader((Scope(),))))
    draft, public = steps[0].seq, steps[1].seq

    def look(seq: int, scopes: tuple[Scope, ...], *, is_working: bool) -> str | None:
        return filled.read(lambda c: read_document(c, seq, Reader(scopes), is_working=is_working))

    assert look(draft, INSIDE, is_working=True) == '{"working":"v0"}'
    owned = Reader(owner_id="somebody-else")
    assert filled.read(lambda c: read_document(c, draft, owned, is_working=True)) is None
    for scopes in ((), OUTSIDE):
        assert look(draft, scopes, is_working=True) is None
        assert look(public, scopes, is_working=True) is None
        assert look(draft, scopes, is_working=False) is None
        assert look(public, scopes, is_working=False) == '{"public":"v1"}'


def test_instants_come_back_aware_and_in_order(filled: Store) -> None:
    steps = filled.read(lambda c: read_steps(c, *ITEM, Reader((Scope(),))))
    assert all(step.at.utcoffset() == timedelta(0) for step in steps)
    assert [s.at for s in steps] == sorted(s.at for s in steps)


def test_versions_of_one_item_are_found_by_the_index(filled: Store) -> None:
    """Of the very columns that the statement names, not of its text: it is built by SQLAlchemy."""
    where = "FROM change WHERE collection = 'service-points' AND item_id = 'p1' ORDER BY seq"

    def plan(connection: Connection) -> str:
        if filled.backend == "geopackage":
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN SELECT seq, at {where}"))
        else:
            connection.execute(text("SET enable_seqscan = off"))  # four rows need no index
            rows = connection.execute(text(f"EXPLAIN SELECT seq, at {where}"))
        return "\n".join(str(row) for row in rows)

    found = filled.read(plan)
    assert "ix_change_item" in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found
