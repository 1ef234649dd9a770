# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud worker``: work on jobs in a process of its own, of which several may run."""

from __future__ import annotations

import os
import signal
from types import FrameType

import click

from geoapi.errors import UsageError
from geoapi.jobs.nursery import Nursery
from geoapi.jobs.worker import Worker
from geoapi.operation.logs import configure_logging
from geoapi.process_registry import load_processes
from geoapi.settings import load_settings
from geoapi.site import open_site
from geoapi.store.schema import require_current_schema


@click.command()
@click.option("--slots", type=int, help="Instead of the setting job_slots.")
@click.pass_context
def worker(context: click.Context, /, slots: int | None) -> None:
    """Work on jobs until told to stop, with PostgreSQL (ประมวลผลงานที่รออยู่)."""
    overrides = {**context.find_root().meta["overrides"], "job_slots": slots}
    settings = load_settings(os.environ, **overrides)
    if "://" not in settings.store:
        raise UsageError("jobs.worker_needs_postgres")
    configure_logging(settings)
    site = open_site(settings)
    nursery = Nursery(settings)
    try:
        require_current_schema(site.store)
        working = Worker(site, load_processes(settings.process_packages), nursery)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            working.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        nursery.open()
        working.run()
    finally:
        nursery.close()
        site.store.close()
