"""The events file: approved actions as a publisher writes them, with the accidents that events have."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from examples.demo.scenarios import (
    ACCOUNTS,
    CRM_TASK,
    FLAG,
    INVOICE,
    KILLED,
    LETTER,
    MEETING,
    NEWS,
    NOTE,
    OPPORTUNITY,
    SCENARIOS,
    SHORT,
    STAGE,
    STOPPED_ACCOUNT,
    STOPPED_TENANT,
    TASK,
    Scenario,
)

Document = dict[str, Any]

SEED = 2_026
DUPLICATES, CONFLICTS, ORPHANS = 24, 6, 2
KILL_AT = 0.45
CONFLICTS_FROM = 0.7
PEOPLE = ("Ada", "Grace", "Katherine", "Edsger", "Barbara", "Alan", "Margaret", "Donald")
SUBJECTS = ("renewal", "invoice terms", "onboarding", "support backlog", "security review", "roadmap", "usage drop")
STAGES = ("QUALIFICATION", "PROPOSAL", "NEGOTIATION", "WON")


@dataclass(frozen=True, slots=True)
class Action:
    """One approved action and the scenario it plays."""

    scenario: Scenario
    intent: Document

    @property
    def key(self) -> tuple[str, str, str]:
        """Tenant, account and intent id."""
        return (self.intent["tenant_id"], self.intent["account_id"], self.intent["action_intent_id"])

    @property
    def intent_id(self) -> str:
        return self.key[2]


@dataclass(frozen=True, slots=True)
class Script:
    """All that is published, and the provider's fault plan. ``lines`` are in the order of the file."""

    actions: tuple[Action, ...]
    lines: tuple[str, ...]
    duplicates: int
    conflicts: int
    malformed: int
    orphans: int

    @property
    def faults(self) -> dict[str, list[str]]:
        return {it.intent_id: list(it.scenario.faults) for it in self.actions if it.scenario.faults}

    @property
    def killed(self) -> Action:
        """The action during whose call the worker is killed."""
        return next(it for it in self.actions if it.scenario.trouble == KILLED)


