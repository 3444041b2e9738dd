"""A company whose people sign in at a provider, and the whole way there and back."""

import itertools
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy import select

from backoffice.db import Tenancy, transaction
from backoffice.models.audit_entries import AuditEntry
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Member, Role, Session
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import Draft
from backoffice.services import sso_connections, sso_domains, sso_requests, sso_sign_in
from backoffice.services.access import Actor
from backoffice.services.sessions import Visitor
from backoffice.services.sign_in import Step
from tests.oidc_provider import CLIENT, SECRET, Provider
from tests.services.people import SYSTEM, Person, actor_of, make_person, visitor

_names = itertools.count(1)
EVERYONE = Tenancy.everyone()


@dataclass
class Company:
    partner_id: UUID
    slug: str
    domain: str
    admin: Person
    provider: Provider
    version: int = 1

    @property
    def actor(self) -> Actor:
        return actor_of(self.admin)

    def somebody(self) -> str:
        """An address of this company that nobody has yet."""
        return f"person{next(_names)}.{uuid4().hex[:6]}@{self.domain}"

    @property
    def callback(self) -> str:
        """Where its provider sends people back to."""
        return f"/auth/sso/callback/{self.place}"

    @property
    def place(self) -> str:
        return public_id(Prefix.PARTNER, self.partner_id)

    async def change(self, **more: object) -> None:
        """Save other rules, with the provider as it is."""
        draft = Draft(issuer=self.provider.issuer, client_id=CLIENT, version=self.version)
        async with transaction(self.actor.tenancy) as session:
            self.version = (await sso_connections.save(session, self.actor, replace(draft, **more))).version

    async def enter(self, email: str, who: Visitor | None = None) -> Step:
        """Sign in by the provider, from the beginning to the end."""
        who = who or visitor()
        way = await sso_sign_in.begin(self.slug, "", who)
        given = await self.provider.answer(way.url, email)
        asked = await sso_requests.take(given["state"], way.cookie, self.place)
        return await sso_sign_in.finish(asked, given, who)


async def make_company(provider: Provider, *, is_proven: bool = True, **rules: object) -> Company:
    admin = await make_person(Role.PARTNER_ADMIN)
    partner_id, domain = admin.partner_id, f"c{uuid4().hex[:12]}.example"
    assert partner_id
    async with transaction(EVERYONE) as session:
        slug = (await session.execute(select(Partner.slug).where(Partner.id == partner_id))).scalar_one()
    company = Company(partner_id, slug, domain, admin, provider, version=0)
    await sso_domains.claim(company.actor, domain)
    if is_proven:
        await sso_domains.confirm(SYSTEM, partner_id, domain)
    await company.change(secret=SECRET, **rules)
    return company


async def member_of(email: str) -> Member | None:
    async with transaction(EVERYONE) as session:
        return (await session.execute(select(Member).where(Member.email == email))).scalar_one_or_none()


async def session_of(step: Step) -> Session:
    async with transaction(EVERYONE) as session:
        return await session.get_one(Session, step.actor.session_id)


async def trail(partner_id: UUID) -> list[tuple[str, str, dict[str, object]]]:
    """What the company's own administrators read: action, result, changes."""
    async with transaction(Tenancy.of(partner_id)) as session:
        statement = select(AuditEntry).where(AuditEntry.partner_id == partner_id).order_by(AuditEntry.id)
        return [(one.action, one.result, one.changes) for one in (await session.execute(statement)).scalars()]


async def reasons(partner_id: UUID) -> list[object]:
    """Why sign-ins of a company failed."""
    return [about.get("reason") for action, _, about in await trail(partner_id) if action == "member.sign_in_failed"]
