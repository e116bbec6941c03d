"""What a container of actonce has behind its ports, with the marked places of a trial."""

from collections.abc import Callable, Sequence
from typing import Protocol

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


class Places(Protocol):
    """The places of one trial. What befalls it is told by a life, wherever its processes are."""

    def at(self, place: Place) -> None:
        """Note that the trial has come to a place."""
        ...

    def is_refused(self) -> bool:
        """Tell whether its store refuses what it is asked now."""
        ...


PlacesOf = Callable[[IntentKey], Places]


class MarkedExecutions:
    """Executions that a throttled store refuses, with a place behind the commit that settles."""

    def __init__(self, executions: Executions, places_of: PlacesOf) -> None:
        self._executions = executions
        self._places_of = places_of

    def load(self, key: IntentKey) -> Execution | None:
        return self._executions.load(key)

    def commit(self, change: Change) -> None:
        places = self._places_of(change.key)
        if places.is_refused():
            raise StoreUnavailableError("The store is throttled.")
        self._executions.commit(change)
        if change.signals:
            places.at(Place.AFTER_RECORD)

    def refuse(self, refusal: Refusal) -> bool:
        return self._executions.refuse(refusal)

    def due(self, now_ms: int, limit: int) -> Sequence[IntentKey]:
        return self._executions.due(now_ms, limit)


class MarkedGate:
    """The gate; a place just before it is asked, after which the first byte leaves."""

    def __init__(self, gate: Gate, places: Places) -> None:
        self._gate = gate
        self._places = places

    def closed(self) -> NotSent | None:
        self._places.at(Place.BEFORE_CALL)
        return self._gate.closed()


class MarkedConnector:
    """A connector; a place where it has said that the tool wrote."""

    def __init__(self, connector: Connector, places_of: PlacesOf) -> None:
        self._connector = connector
        self._places_of = places_of

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        places = self._places_of(request.key)
        answer = self._connector.call(request, MarkedGate(gate, places), before)
        if isinstance(answer, Applied):
            places.at(Place.AFTER_EFFECT)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self._connector.look_up(request, before)

    def before_image(self, request: Request) -> str | None:
        return self._connector.before_image(request)


class MarkedConnectors:
    """Every connector of the installation, with its places."""

    def __init__(self, connectors: Connectors, places_of: PlacesOf) -> None:
        self._connectors = connectors
        self._places_of = places_of

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        connector = self._connectors.offering(tool, tenant_id)
        return None if connector is None else MarkedConnector(connector, self._places_of)


def mark(container: Container, marks: Marks) -> None:
    """Put the places of one life around what a container has, before anything is built from it."""

    def places_of(_: IntentKey) -> Marks:
        return marks

    container.connectors.override(providers.Object(MarkedConnectors(container.connectors(), places_of)))
    container.executions.override(providers.Object(MarkedExecutions(container.executions(), places_of)))
