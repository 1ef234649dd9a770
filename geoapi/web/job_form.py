# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain form for the inputs of any process: fields from its schemas, values from the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoapi.codes import code_list
from geoapi.messages import Language, message
from geoapi.process_model import Process, ProcessInput
from geoapi.types import JsonObject

PREFIX = "in-"
_TRUE, _FALSE = "true", "false"


def _kind(one: ProcessInput) -> str:
    """Return which control an input has: choice, yes_no, number, date or text."""
    schema = one.schema
    kind = schema.get("type")
    if "enum" in schema or "x-codes" in schema:
        return "choice"
    if kind == "boolean":
        return "yes_no"
    if kind in ("integer", "number"):
        return "number"
    return "date" if schema.get("format") == "date" else "text"


def _choices(one: ProcessInput, language: Language) -> list[tuple[str, str]]:
    schema = one.schema
    if "x-codes" in schema:
        codes = code_list(schema["x-codes"]).codes
        wanted = schema.get("enum") or list(codes)
        return [(code, codes[code].label(language)) for code in wanted if code in codes]
    labels: Mapping[str, Mapping[str, str]] = schema.get("x-labels", {})
    values = [str(value) for value in schema.get("enum", ())]
    return [(value, labels.get(value, {}).get(language, value)) for value in values]


def fields_of(process: Process, language: Language, typed: Mapping[str, str]) -> list[JsonObject]:
    """Return the fields of a process's form; inputs that are objects have none.

    Args:
        process: whose inputs.
        language: of labels.
        typed: what was typed before, by field.
    """
    found: list[JsonObject] = []
    for name, one in process.inputs.items():
        if one.schema.get("type") == "object":
            continue
        kind = _kind(one)
        choices = _choices(one, language)
        if kind == "yes_no":
            choices = [
                (_TRUE, message("jobs.yes", language)),
                (_FALSE, message("jobs.no", language)),
            ]
        default = one.schema.get("default", "")
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        found.append(
            {
                "name": PREFIX + name,
                "title": one.title(language),
                "hint": one.description(language),
                "kind": "choice" if kind == "yes_no" else kind,
                "choices": choices,
                "required": one.required,
                "value": typed.get(PREFIX + name, shown),
            }
        )
    return found


def read_inputs(process: Process, typed: Mapping[str, str]) -> JsonObject:
    """Make inputs of what was typed; what can't be converted stays text, which the schema refuses.

    Args:
        process: whose inputs.
        typed: text by field; empty text is no input.
    """
    found: dict[str, Any] = {}
    for name, one in process.inputs.items():
        text = typed.get(PREFIX + name, "").strip()
        if not text:
            continue
        if one.most > 1:
            parts = [part.strip() for part in text.split(",") if part.strip()]
            found[name] = [_converted(one, part) for part in parts]
        else:
            found[name] = _converted(one, text)
    return found


def _converted(one: ProcessInput, text: str) -> Any:  # noqa: ANN401 - any JSON
    kind = one.schema.get("type")
    if kind == "boolean" and text in (_TRUE, _FALSE):
        return text == _TRUE
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    return text
