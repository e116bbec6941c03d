"""actonce in its Step Functions mode: the committed state machine over its functions, on ministack.

All trials are tenants of one installation, which is made as ``tests/e2e`` makes it: queue, starter, state machine,
functions that are processes of their own, stream, relay, and the rule for executions that did not end by themselves.
Signals of a trial arrive in a queue of its own. In a life of a trial nothing is done but to deliver, to look, and to
sweep as a schedule does: what is to befall it befalls its functions (``steps_journal.py``).
"""

import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from adapters.aws.registry import DynamoRegistry
from adapters.aws.tables import Tables
from benchmarks.effect_correctness.contenders.direct import gather
from benchmarks.effect_correctness.contenders.ours_told import intent_of, key_of, told_of
from benchmarks.effect_correctness.contenders.ours_tools import CONFIG, ENTRIES
from benchmarks.effect_correctness.contenders.steps_function import ended, handled, name_of
from benchmarks.effect_correctness.contenders.steps_journal import (
    ABORTED,
    Journal,
    Strike,
    has_died,
    passed_again,
)
from benchmarks.effect_correctness.faults import CRASHES, Cell, Fault, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Marks, Trial
from entrypoints.container import building
from entrypoints.container.aws import AwsContainer
from entrypoints.settings.loading import Overrides, load
from ports.wire.messages import approved_event
from tests.e2e.doomed import HANDLERS
from tests.e2e.machine import Cloud, cloud, machine

HANDLER = "benchmarks.effect_correctness.contenders.steps_function.handler"
LONGEST_S = 50.0
POLL_S = 0.1
WARMED_AT_ONCE = 2
SWEEP_EVERY_S = 3.0
ENDS_ALONE = "an execution is stopped where a function of it dies; see the other arm"


class Way(StrEnum):
    """What becomes of an execution whose function dies: it goes on by itself, or an operator stops it too."""

    GOES_ON = "goes on"
    STOPPED = "stopped"


ENDS = {Way.GOES_ON: "SUCCEEDED", Way.STOPPED: "ABORTED"}
"""How Step Functions calls the end of its executions."""


def not_asked(way: Way, cell: Cell) -> str | None:
    """Return why an arm is not asked for a cell."""
    return ENDS_ALONE if way is Way.STOPPED and cell.fault not in CRASHES else None


