"""Compensate: the call that removes what an effect wrote; it goes through the same protocol as any other."""

from core.domain.errors import ConfigurationError
from core.domain.execution import Execution
from core.domain.request import MappedCall, map_compensation
from core.usecases.validate import Validate


class Compensate:
    """Maps the undo of the effect that stands."""

    def __init__(self, validate: Validate) -> None:
        """Keep where pinned entries are found."""
        self._validate = validate

    def __call__(self, execution: Execution) -> MappedCall:
        """Return the call of the compensating tool, on the object that the evidence names.

        Raises:
            ConfigurationError, ValidationError: the pinned entry is gone or names no compensating tool.
        """
        attempt = execution.attempt
        entry = self._validate.pinned(attempt.brief.action_type, attempt.brief.registry_version)
        standing = execution.standing
        if standing is None or len(standing.refs) != 1:
            raise ConfigurationError("The evidence does not name the one object that is to be removed.")
        object_id = standing.refs[0].object_id
        return map_compensation(attempt.key, entry, object_id, attempt.brief.policy.timeout_seconds)
