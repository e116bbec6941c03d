from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from moto import mock_aws

from adapters.aws.faults import Trouble, calling, code_of, trouble, unavailable
from core.domain.errors import StoreUnavailableError
from tests.unit.aws.lines import AWS_WORDS, Cut, Instead, error, fresh

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TABLE = {
    "ConditionalCheckFailedException": Trouble.CONDITION,
    "ConditionalCheckFailed": Trouble.CONDITION,
    "TransactionCanceledException": Trouble.CANCELLED,
    "TransactionConflict": Trouble.CONFLICT,
    "TransactionConflictException": Trouble.CONFLICT,
    "TransactionInProgressException": Trouble.CONFLICT,
    "DuplicateItem": Trouble.CONFLICT,
    "ProvisionedThroughputExceeded": Trouble.THROTTLED,
    "ProvisionedThroughputExceededException": Trouble.THROTTLED,
    "RequestLimitExceeded": Trouble.THROTTLED,
    "RequestThrottled": Trouble.THROTTLED,
    "SlowDown": Trouble.THROTTLED,
    "Throttling": Trouble.THROTTLED,
    "ThrottlingError": Trouble.THROTTLED,
    "ThrottlingException": Trouble.THROTTLED,
    "TooManyRequestsException": Trouble.THROTTLED,
    "PreconditionFailed": Trouble.EXISTS,
    "ResourceAlreadyExistsException": Trouble.EXISTS,
    "NoSuchKey": Trouble.ABSENT,
    "AccessDeniedException": Trouble.UNAVAILABLE,
    "ExpiredTokenException": Trouble.UNAVAILABLE,
    "IdempotentParameterMismatchException": Trouble.UNAVAILABLE,
    "InternalServerError": Trouble.UNAVAILABLE,
    "ItemCollectionSizeLimitExceededException": Trouble.UNAVAILABLE,
    "NoSuchBucket": Trouble.UNAVAILABLE,
    "ResourceNotFoundException": Trouble.UNAVAILABLE,
    "ServiceUnavailable": Trouble.UNAVAILABLE,
    "ValidationException": Trouble.UNAVAILABLE,
    "conditionalcheckfailed": Trouble.UNAVAILABLE,
    "InventedLater": Trouble.UNAVAILABLE,
    "None": Trouble.UNAVAILABLE,
    "": Trouble.UNAVAILABLE,
}
ANSWERS = {Trouble.CONDITION, Trouble.CANCELLED, Trouble.EXISTS, Trouble.ABSENT}
URL = "https://s3.test"
TRANSPORT: list[BotoCoreError] = [
    ConnectTimeoutError(endpoint_url=URL),
    ReadTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    SSLError(endpoint_url=URL, error=OSError(AWS_WORDS)),
    HTTPClientError(error=AWS_WORDS),
    NoCredentialsError(),
]


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        yield fresh("s3")


@pytest.mark.parametrize(("code", "meaning"), TABLE.items())
def test_a_code_means_what_the_table_says(code: str, meaning: Trouble) -> None:
    assert trouble(code) is meaning


def test_only_a_failed_condition_is_taken_for_a_lost_race() -> None:
    assert {code for code in TABLE if trouble(code) is Trouble.CONDITION} == {
        "ConditionalCheckFailedException",
        "ConditionalCheckFailed",
    }


@pytest.mark.parametrize("code", [code for code, meaning in TABLE.items() if meaning in ANSWERS])
def test_an_answer_to_a_question_reaches_whoever_asked(client: S3Client, code: str) -> None:
    Instead(client, "GetObject", error(code))

    with pytest.raises(ClientError) as caught:
        calling(client.get_object, Bucket="b", Key="k")

    assert code_of(caught.value) == code


@pytest.mark.parametrize("code", [code for code, meaning in TABLE.items() if meaning not in ANSWERS])
def test_any_other_answer_is_transient_and_in_our_own_words(client: S3Client, code: str) -> None:
    Instead(client, "GetObject", error(code))

    with pytest.raises(StoreUnavailableError) as caught:
        calling(client.get_object, Bucket="b", Key="k")

    assert caught.value.message == f"GetObject was answered {code or 'with an error'}."
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize("fault", TRANSPORT, ids=lambda it: type(it).__name__)
def test_a_line_that_breaks_is_transient_and_in_our_own_words(client: S3Client, fault: BotoCoreError) -> None:
    Cut(client, fault)

    with pytest.raises(StoreUnavailableError) as caught:
        calling(client.list_buckets)

    assert caught.value.message == f"AWS could not be reached: {type(fault).__name__}."
    assert caught.value.__cause__ is fault


def test_a_call_that_this_program_got_wrong_decides_nothing_about_an_action(client: S3Client) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        calling(client.get_object, Bucket="b", Key="")
    assert isinstance(caught.value.__cause__, ParamValidationError)


def test_an_answer_that_is_no_answer_decides_nothing_either() -> None:
    def misread() -> None:
        raise ResponseParserError("not XML")

    with pytest.raises(StoreUnavailableError):
        calling(misread)


def test_an_error_without_a_code_is_not_known() -> None:
    nameless = ClientError({}, "GetObject")

    assert code_of(nameless) == ""
    assert unavailable(nameless).message == "GetObject was answered with an error."


def test_what_succeeds_is_given_back_as_it_is() -> None:
    assert calling(max, 1, 2) == 2
