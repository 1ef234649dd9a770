# SPDX-License-Identifier: GPL-2.0-or-later
"""Every role on every address with every verb, against a table; an address not in it is an error.

Each request is made so that it changes nothing where the role is allowed: the condition or the
revision is wrong, or the form is empty.  What then really happens is tested below the matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route

from tests.api import (
    rights_assignments,
    rights_depth,
    rights_jobs,
    rights_officers,
    rights_services,
    rights_workflow,
)
from tests.api.conftest import (
    GEOJSON,
    ITEMS,
    Live,
    new_session,
)
from tests.api.live_data import USERS, named_id, point
from tests.api.rights_photos import photo_rows
from tests.api.rights_review import rows as review_rows

MERGE = "application/merge-patch+json"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAFE = ("GET", "HEAD", "OPTIONS")
ANYBODY = "anonymous"
ROLES = (ANYBODY, *USERS)
EVERYBODY = frozenset(ROLES)
SIGNED_IN = EVERYBODY - {ANYBODY, "disabled"}
# HEAD is GET, and a verb that an address does not know it knows for nobody: these try it all.
ALL_VERBS = frozenset({ANYBODY, "admin"})

EDITORS = frozenset({"officer_in", "gis_officer_in", "agency_admin_in"})
EDITORS_OUT = frozenset({"officer_out", "gis_officer_out", "agency_admin_out"})
READERS = EDITORS | {"supervisor_in", "planner_in", "admin"}
MANAGERS = frozenset({"agency_admin_in", "agency_admin_out", "admin"})
# Read the public revision but have a working view of other places.
SUPERVISORS_OUT = frozenset({"supervisor_out"})

PUBLISHED = f"{ITEMS}/{named_id('verified0')}"
DRAFT = f"{ITEMS}/{named_id('draft0')}"
WRONG = {"if-match": '"wrong"'}
SEND_POINT = {"json": point(), "headers": {"content-type": GEOJSON} | WRONG}
SEND_PATCH = {"json": {"properties": {}}, "headers": {"content-type": MERGE} | WRONG}
FORM = {"data": {"revision": "999", "action": "nothing"}}


@dataclass(frozen=True)
class Case:
    """One request and who may make it.

    Attributes:
        address: that is asked.
        allowed: who is let in.
        others: status for who is signed in and not let in.
        hidden_from: signed in, and told that there is nothing.
        nobody: status for who is not signed in and not let in.
        sent: body and headers.
    """

    address: str
    allowed: frozenset[str] = EVERYBODY
    others: int = 403
    hidden_from: frozenset[str] = frozenset()
    nobody: int = 401
    sent: dict[str, Any] = field(default_factory=dict)


def step(action: str) -> dict[str, Any]:
    return {"json": {"action": action, "reason": "x"}, "headers": WRONG}


COLLECTION = "/ogc/collections/{collection_id}"
ITEM = COLLECTION + "/items/{item_id}"
USER = f"/auth/users/{named_id('officer_in')}"
# Whoever manages other users does not learn of this one.
BY_MANAGERS = {"allowed": MANAGERS - {"agency_admin_out"}, "hidden_from": {"agency_admin_out"}}
OPEN = {"GET": [Case("")]}


def read(address: str) -> dict[str, list[Case]]:
    """Everybody reads, nobody writes."""
    return {verb: [Case(address)] for verb in SAFE}


def page(address: str, allowed: frozenset[str] = EVERYBODY, **more: Any) -> dict[str, list[Case]]:
    """Make the cases of a page that only is looked at."""
    return {verb: [Case(address, allowed, **more)] for verb in ("GET", "HEAD")}


def form(address: str, allowed: frozenset[str] = EVERYBODY, **more: Any) -> dict[str, list[Case]]:
    """Make the cases of a form that is posted."""
    return {"POST": [Case(address, allowed, sent=FORM, **more)]}


NOBODY_THERE = frozenset[str]()
SEEN_DRAFT = {"allowed": READERS, "others": 404, "nobody": 404}
# {path of the route: {verb: cases}}; every other verb is refused with 405.
TABLE: dict[str, dict[str, list[Case]]] = {
    "/ogc/": read("/ogc/"),
    "/ogc/conformance": read("/ogc/conformance"),
    "/ogc/openapi": read("/ogc/openapi"),
    "/ogc/collections": read("/ogc/collections"),
    COLLECTION: read("/ogc/collections/service-points"),
    f"{COLLECTION}/queryables": read("/ogc/collections/service-points/queryables"),
    f"{COLLECTION}/schema": read("/ogc/collections/service-points/schema"),
    f"{COLLECTION}/changes": read("/ogc/collections/service-points/changes?limit=1"),
    f"{COLLECTION}/items": read(f"{ITEMS}?limit=1")
    | {
        "POST": [
            Case(ITEMS, EDITORS, sent=SEND_POINT),
            Case("/ogc/collections/provinces/items", NOBODY_THERE, 405, nobody=405),
        ]
    },
    ITEM: {verb: [Case(PUBLISHED), Case(DRAFT, **SEEN_DRAFT)] for verb in SAFE}
    | {
        verb: [
            Case(PUBLISHED, EDITORS, sent=sent),
            Case(DRAFT, EDITORS, hidden_from=EDITORS_OUT, sent=sent),
            Case("/ogc/collections/provinces/items/57", NOBODY_THERE, 405, nobody=405),
        ]
        for verb, sent in (("PUT", SEND_POINT), ("PATCH", SEND_PATCH))
    }
    | {
        "DELETE": [
            Case(PUBLISHED, EDITORS | {"supervisor_in"}, sent={"headers": WRONG}),
            Case(
                DRAFT,
                EDITORS | {"supervisor_in"},
                hidden_from=EDITORS_OUT | SUPERVISORS_OUT,
                sent={"headers": WRONG},
            ),
            Case("/ogc/collections/agencies/items/x", NOBODY_THERE, 405, nobody=405),
        ]
    },
    f"{ITEM}/history": {
        verb: [Case(f"{PUBLISHED}/history"), Case(f"{DRAFT}/history", **SEEN_DRAFT)]
        for verb in ("GET", "HEAD")
    }
    | {"OPTIONS": [Case(f"{PUBLISHED}/history")]},
    f"{ITEM}/transitions": {
        "OPTIONS": [Case(f"{PUBLISHED}/transitions")],
        "POST": [
            Case(f"{PUBLISHED}/transitions", EDITORS, sent=step("submit")),
            Case(f"{DRAFT}/transitions", EDITORS, hidden_from=EDITORS_OUT, sent=step("submit")),
            Case(f"{PUBLISHED}/transitions", frozenset({"supervisor_in"}), sent=step("verify")),
            Case(
                f"{DRAFT}/transitions",
                frozenset({"supervisor_in"}),
                hidden_from=SUPERVISORS_OUT,
                sent=step("return"),
            ),
        ],
    },
    "/": page("/"),
    "/p/{code}": page("/p/{short_code}"),
    "/map.png": page("/map.png?bbox=99,19,100,20&width=300&height=300"),
    "/help": page("/help"),
    "/my": page("/my", SIGNED_IN),
    "/my/areas": page("/my/areas?parent=57"),
    "/my/points/{id}": {
        verb: [
            Case(f"/my/points/{named_id('verified0')}", EDITORS | {"supervisor_in"}, sent=sent),
            Case(
                f"/my/points/{named_id('draft0')}",
                EDITORS | {"supervisor_in"},
                hidden_from=SIGNED_IN - READERS,
                sent=sent,
            ),
        ]
        for verb, sent in (("GET", {}), ("HEAD", {}), ("POST", FORM))
    },
    "/demo/reset": form("/demo/reset", NOBODY_THERE, others=404, nobody=404),
    "/demo/login": form("/demo/login", NOBODY_THERE, others=404, nobody=404),
    "/auth/login": page("/auth/login") | form("/auth/login", NOBODY_THERE, others=401),
    "/auth/logout": form("/auth/logout"),
    "/auth/account": page("/auth/account", SIGNED_IN) | form("/auth/account", SIGNED_IN),
    "/auth/password": page("/auth/password", SIGNED_IN)
    | {
        "POST": [Case("/auth/password", SIGNED_IN, sent={"data": {"new_password": "not repeated"}})]
    },
    "/auth/set-password": page("/auth/set-password", NOBODY_THERE, others=404, nobody=404)
    | form("/auth/set-password", NOBODY_THERE, others=404, nobody=404),
    "/auth/tokens": page("/auth/tokens", SIGNED_IN) | form("/auth/tokens", SIGNED_IN),
    "/auth/tokens/{token_id}/revoke": form("/auth/tokens/x/revoke", NOBODY_THERE, others=404),
    "/auth/me": page("/auth/me"),
    "/auth/users": page("/auth/users", MANAGERS),
    "/auth/users/new": page("/auth/users/new", MANAGERS) | form("/auth/users/new", MANAGERS),
    "/auth/users/{user_id}": page(USER, **BY_MANAGERS) | form(USER, **BY_MANAGERS),
    "/auth/users/{user_id}/grants": form(f"{USER}/grants", **BY_MANAGERS),
    "/auth/users/{user_id}/grants/{grant_id}/remove": form(
        f"{USER}/grants/{named_id('officer_in/0')}/remove", **BY_MANAGERS
    ),
    "/auth/users/{user_id}/disable": form(f"{USER}/disable", **BY_MANAGERS),
    "/auth/users/{user_id}/enable": form(f"{USER}/enable", **BY_MANAGERS),
    "/auth/users/{user_id}/reset-password": form(f"{USER}/reset-password", **BY_MANAGERS),
    "/auth/audit": page("/auth/audit", frozenset({"admin"})),
    "/healthz": page("/healthz"),
    "/readyz": page("/readyz"),
    "/metrics": page("/metrics"),
    "/vendor/{package}/{file}": page("/vendor/x/y", NOBODY_THERE, others=404, nobody=404),
    "/static": page("/static/site.css"),
}
TABLE |= rights_services.rows(Case)
TABLE |= rights_officers.rows(Case)
TABLE |= rights_workflow.rows(Case)
TABLE[f"{ITEM}/transitions"]["POST"] += rights_workflow.api_cases(Case, step)
TABLE |= review_rows(Case)
TABLE |= photo_rows(Case, EDITORS, EDITORS_OUT, READERS, SIGNED_IN)
TABLE |= rights_assignments.rows(Case)
TABLE |= rights_jobs.rows(Case)
TABLE |= rights_depth.rows(Case)
# A forgotten session that ended does not stand in the way of these.
WITHOUT_SESSION = {"/auth/login", "/auth/logout", "/auth/set-password", "/demo/login"}


def paths_of(routes: list[Any], before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield (path, verbs) of every route; a mounted folder of files counts as one."""
    for route in routes:
        if isinstance(route, Mount):
            if route.routes:
                yield from paths_of(route.routes, before + route.path)
            else:
                yield before + route.path, {"GET", "HEAD"}
        elif isinstance(route, Route):
            yield before + route.path, route.methods or set(VERBS)


