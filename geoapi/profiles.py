# SPDX-License-Identifier: GPL-2.0-or-later
"""The own profile: a mobile phone under which colleagues reach an officer, confirmed by the user.

It is personal data: in no answer but the user's own, in no log, history or feed.
"""

from __future__ import annotations

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.identity import require_session
from geoapi.importing.phones import parse_phones
from geoapi.managers import Actor, record_change
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store.profiles import ProfileRow, put_profile, read_profile

__all__ = ["ProfileRow", "confirm_phone", "own_profile"]


def own_profile(site: Site, viewer: Viewer) -> ProfileRow:
    """Return the viewer's own profile.

    Raises:
        NotAuthenticatedError: nobody is signed in by a session.
    """
    require_session(viewer)
    return site.store.read(lambda connection: read_profile(connection, viewer.user_id))


def confirm_phone(site: Site, actor: Actor, typed: str) -> None:
    """Keep the viewer's mobile phone and note that the user confirmed it; '' takes it away.

    Raises:
        InvalidDocumentError: it is no Thai mobile number.
        NotAuthenticatedError: nobody is signed in by a session.
    """
    require_session(actor.viewer)
    user_id, number = actor.viewer.user_id, _mobile(typed)

    def write(transaction: Transaction) -> None:
        put_profile(transaction, user_id, number)
        record_change(transaction, actor, "user.change", user_id)

    site.store.write(write)


def _mobile(typed: str) -> str:
    if not typed.strip():
        return ""
    found, refused = parse_phones(typed)
    if len(found) != 1 or refused or found[0]["kind"] != "mobile" or found[0]["ext"]:
        problem = Problem("profile.no_mobile", "/mobile")
        raise InvalidDocumentError("profile.no_mobile", problems=(problem,))
    return str(found[0]["number"])
