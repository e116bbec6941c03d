"""The settings of an MCP server."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from entrypoints.settings.auth import Auth, NoAuth, SecretRef, VariableName
from entrypoints.settings.guards import GuardedTable
from entrypoints.settings.tables import is_loopback, is_web_address
from ports.wire.bounds import ID_PATTERN
from ports.wire.mcp import HANDSHAKEN, Version

MEGABYTE = 1024 * 1024
MOST_TENANTS = 1_000

Tenants = Annotated[tuple[Annotated[str, Field(pattern=ID_PATTERN)], ...], Field(max_length=MOST_TENANTS)]


class McpSettings(GuardedTable):
    """One MCP server. ``tools`` are the prefixes of the tools it offers.

    ``token_env`` names a variable and ``token_secret`` a secret of Secrets Manager; either holds the bearer token.
    ``auth`` is for whoever takes something else. ``tenants``: whom it serves; everybody where there are none.
    ``allows_private`` lets its host lead to addresses that are not of the public internet, such as those of a VPC.
    ``errors_precede_tools`` declares that no tool of this server raises JSON-RPC errors.
    ``protocol_version`` pins a version of MCP, which is otherwise agreed on with the server once in a process;
    ``handshake`` false, with an older one: the server takes a call without ``initialize``.
    ``names``: how it names its tools, as the registry does (``crm.create_task``) or as an AgentCore gateway does
    (``crm___create_task``). ``proof_secret`` is where the keys are with which calls are proved to targets of ours
    behind a gateway.
    """

    kind: Literal["mcp"]
    url: str
    tools: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    auth: Auth = NoAuth(kind="none")
    tenants: Tenants = ()
    token_env: VariableName | None = None
    token_secret: Annotated[str, Field(min_length=1, max_length=2_048)] | None = None
    errors_precede_tools: bool = False
    protocol_version: Version | None = None
    handshake: bool = True
    names: Literal["registry", "gateway"] = "registry"
    proof_secret: SecretRef | None = None
    allows_private: bool = False
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * MEGABYTE)] = 10 * MEGABYTE
    token: Annotated[SecretStr | None, Field(exclude=True)] = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not is_web_address(url):
            raise ValueError("must be an http or https address without a user name")
        return url

    @field_validator("token")
    @classmethod
    def _is_not_written_down(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            raise ValueError("a secret has no place in the file; name its environment variable as token_env")
        return token

    @model_validator(mode="after")
    def _token_is_one_and_travels_safely(self) -> Self:
        if self.token_env is not None and self.token_secret is not None:
            raise ValueError("token_env and token_secret exclude each other; drop one")
        has_token = self.token_env is not None or self.token_secret is not None
        if has_token and self.auth.kind != "none":
            raise ValueError("a token and auth exclude each other; drop one")
        if self.proof_secret is not None and self.names != "gateway":
            raise ValueError('proof_secret is for names = "gateway"')
        has_token = has_token or self.auth.kind != "none"
        parts = urlsplit(self.url)
        if has_token and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError("a token goes over https only, or to this machine; change url or drop the token")
        return self

    @model_validator(mode="after")
    def _handshake_is_of_an_older_version(self) -> Self:
        if not self.handshake and self.protocol_version not in HANDSHAKEN:
            raise ValueError(f"handshake = false needs a protocol_version of {', '.join(HANDSHAKEN)}")
        return self


def bare_server(url: str) -> McpSettings:
    """Return the settings of an MCP server that nobody configured: its address, which an operator gave, and no more."""
    return McpSettings(kind="mcp", url=url, tools=(url,), allows_private=True)
