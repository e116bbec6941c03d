"""Starts ministack so that a failed Python Lambda reports its exception class, as AWS does.

Its worker drops the class and calls every error Runtime.HandlerError, which no Retry or Catch by name would match.
The parts replaced are asserted, so that an upgrade that moves them is noticed.
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

REPLY = 'json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()})'
REPLY_WITH_CLASS = REPLY.replace('"trace"', '"error_type": type(e).__name__, "trace"')
ANY_ERROR = "Runtime.HandlerError"

Reply = dict[str, Any]


def restore_exception_classes() -> None:
    """Let the worker tell the class, and carry it past the code between that rebuilds the error."""
    assert lambda_runtime._PYTHON_WORKER_SCRIPT.count(REPLY) == 1, "ministack's Python worker has changed"
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(REPLY, REPLY_WITH_CLASS)
    told = threading.local()
    invoke = lambda_runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def invoke_and_remember(*args: object, **kwargs: object) -> Reply:
        reply: Reply = invoke(*args, **kwargs)
        told.error_type = reply.get("error_type")
        return reply

    def execute_and_name(*args: object, **kwargs: object) -> Reply:
        told.error_type = None
        result: Reply = execute(*args, **kwargs)
        if result.get("error") and result["body"].get("errorType") == ANY_ERROR and told.error_type:
            result["body"]["errorType"] = told.error_type
        return result

    lambda_runtime.Worker.invoke = invoke_and_remember
    lambda_svc._execute_function_warm = execute_and_name


if __name__ == "__main__":
    restore_exception_classes()
    main()
