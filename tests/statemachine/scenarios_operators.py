"""Scenarios of what operators ask for, and of the sweeper."""

from __future__ import annotations

from core.domain.answer import Happened, NotHappened
from core.domain.registry import CompensationMode
from tests.statemachine.scenario import Scenario
from tests.statemachine.scripted import Script, Word
from tests.statemachine.words import (
    NO,
    RESET,
    SILENCE,
    UNREACHABLE,
    again,
    cancel,
    disappears,
    entry,
    its_type,
    resolve,
    resume,
    retry,
    stop,
    sweep,
    throttled,
    undo,
)

CLIENT, NATURAL, OPAQUE = entry("client_id"), entry("natural_key"), entry("opaque")
UPDATE, PROVED, KEYED = entry("read_back"), entry("proved_absent"), entry("provider_key")
FOUND, MISSED = Happened(), NotHappened()

SCENARIOS = [
    Scenario(
        "resolved as happened and undone",
        "SUCCEEDED OPERATOR undo COMPLETED",
        entry("client_id", CompensationMode.MANUAL),
        Script([Word.PARTIAL]),
        acts=[(60_000, resolve(happened=True)), (70_000, undo)],
    ),
    Scenario(
        "cancelled and then retried",
        "SUCCEEDED RESPONSE run 2",
        CLIENT,
        event=False,
        acts=[(0, cancel), (10_000, again()), (20_000, retry)],
    ),
    Scenario("the sweeper is faster", "SUCCEEDED RESPONSE", CLIENT, Script([throttled(60)]), acts=[(60_000, sweep)]),
    Scenario(
        "more than a day passes",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([throttled(100_000)]),
        # An execution of the state machine ends after a day; what is left is for the sweeper.
        acts=[(100_010_000, sweep)],
        lasts_s=200_000,
    ),
    Scenario(
        "cancelled before its event",
        "CANCELLED - VALIDATION CANCELLED",
        CLIENT,
        event=False,
        acts=[(0, cancel), (10_000, again())],
    ),
    Scenario("cancelled too late", "SUCCEEDED RESPONSE", CLIENT, acts=[(60_000, cancel)]),
    Scenario(
        "cancelled while its send waits", "SUCCEEDED RESPONSE", CLIENT, Script([throttled(30)]), acts=[(10_000, cancel)]
    ),
    Scenario(
        "cancelled while it cannot be read before",
        "CANCELLED - VALIDATION CANCELLED",
        UPDATE,
        Script(before=[None]),
        acts=[(500, cancel)],
    ),
    Scenario("cancelled without an intent", "NOTHING", CLIENT, stored=False, event=False, acts=[(0, cancel)]),
    Scenario("retried after a refusal", "SUCCEEDED RESPONSE run 2", CLIENT, Script([NO]), acts=[(60_000, retry)]),
    Scenario(
        "retried and refused again",
        "FAILED RESPONSE VALIDATION NO run 2",
        CLIENT,
        Script([NO, NO]),
        acts=[(60_000, retry)],
    ),
    Scenario("retried after a success", "SUCCEEDED RESPONSE", CLIENT, acts=[(60_000, retry)]),
    Scenario(
        "retried when it was never sent",
        "SUCCEEDED RESPONSE run 2",
        CLIENT,
        acts=[(0, stop(its_type)), (60_000, resume(its_type)), (70_000, retry)],
    ),
    Scenario(
        "retried while it is still stopped",
        "FAILED - VALIDATION KILL_SWITCH_ENABLED run 2",
        CLIENT,
        acts=[(0, stop(its_type)), (70_000, retry)],
    ),
    Scenario(
        "retried after it expired",
        "FAILED - VALIDATION INTENT_EXPIRED run 2",
        CLIENT,
        Script([UNREACHABLE] * 3),
        acts=[(70_000, retry)],
        lasts_s=30,
    ),
    Scenario(
        "retried though it is parked", "IN_DOUBT - TIMEOUT TIMEOUT", OPAQUE, Script([Word.DROP]), acts=[(60_000, retry)]
    ),
    Scenario(
        "resolved too early",
        "IN_DOUBT - DOWNSTREAM DOWNSTREAM_ERROR",
        OPAQUE,
        Script([RESET]),
        acts=[(2_000, resolve(happened=True))],
    ),
    Scenario(
        "resolved as happened",
        "SUCCEEDED OPERATOR",
        OPAQUE,
        Script([Word.DROP]),
        acts=[(60_000, resolve(happened=True))],
    ),
    Scenario(
        "resolved as not happened",
        "FAILED OPERATOR UNKNOWN RESOLVED_NOT_HAPPENED",
        OPAQUE,
        Script([SILENCE]),
        acts=[(60_000, resolve(happened=False))],
    ),
    Scenario(
        "resolved though nothing is in doubt", "SUCCEEDED RESPONSE", CLIENT, acts=[(60_000, resolve(happened=False))]
    ),
    Scenario(
        "resolved as not happened and retried",
        "SUCCEEDED RESPONSE run 2",
        OPAQUE,
        Script([SILENCE]),
        acts=[(60_000, resolve(happened=False)), (70_000, retry)],
    ),
    Scenario(
        "resolved wrongly and replayed by a key that is held for longer",
        "SUCCEEDED KEY_REPLAY run 2",
        entry("forgetful_key"),
        Script([Word.DROP]),
        acts=[(60_000, resolve(happened=False)), (70_000, retry)],
    ),
    Scenario(
        "resolved as happened though it is two objects and undone",
        "SUCCEEDED OPERATOR",
        CLIENT,
        Script([Word.TORN]),
        acts=[(60_000, resolve(happened=True)), (70_000, undo)],
    ),
    Scenario(
        "gone before it is undone",
        "SUCCEEDED RESPONSE undo COMPLETED",
        CLIENT,
        acts=[(50_000, disappears), (60_000, undo)],
    ),
    Scenario(
        "the sweeper finds nothing to do",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([throttled(60)]),
        acts=[(10_000, sweep), (120_000, sweep)],
    ),
]
