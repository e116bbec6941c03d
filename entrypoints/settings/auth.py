"""The settings of who we are at an external system: one table, told apart by its kind, that holds no secret itself."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from entrypoints.settings.tables import Given, Table, is_loopback, is_web_address

MOST_EXTRA = 16

Filled = TypeVar("Filled", bound=Table)
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


class SecretRef(Table):
    """Where a secret is: the variable ``env``, or ``secret``, by name or ARN in Secrets Manager (target aws)."""

    env: VariableName | None = None
    secret: Given | None = None
    value: Annotated[SecretStr | None, Field(exclude=True)] = None

    @field_validator("value")
    @classmethod
    def _is_not_written_down(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            raise ValueError("a secret has no place in the file; name its environment variable as env")
        return value

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.env is None) == (self.secret is None):
            raise ValueError("give env or secret, one of the two")
        return self


class NoAuth(Table):
    """Nobody is asked."""

    kind: Literal["none"]


class BearerAuth(Table):
    """One token."""

    kind: Literal["bearer"]
    token: SecretRef


class ApiKeyAuth(Table):
    """A key in a header of its own."""

    kind: Literal["api_key"]
    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = "X-Api-Key"
    key: SecretRef


class BasicAuth(Table):
    """A user and a password."""

    kind: Literal["basic"]
    user: Given
    password: SecretRef


class _TokenTable(Table):
    token_url: str
    allows_private: bool = False

    @field_validator("token_url")
    @classmethod
    def _is_confidential(cls, url: str) -> str:
        parts = urlsplit(url)
        if not is_web_address(url) or not (parts.scheme == "https" or is_loopback(parts.hostname or "")):
            raise ValueError("must be an https address without a user name, or one of this machine")
        return url


class ClientCredentialsAuth(_TokenTable):
    """OAuth 2 client credentials. ``extra``: further fields of the request, such as an audience."""

    kind: Literal["oauth_client_credentials"]
    client_id: Given
    client_secret: SecretRef
    scope: Given | None = None
    extra: Annotated[dict[str, str], Field(max_length=MOST_EXTRA)] = Field(default_factory=dict)


class JwtBearerAuth(_TokenTable):
    """OAuth 2 with an assertion that we sign, as Salesforce and Google take it. ``private_key``: RSA, PEM."""

    kind: Literal["oauth_jwt_bearer"]
    issuer: Given
    audience: Given
    private_key: SecretRef
    subject: Given | None = None
    scope: Given | None = None
    key_id: Given | None = None


class SigV4Auth(Table):
    """A signature of AWS with the credentials of this process. ``region``: that of the process by default."""

    kind: Literal["sigv4"]
    service: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] = "bedrock-agentcore"
    region: Given | None = None


Auth = Annotated[
    NoAuth | BearerAuth | ApiKeyAuth | BasicAuth | ClientCredentialsAuth | JwtBearerAuth | SigV4Auth,
    Field(discriminator="kind"),
]


def with_secrets(table: Filled, env: Mapping[str, str]) -> Filled:
    """Return the table with its secrets read now; that one is missing matters only to whoever is about to call."""
    found: dict[str, Table] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, SecretRef):
            text = env.get(value.env or "")
            found[name] = value.model_copy(update={"value": SecretStr(text) if text else None})
        elif isinstance(value, Table) and (filled := with_secrets(value, env)) is not value:
            found[name] = filled
    return table.model_copy(update=found) if found else table
