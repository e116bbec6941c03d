"""What the local service stands on: the desk, with places of listings that are sealed, and whose tokens it takes."""

import secrets

from dependency_injector import providers

from adapters.system.key_sets import of_address, of_file
from adapters.system.signed_listings import SignedListings
from core.domain.errors import ConfigurationError
from entrypoints.container.desk import desk_of
from entrypoints.container.wiring import Container
from entrypoints.desk.desk import Desk
from entrypoints.settings.api import ApiTable
from entrypoints.tokens import IssuedTokens, OwnTokens

KEY_BYTES = 32


def service_desk(container: Container) -> Desk:
    """Return the desk; where no other process shares the key that signs places, this one has its own."""
    if container.settings().aws.paging_secret is None or not container.settings().is_aws:
        container.listings.override(
            providers.Singleton(SignedListings, container.listings(), secrets.token_bytes(KEY_BYTES))
        )
    return desk_of(container)


def issued_tokens(api: ApiTable) -> IssuedTokens:
    """Return what verifies the tokens of the issuer that the settings name.

    Raises:
        ConfigurationError: they name none, or its keys cannot be read.
    """
    if api.issuer is None or api.audience is None:
        raise ConfigurationError("Set issuer, audience and jwks_url or jwks_file under [api].")
    if api.jwks_file is not None:
        return IssuedTokens(of_file(api.jwks_file), api.issuer, api.audience)
    return IssuedTokens(of_address(api.jwks_url or ""), api.issuer, api.audience)


def own_tokens() -> OwnTokens:
    """Return what makes and verifies tokens of this process alone."""
    return OwnTokens(secrets.token_bytes(KEY_BYTES))
