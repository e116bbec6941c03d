"""The settings of a Salesforce organisation."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from entrypoints.settings.auth import ClientCredentialsAuth, JwtBearerAuth
from entrypoints.settings.guards import GuardedTable
from entrypoints.settings.tables import is_loopback, is_web_address
from ports.wire.bounds import ID_PATTERN

OLDEST_VERSION = 31
MEGABYTE = 1024 * 1024
MOST_TENANTS = 1_000
MOST_OBJECTS = 16

FieldName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]
Made = Annotated[str, Field(pattern=r"^(Task|Opportunity)$")]
KeyFieldNames = Annotated[dict[Made, FieldName], Field(max_length=MOST_OBJECTS)]


class SalesforceSettings(GuardedTable):
    """One organisation. ``tools`` are the prefixes of the tools it offers; ``tenants``: whom it serves, or everybody.

    ``instance_url`` is the only host that is called; a token that comes with another one is refused.
    ``external_id_field`` and ``correlation_field`` name, by object, the fields that carry the effect key. Which of
    them can is asked of the organisation, unless ``fields_are_stated`` says that they are as they stand here.
    ``verifies_creates``: read each new record once, and take back what an automation has made something else of.
    ``api_version``: from 46.0 on an upsert says which record it found.
    """

    kind: Literal["salesforce"]
    instance_url: str
    auth: Annotated[ClientCredentialsAuth | JwtBearerAuth, Field(discriminator="kind")]
    api_version: Annotated[str, Field(pattern=r"^[1-9][0-9]{1,2}\.0$")] = "61.0"
    external_id_field: KeyFieldNames = Field(default_factory=dict)
    correlation_field: KeyFieldNames = Field(default_factory=dict)
    fields_are_stated: bool = False
    verifies_creates: bool = False
    tools: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("crm.",)
    tenants: Annotated[tuple[Annotated[str, Field(pattern=ID_PATTERN)], ...], Field(max_length=MOST_TENANTS)] = ()
    allows_private: bool = False
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * MEGABYTE)] = 10 * MEGABYTE

    @field_validator("instance_url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        is_confidential = parts.scheme == "https" or is_loopback(parts.hostname or "")
        if not is_web_address(url) or not is_confidential or parts.path not in {"", "/"} or parts.query:
            raise ValueError("must be https://, the host of the organisation, and nothing more")
        return url.rstrip("/")

    @field_validator("api_version")
    @classmethod
    def _is_in_service(cls, version: str) -> str:
        if int(version.partition(".")[0]) < OLDEST_VERSION:
            raise ValueError(f"must be {OLDEST_VERSION}.0 or newer; older ones are retired")
        return version

    @model_validator(mode="after")
    def _what_is_stated_is_named(self) -> Self:
        if self.fields_are_stated and not (self.external_id_field or self.correlation_field):
            raise ValueError("fields_are_stated needs external_id_field or correlation_field")
        return self
