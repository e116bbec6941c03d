"""Starts the provider as a process and asks it by raw HTTP posts; for tests, demos and people."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024
PROTOCOL = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
    "io.modelcontextprotocol/clientInfo": {"name": "probe", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@dataclass(frozen=True)
class Answer:
    """One HTTP response, read whole; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> Row:
        """The JSON-RPC response, which is the last message of an event stream; ValueError when broken."""
        text = self.body.decode()
        if self.headers["content-type"] == "text/event-stream":
            text = [line for line in text.splitlines() if line.startswith("data: ")][-1].removeprefix("data: ")
        parsed: Row = json.loads(text)
        return parsed

    @property
    def envelope(self) -> Row:
        """The tool's own answer; KeyError when there is none."""
        envelope: Row = self.message["result"]["structuredContent"]
        return envelope


@dataclass(frozen=True)
class Probe:
    """A running provider. Waits are bounded by `timeout_s`, seconds for each single read."""

    port: int
    process: subprocess.Popen[str]

    def open_call(self, tool: str, arguments: Row, timeout_s: float = 5) -> http.client.HTTPConnection:
        """Send a tools/call without initialize, and leave its response to the caller."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        params = {"name": tool, "arguments": arguments, "_meta": META}
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": PROTOCOL,
            "Mcp-Method": "tools/call",
            "Mcp-Name": tool,
        }
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        connection.request("POST", "/mcp", json.dumps(body), headers)
        return connection

    def call(self, tool: str, arguments: Row, timeout_s: float = 5) -> Answer:
        """Call a tool; OSError when the connection fails or stays silent for `timeout_s`."""
        connection = self.open_call(tool, arguments, timeout_s)
        try:
            return _read(connection)
        finally:
            connection.close()

    def plan(self, faults: object) -> Answer:
        """Post a fault plan."""
        return self._page("POST", "/_faults", json.dumps(faults))

    def log(self) -> list[Row]:
        """What the provider really did."""
        rows: list[Row] = json.loads(self._page("GET", "/_log").body)
        return rows

    def calls(self) -> list[Row]:
        """What the provider was asked."""
        rows: list[Row] = json.loads(self._page("GET", "/_calls").body)
        return rows

    def health(self) -> int:
        """The status of the health page."""
        return self._page("GET", "/_health").status

    def _page(self, method: str, path: str, body: str | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return _read(connection)
        finally:
            connection.close()


def _read(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def seen(probe: Probe, tool: str, arguments: Row, timeout_s: float = 5) -> str:
    """What a client sees of one call, in words."""
    try:
        answer = probe.call(tool, arguments, timeout_s)
    except http.client.RemoteDisconnected:
        return "disconnected"
    except TimeoutError:
        return "silence"
    match answer.status:
        case 200:
            return _seen_in_message(answer)
        case 302:
            return "302 to localhost" if "//localhost:" in answer.headers["location"] else "302"
        case 429:
            return f"429 after {answer.headers['retry-after']}"
        case status:
            return str(status)


def _seen_in_message(answer: Answer) -> str:
    try:
        message = answer.message
    except json.JSONDecodeError:
        return "broken JSON"
    if "error" in message:
        return f"JSON-RPC error {message['error']['code']}"
    if message["result"]["isError"]:
        return "isError with an envelope" if "structuredContent" in message["result"] else "isError"
    return _seen_in_envelope(answer)


def _seen_in_envelope(answer: Answer) -> str:
    envelope = answer.envelope
    if json.loads(answer.message["result"]["content"][0]["text"]) != envelope:
        return "a text that is not the envelope"
    if envelope["success"]:
        return "over a megabyte of success" if len(answer.body) > MEGABYTE else "success"
    if "external_object_refs" in envelope:
        return f"{envelope['error_code']}, with refs"
    return f"{envelope['error_code']}, {'not applied' if envelope['not_applied'] else 'nothing proved'}"


@contextmanager
def running(log: Path, *options: str) -> Iterator[Probe]:
    """A provider on a free port, killed at the end as a power cut would."""
    command = [sys.executable, "-m", "examples.mcp_server", "--port", "0", "--log", str(log), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("the provider has no stdout")
            yield Probe(json.loads(process.stdout.readline())["port"], process)
        finally:
            process.kill()
