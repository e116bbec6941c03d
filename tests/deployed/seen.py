"""What is to be the same wherever an action is carried out: outcome, signals, ledger, and what the tool was asked.

Ids, times, traces and hashes differ by their nature, and stand here as words. How often work was claimed anew is left
out, and so is each send that was prepared and provably held for no fault of the action's own (a switch that could not
be read in time, a breaker that other actions had opened): where a machine is slow, functions time out and are tried
again, and which actions share a process is chance. The design allows it, and nobody is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from core.domain.canonical import Json
from core.domain.draft import chain_of
from core.domain.execution import Execution
from core.domain.intent import Intent
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent
from core.domain.refusing import refusal_chain
from examples.mcp_server.probe import Probe
from ports.ledger import Ledger
from ports.wire.outcome import outcome_document

Row = dict[str, Any]
Sent = tuple[str, int, int]
"""The kind and run of an effect, and the number of a send."""
MOMENTS = frozenset(
    {
        "completed_at",
        "deadline_ms",
        "due_at_ms",
        "generation",
        "owner",
        "started_at",
        "timestamp",
        "trace_id",
        "traceparent",
    }
)
WORDS = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "{hash}"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "{trace}"),
    (re.compile(r"\b(?:task|letter)-\d+\b"), "{object}"),
)


class Installation(Protocol):
    """Where actions are carried out, as whoever compares looks at it."""

    @property
    def probe(self) -> Probe: ...

    def execution(self, intent: Intent) -> Execution | None: ...

    def ledger(self) -> Ledger: ...

    def events(self) -> Sequence[Row]:
        """Every signal that arrived so far, repeats included."""
        ...


def seen(at: Installation, intent: Intent) -> Row:
    """Look at everything that is known of an intent."""
    execution, key = at.execution(intent), intent.key
    outcome = execution.outcome if execution else None
    chain = Chain(key.tenant_id, chain_of(execution.attempt)) if execution else None
    calls = [it for it in at.probe.calls() if it["action_intent_id"] == key.intent_id]
    log = [it for it in at.probe.log() if it["action_intent_id"] == key.intent_id]
    found: Row = {
        "outcome": None if outcome is None else outcome_document(outcome),
        "signals": _signals(at.events(), intent),
        "ledger": [] if chain is None else entries_seen(at.ledger().entries(chain), execution),
        "refusals": entries_seen(at.ledger().entries(refusal_chain(key))),
        "writing calls": sum(it["kind"] == "write" for it in calls),
        "done by the tool": [(it["op"], it["tool"]) for it in log],
    }
    plain: Row = json.loads(_plain(json.dumps(_timeless(found), sort_keys=True), intent))
    return plain


def apart(one: Mapping[str, Json], other: Mapping[str, Json]) -> list[str]:
    """Name the parts in which two looks differ."""
    return [name for name in one if one[name] != other[name]]


def _signals(events: Iterable[Row], intent: Intent) -> list[Row]:
    once = {
        (it["detail"]["metadata"]["id"], it["detail"]["metadata"]["revision"]): {
            "type": it["detail-type"],
            "source": it["source"],
            **it["detail"],
        }
        for it in events
        if it["detail"]["data"]["action_intent_id"] == intent.key.intent_id
        and it["detail"]["data"]["tenant_id"] == intent.key.tenant_id
    }
    return [once[name] for name in sorted(once, key=lambda it: (it[1], it[0]))]


def entries_seen(entries: Iterable[LedgerEntry], execution: Execution | None = None) -> list[Row]:
    """Return what entries say, without claims of what was open, and without sends that do not count."""
    effects = execution.effects if execution else ()
    left_out = [(it.kind.value, it.run, send.number) for it in effects for send in it.sends if not send.spent]
    bodies = [{"event": it.event.value, **json.loads(it.body)} for it in entries]
    return [numbered for it in bodies if not it.get("takeover") and (numbered := _numbered(it, left_out)) is not None]


def _numbered(body: Row, left_out: Sequence[Sent]) -> Row | None:
    """Return an entry with its send numbered as if those were not, None for the prepare of one of them."""
    number = body.get("send_no")
    if number is None:
        return body
    effect = (body["kind"], body.get("effect_run", body["run"]))
    gone = [it for *of, it in left_out if tuple(of) == effect and it <= number]
    if body["event"] == LedgerEvent.EFFECT_PREPARED and number in gone:
        return None
    return {**body, "send_no": number - len(gone)}


def _timeless(value: Any) -> Any:  # noqa: ANN401 - JSON of any form
    if isinstance(value, dict):
        return {name: _timeless(it) for name, it in value.items() if name not in MOMENTS}
    return [_timeless(it) for it in value] if isinstance(value, list | tuple) else value


def _plain(text: str, intent: Intent) -> str:
    plain = text.replace(intent.key.intent_id, "{intent}").replace(intent.key.tenant_id, "{tenant}")
    for pattern, word in WORDS:
        plain = pattern.sub(word, plain)
    return plain
