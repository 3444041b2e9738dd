"""Which form of the database this code wants: read from the migrations beside it."""

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

ALEMBIC = Path(__file__).resolve().parents[2] / "alembic.ini"


@lru_cache(1)
def newest() -> str | None:
    """Name the newest migration."""
    return ScriptDirectory.from_config(Config(str(ALEMBIC))).get_current_head()
