"""The few ways in which a bucket is read and written whose objects are kept once and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, code_of, trouble

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef, ListObjectsV2RequestTypeDef


class Bucket:
    """One bucket; whoever reads needs ``s3:ListBucket``, without which S3 calls an absent object forbidden."""

    def __init__(self, client: S3Client, name: str) -> None:
        """Keep the client."""
        self._client = client
        self._name = name

    def put_once(self, key: str, octets: bytes, kind: str) -> bool:
        """Write by the condition that nothing is there; False where something is.

        Raises:
            StoreUnavailableError: it may or may not be written.
        """
        try:
            calling(self._client.put_object, Bucket=self._name, Key=key, Body=octets, ContentType=kind, IfNoneMatch="*")
        except ClientError as error:
            if trouble(code_of(error)) is Trouble.EXISTS:
                return False
            raise
        return True

    def get(self, key: str) -> bytes | None:
        """Return what is there."""
        try:
            return calling(self._fetch, key)
        except ClientError as error:
            if trouble(code_of(error)) is Trouble.ABSENT:
                return None
            raise

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Yield the keys that begin so, in order, those behind ``after`` alone."""
        for page in self._pages({"Bucket": self._name, "Prefix": prefix, "StartAfter": after}):
            yield from (it["Key"] for it in page.get("Contents", []))

    def folders(self) -> Iterator[str]:
        """Yield what keys begin with, up to their first slash."""
        for page in self._pages({"Bucket": self._name, "Delimiter": "/"}):
            yield from (it["Prefix"].removesuffix("/") for it in page.get("CommonPrefixes", []))

    def _pages(self, request: ListObjectsV2RequestTypeDef) -> Iterator[ListObjectsV2OutputTypeDef]:
        while True:
            page = calling(self._client.list_objects_v2, **request)
            yield page
            if not page.get("IsTruncated"):
                return
            request = {**request, "ContinuationToken": page["NextContinuationToken"]}

    def _fetch(self, key: str) -> bytes:
        answer = self._client.get_object(Bucket=self._name, Key=key)
        with closing(answer["Body"]) as body:
            return body.read()
