"""Every test takes ``given``: a subject and one of its tools; some take a fault as well."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.conformance.choosing import chosen
from tests.conformance.scene import Given
from tests.conformance.subject import CANARY, Case, Fault, Stand, Subject

Stands = Callable[[Subject], Stand]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "given" not in metafunc.fixturenames:
        return
    selects: Callable[[Case], bool] = getattr(metafunc.function, "selects", lambda _case: True)
    givens = [Given(subject, case) for subject in chosen() for case in subject.cases if selects(case)]
    if "fault" not in metafunc.fixturenames:
        metafunc.parametrize("given", givens, ids=str)
        return
    wanted: frozenset[Fault] = getattr(metafunc.function, "faults", frozenset(Fault))
    pairs = [(given, fault) for given in givens for fault in Fault if fault in wanted & given.case.faults]
    metafunc.parametrize(("given", "fault"), pairs, ids=[f"{given}-{fault}" for given, fault in pairs])


@pytest.fixture(scope="session")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stands]:
    """One fake of each subject, started when it is first wanted."""
    running: dict[str, Stand] = {}
    with ExitStack() as stack:

        def stand_of(subject: Subject) -> Stand:
            if subject.name not in running:
                running[subject.name] = stack.enter_context(subject.running(tmp_path_factory.mktemp("fake")))
            return running[subject.name]

        yield stand_of


@pytest.fixture
def stand(given: Given, stands: Stands, caplog: pytest.LogCaptureFixture) -> Iterator[Stand]:
    """The fake, calm; what is logged meanwhile holds no secret."""
    caplog.set_level(logging.DEBUG)
    found = stands(given.subject)
    found.calm()
    yield found
    assert CANARY not in caplog.text
    assert CANARY not in repr(found.connector)