class Steps:
    """Each trial is a tenant; each life is a delivery, or a look at what became of one."""

    def __init__(self, way: Way, port: int, folder: Path) -> None:
        """Start the emulator, and make an installation on it."""
        os.environ |= {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "test"}
        self._way = way
        self.name = "actonce, Step Functions mode" + (", executions stopped" if way is Way.STOPPED else "")
        self._journals, self._swept = folder / "journals", folder / "swept"
        self._journals.mkdir()
        self._swept.touch()
        self._beside = ExitStack()
        self._cloud = self._beside.enter_context(cloud())
        config = folder / "actonce.toml"
        config.write_text(self._cloud.heading + CONFIG.format(port=port), encoding="utf-8")
        self._settings = load(Overrides(config=config))
        registry = DynamoRegistry(Tables(self._cloud.client("dynamodb"), self._cloud.prefix))
        for entry in ENTRIES:
            registry.apply(entry)
        self._machine_arn = machine(self._cloud, folder, handler=HANDLER, variables=self._variables).arn
        self._warm_up()

    def not_offered(self, cell: Cell) -> str | None:
        return not_asked(self._way, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:
        """Give the signals of its tenant a queue."""
        at = self._own_cloud()
        url = at.client("sqs").create_queue(QueueName=f"{trial.name}-told")["QueueUrl"]
        asked = at.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        pattern = {"source": ["cc-native"], "detail": {"metadata": {"tenant_id": [trial.name]}}}
        events = at.client("events")
        events.put_rule(Name=trial.name, EventBusName=at.name, EventPattern=json.dumps(pattern))
        target = {"Id": "told", "Arn": asked["Attributes"]["QueueArn"]}
        events.put_targets(Rule=trial.name, EventBusName=at.name, Targets=[target])
        (folder / "told.txt").write_text(url, encoding="utf-8")

    def close(self) -> None:
        self._beside.close()

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        at, journal = self._own_cloud(), Journal(self._journals / trial.name)
        is_aborted = self._way is Way.STOPPED and life.dies_at is not None
        journal.plan(Strike(life, trial.by_sigkill, is_aborted))
        delivered = self._deliver(at, trial, life) if life.is_delivery else None
        if life.dies_at is not None:
            self._until_it_died(journal)
            if is_aborted and not journal.has(ABORTED):
                raise LookupError("the execution was not stopped")
            # This life was the function's.
            marks.at(life.dies_at)
        container = building.build_aws(self._settings)
        said = self._wait(at, folder, container, trial, life, delivered)
        building.close(container)
        passed_again(journal, life, marks)
        return said

    def _warm_up(self) -> None:
        """Start a process of each function, which no trial shall wait for; a step refuses a state that is none."""
        functions = self._cloud.client("lambda")

        def warm(name: str) -> None:
            functions.invoke(FunctionName=f"{self._cloud.name}-{name}", Payload=json.dumps({"Records": []}).encode())

        # Its threads are gone when trials are forked.
        with ThreadPoolExecutor(WARMED_AT_ONCE) as pool:
            list(pool.map(warm, HANDLERS))

    def _deliver(self, at: Cloud, trial: Trial, life: Life) -> str:
        """Send the event, or hand it to a starter as the queue does; return how it is noted that it was handled."""
        body = approved_event(intent_of(trial, life), embed=True)
        if trial.cell.fault is not Fault.PARALLEL:
            sent = at.client("sqs").send_message(QueueUrl=at.queues["work"], MessageBody=body)
            return handled({"messageId": sent["MessageId"], "body": body})
        # What a queue delivers twice at once may still come to one starter, in one batch: here are two of them.
        message_id = f"{trial.name}-{os.getpid()}"
        attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1_000))}
        named = {"messageId": message_id, "receiptHandle": message_id, "eventSource": "aws:sqs"}
        record = {**named, "body": body, "attributes": attributes}
        answer = at.client("lambda").invoke(
            FunctionName=f"{at.name}-starter", Payload=json.dumps({"Records": [record]}).encode()
        )
        if "FunctionError" in answer:
            raise LookupError(f"the starter broke: {answer['Payload'].read()!r}")
        return handled(record)

    def _until_it_died(self, journal: Journal) -> None:
        until = time.monotonic() + LONGEST_S
        while not has_died(journal):
            if time.monotonic() >= until:
                raise TimeoutError("no function came to the place where it was to die")
            time.sleep(POLL_S)

    def _wait(
        self, at: Cloud, folder: Path, container: AwsContainer, trial: Trial, life: Life, delivered: str | None
    ) -> Status:
        """Wait until the delivery was handled, its execution has ended, and something was told of it."""
        signals, url = folder / "signals.jsonl", (folder / "told.txt").read_text(encoding="utf-8")
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            self._sweep_now_and_then(at)
            gather(at.client("sqs"), url, signals)
            execution = container.executions().load(key_of(trial))
            is_open = execution is None or execution.attempt.is_open
            is_handled = delivered is None or (self._journals / delivered).exists()
            if not is_open and is_handled and self._has_ended(at, trial):
                said = told_of(signals, container, trial, life)
                if said is not Status.NOTHING:
                    return said
            time.sleep(POLL_S)
        return Status.NOTHING

    def _has_ended(self, at: Cloud, trial: Trial) -> bool:
        """Tell whether the execution has ended in the way of this arm; one that was stopped must have been seen to."""
        name = name_of(key_of(trial))
        execution = f"{self._machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        status = at.client("stepfunctions").describe_execution(executionArn=execution)["status"]
        if status not in {"RUNNING", ENDS[self._way]}:
            raise LookupError(f"the execution ended as {status}")
        is_seen_to = self._way is Way.GOES_ON or (self._journals / ended(name)).exists()
        return bool(status != "RUNNING" and is_seen_to)

    def _sweep_now_and_then(self, at: Cloud) -> None:
        """Invoke the sweeper as its schedule does, by whoever looks first when it is time."""
        if time.time() < self._swept.stat().st_mtime + SWEEP_EVERY_S:
            return
        os.utime(self._swept)
        at.client("lambda").invoke(FunctionName=f"{at.name}-sweeper", InvocationType="Event", Payload=b"{}")

    def _own_cloud(self) -> Cloud:
        """Return it with clients of this process, for a fork must not share connections."""
        clients: dict[str, Any] = {}
        return replace(self._cloud, clients=clients)

    def _variables(self, folder: Path, name: str) -> Mapping[str, str]:
        return {"PROOF_OF": name, "PROOF_JOURNALS": str(folder / "journals")}


def contender(arm: str | None, port: int, folder: Path) -> Steps:
    """Return an arm: executions go on, or are ``stopped``."""
    return Steps(Way.GOES_ON if arm is None else Way(arm), port, folder)
