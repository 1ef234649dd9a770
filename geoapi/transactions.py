# SPDX-License-Identifier: GPL-2.0-or-later
"""Many writes in one: atomic, all or nothing, or batch, each action for itself.

Each action goes through the very functions that a single request goes through.  Both semantics
are one transaction of the store: an action that fails takes back its own writes alone, and the
answer for a repeated request is stored with the rest.  Whoever is killed in the middle has
stored nothing, and the same request sent again does everything once.

Source: OGC API - Features - Part 11 (draft 26-018).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from geoapi.collections import SERVICE_POINTS, Collection
from geoapi.errors import DataUnavailableError, InvalidDocumentError, ServicePointError
from geoapi.record_kinds import KINDS
from geoapi.revisions import Item, WriteContext, short_code
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store.joined import JoinedStore
from geoapi.store.read_ahead import Ahead, read_ahead
from geoapi.transitions import Asked, take_action
from geoapi.types import JsonObject
from geoapi.writers import Plan, writer_of

Verb = Literal["insert", "replace", "update", "delete", "transition"]
Semantic = Literal["atomic", "batch"]
VERBS: tuple[Verb, ...] = ("insert", "replace", "update", "delete", "transition")
SEMANTICS: tuple[Semantic, ...] = ("atomic", "batch")
# The verb of a single request that an action stands for.
HTTP_VERBS = {"insert": "POST", "replace": "PUT", "update": "PATCH", "delete": "DELETE"}
# Actions that share a savepoint while all goes well.
_MOST_TOGETHER = 64
# What a database can be asked for without a thought; anything else no item has as its id.
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAMED = ("point_id", "parent_id")


@dataclass(frozen=True)
class Action:
    """One thing to do to one item.

    Attributes:
        verb: what to do.
        collection: of the item.
        item_id: of the item; a new one has it in its document as well.
        pointer: JSON pointer of the document, or of the action where there is none.
        index: number of the action in the request.
        item: number of the item in its action.
        label: the client's own name for the action, '' for none.
        document: feature or merge patch.
        if_match: entity tags without quotes, None when no condition was given.
        reason: '' for that of the whole request.
        step: of the workflow, for a transition.
        asked: what the step needs.
        error: what is wrong with it before anything is tried, None for nothing.
    """

    verb: Verb
    collection: Collection
    item_id: str
    pointer: str = ""
    index: int = 0
    item: int = 0
    label: str = ""
    document: JsonObject = field(default_factory=dict)
    if_match: tuple[str, ...] | None = None
    reason: str = ""
    step: str = ""
    asked: Asked = field(default_factory=Asked)
    error: ServicePointError | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an action.

    Attributes:
        action: that was asked for.
        item: as it is now; None for a deleted one, and where nothing was done.
        error: why nothing was done, None when it was.
    """

    action: Action
    item: Item | None = None
    error: ServicePointError | None = None


class FailedTransactionError(InvalidDocumentError):
    """An atomic transaction of which something could not be done; nothing is stored.

    Args:
        outcomes: of all actions; those without an error would have been possible.
    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of each action."""
        failed = sum(outcome.error is not None for outcome in outcomes)
        super().__init__("transactions.failed", failed=failed, actions=len(outcomes))
        self.outcomes = tuple(outcomes)


@dataclass(frozen=True)
class Order:
    """What a client wants done.

    Attributes:
        semantic: ``atomic`` or ``batch``.
        actions: in the order in which they are done.
        budget_s: seconds after which the whole is given up.
    """

    semantic: Semantic
    actions: tuple[Action, ...]
    budget_s: float


type Receipt = Callable[[Transaction, list[Outcome]], None]
type _Attempt = tuple[Action, Plan | ServicePointError | None]


def run(
    site: Site, context: WriteContext, order: Order, receipt: Receipt | None = None
) -> list[Outcome]:
    """Do the actions of a transaction in their order, and tell what became of each.

    Args:
        site: the running site.
        context: who writes and why; each action has its own condition.
        order: what to do.
        receipt: stores the answer for a repeated request, in the same transaction.

    Raises:
        FailedTransactionError: atomic, and at least one action can't be done; nothing is stored.
        DataUnavailableError: it takes too long, or the store is away; nothing is stored.
    """
    attempts = [(action, _planned(context, action)) for action in order.actions]

    def write(transaction: Transaction) -> list[Outcome]:
        # counted from here, so that waiting for other writers costs nothing
        ends_at = time.monotonic() + order.budget_s
        read_ahead(transaction, _ahead(order.actions))
        joined = JoinedStore(site.store, transaction)
        runner = _Runner(replace(site, store=joined), joined, context, ends_at)
        outcomes = list(runner.run(attempts))
        if order.semantic == "atomic" and any(outcome.error for outcome in outcomes):
            raise FailedTransactionError(outcomes)
        if receipt is not None:
            receipt(transaction, outcomes)
        return outcomes

    return site.store.write(write)


