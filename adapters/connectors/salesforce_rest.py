"""The REST API of one Salesforce organisation: requests that share the time of one call."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from adapters.connectors.exchange import Exchange, Reply
from core.domain.answer import NotSent, Unknown
from core.domain.canonical import Json, compact
from core.domain.making import dataclass
from ports.clock import Clock
from ports.connector import Gate

_JSON = "application/json"
_NO_BODY = b""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: the status, the text without secrets, and its JSON; ``is_json`` tells null from none."""

    status: int
    text: str = ""
    document: Json = None
    is_json: bool = False
    retry_after_ms: int = 0


class Budget:
    """The time that all requests of one call have together."""

    def __init__(self, clock: Clock, timeout_ms: int) -> None:
        """Begin counting."""
        self._clock = clock
        self._end_ms = clock.monotonic_ms() + timeout_ms

    def left_ms(self) -> int:
        """Return what is left; with nothing left nothing is sent."""
        return max(0, self._end_ms - self._clock.monotonic_ms())


class Rest:
    """One request is one HTTP request; nothing is repeated, no redirect followed."""

    def __init__(self, exchange: Exchange, clock: Clock, version: str) -> None:
        """Keep the transport. ``version``: of the API, such as 61.0."""
        self._exchange = exchange
        self._clock = clock
        self._base = f"/services/data/v{version}"

    @property
    def instance_url(self) -> str:
        """Return the address of the organisation."""
        url = self._exchange.endpoint.url
        is_usual = url.port in {None, 443 if url.scheme == b"https" else 80}
        return f"{url.scheme.decode()}://{url.host.decode()}" + ("" if is_usual else f":{url.port}")

    def budget(self, timeout_ms: int) -> Budget:
        """Begin the time of one call."""
        return Budget(self._clock, timeout_ms)

    def read(self, path: str, budget: Budget) -> Heard | NotSent | Unknown:
        """Read; no gate is asked."""
        return self._said(self._send("GET", path, _NO_BODY, {}, budget, None))

    def query(self, soql: str, budget: Budget) -> Heard | NotSent | Unknown:
        """Ask for records, those in the bin included."""
        return self.read(f"/queryAll?q={quote(soql, safe='')}", budget)

    def write(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Json] | None,
        budget: Budget,
        gate: Gate,
        condition: Mapping[str, str],
    ) -> Heard | NotSent | Unknown:
        """Send the one write of a call."""
        if fields is None:
            return self._said(self._send(method, path, _NO_BODY, condition, budget, gate))
        headers = {"Content-Type": _JSON, **condition}
        return self._said(self._send(method, path, compact(fields).encode(), headers, budget, gate))

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], budget: Budget, gate: Gate | None
    ) -> Reply | NotSent | Unknown:
        return self._exchange.send(
            body,
            {"Accept": _JSON, **headers},
            timeout_ms=budget.left_ms(),
            gate=gate,
            method=method,
            target=self._base + path,
        )

    def _said(self, reply: Reply | NotSent | Unknown) -> Heard | NotSent | Unknown:
        if not isinstance(reply, Reply):
            return reply
        try:
            text = reply.body.decode() if reply.content_type == _JSON else ""
            text = self._exchange.endpoint.auth.redact(text)
            return Heard(reply.status, text, json.loads(text), is_json=True, retry_after_ms=reply.retry_after_ms)
        except (ValueError, RecursionError):
            return Heard(reply.status, retry_after_ms=reply.retry_after_ms)


def escaped(part: str) -> str:
    """Return one part of a path."""
    return quote(part, safe="")
