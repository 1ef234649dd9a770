# SPDX-License-Identifier: GPL-2.0-or-later
"""Download a collection as a file: CSV, GeoPackage or GeoParquet, chosen like a page of items.

A file is made page by page in a folder of its own that nobody else may read, and has no name any
more when it begins to be sent: it is gone when the last byte is out, whatever happens.  No item is
left out or there twice; one that is written meanwhile may be there as it was before or after.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from anyio import CapacityLimiter, to_thread
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from geoapi import __version__
from geoapi.collections import Collection
from geoapi.credits import attribution_of, license_link, license_of
from geoapi.errors import DataUnavailableError, Problem, UsageError
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.crs import Crs
from geoapi.ogc.download_columns import columns_of
from geoapi.ogc.download_files import FORMATS, Download, FileFormat
from geoapi.ogc.negotiation import finish, json_language
from geoapi.ogc.parameters import answer_crs
from geoapi.operation.health import MIN_FREE_BYTES, free_bytes
from geoapi.site import Site
from geoapi.store.query import ItemQuery, count_items, read_page
from geoapi.web.rendering import request_site

AT_A_TIME = 2
_MOST_WAITING = 8
_PAGE_ITEMS = 1_000
_PART_BYTES = 256 * 1024
# What a server that was killed left behind is older than this.
_LEFT_OVER_S = 3_600.0
_FAILURES = (OSError, DataSourceError, DataLayerError, FeatureError, pa.ArrowException)


@dataclass
class _Source:
    """Pages of what is wanted, noting what went through."""

    site: Site
    query: ItemQuery
    most: int
    digest: hashlib._Hash

    def pages(self) -> Iterator[Sequence[str]]:
        """Yield the finished texts page by page."""
        left, query = self.most, self.query
        while left > 0:
            page = read_page(self.site.store, replace(query, limit=min(_PAGE_ITEMS, left)))
            for text in page.features:
                self.digest.update(text.encode())
            yield page.features
            left -= len(page.features)
            if page.next_after is None:
                return
            query = replace(query, after=page.next_after, offset=0)


async def get_download(
    request: Request, collection: Collection, query: ItemQuery, representation: str
) -> Response:
    """Answer an items request with a file.

    Args:
        request: with the parameters of an items request.
        collection: which is asked.
        query: what they say.
        representation: ``csv``, ``gpkg`` or ``parquet``.

    Raises:
        UsageError: more items than the site puts into one file; or outside of ``crs``.
        DataUnavailableError: too many files are being made, or the disk is full.
    """
    site, crs = request_site(request), answer_crs(request.query_params)
    limiter: CapacityLimiter = request.app.state.downloads
    if limiter.statistics().tasks_waiting >= _MOST_WAITING:
        raise DataUnavailableError("downloads.busy")
    language, kind = json_language(request), FORMATS[representation]
    is_insider = bool(query.scopes or query.owner_id)
    credit = {
        "attribution_th": attribution_of(collection, "th"),
        "attribution_en": attribution_of(collection, "en"),
        "license": license_of(collection, site.settings),
    }
    columns = columns_of(collection, is_insider=is_insider)
    download = Download(collection, columns, crs, language, credit)
    params = request.query_params
    file, digest = await to_thread.run_sync(
        _make, site, kind, download, (query, params), limiter=limiter
    )
    return _answer(request, (file, digest), kind, download)


def _answer(
    request: Request, made: tuple[IO[bytes], str], kind: FileFormat, download: Download
) -> Response:
    file, digest = made
    collection, settings = download.collection, request_site(request).settings
    headers = {
        # a GeoPackage tells when it was made: the same rows are not the same bytes
        "ETag": f'W/"{digest}"' if kind.extension == "gpkg" else f'"{digest}"',
        "Content-Disposition": f'attachment; filename="{collection.id}.{kind.extension}"',
        "Content-Crs": download.crs.header,
        "Link": license_link(collection, settings),
    }
    if is_not_modified(request, digest, None):
        file.close()
        return finish(request, Response(status_code=304, headers=headers))
    headers["Content-Length"] = str(file.seek(0, 2))
    file.seek(0)
    return finish(request, StreamingResponse(_parts(file), 200, headers, kind.media_type))


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while part := await to_thread.run_sync(file.read, _PART_BYTES):
            yield part


def _make(
    site: Site, kind: FileFormat, download: Download, asked: tuple[ItemQuery, QueryParams]
) -> tuple[IO[bytes], str]:
    """Make the file; return it open, without a name, and the digest of what is in it."""
    query, params = asked
    most = _most(site, query, params)
    crs: Crs = download.crs
    head = f"{__version__} {kind.extension} {download.collection.id} {crs.uri} {download.language}"
    columns = ",".join(column.name for column in download.columns)
    credit = ",".join(download.credit.values())
    digest = hashlib.sha256(f"{head} {columns} {credit}\n".encode())
    source = _Source(site, query, most, digest)
    try:
        folder = _new_folder(site)
        try:
            path = folder / f"{download.collection.id}.{kind.extension}"
            kind.write(path, source.pages(), download)
            file = path.open("rb")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except _FAILURES as error:
        raise DataUnavailableError("downloads.failed") from error
    return file, digest.hexdigest()[:24]


def _most(site: Site, query: ItemQuery, params: QueryParams) -> int:
    """Return how many items the file has: those that ``limit`` asks for, or all.

    Raises:
        UsageError: all are more than the site puts into one file.
    """
    allowed = site.settings.max_download_items
    if "limit" in params:  # checked before; a page's greatest length does not hold for a file
        return min(int(params["limit"]), allowed)
    count = count_items(site.store, query, allowed)
    if count is None:
        said: dict[str, Any] = {"most": f"{allowed:,}"}
        problem = Problem("downloads.too_many", parameter="limit", params=said)
        raise UsageError("downloads.too_many", problems=(problem,), **said)
    return count


def _new_folder(site: Site) -> Path:
    """Return a new folder that only we may read; sweep out what a killed server left."""
    above = site.settings.data_dir / "downloads"
    above.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in above.iterdir():
        if left.stat().st_mtime < time.time() - _LEFT_OVER_S:
            shutil.rmtree(left, ignore_errors=True)
    if free_bytes(above) < MIN_FREE_BYTES:
        raise DataUnavailableError("downloads.no_room")
    return Path(tempfile.mkdtemp(dir=above))
