import pytest

from core.domain.errors import RegistryConflictError
from tests.contract.backends import Backend
from tests.contract.samples import entry


def test_an_entry_is_new_once(backend: Backend) -> None:
    assert backend.registry.apply(entry()) is True
    assert backend.registry.apply(entry()) is False
    assert backend.registry.entry("CREATE_TASK", 1) == entry()


def test_a_version_never_changes(backend: Backend) -> None:
    backend.registry.apply(entry(risk="LOW"))
    with pytest.raises(RegistryConflictError):
        backend.registry.apply(entry(risk="HIGH"))
    assert backend.registry.entry("CREATE_TASK", 1) == entry(risk="LOW")


def test_a_version_that_is_missing_now_may_be_there_later(backend: Backend) -> None:
    assert backend.registry.entry("CREATE_TASK", 2) is None
    backend.registry.apply(entry(2))
    assert backend.registry.entry("CREATE_TASK", 2) == entry(2)


def test_version_10_comes_after_version_9(backend: Backend) -> None:
    for version in (10, 9, 2, 100, 1):
        backend.registry.apply(entry(version))
    backend.registry.apply(entry(3, action_type="ARCHIVE"))
    found = [(it.action_type, it.version) for it in backend.registry.entries()]
    assert found == [("ARCHIVE", 3), *(("CREATE_TASK", version) for version in (1, 2, 9, 10, 100))]
