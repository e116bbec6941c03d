"""Logs: one JSON object a line on stderr, of ids, codes and counts only; never a parameter, never a secret."""

import json
import logging
import sys
from datetime import UTC, datetime

ROOT = "actonce"
DELIVERIES = "actonce.intake"


class JsonLines(logging.Formatter):
    """Formats what was given as ``extra={"fields": ...}``; exceptions by class name, without their text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        given = getattr(record, "fields", {})
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **(given if isinstance(given, dict) else {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


def set_up(*, verbose: bool) -> None:
    """Send our logs to stderr, or nowhere; other libraries' logs are left as they are."""
    _set_up(logging.StreamHandler(sys.stderr) if verbose else logging.NullHandler())


def set_up_worker(*, verbose: bool) -> None:
    """Send our logs to stderr: changes of state and trouble, and where ``verbose`` says so each delivery too."""
    _set_up(logging.StreamHandler(sys.stderr))
    logging.getLogger(DELIVERIES).setLevel(logging.NOTSET if verbose else logging.WARNING)


def _set_up(handler: logging.Handler) -> None:
    logger = logging.getLogger(ROOT)
    for old in list(logger.handlers):
        logger.removeHandler(old)
    logger.propagate = False
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING if isinstance(handler, logging.NullHandler) else logging.INFO)
    logging.getLogger(DELIVERIES).setLevel(logging.NOTSET)
