"""Which form of the databases this code wants: read from the migrations beside it, and brought about."""

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ALEMBIC = Path(__file__).resolve().parents[2] / "alembic.ini"
MAIN, KEYS = "alembic", "keystore"
"""Sections of the file: the main line of migrations and the key store's."""


def config(line: str = MAIN, url: str | None = None) -> Config:
    """Set Alembic up for one of the two lines, by default with the address of the settings."""
    made = Config(str(ALEMBIC), ini_section=line)
    made.attributes["url"] = url
    return made


def upgrade(url: str | None = None, keys_url: str | None = None) -> None:
    """Bring both databases to the head; several at once wait for each other."""
    command.upgrade(config(MAIN, url), "head")
    command.upgrade(config(KEYS, keys_url or url), "head")


@lru_cache(2)
def newest(line: str = MAIN) -> str | None:
    """Name the newest migration of a line."""
    return ScriptDirectory.from_config(config(line)).get_current_head()
