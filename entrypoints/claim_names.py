"""What the claims of a token are called: who calls, for which tenant and accounts, and what he may do."""

TENANT, ACCOUNTS, ROLE, SUBJECT = "custom:tenant_id", "custom:account_ids", "custom:role", "sub"
