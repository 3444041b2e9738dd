"""A company whose people sign in at a provider that speaks SAML, and the whole way there and back."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from backoffice.db import transaction
from backoffice.models.base import Prefix, public_id
from backoffice.models.members import Role
from backoffice.models.partners import Partner
from backoffice.models.single_sign_on import Draft, Kind
from backoffice.services import sso_connections, sso_domains, sso_requests, sso_sign_in
from backoffice.services.access import Actor
from backoffice.services.sessions import Visitor
from backoffice.services.sign_in import Step
from tests.saml_provider import Idp
from tests.services.people import SYSTEM, Person, actor_of, make_person, visitor
from tests.sso_cast import EVERYONE


@dataclass
class SamlCompany:
    partner_id: Any
    slug: str
    domain: str
    admin: Person
    idp: Idp
    version: int = 0

    @property
    def actor(self) -> Actor:
        return actor_of(self.admin)

    @property
    def place(self) -> str:
        return public_id(Prefix.PARTNER, self.partner_id)

    @property
    def acs(self) -> str:
        return f"/auth/sso/acs/{self.place}"

    def somebody(self) -> str:
        return f"person.{uuid4().hex[:8]}@{self.domain}"

    def draft(self, **more: object) -> Draft:
        told = Draft(
            issuer=self.idp.entity_id, client_id="", version=self.version, kind=Kind.SAML, saml_url=self.idp.url,
            certificates=self.idp.signer.certificate,
        )  # fmt: skip
        return replace(told, **more)

    async def change(self, **more: object) -> None:
        async with transaction(self.actor.tenancy) as session:
            self.version = (await sso_connections.save(session, self.actor, self.draft(**more))).version

    async def brought(self, cookie: str, form: dict[str, str]) -> tuple[sso_requests.Asked, dict[str, str]]:
        """Bring an answer as a browser does: by POST, and then with the cookie."""
        handle = await sso_requests.lay_by(form["RelayState"], self.place, form["SAMLResponse"])
        asked, response = await sso_requests.fetch(handle, cookie, self.place)
        return asked, {"SAMLResponse": response}

    async def enter(self, email: str, who: Visitor | None = None, **lies: object) -> Step:
        who = who or visitor()
        way = await sso_sign_in.begin(self.slug, "", who)
        asked, given = await self.brought(way.cookie, self.idp.answer(way.url, email, **lies))
        return await sso_sign_in.finish(asked, given, who)


async def make_saml_company(idp: Idp | None = None, **rules: object) -> SamlCompany:
    admin = await make_person(Role.PARTNER_ADMIN)
    assert admin.partner_id
    async with transaction(EVERYONE) as session:
        slug = (await session.execute(select(Partner.slug).where(Partner.id == admin.partner_id))).scalar_one()
    company = SamlCompany(admin.partner_id, slug, f"s{uuid4().hex[:12]}.example", admin, idp or Idp())
    await sso_domains.claim(company.actor, company.domain)
    await sso_domains.confirm(SYSTEM, company.partner_id, company.domain)
    await company.change(**rules)
    return company
