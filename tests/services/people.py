"""People who can sign in, each test its own."""

import itertools
from dataclasses import dataclass
from uuid import UUID, uuid4

import pyotp

from backoffice.clock import now
from backoffice.db import Tenancy, transaction
from backoffice.models.members import PARTNER_ROLES, Role, Session
from backoffice.models.partners import Plan
from backoffice.services import members, partners, sessions
from backoffice.services.access import Actor
from backoffice.services.sessions import Tab, Visitor

SYSTEM = Actor.system(name="test")
PASSWORD = "amber-fjord-heron-17"
_addresses = itertools.count(1)


@dataclass
class Person:
    id: UUID
    email: str
    role: Role
    partner_id: UUID | None
    totp_secret: str | None
    used_step: int = 0

    def code(self) -> str:
        """A code that was not used yet: the present one, or the next, which the window takes too."""
        step = max(int(now().timestamp()) // 30, self.used_step + 1)
        self.used_step = step
        return pyotp.TOTP(self.totp_secret).at(step * 30)


def visitor() -> Visitor:
    """Somebody at an address that no other test has."""
    number = next(_addresses)
    return Visitor(ip=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", user_agent="tests")


async def make_partner() -> UUID:
    async with transaction(SYSTEM.tenancy) as session:
        slug = f"p-{uuid4().hex[:12]}"
        return (await partners.create(session, SYSTEM, name="Fjord Bank", slug=slug, plan=Plan.STANDARD)).id


async def make_person(role: Role, partner_id: UUID | None = None) -> Person:
    if role in PARTNER_ROLES and partner_id is None:
        partner_id = await make_partner()
    email = f"{role}-{uuid4().hex[:10]}@example.test"
    async with transaction(Tenancy.everyone()) as session:
        member, secret = await members.create(
            session, SYSTEM, email=email, name="Ines Moreau", role=role, partner_id=partner_id, password=PASSWORD
        )
    return Person(member.id, email, role, partner_id, secret)


def actor_of(person: Person, session_id: UUID | None = None) -> Actor:
    return Actor.member(
        id=person.id, name="Ines Moreau", role=person.role, partner_id=person.partner_id, session_id=session_id
    )


async def in_tab(session_id, *, ip="", is_active=True):
    """Who acts in a tab that was opened under the session's newest secret."""
    async with transaction(Tenancy.everyone()) as session:
        row = await session.get(Session, session_id)
        tab = Tab(session_id, sessions.mark_of(row.token_hash) if row else "", ip)
        return await sessions.actor_in(session, tab, is_active=is_active)
