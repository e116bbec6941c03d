"""One bounded exchange over HTTP: what every connector sends its one request with."""

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import field
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore

from adapters.connectors.authorizing import NotReadyError, Outgoing
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.passage import Dialer, GateClosed, Passage
from adapters.connectors.resolving import Ask, Resolver, ask_system
from adapters.connectors.showing import shown
from core.domain.answer import Cause, Hold, NotSent, Unknown
from core.domain.making import dataclass
from ports.clock import Clock
from ports.connector import Gate

MAX_RETRY_AFTER_MS = 3_600_000
UNAUTHORIZED = 401
_SECONDS_DIGITS = 9

Enough = Callable[[str, bytes], bool]
"""Given the content type and the next piece of a body: whether the rest need not be waited for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one exchange.

    ``connect_ms``: for resolving, connecting and TLS together. Keep it under ``Timing.call_slack_ms``: a call whose
    connection took longer finds its window closed. ``response_bytes``: for the body of the response.
    """

    connect_ms: int = 4_000
    response_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that came whole, or as far as it was wanted. ``retry_after_ms`` is 0 for none."""

    status: int
    content_type: str
    retry_after_ms: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    """By their names in lower case."""


@cache
def system_trust() -> ssl.SSLContext:
    """Return the system's certificates, read once: all endpoints trust the same ones."""
    return ssl.create_default_context()


class Exchange:
    """Sends requests to one endpoint. Built once; holds no connection and no state of a call.

    Each call opens a connection of its own, on purpose: on a pooled one that the server has just dropped, a write
    that was never read looks like a write whose reply was lost, and a provable NotSent becomes an Unknown.
    It follows no redirect, repeats nothing, asks for no compression, and reads no proxy from the environment.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        limits: Limits = Limits(),
        *,
        trust: ssl.SSLContext | None = None,
        ask: Ask = ask_system,
    ) -> None:
        """Keep the endpoint. ``trust`` replaces the system's certificates, ``ask`` its resolver."""
        # At DEBUG it writes down every header and bad line that comes, and these may quote what we sent.
        logging.getLogger("httpcore.http11").setLevel(logging.INFO)
        self.endpoint = endpoint
        self._clock = clock
        self._limits = limits
        is_tls = endpoint.url.scheme == b"https"
        self._trust = trust or (system_trust() if is_tls else None)
        self._resolver = Resolver(ask)

    def send(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        timeout_ms: int,
        gate: Gate | None = None,
        enough: Enough | None = None,
        method: str = "POST",
        target: str | None = None,
    ) -> Reply | NotSent | Unknown:
        """Send one request and read its response, within ``timeout_ms`` in all, or say how far it got.

        ``headers`` are ASCII. ``target`` is another path and query than the endpoint's own. The gate is asked when
        the connection stands, just before the first byte of the request. What fails before that byte is NotSent;
        what fails after it is Unknown.
        """
        passage = Passage(self._clock, timeout_ms=timeout_ms, connect_ms=self._limits.connect_ms, gate=gate)
        connection = httpcore.HTTPConnection(
            self.endpoint.url.origin,
            ssl_context=self._trust,
            retries=0,
            network_backend=Dialer(passage, self._resolver, self.endpoint),
        )
        try:
            url = self.endpoint.at(target)
            sent = self._signed(Outgoing(method, _text(url), {**headers, "User-Agent": "actonce"}, body), passage)
            with (
                connection,
                connection.stream(method, url, headers=[*sent.items()], content=body) as response,
            ):
                reply = self._read(response, enough)
                if isinstance(reply, Reply) and reply.status == UNAUTHORIZED:
                    self.endpoint.auth.rejected()
                return reply
        except GateClosed as closed:
            return closed.answer
        except NotReadyError as fault:
            return NotSent(Hold.NOT_READY, shown(self.endpoint.auth.redact(f"Nothing was sent: {fault}")))
        except (ValueError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as fault:
            return self._failed(passage, fault)

    def _signed(self, outgoing: Outgoing, passage: Passage) -> Mapping[str, str]:
        """Return the headers with those that say who calls; getting them takes of the time to be connected."""
        try:
            wait_ms = int(passage.connect_left_s() * 1000)
        except TimeoutError as late:
            raise NotReadyError("the time is over") from late
        return {**outgoing.headers, **self.endpoint.auth.headers(outgoing, wait_ms=wait_ms)}

    def _read(self, response: httpcore.Response, enough: Enough | None) -> Reply | Unknown:
        headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        content_type = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        body = bytearray()
        for piece in response.iter_stream():
            body += piece
            if len(body) > self._limits.response_bytes:
                return Unknown(f"The response is over {self._limits.response_bytes} bytes.")
            if enough is not None and enough(content_type, piece):
                break
        retry_after_ms = retry_after(headers.get(b"retry-after", ""), self._clock.now_ms())
        plain = {name.decode("latin-1"): value for name, value in headers.items()}
        return Reply(response.status, content_type, retry_after_ms, bytes(body), plain)

    def _failed(self, passage: Passage, fault: Exception) -> NotSent | Unknown:
        cause = fault.__cause__ if isinstance(fault.__cause__, OSError) else fault
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(fault).__name__
        detail = shown(self.endpoint.auth.redact(said))
        if not passage.has_begun:
            return NotSent(Hold.UNREACHABLE, f"Nothing was sent: {detail}")
        if isinstance(fault, httpcore.TimeoutException):
            return Unknown("The call was not answered in time.", timed_out=True, cause=Cause.TRANSPORT)
        return Unknown(f"The connection failed after the request was begun: {detail}", cause=Cause.TRANSPORT)


def _text(url: httpcore.URL) -> str:
    return b"".join([url.scheme, b"://", url.host, b":%d" % url.port if url.port else b"", url.target]).decode()


def retry_after(text: str, now_ms: int) -> int:
    """Return the wait that a Retry-After header asks for, at most an hour; 0 when it says nothing readable."""
    seconds = text.strip()
    whole, _, part = seconds.partition(".")
    if whole.isdecimal() and len(seconds) <= _SECONDS_DIGITS and (not part or part.isdecimal()):
        return min(int(float(seconds) * 1000), MAX_RETRY_AFTER_MS)
    try:
        until_ms = int(parsedate_to_datetime(seconds).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
    return max(0, min(until_ms - now_ms, MAX_RETRY_AFTER_MS))
