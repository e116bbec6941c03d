"""An error that cannot be read may still come from a tool that wrote, whatever the status says."""

from __future__ import annotations

import json

import pytest

from adapters.connectors.mcp_table import Said, answer_of
from core.domain.answer import Unknown


def _deep(levels: int) -> dict[str, object]:
    nested: dict[str, object] = {}
    for _ in range(levels):
        nested = {"a": nested}
    return nested


@pytest.mark.parametrize(
    "error",
    [
        {"code": -32601, "message": "x" * 100_001},
        {"code": -32601, "message": "no", "data": _deep(40)},
        {"code": -32601.5, "message": "no"},
        {"code": -32601, "message": None},
    ],
)
def test_a_404_with_an_error_that_cannot_be_read_may_come_from_a_tool_that_wrote(error: dict[str, object]) -> None:
    text = json.dumps({"jsonrpc": "2.0", "id": "call-1", "error": error})
    assert isinstance(answer_of(Said(404, text), "call-1"), Unknown)
