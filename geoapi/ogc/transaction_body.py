# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the body of ``POST /transactions``: which actions on which items, under which conditions.

The envelope is that of OGC API - Features - Part 11 (draft 26-018): ``semantic``, ``transaction``,
and in each action ``action``, ``collection``, ``items``, ``feature``, ``properties``, ``filter``.
Our own are ``if-match``, ``reason``, ``patch`` (a JSON merge patch, RFC 7396, which the draft
allows) and the action ``transition``.  A filter names items by their ids and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.errors import InvalidDocumentError, Problem, ServicePointError, TooLargeError
from geoapi.json_documents import unkeepable
from geoapi.ogc.action_body import MAX_REASON_CHARACTERS, read_action
from geoapi.ogc.bodies import unknown_member
from geoapi.ogc.conditional import entity_tags
from geoapi.ogc.feature_bodies import check_feature, check_members, without_served_members
from geoapi.transactions import HTTP_VERBS, SEMANTICS, VERBS, Action, Semantic, Verb
from geoapi.types import JsonObject

TRANSACTION_TYPES = ("application/ogc-tx+json", "application/json")
_WORDS = frozenset({"id", "title", "description"})
_COMMON = _WORDS | {"action", "collection", "reason"}
_TARGET = frozenset({"filter", "filter-lang", "filter-crs", "if-match"})
_MEMBERS: dict[str, frozenset[str]] = {
    "insert": _COMMON | {"items"},
    "replace": _COMMON | _TARGET | {"feature"},
    "update": _COMMON | _TARGET | {"patch", "properties"},
    "delete": _COMMON | _TARGET,
    "transition": _COMMON | _TARGET | {"transition", "successor_id", "revision"},
}
_CHANGES = ("add", "modify", "delete")
_MOST_LABEL = 200


@dataclass(frozen=True)
class Envelope:
    """What a body asks for.

    Attributes:
        semantic: ``atomic`` when it says nothing.
        actions: one for each item.
    """

    semantic: Semantic
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Reading:
    """How the documents of a body are read.

    Attributes:
        to_crs84: brings a feature or patch from the CRS of the body to CRS84.
        is_strict: refuse what would otherwise be mended.
        most_actions: how many items one body may write.
    """

    to_crs84: Callable[[JsonObject], JsonObject]
    is_strict: bool
    most_actions: int


@dataclass
class _Parser:
    """Reads one body; problems of its form are collected, so that all are told at once."""

    reading: Reading
    problems: list[Problem] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def wrong(self, message_id: str, pointer: str, **params: Any) -> None:  # noqa: ANN401
        self.problems.append(Problem(message_id, pointer, params=params))


def read_envelope(document: JsonObject, reading: Reading) -> Envelope:
    """Read a transaction.

    Args:
        document: the JSON object of the body.
        reading: how its features are read.

    Raises:
        InvalidDocumentError: the form of the envelope or of one of its actions is wrong.  What is
            wrong with a feature is an error of its action.
        TooLargeError: more items than one transaction may write.
    """
    parser = _Parser(reading)
    for name in document:
        if name not in _WORDS | {"semantic", "transaction"}:
            parser.problems.append(unknown_member(name[:80]))
    semantic = document.get("semantic", "atomic")
    if semantic not in SEMANTICS:
        known = ", ".join(SEMANTICS)
        parser.wrong("transactions.semantic", "/semantic", known=known)
    given = document.get("transaction")
    if not isinstance(given, list) or not given:
        parser.wrong("transactions.no_actions", "/transaction")
    else:
        _check_count(given, reading.most_actions)
        for index, entry in enumerate(given):
            _read_action(parser, entry, index)
    if parser.problems:
        found = tuple(parser.problems)
        raise InvalidDocumentError("transactions.invalid", problems=found)
    return Envelope(semantic, tuple(parser.actions))


def _check_count(given: list[Any], most: int) -> None:
    """Refuse more items than one transaction may write, before anything is done for each."""
    count = sum(_count(entry) for entry in given)
    if count > most:
        params: dict[str, Any] = {"count": count, "most": most}
        problem = Problem("transactions.too_many", "/transaction", params=params)
        raise TooLargeError("transactions.too_many", problems=(problem,), **params)


