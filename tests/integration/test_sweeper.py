"""The sweeper on moto: what it settles, publishes and tells."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ReadTimeoutError
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from benchmarks.assembly import StubConnector
from core.domain.answer import Answer, CannotTell, Finding, Happened, NotSent, Unknown
from core.domain.request import Request
from entrypoints.consumer import Consumer
from entrypoints.container.aws import AwsContainer
from entrypoints.sweeper import Sweeper
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
