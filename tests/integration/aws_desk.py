"""An installation on an emulator of AWS, and the command line for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from adapters.aws.schema import TABLES, definition
from tests.contract.head_backends import make_bucket, make_key
from tests.emulators import clients
from tests.integration.desk import Desk

PAGING_KEY = "p" * 40


@dataclass(frozen=True)
class AwsDesk(Desk):
    """A folder whose configuration names what is on the emulator."""

    endpoint_url: str | None
    prefix: str

    def queue_url(self, name: str) -> str:
        return clients.sqs(self.endpoint_url).get_queue_url(QueueName=f"{self.prefix}{name}")["QueueUrl"]

    def exists(self) -> None:
        """Make everything, and the configuration that names it."""
        dynamodb, sqs = clients.dynamodb(self.endpoint_url), clients.sqs(self.endpoint_url)
        for table in TABLES:
            dynamodb.create_table(**definition(table, self.prefix))
        work = sqs.create_queue(QueueName=f"{self.prefix}work")["QueueUrl"]
        dead = sqs.create_queue(QueueName=f"{self.prefix}dead")["QueueUrl"]
        clients.events(self.endpoint_url).create_event_bus(Name=f"{self.prefix}bus")
        clients.s3(self.endpoint_url).create_bucket(
            Bucket=f"{self.prefix}artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        secrets = clients.secretsmanager(self.endpoint_url)
        secrets.create_secret(Name=f"{self.prefix}paging", SecretString=PAGING_KEY)
        make_bucket(self.endpoint_url, f"{self.prefix}heads")
        key = make_key(self.endpoint_url, f"alias/{self.prefix}heads")
        endpoint = f'endpoint_url = "{self.endpoint_url}"\n' if self.endpoint_url else ""
        self.config.write_text(
            'target = "aws"\n[run]\nsweep_every_s = 0.5\nvisibility_s = 5\nworkers = 4\n'
            f'[aws]\n{endpoint}region = "{clients.REGION}"\ntable_prefix = "{self.prefix}"\n'
            f'queue_url = "{work}"\ndead_letter_queue_url = "{dead}"\nbus_name = "{self.prefix}bus"\n'
            f'artifacts_bucket = "{self.prefix}artifacts"\npaging_secret = "{self.prefix}paging"\n'
            f'heads_bucket = "{self.prefix}heads"\nheads_key = "{key}"\n',
            encoding="utf-8",
        )


def an_aws_desk(folder: Path, endpoint_url: str | None) -> AwsDesk:
    """One whose registry is filled and whose tenant is open."""
    desk = AwsDesk(folder, endpoint_url, f"t-{uuid.uuid4().hex[:12]}-")
    desk.exists()
    desk.ok("registry", "apply")
    desk.ok("resume", "--tenant", "tenant-1")
    return desk
