"""The oracle's tools as actonce is told of them: one table of configuration, one registry entry for each contract."""

from benchmarks.effect_correctness.contracts import Contract
from benchmarks.effect_correctness.faults import CALL_TIMEOUT_S
from core.domain.contract import EffectContract, Terms
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry

KEY_RETENTION_MS = 86_400_000
ABSENCE_PROOF_MS = 50
"""The oracle writes before it answers, or never."""

EMBEDDED = """
[paths]
database = "template.db"
"""
DIRECT = """
target = "aws"
[aws]
endpoint_url = "{endpoint_url}"
region = "{region}"
artifacts_bucket = "artifacts"
"""
CONFIG = """
# One that takes both deliveries of an event handles them at once, too.
[run]
workers = 2
visibility_s = 3
sweep_every_s = 0.2
max_wait_s = 20
[timing]
max_skew_ms = 20
lease_ms = 1000
switch_age_ms = 300
call_slack_ms = 2000
settle_slack_ms = 200
backoff_ms = 50
max_backoff_ms = 500
[tenants]
unknown = "enabled"

[connectors.oracle]
kind = "http"
url = "http://127.0.0.1:{port}"
system = "oracle"

[connectors.oracle.tools."oracle.provider_key"]
method = "POST"
path = "/keyed"
headers = {{ X-Trial = "{{action_intent_id}}" }}
body = {{ text = "{{text}}" }}
idempotency_header = "Idempotency-Key"
object_id = "id"
answers.applied = [201]

[connectors.oracle.tools."oracle.natural_key"]
method = "PUT"
path = "/natural/{{idempotency_key}}"
headers = {{ X-Trial = "{{action_intent_id}}" }}
body = {{ text = "{{text}}" }}
object_id = "id"
answers.applied = [200, 201]
look_up = {{ path = "/natural/{{idempotency_key}}", match = {{ text = "{{text}}" }} }}

# 409 says that the id is taken, and is not listed: an earlier send may have taken it.
[connectors.oracle.tools."oracle.client_id"]
method = "PUT"
path = "/client/{{idempotency_key}}"
headers = {{ X-Trial = "{{action_intent_id}}" }}
body = {{ text = "{{text}}" }}
object_id = "id"
answers.applied = [201]
look_up = {{ path = "/client/{{idempotency_key}}", match = {{ text = "{{text}}" }} }}

[connectors.oracle.tools."oracle.read_back"]
method = "POST"
path = "/readback"
headers = {{ X-Trial = "{{action_intent_id}}" }}
body = {{ text = "{{text}}", reference = "{{idempotency_key}}" }}
object_id = "id"
answers.applied = [201]
[connectors.oracle.tools."oracle.read_back".look_up]
path = "/readback"
query = {{ reference = "{{idempotency_key}}" }}
items = "items"
where = {{ reference = "{{idempotency_key}}" }}
match = {{ text = "{{text}}" }}

[connectors.oracle.tools."oracle.opaque"]
method = "POST"
path = "/opaque"
headers = {{ X-Trial = "{{action_intent_id}}" }}
body = {{ text = "{{text}}" }}
object_id = "id"
answers.applied = [201]

[connectors.oracle.tools."oracle.read_only"]
method = "GET"
path = "/news"
headers = {{ X-Trial = "{{action_intent_id}}" }}
query = {{ q = "{{text}}" }}
answers.applied = [200]
"""


def action_type(contract: Contract) -> str:
    """Return the action type whose tool has a contract."""
    return f"WRITE_{contract.value}"


def _terms(contract: Contract) -> Terms:
    tool = f"oracle.{contract.value.lower()}"
    effect_contract = EffectContract(contract.value)
    match contract:
        case Contract.PROVIDER_KEY:
            return Terms(effect_contract, key_retention_ms=KEY_RETENTION_MS)
        case Contract.NATURAL_KEY | Contract.CLIENT_ID:
            return Terms(effect_contract, look_up_tool=tool)
        case Contract.READ_BACK:
            return Terms(effect_contract, absence_proof_ms=ABSENCE_PROOF_MS, look_up_tool=tool)
        case Contract.OPAQUE | Contract.READ_ONLY:
            return Terms(effect_contract)


ENTRIES = tuple(
    RegistryEntry(
        action_type=action_type(contract),
        version=1,
        tool=f"oracle.{contract.value.lower()}",
        tool_schema_version="1",
        risk="LOW",
        terms=_terms(contract),
        compensation=Compensation(CompensationMode.NONE),
        parameters=(ParameterMapping("text", "text", required=True),),
        timeout_s=CALL_TIMEOUT_S,
    )
    for contract in Contract
)
