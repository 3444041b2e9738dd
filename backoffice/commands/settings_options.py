"""What is typed to see the settings; the work is in `settings_list.py`."""

from typing import Annotated

import typer


def settings_list(words: Annotated[str, typer.Argument(help="Show only those that have these words.")] = "") -> None:
    """Say what this installation runs with, without secrets, and which values are risky."""
    from backoffice.commands import settings_list

    settings_list.show(words)
