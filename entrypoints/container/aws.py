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
from entrypoints.container.wiring import Container, filling
from entrypoints.late import late
from entrypoints.settings.variables import variable_of

if TYPE_CHECKING:
    from adapters.aws.queue import SqsQueue
    from adapters.connectors.signing import Sign
    from core.usecases.verify_days import VerifyDays
    from ports.approvals import Approvals
    from ports.archive import Archive
    from ports.artifacts import Artifacts
    from ports.checkup import Checkup
    from ports.dead_letters import DeadLetters
    from ports.executions import Executions
    from ports.gauges import Gauges
    from ports.head_signer import HeadSigner
    from ports.intents import Intents
    from ports.internal_objects import InternalObjects
    from ports.kill_switches import KillSwitches
    from ports.ledger import Ledger
    from ports.ledger_heads import LedgerHeads
    from ports.ledger_rolls import LedgerRolls
    from ports.listings import Listings
    from ports.orchestrator import Orchestrator
    from ports.outbox import Outbox
    from ports.queue import Queue
    from ports.registry import Registry
    from ports.secrets import Secrets
    from ports.signals import Signals
    from ports.signature_check import SignatureCheck
    from ports.visibility import Visibility
    from ports.wake_ups import WakeUps

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


@filling
class AwsContainer(Container):
    """The use cases on AWS. What the adapters take of the wiring is named anew, so that both are one."""

    settings = Container.settings
    clock = Container.clock
    aws = settings.provided.aws

    # The tables' client is opened at once, for it says whether a region is known; that of objects, which are written
    # behind a gate, since nothing may stand between a gate and a call.
    session = providers.Singleton(open_session, aws.profile, aws.region, aws.endpoint_url)
    tables = providers.Singleton(Tables, providers.Singleton(open_client, session, "dynamodb", STORE), aws.table_prefix)
    quick_tables = providers.Singleton(
        Tables, providers.Singleton(late_client, session, "dynamodb", SWITCH), aws.table_prefix
    )
    commit_tables = providers.Singleton(
        Tables, providers.Singleton(late_client, session, "dynamodb", COMMIT), aws.table_prefix
    )
    object_tables = providers.Singleton(
        Tables, providers.Singleton(open_client, session, "dynamodb", OBJECTS), aws.table_prefix
    )
    sqs = providers.Singleton(late_client, session, "sqs", POLL)

    executions: providers.Provider[Executions] = providers.Singleton(
        late("adapters.aws.executions.DynamoExecutions"), tables, commit_tables
    )
    intents: providers.Provider[Intents] = providers.Singleton(late("adapters.aws.intents.DynamoIntents"), tables)
    registry: providers.Provider[Registry] = providers.Singleton(late("adapters.aws.registry.DynamoRegistry"), tables)
    kill_switches: providers.Provider[KillSwitches] = providers.Singleton(
        late("adapters.aws.kill_switches.DynamoKillSwitches"),
        tables,
        quick_tables,
        unknown_tenants_enabled=settings.provided.tenants.are_unknown_enabled,
    )
    ledger: providers.Provider[Ledger] = providers.Singleton(late("adapters.aws.ledger.DynamoLedger"), tables)
    gauges: providers.Provider[Gauges] = providers.Singleton(late("adapters.aws.gauges.DynamoGauges"), tables)
    outbox: providers.Provider[Outbox] = providers.Singleton(late("adapters.aws.outbox.DynamoOutbox"), tables)
    internal_objects: providers.Provider[InternalObjects] = providers.Singleton(
        late("adapters.aws.internal_objects.DynamoInternalObjects"), object_tables
    )
    opened_secrets: providers.Provider[Secrets] = providers.ThreadSafeSingleton(
        late("adapters.aws.secrets.SecretsManagerSecrets"),
        providers.Singleton(late_client, session, "secretsmanager", STORE),
    )
    secrets: providers.Provider[Secrets | None] = providers.Singleton(LateSecrets, opened_secrets.provider)
    signer = providers.Factory(late("adapters.aws.signing.RequestSigner"), session)
    # It gives the factory itself, which its type does not say.
    sign: providers.Provider[Callable[[str, str | None], Sign] | None] = signer.provider
    listings: providers.Provider[Listings] = providers.Singleton(listings_of, tables, secrets, aws.paging_secret)
    # Whoever only sends needs no dead-letter queue; whoever may bury is asked for one before it starts.
    sqs_queue = providers.Singleton(
        late("adapters.aws.queue.SqsQueue"),
        sqs,
        providers.Callable(given, "queue_url", aws.queue_url),
        providers.Callable(or_none, aws.dead_letter_queue_url),
        clock,
    )
    queue: providers.Provider[Queue] = providers.Resource(opened_queue, sqs_queue)
    batch_queue: providers.Provider[Queue] = providers.Singleton(late("adapters.aws.batch_queue.BatchQueue"), sqs_queue)
    visibility: providers.Provider[Visibility | None] = providers.Callable(visibility_of, queue)
    wake_ups: providers.Provider[WakeUps] = providers.Singleton(late("adapters.aws.wake_ups.SqsWakeUps"), queue, clock)
    dead_letters: providers.Provider[DeadLetters] = providers.Singleton(
        late("adapters.aws.dead_letters.SqsDeadLetters"),
        sqs,
        providers.Callable(given, "dead_letter_queue_url", aws.dead_letter_queue_url),
        queue_url=providers.Callable(or_none, aws.queue_url),
    )
    heads_bucket = providers.Singleton(
        late("adapters.aws.bucket.Bucket"),
        providers.Singleton(late_client, session, "s3", ARTIFACTS),
        providers.Callable(given, "heads_bucket", aws.heads_bucket),
    )
    ledger_heads: providers.Provider[LedgerHeads] = providers.Singleton(
        late("adapters.aws.ledger_heads.S3LedgerHeads"), heads_bucket
    )
    ledger_rolls: providers.Provider[LedgerRolls] = providers.Singleton(
        late("adapters.aws.ledger_heads.S3LedgerRolls"), heads_bucket
    )
    head_signer: providers.Provider[HeadSigner] = providers.Singleton(
        late("adapters.aws.head_signer.KmsHeadSigner"),
        providers.Singleton(late_client, session, "kms", STORE),
        providers.Callable(given, "heads_key", aws.heads_key),
    )
    signature_check: providers.Provider[SignatureCheck] = providers.Singleton(
        late("adapters.system.signatures.HeadSignatures")
    )
    of_days = providers.Singleton(
        late("core.usecases.verify_days.VerifyDays"), ledger, ledger_heads, ledger_rolls, signature_check
    )
    verify_days: providers.Provider[VerifyDays | None] = providers.Callable(none_or, aws.heads_bucket, of_days.provider)
    archive: providers.Provider[Archive] = providers.Singleton(
        late("adapters.aws.archive.EventBridgeArchive"),
        providers.Singleton(late_client, session, "events", STORE),
        providers.Callable(given, "archive", aws.archive),
    )
    signals: providers.Provider[Signals] = providers.Singleton(
        late("adapters.aws.signals.EventBridgeSignals"),
        providers.Singleton(late_client, session, "events", STORE),
        providers.Callable(given, "bus_name", aws.bus_name),
        settings.provided.events.source,
    )
    approvals: providers.Provider[Approvals] = providers.Singleton(
        late("adapters.aws.approvals.EventBridgeApprovals"),
        providers.Singleton(late_client, session, "events", STORE),
        providers.Callable(given, "bus_name", aws.bus_name),
        clock,
    )
    artifacts: providers.Provider[Artifacts] = providers.Singleton(
        late("adapters.aws.artifacts.S3Artifacts"),
        providers.Singleton(late_client, session, "s3", ARTIFACTS),
        providers.Callable(given, "artifacts_bucket", aws.artifacts_bucket),
    )
    state_machine: providers.Provider[Orchestrator] = providers.Singleton(
        late("adapters.aws.state_machine.StateMachine"),
        providers.Singleton(late_client, session, "stepfunctions", STORE),
        providers.Callable(given, "state_machine_arn", aws.state_machine_arn),
    )
    orchestrator: providers.Provider[Orchestrator | None] = providers.Callable(
        none_or, aws.state_machine_arn, state_machine.provider
    )
    checkup: providers.Provider[Checkup] = providers.Singleton(
        late("adapters.aws.checkup.AwsCheckup"),
        session,
        providers.Factory(
            late("adapters.aws.checkup.Names"),
            table_prefix=aws.table_prefix,
            queue_url=aws.queue_url,
            dead_letter_queue_url=aws.dead_letter_queue_url,
            bus_name=aws.bus_name,
            artifacts_bucket=aws.artifacts_bucket,
        ),
    )
