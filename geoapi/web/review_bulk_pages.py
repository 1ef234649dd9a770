# SPDX-License-Identifier: GPL-2.0-or-later
"""Verify a trusted batch: choose among the first points that wait, look again, verify them all."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import review_queue
from geoapi.errors import InvalidDocumentError
from geoapi.messages import message
from geoapi.review_batch import MOST_CHOICES, Choice, Result, verify_batch
from geoapi.review_findings import findings_for, is_blocking
from geoapi.review_queue import WAITING, QueueEntry
from geoapi.revisions import WriteContext, document_of, editors_of
from geoapi.rights import require
from geoapi.web import point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.point_view import point_view
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.web.review_filter import address, choices, filter_parts, read_filter
from geoapi.web.review_pages import entry_rows
from geoapi.web.review_view import finding_text


def routes() -> list[Route]:
    """Return the routes of the batch; they must stand before those of single points."""
    return [
        Route("/review/bulk", choose, name="review-bulk"),
        Route("/review/bulk", post_batch, methods=["POST"]),
    ]


def choose(request: Request) -> Response:
    """Show the first points that wait, those without a grave finding chosen."""
    return _choose_page(request)


def _choose_page(request: Request, error: str = "", status: int = 200) -> Response:
    site, viewer, wanted = request_site(request), request_viewer(request), read_filter(request)
    page = review_queue.queue_page(site, viewer, wanted, limit=MOST_CHOICES)
    counts = review_queue.queue_counts(site, viewer)
    rows = _rows(request, page.entries)
    context = {
        **_addresses(request),
        "wanted": filter_parts(wanted),
        "choices": choices(request, counts),
        "rows": rows,
        "matched": message("review.matched", request_language(request), {"n": f"{page.total:,}"}),
        "most": MOST_CHOICES,
        "is_cut": page.next_after is not None,
        "error": error,
    }
    return render(request, "review/bulk.html", context, status)


def _addresses(request: Request) -> dict[str, str]:
    wanted = read_filter(request)
    return {
        "queue_url": address("/review", wanted),
        "bulk_url": address("/review/bulk", wanted),
    }


def _rows(request: Request, entries: list[QueueEntry]) -> list[dict[str, Any]]:
    """Return the rows with what the checks find on each."""
    site, viewer, language = (
        request_site(request),
        request_viewer(request),
        request_language(request),
    )
    rows = entry_rows(request, entries, read_filter(request))
    for row, entry in zip(rows, entries, strict=True):
        findings = findings_for(site, viewer, entry.feature)
        row["findings"] = [
            {"text": finding_text(finding, language), "severity": finding.severity}
            for finding in findings
        ]
        row["is_chosen"] = not entry.is_own and not any(map(is_blocking, findings))
    return rows


async def post_batch(request: Request) -> Response:
    """Show the chosen points once more, or verify them."""
    posted = await checked_form(request)
    return await run_in_threadpool(_answer, request, posted)


def _answer(request: Request, posted: FormData) -> Response:
    viewer = request_viewer(request)
    require(viewer, "points.review")
    language = request_language(request)
    chosen = _chosen(posted)
    if not 1 <= len(chosen) <= MOST_CHOICES:
        return _choose_page(
            request, message("review.bulk.count", language, {"n": MOST_CHOICES}), 422
        )
    if form_text(posted, "action") != "verify":
        return _preview_page(request, chosen)
    reason = form_text(posted, "reason").replace("\0", "").strip()
    context = WriteContext(
        viewer,
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        reason=reason,
    )
    try:
        results = verify_batch(request_site(request), context, chosen)
    except InvalidDocumentError as error:
        sentence = message(error.message_id, language, error.params)
        return _preview_page(request, chosen, sentence, 422)
    return _results_page(request, results)


def _chosen(posted: FormData) -> list[Choice]:
    """Read the ticked boxes: ``id etag``; what can't be read was not ticked by anybody."""
    found = []
    for value in posted.getlist("point"):
        text = value if isinstance(value, str) and "\0" not in value else ""
        item_id, _, etag = text.partition(" ")
        if item_id and etag:
            found.append(Choice(item_id, etag))
    return found


def _preview_page(
    request: Request, chosen: list[Choice], error: str = "", status: int = 200
) -> Response:
    """Show what is about to be verified, as each point is now."""
    site, viewer, language = (
        request_site(request),
        request_viewer(request),
        request_language(request),
    )
    rows = []
    for choice in chosen:
        row = point_data.working_row(site, viewer, "points.review", choice.item_id)
        if row is None:
            continue
        feature = document_of(row)
        findings = findings_for(site, viewer, feature)
        trouble = ""
        if row.state != WAITING:
            trouble = message("review.already_decided", language)
        elif row.etag != choice.etag:
            trouble = message("review.bulk.changed", language)
        elif viewer.user_id in editors_of(row):
            trouble = message("review.own_edit", language)
        rows.append(
            point_view(feature, language)
            | {
                "value": f"{choice.item_id} {choice.etag}",
                "trouble": trouble,
                "findings": [finding_text(finding, language) for finding in findings],
            }
        )
    context = {**_addresses(request), "rows": rows, "error": error}
    return render(request, "review/bulk_preview.html", context, status)


def _results_page(request: Request, results: list[Result]) -> Response:
    site, viewer, language = (
        request_site(request),
        request_viewer(request),
        request_language(request),
    )
    rows = []
    for result in results:
        row = point_data.working_row(site, viewer, "points.review", result.item_id)
        name = point_data.name_of(document_of(row), language) if row is not None else ""
        problem = result.problem
        rows.append(
            {
                "name": name or message("review.bulk.unknown_point", language),
                "url": f"/my/points/{row.id}" if row is not None else "",
                "outcome": result.outcome,
                "text": message(problem.message_id, language, problem.params)
                if problem
                else message(f"review.bulk.{result.outcome}", language),
            }
        )
    done = sum(result.outcome != "refused" for result in results)
    counted = {"done": done, "refused": len(results) - done}
    context = {
        **_addresses(request),
        "rows": rows,
        "summary": message("review.bulk.summary", language, counted),
        "is_good": done == len(results),
    }
    return render(request, "review/bulk_results.html", context)
