# SPDX-License-Identifier: GPL-2.0-or-later
"""The process ``progress-report`` as data: what the job engine needs to offer and to run it.

Nothing here knows of jobs or HTTP.  An adapter calls :func:`run` with the raw inputs, which checks
them, and then the ``render`` of the output that the client wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geoapi.messages import Language
from geoapi.progress_report import PERMISSION, ProgressReport, progress_report
from geoapi.progress_report_document import report_json
from geoapi.progress_report_html import report_html
from geoapi.progress_report_inputs import INPUTS_SCHEMA
from geoapi.progress_report_sheets import report_csv, report_xlsx
from geoapi.progress_report_words import say
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.types import JsonObject, Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LANGUAGES: tuple[Language, Language] = ("th", "en")


@dataclass(frozen=True)
class ReportOutput:
    """One format of the report.

    Attributes:
        ending: of the file's name.
        media_type: as sent.
        render: from a report and a language to the bytes of the file.
    """

    ending: str
    media_type: str
    render: Callable[[ProgressReport, Language], bytes]


# The first is what a client gets that wants nothing in particular.
OUTPUTS: tuple[ReportOutput, ...] = (
    ReportOutput("json", "application/json", lambda report, _language: report_json(report)),
    ReportOutput("html", "text/html; charset=utf-8", report_html),
    ReportOutput("csv", "text/csv; charset=utf-8", report_csv),
    ReportOutput("xlsx", XLSX, report_xlsx),
)


@dataclass(frozen=True)
class ProcessDefinition:
    """A process as OGC API - Processes describes it, without any link.

    Attributes:
        id: path segment.
        version: goes up when results change their meaning.
        permission: what the caller must hold anywhere; the run itself looks where.
        titles: {language: words}.
        descriptions: {language: words}.
        inputs_schema: JSON Schema of the object of all inputs.
        inputs: {language: {input: {title, description, schema, minOccurs, maxOccurs}}}.
        outputs: their formats.
        run: from site, viewer and raw inputs to a report.
    """

    id: str
    version: str
    permission: Permission
    titles: Mapping[Language, str]
    descriptions: Mapping[Language, str]
    inputs_schema: JsonObject
    inputs: Mapping[Language, JsonObject]
    outputs: tuple[ReportOutput, ...]
    run: Callable[[Site, Viewer, Mapping[str, Any]], ProgressReport]


def _inputs(language: Language) -> JsonObject:
    return {
        name: {
            "title": say(f"input_{name}", language),
            "description": say(f"input_{name}_what", language),
            "schema": schema,
            "minOccurs": 0,
            "maxOccurs": 1,
        }
        for name, schema in INPUTS_SCHEMA["properties"].items()
    }


def definition() -> ProcessDefinition:
    """Return the definition of the process, with its words."""
    return ProcessDefinition(
        id="progress-report",
        version="1.0.0",
        permission=PERMISSION,
        titles={language: say("title", language) for language in _LANGUAGES},
        descriptions={language: say("process_description", language) for language in _LANGUAGES},
        inputs_schema=INPUTS_SCHEMA,
        inputs={language: _inputs(language) for language in _LANGUAGES},
        outputs=OUTPUTS,
        run=progress_report,
    )


def output_of(media_type: str) -> ReportOutput | None:
    """Return the output of a media type, parameters aside; None when there is none.

    >>> output_of("text/csv").ending, output_of("image/png")
    ('csv', None)
    """
    wanted = media_type.partition(";")[0].strip().lower()
    return next((o for o in OUTPUTS if o.media_type.partition(";")[0] == wanted), None)
