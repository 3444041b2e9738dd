"""`backoffice seed`: the demo cast and its month of history, loaded once."""

from backoffice import db
from backoffice.commands.console import stop
from backoffice.commands.places import data_dir, write_private
from backoffice.demo import load
from backoffice.settings import settings


async def seed() -> None:
    """Load the demo unless it is there; refused outside demo mode, where nothing has a default password."""
    if not settings().demo:
        stop("The demo is loaded in demo mode only (BACKOFFICE_DEMO=1): it makes people with known passwords.")
    path = data_dir() / "demo.json"
    try:
        await load.load(lambda text: write_private(path, text))
    finally:
        await db.close()
