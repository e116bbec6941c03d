"""Errors by what the caller must do. The class name is what Step Functions matches, so names are fixed."""

from core.domain.choice import Choice


class ErrorClass(Choice):
    """What kind of trouble it was, as downstream readers see it."""

    AUTH = "AUTH"
    RATE_LIMIT = "RATE_LIMIT"
    VALIDATION = "VALIDATION"
    DOWNSTREAM = "DOWNSTREAM"
    TIMEOUT = "TIMEOUT"
    UNKNOWN = "UNKNOWN"


class ExecutionError(Exception):
    """Anything this system says no with: a class, a code and a message that is safe to show."""

    error_class: ErrorClass = ErrorClass.UNKNOWN
    error_code: str = "UNKNOWN_ERROR"
    retryable: bool = False

    def __init__(self, message: str, *, error_code: str | None = None) -> None:
        """Keep a safe message and, where the class has several, the code."""
        super().__init__(message)
        self.message = message
        if error_code is not None:
            self.error_code = error_code


class TransientError(ExecutionError):
    """Try again later; nothing was decided."""

    retryable = True
    error_class = ErrorClass.DOWNSTREAM
    error_code = "TRANSIENT"


class PermanentError(ExecutionError):
    """Trying again changes nothing."""


class StoreUnavailableError(TransientError):
    """A store of ours throttled, timed out or was cut off; the verb may or may not have been done."""

    error_code = "STORE_UNAVAILABLE"


class LedgerUnreadableError(StoreUnavailableError):
    """Something stored of the ledger is not of a form that this version knows; the message says what and where."""

    error_code = "LEDGER_UNREADABLE"


class SwitchUnreadableError(TransientError):
    """The kill switches could not be read, which counts as closed."""

    error_code = "KILL_SWITCH_UNREADABLE"


class InvalidEventError(PermanentError):
    """The event does not parse or breaks a bound; dead-lettered with this reason."""

    error_class = ErrorClass.VALIDATION
    error_code = "INVALID_EVENT"


class IntentNotFoundError(PermanentError):
    """No intent under this tenant, account and id."""

    error_class = ErrorClass.VALIDATION
    error_code = "INTENT_NOT_FOUND"


class IntentExpiredError(PermanentError):
    """The approval's time is over."""

    error_class = ErrorClass.VALIDATION
    error_code = "INTENT_EXPIRED"


class KillSwitchEnabledError(PermanentError):
    """A kill switch is closed for this tenant or action type."""

    error_class = ErrorClass.VALIDATION
    error_code = "KILL_SWITCH_ENABLED"


class ValidationError(PermanentError):
    """The intent cannot be carried out as it stands; the code says why."""

    error_class = ErrorClass.VALIDATION
    error_code = "VALIDATION_FAILED"


class ConfigurationError(PermanentError):
    """This installation lacks something, such as a connector for the tool."""

    error_class = ErrorClass.VALIDATION
    error_code = "CONFIGURATION_ERROR"


class ExecutionAlreadyInProgressError(PermanentError):
    """Another owner holds a live lease; acknowledge the duplicate."""

    error_class = ErrorClass.VALIDATION
    error_code = "EXECUTION_ALREADY_IN_PROGRESS"


class PayloadConflictError(PermanentError):
    """The same intent id came with another body; the first stands."""

    error_class = ErrorClass.VALIDATION
    error_code = "PAYLOAD_CONFLICT"


class RegistryConflictError(PermanentError):
    """A registry version exists already with other content; publish a new version instead."""

    error_class = ErrorClass.VALIDATION
    error_code = "REGISTRY_VERSION_IMMUTABLE"


class NameTakenError(PermanentError):
    """The name of an orchestration belongs to an execution that is not ours."""

    error_class = ErrorClass.VALIDATION
    error_code = "EXECUTION_NAME_TAKEN"


class ExecutionAbortedError(PermanentError):
    """What was to take the steps of an execution ended before anything was prepared."""

    error_code = "EXECUTION_ABORTED"


class OperatorRefusedError(PermanentError):
    """What the operator asks for is not proved safe; the message says what is missing (409)."""

    error_class = ErrorClass.VALIDATION
    error_code = "OPERATION_REFUSED"


class BeforeImageError(PermanentError):
    """What an update is about to change could not be read, so nothing was sent."""

    error_class = ErrorClass.DOWNSTREAM
    error_code = "BEFORE_IMAGE_UNREADABLE"


class AuthError(PermanentError):
    """The external system refused our credentials."""

    error_class = ErrorClass.AUTH
    error_code = "AUTH_FAILED"


class RateLimitError(TransientError):
    """The external system asked us to slow down, before executing anything."""

    error_class = ErrorClass.RATE_LIMIT
    error_code = "RATE_LIMIT_EXCEEDED"

    def __init__(self, message: str, *, retry_after_s: float = 0.0) -> None:
        """Keep the wait the provider asked for, in seconds."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class _MaybeAppliedError(TransientError):
    """A failure after which the write may exist: retryable only when it is proved unapplied."""

    def __init__(self, message: str, *, not_applied: bool = False, error_code: str | None = None) -> None:
        """Keep whether the write is proved unapplied."""
        super().__init__(message, error_code=error_code)
        self.retryable = not_applied


class DownstreamError(_MaybeAppliedError):
    """The external system failed."""

    error_class = ErrorClass.DOWNSTREAM
    error_code = "DOWNSTREAM_ERROR"


class ToolTimeoutError(_MaybeAppliedError):
    """The call passed its hard deadline."""

    error_class = ErrorClass.TIMEOUT
    error_code = "TIMEOUT"


class UnknownExecutionError(PermanentError):
    """A fault of a kind that nobody foresaw."""

    error_class = ErrorClass.UNKNOWN
    error_code = "UNKNOWN_ERROR"


class SealedOtherwiseError(PermanentError):
    """A day of the ledger was sealed before, and is not what was sealed then; the first head stands."""

    error_class = ErrorClass.VALIDATION
    error_code = "LEDGER_SEALED_OTHERWISE"
