# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of the rights matrix: processes and jobs in general."""

from __future__ import annotations

from typing import Any

from tests.api.live_data import USERS

SIGNED_IN = frozenset(USERS) - {"disabled"}
NOT_THERE: dict[str, Any] = {"allowed": frozenset(), "others": 404, "nobody": 404}
JOB = "/ogc/jobs/00000000-0000-4000-8000-000000000000"
_READ = ("GET", "HEAD", "OPTIONS")


def rows(case: Any) -> dict[str, dict[str, list[Any]]]:
    """Return {path: {verb: cases}}; ``case`` makes one."""

    def read(address: str, **more: Any) -> dict[str, list[Any]]:
        asked = {verb: [case(address, **more)] for verb in _READ[:2]}
        return asked | {"OPTIONS": [case(address)]}

    job = {"/ogc/jobs/{job_id}": JOB, "/ogc/jobs/{job_id}/results": f"{JOB}/results"}
    job["/ogc/jobs/{job_id}/results/{output_id}"] = f"{JOB}/results/x"
    table = {path: read(address, **NOT_THERE) for path, address in job.items()}
    table["/ogc/jobs/{job_id}"]["DELETE"] = [case(JOB, **NOT_THERE)]
    execution = "/ogc/processes/none/execution"
    hidden = {"allowed": frozenset(), "others": 404, "sent": {"data": {"x": "y"}}}
    start, dismiss = "/my/jobs/start/none", f"/my/jobs/{JOB.rpartition('/')[2]}/dismiss"
    return table | {
        "/ogc/processes": read("/ogc/processes"),
        "/ogc/processes/{process_id}": read("/ogc/processes/none", **NOT_THERE),
        "/ogc/processes/{process_id}/execution": {
            "POST": [case(execution, sent={"json": {}}, **NOT_THERE)],
            "OPTIONS": [case(execution)],
        },
        "/ogc/jobs": read("/ogc/jobs"),
        "/my/jobs": {verb: [case("/my/jobs", SIGNED_IN)] for verb in ("GET", "HEAD")},
        "/my/jobs/start/{process_id}": {"POST": [case(start, **hidden)]},
        "/my/jobs/{job_id}/dismiss": {"POST": [case(dismiss, **hidden)]},
    }
