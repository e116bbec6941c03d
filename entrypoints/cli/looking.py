"""Looking at one intent: where it stands, and everything that happened to it."""

import typer

from core.domain.canonical import Json
from core.domain.errors import IntentNotFoundError
from core.domain.ledger import LedgerEntry
from entrypoints.cli.acting import Intent
from entrypoints.cli.session import Account, AsJson, Tenant, session_of
from entrypoints.cli.show import facts, listed, safe, say, say_json
from entrypoints.desk.doors import absent
from ports.wire.outcome import ObjectRefModel
from ports.wire.timeline import EffectToldModel, EntryModel

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
    with session.doors() as doors:
        if as_json:
            say_json(doors.viewing.status_of(key).document())
            return
        timeline = doors.viewing.timeline_of(key)
    found = timeline.status
    if found is None:
        raise absent(key)
    facts([(name, value) for name, value in found.document().items() if name != "external_object_refs"])
    facts([("external object", _ref(one)) for one in found.external_object_refs or ()])
    for hint in timeline.hints:
        say(hint)


def timeline(
    context: typer.Context, intent: Intent, tenant: Tenant = None, account: Account = None, as_json: AsJson = False
) -> None:
    """Show an intent's ledger, its effects and their evidence, and whether the hash chain holds.

    Example: actonce timeline intent-7 -t acme -a emea
    """
    session = session_of(context)
    key = session.key(intent, tenant, account)
    with session.doors() as doors:
        found = doors.viewing.timeline_of(key)
    if not found.chains:
        raise IntentNotFoundError(
            f"Nothing happened to an intent {key.intent_id} of {key.tenant_id}, {key.account_id}."
        )
    if as_json:
        say_json(found.document())
        return
    for chain in found.chains:
        rows = [(it.sequence, it.at, it.event.value, _details(it)) for it in chain.entries]
        listed(chain.subject, ("", "at", "event", "details"), rows)
        facts([("ledger", "verified" if chain.verified else "BROKEN"), ("fault", chain.fault)])
    if found.effects:
        columns = ("kind", "run", "state", "evidence", "sends", "tool", "objects")
        listed("Effects", columns, [_effect_row(it) for it in found.effects])
    for hint in found.hints:
        say(hint)


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


def _details(entry: EntryModel) -> str:
    told = {name: value for name, value in entry.body.items() if name not in NOTED and value not in (None, "")}
    return ", ".join(f"{name} {_short(value)}" for name, value in told.items())


def _short(value: object) -> str:
    text = safe(value)
    is_hash = len(text) == HASH_DIGITS and all(it in "0123456789abcdef" for it in text)
    return f"{text[:12]}…" if is_hash else text


def _effect_row(effect: EffectToldModel) -> tuple[object, ...]:
    objects = ", ".join(f"{it.system} {it.object_type} {it.object_id}" for it in effect.external_object_refs)
    evidence = effect.evidence.value if effect.evidence else None
    sends = ", ".join(f"{it.number}: {it.answer.value if it.answer else 'no answer'}" for it in effect.sends)
    return (effect.kind.value, effect.run, effect.state.value, evidence, sends, effect.tool, objects)


def _ref(ref: ObjectRefModel) -> str:
    return " ".join(safe(it) for it in (ref.system, ref.object_type, ref.object_id, ref.object_url) if it)
