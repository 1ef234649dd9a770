# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer ``POST /transactions``: many writes in one request (OGC API - Features - Part 11, draft).

The answer tells of every action in the order of the request: status, id, entity tag, address, and
a whole problem document for each that was refused.  An atomic transaction that fails is answered
with a problem document that holds the same, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import anyio
import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import NotAuthenticatedError
from geoapi.messages import Language
from geoapi.ogc.bodies import feature_reader, read_object
from geoapi.ogc.conditional import Preferences, http_date, preferences
from geoapi.ogc.idempotency import Answer, read_key, request_hash, write_once
from geoapi.ogc.items import items_url, with_links
from geoapi.ogc.negotiation import JSON, finish
from geoapi.ogc.parameters import CRS84, refuse_unknown
from geoapi.ogc.transaction_body import TRANSACTION_TYPES, Reading, read_envelope
from geoapi.ogc.writes import context_of
from geoapi.problems import MEDIA_TYPE as PROBLEM
from geoapi.problems import kind_of, problem_document
from geoapi.revisions import Item
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.transactions import FailedTransactionError, Order, Outcome, run
from geoapi.types import JsonObject
from geoapi.web.rendering import request_language, request_site, request_viewer

PATH = "/ogc/transactions"
# Each keeps a thread and the one writer of a GeoPackage for seconds: two at a time.
_AT_A_TIME = 2
_COUNTS = {
    "insert": ("totalInserted", "insertResults"),
    "replace": ("totalReplaced", "replaceResults"),
    "update": ("totalUpdated", "updateResults"),
    "delete": ("totalDeleted", "deleteResults"),
    "transition": ("totalTransitioned", "transitionResults"),
}


def body_limits(settings: Settings) -> dict[str, int]:
    """Return the address that takes larger bodies than others, and how large."""
    return {PATH: settings.max_transaction_bytes}


@dataclass(frozen=True)
class _Telling:
    """How a transaction is told of.

    Attributes:
        site: for addresses.
        semantic: of the transaction.
        wanted: the client's preferences.
        language: of problem documents.
        request_id: found again in the log.
    """

    site: Site
    semantic: str
    wanted: Preferences
    language: Language
    request_id: str


