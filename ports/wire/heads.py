"""The head of a day as it is kept and exported: JSON, with its signature in base64."""

import base64
import json
from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.domain.canonical import Json, compact
from core.domain.errors import LedgerUnreadableError
from core.domain.sealing import DayHead, Signature, SignedHead

MOST_BYTES = 16 * 1024 * 1024
"""A roll of a billion entries is named in less."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SignedHeadModel(BaseModel):
    """A signed head. ``signature`` is of the RFC 8785 form of the other members but ``pieces`` and ``signed_by``."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    format_version: int
    tenant_id: Annotated[str, Field(pattern=r"^(\*|[A-Za-z0-9_.:@-]{1,128})$")]
    day: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    entries: Annotated[int, Field(ge=0)]
    root: Sha256
    pieces: list[Sha256]
    previous: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    signed_by: Sha256
    signature: Annotated[str, Field(max_length=4_096)]

    def to_domain(self) -> SignedHead:
        """Return it as the domain's own type; ValueError where the day or the signature is none."""
        head = DayHead(
            tenant_id=self.tenant_id,
            day=date.fromisoformat(self.day),
            entries=self.entries,
            root=self.root,
            pieces=tuple(self.pieces),
            previous=self.previous,
            format_version=self.format_version,
        )
        return SignedHead(head, Signature(self.signed_by, base64.b64decode(self.signature, validate=True)))


def head_document(signed: SignedHead) -> dict[str, Json]:
    """Return a head with its signature as JSON."""
    signature = signed.signature
    return {
        **signed.head.statement,
        "pieces": list(signed.head.pieces),
        "signed_by": signature.signed_by,
        "signature": base64.b64encode(signature.octets).decode(),
    }


def head_text(signed: SignedHead) -> str:
    """Return what is kept of a head, one line."""
    return compact(head_document(signed)) + "\n"


def head_of(octets: bytes, name: str) -> SignedHead:
    """Return the head that is kept under a name.

    Raises:
        LedgerUnreadableError: it is none.
    """
    try:
        if len(octets) > MOST_BYTES:
            raise ValueError("too long")
        return head_in(json.loads(octets))
    except (ValueError, RecursionError) as fault:
        raise LedgerUnreadableError(f"What is kept as {name} is no head of a day.") from fault


def head_in(document: object) -> SignedHead:
    """Return the head that a document says; ValueError where it says none."""
    try:
        return SignedHeadModel.model_validate(document).to_domain()
    except ValidationError as fault:
        raise ValueError("no head of a day") from fault
