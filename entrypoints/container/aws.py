"""The container of AWS: DynamoDB, SQS, EventBridge, S3 and Secrets Manager behind the ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from dependency_injector import providers

from adapters.aws.opening import late_client, open_client, open_session
from adapters.aws.session import ARTIFACTS, COMMIT, OBJECTS, POLL, STORE, SWITCH
from adapters.aws.tables import Tables
from adapters.system.late_secrets import LateSecrets
from core.domain.errors import ConfigurationError
from entrypoints.container.wiring import Container
from entrypoints.late import late
from entrypoints.settings.variables import variable_of

if TYPE_CHECKING:
    from adapters.aws.queue import SqsQueue
    from core.usecases.verify_days import VerifyDays
    from ports.approvals import Approvals
    from ports.archive import Archive
    from ports.checkup import Checkup
    from ports.gauges import Gauges
    from ports.listings import Listings
    from ports.orchestrator import Orchestrator
    from ports.queue import Queue
    from ports.secrets import Secrets
    from ports.visibility import Visibility

Made = TypeVar("Made")


def given(name: str, value: str | None) -> str:
    """Return a setting that is needed now.

    Raises:
        ConfigurationError: it is missing.
    """
    if value is None:
        raise ConfigurationError(f"Set {name} under [aws], or {variable_of(name)} in the environment.")
    return value


def or_none(value: str | None) -> str:
    """Return a setting that nobody is going to use, where it is missing, as an address that is none."""
    return value or ""


def none_or(name: str | None, making: Callable[[], Made]) -> Made | None:
    """Return what a setting names, None where the installation has none."""
    return None if name is None else making()


def listings_of(tables: Tables, secrets: Secrets, paging_secret: str | None) -> Listings:
    """Return the listings, their places signed where there is a key for it."""
    listings: Listings = late("adapters.aws.listings.DynamoListings")(tables)
    if paging_secret is None:
        return listings
    signed: Listings = late("adapters.system.signed_listings.SignedListings")(
        listings, secrets.get(paging_secret).encode()
    )
    return signed


def opened_queue(queue: SqsQueue) -> Iterator[SqsQueue]:
    """Yield the queue, and send what waits in it when the container is closed."""
    yield queue
    queue.close()


def visibility_of(queue: SqsQueue) -> Visibility:
    """Return the queue by its other port."""
    return queue


class AwsContainer(Container):
    """The use cases on AWS."""

    def _fill(self) -> None:
        self._open()
        self._keep()
        self._send()
        self._seal()
        self._operate()

    def _open(self) -> None:
        self.aws = self.settings.provided.aws
        # The tables' client is opened at once, for it says whether a region is known; that of objects, which are
        # written behind a gate, since nothing may stand between a gate and a call.
        self.session = providers.Singleton(open_session, self.aws.profile, self.aws.region, self.aws.endpoint_url)
        self.tables = providers.Singleton(
            Tables, providers.Singleton(open_client, self.session, "dynamodb", STORE), self.aws.table_prefix
        )
        self.quick_tables = providers.Singleton(
            Tables, providers.Singleton(late_client, self.session, "dynamodb", SWITCH), self.aws.table_prefix
        )
        self.commit_tables = providers.Singleton(
            Tables, providers.Singleton(late_client, self.session, "dynamodb", COMMIT), self.aws.table_prefix
        )
        self.object_tables = providers.Singleton(
            Tables, providers.Singleton(open_client, self.session, "dynamodb", OBJECTS), self.aws.table_prefix
        )
        self.sqs = providers.Singleton(late_client, self.session, "sqs", POLL)

    def _keep(self) -> None:
        self.executions = providers.Singleton(
            late("adapters.aws.executions.DynamoExecutions"), self.tables, self.commit_tables
        )
        self.intents = providers.Singleton(late("adapters.aws.intents.DynamoIntents"), self.tables)
        self.registry = providers.Singleton(late("adapters.aws.registry.DynamoRegistry"), self.tables)
        self.kill_switches = providers.Singleton(
            late("adapters.aws.kill_switches.DynamoKillSwitches"),
            self.tables,
            self.quick_tables,
            unknown_tenants_enabled=self.settings.provided.tenants.are_unknown_enabled,
        )
        self.ledger = providers.Singleton(late("adapters.aws.ledger.DynamoLedger"), self.tables)
        self.gauges: providers.Provider[Gauges] = providers.Singleton(
            late("adapters.aws.gauges.DynamoGauges"), self.tables
        )
        self.outbox = providers.Singleton(late("adapters.aws.outbox.DynamoOutbox"), self.tables)
        self.internal_objects = providers.Singleton(
            late("adapters.aws.internal_objects.DynamoInternalObjects"), self.object_tables
        )
        self.opened_secrets: providers.Provider[Secrets] = providers.ThreadSafeSingleton(
            late("adapters.aws.secrets.SecretsManagerSecrets"),
            providers.Singleton(late_client, self.session, "secretsmanager", STORE),
        )
        self.secrets = providers.Singleton(LateSecrets, self.opened_secrets.provider)
        self.signer = providers.Factory(late("adapters.aws.signing.RequestSigner"), self.session)
        # It gives the factory itself, which its type does not say.
        self.sign = self.signer.provider
        self.listings = providers.Singleton(listings_of, self.tables, self.secrets, self.aws.paging_secret)

    def _send(self) -> None:
        # Whoever only sends needs no dead-letter queue; whoever may bury is asked for one before it starts.
        self.sqs_queue = providers.Singleton(
            late("adapters.aws.queue.SqsQueue"),
            self.sqs,
            providers.Callable(given, "queue_url", self.aws.queue_url),
            providers.Callable(or_none, self.aws.dead_letter_queue_url),
            self.clock,
        )
        self.queue = providers.Resource(opened_queue, self.sqs_queue)
        self.batch_queue: providers.Provider[Queue] = providers.Singleton(
            late("adapters.aws.batch_queue.BatchQueue"), self.sqs_queue
        )
        self.visibility = providers.Callable(visibility_of, self.queue)
        self.wake_ups = providers.Singleton(late("adapters.aws.wake_ups.SqsWakeUps"), self.queue, self.clock)
        self.dead_letters = providers.Singleton(
            late("adapters.aws.dead_letters.SqsDeadLetters"),
            self.sqs,
            providers.Callable(given, "dead_letter_queue_url", self.aws.dead_letter_queue_url),
            queue_url=providers.Callable(or_none, self.aws.queue_url),
        )

    def _seal(self) -> None:
        self.heads_bucket = providers.Singleton(
            late("adapters.aws.bucket.Bucket"),
            providers.Singleton(late_client, self.session, "s3", ARTIFACTS),
            providers.Callable(given, "heads_bucket", self.aws.heads_bucket),
        )
        self.ledger_heads = providers.Singleton(late("adapters.aws.ledger_heads.S3LedgerHeads"), self.heads_bucket)
        self.ledger_rolls = providers.Singleton(late("adapters.aws.ledger_heads.S3LedgerRolls"), self.heads_bucket)
        self.head_signer = providers.Singleton(
            late("adapters.aws.head_signer.KmsHeadSigner"),
            providers.Singleton(late_client, self.session, "kms", STORE),
            providers.Callable(given, "heads_key", self.aws.heads_key),
        )

    def _operate(self) -> None:
        self.archive: providers.Provider[Archive] = providers.Singleton(
            late("adapters.aws.archive.EventBridgeArchive"),
            providers.Singleton(late_client, self.session, "events", STORE),
            providers.Callable(given, "archive", self.aws.archive),
        )
        self.signals = providers.Singleton(
            late("adapters.aws.signals.EventBridgeSignals"),
            providers.Singleton(late_client, self.session, "events", STORE),
            providers.Callable(given, "bus_name", self.aws.bus_name),
            self.settings.provided.events.source,
        )
        self.approvals: providers.Provider[Approvals] = providers.Singleton(
            late("adapters.aws.approvals.EventBridgeApprovals"),
            providers.Singleton(late_client, self.session, "events", STORE),
            providers.Callable(given, "bus_name", self.aws.bus_name),
            self.clock,
        )
        self.artifacts = providers.Singleton(
            late("adapters.aws.artifacts.S3Artifacts"),
            providers.Singleton(late_client, self.session, "s3", ARTIFACTS),
            providers.Callable(given, "artifacts_bucket", self.aws.artifacts_bucket),
        )
        self.state_machine: providers.Provider[Orchestrator] = providers.Singleton(
            late("adapters.aws.state_machine.StateMachine"),
            providers.Singleton(late_client, self.session, "stepfunctions", STORE),
            providers.Callable(given, "state_machine_arn", self.aws.state_machine_arn),
        )
        self.orchestrator = providers.Callable(none_or, self.aws.state_machine_arn, self.state_machine.provider)
        self.checkup: providers.Provider[Checkup] = providers.Singleton(
            late("adapters.aws.checkup.AwsCheckup"),
            self.session,
            providers.Factory(
                late("adapters.aws.checkup.Names"),
                table_prefix=self.aws.table_prefix,
                queue_url=self.aws.queue_url,
                dead_letter_queue_url=self.aws.dead_letter_queue_url,
                bus_name=self.aws.bus_name,
                artifacts_bucket=self.aws.artifacts_bucket,
            ),
        )

    def _days(self) -> providers.Provider[VerifyDays | None]:
        days = super()._days()
        return providers.Callable(none_or, self.aws.heads_bucket, days.provider)
