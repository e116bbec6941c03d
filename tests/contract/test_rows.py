import json
from pathlib import Path

import pytest

from adapters.sqlite.database import Database
from adapters.sqlite.executions import SqliteExecutions
from core.domain.attempt import Attempt, AttemptStatus, Brief, ChainHead, EffectKind
from core.domain.effect import Effect, EffectState
from core.domain.errors import StoreUnavailableError
from ports.wire.rows import ATTEMPT, EFFECT, OUTCOME, REFUSAL, REGISTRY_ENTRY, SIGNAL
from tests.contract.samples import claimed, entry, key, parked, refusal, settled


def test_every_row_is_read_as_it_was_written() -> None:
    first = claimed()
    for change in (first, settled(first.execution), parked(first.execution)):
        attempt = change.execution.attempt
        assert ATTEMPT.parse(ATTEMPT.dump(attempt)) == attempt
        assert [EFFECT.parse(EFFECT.dump(it)) for it in change.effects] == list(change.effects)
        assert [SIGNAL.parse(SIGNAL.dump(it)) for it in change.signals] == list(change.signals)
        if change.outcome is not None:
            assert OUTCOME.parse(OUTCOME.dump(change.outcome)) == change.outcome
    assert REFUSAL.parse(REFUSAL.dump(refusal())) == refusal()
    assert REGISTRY_ENTRY.parse(REGISTRY_ENTRY.dump(entry())) == entry()


@pytest.mark.parametrize("place", [(), ("sends", 0), ("request", "terms")], ids=["row", "send", "terms"])
def test_a_row_with_a_field_of_a_newer_version_is_not_read_for_it_may_say_that_nothing_may_be_sent(
    place: tuple[str | int, ...],
) -> None:
    (effect,) = claimed().effects
    document = json.loads(EFFECT.dump(effect))
    inner = document
    for step in place:
        inner = inner[step]
    inner["never_send_again"] = True
    with pytest.raises(StoreUnavailableError):
        EFFECT.parse(json.dumps(document))


def test_an_attempt_without_the_fields_that_came_later_gets_their_defaults() -> None:
    old = {
        "key": {"tenant_id": "acme", "account_id": "account-1", "intent_id": "intent-1"},
        "version": 3,
        "nonce": "nonce",
        "fingerprint": "00",
        "status": "RUNNING",
        "owner": "worker",
        "generation": 1,
        "lease_until_ms": 5,
        "run": 1,
        "key_run": 1,
        "attempt_count": 1,
        "attempt_id": "attempt-1",
        "brief": {
            "action_type": "CREATE_TASK",
            "registry_version": 1,
            "trace_id": "t",
            "decision_trace_id": "d",
            "expires_at_epoch": 9,
        },
        "started_at_ms": 1,
    }
    assert ATTEMPT.parse(json.dumps(old)) == Attempt(
        key=key(),
        version=3,
        nonce="nonce",
        fingerprint="00",
        status=AttemptStatus.RUNNING,
        owner="worker",
        generation=1,
        lease_until_ms=5,
        run=1,
        key_run=1,
        attempt_count=1,
        attempt_id="attempt-1",
        brief=Brief("CREATE_TASK", 1, "t", "d", 9),
        started_at_ms=1,
        head=ChainHead(),
    )


def test_an_effect_without_the_fields_that_came_later_gets_their_defaults() -> None:
    effect = claimed().effects[0]
    whole = json.loads(EFFECT.dump(effect))
    old = {name: whole[name] for name in ("kind", "run", "key_run", "request")}
    assert EFFECT.parse(json.dumps(old)) == Effect(
        EffectKind.ACTION, 1, 1, effect.request, sends=(), state=EffectState.OPEN
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"status": "INVENTED_LATER"}'])
def test_a_row_that_cannot_be_read_decides_nothing(text: str) -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be read"):
        ATTEMPT.parse(text)


def test_a_stored_row_that_cannot_be_read_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db")
    executions = SqliteExecutions(database)
    executions.commit(claimed())
    database.write(lambda connection: connection.execute("UPDATE attempts SET body = '{}'"))
    with pytest.raises(StoreUnavailableError):
        executions.load(key())
    database.close()
