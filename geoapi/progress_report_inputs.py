# SPDX-License-Identifier: GPL-2.0-or-later
"""What a progress report is asked for: its inputs as a JSON Schema, and reading them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal, cast

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.managers import BANGKOK
from geoapi.messages import Language
from geoapi.types import JsonObject, Scope

GroupBy = Literal["district", "agency", "both"]
_MOST_LETTERS = 200
_YEARS = range(1900, 2401)

INPUTS_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "province_code": {"type": "string", "pattern": "^[0-9]{2}$"},
        "district_code": {"type": "string", "pattern": "^[0-9]{4}$"},
        "agency_id": {"type": "string", "minLength": 1, "maxLength": _MOST_LETTERS},
        "campaign": {"type": "string", "minLength": 1, "maxLength": _MOST_LETTERS},
        "as_of": {
            "type": "string",
            "anyOf": [{"format": "date"}, {"format": "date-time"}],
        },
        "group_by": {
            "type": "string",
            "enum": ["district", "agency", "both"],
            "default": "both",
            "x-labels": {
                "district": {"th": "อำเภอ", "en": "Districts"},
                "agency": {"th": "หน่วยงาน", "en": "Agencies"},
                "both": {"th": "อำเภอและหน่วยงาน", "en": "Districts and agencies"},
            },
        },
        "language": {
            "type": "string",
            "enum": ["th", "en"],
            "default": "th",
            "x-labels": {
                "th": {"th": "ไทย", "en": "Thai"},
                "en": {"th": "อังกฤษ", "en": "English"},
            },
        },
    },
}


@dataclass(frozen=True)
class ReportInputs:
    """What was asked for, checked.

    Attributes:
        province_code: DOPA code of 2 digits, '' for all.
        district_code: DOPA code of 4 digits, '' for all.
        agency_id: this agency and everything under it, '' for all.
        campaign: only places assigned in this campaign, '' for all.
        as_of: instant whose day in Bangkok decides what is late, UTC; None for now.
        group_by: which tables the report has.
        language: of what people read; the numbers are the same.
    """

    province_code: str = ""
    district_code: str = ""
    agency_id: str = ""
    campaign: str = ""
    as_of: datetime | None = None
    group_by: GroupBy = "both"
    language: Language = "th"

    @property
    def asked(self) -> Scope:
        """Return the agency and the narrowest area that were asked for."""
        return Scope(self.agency_id, self.district_code or self.province_code)

    def as_json(self) -> JsonObject:
        """Return the inputs as :func:`read_inputs` takes them, what was not given left out."""
        given: JsonObject = {name: value for name, value in vars(self).items() if value}
        if self.as_of is not None:
            given["as_of"] = self.as_of.isoformat().replace("+00:00", "Z")
        return given


def read_inputs(given: Mapping[str, Any]) -> ReportInputs:
    """Check inputs against ``INPUTS_SCHEMA`` and read them; None counts as not given.

    Raises:
        InvalidDocumentError: with every single thing that is wrong, by JSON pointer.
    """
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        reader = _READERS.get(name)
        if reader is None:
            known = ", ".join(_READERS)
            problems.append(_problem("unknown_input", str(name)[:40], name=name, known=known))
            continue
        try:
            read[name] = reader(value)
        except ValueError:
            shown = str(value)[:40]
            problems.append(_problem(f"wrong_{name}", name, value=shown))
    province, district = read.get("province_code", ""), read.get("district_code", "")
    if province and district and not district.startswith(province):
        problems.append(_problem("district_elsewhere", "district_code", value=district))
    if problems:
        raise InvalidDocumentError("progress.wrong_inputs", problems=tuple(problems))
    return ReportInputs(**read)


def _problem(message: str, field: str, **params: object) -> Problem:
    return Problem(f"progress.{message}", f"/inputs/{field}", params=params)


def _code(digits: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:  # noqa: ANN401 - any JSON
        if not (isinstance(value, str) and len(value) == digits):
            raise ValueError(value)
        if not (value.isascii() and value.isdecimal()):
            raise ValueError(value)
        return value

    return read


def _words(value: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(value, str) or not value.strip() or len(value) > _MOST_LETTERS:
        raise ValueError(value)
    if not value.isprintable():  # a NUL that PostgreSQL can't be asked for among them
        raise ValueError(value)
    return value


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:  # noqa: ANN401 - any JSON
        if value not in allowed:
            raise ValueError(value)
        return cast(str, value)

    return read


def _instant(value: Any) -> datetime:  # noqa: ANN401 - any JSON
    """Read a day, which begins in Bangkok, or an instant with its offset."""
    if not isinstance(value, str) or not value.isascii():
        raise ValueError(value)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise
    else:
        found = datetime.combine(day, time(), BANGKOK)
    if found.year not in _YEARS:
        raise ValueError(value)
    return found.astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "province_code": _code(2),
    "district_code": _code(4),
    "agency_id": _words,
    "campaign": _words,
    "as_of": _instant,
    "group_by": _one_of("district", "agency", "both"),
    "language": _one_of("th", "en"),
}