def test_every_route_is_in_the_table(live: Live) -> None:
    served = {path for path, _ in paths_of(live.app.routes)}
    assert served - TABLE.keys() == set(), "routes whose rights nobody wrote down"
    assert TABLE.keys() - served == set(), "the table has rows that no route has"


def test_every_verb_of_a_page_is_in_the_table(live: Live) -> None:
    served: dict[str, set[str]] = {}
    for path, verbs in paths_of(live.app.routes):
        served[path] = served.get(path, set()) | verbs
    for path, verbs in served.items():
        if not path.startswith("/ogc"):
            assert verbs == TABLE[path].keys(), path


def expected(case: Case, role: str, verb: str, path: str) -> int:
    """Return the status that the table wants, 200 for whoever is let in."""
    is_api = path.startswith("/ogc")
    if role == "disabled":
        if is_api or (verb not in SAFE and path not in WITHOUT_SESSION):
            return 401
        role = ANYBODY  # a session that is over looks on as the public
    if role in case.allowed:
        return 200
    if role in case.hidden_from:
        return 404
    return case.nobody if role == ANYBODY else case.others


def outcome(answer: httpx.Response) -> int:
    """Return the refusal, or 200 for any answer to whoever is let in."""
    if answer.headers.get("location", "").startswith("/auth/login"):
        return 401
    if answer.status_code in (401, 403, 404, 405):
        return answer.status_code
    assert answer.status_code < 500 or answer.request.url.path == "/readyz", answer.text
    return 200


