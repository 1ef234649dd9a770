# SPDX-License-Identifier: GPL-2.0-or-later
"""A light HTTP client over one kept connection; what it costs itself is not measured."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from urllib.parse import quote

_TIMEOUT_S = 120.0
_SAFE = "/?&=%,:+-_.~()'*"


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        path: with its query.
        headers: besides Host.
        method: of HTTP.
        body: sent when it is not empty.
    """

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes to send."""
        headers = {"Host": "127.0.0.1", "Accept": "*/*", **self.headers}
        if self.body:
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {quote(self.path, safe=_SAFE)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One connection to a loopback port, opened anew when the server closed it."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port
        self._socket: socket.socket | None = None
        self._reader: BufferedReader | None = None

    def send(self, request: Request) -> Answer:
        """Send a request and read the whole answer."""
        return self.send_bytes(request.encode(), head=request.method == "HEAD")

    def send_bytes(self, data: bytes, *, head: bool = False) -> Answer:
        """Send encoded bytes; a connection that the server closed while idle is opened again.

        Raises:
            ConnectionError: the server closed a new one as well.
        """
        is_new = self._socket is None
        try:
            return self._exchange(data, head)
        except (ConnectionError, EOFError) as error:
            self.close()
            if is_new:
                raise ConnectionError("the server closed the connection") from error
            return self._exchange(data, head)

    def _exchange(self, data: bytes, head: bool) -> Answer:
        if self._socket is None or self._reader is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), _TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reader = self._socket.makefile("rb")
        self._socket.sendall(data)
        answer = _read(self._reader, head)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._reader is not None:
            self._reader.close()
        if self._socket is not None:
            self._socket.close()
        self._socket = self._reader = None


def _read(reader: BufferedReader, head: bool) -> Answer:
    first = reader.readline()
    if not first:
        raise EOFError
    status = int(first.split(b" ", 2)[1])
    headers: dict[str, str] = {}
    while line := reader.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    if head or status in (204, 304):
        return Answer(status, headers, b"")
    if "chunked" in headers.get("transfer-encoding", ""):
        return Answer(status, headers, _chunks(reader))
    if "content-length" in headers:
        return Answer(status, headers, reader.read(int(headers["content-length"])))
    return Answer(status, headers | {"connection": "close"}, reader.read())


def _chunks(reader: BufferedReader) -> bytes:
    parts = []
    while size := int(reader.readline().split(b";")[0], 16):
        parts.append(reader.read(size))
        reader.readline()
    while reader.readline().strip():
        pass
    return b"".join(parts)
