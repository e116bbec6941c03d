"""A publisher in Python: the intent is checked before anything is sent, and only entries that failed are sent again.

    python -m examples.publishing.publish --bus actonce --intent-id intent-7

The id is the publisher's own, of what was decided: the same decision published twice is carried out once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import boto3

from adapters.aws.approvals import EventBridgeApprovals
from adapters.system.clock import SystemClock
from core.domain.errors import ExecutionError
from core.domain.intent import Intent
from ports.wire.intent import parse_intent
from ports.wire.messages import approved_event

VALID_FOR = timedelta(hours=1)


def a_note(intent_id: str, content: str, approved_at: datetime) -> Intent:
    """Return the intent to write a note; a field that is missing, unknown or odd is named by the error."""
    expires_at = approved_at + VALID_FOR
    return parse_intent(
        {
            "action_intent_id": intent_id,
            "tenant_id": "acme",
            "account_id": "emea",
            "action_type": "CREATE_INTERNAL_NOTE",
            "parameters": {"content": content},
            "registry_version": 1,
            "approved_by": "ada@example.com",
            "approval_timestamp": approved_at.isoformat(),
            "expires_at": expires_at.isoformat(),
            "expires_at_epoch": int(expires_at.timestamp()),
            "original_decision_id": f"decision-of-{intent_id}",
            "trace_id": f"trace-of-{intent_id}",
        }
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bus", required=True, help="its name or ARN")
    parser.add_argument("--intent-id", required=True, help="the id of the intent")
    parser.add_argument("--content", default="They asked for a call.", help="of the note")
    parser.add_argument("--endpoint-url", help="an emulator's address")
    given = parser.parse_args(arguments)
    try:
        intent = a_note(given.intent_id, given.content, datetime.now(UTC).replace(microsecond=0))
        bus = EventBridgeApprovals(boto3.client("events", endpoint_url=given.endpoint_url), given.bus, SystemClock())
        refused = bus.put([approved_event(intent, "HUMAN", embed=True)])
    except ExecutionError as fault:
        print(fault.message, file=sys.stderr)
        return 1
    for code in refused.values():
        print(f"not taken: {code}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
