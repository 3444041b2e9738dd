"""Migrations, from the command line and at start-up."""

from alembic import command
from alembic.config import Config

from backoffice.adapters import roots
from backoffice.commands import runtime
from backoffice.commands.places import ROOT


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))


def migrate() -> None:
    """Bring the database to the head; several at once wait for each other. The roots of all secrets are there then."""
    command.upgrade(_config(), "head")
    roots.begin_anew()
    runtime.check_roots()


def migration(message: str) -> None:
    """Write a revision from the difference between models and database."""
    command.revision(_config(), message, autogenerate=True)
