"""Heads and rolls in S3, in a bucket with Object Lock: what is kept there nobody changes before its time."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from adapters.aws.bucket import Bucket
from core.domain.sealing import SignedHead, piece_hash
from ports.wire import head_names
from ports.wire.heads import head_of, head_text


class S3LedgerHeads:
    """The ledger heads port."""

    def __init__(self, bucket: Bucket) -> None:
        """Keep the bucket."""
        self._bucket = bucket

    def keep(self, head: SignedHead) -> SignedHead:
        """Keep it under its day, by the condition that there is none."""
        name = head_names.head_name(head.head.tenant_id, head.head.day)
        if self._bucket.put_once(name, head_text(head).encode(), "application/json"):
            return head
        return self._head(name)

    def newest(self, tenant_id: str) -> SignedHead | None:
        """Return the last by name."""
        last = None
        for last in self._bucket.keys(head_names.heads_folder(tenant_id)):  # noqa: B007 - the last is wanted
            pass
        return None if last is None else self._head(last)

    def since(self, tenant_id: str, day: date | None) -> Iterator[SignedHead]:
        """Yield them by name."""
        after = "" if day is None else head_names.head_name(tenant_id, day - timedelta(days=1))
        for name in self._bucket.keys(head_names.heads_folder(tenant_id), after):
            yield self._head(name)

    def tenants(self) -> Sequence[str]:
        """Return whose folders there are."""
        found = (head_names.tenant_in(it) for it in self._bucket.folders())
        return sorted(it for it in found if it is not None)

    def _head(self, name: str) -> SignedHead:
        return head_of(self._bucket.get(name) or b"", name)


class S3LedgerRolls:
    """The ledger rolls port."""

    def __init__(self, bucket: Bucket) -> None:
        """Keep the bucket."""
        self._bucket = bucket

    def keep(self, tenant_id: str, piece: str) -> str:
        """Keep it under its hash."""
        name = piece_hash(piece)
        self._bucket.put_once(head_names.piece_name(tenant_id, name), piece.encode(), "text/plain; charset=utf-8")
        return name

    def read(self, tenant_id: str, name: str) -> str | None:
        """Return what is there."""
        octets = self._bucket.get(head_names.piece_name(tenant_id, name))
        return None if octets is None else octets.decode(errors="replace")
