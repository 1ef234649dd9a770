# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of processes and looks at jobs, for the tests of both."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx

PROCESSES = "/ogc/processes"
ASYNC = {"prefer": "respond-async"}
FINAL = {"successful", "failed", "dismissed"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def run(client: httpx.Client, process: str, inputs: Any, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    body = {"inputs": inputs, **more}
    return client.post(f"{PROCESSES}/{process}/execution", json=body, headers=headers)


def start(client: httpx.Client, process: str, **inputs: Any) -> str:
    """Start a job and return its path."""
    answer = run(client, process, inputs, headers=ASYNC)
    assert answer.status_code == 201, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    document = answer.json()
    assert answer.headers["location"].endswith(f"/ogc/jobs/{document['jobID']}")
    return f"/ogc/jobs/{document['jobID']}"


def wait(client: httpx.Client, path: str, states: set[str] = FINAL) -> dict[str, Any]:
    """Wait until a job is in one of the states."""
    deadline = time.monotonic() + 60
    while True:
        document: dict[str, Any] = client.get(path).json()
        if document["status"] in states:
            return document
        assert time.monotonic() < deadline, document
        time.sleep(0.05)


def child_pids(log: Path, mark: str) -> list[int]:
    """Return the processes that a mark ran in."""
    if not log.exists():
        return []
    lines = [line.split() for line in log.read_text().splitlines()]
    return [int(parts[-1]) for parts in lines if parts[0] == mark]
