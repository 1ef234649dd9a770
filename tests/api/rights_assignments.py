# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may open which page of assignments and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.live_data import USERS, named_id

if TYPE_CHECKING:
    from tests.api.test_rights_matrix import Case

ASSIGNERS = frozenset(
    f"{role}_{where}"
    for role in ("gis_officer", "agency_admin", "supervisor")
    for where in ("in", "out")
)
OFFICERS = frozenset(
    f"{role}_{where}"
    for role in ("officer", "gis_officer", "agency_admin")
    for where in ("in", "out")
)
SIGNED_IN = frozenset(USERS) - {"disabled"}
NOWHERE = "/assignments/11111111-1111-4111-8111-111111111111"
DRAFT = f"/my/points/{named_id('draft0')}/take-over"
FORM = {"data": {"action": "nothing", "reason": ""}}


def rows(case: type[Case]) -> dict[str, dict[str, list[Case]]]:
    """Return the rows of the matrix; ``case`` is its class of single requests."""

    def page(address: str, allowed: frozenset[str]) -> dict[str, list[Case]]:
        return {verb: [case(address, allowed)] for verb in ("GET", "HEAD")}

    def form(address: str, allowed: frozenset[str], **more: object) -> dict[str, list[Case]]:
        return {"POST": [case(address, allowed, sent=FORM, **more)]}

    unknown = {"hidden_from": ASSIGNERS}
    nobody = frozenset[str]()
    seen = frozenset({"officer_in", "gis_officer_in", "agency_admin_in"})
    others = {"hidden_from": OFFICERS - seen}
    point = {verb: [case(DRAFT, seen, **others)] for verb in ("GET", "HEAD")}
    return {
        "/my/assignments": page("/my/assignments", SIGNED_IN),
        "/my/assignments/{id}": form(
            "/my/assignments/11111111-1111-4111-8111-111111111111", nobody, hidden_from=OFFICERS
        ),
        "/my/points/{id}/take-over": point | form(DRAFT, seen, **others),
        "/my/tasks": page("/my/tasks", SIGNED_IN),
        "/assignments": page("/assignments", ASSIGNERS),
        "/assignments.csv": page("/assignments.csv", ASSIGNERS),
        "/assignments/new": page("/assignments/new", ASSIGNERS)
        | {
            "POST": [
                case(
                    "/assignments/new",
                    ASSIGNERS,
                    sent={"data": {"what": "place", "name_th": ""}},
                )
            ]
        },
        "/assignments/import": page("/assignments/import", ASSIGNERS)
        | form("/assignments/import", ASSIGNERS),
        "/assignments/hand-over": page("/assignments/hand-over", ASSIGNERS)
        | form("/assignments/hand-over", ASSIGNERS),
        "/assignments/{id}": {verb: [case(NOWHERE, nobody, **unknown)] for verb in ("GET", "HEAD")}
        | form(NOWHERE, nobody, **unknown),
    }
