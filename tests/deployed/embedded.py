"""The same system in one process on SQLite, with a tool server of its own: what the others are compared with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.domain.execution import Execution
from core.domain.intent import Intent
from entrypoints.container.building import build_embedded, close
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.settings.loading import Overrides, load
from examples.mcp_server.probe import Probe, running
from ports.ledger import Ledger
from ports.wire.messages import approved_event
from tests.architecture.sources import ROOT

CONFIG = """
[paths]
registry = ["{root}/infra/terraform/registry", "{root}/examples/registry"]
[run]
max_wait_s = 60
sweep_every_s = 0.5
[tenants]
unknown = "enabled"
[connectors.tools]
kind = "mcp"
url = "http://127.0.0.1:{port}/mcp"
tools = ["crm.", "calendar.", "payments.", "mail."]
"""
LEFT_IN_DOUBT = (0, 6)
LIMIT_S = 120


@dataclass(frozen=True)
class Embedded:
    """A folder with an installation; ``container`` is open between runs."""

    folder: Path
    probe: Probe
    container: EmbeddedContainer

    def stop(self, tenant: str) -> None:
        self._actonce("stop", "-t", tenant, "--reason", "a test")

    def carry_out(self, intents: Sequence[Intent]) -> None:
        """Run them in this order, until nothing is left that can be settled."""
        file = self.folder / "events.jsonl"
        file.write_text("".join(f"{approved_event(it, embed=True)}\n" for it in intents), encoding="utf-8")
        self._actonce("run", str(file))

    def execution(self, intent: Intent) -> Execution | None:
        return self.container.executions().load(intent.key)

    def ledger(self) -> Ledger:
        return self.container.ledger()

    def events(self) -> Sequence[dict[str, Any]]:
        lines = (self.folder / "signals.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def _actonce(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "actonce"), "--config", str(self.folder / "actonce.toml"), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        assert done.returncode in LEFT_IN_DOUBT, f"{done.stdout}\n{done.stderr}"


@contextmanager
def embedded(folder: Path) -> Iterator[Embedded]:
    """Begin one in an empty folder."""
    with running(folder / "writes.jsonl") as probe:
        config = folder / "actonce.toml"
        config.write_text(CONFIG.format(root=ROOT, port=probe.port), encoding="utf-8")
        container = build_embedded(load(Overrides(config=config), {}))
        try:
            yield Embedded(folder, probe, container)
        finally:
            close(container)
