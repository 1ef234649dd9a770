# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenAPI of processes and jobs: paths, parameters and schemas of OGC API Processes Part 1."""

from __future__ import annotations

from typing import Any

from geoapi.ogc.openapi_parts import both, header, parameter, problems
from geoapi.ogc.openapi_schemas import reference
from geoapi.store.job_tables import STATES
from geoapi.types import JsonObject

TAG = "processes"
_JSON = "application/json"
_HTML: JsonObject = {"schema": {"type": "string"}}
_SIGNED_IN: list[JsonObject] = [{"bearer": []}, {"basic": []}, {"cookie": []}]
_ANYBODY: list[JsonObject] = [{}, *_SIGNED_IN]
_READ = (400, 401, 404, 429, 503)
_EXECUTE = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
# what a failed job says is the answer to whoever asks for its results
_RESULTS = (400, 401, 403, 404, 409, 422, 429, 503)
_TEXT: JsonObject = {"type": "string"}
_INSTANT: JsonObject = {"type": "string", "format": "date-time"}


def tag() -> JsonObject:
    """Return the group of these operations."""
    return {"name": TAG, "description": both("ogc_pages.tag.processes")}


def paths() -> JsonObject:
    """Return the paths of processes and jobs."""
    process, job = "/processes/{processId}", "/jobs/{jobId}"
    return {
        "/processes": {"get": _get("getProcesses", "ProcessList", "limitProcesses")},
        process: {"get": _get("getProcess", "ProcessDescription", "processId")},
        f"{process}/execution": {"post": _execute()},
        "/jobs": {"get": _get("getJobs", "JobList", *_FILTERS)},
        job: {"get": _get("getJob", "StatusInfo", "jobId"), "delete": _dismiss()},
        f"{job}/results": {"get": _results("getResults", "jobId")},
        f"{job}/results/{{outputId}}": {"get": _results("getResult", "jobId", "outputId")},
    }


_FILTERS = (
    "jobType", "processIds", "jobStatus", "jobsDatetime", "minDuration", "maxDuration",
    "limitJobs", "after",
)  # fmt: skip


def _operation(operation_id: str, answers: JsonObject, **more: Any) -> JsonObject:  # noqa: ANN401
    return {
        "operationId": operation_id,
        "tags": [TAG],
        "summary": both(f"ogc_pages.operation.{operation_id}"),
        "security": _ANYBODY,
        "responses": answers,
    } | more


def _answer(content: JsonObject, *headers: str, status: int = 200) -> JsonObject:
    described: JsonObject = {
        "description": both(f"ogc_pages.status.{status}"),
        "content": content,
    }
    return described | ({"headers": header(*headers)} if headers else {})


def _get(operation_id: str, schema: str, *names: str) -> JsonObject:
    content = {_JSON: {"schema": reference(schema)}, "text/html": _HTML}
    answers = {
        "200": _answer(content, "ETag", "Content-Language"),
        "304": {"$ref": "#/components/responses/NotModified"},
    }
    shared = (*names, "f", "lang", "ifNoneMatch")
    return _operation(
        operation_id, answers | problems(_READ), parameters=[parameter(name) for name in shared]
    )


def _any_results() -> JsonObject:
    return {
        _JSON: {"schema": {"description": both("jobs.results")}},
        "multipart/related": {"schema": _TEXT},
        "text/html": _HTML,
        "text/csv": {"schema": _TEXT},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }


def _execute() -> JsonObject:
    status = {_JSON: {"schema": reference("StatusInfo")}}
    answers = {
        "200": _answer(_any_results(), "Preference-Applied"),
        "201": _answer(status, "Location", "Preference-Applied", status=201),
    }
    names = ("processId", "fJson", "lang", "preferJob")
    body = {"required": True, "content": {_JSON: {"schema": reference("Execute")}}}
    return _operation(
        "execute",
        answers | problems(_EXECUTE),
        parameters=[parameter(name) for name in names],
        requestBody=body,
    )


def _dismiss() -> JsonObject:
    answers = {"200": _answer({_JSON: {"schema": reference("StatusInfo")}})}
    names = ("jobId", "fJson", "lang")
    return _operation(
        "dismissJob",
        answers | problems((*_READ, 403)),
        parameters=[parameter(name) for name in names],
    )


