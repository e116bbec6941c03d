"""Reaching an API: only where the target says so, and with a token only at an address that its bearer named."""

from collections.abc import Mapping
from pathlib import Path

from core.domain.errors import ConfigurationError
from core.domain.making import dataclass
from entrypoints.settings.variables import API_TOKEN, API_TOKEN_FILE, API_URL

OWN = f"give --config where the file is yours, or --url, or set {API_URL}"


@dataclass(frozen=True, slots=True)
class Named:
    """What is named of an API: the target and the table of options, variables and file together, and the option's url.

    ``found_in``: the folder of a file that nobody named. It may be anybody's; None where it was named or is absent.
    """

    target: object
    client: object
    url: str | None
    found_in: Path | None

    def in_client(self, name: str) -> str | None:
        """Return a text of the table; what is none is left for the parser to refuse."""
        value = self.client.get(name) if isinstance(self.client, dict) else None
        return value if isinstance(value, str) else None


def require_meant(named: Named, env: Mapping[str, str]) -> None:
    """See that what is told of an API is not passed over, and that its token goes where its bearer sent it.

    Raises:
        ConfigurationError: an API is named and is not the target, or only a found file says where the token goes.
    """
    if named.target != "api":
        _require_no_api(named, env)
    elif named.found_in is not None and named.in_client("url") and not (named.url or env.get(API_URL)):
        _require_own_token(named, named.found_in, env)


def _require_no_api(named: Named, env: Mapping[str, str]) -> None:
    if named.url is not None:
        raise ConfigurationError("--url is the address of an API, which is not the target: say --target api.")
    told = [it for it in (API_URL, API_TOKEN, API_TOKEN_FILE) if env.get(it)]
    if named.target is None and told:
        raise ConfigurationError(
            f"{told[0]} is set, and no target is: say --target api, or --target embedded for what is here."
        )


def _require_own_token(named: Named, folder: Path, env: Mapping[str, str]) -> None:
    """See that a found file sends no token to its url but one that lies beside it or below."""
    for variable in (API_TOKEN, API_TOKEN_FILE):
        if env.get(variable):
            raise ConfigurationError(f"{variable} does not go to the url of a file that was only found here: {OWN}.")
    file = named.in_client("token_file")
    if file is not None and not (folder / file).resolve().is_relative_to(folder.resolve()):
        raise ConfigurationError(f"A file that was only found here does not send a token from elsewhere: {OWN}.")
