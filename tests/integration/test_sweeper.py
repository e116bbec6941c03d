"""The sweeper on moto: what it settles, publishes and tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from benchmarks.assembly import StubConnector, intent
from core.domain.answer import Answer, CannotTell, Finding, Happened, NotSent, Unknown
from core.domain.claiming import Claim, claim
from core.domain.draft import Draft
from core.domain.ledger import Chain, verify
from core.domain.request import Request
from core.domain.timing import Timing
from entrypoints.consumer import Consumer
from entrypoints.container.aws import AwsContainer
from entrypoints.sweeper import GRACE_MS, Sweeper
from ports.connector import Gate
from tests.integration.function_site import Context, Lines, Site, a_site, an_event, metrics
from tests.unit.aws.lines import Cut
from tests.unit.making import NOW_MS

DAY_MS = 86_400_000


class Silent(StubConnector):
    """Writes, and loses the reply; a look-up finds what it wrote, once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.finds = False

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        answer = super().call(request, gate, before)
        return answer if isinstance(answer, NotSent) else Unknown("the reply was lost")

    def look_up(self, request: Request, before: str | None) -> Finding:
        if not self.finds:
            return CannotTell("the system is away")
        return Happened((), "{}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW_MS)


@pytest.fixture
def system() -> Silent:
    return Silent()


@pytest.fixture
def site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, lines: Lines, system: Silent) -> Site:
    request.getfixturevalue("moto")
    return a_site(monkeypatch, lines.logger, system)


@pytest.fixture
def container(site: Site, clock: FakeClock) -> AwsContainer:
    built = site.container()
    built.clock.override(providers.Object(clock))
    return built


@pytest.fixture
def sweeper(site: Site, container: AwsContainer) -> Sweeper:
    return Sweeper(
        container.sweep(),
        container.relay(),
        container.gauges(),
        container.dead_letters(),
        container.clock(),
        site.meters,
        site.remaining,
    )


@pytest.fixture
def begun(site: Site, container: AwsContainer, capsys: pytest.CaptureFixture[str]) -> Callable[[int], None]:
    def begin(count: int) -> None:
        """Begin so many actions, whose replies are lost."""
        intake = container.intake()
        Consumer(intake, container.clock(), site.meters, site.remaining, site.logger)(
            site.batch(*(an_event(number) for number in range(count))), Context()
        )
        capsys.readouterr()

    return begin


