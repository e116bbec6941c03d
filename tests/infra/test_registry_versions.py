"""Registry versions applied by Terraform on an emulator: again, a new one, and one that was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emulators import clients
from tests.infra import terraform

NAME = "seeds"
TABLE = f"{NAME}-action-type-registry"
SEED = terraform.MODULE / "registry" / "FETCH_ACCOUNT_NEWS.v1.json"

Terraform = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "registry"
    made.mkdir()
    (made / SEED.name).write_text(SEED.read_text(encoding="utf-8"))
    return made


@pytest.fixture
def registry(data: Path, ministack: str, tmp_path: Path, folder: Path) -> Terraform:
    """Run terraform on tables and registry alone, which takes seconds."""

    def run(*command: str) -> str:
        return terraform.run(
            terraform.MODULE,
            *command,
            "-input=false",
            "-lock=false",
            "-no-color",
            f"-state={tmp_path / 'state'}",
            "-target=aws_dynamodb_table.this",
            "-target=aws_dynamodb_table_item.registry",
            f"-var=name={NAME}",
            f"-var=registry_folder={folder}",
            "-var=package_path=versions.tf",
            "-var=is_deletion_protected=false",
            data=data,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_REGION=clients.REGION,
            AWS_ENDPOINT_URL=ministack,
        )

    return run


def test_finding_28_a_version_is_added_once_and_never_changed(
    registry: Terraform, folder: Path, ministack: str
) -> None:
    registry("apply", "-auto-approve")
    entry = json.loads(SEED.read_text(encoding="utf-8"))
    second = folder / "FETCH_ACCOUNT_NEWS.v2.json"
    second.write_text(json.dumps(entry | {"version": 2, "timeout_s": 10}))
    assert "1 added, 0 changed, 0 destroyed" in registry("apply", "-auto-approve")

    (folder / SEED.name).write_text(json.dumps(entry | {"timeout_s": 99}))
    with pytest.raises(AssertionError, match=r"FETCH_ACCOUNT_NEWS\.v1 exists with other content"):
        registry("plan")

    assert stored(ministack) == {1: 30, 2: 10}


def stored(endpoint_url: str) -> dict[int, int]:
    """Return the timeout of each version that the table holds."""
    client = clients.dynamodb(endpoint_url)
    documents = [json.loads(it["document"]["S"]) for it in client.scan(TableName=TABLE)["Items"]]
    return {it["version"]: it["timeout_s"] for it in documents}
