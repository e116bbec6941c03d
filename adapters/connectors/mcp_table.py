"""What an MCP server's answer to a write proves: one table, and the reason for each of its rows.

| answer | row | why |
|---|---|---|
| NotSent | 429 | throttled before execution, by the meaning of the status; Retry-After is kept |
| NotSent | 404 in a session, with an error of ``SESSION_ENDED`` and the id null | the call was not read |
| Refused | 401, 403, 405, 406, 413, 415, 404 outside a session: see ``STATUSES`` | HTTP turned it away |
| Refused | 400 with error -32700 or -32600 and the id null: see ``UNREAD`` | who cannot read the id ran nothing |
| Refused | an error of ``PROTOCOL_ERRORS`` with our id, where the deployment declares what they prove | see below |
| Refused | envelope: success false, not_applied true, no object named | the provider's explicit word |
| Applied, PARTIAL | envelope: success false, not_applied not true, objects named | what was written is named |
| Applied | envelope: success true, and nothing that contradicts it | the provider's explicit word |
| Unknown | everything else | nothing is proved |

Everything else means: any other status (a redirect, a 5xx, 503 with Retry-After, a 4xx that is not listed), any other
404 in a session (it may have ended while the tool was at work), any other JSON-RPC error, a result without an envelope
of ours (``isError`` or not; an unknown tool cannot be told apart from one that failed midway), an incomplete result, an
id that is not ours, anything malformed or contradicting itself.

Errors with our id prove nothing by themselves: the MCP SDK hands an error that a tool raised to the caller with that
tool's code and maps the code to 400 or 404 (measured with mcp 2.3.0), so a tool that wrote and then met -32602 in a
server of its own looks just like arguments that were turned away.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from adapters.connectors.showing import shown, shown_code
from core.domain.answer import Answer, Applied, Flaw, Hold, NotSent, Refused, Unknown, cause_of
from core.domain.errors import ErrorClass
from core.domain.making import dataclass
from ports.wire.envelope import ToolEnvelope, read
from ports.wire.mcp import RpcError, RpcResponse, ToolResult, read_response

OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404
THROTTLED = 429
SPEAKING = frozenset({OK, BAD_REQUEST, NOT_FOUND})
"""Statuses under which a response may carry what a tool said."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: the status, the wait asked for, and the message's text, None where there was none.

    ``session`` is the one that the answer names; ``in_session`` says that the message was sent in one.
    """

    status: int
    text: str | None
    retry_after_ms: int = 0
    session: str | None = field(default=None, repr=False, compare=False)
    in_session: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An answer that proves that nothing was written, and why it does."""

    error_class: ErrorClass
    code: str
    why: str
    retryable: bool = False


STATUSES: Mapping[int, Row] = {
    # The same send is accepted with a new token, which is asked for next.
    401: Row(ErrorClass.AUTH, "AUTH_FAILED", "credentials are judged before the message is read", retryable=True),
    403: Row(ErrorClass.AUTH, "AUTH_FAILED", "permission is judged before the message is dispatched"),
    404: Row(ErrorClass.DOWNSTREAM, "HTTP_404", "there is no MCP endpoint that could have run it"),
    405: Row(ErrorClass.DOWNSTREAM, "HTTP_405", "what takes no POST runs no tools/call"),
    406: Row(ErrorClass.DOWNSTREAM, "HTTP_406", "Accept is judged before the message is read"),
    413: Row(ErrorClass.VALIDATION, "HTTP_413", "the message was too large to be read"),
    415: Row(ErrorClass.DOWNSTREAM, "HTTP_415", "the content type is judged before the message is read"),
}

UNREAD: Mapping[int, Row] = {
    -32700: Row(ErrorClass.VALIDATION, "JSON_RPC_PARSE_ERROR", "the message could not be parsed"),
    -32600: Row(ErrorClass.VALIDATION, "JSON_RPC_INVALID_REQUEST", "the message was not taken for a request"),
}

PROTOCOL_ERRORS: Mapping[int, Row] = {
    **UNREAD,
    -32601: Row(ErrorClass.VALIDATION, "JSON_RPC_METHOD_NOT_FOUND", "the server has no tools"),
    -32602: Row(ErrorClass.VALIDATION, "JSON_RPC_INVALID_PARAMS", "tool or arguments were turned away"),
    -32020: Row(ErrorClass.VALIDATION, "MCP_HEADER_MISMATCH", "headers are compared before dispatch"),
    -32021: Row(ErrorClass.VALIDATION, "MCP_MISSING_CAPABILITY", "capabilities are compared before dispatch"),
    -32022: Row(ErrorClass.VALIDATION, "MCP_UNSUPPORTED_VERSION", "the version is compared before dispatch"),
}

SESSION_ENDED: Mapping[int, str] = {
    -32600: "the message was turned away unread, as the Python SDK says it",
    -32001: "the session is not known, as the TypeScript SDK says it",
}
"""Errors with the id null that say with a 404 that nobody read the call: its session had ended before it came."""

AGREED = frozenset({-32020, -32021, -32022})
"""Errors that say that what was agreed with the server does not hold any more."""