def _count(entry: Any) -> int:  # noqa: ANN401 - any JSON
    if not isinstance(entry, dict):
        return 1
    if isinstance(entry.get("items"), list):
        return max(1, len(entry["items"]))
    return max(1, len(_ids(entry.get("filter")) or ()))


def _read_action(parser: _Parser, entry: Any, index: int) -> None:  # noqa: ANN401 - any JSON
    pointer = f"/transaction/{index}"
    if not isinstance(entry, dict):
        parser.wrong("transactions.not_an_action", pointer)
        return
    verb, name = entry.get("action"), entry.get("collection")
    if not isinstance(verb, str) or verb not in VERBS:
        parser.wrong("transactions.unknown_action", f"{pointer}/action", known=", ".join(VERBS))
        return
    before = len(parser.problems)
    allowed = _MEMBERS[verb]
    parser.problems += [unknown_member(n[:80], pointer) for n in entry if n not in allowed]
    _check_words(parser, entry, pointer)
    collection = COLLECTIONS.get(name) if isinstance(name, str) else None
    if collection is None:
        known = ", ".join(c.id for c in COLLECTIONS.values() if c.verbs)
        parser.wrong("transactions.unknown_collection", f"{pointer}/collection", known=known)
        return
    start = Action(
        _verb(verb), collection, "", pointer, index,
        label=_text(entry.get("id")), reason=_text(entry.get("reason")),
        error=_refused(verb, collection),
    )  # fmt: skip
    found = list(_ACTIONS[verb](parser, start, entry))
    if len(parser.problems) == before:
        parser.actions += found


def _verb(word: str) -> Verb:
    return next(verb for verb in VERBS if verb == word)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return value if isinstance(value, str) else ""


def _check_words(parser: _Parser, entry: JsonObject, pointer: str) -> None:
    """Check the members that hold words, and that nothing unkeepable stands beside documents."""
    for name, most in (("id", _MOST_LABEL), ("reason", MAX_REASON_CHARACTERS)):
        value = entry.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > most):
            parser.wrong("document.maxLength", f"{pointer}/{name}", wanted=most)
    documents = {"items", "feature", "patch", "properties"}
    broken = unkeepable({n: value for n, value in entry.items() if n not in documents})
    if broken is not None:
        parser.wrong(broken.message_id, pointer + broken.pointer, **broken.params)


def _refused(verb: str, collection: Collection) -> ServicePointError | None:
    """Return the error of an action that a collection does not know."""
    if verb == "transition":
        if collection.id == SERVICE_POINTS.id:
            return None
    elif HTTP_VERBS[verb] in collection.verbs:
        return None
    params: dict[str, Any] = {"action": verb, "collection": collection.id}
    problem = Problem("transactions.not_here", params=params)
    return InvalidDocumentError("transactions.not_here", problems=(problem,), **params)


