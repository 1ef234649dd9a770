# SPDX-License-Identifier: GPL-2.0-or-later
"""From every released schema to the newest: nothing is lost, and old backups can be restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from geoapi.errors import UsageError
from geoapi.operation.backup import backup, migrate_with_backup, restore, verify
from geoapi.settings import Settings
from geoapi.store import Store, open_store
from geoapi.store.copy import checksum
from geoapi.store.schema import (
    known_revisions,
    migrate,
    newest_revision,
    prepare_server,
    schema_state,
    upgrade,
)
from tests.contract.store_samples import fill

_REPORTS = {"progress_report", "progress_report_part"}
_JOBS = {"job", "job_worker"} | _REPORTS
_TILES = {"tile_point"} | _JOBS
# tables that each released schema lacks
NEW_TABLES = {
    "0001": {"service", "photo", "draft", "task"} | _TILES,
    "0002": _TILES,
    "0003": _JOBS,
    "0004": _REPORTS,
}
RELEASED = sorted(known_revisions() - {newest_revision()})


@pytest.fixture(params=RELEASED)
def old_store(
    request: pytest.FixtureRequest, backend: str, store_address: Callable[[str], str]
) -> Iterator[Store]:
    """A store of each released schema with rows in each of its tables."""
    store = open_store(store_address(backend))
    prepare_server(store)
    store.write(lambda t: upgrade(t, request.param))
    fill(store)
    assert schema_state(store) == ("old", request.param)
    yield store
    store.close()


def test_upgrade_keeps_every_row_and_saves_them_before(old_store: Store, tmp_path: Path):
    found = schema_state(old_store)[1]
    before = checksum(old_store)
    settings = Settings(data_dir=tmp_path / "var")
    old, new, saved = migrate_with_backup(old_store, settings)
    assert (old, new) == (found, newest_revision())
    assert schema_state(old_store)[0] == "current"
    after = checksum(old_store)
    assert {name: after[name] for name in before} == before
    assert saved is not None
    assert verify(saved).schema == found
    assert NEW_TABLES[found] <= after.keys() - before.keys()


def test_old_backup_is_restored_into_a_new_store_of_either_kind(
    old_store: Store, store_address: Callable[[str], str], tmp_path: Path, backend: str
):
    archive = backup(old_store, Settings(data_dir=tmp_path / "v"), tmp_path)
    before = checksum(old_store)
    for other in dict.fromkeys(("geopackage", backend)):
        address = store_address(other)
        restore(archive, Settings(store=address, data_dir=tmp_path / other))
        with closing(open_store(address)) as restored:
            assert schema_state(restored)[0] == "current"
            after = checksum(restored)
            assert {name: after[name] for name in before} == before


def test_old_backup_is_not_laid_over_a_store_in_use(
    old_store: Store, store_address: Callable[[str], str], tmp_path: Path
):
    archive = backup(old_store, Settings(data_dir=tmp_path / "v"), tmp_path)
    address = store_address("geopackage")
    with closing(open_store(address)) as store:
        migrate(store)
    with pytest.raises(UsageError) as caught:
        restore(archive, Settings(store=address, data_dir=tmp_path / "w"), replace=True)
    assert caught.value.message_id == "operation.archive_schema"
