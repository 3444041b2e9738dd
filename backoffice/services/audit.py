"""The audit trail: who did what to which thing, written in the transaction of the change."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import clock
from backoffice.db import NewRow, insert, transaction
from backoffice.errors import NotAllowed
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import new_id
from backoffice.models.viewings import NOTHING_CHANGES
from backoffice.services import audit_leaves
from backoffice.services.access import Actor

READINGS = frozenset({"audit.read"})
"""What is written down of an operator who looks: that something was read, and never that something was changed."""


async def record(  # noqa: PLR0913 an entry says who, what, on what and how
    session: AsyncSession,
    actor: Actor,
    action: str,
    *,
    subject_type: str = "",
    subject_id: UUID | None = None,
    partner_id: UUID | None = None,
    result: str = "ok",
    changes: dict[str, object] | None = None,
) -> None:
    """Write one entry; `changes` holds ids, codes and field names, never personal data.

    It says when something was really done, whatever a test clock says. Of an operator who looks at a partner's
    workspace only readings are written, at once and apart: the transaction of the reading itself may write nothing.
    Raises NotAllowed for anything else that such an operator would do.
    """
    with clock.shifted(timedelta()):
        entry_id, moment = new_id(), clock.now()
    values = {
        "id": entry_id,
        "created_at": moment,
        "partner_id": partner_id or actor.partner_id,
        "actor_type": actor.type,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "session_id": actor.session_id,
        "ip": actor.ip,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "result": result,
        "changes": changes or {},
        "request_id": actor.request_id,
    }
    row = NewRow(AuditEntry, values | {"leaf": audit_leaves.leaf_of(values)})
    if not actor.is_looking:
        await insert(session, row)
        return
    if action not in READINGS:
        raise NotAllowed(NOTHING_CHANGES, code="read_only")
    async with transaction(actor.witness.tenancy) as apart:
        await insert(apart, row)
