# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON documents of OGC API Processes Part 1 (18-062r2): processes and the state of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoapi.messages import LANGUAGES, Language, message
from geoapi.ogc.process_request import value_schema
from geoapi.process_model import Process
from geoapi.store.jobs import JobRow
from geoapi.types import JsonObject

_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
PROCESSES_REL, JOBS_REL = f"{_REL}processes", f"{_REL}job-list"
EXECUTE_REL, RESULTS_REL = f"{_REL}execute", f"{_REL}results"
_JSON, _HTML = "application/json", "text/html"


def link(rel: str, href: str, title: str, media_type: str = _JSON) -> JsonObject:
    """Return a link."""
    return {"rel": rel, "type": media_type, "title": title, "href": href}


def own_links(href: str, title: str) -> list[JsonObject]:
    """Return the links of a document to itself and to its page."""
    return [
        link("self", f"{href}?f=json", title),
        link("alternate", f"{href}?f=html", title, _HTML),
    ]


def landing_links(base: str, language: Language) -> list[JsonObject]:
    """Return the links of the landing page that lead to processes and jobs."""
    return [
        link(PROCESSES_REL, f"{base}/processes", message("jobs.processes", language)),
        link(JOBS_REL, f"{base}/jobs", message("jobs.list", language)),
    ]


def process_summary(process: Process, base: str, language: Language) -> JsonObject:
    """Describe a process in short.

    Args:
        process: which.
        base: address of the OGC API.
        language: of titles.
    """
    href = f"{base}/processes/{process.id}"
    title = process.title(language)
    return {
        "id": process.id,
        "version": process.version,
        "title": title,
        "description": process.description(language),
        "keywords": list(process.keywords),
        "jobControlOptions": process.control_options,
        "outputTransmission": ["value"],
        "x-titles": {"th": process.title_th, "en": process.title_en},
        "x-permission": process.permission or None,
        "links": [
            *own_links(href, title),
            link(EXECUTE_REL, f"{href}/execution", message("jobs.execute", language)),
        ],
    }


def process_document(process: Process, base: str, language: Language) -> JsonObject:
    """Describe a process with its inputs and outputs."""
    inputs = {
        name: {
            "title": one.title(language),
            "description": one.description(language),
            "schema": value_schema(one) if one.most == 1 else one.schema,
            "minOccurs": int(one.required),
            "maxOccurs": one.most,
            "x-titles": {"th": one.title_th, "en": one.title_en},
        }
        for name, one in process.inputs.items()
    }
    outputs = {
        name: {
            "title": one.title(language),
            "schema": one.schema,
            "x-titles": {"th": one.title_th, "en": one.title_en},
        }
        for name, one in process.outputs.items()
    }
    return process_summary(process, base, language) | {"inputs": inputs, "outputs": outputs}


def said(row: JobRow, language: Language) -> str:
    """Return what a job says of itself in a language."""
    message_id = row.message.get("id") or f"jobs.state.{row.state}"
    return message(message_id, language, row.message.get("params"))


def instant(value: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    if value is None:
        return None
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def job_document(row: JobRow, base: str, language: Language) -> JsonObject:
    """Return the statusInfo of a job; instants that are not known yet are left out."""
    href = f"{base}/jobs/{row.id}"
    document: dict[str, Any] = {
        "processID": row.process_id,
        "type": "process",
        "jobID": row.id,
        "status": row.state,
        "message": said(row, language),
        **{f"message_{each}": said(row, each) for each in LANGUAGES},
        "progress": row.progress,
        "created": instant(row.created_at),
        "started": instant(row.started_at),
        "finished": instant(row.finished_at),
        "updated": instant(row.updated_at),
        "expires": instant(row.expires_at),
        "links": own_links(href, message("jobs.job", language)),
    }
    if row.state == "successful":
        title = message("jobs.results", language)
        document["links"].append(link(RESULTS_REL, f"{href}/results", title))
        document["links"] += [
            link("item", f"{href}/results/{name}", f"{title}: {name}", result["mediaType"])
            for name, result in row.results.items()
        ]
    return {name: value for name, value in document.items() if value is not None}
