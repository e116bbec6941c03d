from tests.integration.function_site import lines
from tests.integration.gateway_site import gateway_site

__all__ = ["gateway_site", "lines"]
