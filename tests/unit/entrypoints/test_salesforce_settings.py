from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from entrypoints.settings.connectors import is_offered
from entrypoints.settings.loading import Overrides, Settings, load
from entrypoints.settings.salesforce import SalesforceSettings

AUTH = """
[connectors.crm.auth]
kind = "oauth_client_credentials"
token_url = "https://acme.my.salesforce.com/services/oauth2/token"
client_id = "client"
client_secret = { env = "SF_SECRET" }
"""


def loaded(folder: Path, text: str, auth: str = AUTH, url: str = "https://acme.my.salesforce.com") -> Settings:
    file = folder / "actonce.toml"
    head = f'[connectors.crm]\nkind = "salesforce"\ninstance_url = "{url}"\n'
    file.write_text(head + text + auth, encoding="utf-8")
    return load(Overrides(config=file), {"SF_SECRET": "secret-0123456789"})


def test_an_organisation_needs_its_address_and_who_we_are_there(tmp_path: Path) -> None:
    one = loaded(tmp_path, "").connectors["crm"]
    assert isinstance(one, SalesforceSettings)
    assert (one.tools, one.api_version, one.tenants, one.fields_are_stated) == (("crm.",), "61.0", (), False)
    assert "secret-0123456789" not in repr(one)
    assert is_offered(one, "crm.create_task")
    assert not is_offered(one, "mail.send_letter")


def test_fields_tenants_and_version_can_be_named(tmp_path: Path) -> None:
    text = 'api_version = "46.0"\ntenants = ["acme"]\ntools = ["sales."]\n'
    text += 'external_id_field = { Task = "Key__c" }\ncorrelation_field = { Opportunity = "Ref__c" }\n'
    one = loaded(tmp_path, text).connectors["crm"]
    assert isinstance(one, SalesforceSettings)
    assert (one.external_id_field, one.correlation_field) == ({"Task": "Key__c"}, {"Opportunity": "Ref__c"})


@pytest.mark.parametrize(
    ("text", "auth", "url", "named"),
    [
        ("", AUTH, "http://acme.my.salesforce.com", "instance_url"),
        ("", AUTH, "https://acme.my.salesforce.com/services", "instance_url"),
        ("", AUTH, "https://user@acme.my.salesforce.com", "instance_url"),
        ("", AUTH, "https://acme.my.salesforce.com?x=1", "instance_url"),
        ('api_version = "30.0"\n', AUTH, "https://a.example", "api_version"),
        ('api_version = "v61.0"\n', AUTH, "https://a.example", "api_version"),
        ('api_version = "61.0/../x"\n', AUTH, "https://a.example", "api_version"),
        ('external_id_field = { Task = "a\' OR" }\n', AUTH, "https://a.example", "external_id_field"),
        ('external_id_field = { Case = "Key__c" }\n', AUTH, "https://a.example", "external_id_field"),
        ("fields_are_stated = true\n", AUTH, "https://a.example", "fields_are_stated"),
        ("", "", "https://a.example", "auth"),
        ("", '[connectors.crm.auth]\nkind = "none"\n', "https://a.example", "auth"),
        ('password = "x"\n', AUTH, "https://a.example", "password"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, auth: str, url: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        loaded(tmp_path, text, auth, url)
