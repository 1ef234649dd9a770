# SPDX-License-Identifier: GPL-2.0-or-later
"""The form of a point's services and copies: from rows to fields, and from fields to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geoapi import copies, point_offers
from geoapi.codes import code_list
from geoapi.copy_declarations import Declaration
from geoapi.errors import Problem
from geoapi.importing.guide_words import document_type_of
from geoapi.messages import Language
from geoapi.plan_dates import read_plan
from geoapi.thai import format_thai_date, strip_invisible, to_ascii_digits
from geoapi.types import JsonObject

OFFER_TEXTS = (
    "opening_hours", "counter", "appointment_url", "local_note_th", "local_note_en",
)  # fmt: skip
# {property: end of the field's name}
FIELD_OF = {
    "copy_class": "class", "plan_on": "plan", "verify_method": "verify", "copies": "copies",
    "reason_th": "reason", "is_charged": "charged", "fee_baht": "fee", "is_offered": "offered",
    "local_documents": "documents", "local_fees": "fees",
}  # fmt: skip
_MOST_BAHT = 10_000


@dataclass
class Wanted:
    """What a posted form asks for.

    Attributes:
        declarations: rows that differ from what is stored.
        problems: what can't be read; pointers begin with the place of the row.
        converted: how many dates were written in the Buddhist era.
    """

    declarations: list[Declaration] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    converted: int = 0


def offer_place(row: JsonObject) -> str:
    """Return the beginning of the names of an offer's fields."""
    return f"o-{row['id']}"


def copy_place(row: JsonObject) -> str:
    """Return the beginning of the names of the fields of a row on copies."""
    return f"c-{row['id']}"


def offer_fields(row: JsonObject) -> dict[str, str]:
    """Return {field: text} of a row on a service that is offered."""
    properties, place = row["properties"], offer_place(row)
    texts = {f"{place}-{name}": properties.get(name) or "" for name in OFFER_TEXTS}
    documents = [
        f"{d['name_th']} | {d.get('originals') or 0} | {d.get('copies') or 0}"
        for d in properties.get("local_documents") or ()
    ]
    fees = [
        f"{fee['item_th']} | {fee.get('amount_baht') or 0:g}"
        for fee in properties.get("local_fees") or ()
    ]
    return texts | {
        f"{place}-offered": "1" if properties.get("is_offered") else "",
        f"{place}-documents": "\n".join(documents),
        f"{place}-fees": "\n".join(fees),
        f"{place}-all": "",
    }


def copy_fields(row: JsonObject, language: Language) -> dict[str, str]:
    """Return {field: text} of a row on copies; dates in the reader's language."""
    properties, place = row["properties"], copy_place(row)
    plan, fee, count = (properties.get(n) for n in ("plan_on", "fee_baht", "copies"))
    return {
        f"{place}-class": properties.get("copy_class") or "unknown",
        f"{place}-plan": _typed_date(plan, language),
        f"{place}-verify": properties.get("verify_method") or "",
        f"{place}-copies": "" if count is None else str(count),
        f"{place}-reason": properties.get("reason_th") or "",
        f"{place}-charged": "1" if properties.get("is_charged") else "",
        f"{place}-fee": "" if fee is None else f"{fee:g}",
    }


def _typed_date(iso: str | None, language: Language) -> str:
    """Write a date so that it can be typed back: with its Thai month, or as ISO has it."""
    if not iso:
        return ""
    return format_thai_date(date.fromisoformat(iso)) if language == "th" else iso


def read_offer(row: JsonObject, posted: Mapping[str, str], wanted: Wanted) -> None:
    """Read the fields of one service that is offered."""
    place, before = offer_place(row), row["properties"]
    said = {name: _text(posted, f"{place}-{name}") for name in OFFER_TEXTS}
    shown = offer_fields(row)
    changes: JsonObject = {
        name: text or None for name, text in said.items() if text != shown[f"{place}-{name}"]
    }
    is_offered = bool(posted.get(f"{place}-offered"))
    if is_offered != bool(before.get("is_offered")):
        changes["is_offered"] = is_offered
    for name, reader in (("documents", _documents), ("fees", _fees)):
        text = posted.get(f"{place}-{name}", "").replace("\r\n", "\n").strip()
        if text == shown[f"{place}-{name}"]:
            continue
        try:
            changes[f"local_{name}"] = reader(text)
        except ValueError as error:
            params = {"line": str(error)[:80]}
            pointer = f"/{place}/properties/local_{name}"
            wanted.problems.append(Problem(f"copies.bad_line_{name}", pointer, params=params))
    if changes:
        feature = {**row, "properties": {**before, **changes}}
        wanted.declarations.append(Declaration(place, point_offers.QUIET_KIND, feature))


