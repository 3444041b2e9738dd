"""A small world of our own per test: partners, keys and pictures."""

import io
import json
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from PIL import Image
from sqlalchemy import text

from backoffice.db import Tenancy, transaction
from backoffice.models.partners import Partner, PartnerStatus, Plan
from backoffice.services import api_keys
from backoffice.services.access import Actor
from backoffice.services.permissions import SCOPES
from backoffice.specimens import person, render

OPERATOR = Actor.system()


@dataclass(frozen=True)
class World:
    partner_id: UUID
    keys: dict[str, str] = field(default_factory=dict)
    key_ids: dict[str, UUID] = field(default_factory=dict)

    async def key(self, name="live", *, livemode=True, scopes=SCOPES, **options):
        if name not in self.keys:
            async with transaction(Tenancy.everyone()) as session:
                row, token = await api_keys.create(
                    session,
                    OPERATOR,
                    partner_id=self.partner_id,
                    name=name,
                    livemode=livemode,
                    scopes=scopes,
                    **options,
                )
            self.keys[name], self.key_ids[name] = token, row.id
        return self.keys[name]

    async def headers(self, name="live", **options):
        return {"Authorization": f"Bearer {await self.key(name, **options)}"}


async def make_world(*, plan=Plan.ENTERPRISE, status=PartnerStatus.ACTIVE):
    slug = f"t-{secrets.token_hex(6)}"
    async with transaction(Tenancy.everyone()) as session:
        partner = Partner(name=slug, slug=slug, plan=plan, status=status)
        session.add(partner)
    return World(partner.id)


@lru_cache(1)
def passport():
    return render("passport", person(11), condition="clean")[0].data


@lru_cache(8)
def picture(kind="JPEG", size=(640, 420), tint=120):
    buffer = io.BytesIO()
    Image.new("RGB", size, (tint, 160, 200)).save(buffer, kind)
    return buffer.getvalue()


def files(*data):
    return [("files", (f"page-{index}.jpg", one, "image/jpeg")) for index, one in enumerate(data or (picture(),))]


def applicant(**values):
    return json.dumps({"given_names": "Camille", "surname": "Specimen", "date_of_birth": "1990-04-12", **values})


async def screened(public_id, screening=None):
    """Let a posted document through screening, with a result of our own; answers its review task."""
    from backoffice.models.base import Prefix, parse_public_id
    from backoffice.services import screenings
    from tests.services.review_cast import CLEAN

    document_id, screening = parse_public_id(Prefix.DOCUMENT, public_id), screening or CLEAN
    async with transaction(OPERATOR.tenancy) as session:
        assignment = await screenings.begin(session, OPERATOR, document_id)
    pictures = await screenings.store_pictures(assignment, screening)
    async with transaction(OPERATOR.tenancy) as session:
        return await screenings.complete(session, OPERATOR, assignment, screening, pictures)


async def moved(public_id, *statuses):
    """Move a document on by the state machine, without the work that leads there."""
    from backoffice.models.base import Prefix, parse_public_id
    from backoffice.models.documents import DocumentStatus
    from backoffice.services import documents

    async with transaction(OPERATOR.tenancy) as session:
        document = await documents.get(session, OPERATOR, parse_public_id(Prefix.DOCUMENT, public_id), lock=True)
        for status in statuses:
            await documents.change_status(session, OPERATOR, document, DocumentStatus(status))


async def rows(sql, **values):
    """Ask the database itself."""
    async with transaction(Tenancy.everyone()) as session:
        return (await session.execute(text(sql), values)).all()


async def deny(world, name, *attributes):
    """Let a key never read some attributes."""
    await rows_changed(
        "update api_keys set denied_attributes = :a where id = :k", a=list(attributes), k=world.key_ids[name]
    )


async def rows_changed(sql, **values):
    """Change the database itself."""
    async with transaction(Tenancy.everyone()) as session:
        await session.execute(text(sql), values)
