# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that is told to stop answers what it has begun and leaves one whole file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.durability.load import WRITERS, Load, check_indexes, check_stored
from tests.live import LiveSite


def test_stop_under_load_answers_what_was_begun(
    backend: str, new_site: Callable[..., LiveSite]
) -> None:
    site = new_site(backend, log_level="INFO")
    load = Load(site, site.add_user("writer", "officer"))
    site.start()
    load.start()
    load.wait_for(40)
    assert site.stop(), "it did not end by itself"
    load.stop()
    assert not load.refused
    # a connection that idles may be closed under a request just sent: at most one of each writer
    unanswered = [write for write in load.writes if write.answer is None]
    assert len(unanswered) <= WRITERS
    if backend == "geopackage":
        assert not Path(site.store + "-wal").exists()
        with closing(sqlite3.connect(f"file:{site.store}?immutable=1", uri=True)) as connection:
            # an immutable file is read without a log: everything is in the one file
            (count,) = connection.execute("SELECT count(*) FROM change").fetchone()
        assert count >= len(load.acknowledged)
    check_stored(site, load.acknowledged, load.acknowledged + unanswered)
    check_indexes(site)
    assert "Traceback" not in site.log()
