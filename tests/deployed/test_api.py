"""The operators' API behind API Gateway, under its own role: who is let in, what is seen, and what an act does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.domain.intent import Intent
from core.domain.outcome import OutcomeStatus
from tests.deployed.checks import await_signals, calls, check_executed, check_ledger, outcome, status
from tests.deployed.doomed import Doomed
from tests.deployed.door import Answer, Claims, Door, operator_of
from tests.deployed.issuer import Issuer, a_key
from tests.deployed.site import ACCOUNT, Site, until

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]

OTHER_ACCOUNT = f"{ACCOUNT}-2"
WHY = {"reason": "a test"}
SHORT_OF_EVERYTHING: dict[str, tuple[dict[str, Any], int]] = {
    "another tenant": ({"custom:tenant_id": "elsewhere"}, 404),
    "no tenant": ({"custom:tenant_id": None}, 403),
    "a tenant that is no id": ({"custom:tenant_id": "a/b"}, 403),
    "accounts that are no JSON": ({"custom:account_ids": ACCOUNT}, 403),
    "accounts as a list and not as text": ({"custom:account_ids": [ACCOUNT]}, 403),
    "part of the account": ({"custom:account_ids": f'["{ACCOUNT[:-1]}"]'}, 403),
    "another account": ({"custom:account_ids": f'["{OTHER_ACCOUNT}"]'}, 403),
}
"""Whole tokens, and how a question about an intent that is not theirs is answered."""


@pytest.fixture(scope="module", autouse=True)
def _meanwhile(doomed: Doomed) -> None:
    """These tests pass the minute that test_troubles would wait for."""


@dataclass(frozen=True, slots=True)
class Written:
    """Actions that were carried out: three of one account, one of another, and one of another tenant."""

    own: tuple[Intent, ...]
    of_other_account: Intent
    of_other_tenant: Intent

    @property
    def claims(self) -> Claims:
        """Of an operator of the one account."""
        return operator_of(self.own[0].key.tenant_id)


@pytest.fixture(scope="module")
def door(steps: Site, issuer: Issuer) -> Door:
    if not steps.emulator.has_api:
        pytest.skip(f"API: {steps.emulator.name} has no HTTP API")
    return Door(steps, issuer)


@pytest.fixture(scope="module")
def written(steps: Site) -> Written:
    *own, last = steps.intents(4)
    other = replace(last, key=replace(last.key, account_id=OTHER_ACCOUNT))
    (foreign,) = steps.intents()
    steps.publish(*own, other, foreign)
    for intents in ((*own, other), (foreign,)):
        check_executed(steps, *intents)
    return Written(tuple(own), other, foreign)


def status_of(door: Door, intent: Intent, token: str | None) -> Answer:
    path = f"/executions/{intent.key.intent_id}/status"
    return door.ask("GET", path, token, account_id=intent.key.account_id)


def test_what_is_the_same_for_everybody_needs_no_token_and_everything_else_does(door: Door) -> None:
    health = door.ask("GET", "/health", None)
    described = door.ask("GET", "/openapi.json", None)

    assert (health.status, health.body["status"]) == (200, "ok")
    assert described.body["openapi"].startswith("3.1")
    assert door.ask("GET", "/", None).headers["location"].endswith("/console")
    assert door.ask("GET", "/console/no-such-file.js", None).status == 404
    for method, path in (("POST", "/health"), ("GET", "/registry"), ("GET", "/nowhere"), ("PUT", "/kill-switches")):
        assert door.ask(method, path, None).status == 401, (method, path)


def test_a_token_that_is_not_whole_opens_nothing(door: Door, written: Written) -> None:
    (intent, *_), issuer, claims = written.own, door.issuer, written.claims
    tokens = {
        "none": None,
        "made up": "made-up",
        "signed by another": issuer.token(claims, key=a_key()),
        "expired": issuer.token(claims, exp=1),
        "for another audience": issuer.token(claims, aud="another"),
        "of another issuer": issuer.token(claims, iss="https://elsewhere.example"),
    }

    assert status_of(door, intent, issuer.token(claims)).status == 200
    assert {name: status_of(door, intent, token).status for name, token in tokens.items()} == dict.fromkeys(tokens, 401)


@pytest.mark.parametrize("short_of", SHORT_OF_EVERYTHING)
def test_a_whole_token_opens_its_own_tenant_and_accounts_alone(door: Door, written: Written, short_of: str) -> None:
    over, refusal = SHORT_OF_EVERYTHING[short_of]
    claims = written.claims | over
    (intent, *_) = written.own
    undo = f"/executions/{intent.key.intent_id}/undo"

    refused = status_of(door, intent, door.issuer.token(claims))
    undone = door.ask("POST", undo, door.issuer.token(claims), body=WHY, account_id=ACCOUNT)

    assert refused.status == undone.status == refusal
    assert refused.body == undone.body == {"error": "Forbidden" if refusal == 403 else "Execution not found"}


def test_a_reader_looks_and_does_not_act(door: Door, written: Written) -> None:
    (intent, *_), place = written.own, {"account_id": ACCOUNT}
    token = door.issuer.token(written.claims | {"custom:role": "reader"})

    assert status_of(door, intent, token).status == 200
    assert door.ask("PUT", "/kill-switches", token, body={"closed": True, **WHY}).status == 403
    for act in ("cancel", "retry", "undo"):
        path = f"/executions/{intent.key.intent_id}/{act}"
        assert door.ask("POST", path, token, body=WHY, **place).status == 403, act


def test_an_operator_sees_where_an_action_stands_and_all_that_happened_to_it(door: Door, written: Written) -> None:
    (intent, *_), claims = written.own, written.claims
    path = f"/executions/{intent.key.intent_id}"

    shown = door.told("GET", f"{path}/status", claims, account_id=ACCOUNT)
    timeline = door.told("GET", f"{path}/timeline", claims, account_id=ACCOUNT)

    assert (shown["action_intent_id"], shown["status"]) == (intent.key.intent_id, "SUCCEEDED")
    assert [it["verified"] for it in timeline["chains"]] == [True]
    assert timeline["chains"][0]["entries"][0]["event"] == "EXECUTION_STARTED"
    assert [it["state"] for it in timeline["effects"]] == ["APPLIED"]
    assert {it["action_type"] for it in door.told("GET", "/registry", claims)["entries"]} >= {"CREATE_CRM_TASK"}
    assert door.told("GET", "/in-doubt", claims)["executions"] == []
    assert door.told("GET", "/counts", claims)["by_status"] == {"SUCCEEDED": len(written.own)}


@pytest.mark.parametrize("path", ["/executions", f"/accounts/{ACCOUNT}/executions"])
def test_a_listing_goes_on_page_by_page_and_never_leaves_the_account(door: Door, written: Written, path: str) -> None:
    found: list[str] = []
    place: dict[str, str] = {}
    claims = written.claims
    for _ in range(len(written.own) + 2):
        page = door.told("GET", path, claims, limit=2, **place)
        found += [it["action_intent_id"] for it in page["executions"]]
        if page.get("next_token") is None:
            break
        place = {"next_token": page["next_token"]}

    assert sorted(found) == sorted(it.key.intent_id for it in written.own)
    assert place, "there was one page only"
    assert door.ask("GET", path, door.issuer.token(claims), next_token="made-up").status == 400
    assert door.ask("GET", f"/accounts/{OTHER_ACCOUNT}/executions", door.issuer.token(claims)).status == 403


def test_an_undo_is_rehearsed_and_then_done_once_by_a_worker(door: Door) -> None:
    site, (intent,) = door.site, door.site.intents()
    claims, path = operator_of(intent.key.tenant_id), f"/executions/{intent.key.intent_id}/undo"
    site.publish(intent)
    check_executed(site, intent)

    rehearsed = door.told("POST", path, claims, body=WHY, account_id=ACCOUNT, dry_run="true")
    assert (rehearsed["act"], rehearsed["allowed"]) == ("undo", True)
    assert site.signals(intent) == ["ACTION_EXECUTED"]

    done = door.told("POST", path, claims, body=WHY, account_id=ACCOUNT)
    assert (done["act"], done["action_intent_id"]) == ("undo", intent.key.intent_id)
    await_signals(site, intent, kind="ACTION_UNDONE")
    assert [row["op"] for row in site.probe.log() if row["action_intent_id"] == intent.key.intent_id] == [
        "WRITE",
        "DELETE",
    ]
    undone = door.told("GET", path.replace("undo", "status"), claims, account_id=ACCOUNT)
    assert undone["compensation_status"] == "COMPLETED"
    again = door.ask("POST", path, door.issuer.token(claims), body=WHY, account_id=ACCOUNT)
    assert (again.status, again.body.keys()) == (409, {"error", "error_code"})
    check_ledger(site, intent.key.tenant_id)


def test_what_is_cancelled_before_it_came_is_never_sent_and_its_steps_are_stopped(door: Door) -> None:
    site, (intent,) = door.site, door.site.intents()
    claims, before = operator_of(intent.key.tenant_id), len(site.emulator.checks())
    site.store(intent)

    told = door.told("POST", f"/executions/{intent.key.intent_id}/cancel", claims, body=WHY, account_id=ACCOUNT)
    assert told["status"]["status"] == "CANCELLED"
    assert site.emulator.calls_of(site.role("api"), before)["states:StopExecution"] == 1
    site.publish(intent, embed=False)
    await_signals(site, intent, kind="ACTION_FAILED")
    assert status(site, intent) is OutcomeStatus.CANCELLED
    assert calls(site, intent) == 0
    check_ledger(site, intent.key.tenant_id)


def test_a_switch_that_is_closed_stops_its_tenant_alone_until_it_is_opened(door: Door, written: Written) -> None:
    site, (stopped,) = door.site, door.site.intents()
    claims = operator_of(stopped.key.tenant_id)
    closed = {"scope": "TENANT", "tenant_id": stopped.key.tenant_id, "action_type": None, "closed": True}

    assert door.told("PUT", "/kill-switches", claims, body={"closed": True, **WHY}) == closed
    assert door.told("GET", "/kill-switches", claims)["switches"] == [closed]
    assert door.told("GET", "/kill-switches", written.claims)["switches"] == []
    everybody = {"scope": "GLOBAL", "closed": True, **WHY}
    assert door.ask("PUT", "/kill-switches", door.issuer.token(claims), body=everybody).status == 403

    site.publish(stopped)
    await_signals(site, stopped, kind="ACTION_FAILED")
    fault = outcome(site, stopped).fault
    assert fault is not None
    assert fault.error_code == "KILL_SWITCH_ENABLED"
    assert door.told("PUT", "/kill-switches", claims, body={"closed": False, **WHY}) == {**closed, "closed": False}
    assert door.told("GET", "/kill-switches", claims)["switches"] == []
    path = f"/executions/{stopped.key.intent_id}/retry"
    # A reading of the switches may be a second old, and a run that it stopped may be asked for again.
    until(lambda: retried(door, path, claims, stopped), "the action of a tenant that was resumed")
    check_executed(site, stopped)


def retried(door: Door, path: str, claims: Claims, intent: Intent) -> bool:
    """Ask for another run where none is under way, and tell whether it was carried out."""
    if status(door.site, intent) is OutcomeStatus.FAILED:
        door.told("POST", path, claims, body=WHY, account_id=ACCOUNT)
    return status(door.site, intent) is OutcomeStatus.SUCCEEDED
