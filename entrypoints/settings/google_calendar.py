"""The settings of a calendar of Google Calendar."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from entrypoints.settings.auth import BearerAuth, ClientCredentialsAuth, JwtBearerAuth
from entrypoints.settings.guards import GuardedTable
from entrypoints.settings.tables import Given, is_loopback, is_web_address
from ports.wire.bounds import ID_PATTERN

API = "https://www.googleapis.com/calendar/v3"
TOOLS = ("calendar.create_event", "calendar.delete_event")
MEGABYTE = 1024 * 1024
MOST_TENANTS = 1_000


class GoogleCalendarSettings(GuardedTable):
    """One calendar. ``calendar_id`` is the address that its settings show; ``tenants``: whom it serves, or everybody.

    With ``oauth_jwt_bearer`` the ``subject`` is whom a service account with delegation acts for. ``url`` is another
    one than Google's in tests.
    """

    kind: Literal["google_calendar"]
    calendar_id: Given
    auth: Annotated[BearerAuth | ClientCredentialsAuth | JwtBearerAuth, Field(discriminator="kind")]
    url: str = API
    tools: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = TOOLS
    tenants: Annotated[tuple[Annotated[str, Field(pattern=ID_PATTERN)], ...], Field(max_length=MOST_TENANTS)] = ()
    allows_private: bool = False
    max_response_bytes: Annotated[int, Field(ge=1_024, le=64 * MEGABYTE)] = 10 * MEGABYTE

    @field_validator("url")
    @classmethod
    def _is_confidential(cls, url: str) -> str:
        parts = urlsplit(url)
        is_confidential = parts.scheme == "https" or is_loopback(parts.hostname or "")
        if not is_web_address(url) or not is_confidential or parts.query:
            raise ValueError("must be an https address without a user name and a query, or one of this machine")
        return url

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if isinstance(self.auth, JwtBearerAuth) and self.auth.scope is None:
            raise ValueError("auth.scope is missing; https://www.googleapis.com/auth/calendar.events will do")
        return self
