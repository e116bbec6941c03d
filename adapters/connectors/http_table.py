"""What an answer to a configured tool proves. The configuration is the table; the rows around it are these.

| answer | row | why |
|---|---|---|
| Applied | a status of ``applied``, a body of JSON or none, with the object's id and all of ``match`` | declared |
| Refused | a status of ``refused`` | declared, with its class |
| NotSent | a status of ``not_sent`` | declared; Retry-After is kept |
| Unknown | everything else | nothing is proved |

Everything else means: any status that no list names (a 5xx, a redirect, 202, 409 for a key in use), a success whose
body is no JSON, lacks the object's id or shows something else than was asked for.
"""

import json
import re
from collections.abc import Mapping

from adapters.connectors.exchange import Reply
from adapters.connectors.http_plan import HttpTool, ObjectNames, Steps
from adapters.connectors.http_template import Absent, Arguments, Value, found_at, is_same
from adapters.connectors.showing import shown, shown_code
from core.domain.answer import Answer, Applied, Hold, NotSent, ObjectRef, Refused, Unknown, cause_of
from core.domain.canonical import Json

# Neither controls nor halves of characters: it is stored, shown and signalled.
_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,1024}")
_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}")


class Malformed:
    """What stands for a body that is no JSON."""


MALFORMED = Malformed()


def document_of(reply: Reply) -> Json | Malformed:
    """Return a body's JSON value, None for an empty body."""
    if not reply.body.strip():
        return None
    try:
        # As text, which was redacted as text: of bytes json.loads would read other encodings, too.
        document: Json = json.loads(reply.body.decode())
    except (ValueError, RecursionError):
        return MALFORMED
    return document


def answer_of(tool: HttpTool, system: str, reply: Reply, arguments: Arguments) -> Answer:
    """Return what a reply to a call of this tool proves."""
    answers = tool.answers
    if reply.status in answers.not_sent:
        detail = f"The external system did not take the call (status {reply.status})."
        return NotSent(Hold.THROTTLED, detail, reply.retry_after_ms, cause_of(reply.status))
    is_replay = _is_replay(answers.replayed_header, reply)
    document = document_of(reply)
    if reply.status in answers.refused:
        return _refused(tool, reply, document, is_replay=is_replay)
    if reply.status not in answers.applied or isinstance(document, Malformed):
        reason = f"HTTP status {reply.status} with this body proves nothing."
        return Unknown(reason, cause=cause_of(reply.status))
    if (stray := mismatch(document, answers.match, arguments)) is not None:
        return Unknown(f"The answer shows another {stray} than was asked for.")
    refs = refs_of(tool.names, system, document, arguments)
    if refs is None:
        return Unknown("The answer does not name the object.")
    return Applied(refs, reply.body.decode(errors="replace"), replayed=is_replay)


def refs_of(names: ObjectNames, system: str, document: Json, arguments: Arguments) -> tuple[ObjectRef, ...] | None:
    """Return the object that is named, () where none is ever named, None where it should be."""
    if names.id_at is None and names.id_from is None:
        return ()
    named: object = names.id_from.of(arguments) if names.id_from is not None else found_at(document, names.id_at or ())
    if isinstance(named, bool) or not isinstance(named, str | int) or _NAME.fullmatch(str(named)) is None:
        return None
    url = None if names.url_at is None else found_at(document, names.url_at)
    is_url = isinstance(url, str) and _URL.fullmatch(url) is not None
    return (ObjectRef(system, names.object_type, str(named), url if is_url and isinstance(url, str) else None),)


def mismatch(document: Json, wanted: Mapping[Steps, Value], arguments: Arguments) -> str | None:
    """Return the first path at which something else stands than was asked for.

    What was not asked for is not compared.
    """
    for steps, template in wanted.items():
        value = template.of(arguments)
        if not isinstance(value, Absent) and not is_same(found_at(document, steps), value):
            return ".".join(steps)
    return None


def _refused(tool: HttpTool, reply: Reply, document: Json | Malformed, *, is_replay: bool) -> Refused:
    answers = tool.answers
    body = None if isinstance(document, Malformed) else document
    code = None if answers.code_at is None else found_at(body, answers.code_at)
    message = None if answers.message_at is None else found_at(body, answers.message_at)
    told = f"The external system refused (status {reply.status}). {message if isinstance(message, str) else ''}"
    return Refused(
        answers.refused[reply.status],
        shown_code(code if isinstance(code, str) else None, f"HTTP_{reply.status}"),
        shown(told),
        retryable=reply.status in answers.retryable,
        replayed=is_replay,
        retry_after_ms=reply.retry_after_ms,
    )


def _is_replay(header: str | None, reply: Reply) -> bool:
    return header is not None and reply.headers.get(header.lower(), "").strip().lower() in {"true", "1", "?1"}
