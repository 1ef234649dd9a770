# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs beside a serving process: its engines, and with a GeoPackage its worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from geoapi.jobs.engine import EnginePool
from geoapi.jobs.worker import Worker, start_thread
from geoapi.process_registry import Processes
from geoapi.site import Site

# The first requests after a start come first.
_WARM_UP_AFTER_S = 3.0
_STOP_S = 10.0


@contextmanager
def working(site: Site, processes: Processes, engines: EnginePool) -> Iterator[None]:
    """Start engine and worker, and stop both at the end of the block.

    Args:
        site: that is served.
        processes: all of them.
        engines: still without an engine.
    """
    warming = threading.Timer(_WARM_UP_AFTER_S, engines.warm_up)
    warming.daemon = True
    if any(process.is_sync for process in processes.values()):
        warming.start()
    if processes:
        engines.nursery.open()
    worker = thread = None
    if site.store.backend == "geopackage" or site.settings.serve_jobs:
        worker = Worker(site, processes, engines.nursery)
        thread = start_thread(worker)
    try:
        yield
    finally:
        warming.cancel()
        if worker is not None and thread is not None:
            worker.stopping.set()
            thread.join(_STOP_S)
        engines.close()
        engines.nursery.close()
