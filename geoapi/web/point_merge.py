# SPDX-License-Identifier: GPL-2.0-or-later
"""Lay a form over a revision that somebody else saved meanwhile, field by field.

What only one side changed merges by itself; a field that both changed to different values is a
conflict, and the officer chooses.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

from geoapi.types import JsonObject
from geoapi.web.point_form import PLACE_FIELDS, PointForm, form_of, rebased, touched

type Choice = Literal["mine", "theirs"]
POSITION = "position"


def base_of(form: PointForm) -> PointForm | None:
    """Return the form as it was when it was opened, None when that can't be read."""
    try:
        fields, phones, has_no_phone = json.loads(form.base)
        base = PointForm({**dict.fromkeys(form.fields, ""), **fields}, tuple(phones), has_no_phone)
        base.spelled()
    except (ValueError, TypeError, AttributeError):
        return None
    return base


def conflicts(form: PointForm, current: JsonObject) -> tuple[str, ...]:
    """Return the names of fields that both sides changed differently; the place is one field.

    Args:
        form: what the officer typed, with the base it was opened with.
        current: the newer document.
    """
    base, theirs = base_of(form), form_of(current, "")
    if base is None:
        return ()
    found = []
    for name in sorted(touched(form)):
        if name in PLACE_FIELDS:
            continue
        mine_value, base_value, their_value = (_value(f, name) for f in (form, base, theirs))
        if their_value not in (base_value, mine_value):
            found.append(name)
    if touched(form) & set(PLACE_FIELDS):
        mine_place, base_place, their_place = (_place(f) for f in (form, base, theirs))
        if their_place not in (base_place, mine_place):
            found.insert(0, POSITION)
    return tuple(found)


def _value(form: PointForm, name: str) -> object:
    if name == "phones":
        return form.phones
    return form.has_no_phone if name == "no_phone" else form.fields.get(name, "")


def _place(form: PointForm) -> tuple[str, ...]:
    return tuple(form.fields[name] for name in PLACE_FIELDS)


def followed(form: PointForm, current: JsonObject) -> tuple[str, ...]:
    """Return what others changed since the form was opened and the officer did not touch."""
    base, theirs = base_of(form), form_of(current, "")
    if base is None:
        return ()
    mine = touched(form)
    names = [n for n in theirs.fields if n not in mine and n not in PLACE_FIELDS]
    changed = [n for n in names if theirs.fields[n] != base.fields[n]]
    if not mine & set(PLACE_FIELDS) and _place(theirs) != _place(base):
        changed.insert(0, POSITION)
    if "phones" not in mine and theirs.phones != base.phones:
        changed.append("phones")
    return tuple(changed)


def resolved(
    form: PointForm, current: JsonObject, etag: str, choices: dict[str, Choice]
) -> PointForm:
    """Return the form over the newer document, with theirs wherever that was chosen.

    Args:
        form: what the officer typed.
        current: the newer document.
        etag: of its revision.
        choices: {name of a field that was in conflict: whose stays}.
    """
    merged, theirs = rebased(form, current, etag), form_of(current, etag)
    for name, choice in choices.items():
        if choice == "mine":
            continue
        if name == POSITION:
            taken = {n: theirs.fields[n] for n in PLACE_FIELDS}
            merged = replace(merged, fields=merged.fields | taken)
        elif name == "phones":
            merged = replace(merged, phones=theirs.phones)
        elif name == "no_phone":
            merged = replace(merged, has_no_phone=theirs.has_no_phone)
        elif name in theirs.fields:
            merged = replace(merged, fields=merged.fields | {name: theirs.fields[name]})
    return merged
