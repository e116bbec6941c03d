"""Looking at one intent: where it stands, and everything that happened to it."""

import json

import typer

from core.domain.attempt import ChainHead
from core.domain.canonical import Json
from core.domain.draft import chain_of
from core.domain.effect import Effect
from core.domain.errors import IntentNotFoundError
from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry, verify
from core.domain.refusing import refusal_chain
from entrypoints.cli.acting import Intent
from entrypoints.cli.listing import resolve_command
from entrypoints.cli.session import Account, AsJson, Tenant, session_of
from entrypoints.cli.show import facts, listed, safe, say, say_json
from entrypoints.container.wiring import Container
from ports.wire.outcome import iso, status_document

HASH_DIGITS = 64
NOTED = ("run", "generation", "trace_id", "decision_trace_id")


def status(
    context: typer.Context, intent: Intent, tenant: Tenant = None, account: Account = None, as_json: AsJson = False
) -> None:
    """Show where an intent stands, with the evidence.

    Example: actonce status intent-7 -t acme -a emea
    """
    session = session_of(context)
    key = session.key(intent, tenant, account)
    with session.open() as container:
        execution = container.executions().load(key)
        document = status_document(execution, container.intents().get(key), container.clock().now_ms())
    if document is None:
        raise IntentNotFoundError(f"There is no intent {key.intent_id} of tenant {key.tenant_id}, {key.account_id}.")
    if as_json:
        say_json(document)
        return
    refs = document.get("external_object_refs")
    objects = [_ref(it) for it in refs] if isinstance(refs, list) else []
    facts([(name, value) for name, value in document.items() if name != "external_object_refs"])
    facts([("external object", one) for one in objects])
    for hint in hints(execution):
        say(hint)


def hints(execution: Execution | None) -> list[str]:
    """Return what waits, and what an operator can do about it."""
    if execution is None:
        return []
    attempt = execution.attempt
    if attempt.parked is not None:
        return [f"Parked: {attempt.parked}.", f"Settle it: {resolve_command(execution)}"]
    if attempt.work is not None and attempt.due_at_ms is not None:
        return [f"Next look at {iso(attempt.due_at_ms)}."]
    return []


def timeline(
    context: typer.Context, intent: Intent, tenant: Tenant = None, account: Account = None, as_json: AsJson = False
) -> None:
    """Show an intent's ledger, its effects and their evidence, and whether the hash chain holds.

    Example: actonce timeline intent-7 -t acme -a emea
    """
    session = session_of(context)
    key = session.key(intent, tenant, account)
    with session.open() as container:
        execution = container.executions().load(key)
        chains = _chains(container, key, execution)
    if not chains:
        raise IntentNotFoundError(
            f"Nothing happened to an intent {key.intent_id} of {key.tenant_id}, {key.account_id}."
        )
    effects = execution.effects if execution else ()
    if as_json:
        say_json(
            {
                "action_intent_id": key.intent_id,
                "chains": [_chain_document(*it) for it in chains],
                "effects": [_effect_document(it) for it in effects],
            }
        )
        return
    for chain, entries, fault in chains:
        badge = "verified" if fault is None else "BROKEN"
        rows = [(it.sequence, iso(it.at_ms), it.event.value, _details(it)) for it in entries]
        listed(f"{chain.subject}", ("", "at", "event", "details"), rows)
        facts([("ledger", badge), ("fault", fault)])
    if effects:
        columns = ("kind", "run", "state", "evidence", "sends", "tool", "objects")
        listed("Effects", columns, [_effect_row(it) for it in effects])
    for hint in hints(execution):
        say(hint)


def _chains(
    container: Container, key: IntentKey, execution: Execution | None
) -> list[tuple[Chain, list[LedgerEntry], str | None]]:
    wanted: list[tuple[Chain, ChainHead | None]] = [(refusal_chain(key), None)]
    if execution is not None:
        wanted.insert(0, (chain_of_execution(execution), execution.attempt.head))
    found = []
    for chain, head in wanted:
        entries = list(container.ledger().entries(chain))
        if entries or head is not None:
            found.append((chain, entries, verify(entries, head)))
    return found


def chain_of_execution(execution: Execution) -> Chain:
    """Return the intent's own chain."""
    return Chain(execution.attempt.key.tenant_id, chain_of(execution.attempt))


def entry_document(entry: LedgerEntry) -> dict[str, Json]:
    """Return an entry with its body as the text that was hashed."""
    return {
        "tenant_id": entry.chain.tenant_id,
        "subject": entry.chain.subject,
        "sequence": entry.sequence,
        "event": entry.event.value,
        "at_ms": entry.at_ms,
        "body": entry.body,
        "previous": entry.previous,
        "sha256": entry.sha256,
    }


def _chain_document(chain: Chain, entries: list[LedgerEntry], fault: str | None) -> dict[str, Json]:
    rows: list[Json] = [{**entry_document(it), "at": iso(it.at_ms), "body": json.loads(it.body)} for it in entries]
    return {"subject": chain.subject, "verified": fault is None, "fault": fault, "entries": rows}


def _details(entry: LedgerEntry) -> str:
    body = json.loads(entry.body)
    told = {name: value for name, value in body.items() if name not in NOTED and value not in (None, "")}
    return ", ".join(f"{name} {_short(value)}" for name, value in told.items())


def _short(value: object) -> str:
    text = safe(value)
    is_hash = len(text) == HASH_DIGITS and all(it in "0123456789abcdef" for it in text)
    return f"{text[:12]}…" if is_hash else text


def _effect_row(effect: Effect) -> tuple[object, ...]:
    objects = ", ".join(f"{it.system} {it.object_type} {it.object_id}" for it in effect.refs)
    evidence = effect.evidence.value if effect.evidence else None
    sends = ", ".join(f"{it.number}: {it.answer.value if it.answer else 'no answer'}" for it in effect.sends)
    return (effect.kind.value, effect.run, effect.state.value, evidence, sends, effect.request.tool, objects)


def _effect_document(effect: Effect) -> dict[str, Json]:
    return {
        "kind": effect.kind.value,
        "run": effect.run,
        "state": effect.state.value,
        "evidence": effect.evidence.value if effect.evidence else None,
        "tool": effect.request.tool,
        "effect_key": effect.request.effect_key,
        "request_sha256": effect.request.sha256,
        "sends": [
            {
                "number": it.number,
                "answer": it.answer.value if it.answer else None,
                "prepared_at": iso(it.prepared_at_ms),
            }
            for it in effect.sends
        ],
    }


def _ref(ref: Json) -> str:
    if not isinstance(ref, dict):
        return safe(ref)
    return " ".join(safe(ref[name]) for name in ("system", "object_type", "object_id", "object_url") if name in ref)
