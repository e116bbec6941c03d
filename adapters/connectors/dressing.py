"""How a call is dressed for the server that takes it: its tool's name there, and what goes beside the frozen arguments.

It is done anew for every call, and nothing of it is stored: the frozen request and its digest stay as they are.
"""

import json
from typing import Protocol

from adapters.connectors.authorizing import NotReadyError
from core.domain.canonical import compact, digest
from core.domain.errors import ExecutionError
from core.domain.gateway_names import on_gateway
from core.domain.making import dataclass
from core.domain.proof import PROOF, Asks, Proof, signed
from core.domain.request import Request
from ports.clock import Clock
from ports.proof_keys import ProofKeys


@dataclass(frozen=True, slots=True)
class Asking:
    """A call about to be sent: what for, to which tool, and with which arguments, a JSON object's text."""

    request: Request
    asks: Asks
    tool: str
    arguments: str


def for_call(request: Request) -> Asking:
    """Return what asks for the effect."""
    return Asking(request, Asks.CALL, request.tool, request.arguments)


def for_look_up(request: Request, before: str | None) -> Asking | None:
    """Return what asks whether the effect is there, None where no tool tells."""
    tool, arguments = request.terms.look_up_tool, request.arguments
    if tool is None:
        return None
    if before is not None:
        arguments = f'{arguments.removesuffix("}")},"before":{before}}}'
    return Asking(request, Asks.LOOK_UP, tool, arguments)


def for_image(request: Request) -> Asking | None:
    """Return what asks for what is about to be changed, None where no tool shows it."""
    tool = request.terms.before_tool
    return None if tool is None else Asking(request, Asks.BEFORE, tool, request.arguments)


class Dressing(Protocol):
    """What one server wants of every call."""

    def dressed(self, asking: Asking) -> tuple[str, str]:
        """Return the tool's name there, and the arguments as they are sent.

        Raises:
            NotReadyError: it cannot be done now, so nothing is sent.
        """
        ...


class AsItIs:
    """Sends what was frozen, byte for byte, under the registry's name."""

    def dressed(self, asking: Asking) -> tuple[str, str]:
        return asking.tool, asking.arguments


AS_IT_IS = AsItIs()


class GatewayNames:
    """Names tools as an AgentCore gateway does."""

    def __init__(self, inner: Dressing = AS_IT_IS) -> None:
        """Keep what is done beside."""
        self._inner = inner

    def dressed(self, asking: Asking) -> tuple[str, str]:
        tool, arguments = self._inner.dressed(asking)
        return on_gateway(tool), arguments


class Proving:
    """Adds the proof, by which a target of ours behind a gateway knows whose call it is."""

    def __init__(self, proof_keys: ProofKeys, clock: Clock, max_skew_ms: int) -> None:
        """Keep the keys."""
        self._proof_keys = proof_keys
        self._clock = clock
        self._max_skew_ms = max_skew_ms

    def dressed(self, asking: Asking) -> tuple[str, str]:
        request = asking.request
        try:
            keyring = self._proof_keys.keyring()
            arguments = json.loads(asking.arguments)
            proof = Proof(
                key=request.key,
                asks=asking.asks,
                tool=asking.tool,
                effect_tool=request.tool,
                effect_key=request.effect_key,
                arguments_sha256=digest(arguments),
                timeout_ms=request.timeout_ms,
                # The gate lets no call begin that could end, the skew included, after its deadline.
                expires_ms=self._clock.now_ms() + request.timeout_ms + self._max_skew_ms,
            )
        except ExecutionError as fault:
            raise NotReadyError(fault.message) from None
        except ValueError:
            raise NotReadyError("the arguments have no canonical form") from None
        return asking.tool, compact({**arguments, PROOF: signed(proof, keyring)})
