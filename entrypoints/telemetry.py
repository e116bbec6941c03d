"""Every metric and every key of a log line, named once. docs/telemetry.md says the same, and a test compares them."""

from enum import StrEnum

from core.domain.making import dataclass


class Unit(StrEnum):
    """The units that are used, as CloudWatch spells them."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Beside the sum over all, it is told by each group of ``dimensions``; ``service`` is always one."""

    name: str
    unit: Unit
    description: str
    dimensions: tuple[tuple[str, ...], ...] = ()


ACTIONS = Metric(
    "Actions",
    Unit.COUNT,
    "Outcomes that were told: SUCCEEDED, FAILED, CANCELLED or IN_DOUBT, by error class (NONE without an error).",
    (("status",), ("status", "error_class")),
)
DELIVERIES = Metric(
    "Deliveries",
    Unit.COUNT,
    "What became of messages: acknowledged, put_back, dead_lettered, or left when the time of the function was over.",
    (("verdict",),),
)
TOOL_LATENCY = Metric(
    "ToolLatency",
    Unit.MILLISECONDS,
    "How long a call of a tool took, from before it connected to its answer; calls that were not sent are left out.",
    (("tool",),),
)
LOOK_UP_LATENCY = Metric("LookUpLatency", Unit.MILLISECONDS, "How long a look-up took.", (("tool",),))
DUPLICATES_AVOIDED = Metric(
    "DuplicatesAvoided",
    Unit.COUNT,
    "Second writes that did not happen: CLAIM, an event found its action finished or under way; READ_BACK, "
    "a look-up found the write; KEY_REPLAY, the provider repeated its first answer.",
    (("by",),),
)
SWITCH_REFUSALS = Metric(
    "SwitchRefusals",
    Unit.COUNT,
    "Actions that a closed kill switch refused, and deliveries that wait since the switches could not be read.",
)
SIGNALS_PUBLISHED = Metric("SignalsPublished", Unit.COUNT, "Signals that the bus accepted.")
SIGNALS_FAILED = Metric("SignalsFailed", Unit.COUNT, "Signals that it did not accept, or not known to; they stay.")
SWEPT = Metric("Swept", Unit.COUNT, "Due executions that the sweeper looked at.")
SWEEPS_POSTPONED = Metric("SweepsPostponed", Unit.COUNT, "Those that trouble left for the next sweep.")
TROUBLES = Metric("Troubles", Unit.COUNT, "Parts of a sweep, a relay or a sealing that failed for now.", (("doing",),))
IN_DOUBT = Metric("InDoubt", Unit.COUNT, "Executions that wait for an operator.")
IN_DOUBT_AGE = Metric("InDoubtAge", Unit.SECONDS, "Since when the oldest of them was started; 0 where there is none.")
OVERDUE_AGE = Metric(
    "OverdueAge", Unit.SECONDS, "How long the oldest due date is past after a sweep: above 0 something is stuck."
)
RELAY_AGE = Metric("RelayAge", Unit.SECONDS, "How old the oldest signal is that is still to be published; 0 for none.")
DEAD_LETTERS = Metric("DeadLetters", Unit.COUNT, "Messages in the dead-letter queue, roughly.")
ANSWERS = Metric("Answers", Unit.COUNT, "Answers of the HTTP API: 2xx, 3xx, 4xx or 5xx.", (("answer",),))
DAYS_SEALED = Metric("DaysSealed", Unit.COUNT, "Days of the ledger that were sealed, over all tenants.")
UNSEALED_AGE = Metric(
    "UnsealedAge",
    Unit.SECONDS,
    "How long ago the oldest day ended that should be sealed and is not, after a run of the sealer; 0 for none.",
)

METRICS = (
    ACTIONS,
    DELIVERIES,
    TOOL_LATENCY,
    LOOK_UP_LATENCY,
    DUPLICATES_AVOIDED,
    SWITCH_REFUSALS,
    SIGNALS_PUBLISHED,
    SIGNALS_FAILED,
    SWEPT,
    SWEEPS_POSTPONED,
    TROUBLES,
    IN_DOUBT,
    IN_DOUBT_AGE,
    OVERDUE_AGE,
    RELAY_AGE,
    DEAD_LETTERS,
    ANSWERS,
    DAYS_SEALED,
    UNSEALED_AGE,
)


class Key(StrEnum):
    """The keys of a log line that are ours."""

    MESSAGE_ID = "message_id"
    RECEIVE_COUNT = "receive_count"
    VERDICT = "verdict"
    INTENT = "intent"
    STATUS = "status"
    ERROR_CODE = "error_code"
    TRACE_ID = "trace_id"
    DECISION_TRACE_ID = "decision_trace_id"
    ARGUMENTS = "arguments"
    ERROR = "error"
    WHERE = "where"
    DOING = "doing"
    NEXT = "next"
    SEQUENCE = "sequence"
    CORRELATION_ID = "correlation_id"
    ROUTE = "route"
    HTTP_STATUS = "http_status"
    TENANT = "tenant"


KEYS = {
    Key.MESSAGE_ID: "the message of the queue; it survives a redelivery",
    Key.RECEIVE_COUNT: "how often the message was received",
    Key.VERDICT: "acknowledged, put_back or dead_lettered",
    Key.INTENT: "tenant, account and id of the intent",
    Key.STATUS: "where the attempt stands",
    Key.ERROR_CODE: "the code of a refusal or of trouble",
    Key.TRACE_ID: "the trace of the execution",
    Key.DECISION_TRACE_ID: "the trace of the decision that was approved",
    Key.ARGUMENTS: "those arguments of the tool that the deployment named in ACTONCE_LOG_FIELDS; otherwise absent",
    Key.ERROR: "the class name of an exception; its text is never logged",
    Key.WHERE: "function and line where it was raised",
    Key.DOING: "what was done: receive, extend, give back, record, relay, sweep, gauge, seal, serve, thread, api, step",
    Key.NEXT: "what follows a step of the state machine",
    Key.SEQUENCE: "the number of a record in the stream of the outbox",
    Key.CORRELATION_ID: "the message in the consumer, the request of Lambda elsewhere",
    Key.TENANT: "the tenant whose ledger could not be sealed",
    Key.ROUTE: "the route of the HTTP API that was asked, as it is written in its table; absent where there is none",
    Key.HTTP_STATUS: "the status that it was answered with",
}
