"""A scenario: an action, what its tool is scripted to say, and what happens when; played in any mode, and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from core.domain.draft import chain_of
from core.domain.effect import Send
from core.domain.errors import ExecutionError
from core.domain.execution import Execution
from core.domain.intent import ExecutionPolicy, Intent
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry
from core.domain.operating import Operator
from core.domain.refusing import refusal_chain
from core.domain.registry import RegistryEntry
from core.domain.signal import Signal
from ports.wire.messages import approved_event
from tests.statemachine.scripted import Script
from tests.statemachine.sites import Site

HOUR_MS = 3_600_000
POLICY = ExecutionPolicy(2, 3, 1)
MOST_STEPS = 1_000
TIMES = frozenset({"deadline_ms", "owner", "trace_id"})


@dataclass(frozen=True)
class Play:
    """One scenario in one mode: its site, its intent and when it began."""

    site: Site
    intent: Intent
    begun_ms: int
    answers: list[str] = field(default_factory=list)

    def ask(self, verb: str, act: Callable[[], object]) -> None:
        """Do what an operator asks, and note the answer."""
        try:
            act()
        except ExecutionError as refusal:
            self.answers.append(f"{verb}: {refusal.error_code}: {refusal.message}")
        else:
            self.answers.append(f"{verb}: done")


Act = Callable[[Play], object]


@dataclass(frozen=True)
class Scenario:
    """What happens. ``acts`` are at milliseconds from the start; ``expect`` is how it ends, whatever the mode.

    ``change`` is made to the intent; ``lasts_s`` is how long the approval does. ``event`` is sent at the start.
    """

    name: str
    expect: str
    entry: RegistryEntry
    script: Script = Script()
    acts: Sequence[tuple[int, Act]] = ()
    change: Mapping[str, Any] = field(default_factory=dict)
    lasts_s: int = 86_400
    stored: bool = True
    event: bool = True
    embed: bool = False

    def intent(self, now_ms: int) -> Intent:
        """Return the intent; a tenant of its own keeps scenarios apart."""
        ends_s = now_ms // 1_000 + self.lasts_s
        values: dict[str, Any] = {
            "key": IntentKey(f"tenant-{self.name.replace(' ', '-')}"[:128], "account-1", "intent-1"),
            "action_type": self.entry.action_type,
            "parameters": {"title": "Call them"},
            "registry_version": 1,
            "approved_by": "grace@example.test",
            "approval_timestamp": "2030-03-17T17:46:40Z",
            "expires_at": datetime.fromtimestamp(ends_s, UTC).isoformat(),
            "expires_at_epoch": ends_s,
            "original_decision_id": "decision-1",
            "trace_id": "trace-of-decision",
            "policy": POLICY,
        }
        return Intent(**{**values, **self.change})


def play(scenario: Scenario, site: Site, begun_ms: int) -> dict[str, Any]:
    """Play a scenario, and return all that is to be the same in every mode."""
    site.clock.advance(begun_ms - site.clock.now_ms())
    site.tool.follow(scenario.script)
    one = Play(site, scenario.intent(begun_ms), begun_ms)
    site.container.registry().apply(scenario.entry)
    if scenario.stored:
        site.container.intents().put(one.intent)
    acts = [(begun_ms + at_ms, act) for at_ms, act in sorted(scenario.acts, key=lambda it: it[0])]
    if scenario.event:
        site.send(approved_event(one.intent, "HUMAN", False, embed=scenario.embed))
    for _ in range(MOST_STEPS):
        moments = [acts[0][0] if acts else None, site.next_ms()]
        due_ms = min((it for it in moments if it is not None), default=None)
        if due_ms is None:
            all_of_it = seen(one)
            tidy(one)
            return all_of_it
        site.clock.advance(max(0, due_ms - site.clock.now_ms()))
        if acts and acts[0][0] <= site.clock.now_ms():
            acts.pop(0)[1](one)
        else:
            site.advance()
    raise AssertionError(f"{scenario.name} never ends in the mode {site.name}")


def tidy(one: Play) -> None:
    """Leave nothing that a later scenario's sweeper would come by."""
    container, key = one.site.container, one.intent.key
    execution = container.executions().load(key)
    if execution is not None and execution.attempt.parked is not None:
        one.site.clock.advance(HOUR_MS)
        container.resolve()(key, Operator("tidy"), happened=True, evidence="none")
        container.outbox().published(container.outbox().pending(100))
    assert execution is None or not execution.attempt.is_open, f"{execution.attempt}"


