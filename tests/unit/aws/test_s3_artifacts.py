from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from moto import mock_aws
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import ReadTimeoutError as BrokenRead

from adapters.aws.artifacts import S3Artifacts
from core.domain.errors import StoreUnavailableError
from ports.artifacts import MAX_ARTIFACT_BYTES
from tests.emulators.clients import REGION
from tests.unit.aws.lines import AWS_WORDS, Calls, Cut, Instead, error, fresh
from tests.unit.making import KEY

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "artifacts"
DIGEST = hashlib.sha256(b"text").hexdigest()


@pytest.fixture
def client() -> Iterator[S3Client]:
    with mock_aws():
        made = fresh("s3")
        made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield made


class BrokenStream(BytesIO):
    """A body that stops coming."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise BrokenRead(HTTPConnectionPool("s3.test"), "/", "read timed out")


def test_an_artifact_lies_under_tenant_intent_and_digest_as_utf_8(client: S3Client) -> None:
    reference = S3Artifacts(client, BUCKET).put(KEY, "tëxt")

    assert reference == f"tenant-1/intent-1/{hashlib.sha256('tëxt'.encode()).hexdigest()}"
    assert client.get_object(Bucket=BUCKET, Key=reference)["Body"].read() == "tëxt".encode()


def test_ten_megabytes_of_utf_8_are_the_most_that_is_kept(client: S3Client) -> None:
    artifacts, most = S3Artifacts(client, BUCKET), "ü" * (MAX_ARTIFACT_BYTES // 2)
    assert artifacts.get(artifacts.put(KEY, most)) == most
    calls = Calls(client)

    with pytest.raises(StoreUnavailableError, match="over 10485760 bytes"):
        artifacts.put(KEY, f"{most}x")

    assert calls.seen == []


@pytest.mark.parametrize(
    "reference",
    [
        "",
        DIGEST,
        f"tenant-1/{DIGEST}",
        f"tenant-1/intent-1/{DIGEST[:-1]}",
        f"tenant-1/intent-1/{DIGEST}0",
        f"tenant-1/intent-1/{DIGEST.upper()}",
        f"tenant-1/intent-1/{DIGEST}\n",
        f"tenant-1/intent-1/{DIGEST}/",
        f"/tenant-1/intent-1/{DIGEST}",
        f"tenant-1//{DIGEST}",
        f"tenant 1/intent-1/{DIGEST}",
        f"tenant-1/intent-1/../{DIGEST}",
        f"{'t' * 129}/intent-1/{DIGEST}",
    ],
)
def test_what_is_not_the_form_of_a_reference_is_never_asked_for(client: S3Client, reference: str) -> None:
    if reference:
        client.put_object(Bucket=BUCKET, Key=reference, Body=b"text")
    calls = Calls(client)

    assert S3Artifacts(client, BUCKET).get(reference) is None
    assert calls.seen == []


def test_an_absent_artifact_is_none_and_an_absent_bucket_is_not(client: S3Client) -> None:
    reference = f"tenant-1/intent-1/{DIGEST}"

    assert S3Artifacts(client, BUCKET).get(reference) is None
    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        S3Artifacts(client, "another").get(reference)


@pytest.mark.parametrize("code", ["SlowDown", "AccessDenied", "InternalError"])
def test_what_s3_says_no_to_is_transient_and_in_our_own_words(client: S3Client, code: str) -> None:
    artifacts = S3Artifacts(client, BUCKET)
    Instead(client, "PutObject", error(code))
    Instead(client, "GetObject", error(code))

    with pytest.raises(StoreUnavailableError, match=code) as put:
        artifacts.put(KEY, "text")
    with pytest.raises(StoreUnavailableError, match=code) as got:
        artifacts.get(f"tenant-1/intent-1/{DIGEST}")

    assert AWS_WORDS not in f"{put.value}{got.value}"


def test_a_bucket_that_cannot_be_reached_is_transient(client: S3Client) -> None:
    Cut(client, ReadTimeoutError(endpoint_url="https://s3.test"))

    with pytest.raises(StoreUnavailableError, match="ReadTimeoutError"):
        S3Artifacts(client, BUCKET).put(KEY, "text")


def test_a_body_that_breaks_off_is_transient(client: S3Client) -> None:
    Instead(client, "GetObject", {"Body": StreamingBody(BrokenStream(), 4)})

    with pytest.raises(StoreUnavailableError, match="ReadTimeoutError"):
        S3Artifacts(client, BUCKET).get(f"tenant-1/intent-1/{DIGEST}")


def test_a_body_that_ends_early_is_transient(client: S3Client) -> None:
    Instead(client, "GetObject", {"Body": StreamingBody(BytesIO(b"te"), 4)})

    with pytest.raises(StoreUnavailableError, match="IncompleteReadError"):
        S3Artifacts(client, BUCKET).get(f"tenant-1/intent-1/{DIGEST}")
