"""The MCP connector: one tools/call, one POST, one of four answers."""

import re
from dataclasses import replace

from adapters.connectors.authorizing import NotReadyError
from adapters.connectors.dressing import AS_IT_IS, Asking, Dressing, for_call, for_image, for_look_up
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp_negotiating import NOTHING_PINNED, Negotiator, Pinned
from adapters.connectors.mcp_speaking import Speaker
from adapters.connectors.mcp_table import OK, Said, answer_of, is_forgotten
from core.domain.answer import (
    Answer,
    CannotTell,
    Finding,
    Happened,
    Hold,
    NotHappened,
    NotSent,
    Unknown,
)
from core.domain.canonical import Json, compact
from core.domain.request import Request
from ports.clock import Clock
from ports.connector import Gate
from ports.wire.envelope import ImageEnvelope, LookUpEnvelope, read
from ports.wire.mcp import ToolCall, read_response

MAX_IMAGE_BYTES = 64 * 1024

# What MCP allows in a tool's name; a name also travels as a header.
_TOOL = re.compile(r"[A-Za-z0-9_./:-]{1,256}")


class McpConnector:
    """Tools of one MCP server, in the version that is agreed with it once in a process."""

    def __init__(
        self,
        exchange: Exchange,
        clock: Clock,
        pinned: Pinned = NOTHING_PINNED,
        *,
        errors_precede_tools: bool = False,
        dressing: Dressing = AS_IT_IS,
    ) -> None:
        """Keep the transport, which is built once, and what is known of the server beforehand.

        ``errors_precede_tools`` declares that no tool of this server raises JSON-RPC errors (see mcp_table).
        ``dressing`` gives each call the name and the arguments under which this server takes it.
        """
        self._clock = clock
        self._speaker = Speaker(exchange)
        self._negotiator = Negotiator(self._speaker, clock, pinned)
        self._errors_precede_tools = errors_precede_tools
        self._dressing = dressing

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002
        call_id = request.effect_key
        said = self._ask(for_call(request), call_id, gate)
        if not isinstance(said, Said):
            return said
        return answer_of(said, call_id, errors_precede_tools=self._errors_precede_tools)

    def look_up(self, request: Request, before: str | None) -> Finding:
        asking = for_look_up(request, before)
        if asking is None:
            return CannotTell(f"No look-up is declared for {request.tool}.")
        tool = asking.tool
        envelope, text = self._read(asking, f"{request.effect_key}:look-up")
        found = read(LookUpEnvelope, envelope)
        if found is None or not found.success:
            return CannotTell(f"The look-up {tool} gave no answer.")
        if found.changed_otherwise:
            return CannotTell("The object was changed by somebody else.", changed_otherwise=True)
        match found.state:
            case "HAPPENED":
                return Happened(found.refs, text)
            case "NOT_HAPPENED":
                return NotHappened()
            case "CANNOT_TELL":
                return CannotTell(f"The look-up {tool} found something that fits neither.")

    def before_image(self, request: Request) -> str | None:
        asking = for_image(request)
        if asking is None:
            return None
        envelope, _ = self._read(asking, f"{request.effect_key}:before")
        found = read(ImageEnvelope, envelope)
        if found is None or not found.success:
            return None
        try:
            image = compact(found.image)
            return image if len(image.encode()) <= MAX_IMAGE_BYTES else None
        except ValueError:
            # A number without a JSON form, or half a character: nothing that could be stored and compared.
            return None

    def _read(self, asking: Asking, call_id: str) -> tuple[Json, str]:
        """Call a reading tool; return its envelope and the message it came in, None where there is none."""
        said = self._ask(asking, call_id, None)
        if not isinstance(said, Said) or said.status != OK or said.text is None:
            return None, ""
        message = read_response(said.text)
        if message is None or message.id != call_id or message.result is None:
            return None, ""
        result = message.result.unwrapped()
        is_whole = (message.result.result_type, result.result_type) == ("complete", "complete")
        return (None, "") if result.is_error or not is_whole else (result.envelope, said.text)

    def _ask(self, asking: Asking, call_id: str, gate: Gate | None) -> Said | NotSent | Unknown:
        begun_ms, timeout_ms = self._clock.monotonic_ms(), asking.request.timeout_ms
        try:
            tool, arguments = self._dressing.dressed(asking)
        except NotReadyError as fault:
            return NotSent(Hold.NOT_READY, f"Nothing was sent: {fault}")
        if _TOOL.fullmatch(tool) is None:
            return NotSent(Hold.UNREACHABLE, "The tool's name cannot be sent as a header.")
        agreement = self._negotiator.agreed(timeout_ms)
        if isinstance(agreement, NotSent):
            return agreement
        body = ToolCall.carrying(call_id, tool, arguments, agreement.version)
        left_ms = timeout_ms - (self._clock.monotonic_ms() - begun_ms)
        said = self._speaker.say(body, agreement.headers("tools/call", tool), left_ms, gate)
        if not isinstance(said, Said):
            return said
        if is_forgotten(said):
            self._negotiator.forget(agreement)
        return replace(said, in_session=agreement.session is not None)
