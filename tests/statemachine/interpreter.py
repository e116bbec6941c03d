"""A small interpreter of the state language: the part that our machine uses, and a refusal of everything else.

It runs the committed definition against the real steps in one process, on a clock that is not real. An emulator runs
the same file in ``tests/deployed``, so a misreading here would show there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from traceback import format_tb
from typing import Any

from tests.architecture.sources import ROOT

DEFINITION = ROOT / "infra" / "terraform" / "statemachine" / "execution.asl.json"
LAMBDA = "arn:aws:states:::lambda:invoke"
KNOWN: Mapping[str, frozenset[str]] = {
    "Task": frozenset(
        "Type Comment Resource Parameters OutputPath TimeoutSeconds Retry Catch Next End".split()  # noqa: SIM905
    ),
    "Choice": frozenset({"Type", "Comment", "Choices"}),
    "Wait": frozenset({"Type", "Comment", "TimestampPath", "Next"}),
    "Fail": frozenset({"Type", "Comment", "Error", "Cause"}),
}
RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts", "MaxDelaySeconds", "JitterStrategy"}
)
ALL = "States.ALL"
ANY_FAILURE = "States.TaskFailed"
MOST_EDGES = 5_000

State = dict[str, Any]
Function = Callable[[State], State]


class StepLostError(Exception):
    """A function ended without an answer: the name is what Step Functions calls it, such as Lambda.Unknown."""

    def __init__(self, name: str, cause: str = "The function ended without an answer.") -> None:
        super().__init__(name)
        self.name = name
        self.cause = cause


class MachineError(Exception):
    """The definition asks for something that it must not, or that is not known here."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one state to another: by success, by an error that is caught, or back to itself by a retry.

    ``by`` is the name in ErrorEquals that says so, or the condition of a choice; None where it simply goes on.
    """

    source: str
    target: str
    by: str | None = None

    @property
    def is_retry(self) -> bool:
        return self.source == self.target

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}" + (f" by {self.by}" if self.by else "")


@dataclass(frozen=True, slots=True)
class Pause:
    """The execution goes on at a moment, in milliseconds since the epoch."""

    until_ms: int


@dataclass(slots=True)
class Run:
    """One execution: the states it entered with what each was given, the edges it took, and how it ended.

    ``carried`` is what passed along each edge.
    """

    status: str = "RUNNING"
    output: State = field(default_factory=dict)
    error: str | None = None
    visited: list[tuple[str, State]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    carried: list[State] = field(default_factory=list)

    def take(self, edge: Edge, state: State) -> None:
        if len(self.edges) == MOST_EDGES:
            raise MachineError("An execution has at most 25,000 events, and an edge is five of them.")
        self.edges.append(edge)
        self.carried.append(state)


class Machine:
    """The definition, with a function for each token."""

    def __init__(self, functions: Mapping[str, Function], now_ms: Callable[[], int], path: Path = DEFINITION) -> None:
        self.definition = json.loads(path.read_text(encoding="utf-8"))
        self.states: Mapping[str, State] = self.definition["States"]
        self.timeout_ms: int = self.definition["TimeoutSeconds"] * 1_000
        self._functions = functions
        self._now_ms = now_ms
        for name, state in self.states.items():
            if stray := set(state) - KNOWN[state["Type"]]:
                raise MachineError(f"{name}: {sorted(stray)}")

    def execute(self, given: State, run: Run) -> Iterator[Pause]:
        """Run to the end; yields where time must pass. What comes of it is in ``run``."""
        name: str | None = self.definition["StartAt"]
        state = _copied(given)
        while name is not None and run.status == "RUNNING":
            run.visited.append((name, state))
            it = self.states[name]
            if it["Type"] == "Task":
                name, state = yield from self._task(name, it, state, run)
                continue
            if it["Type"] == "Fail":
                run.status, run.error = "FAILED", it["Error"]
                return
            if it["Type"] == "Wait":
                yield Pause(_moment(_at(state, it["TimestampPath"])))
            edge = _chosen(name, it, state) if it["Type"] == "Choice" else Edge(name, it["Next"])
            run.take(edge, state)
            name = edge.target
        if run.status == "RUNNING":
            run.status, run.output = "SUCCEEDED", state

    def _task(self, name: str, it: State, state: State, run: Run) -> Generator[Pause, None, tuple[str | None, State]]:
        """Call the function, again where a retrier says so; return where to go on, and with what."""
        tried: dict[int, int] = {}
        function = self._function(it)
        while True:
            try:
                answer = _copied(function(_copied(state)))
            except Exception as error:  # noqa: BLE001 - whatever a function raises is an error of the state
                called = error_name(error)
                retrier = _matching(it.get("Retry", []), called)
                if retrier is not None and tried.get(retrier, 0) < it["Retry"][retrier]["MaxAttempts"]:
                    tried[retrier] = tried.get(retrier, 0) + 1
                    run.take(Edge(name, name, _named(it["Retry"][retrier], called)), state)
                    yield Pause(self._now_ms() + delay_ms(it["Retry"][retrier], tried[retrier]))
                    continue
                return self._caught(name, it, state, run, error)
            if "Next" in it:
                run.take(Edge(name, it["Next"]), answer)
            return it.get("Next"), answer

    @staticmethod
    def _caught(name: str, it: State, state: State, run: Run, error: Exception) -> tuple[str | None, State]:
        catcher = _matching(it.get("Catch", []), error_name(error))
        if catcher is None:
            run.status, run.error = "FAILED", error_name(error)
            return None, state
        caught = it["Catch"][catcher]
        after = {**state, _member(caught["ResultPath"]): caught_of(error)}
        run.take(Edge(name, caught["Next"], _named(caught, error_name(error))), after)
        return caught["Next"], after

    def _function(self, it: State) -> Function:
        parameters = it["Parameters"]
        if it["Resource"] != LAMBDA or parameters.get("Payload.$") != "$" or it["OutputPath"] != "$.Payload":
            raise MachineError("A task invokes a function with the whole state, and takes its answer for the next.")
        return self._functions[token_of(it)]


def token_of(it: State) -> str:
    """Return the token of a task, without what every token ends with."""
    return str(it["Parameters"]["FunctionName"]).removeprefix("${").removesuffix("_arn}")


def edges_of(states: Mapping[str, State]) -> list[Edge]:
    """Return every edge that a definition has, each name of an ErrorEquals and each rule of a choice by itself."""
    found: list[Edge] = []
    for name, it in states.items():
        retried = [rule for rule in it.get("Retry", []) if rule["MaxAttempts"] > 0]
        found += [Edge(name, name, error) for rule in retried for error in rule["ErrorEquals"]]
        found += [Edge(name, rule["Next"], error) for rule in it.get("Catch", []) for error in rule["ErrorEquals"]]
        found += [Edge(name, rule["Next"], _condition(rule)) for rule in it.get("Choices", [])]
        found += [Edge(name, it["Next"])] if "Next" in it else []
    return found


def error_name(error: Exception) -> str:
    return error.name if isinstance(error, StepLostError) else type(error).__name__


def caught_of(error: Exception) -> State:
    """What a Catch puts into the state, as Lambda tells it."""
    if isinstance(error, StepLostError):
        return {"Error": error.name, "Cause": error.cause}
    cause = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": "00000000-0000-0000-0000-000000000000",
        "stackTrace": format_tb(error.__traceback__),
    }
    return {"Error": type(error).__name__, "Cause": json.dumps(cause)}


def delay_ms(retrier: State, attempt: int) -> int:
    assert set(retrier) <= RETRIER, retrier
    seconds = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** (attempt - 1)
    return int(1000 * min(seconds, retrier["MaxDelaySeconds"]))


def _matching(rules: list[State], name: str) -> int | None:
    for number, rule in enumerate(rules):
        names = rule["ErrorEquals"]
        if name in names or ALL in names or (ANY_FAILURE in names and name != "States.Timeout"):
            return number
    return None


def _named(rule: State, name: str) -> str:
    """Return the name by which a rule matched."""
    names = rule["ErrorEquals"]
    return name if name in names else next(it for it in names if it in {ALL, ANY_FAILURE})


def _chosen(name: str, it: State, state: State) -> Edge:
    for rule in it["Choices"]:
        value = _at(state, rule["Variable"])
        is_equal = "StringEquals" in rule and value == rule["StringEquals"]
        is_enough = "NumericGreaterThanEquals" in rule and value >= rule["NumericGreaterThanEquals"]
        if is_equal or is_enough:
            return Edge(name, rule["Next"], _condition(rule))
    raise MachineError(f"States.NoChoiceMatched: {state}")


def _condition(rule: State) -> str:
    (value,) = (str(value) for name, value in rule.items() if name not in {"Variable", "Next"})
    return f"{_member(rule['Variable'])} {value}"


def _member(path: str) -> str:
    return path.removeprefix("$.")


def _at(state: State, path: str) -> Any:  # noqa: ANN401 - any JSON
    return state[_member(path)]


def _moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _copied(state: State) -> State:
    copy: State = json.loads(json.dumps(state))
    return copy
