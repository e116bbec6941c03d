"""The settings of our own notes and tasks."""

from typing import Literal

from entrypoints.settings.tables import Table


class InternalSettings(Table):
    """The connector of the notes and tasks that this system keeps itself."""

    kind: Literal["internal"]
