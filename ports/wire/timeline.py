"""The timeline: everything that happened to one intent, and whether its record is whole."""

import json

from pydantic import JsonValue

from core.domain.attempt import EffectKind
from core.domain.effect import Effect, EffectState, Evidence, Send, SendAnswer
from core.domain.ledger import LedgerEntry, LedgerEvent
from ports.wire.outcome import Composed, ObjectRefModel, iso, ref_model
from ports.wire.status import StatusModel

MOST_SHOWN = 1_024
"""Characters that are shown of a body that cannot be read."""


class EntryModel(Composed):
    """One entry of a ledger chain, with its body read."""

    sequence: int
    event: LedgerEvent
    at: str
    at_ms: int
    body: dict[str, JsonValue]
    previous: str
    sha256: str


class ChainModel(Composed):
    """A whole ledger chain; ``fault`` says what is wrong with it, null when nothing is."""

    subject: str
    verified: bool
    fault: str | None
    entries: tuple[EntryModel, ...]


class SendModel(Composed):
    """One call of the tool; ``answer`` null is a send that was never answered."""

    number: int
    answer: SendAnswer | None
    prepared_at: str


class EffectToldModel(Composed):
    """What is known of one effect, and how."""

    kind: EffectKind
    run: int
    state: EffectState
    evidence: Evidence | None
    tool: str
    effect_key: str
    request_sha256: str
    sends: tuple[SendModel, ...]
    external_object_refs: tuple[ObjectRefModel, ...]


class TimelineModel(Composed):
    """Where an intent stands, its ledger, its effects, and what can be done about it."""

    action_intent_id: str
    account_id: str
    status: StatusModel | None
    chains: tuple[ChainModel, ...]
    effects: tuple[EffectToldModel, ...]
    hints: tuple[str, ...]


def entry_model(entry: LedgerEntry) -> EntryModel:
    """Return the wire form of a ledger entry."""
    return EntryModel(
        sequence=entry.sequence,
        event=entry.event,
        at=iso(entry.at_ms),
        at_ms=entry.at_ms,
        body=_body(entry.body),
        previous=entry.previous,
        sha256=entry.sha256,
    )


def _body(text: str) -> dict[str, JsonValue]:
    """Return a body as it was written; of one that somebody broke its text, for the chain's fault says the rest."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {"unreadable": text[:MOST_SHOWN]}


def effect_model(effect: Effect) -> EffectToldModel:
    """Return the wire form of an effect; what was asked and answered stays in the store."""
    return EffectToldModel(
        kind=effect.kind,
        run=effect.run,
        state=effect.state,
        evidence=effect.evidence,
        tool=effect.request.tool,
        effect_key=effect.request.effect_key,
        request_sha256=effect.request.sha256,
        sends=tuple(_send(it) for it in effect.sends),
        external_object_refs=tuple(ref_model(it) for it in effect.refs),
    )


def _send(send: Send) -> SendModel:
    return SendModel(number=send.number, answer=send.answer, prepared_at=iso(send.prepared_at_ms))
