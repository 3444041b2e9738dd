"""Loads the demo: the cast first, then its history, which the product's own services write at the time it happened."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backoffice import clock
from backoffice.db import transaction
from backoffice.demo import cast, prices, replay, rules, second_looks
from backoffice.demo.plan import DAYS
from backoffice.models.api_keys import ApiKey
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member, Role
from backoffice.models.partners import Partner
from backoffice.models.webhooks import Delivery, DeliveryState
from backoffice.services import api_keys, members, partners, webhook_endpoints
from backoffice.services.access import Actor
from backoffice.services.permissions import SCOPES
from backoffice.settings import settings

SYSTEM = Actor.system(name="demo")
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "juniper", "kelp", "larch")
RECEIVER_PATH = "/demo/receiver"
HISTORY = timedelta(days=DAYS + 1)
LISTENING = timedelta(hours=6)
"""How long the demo's endpoints have existed: what happened before is not owed to them."""
RECEIVER_STARTS = timedelta(minutes=10)
WANTED = ("document.in_review", "document.approved", "document.rejected", "document.resubmission_requested")


@dataclass(slots=True)
class Loaded:
    """What the replay needs of the cast."""

    partners: dict[str, UUID] = field(default_factory=dict[str, UUID])
    keys: dict[tuple[str, bool], UUID] = field(default_factory=dict[tuple[str, bool], UUID])
    reviewers: list[Actor] = field(default_factory=list[Actor])


async def load(keep: Callable[[str], None]) -> None:
    """Make the cast unless it is there, and replay what is missing of the history.

    `keep` gets the logins just before the cast is committed, so that a committed cast always has its file; a load
    that is interrupted goes on where it stopped.
    """
    async with transaction(SYSTEM.tenancy) as session:
        is_there = (await session.execute(select(func.count()).select_from(Partner))).scalar_one() > 0
        if not is_there:
            with clock.at(clock.now() - HISTORY):
                said = await _make(session)
                await prices.publish(session, SYSTEM)
                await prices.warn(session, "acme")
            with clock.at(clock.now() - LISTENING):
                await _listen(session)
            await rules.publish(session)
            keep(json.dumps(said, indent=1))
    async with transaction(SYSTEM.tenancy) as session:
        loaded = await _find(session)
    await replay.replay(loaded.partners, loaded.keys, loaded.reviewers)
    await second_looks.replay(HISTORY)
    await prices.bill(SYSTEM)
    async with transaction(SYSTEM.tenancy) as session:
        await _wait_for_the_receiver(session)


async def _wait_for_the_receiver(session: AsyncSession) -> None:
    """Owe the history's webhooks later: their receiver is the product itself, which calls for them at its start."""
    statement = (
        update(Delivery)
        .where(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.attempts) == 0)
        .values(next_attempt_at=clock.now() + RECEIVER_STARTS)
    )
    await session.execute(statement)


async def _make(session: AsyncSession) -> dict[str, Any]:
    said, ids = _empty(), dict[str, UUID]()
    password = f"{'-'.join(secrets.choice(WORDS) for _ in range(3))}-{secrets.randbelow(90) + 10}"
    for row in cast.PARTNERS:
        said["partners"].append(await _partner(session, ids, row))
    for row in cast.MEMBERS:
        said["members"].append(await _member(session, ids, row, password))
    return said


async def _find(session: AsyncSession) -> Loaded:
    """Read the cast back; partners that somebody added since are not part of it."""
    slugs = [row.slug for row in cast.PARTNERS]
    rows = await session.execute(select(Partner).where(col(Partner.slug).in_(slugs)))
    loaded = Loaded(partners={row.slug: row.id for row in rows.scalars()})
    names = {partner_id: slug for slug, partner_id in loaded.partners.items()}
    for key in (await session.execute(select(ApiKey).order_by(col(ApiKey.id).desc()))).scalars():
        if key.partner_id in names:
            loaded.keys[names[key.partner_id], key.livemode] = key.id
    emails = [row.email for row in cast.MEMBERS if row.role == Role.REVIEWER]
    found = await session.execute(select(Member).where(col(Member.email).in_(emails)).order_by(col(Member.email)))
    loaded.reviewers = [Actor.of(member) for member in found.scalars()]
    return loaded


def _empty() -> dict[str, Any]:
    return {"url": settings().url, "partners": [], "members": []}


async def _partner(session: AsyncSession, ids: dict[str, UUID], row: cast.CastPartner) -> dict[str, Any]:
    partner = await partners.create(session, SYSTEM, name=row.name, slug=row.slug, plan=row.plan)
    ids[row.slug] = partner.id
    actor = Actor.system(partner.id, name="demo")
    said = {"id": public_id(Prefix.PARTNER, partner.id), "name": row.slug}
    for is_live, name in ((True, "live_key"), (False, "test_key")):
        label = "backend" if is_live else "sandbox"
        _, secret = await api_keys.create(session, actor, name=label, livemode=is_live, scopes=sorted(SCOPES))
        said[name] = secret
    return said


async def _listen(session: AsyncSession) -> None:
    """Give each partner an endpoint that the demo itself answers."""
    for row in cast.PARTNERS:
        partner = await partners.by_slug(session, SYSTEM, row.slug)
        if partner:
            actor, url = Actor.system(partner.id, name="demo"), f"{settings().url}{RECEIVER_PATH}/{row.slug}"
            await webhook_endpoints.create(
                session, actor, livemode=True, url=url, event_types=WANTED, description=f"{row.name}, production"
            )


async def _member(session: AsyncSession, ids: dict[str, UUID], row: cast.CastMember, password: str) -> dict[str, Any]:
    partner_id = ids[row.partner] if row.partner else None
    _, totp_secret = await members.create(
        session, SYSTEM, email=row.email, name=row.name, role=row.role, partner_id=partner_id, password=password
    )
    return {
        "email": row.email,
        "password": password,
        "totp_secret": totp_secret,
        "role": row.role,
        "partner_id": public_id(Prefix.PARTNER, partner_id) or None,
        "name": row.name,
    }
