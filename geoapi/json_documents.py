# SPDX-License-Identifier: GPL-2.0-or-later
"""Check JSON documents against schemas: one problem for each fault, each with its JSON pointer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from geoapi.codes import code_list
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.messages import data_folder
from geoapi.types import JsonObject

# Far above what a document needs, below where JSON writers and recursion give up.
_MAX_DEPTH = 64
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def read_schema(name: str) -> JsonObject:
    """Read ``data/schemas/NAME.json`` with the codes of each list written in as ``enum``."""
    path = data_folder() / "schemas" / f"{name}.json"
    document: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    _write_codes(document)
    return document


def _write_codes(node: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        if "x-codes" in node:
            codes: list[str | None] = list(code_list(node["x-codes"]).codes)
            node["enum"] = [*codes, None] if "null" in node["type"] else codes
        for value in node.values():
            _write_codes(value)
    elif isinstance(node, list):
        for value in node:
            _write_codes(value)


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """Match as ECMA-262 does: there ``$`` never stands before a line break at the end."""
    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def make_validator(schema: JsonObject) -> Validator:
    """Return a validator of a schema, with formats checked and patterns read as ECMA-262 does."""
    kind = extend(Draft202012Validator, {"pattern": _pattern})
    return kind(schema, format_checker=FormatChecker())


def faults(validator: Validator, document: Any) -> Iterator[Problem]:  # noqa: ANN401 - any JSON
    """Name what a schema finds wrong with a document, each fault once."""
    yield from _schema_problems(_leaves(validator.iter_errors(document)))


def refuse_unkeepable(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Refuse JSON that can't be kept, before anything else walks through it.

    Raises:
        InvalidDocumentError: nested too deeply, a NUL, half a character, or no finite number.
    """
    problem = unkeepable(value)
    if problem is not None:
        raise InvalidDocumentError("document.invalid", problems=(problem,))


def unkeepable(document: Any) -> Problem | None:  # noqa: ANN401 - any JSON
    """Find what PostgreSQL or a JSON writer can't keep; a loop, for depth is part of it."""
    waiting = [(document, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            return Problem("document.too_deep", params={"most": _MAX_DEPTH})
        if isinstance(value, str) and "\0" in value:
            return Problem("document.nul_character", pointer)
        if not _is_writable(value):
            return Problem("document.other", pointer, params={"wanted": "JSON"})
        if isinstance(value, dict):
            waiting += [(v, f"{pointer}/{_escape(n)}", depth + 1) for n, v in value.items()]
            waiting += [(name, pointer, depth + 1) for name in value]
        elif isinstance(value, list):
            waiting += [(v, f"{pointer}/{i}", depth + 1) for i, v in enumerate(value)]
    return None


def _is_writable(value: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.isascii() or not _HALF_CHARACTER.search(value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, float) or math.isfinite(value)


def _leaves(found: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Descend into oneOf, where the schema's own message says nothing useful."""
    for error in found:
        nested = [
            e for e in (error.context or ()) if e.validator not in {"const", "type"} or e.path
        ]
        if error.validator == "oneOf" and nested:
            yield from _leaves(nested)
        else:
            yield error


def _schema_problems(found: Iterable[ValidationError]) -> Iterator[Problem]:
    """Name each problem once; the validator repeats the whole list for each missing member."""
    said: set[tuple[str, str]] = set()
    for error in found:
        for problem in _problems_of(error):
            if (problem.message_id, problem.pointer) not in said:
                said.add((problem.message_id, problem.pointer))
                yield problem


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    pointer = "".join(f"/{_escape(str(part))}" for part in error.absolute_path)
    validator = str(error.validator)
    if validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                params = {"name": name}
                yield Problem("document.required", f"{pointer}/{_escape(name)}", params=params)
        return
    known = {
        "type", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
        "maxItems", "minItems", "oneOf", "const",
    }  # fmt: skip
    name = validator if validator in known else "other"
    yield Problem(f"document.{name}", pointer, params={"wanted": _shown(error.validator_value)})


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return ", ".join("null" if item is None else str(item) for item in value[:60])
    return str(value)[:200]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def read_only_faults(
    names: frozenset[str], properties: JsonObject, current: Mapping[str, Any]
) -> Iterator[Problem]:
    """Name the members that only the server sets and that a client would change.

    Args:
        names: of those members.
        properties: as sent.
        current: as stored; repeating it is no fault.
    """
    for name in sorted(names & properties.keys()):
        if properties[name] is not None and properties[name] != current.get(name):
            yield Problem("document.read_only", f"/properties/{name}", params={"name": name})


def apply_merge_patch(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Apply a JSON merge patch; null removes a member.

    Source: RFC 7396, section 2.

    >>> apply_merge_patch({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 9}})
    {'b': {'c': 9, 'd': 3}}
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = apply_merge_patch(merged.get(name), value)
    return merged
