"""Where the page signs a person in: an OpenID provider that takes the authorization code grant with PKCE."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from core.domain.making import dataclass
from entrypoints.settings.tables import Table, private_address

# Strict, for the origin of one becomes part of a content security policy.
ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9/._~%+=&?@:!$*,-]*)?")
SCOPES = r"^[!#-\[\]-~]+(?: [!#-\[\]-~]+)*$"

Endpoint = Annotated[str, Field(min_length=1, max_length=2_048)]
ClientId = Annotated[str, Field(pattern=r"^[!-~]{1,256}$")]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the page is told of the provider; all of it is public, for a browser can keep no secret."""

    authorize_url: str
    token_url: str
    client_id: str
    scopes: str

    @property
    def token_origin(self) -> str:
        """The origin that the page sends the code to."""
        parts = urlsplit(self.token_url)
        return f"{parts.scheme}://{parts.netloc.lower()}"


class SignInTable(Table):
    """Part of ``[api]``. ``sign_in_scopes`` stand with a space between each and the next."""

    sign_in_authorize_url: Endpoint | None = None
    sign_in_token_url: Endpoint | None = None
    sign_in_client_id: ClientId | None = None
    sign_in_scopes: Annotated[str, Field(pattern=SCOPES, max_length=1_024)] = "openid"

    @field_validator("sign_in_authorize_url", "sign_in_token_url")
    @classmethod
    def _is_an_endpoint(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not ENDPOINT.fullmatch(url):
            raise ValueError("must be an https address without a user name and a fragment")
        return private_address(url)

    @field_validator("sign_in_scopes")
    @classmethod
    def _asks_for_what_is_used(cls, scopes: str) -> str:
        asked = scopes.split(" ")
        if "openid" not in asked:
            raise ValueError("must have openid among them, for the ID token is what the page uses")
        if "offline_access" in asked:
            raise ValueError("must not have offline_access among them, for the page keeps no refresh token")
        return scopes

    @model_validator(mode="after")
    def _is_a_whole_sign_in(self) -> "SignInTable":
        given = {it is None for it in (self.sign_in_authorize_url, self.sign_in_token_url, self.sign_in_client_id)}
        if len(given) > 1:
            raise ValueError("give sign_in_authorize_url, sign_in_token_url and sign_in_client_id, or none of them")
        return self

    @property
    def sign_in(self) -> SignIn | None:
        """The provider; None where nobody is sent to one."""
        authorize_url, token_url, client_id = (
            self.sign_in_authorize_url,
            self.sign_in_token_url,
            self.sign_in_client_id,
        )
        if authorize_url is None or token_url is None or client_id is None:
            return None
        return SignIn(authorize_url, token_url, client_id, self.sign_in_scopes)
