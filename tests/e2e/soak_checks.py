"""What must hold of every intent after a soak, whatever was struck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.e2e.yard import MAY_BE_IN_DOUBT

SIGNALS = {"SUCCEEDED": "ACTION_EXECUTED", "FAILED": "ACTION_FAILED", "IN_DOUBT": "ACTION_IN_DOUBT"}
Row = Mapping[str, Any]


def faults_of(
    intents: Mapping[str, str], outcomes: Sequence[Row], log: Sequence[Row], signals: Sequence[Row]
) -> list[str]:
    """Return what is broken; ``intents`` is the action type of each, ``log`` what the external system really did."""
    writes = Counter(row["action_intent_id"] for row in log if row["op"] == "WRITE")
    told = {(event["detail"]["data"]["action_intent_id"], event["detail-type"]) for event in signals}
    seen = {outcome["action_intent_id"]: outcome["status"] for outcome in outcomes}
    reasons = {outcome["action_intent_id"]: f" ({code})" for outcome in outcomes if (code := outcome.get("error_code"))}
    faults = [f"{intent} was lost" for intent in intents if intent not in seen]
    faults += [f"{intent} was written {count} times" for intent, count in writes.items() if count > 1]
    faults += [f"{intent} was written and is nowhere" for intent in writes if intent not in seen]
    for intent, status in seen.items():
        fault = _untrue(status, writes[intent], intents.get(intent))
        if fault is not None:
            faults.append(f"{intent} is {status}{reasons.get(intent, '')}: {fault}")
        elif (intent, SIGNALS[status]) not in told:
            faults.append(f"{intent} is {status}, and nobody was told")
    return faults


def _untrue(status: str, writes: int, action_type: str | None) -> str | None:
    match status:
        case "SUCCEEDED":
            return None if writes else "nothing was written"
        case "FAILED":
            return "it was written" if writes else None
        case "IN_DOUBT":
            return None if action_type in MAY_BE_IN_DOUBT else f"{action_type} can be settled"
        case _:
            return "it has not ended"
