# SPDX-License-Identifier: GPL-2.0-or-later
"""From a posted or sent form to a draft and back: texts as they stand, right or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from geoapi import drafts
from geoapi.drafts import Draft, Typed
from geoapi.errors import UsageError
from geoapi.importing.phones import MAX_NUMBERS
from geoapi.revisions import WriteContext
from geoapi.site import Site
from geoapi.web.csrf import form_text
from geoapi.web.point_form import PHONE_PARTS, PLACE_FIELDS, TEXT_FIELDS, PointForm, form_from

KEPT_NAMES = frozenset(
    {
        *TEXT_FIELDS,
        *PLACE_FIELDS,
        "no_phone",
        "unlock_position",
        *(f"phone-{i}-{part}" for i in range(MAX_NUMBERS) for part in PHONE_PARTS),
    }
)
"""Fields of the form that a draft keeps."""
_LARGEST_SEQUENCE = 2**53


def keep_from_form(
    site: Site, context: WriteContext, point_id: str, posted: FormData, *, is_new: bool = False
) -> Draft:
    """Keep a draft by a button, without scripts.

    Raises: as :func:`geoapi.drafts.save`.
    """
    values = {name: form_text(posted, name) for name in KEPT_NAMES if form_text(posted, name)}
    typed = Typed(
        values,
        base=form_text(posted, "base"),
        etag=form_text(posted, "etag"),
        seen=form_text(posted, "draft_seen"),
        is_new=is_new,
    )
    return drafts.save(site, context, point_id, typed)


def typed_from_json(sent: Any) -> Typed:  # noqa: ANN401 - any JSON
    """Read what the script sends.

    Raises:
        UsageError: it is no such object.
    """
    values = sent.get("values") if isinstance(sent, dict) else None
    sequence = sent.get("sequence") if isinstance(sent, dict) else None
    if not isinstance(values, dict) or not isinstance(sequence, int):
        raise UsageError("drafts.not_a_draft")
    if isinstance(sequence, bool) or not 0 <= sequence < _LARGEST_SEQUENCE:
        raise UsageError("drafts.not_a_draft")
    texts = {n: v for n, v in values.items() if n in KEPT_NAMES and isinstance(v, str)}
    named = {n: sent.get(n) for n in ("base", "etag", "writer", "seen")}
    if not all(isinstance(value, str) for value in named.values()):
        raise UsageError("drafts.not_a_draft")
    return Typed(texts, sequence=sequence, is_new=sent.get("is_new") is True, **named)


def form_of_draft(draft: Draft) -> PointForm:
    """Return the form as it was kept."""
    typed = draft.typed
    fields: Mapping[str, str] = typed.values | {"base": typed.base, "etag": typed.etag}
    return form_from(fields)
