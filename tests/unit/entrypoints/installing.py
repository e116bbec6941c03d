"""An installation on SQLite in a folder of the test, with a clock that stands still."""

from __future__ import annotations

from pathlib import Path

from dependency_injector import providers

from adapters.memory.clock import FakeClock
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.switches import Switch
from entrypoints.container.building import build_embedded
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.container.registering import apply_registry
from entrypoints.settings.loading import Overrides, load
from ports.wire.messages import approved_event
from tests.unit.making import NOW_MS, an_intent


def an_installation(folder: Path, clock: FakeClock | None = None) -> EmbeddedContainer:
    """Return one whose tenant is open and whose registry is filled."""
    file = folder / "actonce.toml"
    if not file.exists():
        file.write_text("", encoding="utf-8")
    container = build_embedded(load(Overrides(config=file), {}))
    container.clock.override(providers.Object(clock or FakeClock(NOW_MS)))
    apply_registry(container)
    container.kill_switches().open(Switch("tenant-1"), operator="test", reason="", at_ms=NOW_MS)
    return container


def a_note(number: int = 1, content: str = "Call them") -> Intent:
    key = IntentKey("tenant-1", "account-1", f"intent-{number}")
    return an_intent(key=key, action_type="CREATE_INTERNAL_NOTE", parameters={"content": content}, target=None)


def an_event(intent: Intent, *, embed: bool = True) -> str:
    return approved_event(intent, embed=embed)
