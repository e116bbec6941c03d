"""The CRM: tasks and opportunities by external id (NATURAL_KEY), stage updates settled by READ_BACK."""

# A tool's declared arguments are its parameters, and they are flat.
# ruff: noqa: PLR0913, PLR0917

from __future__ import annotations

from dataclasses import replace
from typing import Any

from examples.mcp_server.envelopes import Envelope, failed, given, looked_up, looked_up_create, succeeded
from examples.mcp_server.objects import Caller, Fields, Provider, StoredObject

SYSTEM = "crm"
FIRST_STAGE = "PROSPECTING"
NO_OPPORTUNITY = failed(
    "VALIDATION",
    "MISSING_REQUIRED_PARAMETER",
    "opportunity_id or target.entity_id is required",
    not_applied=True,
)

Target = dict[str, Any] | str | None


class Crm:
    """The tools of one CRM; an object's external id is the idempotency key of the call that made it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create_task(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        title: str,
        priority: str | None = None,
        description: str | None = None,
        target: Target = None,
    ) -> Envelope:
        """Create or update the task whose external id is idempotency_key."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        fields = given(title=title, priority=priority, description=description, target=target)
        return self._upsert("crm.create_task", "task", caller, fields)

    async def find_task(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        title: str | None = None,
        priority: str | None = None,
        description: str | None = None,
        target: Target = None,
    ) -> Envelope:
        """Look up the task by external id; a field that is given must be equal."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        wanted = given(title=title, priority=priority, description=description, target=target)
        return looked_up_create(SYSTEM, self._provider.by_external_id(caller, "task", idempotency_key), wanted)

    async def delete_task(
        self, idempotency_key: str, action_intent_id: str, tenant_id: str, account_id: str, object_id: str
    ) -> Envelope:
        """Delete a task; deleting an absent one succeeds."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        return delete(self._provider, SYSTEM, "crm.delete_task", caller, "task", object_id)

    async def check_task_deleted(
        self, idempotency_key: str, action_intent_id: str, tenant_id: str, account_id: str, object_id: str
    ) -> Envelope:
        """Look up a deletion: absence is HAPPENED."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        stored = self._provider.get(caller, "task", object_id)
        return looked_up("HAPPENED" if stored is None else "NOT_HAPPENED", SYSTEM, stored)

    async def create_opportunity(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        name: str,
        stage: str,
        close_date: str,
        amount: float | None = None,
        target: Target = None,
    ) -> Envelope:
        """Create or update the opportunity whose external id is idempotency_key."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        fields = given(name=name, stage=stage, close_date=close_date, amount=amount, target=target)
        return self._upsert("crm.create_opportunity", "opportunity", caller, fields)

    async def find_opportunity(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        name: str | None = None,
        stage: str | None = None,
        close_date: str | None = None,
        amount: float | None = None,
        target: Target = None,
    ) -> Envelope:
        """Look up the opportunity by external id; a field that is given must be equal."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        wanted = given(name=name, stage=stage, close_date=close_date, amount=amount, target=target)
        return looked_up_create(SYSTEM, self._provider.by_external_id(caller, "opportunity", idempotency_key), wanted)

    async def update_opportunity(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        stage: str,
        opportunity_id: str | None = None,
        target: Target = None,
    ) -> Envelope:
        """Set the stage. Not idempotent: every call is a write and raises the version."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        before = self._opportunity(caller, opportunity_id, target)
        if before is None:
            return NO_OPPORTUNITY
        after = replace(before, fields={**before.fields, "stage": stage}, version=before.version + 1)
        self._provider.write("crm.update_opportunity", caller, after)
        return succeeded(SYSTEM, after, version=after.version)

    async def get_opportunity(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        opportunity_id: str | None = None,
        target: Target = None,
    ) -> Envelope:
        """The image of an opportunity as it is now, with its version."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        stored = self._opportunity(caller, opportunity_id, target)
        if stored is None:
            return NO_OPPORTUNITY
        image = {**stored.fields, "opportunity_id": stored.object_id, "version": stored.version}
        return succeeded(SYSTEM, stored, image=image)

    async def check_opportunity(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        stage: str,
        opportunity_id: str | None = None,
        target: Target = None,
        before: dict[str, Any] | None = None,
    ) -> Envelope:
        """Look up a stage update against the image that was taken before it."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        stored = self._opportunity(caller, opportunity_id, target)
        if stored is None:
            return NO_OPPORTUNITY
        return looked_up(_update_state(stored, stage, (before or {}).get("version")), SYSTEM, stored)

    def _upsert(self, tool: str, object_type: str, caller: Caller, fields: Fields) -> Envelope:
        held = self._provider.by_external_id(caller, object_type, caller.idempotency_key)
        if held is not None and held.fields == fields:
            self._provider.nothing_changed(tool, caller, held)
            return succeeded(SYSTEM, held, created=False)
        if held is None:
            object_id = self._provider.new_id(object_type)
            stored = StoredObject(object_type, object_id, caller.idempotency_key, fields, version=1)
        else:
            stored = replace(held, fields=fields, version=held.version + 1)
        self._provider.write(tool, caller, stored)
        return succeeded(SYSTEM, stored, created=held is None)

    def _opportunity(self, caller: Caller, opportunity_id: str | None, target: Target) -> StoredObject | None:
        """The named opportunity, at its first stage when nobody wrote it yet; None when none is named."""
        from_target = target.get("entity_id") if isinstance(target, dict) else target
        object_id = opportunity_id or from_target
        if not isinstance(object_id, str) or not object_id:
            return None
        stored = self._provider.get(caller, "opportunity", object_id)
        return stored or StoredObject("opportunity", object_id, None, {"stage": FIRST_STAGE}, version=1)


def _update_state(stored: StoredObject, stage: str, version_before: object) -> str:
    if not isinstance(version_before, int):
        return "CANNOT_TELL"
    if stored.version == version_before:
        return "NOT_HAPPENED"
    ours = stored.version == version_before + 1 and stored.fields["stage"] == stage
    return "HAPPENED" if ours else "CANNOT_TELL"


def delete(provider: Provider, system: str, tool: str, caller: Caller, object_type: str, object_id: str) -> Envelope:
    """Delete an object of any system; an absent one is a success that changed nothing."""
    stored = provider.get(caller, object_type, object_id)
    if stored is None:
        absent = StoredObject(object_type, object_id, None, {}, version=0)
        provider.nothing_changed(tool, caller, absent)
        return succeeded(system, absent, deleted=False)
    provider.delete(tool, caller, stored)
    return succeeded(system, stored, deleted=True)
