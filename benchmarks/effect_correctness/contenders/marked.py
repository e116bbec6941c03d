"""What a container of actonce has behind its ports, with the marked places of a trial."""

from collections.abc import Sequence

from dependency_injector import providers

from benchmarks.effect_correctness.faults import Place
from benchmarks.effect_correctness.trial import Marks
from core.domain.answer import Answer, Applied, Finding, NotSent
from core.domain.errors import StoreUnavailableError
from core.domain.execution import Change, Execution, Refusal
from core.domain.keys import IntentKey
from core.domain.request import Request
from entrypoints.container.wiring import Container
from ports.connector import Connector, Connectors, Gate
from ports.executions import Executions


class MarkedExecutions:
    """Executions that a throttled store refuses, with a place behind the commit that settles."""

    def __init__(self, executions: Executions, marks: Marks) -> None:
        self._executions = executions
        self._marks = marks

    def load(self, key: IntentKey) -> Execution | None:
        return self._executions.load(key)

    def commit(self, change: Change) -> None:
        if self._marks.is_refused():
            raise StoreUnavailableError("The store is throttled.")
        self._executions.commit(change)
        if change.signals:
            self._marks.at(Place.AFTER_RECORD)

    def refuse(self, refusal: Refusal) -> bool:
        return self._executions.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._executions.due(now_ms, limit)


class MarkedGate:
    """The gate; a place just before it is asked, after which the first byte leaves."""

    def __init__(self, gate: Gate, marks: Marks) -> None:
        self._gate = gate
        self._marks = marks

    def closed(self) -> NotSent | None:
        self._marks.at(Place.BEFORE_CALL)
        return self._gate.closed()


class MarkedConnector:
    """A connector; a place where it has said that the tool wrote."""

    def __init__(self, connector: Connector, marks: Marks) -> None:
        self._connector = connector
        self._marks = marks

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = self._connector.call(request, MarkedGate(gate, self._marks), before)
        if isinstance(answer, Applied):
            self._marks.at(Place.AFTER_EFFECT)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._connector.look_up(request, before)

    def before_image(self, request: Request) -> str | None:
        return self._connector.before_image(request)


class MarkedConnectors:
    """Every connector of the installation, with its places."""

    def __init__(self, connectors: Connectors, marks: Marks) -> None:
        self._connectors = connectors
        self._marks = marks

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        connector = self._connectors.offering(tool, tenant_id)
        return None if connector is None else MarkedConnector(connector, self._marks)


def mark(container: Container, marks: Marks) -> None:
    """Put the places around what a container has, before anything is built from it."""
    container.connectors.override(providers.Object(MarkedConnectors(container.connectors(), marks)))
    container.executions.override(providers.Object(MarkedExecutions(container.executions(), marks)))
