"""``python -m tests.providers.salesforce --port 0 --log file``: one organisation, until it is ended."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.providers.control import serve
from tests.providers.salesforce.api import SalesforceApi
from tests.providers.salesforce.oauth import Office
from tests.providers.salesforce.schema import schema_of
from tests.providers.shelf import Shelf

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--log", type=Path, required=True)
parser.add_argument("--external-id", choices=("unique", "plain", "none"), default="unique")
parser.add_argument("--client-id", default="client")
parser.add_argument("--secret", default="secret-of-the-client")
parser.add_argument("--audience", default="https://login.salesforce.com")
parser.add_argument("--token", default="AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL")
given = parser.parse_args()
office = Office(given.client_id, given.secret, given.audience, "", given.token)
serve(SalesforceApi(Shelf(given.log), office, schema_of(given.external_id)), given.port)
