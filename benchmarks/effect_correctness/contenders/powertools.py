"""Powertools for AWS Lambda, idempotency, on DynamoDB (moto): a queue's function, whose message may come again.

Used as docs.aws.amazon.com/powertools/python/latest/utilities/idempotency says: ``idempotent_function`` around the work
of one record, the key by ``event_key_jmespath``, ``payload_validation_jmespath`` so that another body under a known key
is refused, and ``register_lambda_context`` so that work that was cut short may be done again when its time is over. It
deletes its record when the function raises, so that the next delivery runs it again; the queue that delivers again is
played here, at most ``RECEIVES`` times.
"""

import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.effect_correctness.contenders.boto_throttling import throttled_client
from benchmarks.effect_correctness.contenders.peers import Arm, Tool, not_asked
from benchmarks.effect_correctness.faults import CALL_TIMEOUT_S, Cell, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.servers import free_port, wait_for
from benchmarks.effect_correctness.trial import Marks, Trial

idempotency = import_module("aws_lambda_powertools.utilities.idempotency")
errors = import_module("aws_lambda_powertools.utilities.idempotency.exceptions")

TABLE = "idempotency"
FUNCTION_TIMEOUT_S = CALL_TIMEOUT_S + 0.5
RECEIVES = 5
VISIBILITY_S = FUNCTION_TIMEOUT_S + 0.2
"""A queue's visibility outlasts its function, so a message comes again when the function is surely over."""


class LambdaContext:
    """What a function knows of its invocation."""

    def __init__(self) -> None:
        self._until = time.monotonic() + FUNCTION_TIMEOUT_S

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._until - time.monotonic()) * 1_000))


class Powertools:
    """One table for all trials; each life is an invocation, with the redeliveries of its message."""

    def __init__(self, arm: Arm, port: int) -> None:
        self.name = f"Powertools, {arm} tool"
        self._arm = arm
        self._port = port
        dynamo_port = free_port()
        self._endpoint = f"http://127.0.0.1:{dynamo_port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(dynamo_port)]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(dynamo_port)
        self._make_table()

    def not_offered(self, cell: Cell) -> str | None:
        return not_asked(self._arm, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:
        """Nothing: the table is there."""

    def close(self) -> None:
        self._server.kill()
        self._server.wait()

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:  # noqa: ARG002 - its store is a table
        tool = Tool(self._port, self._arm, trial, marks)
        if not life.is_delivery:
            # The message of the one that died comes again.
            time.sleep(VISIBILITY_S)
        for _ in range(RECEIVES):
            try:
                self._invoke(tool, trial, life.text)
            except errors.IdempotencyValidationError:
                return Status.REFUSED
            except Exception:  # noqa: BLE001 - whatever a function raises puts its message back
                time.sleep(VISIBILITY_S)
                continue
            return Status.SUCCEEDED
        # What is received too often goes to a dead-letter queue.
        return Status.FAILED

    def _invoke(self, tool: Tool, trial: Trial, text: str) -> None:
        config = idempotency.IdempotencyConfig(
            event_key_jmespath="id", payload_validation_jmespath="text", raise_on_no_idempotency_key=True
        )
        config.register_lambda_context(LambdaContext())
        client = throttled_client(
            "dynamodb", self._endpoint, tool.marks, status=400, error="ProvisionedThroughputExceededException"
        )
        store = idempotency.DynamoDBPersistenceLayer(table_name=TABLE, boto3_client=client)

        def work(record: dict[str, str]) -> dict[str, Any]:
            return tool(record["text"])

        idempotent = idempotency.idempotent_function(
            work, data_keyword_argument="record", persistence_store=store, config=config
        )
        idempotent(record={"id": trial.name, "text": text})
        tool.has_recorded()

    def _make_table(self) -> None:
        client = throttled_client("dynamodb", self._endpoint, _never(), status=400, error="none")
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def contender(arm: str | None, port: int, folder: Path) -> Powertools:  # noqa: ARG001 - its table is elsewhere
    """Return one of the arms."""
    return Powertools(Arm(arm or Arm.PLAIN), port)


def _never() -> Marks:
    return Marks(Life(), by_sigkill=False)
