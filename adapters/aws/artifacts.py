"""Artifacts in S3, named by their content."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.aws.faults import Trouble, calling, code_of, trouble
from core.domain.canonical import text_digest
from core.domain.errors import StoreUnavailableError
from core.domain.keys import IntentKey, is_id
from ports.artifacts import MAX_ARTIFACT_BYTES

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTS = 3


class S3Artifacts:
    """The artifacts port.

    Whoever reads needs ``s3:ListBucket``: without it S3 calls an absent object forbidden, which is not None here.
    """

    def __init__(self, client: S3Client, bucket: str) -> None:
        """Keep the client."""
        self._client = client
        self._bucket = bucket

    def put(self, key: IntentKey, content: str) -> str:
        """Store under the name of the content."""
        octets = content.encode()
        if len(octets) > MAX_ARTIFACT_BYTES:
            raise StoreUnavailableError(f"The artifact is over {MAX_ARTIFACT_BYTES} bytes.")
        reference = f"{key.tenant_id}/{key.intent_id}/{text_digest(content)}"
        calling(
            self._client.put_object,
            Bucket=self._bucket,
            Key=reference,
            Body=octets,
            ContentType="text/plain; charset=utf-8",
        )
        return reference

    def get(self, reference: str) -> str | None:
        """Return the text; a reference of another form names nothing of ours and is not asked for."""
        if not _is_reference(reference):
            return None
        try:
            return calling(self._fetch, reference).decode()
        except ClientError as error:
            if trouble(code_of(error)) is Trouble.ABSENT:
                return None
            raise

    def _fetch(self, reference: str) -> bytes:
        """Read whole: the connection can break in the middle of a body, too."""
        answer = self._client.get_object(Bucket=self._bucket, Key=reference)
        # As a context of its own the body would give out the raw stream, which knows nothing of its length.
        with closing(answer["Body"]) as body:
            return body.read()


def _is_reference(text: str) -> bool:
    parts = text.split("/")
    return len(parts) == _PARTS and all(is_id(part) for part in parts) and _DIGEST.fullmatch(parts[-1]) is not None
