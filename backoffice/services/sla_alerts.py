"""Alerts to leads about late tasks: on their screens and by e-mail, gathered so that a bad hour makes one letter.

What is late is counted in the transaction that tells it, into the one alert that is open. The first goes out at once;
the next not before a quarter of an hour has passed, with everything that came meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import job_queue, live
from backoffice.clock import now
from backoffice.models.base import Prefix, new_id, public_id
from backoffice.models.members import Member, Role
from backoffice.models.review_tasks import ReviewTask
from backoffice.models.sla import Lane, SlaAlert
from backoffice.services.access import Actor, Permission
from backoffice.services.letters import Letter
from backoffice.services.notices import Addressed
from backoffice.settings import settings

TOPIC = "review:alerts"
MAIL_JOB = "review.mail_alert"
QUIET = timedelta(minutes=15)
SHOWN = 5
LANE_WORDS = {Lane.STANDARD: "Standard", Lane.SECOND_REVIEW: "Second review", Lane.ESCALATED: "Escalated"}


async def gather(session: AsyncSession, late: Sequence[ReviewTask]) -> None:
    """Count what has just become late into the alert that is open."""
    if not late:
        return
    fresh = insert(SlaAlert).values(id=new_id(), created_at=now(), is_open=True, breached=0, last_at=now())
    await session.execute(fresh.on_conflict_do_nothing())
    alert = (await session.execute(select(SlaAlert).where(col(SlaAlert.is_open)).with_for_update())).scalar_one()
    await session.refresh(alert)
    counted = Counter(alert.by_lane) + Counter(task.lane for task in late)
    alert.by_lane, alert.breached, alert.last_at = dict(counted), alert.breached + len(late), now()
    await session.flush()


async def send(session: AsyncSession, actor: Actor) -> bool:
    """Tell leads what was gathered, unless they were told a short time ago; answers whether anything was told."""
    actor.require(Permission.SYSTEM)
    statement = select(SlaAlert).where(col(SlaAlert.is_open)).with_for_update(skip_locked=True)
    alert = (await session.execute(statement)).scalar_one_or_none()
    if alert is None:
        return False
    last = select(col(SlaAlert.id)).where(col(SlaAlert.sent_at) > now() - QUIET).limit(1)
    if (await session.execute(last)).first() is not None:
        return False
    alert.is_open, alert.sent_at = False, now()
    await session.flush()
    leads = select(col(Member.id)).where(col(Member.role) == Role.REVIEW_LEAD, col(Member.disabled_at).is_(None))
    for member_id in (await session.execute(leads.order_by(col(Member.id)))).scalars():
        await job_queue.enqueue(session, MAIL_JOB, {"alert_id": str(alert.id), "member_id": str(member_id)})
    live.announce(session, TOPIC)
    return True


async def latest(session: AsyncSession, actor: Actor, *, limit: int = SHOWN) -> list[SlaAlert]:
    """List what leads were told last, newest first."""
    actor.require(Permission.QUEUE_MANAGE)
    statement = select(SlaAlert).where(~col(SlaAlert.is_open)).order_by(col(SlaAlert.sent_at).desc()).limit(limit)
    return list((await session.execute(statement)).scalars())


def words(alert: SlaAlert) -> str:
    """Say it in one sentence."""
    parts = [f"{LANE_WORDS[lane]} {alert.by_lane[lane]}" for lane in Lane if alert.by_lane.get(lane)]
    many = "1 task is" if alert.breached == 1 else f"{alert.breached} tasks are"
    return f"{many} past due: {', '.join(parts)}."


async def addressed(session: AsyncSession, actor: Actor, alert_id: UUID, member_id: UUID) -> Addressed | None:
    """Write the letter of an alert to one lead; None when there is nobody to write to any more."""
    actor.require(Permission.SYSTEM)
    alert, member = await session.get(SlaAlert, alert_id), await session.get(Member, member_id)
    if alert is None or member is None or member.disabled_at is not None or member.role != Role.REVIEW_LEAD:
        return None
    letter = Letter(
        subject=f"Reviews past due: {alert.breached}",
        title="Reviews are past due",
        paragraphs=(
            words(alert),
            f"We write at most once in {QUIET.seconds // 60} minutes; each late task has its own event.",
        ),
        facts=tuple((LANE_WORDS[lane], str(alert.by_lane[lane])) for lane in Lane if alert.by_lane.get(lane)),
        link=f"{settings().url}/review/team",
        link_words="Open the team",
        reason="You get this because you lead reviewers.",
    )
    name = f"sla.{alert.id.hex}.{public_id(Prefix.MEMBER, member.id)[-10:]}"
    return Addressed(member.email, letter, name)
