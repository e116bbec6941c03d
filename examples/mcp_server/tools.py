"""Which tools the server offers, and the faults that are played inside the SDK's own path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, ToolAnnotations

from examples.mcp_server.crm import Crm
from examples.mcp_server.envelopes import Envelope, failed
from examples.mcp_server.objects import Provider
from examples.mcp_server.office import Calendar, Mail, Payments, fetch_news

READ = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True)
SAFE_WRITE = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True)
BLIND_WRITE = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False)
DELETE = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True)

PADDING_BYTES = 1_100_000
REFUSAL = failed("VALIDATION", "REJECTED_BY_PROVIDER", "The provider rejects this request.", not_applied=True)
NO_ENVELOPE = "The provider could not complete the request."


def offer_tools(server: MCPServer[Any], provider: Provider) -> None:
    """Register every tool under its dotted name."""
    crm, calendar = Crm(provider), Calendar(provider)
    offered: list[tuple[str, Callable[..., Any], ToolAnnotations]] = [
        ("crm.create_task", crm.create_task, SAFE_WRITE),
        ("crm.find_task", crm.find_task, READ),
        ("crm.delete_task", crm.delete_task, DELETE),
        ("crm.check_task_deleted", crm.check_task_deleted, READ),
        ("crm.create_opportunity", crm.create_opportunity, SAFE_WRITE),
        ("crm.find_opportunity", crm.find_opportunity, READ),
        ("crm.update_opportunity", crm.update_opportunity, BLIND_WRITE),
        ("crm.get_opportunity", crm.get_opportunity, READ),
        ("crm.check_opportunity", crm.check_opportunity, READ),
        ("calendar.create_event", calendar.create_event, SAFE_WRITE),
        ("calendar.find_event", calendar.find_event, READ),
        ("calendar.delete_event", calendar.delete_event, DELETE),
        ("calendar.check_event_deleted", calendar.check_event_deleted, READ),
        ("payments.create_invoice", Payments(provider).create_invoice, SAFE_WRITE),
        ("mail.send_letter", Mail(provider).send_letter, BLIND_WRITE),
        ("news.fetch", fetch_news, READ),
    ]
    for name, function, hints in offered:
        server.add_tool(function, name=name, annotations=hints)


class ToolFaults:
    """SDK middleware; with `stream` it sends a progress note, and then the SDK answers as an event stream."""

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != "tools/call":
            return await call_next(ctx)
        if self._stream and ctx.request_id is not None:
            await ctx.session.send_progress_notification(ctx.request_id, 0.0, related_request_id=str(ctx.request_id))
        fault = None if ctx.request is None else ctx.request.scope["state"].get("tool_fault")
        if fault in {None, "ok"}:
            return await call_next(ctx)
        return await _with_fault(fault, ctx, call_next)


async def _with_fault(fault: str, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    if fault == "refuse":
        return _result(REFUSAL)
    if fault == "is_error":
        return _plain_error()
    if fault == "rpc_error":
        raise MCPError(-32603, NO_ENVELOPE)
    result = await call_next(ctx)
    if fault == "is_error_after":
        return _plain_error()
    if fault == "rpc_error_after":
        raise MCPError(-32603, NO_ENVELOPE)
    envelope = result.get("structuredContent") if isinstance(result, dict) else None
    if not isinstance(envelope, dict):
        return result
    return _result(_partial(envelope) if fault == "partial" else {**envelope, "padding": "x" * PADDING_BYTES})


def _partial(envelope: Envelope) -> Envelope:
    message = "Only a part of the request was written."
    refused = failed("DOWNSTREAM", "PARTIAL_WRITE", message, not_applied=False)
    return {**refused, "external_object_refs": envelope.get("external_object_refs", [])}


def _result(envelope: Envelope) -> CallToolResult:
    text = TextContent(type="text", text=json.dumps(envelope))
    return CallToolResult(content=[text], structured_content=envelope)


def _plain_error() -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=NO_ENVELOPE)], is_error=True)