def write_script() -> Script:
    """Return the same script every time."""
    chance = random.Random(SEED)
    actions = _actions(chance)
    chance.shuffle(actions)
    killed = next(it for it in actions if it.scenario.trouble == KILLED)
    actions.remove(killed)
    actions.insert(int(KILL_AT * len(actions)), killed)
    lines = [_event(it.intent) for it in actions]
    early = [it for it in actions[: len(actions) // 3] if it.scenario.spoiled is None]
    wild = _malformed(early[-1].intent)
    # What claims an id first wins, so the changed copies come long after their originals.
    changed = [_event(_changed(it.intent)) for it in chance.sample([it for it in early if _has_text(it)], CONFLICTS)]
    for line in changed:
        lines.insert(chance.randrange(int(CONFLICTS_FROM * len(lines)), len(lines)), line)
    for copy in chance.sample(actions, DUPLICATES):
        line = _event(copy.intent)
        lines.insert(chance.randrange(lines.index(line) + 1, len(lines) + 1), line)
    for line in [*wild, *(_event_by_ids(f"never-written-{n}") for n in range(ORPHANS))]:
        lines.insert(chance.randrange(len(lines)), line)
    return Script(tuple(actions), tuple(lines), DUPLICATES, CONFLICTS, len(wild), ORPHANS)


def _actions(chance: random.Random) -> list[Action]:
    places = cycle([(tenant, account) for account in (0, 1) for tenant in ACCOUNTS])
    actions: list[Action] = []
    for scenario in SCENARIOS:
        for action_type, count in scenario.counts.items():
            for number in range(1, count + 1):
                tenant, which = next(places)
                tenant = scenario.tenant or tenant
                account = STOPPED_ACCOUNT if tenant == STOPPED_TENANT else ACCOUNTS[tenant][which]
                intent_id = f"{SHORT[action_type]}-{scenario.slug}-{number:02d}"
                actions.append(Action(scenario, _intent(scenario, (tenant, account, intent_id), action_type, chance)))
    return actions


def _intent(scenario: Scenario, key: tuple[str, str, str], action_type: str, chance: random.Random) -> Document:
    tenant, account, intent_id = key
    parameters = _parameters(action_type, account, chance)
    year = 2025 if scenario.spoiled == "expired" else 2040
    if scenario.spoiled == "parameter":
        del parameters["title"]
    return {
        "action_intent_id": intent_id,
        "tenant_id": tenant,
        "account_id": account,
        "action_type": "SEND_CARRIER_PIGEON" if scenario.spoiled == "type" else action_type,
        "parameters": parameters,
        "target": {"entity_type": "opportunity", "entity_id": f"opp-{intent_id}"},
        "registry_version": 1,
        "approved_by": f"{chance.choice(PEOPLE).lower()}@{tenant}.example",
        "approval_timestamp": "2025-01-06T09:00:00Z",
        "expires_at": f"{year}-01-07T00:00:00Z",
        "expires_at_epoch": 1_736_208_000 if year == 2025 else 2_209_507_200,
        "execution_policy": {"retry_count": scenario.retry_count, "timeout_seconds": scenario.timeout_s},
        "original_decision_id": f"decision-{intent_id}",
        "trace_id": f"trace-{intent_id}",
    }


def _parameters(action_type: str, account: str, chance: random.Random) -> Document:
    person, subject = chance.choice(PEOPLE), chance.choice(SUBJECTS)
    amount, hour = chance.randrange(100, 9_000) + 0.5, chance.randrange(8, 17)
    title = f"Talk to {person} about the {subject}"
    made: dict[str, Document] = {
        NOTE: {"content": f"{person} asked about the {subject}."},
        TASK: {"title": title},
        FLAG: {"title": f"Review {account}", "reason": f"The {subject} worries {person}."},
        CRM_TASK: {"title": title, "priority": chance.choice(("low", "normal", "high"))},
        OPPORTUNITY: {"name": f"{account}: {subject}", "stage": "QUALIFICATION", "close_date": "2041-03-31"},
        STAGE: {"stage": chance.choice(STAGES)},
        MEETING: {"title": title, "start": f"2041-02-03T{hour:02d}:00:00Z", "end": f"2041-02-03T{hour:02d}:30:00Z"},
        INVOICE: {"amount": amount, "currency": chance.choice(("eur", "usd")), "memo": subject},
        LETTER: {"recipient": person, "body": f"Dear {person}, about the {subject}: let us talk."},
        NEWS: {"query": account},
    }
    return made[action_type]


def _has_text(action: Action) -> bool:
    return bool({"title", "content", "body"} & action.intent["parameters"].keys())


def _changed(intent: Document) -> Document:
    """Return the same id with another payload."""
    name = next(it for it in ("title", "content", "body") if it in intent["parameters"])
    return {**intent, "parameters": {**intent["parameters"], name: "Transfer all the money to Mallory"}}


def _event(intent: Document, **changes: object) -> str:
    ids = {name: intent[name] for name in ("action_intent_id", "tenant_id", "account_id")}
    data = {**ids, "approval_source": "HUMAN", "intent": intent}
    event = {"source": "cc-native", "detail-type": "ACTION_APPROVED", "detail": {"data": data}}
    return json.dumps({**event, **changes})


def _event_by_ids(intent_id: str) -> str:
    data = {"action_intent_id": intent_id, "tenant_id": "acme", "account_id": "acme-eu"}
    return json.dumps({"source": "cc-native", "detail-type": "ACTION_APPROVED", "detail": {"data": data}})


def _malformed(intent: Document) -> list[str]:
    """Lines that must be turned away, each for a reason of its own; none may touch an intent that is there."""
    other = {**intent, "action_intent_id": "malformed-1"}
    return [
        "please create a task for Ada, thanks",
        _event(other)[:200],
        _event(other, source="somebody-else"),
        _event(other, **{"detail-type": "ACTION_PROPOSED"}),
        _event({**other, "action_intent_id": "malformed; DROP TABLE intents"}),
        _event({**other, "registry_version": "latest"}),
        _event({**other, "expires_at_epoch": 1}),
        _event({**other, "priority": "now"}),
    ]