def _documents(text: str) -> list[JsonObject]:
    """Read lines of ``name | originals | copies``.

    Raises:
        ValueError: with the line that can't be read.
    """
    found = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        name, *counts = (strip_invisible(part) for part in line.split("|"))
        numbers = [to_ascii_digits(count) for count in counts]
        if not name or len(counts) > 2 or not all(n.isdecimal() for n in numbers):  # noqa: PLR2004 - originals, copies
            raise ValueError(line)
        originals, copied = ([int(n) for n in numbers] + [0, 0])[:2]
        found.append(
            {
                "document_type": document_type_of(name),
                "name_th": name,
                "originals": originals,
                "copies": copied,
            }
        )
    return found


def _fees(text: str) -> list[JsonObject]:
    """Read lines of ``item | baht``.

    Raises:
        ValueError: with the line that can't be read.
    """
    found = []
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        item, _, amount = (strip_invisible(part) for part in line.partition("|"))
        number = _number(amount)
        if not item or number is None:
            raise ValueError(line)
        found.append({"item_th": item, "amount_baht": number})
    return found


def read_copy(
    row: JsonObject, posted: Mapping[str, str], all_class: str, language: Language, wanted: Wanted
) -> None:
    """Read the fields of one row on copies.

    Args:
        row: as stored.
        posted: fields of the form.
        all_class: class for all documents of the service, '' when each has its own.
        language: in which the form was shown.
        wanted: into which what is found goes.
    """
    place, before = copy_place(row), row["properties"]
    shown = copy_fields(row, language)
    changes: JsonObject = {}
    class_ = all_class or posted.get(f"{place}-class", "")
    if class_ in code_list("copy_class").codes and class_ != shown[f"{place}-class"]:
        changes["copy_class"] = class_
    verify = posted.get(f"{place}-verify", "")
    if verify != shown[f"{place}-verify"]:
        changes["verify_method"] = verify or None
    reason = _text(posted, f"{place}-reason")
    if reason != shown[f"{place}-reason"]:
        changes["reason_th"] = reason or None
    is_charged = bool(posted.get(f"{place}-charged"))
    if is_charged != bool(before.get("is_charged")):
        changes["is_charged"] = is_charged
    _read_numbers(place, shown, posted, (changes, wanted))
    _read_plan(place, shown, posted, (changes, wanted))
    if changes:
        feature = {**row, "properties": {**before, **changes}}
        wanted.declarations.append(Declaration(place, copies.QUIET_KIND, feature))


def _read_numbers(
    place: str, shown: Mapping[str, str], posted: Mapping[str, str], into: tuple[JsonObject, Wanted]
) -> None:
    changes, wanted = into
    for name, ending in (("copies", "copies"), ("fee_baht", "fee")):
        text = _text(posted, f"{place}-{ending}")
        if text == shown[f"{place}-{ending}"]:
            continue
        number = _number(text)
        if text and (number is None or (name == "copies" and number != int(number))):
            pointer, params = f"/{place}/properties/{name}", {"value": text[:40]}
            wanted.problems.append(Problem("copies.bad_number", pointer, params=params))
        else:
            changes[name] = number


def _read_plan(
    place: str, shown: Mapping[str, str], posted: Mapping[str, str], into: tuple[JsonObject, Wanted]
) -> None:
    changes, wanted = into
    text = _text(posted, f"{place}-plan")
    if text == shown[f"{place}-plan"]:
        return
    if not text:
        changes["plan_on"] = None
        return
    iso, is_converted = read_plan(text)
    if iso is None:
        pointer, params = f"/{place}/properties/plan_on", {"value": text[:40]}
        wanted.problems.append(Problem("copies.plan_unreadable", pointer, params=params))
        return
    changes["plan_on"] = iso
    wanted.converted += is_converted


def _text(posted: Mapping[str, str], name: str) -> str:
    return strip_invisible(posted.get(name, "").replace("\0", ""))


def _number(text: str) -> float | None:
    """Read a number of baht or copies; ``None`` when it is none or far too large.

    >>> _number("๕"), _number("2.50"), _number("-1"), _number("1e9")
    (5, 2.5, None, None)
    """
    plain = to_ascii_digits(text).replace(",", "")
    if not plain.replace(".", "", 1).isdecimal():
        return None
    value = float(plain)
    if value > _MOST_BAHT:
        return None
    return int(value) if value == int(value) else value


def field_of(problem: Problem) -> str:
    """Return the field that a problem is about, '' for the whole form.

    >>> field_of(Problem("copies.plan_in_past", "/c-1/properties/plan_on"))
    'c-1-plan'
    """
    parts = problem.pointer.split("/")
    if len(parts) < 4:  # noqa: PLR2004 - '', place, properties, name
        return ""
    return f"{parts[1]}-{FIELD_OF.get(parts[3], parts[3])}"


def differences(stored: Mapping[str, str], typed: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return {field: (stored now, typed)} of the fields in which a form differs."""
    return {
        name: (text, str(typed.get(name, "")).replace("\r\n", "\n").strip())
        for name, text in stored.items()
        if str(typed.get(name, "")).replace("\r\n", "\n").strip() != text
    }
