"""Building the doors of a desk that is elsewhere: the way to the HTTP API, and who its token says that we are."""

from adapters.connectors.authorizing import Bearer, is_token
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits, Reply
from adapters.system.clock import SystemClock
from core.domain.answer import NotSent, Unknown
from core.domain.errors import ConfigurationError
from core.domain.keys import is_id
from core.domain.making import dataclass
from entrypoints.claim_names import TENANT
from entrypoints.remote.asking import Asking
from entrypoints.remote.doors import RemoteDoors
from entrypoints.settings.client import ClientTable
from entrypoints.settings.variables import API_TOKEN
from entrypoints.tokens import MOST_CHARACTERS, unverified

MAX_ANSWER_BYTES = 6 * 1024 * 1024
"""As much as a Lambda function can answer."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The doors, and the tenant that the token is for; ``ends_at_ms`` None where it does not say when it ends."""

    doors: RemoteDoors
    host: str
    tenant_id: str
    ends_at_ms: int | None


class ApiWay:
    """The way to the API, over the one bounded exchange of this system."""

    def __init__(self, exchange: Exchange, timeout_ms: int) -> None:
        """Keep how it is reached."""
        self._exchange = exchange
        self._timeout_ms = timeout_ms
        self._base = exchange.endpoint.url.target.decode("ascii").rstrip("/")

    def send(self, method: str, target: str, body: bytes) -> Reply | NotSent | Unknown:
        """Send one request, and read its answer."""
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
        return self._exchange.send(
            body, headers, timeout_ms=self._timeout_ms, method=method, target=f"{self._base}{target}"
        )

    def redact(self, text: str) -> str:
        """Return the text without the token."""
        return self._exchange.endpoint.auth.redact(text)


def remote_of(client: ClientTable) -> Remote:
    """Return the desk behind the API that the settings name; nothing is asked of it yet.

    Raises:
        ConfigurationError: there is no url or no token, or the token is none for this API.
    """
    if client.url is None:
        raise ConfigurationError("Which API? Give --url, set ACTONCE_API_URL, or set url under [client].")
    token = _token(client)
    claims = unverified(token) or {}
    tenant_id, end = claims.get(TENANT), claims.get("exp")
    if not isinstance(tenant_id, str) or not is_id(tenant_id):
        raise ConfigurationError(f"The token of the API names no tenant: it must be a JWT with the claim {TENANT}.")
    # The address was typed by whoever holds the token, so that it may be one within his own network.
    endpoint = Endpoint(client.url, Bearer(lambda: token), allows_private=True)
    way = ApiWay(
        Exchange(endpoint, SystemClock(), Limits(response_bytes=MAX_ANSWER_BYTES)), int(client.timeout_s * 1000)
    )
    ends_at_ms = int(end * 1000) if isinstance(end, int) else None
    return Remote(RemoteDoors(Asking(way)), endpoint.host, tenant_id, ends_at_ms)


def _token(client: ClientTable) -> str:
    """Read the token; what is wrong with it is said without a part of it."""
    text = client.token.get_secret_value() if client.token is not None else _content(client)
    if not is_token(text.strip()):
        raise ConfigurationError(f"What {API_TOKEN} or its file holds is no token that can be sent.")
    return text.strip()


def _content(client: ClientTable) -> str:
    if client.token_file is None:
        raise ConfigurationError(f"There is no token for the API: set {API_TOKEN}, or token_file under [client].")
    try:
        with client.token_file.open(encoding="ascii") as file:
            return file.read(MOST_CHARACTERS)
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise ConfigurationError(f"{client.token_file} cannot be read: {error.strerror}.") from error
