"""A second factor that is forgotten for its person: by an administrator of their company, or from the command line.

Until a new one is set up on the way in, the password alone protects the login: whoever resets one makes sure first who
asks. Nobody resets their own, and on no page does anybody reset that of staff.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.models.members import Member
from backoffice.services import audit, members, passkeys, recovery_codes, sessions
from backoffice.services.access import Actor, Permission, found

MAIL_JOB = "member.mail_factor_reset"


async def forget(session: AsyncSession, actor: Actor, row: Member, *, is_by_company: bool) -> None:
    """Forget app, recovery codes and passkeys of a person whose row is locked, and tell them who has done it.

    Their sessions end and their browsers are known no more. Who may ask is the caller's to check.
    """
    row.totp_secret_box = None
    row.totp_last_step = max(row.totp_last_step, 1)  # one that was reset is set up anew on the way in
    await passkeys.forget(session, row)
    await session.flush()
    await recovery_codes.forget(session, row.id)
    action = "member.second_factor_reset"
    await audit.record(session, actor, action, subject_type="member", subject_id=row.id, partner_id=row.partner_id)
    live.announce(session, *members.topics(row))
    await sessions.revoke_all(session, actor, row.id)
    at = now().isoformat(timespec="seconds")
    about: dict[str, object] = {"member_id": str(row.id), "at": at, "is_by_company": is_by_company}
    await job_queue.enqueue(session, MAIL_JOB, about)


async def reset(session: AsyncSession, actor: Actor, email: str) -> bool:
    """Reset the second factor of anybody, staff too, from the command line; answers False where there is none.

    Raises NotFound for an address that nobody signs in with.
    """
    actor.require(Permission.SYSTEM)
    member = found(await members.by_email(session, email), "login with this address")
    statement = select(Member).where(col(Member.id) == member.id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()
    if not row.has_second_factor:
        return False
    await forget(session, actor, row, is_by_company=False)
    return True
