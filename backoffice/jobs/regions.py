"""Looking at the regions when a process starts: what is wrong is said once, with what to set."""

from logging import getLogger

from sqlalchemy.exc import SQLAlchemyError

from backoffice.db import transaction
from backoffice.services import regions
from backoffice.services.access import Actor

log = getLogger(__name__)
ACTOR = Actor.system(name="start")


async def check() -> list[str]:
    """Say which regions cannot be used, in the log too; their partners get 503, and everybody else is served.

    A database that is away says so itself, elsewhere.
    """
    try:
        async with transaction(ACTOR.tenancy) as session:
            found = await regions.findings(session, ACTOR)
    except SQLAlchemyError:
        return []
    for sentence in found:
        log.error("region_needs_setting", extra={"remedy": sentence})
    return found
