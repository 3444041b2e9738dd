"""Viewings: an operator looks at a partner's workspace as the partner sees it, for a purpose and a while.

Who looks is an actor that belongs to this one partner, reads, and writes nothing: `Actor.looking`, `Tenancy.of(…,
is_read_only=True)`. The partner reads in its own trail when it was looked at, for what, and which pages.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid, NotAllowed
from backoffice.models.card_numbers import refuse_card_number
from backoffice.models.members import Session
from backoffice.models.partners import Partner, PartnerStatus
from backoffice.models.viewings import LASTS, MAX_PURPOSE, MIN_PURPOSE, Viewing
from backoffice.services import audit, partners
from backoffice.services.access import Actor, Permission, found
from backoffice.settings import settings

TOPIC = "viewing"
"""The kind of live message that says that a look is over: `viewing:<id>`."""
BATCH = 200


def name_of(viewing_id: UUID) -> str:
    """Name a look as live messages do."""
    return f"{TOPIC}:{viewing_id}"


async def start(session: AsyncSession, actor: Actor, partner_id: UUID, *, purpose: str) -> Viewing:
    """Let the actor's session look at a partner's workspace for a while; another look of this session ends with it.

    The same purpose for the same partner again, as by a double click, is the look that there is. Raises StepUpRequired,
    Invalid for a purpose of another length, NotFound, Conflict for a partner that is suspended: its workspace is shut.
    """
    actor.require(Permission.WORKSPACES_LOOK)
    actor.require_fresh()
    said = _checked(purpose)
    row = await _held(session, actor)
    # Held, so that no suspension comes between: it ends the looks that it finds.
    await session.execute(select(col(Partner.id)).where(col(Partner.id) == partner_id).with_for_update(read=True))
    partner = await partners.get(session, actor, partner_id)
    if partner.status == PartnerStatus.SUSPENDED:
        raise Conflict(f"{partner.name} is suspended: nobody works in its workspace.", code="partner_suspended")
    earlier = await of_session(session, row.id)
    if earlier is not None and (earlier.partner_id, earlier.purpose) == (partner_id, said):
        return earlier
    await _end(session, "replaced", col(Viewing.session_id) == row.id, actor=actor)
    viewing = Viewing(
        partner_id=partner_id, member_id=row.member_id, session_id=row.id, purpose=said, until=_until(row)
    )
    session.add(viewing)
    await session.flush()
    changes: dict[str, object] = {"purpose": said, "until": viewing.until.isoformat(timespec="seconds")}
    await _record(session, actor.within(partner_id), "started", viewing.id, changes)
    return viewing


async def _held(session: AsyncSession, actor: Actor) -> Session:
    """Hold the session of who is signed in, so that its looks come one after another."""
    if actor.session_id is None:
        raise NotAllowed("Only people who are signed in look at a workspace.")
    statement = select(Session).where(
        col(Session.id) == actor.session_id, col(Session.member_id) == actor.id, col(Session.revoked_at).is_(None)
    )
    return found((await session.execute(statement.with_for_update())).scalar_one_or_none(), "session")


def _until(row: Session) -> datetime:
    """Never longer than the session itself."""
    ends = row.created_at + timedelta(hours=settings().session_hours)
    return min(present() + LASTS, row.expires_at, ends)


def _checked(purpose: str) -> str:
    said = " ".join(purpose.split())
    if len(said) < MIN_PURPOSE:
        message = f"Write in at least {MIN_PURPOSE} characters what for: the partner reads it."
        raise Invalid(message, code="purpose_needed", pointer="/purpose")
    if len(said) > MAX_PURPOSE or not said.isprintable():
        message = f"A purpose has at most {MAX_PURPOSE} printable characters."
        raise Invalid(message, code="too_long", pointer="/purpose")
    refuse_card_number(said, "/purpose")
    return said


async def stop(session: AsyncSession, actor: Actor) -> None:
    """End the look of the actor's own session; one that is over already stays as it was."""
    actor.require(Permission.WORKSPACES_LOOK)
    if actor.session_id is not None:
        await _end(session, "stopped", col(Viewing.session_id) == actor.session_id, actor=actor)


