"""Partners: the tenants."""

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice.adapters import live
from backoffice.clock import present
from backoffice.errors import Conflict, Invalid
from backoffice.models.partners import MAX_REASON, Partner, Plan
from backoffice.models.plans import Terms, terms
from backoffice.services import audit, regions
from backoffice.services.access import Actor, Permission, found
from backoffice.settings import DEFAULT_REGION

HUMAN_REVIEW = "human_review"
"""The setting of a partner that wants a person every time."""
MAX_NAME = 80
SLUG = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")
TOPIC = "partners"
"""Names the list of all partners as live messages do."""


def topics(partner_id: UUID) -> tuple[str, str]:
    """Name what shows a partner to our own people: the list, and the partner itself."""
    return TOPIC, f"console:{partner_id}"


async def create(  # noqa: PLR0913 what a partner is from its first day
    session: AsyncSession, actor: Actor, *, name: str, slug: str, plan: Plan, region: str = DEFAULT_REGION
) -> Partner:
    """Take a partner on, in a region that it stays in.

    Raises Invalid, and Conflict when the short name is taken.
    """
    actor.require(Permission.PARTNERS_WRITE)
    partner = Partner(name=_checked_name(name), slug=_checked_slug(slug), plan=plan, region=regions.checked(region))
    session.add(partner)
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict(
            f"There is a partner with the short name {slug} already.", code="slug_taken", pointer="/slug"
        ) from None
    await audit.record(
        session,
        actor,
        "partner.created",
        subject_type="partner",
        subject_id=partner.id,
        partner_id=partner.id,
        changes={"plan": [None, plan], "region": [None, partner.region]},
    )
    live.announce(session, TOPIC)
    return partner


def _checked_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= MAX_NAME or not tidy.isprintable():
        raise Invalid(f"A name has 1 to {MAX_NAME} printable characters.", code="invalid_name", pointer="/name")
    return tidy


def checked_reason(reason: str) -> str:
    """Tidy why somebody does something to a partner, as the audit trail keeps it.

    Raises Invalid.
    """
    told = " ".join(reason.split())
    if not told:
        raise Invalid("Say why: the audit trail keeps it.", code="reason_missing", pointer="/reason")
    if len(told) > MAX_REASON or not told.isprintable():
        message = f"A reason has at most {MAX_REASON} printable characters."
        raise Invalid(message, code="too_long", pointer="/reason")
    return told


def _checked_slug(slug: str) -> str:
    tidy = slug.strip()
    if not SLUG.fullmatch(tidy):
        message = "A short name has 2 to 40 small letters, digits and hyphens, and begins with a letter."
        raise Invalid(message, code="invalid_slug", pointer="/slug")
    return tidy


async def get(session: AsyncSession, actor: Actor, partner_id: UUID) -> Partner:
    """Find one partner that the actor may see; a partner's own members see theirs.

    Raises NotFound.
    """
    if not actor.owns(partner_id):
        return found(None, "partner")
    return found(await session.get(Partner, partner_id), "partner")


async def by_slug(session: AsyncSession, actor: Actor, slug: str) -> Partner | None:
    """Find a partner by its short name, for commands."""
    actor.require(Permission.PARTNERS_READ)
    return (await session.execute(select(Partner).where(col(Partner.slug) == slug))).scalar_one_or_none()


async def names(session: AsyncSession, actor: Actor) -> list[tuple[UUID, str]]:
    """List what partners are called, by name, for those who set rules about several of them."""
    if not actor.can(Permission.QUEUE_MANAGE):
        actor.require(Permission.PARTNERS_READ)
    rows = await session.execute(select(col(Partner.id), col(Partner.name)).order_by(col(Partner.name)))
    return [(row[0], row[1]) for row in rows]


async def plan_of(session: AsyncSession, partner_id: UUID) -> Plan:
    """Read the plan alone, for who acts for this partner already."""
    return Plan((await session.execute(select(col(Partner.plan)).where(col(Partner.id) == partner_id))).scalar_one())


def terms_of(partner: Partner) -> Terms:
    """Say what holds for a partner now: its plan, and the exceptions that have not ended."""
    return terms(partner.plan, partner.exceptions, present())


async def terms_for(session: AsyncSession, partner_id: UUID) -> Terms:
    """Read the terms alone, for who acts for this partner already."""
    statement = select(col(Partner.plan), col(Partner.exceptions)).where(col(Partner.id) == partner_id)
    plan, exceptions = (await session.execute(statement)).one()
    return terms(plan, exceptions, present())


async def want_person(session: AsyncSession, actor: Actor, partner_id: UUID, *, wanted: bool) -> Partner:
    """Let a person decide every document of a partner, whatever a policy says, or let policies decide again.

    Raises NotFound.
    """
    actor.require(Permission.POLICIES_WRITE)
    statement = select(Partner).where(col(Partner.id) == partner_id).with_for_update()
    partner = found((await session.execute(statement)).scalar_one_or_none(), "partner")
    before = bool(partner.settings.get(HUMAN_REVIEW))
    partner.settings = partner.settings | {HUMAN_REVIEW: wanted}
    await session.flush()
    await audit.record(
        session,
        actor,
        "partner.human_review_changed",
        subject_type="partner",
        subject_id=partner.id,
        partner_id=partner.id,
        changes={HUMAN_REVIEW: [before, wanted]},
    )
    return partner
