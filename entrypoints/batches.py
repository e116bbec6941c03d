"""Batches of SQS in a Lambda function: each record by itself, and an answer that names those to deliver again.

Powertools has this too. Importing it brings every kind of event there is, a tenth of all that a cold start of a
function does, for the few lines below.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from entrypoints.telemetry import Key

Record = Mapping[str, Any]
Response = dict[str, list[dict[str, Any]]]

log = logging.getLogger("actonce.batches")


class NotDoneError(Exception):
    """A record that must be delivered again."""


def answered(event: Mapping[str, Any], settle: Callable[[Record], None]) -> Response:
    """Return the ids of the records for which ``settle`` raised; no trouble of one reaches its neighbours."""
    failed: list[dict[str, Any]] = []
    for record in event["Records"]:
        try:
            settle(record)
        except NotDoneError:
            failed.append({"itemIdentifier": record["messageId"]})
        except Exception:
            log.exception("unforeseen", extra={"fields": {Key.DOING: "record"}})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
