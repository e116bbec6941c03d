"""A stand on a fake of ``tests/providers``: all that does not depend on the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.domain.request import Request
from ports.connector import Connector
from tests.conformance.subject import Fault, Kind, Write
from tests.providers.driving import Driven


class DrivenStand:
    """Faults, log and counts of a driven fake. Whoever inherits adds arguments, is_of and object_of.

    People edit and remove by {"do": "edit" or "remove", "id": ...}.
    """

    def __init__(self, fake: Driven, connector: Connector, unreachable: Connector) -> None:
        self.fake = fake
        self.connector = connector
        self.unreachable: Connector | None = unreachable

    def fail(self, request: Request, fault: Fault, *, reads: bool = False, seconds: float = 0.0) -> None:
        self.fake.fail(fault, reads=reads, seconds=seconds)

    def writes(self) -> Sequence[Write]:
        lines = [line for line in self.fake.log() if line["by"] == "api"]
        return [Write(Kind(line["op"]), line["object_id"], line["fields"] or {}) for line in lines]

    def asked(self) -> int:
        return self.fake.asked()

    def strays(self) -> int:
        return self.fake.strays()

    def edit(self, object_id: str) -> None:
        self.fake.people(do="edit", id=object_id)

    def remove(self, object_id: str) -> None:
        self.fake.people(do="remove", id=object_id)

    def lag(self, seconds: float) -> None:
        self.fake.lag(seconds)

    def calm(self) -> None:
        self.fake.calm()


@cache
def rsa_key() -> str:
    """Return a private key in PEM, made once."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
