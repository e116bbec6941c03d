"""Logs of a Lambda function: Powertools' lines, with our fields in them and no text of any exception."""

import logging
from typing import TextIO

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from entrypoints.logs import ROOT
from entrypoints.meters import service_name
from entrypoints.telemetry import Key


class FunctionLines(LambdaPowertoolsFormatter):
    """Formats what was given as ``extra={"fields": ...}``; exceptions by class name, without their text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        shown = dict(record.__dict__)
        given = shown.pop("fields", None)
        if isinstance(given, dict):
            shown |= {name: value for name, value in given.items() if value is not None}
        error = shown.get("exc_info")
        if isinstance(error, tuple) and error[0] is not None:
            shown[Key.ERROR.value] = error[0].__name__
        shown |= {"exc_info": None, "exc_text": None, "stack_info": None}
        return super().format(logging.makeLogRecord(shown))


def function_logger(stream: TextIO | None = None) -> Logger:
    """Return the logger that ours are children of; POWERTOOLS_LOG_LEVEL says how much is told, by default on stdout.

    There is one for the whole process: whoever asks again gets the same, with its first stream.
    """
    logger = Logger(service=ROOT, logger_formatter=FunctionLines(utc=True, use_rfc3339=True), stream=stream)
    # Powertools names the logger after the service, and ours have names of their own.
    logger.append_keys(service=service_name())
    return logger