@pytest.fixture
def short_code(live: Live, client: httpx.Client) -> str:
    return str(client.get(PUBLISHED).json()["properties"]["short_code"])


@pytest.mark.parametrize("role", ROLES)
def test_role_may_do_what_the_table_says_and_nothing_else(
    live: Live, short_code: str, role: str
) -> None:
    who = "" if role == ANYBODY else role
    wrong = []
    with live.client(who) as program, live.session_client(who) as browser:
        csrf = csrf_token(browser)
        for path, verbs in TABLE.items():
            for verb in VERBS if role in ALL_VERBS else verbs.keys() - {"HEAD"}:
                cases = verbs.get(verb) or [
                    Case(next(iter(verbs.values()))[0].address, NOBODY_THERE, 405, nobody=405)
                ]
                for case in cases:
                    address = case.address.replace("{short_code}", short_code)
                    if path.startswith("/ogc"):
                        answer = program.request(verb, address, **case.sent)
                    else:
                        if path == "/auth/logout" and verb == "POST" and role in SIGNED_IN:
                            browser.cookies.set("pakmud_session", new_session(live.site, who))
                            csrf = csrf_token(browser)
                        answer = browser.request(
                            verb, address, headers={"x-csrf-token": csrf}, **case.sent
                        )
                        if path == "/auth/logout" and role in SIGNED_IN:
                            browser.cookies.clear()
                            browser.cookies.set("pakmud_session", live.sessions[who])
                            csrf = csrf_token(browser)
                    got, wanted = outcome(answer), expected(case, role, verb, path)
                    if got != wanted:
                        wrong.append((verb, address, f"wanted {wanted}", f"got {got}"))
    assert wrong == []


def csrf_token(browser: httpx.Client) -> str:
    """Return the token of the session, or of the form before there is one."""
    token = browser.get("/auth/me").json()["csrf_token"]
    if token:
        return str(token)
    text = browser.get("/auth/login", headers={"accept": "text/html"}).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, text[:300]
    return found[1]


def test_matrix_changed_nothing_that_it_looked_at(live: Live, client: httpx.Client) -> None:
    for number, state in ((PUBLISHED, "verified"), (DRAFT, "draft")):
        feature = client.get(number, headers=live.auth()).json()
        assert (feature["properties"]["revision"], feature["properties"]["state"]) == (1, state)
