from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws

from adapters.aws.secrets import MAX_NAMES, SecretsManagerSecrets
from adapters.memory.secrets import MemorySecrets
from core.domain.errors import ConfigurationError, ExecutionError, StoreUnavailableError
from ports.secrets import Secrets
from tests.unit.aws.lines import AWS_WORDS, Calls, Cut, Instead, error, fresh

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

VALUE = "the-value-itself"
GET = "GetSecretValue"


@dataclass(frozen=True, slots=True)
class Safe:
    client: SecretsManagerClient
    calls: Calls
    secrets: SecretsManagerSecrets


@pytest.fixture
def safe() -> Iterator[Safe]:
    with mock_aws():
        client = fresh("secretsmanager")
        client.create_secret(Name="crm", SecretString=VALUE)
        yield Safe(client, Calls(client), SecretsManagerSecrets(client))


@pytest.fixture(params=["memory", "secrets manager"])
def secrets(request: pytest.FixtureRequest, safe: Safe) -> Secrets:
    return MemorySecrets({"crm": VALUE}) if request.param == "memory" else safe.secrets


def test_a_secret_is_given_by_its_name(secrets: Secrets) -> None:
    assert secrets.get("crm") == VALUE


def test_an_absent_secret_is_a_fault_of_the_configuration_that_names_it(secrets: Secrets) -> None:
    with pytest.raises(ConfigurationError, match="absent-one"):
        secrets.get("absent-one")


def test_a_secret_shows_in_no_repr(secrets: Secrets) -> None:
    secrets.get("crm")

    assert VALUE not in f"{secrets!r}{secrets}"


def test_a_young_secret_is_not_fetched_again(safe: Safe) -> None:
    assert [safe.secrets.get("crm") for _ in range(3)] == [VALUE] * 3

    assert safe.calls.count(GET) == 1


def test_a_secret_that_is_too_old_is_fetched_again(safe: Safe) -> None:
    secrets = SecretsManagerSecrets(safe.client, max_age_s=0)
    assert secrets.get("crm") == VALUE
    safe.client.put_secret_value(SecretId="crm", SecretString="rotated")

    assert secrets.get("crm") == "rotated"


def test_threads_that_want_one_secret_fetch_it_once(safe: Safe) -> None:
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(safe.secrets.get("crm"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (got, safe.calls.count(GET)) == ([VALUE] * 8, 1)


def test_no_more_than_a_bounded_number_of_secrets_is_kept(safe: Safe) -> None:
    for number in range(MAX_NAMES):
        safe.client.create_secret(Name=f"n{number}", SecretString=VALUE)
    names = [f"n{number}" for number in range(MAX_NAMES)]
    for name in (*names, *names, "crm", names[-1]):
        safe.secrets.get(name)

    assert safe.calls.count(GET) == MAX_NAMES + 2


def test_an_absent_name_is_asked_for_again(safe: Safe) -> None:
    with pytest.raises(ConfigurationError):
        safe.secrets.get("later")
    safe.client.create_secret(Name="later", SecretString=VALUE)

    assert safe.secrets.get("later") == VALUE


def test_a_secret_that_is_not_text_is_a_fault_of_the_configuration(safe: Safe) -> None:
    safe.client.create_secret(Name="binary", SecretBinary=b"\xff")

    with pytest.raises(ConfigurationError, match="binary is not text"):
        safe.secrets.get("binary")


def test_a_secret_marked_for_deletion_is_absent(safe: Safe) -> None:
    safe.client.delete_secret(SecretId="crm")

    with pytest.raises(ConfigurationError):
        safe.secrets.get("crm")


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServiceError", "AccessDeniedException"])
def test_what_secrets_manager_says_no_to_is_transient(safe: Safe, code: str) -> None:
    Instead(safe.client, GET, error(code))

    with pytest.raises(StoreUnavailableError, match=code):
        safe.secrets.get("crm")
    assert safe.secrets.get("crm") == VALUE


def test_neither_the_value_nor_the_words_of_aws_reach_an_error_or_a_log(
    safe: Safe, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    safe.secrets.get("crm")
    shown: list[str] = []
    for fault in (error("ThrottlingException"), error("ResourceNotFoundException")):
        Instead(safe.client, GET, fault)
        with pytest.raises(ExecutionError) as caught:
            safe.secrets.get("other")
        shown += traceback.format_exception(caught.value)

    assert AWS_WORDS not in "".join(shown)
    assert VALUE not in "".join(shown) + caplog.text


def test_secrets_manager_that_cannot_be_reached_is_transient(safe: Safe) -> None:
    Cut(safe.client, ConnectTimeoutError(endpoint_url="https://secretsmanager.test"))

    with pytest.raises(StoreUnavailableError, match="ConnectTimeoutError"):
        safe.secrets.get("crm")
