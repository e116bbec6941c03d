"""The ledger entry: append-only, chained by hash, so that a change, a gap or a swap shows."""

import hashlib
from collections.abc import Sequence

from core.domain.attempt import ChainHead
from core.domain.canonical import Json, compact
from core.domain.choice import Choice
from core.domain.making import dataclass


class LedgerEvent(Choice):
    """What may happen to an intent; the first thirteen are written by the systems around this one."""

    INTENT = "INTENT"
    SIGNAL = "SIGNAL"
    TOOL_CALL = "TOOL_CALL"
    VALIDATION = "VALIDATION"
    DECISION = "DECISION"
    ACTION = "ACTION"
    APPROVAL = "APPROVAL"
    DECISION_EVALUATION_REQUESTED = "DECISION_EVALUATION_REQUESTED"
    DECISION_PROPOSED = "DECISION_PROPOSED"
    POLICY_EVALUATED = "POLICY_EVALUATED"
    ACTION_APPROVED = "ACTION_APPROVED"
    ACTION_REJECTED = "ACTION_REJECTED"
    ACTION_EDITED = "ACTION_EDITED"
    EXECUTION_STARTED = "EXECUTION_STARTED"
    ACTION_EXECUTED = "ACTION_EXECUTED"
    ACTION_FAILED = "ACTION_FAILED"
    EXECUTION_CANCELLED = "EXECUTION_CANCELLED"
    EXECUTION_EXPIRED = "EXECUTION_EXPIRED"
    EFFECT_PREPARED = "EFFECT_PREPARED"
    EFFECT_IN_DOUBT = "EFFECT_IN_DOUBT"
    EFFECT_SETTLED = "EFFECT_SETTLED"
    PAYLOAD_CONFLICT = "PAYLOAD_CONFLICT"
    OPERATOR_RESOLVED = "OPERATOR_RESOLVED"
    OPERATOR_RETRIED = "OPERATOR_RETRIED"
    ACTION_UNDONE = "ACTION_UNDONE"
    KILL_SWITCH_CHANGED = "KILL_SWITCH_CHANGED"


@dataclass(frozen=True, slots=True)
class Chain:
    """Which chain: an intent's own, its side chain of refusals (``#refused``), or a tenant's switches."""

    tenant_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry. ``body`` is JSON text, hashed as it is stored; ``sha256`` covers the chain, place and body."""

    chain: Chain
    sequence: int
    event: LedgerEvent
    at_ms: int
    body: str
    previous: str
    sha256: str

    @property
    def entry_id(self) -> str:
        """The entry's deterministic id: its place in its chain."""
        return f"{self.chain.tenant_id}/{self.chain.subject}/{self.sequence}"


def seal(chain: Chain, head: ChainHead, event: LedgerEvent, at_ms: int, body: Json) -> LedgerEntry:
    """Return the next entry of a chain after ``head``."""
    text = compact(body)
    sequence = head.sequence + 1
    name = _hash(chain, sequence, event, at_ms, text, head.sha256)
    return LedgerEntry(chain, sequence, event, at_ms, text, head.sha256, name)


def verify(entries: Sequence[LedgerEntry], head: ChainHead | None) -> str | None:
    """Return what is wrong with a whole chain, None when nothing is.

    ``head`` is what the attempt row remembers as the last entry; None where no row keeps one.
    """
    previous = ""
    for place, entry in enumerate(entries, start=1):
        if entry.sequence != place:
            return f"entry {place} is missing or out of order (found {entry.sequence})"
        if entry.previous != previous:
            return f"entry {place} does not follow entry {place - 1}"
        if not is_whole(entry):
            return f"entry {place} was changed"
        previous = entry.sha256
    if head is not None and (head.sequence, head.sha256) != (len(entries), previous):
        return f"the chain ends at entry {len(entries)}, but {head.sequence} were written"
    return None


def is_whole(entry: LedgerEntry) -> bool:
    """Tell whether an entry's hash is that of what it says."""
    said = _hash(entry.chain, entry.sequence, entry.event, entry.at_ms, entry.body, entry.previous)
    return entry.sha256 == said


def _hash(chain: Chain, sequence: int, event: LedgerEvent, at_ms: int, body: str, previous: str) -> str:
    # Newlines cannot occur in ids, numbers, hashes or compact JSON, so the parts cannot run into each other.
    parts = (chain.tenant_id, chain.subject, str(sequence), event, str(at_ms), previous, body)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
