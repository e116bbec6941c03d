"""The embedded system as its container builds it, with a tool that answers at once: what is left is our own cost."""

import threading
from collections.abc import Callable
from pathlib import Path

from dependency_injector import providers

from core.domain.answer import Answer, Applied, Finding, ObjectRef
from core.domain.attempt import AttemptStatus
from core.domain.contract import EffectContract, Terms
from core.domain.intent import Intent, Target
from core.domain.keys import IntentKey
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry
from core.domain.request import Request
from core.domain.timing import Timing
from entrypoints.container import building
from entrypoints.hands import Hands
from entrypoints.settings.loading import Settings
from entrypoints.settings.tables import Defaults, Events, Paths, Run, Tenants
from entrypoints.worker import ahead_of
from ports.connector import Connector, Gate
from ports.executions import Executions
from ports.wire.messages import approved_event

VISIBILITY_S = 600.0
TOOL = "crm.create_task"
TENANT = "acme"


class StubConnector:
    """Accepts everything, and counts what it was asked to write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.written = 0

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:  # noqa: ARG002
        held = gate.closed()
        if held is not None:
            return held
        with self._lock:
            self.written += 1
        name = request.effect_key[:18]
        ref = ObjectRef("crm", "task", name, f"https://crm.example/task/{name}")
        return Applied((ref,), f'{{"id":"{name}","success":true}}')

    def look_up(self, request: Request, before: str | None) -> Finding:
        raise LookupError(f"{request.tool} was in doubt: {before}")

    def before_image(self, request: Request) -> str | None:
        raise LookupError(f"{request.tool} takes no before-image")


class OneConnector:
    """Offers the one tool."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        return self._connector if tool == TOOL and tenant_id == TENANT else None


class Embedded:
    """What ``actonce run`` runs, on a file of its own."""

    def __init__(self, folder: Path, watch: Callable[[Executions], Executions] | None = None) -> None:
        settings = Settings(
            paths=Paths(database=folder / "store.db", signals=folder / "signals.jsonl"),
            run=Run(),
            events=Events(),
            timing=Timing(),
            tenants=Tenants(unknown="enabled"),
            defaults=Defaults(),
            connectors={},
        )
        self.connector = StubConnector()
        self.container = building.build_embedded(settings)
        self.container.connectors.override(providers.Object(OneConnector(self.connector)))
        if watch is not None:
            self.container.executions.override(providers.Object(watch(self.container.executions())))
        self.container.registry().apply(ENTRY)
        self.queue = self.container.queue()
        self.intake = self.container.intake()
        self.ids = self.container.ids()
        self._filled = 0
        self._has_failed = False
        self._place = self.container.placing()

    def fill(self, count: int) -> None:
        """Enqueue events that embed their intents."""
        self._filled += count
        bodies = [approved_event(intent(self.ids.fresh()), "HUMAN", False, embed=True) for _ in range(count)]
        self.queue.send(bodies)

    def work(self, workers: int) -> None:
        """Carry out what is in the queue on so many threads; none for one."""
        self._hands = Hands(self.queue, ahead=ahead_of(workers), visibility_s=VISIBILITY_S, look=self.intake.read_ahead)
        if workers == 1:
            self._serve()
            return
        threads = [threading.Thread(target=self._placed) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        building.close(self.container)

    def _placed(self) -> None:
        if self._place is not None:
            self._place()
        self._serve()

    def _serve(self) -> None:
        hands = self._hands
        while True:
            delivery = hands.take()
            if delivery is not None:
                execution = self.intake(delivery).execution
                hands.done(delivery)
                if execution is None or execution.attempt.status is not AttemptStatus.SUCCEEDED:
                    # The other threads must not wait for a call that was never made.
                    self._has_failed = True
                    raise LookupError("an action did not succeed")
            elif self._has_failed or self.connector.written == self._filled:
                return
            else:
                hands.wait()


ENTRY = RegistryEntry(
    action_type="CREATE_TASK",
    version=1,
    tool=TOOL,
    tool_schema_version="1.0",
    risk="LOW",
    terms=Terms(EffectContract.NATURAL_KEY, absence_proof_ms=60_000, look_up_tool="crm.find_task"),
    compensation=Compensation(CompensationMode.NONE),
    parameters=tuple(
        ParameterMapping(name, name, required=True) for name in ("title", "description", "due_date", "owner_email")
    ),
    takes_target=True,
    timeout_s=10,
)


def intent(intent_id: str) -> Intent:
    """Return an approved action of ordinary size."""
    account_id = f"account-{intent_id[:2]}"
    return Intent(
        key=IntentKey(TENANT, account_id, intent_id),
        action_type="CREATE_TASK",
        parameters={
            "title": "Call the customer about the renewal",
            "description": "The contract ends next month; usage went up by a third since spring. " * 3,
            "due_date": "2031-03-14",
            "owner_email": "ada@example.com",
        },
        registry_version=1,
        approved_by="grace@example.com",
        approval_timestamp="2026-01-01T10:00:00Z",
        expires_at="2033-05-18T03:33:20Z",
        expires_at_epoch=2_000_000_000,
        original_decision_id=f"decision-{intent_id}",
        trace_id=f"trace-{intent_id}",
        target=Target("ACCOUNT", account_id),
        confidence_score=0.93,
        risk_level="low",
    )