def _planned(context: WriteContext, action: Action) -> Plan | ServicePointError | None:
    """Check a new item before anything is locked; other actions need the store for that."""
    if action.error is not None or action.verb != "insert":
        return action.error
    try:
        writer = writer_of(action.collection)
        return writer.planned_create(_context_of(context, action), action.document)
    except ServicePointError as error:
        return error


def _context_of(context: WriteContext, action: Action) -> WriteContext:
    reason = action.reason or context.reason
    return replace(context, if_match=action.if_match, reason=reason, receipt=None)


@dataclass(frozen=True)
class _Runner:
    """Does actions inside an open transaction."""

    site: Site
    joined: JoinedStore
    context: WriteContext
    ends_at: float

    def run(self, attempts: Sequence[_Attempt]) -> Iterator[Outcome]:
        """Do all, many in one savepoint while they succeed, each in its own where they don't."""
        done, size = 0, _MOST_TOGETHER
        while done < len(attempts):
            some = attempts[done : done + size]
            outcomes = None
            if len(some) > 1:
                outcomes = self.joined.together(partial(self._do_all, some))
            if outcomes is None:
                outcomes = self._do_all(some)
                size = max(1, size // 4)
            else:
                size = min(_MOST_TOGETHER, size * 2)
            yield from outcomes
            done += len(some)

    def _do_all(self, attempts: Sequence[_Attempt]) -> list[Outcome]:
        return [self._do(attempt) for attempt in attempts]

    def _do(self, attempt: _Attempt) -> Outcome:
        if time.monotonic() > self.ends_at:
            raise DataUnavailableError("transactions.too_slow")
        action, plan = attempt
        if isinstance(plan, ServicePointError):
            return Outcome(action, error=plan)
        try:
            return Outcome(action, self._written(action, plan))
        except DataUnavailableError:
            raise  # the store's trouble is not the action's
        except ServicePointError as error:
            return Outcome(action, error=error)

    def _written(self, action: Action, plan: Plan | None) -> Item | None:
        if plan is not None:
            return self.site.store.write(plan)
        context, writer = _context_of(self.context, action), writer_of(action.collection)
        if action.verb == "replace":
            return writer.replace(self.site, context, action.item_id, action.document)
        if action.verb == "update":
            return writer.update(self.site, context, action.item_id, action.document)
        if action.verb == "transition":
            return take_action(self.site, context, action.item_id, action.step, action.asked)
        writer.delete(self.site, context, action.item_id)
        return None


def _ahead(actions: Sequence[Action]) -> Ahead:
    """Name the rows that actions will ask for, as far as they can be seen from outside."""
    points: set[str] = set()
    agencies: set[str] = set()
    records: dict[tuple[str, str], set[str]] = {}
    created: dict[str, set[str]] = {}
    for action in actions:
        if action.error is not None:
            continue
        named = _names(action.document)
        points |= {named[name] for name in _NAMED if name in named}
        agencies |= {named["agency_id"]} if "agency_id" in named else set()
        points |= _plain(action.asked.successor_id)
        ids = _plain(action.item_id)
        if action.collection.id == SERVICE_POINTS.id:
            points |= ids
        else:
            kind = KINDS[action.collection.id]
            records.setdefault((kind.collection.table, kind.main_view), set()).update(ids)
        if action.verb == "insert":
            created.setdefault(action.collection.id, set()).update(ids)
    new_points = created.get(SERVICE_POINTS.id, set())
    return Ahead(
        frozenset(points),
        {where: frozenset(ids) for where, ids in records.items()},
        frozenset(agencies),
        {collection: frozenset(ids) for collection, ids in created.items()},
        frozenset(short_code(item_id) for item_id in new_points),
    )


def _plain(value: Any) -> set[str]:  # noqa: ANN401 - any JSON
    """Return an id as the store keeps it, when it can be one."""
    is_plain = isinstance(value, str) and _PLAIN_ID.fullmatch(value) is not None
    return {value, value.lower()} if is_plain else set()


def _names(document: JsonObject) -> dict[str, str]:
    """Return what a document names: other points and its agency."""
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return {}
    found = {name: str(properties.get(name)) for name in (*_NAMED, "agency_id")}
    return {name: value for name, value in found.items() if _plain(value)}
