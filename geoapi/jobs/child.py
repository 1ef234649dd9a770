# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that runs process functions: one call a line on standard input, answers as lines.

It reads the store and never writes to it, and it ends at once when whoever started it is gone.
``python -m geoapi.jobs.child`` is a nursery, started by :mod:`geoapi.jobs.nursery` alone.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import queue
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from geoapi.errors import ServicePointError, UsageError
from geoapi.job_viewer import viewer_of
from geoapi.jobs import folders
from geoapi.jobs.nursery import serve_forks
from geoapi.keys import load_keys
from geoapi.operation.logs import REQUEST_ID, configure_logging, stack_of
from geoapi.problems import kind_of
from geoapi.process_model import Process, ProcessRun, ResultFile
from geoapi.process_registry import Processes, load_processes
from geoapi.rights import require
from geoapi.settings import Settings, load_settings
from geoapi.site import Site
from geoapi.store.read_only import open_read_only
from geoapi.types import JsonObject

LOG = logging.getLogger("geoapi.jobs.child")  # not __main__

# Larger values become files, so that a row of the store stays small.
MAX_INLINE_BYTES = 65_536
_NICENESS = 5
# The starter kills in time; this is for one that can't.
_LATE_S = 10.0
_REPORT_EVERY_S = 0.25


@dataclass(frozen=True)
class _Host:
    """What this process runs with.

    Attributes:
        site: with a store that only reads.
        processes: all of them.
        channel: where answers go.
    """

    site: Site
    processes: Processes
    channel: int

    def say(self, **answer: Any) -> None:  # noqa: ANN401 - any JSON
        """Send one answer."""
        line = orjson.dumps(answer) + b"\n"
        while line:
            line = line[os.write(self.channel, line) :]


def main() -> None:
    """Load everything, then fork children until the starter is gone."""
    settings = load_settings(os.environ)
    processes = load_processes(settings.process_packages)
    serve_forks(int(sys.argv[1]), partial(answer_calls, settings, processes))


def answer_calls(settings: Settings, processes: Processes) -> None:
    """Answer calls until standard input ends."""
    # prints of libraries must not stand between the answers
    channel = os.dup(1)
    os.dup2(2, 1)
    configure_logging(settings)
    _limit_memory(settings)
    with contextlib.suppress(OSError):  # a service manager may forbid it
        os.nice(_NICENESS)
    calls = _listen()
    store = open_read_only(settings.store, timeout_s=settings.statement_timeout_s)
    site = Site(settings, store, load_keys(settings.data_dir))
    host = _Host(site, processes, channel)
    host.say(ready=True)
    while True:
        call = calls.get()
        host.say(began=call["number"])
        REQUEST_ID.set(call["request_id"])
        faulthandler.dump_traceback_later(call["seconds"] + _LATE_S, exit=True)
        answer = run_call(host, call)
        faulthandler.cancel_dump_traceback_later()
        host.say(number=call["number"], **answer)


def _limit_memory(settings: Settings) -> None:
    if not settings.job_memory_mb:
        return
    most = settings.job_memory_mb * 1_000_000
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError) as error:
        LOG.warning("memory of jobs not limited reason=%s", type(error).__name__)


def _listen() -> queue.SimpleQueue[JsonObject]:
    """Read calls in a thread, which ends the process when the other side is gone."""
    calls: queue.SimpleQueue[JsonObject] = queue.SimpleQueue()

    def listen() -> None:
        for line in os.fdopen(0, "rb", closefd=False):
            calls.put(orjson.loads(line))
        os._exit(0)

    threading.Thread(target=listen, name="calls", daemon=True).start()
    return calls


def run_call(host: _Host, call: JsonObject) -> JsonObject:
    """Run one call and return {results} or {failed: {id, params, status}}."""
    try:
        results = _results(host, call)
    except UsageError as error:
        return _failed(error)
    except ServicePointError as error:
        LOG.warning("process failed process=%s error=%s", call["process"], error.message_id)
        return _failed(error)
    except MemoryError:
        most = host.site.settings.job_memory_mb
        return {"failed": {"id": "jobs.no_memory", "params": {"most": most}, "status": 422}}
    except Exception as error:
        LOG.error("process defect process=%s stack=%r", call["process"], stack_of(error))
        return {"failed": {"id": "jobs.defect", "params": {}, "status": 500}}
    return {"results": results}


def _failed(error: ServicePointError) -> JsonObject:
    problems = [
        {
            "id": problem.message_id,
            "pointer": problem.pointer,
            "parameter": problem.parameter,
            "params": _plain(problem.params),
        }
        for problem in error.problems
    ]
    return {
        "failed": {
            "id": error.message_id,
            "params": _plain(error.params),
            "status": kind_of(error).status,
            "problems": problems,
        }
    }


def _plain(params: Mapping[str, Any]) -> JsonObject:
    return {
        name: value if isinstance(value, int | float | str) else str(value)
        for name, value in params.items()
    }


def _results(host: _Host, call: JsonObject) -> JsonObject:
    process = host.processes.get(call["process"])
    if process is None:
        raise UsageError("jobs.process_gone", id=call["process"])
    viewer = viewer_of(host.site, call["user_id"])
    if process.permission:
        require(viewer, process.permission)
    folder = Path(call["folder"])
    folders.jobs_folder(host.site.settings.data_dir)
    folders.make_empty(folder)
    run = ProcessRun(host.site, viewer, folder, _reporter(host, call["number"]))
    found = process.function(run, call["inputs"])
    results = {
        name: _result(process, name, value, folder)
        for name, value in found.items()
        if name in process.outputs
    }
    if call["is_kept"]:
        folders.sync_folder(folder)
    return results


def _reporter(host: _Host, number: int) -> Callable[[int, str, Mapping[str, Any]], None]:
    last = 0.0

    def report(percent: int, message_id: str, params: Mapping[str, Any]) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _REPORT_EVERY_S:
            return
        last = now
        message = {"id": message_id, "params": _plain(params)} if message_id else {}
        host.say(number=number, progress=percent, message=message)

    return report


def _result(process: Process, name: str, value: Any, folder: Path) -> JsonObject:  # noqa: ANN401
    media_type = process.outputs[name].media_type
    if isinstance(value, ResultFile):
        path = folder / value.name
        if path.parent != folder:
            raise ValueError(value.name)
        size = path.stat().st_size
        return {"file": value.name, "mediaType": value.media_type, "bytes": size}
    text = orjson.dumps(value)
    if len(text) <= MAX_INLINE_BYTES:
        return {"value": value, "mediaType": media_type}
    (folder / f"{name}.json").write_bytes(text)
    return {"file": f"{name}.json", "mediaType": media_type, "bytes": len(text), "is_json": True}


if __name__ == "__main__":
    main()