def seen(one: Play) -> dict[str, Any]:
    """Return what is stored, told, buried and asked of the tool; ids, times and traces aside."""
    container, key, tool = one.site.container, one.intent.key, one.site.tool
    execution = container.executions().load(key)
    ledger = container.ledger()
    signals = container.outbox().pending(100)
    container.outbox().published(signals)
    own = Chain(key.tenant_id, f"{key.account_id}/{key.intent_id}")
    assert execution is None or chain_of(execution.attempt) == own.subject
    return {
        "ended": ended(execution),
        "attempt": _attempt(execution),
        "outcome": _outcome(execution),
        "effects": _effects(execution),
        "ledger": [_entry(entry) for entry in ledger.entries(own)],
        "side chain": [_entry(entry) for entry in ledger.entries(refusal_chain(key))],
        "signals": sorted(map(_signal, signals), key=lambda it: (it["revision"], it["type"])),
        "letters": one.site.letters(),
        "answers": one.answers,
        "asked of the tool": list(tool.log),
        "things": sorted(tool.things),
        "left of the script": tool.left,
    }


def ended(execution: Execution | None) -> str:
    """Return in a few words how it ended."""
    if execution is None:
        return "NOTHING"
    attempt, outcome = execution.attempt, execution.outcome
    if outcome is None:
        return f"{attempt.status.value}"
    words = [outcome.status.value, outcome.evidence.value if outcome.evidence else "-"]
    words += [f"{outcome.fault.error_class.value} {outcome.fault.error_code}"] if outcome.fault else []
    words += [f"undo {outcome.compensation_status.value}"] if outcome.compensation_status.value != "NONE" else []
    words += [f"run {outcome.run}"] if outcome.run > 1 else []
    return " ".join(words)


def _attempt(execution: Execution | None) -> dict[str, Any] | None:
    if execution is None:
        return None
    attempt = execution.attempt
    names = "status generation run key_run attempt_count work parked waiting look_ups revision compensation last_error"
    return {name: getattr(attempt, name) for name in names.split()} | {"is due": attempt.due_at_ms is not None}


def _outcome(execution: Execution | None) -> dict[str, Any] | None:
    if execution is None or execution.outcome is None:
        return None
    outcome = execution.outcome
    shown = asdict(replace(outcome, started_at_ms=0, completed_at_ms=outcome.completed_at_ms and 1, trace_id=""))
    return shown | {"tool_run_ref": (outcome.tool_run_ref or "").replace(outcome.trace_id, "{trace}")}


def _effects(execution: Execution | None) -> list[dict[str, Any]]:
    effects = [] if execution is None else execution.effects
    return [
        asdict(replace(it, key_since_ms=0, sends=tuple(_timeless(send) for send in it.sends)))
        for it in sorted(effects, key=lambda it: (it.run, it.kind))
    ]


def _timeless(send: Send) -> Send:
    return replace(send, prepared_at_ms=0, deadline_ms=0, answered_at_ms=0)


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    body = {name: value for name, value in json.loads(entry.body).items() if name not in TIMES}
    return {"event": entry.event.value, **body}


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "type": signal.type.value,
        "id": signal.signal_id,
        "revision": signal.revision,
        "severity": signal.severity,
        "error_code": signal.error_code,
        "reason": signal.reason,
        "decision": signal.decision_trace_id,
        "outcome": signal.outcome
        and replace(signal.outcome, started_at_ms=0, completed_at_ms=None, trace_id="", tool_run_ref=None),
    }