def test_what_is_due_is_settled_with_evidence_and_told_at_the_next_sweep(
    site: Site,
    system: Silent,
    sweeper: Sweeper,
    clock: FakeClock,
    begun: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun(2)
    clock.advance(DAY_MS)
    system.finds = True
    assert sweeper({}, Context()) == {"swept": 2, "published": 0}
    found = metrics(capsys.readouterr().out)
    assert found["Actions", "SUCCEEDED", "NONE"] == found["DuplicatesAvoided", "READ_BACK"] == [2]
    assert (found["Swept",], found["SweepsPostponed",], found["OverdueAge",]) == ([2], [0], [0])
    assert found["RelayAge",] == [0]
    clock.advance(7_000)
    assert sweeper({}, Context()) == {"swept": 0, "published": 2}
    assert site.rows("outbox") == []
    assert ("Actions",) not in metrics(capsys.readouterr().out)


def test_finding_21_doubt_and_its_age_are_told(
    site: Site, sweeper: Sweeper, clock: FakeClock, begun: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    begun(1)
    clock.advance(DAY_MS)
    for _ in range(10):
        sweeper({}, Context())
        clock.advance(600_000)
    capsys.readouterr()
    sweeper({}, Context())
    found = metrics(capsys.readouterr().out)
    assert found["InDoubt",] == [1]
    assert found["InDoubtAge",][0] >= DAY_MS / 1000


def test_finding_21_what_nobody_could_settle_is_told_by_how_long_it_is_overdue(
    site: Site, sweeper: Sweeper, clock: FakeClock, begun: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    begun(1)
    clock.advance(DAY_MS)
    assert sweeper({}, Context(left_ms=0)) == {"swept": 0, "published": 0}
    overdue_s = metrics(capsys.readouterr().out)["OverdueAge",][0]
    assert DAY_MS / 1000 - 120 < overdue_s < DAY_MS / 1000


def test_finding_17_dead_letters_are_counted(site: Site, sweeper: Sweeper, capsys: pytest.CaptureFixture[str]) -> None:
    site.consumer()(site.batch("{", "]"), Context())
    capsys.readouterr()
    sweeper({}, Context())
    assert metrics(capsys.readouterr().out)["DeadLetters",] == [2]


def test_without_anything_every_gauge_is_told_as_nothing(sweeper: Sweeper, capsys: pytest.CaptureFixture[str]) -> None:
    sweeper({}, Context())
    found = metrics(capsys.readouterr().out)
    names = ("InDoubt", "InDoubtAge", "OverdueAge", "RelayAge", "DeadLetters", "SignalsPublished", "Swept")
    assert [found[name,] for name in names] == [[0]] * len(names)


def test_a_bus_that_cannot_be_reached_keeps_nothing_from_being_swept(
    container: AwsContainer,
    system: Silent,
    sweeper: Sweeper,
    clock: FakeClock,
    begun: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
    lines: Lines,
) -> None:
    begun(1)
    clock.advance(DAY_MS)
    system.finds = True
    sweeper({}, Context())
    fault = ReadTimeoutError(endpoint_url="https://events.example")
    Cut(container.signals()._client, fault, times=20)  # type: ignore[attr-defined]
    capsys.readouterr()
    clock.advance(5_000)
    assert sweeper({}, Context()) == {"swept": 0}
    found = metrics(capsys.readouterr().out)
    assert found["Troubles", "relay"] == [1]
    assert found["RelayAge",] == [5]
    warnings = [json.loads(line) for line in lines.text().splitlines() if '"WARNING"' in line]
    assert [(it["doing"], it["error_code"]) for it in warnings] == [("relay", "STORE_UNAVAILABLE")]


def test_a_fault_of_ours_in_one_part_is_raised_after_the_others_are_done(
    container: AwsContainer, sweeper: Sweeper, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(**_: object) -> None:
        raise LookupError("words that nobody may see")

    container.dead_letters()._client.meta.events.register("before-call.sqs", fault)  # type: ignore[attr-defined]
    with pytest.raises(LookupError):
        sweeper({}, Context())
    found = metrics(capsys.readouterr().out)
    assert (found["Swept",], found["InDoubt",], found["RelayAge",]) == ([0], [0], [0])


def told_of(container: AwsContainer, number: int = 0) -> list[tuple[str, Any]]:
    """The ledger of an intent: what happened, and what is said of it."""
    key = intent(f"intent-{number}").key
    execution = container.executions().load(key)
    assert execution is not None
    entries = container.ledger().entries(Chain(key.tenant_id, f"{key.account_id}/{key.intent_id}"))
    assert verify(entries, execution.attempt.head) is None
    return [(it.event.value, json.loads(it.body)) for it in entries]


def test_doubt_is_not_looked_at_before_its_settle_delay_is_over(
    system: Silent, sweeper: Sweeper, container: AwsContainer, clock: FakeClock, begun: Callable[[int], None]
) -> None:
    begun(1)
    execution = container.executions().load(intent("intent-0").key)
    assert execution is not None
    due_at_ms = execution.attempt.due_at_ms
    assert due_at_ms is not None
    system.finds = True
    clock.advance(due_at_ms + GRACE_MS - 1 - clock.now_ms())
    assert sweeper({}, Context())["swept"] == 0
    clock.advance(1)
    assert sweeper({}, Context())["swept"] == 1
    assert told_of(container)[-1][0] == "ACTION_EXECUTED"


def test_what_a_sweep_settles_is_in_the_ledger_with_its_evidence(
    system: Silent, sweeper: Sweeper, container: AwsContainer, clock: FakeClock, begun: Callable[[int], None]
) -> None:
    begun(1)
    before = told_of(container)
    clock.advance(DAY_MS)
    system.finds = True
    sweeper({}, Context())
    since = told_of(container)[len(before) :]
    assert [event for event, _ in since] == ["EXECUTION_STARTED", "EFFECT_SETTLED", "ACTION_EXECUTED"]
    assert since[0][1]["owner"].startswith("sweeper:")
    assert since[0][1]["takeover"] is True
    assert since[-1][1]["evidence"] == "READ_BACK"


def test_a_claim_whose_worker_died_is_taken_over_once_its_lease_has_ended(
    system: Silent, sweeper: Sweeper, container: AwsContainer, clock: FakeClock
) -> None:
    body = intent("intent-0")
    container.intents().put(body)
    draft = Draft(None, now_ms=clock.now_ms(), nonce="nonce")
    claim(draft, body, Claim("a worker that died", "attempt-1", "trace-1"), Timing())
    container.executions().commit(draft.change())
    assert sweeper({}, Context())["swept"] == system.written == 0
    clock.advance(Timing().lease_ms + Timing().max_skew_ms + GRACE_MS + 1)
    assert sweeper({}, Context())["swept"] == system.written == 1
    told = told_of(container)
    assert [event for event, _ in told] == ["EXECUTION_STARTED", "EXECUTION_STARTED", "EFFECT_PREPARED"]
    assert told[1][1]["takeover"] is True


def test_a_sweep_looks_at_no_more_than_its_bound_and_publishes_no_more_than_its_own(
    container: AwsContainer, system: Silent, clock: FakeClock, begun: Callable[[int], None]
) -> None:
    begun(3)
    clock.advance(DAY_MS)
    system.finds = True
    sweep = container.sweep()
    assert [sweep("sweeper:1", 2).seen for _ in range(3)] == [2, 1, 0]
    relay = container.relay()
    assert [relay(2) for _ in range(3)] == [2, 1, 0]
