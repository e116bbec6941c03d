"""docs/api.md says what there is: its table of routes, its examples and its errors are held against the API."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from entrypoints.cli.main import app
from tests.api.callers import OPERATOR
from tests.api.stand import Stand
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```\w[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def rows(title: str) -> list[list[str]]:
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def curls() -> Iterator[list[str]]:
    for block in FENCED.findall(PAGE):
        for command in block.replace("\\\n", " ").splitlines():
            if command.startswith("curl"):
                yield shlex.split(command)


def test_the_table_of_routes_is_the_apis(shared: Stand) -> None:
    needs = {"nothing": "nobody", "reader": "reader", "operator": "operator"}
    there = {
        (f"{it.method} {it.rule}".replace("<", "{").replace(">", "}"), needs[it.need.value]) for it in shared.api.routes
    }
    assert {(row[0].strip("`"), row[1]) for row in rows("Routes")} == there


def test_the_commands_beside_the_routes_are_there() -> None:
    offered = {it.name for it in app.registered_commands} | {it.name for it in app.registered_groups}
    named = {name.split()[0] for row in rows("Routes") for name in re.findall(r"`([^`]+)`", row[3])}
    assert named <= offered


def test_every_example_is_a_request_that_the_api_takes(shared: Stand) -> None:
    examples = list(curls())
    assert len(examples) == 8
    for example in examples:
        method = example[example.index("-X") + 1] if "-X" in example else "GET"
        (url,) = [urlsplit(it) for it in example if it.startswith("$API")]
        body = json.loads(example[example.index("-d") + 1]) if "-d" in example else None
        reader = shared.as_(OPERATOR | {"custom:role": "reader"})
        path = url.path.removeprefix("$API")
        answer = shared.ask(method, path, token=reader, query=url.query, body=body)
        # Whatever is wrong with a request is said to an operator only, and a reader may not act.
        assert answer.status in ({200, 404} if method == "GET" else {403}), example
        if method == "POST":
            answer = shared.ask(method, path, token=shared.as_(OPERATOR), query=url.query, body=body)
            assert answer.status == 404, example


def test_every_documented_status_is_told_of_and_no_other(shared: Stand) -> None:
    document = shared.ask("GET", "/openapi.json").document
    described = {
        status
        for operations in document["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }
    assert {row[0] for row in rows("Errors")} == described - {"200"}
    assert all(HTTPStatus(int(row[0])) for row in rows("Errors"))
