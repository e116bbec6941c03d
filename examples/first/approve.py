"""Stand in for upstream: print an approved action as one line.

python -m examples.first.approve ID ACTION_TYPE [NAME=VALUE ...]
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import Any

GOOD_FOR = timedelta(hours=1)


def approved(intent_id: str, action_type: str, parameters: dict[str, str], now: datetime) -> dict[str, Any]:
    """Return an event that embeds its intent; it expires an hour after ``now``."""
    expires = (now + GOOD_FOR).replace(microsecond=0)
    key = {"action_intent_id": intent_id, "tenant_id": "acme", "account_id": "emea"}
    intent = key | {
        "action_type": action_type,
        "parameters": parameters,
        "registry_version": 1,
        "approved_by": "ada@example.com",
        "approval_timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "execution_policy": {"retry_count": 3, "timeout_seconds": 2},
        "expires_at": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "expires_at_epoch": int(expires.timestamp()),
        "original_decision_id": f"decision-of-{intent_id}",
        "trace_id": f"trace-of-{intent_id}",
    }
    return {"source": "cc-native", "detail-type": "ACTION_APPROVED", "detail": {"data": key | {"intent": intent}}}


def main() -> None:
    """Read the arguments and print the event."""
    parser = argparse.ArgumentParser(prog="python -m examples.first.approve", description="prints an approved action")
    parser.add_argument("id")
    parser.add_argument("action_type")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    arguments = parser.parse_args()
    pairs = [pair.partition("=") for pair in arguments.parameters]
    if not all(name and equals for name, equals, _ in pairs):
        parser.error("a parameter is NAME=VALUE")
    parameters = {name: value for name, _, value in pairs}
    print(json.dumps(approved(arguments.id, arguments.action_type, parameters, datetime.now(UTC))))


if __name__ == "__main__":
    main()
