"""`backoffice seed`: the demo cast and its month of history, loaded once."""

from backoffice import db
from backoffice.commands.console import stop
from backoffice.commands.places import data_dir, write_private
from backoffice.settings import settings

LOADED = "demo.loaded"


async def seed() -> None:
    """Load the demo unless it is there; refused outside demo mode, where nothing has a default password."""
    from backoffice.demo import load

    if not settings().demo:
        stop("The demo is loaded in demo mode only (BACKOFFICE_DEMO=1): it makes people with known passwords.")
    path = data_dir() / "demo.json"
    try:
        await load.load(lambda text: write_private(path, text))
    finally:
        await db.close()
    write_private(data_dir() / LOADED, "The whole demo is in the database.\n")


def is_loaded() -> bool:
    """Whether an earlier start loaded everything, told without opening the database."""
    return (data_dir() / LOADED).exists()
