# SPDX-License-Identifier: GPL-2.0-or-later
"""What one reader could see of an item, and from when until when.

At any instant an insider sees the working revision, everybody else the last published one, as a
read of the item does today.  An item that was moved out of a reader's scope is from then on what
the public sees of it, or gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from geoapi.store.mementos import Step


@dataclass(frozen=True)
class Version:
    """What a reader saw of an item for some time.

    Attributes:
        seq: number of the change that holds its document.
        revision: number of the revision.
        since: from when, UTC.
        until: until when; None for what is seen now.
        is_working: the working document; else the public one.
        is_gone: nothing was to be seen: deleted, withdrawn, out of reach or erased.
    """

    seq: int
    revision: int
    since: datetime
    until: datetime | None = None
    is_working: bool = False
    is_gone: bool = False


def versions(steps: Sequence[Step]) -> list[Version]:
    """Return what a reader saw, oldest first, without gaps from the first on.

    Changes of one instant leave the last of them; the clock of a change that waited for another
    is not turned back.

    Args:
        steps: changes of one item in the order of their commits.
    """
    found: list[Version] = []
    public: Step | None = None
    for step in steps:
        if step.public_effect:
            public = step
        since = max(step.at, found[-1].since) if found else step.at
        shown = _shown(step, public, since)
        if found and (_same(found[-1], shown) or (found[-1].is_gone and shown.is_gone)):
            continue
        if found and found[-1].since == since:
            found.pop()
        if found:
            found[-1] = replace(found[-1], until=since)
        if found or not shown.is_gone:
            found.append(shown)
    return found


def _shown(step: Step, public: Step | None, since: datetime) -> Version:
    if step.is_inside:
        is_gone = step.operation == "delete" or not step.has_document
        return Version(step.seq, step.revision, since, is_working=True, is_gone=is_gone)
    if public is None:
        return Version(step.seq, step.revision, since, is_gone=True)
    is_gone = public.public_effect == "delete" or not public.has_public
    return Version(public.seq, public.revision, since, is_gone=is_gone)


def _same(before: Version, after: Version) -> bool:
    return (before.seq, before.is_working) == (after.seq, after.is_working)


def version_at(found: Sequence[Version], instant: datetime) -> int | None:
    """Return the index of the version of an instant, None before the first.

    Args:
        found: of :func:`versions`.
        instant: aware.
    """
    begun = [index for index, version in enumerate(found) if version.since <= instant]
    return begun[-1] if begun else None
