"""Heads, rolls and the key that signs them, in memory."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.domain.sealing import PublicKey, Signature, SignedHead, piece_hash


class MemoryLedgerHeads:
    """The ledger heads port."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._heads: dict[tuple[str, date], SignedHead] = {}

    def keep(self, head: SignedHead) -> SignedHead:
        """Keep the first of a day."""
        with self._lock:
            return self._heads.setdefault((head.head.tenant_id, head.head.day), head)

    def newest(self, tenant_id: str) -> SignedHead | None:
        """Return the latest."""
        return max(self._of(tenant_id), key=lambda it: it.head.day, default=None)

    def since(self, tenant_id: str, day: date | None) -> Iterator[SignedHead]:
        """Yield them, oldest first."""
        found = sorted(self._of(tenant_id), key=lambda it: it.head.day)
        yield from (it for it in found if day is None or it.head.day >= day)

    def tenants(self) -> Sequence[str]:
        """Return whose they are."""
        with self._lock:
            return sorted({tenant for tenant, _ in self._heads})

    def _of(self, tenant_id: str) -> list[SignedHead]:
        with self._lock:
            return [it for (tenant, _), it in self._heads.items() if tenant == tenant_id]


class MemoryLedgerRolls:
    """The ledger rolls port."""

    def __init__(self) -> None:
        """Start empty."""
        self._pieces: dict[tuple[str, str], str] = {}

    def keep(self, tenant_id: str, piece: str) -> str:
        """Keep by the hash."""
        name = piece_hash(piece)
        self._pieces[tenant_id, name] = piece
        return name

    def read(self, tenant_id: str, name: str) -> str | None:
        """Return by the hash."""
        return self._pieces.get((tenant_id, name))


class MemoryHeadSigner:
    """The head signer port; the key is gone with the process."""

    def __init__(self) -> None:
        """Make a key."""
        self._key = Ed25519PrivateKey.generate()

    def sign(self, content: bytes) -> Signature:
        """Sign with Ed25519."""
        return Signature(self.public_key().key_id, self._key.sign(content))

    def public_key(self) -> PublicKey:
        """Return the public half."""
        public = self._key.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return PublicKey(hashlib.sha256(der).hexdigest(), pem.decode())