async def end_of_sessions(session: AsyncSession, ids: Collection[UUID]) -> None:
    """End the looks of sessions that have just ended; who may ask is the caller's to check."""
    if ids:
        await _end(session, "session", col(Viewing.session_id).in_(ids))


async def end_of_partner(session: AsyncSession, partner_id: UUID) -> None:
    """End every look at a partner whose workspace was just shut; who may ask is the caller's to check."""
    await _end(session, "suspended", col(Viewing.partner_id) == partner_id)


async def end_overdue(session: AsyncSession, actor: Actor) -> int:
    """Write down the end of looks whose time is over: nobody sees anything by them any more. Answers how many."""
    actor.require(Permission.SYSTEM)
    due = select(col(Viewing.id)).where(col(Viewing.ended_at).is_(None), col(Viewing.until) <= present())
    ids = list((await session.execute(due.limit(BATCH).with_for_update(skip_locked=True))).scalars())
    return await _end(session, "time", col(Viewing.id).in_(ids)) if ids else 0


async def _end(session: AsyncSession, why: str, *where: ColumnElement[bool], actor: Actor | None = None) -> int:
    """End looks; one whose time was over before ended then, whoever comes to write it down."""
    at, until = present(), col(Viewing.until)
    statement = (
        update(Viewing)
        .where(col(Viewing.ended_at).is_(None), *where)
        .values(ended_at=func.least(until, at), ended_by=case((until <= at, "time"), else_=why))
        .returning(col(Viewing.id), col(Viewing.partner_id), col(Viewing.ended_by))
        .execution_options(synchronize_session=False)
    )
    ended = (await session.execute(statement)).all()
    for viewing_id, partner_id, how in ended:
        who = actor.within(partner_id) if actor and how == why else Actor.system(partner_id, name="viewings")
        await _record(session, who, "ended", viewing_id, {"why": how})
    if ended:
        live.announce(session, *(name_of(row[0]) for row in ended))
    return len(ended)


async def _record(session: AsyncSession, actor: Actor, verb: str, viewing_id: UUID, changes: dict[str, object]) -> None:
    await audit.record(
        session, actor, f"viewing.{verb}", subject_type="viewing", subject_id=viewing_id, changes=changes
    )


async def note_page(session: AsyncSession, actor: Actor, page: str) -> None:
    """Write into the partner's trail that an operator who looks has opened a page of it."""
    if actor.viewing_id is not None:
        await _record(session, actor.witness, "page_opened", actor.viewing_id, {"page": page})


async def of_session(session: AsyncSession, session_id: UUID) -> Viewing | None:
    """Find what a session looks at now."""
    return (await session.execute(_living().where(col(Viewing.session_id) == session_id))).scalar_one_or_none()


async def looking(session: AsyncSession, actor: Actor, viewing_id: UUID | None = None) -> Actor | None:
    """Say as whom one of our people acts in a partner's workspace now, or that nobody does.

    With an id it is that very look, and no later one: what a tab has read of one partner is not another's.
    """
    if actor.session_id is None or not actor.can(Permission.WORKSPACES_LOOK):
        return None
    viewing = await of_session(session, actor.session_id)
    if viewing is None or viewing.member_id != actor.id or (viewing_id is not None and viewing.id != viewing_id):
        return None
    return actor.looking(viewing.partner_id, viewing.id)


async def get(session: AsyncSession, actor: Actor) -> tuple[Viewing, str] | None:
    """Read the look of the actor's own session, with the name of who is looked at."""
    if actor.session_id is None or (viewing := await of_session(session, actor.session_id)) is None:
        return None
    return viewing, (await partners.get(session, actor, viewing.partner_id)).name


async def living(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Answer which of these looks still count: what the sweep of sockets asks."""
    return {row.id for row in (await session.execute(_living().where(col(Viewing.id).in_(ids)))).scalars()}


def _living() -> Select[Viewing]:
    """Select the looks that count: not ended, in their time, at a partner whose workspace is open."""
    return (
        select(Viewing)
        .join(Partner, col(Partner.id) == col(Viewing.partner_id))
        .where(
            col(Viewing.ended_at).is_(None),
            col(Viewing.until) > present(),
            col(Partner.status) != PartnerStatus.SUSPENDED,
        )
    )
