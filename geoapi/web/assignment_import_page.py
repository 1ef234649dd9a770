# SPDX-License-Identifier: GPL-2.0-or-later
"""The page that imports a list of assignments: what would happen first, then the confirmation.

Nothing is kept between the two: the confirmation brings the list along.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi.errors import ServicePointError, TooLargeError, UsageError
from geoapi.importing.assignments import COLUMNS
from geoapi.importing.report import report_lines
from geoapi.importing.run import ImportReport, ImportRequest, run_import
from geoapi.rights import require
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import see_other, show_form
from geoapi.web.rendering import request_language, request_site, request_viewer

# The confirmation sends the list once more, a third longer, inside the limit of a body.
MOST_BYTES = 1_000_000
_FORMATS = (".csv", ".tsv", ".txt", ".xlsx")
_SHOWN_PROBLEMS = 100


@dataclass(frozen=True)
class _Upload:
    """A list that somebody sent: how its name ends, and its bytes."""

    suffix: str
    data: bytes


def routes() -> list[Route]:
    """Return the route of this page."""
    return [Route("/assignments/import", import_list, methods=["GET", "POST"])]


async def import_list(request: Request) -> Response:
    """Show the form, what a list would change, or take a confirmed list over."""
    require(request_viewer(request), "assignments.manage")
    if request.method == "GET":
        return _form(request, None)
    posted = await checked_form(request, max_files=1)
    try:
        confirmed = form_text(posted, "data")
        if confirmed:
            upload = _decoded(form_text(posted, "suffix"), confirmed)
        else:
            upload = await _uploaded(posted.get("file"))
        report = await run_in_threadpool(_run, request, upload, not confirmed)
    except UsageError as error:
        return _form(request, error)
    finally:
        await posted.close()
    if confirmed:
        count = report.counts["created"] + report.counts["changed"]
        return see_other(f"/assignments?done=assigned&n={count}")
    return _preview(request, upload, report)


async def _uploaded(file: object) -> _Upload:
    """Read the file of a form.

    Raises:
        UsageError: there is none, or of a kind that is not read here.
        TooLargeError: it is too large.
    """
    if not isinstance(file, UploadFile) or not file.filename:
        raise UsageError("assignments.upload_missing")
    suffix = Path(file.filename).suffix.lower()
    if suffix not in _FORMATS:
        raise UsageError("assignments.upload_format", formats=", ".join(_FORMATS))
    data = await file.read(MOST_BYTES + 1)
    return _checked(_Upload(suffix, data))


def _decoded(suffix: str, text: str) -> _Upload:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError("assignments.upload_missing") from error
    if suffix not in _FORMATS:
        raise UsageError("assignments.upload_format", formats=", ".join(_FORMATS))
    return _checked(_Upload(suffix, data))


def _checked(upload: _Upload) -> _Upload:
    if len(upload.data) > MOST_BYTES:
        raise TooLargeError("assignments.upload_too_large", megabytes=MOST_BYTES // 1_000_000)
    return upload


def _run(request: Request, upload: _Upload, dry_run: bool) -> ImportReport:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{upload.suffix}"
        path.write_bytes(upload.data)
        wish = ImportRequest(
            kind="assignments", path=path, viewer=request_viewer(request), dry_run=dry_run
        )
        return run_import(request_site(request), wish, lambda _done, _total: None)


def _form(request: Request, error: ServicePointError | None) -> Response:
    columns = [(names[0], ", ".join(names[1:])) for names in COLUMNS.values()]
    return show_form(request, "assignments/import.html", {"columns": columns}, error)


def _preview(request: Request, upload: _Upload, report: ImportReport) -> Response:
    reason = 5 if request_language(request) == "th" else 6
    lines = list(report_lines(report))
    context = {
        "counts": report.counts,
        "rows": report.rows,
        "refused": len({problem.row for problem in report.refused}),
        "problems": [
            {
                "row": line[0],
                "column": line[2],
                "value": line[3],
                "reason": line[reason],
            }
            for line in lines[:_SHOWN_PROBLEMS]
        ],
        "more": max(0, len(lines) - _SHOWN_PROBLEMS),
        "data": base64.b64encode(upload.data).decode(),
        "suffix": upload.suffix,
    }
    return show_form(request, "assignments/preview.html", context)
