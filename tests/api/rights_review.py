# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may open and use the reviewer's pages: whoever holds points.review, inside its scope."""

from __future__ import annotations

from typing import Any

from tests.api.live_data import USERS, named_id

REVIEWERS = frozenset({"supervisor_in", "supervisor_out"})
INSIDE = frozenset({"supervisor_in"})
FORM = {"data": {"action": "nothing", "etag": "w0-0"}}
VERBS = (("GET", {}), ("HEAD", {}), ("POST", FORM))
assert USERS.keys() >= REVIEWERS


def rows(case: type) -> dict[str, dict[str, list[Any]]]:
    """Return the rows of the rights matrix; ``case`` is its class of cases."""
    waiting, draft = (f"/review/{named_id(name)}" for name in ("submitted0", "draft0"))
    published = f"/review/{named_id('verified0')}"
    hidden = {"hidden_from": frozenset({"supervisor_out"})}
    return {
        "/review": {verb: [case("/review", REVIEWERS)] for verb in ("GET", "HEAD")},
        "/review/bulk": {
            verb: [case("/review/bulk", REVIEWERS, sent=sent)] for verb, sent in VERBS
        },
        "/review/{id}": {
            verb: [
                case(waiting, INSIDE, sent=sent, **hidden),
                case(draft, INSIDE, sent=sent, **hidden),
                case(published, INSIDE, sent=sent),
            ]
            for verb, sent in VERBS
        },
    }
