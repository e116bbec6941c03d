"""Scenarios of sending: what tools answer, what keeps a call from being sent, and events that come more than once."""

from __future__ import annotations

from core.domain.intent import ExecutionPolicy
from tests.statemachine.scenario import Scenario
from tests.statemachine.scripted import Script, Word
from tests.statemachine.words import (
    BUSY,
    NO,
    NOT_YOU,
    ODD,
    SLOW_DOWN,
    TERMS,
    UNREACHABLE,
    again,
    another_body,
    blind,
    entry,
    everything,
    its_tenant,
    its_type,
    poison,
    resume,
    stop,
    store,
    throttled,
    unmappable_body,
)

CLIENT = entry("client_id")
UPDATE = entry("read_back")

SUCCESSES = [Scenario(f"written under {name}", "SUCCEEDED RESPONSE", entry(name)) for name in TERMS]

ANSWERS = [
    Scenario("refused", "FAILED RESPONSE VALIDATION NO", CLIENT, Script([NO])),
    Scenario("not authorized", "FAILED RESPONSE AUTH AUTH_FAILED", CLIENT, Script([NOT_YOU])),
    Scenario("refused oddly", "FAILED RESPONSE UNKNOWN TEAPOT", CLIENT, Script([ODD])),
    Scenario("busy then written", "SUCCEEDED RESPONSE", CLIENT, Script([BUSY, SLOW_DOWN])),
    Scenario("busy until retries are spent", "FAILED RESPONSE DOWNSTREAM BUSY", CLIENT, Script([BUSY] * 3)),
    Scenario(
        "rate limited until retries are spent",
        "FAILED RESPONSE RATE_LIMIT RATE_LIMIT_EXCEEDED",
        CLIENT,
        Script([SLOW_DOWN] * 3),
    ),
    Scenario(
        "a second automatic run",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([BUSY] * 3),
        change={"policy": ExecutionPolicy(1, 3, 2)},
    ),
    Scenario("throttled", "SUCCEEDED RESPONSE", CLIENT, Script([throttled(), throttled()])),
    Scenario("told when to come again", "SUCCEEDED RESPONSE", CLIENT, Script([throttled(7)])),
    Scenario("told to come much later", "SUCCEEDED RESPONSE", CLIENT, Script([throttled(2_000)])),
    Scenario("unreachable", "FAILED RESPONSE DOWNSTREAM UNREACHABLE", CLIENT, Script([UNREACHABLE] * 3)),
    Scenario("a large response", "SUCCEEDED RESPONSE", CLIENT, Script([Word.LARGE])),
    Scenario("an object by hand", "SUCCEEDED RESPONSE", entry("natural_key"), change={"trace_id": "another-trace"}),
]

