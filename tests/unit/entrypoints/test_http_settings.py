from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.objects import MemoryInternalObjects
from core.domain.errors import ConfigurationError, ErrorClass
from core.domain.timing import Timing
from entrypoints.container.connecting import connector_table
from entrypoints.container.http import tools_of
from entrypoints.settings.http import HttpSettings
from entrypoints.settings.loading import Overrides, load

HEAD = '[connectors.shop]\nkind = "http"\nurl = "https://shop.example.com/v1"\nsystem = "shop"\n'
TOOL = '[connectors.shop.tools."shop.buy"]\nmethod = "POST"\npath = "/orders/{id}"\n'
EXAMPLE = Path(__file__).parents[3] / "examples" / "http_api" / "actonce.toml"


def settings(folder: Path, text: str, **environment: str) -> HttpSettings:
    file = folder / "actonce.toml"
    file.write_text(text, encoding="utf-8")
    one = load(Overrides(config=file), environment).connectors["shop"]
    assert isinstance(one, HttpSettings)
    return one


def test_the_example_is_read_and_built() -> None:
    loaded = load(Overrides(config=EXAMPLE), {"SHOP_TOKEN": "a-token-of-the-shop"})
    one = loaded.connectors["shop"]
    assert isinstance(one, HttpSettings)
    tools = tools_of(one)
    assert tools["shop.create_order"].answers.refused[422] is ErrorClass.VALIDATION
    assert tools["shop.delete_order"].looking is not None
    table = connector_table(loaded.connectors, MemoryInternalObjects(), FakeClock(), Timing())
    assert all(table.offering(tool, "anybody") is not None for tool in one.tools)
    assert table.offering("shop.other", "anybody") is None
    assert "a-token-of-the-shop" not in repr(loaded)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD, "connectors.shop.tools"),
        (HEAD.replace("https", "ftp") + TOOL, "connectors.shop.url: must be an http or https address"),
        (HEAD.replace("/v1", "/v1?key=x") + TOOL, "connectors.shop.url"),
        (HEAD + TOOL.replace("shop.buy", "Shop"), "connectors.shop.tools.Shop"),
        (HEAD + TOOL.replace("POST", "TRACE"), "connectors.shop.tools.shop.buy.method"),
        (HEAD + TOOL.replace("/orders", "orders"), "connectors.shop.tools.shop.buy.path"),
        (HEAD + TOOL.replace("{id}", "{id"), "connectors.shop.tools.shop.buy.path"),
        (HEAD + TOOL.replace("{id}", "{id}?a=b"), "connectors.shop.tools.shop.buy.path"),
        (HEAD + TOOL + 'headers = { Authorization = "x" }\n', "Authorization is not for the configuration to set"),
        (HEAD + TOOL + 'headers = { Host = "x" }\n', "Host is not for the configuration to set"),
        (HEAD + TOOL + 'headers = { "X Y" = "x" }\n', "connectors.shop.tools.shop.buy.headers.X Y"),
        (HEAD + TOOL + 'query = { q = "{q" }\n', "connectors.shop.tools.shop.buy.query.q"),
        (HEAD + TOOL + 'object_id = "a..b"\n', "connectors.shop.tools.shop.buy.object_id"),
        (HEAD + TOOL + 'object_id = "id"\nobject_id_from = "{id}"\n', "exclude each other"),
        (HEAD + TOOL + "answers = { applied = [302] }\n", "connectors.shop.tools.shop.buy.answers.applied.0"),
        (HEAD + TOOL + "answers = { refused = { AUTH = [500] } }\n", "answers.refused.AUTH.0"),
        (HEAD + TOOL + "answers = { refused = { NONE = [400] } }\n", "answers.refused.NONE"),
        (HEAD + TOOL + "answers = { refused = { AUTH = [429] } }\n", "the status 429 is listed twice"),
        (HEAD + TOOL + "answers = { retryable = [409] }\n", "retryable: the status 409 is not refused"),
        (HEAD + TOOL + "answers = { not_sent = [500] }\n", "answers.not_sent.0"),
        (HEAD + TOOL + 'look_up = { path = "/orders", items = "orders" }\n', "items and where belong together"),
        (HEAD + TOOL + 'look_up = { path = "/o", absent = [404], gone = [404] }\n', "the status 404 is listed twice"),
        (HEAD + TOOL + 'look_up = { path = "/o", absent = [500] }\n', "look_up.absent.0"),
        (HEAD + TOOL + 'before = { path = "/o", image = ["a"] }\n', "before needs a look_up"),
        (
            HEAD + TOOL + 'before = { path = "/o", image = ["a"] }\nlook_up = { path = "/o", match = { b = "{b}" } }\n',
            "before.image must name what look_up.match compares: b",
        ),
        (HEAD + TOOL + "idempotent = true\n", "connectors.shop.tools.shop.buy.idempotent"),
    ],
)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings(tmp_path, text)
    assert fault in refused.value.message
    assert "\n" not in refused.value.message


def test_credentials_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    auth = 'auth = { kind = "bearer", token = { env = "T" } }\n'
    with pytest.raises(ConfigurationError, match="credentials go over https only"):
        settings(tmp_path, HEAD.replace("https", "http") + auth + TOOL)
    settings(tmp_path, HEAD.replace("https://shop.example.com", "http://127.0.0.1:1") + auth + TOOL)


def test_a_template_in_a_body_that_is_none_is_refused_by_the_name_of_its_tool() -> None:
    tool: dict[str, Any] = {"method": "POST", "path": "/a", "body": {"x": "{"}}
    one = HttpSettings.model_validate(
        {"kind": "http", "url": "https://a.example.com", "system": "a", "tools": {"a.b": tool}}
    )
    with pytest.raises(ConfigurationError, match=r"tools\.a\.b: '\{' has a brace"):
        tools_of(one)