def is_forgotten(said: Said) -> bool:
    """Tell whether the server may not know what was agreed with it, so that the next call had better ask.

    It says nothing of this call, which is not sent again.
    """
    if said.status in {BAD_REQUEST, NOT_FOUND}:
        return True
    message = read_response(said.text) if said.text is not None else None
    return message is not None and message.error is not None and message.error.code in AGREED


def answer_of(said: Said, call_id: str, *, errors_precede_tools: bool = False) -> Answer:
    """Return what was said about the call with this id.

    ``errors_precede_tools`` is the deployment's declaration that no tool of this server raises JSON-RPC errors.
    """
    if said.status == THROTTLED:
        detail = "The external system throttled the call before it ran."
        return NotSent(Hold.THROTTLED, detail, said.retry_after_ms)
    message = read_response(said.text) if said.text is not None and said.status in SPEAKING else None
    if message is not None and message.id is not None:
        answer = _of_message(said, message, call_id, errors_precede_tools=errors_precede_tools)
        return replace(answer, retry_after_ms=said.retry_after_ms) if isinstance(answer, Refused) else answer
    return _of_status(said, message)


def _of_status(said: Said, message: RpcResponse | None) -> Answer:
    """Return what a status says, with a message at most that does not know our id."""
    if message is not None and said.status == BAD_REQUEST and message.error is not None:
        row = UNREAD.get(message.error.code)
        return _unknown_error(message.error) if row is None else _refused(row, message.error.message)
    if said.status == NOT_FOUND and said.in_session:
        return _of_lost_session(message)
    if message is None and said.status in SPEAKING and said.text is not None and '"jsonrpc"' in said.text:
        # Somebody who speaks JSON-RPC said something that cannot be read; it may be what a tool raised after its write.
        return Unknown("The answer is malformed.")
    if said.status in STATUSES:
        return _refused(STATUSES[said.status], "")
    if said.status == OK:
        return Unknown("The answer is malformed.")
    return Unknown(f"HTTP status {said.status} proves nothing.", cause=cause_of(said.status))


def _of_lost_session(message: RpcResponse | None) -> Answer:
    if message is not None and message.error is not None and message.error.code in SESSION_ENDED:
        return NotSent(Hold.NOT_READY, "The server had ended the session before the call; a new one will be opened.")
    return Unknown("The session ended, and the answer does not say whether the call had begun.")


def _of_message(said: Said, message: RpcResponse, call_id: str, *, errors_precede_tools: bool) -> Answer:
    if message.id != call_id:
        return Unknown("The answer carries the id of another call.")
    if message.error is not None:
        row = PROTOCOL_ERRORS.get(message.error.code) if errors_precede_tools else None
        return _unknown_error(message.error) if row is None else _refused(row, message.error.message)
    if message.result is None or said.status != OK:
        return Unknown(f"HTTP status {said.status} with a result contradicts itself.")
    return _of_result(message.result, said.text or "")


def _of_result(outer: ToolResult, text: str) -> Answer:
    result = outer.unwrapped()
    if (outer.result_type, result.result_type) != ("complete", "complete"):
        return Unknown("The tool's result is not complete.")
    value = result.envelope
    if value is None:
        return Unknown("The tool failed without an envelope." if result.is_error else "The result has no envelope.")
    envelope = read(ToolEnvelope, value)
    if envelope is None:
        return Unknown("The tool's envelope is malformed.")
    if envelope.success:
        return _of_success(envelope, text, is_error=result.is_error)
    return _of_failure(envelope, text)


def _of_success(envelope: ToolEnvelope, text: str, *, is_error: bool) -> Answer:
    failures = (envelope.error_class, envelope.error_code, envelope.error_message)
    if is_error or envelope.not_applied or any(failures):
        return Unknown("The tool's envelope contradicts itself.")
    return Applied(envelope.refs, text, replayed=bool(envelope.replayed))


def _of_failure(envelope: ToolEnvelope, text: str) -> Answer:
    code = shown_code(envelope.error_code, "UNSPECIFIED")
    message = shown(envelope.error_message or "The external system gave no reason.")
    if envelope.not_applied and envelope.refs:
        return Unknown(shown(f"{code}: the answer names objects and says that nothing was written."))
    if envelope.not_applied:
        error_class = _class(envelope.error_class)
        retryable = bool(envelope.retryable) or error_class is ErrorClass.RATE_LIMIT
        return Refused(error_class, code, message, retryable=retryable, replayed=bool(envelope.replayed))
    if envelope.refs:
        return Applied(envelope.refs, text, replayed=bool(envelope.replayed), flaw=Flaw.PARTIAL)
    return Unknown(shown(f"{code}: {message}"))


def _refused(row: Row, message: str) -> Refused:
    told = f"The external system turned the call away: {row.why}. {message}"
    return Refused(row.error_class, row.code, shown(told), row.retryable)


def _unknown_error(error: RpcError) -> Unknown:
    return Unknown(shown(f"JSON-RPC error {error.code}: {error.message}"))


def _class(name: str | None) -> ErrorClass:
    return ErrorClass(name) if name in {it.value for it in ErrorClass} else ErrorClass.UNKNOWN
