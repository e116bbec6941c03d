"""The example of a connector by configuration, through the command line, against the fake of its shop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.canonical import Json
from core.domain.keys import IntentKey
from tests.integration.desk import NAMED, Desk, many, one
from tests.providers.driving import ROOT, Driven, driven
from tests.unit.entrypoints.installing import an_event
from tests.unit.making import an_intent

EXAMPLE = ROOT / "examples" / "http_api"
TOKEN = "canary-token-of-the-shop-0123456789"
RUN = "\n[run]\nmax_wait_s = 20\nvisibility_s = 5\nsweep_every_s = 0.2\n"


@dataclass(frozen=True)
class Shop:
    """The example's folder, copied, and the shop that it leads to."""

    desk: Desk
    fake: Driven

    def ran(self, action_type: str, **parameters: Json) -> dict[str, Json]:
        key = IntentKey("tenant-1", "account-1", f"intent-{len(self.fake.log()) + 1}")
        intent = an_intent(key=key, action_type=action_type, parameters=parameters, target=None)
        return one(self.desk.ok("run", self.desk.events(an_event(intent)), "--json"))

    def wrote(self) -> list[tuple[str, str]]:
        return [(line["op"], line["object_type"]) for line in self.fake.log() if line["by"] == "api"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    shutil.copytree(EXAMPLE, tmp_path / "example")
    with driven("tests.providers.orders", tmp_path / "shop.jsonl", "--token", TOKEN) as fake:
        file = tmp_path / "example" / "actonce.toml"
        text = file.read_text(encoding="utf-8").replace("http://127.0.0.1:8090", fake.url)
        file.write_text(text + RUN, encoding="utf-8")
        desk = Desk(tmp_path / "example")
        desk.ok("resume", "--tenant", "tenant-1")
        yield Shop(desk, fake)


def test_the_events_of_the_example_are_carried_out(shop: Shop) -> None:
    shop.desk.ok("resume", "--tenant", "acme")
    outcomes = many(shop.desk.ok("run", str(EXAMPLE / "events.jsonl"), "--json"))
    assert {it["status"] for it in outcomes} == {"SUCCEEDED"}
    assert sorted(shop.wrote()) == [("create", "orders"), ("create", "shipments")]


@pytest.mark.parametrize(
    ("action_type", "parameters", "kind"),
    [("PLACE_ORDER", {"item": "tea", "quantity": 2}, "orders"), ("SHIP", {"address": "1 High Street"}, "shipments")],
)
def test_what_was_made_is_undone_once_though_that_reply_is_lost(
    shop: Shop, action_type: str, parameters: dict[str, Json], kind: str
) -> None:
    outcome = shop.ran(action_type, **parameters)
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "RESPONSE")

    shop.fake.fail("reset_after")
    shop.desk.ok("undo", "intent-1", *NAMED, "--reason", "a try")
    shop.desk.ok("run")
    assert shop.desk.status()["compensation_status"] == "COMPLETED"
    assert shop.wrote() == [("create", kind), ("delete", kind)]


def test_an_order_whose_reply_was_lost_is_found_and_not_sent_again(shop: Shop) -> None:
    shop.fake.fail("drop_after")
    outcome = shop.ran("PLACE_ORDER", item="tea", quantity=2)
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert shop.wrote() == [("create", "orders")]


def test_an_update_that_was_lost_is_told_from_one_that_was_made(shop: Shop) -> None:
    order = shop.fake.people(do="make", type="order")["id"]
    shop.fake.fail("drop_after")
    outcome = shop.ran("CHANGE_ORDER", order=order, quantity=9)
    assert (outcome["status"], outcome["evidence"]) == ("SUCCEEDED", "READ_BACK")
    assert shop.wrote() == [("update", "orders")]


def test_no_file_and_no_word_of_the_command_line_shows_the_token(shop: Shop) -> None:
    for fault in ("echo", "unauthorized", "refuse"):
        shop.fake.fail(fault)
        outcome = shop.ran("SHIP", address=f"where it says {fault}")
        assert outcome["status"] == "FAILED"
        assert TOKEN not in str(outcome)
        shop.fake.people(do="make", type="order")
    assert [
        file for file in shop.desk.folder.rglob("*") if file.is_file() and TOKEN.encode() in file.read_bytes()
    ] == []
