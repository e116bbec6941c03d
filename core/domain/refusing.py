"""What a refusal and a thrown switch leave behind: their ledger entries and signals, the same on every store."""

from core.domain.attempt import ChainHead
from core.domain.execution import Refusal
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent, seal
from core.domain.signal import Signal, SignalType, signal_id
from core.domain.switches import Switch

EVERY_TENANT = "*"
"""The tenant of what concerns all; no id, so that no tenant can have this name."""


def refusal_chain(key: IntentKey) -> Chain:
    """Return the side chain of an intent, so that a refusal touches nothing of the first execution."""
    return Chain(key.tenant_id, f"{key.account_id}/{key.intent_id}#refused")


def refusal_entry(refusal: Refusal, head: ChainHead) -> LedgerEntry:
    """Return the side-chain entry of a refusal after ``head``."""
    body = {"refusal_id": refusal.refusal_id, "code": refusal.code, "decision_trace_id": refusal.trace_id}
    return seal(refusal_chain(refusal.key), head, refusal.event, refusal.at_ms, body)


def refusal_signal(refusal: Refusal, entry: LedgerEntry) -> Signal:
    """Return the signal of a refusal; its revision is its place in the side chain."""
    return Signal(
        signal_id=signal_id(refusal.key, SignalType.ACTION_REFUSED, 1),
        type=SignalType.ACTION_REFUSED,
        key=refusal.key,
        revision=entry.sequence,
        at_ms=refusal.at_ms,
        trace_id="",
        decision_trace_id=refusal.trace_id,
        reason=refusal.reason,
        error_code=refusal.code,
    )


def switch_chain(switch: Switch) -> Chain:
    """Return the chain of a tenant's switches; the global switch has one of its own."""
    return Chain(switch.tenant_id or EVERY_TENANT, "switches")


def switch_entry(
    switch: Switch, head: ChainHead, *, closed: bool, operator: str, reason: str, at_ms: int
) -> LedgerEntry:
    """Return the ledger entry of a switch that was closed or opened, after ``head``."""
    body = {
        "closed": closed,
        "tenant_id": switch.tenant_id,
        "action_type": switch.action_type,
        "operator": operator,
        "reason": reason,
    }
    return seal(switch_chain(switch), head, LedgerEvent.KILL_SWITCH_CHANGED, at_ms, body)
