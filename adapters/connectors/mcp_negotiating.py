"""Which version an MCP server speaks, found out once in a process, before a call and apart from it.

Nothing of a call is in these messages, and they change nothing at the server. So whatever fails here is NotSent: the
call was never begun. They take of the call's time, and the gate is asked after them, before the call itself.

1. ``server/discover``, as of 2026-07-28. A server that speaks that version says so; nothing else is needed.
2. Whatever else it answers, apart from what says nothing of versions (``_failed``), an older one: ``initialize``, which
   may open a session, and ``notifications/initialized``.
"""

import threading
from collections.abc import Mapping

from adapters.connectors.mcp_speaking import Agreement, Speaker, is_session, plain_headers
from adapters.connectors.mcp_table import OK, THROTTLED, Said
from adapters.connectors.showing import shown
from core.domain.answer import Hold, NotSent, Unknown, cause_of
from core.domain.canonical import Json
from core.domain.making import dataclass
from ports.clock import Clock
from ports.wire.envelope import read
from ports.wire.mcp import HANDSHAKEN, PROTOCOL_VERSION, Version
from ports.wire.mcp_handshake import (
    Discovered,
    Initialized,
    discover_request,
    initialize_request,
    initialized_notice,
    read_reply,
)

SESSION_IDLE_MS = 300_000
"""So long a session may lie unused; then a new one is opened first, so that a call does not meet one that has ended."""

ACCEPTED = frozenset({200, 202, 204})
NOT_ALLOWED = frozenset({401, 403, 407})
CLIENT_ERRORS = range(400, 500)
NOT_NOW = frozenset({408, 425, THROTTLED})


@dataclass(frozen=True, slots=True)
class Pinned:
    """What is known of a server beforehand.

    ``version`` pins one. ``handshake`` False: it takes a call of an older version without ``initialize``.
    """

    version: Version | None = None
    handshake: bool = True

    @property
    def settled(self) -> Agreement | None:
        """Return what needs no negotiation, None where something is to be found out."""
        if self.version is not None and (self.version == PROTOCOL_VERSION or not self.handshake):
            return Agreement(self.version)
        return None


NOTHING_PINNED = Pinned()


class Negotiator:
    """Keeps the one agreement with one server; many threads share it, and one at a time negotiates."""

    def __init__(self, speaker: Speaker, clock: Clock, pinned: Pinned) -> None:
        """Agree on nothing yet."""
        self._speaker = speaker
        self._clock = clock
        self._pinned = pinned
        self._lock = threading.Lock()
        self._agreement: Agreement | None = None
        self._used_ms = 0

    def agreed(self, timeout_ms: int) -> Agreement | NotSent:
        """Return what is agreed, within ``timeout_ms``, or why there is nothing."""
        settled = self._pinned.settled
        if settled is not None:
            return settled
        end_ms = self._clock.monotonic_ms() + timeout_ms
        if not self._lock.acquire(timeout=max(timeout_ms, 0) / 1000):
            return _not_ready("no version was agreed on in time")
        try:
            now_ms = self._clock.monotonic_ms()
            agreement = self._agreement
            if agreement is None or (agreement.session is not None and now_ms - self._used_ms > SESSION_IDLE_MS):
                made = self._negotiated(end_ms)
                if isinstance(made, NotSent):
                    self._agreement = None
                    return made
                self._agreement = agreement = made
            self._used_ms = self._clock.monotonic_ms()
            return agreement
        finally:
            self._lock.release()

    def forget(self, agreement: Agreement) -> None:
        """Negotiate anew before the next call; the server did not know this agreement any more."""
        # Without the lock, under which somebody may be negotiating. At worst a newer one is forgotten with it, which
        # costs one more negotiation.
        if self._agreement is agreement:
            self._agreement = None

    def _negotiated(self, end_ms: int) -> Agreement | NotSent:
        if self._pinned.version is None:
            found = self._discovered(end_ms)
            if found is not None:
                return found
        return self._initialized(end_ms)

    def _discovered(self, end_ms: int) -> Agreement | NotSent | None:
        """Ask by the newest version; None: the server is older."""
        newest = Agreement(PROTOCOL_VERSION)
        call_id, method = "actonce-discover", "server/discover"
        said = self._said(discover_request(call_id, newest.version), newest.headers(method), end_ms)
        if isinstance(said, NotSent):
            return said
        reply = read_reply(said.text)
        if said.status == OK and reply is not None and reply.id == call_id and reply.result is not None:
            found = read(Discovered, reply.result)
            return newest if found is not None and newest.version in found.supported_versions else None
        return None

    def _initialized(self, end_ms: int) -> Agreement | NotSent:
        call_id = "actonce-initialize"
        said = self._said(initialize_request(call_id, self._pinned.version or HANDSHAKEN[0]), plain_headers(), end_ms)
        if isinstance(said, NotSent):
            return said
        reply = read_reply(said.text)
        if said.status != OK or reply is None or reply.id != call_id or reply.result is None:
            why = "" if reply is None or reply.error is None else f", {reply.error.code}: {reply.error.message}"
            return _not_ready(f"initialize was answered with {said.status}{why}")
        agreement = self._read(reply.result, said.session)
        return agreement if isinstance(agreement, NotSent) else self._opened(agreement, end_ms)

    def _read(self, result: Mapping[str, Json], session: str | None) -> Agreement | NotSent:
        answered = read(Initialized, result)
        version = next((it for it in HANDSHAKEN if answered is not None and it == answered.protocol_version), None)
        if version is None:
            return _not_ready("the server speaks no version of MCP that is spoken here")
        if self._pinned.version not in {None, version}:
            return _not_ready(f"the server speaks {version}, and {self._pinned.version} is pinned")
        if session is not None and not is_session(session):
            return _not_ready("the id of the server's session is malformed")
        if session is not None:
            self._speaker.hide(session)
        return Agreement(version, session)

    def _opened(self, agreement: Agreement, end_ms: int) -> Agreement | NotSent:
        said = self._said(initialized_notice(), agreement.headers("notifications/initialized"), end_ms)
        if isinstance(said, NotSent):
            return said
        if said.status not in ACCEPTED:
            return _not_ready(f"notifications/initialized was answered with {said.status}")
        return agreement

    def _said(self, body: str, headers: dict[str, str], end_ms: int) -> Said | NotSent:
        """Say one message of the negotiation; what fails of it left the call unsent."""
        said = self._speaker.say(body, headers, end_ms - self._clock.monotonic_ms())
        match said:
            case NotSent():
                return said
            case Unknown():
                return NotSent(Hold.UNREACHABLE, shown(f"Nothing of the call was sent: {said.reason}"))
            case Said():
                return _failed(said) or said


def _failed(said: Said) -> NotSent | None:
    """Return what an answer means that says nothing of versions, None for every other one."""
    if said.status == THROTTLED:
        return NotSent(
            Hold.THROTTLED, "The negotiation was throttled; nothing of the call was sent.", said.retry_after_ms
        )
    if said.status in NOT_ALLOWED:
        return _not_ready(f"the negotiation was answered with {said.status}")
    if said.status in NOT_NOW or not (said.status in ACCEPTED or said.status in CLIENT_ERRORS):
        detail = f"Nothing of the call was sent: the negotiation was answered with {said.status}."
        cause = cause_of(said.status)
        hold = Hold.NOT_READY if cause is None else Hold.UNREACHABLE
        return NotSent(hold, detail, said.retry_after_ms, cause=cause)
    return None


def _not_ready(why: str) -> NotSent:
    return NotSent(Hold.NOT_READY, shown(f"Nothing of the call was sent: {why}."))
