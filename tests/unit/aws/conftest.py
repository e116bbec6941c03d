from tests.unit.aws.queues import desk

__all__ = ["desk"]
