"""The diagram of the state machine in docs/state-machine.md: drawn from the definition, and checked for drift."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DEFINITION = ROOT / "infra" / "terraform" / "statemachine" / "execution.asl.json"
PAGE = ROOT / "docs" / "state-machine.md"
BEGIN, END = "<!-- The diagram begins: make schemas draws it. -->", "<!-- The diagram ends. -->"

ALL = "States.ALL"
LINE = "<br/>"
OPERATORS = {"StringEquals": "is", "NumericGreaterThanEquals": "is at least"}

State = Mapping[str, Any]


class UndrawableError(ValueError):
    """The definition or the page holds something that this drawing has no form for."""


def diagram(definition: State) -> str:
    """Return the machine as a Mermaid state diagram.

    Raises:
        UndrawableError: there is a state, a condition or a way of waiting that it has no form for.
    """
    lines = ["stateDiagram-v2", f"    [*] --> {definition['StartAt']}"]
    for name, state in definition["States"].items():
        lines += [f"    {line}" for line in _drawn(name, state)]
    return "\n".join(lines) + "\n"


def page_with(page: str, drawing: str) -> str:
    """Return the page with this drawing between its two marks.

    Raises:
        UndrawableError: the marks are not there once each, in this order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise UndrawableError("the page needs both marks of the diagram, once each and in their order")
    return f"{before}{BEGIN}\n\n```mermaid\n{drawing}```\n\n{END}{after}"


def _drawn(name: str, state: State) -> Iterator[str]:
    match state["Type"]:
        case "Task":
            yield f"{name} --> {state.get('Next', '[*]')}"
            yield from _caught(name, state.get("Catch", ()))
            yield from _retried(name, state.get("Retry", ()))
        case "Choice" if "Default" not in state:
            yield f"state {name} <<choice>>"
            yield from (f"{name} --> {rule['Next']}: {_condition(rule)}" for rule in state["Choices"])
        case "Wait" if "TimestampPath" in state:
            yield f"{name} --> {state['Next']}: at {_field(state['TimestampPath'])}"
        case "Fail":
            yield f"{name} --> [*]: fails as {state['Error']}"
        case kind:
            raise UndrawableError(f"{name}: a {kind} of this form")


def _caught(name: str, catchers: Sequence[State]) -> Iterator[str]:
    """Yield one arrow for each state that errors lead to."""
    errors: dict[str, list[str]] = {}
    for catcher in catchers:
        errors.setdefault(catcher["Next"], []).extend(catcher["ErrorEquals"])
    for target, names in errors.items():
        alone = len(names) == 1
        shown = [("any error" if alone else "any other error") if it == ALL else it for it in names]
        yield f"{name} --> {target}: {LINE.join(shown)}"


def _retried(name: str, retriers: Sequence[State]) -> Iterator[str]:
    if not retriers:
        return
    yield f"note right of {name}"
    for it in retriers:
        if it["MaxAttempts"] == 0:
            yield "    Never retried:"
            yield from (f"    {error}" for error in it["ErrorEquals"])
            continue
        pace = f"after {it['IntervalSeconds']} s, then {it['BackoffRate']} times as long"
        yield f"    Up to {it['MaxAttempts']} retries, {pace}, {it['MaxDelaySeconds']} s at most:"
        yield from (f"    {error}" for error in it["ErrorEquals"])
    yield "end note"


def _condition(rule: State) -> str:
    found = [f"{_field(rule['Variable'])} {word} {rule[it]}" for it, word in OPERATORS.items() if it in rule]
    if len(found) != 1 or set(rule) - OPERATORS.keys() != {"Variable", "Next"}:
        raise UndrawableError(f"the condition {sorted(rule)}")
    return found[0]


def _field(path: str) -> str:
    return path.removeprefix("$.")


def drawn_page() -> str:
    """Return the committed page with the diagram of the committed definition."""
    definition = json.loads(DEFINITION.read_text(encoding="utf-8"))
    return page_with(PAGE.read_text(encoding="utf-8"), diagram(definition))


def main(arguments: Sequence[str]) -> int:
    """Check or write; return 1 when the committed diagram is not that of the definition."""
    parser = argparse.ArgumentParser(prog="python -m scripts.state_diagram", description=__doc__)
    parser.add_argument("--check", action="store_true", help="tell whether the committed diagram is up to date")
    wanted = drawn_page()
    is_stale = wanted != PAGE.read_text(encoding="utf-8")
    if parser.parse_args(arguments).check:
        print("Out of date, run `make schemas`: the state diagram" if is_stale else "The state diagram is up to date.")
        return 1 if is_stale else 0
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"Written: {PAGE.name if is_stale else 'nothing changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
