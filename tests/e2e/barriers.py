"""The real command line, with a record of where each intent stands between two writes, and a place to stop in.

`python -m tests.e2e.barriers ...` takes the arguments of `actonce`. It appends a JSON line to $BARRIER_RECORD
whenever an intent enters or leaves a window; records survive SIGKILL. In the window $BARRIER_PAUSE, at the entry
numbered $BARRIER_SKIP (0 is the first), the thread says so and stays until the process is killed.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from dependency_injector import providers

from adapters.files.signals_file import JsonLinesSignals
from adapters.sqlite.executions import SqliteExecutions
from core.domain.answer import Answer, Applied, Finding, NotSent
from core.domain.effect import EffectState
from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey
from core.domain.request import Request
from core.domain.signal import Signal
from entrypoints.container.connecting import connector_table
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Settings
from ports.connector import Connector, Connectors, Gate
from ports.executions import Executions
from ports.signals import Signals

Wired = TypeVar("Wired", bound=Container)

PREPARED = "prepared-and-unsent"
SENT = "sent-and-unanswered"
APPLIED = "applied-and-unsettled"
SETTLED = "settled-and-unpublished"
WRITING = "being-written"
LOOKED_UP = "looked-up"
WINDOWS = (WRITING, PREPARED, SENT, APPLIED, SETTLED)


class Record:
    """The barrier record of one process; ``name`` says what it is."""

    def __init__(self, path: Path, pause: str | None = None, skip: int = 0, name: str = "actonce") -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.name = name
        self._pause = pause
        self._skip = skip
        self._lock = threading.Lock()

    def enter(self, window: str, *keys: IntentKey, left: str | None = None) -> None:
        """Note that these intents are in the window now, and out of ``left``; stay there if this is the place to stop.

        Both are one write, so that a kill cannot fall between them and into no window at all.
        """
        if not keys:
            return
        with self._lock:
            is_here = window == self._pause and self._skip == 0
            if window == self._pause:
                self._skip -= 1
            self.write(keys, *([("leave", left)] if left else []), ("enter", window))
            if is_here:
                self.write(keys[:1], ("pause", window))
        if is_here:
            threading.Event().wait()

    def leave(self, window: str, *keys: IntentKey) -> None:
        """Note that these intents are not in the window any more."""
        if keys:
            with self._lock:
                self.write(keys, ("leave", window))

    def write(self, keys: Sequence[IntentKey], *moves: tuple[str, str]) -> None:
        rows = [
            {"pid": os.getpid(), "of": self.name, "what": what, "window": window, "intent": key.intent_id}
            for what, window in moves
            for key in keys
        ]
        os.write(self._file, "".join(f"{json.dumps(row)}\n" for row in rows).encode())


class BarrierExecutions:
    """Executions; a commit is a window, and opens and closes others once it is durable."""

    def __init__(self, executions: Executions, record: Record) -> None:
        self._executions = executions
        self._record = record

    def load(self, key: IntentKey) -> Execution | None:
        return self._executions.load(key)

    def commit(self, change: Change) -> None:
        self._record.enter(WRITING, change.key)
        try:
            self._executions.commit(change)
        except BaseException:
            self._record.leave(WRITING, change.key)
            raise
        if any(effect.state is not EffectState.OPEN for effect in change.effects):
            self._record.leave(APPLIED, change.key)
        if change.signals:
            self._record.enter(SETTLED, change.key)
        if any(effect.sends and effect.last.answer is None for effect in change.effects):
            self._record.enter(PREPARED, change.key)
        self._record.leave(WRITING, change.key)

    def refuse(self, refusal: Refusal) -> bool:
        return self._executions.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._executions.due(now_ms, limit)


class BarrierGate:
    """The gate; an open one is where the first byte leaves."""

    def __init__(self, gate: Gate, key: IntentKey, record: Record) -> None:
        self._gate = gate
        self._key = key
        self._record = record

    def closed(self) -> NotSent | None:
        closed = self._gate.closed()
        if closed is None:
            self._record.enter(SENT, self._key, left=PREPARED)
        else:
            self._record.leave(PREPARED, self._key)
        return closed


class BarrierConnector:
    """A connector; an answer that it was applied opens a window."""

    def __init__(self, connector: Connector, record: Record) -> None:
        self._connector = connector
        self._record = record

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self._connector.call(request, BarrierGate(gate, request.key, self._record), before)
        if isinstance(answer, Applied):
            self._record.enter(APPLIED, request.key, left=SENT)
        else:
            self._record.leave(SENT, request.key)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        finding = self._connector.look_up(request, before)
        self._record.enter(LOOKED_UP, request.key)
        self._record.leave(LOOKED_UP, request.key)
        return finding

    def before_image(self, request: Request) -> str | None:
        return self._connector.before_image(request)


class BarrierConnectors:
    """Every connector of the installation, wrapped."""

    def __init__(self, connectors: Connectors, record: Record) -> None:
        self._connectors = connectors
        self._record = record

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        connector = self._connectors.offering(tool, tenant_id)
        return None if connector is None else BarrierConnector(connector, self._record)


class BarrierSignals:
    """Signals; publishing closes the last window."""

    def __init__(self, signals: Signals, record: Record) -> None:
        self._signals = signals
        self._record = record

    def publish(self, signals: Sequence[Signal]) -> Sequence[Signal]:
        refused = self._signals.publish(signals)
        self._record.leave(SETTLED, *(signal.key for signal in signals if signal not in refused))
        return refused


def main() -> None:
    from entrypoints.cli.main import app_main

    pause, skip = os.environ.get("BARRIER_PAUSE"), int(os.environ.get("BARRIER_SKIP", "0"))
    record = providers.Object(Record(Path(os.environ["BARRIER_RECORD"]), pause, skip))
    if os.environ.get("BARRIER_TARGET") == "aws":
        on_aws(record)
    else:
        _embedded(record)
    app_main()


def _embedded(record: providers.Provider[Record]) -> None:
    from entrypoints.container.embedded import EmbeddedContainer as Embedded

    def wrap(it: Embedded) -> None:
        executions: providers.Provider[Executions] = providers.Singleton(SqliteExecutions, it.database)
        signals: providers.Provider[Signals] = providers.Singleton(JsonLinesSignals, it.settings.provided.paths.signals)
        _wrap(it, executions, signals, record)

    once_wired(Embedded, wrap)


def on_aws(record: providers.Provider[Record]) -> None:
    from adapters.aws.executions import DynamoExecutions
    from adapters.aws.opening import open_client
    from adapters.aws.session import STORE
    from adapters.aws.signals import EventBridgeSignals
    from entrypoints.container.aws import AwsContainer as Aws

    def wrap(it: Aws) -> None:
        executions: providers.Provider[Executions] = providers.Singleton(DynamoExecutions, it.tables, it.commit_tables)
        client = providers.Singleton(open_client, it.session, "events", STORE)
        bus_name, source = it.settings.provided.aws.bus_name, it.settings.provided.events.source
        _wrap(it, executions, providers.Singleton(EventBridgeSignals, client, bus_name, source), record)

    once_wired(Aws, wrap)


def once_wired(mode: type[Wired], wrap: Callable[[Wired], object]) -> None:
    """Have every container of a mode that this process makes wrapped, as soon as it is wired."""
    wire: Callable[[Wired, Settings], None] = vars(mode).get("__init__", Container.__init__)

    def wired(self: Wired, settings: Settings) -> None:
        wire(self, settings)
        wrap(self)

    setattr(mode, "__init__", wired)  # noqa: B010 - of a class, which mypy would not let us assign to


def _wrap(
    container: Container,
    executions: providers.Provider[Executions],
    signals: providers.Provider[Signals],
    record: providers.Provider[Record],
) -> None:
    """Put the barriers around what a container has behind its ports."""
    connectors = providers.Singleton(
        connector_table,
        container.settings.provided.connectors,
        container.internal_objects,
        container.clock,
        container.settings.provided.timing,
        container.secrets,
    )
    container.executions.override(providers.Singleton(BarrierExecutions, executions, record))
    container.connectors.override(providers.Singleton(BarrierConnectors, connectors, record))
    container.signals.override(providers.Singleton(BarrierSignals, signals, record))


if __name__ == "__main__":
    main()
