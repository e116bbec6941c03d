"""Batches of SQS in a Lambda function: each record by itself, and an answer that names those to deliver again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

Response = dict[str, list[dict[str, Any]]]


class NotDoneError(Exception):
    """A record that must be delivered again."""


def answered(event: dict[str, Any], settle: Callable[[SQSRecord], None]) -> Response:
    """Return the ids of the records for which ``settle`` raised NotDoneError; no trouble reaches their neighbours."""
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    failed = process_partial_response(event, settle, processor)
    return {"batchItemFailures": [dict(one) for one in failed["batchItemFailures"]]}
