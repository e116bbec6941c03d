"""Which variable of the environment says which key of the configuration file."""

from collections.abc import Mapping

from entrypoints.settings.tables import AwsTable

API_TOKEN = "ACTONCE_API_TOKEN"  # noqa: S105 - a name
"""The one that holds a secret, which the file never does."""
API_TOKEN_FILE = "ACTONCE_API_TOKEN_FILE"  # noqa: S105 - a name
API_URL = "ACTONCE_API_URL"
# Not read off the table, which whoever serves nothing does not import.
SIGN_IN = ("sign_in_authorize_url", "sign_in_token_url", "sign_in_client_id", "sign_in_scopes")
"""The keys of how the page signs in, under ``[api]``."""


def variable_of(name: str) -> str:
    """Return the environment variable of a key under ``[aws]``."""
    return f"ACTONCE_AWS_{name.upper()}"


ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "ACTONCE_TARGET": ("target",),
    "ACTONCE_DB": ("paths", "database"),
    "ACTONCE_SIGNALS": ("paths", "signals"),
    "ACTONCE_HEADS": ("paths", "heads"),
    "ACTONCE_WORKERS": ("run", "workers"),
    "ACTONCE_MAX_WAIT": ("run", "max_wait_s"),
    "ACTONCE_STOP_S": ("run", "stop_s"),
    "ACTONCE_EVENTS_SOURCE": ("events", "source"),
    "ACTONCE_UNKNOWN_TENANTS": ("tenants", "unknown"),
    "ACTONCE_TENANT": ("defaults", "tenant"),
    "ACTONCE_ACCOUNT": ("defaults", "account"),
    "ACTONCE_OPERATOR": ("defaults", "operator"),
    API_URL: ("client", "url"),
    API_TOKEN_FILE: ("client", "token_file"),
    **{variable_of(name): ("aws", name) for name in AwsTable.model_fields},
    **{f"ACTONCE_API_{name.upper()}": ("api", name) for name in SIGN_IN},
}


def is_path(place: tuple[str, ...]) -> bool:
    """Tell whether a key is a path; in the environment it starts where the command was started, not at the file."""
    return place[0] == "paths" or place[-1] == "token_file"
