"""The example that attaches the publisher's policy attaches that of the module, and nothing broader."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from tests.emulators import clients
from tests.infra import terraform
from tests.infra.planned import Plan

FOLDER = terraform.PUBLISHING
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
pytestmark = pytest.mark.service


def test_a_role_is_given_the_policy_that_the_module_words_for_publishers(
    plan: Plan, ministack: str, tmp_path: Path
) -> None:
    policy: str = plan.document["planned_values"]["outputs"]["publisher_policy"]["value"]
    iam = clients.session().client("iam", endpoint_url=ministack, config=clients.config())
    role = f"publisher-{uuid.uuid4().hex[:8]}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}))
    data = tmp_path / "data"
    terraform.init(FOLDER, data)

    apply(data, ministack, role, policy)

    attached = iam.get_role_policy(RoleName=role, PolicyName="publish-approved-actions")["PolicyDocument"]
    assert attached == json.loads(policy)
    (publishing, storing) = attached["Statement"]
    assert publishing["Action"] == ["events:PutEvents"]
    assert publishing["Condition"]["StringEquals"]["events:detail-type"] == ["ACTION_APPROVED"]
    assert storing["Action"] == ["dynamodb:PutItem"]


def test_a_policy_that_allows_everything_is_refused(ministack: str, tmp_path: Path) -> None:
    broad = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    data = tmp_path / "data"
    terraform.init(FOLDER, data)
    with pytest.raises(AssertionError, match="which allows single actions"):
        apply(data, ministack, "any", broad)


def apply(data: Path, ministack: str, role: str, policy: str) -> None:
    terraform.run(
        FOLDER,
        "apply",
        "-auto-approve",
        "-input=false",
        "-lock=false",
        "-no-color",
        f"-state={data / 'state'}",
        f"-var=role_name={role}",
        f"-var=publisher_policy={policy}",
        data=data,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION=clients.REGION,
        AWS_ENDPOINT_URL=ministack,
    )
