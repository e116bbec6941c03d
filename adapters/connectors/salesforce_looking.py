"""Whether what was asked of Salesforce is so: look-ups of records to be made, changed and removed."""

from adapters.connectors.salesforce_fields import Correlated, Fields, Identity, Keyed, Unkeyed
from adapters.connectors.salesforce_records import (
    Absent,
    Read,
    Record,
    Records,
    Several,
    Unread,
    read_image,
)
from adapters.connectors.salesforce_rest import Budget
from adapters.connectors.salesforce_table import why
from adapters.connectors.salesforce_tools import Create, Delete, Plan, Update
from adapters.connectors.salesforce_values import agrees
from core.domain.answer import CannotTell, Finding, Happened, NotHappened, ObjectRef
from core.domain.contract import SAME_OBJECT
from core.domain.request import Request

SYSTEM = "salesforce"
NO_PROOF = "This organisation has no external id field, so finding nothing allows no second send; declare READ_BACK."


class Looking:
    """Reads only. Errors and mismatches are CannotTell."""

    def __init__(self, records: Records, fields: Fields, instance_url: str) -> None:
        """Keep what is read with."""
        self._records = records
        self._fields = fields
        self._instance_url = instance_url

    def __call__(self, request: Request, plan: Plan, before: str | None, budget: Budget) -> Finding:
        match plan:
            case Create():
                return self._created(request, plan, budget)
            case Update():
                return self._updated(plan, before, budget)
            case Delete():
                return self._deleted(plan, budget)

    def ref(self, object_type: str, object_id: str) -> ObjectRef:
        """Name a record."""
        return ObjectRef(SYSTEM, object_type, object_id, f"{self._instance_url}/{object_id}")

    def record_of(self, plan: Create, identity: Keyed | Correlated, key: str, budget: Budget) -> Read:
        """Find the record that carries our key, in the bin too."""
        names, place = [*plan.fields], (identity.field, key)
        if isinstance(identity, Keyed):
            # The row itself; the search comes after it, for what is in the bin has no row.
            read = self._records.by_key(plan.object_type, place, names, budget)
            if not isinstance(read, Absent):
                return read
        return self._records.search(plan.object_type, place, names, budget)

    def judged(self, plan: Create, read: Record | Several | Unread) -> Happened | CannotTell:
        """Tell whether what was found is what was asked for."""
        if isinstance(read, Several):
            return CannotTell(f"More than one {plan.object_type} carries our key.")
        if not isinstance(read, Record):
            return CannotTell(f"The look-up gave no answer: {why(read)}")
        if read.is_deleted:
            return CannotTell(f"The {plan.object_type} was made, and then deleted by others.", changed_otherwise=True)
        if not agrees(plan.fields, read.fields):
            what = f"The {plan.object_type} that carries our key is not, or not any more, what was asked for."
            return CannotTell(what, changed_otherwise=True)
        return Happened((self.ref(plan.object_type, read.object_id),), read.text)

    def _created(self, request: Request, plan: Create, budget: Budget) -> Finding:
        identity = self._fields.identity(plan.object_type, budget)
        if isinstance(identity, Unkeyed):
            return CannotTell(identity.reason)
        if not isinstance(identity, Identity):
            return CannotTell(f"Describe gave no answer: {why(identity)}")
        read = self.record_of(plan, identity, request.effect_key, budget)
        if not isinstance(read, Absent):
            return self.judged(plan, read)
        if isinstance(identity, Correlated) and request.terms.contract in SAME_OBJECT:
            return CannotTell(NO_PROOF)
        return NotHappened()

    def _updated(self, plan: Update, before: str | None, budget: Budget) -> Finding:
        read = self._records.by_id(plan.object_type, plan.object_id, [*plan.fields], budget)
        if isinstance(read, Absent):
            return CannotTell(f"The {plan.object_type} is not there any more.", changed_otherwise=read.was_there)
        if not isinstance(read, Record):
            return CannotTell("The look-up gave no answer." if isinstance(read, Several) else why(read))
        if agrees(plan.fields, read.fields):
            return Happened((self.ref(plan.object_type, read.object_id),), read.text)
        image = read_image(before)
        if image is None or not image.is_there:
            return CannotTell("What it was before is not known, so an unchanged record cannot be told from another.")
        if image.stamps == read.stamps and agrees(image.fields, read.fields):
            return NotHappened()
        return CannotTell(f"The {plan.object_type} was changed since, and not to what was asked.", True)

    def _deleted(self, plan: Delete, budget: Budget) -> Finding:
        happened = Happened((self.ref(plan.object_type, plan.object_id),))
        read = self._records.by_id(plan.object_type, plan.object_id, [], budget)
        if isinstance(read, Absent) and not read.was_there:
            # "Not found" may also mean that nothing can be seen; a search that works tells the two apart.
            read = self._records.search(plan.object_type, ("Id", plan.object_id), [], budget)
        match read:
            case Absent():
                return happened
            case Record():
                return happened if read.is_deleted else NotHappened()
            case _:
                return CannotTell("The look-up gave no answer." if isinstance(read, Several) else why(read))
