"""Whether a Salesforce organisation lets the tools keep the effect contracts that the registry declares for them."""

from collections.abc import Mapping

from adapters.connectors.exchange import Exchange
from adapters.connectors.salesforce_fields import (
    KEY_LENGTH,
    Correlated,
    Fields,
    Keyed,
    KeyFields,
    ObjectFacts,
    identity_of,
    lacks_as_key,
)
from adapters.connectors.salesforce_records import STAMPS
from adapters.connectors.salesforce_rest import Rest
from adapters.connectors.salesforce_table import why
from adapters.connectors.salesforce_tools import TOOLS, CreateTool, DeleteTool, UpdateTool, tool_of
from core.domain.contract import LOOKED_UP, EffectContract, Terms
from core.domain.registry import RegistryEntry
from ports.clock import Clock
from ports.contract_check import Holding

TIMEOUT_MS = 30_000


class SalesforceCheck:
    """Asks describe once for each object."""

    def __init__(self, exchange: Exchange, clock: Clock, key_fields: KeyFields, *, version: str = "61.0") -> None:
        """Keep the transport."""
        self._rest = Rest(exchange, clock, version)
        self._fields = Fields(self._rest, clock, key_fields)
        self._key_fields = key_fields
        self._known: dict[str, ObjectFacts] = {}

    def check(self, entry: RegistryEntry) -> Holding:
        found = self._tool(entry.tool, entry.terms)
        undo = entry.compensation
        if not found.holds or undo.tool is None or undo.terms is None:
            return found
        undoing = self._tool(undo.tool, undo.terms)
        return Holding(undoing.holds, f"{found.found}; undo by {undo.tool}: {undoing.found}", undoing.advice)

    def _tool(self, name: str, terms: Terms) -> Holding:
        tool = tool_of(name)
        if tool is None:
            return Holding(False, f"there is no such tool as {name}", f"Name one of {', '.join(sorted(TOOLS))}.")
        facts = self._facts(tool.object_type)
        if isinstance(facts, Holding):
            return facts
        match tool:
            case CreateTool():
                return _creates(tool, facts, terms.contract, self._key_fields)
            case UpdateTool():
                return _updates(tool, facts, terms)
            case DeleteTool():
                return _deletes(facts, terms.contract)

    def _facts(self, object_type: str) -> ObjectFacts | Holding:
        if object_type not in self._known:
            facts = self._fields.described(object_type, self._rest.budget(TIMEOUT_MS))
            if not isinstance(facts, ObjectFacts):
                advice = "Mend instance_url, auth or api_version, or let the integration user see the object."
                return Holding(False, f"describe of {object_type}: {why(facts)}", advice)
            self._known[object_type] = facts
        return self._known[object_type]


def _creates(tool: CreateTool, facts: ObjectFacts, contract: EffectContract, wanted: KeyFields) -> Holding:
    if missing := _not_writable(facts, tool.fields, creating=True):
        return missing
    if contract is EffectContract.OPAQUE:
        return Holding(True, "nothing is looked up; every doubt is parked")
    if contract not in LOOKED_UP:
        advice = "Declare NATURAL_KEY, or READ_BACK, in a new version of the entry."
        return Holding(False, f"a new {facts.name} does not keep {contract.value}", advice)
    return _finds(facts, contract, wanted)


def _finds(facts: ObjectFacts, contract: EffectContract, wanted: KeyFields) -> Holding:
    """Tell whether what was made can be found again by its key."""
    external, _ = wanted.of(facts.name)
    lacks = "; ".join(lacks_as_key(facts, external))
    make = (
        f"Make {facts.name}.{external}: Text({KEY_LENGTH}) or longer, External ID, Unique, "
        "and let the integration user see and edit it"
    )
    identity = identity_of(facts, wanted)
    if isinstance(identity, Keyed):
        return Holding(True, f"{facts.name}.{identity.field} is an external id and unique")
    if isinstance(identity, Correlated) and contract is EffectContract.READ_BACK:
        return Holding(True, f"{facts.name}.{identity.field} can be searched by; a doubt that finds nothing is parked")
    if isinstance(identity, Correlated):
        advice = f"{make}; or declare READ_BACK in a new version of the entry, for {identity.field} can be searched by."
        return Holding(False, lacks, advice)
    return Holding(False, lacks, f"{make}.")


def _updates(tool: UpdateTool, facts: ObjectFacts, terms: Terms) -> Holding:
    if missing := _not_writable(facts, tool.fields, creating=False):
        return missing
    if terms.contract is EffectContract.OPAQUE:
        return Holding(True, "nothing is looked up; every doubt is parked")
    if terms.contract is not EffectContract.READ_BACK or terms.before_tool is None:
        advice = "Declare READ_BACK with a before_tool in a new version of the entry."
        return Holding(False, f"a change of a {facts.name} keeps READ_BACK alone, by what stood there before", advice)
    unseen = [name for name in STAMPS if name not in facts.fields]
    if unseen:
        return Holding(False, f"{facts.name} does not show {unseen[0]}", "Let the integration user see it.")
    return Holding(True, f"{facts.name} shows when it was last changed, and can be changed")


def _deletes(facts: ObjectFacts, contract: EffectContract) -> Holding:
    if not facts.deletable:
        return Holding(False, f"this user may not delete a {facts.name}", "Give the integration user the right.")
    if contract in {EffectContract.PROVIDER_KEY, EffectContract.READ_ONLY}:
        advice = "Declare NATURAL_KEY in a new version of the entry."
        return Holding(False, f"a removal does not keep {contract.value}", advice)
    return Holding(True, f"{facts.name} can be deleted")


def _not_writable(facts: ObjectFacts, names: Mapping[str, str], *, creating: bool) -> Holding | None:
    may = facts.createable if creating else facts.updateable
    what = "create" if creating else "change"
    if not may:
        return Holding(False, f"this user may not {what} a {facts.name}", "Give the integration user the right.")
    for name in names.values():
        found = facts.fields.get(name)
        if found is None or not (found.createable if creating else found.updateable):
            return Holding(False, f"this user may not fill in {facts.name}.{name}", "Give the integration user access.")
    return None
