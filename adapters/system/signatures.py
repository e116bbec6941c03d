"""Checking signatures of heads: Ed25519, and ECDSA over P-256 with SHA-256, as KMS makes them."""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from core.domain.errors import ConfigurationError
from core.domain.sealing import PublicKey


class HeadSignatures:
    """The signature check port."""

    def holds(self, content: bytes, signature: bytes, key: PublicKey) -> bool:
        """Check, with a key that really is the one that its name says."""
        try:
            public = load_pem_public_key(key.pem.encode())
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigurationError("A public key is none in PEM.") from error
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if hashlib.sha256(der).hexdigest() != key.key_id:
            return False
        try:
            match public:
                case Ed25519PublicKey():
                    public.verify(signature, content)
                case EllipticCurvePublicKey(curve=SECP256R1()):
                    public.verify(signature, content, ECDSA(SHA256()))
                case _:
                    raise ConfigurationError("A public key is neither of Ed25519 nor of ECDSA over P-256.")
        except InvalidSignature:
            return False
        return True
