"""Whether an endpoint can be reached and whether there are credentials for it, without sending it anything."""

from adapters.connectors.exchange import Exchange
from core.domain.answer import Hold, NotSent

_REACHED = NotSent(Hold.NOT_READY, "It was reached, and nothing was to be sent.")


class _Shut:
    """Asked when the connection stands, and closed then."""

    def closed(self) -> NotSent | None:
        return _REACHED


def unreached(exchange: Exchange, timeout_ms: int) -> str | None:
    """Connect, as a call does, and get a token where one is needed; return why that failed, None where it did not."""
    said = exchange.send(b"", {}, timeout_ms=timeout_ms, gate=_Shut())
    if said is _REACHED:
        return None
    return said.detail if isinstance(said, NotSent) else "Something was sent that should not have been."
