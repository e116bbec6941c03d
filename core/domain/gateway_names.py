"""Names of tools behind an AgentCore gateway: ``crm.create_task`` is ``crm___create_task`` there.

The name of a target holds letters, digits and hyphens only, so the first ``___`` always ends it, even where the name of
the tool begins with an underscore; and a tool's name in the registry has no hyphen, so the two forms are one to one.
"""

SEPARATOR = "___"


def on_gateway(tool: str) -> str:
    """Return the name under which a gateway offers a tool of the registry."""
    target, dot, rest = tool.partition(".")
    return f"{target.replace('_', '-')}{SEPARATOR}{rest}" if dot else tool


def behind_gateway(name: str) -> str | None:
    """Return the tool of the registry that a gateway's name means, None where it is no such name."""
    target, separator, rest = name.partition(SEPARATOR)
    if not (target and separator and rest) or "_" in target or "." in target:
        return None
    return f"{target.replace('-', '_')}.{rest}"
