"""The doctor's look at the work queue."""

from __future__ import annotations

import json

import pytest

from adapters.aws.checkup import LEAST_RECEIVES, AwsCheckup, Names
from adapters.aws.session import Aws
from ports.checkup import Part
from tests.emulators import clients


def work_queue(receives: int | None) -> Part:
    sqs = clients.sqs(None)
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": receives}
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    if receives:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})
    checkup = AwsCheckup(Aws(region=clients.REGION), Names("t-", url, dead, None, None))
    return next(it for it in checkup.parts() if it.what == "queue")


@pytest.fixture(autouse=True)
def credentials(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    request.getfixturevalue("moto")


def test_a_queue_that_buries_after_a_few_receives_is_told_of() -> None:
    fault = work_queue(6).fault
    assert fault is not None
    assert str(LEAST_RECEIVES) in fault


@pytest.mark.parametrize("receives", [LEAST_RECEIVES, None], ids=["patient", "without redrive"])
def test_a_queue_that_waits_is_sound(receives: int | None) -> None:
    assert work_queue(receives).fault is None
