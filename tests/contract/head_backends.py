"""Where heads and rolls are kept, and what signs them: memory, files, and S3 and KMS on an emulator."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from adapters.aws.bucket import Bucket
from adapters.aws.head_signer import KmsHeadSigner
from adapters.aws.ledger_heads import S3LedgerHeads, S3LedgerRolls
from adapters.files.head_signer import FileHeadSigner
from adapters.files.ledger_heads import FileLedgerHeads, FileLedgerRolls
from adapters.memory.heads import MemoryHeadSigner, MemoryLedgerHeads, MemoryLedgerRolls
from ports.head_signer import HeadSigner
from ports.ledger_heads import LedgerHeads
from ports.ledger_rolls import LedgerRolls
from tests.emulators import clients


@dataclass(frozen=True, slots=True)
class Vault:
    """All that sealing writes with."""

    heads: LedgerHeads
    rolls: LedgerRolls
    signer: HeadSigner


def memory() -> Vault:
    return Vault(MemoryLedgerHeads(), MemoryLedgerRolls(), MemoryHeadSigner())


def files(folder: Path) -> Vault:
    return Vault(
        FileLedgerHeads(folder / "heads"), FileLedgerRolls(folder / "heads"), FileHeadSigner(folder / "key.pem")
    )


def on_aws(endpoint_url: str | None) -> Vault:
    name = f"heads-{uuid.uuid4().hex}"
    make_bucket(endpoint_url, name)
    bucket = Bucket(clients.s3(endpoint_url), name)
    signer = KmsHeadSigner(clients.kms(endpoint_url), make_key(endpoint_url, f"alias/{name}"))
    return Vault(S3LedgerHeads(bucket), S3LedgerRolls(bucket), signer)


def make_bucket(endpoint_url: str | None, name: str) -> None:
    """Make one as Terraform does: with Object Lock, and so with versions."""
    s3 = clients.s3(endpoint_url)
    s3.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        ObjectLockEnabledForBucket=True,
    )
    s3.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    )


def make_key(endpoint_url: str | None, alias: str) -> str:
    """Make a key that signs, and return its alias."""
    kms = clients.kms(endpoint_url)
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=made)
    return alias
