# SPDX-License-Identifier: GPL-2.0-or-later
"""Officers' page of a point: which services it offers, and which copies it still asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from anyio import to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import copies, copy_declarations, point_offers, service_points
from geoapi.codes import code_list, label
from geoapi.copy_badge import service_badge
from geoapi.errors import (
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    PreconditionFailedError,
    Problem,
)
from geoapi.messages import message
from geoapi.record_collections import SERVICES
from geoapi.record_writing import documents
from geoapi.revisions import WriteContext, document_of
from geoapi.store import FeatureRow, point_services
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import JsonObject
from geoapi.web import point_data, service_form
from geoapi.web.csrf import checked_form
from geoapi.web.forms import see_other
from geoapi.web.point_view import point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.web.service_form import Wanted, copy_place, offer_place
from geoapi.web.service_pages import in_language

# Twenty services with ten documents each, and their fields.
_MAX_FIELDS = 4000
_MOST_SERVICES = 2000


def routes() -> list[Route]:
    """Return the routes of a point's services."""
    return [
        Route("/my/points/{id}/services", show_services, name="my-point-services"),
        Route("/my/points/{id}/services", post_services, methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Desk:
    """A point's services and copies on somebody's desk.

    Attributes:
        request: who asks.
        row: working row of the point.
        offers: rows on services, with the service's properties.
        copies: rows on copies by service.
        etag: of all these rows together.
    """

    request: Request
    row: FeatureRow
    offers: list[tuple[JsonObject, JsonObject]]
    copies: dict[str, list[JsonObject]]
    etag: str

    def fields(self) -> dict[str, str]:
        """Return the fields as they are stored."""
        language = request_language(self.request)
        found: dict[str, str] = {"add": ""}
        for offer, _ in self.offers:
            found |= service_form.offer_fields(offer)
            for row in self.copies.get(offer["properties"]["service_id"], ()):
                found |= service_form.copy_fields(row, language)
        return found


def _desk(request: Request) -> _Desk:
    """Fetch a point's services; only for those who may edit the point.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer may see it, but not edit it.
    """
    site, viewer = request_site(request), request_viewer(request)
    point_id = request.path_params["id"]
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    row = point_data.working_row(site, viewer, "points.edit", point_id)
    if row is None:
        service_points.get(site, viewer, point_id)
        raise ForbiddenError("auth.outside_scope")
    point = row

    def read(connection: Connection) -> _Desk:
        offers = documents(connection, point_offers.KIND, point_id=point_id)
        by_service: dict[str, list[JsonObject]] = {}
        for entry in documents(connection, copies.KIND, point_id=point_id):
            by_service.setdefault(entry["properties"]["service_id"], []).append(entry)
        services = point_services.services_by_id(
            connection, [offer["properties"]["service_id"] for offer in offers]
        )
        pairs = [
            (offer, services[offer["properties"]["service_id"]])
            for offer in offers
            if offer["properties"]["service_id"] in services
        ]
        pairs.sort(key=lambda pair: pair[1]["name_th"])
        etag = copy_declarations.desk_etag(connection, point_id)
        return _Desk(request, point, pairs, by_service, etag)

    return site.store.read(read)


async def show_services(request: Request) -> Response:
    """Show the form."""
    return await to_thread.run_sync(lambda: _page(_desk(request)))


async def post_services(request: Request) -> Response:
    """Save the form."""
    form = await checked_form(request, _MAX_FIELDS)
    posted = {name: value for name, value in form.items() if isinstance(value, str)}
    return await to_thread.run_sync(_save, request, posted)


def _save(request: Request, posted: Mapping[str, str]) -> Response:
    desk = _desk(request)
    wanted = _wanted(desk, posted)
    if wanted.problems:
        return _page(desk, posted, wanted.problems, 422)
    known = {offer["properties"]["service_id"] for offer, _ in desk.offers}
    catalogue = {code for group in _catalogue(request, "", known) for code, _ in group[1]}
    added = [posted["add"]] if posted.get("add") in catalogue else []
    context = WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
    )
    try:
        copy_declarations.save(
            request_site(request), context, desk.row.id, posted.get("etag", ""),
            wanted.declarations, added,
        )  # fmt: skip
    except PreconditionFailedError:
        return _page(desk, posted, (Problem("copies.changed_meanwhile"),), 412)
    except InvalidDocumentError as error:
        return _page(desk, posted, error.problems, 422)
    done = "converted" if wanted.converted else "saved"
    return see_other(f"/my/points/{desk.row.id}/services?done={done}")


def _wanted(desk: _Desk, posted: Mapping[str, str]) -> Wanted:
    language, wanted = request_language(desk.request), Wanted()
    for offer, _ in desk.offers:
        service_form.read_offer(offer, posted, wanted)
        all_class = posted.get(f"{offer_place(offer)}-all", "")
        for row in desk.copies.get(offer["properties"]["service_id"], ()):
            service_form.read_copy(row, posted, all_class, language, wanted)
    return wanted


def _page(
    desk: _Desk,
    posted: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    request, language = desk.request, request_language(desk.request)
    stored = desk.fields()
    listed = [
        {
            "field": service_form.field_of(problem),
            "text": message(problem.message_id, language, problem.params),
        }
        for problem in problems
    ]
    # an unticked box is not posted: what was posted stands for all fields
    fields = stored if posted is None else {name: posted.get(name, "") for name in stored}
    done = request.query_params.get("done", "")
    known = {offer["properties"]["service_id"] for offer, _ in desk.offers}
    context = {
        "point": point_view(document_of(desk.row), language),
        "services": [_service(desk, *pair) for pair in desk.offers],
        "fields": fields,
        "etag": desk.etag,
        "problems": listed,
        "errors": {entry["field"]: entry["text"] for entry in listed if entry["field"]},
        "conflict": _conflict(desk, stored, fields) if status == 412 else [],  # noqa: PLR2004
        "notice": message(f"copies.done_{done}", language)
        if done in {"saved", "converted"} and request.method == "GET"
        else "",
        "classes": _codes(request, "copy_class"),
        "methods": _codes(request, "verify_method"),
        "catalogue": _catalogue(request, desk.row.category, known),
    }
    return render(request, "my_services.html", context, status)


def _codes(request: Request, list_id: str) -> list[dict[str, str]]:
    language = request_language(request)
    return [
        {"code": code.code, "label": code.label(language)}
        for code in code_list(list_id).codes.values()
    ]


def _service(desk: _Desk, offer: JsonObject, service: JsonObject) -> dict[str, Any]:
    language = request_language(desk.request)
    rows = desk.copies.get(offer["properties"]["service_id"], [])
    declared = [(r["properties"]["document_type"], r["properties"]["copy_class"]) for r in rows]
    wanted = [entry["document_type"] for entry in service.get("documents") or ()]
    return {
        "place": offer_place(offer),
        "name": in_language(service, "name", language),
        "badge": service_badge(wanted, declared),
        "is_offered": bool(offer["properties"].get("is_offered")),
        "rows": [_row(desk, row) for row in rows],
    }


def _row(desk: _Desk, row: JsonObject) -> dict[str, Any]:
    language, properties = request_language(desk.request), row["properties"]
    return {
        "place": copy_place(row),
        "document": label("document_type", properties["document_type"], language),
        "guide_copies": properties.get("guide_copies"),
        "declared": show_date(properties.get("declared_at"), language),
    }


def _conflict(
    desk: _Desk, stored: Mapping[str, str], fields: Mapping[str, str]
) -> list[dict[str, str]]:
    """Say in which fields what is stored now differs from what was typed."""
    language = request_language(desk.request)
    names = {}
    for offer, service in desk.offers:
        name = in_language(service, "name", language)
        names[offer_place(offer)] = name
        for row in desk.copies.get(offer["properties"]["service_id"], ()):
            kind = label("document_type", row["properties"]["document_type"], language)
            names[copy_place(row)] = f"{name}: {kind}"
    shown = []
    for field, (now, typed) in service_form.differences(stored, fields).items():
        place, _, ending = field.rpartition("-")
        if place in names:
            pair = (now, typed)
            if ending == "class":
                pair = (label("copy_class", now, language), label("copy_class", typed, language))
            caption = f"{names[place]} · {message(f'copies.field_{ending}', language)}"
            shown.append({"caption": caption, "stored": pair[0], "typed": pair[1]})
    return shown


def _catalogue(
    request: Request, category: str, known: set[str]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the services that a point may add, those for its category first.

    Returns:
        (caption of a group, [(id, name)]).
    """
    language = request_language(request)
    query = ItemQuery(
        SERVICES.source, sort=((f"name_sort_{language}", False),), limit=_MOST_SERVICES
    )
    fitting: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for text in read_page(request_site(request).store, query).features:
        feature = orjson.loads(text)
        properties = feature["properties"]
        if feature["id"] in known:
            continue
        group = fitting if category in (properties.get("offered_by") or ()) else others
        group.append((feature["id"], in_language(properties, "name", language)))
    named = (("copies.add_fitting", fitting), ("copies.add_others", others))
    return [(message(caption, language), group) for caption, group in named if group]
