# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer with the results of a process: one raw value, several parts, or one JSON document."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import orjson
from starlette.responses import Response

from geoapi.errors import NotFoundError
from geoapi.types import JsonObject

_JSON = "application/json"
_TEXT_TYPES = ("text/", "application/xml")
_MAX_NAME = 80
# A page that is a result runs no script and sends nothing, whatever stands in it.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Results:
    """The results of a run.

    Attributes:
        outputs: {name: {value, mediaType} or {file, mediaType, bytes}}, those wanted alone.
        folder: where files are.
    """

    outputs: JsonObject
    folder: Path


def wanted_outputs(outputs: JsonObject, names: list[str]) -> JsonObject:
    """Return the outputs that were asked for, in the order of asking."""
    return {name: outputs[name] for name in names if name in outputs}


def _content(results: Results, result: JsonObject) -> bytes:
    """Return the bytes of a result.

    Raises:
        NotFoundError: its file is gone, as after a restore.
    """
    if "file" not in result:
        return bytes(orjson.dumps(result["value"]))
    try:
        return (results.folder / str(result["file"])).read_bytes()
    except OSError as error:
        raise NotFoundError("jobs.results_gone") from error


def document_response(results: Results) -> Response:
    """Return all results as one JSON document."""
    document: JsonObject = {}
    for name, result in results.outputs.items():
        media_type = str(result["mediaType"])
        if "file" not in result:
            document[name] = result["value"]
        elif result.get("is_json"):
            document[name] = orjson.Fragment(_content(results, result))
        elif media_type.startswith(_TEXT_TYPES):
            text = _content(results, result).decode("utf-8-sig", "replace")
            document[name] = {"value": text, "mediaType": media_type}
        else:
            text = base64.b64encode(_content(results, result)).decode("ascii")
            document[name] = {"value": text, "mediaType": media_type, "encoding": "base64"}
    return Response(orjson.dumps(document), media_type=_JSON)


def single_response(results: Results, name: str) -> Response:
    """Return one result as it is.

    Raises:
        NotFoundError: there is no such output, or its file is gone.
    """
    result = results.outputs.get(name)
    if result is None:
        raise NotFoundError("jobs.no_such_output", name=name[:_MAX_NAME])
    headers = {}
    if "file" in result and not result.get("is_json"):
        file_name = quote(result["file"])
        place = "inline" if str(result["mediaType"]).startswith("text/html") else "attachment"
        headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{file_name}"
        headers["Content-Security-Policy"] = _PAGE_POLICY
    return Response(_content(results, result), media_type=result["mediaType"], headers=headers)


def raw_response(results: Results) -> Response:
    """Return the results without a frame: one as it is, several as multipart/related."""
    names = list(results.outputs)
    if len(names) == 1:
        return single_response(results, names[0])
    if not names:
        return Response(status_code=204)
    boundary = secrets.token_hex(16)
    body = b""
    for name in names:
        result = results.outputs[name]
        head = (
            f"--{boundary}\r\nContent-Type: {result['mediaType']}\r\n"
            f"Content-ID: <{quote(name)}>\r\n\r\n"
        )
        body += head.encode() + _content(results, result) + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return Response(body, headers={"Content-Type": f"multipart/related; boundary={boundary}"})


def results_response(results: Results, *, is_document: bool) -> Response:
    """Return results in the form that was asked for."""
    return document_response(results) if is_document else raw_response(results)
