"""The effect contracts of the matrix, and where the oracle has a tool of each. Standard library only."""

from enum import StrEnum


class Contract(StrEnum):
    """How a tool's write can be made safe."""

    PROVIDER_KEY = "PROVIDER_KEY"
    NATURAL_KEY = "NATURAL_KEY"
    CLIENT_ID = "CLIENT_ID"
    READ_BACK = "READ_BACK"
    OPAQUE = "OPAQUE"
    READ_ONLY = "READ_ONLY"


KINDS = {
    Contract.PROVIDER_KEY: "keyed",
    Contract.NATURAL_KEY: "natural",
    Contract.CLIENT_ID: "client",
    Contract.READ_BACK: "readback",
    Contract.OPAQUE: "opaque",
    Contract.READ_ONLY: "news",
}
