"""A key in KMS, which never leaves it: ECDSA over P-256 with SHA-256."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from adapters.aws.faults import calling
from core.domain.errors import ConfigurationError
from core.domain.sealing import PublicKey, Signature

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient


class KmsHeadSigner:
    """The head signer port; whoever only checks needs ``kms:GetPublicKey`` and no ``kms:Sign``."""

    def __init__(self, client: KMSClient, key_id: str) -> None:
        """Keep the client; ``key_id`` is the key's id, ARN or alias."""
        self._client = client
        self._key_id = key_id

    def sign(self, content: bytes) -> Signature:
        """Let KMS sign: up to 4,096 bytes, which no head comes near."""
        answer = calling(
            self._client.sign,
            KeyId=self._key_id,
            Message=content,
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        return Signature(self.public_key().key_id, answer["Signature"])

    def public_key(self) -> PublicKey:
        """Return the public half, asked for once."""
        return self._public

    @cached_property
    def _public(self) -> PublicKey:
        der = calling(self._client.get_public_key, KeyId=self._key_id)["PublicKey"]
        key = load_der_public_key(der)
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            raise ConfigurationError("heads_key names no KMS key of ECC_NIST_P256.")
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return PublicKey(hashlib.sha256(der).hexdigest(), pem.decode())
