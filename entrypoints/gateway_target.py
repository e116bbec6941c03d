"""The gateway target: a Lambda function that offers the tools of the configured connectors behind an AgentCore gateway.

The event is the flat map of arguments; the tool's name is in the client context. It answers with an explicit envelope,
whatever happened: an error of a function looks the same to the caller whether it came before a write or after.
"""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from aws_lambda_powertools.logging import Logger

from core.domain.answer import CannotTell, Happened, NotHappened, Refused, Unknown
from core.domain.canonical import Json
from core.domain.errors import ErrorClass
from core.domain.gateway_names import behind_gateway
from core.usecases.serve import Image, LeftMs, Said
from entrypoints.container.gateway_target import build_target
from entrypoints.function_logs import function_logger
from entrypoints.meters import Meters
from entrypoints.remaining import Invocation, Remaining
from entrypoints.starting import settings, starting
from entrypoints.telemetry import Key
from ports.wire.target import answer_envelope, finding_envelope, image_envelope

log = logging.getLogger("actonce.gateway_target")

TOOL_NAME = "bedrockAgentCoreToolName"

Envelope = dict[str, Json]


class GatewayInvocation(Invocation, Protocol):
    """What we ask of the context that a gateway's invocation brings. Its client context is None for anybody else's."""

    client_context: Any


class Serves(Protocol):
    """What carries out a call; ``core.usecases.serve.Serve`` is it."""

    def __call__(self, tool: str, arguments: Mapping[str, Json], *, left_ms: LeftMs) -> Said:
        """Do what a call asks for, within ``left_ms``."""
        ...


class GatewayTarget:
    """Parses an invocation, calls one use case, and answers with its envelope."""

    def __init__(self, serve: Serves, remaining: Remaining, meters: Meters) -> None:
        """Keep the parts."""
        self._serve = serve
        self._remaining = remaining
        self._meters = meters

    def __call__(self, event: object, context: GatewayInvocation) -> Envelope:
        """Answer one call of a tool; nothing is raised."""
        term = self._remaining.begin(context)
        try:
            return self._answered(event, context)
        except Exception:
            # It may have come after the write.
            log.exception("unforeseen", extra={"fields": {Key.DOING: "serve"}})
            return answer_envelope(Unknown("The target met an unforeseen fault."))
        finally:
            self._remaining.end(term)
            self._meters.flush()

    def _answered(self, event: object, context: GatewayInvocation) -> Envelope:
        tool = tool_of(context)
        if tool is None or not isinstance(event, Mapping):
            return answer_envelope(
                Refused(ErrorClass.VALIDATION, "NO_TOOL", "Client context and event name no tool and its arguments.")
            )
        said = self._serve(tool, event, left_ms=self._left_ms)
        envelope = envelope_of(said)
        log.info("served", extra={"fields": {Key.DOING: "serve", Key.ERROR_CODE: envelope.get("error_code")}})
        return envelope

    def _left_ms(self) -> int:
        return int(self._remaining.left_s() * 1000)


def tool_of(context: GatewayInvocation) -> str | None:
    """Return the registry's name of the tool that is called, None where nobody names one."""
    custom = getattr(context.client_context, "custom", None)
    name = custom.get(TOOL_NAME) if isinstance(custom, Mapping) else None
    return behind_gateway(name) if isinstance(name, str) else None


def envelope_of(said: Said) -> Envelope:
    """Return what was said, as it is sent."""
    match said:
        case Image():
            return image_envelope(said.text)
        case Happened() | NotHappened() | CannotTell():
            return finding_envelope(said)
        case _:
            return answer_envelope(said)


def built(meters: Meters, remaining: Remaining) -> GatewayTarget:
    """Return the target that the environment describes.

    Raises:
        ConfigurationError: it describes none.
    """
    return GatewayTarget(build_target(settings(), meter=meters, is_over=remaining.is_over), remaining, meters)


@cache
def _function() -> Callable[[object, GatewayInvocation], Envelope]:
    """Build everything once; the first invocation pays for it."""
    logger: Logger = function_logger()
    with starting():
        target = built(Meters(), Remaining())
    # The event is never logged: it bears a proof.
    return logger.inject_lambda_context(target, log_event=False)


def handler(event: object, context: GatewayInvocation) -> Envelope:
    """Answer one call of a tool that came through the gateway."""
    return _function()(event, context)
