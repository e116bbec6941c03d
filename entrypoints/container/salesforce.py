"""Building what speaks to a Salesforce organisation."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.salesforce import SalesforceConnector
from adapters.connectors.salesforce_check import SalesforceCheck
from adapters.connectors.salesforce_fields import KeyFields
from adapters.connectors.tokens import Fits
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.salesforce import SalesforceSettings


def salesforce_connector(one: SalesforceSettings, around: Surroundings) -> SalesforceConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a secret of it is not there, or something is wrong with it.
        StoreUnavailableError: a secret could not be read now.
    """
    return SalesforceConnector(
        salesforce_exchange(one, around),
        around.clock,
        _key_fields(one),
        version=one.api_version,
        verifies=one.verifies_creates,
    )


def salesforce_check(one: SalesforceSettings, around: Surroundings) -> SalesforceCheck:
    """Build the check of effect contracts; raises as the connector does."""
    return SalesforceCheck(salesforce_exchange(one, around), around.clock, _key_fields(one), version=one.api_version)


def salesforce_exchange(one: SalesforceSettings, around: Surroundings) -> Exchange:
    """Build the way to the organisation; raises as the connector does."""
    auth = authorizer_of(one.auth, around, _is_for(one.instance_url))
    endpoint = Endpoint(one.instance_url, auth, allows_private=one.allows_private)
    return around.exchange(endpoint, one.max_response_bytes)


def _key_fields(one: SalesforceSettings) -> KeyFields:
    return KeyFields(one.external_id_field, one.correlation_field, one.fields_are_stated)


def _is_for(instance_url: str) -> Fits:
    """A token that names another organisation than the one that is configured is for nobody here."""
    ours = _origin(instance_url)

    def fits(document: Mapping[str, object]) -> bool:
        named = document.get("instance_url")
        return named is None or (isinstance(named, str) and _origin(named) == ours)

    return fits


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return (parts.scheme, parts.hostname or "", None if port == usual else port)
