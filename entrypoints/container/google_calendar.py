"""Building what speaks to Google Calendar."""

from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits
from adapters.connectors.google_calendar import GoogleCalendarConnector
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.settings.google_calendar import GoogleCalendarSettings


def google_calendar_connector(one: GoogleCalendarSettings, around: Surroundings) -> GoogleCalendarConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a secret of it is not there, or something is wrong with it.
        StoreUnavailableError: a secret could not be read now.
    """
    limits = Limits(connect_ms=around.connect_ms, response_bytes=one.max_response_bytes)
    endpoint = Endpoint(one.url, authorizer_of(one.auth, around), allows_private=one.allows_private)
    return GoogleCalendarConnector(Exchange(endpoint, around.clock, limits), around.clock, one.calendar_id)
