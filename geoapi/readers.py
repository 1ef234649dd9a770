# SPDX-License-Identifier: GPL-2.0-or-later
"""What a viewer may read of a collection: where working rows are seen, and whose own rows."""

from __future__ import annotations

from geoapi.collection_model import Collection
from geoapi.errors import NotAuthenticatedError
from geoapi.rights import Viewer, scopes
from geoapi.store.query import Reader


def reader_of(viewer: Viewer, collection: Collection) -> Reader:
    """Return what the store needs to know of a viewer who reads a collection."""
    permission = collection.read_permission
    held = () if permission is None else scopes(viewer, permission)
    return Reader(held, viewer.user_id if collection.has_owners else "")


def require_reader(viewer: Viewer, collection: Collection) -> None:
    """Ask for a sign-in where the public sees nothing at all.

    Raises:
        NotAuthenticatedError: nobody is signed in.
    """
    if collection.has_owners and viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
