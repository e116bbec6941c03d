"""Faults on demand: which one the n-th call for an intent takes, and a list of the calls received."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Done by the HTTP front (front.py); the words after the names say whether the call is applied.
HTTP_FAULTS = frozenset(
    {
        "drop_before",  # not applied; the connection closes without a response
        "drop_reply",  # applied; the connection closes without a response
        "timeout",  # never applied; silence
        "timeout_after_apply",  # applied at once; silence
        "late_apply",  # applied `seconds` later, whether or not the client left; silence
        "throttle",  # not applied; 429 with Retry-After: `seconds`
        "http_500_before",  # not applied
        "http_500_after",  # applied
        "http_400",  # not applied, but the answer does not prove it
        "malformed",  # applied; 200 with broken JSON
        "slow_drip",  # applied; the response a byte each 50 ms
        "redirect",  # not applied; 302 to another origin
    }
)
# Those of them whose write is done before the client is let down.
APPLIED_FIRST = frozenset({"drop_reply", "timeout_after_apply", "http_500_after", "malformed"})
# Done inside the SDK's own path (server.py, ToolFaults).
TOOL_FAULTS = frozenset(
    {
        "refuse",  # not applied; an envelope that says so
        "partial",  # applied; an envelope that names what was written and does not claim success
        "huge",  # applied; a response over 1 MB
        "is_error",  # not applied; isError without an envelope
        "is_error_after",  # applied; isError without an envelope
        "rpc_error",  # not applied; JSON-RPC error -32603
        "rpc_error_after",  # applied; JSON-RPC error -32603
    }
)
NAMES = HTTP_FAULTS | TOOL_FAULTS | {"ok"}
DEFAULT_SECONDS = {"late_apply": 1.0, "throttle": 1.0}
MAX_SECONDS = 30.0
MAX_CALLS_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault's name; `seconds` is the delay of late_apply and the Retry-After of throttle, else 0."""

    name: str
    seconds: float = 0.0


def parse_fault(text: object) -> Fault:
    """Read `name` or `name:seconds`; ValueError names what is wrong."""
    if not isinstance(text, str):
        raise ValueError(f"a fault is a string, not {text!r}")
    name, colon, seconds = text.partition(":")
    if name not in NAMES:
        raise ValueError(f"no fault is called {name!r}; the faults are {', '.join(sorted(NAMES))}")
    if not colon:
        return Fault(name, DEFAULT_SECONDS.get(name, 0.0))
    if name not in DEFAULT_SECONDS:
        raise ValueError(f"{name} takes no seconds")
    value = float(seconds)
    if not 0 <= value <= MAX_SECONDS:
        raise ValueError(f"{text!r}: seconds must be between 0 and {MAX_SECONDS:g}")
    return Fault(name, value)


@dataclass(frozen=True, slots=True)
class Call:
    """A tools/call as it came in, before the SDK judged it. `kind`: lookup, image (before an update), write.

    Whatever is neither a look-up nor an image counts as a write: deletes do, and news.fetch does.
    """

    tool: str
    kind: str
    arguments: Mapping[str, Any]

    @property
    def plan_key(self) -> str:
        """The intent; for look-ups and images with `lookup:` or `image:` before it."""
        intent = str(self.arguments.get("action_intent_id", ""))
        return intent if self.kind == "write" else f"{self.kind}:{intent}"


def read_call(body: bytes) -> Call | None:
    """The call in a request body; None when it is no tools/call, which is then the SDK's to answer."""
    try:
        message = json.loads(body)
    except ValueError:
        return None
    params = message.get("params") if isinstance(message, dict) else None
    if not isinstance(params, dict) or message.get("method") != "tools/call":
        return None
    arguments = params.get("arguments")
    tool = str(params.get("name"))
    return Call(tool, _kind(tool), arguments if isinstance(arguments, dict) else {})


def _kind(tool: str) -> str:
    verb = tool.rpartition(".")[2].partition("_")[0]
    return {"find": "lookup", "check": "lookup", "get": "image"}.get(verb, "write")


class FaultPlan:
    """Lists of faults by plan key. The counters live as long as the process."""

    def __init__(self) -> None:
        self._faults: dict[str, list[Fault]] = {}
        self._taken: dict[str, int] = {}

    def put(self, plan: object) -> None:
        """Replace the named keys' lists and count them anew; ValueError, and nothing put, if any is bad."""
        if not isinstance(plan, dict):
            raise ValueError("a fault plan is a JSON object")
        parsed: dict[str, list[Fault]] = {}
        for key, faults in plan.items():
            if not isinstance(faults, list):
                raise ValueError(f"{key}: a list of faults is wanted")
            parsed[key] = [parse_fault(text) for text in faults]
        self._faults.update(parsed)
        for key in parsed:
            self._taken.pop(key, None)

    def take(self, key: str) -> Fault:
        """The next fault of a key; `ok` for a key that is unknown or spent."""
        number = self._taken.get(key, 0)
        self._taken[key] = number + 1
        faults = self._faults.get(key, [])
        return faults[number] if number < len(faults) else Fault("ok")


class CallList:
    """Every call received, applied or not, newest last; the oldest beyond MAX_CALLS_KEPT are dropped."""

    def __init__(self) -> None:
        self.calls: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS_KEPT)
        self._count = 0

    def add(self, call: Call, fault: Fault) -> None:
        self._count += 1
        canonical = json.dumps(call.arguments, sort_keys=True, separators=(",", ":"))
        named = ("tenant_id", "account_id", "action_intent_id", "idempotency_key")
        self.calls.append(
            {
                "number": self._count,
                "at": datetime.now(UTC).isoformat(),
                "tool": call.tool,
                "kind": call.kind,
                "fault": fault.name,
                "arguments_sha256": hashlib.sha256(canonical.encode()).hexdigest(),
                **{name: call.arguments.get(name) for name in named},
            }
        )