def _inserts(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    items, pointer = entry.get("items"), f"{start.pointer}/items"
    if not isinstance(items, list) or not items:
        parser.wrong("transactions.no_items", pointer)
        return
    for number, feature in enumerate(items):
        own = f"{pointer}/{number}"
        if not isinstance(feature, dict):
            parser.wrong("document.not_an_object", own)
            continue
        given = feature.get("id")
        new_id = given if isinstance(given, str) and given else str(uuid.uuid4())
        named = {**feature, "id": new_id} if given in (None, "") else feature
        action = _but(start, item_id=new_id.lower(), pointer=own, item=number)
        yield _with_document(parser, action, named, is_feature=True)


def _replaces(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    feature, pointer = entry.get("feature"), f"{start.pointer}/feature"
    if not isinstance(feature, dict):
        parser.wrong("document.required", pointer, name="feature")
        feature = {}
    for action in _targets(parser, start, entry):
        own = without_served_members(feature)
        yield _with_document(parser, _but(action, pointer=pointer), own, is_feature=True)


def _updates(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    patch, changes = entry.get("patch"), entry.get("properties")
    name = "patch" if "patch" in entry else "properties"
    pointer = f"{start.pointer}/{name}"
    if ("patch" in entry) == ("properties" in entry):
        parser.wrong("transactions.patch_or_properties", start.pointer)
    if name == "properties" and "properties" in entry:
        patch = _patch_of(parser, changes, pointer)
    if "patch" in entry and not isinstance(patch, dict):
        parser.wrong("document.not_an_object", pointer)
    own = without_served_members(patch) if isinstance(patch, dict) else {}
    for action in _targets(parser, start, entry):
        yield _with_document(parser, _but(action, pointer=pointer), own, is_feature=False)


def _patch_of(parser: _Parser, changes: Any, pointer: str) -> JsonObject:  # noqa: ANN401
    """Write the draft's lists of names and values as a merge patch."""
    patch: JsonObject = {}
    if not isinstance(changes, dict) or not changes or set(changes) - set(_CHANGES):
        parser.wrong("transactions.changes", pointer)
        return patch
    for part in _CHANGES:
        pairs = changes.get(part, [])
        if not isinstance(pairs, list):
            parser.wrong("transactions.changes", f"{pointer}/{part}")
            continue
        for number, pair in enumerate(pairs):
            named = {"name": pair, "value": None} if part == "delete" else pair
            if not isinstance(named, dict) or not isinstance(named.get("name"), str):
                parser.wrong("transactions.changes", f"{pointer}/{part}/{number}")
            elif named["name"] == "geometry":
                patch["geometry"] = named.get("value")
            else:
                patch.setdefault("properties", {})[named["name"]] = named.get("value")
    return patch


def _deletes(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    yield from _targets(parser, start, entry)


def _transitions(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    names = {"transition": "action", "reason": "reason"}
    body = {
        names.get(name, name): entry[name]
        for name in ("transition", "reason", "successor_id", "revision")
        if name in entry
    }
    try:
        asked = read_action(body)
    except InvalidDocumentError as error:
        back = {"/action": "/transition"}
        for problem in error.problems:
            where = start.pointer + back.get(problem.pointer, problem.pointer)
            parser.wrong(problem.message_id, where, **problem.params)
        return
    for action in _targets(parser, start, entry):
        yield _but(action, step=asked.action, reason=asked.reason, asked=asked.asked)


_ACTIONS: dict[str, Callable[[_Parser, Action, JsonObject], Iterator[Action]]] = {
    "insert": _inserts,
    "replace": _replaces,
    "update": _updates,
    "delete": _deletes,
    "transition": _transitions,
}


def _but(action: Action, **parts: Any) -> Action:  # noqa: ANN401 - parts of an action
    return Action(**{**vars(action), **parts})


def _targets(parser: _Parser, start: Action, entry: JsonObject) -> Iterator[Action]:
    """Yield the action for each item that its filter names."""
    ids = _ids(entry.get("filter"))
    if ids is None or entry.get("filter-lang", "cql2-json") != "cql2-json":
        parser.wrong("transactions.filter", f"{start.pointer}/filter")
        return
    if_match = entry.get("if-match")
    tags = entity_tags(if_match, allow_weak=False) if isinstance(if_match, str) else None
    if if_match is not None and not tags:
        parser.wrong("transactions.if_match", f"{start.pointer}/if-match")
        return
    for number, item_id in enumerate(ids):
        yield _but(start, item_id=item_id, item=number, if_match=tags)


def _ids(given: Any) -> list[str] | None:  # noqa: ANN401 - any JSON
    """Return the ids that a filter in CQL2 JSON names; None when it does anything else.

    >>> _ids({"op": "=", "args": [{"property": "id"}, "a"]})
    ['a']
    >>> _ids({"op": "in", "args": [{"property": "id"}, ["a", "b"]]})
    ['a', 'b']
    """
    args = given.get("args") if isinstance(given, dict) else None
    if not isinstance(args, list) or len(args) != 2 or args[0] != {"property": "id"}:  # noqa: PLR2004
        return None
    named = args[1] if given.get("op") == "in" else [args[1]] if given.get("op") == "=" else None
    if not isinstance(named, list) or not named or not all(isinstance(n, str) for n in named):
        return None
    return named


def _with_document(
    parser: _Parser, action: Action, document: JsonObject, *, is_feature: bool
) -> Action:
    """Give an action its document in CRS84; what is wrong with it is the action's own error."""
    if action.error is not None:
        return action
    check = check_feature if is_feature else check_members
    try:
        check(action.collection, document, is_strict=parser.reading.is_strict)
        return _but(action, document=parser.reading.to_crs84(document))
    except ServicePointError as error:
        return _but(action, error=error)
