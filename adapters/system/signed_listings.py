"""Listings whose places are sealed: whoever pages can neither read one, nor make it up, nor take it elsewhere."""

import base64
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from core.domain.errors import ConfigurationError, ValidationError
from core.domain.execution import Execution
from ports.listings import Listings, Page

MIN_KEY_BYTES = 32
MAX_TOKEN_CHARACTERS = 1_024
PURPOSE = b"actonce: places of listings"


class SignedListings:
    """The listings port; a place is URL-safe base64 of its AES-SIV (RFC 5297), bound to listing, tenant and account.

    It names the last row that was read, which may be one that its reader may not see: so it is hidden too.
    """

    def __init__(self, listings: Listings, key: bytes) -> None:
        """Keep the listings and the key, which whoever signs in another process shares.

        Raises:
            ConfigurationError: the key is shorter than 32 bytes.
        """
        if len(key) < MIN_KEY_BYTES:
            raise ConfigurationError(f"The key that seals paging tokens is shorter than {MIN_KEY_BYTES} bytes.")
        self._listings = listings
        self._cipher = AESSIV(hmac.digest(key, PURPOSE, "sha512"))

    def by_account(self, tenant_id: str, account_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one account.

        Raises:
            ValidationError: the place was not given out by this listing.
        """
        scope = ("account", tenant_id, account_id)
        inner = None if place is None else self._opened(scope, place)
        return self._sealed(scope, self._listings.by_account(tenant_id, account_id, limit=limit, place=inner))

    def by_tenant(self, tenant_id: str, *, limit: int, place: str | None) -> Page:
        """Return executions of one tenant.

        Raises:
            ValidationError: the place was not given out by this listing.
        """
        scope = ("tenant", tenant_id, "")
        inner = None if place is None else self._opened(scope, place)
        return self._sealed(scope, self._listings.by_tenant(tenant_id, limit=limit, place=inner))

    def parked(self, tenant_id: str | None, *, limit: int) -> Sequence[Execution]:
        """Return what waits for an operator."""
        return self._listings.parked(tenant_id, limit=limit)

    def counts(self) -> dict[str, int]:
        """Count by status."""
        return self._listings.counts()

    def tenants(self) -> Sequence[str]:
        """Return the tenants that occur."""
        return self._listings.tenants()

    def _sealed(self, scope: tuple[str, str, str], page: Page) -> Page:
        if page.next_place is None:
            return page
        return Page(page.executions, _encoded(self._cipher.encrypt(page.next_place.encode(), _bound(scope))))

    def _opened(self, scope: tuple[str, str, str], token: str) -> str:
        try:
            return self._cipher.decrypt(_decoded(token), _bound(scope)).decode()
        except (InvalidTag, ValueError):
            raise _refused() from None


def _bound(scope: tuple[str, str, str]) -> list[bytes]:
    """Return what a place is bound to; each part by itself, so that no two scopes read alike."""
    return [it.encode() for it in scope]


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _decoded(token: str) -> bytes:
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise _refused()
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise _refused() from None
    if _encoded(content) != token:
        # The decoder passes over odd characters and spare bits; a token has one spelling.
        raise _refused()
    return content


def _refused() -> ValidationError:
    return ValidationError("next_token was not given out for this listing; start again without one.")
