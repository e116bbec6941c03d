"""The Salesforce connector: tasks, opportunities and accounts of one organisation, by its REST API."""

from collections.abc import Mapping
from dataclasses import replace

from adapters.connectors.exchange import Exchange
from adapters.connectors.salesforce_fields import Correlated, Fields, Keyed, KeyFields, Unkeyed
from adapters.connectors.salesforce_looking import Looking
from adapters.connectors.salesforce_records import STAMPS, Absent, Image, Record, Records, read_image, unmodified_since
from adapters.connectors.salesforce_rest import Budget, Heard, Rest, escaped
from adapters.connectors.salesforce_table import MULTIPLE, NO_CONTENT, NOT_FOUND, failure, is_gone, made, why
from adapters.connectors.salesforce_tools import Create, Delete, Invalid, Update, plan_of
from adapters.connectors.salesforce_values import agrees
from adapters.connectors.showing import shown
from core.domain.answer import (
    Answer,
    Applied,
    CannotTell,
    Finding,
    Flaw,
    Happened,
    Hold,
    NotSent,
    Refused,
    Unknown,
)
from core.domain.contract import EffectContract
from core.domain.errors import ErrorClass
from core.domain.request import Request
from ports.clock import Clock
from ports.connector import Gate

MAX_IMAGE_BYTES = 64 * 1024
CREATED_AT = "CreatedDate"


