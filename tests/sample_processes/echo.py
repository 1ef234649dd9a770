# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives back what it was given."""

from geoapi.process_model import Process, ProcessInput, ProcessOutput, ProcessRun

TEXT = {"type": "string", "maxLength": 100}


def _run(run: ProcessRun, inputs: dict) -> dict:
    return {"text": inputs["text"] * inputs["times"]}


PROCESS = Process(
    id="echo",
    title_th="ทวนคำ",
    title_en="Echo",
    description_th="ส่งข้อความกลับตามจำนวนครั้ง",
    description_en="Gives a text back so many times.",
    version="1.0.0",
    inputs={
        "text": ProcessInput("ข้อความ", "Text", TEXT, required=True),
        "times": ProcessInput(
            "จำนวนครั้ง", "Times", {"type": "integer", "minimum": 1, "maximum": 9, "default": 1}
        ),
    },
    outputs={"text": ProcessOutput("ข้อความ", "Text", {"type": "string"})},
    function=_run,
)
