from __future__ import annotations

import json
from typing import Any

import pytest

from scripts.state_diagram import BEGIN, DEFINITION, END, PAGE, UndrawableError, diagram, drawn_page, main, page_with


def task(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"Type": "Task", "Next": "B", **more}


def lines_of(**states: Any) -> list[str]:  # noqa: ANN401 - any JSON
    return [it.strip() for it in diagram({"StartAt": "A", "States": states}).splitlines()]


def test_the_committed_diagram_is_that_of_the_committed_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert drawn_page() == PAGE.read_text(encoding="utf-8"), "run `make schemas`"
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "The state diagram is up to date.\n"


def test_every_state_of_the_machine_and_every_way_between_two_is_drawn() -> None:
    definition = json.loads(DEFINITION.read_text(encoding="utf-8"))
    drawn = {it.split(":")[0].strip() for it in diagram(definition).splitlines() if "-->" in it}
    ways = {f"[*] --> {definition['StartAt']}"}
    for name, state in definition["States"].items():
        targets = [it["Next"] for it in (*state.get("Catch", ()), *state.get("Choices", ()))]
        ways |= {
            f"{name} --> {it}"
            for it in (state.get("Next", "[*]"), *targets)
            if state["Type"] != "Choice" or it in targets
        }
    assert drawn == ways
    assert len(definition["States"]) == 10


def test_every_state_of_the_machine_is_explained_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8").partition(END)[2]
    states = json.loads(DEFINITION.read_text(encoding="utf-8"))["States"]
    assert [name for name in states if f"**{name}**" not in page] == []


def test_errors_that_lead_to_one_state_are_one_arrow() -> None:
    catch = [
        {"ErrorEquals": ["X", "Y"], "Next": "C"},
        {"ErrorEquals": ["Z"], "Next": "D"},
        {"ErrorEquals": ["States.ALL"], "Next": "C"},
    ]
    assert lines_of(A=task(Catch=catch))[2:] == ["A --> B", "A --> C: X<br/>Y<br/>any other error", "A --> D: Z"]
    assert "A --> C: any error" in lines_of(A=task(Catch=catch[2:]))


def test_retries_are_a_note() -> None:
    retry = {"ErrorEquals": ["X", "Y"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 4, "MaxDelaySeconds": 9}
    assert lines_of(A=task(Retry=[retry]))[3:] == [
        "note right of A",
        "Up to 4 retries, after 1 s, then 2 times as long, 9 s at most:",
        "X",
        "Y",
        "end note",
    ]


def test_conditions_waits_and_ends_are_named() -> None:
    choices = [
        {"Variable": "$.rounds", "NumericGreaterThanEquals": 64, "Next": "B"},
        {"Variable": "$.next", "StringEquals": "WAIT", "Next": "C"},
    ]
    drawn = lines_of(
        A={"Type": "Choice", "Choices": choices},
        B={"Type": "Wait", "TimestampPath": "$.due_at", "Next": "A"},
        C={"Type": "Fail", "Error": "NotRecorded"},
        D={"Type": "Task", "End": True},
    )
    assert drawn == [
        "stateDiagram-v2",
        "[*] --> A",
        "state A <<choice>>",
        "A --> B: rounds is at least 64",
        "A --> C: next is WAIT",
        "B --> A: at due_at",
        "C --> [*]: fails as NotRecorded",
        "D --> [*]",
    ]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Parallel"},
        {"Type": "Wait", "Seconds": 3, "Next": "B"},
        {"Type": "Choice", "Choices": [], "Default": "B"},
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "B"}]},
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "x", "IsNull": True, "Next": "B"}]},
        {"Type": "Choice", "Choices": [{"And": [], "Next": "B"}]},
    ],
)
def test_what_has_no_form_here_is_refused_and_not_left_out(state: dict[str, Any]) -> None:
    with pytest.raises((UndrawableError, KeyError)):
        lines_of(A=state)


def test_only_what_is_between_the_marks_is_written() -> None:
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nrest\n"
    written = page_with(page, "new\n")
    assert written == f"# Title\n\n{BEGIN}\n\n```mermaid\nnew\n```\n\n{END}\n\nrest\n"
    assert page_with(written, "new\n") == written


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_page_without_its_two_marks_is_refused(page: str) -> None:
    with pytest.raises(UndrawableError):
        page_with(page, "new\n")
