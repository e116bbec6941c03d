"""Reading the secrets that the settings name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from adapters.connectors.authorizing import Secret
    from entrypoints.settings.auth import SecretRef
    from ports.secrets import Secrets


def secret_of(ref: SecretRef, secrets: Secrets | None) -> Secret:
    """Return what reads a secret, when it is needed. ``secrets``: the store of the installation, where it has one.

    Raises:
        ConfigurationError: it can never be there.
    """
    name, value = ref.secret, ref.value
    if name is not None:
        if secrets is None:
            raise ConfigurationError("secret is for the target aws; name a variable as env")
        return partial(secrets.get, name)
    if value is None:
        raise ConfigurationError(f"the variable {ref.env} is not set")
    return value.get_secret_value
