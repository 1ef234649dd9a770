# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a charge for a copy is lawful: instruments of law are data, this only compares.

Outside the scope of every instrument a charge is *reported*, never called unlawful.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoapi.types import JsonObject

REPORTED = "reported"


@dataclass(frozen=True)
class ChargeCase:
    """One charge to be judged.

    Attributes:
        document_type: of which document the copy is.
        agency_type: of the agency that the point belongs to, '' when it is not known.
        on: the day.
    """

    document_type: str
    agency_type: str
    on: date


def is_in_scope(instrument: JsonObject, case: ChargeCase) -> bool:
    """Say whether an instrument binds an agency of that type, for that document, on that day.

    An instrument that names no types of agency or no documents binds for all of them; an agency
    of unknown type is in no scope.
    """
    return (
        bool(case.agency_type)
        and _names(instrument, "scope", case.agency_type)
        and _names(instrument, "documents", case.document_type)
        and case.document_type not in (instrument.get("excepted_documents") or ())
        and _holds_on(instrument, case.on)
    )


def _names(instrument: JsonObject, member: str, value: str) -> bool:
    named = instrument.get(member) or ()
    return not named or value in named


def _holds_on(instrument: JsonObject, day: date) -> bool:
    first, last = instrument.get("valid_from"), instrument.get("valid_to")
    text = day.isoformat()
    return (not first or first <= text) and (not last or text <= last)


def forbidding(instruments: Iterable[JsonObject], case: ChargeCase) -> JsonObject | None:
    """Return the instrument that forbids a charge, one that was checked first; None for none.

    Args:
        instruments: properties of the instruments.
        case: whose charge for what, and when.
    """
    binding = [i for i in instruments if i.get("forbids_charge") and is_in_scope(i, case)]

    def certainty(instrument: JsonObject) -> tuple[bool, Any]:
        return bool(instrument.get("is_uncertain")), instrument.get("code")

    return min(binding, key=certainty, default=None)
