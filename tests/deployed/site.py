"""An installation that is in use: its publisher, its operator, the tool server, and who listens to its signals."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from adapters.aws.dead_letters import SqsDeadLetters
from adapters.aws.executions import DynamoExecutions
from adapters.aws.intents import DynamoIntents
from adapters.aws.ledger import DynamoLedger
from adapters.aws.tables import Tables
from core.domain.execution import Execution
from core.domain.intent import ExecutionPolicy, Intent, Target
from core.domain.keys import IntentKey
from examples.mcp_server.probe import Probe
from ports.dead_letters import DeadLetter
from ports.wire.messages import approved_event
from tests.deployed import processes
from tests.deployed.deployment import Deployment
from tests.deployed.enforcing import Credentials, Emulator
from tests.deployed.modes import Mode
from tests.unit.making import an_intent

SETTLED_S = 120.0
POLL_S = 0.2
TIMEOUT_S = 3
PER_PUT = 10
MOST_LETTERS = 100
ACCOUNT = "account"
LETTER = "SEND_LETTER"
NEWS = "FETCH_ACCOUNT_NEWS"
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "CREATE_CRM_TASK": {"title": "Call them"},
    "CREATE_OPPORTUNITY": {"name": "Renewal", "stage": "PROSPECTING", "close_date": "2031-12-01"},
    LETTER: {"recipient": "Ada", "body": "Dear Ada"},
    NEWS: {"query": "Ada"},
}
REFUSED = 4
"""How the command line ends where something is not proved safe."""

Row = dict[str, Any]


@dataclass
class Site:
    """``told`` and ``buried``: signals and dead letters seen so far.

    Of the whole emulator: ``broken`` is which checks were meant to fail, ``report`` is shown at the end of the tests.
    """

    deployment: Deployment
    mode: Mode
    probe: Probe
    publisher: Credentials
    operator: Credentials
    signals_url: str
    report: list[str]
    broken: list[range]
    told: list[Row] = field(default_factory=list)
    buried: dict[str, DeadLetter] = field(default_factory=dict)

    @property
    def emulator(self) -> Emulator:
        return self.deployment.emulator

    @cached_property
    def outputs(self) -> Mapping[str, Any]:
        """What Terraform tells of this installation."""
        return self.deployment.outputs(self.mode.name)

    # The publisher upstream.

    def intents(self, number: int = 1, action_type: str = "CREATE_CRM_TASK", tenant: str | None = None) -> list[Intent]:
        """New intents of a tenant, by default of a new one."""
        return made_intents(number, action_type, tenant)

    def store(self, intent: Intent) -> None:
        """Put an intent into its table, as a publisher that sends ids alone."""
        DynamoIntents(self._tables(self.publisher)).put(intent)

    def publish(self, *intents: Intent, embed: bool = True) -> None:
        self.put_events(*(json.loads(approved_event(intent, embed=embed)) for intent in intents))

    def put_events(self, *events: Row) -> None:
        """Publish on the real bus with the publisher's own rights."""
        client = self.emulator.client("events", self.publisher)
        bus = self.outputs["bus_name"]
        entries = [
            {
                "EventBusName": bus,
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
            }
            for event in events
        ]
        for start in range(0, len(entries), PER_PUT):
            answer = client.put_events(Entries=entries[start : start + PER_PUT])
            assert answer["FailedEntryCount"] == 0, answer

    # The operator.

    def actonce(self, *arguments: str) -> str:
        """Run the command line with the operator's own rights and what Terraform told; return what it said."""
        done = self.asked(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it so, however it ends."""
        return subprocess.run(
            [str(Path(sys.executable).parent / "actonce"), *arguments],
            cwd=self.deployment.folder,
            env={
                **os.environ,
                **self.outputs["environment"],
                **self.operator.environment(),
                **self.emulator.trust(),
                "ACTONCE_AWS_ENDPOINT_URL": self.emulator.endpoint_url,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def refused(self, *arguments: str) -> str:
        """Run it so, and return how it says that this is not proved safe."""
        done = self.asked(*arguments)
        assert done.returncode == REFUSED, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stderr

    def on(self, intent: Intent, reason: str = "a test") -> tuple[str, ...]:
        """Arguments of a command about an intent."""
        key = intent.key
        return (key.intent_id, "-t", key.tenant_id, "-a", key.account_id, "--reason", reason)

    def execution(self, intent: Intent) -> Execution | None:
        return DynamoExecutions(self._tables(self.operator)).load(intent.key)

    def ledger(self) -> DynamoLedger:
        return DynamoLedger(self._tables(self.operator))

    def events(self) -> Sequence[Row]:
        """Every signal that arrived so far."""
        self._listen()
        return self.told

    def dead_letters(self, tenant: str) -> Sequence[DeadLetter]:
        """Letters about a tenant; a look may miss some that were looked at a moment ago, so all looks count."""
        client = self.emulator.client("sqs", self.operator)
        found = SqsDeadLetters(client, self.queue_url("dead_letters"), wait_s=0).newest(MOST_LETTERS)
        self.buried |= {letter.message_id: letter for letter in found}
        return [letter for letter in self.buried.values() if tenant in letter.body]

    def queue_url(self, name: str) -> str:
        url: str = self.outputs["queue_urls"][name]
        return url

    # What others see.

    def writes(self, *intents: Intent) -> Counter[str]:
        """Writes that the tool server did, by intent."""
        wanted = {intent.key.intent_id for intent in intents}
        rows = [row for row in self.probe.log() if row["op"] == "WRITE" and row["action_intent_id"] in wanted]
        return Counter(row["action_intent_id"] for row in rows)

    def signals(self, intent: Intent) -> list[str]:
        """Types of the signals that arrived for an intent, in their order, repeats left out."""
        return self.signals_by_intent().get(intent.key.intent_id, [])

    def signals_by_intent(self) -> dict[str, list[str]]:
        """The same for every intent that any arrived for."""
        self._listen()
        once = {it["detail"]["metadata"]["id"]: it for it in self.told}
        found: dict[str, list[str]] = {}
        for it in once.values():
            found.setdefault(it["detail"]["data"]["action_intent_id"], []).append(it["detail-type"])
        return found

    def _listen(self) -> None:
        client = self.emulator.client("sqs")
        while found := client.receive_message(QueueUrl=self.signals_url, MaxNumberOfMessages=10).get("Messages"):
            self.told += [json.loads(message["Body"]) for message in found]
            entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(found)]
            client.delete_message_batch(QueueUrl=self.signals_url, Entries=entries)

    def rows(self, table: str, tenant: str) -> list[Row]:
        """Rows of a tenant, as an administrator sees them."""
        pages = self.emulator.client("dynamodb").get_paginator("scan")
        name = self.outputs["table_names"][table]
        found = [row for page in pages.paginate(TableName=name) for row in page["Items"]]
        return [row for row in found if row["pk"]["S"].startswith(f"TENANT#{tenant}#")]

    # What befalls it.

    def sweep(self) -> None:
        """Invoke the sweeper now, which its schedule does once a minute."""
        client = self.emulator.client("lambda")
        answer = client.invoke(FunctionName=self.outputs["function_names"]["sweeper"], Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()

    def kill_callers(self) -> int:
        """End every process of the function that calls tools by SIGKILL; return how many there were."""
        return processes.kill(*self.emulator.words_of(self.outputs["function_names"][self.mode.caller]))

    @contextmanager
    def without_consumer(self) -> Iterator[None]:
        """Let the work queue wait meanwhile."""
        client = self.emulator.client("lambda")
        name = self.outputs["function_names"]["consumer"]
        (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def without_rights(self, function: str, *sids: str) -> Iterator[None]:
        """Take a function's role its rights meanwhile, or the statements of these names alone."""
        self.emulator.need_enforcement()
        iam = self.emulator.client("iam")
        place = {"RoleName": self.role(function), "PolicyName": "least-privilege"}
        policy = iam.get_role_policy(**place)["PolicyDocument"]
        left = [it for it in policy["Statement"] if sids and it["Sid"] not in sids]
        with self.refusing():
            iam.delete_role_policy(**place)
            if left:
                iam.put_role_policy(**place, PolicyDocument=json.dumps({**policy, "Statement": left}))
            try:
                yield
            finally:
                iam.put_role_policy(**place, PolicyDocument=json.dumps(policy))

    @contextmanager
    def misdeployed(self, function: str, handler: str) -> Iterator[None]:
        """Let a function be another one meanwhile, or none at all."""
        client, name = self.emulator.client("lambda"), self.outputs["function_names"][function]
        own = client.get_function_configuration(FunctionName=name)["Handler"]
        client.update_function_configuration(FunctionName=name, Handler=handler)
        try:
            yield
        finally:
            client.update_function_configuration(FunctionName=name, Handler=own)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """What anybody is refused meanwhile is meant to be."""
        before = len(self.emulator.checks())
        try:
            yield
        finally:
            self.broken.append(range(before, len(self.emulator.checks())))

    def role(self, function: str) -> str:
        name = self.outputs["function_names"][function]
        role: str = self.emulator.client("lambda").get_function_configuration(FunctionName=name)["Role"]
        return role.rpartition("/")[2]

    def _tables(self, credentials: Credentials) -> Tables:
        return Tables(self.emulator.client("dynamodb", credentials), self.outputs["table_prefix"])


def made_intents(number: int, action_type: str, tenant: str | None = None) -> list[Intent]:
    tenant = tenant or f"tenant-{secrets.token_hex(4)}"
    keys = [IntentKey(tenant, ACCOUNT, f"intent-{secrets.token_hex(6)}") for _ in range(number)]
    return [
        an_intent(
            key=key,
            action_type=action_type,
            parameters=PARAMETERS[action_type],
            target=Target("opportunity", f"006-{key.intent_id}"),
            policy=ExecutionPolicy(timeout_seconds=TIMEOUT_S),
        )
        for key in keys
    ]


def until(condition: Callable[[], bool], what: str, limit_s: float = SETTLED_S) -> None:
    """Poll until it holds; say what was waited for where it does not in time."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {limit_s:.0f} s: {what}"
        time.sleep(POLL_S)
