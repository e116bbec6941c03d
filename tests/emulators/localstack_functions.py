"""Lambda functions for LocalStack without a container engine: awslambdaric in a process, served by a Runtime API.

Runs inside LocalStack, on its Python. A process that dies is replaced at the next invocation, as AWS does.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

HOST = "127.0.0.1"
START_LIMIT_S = 60.0
KEPT = ("PATH", "HOME", "TMPDIR")
Answer = tuple[bytes, bool]
"""What a function answers, and whether that is an error."""


def ended(request_id: str, code: int) -> bytes:
    """What AWS answers for a process that is gone."""
    words = f"RequestId: {request_id} Error: Runtime exited with error: exit status {code}"
    return json.dumps({"errorType": "Runtime.ExitError", "errorMessage": words}).encode()


class Process:
    """One process of a function, and the Runtime API (2018-06-01) that only this process speaks to."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._ready: Future[bool] = Future()
        self._asked: queue.Queue[Mapping[str, Any] | None] = queue.Queue()
        self._answer: Future[Answer] = Future()
        self._request_id = ""
        self._lines: list[str] = []
        self._server = Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        address = {"AWS_LAMBDA_RUNTIME_API": f"{HOST}:{self._server.server_port}"}
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, **address},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def await_ready(self) -> None:
        """Wait until it asks for work; StatusErrorException where it cannot begin."""
        self._ready.result(timeout=START_LIMIT_S)

    def invoke(self, asked: Mapping[str, Any], timeout_s: int) -> Answer:
        self._answer, self._request_id = Future(), asked["invoke-id"]
        self._asked.put({**asked, "deadline_ms": int((time.time() + timeout_s) * 1000)})
        try:
            return self._answer.result(timeout=timeout_s)
        except TimeoutError:
            self.stop()
            words = f"RequestId: {asked['invoke-id']} Error: Task timed out after {timeout_s}.00 seconds"
            return json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": words}).encode(), True

    def said(self, since: int = 0) -> list[str]:
        """What it printed, a line each."""
        return self._lines[since:]

    def stop(self) -> None:
        self._asked.put(None)
        self._process.kill()
        self._process.wait()
        self._server.shutdown()
        self._server.server_close()

    # What the process asks of the API.

    def next_asked(self) -> Mapping[str, Any] | None:
        if not self._ready.done():
            self._ready.set_result(True)
        return self._asked.get()

    def cannot_begin(self, fault: bytes) -> None:
        if not self._ready.done():
            self._ready.set_exception(StatusErrorException("init error", payload=fault))

    def answer(self, body: bytes, *, is_error: bool) -> None:
        if not self._answer.done():
            self._answer.set_result((body, is_error))

    def _watch(self) -> None:
        for line in self._process.stdout or ():
            self._lines.append(line)
        body = ended(self._request_id, self._process.wait())
        self.cannot_begin(body)
        self.answer(body, is_error=True)


class Api(BaseHTTPRequestHandler):
    """The Runtime API of the process that its server belongs to."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        asked = self.server.process.next_asked()
        if asked is None:
            self._reply(500, b"", {})
            return
        payload = asked["payload"]
        headers = {
            "Lambda-Runtime-Aws-Request-Id": asked["invoke-id"],
            "Lambda-Runtime-Invoked-Function-Arn": asked["invoked-function-arn"],
            "Lambda-Runtime-Deadline-Ms": str(asked["deadline_ms"]),
            "Lambda-Runtime-Trace-Id": asked.get("trace-id") or "",
            "Content-Type": "application/json",
        }
        self._reply(200, payload.encode() if isinstance(payload, str) else payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("/init/error"):
            self.server.process.cannot_begin(body)
        else:
            self.server.process.answer(body, is_error=self.path.endswith("/error"))
        self._reply(202, b'{"status": "OK"}', {})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)


class Server(ThreadingHTTPServer):
    """Serves one process."""

    daemon_threads = True

    def __init__(self, process: Process) -> None:
        super().__init__((HOST, 0), Api)
        self.process = process


class LocalExecutor(RuntimeExecutor):  # type: ignore[misc]
    """One environment of a function, as LocalStack knows it."""

    _renew: Callable[[], Process]

    def start(self, env_vars: Mapping[str, object]) -> None:
        config = self.function_version.config
        self.prepare_version(self.function_version)
        folder = Path(config.code.get_unzipped_code_location())
        own = {name: str(value) for name, value in env_vars.items() if name != "AWS_LAMBDA_LOG_FORMAT"}
        environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            **own,
            "LAMBDA_TASK_ROOT": str(folder),
            "PYTHONPATH": str(folder),
        }
        # The last word is for whoever looks for the processes of a function.
        known_as = f"localstack-lambda-{self.function_version.id.function_name}-{os.environ['FUNCTIONS_KNOWN_AS']}"
        command = [os.environ["FUNCTIONS_PYTHON"], "-m", "awslambdaric", config.handler, known_as]
        self._renew = lambda: Process(command, folder, environment)
        self._process = self._renew()
        self._process.await_ready()

    def stop(self) -> None:
        self._process.stop()

    def invoke(self, payload: Mapping[str, Any]) -> InvocationResult:
        if not self._process.is_alive:
            self._process = self._renew()
            self._process.await_ready()
        request_id, said = payload["invoke-id"], len(self._process.said())
        body, is_error = self._process.invoke(payload, self.function_version.config.timeout)
        lines = "".join(self._process.said(said))
        return InvocationResult(
            request_id,
            body,
            is_error=is_error,
            logs=f"START RequestId: {request_id}\n{lines}END RequestId: {request_id}\n",
        )

    def get_address(self) -> str:
        return HOST

    def get_endpoint_from_executor(self) -> str:
        return HOST

    def get_runtime_endpoint(self) -> str:
        return f"http://{HOST}/{self.id}"

    def get_logs(self) -> str:
        return "".join(self._process.said())

    @classmethod
    def prepare_version(cls, function_version: Any) -> None:  # noqa: ANN401 - as above
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: Any) -> None:  # noqa: ANN401 - as above
        """Leave the code in the folder that goes with the emulator."""
