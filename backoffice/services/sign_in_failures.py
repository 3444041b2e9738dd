"""How a sign-in that failed is written down, whichever way somebody tried to come in."""

from uuid import UUID

from backoffice.adapters import metrics
from backoffice.db import Tenancy, transaction
from backoffice.errors import BackofficeError, TooMany
from backoffice.models.members import Member
from backoffice.services import audit, sign_in_limits
from backoffice.services.sessions import Visitor


async def refused(  # noqa: PLR0913 an entry says who, how, why and whose
    visitor: Visitor,
    error: BackofficeError,
    method: str,
    member: Member | None,
    subject: UUID,
    *,
    partner_id: UUID | None = None,
) -> None:
    """Write a failure down; the crowd that the limit for everybody turns away leaves a count only.

    `partner_id` is whose trail it belongs to while no member is known.
    """
    metrics.sign_ins.labels(method, error.code).inc()
    if error.code == "sign_in_busy":
        return
    is_throttled = isinstance(error, TooMany)
    if not is_throttled:
        await sign_in_limits.failed(visitor)
    action = "member.sign_in_throttled" if is_throttled else "member.sign_in_failed"
    async with transaction(Tenancy.everyone()) as session:
        await audit.record(
            session,
            sign_in_limits.visitor_actor(visitor),
            action,
            subject_type="member" if member else "account",
            subject_id=member.id if member else subject,
            partner_id=member.partner_id if member else partner_id,
            result="denied",
            changes={"method": method, "reason": error.code},
        )
