from __future__ import annotations

import pytest

from core.domain.errors import ValidationError
from core.domain.request import frozen
from core.usecases.map_tool import MAX_AHEAD, MapTool
from tests.unit.making import an_entry, an_intent

INTENT = an_intent(parameters={"title": "Call them"})
ENTRY = an_entry()


def test_what_was_mapped_ahead_is_what_would_be_mapped_now() -> None:
    map_tool = MapTool()
    map_tool.ahead(INTENT, ENTRY)
    ahead, now = map_tool(INTENT, ENTRY), MapTool()(INTENT, ENTRY)
    assert ahead == now
    assert frozen(ahead, "action", 1) == frozen(now, "action", 1)
    assert frozen(ahead, "action", 2) == frozen(now, "action", 2) != frozen(now, "action", 1)


def test_another_body_under_the_same_key_is_mapped_anew() -> None:
    map_tool = MapTool()
    map_tool.ahead(INTENT, ENTRY)
    other = an_intent(parameters={"title": "Write to them"})
    assert map_tool(other, ENTRY).arguments["title"] == "Write to them"


def test_another_entry_maps_anew() -> None:
    map_tool = MapTool()
    map_tool.ahead(INTENT, ENTRY)
    assert map_tool(INTENT, an_entry(tool="crm.other")).tool == "crm.other"


def test_what_cannot_be_mapped_ahead_is_refused_when_its_turn_comes() -> None:
    map_tool, stray = MapTool(), an_intent(parameters={"title": "Call them", "stray": 1})
    for mapping in (map_tool.ahead, map_tool):
        with pytest.raises(ValidationError):
            mapping(stray, ENTRY)


def test_what_never_has_its_turn_does_not_pile_up() -> None:
    map_tool = MapTool()
    key = INTENT.key
    for number in range(MAX_AHEAD + 10):
        map_tool.ahead(an_intent(key=type(key)(key.tenant_id, key.account_id, f"intent-{number}")), ENTRY)
    assert len(map_tool._ahead) <= MAX_AHEAD
