"""The lines of an export, one JSON document each: a header, entries and outcomes and heads, and a trailer.

Entries come in the order of stamp, chain and sequence, and the head of a day behind the entries of that day, so that
whoever checks the file holds no more than a piece of a day and the last entry of each chain. Behind them come entries
that were stamped after the end, or listed too late, and that others in the file follow.
"""

import json
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from core.domain.canonical import Json, compact
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent
from core.domain.sealing import PublicKey, SignedHead
from ports.wire.heads import SignedHeadModel, head_document

FORMAT_VERSION = 1
MOST_LINE_BYTES = 32 * 1024 * 1024
"""Above the longest line, which is the head of a day of very many entries."""
MOST_MS = 2**53


class _Line(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class KeyModel(_Line):
    """A public key; ``key_id`` is the SHA-256 of its DER form."""

    key_id: str
    pem: str


class HeaderLine(_Line):
    """The first line. ``since`` and ``through`` are the days that were asked for, None where there was no bound."""

    kind: Literal["header"]
    format_version: Literal[1]
    tenant_id: str
    since: str | None
    through: str | None
    made_at_ms: int
    public_keys: list[KeyModel]


class EntryLine(_Line):
    """One ledger entry; ``body`` is the text that was hashed."""

    kind: Literal["entry"]
    subject: str
    sequence: int
    event: str
    at_ms: Annotated[int, Field(ge=-MOST_MS, le=MOST_MS)]
    body: str
    previous: str
    sha256: str

    def to_domain(self, tenant_id: str) -> LedgerEntry:
        """Return the entry of the file's tenant; ValueError where nothing of this kind happens."""
        chain, event = Chain(tenant_id, self.subject), LedgerEvent(self.event)
        return LedgerEntry(chain, self.sequence, event, self.at_ms, self.body, self.previous, self.sha256)


class HeadLine(_Line):
    """The signed head of a day."""

    kind: Literal["head"]
    head: SignedHeadModel


class OutcomeLine(_Line):
    """How an intent stands, as the status API tells it."""

    kind: Literal["outcome"]
    outcome: dict[str, JsonValue]


class TrailerLine(_Line):
    """The last line: how many of each there are, and the SHA-256 of every line before, line ends included."""

    kind: Literal["trailer"]
    entries: int
    heads: int
    outcomes: int
    sha256: str


Line = HeaderLine | EntryLine | HeadLine | OutcomeLine | TrailerLine
_ANY: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def line_in(text: str) -> Line:
    """Return a line; ValueError where it is none of this format."""
    try:
        document = json.loads(text)
        if "\\u" in text:
            # Half a character can be written so, and has no octets to hash.
            compact(document).encode()
        return _ANY.validate_python(document)
    except (ValidationError, RecursionError) as fault:
        raise ValueError("no line of an export") from fault


def header_document(
    tenant_id: str, since: date | None, through: date | None, made_at_ms: int, keys: list[PublicKey]
) -> dict[str, Json]:
    """Return the first line."""
    return {
        "kind": "header",
        "format_version": FORMAT_VERSION,
        "tenant_id": tenant_id,
        "since": None if since is None else since.isoformat(),
        "through": None if through is None else through.isoformat(),
        "made_at_ms": made_at_ms,
        "public_keys": [{"key_id": it.key_id, "pem": it.pem} for it in keys],
    }


def entry_line(entry: LedgerEntry) -> dict[str, Json]:
    """Return the line of an entry."""
    return {
        "kind": "entry",
        "subject": entry.chain.subject,
        "sequence": entry.sequence,
        "event": entry.event.value,
        "at_ms": entry.at_ms,
        "body": entry.body,
        "previous": entry.previous,
        "sha256": entry.sha256,
    }


def head_line(head: SignedHead) -> dict[str, Json]:
    """Return the line of a head."""
    return {"kind": "head", "head": head_document(head)}
