"""Words that scenarios are written in: entries under every contract, and what operators and people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.domain.answer import CannotTell, Hold, NotSent, Refused, Unknown
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ErrorClass
from core.domain.intent import Intent
from core.domain.operating import Operator
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry
from core.domain.switches import Switch
from ports.wire.messages import approved_event
from tests.statemachine.scenario import Act, Play

C = EffectContract
SETTLE_MS, ABSENCE_MS = 2_000, 15_000
TERMS = {
    "read_only": Terms(C.READ_ONLY),
    "provider_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=600_000),
    "forgetful_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=14_000),
    "natural_key": Terms(C.NATURAL_KEY, SETTLE_MS, look_up_tool="sim.find"),
    "client_id": Terms(C.CLIENT_ID, SETTLE_MS, absence_proof_ms=ABSENCE_MS, look_up_tool="sim.find"),
    "read_back": Terms(C.READ_BACK, SETTLE_MS, look_up_tool="sim.find", before_tool="sim.get"),
    "proved_absent": Terms(
        C.READ_BACK, SETTLE_MS, absence_proof_ms=ABSENCE_MS, look_up_tool="sim.find", before_tool="sim.get"
    ),
    "opaque": Terms(C.OPAQUE, SETTLE_MS),
}
UNDO = Terms(C.CLIENT_ID, look_up_tool="sim.gone")
KEYED_UNDO = Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=600_000)

ADA = Operator("ada", "a test")
NO = Refused(ErrorClass.VALIDATION, "NO", "It was refused.")
NOT_YOU = Refused(ErrorClass.AUTH, "AUTH_FAILED", "These credentials are refused.")
ODD = Refused(ErrorClass.UNKNOWN, "TEAPOT", "Nobody knows why.")
BUSY = Refused(ErrorClass.DOWNSTREAM, "BUSY", "Not now.", retryable=True)
SLOW_DOWN = Refused(ErrorClass.RATE_LIMIT, "RATE_LIMIT_EXCEEDED", "Too many.", retryable=True)
RESET = Unknown("The connection was reset.")
SILENCE = Unknown("No reply.", timed_out=True)
UNREACHABLE = NotSent(Hold.UNREACHABLE, "connection refused")
DARK = CannotTell("the look-up failed")
EDITED = CannotTell("the object is another one now", changed_otherwise=True)


def throttled(retry_after_s: int = 0) -> NotSent:
    return NotSent(Hold.THROTTLED, "slow down", retry_after_s * 1_000)


def entry(
    terms: str,
    mode: CompensationMode = CompensationMode.AUTOMATIC,
    *,
    tool: str = "sim.write",
    undo: str | None = "undo.write",
    keyed: bool = False,
) -> RegistryEntry:
    """Return an entry whose tool is under the terms of this name; its action type says all that is given here."""
    name = "_".join([terms, mode.value, tool.replace(".", "_"), "keyed" if keyed else "", "" if undo else "no_undo"])
    return RegistryEntry(
        action_type=name.upper(),
        version=1,
        tool=tool,
        tool_schema_version="1",
        risk="LOW",
        terms=TERMS[terms],
        compensation=Compensation(mode, undo, "object_id", (KEYED_UNDO if keyed else UNDO) if undo else None),
        parameters=(ParameterMapping("title", "title", required=True),),
    )


def cancel(one: Play) -> None:
    one.ask("cancel", lambda: one.site.container.cancel()(one.intent.key, ADA))


def retry(one: Play) -> None:
    one.ask("retry", lambda: one.site.container.retry()(one.intent.key, ADA))


def undo(one: Play) -> None:
    one.ask("undo", lambda: one.site.container.undo()(one.intent.key, ADA))


def undo_while_stopped(one: Play) -> None:
    one.ask("undo", lambda: one.site.container.undo()(one.intent.key, ADA, while_stopped=True))


def resolve(*, happened: bool) -> Act:
    def act(one: Play) -> None:
        verb = one.site.container.resolve()
        one.ask("resolve", lambda: verb(one.intent.key, ADA, happened=happened, evidence="seen"))

    return act


def sweep(one: Play) -> None:
    """The sweeper comes by: on a schedule, so whether anything waits for it or not."""
    one.site.container.sweep()("sweeper:1")


def everything(_: Play) -> Switch:
    return Switch()


def its_tenant(one: Play) -> Switch:
    return Switch(one.intent.key.tenant_id)


def its_type(one: Play) -> Switch:
    return Switch(one.intent.key.tenant_id, one.intent.action_type)


def stop(which: Callable[[Play], Switch]) -> Act:
    return lambda one: one.site.switches.close(
        which(one), operator="ada", reason="a test", at_ms=one.site.clock.now_ms()
    )


def resume(which: Callable[[Play], Switch]) -> Act:
    return lambda one: one.site.switches.open(
        which(one), operator="ada", reason="a test", at_ms=one.site.clock.now_ms()
    )


def blind(for_s: int) -> Act:
    """The switches cannot be read for a while."""

    def act(one: Play) -> None:
        one.site.switches.until_ms = one.site.clock.now_ms() + for_s * 1_000

    return act


def store(one: Play) -> None:
    """The publisher stores the intent."""
    one.site.container.intents().put(one.intent)


def again(*, embed: bool = False, change: Callable[[Intent], Intent] = lambda it: it) -> Act:
    """The event comes once more, perhaps with another body."""
    return lambda one: one.site.send(approved_event(change(one.intent), "HUMAN", False, embed=embed))


def another_body(intent: Intent) -> Intent:
    return replace(intent, parameters={"title": "Call somebody else"})


def unmappable_body(intent: Intent) -> Intent:
    return replace(intent, parameters={})


def poison(one: Play) -> None:
    one.site.send('{"source": "cc-native", "detail-type": "ACTION_APPROVED", "detail": {}}')


def disappears(one: Play) -> None:
    """Somebody removes the object by hand."""
    one.site.tool.things.clear()
