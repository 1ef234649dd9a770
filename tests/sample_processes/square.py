# SPDX-License-Identifier: GPL-2.0-or-later
"""Squares numbers; another function than echo, so that a mix-up shows."""

from geoapi.process_model import Process, ProcessInput, ProcessOutput, ProcessRun


def _run(run: ProcessRun, inputs: dict) -> dict:
    return {"squares": [n * n for n in inputs["numbers"]], "count": len(inputs["numbers"])}


PROCESS = Process(
    id="square",
    title_th="ยกกำลังสอง",
    title_en="Square",
    description_th="ยกกำลังสองจำนวนที่ส่งมา",
    description_en="Squares the numbers given.",
    version="1.0.0",
    inputs={
        "numbers": ProcessInput("จำนวน", "Numbers", {"type": "integer"}, required=True, most=50)
    },
    outputs={
        "squares": ProcessOutput("กำลังสอง", "Squares", {"type": "array"}),
        "count": ProcessOutput("กี่จำนวน", "How many", {"type": "integer"}),
    },
    function=_run,
)
