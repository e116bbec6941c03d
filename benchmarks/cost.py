"""What a million actions cost on AWS: counts of one run, times dated list prices."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT
from benchmarks.part import Part

GROUP = "cost of a million actions"
PRICES = Path(__file__).with_name("prices.json")
TUNING = ROOT / "infra" / "terraform" / "variables_tuning.tf"
MEMORY = re.compile(r'variable "(\w+)_memory_mb" \{[^}]*?default\s*=\s*(\d+)', re.DOTALL)
MB_PER_GB = 1024
MS_PER_S = 1000
SIX_TASKS = 6
START_AND_END = 2
"""AWS's own examples count the start and the end of an execution as transitions."""

Usage = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a million of each thing, as of a day; and what is assumed of durations."""

    as_of: str
    region: str
    per_million: Mapping[str, float]
    assumed: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = PRICES) -> "Prices":
        """Read the price file."""
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        per_million = {name: float(it["per_million"]) for name, it in said["prices"].items()}
        assumed = {name: float(it) for name, it in said["assumed"].items() if name != "note"}
        return cls(said["as_of"], said["region"], per_million, assumed)

    def of(self, usage: Usage) -> float:
        """Return dollars for a million actions, each of which uses so much.

        Raises:
            KeyError: something used has no price.
        """
        return sum(count * self.per_million[name] for name, count in usage.items())


@dataclass(frozen=True, slots=True)
class Counted:
    """What one action was counted to use, in the mean over a batch; ``steps`` functions take ``states`` states."""

    write_units: float
    read_units: float
    sqs_requests: float
    states: float = 0
    steps: float = 0


def memory_mb() -> dict[str, int]:
    """Return the memory that Terraform gives each kind of function by default."""
    return {name: int(mb) for name, mb in MEMORY.findall(TUNING.read_text(encoding="utf-8"))}


def usage(counted: Counted, assumed: Mapping[str, float], memory: Mapping[str, int]) -> dict[str, float]:
    """Return what one action uses; an event comes in, a signal goes out, and functions get batches of records."""
    share = 1 / assumed["batch"]
    spent = {"relay": assumed["relay_ms"] * share}
    if counted.steps:
        spent["step"] = counted.steps * assumed["work_ms"] + assumed["tool_ms"]
        requests = counted.steps + 2 * share
        # The starter gets a batch, and waits for nothing but the stores.
        spent["step"] += assumed["work_ms"] * share
    else:
        # All of a batch run at once, so that a batch takes as long as its tool, and its work.
        spent["consumer"] = assumed["work_ms"] + assumed["tool_ms"] * share
        requests = 2 * share
    return {
        "dynamodb_write_unit": counted.write_units,
        "dynamodb_read_unit": counted.read_units,
        "lambda_request": requests,
        "lambda_gb_second": sum(gb_seconds(ms, memory[name]) for name, ms in spent.items()),
        "sqs_request": counted.sqs_requests,
        "eventbridge_event": 2,
        "step_functions_transition": counted.states + START_AND_END if counted.states else 0,
        "s3_put": 0,
    }


def six_tasks(assumed: Mapping[str, float], memory: Mapping[str, int]) -> dict[str, float]:
    """Return what a workflow of six tasks uses that an event starts, without a store or a queue of its own."""
    ms = SIX_TASKS * assumed["work_ms"] + assumed["tool_ms"]
    return {
        "lambda_request": SIX_TASKS,
        "lambda_gb_second": gb_seconds(ms, memory["step"]),
        "eventbridge_event": 2,
        "step_functions_transition": SIX_TASKS + START_AND_END,
    }


def gb_seconds(ms: float, mb: int) -> float:
    """Return what Lambda charges for, of a duration with some memory."""
    return ms / MS_PER_S * mb / MB_PER_GB


def measure(direct: Counted, steps: Counted, prices: Prices | None = None) -> list[Part]:
    """Return dollars for a million actions in each mode, next to the workflow of six tasks."""
    prices = prices or Prices.read()
    memory = memory_mb()
    other = prices.of(six_tasks(prices.assumed, memory))
    unit = f"USD ({prices.region}, {prices.as_of})"
    found = [Part(group=GROUP, name="six tasks, Step Functions alone", unit=unit, values=(other,))]
    for name, counted in (("actonce, direct", direct), ("actonce, Step Functions", steps)):
        used = usage(counted, prices.assumed, memory)
        whole = prices.of(used)
        found.append(Part(group=GROUP, name=name, unit=unit, values=(whole,), ratios=(whole / other,), of="six tasks"))
        found += _shares(name, used, prices, unit)
    return found


def _shares(name: str, used: Usage, prices: Prices, unit: str) -> Sequence[Part]:
    each = {thing: count * prices.per_million[thing] for thing, count in used.items() if count}
    return [
        Part(group=GROUP, name=f"{name}: {thing.replace('_', ' ')}", unit=unit, values=(dollars,))
        for thing, dollars in sorted(each.items(), key=lambda it: -it[1])
    ]
