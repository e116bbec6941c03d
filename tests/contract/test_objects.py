import hashlib

from tests.contract.backends import Backend
from tests.contract.samples import key
from tests.contract.services import Services


def test_an_artifact_is_named_by_tenant_intent_and_content(services: Services) -> None:
    reference = services.artifacts.put(key(), "a long response")
    assert reference == f"acme/intent-1/{hashlib.sha256(b'a long response').hexdigest()}"
    assert services.artifacts.get(reference) == "a long response"


def test_the_same_artifact_again_is_the_same_reference(services: Services) -> None:
    assert services.artifacts.put(key(), "text") == services.artifacts.put(key(), "text")


def test_an_artifact_of_megabytes_is_kept_whole(services: Services) -> None:
    text = "ü" * 2_000_000
    assert services.artifacts.get(services.artifacts.put(key(), text)) == text


def test_an_unknown_artifact_is_none(services: Services) -> None:
    assert services.artifacts.get("acme/intent-1/00") is None
    assert services.artifacts.get(f"acme/intent-1/{'0' * 64}") is None


def test_an_internal_object_is_stored_once(backend: Backend) -> None:
    place = ("acme", "account-1", "note", "note-1")
    assert backend.internal_objects.put(*place, '{"text":"one"}') == '{"text":"one"}'
    assert backend.internal_objects.put(*place, '{"text":"two"}') == '{"text":"one"}'
    assert backend.internal_objects.get(*place) == '{"text":"one"}'


def test_internal_objects_are_apart_by_tenant_account_and_kind(backend: Backend) -> None:
    backend.internal_objects.put("acme", "account-1", "note", "1", "{}")
    assert backend.internal_objects.get("other", "account-1", "note", "1") is None
    assert backend.internal_objects.get("acme", "account-2", "note", "1") is None
    assert backend.internal_objects.get("acme", "account-1", "task", "1") is None


def test_an_internal_object_is_deleted_once(backend: Backend) -> None:
    place = ("acme", "account-1", "task", "task-1")
    backend.internal_objects.put(*place, "{}")
    assert backend.internal_objects.delete(*place) is True
    assert backend.internal_objects.delete(*place) is False
    assert backend.internal_objects.get(*place) is None
