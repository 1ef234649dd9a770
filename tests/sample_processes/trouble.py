# SPDX-License-Identifier: GPL-2.0-or-later
"""Sleeps, dies, refuses or eats memory, as it is told."""

import os
import signal
import time

from geoapi.errors import UsageError
from geoapi.process_model import Process, ProcessInput, ProcessOutput, ProcessRun

KINDS = ["none", "die", "refuse", "defect", "memory", "write", "sleep"]


def _run(run: ProcessRun, inputs: dict) -> dict:
    run.progress(1, "jobs.again")
    kind, seconds = inputs["kind"], inputs["seconds"]
    with open(run.site.settings.data_dir / "trouble.log", "a") as file:  # noqa: PTH123
        file.write(f"{inputs['mark']} {os.getpid()}\n")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "refuse":
        raise UsageError("jobs.process_gone", id="x")
    if kind == "defect":
        raise ZeroDivisionError
    if kind == "memory":
        return {"mark": str(len(bytearray(20_000_000_000)))}
    if kind == "write":
        run.site.store.write(bool)
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        time.sleep(0.05)
        run.progress(int(100 * (time.monotonic() - begun) / seconds))
    return {"mark": inputs["mark"]}


PROCESS = Process(
    id="trouble",
    title_th="ปัญหา",
    title_en="Trouble",
    description_th="ทำให้เกิดปัญหาตามที่สั่ง",
    description_en="Makes trouble as it is told.",
    version="1.0.0",
    inputs={
        "kind": ProcessInput("ชนิด", "Kind", {"type": "string", "enum": KINDS, "default": "none"}),
        "seconds": ProcessInput(
            "วินาที", "Seconds", {"type": "number", "minimum": 0, "maximum": 60, "default": 0}
        ),
        "mark": ProcessInput("เครื่องหมาย", "Mark", {"type": "string", "default": ""}),
    },
    outputs={"mark": ProcessOutput("เครื่องหมาย", "Mark", {"type": "string"})},
    function=_run,
    sync_s=1.0,
    job_s=3.0,
)