async def post_transaction(request: Request) -> Response:
    """Answer ``POST /transactions``.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        InvalidDocumentError, TooLargeError, UsageError: the envelope is wrong.
    """
    refuse_unknown(request.query_params, ("lang",))
    viewer, site = request_viewer(request), request_site(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    key, to_crs84 = read_key(request), feature_reader(request)
    body, document = await read_object(request, TRANSACTION_TYPES)
    wanted, settings = preferences(request), site.settings
    reading = Reading(to_crs84, wanted.is_strict, settings.max_transaction_actions)
    envelope = read_envelope(document, reading)
    order = Order(envelope.semantic, envelope.actions, settings.transaction_timeout_s)
    telling = _Telling(
        site, order.semantic, wanted, request_language(request), request.state.request_id
    )
    work = partial(
        write_once, site, viewer, key, request_hash(request, body),
        lambda receipt: run(site, context_of(request), order, receipt),
        partial(_answer, telling),
    )  # fmt: skip
    try:
        answer = await to_thread.run_sync(work, limiter=_limiter(request))
    except FailedTransactionError as error:
        answer = _failure(telling, error)
    return finish(request, answer.response())


def _limiter(request: Request) -> anyio.CapacityLimiter:
    state: Any = request.app.state
    if getattr(state, "transaction_limiter", None) is None:
        state.transaction_limiter = anyio.CapacityLimiter(_AT_A_TIME)
    limiter: anyio.CapacityLimiter = state.transaction_limiter
    return limiter


def _answer(telling: _Telling, outcomes: Sequence[Outcome]) -> Answer:
    """Tell of a transaction that is stored."""
    told = _told(telling, outcomes)
    headers = {"Content-Type": JSON, "Cache-Control": "no-store"}
    if telling.wanted.applied:
        headers["Preference-Applied"] = telling.wanted.applied
    if telling.wanted.representation is True:
        headers["Content-Crs"] = f"<{CRS84}>"
    return Answer(200, headers, orjson.dumps(told).decode())


def _failure(telling: _Telling, error: FailedTransactionError) -> Answer:
    """Tell of an atomic transaction that was refused, with every problem of every action.

    The status is that of its actions when all were refused alike, else 422.
    """
    statuses = {kind_of(o.error).status for o in error.outcomes if o.error is not None}
    status = statuses.pop() if len(statuses) == 1 else 422
    document = problem_document(error, telling.language, telling.request_id)
    exceptions = _exceptions(telling, error.outcomes)
    document |= {"status": status, "title": HTTPStatus(status).phrase}
    if status != 422:  # noqa: PLR2004 - then the class of the error says it already
        document["code"] = exceptions[0]["code"]
    document["errors"] = [
        {"action": exception["action"], "item": exception["item"], **single}
        for exception in exceptions
        for single in exception.get("errors", [_whole(exception)])
    ]
    document |= {
        "semantic": telling.semantic,
        "summary": _summary((), len(exceptions)),
        "exceptions": exceptions,
    }
    headers = {"Content-Type": PROBLEM, "Cache-Control": "no-store"}
    if telling.wanted.is_strict:
        headers["Preference-Applied"] = "handling=strict"
    return Answer(status, headers, orjson.dumps(document).decode())


def _whole(exception: JsonObject) -> JsonObject:
    """Return the error of an action that is not about one of its members."""
    said = {name: exception[name] for name in ("pointer", "detail", "detail_th", "detail_en")}
    return {**said, "code": str(exception["type"]).rpartition(":")[2]}


def _told(telling: _Telling, outcomes: Sequence[Outcome]) -> JsonObject:
    done = [outcome for outcome in outcomes if outcome.error is None]
    told: JsonObject = {
        "semantic": telling.semantic,
        "summary": _summary(done, len(outcomes) - len(done)),
    }
    if telling.wanted.representation is not False:
        for _, name in _COUNTS.values():
            told[name] = []
        for outcome in done:
            told[_COUNTS[outcome.action.verb][1]].append(_address(telling.site, outcome))
        told["results"] = [_result(telling, outcome) for outcome in outcomes]
    exceptions = _exceptions(telling, outcomes)
    return told | ({"exceptions": exceptions} if exceptions else {})


def _summary(done: Sequence[Outcome], failed: int) -> dict[str, int]:
    counts = {name: 0 for name, _ in _COUNTS.values()}
    for outcome in done:
        counts[_COUNTS[outcome.action.verb][0]] += 1
    return counts | {"totalFailed": failed}


def _address(site: Site, outcome: Outcome) -> str:
    item_id = outcome.action.item_id if outcome.item is None else outcome.item.id
    return f"{items_url(site, outcome.action.collection)}/{item_id}"


def _place(outcome: Outcome) -> JsonObject:
    """Say which action an entry of the answer is about."""
    action = outcome.action
    label = {"id": action.label} if action.label else {}
    return {"action": action.index, "item": action.item, "pointer": action.pointer, **label}


def _result(telling: _Telling, outcome: Outcome) -> JsonObject:
    action = outcome.action
    result = {
        **_place(outcome),
        "operation": action.verb,
        "collection": action.collection.id,
        "featureId": action.item_id,
    }
    if outcome.error is not None:
        return result | {"status": kind_of(outcome.error).status}
    result["location"] = _address(telling.site, outcome)
    if outcome.item is None:
        return result | {"status": 204}
    return result | _shown(telling, outcome, outcome.item)


def _shown(telling: _Telling, outcome: Outcome, item: Item) -> JsonObject:
    is_new, shows = outcome.action.verb == "insert", telling.wanted.representation is True
    shown: JsonObject = {
        "status": 201 if is_new else 200 if shows else 204,
        "featureId": item.id,
        "etag": f'"{item.etag}"',
        "revision": item.revision,
        "lastModified": http_date(item.updated_at),
    }
    if shows:
        text = with_links(telling.site, outcome.action.collection, item.text)
        shown["feature"] = orjson.Fragment(text)
    return shown


def _exceptions(telling: _Telling, outcomes: Sequence[Outcome]) -> list[JsonObject]:
    return [_exception(telling, o) for o in outcomes if o.error is not None]


def _exception(telling: _Telling, outcome: Outcome) -> JsonObject:
    """Return the problem document of an action; its pointers lead into the whole body."""
    if outcome.error is None:
        return {}
    document = problem_document(outcome.error, telling.language)
    for single in document.get("errors", ()):
        if "pointer" in single:
            single["pointer"] = outcome.action.pointer + single["pointer"]
    return {
        **document,
        **_place(outcome),
        "collection": outcome.action.collection.id,
        "featureId": outcome.action.item_id,
    }
