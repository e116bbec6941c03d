"""The few ways in which a bucket is read and written whose objects are kept once and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, code_of, trouble
from core.domain.errors import LedgerUnreadableError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ListObjectVersionsRequestTypeDef


class Bucket:
    """One bucket; whoever reads needs ``s3:ListBucket``, without which S3 calls an absent object forbidden.

    Keys are listed with their versions (``s3:ListBucketVersions``): a lock keeps versions and lets them be hidden.
    """

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
        """Yield the keys that begin so, in order, those behind ``after`` alone.

        Raises:
            LedgerUnreadableError: one of them was removed, or written over, since it was written once.
        """
        request: ListObjectVersionsRequestTypeDef = {"Bucket": self._name, "Prefix": prefix}
        if after:
            request["KeyMarker"] = after
        for key, of_key in groupby(self._versions(request), key=lambda it: it[0]):
            is_there = [it for _, it in of_key]
            if not all(is_there):
                raise LedgerUnreadableError(f"What was kept as {key} was removed.")
            if len(is_there) > 1:
                raise LedgerUnreadableError(f"What was kept as {key} was written over.")
            yield key

    def folders(self) -> Iterator[str]:
        """Yield what keys begin with, up to their first slash, those included of which all was removed."""
        for page in self._pages({"Bucket": self._name, "Delimiter": "/"}):
            yield from (it["Prefix"].removesuffix("/") for it in page.get("CommonPrefixes", []))

    def _versions(self, request: ListObjectVersionsRequestTypeDef) -> Iterator[tuple[str, bool]]:
        """Yield the key of every version in order, and whether it is one: what stands for a removal is none."""
        for page in self._pages(request):
            found = [(it["Key"], True) for it in page.get("Versions", [])]
            yield from sorted([*found, *((it["Key"], False) for it in page.get("DeleteMarkers", []))])

    def _pages(self, request: ListObjectVersionsRequestTypeDef) -> Iterator[ListObjectVersionsOutputTypeDef]:
        while True:
            page = calling(self._client.list_object_versions, **request)
            yield page
            if not page.get("IsTruncated"):
                return
            request = {**request, "KeyMarker": page["NextKeyMarker"]}
            if version := page.get("NextVersionIdMarker"):
                request["VersionIdMarker"] = version

    def _fetch(self, key: str) -> bytes:
        answer = self._client.get_object(Bucket=self._name, Key=key)
        with closing(answer["Body"]) as body:
            return body.read()
