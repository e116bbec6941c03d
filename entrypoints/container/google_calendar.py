"""Building what speaks to Google Calendar."""

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.google_calendar import GoogleCalendarConnector
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.google_calendar import GoogleCalendarSettings


def google_calendar_connector(one: GoogleCalendarSettings, around: Surroundings) -> GoogleCalendarConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a secret of it is not there, or something is wrong with it.
        StoreUnavailableError: a secret could not be read now.
    """
    endpoint = Endpoint(one.url, authorizer_of(one.auth, around), allows_private=one.allows_private)
    exchange = around.exchange(endpoint, one.max_response_bytes)
    return GoogleCalendarConnector(exchange, around.clock, one.calendar_id)
