"""The AWS durable execution SDK for Python, on the local runner of its testing library.

Each life is the function's process: it serves Invoke, as a Lambda endpoint does, and checkpoints at the runner. The
runner invokes again when a function's process is gone. Used as the SDK's documentation says (StepConfig, StepSemantics,
RetryPresets; docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html): the plain arm has what is said
for side effects that are not idempotent, AT_MOST_ONCE_PER_RETRY without retries; the idempotent arm has the default,
AT_LEAST_ONCE_PER_RETRY, with retries. Idempotent starts by name are the service's; the local runner has none.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.effect_correctness.contenders.boto_throttling import REGION, SESSION, throttled_client
from benchmarks.effect_correctness.contenders.peers import Arm, Tool, not_asked
from benchmarks.effect_correctness.faults import Cell, Fault, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.servers import HOST, free_port, wait_for
from benchmarks.effect_correctness.tool import ask
from benchmarks.effect_correctness.trial import Marks, Trial

config = import_module("aws_durable_execution_sdk_python.config")
execution = import_module("aws_durable_execution_sdk_python.execution")
retries = import_module("aws_durable_execution_sdk_python.retries")

TESTING = "aws_durable_execution_sdk_python_testing.cli"
TRIES = 5
POLL_S = 0.1
ONE_START = frozenset({Fault.DUPLICATE, Fault.PARALLEL, Fault.SWAP})
BY_SERVICE = (
    "the service starts one execution for a name, and refuses the name with another payload; the testing library's"
    " runner does not play that"
)


class FunctionServer(ThreadingHTTPServer):
    """The endpoint at which the runner invokes the function of one trial."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, handler: Any) -> None:  # noqa: ANN401 - a durable handler
        super().__init__((HOST, port), Invocation)
        self.handler = handler


class Invocation(BaseHTTPRequestHandler):
    """One Invoke."""

    server: FunctionServer

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            said, error = self.server.handler(event, None), ""
        except Exception as fault:  # noqa: BLE001 - Lambda reports whatever a handler raises
            said, error = {"errorType": type(fault).__name__, "errorMessage": str(fault)}, "Unhandled"
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if error:
            self.send_header("X-Amz-Function-Error", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class Durable:
    """One execution for each trial, all at one runner; each life is a process of the function."""

    def __init__(self, arm: Arm, port: int) -> None:
        self.name = f"AWS durable SDK, {arm} tool"
        self._arm = arm
        self._port = port
        self._runner_port = free_port()
        self._endpoint = f"http://{HOST}:{self._runner_port}"
        command = [sys.executable, "-m", TESTING, "start-server", "--host", HOST, "--port", str(self._runner_port)]
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": SESSION["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": SESSION["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": REGION,
        }
        quiet = subprocess.DEVNULL
        self._runner = subprocess.Popen(
            [*command, "--local-runner-region", REGION, "--log-level", "CRITICAL"],
            env=environment,
            stdout=quiet,
            stderr=quiet,
        )
        wait_for(self._runner_port)

    def not_offered(self, cell: Cell) -> str | None:
        return BY_SERVICE if cell.fault in ONE_START else not_asked(self._arm, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:  # noqa: ARG002 - all trials begin alike
        (folder / "port").write_text(str(free_port()), encoding="utf-8")

    def close(self) -> None:
        self._runner.kill()
        self._runner.wait()

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        tool = Tool(self._port, self._arm, trial, marks)
        port = int((folder / "port").read_text(encoding="utf-8"))
        function = FunctionServer(port, self._handler(tool))
        threading.Thread(target=function.serve_forever, daemon=True).start()
        if life.is_delivery:
            self._start(folder / "arn", trial, life, port)
        arn = (folder / "arn").read_text(encoding="utf-8")
        while True:
            _, said = ask(self._runner_port, "GET", f"/2025-12-01/durable-executions/{quote(arn, safe='')}")
            if said["Status"] != "RUNNING":
                return Status.SUCCEEDED if said["Status"] == "SUCCEEDED" else Status.FAILED
            time.sleep(POLL_S)

    def _start(self, kept: Path, trial: Trial, life: Life, port: int) -> None:
        # Held back until its name is kept: the function may be gone before the start is answered.
        order = {
            "AccountId": "123456789012",
            "FunctionName": "act",
            "FunctionQualifier": "$LATEST",
            "ExecutionName": trial.name,
            "ExecutionTimeoutSeconds": 60,
            "ExecutionRetentionPeriodDays": 1,
            "Input": json.dumps({"text": life.text}),
            "LambdaEndpoint": f"http://{HOST}:{port}",
        }
        _, said = ask(self._runner_port, "POST", "/start-durable-execution", document=order)
        kept.write_text(said["ExecutionArn"], encoding="utf-8")

    def _handler(self, tool: Tool) -> Any:  # noqa: ANN401 - a durable handler
        is_plain = self._arm is Arm.PLAIN
        semantics = config.StepSemantics
        step = config.StepConfig(
            step_semantics=semantics.AT_MOST_ONCE_PER_RETRY if is_plain else semantics.AT_LEAST_ONCE_PER_RETRY,
            retry_strategy=retries.RetryPresets.none() if is_plain else _retrying(),
        )

        def act(event: dict[str, str], context: Any) -> str:  # noqa: ANN401 - a DurableContext
            answer = context.step(lambda _: tool(event["text"]), name="write", config=step)
            tool.has_recorded()
            return str(answer["id"])

        client = throttled_client("lambda", self._endpoint, tool.marks, status=429, error="TooManyRequestsException")
        return execution.durable_execution(act, boto3_client=client)


def _retrying() -> Any:  # noqa: ANN401 - a retry strategy
    one_s = config.Duration.from_seconds(1)
    return retries.create_retry_strategy(
        retries.RetryStrategyConfig(max_attempts=TRIES, initial_delay=one_s, max_delay=one_s)
    )


def contender(arm: str | None, port: int, folder: Path) -> Durable:  # noqa: ARG001 - its runner keeps what it keeps
    """Return one of the arms."""
    # It logs what its steps end with, which is told here.
    logging.disable(logging.CRITICAL)
    return Durable(Arm(arm or Arm.PLAIN), port)
