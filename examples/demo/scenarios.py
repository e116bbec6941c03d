"""What the demo asks for, and how the provider misbehaves: one line each."""

from __future__ import annotations

from dataclasses import dataclass

NOTE, TASK, FLAG = "CREATE_INTERNAL_NOTE", "CREATE_INTERNAL_TASK", "FLAG_FOR_REVIEW"
CRM_TASK, OPPORTUNITY, STAGE = "CREATE_CRM_TASK", "CREATE_OPPORTUNITY", "UPDATE_OPPORTUNITY_STAGE"
MEETING, INVOICE, LETTER, NEWS = "REQUEST_RENEWAL_MEETING", "CREATE_INVOICE", "SEND_LETTER", "FETCH_ACCOUNT_NEWS"

SHORT = {
    NOTE: "note",
    TASK: "todo",
    FLAG: "flag",
    CRM_TASK: "task",
    OPPORTUNITY: "deal",
    STAGE: "stage",
    MEETING: "meeting",
    INVOICE: "invoice",
    LETTER: "letter",
    NEWS: "news",
}

ACCOUNTS = {
    "acme": ("acme-eu", "acme-us"),
    "globex": ("globex-main", "globex-labs"),
    "initech": ("initech-hq", "initech-west"),
}
STOPPED_TENANT, STOPPED_ACCOUNT = "umbrella", "umbrella-hive"
STOPPED_TYPE_OF = ("globex", OPPORTUNITY)

KILLED = "our worker is killed mid-call"
NO_TROUBLE = "no trouble"
STOPPED = "not sent: a switch is closed"


@dataclass(frozen=True, slots=True)
class Scenario:
    """``counts`` of intents by action type; ``slug`` goes into their ids, ``faults`` are the provider's, call by call.

    ``spoiled`` names what is wrong with the intent itself, so that nothing may be sent.
    """

    trouble: str
    slug: str
    counts: dict[str, int]
    faults: tuple[str, ...] = ()
    retry_count: int = 3
    timeout_s: int = 1
    spoiled: str | None = None
    tenant: str | None = None


SCENARIOS = (
    Scenario(
        NO_TROUBLE,
        "plain",
        {
            NOTE: 36,
            TASK: 30,
            FLAG: 15,
            CRM_TASK: 54,
            OPPORTUNITY: 30,
            STAGE: 21,
            MEETING: 27,
            INVOICE: 24,
            LETTER: 15,
            NEWS: 12,
        },
    ),
    Scenario(
        "it writes, then drops the reply",
        "reply-dropped",
        {CRM_TASK: 6, MEETING: 3, STAGE: 3, INVOICE: 3, LETTER: 3},
        ("drop_reply",),
    ),
    Scenario("it writes, then stays silent", "silent-after-write", {CRM_TASK: 3, INVOICE: 3}, ("timeout_after_apply",)),
    Scenario("it writes, then answers 500", "error-after-write", {CRM_TASK: 3, INVOICE: 3}, ("http_500_after",)),
    Scenario("it writes, then answers garbage", "garbage-reply", {CRM_TASK: 3}, ("malformed",)),
    Scenario("it writes 2.5 s late, unasked", "late-write", {CRM_TASK: 3, MEETING: 3, STAGE: 3}, ("late_apply:2.5",)),
    Scenario("it writes half of it", "half-written", {CRM_TASK: 3}, ("partial",)),
    Scenario(
        "it is silent once, and never writes",
        "silent",
        {CRM_TASK: 3, MEETING: 3, STAGE: 3, INVOICE: 3, LETTER: 3},
        ("timeout",),
    ),
    Scenario("it is silent each time, never writes", "dead-silent", {CRM_TASK: 2}, ("timeout",) * 9, retry_count=1),
    Scenario("it is too busy (429)", "throttled", {CRM_TASK: 6, LETTER: 3}, ("throttle:1",)),
    Scenario("it refuses", "refused", {CRM_TASK: 3, LETTER: 3}, ("refuse",)),
    Scenario(KILLED, "killed", {CRM_TASK: 1}, ("timeout_after_apply",), timeout_s=3, tenant="acme"),
    Scenario("not sent: the approval expired", "expired", {CRM_TASK: 6}, spoiled="expired"),
    Scenario("not sent: unknown action type", "unknown-type", {CRM_TASK: 4}, spoiled="type"),
    Scenario("not sent: a parameter is missing", "no-title", {CRM_TASK: 5}, spoiled="parameter"),
    Scenario(STOPPED, "stopped", {CRM_TASK: 8, LETTER: 4}, tenant=STOPPED_TENANT),
)
