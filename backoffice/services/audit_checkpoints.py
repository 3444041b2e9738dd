"""The heads of the sealed log: what was signed, for everybody who wants to hold us to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.adapters import signing
from backoffice.adapters.storage import storage_for
from backoffice.errors import Invalid, NotFound
from backoffice.models.audit_log import AuditCheckpoint
from backoffice.services import audit_nodes, audit_seals
from backoffice.services.access import Actor, Permission
from backoffice.settings import DEFAULT_REGION, settings

FOLDER = "audit/checkpoints"


@dataclass(frozen=True, slots=True)
class Published:
    """What we say in public: the newest head, and that it goes on from one that somebody kept."""

    checkpoint: AuditCheckpoint
    since: int | None
    consistency: Sequence[bytes]


async def published(session: AsyncSession, *, since: int | None = None) -> Published:
    """Answer the newest head to anybody: it holds a count and a hash.

    Raises NotFound as long as nothing is sealed, and Invalid for a size that the log never had.
    """
    head = await audit_seals.newest(session)
    if head is None:
        raise NotFound("Nothing is sealed yet.")
    if since is None:
        return Published(head, None, ())
    if not 1 <= since <= head.size:
        raise Invalid(f"The log has {head.size} entries.", code="out_of_range", pointer="/since")
    return Published(head, since, await audit_nodes.consistency(session, since, head.size))


def public_key() -> str:
    """Answer the key that checks our checkpoints and exports."""
    return str(signing.log_key())


async def to_store(session: AsyncSession, actor: Actor) -> AuditCheckpoint | None:
    """Find the head, so that a copy can be kept where the database's owner cannot reach it."""
    actor.require(Permission.SYSTEM)
    return await audit_seals.newest(session)


async def store(checkpoint: AuditCheckpoint) -> None:
    """Keep a copy in the object storage, locked there if it can lock; a copy that is there already stays as it is.

    Raises Unavailable, and a later try does the same again.
    """
    days = settings().audit_lock_days
    await storage_for(DEFAULT_REGION).keep(
        name_of(checkpoint.size), checkpoint.note.encode(), locked=timedelta(days=days)
    )


def name_of(size: int) -> str:
    """Say under which key the copy of a checkpoint lies; keys sort as the log grows."""
    return f"{FOLDER}/{size:016d}"
