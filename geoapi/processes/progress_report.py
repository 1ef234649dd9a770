# SPDX-License-Identifier: GPL-2.0-or-later
"""The process ``progress-report``: the report of the pages under /my/reports, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoapi.process_model import Process, ProcessInput, ProcessOutput, ProcessRun
from geoapi.progress_report_document import report_document
from geoapi.progress_report_process import OUTPUTS, definition
from geoapi.progress_report_words import file_name, say
from geoapi.types import JsonObject


def _run(run: ProcessRun, inputs: JsonObject) -> Mapping[str, Any]:
    """Count inside the scopes of who asked, and write every file.

    Raises:
        ForbiddenError, UsageError, DataUnavailableError: see :mod:`geoapi.progress_report`.
    """
    report = _DEFINITION.run(run.site, run.viewer, inputs)
    run.progress(60)
    found: dict[str, Any] = {"report": report_document(report)}
    for output in OUTPUTS:
        if output.ending != "json":
            content = output.render(report, report.inputs.language)
            name = file_name(report, output.ending)
            found[output.ending] = run.write(name, output.media_type, content)
    return found


def _inputs() -> dict[str, ProcessInput]:
    thai, english = _DEFINITION.inputs["th"], _DEFINITION.inputs["en"]
    return {
        name: ProcessInput(
            thai[name]["title"],
            english[name]["title"],
            thai[name]["schema"],
            thai[name]["description"],
            english[name]["description"],
        )
        for name in thai
    }


def _outputs() -> dict[str, ProcessOutput]:
    found = {
        "report": ProcessOutput(
            say("output_report", "th"), say("output_report", "en"), {"type": "object"}
        )
    }
    for output in OUTPUTS:
        if output.ending != "json":
            title = f"file_{output.ending}"
            schema = {"type": "string", "contentMediaType": output.media_type}
            found[output.ending] = ProcessOutput(
                say(title, "th"), say(title, "en"), schema, output.media_type
            )
    return found


_DEFINITION = definition()
PROCESS = Process(
    id=_DEFINITION.id,
    title_th=_DEFINITION.titles["th"],
    title_en=_DEFINITION.titles["en"],
    description_th=_DEFINITION.descriptions["th"],
    description_en=_DEFINITION.descriptions["en"],
    version=_DEFINITION.version,
    inputs=_inputs(),
    outputs=_outputs(),
    function=_run,
    permission=_DEFINITION.permission,
    keywords=("statistics", "progress"),
)
