"""Building what speaks to Google Calendar."""

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.google_calendar import GoogleCalendarConnector
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.google_calendar import GoogleCalendarSettings


def google_calendar_connector(one: GoogleCalendarSettings, around: Surroundings) -> GoogleCalendarConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a secret of it is not there, or something is wrong with it.
        StoreUnavailableError: a secret could not be read now.
    """
    return GoogleCalendarConnector(google_calendar_exchange(one, around), around.clock, one.calendar_id)


def google_calendar_exchange(one: GoogleCalendarSettings, around: Surroundings) -> Exchange:
    """Build the way to the API; raises as the connector does."""
    endpoint = Endpoint(one.url, authorizer_of(one.auth, around), allows_private=one.allows_private)
    return around.exchange(endpoint, one.max_response_bytes)
