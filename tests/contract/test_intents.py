import pytest

from core.domain.errors import PayloadConflictError
from tests.contract.backends import Backend
from tests.contract.samples import intent, key


def test_an_intent_is_read_back_as_it_was_put(backend: Backend) -> None:
    backend.intents.put(intent())
    assert backend.intents.get(key()) == intent()


def test_an_unknown_intent_is_none(backend: Backend) -> None:
    backend.intents.put(intent())
    assert backend.intents.get(key("other")) is None
    assert backend.intents.get(key(tenant="other")) is None
    assert backend.intents.get(key(account="other")) is None


def test_the_same_body_again_changes_nothing(backend: Backend) -> None:
    backend.intents.put(intent())
    backend.intents.put(intent())
    assert backend.intents.get(key()) == intent()


def test_another_body_under_a_known_id_is_refused_and_the_first_stands(backend: Backend) -> None:
    backend.intents.put(intent(title="One"))
    with pytest.raises(PayloadConflictError):
        backend.intents.put(intent(title="Two"))
    assert backend.intents.get(key()) == intent(title="One")


def test_one_id_in_two_accounts_is_two_intents(backend: Backend) -> None:
    one, two = intent(key(account="one"), title="One"), intent(key(account="two"), title="Two")
    backend.intents.put(one)
    backend.intents.put(two)
    assert backend.intents.get(one.key) == one
    assert backend.intents.get(two.key) == two
