"""Calendar (CLIENT_ID), payments (PROVIDER_KEY), mail (OPAQUE) and news (READ_ONLY)."""

# A tool's declared arguments are its parameters, and they are flat.
# ruff: noqa: PLR0913, PLR0917

from __future__ import annotations

import hashlib
import re

from examples.mcp_server.crm import delete
from examples.mcp_server.envelopes import Envelope, failed, given, looked_up, looked_up_create, succeeded
from examples.mcp_server.objects import Caller, Provider, StoredObject

BASE32HEX = re.compile(r"[0-9a-v]{32,1024}")


def event_id(idempotency_key: str) -> str:
    """The key's last colon-separated part when that is base32hex (as hex is), else the key's SHA-256."""
    last = idempotency_key.rpartition(":")[2]
    return last if BASE32HEX.fullmatch(last) else hashlib.sha256(idempotency_key.encode()).hexdigest()


class Calendar:
    """Events whose id the caller chooses through its idempotency key."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create_event(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        title: str,
        start: str,
        end: str,
        attendees: list[str] | None = None,
        notes: str | None = None,
    ) -> Envelope:
        """Create an event; the same id again is a replay if the body is equal, and ID_TAKEN if it is not."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        fields = given(title=title, start=start, end=end, attendees=attendees, notes=notes)
        held = self._provider.get(caller, "event", event_id(idempotency_key))
        if held is None:
            stored = StoredObject("event", event_id(idempotency_key), idempotency_key, fields, version=1)
            self._provider.write("calendar.create_event", caller, stored)
            return succeeded("calendar", stored)
        self._provider.nothing_changed("calendar.create_event", caller, held)
        if held.fields != fields:
            message = "The requested identifier already exists with another body."
            return failed("VALIDATION", "ID_TAKEN", message, not_applied=True)
        return succeeded("calendar", held, replayed=True)

    async def find_event(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        title: str | None = None,
        start: str | None = None,
        end: str | None = None,
        attendees: list[str] | None = None,
        notes: str | None = None,
    ) -> Envelope:
        """Look up the event by its id; a field that is given must be equal."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        wanted = given(title=title, start=start, end=end, attendees=attendees, notes=notes)
        held = self._provider.get(caller, "event", event_id(idempotency_key))
        return looked_up_create("calendar", held, wanted)

    async def delete_event(
        self, idempotency_key: str, action_intent_id: str, tenant_id: str, account_id: str, object_id: str
    ) -> Envelope:
        """Delete an event; deleting an absent one succeeds."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        return delete(self._provider, "calendar", "calendar.delete_event", caller, "event", object_id)

    async def check_event_deleted(
        self, idempotency_key: str, action_intent_id: str, tenant_id: str, account_id: str, object_id: str
    ) -> Envelope:
        """Look up a deletion: absence is HAPPENED."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        stored = self._provider.get(caller, "event", object_id)
        return looked_up("HAPPENED" if stored is None else "NOT_HAPPENED", "calendar", stored)


class Payments:
    """Invoices: the provider itself remembers idempotency keys, for as long as its log lives."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create_invoice(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        amount: float,
        currency: str,
        memo: str | None = None,
    ) -> Envelope:
        """Create an invoice, or replay the first result of the same key and arguments."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        fields = given(amount=amount, currency=currency, memo=memo)
        held = self._provider.by_external_id(caller, "invoice", idempotency_key)
        if held is None:
            stored = StoredObject("invoice", self._provider.new_id("invoice"), idempotency_key, fields, version=1)
            self._provider.write("payments.create_invoice", caller, stored)
            return succeeded("payments", stored, replayed=False)
        self._provider.nothing_changed("payments.create_invoice", caller, held)
        if held.fields != fields:
            message = "Keys can only be used again with the same arguments."
            return failed("VALIDATION", "KEY_MISMATCH", message, not_applied=False)
        return succeeded("payments", held, replayed=True)


class Mail:
    """Letters: nothing identifies one to the sender, so nothing but a person can settle a lost reply."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def send_letter(
        self,
        idempotency_key: str,
        action_intent_id: str,
        tenant_id: str,
        account_id: str,
        recipient: str,
        body: str,
    ) -> Envelope:
        """Send a letter; every call sends another one."""
        caller = Caller(idempotency_key, action_intent_id, tenant_id, account_id)
        fields = given(recipient=recipient, body=body)
        stored = StoredObject("letter", self._provider.new_id("letter"), None, fields, version=1)
        self._provider.write("mail.send_letter", caller, stored)
        return succeeded("mail", stored)


async def fetch_news(query: str) -> Envelope:
    """Read articles about a query; writes nothing. The arguments that name the caller pass unread."""
    articles = [{"title": f"News about {query}", "url": "https://news.example.test/1"}]
    return {"success": True, "external_object_refs": [], "articles": articles}
