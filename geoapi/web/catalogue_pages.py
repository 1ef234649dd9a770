# SPDX-License-Identifier: GPL-2.0-or-later
"""The catalogue of services for those who keep it: a list, and a plain form for each service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import records, services
from geoapi.codes import code_list
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    PreconditionFailedError,
    Problem,
)
from geoapi.managers import BANGKOK
from geoapi.messages import message
from geoapi.record_collections import SERVICES
from geoapi.revisions import Item, WriteContext
from geoapi.rights import require, scopes
from geoapi.store import agencies
from geoapi.store.query import ItemQuery, count_items, read_page
from geoapi.types import JsonObject
from geoapi.web import catalogue_form
from geoapi.web.csrf import checked_form
from geoapi.web.forms import see_other
from geoapi.web.map_symbols import grouped_categories
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.web.service_pages import in_language

NEW = "new"
_ROWS = 50
_MAX_FIELDS = 2000
_MOST_AGENCIES = 2000
_EMPTY: JsonObject = {"type": "Feature", "geometry": None, "properties": {}}


def routes() -> list[Route]:
    """Return the routes of the catalogue."""
    return [
        Route("/my/services", list_services, name="my-services"),
        Route("/my/services/{id}", show_service, name="my-service"),
        Route("/my/services/{id}", post_service, methods=["POST"]),
    ]


async def list_services(request: Request) -> Response:
    """List the services that the viewer keeps.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer keeps no services.
    """
    return await to_thread.run_sync(_list, request)


def _list(request: Request) -> Response:
    site, viewer, language = request_site(request), request_viewer(request), _language(request)
    held = require(viewer, "services.edit")
    given = request.query_params.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and int(given[:4]) > 0 else 1
    query = ItemQuery(
        SERVICES.source,
        sort=((f"name_sort_{language}", False),),
        offset=(min(number, 1000) - 1) * _ROWS,
        limit=_ROWS,
    )
    page = read_page(site.store, query)
    today = site.clock().astimezone(BANGKOK).date()
    listed = []
    for text in page.features:
        feature = orjson.loads(text)
        properties = feature["properties"]
        listed.append(
            {
                "id": feature["id"],
                "code": properties["code"],
                "name": in_language(properties, "name", language),
                "state": services.review_state(properties, today),
                "documents": len(properties.get("documents") or ()),
                "may_edit": records.may_write(site, viewer, services.KIND, feature["id"]),
            }
        )
    context = {
        "services": listed,
        "total": count_items(site.store, query) or 0,
        "previous_url": f"/my/services?page={number - 1}" if number > 1 else "",
        "next_url": f"/my/services?page={number + 1}" if page.next_after is not None else "",
        "may_add": bool(held),
    }
    return render(request, "my_catalogue.html", context)


_language = request_language


def _item(request: Request) -> Item | None:
    """Return the service of the address, None for a new one.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such service.
        ForbiddenError: the viewer may not change it.
    """
    site, viewer, item_id = (
        request_site(request),
        request_viewer(request),
        request.path_params["id"],
    )
    require(viewer, "services.edit")
    if item_id == NEW:
        return None
    item = records.get(site, viewer, services.KIND, item_id)
    if not records.may_write(site, viewer, services.KIND, item_id):
        raise ForbiddenError("auth.outside_scope")
    return item


async def show_service(request: Request) -> Response:
    """Show the form of a service."""
    return await to_thread.run_sync(lambda: _page(request, _item(request)))


async def post_service(request: Request) -> Response:
    """Save the form of a service."""
    form = await checked_form(request, _MAX_FIELDS)
    posted = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = [value for value in form.getlist("offered_by") if isinstance(value, str)]
    return await to_thread.run_sync(_save, request, posted, chosen)


def _save(request: Request, posted: Mapping[str, str], chosen: Sequence[str]) -> Response:
    item = _item(request)
    if posted.get("action") == "add_rows":
        return _page(request, item, posted, chosen)
    current = _EMPTY if item is None else item.feature
    properties, problems = catalogue_form.read(current["properties"], posted, chosen)
    if problems:
        return _page(request, item, posted, chosen, problems=problems, status=422)
    site = request_site(request)
    context = WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        if_match=(posted.get("etag", ""),),
    )
    try:
        if item is None:
            feature = {**_EMPTY, "properties": properties}
            saved = records.create(site, context, services.KIND, feature)
        else:
            patch = {"properties": properties}
            saved = records.update(site, context, services.KIND, item.id, patch)
    except PreconditionFailedError:
        changed = (Problem("catalogue.changed_meanwhile"),)
        return _page(request, _item(request), posted, chosen, problems=changed, status=412)
    except InvalidDocumentError as error:
        return _page(request, item, posted, chosen, problems=error.problems, status=422)
    except (ConflictError, ForbiddenError) as error:
        found = (Problem(error.message_id, params=error.params),)
        return _page(request, item, posted, chosen, problems=found, status=409)
    return see_other(f"/my/services/{saved.id}?done=saved")


def _page(
    request: Request,
    item: Item | None,
    posted: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    *,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    language = _language(request)
    properties = _EMPTY["properties"] if item is None else item.feature["properties"]
    stored = catalogue_form.fields_of(properties)
    listed = _said(request, problems)
    fields: dict[str, Any] = stored if posted is None else stored | dict(posted)
    if posted is not None:
        fields |= {n: posted.get(n, "") for n in stored if n.endswith("-obtainable_by_link")}
    context = {
        "item_id": NEW if item is None else item.id,
        "etag": "" if item is None else item.etag,
        "name": in_language(properties, "name", language),
        "fields": fields,
        "rows": catalogue_form.row_counts(fields),
        "offered_by": list(chosen) if posted is not None else properties.get("offered_by") or [],
        "problems": listed,
        "errors": {entry["field"]: entry["text"] for entry in listed if entry["field"]},
        "notice": message("catalogue.saved", language)
        if request.query_params.get("done") == "saved" and request.method == "GET"
        else "",
        "owners": _owners(request) if item is None else [],
        "types": _codes(request, "document_type"),
        "states": [c for c in _codes(request, "review_state") if c["code"] != services.STALE],
        "events": _codes(request, "life_event"),
        "categories": grouped_categories(language),
    }
    return render(request, "my_service.html", context, status)


def _said(request: Request, problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [
        {
            "field": catalogue_form.field_of(problem),
            "text": message(problem.message_id, _language(request), problem.params),
        }
        for problem in problems
    ]


def _owners(request: Request) -> list[dict[str, str]]:
    """Return the agencies whose services the viewer may keep."""
    held = scopes(request_viewer(request), "services.edit")
    found = request_site(request).store.read(
        lambda connection: agencies.agencies_in_scopes(connection, held, _MOST_AGENCIES)
    )
    is_thai = _language(request) == "th"
    return [{"code": i, "label": th if is_thai or not en else en} for i, th, en in found]


def _codes(request: Request, list_id: str) -> list[dict[str, str]]:
    return [
        {"code": code.code, "label": code.label(_language(request))}
        for code in code_list(list_id).codes.values()
    ]
