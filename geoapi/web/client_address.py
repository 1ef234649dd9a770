# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a request really came from: forwarded headers count only from the proxies we trust."""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping, Sequence
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def networks(trusted_proxies: Sequence[str]) -> tuple[Network, ...]:
    """Read the networks of the setting ``trusted_proxies``, which was checked before."""
    return tuple(ipaddress.ip_network(proxy) for proxy in trusted_proxies)


def _address(text: str) -> Address | None:
    """Read an address as it stands in X-Forwarded-For, with or without port and brackets."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_trusted(address: Address | None, trusted: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in trusted)


def is_within(text: str, among: Sequence[Network]) -> bool:
    """Say whether an address lies in one of some networks."""
    return _is_trusted(_address(text), among)


def _header_parts(scope: MutableMapping[str, Any], name: bytes) -> list[str]:
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return [part for value in values for part in value.split(",")]


def apply_forwarded(scope: MutableMapping[str, Any], trusted: Sequence[Network]) -> None:
    """Put the real client and scheme into an ASGI scope.

    X-Forwarded-For is read from right to left, as long as who stands there is trusted: what a
    client wrote itself stands further left and never counts.  Doing it twice changes nothing.

    Args:
        scope: of an HTTP or WebSocket connection; ``client`` and ``scheme`` are set.
        trusted: networks of the proxies.
    """
    client = scope.get("client")
    if not trusted or not client or not _is_trusted(_address(client[0]), trusted):
        return
    found = _address(client[0])
    for part in reversed(_header_parts(scope, b"x-forwarded-for")):
        if not _is_trusted(found, trusted):
            break
        nearer = _address(part)
        if nearer is None:
            break
        found = nearer
    scope["client"] = (str(found), 0)
    # the proxy next to us is the last to write; some keep what was there before it
    schemes = _header_parts(scope, b"x-forwarded-proto")
    scheme = schemes[-1].strip().lower() if schemes else ""
    if scheme in {"http", "https"}:
        is_websocket = scope["type"] == "websocket"
        secure = "wss" if is_websocket else "https"
        plain = "ws" if is_websocket else "http"
        scope["scheme"] = secure if scheme == "https" else plain
