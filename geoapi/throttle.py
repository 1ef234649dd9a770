# SPDX-License-Identifier: GPL-2.0-or-later
"""The throttle of logins: so many tries of one name or one network, then a growing wait.

A try is counted *before* its password is looked at and taken back when it was right, so that
many tries at the same moment gain nothing.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import replace
from datetime import datetime, timedelta

from geoapi.errors import TooManyRequestsError
from geoapi.managers import today
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store.credentials import Throttled, hold_throttle, purge_throttle, put_throttle

WINDOW = timedelta(minutes=15)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
_KEEP = timedelta(days=2)


def network_of(address: str) -> str:
    """Return the network that counts as one client: the address itself, or the /64 of IPv6.

    >>> network_of("2001:db8:1:2:3::9"), network_of("::ffff:192.0.2.7"), network_of("")
    ('2001:db8:1:2::/64', '192.0.2.7', 'unknown')
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def throttle_keys(site: Site, username: str, address: str) -> tuple[str, str]:
    """Return the keys under which the tries of a name and of a client's network are counted.

    Neither can be read back: a signature stands for the name, because people type passwords
    there, and one of the day for the network.
    """
    day = today(site.clock()).isoformat()
    return (
        "name:" + site.keys.sign("throttle-name", username.encode("utf-8", "replace")),
        "net:" + site.keys.sign(f"throttle-net:{day}", network_of(address).encode()),
    )


def count_try(site: Site, keys: tuple[str, ...]) -> None:
    """Count a try under each key, unless one of them has to wait.

    Raises:
        TooManyRequestsError: wait ``retry_after_s`` seconds; the try was not counted.
    """
    allowed = site.settings.login_attempts

    def write(transaction: Transaction) -> float:
        purge_throttle(transaction, _KEEP)
        held = hold_throttle(transaction, keys)
        wait_s = max(_wait_s(row, transaction.now) for row in held)
        if wait_s <= 0:
            for row in held:
                put_throttle(transaction, _counted(row, transaction.now, allowed))
        return wait_s

    wait_s = site.store.write(write)
    if wait_s > 0:
        seconds = math.ceil(wait_s)
        raise TooManyRequestsError(
            "auth.too_many_tries", retry_after_s=seconds, minutes=math.ceil(seconds / 60)
        )


def forgive(transaction: Transaction, site: Site, keys: tuple[str, ...]) -> None:
    """Take a counted try back because its password was right; the name starts from nothing."""
    for row in hold_throttle(transaction, keys):
        is_name = row.key.startswith("name:")
        failures = 0 if is_name else max(0, row.failures - 1)
        locked = row.locked_until if failures >= site.settings.login_attempts else None
        put_throttle(transaction, replace(row, failures=failures, locked_until=locked))


def _wait_s(row: Throttled, now: datetime) -> float:
    return 0.0 if row.locked_until is None else (row.locked_until - now).total_seconds()


def _counted(row: Throttled, now: datetime, allowed: int) -> Throttled:
    last = max(row.first_failure_at, row.locked_until or row.first_failure_at)
    if row.failures == 0 or now - last > WINDOW:
        row = Throttled(row.key, 0, now, None)
    failures = row.failures + 1
    if failures < allowed:
        return replace(row, failures=failures)
    doublings = min(failures - allowed, 10)
    wait = min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return replace(row, failures=failures, locked_until=now + wait)
