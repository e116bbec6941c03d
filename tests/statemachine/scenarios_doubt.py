"""Scenarios of doubt, and of what is undone."""

from __future__ import annotations

from core.domain.answer import Happened, NotHappened
from core.domain.intent import ExecutionPolicy
from core.domain.registry import CompensationMode
from tests.statemachine.scenario import Scenario
from tests.statemachine.scripted import Script, Word
from tests.statemachine.words import (
    DARK,
    EDITED,
    NO,
    RESET,
    SILENCE,
    entry,
    its_type,
    retry,
    stop,
    sweep,
    throttled,
    undo,
    undo_while_stopped,
)

CLIENT, NATURAL, OPAQUE = entry("client_id"), entry("natural_key"), entry("opaque")
UPDATE, PROVED, KEYED = entry("read_back"), entry("proved_absent"), entry("provider_key")
FOUND, MISSED = Happened(), NotHappened()

LONG = {"policy": ExecutionPolicy(2, 60, 1)}
"""Calls that may last longer than a message stays away.

Step Functions learns of a death at once, a queue when the message comes back. Where that is before the call's deadline
both take over at once and once more when the call is over; where it is later the queue takes over only once.
"""

DOUBT = [
    Scenario("lost and found by its id", "SUCCEEDED READ_BACK", CLIENT, Script([Word.DROP])),
    Scenario("lost and found by its natural key", "SUCCEEDED READ_BACK", NATURAL, Script([Word.DROP])),
    Scenario("lost and read back", "SUCCEEDED READ_BACK", UPDATE, Script([Word.DROP])),
    Scenario(
        "lost and not seen and upserted once more", "SUCCEEDED RESPONSE", NATURAL, Script([Word.DROP], looks=[MISSED])
    ),
    Scenario("never arrived and sent again", "SUCCEEDED RESPONSE", CLIENT, Script([RESET])),
    Scenario("never arrived and upserted again", "SUCCEEDED RESPONSE", NATURAL, Script([RESET, SILENCE])),
    Scenario("never arrived and proved absent", "SUCCEEDED RESPONSE", PROVED, Script([SILENCE])),
    Scenario("never arrived and cannot be proved", "IN_DOUBT - DOWNSTREAM DOWNSTREAM_ERROR", UPDATE, Script([RESET])),
    Scenario(
        "never arrived until retries are spent", "FAILED READ_BACK TIMEOUT TIMEOUT", CLIENT, Script([SILENCE] * 3)
    ),
    Scenario("expired in doubt", "FAILED READ_BACK VALIDATION INTENT_EXPIRED", CLIENT, Script([RESET]), lasts_s=2),
    Scenario(
        "stopped in doubt",
        "FAILED READ_BACK VALIDATION KILL_SWITCH_ENABLED",
        CLIENT,
        Script([RESET]),
        acts=[(1_000, stop(its_type))],
    ),
    Scenario("the look-up fails at first", "SUCCEEDED READ_BACK", CLIENT, Script([Word.DROP], looks=[DARK])),
    Scenario("the look-up always fails", "IN_DOUBT - TIMEOUT TIMEOUT", CLIENT, Script([Word.DROP], looks=[DARK] * 3)),
    Scenario("changed by somebody else", "IN_DOUBT - TIMEOUT TIMEOUT", UPDATE, Script([SILENCE], looks=[EDITED])),
    Scenario("lost without any way to look", "IN_DOUBT - TIMEOUT TIMEOUT", OPAQUE, Script([Word.DROP])),
    Scenario("replayed by its key", "SUCCEEDED KEY_REPLAY", KEYED, Script([Word.DROP])),
    Scenario("never arrived and sent again by its key", "SUCCEEDED KEY_REPLAY", KEYED, Script([RESET])),
    Scenario("the key is forgotten", "IN_DOUBT - TIMEOUT TIMEOUT", entry("forgetful_key"), Script([Word.DROP])),
    Scenario("a read is read again", "SUCCEEDED RESPONSE", entry("read_only"), Script([RESET, SILENCE])),
    Scenario(
        "parked and found by the sweeper",
        "SUCCEEDED READ_BACK",
        UPDATE,
        Script([Word.DROP], looks=[MISSED]),
        acts=[(120_000, sweep)],
    ),
    Scenario(
        "parked and missed by the sweeper for good",
        "IN_DOUBT - TIMEOUT TIMEOUT",
        UPDATE,
        Script([SILENCE], looks=[MISSED] * 4),
        acts=[(at_s * 1_000, sweep) for at_s in (120, 240, 360, 480, 600)],
    ),
    Scenario("the process dies after the write", "SUCCEEDED READ_BACK", CLIENT, Script([Word.DIES]), change=LONG),
    Scenario("the process dies before the write", "SUCCEEDED RESPONSE", CLIENT, Script([Word.DIES_FIRST]), change=LONG),
    Scenario("the process dies without any way to look", "IN_DOUBT -", OPAQUE, Script([Word.DIES]), change=LONG),
    Scenario("the connector breaks after the write", "SUCCEEDED READ_BACK", CLIENT, Script([Word.BREAKS])),
]

