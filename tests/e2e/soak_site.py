"""What a soak stands on: tables at one emulator, the other services at another, and the tool server."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path

from adapters.aws.schema import TABLES, definition
from examples.mcp_server.probe import Probe
from tests.architecture.sources import ROOT
from tests.emulators import clients

PREFIX = "soak-"
HEADING = """
target = "aws"
[paths]
registry = ["registry"]
[aws]
region = "{region}"
table_prefix = "soak-"
queue_url = "{work}"
dead_letter_queue_url = "{dead}"
bus_name = "soak"
artifacts_bucket = "soak"
paging_secret = "soak"
"""


def furnished(store_url: str, services_url: str) -> dict[str, str]:
    """Make everything that an installation has; return its queues."""
    dynamodb, sqs, events = clients.dynamodb(store_url), clients.sqs(services_url), clients.events(services_url)
    for table in TABLES:
        dynamodb.create_table(**definition(table, PREFIX))
    queues = {it: sqs.create_queue(QueueName=f"soak-{it}")["QueueUrl"] for it in ("work", "dead", "signals")}
    events.create_event_bus(Name="soak")
    events.put_rule(Name="soak", EventBusName="soak", EventPattern=json.dumps({"source": ["cc-native"]}))
    asked = sqs.get_queue_attributes(QueueUrl=queues["signals"], AttributeNames=["QueueArn"])
    target = {"Id": "signals", "Arn": asked["Attributes"]["QueueArn"]}
    events.put_targets(Rule="soak", EventBusName="soak", Targets=[target])  # type: ignore[list-item]
    clients.secretsmanager(services_url).create_secret(Name="soak", SecretString=secrets.token_hex(32))
    place = {"LocationConstraint": clients.REGION}
    clients.s3(services_url).create_bucket(Bucket="soak", CreateBucketConfiguration=place)  # type: ignore[arg-type]
    return queues


def tool_server(log: Path, port: int) -> Probe:
    """Start the external system from its log."""
    command = [sys.executable, "-m", "examples.mcp_server", "--port", str(port), "--log", str(log)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise RuntimeError("the provider has no stdout")
    return Probe(json.loads(process.stdout.readline())["port"], process)