KEPT_BACK = [
    Scenario("expired before", "FAILED - VALIDATION INTENT_EXPIRED", CLIENT, lasts_s=0),
    Scenario(
        "expired midway", "FAILED RESPONSE VALIDATION INTENT_EXPIRED", CLIENT, Script([throttled(60)]), lasts_s=30
    ),
    Scenario(
        "everything stopped before",
        "FAILED - VALIDATION KILL_SWITCH_ENABLED",
        CLIENT,
        acts=[(0, stop(everything)), (5_000, resume(everything))],
    ),
    Scenario(
        "its tenant stopped before", "FAILED - VALIDATION KILL_SWITCH_ENABLED", CLIENT, acts=[(0, stop(its_tenant))]
    ),
    Scenario("its type stopped before", "FAILED - VALIDATION KILL_SWITCH_ENABLED", CLIENT, acts=[(0, stop(its_type))]),
    Scenario(
        "stopped midway",
        "FAILED RESPONSE VALIDATION KILL_SWITCH_ENABLED",
        CLIENT,
        Script([throttled(30)]),
        acts=[(10_000, stop(its_type))],
    ),
    Scenario("switches unreadable at first", "SUCCEEDED RESPONSE", CLIENT, acts=[(0, blind(20))]),
    Scenario("switches unreadable for long", "SUCCEEDED RESPONSE", CLIENT, acts=[(0, blind(200))]),
    Scenario(
        "switches unreadable midway",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([throttled(30)]),
        acts=[(10_000, blind(40))],
    ),
    Scenario(
        "no registry version", "FAILED - VALIDATION MISSING_REGISTRY_VERSION", CLIENT, change={"registry_version": None}
    ),
    Scenario(
        "unknown registry version", "FAILED - VALIDATION TOOL_MAPPING_NOT_FOUND", CLIENT, change={"registry_version": 9}
    ),
    Scenario(
        "unknown action type", "FAILED - VALIDATION TOOL_MAPPING_NOT_FOUND", CLIENT, change={"action_type": "DANCE"}
    ),
    Scenario(
        "a parameter is missing", "FAILED - VALIDATION MISSING_REQUIRED_PARAMETER", CLIENT, change={"parameters": {}}
    ),
    Scenario(
        "a parameter that nobody maps",
        "FAILED - VALIDATION VALIDATION_FAILED",
        CLIENT,
        change={"parameters": {"title": "a", "colour": "b"}},
    ),
    Scenario("no connector", "FAILED - VALIDATION CONFIGURATION_ERROR", entry("client_id", tool="nobody.write")),
    Scenario(
        "nothing can be read before", "FAILED - DOWNSTREAM BEFORE_IMAGE_UNREADABLE", UPDATE, Script(before=[None] * 3)
    ),
    Scenario("read before at the second time", "SUCCEEDED RESPONSE", UPDATE, Script(before=[None])),
    Scenario(
        "an update that is stopped before",
        "FAILED - VALIDATION KILL_SWITCH_ENABLED",
        UPDATE,
        acts=[(0, stop(its_type))],
    ),
    Scenario(
        "an update that is stopped while it cannot be read",
        "FAILED - VALIDATION KILL_SWITCH_ENABLED",
        UPDATE,
        Script(before=[None, None]),
        acts=[(500, stop(its_type))],
    ),
]

EVENTS = [
    Scenario("embedded", "SUCCEEDED RESPONSE", CLIENT, stored=False, embed=True),
    Scenario("embedded and stored", "SUCCEEDED RESPONSE", CLIENT, embed=True),
    Scenario(
        "embedded and refused",
        "FAILED - VALIDATION MISSING_REQUIRED_PARAMETER",
        CLIENT,
        stored=False,
        embed=True,
        change={"parameters": {}},
    ),
    Scenario("an update embedded", "SUCCEEDED RESPONSE", UPDATE, stored=False, embed=True),
    Scenario("the intent comes later", "SUCCEEDED RESPONSE", CLIENT, stored=False, acts=[(9_000, store)]),
    Scenario("the intent never comes", "NOTHING", CLIENT, stored=False),
    Scenario("the event comes twice", "SUCCEEDED RESPONSE", CLIENT, acts=[(60_000, again())]),
    Scenario(
        "the event comes again while it waits",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([throttled(60)]),
        acts=[(10_000, again()), (20_000, again(embed=True))],
    ),
    Scenario(
        "the event comes again after a refusal",
        "FAILED RESPONSE VALIDATION NO",
        CLIENT,
        Script([NO]),
        acts=[(60_000, again())],
    ),
    Scenario(
        "another body under its id",
        "SUCCEEDED RESPONSE",
        CLIENT,
        acts=[(60_000, again(embed=True, change=another_body)), (70_000, again(embed=True, change=another_body))],
    ),
    Scenario(
        "another body that could not be mapped",
        "SUCCEEDED RESPONSE",
        CLIENT,
        acts=[(60_000, again(embed=True, change=unmappable_body))],
    ),
    Scenario(
        "another body while it waits",
        "SUCCEEDED RESPONSE",
        CLIENT,
        Script([throttled(60)]),
        acts=[(10_000, again(embed=True, change=another_body))],
    ),
    Scenario(
        "another body before its own event",
        "NOTHING",
        CLIENT,
        event=False,
        acts=[(0, again(embed=True, change=another_body))],
    ),
    Scenario(
        "another body before its own event that could not be mapped",
        "NOTHING",
        CLIENT,
        event=False,
        acts=[(0, again(embed=True, change=unmappable_body))],
    ),
    Scenario("poison beside it", "SUCCEEDED RESPONSE", CLIENT, acts=[(0, poison)]),
]

SCENARIOS = [*SUCCESSES, *ANSWERS, *KEPT_BACK, *EVENTS]
