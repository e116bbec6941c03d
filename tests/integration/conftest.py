from tests.integration.function_site import lines

__all__ = ["lines"]
