"""Starts ministack so that a Python Lambda that was killed ends as on AWS, which names this Runtime.ExitError.

Left to itself it calls this an error of the handler's own; and where a process ends while it starts, an error of
ministack's, upon which it ends the other processes of that function as well. It also starts a process for every
invocation that finds the others busy, which two cores have no use for: here an invocation waits for one of a few.
"""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import inspect

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from tests.emulators.ministack_launch import restore_exception_classes

DIED = "Worker process died"
DIED_STARTING = "Worker process exited immediately"
EXIT_ERROR = "Runtime.ExitError"
PROCESSES = 2

Reply = dict[str, Any]


def name_what_was_killed() -> None:
    """Let the reply about a process that ended bear the name that Lambda gives."""
    assert inspect.getsource(lambda_runtime.Worker).count(f'"{DIED}"') == 1, "ministack's worker has changed"
    invoke = lambda_runtime.Worker.invoke

    def invoke_and_name(*args: object, **kwargs: object) -> Reply:
        try:
            reply: Reply = invoke(*args, **kwargs)
        except RuntimeError as fault:
            if not str(fault).startswith(DIED_STARTING):
                raise
            reply = {"status": "error", "error": DIED_STARTING}
        if reply.get("error") in {DIED, DIED_STARTING}:
            reply |= {"error": "Runtime exited with error: signal: killed", "error_type": EXIT_ERROR}
        return reply

    lambda_runtime.Worker.invoke = invoke_and_name


def keep_processes_few() -> None:
    """Let an invocation wait while its function has as many processes as it may have."""
    execute = lambda_svc._execute_function_warm
    free: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(PROCESSES))

    def wait_and_execute(function: Reply, *args: object) -> Reply:
        with free[function["config"]["FunctionName"]]:
            reply: Reply = execute(function, *args)
        return reply

    lambda_svc._execute_function_warm = wait_and_execute


if __name__ == "__main__":
    name_what_was_killed()
    restore_exception_classes()
    keep_processes_few()
    app.main()
