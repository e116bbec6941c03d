from __future__ import annotations

import json
import logging
from typing import Any

from entrypoints.function_logs import FunctionLines

SECRET = "s3cret-s3cret"


def line(**given: Any) -> dict[str, Any]:  # noqa: ANN401 - what a log record holds
    record = logging.makeLogRecord({"name": "actonce.intake", "levelname": "INFO", "msg": "handled", **given})
    found = json.loads(FunctionLines(utc=True, use_rfc3339=True).format(record))
    assert isinstance(found, dict)
    return found


def test_finding_27_fields_stand_beside_powertools_own() -> None:
    found = line(fields={"message_id": "m-1", "error_code": None})
    assert (found["message"], found["level"], found["message_id"]) == ("handled", "INFO", "m-1")
    assert found["timestamp"].endswith("+00:00")
    assert {"fields", "error_code"} & found.keys() == set()


def test_an_exception_is_told_by_its_class_alone() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        found = line(exc_info=(type(error), error, error.__traceback__), exc_text=SECRET, stack_info=SECRET)
    assert found["error"] == "ValueError"
    assert SECRET not in json.dumps(found)


def test_what_is_given_outside_of_fields_is_shown_too() -> None:
    assert line(tool="crm.create", fault="KeyError")["fault"] == "KeyError"
