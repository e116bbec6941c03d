"""What a configured look-up found: of a thing made, of one removed, and of one changed since its before-image.

| what is read | a create | a delete | an update, against its before-image |
|---|---|---|---|
| nothing there | NotHappened | Happened | changed otherwise |
| a status of ``gone`` | changed otherwise | Happened | changed otherwise |
| there, all of ``match`` as asked | Happened | NotHappened | Happened, if only ``match`` and the version changed |
| there, otherwise | changed otherwise | NotHappened | NotHappened, if the image is as before |
| anything else | CannotTell | CannotTell | changed otherwise; CannotTell where it could not be read |

Changed otherwise is CannotTell, too: of an object that somebody else changed or removed.
"""

import json
from collections.abc import Mapping

from adapters.connectors.exchange import Reply
from adapters.connectors.http_plan import HttpTool, Imaging, Looking
from adapters.connectors.http_table import Malformed, document_of, mismatch, refs_of
from adapters.connectors.http_template import Absent, Arguments, found_at, is_same
from core.domain.answer import CannotTell, Finding, Happened, NotHappened
from core.domain.canonical import Json, compact

MAX_IMAGE_BYTES = 64 * 1024


class Nothing:
    """What stands for an object that is not there."""


NOTHING = Nothing()


def finding_of(
    tool: HttpTool, looking: Looking, system: str, reply: Reply, arguments: Arguments, before: str | None
) -> Finding:
    """Return what a look-up's reply says about the tool's effect."""
    if reply.status in looking.gone:
        return _absent(tool, looking, system, arguments, was_there=True)
    read = NOTHING if reply.status in looking.absent else _read(looking, reply, arguments)
    if isinstance(read, CannotTell):
        return read
    if isinstance(read, Nothing):
        return _absent(tool, looking, system, arguments, was_there=tool.imaging is not None)
    if looking.expects_absent:
        return NotHappened()
    judged = _judged(tool, looking, read, arguments, before)
    if judged is not None:
        return judged
    refs = refs_of(tool.names, system, read, arguments)
    return CannotTell("The object has no id.") if refs is None else Happened(refs, _text(reply))


def image_of(imaging: Imaging, reply: Reply) -> str | None:
    """Return what an update is about to change, as JSON text; None where it could not be read."""
    document = document_of(reply)
    if reply.status not in imaging.found or not isinstance(document, Mapping):
        return None
    try:
        image = compact(_image(imaging, document))
        return image if len(image.encode()) <= MAX_IMAGE_BYTES else None
    except ValueError:
        # A number without a JSON form, or half a character: nothing that could be stored and compared.
        return None


def _read(looking: Looking, reply: Reply, arguments: Arguments) -> Json | Nothing | CannotTell:
    """Return the object that a reply shows; of a search, the only one that is meant."""
    document = document_of(reply)
    if reply.status not in looking.found or isinstance(document, Malformed) or document is None:
        return CannotTell(f"The object could not be read: status {reply.status}.")
    if looking.items_at is None:
        return document
    items = found_at(document, looking.items_at)
    if not isinstance(items, list):
        return CannotTell("The search brought no list.")
    meant = [item for item in items if _is_meant(looking, item, arguments)]
    if len(meant) > 1:
        return CannotTell("The search found several.")
    return meant[0] if meant else NOTHING


def _is_meant(looking: Looking, item: Json, arguments: Arguments) -> bool:
    wanted = [(steps, template.of(arguments)) for steps, template in looking.where.items()]
    return all(not isinstance(value, Absent) and is_same(found_at(item, steps), value) for steps, value in wanted)


def _absent(tool: HttpTool, looking: Looking, system: str, arguments: Arguments, *, was_there: bool) -> Finding:
    if looking.expects_absent:
        return Happened(refs_of(tool.names, system, None, arguments) or ())
    return CannotTell("The object was removed.", changed_otherwise=True) if was_there else NotHappened()


def _judged(
    tool: HttpTool, looking: Looking, read: Json, arguments: Arguments, before: str | None
) -> NotHappened | CannotTell | None:
    """Return None where the object is as it was asked for."""
    stray = mismatch(read, looking.match, arguments)
    if tool.imaging is None:
        return None if stray is None else CannotTell(f"It is there with another {stray}.", changed_otherwise=True)
    earlier: Json = None if before is None else json.loads(before)
    if not isinstance(earlier, Mapping):
        return CannotTell("There is no before-image to compare with.")
    now = _image(tool.imaging, read)
    changed = {name for name, value in now.items() if not is_same(value, earlier.get(name))}
    if not changed:
        return None if stray is None else NotHappened()
    version = set() if tool.imaging.version is None else {".".join(tool.imaging.version)}
    ours = {".".join(steps) for steps in looking.match} | version
    if stray is None and changed <= ours:
        return None
    return CannotTell("The object was changed by somebody else.", changed_otherwise=True)


def _image(imaging: Imaging, document: Json) -> Mapping[str, Json]:
    return {".".join(steps): found_at(document, steps) for steps in imaging.paths}


def _text(reply: Reply) -> str:
    return reply.body.decode(errors="replace")