class SalesforceConnector:
    """One write is one HTTP request, never repeated. All that a call reads before it shares its time with it.

    A new record is upserted by the effect key where the organisation has an external id field for it; where it has
    only a field to search by, the connector looks first and then inserts.
    """

    def __init__(
        self,
        exchange: Exchange,
        clock: Clock,
        key_fields: KeyFields,
        *,
        version: str = "61.0",
        verifies: bool = False,
    ) -> None:
        """Keep the transport, which is built once. ``version``: of the API; up to 45 an upsert names no record.

        ``verifies``: read what was made, for an automation of the organisation may have made something else of it.
        """
        self._rest = Rest(exchange, clock, version)
        self._fields = Fields(self._rest, clock, key_fields)
        self._records = Records(self._rest)
        self._looking = Looking(self._records, self._fields, self._rest.instance_url)
        self._verifies = verifies

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        plan = plan_of(request)
        budget = self._rest.budget(request.timeout_ms)
        match plan:
            case Invalid():
                return Refused(ErrorClass.VALIDATION, "VALIDATION_FAILED", plan.reason)
            case Create():
                return self._create(request, plan, budget, gate)
            case Update():
                return self._update(plan, before, budget, gate)
            case Delete():
                return self._delete(plan, budget, gate)

    def look_up(self, request: Request, before: str | None) -> Finding:
        plan = plan_of(request)
        if isinstance(plan, Invalid):
            return CannotTell(plan.reason)
        return self._looking(request, plan, before, self._rest.budget(request.timeout_ms))

    def before_image(self, request: Request) -> str | None:
        plan = plan_of(request)
        if not isinstance(plan, Update):
            # There is nothing to read; the call says what is wrong.
            return Image(is_there=False, stamps={}, fields={}).text()
        image = self._records.image(plan, self._rest.budget(request.timeout_ms))
        if image is None:
            return None
        text = image.text()
        return text if len(text.encode()) <= MAX_IMAGE_BYTES else None

    def _create(self, request: Request, plan: Create, budget: Budget, gate: Gate) -> Answer:
        identity = self._fields.identity(plan.object_type, budget)
        match identity:
            case Heard() | NotSent() | Unknown():
                return _unprepared("Describe gave no answer", identity)
            case Keyed():
                return self._upsert(request, plan, identity, budget, gate)
            case Correlated():
                return self._insert(request, plan, identity, budget, gate)
            case Unkeyed() if request.terms.contract is EffectContract.OPAQUE:
                return self._answer_of_insert(plan, self._post(plan, {}, budget, gate), None, budget)
            case Unkeyed():
                return Refused(ErrorClass.VALIDATION, "CONFIGURATION_ERROR", identity.reason)

    def _upsert(self, request: Request, plan: Create, identity: Keyed, budget: Budget, gate: Gate) -> Answer:
        path = f"/sobjects/{plan.object_type}/{identity.field}/{escaped(request.effect_key)}"
        heard = self._rest.write("PATCH", path, plan.fields, budget, gate, {})
        if not isinstance(heard, Heard):
            return heard
        if heard.status in {MULTIPLE, NOT_FOUND}:
            self._fields.forget(plan.object_type)
        if heard.status == NO_CONTENT:
            return self._nameless(request, plan, identity, budget)
        answer = made(heard)
        if answer is None:
            # A success that is none settles nothing; the look-up does.
            return failure(heard, identity.field)
        ref = self._looking.ref(plan.object_type, answer.object_id)
        if answer.was_there:
            return self._replayed(request, plan, identity, budget, Applied((ref,), heard.text, replayed=True))
        return self._verified(plan, Applied((ref,), heard.text), budget)

    def _replayed(
        self, request: Request, plan: Create, identity: Keyed, budget: Budget, applied: Applied
    ) -> Applied | Unknown:
        """It was there, and was written over with the same: say so, unless what stands there now is something else."""
        read = self._looking.record_of(plan, identity, request.effect_key, budget)
        found = CannotTell("It is gone again.", True) if isinstance(read, Absent) else self._looking.judged(plan, read)
        is_other = isinstance(found, CannotTell) and found.changed_otherwise
        is_other = is_other or (isinstance(found, Happened) and found.refs != applied.refs)
        return Unknown("Under our key stands something else.") if is_other else applied

    def _nameless(self, request: Request, plan: Create, identity: Keyed, budget: Budget) -> Applied | Unknown:
        """Up to API version 45 an upsert that found its record answers 204 and does not name it."""
        read = self._looking.record_of(plan, identity, request.effect_key, budget)
        found = CannotTell("") if isinstance(read, Absent) else self._looking.judged(plan, read)
        if isinstance(found, Happened):
            return Applied(found.refs, found.response, replayed=True)
        return Unknown("It was there and was written over, but it could not be read.")

    def _insert(self, request: Request, plan: Create, identity: Correlated, budget: Budget, gate: Gate) -> Answer:
        """Nothing in the organisation keeps two records from carrying one key, so look before."""
        read = self._looking.record_of(plan, identity, request.effect_key, budget)
        if isinstance(read, Absent):
            heard = self._post(plan, {identity.field: request.effect_key}, budget, gate)
            return self._answer_of_insert(plan, heard, identity.field, budget)
        if isinstance(read, Heard | NotSent | Unknown):
            self._fields.forget(plan.object_type)
            return _unprepared("The search before it gave no answer", read)
        found = self._looking.judged(plan, read)
        if isinstance(found, Happened):
            return gate.closed() or Applied(found.refs, found.response, replayed=True)
        return gate.closed() or Unknown(found.reason)

    def _post(self, plan: Create, key: Mapping[str, str], budget: Budget, gate: Gate) -> Heard | NotSent | Unknown:
        return self._rest.write("POST", f"/sobjects/{plan.object_type}", {**plan.fields, **key}, budget, gate, {})

    def _answer_of_insert(
        self, plan: Create, heard: Heard | NotSent | Unknown, own_field: str | None, budget: Budget
    ) -> Answer:
        if not isinstance(heard, Heard):
            return heard
        answer = made(heard)
        if answer is None or answer.was_there:
            return failure(heard, own_field)
        ref = self._looking.ref(plan.object_type, answer.object_id)
        return self._verified(plan, Applied((ref,), heard.text), budget)

    def _verified(self, plan: Create, applied: Applied, budget: Budget) -> Applied:
        """Say so where what has just been made is not what was asked for; a read that fails changes nothing."""
        if not self._verifies:
            return applied
        names = [*plan.fields, CREATED_AT]
        read = self._records.by_id(plan.object_type, applied.refs[0].object_id, names, budget)
        # What people have changed since is theirs; it was made as asked, as far as anybody knows.
        is_as_made = isinstance(read, Record) and read.fields.get(CREATED_AT.lower()) == read.stamps[STAMPS[0]]
        if not isinstance(read, Record) or not is_as_made or agrees(plan.fields, read.fields):
            return applied
        return replace(applied, response=read.text, flaw=Flaw.CONTRADICTS)

    def _update(self, plan: Update, before: str | None, budget: Budget, gate: Gate) -> Answer:
        image = read_image(before)
        if image is None and before is not None:
            return Refused(ErrorClass.VALIDATION, "VALIDATION_FAILED", "The stored before-image cannot be read.")
        path = f"/sobjects/{plan.object_type}/{plan.object_id}"
        condition = {} if image is None else unmodified_since(image)
        heard = self._rest.write("PATCH", path, plan.fields, budget, gate, condition)
        if not isinstance(heard, Heard):
            return heard
        if heard.status == NO_CONTENT:
            return Applied((self._looking.ref(plan.object_type, plan.object_id),), heard.text)
        return failure(heard)

    def _delete(self, plan: Delete, budget: Budget, gate: Gate) -> Answer:
        heard = self._rest.write("DELETE", f"/sobjects/{plan.object_type}/{plan.object_id}", None, budget, gate, {})
        if not isinstance(heard, Heard):
            return heard
        refs = (self._looking.ref(plan.object_type, plan.object_id),)
        if heard.status == NO_CONTENT:
            return Applied(refs, heard.text)
        if is_gone(heard):
            return Applied(refs, heard.text, replayed=True)
        if heard.status == NOT_FOUND:
            # It may be gone for good, or hidden from this user: a look-up tells.
            return Unknown("Salesforce finds nothing to remove.")
        return failure(heard)


def _unprepared(what: str, read: Heard | NotSent | Unknown) -> NotSent | Refused:
    """Nothing was written, for what had to be known before it could not be read."""
    proved = failure(read) if isinstance(read, Heard) else read
    if not isinstance(proved, Unknown):
        return proved
    return NotSent(Hold.NOT_READY, shown(f"Nothing was sent. {what}: {why(read)}"))
