"""Starts ministack with IAM enforced, and writes down what each caller asked for and whether it was allowed.

ministack knows no condition key of EventBridge, so the two that our policies name are taken from the entries here; nor
the alias by which a key of KMS is asked for, nor the condition of a write to S3, which is taken from its header. It
asks for sqs:SendMessageBatch, an action that AWS does not have: a batch there needs sqs:SendMessage, and so on.
It appends a JSON line to $CALL_RECORD for every check; the first check of a request has ``is_call`` set.
It starts a process for every invocation that finds the others of its function busy: here it waits for one of a few.
"""

from __future__ import annotations

import contextvars
import json
import os
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import lambda_svc

from tests.emulators.ministack_launch import restore_exception_classes

PUT_EVENTS = "events:PutEvents"
PUT_OBJECT = "s3:PutObject"
BATCH_OF_SQS = re.compile(r"(sqs:\w+)Batch")
PROCESSES = 3
IF_NONE_MATCH = "if-none-match"

Context = dict[str, Any]


class Enforcement:
    """The real check, with the condition keys that it lacks and a record of what it said."""

    def __init__(self, record: Path) -> None:
        self._file = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._enforce = iam_evaluator.enforce
        self._pin = app.pin_signed_body
        self._body = contextvars.ContextVar("body", default=b"")
        self._is_call = contextvars.ContextVar("is_call", default=False)

    def begin(self, body: bytes) -> None:
        """Remember the body: a check is not shown it."""
        self._body.set(body)
        self._is_call.set(True)
        self._pin(body)

    def enforce(
        self,
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Context | None = None,
    ) -> object:
        """Check, as often as there are kinds of events; the first refusal stands."""
        iam_action = BATCH_OF_SQS.sub(r"\1", iam_action)
        told: list[Context | None] = [None]
        if iam_action == PUT_EVENTS:
            told = conditions(self._body.get())
        elif iam_action.startswith("kms:"):
            told = [alias_in(self._body.get())]
            # AWS judges by the key that an alias stands for, ministack by the alias.
            resource_arn = resource_arn.replace(":alias/", ":key/of-")
        denied = None
        for keys in told:
            denied = self._enforce(
                access_key_id, iam_action, service, region, resource_arn, {**(service_context or {}), **(keys or {})}
            )
            if denied:
                break
        self._write(access_key_id, iam_action, resource_arn, denied)
        return denied

    def _write(self, access_key_id: str, action: str, resource: str, denied: object) -> None:
        principal = iam_evaluator.resolve_principal(access_key_id, get_account_id())
        row = {
            "caller": getattr(principal, "arn", "nobody"),
            "action": action,
            "resource": resource,
            "is_allowed": denied is None,
            "is_call": self._is_call.get(),
        }
        self._is_call.set(False)
        os.write(self._file, f"{json.dumps(row)}\n".encode())


def conditions(body: bytes) -> list[Context | None]:
    """Return the condition keys of each kind of event in a request; AWS judges entry by entry."""
    entries = json.loads(body).get("Entries", [])
    kinds = {(entry.get("DetailType", ""), entry.get("Source", "")) for entry in entries}
    return [{"events:detail-type": detail_type, "events:source": source} for detail_type, source in sorted(kinds)]


def alias_in(body: bytes) -> Context:
    """Return the condition key by which a key is asked for, where it is asked for by its alias."""
    key_id = str(json.loads(body or b"{}").get("KeyId", ""))
    return {"kms:RequestAlias": key_id} if key_id.startswith("alias/") else {}


def if_none_match(action: str, headers: Mapping[str, str]) -> Context:
    """Return the condition key of a write that says what must not be there; a write that says nothing has none."""
    value = headers.get(IF_NONE_MATCH)
    return {f"s3:{IF_NONE_MATCH}": value} if action == PUT_OBJECT and value else {}


def know_conditional_writes() -> None:
    """Let policies judge a write to S3 by its own header; the evaluation of them is ministack's."""
    context_of = iam_actions.s3_service_context

    def with_condition(
        action: str, query: Context | None, path: str = "", headers: Mapping[str, str] | None = None
    ) -> Context:
        return {**context_of(action, query, path, headers), **if_none_match(action, headers or {})}

    iam_actions.s3_service_context = with_condition


def keep_processes_few() -> None:
    """Let an invocation wait while its function has as many processes as it may have."""
    execute = lambda_svc._execute_function_warm
    free: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(PROCESSES))

    def wait_and_execute(function: dict[str, Any], *args: object) -> dict[str, Any]:
        with free[function["config"]["FunctionName"]]:
            reply: dict[str, Any] = execute(function, *args)
        return reply

    lambda_svc._execute_function_warm = wait_and_execute


def main() -> None:
    restore_exception_classes()
    keep_processes_few()
    know_conditional_writes()
    enforcement = Enforcement(Path(os.environ["CALL_RECORD"]))
    iam_evaluator.enforce = enforcement.enforce
    app.pin_signed_body = enforcement.begin
    # Over TLS it would take port 443 as well.
    assert app._port_is_bindable, "ministack takes port 443 in another way"
    app._port_is_bindable = lambda *_: False
    app.main()


if __name__ == "__main__":
    main()
