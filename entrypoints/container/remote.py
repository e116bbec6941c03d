"""Building the doors of a desk that is elsewhere: the way to the HTTP API, and who its token says that we are."""

from adapters.connectors.authorizing import Bearer, is_token
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange, Limits, Reply
from adapters.system.clock import SystemClock
from core.domain.answer import NotSent, Unknown
from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from entrypoints.claim_names import ACCOUNTS, TENANT, accounts_in, id_in
from entrypoints.remote.asking import Asking
from entrypoints.remote.doors import RemoteDoors
from entrypoints.settings.client import ClientTable
from entrypoints.settings.variables import API_TOKEN
from entrypoints.tokens import MOST_CHARACTERS, unverified
from ports.clock import Clock

MAX_ANSWER_BYTES = 6 * 1024 * 1024
"""As much as a Lambda function can answer."""

LAST_S = 253_402_300_800
"""The year 10000."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The doors, and the tenant and accounts that the token is for; ``ends_at_ms`` None where it does not say when."""

    doors: RemoteDoors
    host: str
    tenant_id: str
    accounts: frozenset[str]
    ends_at_ms: int | None
    clock: Clock

    @property
    def has_ended(self) -> bool:
        """Tell whether the token has ended by this machine's clock."""
        return self.ends_at_ms is not None and self.ends_at_ms <= self.clock.now_ms()


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
    tenant_id = id_in(claims.get(TENANT))
    if tenant_id is None:
        raise ConfigurationError(f"The token of the API names no tenant: it must be a JWT with the claim {TENANT}.")
    # The address was typed by whoever holds the token, so that it may be one within his own network.
    endpoint, clock = Endpoint(client.url, Bearer(lambda: token), allows_private=True), SystemClock()
    exchange = Exchange(endpoint, clock, Limits(response_bytes=MAX_ANSWER_BYTES))
    asking = Asking(ApiWay(exchange, int(client.timeout_s * 1000)))
    accounts, ends_at_ms = accounts_in(claims.get(ACCOUNTS)), _moment(claims.get("exp"))
    return Remote(RemoteDoors(asking), endpoint.host, tenant_id, accounts, ends_at_ms, clock)


def _moment(value: object) -> int | None:
    """Return a claim of seconds since the epoch in milliseconds; None for one that no calendar has."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LAST_S:
        return None
    return int(value * 1000)


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
