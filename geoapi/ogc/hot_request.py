# SPDX-License-Identifier: GPL-2.0-or-later
"""Recognise a plain read in an ASGI scope, and who asks, for the short way."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import cookie_parser
from starlette.types import Scope

from geoapi.identity import IdentityCache, SignedIn
from geoapi.ogc.conditional import entity_tags, parse_http_date
from geoapi.rights import PUBLIC, Viewer
from geoapi.site import Site
from geoapi.store.credentials import Kind
from geoapi.web.compression import Coding, choose_coding, without_coding
from geoapi.web.csrf import session_cookie

_PREFIX = "/ogc/collections/"
_ITEM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_JSON_TYPES = frozenset({"application/geo+json", "application/json", "application/*", "*/*", ""})
# Headers that the answer depends on; one that stands twice is looked at on the long way.
_LOOKED_AT = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"authorization",
        b"cookie",
        b"if-modified-since",
        b"if-none-match",
        b"origin",
        b"x-request-id",
    }
)
# Headers of requests that are no plain reads.
_UNUSUAL = frozenset(
    {
        b"accept-crs",
        b"accept-datetime",
        b"content-length",
        b"if-match",
        b"if-unmodified-since",
        b"prefer",
        b"range",
        b"transfer-encoding",
        b"upgrade",
    }
)


@dataclass(frozen=True, slots=True)
class HotRequest:
    """A GET of items or of one item for GeoJSON, or of a tile.

    Attributes:
        collection_id: as it stands in the path, '' for tiles of all collections.
        item_id: '' for a page.
        query_string: as it came.
        authorization: the header, '' when absent.
        cookie: the header, '' when absent.
        accept_encoding: the header, '' when absent.
        if_none_match: as it came, endings of codings included.
        if_modified_since: as it came.
        origin: of the asking page.
        request_id: as it came.
    """

    collection_id: str
    item_id: str
    query_string: bytes
    authorization: str
    cookie: str
    accept_encoding: str
    if_none_match: str
    if_modified_since: str
    origin: str
    request_id: str

    @property
    def coding(self) -> Coding | None:
        """Return what the client takes compressed."""
        return choose_coding(self.accept_encoding)

    def has_current(self, etag: str, modified_at: datetime | None) -> bool:
        """Say whether the client has the answer already: then it is 304."""
        if self.if_none_match:
            if self.if_none_match == f'"{etag}"':
                return True
            plain = without_coding(self.if_none_match)
            tags = entity_tags(plain, allow_weak=True) or ()
            return "*" in tags or etag in tags
        if not self.if_modified_since or modified_at is None:
            return False
        since = parse_http_date(self.if_modified_since)
        return since is not None and modified_at.replace(microsecond=0) <= since


def hot_request(scope: Scope) -> HotRequest | None:
    """Return the plain read of items that a scope is, None for everything else."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope.get("root_path"):
        return None
    path: str = scope["path"]
    if not path.startswith(_PREFIX):
        return None
    collection_id, _, rest = path[len(_PREFIX) :].partition("/")
    items, _, item_id = rest.partition("/")
    if items != "items" or (item_id and not _ITEM_ID.fullmatch(item_id)) or rest == "items/":
        return None
    return plain_request(scope, _JSON_TYPES, collection_id, item_id)


def plain_request(
    scope: Scope, accepted: Set[str], collection_id: str, item_id: str = ""
) -> HotRequest | None:
    """Read the headers of a request, None when one of them needs a closer look.

    Args:
        scope: of the request.
        accepted: media types; other ones are weighed on the long way.
        collection_id: as it stands in the path.
        item_id: as it stands in the path.
    """
    found = _headers(scope)
    if found is None or not _accepts_only(accepted, found.get(b"accept", "")):
        return None
    return HotRequest(
        collection_id,
        item_id,
        scope["query_string"],
        found.get(b"authorization", ""),
        found.get(b"cookie", ""),
        found.get(b"accept-encoding", ""),
        found.get(b"if-none-match", ""),
        found.get(b"if-modified-since", ""),
        found.get(b"origin", ""),
        found.get(b"x-request-id", ""),
    )


def _headers(scope: Scope) -> dict[bytes, str] | None:
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _LOOKED_AT:
            if name in found:
                return None
            found[name] = value.decode("latin-1")
        elif name in _UNUSUAL:
            return None
    return found


def _accepts_only(accepted: Set[str], header: str) -> bool:
    """Say whether nothing else is asked for."""
    return all(part.partition(";")[0].strip() in accepted for part in header.split(","))


def known_viewer(asked: HotRequest, site: Site, cache: IdentityCache) -> Viewer | None:
    """Return who asks when that needs no asking: nobody in particular, or somebody remembered."""
    kind: Kind = "token"
    secret = ""
    if asked.authorization:
        scheme, _, secret = asked.authorization.strip().partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            return None
    elif asked.cookie:
        kind, secret = "session", cookie_parser(asked.cookie).get(session_cookie(site.settings), "")
    if not secret:
        return PUBLIC
    signed_in = cache.get(kind, secret)
    if signed_in is None or not _counts_quietly(signed_in, site):
        return None
    return signed_in.viewer_at(site.clock())


def _counts_quietly(signed_in: SignedIn, site: Site) -> bool:
    """Say whether a credential counts and nothing has to be noted or asked of its user."""
    now = site.clock()
    asks = signed_in.must_change_password and signed_in.row.kind == "session"
    return signed_in.counts(now, site.settings) and not signed_in.wants_touch(now) and not asks
