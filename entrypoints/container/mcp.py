"""Building what speaks to an MCP server."""

from functools import partial

from adapters.connectors.authorizing import Authorizer, Bearer
from adapters.connectors.dressing import AS_IT_IS, Dressing, GatewayNames, Proving
from adapters.connectors.endpoint import Endpoint
from adapters.connectors.exchange import Exchange
from adapters.connectors.mcp import McpConnector
from adapters.connectors.mcp_negotiating import Pinned
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.errors import ConfigurationError
from entrypoints.container.authorizing import Surroundings, authorizer_of
from entrypoints.container.secret_refs import secret_of
from entrypoints.settings.mcp import McpSettings
from ports.contract_check import ContractCheck


def mcp_connector(one: McpSettings, around: Surroundings) -> McpConnector:
    """Build the connector.

    Raises:
        ConfigurationError: a secret of it is not there, or something is wrong with it.
    """
    return McpConnector(
        mcp_exchange(one, around),
        around.clock,
        _pinned(one),
        errors_precede_tools=one.errors_precede_tools,
        dressing=_dressing(one, around),
    )


def mcp_check(one: McpSettings, around: Surroundings) -> ContractCheck:
    """Build the check of what the server offers; raises as the connector does."""
    from adapters.connectors.mcp_check import McpCheck  # noqa: PLC0415 - brings jsonschema, which no function has

    return McpCheck(mcp_exchange(one, around), around.clock, _pinned(one), _dressing(one, around))


def _pinned(one: McpSettings) -> Pinned:
    return Pinned(one.protocol_version, one.handshake)


def mcp_exchange(one: McpSettings, around: Surroundings) -> Exchange:
    """Build the way to an MCP server; raises as the connector does."""
    endpoint = Endpoint(one.url, _authorizer(one, around), allows_private=one.allows_private)
    return around.exchange(endpoint, one.max_response_bytes)


def _dressing(one: McpSettings, around: Surroundings) -> Dressing:
    if one.names == "registry":
        return AS_IT_IS
    if one.proof_secret is None:
        return GatewayNames()
    keys = SecretProofKeys(secret_of(one.proof_secret, around.secrets))
    return GatewayNames(Proving(keys, around.clock, around.max_skew_ms))


def _authorizer(one: McpSettings, around: Surroundings) -> Authorizer:
    if one.token_secret is not None:
        if around.secrets is None:
            raise ConfigurationError("token_secret is for the target aws; name a variable as token_env.")
        return Bearer(partial(around.secrets.get, one.token_secret))
    if one.token_env is not None and one.token is None:
        raise ConfigurationError(f"token_env: the variable {one.token_env} is not set")
    return Bearer(one.token.get_secret_value) if one.token is not None else authorizer_of(one.auth, around)