def _results(operation_id: str, *names: str) -> JsonObject:
    answers = {"200": _answer(_any_results())}
    shared = (*names, "fJson", "lang")
    return _operation(
        operation_id, answers | problems(_RESULTS), parameters=[parameter(n) for n in shared]
    )


def _parameter(place: str, name: str, schema: JsonObject, text: str = "") -> JsonObject:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": both(f"ogc_pages.parameter.{text or name}"),
        "schema": schema,
    }


def parameters() -> JsonObject:
    """Return the parameters of processes and jobs, {name: parameter}."""
    many: JsonObject = {"style": "form", "explode": False}
    seconds = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    states = {"type": "array", "items": {"type": "string", "enum": list(STATES)}}
    texts = {"type": "array", "items": _TEXT}
    limit = {"type": "integer", "minimum": 1, "maximum": 1000}
    return {
        "processId": _parameter("path", "processId", _TEXT),
        "jobId": _parameter("path", "jobId", _TEXT),
        "outputId": _parameter("path", "outputId", _TEXT),
        "limitProcesses": _parameter("query", "limit", limit | {"default": 1000}) | many,
        "limitJobs": _parameter("query", "limit", limit | {"default": 10}) | many,
        "jobType": _parameter(
            "query", "type", {"type": "array", "items": {"type": "string", "enum": ["process"]}}
        )
        | many,
        "processIds": _parameter("query", "processID", texts) | many,
        "jobStatus": _parameter("query", "status", states) | many,
        "jobsDatetime": _parameter("query", "datetime", _TEXT, "jobsDatetime") | many,
        "minDuration": _parameter("query", "minDuration", seconds),
        "maxDuration": _parameter("query", "maxDuration", seconds),
        "preferJob": _parameter("header", "Prefer", _TEXT, "preferJob")
        | {"example": "respond-async"},
    }


def schemas() -> JsonObject:
    """Return the schemas of processes and jobs, {name: schema}."""
    links = {"type": "array", "items": {"type": "object"}}
    summary: JsonObject = {
        "id": _TEXT,
        "version": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "keywords": {"type": "array", "items": _TEXT},
        "jobControlOptions": {
            "type": "array",
            "items": {"type": "string", "enum": ["sync-execute", "async-execute", "dismiss"]},
        },
        "outputTransmission": {"type": "array", "items": {"type": "string", "enum": ["value"]}},
        "links": links,
    }
    described = {"type": "object", "additionalProperties": {"type": "object"}}
    required = ["id", "version"]
    return {
        "ProcessSummary": {"type": "object", "required": required, "properties": summary},
        "ProcessList": _list("processes", "ProcessSummary", links),
        "ProcessDescription": {
            "type": "object",
            "required": [*required, "inputs", "outputs"],
            "properties": summary | {"inputs": described, "outputs": described},
        },
        "Execute": _execute_schema(),
        "StatusInfo": _status_info(links),
        "JobList": _list("jobs", "StatusInfo", links),
    }


def _list(name: str, schema: str, links: JsonObject) -> JsonObject:
    return {
        "type": "object",
        "required": [name, "links"],
        "properties": {name: {"type": "array", "items": reference(schema)}, "links": links},
    }


def _execute_schema() -> JsonObject:
    output = {
        "type": "object",
        "properties": {
            "format": {"type": "object", "properties": {"mediaType": _TEXT}},
            "transmissionMode": {"type": "string", "enum": ["value"]},
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "inputs": {"type": "object"},
            "outputs": {"type": "object", "additionalProperties": output},
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
            "mode": {"type": "string", "deprecated": True},
        },
        "example": {"inputs": {}, "response": "document"},
    }


def _status_info(links: JsonObject) -> JsonObject:
    names = ("created", "started", "finished", "updated", "expires")
    return {
        "type": "object",
        "required": ["jobID", "status", "type"],
        "properties": {
            "processID": _TEXT,
            "type": {"type": "string", "enum": ["process"]},
            "jobID": _TEXT,
            "status": {"type": "string", "enum": list(STATES)},
            "message": _TEXT,
            "message_th": _TEXT,
            "message_en": _TEXT,
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            **dict.fromkeys(names, _INSTANT),
            "links": links,
        },
    }
