"""One call's way out: its deadline, the gate before its first byte, and the connection that obeys both."""

import socket
import ssl
from collections.abc import Iterable

import httpcore

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.resolving import Resolver
from core.domain.answer import NotSent
from ports.clock import Clock
from ports.connector import Gate

CHUNK_BYTES = 16 * 1024


class GateClosed(Exception):
    """The gate said no; nothing was sent."""

    def __init__(self, answer: NotSent) -> None:
        """Keep what the gate said."""
        super().__init__(answer.hold.value)
        self.answer = answer


class Passage:
    """What one call may still do, by this process's own monotonic clock."""

    def __init__(self, clock: Clock, *, timeout_ms: int, connect_ms: int, gate: Gate | None) -> None:
        """Begin counting."""
        begun_ms = clock.monotonic_ms()
        self._clock = clock
        self._end_ms = begun_ms + timeout_ms
        self._connect_end_ms = begun_ms + min(connect_ms, timeout_ms)
        self._gate = gate
        self.has_begun = False

    def left_s(self) -> float:
        """Return the seconds left, more than none; TimeoutError when there are none."""
        return self._until(self._end_ms)

    def connect_left_s(self) -> float:
        """Return the seconds left to be connected; TimeoutError when there are none."""
        return self._until(self._connect_end_ms)

    def begin(self) -> None:
        """Ask the gate, once, and note that from here on a byte may have left.

        Raises:
            GateClosed: the call must not start.
            TimeoutError: asking took the time that was left.
        """
        if self.has_begun:
            return
        closed = None if self._gate is None else self._gate.closed()
        if closed is not None:
            raise GateClosed(closed)
        self.left_s()
        self.has_begun = True

    def _until(self, end_ms: int) -> float:
        left_ms = end_ms - self._clock.monotonic_ms()
        if left_ms <= 0:
            raise TimeoutError("The time is over.")
        return left_ms / 1000


class Line(httpcore.NetworkStream):
    """A TCP or TLS connection, each wait of which is the time that is left.

    httpcore's own timeouts count anew for every read and write, so a peer that drips a byte at a time outlasts them.
    """

    def __init__(self, sock: socket.socket, passage: Passage) -> None:
        """Keep an open connection."""
        self._sock = sock
        self._passage = passage

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        try:
            self._sock.settimeout(self._passage.left_s())
            return self._sock.recv(max_bytes)
        except TimeoutError as late:
            raise httpcore.ReadTimeout from late
        except OSError as fault:
            raise httpcore.ReadError from fault

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        try:
            self._passage.begin()
            for start in range(0, len(buffer), CHUNK_BYTES):
                self._send(buffer[start : start + CHUNK_BYTES])
        except TimeoutError as late:
            raise httpcore.WriteTimeout from late
        except OSError as fault:
            raise httpcore.WriteError from fault

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._passage.connect_left_s())
            return Line(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname), self._passage)
        except TimeoutError as late:
            self.close()
            raise httpcore.ConnectTimeout from late
        except OSError as fault:
            self.close()
            raise httpcore.ConnectError from fault

    def get_extra_info(self, info: str) -> object:
        return self._sock if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket) else None

    def _send(self, chunk: bytes) -> None:
        while chunk:
            self._sock.settimeout(self._passage.left_s())
            chunk = chunk[self._sock.send(chunk) :]


class Dialer(httpcore.NetworkBackend):
    """Opens the one connection of a call."""

    def __init__(self, passage: Passage, resolver: Resolver, endpoint: Endpoint) -> None:
        """Keep the bounds, and who says which addresses may be contacted."""
        self._passage = passage
        self._resolver = resolver
        self._endpoint = endpoint

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        del timeout, local_address, socket_options  # httpcore's signature, none of its wishes
        try:
            return Line(self._connected(host, port), self._passage)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout from late
        except OSError as fault:
            raise httpcore.ConnectError from fault

    def _connected(self, host: str, port: int) -> socket.socket:
        found = self._resolver.addresses(host, port, self._passage.connect_left_s())
        # The connection is made to the very address that was judged; a second look at the name could see another.
        addresses = [address for address in found if self._endpoint.may_contact(address)]
        fault: OSError = ConnectionError("The name leads to no address that may be contacted.")
        for place, address in enumerate(addresses):
            # A dead address gets its share of the time, so that the next one is tried too.
            share_s = self._passage.connect_left_s() / (len(addresses) - place)
            try:
                sock = socket.create_connection((address, port), share_s)
            except OSError as refused:
                fault = refused
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        raise fault
