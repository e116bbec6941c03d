"""actonce in its direct mode: what ``actonce worker`` runs, on DynamoDB, SQS and EventBridge of ministack.

Each trial has tables, a queue and a bus of its own, whose signals arrive in another queue: a worker sweeps
and publishes what lies in its tables, whoever left it there.
"""

import json
import os
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.aws.registry import DynamoRegistry
from adapters.aws.schema import TABLES, definition
from adapters.aws.tables import Tables
from benchmarks.effect_correctness.contenders.marked import mark
from benchmarks.effect_correctness.contenders.ours_told import intent_of, key_of, stop, told_of
from benchmarks.effect_correctness.contenders.ours_tools import CONFIG, DIRECT, ENTRIES
from benchmarks.effect_correctness.faults import Cell, Fault, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Marks, Trial
from entrypoints.container import building
from entrypoints.container.aws import AwsContainer
from entrypoints.draining import Tally
from entrypoints.settings.loading import Overrides, Settings, load
from ports.wire.messages import approved_event
from tests.emulators import clients, ministack

LONGEST_S = 30.0
POLL_S = 0.1
STOP_S = 2.0


class Direct:
    """Each trial is an installation; each life is a run of its worker."""

    name = "actonce, direct mode"

    def __init__(self, port: int, folder: Path) -> None:
        """Start the emulator."""
        # An emulator believes anybody, and the worker looks for credentials where AWS says.
        os.environ |= {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "test"}
        self._beside = ExitStack()
        self._endpoint = self._beside.enter_context(ministack.serve())
        clients.s3(self._endpoint).create_bucket(
            Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        heading = DIRECT.format(endpoint_url=self._endpoint, region=clients.REGION)
        config = folder / "actonce.toml"
        config.write_text(heading + CONFIG.format(port=port), encoding="utf-8")
        self._settings = load(Overrides(config=config))

    def not_offered(self, cell: Cell) -> str | None:  # noqa: ARG002 - every cell can be asked
        return None

    def lay_out(self, folder: Path, trial: Trial) -> None:
        dynamodb = clients.dynamodb(self._endpoint)
        for table in TABLES:
            dynamodb.create_table(**definition(table, _prefix(trial)))
        registry = DynamoRegistry(Tables(dynamodb, _prefix(trial)))
        for entry in ENTRIES:
            registry.apply(entry)
        sqs, events = clients.sqs(self._endpoint), clients.events(self._endpoint)
        urls = {
            what: sqs.create_queue(QueueName=f"{trial.name}-{what}")["QueueUrl"] for what in ("work", "dead", "told")
        }
        events.create_event_bus(Name=trial.name)
        events.put_rule(Name="all", EventBusName=trial.name, EventPattern=json.dumps({"source": ["cc-native"]}))
        arn = sqs.get_queue_attributes(QueueUrl=urls["told"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_targets(Rule="all", EventBusName=trial.name, Targets=[{"Id": "told", "Arn": arn}])
        (folder / "queues.json").write_text(json.dumps(urls), encoding="utf-8")

    def close(self) -> None:
        self._beside.close()

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        urls = json.loads((folder / "queues.json").read_text(encoding="utf-8"))
        container = building.build_aws(self._settings_of(trial, urls))
        mark(container, marks)
        marks.stop = lambda: self._stop(container, trial)
        if life.is_delivery:
            container.queue().send([approved_event(intent_of(trial, life), embed=True)])
        worker, tally = container.worker(), Tally(keep=True)
        worker.start(tally)
        said = self._wait(folder / "signals.jsonl", container, trial, life, tally, urls["told"])
        worker.stop(STOP_S)
        building.close(container)
        return said

    def _wait(self, signals: Path, container: AwsContainer, trial: Trial, life: Life, tally: Tally, url: str) -> Status:
        """Wait until the delivery was handled and something was told of it."""
        sqs = clients.sqs(self._endpoint)
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            gather(sqs, url, signals)
            execution = container.executions().load(key_of(trial))
            is_open = execution is None or execution.attempt.is_open
            # Of two workers at once, one may have taken both deliveries.
            is_handled = tally.settled or not life.is_delivery or trial.cell.fault is Fault.PARALLEL
            if not is_open and is_handled:
                said = told_of(signals, container, trial, life)
                if said is not Status.NOTHING:
                    return said
            time.sleep(POLL_S)
        return Status.NOTHING

    def _settings_of(self, trial: Trial, urls: dict[str, str]) -> Settings:
        own = {"queue_url": urls["work"], "dead_letter_queue_url": urls["dead"], "bus_name": trial.name}
        own["table_prefix"] = _prefix(trial)
        return replace(self._settings, aws=self._settings.aws.model_copy(update=own))

    def _stop(self, container: AwsContainer, trial: Trial) -> None:
        """Throw the switch, and come back when it must hold."""
        stop(container, trial)
        time.sleep(self._settings.timing.switch_age_ms / 1_000)


def contender(arm: str | None, port: int, folder: Path) -> Direct:
    """Return the one arm."""
    if arm is not None:
        raise LookupError(f"the direct mode has no arm {arm}")
    return Direct(port, folder)


def _prefix(trial: Trial) -> str:
    return f"{trial.name}-"


def gather(sqs: Any, url: str, signals: Path) -> None:  # noqa: ANN401 - a client of SQS
    """Add what has arrived to the signals of the trial, each a line."""
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        # One write a line, since two lives may gather at once.
        with signals.open("a", encoding="utf-8") as file:
            file.write(json.dumps(json.loads(message["Body"])) + "\n")
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
