"""Typed clients for an emulator, or without an endpoint for moto: dummy credentials, bounded waits, no retry."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

REGION = "eu-central-1"
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
POOLED_CONNECTIONS = 32
MOTO = threading.RLock()


def dynamodb(endpoint_url: str | None) -> DynamoDBClient:
    client = session().client("dynamodb", endpoint_url=endpoint_url, config=config())
    if endpoint_url is None:
        one_at_a_time(client)
    return client


def events(endpoint_url: str | None) -> EventBridgeClient:
    return session().client("events", endpoint_url=endpoint_url, config=config())


def kms(endpoint_url: str | None) -> KMSClient:
    return session().client("kms", endpoint_url=endpoint_url, config=config())


def s3(endpoint_url: str | None) -> S3Client:
    return session().client("s3", endpoint_url=endpoint_url, config=config())


def secretsmanager(endpoint_url: str | None) -> SecretsManagerClient:
    return session().client("secretsmanager", endpoint_url=endpoint_url, config=config())


def sqs(endpoint_url: str | None) -> SQSClient:
    return session().client("sqs", endpoint_url=endpoint_url, config=config())


def one_at_a_time(client: DynamoDBClient) -> None:
    """Let one thread ask at a time: moto checks a condition and writes without a lock; DynamoDB does both at once."""
    events = client.meta.events
    events.register("before-call.dynamodb", lambda **_: _enter())
    for ended in ("after-call.dynamodb", "after-call-error.dynamodb"):
        events.register(ended, lambda **_: MOTO.release())


def _enter() -> None:
    """Return nothing, for what is returned before a call is taken for its answer."""
    MOTO.acquire()


def session() -> boto3.session.Session:
    """Make credentials up, so that a call that strays to AWS is refused there."""
    return boto3.session.Session(
        aws_access_key_id=f"AKIA{secrets.token_hex(8).upper()}",
        aws_secret_access_key=secrets.token_hex(20),
        region_name=REGION,
    )


def config() -> Config:
    """Leave retries to the code under test; S3 takes the bucket in the path, for an address has no subdomains."""
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=POOLED_CONNECTIONS,
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
    )
