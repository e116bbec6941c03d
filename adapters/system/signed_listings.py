"""Listings whose places are signed, so that whoever pages can neither make one up nor take it to another listing."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from core.domain.errors import ConfigurationError, ValidationError
from core.domain.execution import Execution
from ports.listings import Listings, Page

MIN_KEY_BYTES = 32
MAX_TOKEN_CHARACTERS = 1_024
DIGEST_BYTES = hashlib.sha256().digest_size


class SignedListings:
    """The listings port; a place is URL-safe base64 of HMAC-SHA256 over listing, tenant, account and place, and it.

    The signature keeps a place from being altered or taken elsewhere; it does not hide it.
    """

    def __init__(self, listings: Listings, key: bytes) -> None:
        """Keep the listings and the key, which whoever signs in another process shares.

        Raises:
            ConfigurationError: the key is shorter than 32 bytes.
        """
        if len(key) < MIN_KEY_BYTES:
            raise ConfigurationError(f"The key that signs paging tokens is shorter than {MIN_KEY_BYTES} bytes.")
        self._listings = listings
        self._key = key

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
        place = page.next_place.encode()
        return Page(page.executions, _encoded(self._signature(scope, place) + place))

    def _opened(self, scope: tuple[str, str, str], token: str) -> str:
        content = _decoded(token)
        signature, place = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        if not hmac.compare_digest(signature, self._signature(scope, place)):
            raise _refused()
        return place.decode()

    def _signature(self, scope: tuple[str, str, str], place: bytes) -> bytes:
        # An array of texts, so that no two scopes read alike.
        message = json.dumps([*scope, place.hex()]).encode("ascii")
        return hmac.digest(self._key, message, "sha256")


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
