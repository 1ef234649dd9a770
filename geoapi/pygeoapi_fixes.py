# SPDX-License-Identifier: GPL-2.0-or-later
"""Known defects of pygeoapi 0.24, each closed by one small function.

``apply()`` runs once for each host that is built and changes nothing the second time.  The tests
load the untouched sources and fail when upstream has mended a defect: then the function goes.

Not closed here: the process manager keeps the processor of a request on an object that all
requests share, so that concurrent executions run the wrong process.  Nothing uses that manager;
processes get one of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
import pygeoapi.api
import pygeoapi.api.itemtypes
import pygeoapi.crs
import pygeoapi.provider.base
import pygeoapi.util

_MARK = "pakmud_fix"


def apply() -> None:
    """Close every defect of this module; idempotent."""
    _replace(pygeoapi.util, "to_json", to_json)
    _replace(pygeoapi.crs, "get_crs", _cached(pygeoapi.crs.get_crs))
    _replace(pygeoapi.crs, "get_srid", _cached(pygeoapi.crs.get_srid))
    _replace(pygeoapi.crs, "transform_bbox", _same_crs_first(pygeoapi.crs.transform_bbox))
    _replace(pygeoapi.util, "render_j2_template", refuse_templates)
    _replace(sys.modules["pygeoapi.log"], "setup_logger", leave_logging_alone)


def _replace(home: Any, name: str, replacement: Callable[..., Any]) -> None:  # noqa: ANN401
    """Put a function in the place of another in every module of pygeoapi that imported it."""
    original = getattr(home, name)
    if hasattr(original, _MARK):
        return
    setattr(replacement, _MARK, True)
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] == "pygeoapi" and vars(module).get(name) is original:
            setattr(module, name, replacement)


def to_json(value: Any, pretty: bool = False) -> str:  # noqa: ANN401 - as upstream
    """Write JSON as it is.

    Upstream writes ``<`` and ``>`` as HTML entities inside JSON strings, so that a client that
    reads, edits and writes back destroys the data, and spells Thai as six characters a letter.
    """
    options = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if pretty else 0)
    return orjson.dumps(value, default=str, option=options).decode()


def _cached(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember a CRS by its URI: upstream looks it up in PROJ's database on every request."""
    remembered = lru_cache(maxsize=64)(function)

    def look_up(crs: Any) -> Any:  # noqa: ANN401 - a URI or a pyproj.CRS
        return remembered(crs) if isinstance(crs, str) else function(crs)

    return look_up


def _same_crs_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same box when both CRSs are the same: upstream spends 24 ms on finding out."""

    def transform_bbox(bbox: Any, from_crs: Any, to_crs: Any, *rest: Any) -> Any:  # noqa: ANN401
        return bbox if from_crs == to_crs else function(bbox, from_crs, to_crs, *rest)

    return transform_bbox


def refuse_templates(*_arguments: Any) -> str:  # noqa: ANN401 - as upstream
    """Refuse to render upstream's templates.

    They build a Jinja2 environment per request (40 ms), speak no Thai, and read scripts from
    third parties.  Our pages are rendered from the JSON documents instead.

    Raises:
        RuntimeError: always; a page came here that should not.
    """
    raise RuntimeError("pygeoapi's own templates are not used")


def leave_logging_alone(_config: Any) -> None:  # noqa: ANN401 - as upstream
    """Do nothing: upstream calls ``logging.basicConfig`` and would take over the root logger."""