UNDONE = [
    Scenario(
        "half a write is undone",
        "FAILED RESPONSE DOWNSTREAM PARTIAL_WRITE undo COMPLETED",
        CLIENT,
        Script([Word.PARTIAL]),
    ),
    Scenario(
        "half a write is undone and the reply is lost",
        "FAILED RESPONSE DOWNSTREAM PARTIAL_WRITE undo COMPLETED",
        CLIENT,
        Script([Word.PARTIAL], [Word.DROP]),
    ),
    Scenario(
        "half a write is undone at the third time",
        "FAILED RESPONSE DOWNSTREAM PARTIAL_WRITE undo COMPLETED",
        CLIENT,
        Script([Word.PARTIAL], [throttled(3), RESET]),
    ),
    Scenario(
        "half a write is undone by a key",
        "FAILED RESPONSE DOWNSTREAM PARTIAL_WRITE undo COMPLETED",
        entry("client_id", keyed=True),
        Script([Word.PARTIAL], [RESET]),
    ),
    Scenario(
        "half a write cannot be undone",
        "IN_DOUBT RESPONSE VALIDATION NO undo FAILED",
        CLIENT,
        Script([Word.PARTIAL], [NO]),
    ),
    Scenario(
        "half a write is stopped from being undone",
        "IN_DOUBT RESPONSE VALIDATION KILL_SWITCH_ENABLED undo FAILED",
        CLIENT,
        Script([Word.PARTIAL], [throttled(30)]),
        acts=[(10_000, stop(its_type))],
    ),
    Scenario(
        "half a write is for the operator",
        "IN_DOUBT RESPONSE DOWNSTREAM PARTIAL_WRITE",
        entry("client_id", CompensationMode.MANUAL),
        Script([Word.PARTIAL]),
    ),
    Scenario("half a write to two objects", "IN_DOUBT RESPONSE DOWNSTREAM PARTIAL_WRITE", CLIENT, Script([Word.TORN])),
    Scenario(
        "the process dies while it undoes",
        "FAILED RESPONSE DOWNSTREAM PARTIAL_WRITE undo COMPLETED",
        CLIENT,
        Script([Word.PARTIAL], [Word.DIES]),
        change=LONG,
    ),
    Scenario("undone by an operator", "SUCCEEDED RESPONSE undo COMPLETED", CLIENT, acts=[(60_000, undo)]),
    Scenario("undone twice", "SUCCEEDED RESPONSE undo COMPLETED", CLIENT, acts=[(60_000, undo), (120_000, undo)]),
    Scenario(
        "undone though nothing undoes it",
        "SUCCEEDED RESPONSE",
        entry("client_id", CompensationMode.NONE, undo=None),
        acts=[(60_000, undo)],
    ),
    Scenario(
        "undone after it was refused", "FAILED RESPONSE VALIDATION NO", CLIENT, Script([NO]), acts=[(60_000, undo)]
    ),
    Scenario(
        "undone while stopped",
        "SUCCEEDED RESPONSE undo COMPLETED",
        CLIENT,
        acts=[(60_000, stop(its_type)), (70_000, undo), (80_000, undo_while_stopped)],
    ),
    Scenario(
        "undone again after it was refused once",
        "SUCCEEDED RESPONSE undo COMPLETED",
        CLIENT,
        Script(undos=[NO]),
        acts=[(60_000, undo), (120_000, undo)],
    ),
    Scenario(
        "undone in doubt and settled",
        "SUCCEEDED RESPONSE undo COMPLETED",
        entry("client_id", keyed=True),
        Script(undos=[Word.DROP]),
        acts=[(60_000, undo)],
    ),
    Scenario(
        "undone and then approved anew", "SUCCEEDED RESPONSE run 2", CLIENT, acts=[(60_000, undo), (180_000, retry)]
    ),
]

SCENARIOS = [*DOUBT, *UNDONE]
