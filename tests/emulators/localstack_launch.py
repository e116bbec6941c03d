"""Starts LocalStack's open edition on its own Python, without a container engine and without a download.

Its installers would fetch Java, DynamoDB Local and an agent for it. Both programs are here already; the agent, which
lets a table have more than twenty indexes, is left out. The parts replaced are asserted, so that an upgrade that moves
them is noticed. FUNCTIONS_PYTHON runs the functions, DYNAMODB_LOCAL_FOLDER holds the engine.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Read when LocalStack is imported.
os.environ["FILESYSTEM_ROOT"] = str(Path.cwd())
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from localstack.runtime.main import main
from localstack.services.dynamodb.packages import DynamoDBLocalPackageInstaller
from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.lambda_.invocation import runtime_executor
from localstack.services.lambda_.invocation.assignment import AssignmentService

from tests.emulators.localstack_functions import LocalExecutor

FOLLOW = Path(__file__).with_name("follow.py")
PROCESSES = 3
"""Of one function: an invocation that finds as many busy waits for one, as on a small installation."""


class Plugin:
    """What LocalStack finds for the name of an executor."""

    def load(self) -> type[LocalExecutor]:
        return LocalExecutor


class Plugins:
    """Stands where LocalStack looks for plugins."""

    def exists(self, name: str) -> bool:
        return name == "local"

    def load(self, _: str) -> Plugin:
        return Plugin()


def run_functions_here() -> None:
    assert "EXECUTOR_PLUGIN_MANAGER.load(plugin_name).load()" in inspect.getsource(runtime_executor)
    runtime_executor.EXECUTOR_PLUGIN_MANAGER = Plugins()


def keep_processes_few() -> None:
    """Let an invocation wait while its function has as many processes as it may have."""
    given = AssignmentService.get_environment
    free: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(PROCESSES))

    @contextmanager
    def wait_and_give(self: object, version: str, *args: object, **kwargs: object) -> Iterator[Any]:
        with free[version], given(self, version, *args, **kwargs) as environment:
            yield environment

    AssignmentService.get_environment = wait_and_give


def use_the_engine_that_is_here() -> None:
    folder = Path(os.environ["DYNAMODB_LOCAL_FOLDER"])
    assert inspect.getsource(DynamodbServer._create_shell_command).count("-javaagent:") == 1
    assert "get_java_env_vars" in inspect.getsource(DynamodbServer.do_start_thread)

    def command(server: Any) -> list[str]:  # noqa: ANN401 - as above
        # LocalStack gives it a session, where it would outlive a LocalStack that is killed.
        java = [
            sys.executable,
            str(FOLLOW),
            "java",
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=.",
        ]
        libraries = f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}"
        return [*java, libraries, "-jar", str(folder / "DynamoDBLocal.jar"), "-inMemory", "-port", str(server.port)]

    DynamodbServer._create_shell_command = command
    DynamoDBLocalPackageInstaller.install = lambda *_, **__: None
    DynamoDBLocalPackageInstaller.get_java_env_vars = lambda _: {}


if __name__ == "__main__":
    run_functions_here()
    keep_processes_few()
    use_the_engine_that_is_here()
    main()
